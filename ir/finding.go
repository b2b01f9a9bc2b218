package ir

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/schema"
)

// Finding is one thing that a rule finds. Times are milliseconds since 1970 UTC.
type Finding struct {
	// Key holds the values of the keys in the order of the body's Per; nil for an event rule.
	Key []schema.Value
	// Value is what a first_seen rule has not seen before, else nil.
	Value *schema.Value
	// From and To are the window [From, To) of a tumbling or hopping count and of a baseline; equal for other rules.
	From, To int64
	// Time is that of the event, of the first event of a new value, or when `when` became true in a sliding window or session.
	Time int64
	// Event is the id of the event, or the least of the group's events at Time; "" where the finding is a window.
	Event string
	// Shown holds the values of Emit.Shown, in the same order; a missing one has none.
	Shown [][]schema.Value
	// History says whose history a baseline used: own or population.
	History string
}

// Identity is a text that two findings of one rule share exactly when they are the same finding: the event's id, or the
// window or time with the key, and the value for first_seen.
func (f *Finding) Identity() string {
	if f.Key == nil {
		return f.Event
	}
	var b strings.Builder
	if f.From != f.To {
		b.WriteString(schema.DateMillis(f.From).String() + "/" + schema.DateMillis(f.To).String())
	} else {
		b.WriteString(schema.DateMillis(f.Time).String())
	}
	b.WriteString(" [")
	for i, v := range f.Key {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Quote(v.String()))
	}
	b.WriteByte(']')
	if f.Value != nil {
		b.WriteString(" " + strconv.Quote(f.Value.String()))
	}
	return b.String()
}

// CompareFindings orders the findings of one rule: by time (of the window's end, where it is a window), then by key, value
// and event.
func CompareFindings(a, b Finding) int {
	text := func(v *schema.Value) string {
		if v == nil {
			return ""
		}
		return v.String()
	}
	return cmp.Or(cmp.Compare(a.at(), b.at()), CompareKeys(a.Key, b.Key), cmp.Compare(text(a.Value), text(b.Value)), cmp.Compare(a.Event, b.Event))
}

func (f *Finding) at() int64 {
	if f.From != f.To {
		return f.To
	}
	return f.Time
}

// CompareKeys orders tuples of values by their texts.
func CompareKeys(a, b []schema.Value) int {
	return slices.CompareFunc(a, b, func(x, y schema.Value) int { return cmp.Compare(x.String(), y.String()) })
}

// CompareValues orders two values of one type: numbers and times by size, others by their texts, in the order of code points.
func CompareValues(a, b schema.Value) int {
	if c, ok := order(a, b); ok {
		return c
	}
	return cmp.Compare(a.String(), b.String())
}
