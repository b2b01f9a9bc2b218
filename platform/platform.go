// Package platform is what every platform offers: the deployable artefact of a rule, made of the text of one of its
// languages and of what the platform itself adds (schedule, rule type, grouping), and a way to run the artefact on events.
package platform

import (
	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/schedule"
)

// Options say how an artefact is made.
type Options struct {
	Consent backends.Consent
	// Lang restricts the choice to the rule types of one language; "" means that the platform chooses.
	Lang string
}

// Document is a platform's own form of a rule.
type Document interface {
	// Encode returns the bytes that the platform imports.
	Encode() ([]byte, error)
}

// Artefact is a rule on a platform.
type Artefact struct {
	Rule  *ir.Rule
	Bound *ir.Bound
	Lang  string
	Type  string // the platform's name of the rule type: `threshold`, `scheduled`
	// Timing is that of the platform's clock, where Make sets it; else that of the rule.
	Timing backends.Timing
	// Fidelity is that of the whole: the query's and that of the rule type.
	Fidelity backends.Fidelity
	// Query is the query text inside of the document.
	Query    backends.Query
	Document Document
	// Whole says, for a sequence or together rule, that a run tells the first chain in all that it reads, [settled−Lookback,
	// settled); else a run tells the first one that ended since the run before, in [settled−Every, settled).
	Whole bool
	// Columns says by which columns of its findings the artefact tells what they are about: a date text, or a number of
	// milliseconds (Splunk: seconds), for times. It overrules Query.Columns, which has the names inside of the query.
	Columns backends.Columns
}

// RuleType is one way in which a platform can carry a rule.
type RuleType struct {
	Name string
	Lang string
	// Takes, when set, says which rules the type is for; it has no say about the others.
	Takes func(r *ir.Rule) bool
	// Level says whether the type carries the body of a rule, and how exactly; its conditions on events are the language's.
	Level func(b *ir.Bound, t backends.Timing) backends.Level
	// Make makes the document of a rule that the language and Level have passed. The diagnostics are limits that only show then.
	Make func(b *ir.Bound, t backends.Timing) (*Artefact, diag.List)
}

// Platform is one target platform. Platforms are values: they hold no state.
type Platform struct {
	Name string
	// Types are in the order of preference.
	Types []RuleType
	// Decode reads what Encode wrote.
	Decode func(data []byte) (Document, error)
	// Run executes a document by the platform's documented semantics, tick by tick. The package platform/<p>/run holds it, which
	// knows the documents; platform/all brings the two together.
	Run func(doc Document, in schedule.Input) ([]schedule.Finding, diag.List)
	// Repeats says why Run may raise one finding at several ticks, and what brings the alerts together; "" when it never does.
	Repeats string
	// Doubts lists the switches of Run, besides those of the languages: what the vendor's pages do not say about its rules.
	Doubts []native.Doubt
	// Constructs is the total table over what rules over several events may ask for: for each the types that carry it, or why none does.
	Constructs map[Construct]string
}
