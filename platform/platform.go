// Package platform is what every platform offers: the deployable artefact of a rule, made of the text of one of its
// languages and of what the platform itself adds (schedule, rule type, grouping), and a way to run the artefact on events.
package platform

import (
	"time"

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

// Pack is what one platform is given to make its part of a pack of.
type Pack struct {
	// Name is that of the pack: an ASCII letter, then letters, digits and _. Version is semantic: 1.4.0.
	Name, Version string
	// OneRule is the version of the program, for a comment or a header; it is no version of rules.
	OneRule string
	// Artefacts are sorted by the names of their rules, one for each rule that the platform carries: that of the first rule type
	// in the order of Types that carries it exactly, or else of the first that carries it. Event rules are among them. Parameters
	// have the values in force for the build (Artefact.Rule.Params).
	Artefacts []*Artefact
	// Settings are the project file's for this platform (`pack: splunk: …`), by name; an unknown name or a bad value is for Pack
	// to report, as diag.BadConfig.
	Settings map[string]string
}

// File is one file of a pack.
type File struct {
	// Path has slashes and is relative to the platform's folder in the pack (<out>/<platform>/); it is clean, and differs from
	// all others also where case is ignored. Names of rules are letters, digits and _, so they are safe in it.
	Path string
	Data []byte
	// Rule is the name of the rule that the file is about, "" for a bundle of several. The first file of a rule is the one that
	// the manifest and the report name as the rule's artefact.
	Rule string
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
	// Starts, when set, returns when Run runs a document; else it does at the ticks of its interval.
	Starts func(doc Document, in schedule.Input) []time.Time
	// Repeats says why Run may raise one finding at several ticks, and what brings the alerts together; "" when it never does.
	Repeats string
	// Doubts lists the switches of Run, besides those of the languages: what the vendor's pages do not say about its rules.
	Doubts []native.Doubt
	// Pack, when set, makes what an engineer deploys of all rules of a build at once: one reviewable file for each rule and the
	// bundle that the platform imports (an app, an NDJSON file, templates). Without it a pack holds each document by itself.
	//
	// A rule that does not fit is left out and named by a diagnostic of severity Error with the rule's span; the others are
	// made. The same Pack gives the same files, in the same order. Pack reads no clock and no files.
	Pack func(p Pack) ([]File, diag.List)
	// Constructs is the total table over what rules over several events may ask for: for each the types that carry it, or why none does.
	Constructs map[Construct]string
}
