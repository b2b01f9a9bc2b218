package interp

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/diag"
)

// dissectKey is one %{…} of a DISSECT pattern and the text behind it.
type dissectKey struct {
	name   string
	skip   bool
	append bool
	order  int
	pad    bool // -> : the delimiter may repeat
	delim  string
}

// dissector is a DISSECT pattern (page "Dissect processor"): literal text between keys.
type dissector struct {
	lead string
	keys []dissectKey
	sep  string
}

// parseDissect takes a pattern apart; the text says what is wrong.
func parseDissect(pattern, sep string) (*dissector, string) {
	d := &dissector{sep: sep}
	rest := pattern
	i := strings.Index(rest, "%{")
	if i < 0 {
		return nil, "the pattern has no key %{…}"
	}
	d.lead, rest = rest[:i], rest[i:]
	for rest != "" {
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			return nil, "a key %{ does not end"
		}
		k, fault := parseDissectKey(rest[2:end])
		if fault != "" {
			return nil, fault
		}
		rest = rest[end+1:]
		next := strings.Index(rest, "%{")
		if next < 0 {
			next = len(rest)
		}
		k.delim, rest = rest[:next], rest[next:]
		d.keys = append(d.keys, k)
	}
	return d, ""
}

func parseDissectKey(text string) (dissectKey, string) {
	var k dissectKey
	text, k.pad = strings.CutSuffix(text, "->")
	switch {
	case text == "":
		k.skip = true
	case text[0] == '?':
		k.skip, k.name = true, text[1:]
	case text[0] == '*', text[0] == '&':
		return k, "reference keys %{*a} %{&a} are not supported by ES|QL"
	case text[0] == '+':
		k.append = true
		name, order, ok := strings.Cut(text[1:], "/")
		k.name = name
		if ok {
			n, err := strconv.Atoi(order)
			if err != nil {
				return k, "the order of %{" + text + "} is no number"
			}
			k.order = n
		}
	default:
		k.name = text
	}
	return k, ""
}

// names are the columns that the pattern makes, in order.
func (d *dissector) names() []string {
	var out []string
	for _, k := range d.keys {
		if !k.skip && !slices.Contains(out, k.name) {
			out = append(out, k.name)
		}
	}
	return out
}

// match takes a text apart; nil when the pattern does not fit.
func (d *dissector) match(s string) map[string]string {
	rest, ok := strings.CutPrefix(s, d.lead)
	if !ok {
		return nil
	}
	found := make([]string, len(d.keys))
	for i, k := range d.keys {
		switch {
		case k.delim == "" && i == len(d.keys)-1:
			found[i], rest = rest, ""
		case k.delim == "":
			found[i] = ""
		default:
			n := strings.Index(rest, k.delim)
			if n < 0 {
				return nil
			}
			found[i], rest = rest[:n], rest[n+len(k.delim):]
			for k.pad && strings.HasPrefix(rest, k.delim) {
				rest = rest[len(k.delim):]
			}
		}
	}
	if last := d.keys[len(d.keys)-1]; last.pad && last.delim == "" {
		found[len(found)-1] = strings.TrimRight(found[len(found)-1], " ")
	}
	return d.assemble(found)
}

// assemble joins the keys with + in their order; of other repeated keys the last one counts.
func (d *dissector) assemble(found []string) map[string]string {
	type part struct {
		order int
		text  string
	}
	out := map[string]string{}
	lists := map[string][]part{}
	for i, k := range d.keys {
		switch {
		case k.skip:
		case k.append:
			if first, ok := out[k.name]; ok && lists[k.name] == nil {
				lists[k.name] = []part{{0, first}}
			}
			lists[k.name] = append(lists[k.name], part{k.order, found[i]})
		default:
			out[k.name] = found[i]
		}
	}
	for name, parts := range lists {
		sort.SliceStable(parts, func(i, j int) bool { return parts[i].order < parts[j].order })
		texts := make([]string, len(parts))
		for i, p := range parts {
			texts[i] = p.text
		}
		out[name] = strings.Join(texts, d.sep)
	}
	return out
}

// textInput checks the input of DISSECT and GROK.
func (r *run) textInput(x syntax.Expr, in schema, command string) *expr {
	e := r.checker(in).expr(x)
	if !strings_.has(e.typ) && e.typ != tNull && e.typ != tErr {
		r.fault(diag.ESQLRun, e.span, fmt.Sprintf("%s only supports KEYWORD or TEXT values, found expression [%s] type [%s]", command, e.text, e.typ))
	}
	return e
}

func (r *run) dissect(c *syntax.Dissect, in schema) (stage, schema) {
	e := r.textInput(c.Input, in, "Dissect")
	sep := ""
	if c.Separator != nil {
		sep = c.Separator.Value
	}
	d, fault := parseDissect(c.Pattern.Value, sep)
	if fault != "" {
		r.fault(diag.ESQLRun, c.Pattern.Span, "Invalid pattern for dissect: "+fault)
		return pass, in
	}
	names := d.names()
	kinds := make([]typ, len(names))
	for i := range kinds {
		kinds[i] = tKeyword
	}
	return r.extract(in, e, names, kinds, func(s string, add func(i int, v any)) {
		m := d.match(s)
		if m == nil {
			return
		}
		for i, n := range names {
			add(i, m[n])
		}
	})
}

// extract adds columns that are made from the values of a text; each value that fits gives its part.
func (r *run) extract(in schema, e *expr, names []string, kinds []typ, match func(s string, add func(i int, v any))) (stage, schema) {
	out := identity(in)
	for i, n := range names {
		out.add(column{name: n, typ: kinds[i]}, len(in)+i)
	}
	return func(rows []row) []row {
		done := make([]row, len(rows))
		for i, x := range rows {
			found := make([][]any, len(names))
			if e.typ != tNull {
				each(e.eval(x.cells), func(v any) {
					r.spend(4 + len(v.(string))/8)
					match(v.(string), func(j int, w any) { found[j] = append(found[j], w) })
				})
			}
			cells := append(make([]any, 0, len(in)+len(names)), x.cells...)
			for _, vs := range found {
				cells = append(cells, collect(vs))
			}
			done[i] = row{out.apply(cells), x.src}
		}
		r.spend(len(rows) * (1 + len(out.take)/4))
		return done
	}, out.cols
}
