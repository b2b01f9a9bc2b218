package grammar

import (
	"strconv"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// test writes a test: the short form if it has one plain event, a timeline otherwise.
func (p *printer) test(t *Test) {
	p.write("test ", stringLiteral(t.Name))
	p.testWith(t)
	tail := testTailText(t)
	switch {
	case len(t.Events) == 0 && !p.commentsIn(t.braces.span()):
		p.write(" {}")
	case isPlainEvent(t):
		p.write(" ")
		e := &t.Events[0]
		p.withReserve(utf8.RuneCountInString(tail), func() { p.eventFields(e) })
	default:
		p.timeline(t)
	}
	p.write(tail)
	if t.Where != nil {
		p.write(" where ")
		p.expr(t.Where, 0, p.level+1)
	}
}

func testTailText(t *Test) string {
	if t.ExpectAtLeast {
		return " expect >= " + strconv.Itoa(t.Expect)
	}
	return " expect " + strconv.Itoa(t.Expect)
}

// isPlainEvent reports a test of one event that needs no timeline.
func isPlainEvent(t *Test) bool {
	if len(t.Events) != 1 {
		return false
	}
	e := &t.Events[0]
	return eventHeadText(e) == "" && e.Phase == "" && e.Native == nil && e.Arrives == nil && len(e.Fields) > 0
}

// withEntry is a parameter or a list of a `with` block, in source order.
type withEntry struct {
	set  *ParamSet
	list *ListDecl
}

func (w *withEntry) place() diag.Span {
	if w.set != nil {
		return w.set.Span
	}
	return w.list.Span
}

func (p *printer) testWith(t *Test) {
	if len(t.Params)+len(t.Lists) == 0 {
		return
	}
	var entries []withEntry
	sets, lists := t.Params, t.Lists
	for len(sets)+len(lists) > 0 {
		if len(lists) == 0 || len(sets) > 0 && sets[0].Span.Start.Offset <= lists[0].Span.Start.Offset {
			entries = append(entries, withEntry{set: &sets[0]})
			sets = sets[1:]
			continue
		}
		entries = append(entries, withEntry{list: lists[0]})
		lists = lists[1:]
	}
	line := "{"
	for i := range entries {
		if i > 0 {
			line += " "
		}
		if e := &entries[i]; e.set != nil {
			line += " " + e.set.Name.Text + " = " + oneLine(e.set.Value)
			line = unlessBroken(line, p.breaks(e.set.Value))
		} else {
			line += " list " + e.list.Name.Text + " = " + oneLine(e.list.Inline)
			line = unlessBroken(line, p.breaks(e.list.Inline))
		}
		if line == "" {
			break
		}
	}
	if line != "" {
		line += " }"
	}
	p.write(" with")
	p.withReserve(len(" {"), func() {
		blockOf(p, t.with, entries, (*withEntry).place, line, func(e *withEntry) {
			if e.set != nil {
				p.setting(e.set)
				return
			}
			p.listDecl(e.list)
		})
	})
}

func unlessBroken(line string, broken bool) string {
	if broken {
		return ""
	}
	return line
}

// eventFields writes `{ a: 1 }` on one line if the author did and it fits.
func (p *printer) eventFields(e *TestEvent) {
	span := e.braces.span()
	if span.Start.Line == span.End.Line && !p.commentsIn(span) && !p.fieldsBreak(e.Fields) {
		f := &flat{max: p.room()}
		f.fields(e.Fields)
		if !f.full {
			p.write(string(f.b))
			return
		}
	}
	p.fields(e.braces, e.Fields)
}

// timeline writes the events of a test on lines of their own, in their sections.
func (p *printer) timeline(t *Test) {
	blockOf(p, t.braces, groupByPhase(t), (*eventGroup).place, "", func(g *eventGroup) {
		if g.events[0].Phase == "" {
			p.event(&g.events[0])
			return
		}
		p.write(g.events[0].Phase)
		blockOf(p, g.section.braces, g.events, func(e *TestEvent) diag.Span { return e.Span }, "", p.event)
	})
}

// eventGroup is one event outside of sections, or the events of one section.
type eventGroup struct {
	section phase
	events  []TestEvent
}

func (g *eventGroup) place() diag.Span {
	if g.section.Span.IsValid() {
		return g.section.Span
	}
	return g.events[0].Span
}

func groupByPhase(t *Test) []eventGroup {
	var out []eventGroup
	sections := t.phases
	for i := 0; i < len(t.Events); {
		g := eventGroup{}
		name := t.Events[i].Phase
		n := i + 1
		for name != "" && n < len(t.Events) && t.Events[n].Phase == name {
			n++
		}
		if name != "" && len(sections) > 0 && sections[0].name == name {
			g.section, sections = sections[0], sections[1:]
		}
		g.events = t.Events[i:n]
		out = append(out, g)
		i = n
	}
	return out
}

// event writes one line of a timeline.
func (p *printer) event(e *TestEvent) {
	arrives := ""
	if e.Arrives != nil {
		arrives = " arrives +" + durationText(e.Arrives)
	}
	if e.Native != nil {
		p.write("native ", e.Binding.Text, " ")
		p.text(e.Native)
		p.write(arrives)
		return
	}
	if head := eventHeadText(e); head != "" {
		p.write(head, " ")
	}
	p.withReserve(len(arrives), func() { p.eventFields(e) })
	p.write(arrives)
}

// eventHeadText is what stands before the fields of an event.
func eventHeadText(e *TestEvent) string {
	var b []byte
	add := func(parts ...string) {
		if len(b) > 0 {
			b = append(b, ' ')
		}
		for _, s := range parts {
			b = append(b, s...)
		}
	}
	if e.Offset != nil && e.Absolute {
		add("at ", durationText(e.Offset))
	} else if e.Offset != nil {
		add("+", durationText(e.Offset))
	}
	if e.Times > 1 || e.Every != nil {
		add(strconv.Itoa(max(e.Times, 1)), " x")
	}
	if e.Every != nil {
		add("every ", durationText(e.Every))
	}
	if e.Source.Text != "" {
		add(e.Source.Text, ":")
	}
	if e.Class != nil {
		add(FormatPath(e.Class.Segments))
	}
	return string(b)
}
