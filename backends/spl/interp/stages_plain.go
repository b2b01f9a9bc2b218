package interp

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// plain compiles the commands whose arguments are options and words alone.
func (k *compiler) plain(st *syntax.Plain) stage {
	switch st.Name {
	case "fillnull":
		return k.fillnull(st)
	case "filldown":
		return k.filldown(st)
	case "mvexpand":
		return k.mvexpand(st)
	case "makemv":
		return k.makemv(st)
	case "nomv":
		return k.oneField(st, func(_ *run, v value) value { return fieldText(v.text()) })
	case "mvcombine":
		return k.mvcombine(st)
	case "addinfo":
		return k.addinfo(st)
	case "addtotals":
		return k.addtotals(st)
	case "reverse":
		return k.reverse(st)
	case "spath":
		return k.spath(st)
	case "xmlkv":
		return k.xmlkv(st)
	case "fromjson":
		return k.fromjson(st)
	case "uniq":
		return k.uniq(st)
	case "outputlookup":
		return k.outputlookup(st)
	case "return":
		return k.returnStage(st)
	case "format":
		return k.format(st)
	case "accum", "delta", "autoregress":
		return k.runningField(st)
	case "strcat":
		return k.strcat(st)
	case "transpose":
		return k.transpose(st)
	case "addcoltotals":
		return k.addcoltotals(st)
	case "rangemap":
		return k.rangemap(st)
	case "trendline":
		return k.trendline(st)
	case "makecontinuous":
		return k.makecontinuous(st)
	case "fieldsummary":
		return k.fieldsummary(st)
	case "iplocation":
		return k.iplocation(st)
	case "extract", "kv":
		return k.extractPairs(st)
	case "tojson":
		return k.tojson(st)
	case "highlight", "iconify", "localop", "noop", "redistribute": // they change how results are shown or where they are computed
		return func(_ *run, in set) set { return in }
	case "untable", "xyseries":
		return k.reshape(st)
	}
	k.unsupported(st.Span, fmt.Sprintf("the command `%s`", st.Name), reasons[st.Name])
	return nil
}

// wordsOf checks the options of a plain command and returns its words as names.
func (k *compiler) wordsOf(st *syntax.Plain, known ...string) (options, []string) {
	o, words := k.arguments(st.Name, st.Args, known...)
	names := make([]string, len(words))
	for i, w := range words {
		names[i] = w.Value
	}
	return o, names
}

// oneField is a command on one field.
func (k *compiler) oneField(st *syntax.Plain, f func(*run, value) value) stage {
	_, names := k.wordsOf(st)
	if len(names) != 1 {
		k.invalid(st.Span, fmt.Sprintf("`%s` takes one field", st.Name), "name one field")
		return nil
	}
	return each(nil, func(r *run, w *row) {
		if v := w.get(names[0]); !v.isNull() {
			w.set(names[0], f(r, v))
		}
	})
}

// fillnull gives fields without a value one: "0" by default; without a field list, every field that some row has.
func (k *compiler) fillnull(st *syntax.Plain) stage {
	o, names := k.wordsOf(st, "value")
	fill := fieldText(o.text("value", "0"))
	if n, ok := parseNumber(fill.str); ok {
		fill = value{kind: number, num: n, str: fill.str, origin: field}
		if !jsonNumber(fill.str) {
			fill.str = ""
		}
	}
	return func(r *run, in set) set {
		cols := names
		if len(cols) == 0 {
			cols = fieldsOf(in)
		} else {
			cols = expandNames(cols, in)
			if !r.on[fillnullCreates].On() {
				have := fieldsOf(in)
				cols = slices.DeleteFunc(cols, func(c string) bool { return !slices.Contains(have, c) })
			}
		}
		for _, w := range in.rows {
			for _, c := range cols {
				if w.get(c).isNull() {
					w.set(c, fill)
				}
			}
		}
		return in.with(cols...)
	}
}

// jsonNumber reports whether a number's text is one in JSON too.
func jsonNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	if s == "" || !isDigit(s[0]) || s[len(s)-1] == '.' {
		return false
	}
	return len(s) == 1 || s[0] != '0' || !isDigit(s[1])
}

func (k *compiler) filldown(st *syntax.Plain) stage {
	_, names := k.wordsOf(st)
	return func(_ *run, in set) set {
		cols := names
		if len(cols) == 0 {
			cols = []string{"*"}
		}
		last := map[string]value{}
		for _, c := range expandNames(cols, in) {
			for _, w := range in.rows {
				if v := w.get(c); !v.isNull() {
					last[c] = v
				} else if v, ok := last[c]; ok {
					w.set(c, v)
				}
			}
		}
		return in
	}
}

// mvexpand makes a row of each value.
func (k *compiler) mvexpand(st *syntax.Plain) stage {
	o, names := k.wordsOf(st, "limit")
	limit := o.int("limit", 0)
	if len(names) != 1 {
		k.invalid(st.Span, "`mvexpand` takes one field", "name one field")
		return nil
	}
	return func(r *run, in set) set {
		out := set{order: in.order}
		for _, w := range in.rows {
			vals := w.get(names[0]).values()
			if len(vals) < 2 {
				out.rows = append(out.rows, w)
				continue
			}
			if limit > 0 && len(vals) > limit {
				vals = vals[:limit]
			}
			for _, v := range vals {
				c := r.clone(w)
				c.set(names[0], v)
				out.rows = append(out.rows, c)
			}
			if len(out.rows) > maxRows || r.failed() {
				return out
			}
		}
		return out
	}
}

