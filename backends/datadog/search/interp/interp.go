// Package interp runs Datadog log search on log events: which events a query matches. It follows the vendor's page
// docs.datadoghq.com/logs/explorer/search_syntax; where that page is silent or in doubt there is a switch (doubts.go).
//
// An event is one log as the platform stores it:
//
//	{"source": "…", "service": "…", "host": "…", "status": "…", "message": "…", "timestamp": …, "tags": ["k:v"], "attributes": {…}}
//
// The names of the wire are read too: `ddsource`, `hostname` and `ddtags` (a list, or one text with commas). @a.b reads attributes.a.b; when that is
// missing, the top-level a.b (unless a is a reserved key); and in an event without `attributes`, the event itself. Nested objects
// and dotted keys are the same path, and arrays on the way are searched element by element.
//
// Table.Types may give facet types by path ("a.b", "@a.b" or "attributes.a.b"): `double` and `long` make a measure, which compares
// numerically also when the event holds the number as text; `string` makes a string facet, on which comparisons match nothing.
// Without a type a JSON number is a measure and a text is not.
package interp

import (
	"sort"
	"time"

	"github.com/onerule/onerule/backends/datadog/search/syntax"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// Language is Datadog log search.
var Language = native.Language{
	Name:    "datadog",
	Doubts:  doubts,
	Compile: compile,
	Reprint: func(file, text string) (string, diag.List) {
		n, ds := syntax.Parse(file, text)
		if ds.HasErrors() {
			return "", ds
		}
		return syntax.Print(n), ds
	},
}

// maxSteps bounds the work of one run; a step is a test of one value, or 32 bytes of it.
const maxSteps = 1 << 29

type program struct {
	tree     syntax.Node
	place    diag.Span
	warnings []string
	budget   int // steps of one run
}

func compile(file, text string) (native.Program, diag.List) {
	n, ds := syntax.Parse(file, text)
	if ds.HasErrors() {
		return nil, ds
	}
	p := &program{tree: n, warnings: lowerCaseOperators(n), budget: maxSteps}
	if n != nil {
		p.place = n.Pos()
	}
	return p, ds
}

// Run answers the query: the matching events in input order.
func (p *program) Run(in native.Input) (native.Output, diag.List) {
	c := &context{settings: settingsOf(in), warned: map[string]bool{}}
	out := native.Output{Warnings: append([]string(nil), p.warnings...)}
	l := linker{settings: c.settings}
	for t := range in.Tables {
		test := l.link(p.tree, noField, in.Tables[t].Types)
		for r, row := range in.Tables[t].Rows {
			if !inTime(row, in.From, in.To) {
				continue
			}
			c.row = row
			if test(c) {
				out.Matches = append(out.Matches, native.Ref{Table: t, Row: r})
			}
			if c.steps > p.budget {
				return native.Output{}, diag.List{diag.New(diag.DatadogLimit, p.place, "the query needs too much work on these events",
					"run it on fewer events")}
			}
		}
	}
	for w := range c.warned {
		out.Warnings = append(out.Warnings, w)
	}
	sort.Strings(out.Warnings)
	return out, nil
}

// inTime applies the time picker to the reserved attribute timestamp (a date text or epoch milliseconds).
func inTime(row native.Row, from, to time.Time) bool {
	if from.IsZero() && to.IsZero() {
		return true
	}
	at, ok := eventTime(row)
	return ok && !at.Before(from) && (to.IsZero() || at.Before(to))
}

// context is the state of one run.
type context struct {
	settings
	row    native.Row
	steps  int
	warned map[string]bool
}

func (c *context) warn(text string) { c.warned[text] = true }

// spend counts the work on one value.
func (c *context) spend(n int) { c.steps += 1 + n/32 }

// settings are the switches of one run.
type settings struct {
	arrayAny, braceRange, cidr, compareText, compareTagText, emptyStored, escapedStar, existsWord native.Switch
	freeTextFold, freeTextTokens, fullText, nullMissing, numberEqual, questionAny, questionWild   native.Switch
	quotedEscape, reservedAttribute, starNewline, tagFold                                         native.Switch
}

func settingsOf(in native.Input) settings {
	return settings{
		arrayAny: in.Switch(DoubtArrayAny), braceRange: in.Switch(DoubtBraceRange), cidr: in.Switch(DoubtCIDR),
		compareText: in.Switch(DoubtCompareText), compareTagText: in.Switch(DoubtCompareTagText), emptyStored: in.Switch(DoubtEmptyStored),
		escapedStar: in.Switch(DoubtEscapedStar), existsWord: in.Switch(DoubtExistsWord), freeTextFold: in.Switch(DoubtFreeTextFold),
		freeTextTokens: in.Switch(DoubtFreeTextTokens), fullText: in.Switch(DoubtFullText), nullMissing: in.Switch(DoubtNullMissing),
		numberEqual: in.Switch(DoubtNumberEqual), questionAny: in.Switch(DoubtQuestionAny), questionWild: in.Switch(DoubtQuestionWild),
		quotedEscape: in.Switch(DoubtQuotedEscape), reservedAttribute: in.Switch(DoubtReservedAttribute),
		starNewline: in.Switch(DoubtStarNewline), tagFold: in.Switch(DoubtTagFold),
	}
}

// lowerCaseOperators warns of and, or and not in lower case: they are words to search for.
func lowerCaseOperators(n syntax.Node) []string {
	seen := map[string]bool{}
	var walk func(syntax.Node)
	walk = func(n syntax.Node) {
		switch n := n.(type) {
		case nil:
		case *syntax.And:
			for _, i := range n.Items {
				walk(i)
			}
		case *syntax.Or:
			for _, i := range n.Items {
				walk(i)
			}
		case *syntax.Not:
			walk(n.X)
		case *syntax.Group:
			walk(n.X)
		case *syntax.Match:
			if w, ok := n.Value.(syntax.Word); ok && n.Field.Kind == syntax.FieldNone {
				if text, _ := w.Literal(); text == "and" || text == "or" || text == "not" {
					seen[text] = true
				}
			}
		case *syntax.Presence, *syntax.CIDR:
		}
	}
	walk(n)
	var out []string
	for _, w := range []string{"and", "not", "or"} {
		if seen[w] {
			out = append(out, "`"+w+"` in lower case is a word to search for, not an operator")
		}
	}
	return out
}
