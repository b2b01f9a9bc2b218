package grammar

import (
	"github.com/onerule/onerule/diag"
)

// test reads `test "name" with { … } { … } expect n where …`; head holds the tokens before the first brace.
func (r *reader) test(head []token) *Test {
	t := &Test{At: At{spanOfChunk(head)}}
	before, begin := len(r.faults.list), r.i
	rest := head
	for i := range head {
		if head[i].isWord("with") {
			rest = head[i:]
			head = head[:i]
			break
		}
	}
	if x := parseAs[testHead](r, formTest, head); x != nil {
		t.Name = stringNode(x.Name)
	}
	if len(rest) > 0 && rest[0].isWord("with") {
		r.testWith(t, rest)
		rest = r.take(r.startsClause(""), true)
		if len(rest) > 0 {
			r.faults.add(fault(diag.SyntaxTest, spanOf(rest[0].Token), describe(rest[0].Token)+" does not fit after `with { … }`", "expected `{`", formTest.help()...))
		}
	}
	if len(rest) == 0 {
		rest = []token{*r.at(r.i - 1)}
	}
	if !r.openBlock(&t.braces, rest, "the test") {
		return nil
	}
	if r.isTimeline() {
		r.timeline(t)
	} else {
		r.singleEvent(t)
	}
	t.Span = t.Span.Join(t.close)
	r.testTail(t, begin)
	if len(r.faults.list) > before {
		return nil
	}
	return t
}

// testWith reads `with { p = 1  list l = ["a"] }`.
func (r *reader) testWith(t *Test, head []token) {
	r.onlyWord(head, "with")
	if !r.openBlock(&t.with, head, "`with`") {
		return
	}
	next := func(i int) bool {
		return r.at(i).is("list") || r.startsSetting(i) && !r.at(i-1).is("list") || r.startsLine(i) && !r.at(i-1).is("list")
	}
	ends := func(i int) bool { return r.intrudes(i) && !r.at(i).is("list") }
	r.body(&t.with, "`with`", ends, func() {
		chunk := r.entry(next)
		if len(chunk) == 0 {
			return
		}
		if chunk[0].is("list") {
			l := r.list(chunk)
			switch {
			case l == nil:
			case l.Inline == nil:
				r.faults.add(fault(diag.SyntaxTest, l.Span, "a test does not read files", "a list from a file", "write the values: `list "+l.Name.Text+" = [\"…\"]`"))
			default:
				t.Lists = append(t.Lists, l)
			}
			return
		}
		if s, ok := r.setting(chunk, formSetting, "list"); ok {
			t.Params = append(t.Params, s)
		}
	})
}

// isTimeline looks at the block of a test: a timeline holds events with braces of their own, or native events; the short
// form holds the fields of one event.
func (r *reader) isTimeline() bool {
	depth := 0
	for i := r.i; ; i++ {
		t := r.at(i)
		switch {
		case t.EOF():
			return false
		case t.is("{") && depth == 0 && !r.at(i-1).is(","):
			return true
		case t.is("(") || t.is("[") || t.is("{"):
			depth++
		case t.is(")") || t.is("]") || t.is("}"):
			if depth == 0 {
				return false
			}
			depth--
		case depth == 0 && t.is(","), depth == 0 && r.intrudes(i), depth == 0 && r.startsTail(i):
			return false
		case depth == 0 && t.isWord("native") && !r.at(i+1).is(":"):
			return true
		}
	}
}

// startsTail recognises `expect 1`, `expect >= 1` after the block of a test.
func (r *reader) startsTail(i int) bool {
	if !r.at(i).is("expect") {
		return false
	}
	n := r.at(i + 1)
	if n.Type == kindNumber {
		return true
	}
	return n.is(">=") && r.at(i+2).Type == kindNumber && !r.at(i+3).is("per")
}

// singleEvent reads the fields of the short form.
func (r *reader) singleEvent(t *Test) {
	ends := func(i int) bool { return r.intrudes(i) || r.startsTail(i) }
	begin := r.i
	chunk := r.take(ends, false)
	if r.cur().is("}") {
		t.close = spanOf(r.cur().Token)
		r.i++
	} else {
		r.blockOpen(&t.braces, "the test", begin)
	}
	if len(chunk) == 0 {
		return
	}
	e := TestEvent{At: At{t.open.Join(t.close)}, Times: 1}
	e.braces = t.braces
	e.Fields = r.testFields(chunk)
	t.Events = []TestEvent{e}
}

// testFields reads `path: value, …`. Each field is parsed by itself.
func (r *reader) testFields(chunk []token) []TestField {
	var out []TestField
	for len(chunk) > 0 {
		n, comma := r.fieldEnd(chunk)
		part := chunk[:n]
		if comma {
			n++
		}
		if len(part) == 0 {
			t := chunk[0].Token
			r.faults.add(fixed(fault(diag.SyntaxTest, spanOf(t), "a comma too many", "no field stands before it", "remove the comma"), spanOf(t), ""))
		} else if x := parseAs[eventField](r, formField, part); x != nil {
			out = append(out, TestField{At: At{spanOfChunk(part)}, Path: pathNode(x.Path), Value: x.Value})
		}
		chunk = chunk[n:]
	}
	return out
}

// fieldEnd finds where the first field of a list of fields ends, and whether a comma ends it.
func (r *reader) fieldEnd(chunk []token) (n int, comma bool) {
	depth := 0
	for j := range chunk {
		t := &chunk[j]
		switch {
		case t.is("(") || t.is("[") || t.is("{"):
			depth++
		case t.is(")") || t.is("]") || t.is("}"):
			depth--
		case depth > 0:
		case t.is(","):
			return j, true
		case j > 1 && j+1 < len(chunk) && (t.Type == kindName || t.Type == kindPath || t.Type == kindKeyword) && (chunk[j+1].is(":") || chunk[j+1].is("=")) && chunk[j-1].completes():
			end := spanOf(endToken(&chunk[j-1]))
			r.faults.add(fixed(fault(diag.SyntaxTest, end, "a comma is missing between two fields", "expected `,`", "separate the fields of an event with commas"), end, ","))
			return j, false
		}
	}
	return len(chunk), false
}

// testTail reads `expect n where …`.
func (r *reader) testTail(t *Test, begin int) {
	next := r.cur()
	if next.Type == kindName && !next.nl {
		if near, ok := nearWord(next.Value, []string{"expect"}); ok {
			r.faults.add(r.wrongWord(next, diag.SyntaxEntry, near, "`"+next.Value+"` does not follow a test"))
			next.become(near)
		}
	}
	if r.guessing(begin) && !next.is("expect") {
		return
	}
	if !next.is("expect") || next.nl && !r.startsTail(r.i) {
		r.faults.add(fault(diag.SyntaxTest, t.close, "the test has no `expect`", "expected `expect` after this",
			"write how many findings the rule has: `} expect 1`, or `} expect 0`"))
		if !next.nl && !next.is("}") {
			r.take(r.startsClause(""), false)
		}
		return
	}
	chunk := r.take(r.startsClause(""), false)
	t.Span = t.Span.Join(spanOfChunk(chunk))
	x := parseAs[testTail](r, formTail, chunk)
	if x == nil {
		return
	}
	t.Expect, t.ExpectAtLeast, t.Where = r.count(x.Count, 0, "the number of findings"), x.AtLeast, x.Where
}
