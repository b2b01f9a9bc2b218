package grammar

import (
	"strings"

	"github.com/onerule/onerule/diag"
)

func fields(words string) []string { return strings.Fields(words) }

// sequence reads `sequence by K within T { … }` and `together by K within T { … }`.
func (r *reader) sequence(head []token) Clause {
	word := head[0].Value
	s := &Sequence{At: At{spanOfChunk(head)}, Ordered: word == "sequence"}
	if h := parseAs[sequenceHead](r, formSequence, head); h != nil {
		s.By, s.Within = keys(h.By), duration(h.Within)
	}
	what := "`" + word + "`"
	if !r.openBlock(&s.braces, head, what) {
		return s
	}
	ends := func(i int) bool { return r.intrudes(i) && !r.at(i).is("from") && !r.at(i).is("where") }
	entries := 0
	r.body(&s.braces, what, ends, func() {
		entries++
		if st := r.step(r.entry(r.startsStep)); st != nil {
			s.Steps = append(s.Steps, st)
		}
	})
	s.Span = s.Span.Join(s.close)
	if entries == 0 {
		r.emptyBlock(&s.braces, what, formStep)
	}
	return s
}

// startsStep recognises `name:`, `missing` and `until`.
func (r *reader) startsStep(i int) bool {
	t, prev := r.at(i), r.at(i-1)
	switch {
	case t.is("missing") || t.is("until"):
		return true
	case (t.Type == kindName || t.Type == kindKeyword) && r.at(i+1).is(":"):
		return prev.completes()
	}
	return r.startsLine(i) && !t.is("from") && !t.is("where")
}

// stepWords start the parts of a step.
const stepWords = "from where by repeat"

// step reads one step. Its parts are parsed one by one, so that each reports its own faults.
func (r *reader) step(chunk []token) *Step {
	if len(chunk) == 0 {
		return nil
	}
	s := &Step{At: At{spanOfChunk(chunk)}}
	head, rest := cutPart(chunk, 0)
	if !r.stepName(s, head, rest) {
		return nil
	}
	seen := map[string]diag.Span{}
	for len(rest) > 0 {
		var part []token
		part, rest = cutPart(rest, 1)
		word := part[0].Value
		if first, twice := seen[word]; twice {
			r.faults.add(givenTwice(word, spanOf(part[0].Token), first))
			continue
		}
		seen[word] = spanOf(part[0].Token)
		switch word {
		case "from":
			s.From = r.from(part)
		case "where":
			s.Where = r.where(part)
		case "by":
			if x := parseAs[byPart](r, formBy, part); x != nil {
				s.By = keys(x.By)
			}
		case "repeat":
			if x := parseAs[repeatPart](r, formRepeat, part); x != nil {
				s.Repeat = r.count(x.Min, 1, "the number of repetitions")
			}
		}
	}
	if _, ok := seen["from"]; !ok && !unreadable(chunk) {
		r.faults.add(fault(diag.SyntaxMissing, s.Span, "the step has no `from`", "expected `from`", formStep.help()...))
		return nil
	}
	return s
}

// stepName reads what stands before the first part of a step.
func (r *reader) stepName(s *Step, head, rest []token) bool {
	if len(head) == 0 {
		r.faults.add(fault(diag.SyntaxMissing, spanOf(rest[0].Token), "the step has no name", "expected a name and `:` before this",
			"write `step_1: from …`; a step that must not happen starts with `missing`, one that ends the wait with `until`"))
		return true
	}
	if h := head[0]; len(head) == 1 && h.Type == kindName && len(rest) > 0 {
		if near, ok := diag.Nearest(h.Value, []string{"missing", "until"}); ok {
			r.faults.add(r.wrongWord(&h, diag.SyntaxEntry, near, "`"+h.Value+"` does not start a step"))
			return true
		}
		end := spanOf(endToken(&h))
		r.faults.add(fixed(fault(diag.SyntaxUnexpected, end, "`:` is missing after the name of the step", "expected `:`", "write `"+h.Value+": from …`"), end, ":"))
		return true
	}
	x := parseAs[stepHead](r, formStep, head)
	if x == nil {
		return false
	}
	s.Kind = StepKind(x.Kind)
	if x.Name != nil {
		s.Name = r.name(*x.Name, "the name of a step")
	}
	return true
}

// cutPart splits the tokens of a step before the next word that starts a part, looking from an index on.
func cutPart(chunk []token, from int) (part, rest []token) {
	depth := 0
	for j := range chunk {
		t := &chunk[j]
		switch {
		case t.is("(") || t.is("[") || t.is("{"):
			depth++
		case t.is(")") || t.is("]") || t.is("}"):
			depth--
		case depth == 0 && j >= from && t.Type == kindKeyword && hasWord(stepWords, t.Value):
			return chunk[:j], chunk[j:]
		}
	}
	return chunk, nil
}
