package syntax

import (
	"fmt"

	"github.com/onerule/onerule/diag"
)

// Check finds faults of a query's shape that the grammar does not show: numbers of join keys, of stages, and what missing
// events need. Parse calls it; a lowering may call it on a tree that it built.
func Check(q *Query) diag.List {
	switch s := q.Statement.(type) {
	case *EventQuery:
		return nil
	case *Sequence:
		return checkSequence(s)
	case *Sample:
		return checkSample(s, q.Pipes)
	}
	return nil
}

func checkSequence(s *Sequence) diag.List {
	var diags diag.List
	stages, positive := 0, 0
	for i := range s.Terms {
		t := &s.Terms[i]
		stages += max(t.Runs, 1)
		if !t.Missing {
			positive++
			continue
		}
		if s.MaxSpan == nil {
			diags = append(diags, diag.New(diag.EQLSyntax, t.Span, "a missing event needs a maxspan",
				"write `sequence … with maxspan=5m`"))
		}
	}
	switch {
	case positive == 0:
		diags = append(diags, diag.New(diag.EQLSyntax, s.Span, "a sequence needs an event that happens",
			"put an event without `!` before or behind the missing one"))
	case stages < 2:
		diags = append(diags, diag.New(diag.EQLSyntax, s.Span, "a sequence needs at least two events",
			"add an event, or `with runs=2`, or write an event query"))
	}
	terms := s.Terms
	if s.Until != nil {
		terms = append(terms[:len(terms):len(terms)], *s.Until)
	}
	return append(diags, checkKeys(terms, len(s.Keys))...)
}

// maxFilters is how many filters a sample may have ("EQL search", section on samples).
const maxFilters = 5

func checkSample(s *Sample, pipes []Pipe) diag.List {
	var diags diag.List
	if len(s.Terms) < 2 {
		diags = append(diags, diag.New(diag.EQLSyntax, s.Span, "a sample needs at least two events", "add an event, or write an event query"))
	}
	if len(s.Terms) > maxFilters {
		diags = append(diags, diag.New(diag.EQLSyntax, s.Terms[maxFilters].Span,
			fmt.Sprintf("a sample has at most %d events", maxFilters), "remove events, or split the sample"))
	}
	if len(s.Terms) > 0 && len(s.Keys)+len(s.Terms[0].Keys) == 0 {
		diags = append(diags, diag.New(diag.EQLSyntax, s.Span, "a sample needs a join key", "write `sample by host.id …`"))
	}
	for _, p := range pipes {
		diags = append(diags, diag.New(diag.EQLSyntax, p.Span, "pipes do not follow a sample", "use the size parameter of the search"))
	}
	return append(diags, checkKeys(s.Terms, len(s.Keys))...)
}

// checkKeys demands the same number of join keys of all terms.
func checkKeys(terms []Term, shared int) diag.List {
	var diags diag.List
	for i := 1; i < len(terms); i++ {
		want, got := len(terms[0].Keys), len(terms[i].Keys)
		if want == got {
			continue
		}
		d := diag.New(diag.EQLSyntax, terms[i].Span,
			fmt.Sprintf("this event has %s, the first one has %s", countKeys(shared+got), countKeys(shared+want)),
			"give every event the same number of keys")
		d.Related = []diag.Label{{Span: terms[0].Span, Text: "the first event"}}
		diags = append(diags, d)
	}
	return diags
}

func countKeys(n int) string {
	if n == 1 {
		return "1 join key"
	}
	return fmt.Sprintf("%d join keys", n)
}