func (k *compiler) makemv(st *syntax.Plain) stage {
	o, names := k.wordsOf(st, "delim", "tokenizer", "allowempty", "setsv")
	delim, empty := o.text("delim", " "), o.bool("allowempty", false)
	tokens := o.text("tokenizer", "")
	if tokens != "" {
		k.checkRegex(tokens, st.Span)
	}
	if len(names) != 1 {
		k.invalid(st.Span, "`makemv` takes one field", "name one field")
		return nil
	}
	return each(nil, func(r *run, w *row) {
		v := w.get(names[0])
		if v.isNull() {
			return
		}
		var out []value
		if tokens != "" {
			out = r.tokenize(tokens, v.text())
		} else {
			for _, part := range strings.Split(v.text(), delim) {
				if part != "" || empty {
					out = append(out, fieldText(part))
				}
			}
		}
		w.set(names[0], r.listValue(out))
	})
}

// tokenize collects what the first group of a regular expression fits.
func (r *run) tokenize(pattern, s string) []value {
	re := r.regex(pattern)
	var out []value
	for at := 0; at <= len(s) && re != nil; {
		caps := r.find(re, s, at)
		if caps == nil {
			break
		}
		g := 0
		if len(caps) > 2 && caps[2] >= 0 {
			g = 2
		}
		out = append(out, fieldText(s[caps[g]:max(caps[g], caps[g+1])]))
		at = after(s, at, caps)
	}
	return out
}

// mvcombine joins rows that differ in one field alone into a row with all its values.
func (k *compiler) mvcombine(st *syntax.Plain) stage {
	_, names := k.wordsOf(st, "delim")
	if len(names) != 1 {
		k.invalid(st.Span, "`mvcombine` takes one field", "name one field")
		return nil
	}
	return func(r *run, in set) set {
		first := map[string]*row{}
		out := set{order: in.order}
		for _, w := range in.rows {
			var key strings.Builder
			for _, n := range w.names() {
				if n != names[0] {
					writeKey(&key, n, w.get(n))
				}
			}
			if have, ok := first[key.String()]; ok {
				have.set(names[0], r.listValue(append(slices.Clip(have.get(names[0]).values()), w.get(names[0]).values()...)))
				have.src = nil
				continue
			}
			first[key.String()] = w
			out.rows = append(out.rows, w)
		}
		return out
	}
}

// writeKey appends a name and value to a key so that different lists give different keys.
func writeKey(b *strings.Builder, name string, v value) {
	fmt.Fprintf(b, "%d:%s", len(name), name)
	for _, e := range v.values() {
		s := e.text()
		fmt.Fprintf(b, "%d=%s", len(s), s)
	}
	b.WriteByte(';')
}

// addinfo adds the time range of the search, and when it ran.
func (k *compiler) addinfo(st *syntax.Plain) stage {
	k.wordsOf(st)
	names := []string{"info_min_time", "info_max_time", "info_sid", "info_search_time"}
	own := k.times
	return each(names, func(r *run, w *row) {
		w.set("info_min_time", fieldText("0.000"))
		w.set("info_max_time", fieldText("+Infinity"))
		from, to := r.bounds(own)
		if !math.IsInf(from, -1) {
			w.set("info_min_time", timeValue(from))
		}
		if !math.IsInf(to, 1) {
			w.set("info_max_time", timeValue(to))
		}
		w.set("info_search_time", timeValue(r.now()))
	})
}

// addtotals adds the sum of the numeric fields of each row.
func (k *compiler) addtotals(st *syntax.Plain) stage {
	o, names := k.wordsOf(st, "row", "col", "fieldname", "labelfield", "label")
	name := o.text("fieldname", "Total")
	perRow, perCol := o.bool("row", true), o.bool("col", false)
	return func(_ *run, in set) set {
		cols := names
		if len(cols) == 0 {
			cols = []string{"*"}
		}
		cols = expandNames(cols, in)
		totals := newRow()
		for _, w := range in.rows {
			sum := 0.0
			for _, c := range cols {
				if x, ok := w.get(c).number(); ok {
					sum += x
					old, _ := totals.get(c).number()
					totals.set(c, numValue(old+x))
				}
			}
			if perRow {
				w.set(name, numValue(sum))
			}
		}
		if perRow {
			in = in.with(name)
		}
		if perCol {
			if f := o.text("labelfield", ""); f != "" {
				totals.set(f, fieldText(o.text("label", "Total")))
				in = in.with(f)
			}
			in.rows = append(in.rows, totals)
		}
		return in
	}
}

func (k *compiler) reverse(st *syntax.Plain) stage {
	k.wordsOf(st)
	return func(_ *run, in set) set {
		slices.Reverse(in.rows)
		return in
	}
}

// strcat joins fields and quoted texts into the last field named.
func (k *compiler) strcat(st *syntax.Plain) stage {
	o, words := k.arguments(st.Name, st.Args, "allrequired")
	all := o.bool("allrequired", false)
	if len(words) < 2 {
		k.invalid(st.Span, "`strcat` takes fields and the field to make", "name at least two")
		return nil
	}
	target := words[len(words)-1].Value
	return each([]string{target}, func(r *run, w *row) {
		out := ""
		for _, a := range words[:len(words)-1] {
			v := w.get(a.Value)
			switch {
			case a.Quoted:
				out += a.Value
			case v.isNull() && all:
				return
			default:
				out += v.text()
			}
		}
		w.set(target, r.textOf(out))
	})
}
