// Package diag is how OneRule says that something is wrong: a diagnostic has a code, a place in a file, a title that
// states the fault in the user's words, and help that says what to do. Every fault a user can cause is a [Diagnostic];
// plain errors are for input and output alone.
package diag

import (
	"cmp"
	"slices"
)

// Pos is a place in a text. Line and Col count from 1, Col in code points; Offset counts bytes from 0.
// The zero Pos means "no position".
type Pos struct {
	Offset int `json:"offset"`
	Line   int `json:"line"`
	Col    int `json:"column"`
}

// IsValid reports whether the position points anywhere.
func (p Pos) IsValid() bool { return p.Line > 0 }

// Span is the half-open range [Start, End) of one file. A zero Span means "no place".
type Span struct {
	File  string `json:"file"`
	Start Pos    `json:"start"`
	End   Pos    `json:"end"`
}

// IsValid reports whether the span points anywhere.
func (s Span) IsValid() bool { return s.Start.IsValid() }

// Join returns the smallest span that holds both; an invalid span is ignored.
func (s Span) Join(o Span) Span {
	switch {
	case !s.IsValid():
		return o
	case !o.IsValid():
		return s
	}
	if o.Start.Offset < s.Start.Offset {
		s.Start = o.Start
	}
	if o.End.Offset > s.End.Offset {
		s.End = o.End
	}
	return s
}

// Severity orders diagnostics: errors make a command fail, warnings do not, notes inform.
type Severity int

// The severities.
const (
	Error Severity = iota
	Warning
	Note
)

// String returns the word that renderers print.
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	case Note:
		return "note"
	}
	return "unknown"
}

// Label is a second place that belongs to a diagnostic, such as the declaration that a use contradicts.
type Label struct {
	Span Span   `json:"span"`
	Text string `json:"text"`
}

// Edit replaces the text of a span.
type Edit struct {
	Span Span   `json:"span"`
	New  string `json:"new"`
}

// Diagnostic is one fault. One root cause gives one diagnostic.
type Diagnostic struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"-"`
	// Title states the fault, in one line, without the fix and without a full stop.
	Title string `json:"title"`
	Span  Span   `json:"span"`
	// Label stands beside the caret: what the marked text is.
	Label   string   `json:"label,omitempty"`
	Related []Label  `json:"related,omitempty"`
	Notes   []string `json:"notes,omitempty"`
	// Help holds the actions open to the user.
	Help []string `json:"help,omitempty"`
	// Fix holds edits that a machine may apply without asking (`onerule check --fix`).
	Fix []Edit `json:"fix,omitempty"`
}

// Error makes a single diagnostic usable as an error: "file:line:col: code: title".
func (d Diagnostic) Error() string { return d.Brief() }

// List is a set of diagnostics, in the order found until [List.Sort] is called.
type List []Diagnostic

// HasErrors reports whether any diagnostic is of severity [Error].
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sort orders by file, place, code, title, and drops exact repeats. It returns the sorted list.
func (l List) Sort() List {
	slices.SortStableFunc(l, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Span.File, b.Span.File),
			cmp.Compare(a.Span.Start.Offset, b.Span.Start.Offset),
			cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Title, b.Title),
			cmp.Compare(a.Span.End.Offset, b.Span.End.Offset),
		)
	})
	return slices.CompactFunc(l, func(a, b Diagnostic) bool {
		return a.Code == b.Code && a.Title == b.Title && a.Span == b.Span
	})
}

// Err returns the list as an error, nil when it holds no errors.
func (l List) Err() error {
	for _, d := range l {
		if d.Severity == Error {
			return d
		}
	}
	return nil
}

// New returns a diagnostic with the parts that most have. There is no construction from a format: each part stands as a
// literal at the place where the fault is found.
func New(code Code, span Span, title string, help ...string) Diagnostic {
	return Diagnostic{Code: code, Severity: code.Severity(), Title: title, Span: span, Help: help}
}
