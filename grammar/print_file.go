package grammar

import (
	"strconv"
	"strings"

	"github.com/onerule/onerule/diag"
)

func (p *printer) item(it Item) {
	switch it := it.(type) {
	case *Import:
		p.write("import ", stringLiteral(it.Path))
	case *Def:
		p.def(it)
	case *ListDecl:
		p.listDecl(it)
	case *Rule:
		p.rule(it)
	case *Tune:
		p.tune(it)
	}
}

func version(n int) string { return "v" + strconv.Itoa(n) }

func (p *printer) rule(r *Rule) {
	p.write("rule ", r.Name.Text, " ", version(r.Version))
	var first diag.Span
	if len(r.Clauses) > 0 {
		first = r.Clauses[0].Pos()
	}
	p.block(r.braces, first, func() {
		for i, c := range r.Clauses {
			limit := maxOffset
			if r.close.IsValid() {
				limit = r.close.Start.Offset
			}
			if i+1 < len(r.Clauses) {
				limit = min(limit, limitOf(r.Clauses[i+1].Pos()))
			}
			p.wantBlank = p.wantBlank || firstTest(r.Clauses, i) && !c.Pos().IsValid()
			p.entry(c.Pos(), limit, func() { p.clause(c) })
		}
	})
}

// firstTest reports the test that follows another clause: a tree without places gets a blank line before it.
func firstTest(clauses []Clause, i int) bool {
	if _, ok := clauses[i].(*Test); !ok || i == 0 {
		return false
	}
	_, ok := clauses[i-1].(*Test)
	return !ok
}

// tuneEntry is a setting or an exclusion, in source order.
type tuneEntry struct {
	set     *ParamSet
	exclude *Where
}

func (e *tuneEntry) place() diag.Span {
	if e.set != nil {
		return e.set.Span
	}
	return e.exclude.Span
}

func (p *printer) tune(t *Tune) {
	var entries []tuneEntry
	sets, excludes := t.Params, t.Exclude
	for len(sets)+len(excludes) > 0 {
		if len(excludes) == 0 || len(sets) > 0 && sets[0].Span.Start.Offset <= excludes[0].Span.Start.Offset {
			entries = append(entries, tuneEntry{set: &sets[0]})
			sets = sets[1:]
			continue
		}
		entries = append(entries, tuneEntry{exclude: excludes[0]})
		excludes = excludes[1:]
	}
	p.write("tune ", t.Rule.Text, " ", version(t.Version))
	blockOf(p, t.braces, entries, (*tuneEntry).place, "", func(e *tuneEntry) {
		if e.set != nil {
			p.setting(e.set)
			return
		}
		p.write("exclude where ")
		p.expr(e.exclude.X, 0, p.level+1)
	})
}

func (p *printer) setting(s *ParamSet) {
	p.write(s.Name.Text, " = ")
	p.expr(s.Value, 0, p.level+1)
}

func (p *printer) def(d *Def) {
	p.write("def ", d.Name.Text, " = ")
	p.expr(d.Body, 0, p.level+1)
}

func (p *printer) listDecl(l *ListDecl) {
	p.write("list ", l.Name.Text)
	if l.Inline != nil {
		p.write(" = ")
		p.expr(l.Inline, 0, p.level+1)
		return
	}
	p.write(" from ", stringLiteral(l.File))
	if l.Column != "" {
		column := l.Column
		if size, ok := segment(column, false); !ok || size != len(column) || strings.Contains(column, "`") || IsReserved(column) {
			column = quote(column)
		}
		p.write(" column ", column)
	}
}
