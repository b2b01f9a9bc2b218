// Package native is what an interpreter of a vendor language is given and gives back: tables of native events as decoded
// JSON, and rows or matches. It knows nothing of rules, so that interpreters stay independent witnesses.
package native

import (
	"time"

	"github.com/onerule/onerule/diag"
)

// Row is one native event or table row: a JSON object decoded with json.Number, so that values are nil, bool,
// json.Number, string, []any and map[string]any.
type Row = map[string]any

// Table is a named table of rows; the one table of an input may have no name, and is then found under every name. Types gives the column or field types by dotted path, in the vendor's words
// (Elasticsearch mapping types, Kusto types); a column without a type is inferred as the vendor would infer it.
type Table struct {
	Name  string
	Types map[string]string
	Rows  []Row
	// Arrives holds for each row when it could first be searched, in milliseconds since 1970, for languages that tell it
	// (ingestion_time() of Kusto); without it a row arrives at the event's own time.
	Arrives []int64
}

// Input is everything a query may depend on: it reads no clock and no file.
type Input struct {
	// Tables in the order given. A query's source is looked up by name; the interpreter of each language documents how.
	Tables []Table
	// Now is the instant that now() answers; the zero time means the largest event time in the tables.
	Now time.Time
	// Timestamp, Category and Tiebreaker name the fields that EQL (and SPL's _time) read; "" is the language's default.
	Timestamp, Category, Tiebreaker string
	// Size and MaxSamplesPerKey cap EQL results; 0 is the default of the language's own API.
	Size, MaxSamplesPerKey int
	// Doubts sets doubt switches by name; a switch that is absent has its default.
	Doubts map[string]bool
	// Asked, when set, notes the doubts that the run asks about: with the others switched differently it would answer the same.
	Asked Asked
	// SearchTime, when set, limits the events to [From, To) by the language's time field, as the platform's time picker does.
	From, To time.Time
}

// Doubt is a vendor behaviour that no source settles. The interpreter behaves one way when the switch is on, the other
// way when it is off; Default is what we believe.
type Doubt struct {
	Name    string
	Doc     string
	Default bool
}

// On reports how a doubt is switched for an input.
func (in Input) On(d Doubt) bool { return in.Switch(d).On() }

// Switch returns a doubt as it is switched for an input, for those who ask about it often.
func (in Input) Switch(d Doubt) Switch {
	s := Switch{on: d.Default}
	if v, ok := in.Doubts[d.Name]; ok {
		s.on = v
	}
	if in.Asked != nil {
		s.asked = in.Asked.of(d.Name)
	}
	return s
}

// Switch is a doubt as it is switched in one run.
type Switch struct {
	on    bool
	asked *bool
}

// On reports how the doubt is switched, and notes that it was asked.
func (s Switch) On() bool {
	if s.asked != nil {
		*s.asked = true
	}
	return s.on
}

// Asked holds the doubts that a run asks about.
type Asked map[string]*bool

func (a Asked) of(name string) *bool {
	if a[name] == nil {
		a[name] = new(bool)
	}
	return a[name]
}

// Has reports whether a doubt was asked about.
func (a Asked) Has(name string) bool { return a[name] != nil && *a[name] }

// Column is a result column; Type is in the vendor's words, "" where the language has no types.
type Column struct {
	Name string
	Type string
}

// Ref is the position of an input row.
type Ref struct {
	Table, Row int
}

// Result is one result row of a row language. Cells are in column order; nil is null or missing, []any a multivalue.
// Numbers are json.Number, dates time.Time or text as the language prints them. Sources lists the input rows that the
// result row came from: one for rows that only per-row commands touched, nil when an aggregation made the row.
type Result struct {
	Cells  []any
	Source *Ref
}

// Group is one EQL sequence or sample: its join keys, and its events in order, nil for a missing event.
type Group struct {
	JoinKeys []any
	Events   []*Ref
}

// Output is the answer of a query. A row language fills Columns and Results, a matcher fills Matches (in input order),
// an EQL sequence or sample fills Groups.
type Output struct {
	Columns []Column
	Results []Result
	Matches []Ref
	Groups  []Group
	// Warnings holds what the vendor would warn about and goes on: a conversion that failed, a limit reached.
	Warnings []string
}

// Program is a query that was parsed and checked; it may be run many times, also concurrently.
type Program interface {
	Run(in Input) (Output, diag.List)
}

// Language is one vendor language as text that can be run. Each interp package exports one as a variable.
type Language struct {
	// Name is the name used by --lang.
	Name string
	// Doubts lists the switches, sorted by name.
	Doubts []Doubt
	// Compile parses a query and checks what can be checked without tables. file names the text in diagnostics.
	Compile func(file, text string) (Program, diag.List)
	// Reprint parses a query and prints it in the canonical form of our printer.
	Reprint func(file, text string) (string, diag.List)
}
