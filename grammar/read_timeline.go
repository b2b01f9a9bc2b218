package grammar

import (
	"github.com/onerule/onerule/diag"
)

// timeline reads the events of a test, and its sections `history { … }` and `now { … }`.
func (r *reader) timeline(t *Test) {
	r.events(t, &t.braces, "the test", "")
}

// events reads the lines of a timeline or of one of its sections.
func (r *reader) events(t *Test, b *braces, what, section string) {
	ends := func(i int) bool { return r.intrudes(i) || r.startsTail(i) }
	r.body(b, what, ends, func() {
		if w := r.cur(); (w.isWord("history") || w.isWord("now")) && r.at(r.i+1).is("{") {
			r.section(t, section)
			return
		}
		begin := r.i
		chunk := r.entry(func(i int) bool { return r.startsEvent(begin, i) || r.startsTail(i) })
		if len(chunk) == 0 {
			return
		}
		if e, ok := r.event(chunk); ok {
			e.Phase = section
			t.Events = append(t.Events, e)
		}
	})
}

// section reads `history { … }` or `now { … }`.
func (r *reader) section(t *Test, outer string) {
	word := r.cur()
	p := phase{At: At{spanOf(word.Token)}, name: word.Value}
	if outer != "" {
		r.faults.add(fault(diag.SyntaxTest, p.Span, "a section inside of a section", "`"+outer+" { … }` is open", "close the first section before this one"))
	}
	r.i++
	p.open = spanOf(r.cur().Token)
	r.i++
	before, faults := len(t.Events), len(r.faults.list)
	r.events(t, &p.braces, "`"+p.name+"`", p.name)
	p.Span = p.Span.Join(p.close)
	if len(t.Events) == before && len(r.faults.list) == faults {
		r.faults.add(fault(diag.SyntaxTest, p.Span, "the section `"+p.name+"` has no events", "nothing happens here", "write events into it, or remove it"))
	}
	if n := len(t.phases); n > 0 && t.phases[n-1].name == p.name {
		t.phases[n-1].close = p.close
		return
	}
	t.phases = append(t.phases, p)
}

// startsEvent recognises the next event: a new line, or whatever follows the braces of an event.
func (r *reader) startsEvent(begin, i int) bool {
	t, prev := r.at(i), r.at(i-1)
	switch {
	case i == begin || t.isWord("arrives"):
		return false
	case prev.is("}"):
		return true
	case t.is("{") && !r.hasBody(begin, i):
		return false
	}
	return t.nl && prev.completes()
}

// hasBody reports whether the tokens of an event hold its fields or its native text already.
func (r *reader) hasBody(begin, end int) bool {
	for i := begin; i < end; i++ {
		if r.at(i).is("}") || r.at(i).Type == kindString {
			return true
		}
	}
	return false
}

// event parses one line of a timeline.
func (r *reader) event(chunk []token) (TestEvent, bool) {
	e := TestEvent{At: At{spanOfChunk(chunk)}, Times: 1}
	if unreadable(chunk) {
		return e, false
	}
	before := len(r.faults.list)
	for i := range chunk {
		if chunk[i].isWord("native") && (i+1 == len(chunk) || !chunk[i+1].is(":")) {
			r.native(&e, chunk, i)
			return e, len(r.faults.list) == before
		}
		if chunk[i].is("{") {
			r.ownEvent(&e, chunk, i)
			return e, len(r.faults.list) == before
		}
	}
	r.faults.add(fault(diag.SyntaxTest, spanOfChunk(chunk), "the event has no fields", "expected `{ … }`", formEvent.help()...))
	return e, false
}

// native parses `native BINDING """…""" arrives +T`; i is where the word stands.
func (r *reader) native(e *TestEvent, chunk []token, i int) {
	if i > 0 {
		r.faults.add(fault(diag.SyntaxTest, spanOfChunk(chunk[:i]), "nothing stands before `native`", "a native event carries its own time and source",
			"remove it; set the time inside the native event"))
	}
	body, after := chunk[i:], []token(nil)
	for j := range body {
		if body[j].isWord("arrives") && j > 1 {
			body, after = body[:j], body[j:]
			break
		}
	}
	if x := parseAs[nativeEvent](r, formNative, body); x != nil {
		e.Binding, e.Native = anyName(x.Binding.Tok), stringNode(x.Text)
	}
	r.arrives(e, after)
}

// ownEvent parses an event with fields; open is where its `{` stands.
func (r *reader) ownEvent(e *TestEvent, chunk []token, open int) {
	end := open
	for depth := 0; end < len(chunk); end++ {
		if chunk[end].is("{") {
			depth++
		} else if chunk[end].is("}") {
			if depth--; depth == 0 {
				break
			}
		}
	}
	end = min(end, len(chunk)-1)
	e.open, e.close = spanOf(chunk[open].Token), spanOf(chunk[end].Token)
	if open > 0 {
		if h := parseAs[eventHead](r, formEvent, chunk[:open]); h != nil {
			r.eventHead(e, h)
		}
	}
	e.Fields = r.testFields(chunk[open+1 : end])
	r.arrives(e, chunk[end+1:])
}

// eventHead fills in what stands before the fields of an event.
func (r *reader) eventHead(e *TestEvent, h *eventHead) {
	e.Offset, e.Every = duration(h.After), duration(h.Every)
	if h.At.Value != "" {
		e.Offset, e.Absolute = duration(h.At), true
	}
	if h.Times.Value != "" {
		e.Times = r.count(h.Times, 1, "the number of events")
	}
	switch {
	case h.First == nil:
	case !h.Source:
		e.Class = pathNode(*h.First)
	default:
		if h.First.Tok.Type == kindPath {
			r.faults.add(plainName(h.First.Tok, "the name of a source"))
		}
		e.Source = anyName(h.First.Tok)
		if h.Class != nil {
			e.Class = pathNode(*h.Class)
		}
	}
}

// arrives parses what stands behind an event.
func (r *reader) arrives(e *TestEvent, after []token) {
	if len(after) == 0 {
		return
	}
	if x := parseAs[arrivesPart](r, formArrives, after); x != nil {
		e.Arrives = duration(x.After)
	}
}
