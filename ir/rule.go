package ir

import (
	"slices"
	"time"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/schema"
)

// Rule is one rule with its meaning resolved: names are fields of the catalogue, parameters are values, definitions are
// written out.
type Rule struct {
	Name    string
	Version int
	Meta    Meta
	// Params are the parameters with the values this rule was lowered with, in order of declaration.
	Params []Param
	// Fields are the fields that the rule declares, in order of declaration: the catalogue does not have them, and telemetry
	// is taken to have them under these names.
	Fields []Declared
	// From lists the event classes and sources; an event takes part when it is of one of them.
	From []ClassOn
	// Where is the condition on an event.
	Where Pred
	// Alts replace Where on events of some bindings, sorted by binding.
	Alts []Alt
	// Body is what the rule asks of several events, nil for an event rule. Keys, Args and Conds are the columns that it reads
	// of an event that fulfils Where: what events are grouped by, what is aggregated, and conditions of aggregates.
	Body  Body
	Keys  []Key
	Args  []Term
	Conds []Pred
	// CondFrom lists, for each condition, the classes of the events that it is asked of; on others it is false. It is nil where
	// every condition is asked of all, and so is a member.
	CondFrom [][]ClassOn
	Schedule Schedule
	Emit     Emit
	Allow    []Allow
	Tests    []Test
	// File is the path of the rule text, Span the rule's place in it.
	File string
	Span diag.Span
}

// Declared is a field that a rule declares.
type Declared struct {
	schema.Field
	Span diag.Span
}

// Declared returns the fields that the rule declares, without their places.
func (r *Rule) Declared() []schema.Field {
	var out []schema.Field
	for _, d := range r.Fields {
		out = append(out, d.Field)
	}
	return out
}

// ClassOn is an event class on a source.
type ClassOn struct{ Class, Source string }

// Alt is the rule's condition on events of one binding.
type Alt struct {
	Binding string
	Where   Pred
}

// Meta is what people and platforms read about a rule; none of it changes what it finds.
type Meta struct {
	ID             string
	Title          string
	Status         string // stable, test, experimental, deprecated
	Severity       string // informational, low, medium, high, critical
	Risk           int    // 0 to 100
	Description    string
	Triage         string // Markdown
	Attack         []string
	Authors        []string
	References     []string
	Tags           []string
	FalsePositives []string
	License        string
	Related        []string
	// Targets lists the platforms that the rule is for; empty means all.
	Targets []string
	// Custom holds keys that OneRule only keeps, in order.
	Custom []MetaPair
}

// MetaPair is a key of the rule's own.
type MetaPair struct {
	Key    string
	Values []string
}

// Param is a parameter and the value in force.
type Param struct {
	Name  string
	Doc   string
	Value schema.Value
	// Inlined says that the value is also written out somewhere, without the name: in a condition on events, say. It is then not
	// enough to change the numbers that name the parameter ([NumLit]).
	Inlined bool
}

// Schedule is how often the rule wants to run; zero durations mean the platform's default.
type Schedule struct{ Every, Delay, Lookback time.Duration }

// Emit is what a finding carries.
type Emit struct {
	Entities []Entity
	Show     []*Field
	// Shown lists what a finding over several events carries, besides its keys.
	Shown []Shown
	// Once is the least time between two deliveries of findings of one key; it is not part of the meaning. 0 means all.
	Once time.Duration
}

// Entity names the field that identifies something a finding is about; Kind is host, user, ip, process, file, account or url.
type Entity struct {
	Kind  string
	Field *Field
}

// Allow is the author's consent to an output that is not exact.
type Allow struct {
	// Level is widen or narrow.
	Level string
	// On lists platforms or languages.
	On   []string
	Why  string
	Span diag.Span
}

// Test is a test of the rule: events and the number of findings.
type Test struct {
	Name   string
	Events []TestEvent
	Expect int
	// AtLeast means Expect is a minimum.
	AtLeast bool
	// Now is the number of events before the section `now`, -1 when the test has no sections. Findings count from the time
	// of the first event of `now` on.
	Now int
	// Where says which findings are counted, nil for all: a condition on the finding's fields (its keys, what it shows and,
	// for event rules, the event).
	Where Pred
	// Rule is the rule with the values that the test sets for parameters and lists, nil when it sets none.
	Rule *Rule
	Span diag.Span
}

// TestEvent is one event of a test: canonical, or native of a binding.
type TestEvent struct {
	Event schema.Event // Binding "" for canonical; for native events Object is the vendor's
	// Delay is how much later than it happens the event arrives.
	Delay time.Duration
	Span  diag.Span
}

// Condition returns the rule's predicate for events of a binding ("" for none).
func (r *Rule) Condition(binding string) Pred {
	for _, a := range r.Alts {
		if a.Binding == binding {
			return a.Where
		}
	}
	return r.Where
}

// For reports whether the rule is for a platform.
func (r *Rule) For(platform string) bool {
	return len(r.Meta.Targets) == 0 || slices.Contains(r.Meta.Targets, platform)
}

// Takes reports whether the rule looks at events of a class on a source: it names the class, or one that covers it.
func (r *Rule) Takes(class, source string) bool {
	for _, c := range r.From {
		if c.Source == source && schema.Covers(source, c.Class, class) {
			return true
		}
	}
	return false
}
