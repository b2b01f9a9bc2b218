package grammar

import (
	"slices"
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

func (p *printer) clause(c Clause) {
	switch c := c.(type) {
	case *Meta:
		p.meta(c)
	case *Param:
		p.param(c)
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

// settingPart is one entry of a block of short settings.
type settingPart struct {
	text string
	at   diag.Span
}

func timingPart(word string, d *Duration) []settingPart {
	if d == nil {
		return nil
	}
	return []settingPart{{word + " " + durationText(d), d.Span}}
}

// settings writes a block of short settings: on one line with two blanks between them, or, if comments stand among them,
// on lines of their own in the order of their author.
func (p *printer) settings(b braces, groups ...[]settingPart) {
	parts := slices.Concat(groups...)
	texts := make([]string, len(parts))
	for i, s := range parts {
		texts[i] = s.text
	}
	line := "{ " + strings.Join(texts, "  ") + " }"
	if p.commentsIn(b.span()) {
		slices.SortStableFunc(parts, func(x, y settingPart) int { return x.at.Start.Offset - y.at.Start.Offset })
		line = ""
	}
	blockOf(p, b, parts, func(s *settingPart) diag.Span { return s.at }, line, func(s *settingPart) { p.write(s.text) })
}

func (p *printer) baseline(c *Baseline) {
	p.write("baseline of ", c.Of.Text)
	var own, population []settingPart
	if c.OwnHistory > 0 {
		own = []settingPart{{"own when history >= " + strconv.Itoa(c.OwnHistory) + " buckets", c.ownAt}}
	}
	if c.Population {
		population = []settingPart{{"population otherwise", c.populationAt}}
	}
	p.settings(c.braces, timingPart("learn", c.Learn), own, population)
}

func (p *printer) firstSeen(c *FirstSeen) {
	p.write("first_seen ", oneLine(c.Field))
	if len(c.Per) > 0 {
		p.wrapped(commaWords(" per ", exprTexts(c.Per), ""))
	}
	p.settings(c.braces, timingPart("every", c.Every), timingPart("history", c.History), timingPart("warmup", c.Warmup))
}

func (p *printer) expect(c *Expect) {
	p.write("expect >= ", strconv.Itoa(c.Min), " per ", oneLine(c.Per), " in $", c.In.Name)
	if c.Grace != nil || p.commentsIn(c.braces.span()) {
		p.settings(c.braces, timingPart("grace", c.Grace))
	}
}

func (p *printer) sequence(s *Sequence) {
	word := "sequence"
	if !s.Ordered {
		word = "together"
	}
	p.wrapped(commaWords(word+" by ", exprTexts(s.By), " within "+durationText(s.Within)))
	blockOf(p, s.braces, s.Steps, func(st **Step) diag.Span { return (*st).Span }, "", func(st **Step) { p.step(*st) })
}

// step writes a step on one line, or its condition, keys and repetition on lines of their own.
func (p *printer) step(s *Step) {
	head := string(s.Kind)
	if s.Name.Text != "" {
		head = strings.TrimSpace(head + " " + s.Name.Text + ":")
	}
	from := fromWords(s.From)
	from[0] = head + " " + from[0]
	by := ""
	if len(s.By) > 0 {
		by = "by " + strings.Join(exprTexts(s.By), ", ")
	}
	repeat := ""
	if s.Repeat > 0 {
		repeat = "repeat >= " + strconv.Itoa(s.Repeat)
	}
	if s.Span.Start.Line == s.Span.End.Line && !(s.Where != nil && p.breaks(s.Where.X)) {
		f := &flat{max: p.room()}
		f.add(strings.Join(from, " "))
		if s.Where != nil {
			f.add(" where ")
			f.expr(s.Where.X)
		}
		for _, part := range []string{by, repeat} {
			if part != "" {
				f.add(" ", part)
			}
		}
		if !f.full {
			p.write(string(f.b))
			return
		}
	}
	level := p.level
	p.wrapped(from)
	p.stepParts(s, level+1, by, repeat)
	p.level = level
}

func (p *printer) stepParts(s *Step, level int, by, repeat string) {
	end := s.From.Span.End
	part := func(start diag.Span, body func()) {
		if start.IsValid() {
			p.trailing(end, start.Start.Offset)
			p.commentLines(start, level)
			end = start.End
		}
		p.newline(level)
		body()
	}
	if s.Where != nil {
		part(s.Where.Span, func() { p.where(s.Where) })
	}
	if by != "" {
		part(diag.Span{}, func() { p.write(by) })
	}
	if repeat != "" {
		part(diag.Span{}, func() { p.write(repeat) })
	}
}

func (p *printer) emit(e *Emit) {
	suffix := ""
	if e.Once != nil {
		suffix = " once per " + durationText(e.Once)
	}
	if len(e.Per) > 0 {
		p.wrapped(commaWords("emit per ", exprTexts(e.Per), suffix))
	} else {
		p.write("emit", suffix)
	}
	if len(e.Items) == 0 && !p.commentsIn(e.braces.span()) {
		if len(e.Per) == 0 && e.Once == nil {
			p.write(" {}")
		}
		return
	}
	line := ""
	if len(e.Items) == 1 {
		line = "{ " + strings.Join(emitWords(&e.Items[0]), " ") + " }"
	}
	blockOf(p, e.braces, e.Items, func(it *EmitItem) diag.Span { return it.Span }, line, func(it *EmitItem) { p.wrapped(emitWords(it)) })
}

func emitWords(it *EmitItem) []string {
	if it.Kind.Text != "" {
		return []string{"entity " + it.Kind.Text + " = " + strings.Join(exprTexts(it.Shown), ", ")}
	}
	return commaWords("show ", exprTexts(it.Shown), "")
}

func (p *printer) alt(a *Alt) {
	p.write("alt on ", a.Binding)
	wheres := []*Where{a.Where}
	line := ""
	if a.Where == nil {
		wheres = nil
	} else if !p.breaks(a.Where.X) {
		line = "{ where " + oneLine(a.Where.X) + " }"
	}
	blockOf(p, a.braces, wheres, func(w **Where) diag.Span { return (*w).Span }, line, func(w **Where) { p.where(*w) })
}
