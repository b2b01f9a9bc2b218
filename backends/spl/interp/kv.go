package interp

import (
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// extract compiles extract (also kv): field and value pairs out of _raw.
func (k *compiler) extractPairs(st *syntax.Plain) stage {
	o, words := k.wordsOf(st, "pairdelim", "kvdelim", "limit", "maxchars", "mv_add", "clean_keys", "auto", "segment", "reload", "ct_limit")
	pairs, between := o.text("pairdelim", ""), o.text("kvdelim", "")
	if len(words) > 0 {
		k.unsupported(st.Span, "extraction by a transform", "write pairdelim= and kvdelim=, or use rex")
		return nil
	}
	limit, most, add, clean := o.int("limit", 50), o.int("maxchars", 10240), o.bool("mv_add", false), o.bool("clean_keys", true)
	return each(nil, func(r *run, w *row) {
		raw := w.get("_raw").text()
		if len(raw) > most && most > 0 {
			raw = raw[:most]
		}
		for _, p := range findPairs(raw, pairs, between, limit) {
			name := p[0]
			if clean {
				name = cleanKey(name)
			}
			old := w.get(name)
			switch {
			case add && !old.isNull():
				w.set(name, r.listValue(append(append([]value{}, old.values()...), fieldText(p[1]))))
			default:
				w.set(name, fieldText(p[1]))
			}
		}
	})
}

// findPairs finds name and value pairs: between the given delimiters, or without them wherever `name=value` stands. A value
// may stand in double quotes.
func findPairs(s, pairdelim, kvdelim string, limit int) [][2]string {
	if pairdelim == "" {
		pairdelim = " ,;\t\r\n|&"
	}
	if kvdelim == "" {
		kvdelim = "="
	}
	var out [][2]string
	for s != "" && (limit <= 0 || len(out) < limit) {
		at := strings.IndexAny(s, kvdelim)
		if at < 0 {
			break
		}
		name := s[:at]
		if i := strings.LastIndexAny(name, pairdelim); i >= 0 {
			name = name[i+1:]
		}
		name = strings.Trim(name, " \t\r\n\"([{")
		s = strings.TrimLeft(s[at+1:], " \t")
		val := ""
		if strings.HasPrefix(s, `"`) {
			end := closingQuote(s)
			val, s = s[1:end], s[min(len(s), end+1):]
			val = strings.ReplaceAll(val, `\"`, `"`)
		} else {
			end := strings.IndexAny(s, pairdelim)
			if end < 0 {
				end = len(s)
			}
			val, s = strings.TrimSpace(s[:end]), s[end:]
		}
		if name != "" && val != "" {
			out = append(out, [2]string{name, val})
		}
	}
	return out
}

// closingQuote is where the quote that s begins with is closed, or the end.
func closingQuote(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(s)
}

// cleanKey replaces what is no letter or digit by an underscore.
func cleanKey(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '.' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, s)
}

// tojson turns the fields of each row into the text of a JSON object: `tojson [fields] [output_field=_raw]`.
func (k *compiler) tojson(st *syntax.Plain) stage {
	o, words := k.arguments(st.Name, st.Args, "output_field", "default_type", "fill_null", "include_internal")
	target, fill, internal := o.text("output_field", "_raw"), o.bool("fill_null", false), o.bool("include_internal", false)
	kinds := map[string]string{}
	var names []string
	for _, a := range words {
		kind, inner, typed := strings.Cut(a.Value, "(")
		if name, closed := strings.CutSuffix(inner, ")"); typed && closed {
			kinds[name] = kind
			names = append(names, name)
			continue
		}
		names = append(names, a.Value)
	}
	def := o.text("default_type", "none")
	return func(r *run, in set) set {
		cols := names
		if len(cols) == 0 {
			cols = []string{"*"}
			if internal {
				cols = []string{"*", "_*"}
			}
		}
		cols = expandNames(cols, in)
		return each([]string{target}, func(_ *run, w *row) {
			obj := newObject()
			for _, c := range cols {
				v := w.get(c)
				if v.isNull() {
					if fill {
						obj.set(c, nil)
					}
					continue
				}
				kind := kinds[c]
				if kind == "" {
					kind = def
				}
				obj.set(c, typedNode(v, kind))
			}
			w.set(target, jsonValueOf(obj))
		})(r, in)
	}
}

// typedNode is a field as JSON of a type of tojson: auto, str, num, bool, json or none.
func typedNode(v value, kind string) node {
	if v.kind == multi {
		list := []node{}
		for _, e := range v.list {
			list = append(list, typedNode(e, kind))
		}
		return list
	}
	switch kind {
	case "str":
		return v.text()
	case "num":
		if x, ok := v.number(); ok {
			return toNode(numValue(x))
		}
		return nil
	case "bool":
		switch strings.ToLower(v.text()) {
		case "true", "t", "yes", "1":
			return true
		case "false", "f", "no", "0":
			return false
		}
		return nil
	case "auto", "json":
		if n, err := parseJSON(v.text()); err == nil {
			return n
		}
		if kind == "json" {
			return nil
		}
	}
	if v.kind == number {
		return toNode(v)
	}
	if v.json {
		return toNode(v)
	}
	return v.text()
}
