package interp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
)

// loop is a compiled foreach.
type loop struct {
	st    *syntax.Foreach
	words map[string]string // option to the text that the template holds
}

// foreach runs its template once for each field that fits, or for each value of one field, with the name or the value put in
// as text.
func (k *compiler) foreach(st *syntax.Foreach) stage {
	words := map[string]string{
		"fieldstr": "<<FIELD>>", "matchstr": "<<MATCHSTR>>", "matchseg1": "<<MATCHSEG1>>", "matchseg2": "<<MATCHSEG2>>",
		"matchseg3": "<<MATCHSEG3>>", "itemstr": "<<ITEM>>", "iterstr": "<<ITER>>",
	}
	o := k.options("foreach", st.Options, "mode", "fieldstr", "matchstr", "matchseg1", "matchseg2", "matchseg3", "itemstr", "iterstr")
	for name := range words {
		words[name] = o.text(name, words[name])
	}
	l := &loop{st, words}
	mode := o.text("mode", "multifield")
	single := mode != "multifield"
	switch mode {
	case "multifield":
	case "multivalue", "json_array", "auto_collections":
		if len(st.Names) != 1 {
			k.invalid(st.Span, fmt.Sprintf("`foreach mode=%s` takes one field", mode), "name one field")
			return nil
		}
	default:
		k.invalid(o.all["mode"].Span, fmt.Sprintf("`foreach` has no mode `%s`", mode), "use multifield, multivalue, json_array or auto_collections")
		return nil
	}
	probe := map[string]string{"fieldstr": "x", "matchstr": "x", "matchseg1": "x", "matchseg2": "x", "matchseg3": "x"}
	if single {
		probe = map[string]string{"itemstr": "1", "iterstr": "0"}
	}
	if _, diags := k.template(l, probe); diags.HasErrors() {
		for _, d := range diags {
			d.Span = st.Span
			d.Title = "inside foreach: " + d.Title
			k.report(d)
		}
		return nil
	}
	if single {
		return l.items(k, mode)
	}
	return l.fields(k)
}

// child compiles templates at run time.
func (k *compiler) child() *compiler {
	return &compiler{file: k.file, regexes: k.regexes, used: map[string]bool{}, macros: k.macros, lookups: k.lookups}
}

// fields runs the template for each field.
func (l *loop) fields(k *compiler) stage {
	return func(r *run, in set) set {
		for _, name := range expandNames(l.st.Names, in) {
			put := map[string]string{"fieldstr": name}
			for _, n := range l.st.Names {
				if p := newWildcard(n); !p.isPlain() && p.fits(name) {
					parts := p.parts(name)
					put["matchstr"] = strings.Join(parts, "")
					for i := range 3 {
						seg := ""
						if i < len(parts) {
							seg = parts[i]
						}
						put["matchseg"+strconv.Itoa(i+1)] = seg
					}
					break
				}
			}
			p, diags := k.child().template(l, put)
			if diags.HasErrors() {
				r.fault(diag.SPLRun, l.st.Span, "foreach over `"+name+"`: "+diags[0].Title, "put the name in single quotes: '<<FIELD>>'")
				return set{}
			}
			in = r.exec(p, in)
		}
		return in
	}
}

// items runs the template for each value of the field on each row.
func (l *loop) items(k *compiler, mode string) stage {
	return func(r *run, in set) set {
		out := set{order: in.order}
		local := map[string]pipeline{}
		for _, w := range in.rows {
			rows := set{rows: []*row{w}, order: out.order}
			for i, item := range itemsOf(w.get(l.st.Names[0]), mode) {
				put := map[string]string{"itemstr": itemText(item, l.quoted()), "iterstr": strconv.Itoa(i)}
				key := put["itemstr"] + "\x00" + put["iterstr"]
				p, ok := local[key]
				if !ok {
					if !r.spend(5000) { // a compilation
						return set{}
					}
					var diags diag.List
					if p, diags = k.child().template(l, put); diags.HasErrors() {
						r.fault(diag.SPLRun, l.st.Span, "foreach over the value `"+item.text()+"`: "+diags[0].Title, "put the value in double quotes: \"<<ITEM>>\"")
						return set{}
					}
					if len(local) < 10000 {
						local[key] = p
					}
				}
				if rows = r.exec(p, rows); r.failed() {
					return set{}
				}
			}
			out.rows = append(out.rows, rows.rows...)
			if rows.order != nil {
				out.order = rows.order
			}
		}
		return out
	}
}

// quoted reports whether the template puts the item in quotes itself.
func (l *loop) quoted() bool { return strings.Contains(l.st.Body, `"`+l.words["itemstr"]) }

// itemText is a value as it stands in a template: a number as it is, text in quotes unless the template has them.
func itemText(v value, quoted bool) string {
	if _, ok := v.number(); ok {
		return v.text()
	}
	s := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v.text())
	if quoted {
		return s
	}
	return `"` + s + `"`
}

// itemsOf are the values that a mode goes through.
func itemsOf(v value, mode string) []value {
	if mode != "multivalue" && v.kind == text {
		if list, ok := jsonOf(v).([]node); ok {
			var out []value
			for _, e := range list {
				if e != nil {
					out = append(out, fromNode(e))
				}
			}
			return out
		}
		if mode == "json_array" {
			return nil
		}
	}
	return slices.Clone(v.values())
}

// template compiles the template of foreach with texts put in.
func (k *compiler) template(l *loop, put map[string]string) (pipeline, diag.List) {
	var pairs []string
	for name, text := range put {
		pairs = append(pairs, l.words[name], text)
	}
	body := strings.NewReplacer(pairs...).Replace(l.st.Body)
	q, diags := syntax.ParseWith(k.file, "| "+strings.TrimPrefix(body, "|"), k.macros)
	if diags.HasErrors() {
		return nil, diags
	}
	sub := k.child()
	sub.used = k.used
	p := sub.query(q, false)
	return p, sub.diags
}
