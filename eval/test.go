package eval

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Outcome is what came of a test of a rule.
type Outcome struct {
	// Found are the findings that count: those of the range that fulfil the test's `where`.
	Found []Finding
	// Others are the findings of the range that do not.
	Others []Finding
	// Rows are what the rule read of the test's events, Range the findings that the test asks for.
	Rows  []Row
	Range Range
	rule  *Rule
	where *Rule // nil without `where`
	// events are the test's, canonical, by id.
	events map[string]*schema.Event
}

// Test runs a test of the rule: events at their times, findings from the first event of `now` on.
func (r *Rule) Test(t ir.Test) (*Outcome, error) {
	events := make([]*schema.Event, len(t.Events))
	delays := map[string]int64{}
	for i := range t.Events {
		events[i] = Canonical(r.Rule, &t.Events[i].Event)
		delays[events[i].ID] = t.Events[i].Delay.Milliseconds()
	}
	o := &Outcome{rule: r, Range: r.testRange(t, events), events: map[string]*schema.Event{}}
	for _, e := range events {
		o.events[e.ID] = e
		if row, ok := r.Row(e); ok {
			row.Arrives += delays[e.ID]
			o.Rows = append(o.Rows, row)
		}
	}
	if t.Where != nil {
		var err error
		if o.where, err = Pred(t.Where); err != nil {
			return nil, fmt.Errorf("test %q: %w", t.Name, err)
		}
	}
	for _, f := range Findings(r.Rule, o.Rows, o.Range) {
		if o.fulfils(f) {
			o.Found = append(o.Found, f)
		} else {
			o.Others = append(o.Others, f)
		}
	}
	return o, nil
}

// Counts reports whether a finding of the rule, whoever found it, is one that the test counts.
func (o *Outcome) Counts(f Finding) bool { return o.Range.has(asked(o.rule.Rule, f)) && o.fulfils(f) }

func (o *Outcome) fulfils(f Finding) bool {
	return o.where == nil || o.where.Holds(o.where.Where, o.event(f))
}

// testRange is from the first event of `now` on, or from the start of the window that holds it; always without sections.
func (r *Rule) testRange(t ir.Test, events []*schema.Event) Range {
	switch {
	case t.Now < 0:
		return absenceRange(r.Rule, Always, events)
	case t.Now >= len(events):
		return Range{} // nothing happens now
	}
	from := events[t.Now].Millis
	for _, e := range events[t.Now:] {
		from = min(from, e.Millis)
	}
	switch b := r.Body.(type) {
	case *ir.Count:
		if b.Window.Kind == ir.Tumbling {
			from = floor(from, b.Window.Size.Milliseconds())
		}
	case *ir.Baseline:
		from = floor(from, b.Bucket.Milliseconds())
	case *ir.Absence:
		return absenceRange(r.Rule, Range{From: from, To: Always.To}, events[t.Now:])
	case *ir.FirstSeen, *ir.Sequence, nil:
	}
	return Range{From: from, To: Always.To}
}

// Canonical returns an event of the rule's tests in canonical form: native events go through their binding.
func Canonical(r *ir.Rule, e *schema.Event) *schema.Event {
	if e.Binding == "" {
		return e
	}
	b, ok, err := schema.LookupBinding(e.Binding)
	if !ok || err != nil {
		return e
	}
	if c, ok := b.ToCanonical(e.ID, e.Object); ok {
		c.TakeDeclared(e.Object, r.Declared())
		return &c
	}
	return e
}

// event returns a finding as an event that a test's `where` reads: keys by the names of their fields, what is shown by its
// name, @timestamp for the time. A finding of an event rule is the event itself, one of first_seen the first event with its
// keys and value.
func (o *Outcome) event(f Finding) *schema.Event {
	first := o.events[f.Event]
	if f.Key == nil {
		return first
	}
	e := &schema.Event{ID: f.Identity(), Millis: f.Time, Object: map[string]any{}}
	if f.From != f.To {
		e.Millis = f.From
	}
	if b, ok := o.rule.Body.(*ir.FirstSeen); ok {
		if first != nil { // a platform may not say which event it was
			e.Object, e.Elements = maps.Clone(first.Object), first.Elements
		}
		put(e, keyName(o.rule.Keys[b.Value]), []schema.Value{*f.Value})
	}
	for i, k := range o.rule.Per() {
		put(e, keyName(o.rule.Keys[k]), []schema.Value{f.Key[i]})
	}
	for i, s := range o.rule.Emit.Shown {
		put(e, s.Name, f.Shown[i])
	}
	return e
}

// keyName is the name by which a condition on findings reads a key.
func keyName(k ir.Key) string {
	if f, ok := k.Term.(*ir.Field); ok {
		return f.Name
	}
	return ""
}

func put(e *schema.Event, name string, vs []schema.Value) {
	var list []any
	for _, v := range vs {
		list = append(list, v.JSON())
	}
	e.Object[name] = list
}

// Explain says why a test came out as it did: of each finding that its `where` left out, which conditions are false; for a
// rule over several events what each group of events came to, and which events are none of the rule's.
func (o *Outcome) Explain() string {
	var b strings.Builder
	for _, f := range o.Others[:min(len(o.Others), maxGroups)] {
		fmt.Fprintf(&b, "finding %s is not counted by `where`\n%s", f.Identity(), o.where.Explain(o.event(f)).String())
	}
	if more := len(o.Others) - maxGroups; more > 0 {
		fmt.Fprintf(&b, "and %d more that are not counted\n", more)
	}
	if o.rule.Body == nil {
		return b.String()
	}
	b.WriteString(GroupsText(o.rule.Rule, o.Rows, o.Range))
	if lost := len(o.events) - len(o.Rows); lost > 0 {
		fmt.Fprintf(&b, "%d of %d events are none of the rule's\n%s", lost, len(o.events), o.explainLost())
	}
	return b.String()
}

// maxLost is how many events that the rule does not take are explained.
const maxLost = 3

func (o *Outcome) explainLost() string {
	taken := map[string]bool{}
	for _, r := range o.Rows {
		taken[r.ID] = true
	}
	var lost []string
	for id := range o.events {
		if !taken[id] {
			lost = append(lost, id)
		}
	}
	slices.SortFunc(lost, compareIDs)
	var b strings.Builder
	for _, id := range lost[:min(len(lost), maxLost)] {
		fmt.Fprintf(&b, "event %s\n%s", id, o.rule.Explain(o.events[id]).String())
	}
	return b.String()
}

// compareIDs orders numbers by size.
func compareIDs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
