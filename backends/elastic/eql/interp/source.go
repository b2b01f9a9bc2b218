package interp

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// source is the events of a run with the three fields that have a role: timestamp, category and tiebreaker.
type source struct {
	r          *run
	events     []event // in input order
	timestamp  *field  // nil when it is unmapped
	timeError  *fieldError
	timeName   string
	tiebreaker *field // nil when there is none
}

// newSource lists the events and finds the fields.
func (r *run) newSource() *source {
	s := &source{r: r, timeName: cmp.Or(r.in.Timestamp, "@timestamp")}
	for t, table := range r.in.Tables {
		for i, row := range table.Rows {
			s.events = append(s.events, event{ref: native.Ref{Table: t, Row: i}, row: row, pos: len(s.events)})
		}
	}
	s.timestamp, s.timeError = r.timeField(s.timeName)
	if name := r.in.Tiebreaker; name != "" {
		f, err := r.index.find(name)
		if err != nil {
			r.fault(err.code, diag.Span{}, "the tiebreaker: "+err.title, err.help...)
		}
		s.tiebreaker = f
	}
	return s
}

// timeField finds the timestamp field. Without a mapping, texts and numbers are read as dates.
func (r *run) timeField(name string) (*field, *fieldError) {
	f, err := r.index.find(name)
	switch {
	case err != nil:
		return nil, err
	case f.typ == tDate:
		return f, nil
	case f.main.Inferred && (f.typ == tString || f.typ == tWhole):
		f.loose = tDate
		return f, nil
	}
	return nil, &fieldError{
		code: diag.EQLRun, title: fmt.Sprintf("the timestamp field `%s` is mapped as %s", name, f.main.Type),
		help: []string{"name a date field with --timestamp"},
	}
}

// requireTime demands the timestamp field of a query that depends on order.
func (s *source) requireTime() {
	if s.timestamp != nil {
		return
	}
	help := append(s.timeError.help[:len(s.timeError.help):len(s.timeError.help)], "name the time field with --timestamp")
	if s.timeError.unmapped {
		help = []string{"name the time field with --timestamp"}
	}
	s.r.fault(s.timeError.code, s.r.program.query.Span, s.timeError.title, help...)
}

// timeOf reads the timestamp of an event.
func (s *source) timeOf(e *event) (time.Time, bool) {
	read, _ := s.timestamp.reads[e.ref.Table].Read(e.row)
	for _, v := range read {
		if t, ok := s.timestamp.convert(v).(time.Time); ok {
			return t, true
		}
	}
	return time.Time{}, false
}

// load reads what the order of an event depends on; ok is false for an event without a timestamp.
func (s *source) load(e *event) (ok bool) {
	if s.timestamp != nil {
		if e.time, ok = s.timeOf(e); !ok {
			return false
		}
	}
	if s.tiebreaker != nil {
		read, _ := s.tiebreaker.reads[e.ref.Table].Read(e.row)
		for _, v := range read {
			if e.tie = s.tiebreaker.convert(v); e.tie != nil {
				break
			}
		}
	}
	return true
}

// inTime reports whether an event lies in the search time.
func (s *source) inTime(e *event) bool {
	in := s.r.in
	if in.From.IsZero() && in.To.IsZero() {
		return true
	}
	if s.timestamp == nil {
		return false
	}
	t, ok := s.timeOf(e)
	return ok && (in.From.IsZero() || !t.Before(in.From)) && (in.To.IsZero() || t.Before(in.To))
}

// compareEvents orders events by time, then tiebreaker; events without a tiebreaker come last.
func compareEvents(a, b *event) int {
	if c := a.time.Compare(b.time); c != 0 {
		return c
	}
	switch {
	case a.tie == nil && b.tie == nil:
		return 0
	case a.tie == nil:
		return 1
	case b.tie == nil:
		return -1
	}
	c, _ := compare(a.tie, b.tie)
	return c
}

