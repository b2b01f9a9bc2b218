// Package all is the one list of platforms, and the way from a rule to the artefact of one of them.
package all

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/backends"
	languages "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/datadog"
	"github.com/onerule/onerule/platform/elastic"
	"github.com/onerule/onerule/platform/sentinel"
	"github.com/onerule/onerule/platform/splunk"
)

// Platforms lists the platforms in the order in which they are shown.
var Platforms = []*platform.Platform{
	&splunk.Platform,
	&elastic.Platform,
	&sentinel.Platform,
	&datadog.Platform,
}

// Lookup returns a platform by its name.
func Lookup(name string) (*platform.Platform, bool) {
	i := slices.IndexFunc(Platforms, func(p *platform.Platform) bool { return p.Name == name })
	if i < 0 {
		return nil, false
	}
	return Platforms[i], true
}

// Build makes the artefact of a rule: of the first rule type that carries it exactly, or else of the first that carries it
// as far as the consent goes. Without an artefact the list holds the reasons of every type, the preferred first.
func Build(r *ir.Rule, p *platform.Platform, lang string, opts languages.Options) (*platform.Artefact, diag.List) {
	var best *platform.Artefact
	var bestDiags, refused diag.List
	for _, t := range p.Types {
		if lang != "" && t.Lang != lang || t.Takes != nil && !t.Takes(r) {
			continue
		}
		a, diags := ofType(r, t, opts)
		switch {
		case a == nil:
			refused = append(refused, diags...)
		case a.Fidelity.Kind != backends.Widen && a.Fidelity.Kind != backends.Narrow:
			return a, diags
		case best == nil:
			best, bestDiags = a, diags
		}
	}
	if best != nil {
		return best, bestDiags
	}
	return nil, distinct(refused)
}

// ofType makes the artefact of one rule type; nil when the type does not carry the rule.
func ofType(r *ir.Rule, t platform.RuleType, opts languages.Options) (*platform.Artefact, diag.List) {
	b, ok := languages.Lookup(t.Lang)
	if !ok {
		panic(fmt.Sprintf("platform: there is no language %q", t.Lang))
	}
	timing := ir.TimingOf(r)
	out, diags := languages.Prepare(r, b, opts, func(bound *ir.Bound) *backends.Level {
		l := t.Level(bound, timing)
		return &l
	})
	if diags.HasErrors() {
		return nil, diags
	}
	a, ds := t.Make(out.Bound, timing)
	diags = append(diags, ds...)
	if a != nil && !ds.HasErrors() {
		diags = append(diags, languages.TooLong(r, b, a.Query)...)
	}
	if diags.HasErrors() {
		return nil, diags
	}
	a.Rule, a.Bound, a.Lang, a.Type, a.Fidelity = r, out.Bound, t.Lang, t.Name, out.Fidelity
	if a.Timing == (backends.Timing{}) {
		a.Timing = timing
	}
	return a, diags
}

// distinct leaves out what several types say in the same words at the same place.
func distinct(in diag.List) diag.List {
	var out diag.List
	for _, d := range in {
		if !slices.ContainsFunc(out, func(o diag.Diagnostic) bool { return o.Code == d.Code && o.Title == d.Title && o.Span == d.Span }) {
			out = append(out, d)
		}
	}
	return out
}
