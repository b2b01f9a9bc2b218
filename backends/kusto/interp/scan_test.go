package interp

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/native"
)

// scanStepDrawn is a step of a drawn scan: the events that it is about, what it asks of a step at or before it, and what it assigns.
type scanStepDrawn struct {
	letters string
	// guard is a form of comparison with the step `of`, 0 for none; limit is its number.
	guard, of int
	limit     int64
	// sum assigns c = s_sumOf.c + v when it is not negative, seen assigns d = s_seen.t.
	sum, seen int
	output    string
}

type scanDrawn struct {
	steps []scanStepDrawn
	// zero tells that c has the default 0.
	zero bool
}

func (p scanDrawn) text() string {
	var b strings.Builder
	c := "c:long"
	if p.zero {
		c += " = 0"
	}
	fmt.Fprintf(&b, "Rows | sort by n asc | scan with_match_id=m declare (%s, d:long) with (", c)
	for k, s := range p.steps {
		fmt.Fprintf(&b, "step s%d", k)
		if s.output != "" {
			fmt.Fprintf(&b, " output=%s", s.output)
		}
		var letters []string
		for _, l := range s.letters {
			letters = append(letters, fmt.Sprintf("%q", string(l)))
		}
		fmt.Fprintf(&b, ": e in (%s)", strings.Join(letters, ", "))
		if s.guard > 0 {
			fmt.Fprintf(&b, []string{" and t - s%d.t <= %d", " and v > s%d.v - %d", " and s%d.c < %d", " and (isnull(s%d.t) or t > %d)"}[s.guard-1], s.of, s.limit)
		}
		var assign []string
		if s.sum >= 0 {
			assign = append(assign, fmt.Sprintf("c = s%d.c + v", s.sum))
		}
		if s.seen >= 0 {
			assign = append(assign, fmt.Sprintf("d = s%d.t", s.seen))
		}
		if len(assign) > 0 {
			b.WriteString(" => " + strings.Join(assign, ", "))
		}
		b.WriteString("; ")
	}
	b.WriteString(") | project n, t, e, v, c, d, m")
	return b.String()
}

// scanRecord is a record with the declared columns; nil numbers are null.
type scanRecord struct {
	n, t, v int64
	e       string
	c, d    *int64
}

// scanSequence is the state of a step: the records of the steps up to it, and the match's id.
type scanSequence struct {
	records []*scanRecord
	id      int
}

func (q *scanSequence) of(step int) *scanRecord {
	if q == nil || step >= len(q.records) {
		return nil
	}
	return q.records[step]
}

// simulation is the matching logic of the page scan-operator, in its words.
type simulation struct {
	prog    scanDrawn
	active  []*scanSequence
	matches int
	out     []string
	last    []string // by step, the record of a series of repeats with output=last that is not put out yet
}

func (s *simulation) declared(q *scanSequence, step int) *int64 {
	if r := q.of(step); r != nil {
		return r.c
	}
	if s.prog.zero {
		return new(int64)
	}
	return nil
}

func (s *simulation) meets(k int, r scanRecord, q *scanSequence) bool {
	step := s.prog.steps[k]
	if !strings.Contains(step.letters, r.e) {
		return false
	}
	ref := q.of(step.of)
	switch step.guard {
	case 1:
		return ref != nil && r.t-ref.t <= step.limit
	case 2:
		return ref != nil && r.v > ref.v-step.limit
	case 3:
		c := s.declared(q, step.of)
		return c != nil && *c < step.limit
	case 4:
		return ref == nil || r.t > step.limit
	}
	return true
}

func (s *simulation) extend(k int, r scanRecord, q *scanSequence) *scanRecord {
	step := s.prog.steps[k]
	if s.prog.zero {
		r.c = new(int64)
	}
	if step.sum >= 0 {
		if r.c = nil; s.declared(q, step.sum) != nil {
			sum := *s.declared(q, step.sum) + r.v
			r.c = &sum
		}
	}
	if step.seen >= 0 {
		if ref := q.of(step.seen); ref != nil {
			t := ref.t
			r.d = &t
		}
	}
	return &r
}

