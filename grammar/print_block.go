package grammar

import (
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/diag"
)

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
		} else {
			p.trailing(end, s.Span.End.Offset)
			end = diag.Pos{}
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
	p.write("alt on ", a.Binding.Text)
	wheres := []*Where{a.Where}
	line := ""
	if a.Where == nil {
		wheres = nil
	} else if !p.breaks(a.Where.X) {
		line = "{ where " + oneLine(a.Where.X) + " }"
	}
	blockOf(p, a.braces, wheres, func(w **Where) diag.Span { return (*w).Span }, line, func(w **Where) { p.where(*w) })
}
