package grammar

import (
	"strings"

	"github.com/onerule/onerule/diag"
)

func (p *printer) clause(c Clause) {
	switch c := c.(type) {
	case *Meta:
		p.meta(c)
	case *Param:
		p.param(c)
	case *FieldDecl:
		p.fieldDecl(c)
	case *ListDecl:
		p.listDecl(c)
	case *Def:
		p.def(c)
	case *From:
		p.wrapped(fromWords(c))
	case *Where:
		p.where(c)
	case *Window:
		p.window(c)
	case *Count:
		p.count(c)
	case *When:
		p.write("when ")
		p.expr(c.X, 0, p.level+1)
	case *Measure:
		p.measure(c)
	case *Baseline:
		p.baseline(c)
	case *Sequence:
		p.sequence(c)
	case *FirstSeen:
		p.firstSeen(c)
	case *Expect:
		p.expect(c)
	case *Schedule:
		p.write("schedule", timingText("every", c.Every), timingText("delay", c.Delay), timingText("lookback", c.Lookback))
	case *Emit:
		p.emit(c)
	case *Allow:
		p.wrapped(commaWords("allow "+c.Level.Text+" on ", nameTexts(c.On), " "+stringLiteral(c.Why)))
	case *Alt:
		p.alt(c)
	case *Test:
		p.test(c)
	}
}

func (p *printer) where(w *Where) {
	p.write("where ")
	p.expr(w.X, 0, p.level+1)
}

func (p *printer) meta(m *Meta) {
	p.write("meta")
	blockOf(p, m.braces, m.Entries, func(e *MetaEntry) diag.Span { return e.Span }, "", func(e *MetaEntry) {
		p.write(e.Key.Text, " = ")
		if x, ok := e.Value.(*PathExpr); ok && len(x.Path.Segments) == 1 && x.Path.Segments[0] == "test" {
			p.write("test") // the status; a reserved word everywhere else
			return
		}
		p.expr(e.Value, 0, p.level+1)
	})
}

func (p *printer) param(c *Param) {
	p.write("param ", c.Name.Text, ": ", c.Type.Text)
	if c.Lo != nil {
		p.write(" in ", oneLine(c.Lo), "..", oneLine(c.Hi))
	}
	if c.Default != nil {
		p.write(" = ")
		p.expr(c.Default, 0, p.level+1)
	}
	if c.Doc != "" {
		p.write(" ", quote(c.Doc))
	}
}

func (p *printer) fieldDecl(c *FieldDecl) {
	p.write("field ", FormatPath(c.Path.Segments), ": ", c.Type.Text)
	if c.Array {
		p.write("[]")
	}
	if c.Doc != "" {
		p.write(" ", quote(c.Doc))
	}
}

func pathTexts(paths []*Path) []string {
	out := make([]string, len(paths))
	for i, x := range paths {
		out[i] = FormatPath(x.Segments)
	}
	return out
}

func nameTexts(names []Name) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n.Text
	}
	return out
}

func exprTexts(xs []Expr) []string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = oneLine(x)
	}
	return out
}

// commaWords makes the words of a list for [printer.wrapped]: each ends with its comma.
func commaWords(prefix string, items []string, suffix string) []string {
	if len(items) == 0 {
		return []string{strings.TrimRight(prefix, " ") + suffix}
	}
	words := make([]string, len(items))
	for i, it := range items {
		words[i] = it + ","
	}
	words[0] = prefix + words[0]
	last := len(words) - 1
	words[last] = strings.TrimSuffix(words[last], ",") + suffix
	return words
}

func fromWords(f *From) []string {
	words := commaWords("from ", pathTexts(f.Classes), " on ")
	last := len(words) - 1
	sources := commaWords(words[last], nameTexts(f.Sources), "")
	return append(words[:last], sources...)
}

func (p *printer) window(w *Window) {
	switch w.Kind {
	case Tumbling, Sliding:
		p.write(string(w.Kind), " ", durationText(w.Size))
	case Hopping:
		p.write("window ", durationText(w.Size), " every ", durationText(w.Every))
	case Session:
		p.write("session gap ", durationText(w.Size), " max ", durationText(w.Max))
	}
}

func (p *printer) count(c *Count) {
	if c.Total {
		p.write("count total as ", c.As.Text)
	} else {
		p.wrapped(commaWords("count per ", exprTexts(c.Per), " as "+c.As.Text))
	}
	line := ""
	if len(c.Aggs) == 1 && !p.aggBreaks(&c.Aggs[0]) {
		line = "{ " + aggText(&c.Aggs[0]) + " }"
	}
	blockOf(p, c.braces, c.Aggs, func(a *Agg) diag.Span { return a.Span }, line, p.agg)
}

func (p *printer) aggBreaks(a *Agg) bool { return a.Where != nil && p.breaks(a.Where) }

func aggText(a *Agg) string {
	text := a.Name.Text + " = " + oneLine(a.Call)
	if a.Where != nil {
		text += " where " + oneLine(a.Where)
	}
	return text
}

func (p *printer) agg(a *Agg) {
	p.write(a.Name.Text, " = ", oneLine(a.Call))
	if a.Where != nil {
		p.write(" where ")
		p.expr(a.Where, 0, p.level+1)
	}
}

func (p *printer) measure(m *Measure) {
	p.write("measure ")
	per := commaWords(" per ", exprTexts(m.Per), "")
	p.withReserve(len(per[0]), func() { p.agg(&m.Agg) })
	p.wrapped(per)
}

func timingText(word string, d *Duration) string {
	if d == nil {
		return ""
	}
	return " " + word + " " + durationText(d)
}
