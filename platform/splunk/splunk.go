// Package splunk makes saved searches of rules, in the form of correlation searches of Enterprise Security, which run as plain
// alerts without it.
package splunk

import (
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/splunk/conf"
	"github.com/onerule/onerule/platform/splunk/run"
)

// Platform is Splunk.
var Platform = platform.Platform{
	Name:       "splunk",
	Types:      []platform.RuleType{{Name: savedSearch, Lang: "spl", Level: level, Make: makeSearch}},
	Decode:     func(data []byte) (platform.Document, error) { return conf.Decode(data) },
	Run:        runSearch,
	Starts:     starts,
	Pack:       pack,
	Constructs: constructs,
}

const savedSearch = "saved search"

func runSearch(doc platform.Document, in schedule.Input) ([]schedule.Finding, diag.List) {
	s, ok := doc.(*conf.SavedSearch)
	if !ok {
		return nil, diag.List{diag.New(diag.SPLRun, diag.Span{}, "the document is no saved search")}
	}
	return run.Run(s, in)
}

func starts(doc platform.Document, in schedule.Input) []time.Time {
	s, ok := doc.(*conf.SavedSearch)
	if !ok {
		return nil
	}
	return run.Starts(s, in)
}

func level(b *ir.Bound, t backends.Timing) backends.Level {
	if b.Rule.Body == nil {
		return spl.TimingLevel(b.Rule, t)
	}
	return spl.Backend.BodyLevel(b, t)
}

// makeSearch makes the saved search of a rule. Its text calls a macro for each parameter that `when` compares with; the query
// of the artefact has the values in their place.
func makeSearch(b *ir.Bound, t backends.Timing) (*platform.Artefact, diag.List) {
	r := b.Rule
	doc := &conf.SavedSearch{}
	var q backends.Query
	var diags diag.List
	if r.Body == nil {
		q, diags = spl.Backend.Render(b)
		doc.Search = line(q.Text)
	} else {
		q, diags = spl.Backend.RenderBody(b, t)
		called, _ := spl.RenderWith(b, t, func(param string) string { return macro(doc, r, param) })
		doc.Search = line(called.Text)
	}
	if diags.HasErrors() {
		return nil, diags
	}
	sources(doc, b)
	timing(doc, r, t)
	describe(doc, b, q.Columns)
	doc.Notable.DrillDowns = drillDowns(doc, b, q.Columns)
	if _, err := doc.Encode(); err != nil {
		return nil, append(diags, diag.New(diag.CannotSay, r.Span, "the rule does not fit into savedsearches.conf: "+err.Error(), "change the text that is named"))
	}
	own := backends.Timing{Every: spl.Interval(t), Delay: t.Delay, Lookback: spl.Lookback(r, t)}
	return &platform.Artefact{Query: q, Document: doc, Columns: q.Columns, Timing: own}, diags
}

// line puts a search on one line, as a conf file has it.
func line(text string) string {
	q, diags := syntax.Parse("query", text)
	if diags.HasErrors() {
		return text // it was printed by us; verify says what is wrong with it
	}
	return syntax.PrintLine(q)
}

// macro returns the name of the search macro with a parameter's value, and adds the macro. A parameter whose value also stands
// elsewhere has none, "": a change of the macro would change a part of the rule only.
func macro(doc *conf.SavedSearch, r *ir.Rule, param string) string {
	if slices.ContainsFunc(r.Params, func(p ir.Param) bool { return p.Name == param && p.Inlined }) {
		return ""
	}
	name := "onerule_" + r.Name + "_" + param
	if slices.ContainsFunc(doc.Macros, func(m conf.Macro) bool { return m.Name == name }) {
		return name
	}
	for _, p := range r.Params {
		if p.Name == param {
			doc.Macros = append(doc.Macros, conf.Macro{Name: name, Definition: number(p.Value.String()), Description: oneLine(p.Doc)})
		}
	}
	return name
}

// number keeps a sign from meeting another one where the macro is called.
func number(text string) string {
	if strings.HasPrefix(text, "-") {
		return "(" + text + ")"
	}
	return text
}
