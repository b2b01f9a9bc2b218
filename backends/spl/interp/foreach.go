package interp

import (
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
)

// foreach runs its template once for each field that fits, with the field's name put in as text.
func (k *compiler) foreach(st *syntax.Foreach) stage {
	o := k.options("foreach", st.Options, "mode", "fieldstr", "matchstr", "matchseg1", "matchseg2", "matchseg3")
	if mode := o.text("mode", "multifield"); mode != "multifield" {
		k.unsupported(st.Span, "`foreach mode="+mode+"`", "use mvmap for the values of one field")
		return nil
	}
	if _, diags := k.template(st, "x", []string{"x", "x", "x"}); diags.HasErrors() {
		for _, d := range diags {
			d.Span = st.Span
			d.Title = "inside foreach: " + d.Title
			k.report(d)
		}
		return nil
	}
	return func(r *run, in set) set {
		for _, name := range expandNames(st.Names, in) {
			var parts []string
			for _, n := range st.Names {
				if p := newWildcard(n); !p.isPlain() && p.fits(name) {
					parts = p.parts(name)
					break
				}
			}
			sub := &compiler{file: k.file, regexes: k.regexes, used: map[string]bool{}, macros: k.macros, lookups: k.lookups}
			p, diags := sub.template(st, name, parts)
			if diags.HasErrors() {
				r.fault(diag.SPLRun, st.Span, "foreach over `"+name+"`: "+diags[0].Title, "put the name in single quotes: '<<FIELD>>'")
				return set{}
			}
			in = r.exec(p, in)
		}
		return in
	}
}

// template compiles the template of foreach for one field.
func (k *compiler) template(st *syntax.Foreach, name string, parts []string) (pipeline, diag.List) {
	pairs := []string{"<<FIELD>>", name, "<<MATCHSTR>>", strings.Join(parts, "")}
	for i := range 3 {
		part := ""
		if i < len(parts) {
			part = parts[i]
		}
		pairs = append(pairs, "<<MATCHSEG"+strconv.Itoa(i+1)+">>", part)
	}
	body := strings.NewReplacer(pairs...).Replace(st.Body)
	q, diags := syntax.ParseWith(k.file, "| "+strings.TrimPrefix(body, "|"), k.macros)
	if diags.HasErrors() {
		return nil, diags
	}
	sub := &compiler{file: k.file, regexes: k.regexes, used: k.used, macros: k.macros, lookups: k.lookups}
	p := sub.query(q, false)
	return p, sub.diags
}
