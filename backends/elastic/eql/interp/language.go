package interp

import (
	"sync"
	"time"

	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// Language is Elasticsearch EQL. All tables of the input are searched together. A negative Size asks for no results.
var Language = native.Language{Name: "eql", Doubts: doubts, Compile: compile, Reprint: reprint}

// program is a parsed query. It does not change and may run concurrently.
type program struct {
	query    *syntax.Query
	matchers sync.Map // matcherKey to func(string) bool
}

// compile parses a query and checks what shows without tables: functions, constants, patterns.
func compile(file, text string) (native.Program, diag.List) {
	q, diags := syntax.Parse(file, text)
	if q == nil {
		return nil, diags
	}
	p := &program{query: q}
	r := newRun(p, native.Input{})
	for _, e := range events(q.Statement) {
		r.condition(e.Where)
	}
	diags = append(diags, r.diags...).Sort()
	if diags.HasErrors() {
		return nil, diags
	}
	return p, diags
}

func reprint(file, text string) (string, diag.List) {
	q, diags := syntax.Parse(file, text)
	if q == nil {
		return "", diags
	}
	return syntax.Print(q), diags
}

// events lists the event queries inside a statement.
func events(s syntax.Statement) []*syntax.EventQuery {
	var list []*syntax.EventQuery
	add := func(terms []syntax.Term) {
		for _, t := range terms {
			list = append(list, t.Event)
		}
	}
	switch s := s.(type) {
	case *syntax.EventQuery:
		list = append(list, s)
	case *syntax.Sequence:
		add(s.Terms)
		if s.Until != nil {
			list = append(list, s.Until.Event)
		}
	case *syntax.Sample:
		add(s.Terms)
	}
	return list
}

func newRun(p *program, in native.Input) *run {
	steps := baseSteps
	for _, t := range in.Tables {
		steps += stepsPerEvent * len(t.Rows)
	}
	return &run{program: p, in: in, fields: map[string]*field{}, warned: map[string]bool{}, steps: steps}
}

// Run implements [native.Program].
func (p *program) Run(in native.Input) (native.Output, diag.List) {
	r := newRun(p, in)
	if nothing(in) {
		return native.Output{}, nil
	}
	index, err := newIndex(in)
	if err != nil {
		r.fault(diag.EQLRun, diag.Span{}, "the mapping cannot be read: "+err.Error())
		return native.Output{}, r.diags
	}
	r.index = index
	s := r.newSource()
	r.now = s.now()
	var out native.Output
	switch q := p.query.Statement.(type) {
	case *syntax.EventQuery:
		out.Matches = r.eventQuery(s, q)
	case *syntax.Sequence:
		out.Groups = r.sequence(s, q)
	case *syntax.Sample:
		out.Groups = r.sample(s, q)
	}
	if r.diags.HasErrors() {
		return native.Output{}, r.diags.Sort()
	}
	out.Warnings = r.warnings
	return out, r.diags.Sort()
}

// nothing reports whether an input has neither events nor a mapping: no field can be looked up then, and nothing matches.
func nothing(in native.Input) bool {
	for _, t := range in.Tables {
		if len(t.Rows) > 0 || len(t.Types) > 0 {
			return false
		}
	}
	return true
}

// now is the instant that date math means by now: the input's, or the time of the latest event.
func (s *source) now() time.Time {
	if !s.r.in.Now.IsZero() || s.timestamp == nil {
		return s.r.in.Now
	}
	var latest time.Time
	for i := range s.events {
		if t, ok := s.timeOf(&s.events[i]); ok && t.After(latest) {
			latest = t
		}
	}
	return latest
}