// matched puts a record into the state of a step and into the output.
func (s *simulation) matched(k int, q *scanSequence, r *scanRecord) {
	q.records = append(q.records[:k:k], r)
	s.active[k] = q
	cells, _ := json.Marshal([]any{r.n, r.t, r.e, r.v, r.c, r.d, q.id})
	switch s.prog.steps[k].output {
	case "none":
	case "last":
		s.last[k] = string(cells)
	default:
		s.out = append(s.out, string(cells))
	}
}

// ends ends a series of repeats of a step.
func (s *simulation) ends(k int) {
	if s.last[k] != "" {
		s.out = append(s.out, s.last[k])
		s.last[k] = ""
	}
}

func (s *simulation) record(r scanRecord) {
	for k := len(s.active) - 1; k >= 0; k-- {
		if k > 0 && s.active[k-1] != nil && s.meets(k, r, s.active[k-1]) { // check 1
			s.ends(k)
			s.ends(k - 1)
			promoted := s.active[k-1]
			s.active[k-1], s.active[k] = nil, nil
			s.matched(k, promoted, s.extend(k, r, promoted))
			continue
		}
		if (s.active[k] != nil || k == 0) && s.meets(k, r, s.active[k]) { // check 2
			q := s.active[k]
			extended := s.extend(k, r, q)
			if q == nil {
				q = &scanSequence{id: s.matches}
				s.matches++
			}
			s.matched(k, q, extended)
		}
	}
}

// TestScanSimulated draws scans and rows, and holds the operator against the simulation.
func TestScanSimulated(t *testing.T) {
	rows, matches := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		n := func(label string, low, high int) int { return rapid.IntRange(low, high).Draw(t, label) }
		prog := scanDrawn{zero: rapid.Bool().Draw(t, "default")}
		for k := range n("steps", 1, 4) {
			prog.steps = append(prog.steps, scanStepDrawn{
				letters: rapid.SampledFrom([]string{"a", "b", "c", "ab", "bc", "abc"}).Draw(t, "letters"),
				guard:   max(0, n("guard", -3, 4)), of: n("compared with", 0, k), limit: int64(n("limit", 0, 6)),
				sum: n("sum of", -1, k), seen: n("time of", -1, k), output: rapid.SampledFrom([]string{"", "", "all", "last", "none"}).Draw(t, "output"),
			})
		}
		s := &simulation{prog: prog, active: make([]*scanSequence, len(prog.steps)), last: make([]string, len(prog.steps))}
		table := native.Table{Name: "Rows", Types: map[string]string{"n": "long", "t": "long", "e": "string", "v": "long"}}
		at := int64(0)
		for i := range n("rows", 0, 14) {
			at += int64(n("pause", 0, 3))
			r := scanRecord{n: int64(i), t: at, v: int64(n("value", 0, 3)), e: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "event")}
			number := func(x int64) json.Number { return json.Number(fmt.Sprint(x)) }
			table.Rows = append(table.Rows, native.Row{"n": number(r.n), "t": number(r.t), "v": number(r.v), "e": r.e})
			s.record(r)
		}
		for k := range s.last {
			s.ends(k)
		}
		p, diags := Language.Compile("q", prog.text())
		if diags.HasErrors() {
			t.Fatalf("%v\n%s", diags, prog.text())
		}
		out, diags := p.Run(native.Input{Tables: []native.Table{table}})
		if diags.HasErrors() {
			t.Fatalf("%v\n%s", diags, prog.text())
		}
		if got, want := shown(out), strings.Join(s.out, "\n"); got != want {
			t.Fatalf("%s\n%v\ngot\n%s\nwant\n%s", prog.text(), table.Rows, got, want)
		}
		rows, matches = rows+len(s.out), matches+s.matches
	})
	t.Logf("%d rows of %d matches", rows, matches)
}