// sortEvents orders events as a search does; ties keep the order of the input.
func sortEvents(list []*event) {
	slices.SortStableFunc(list, func(a, b *event) int {
		return cmp.Or(compareEvents(a, b), cmp.Compare(a.pos, b.pos))
	})
}

// before reports whether a comes strictly before b in a sequence.
func (r *run) before(a, b *event) bool {
	if c := compareEvents(a, b); c != 0 {
		return c < 0
	}
	return r.on(doubtImplicitOrder) && a.pos < b.pos
}

// filter compiles an event query: category and condition.
func (r *run) filter(q *syntax.EventQuery) pred {
	where := r.condition(q.Where)
	if q.Category.Any {
		return where
	}
	name := cmp.Or(r.in.Category, "event.category")
	f, err := r.index.find(name)
	if err != nil {
		help := err.help
		if err.unmapped {
			help = []string{"write `any where …`, or name the category field with --category"}
		}
		r.fault(err.code, q.Category.Span, "the event category: "+err.title, help...)
		return r.always(no)
	}
	if f.typ != tString {
		r.fault(diag.EQLRun, q.Category.Span, fmt.Sprintf("the category field `%s` is mapped as %s", name, f.main.Type),
			"name a keyword field with --category")
		return r.always(no)
	}
	if known, ok := r.fields[name]; ok {
		f = known
	} else {
		f.id = len(r.fields)
		r.fields[name] = f
	}
	want := f.main.Normalize(q.Category.Name)
	return func(e *event) tri {
		if !r.step(1) {
			return no
		}
		for _, v := range e.get(f) {
			if v == want {
				return where(e)
			}
		}
		return no
	}
}

// pass returns the events that pass a filter, in input order.
func (s *source) pass(p pred) []*event {
	var list []*event
	if s.r.diags.HasErrors() {
		return nil
	}
	for i := range s.events {
		e := &s.events[i]
		if s.inTime(e) && p(e) == yes {
			list = append(list, e)
		}
		if s.r.stopped {
			return nil
		}
	}
	return list
}

// defaultSize is how many events, sequences or samples the search returns unless told otherwise.
const defaultSize = 10

// size is the number of results wanted.
func (r *run) size() int {
	switch {
	case r.in.Size < 0:
		return 0
	case r.in.Size == 0:
		return defaultSize
	}
	return r.in.Size
}

// limit applies the pipes, and then the size: the last results are kept, behind `head` the first.
func limit[T any](r *run, list []T) []T {
	first := false
	for _, p := range r.program.query.Pipes {
		n := int(min(p.Count, int64(len(list))))
		first = p.Name == "head"
		if first {
			list = list[:n]
		} else {
			list = list[len(list)-n:]
		}
	}
	n := min(r.size(), len(list))
	if n < len(list) && r.in.Size >= 0 {
		r.warn(fmt.Sprintf("%d results of %d are shown (size)", n, len(list)))
	}
	if first {
		return list[:n]
	}
	return list[len(list)-n:]
}

// eventQuery runs an event query. Which matches count follows the order of time; they are returned in input order.
func (r *run) eventQuery(s *source, q *syntax.EventQuery) []native.Ref {
	p := r.filter(q)
	if s.timestamp == nil {
		if !s.timeError.unmapped {
			s.requireTime()
		}
		r.warn("Elasticsearch refuses a search without the timestamp field `" + s.timeName + "`; the events count in input order here")
	}
	list := s.pass(p)
	for _, e := range list {
		if !s.load(e) {
			r.warn("an event without a timestamp counts as the earliest")
		}
	}
	sortEvents(list)
	list = limit(r, list)
	slices.SortFunc(list, func(a, b *event) int { return cmp.Compare(a.pos, b.pos) })
	refs := make([]native.Ref, len(list))
	for i, e := range list {
		refs[i] = e.ref
	}
	return refs
}
