// Package all is the one list of language backends, and the way from a rule to a query of one of them.
package all

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/search"
	"github.com/onerule/onerule/backends/datadog/secl"
	"github.com/onerule/onerule/backends/elastic/eql"
	"github.com/onerule/onerule/backends/elastic/esql"
	esqlinterp "github.com/onerule/onerule/backends/elastic/esql/interp"
	"github.com/onerule/onerule/backends/elastic/kibana"
	"github.com/onerule/onerule/backends/kusto"
	"github.com/onerule/onerule/backends/spl"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/parallel"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

// Backends lists all languages in the order in which they are shown.
var Backends = []*backends.Backend{
	&spl.Backend,
	&eql.Backend,
	&kibana.Backend,
	withKQL(),
	&kusto.Backend,
	&search.Backend,
	&secl.Backend,
}

// withKQL connects the two Elastic languages: KQL("…") inside ES|QL is Kibana's language.
func withKQL() *backends.Backend {
	b := esql.Backend
	b.Language = esqlinterp.New(kibana.Backend.Language)
	return &b
}

// Lookup returns the backend of a language.
func Lookup(lang string) (*backends.Backend, bool) {
	i := slices.IndexFunc(Backends, func(b *backends.Backend) bool { return b.Lang == lang })
	if i < 0 {
		return nil, false
	}
	return Backends[i], true
}

// OnPlatform returns the languages of a platform, preferred first.
func OnPlatform(platform string) []*backends.Backend {
	var out []*backends.Backend
	for _, b := range Backends {
		if b.Platform == platform {
			out = append(out, b)
		}
	}
	return out
}

// Options say how a rule is compiled.
type Options struct {
	// Bind names the bindings to use for a source, instead of the default ones. Names of other platforms are ignored.
	Bind    map[string][]string
	Consent backends.Consent
}

// Output is a rule in one language.
type Output struct {
	Rule     *ir.Rule
	Backend  *backends.Backend
	Bound    *ir.Bound // nil when binding failed
	Fidelity backends.Fidelity
	Query    backends.Query // the zero Query when refused
}

// OK reports whether there is a query.
func (o *Output) OK() bool { return o.Query.Text != "" }

// Compile binds, checks and renders a rule. The output is always returned; without a query the list holds the reasons.
func Compile(r *ir.Rule, b *backends.Backend, opts Options) (*Output, diag.List) {
	if r.Body != nil && b.RenderBody == nil {
		out := &Output{Rule: r, Backend: b, Fidelity: backends.Fidelity{Kind: backends.Refuse}}
		return out, diag.List{diag.New(diag.CannotSay, r.Span, fmt.Sprintf("%s only selects events; what `%s` asks of several events cannot be said in it", b.Title, r.Name),
			"`onerule build` makes the platform's own rule where it can carry this one, or choose another language of the platform")}
	}
	level := func(*ir.Bound) *backends.Level { return nil }
	if r.Body != nil {
		level = func(bound *ir.Bound) *backends.Level {
			l := b.BodyLevel(bound, ir.TimingOf(r))
			return &l
		}
	}
	out, diags := Prepare(r, b, opts, level)
	if diags.HasErrors() {
		return out, diags
	}
	q, ds := render(b, out.Bound)
	if !ds.HasErrors() {
		ds = append(ds, TooLong(r, b, q)...)
	}
	diags = append(diags, ds...)
	if !ds.HasErrors() {
		out.Query = q
	}
	return out, diags
}

// longQuery is from how many bytes on a query is asked whether its language takes it.
const longQuery = 250_000

// TooLong refuses a query that is too long for its language: a search for words in any field is spelled out over hundreds of
// fields.
func TooLong(r *ir.Rule, b *backends.Backend, q backends.Query) diag.List {
	if len(q.Text) < longQuery {
		return nil
	}
	_, faults := b.Language.Compile("query", q.Text)
	for _, f := range faults {
		if f.Severity == diag.Error {
			return diag.List{diag.New(diag.CannotSay, r.Span, fmt.Sprintf("the %s query for `%s` is too long: %s", b.Title, r.Name, f.Title),
				"compare fields by name instead of searching for words in any field, or divide the rule")}
		}
	}
	return nil
}

func render(b *backends.Backend, bound *ir.Bound) (backends.Query, diag.List) {
	if bound.Rule.Body == nil {
		return b.Render(bound)
	}
	return b.RenderBody(bound, ir.TimingOf(bound.Rule))
}

// Prepare binds and checks a rule for a language, without rendering it. body says what the carrier makes of a rule over
// several events; it may return nil.
func Prepare(r *ir.Rule, b *backends.Backend, opts Options, body func(*ir.Bound) *backends.Level) (*Output, diag.List) {
	out := &Output{Rule: r, Backend: b, Fidelity: backends.Fidelity{Kind: backends.Refuse}}
	chosen, diags := Bindings(r, b, opts)
	if diags.HasErrors() {
		return out, diags
	}
	bound, ds := pass.Bind(r, b.Platform, chosen)
	diags = append(diags, ds...)
	if diags.HasErrors() {
		return out, diags
	}
	out.Bound = bound
	if never := neverTrue(r, bound); len(never) > 0 {
		return out, append(diags, never...)
	}
	var more []backends.LeafLevel
	if l := body(bound); l != nil {
		more = append(more, backends.BodyLeaf(r, *l))
	}
	out.Fidelity = b.Check(bound, more...)
	return out, append(diags, b.Diagnose(out.Fidelity, r, opts.Consent)...)
}

// Try is [Compile], where a panic is a diagnostic of the rule: a fault of ours in one rule does not take the others along.
func Try(r *ir.Rule, b *backends.Backend, opts Options) (out *Output, diags diag.List) {
	failed := parallel.Try(func() { out, diags = Compile(r, b, opts) })
	if failed == nil {
		return out, diags
	}
	out = &Output{Rule: r, Backend: b, Fidelity: backends.Fidelity{Kind: backends.Refuse}}
	return out, diag.List{diag.Internal(r.Span, fmt.Sprintf("printing `%s` as %s", r.Name, b.Title), failed.Value, failed.Stack)}
}

// neverTrue reports the bindings on which the condition became false: constants and value maps of the telemetry exclude it, so
// that a query would be a success that never finds anything. Where only some classes of a binding exclude it, these are left out
// of the bound rule: nothing of them can be found.
func neverTrue(r *ir.Rule, bound *ir.Bound) diag.List {
	var out diag.List
	live := map[*schema.Binding]bool{}
	for _, p := range bound.Parts {
		live[p.Binding] = live[p.Binding] || !excluded(r, p)
	}
	told := map[*schema.Binding]bool{}
	for _, p := range bound.Parts {
		if live[p.Binding] || told[p.Binding] {
			continue
		}
		told[p.Binding] = true
		out = append(out, diag.New(diag.NeverTrue, neverTrueAt(r, p.Binding), fmt.Sprintf("the condition is never true on %s (%s)", p.Binding.Name, p.Binding.Title),
			"a field has another constant value there, or a value that the telemetry does not know: see `onerule fields --binding "+p.Binding.Name+"`, and choose another binding with --bind or leave the target out"))
	}
	if len(out) == 0 {
		bound.Parts = slices.DeleteFunc(bound.Parts, func(p ir.Part) bool { return excluded(r, p) })
	}
	return out
}

// neverTrueAt is the place of the part of a rule's condition that is false on all events of a binding, else of the whole.
func neverTrueAt(r *ir.Rule, b *schema.Binding) diag.Span {
	where := r.Condition(b.Name)
	if and, ok := where.(*ir.And); ok {
		for _, x := range and.Xs {
			bound, _ := pass.Bind(&ir.Rule{Name: r.Name, From: r.From, Fields: r.Fields, Where: x, Span: r.Span}, b.Platform, []*schema.Binding{b})
			if bound != nil && len(bound.Parts) > 0 && !slices.ContainsFunc(bound.Parts, func(p ir.Part) bool { return !excluded(r, p) }) {
				return x.Pos()
			}
		}
	}
	if at := where.Pos(); at.Start.Line > 0 {
		return at
	}
	return r.Span
}

// excluded reports whether the condition became false on binding, and does not say so itself.
func excluded(r *ir.Rule, p ir.Part) bool {
	c, ok := p.Where.(*ir.Const)
	if !ok || c.Value {
		return false
	}
	own, ok := pass.Canonical(r.Condition(p.Binding.Name)).(*ir.Const)
	return !ok || own.Value
}

// Bindings chooses the bindings of a rule for a language: those named in the options, else the default ones.
func Bindings(r *ir.Rule, b *backends.Backend, opts Options) ([]*schema.Binding, diag.List) {
	var out []*schema.Binding
	var diags diag.List
	for _, source := range sourcesOf(r) {
		named, found := opts.Bind[source], false
		all, err := schema.Bindings(b.Platform, source)
		if err != nil {
			return nil, diag.List{diag.New(diag.NoTelemetry, r.Span, err.Error())}
		}
		useNamed := slices.ContainsFunc(all, func(x *schema.Binding) bool { return slices.Contains(named, x.Name) && x.Speaks(b.Lang) })
		for _, x := range all {
			if !x.Speaks(b.Lang) || useNamed && !slices.Contains(named, x.Name) || !useNamed && !suppliesByDefault(x, r, source) || !suppliesAny(x, r, source) {
				continue
			}
			out, found = append(out, x), true
		}
		if !found {
			diags = append(diags, noTelemetry(r, b, source, all))
		}
	}
	return out, diags
}

func noTelemetry(r *ir.Rule, b *backends.Backend, source string, all []*schema.Binding) diag.Diagnostic {
	var classes []string
	for _, c := range r.From {
		if c.Source == source {
			classes = append(classes, c.Class)
		}
	}
	d := diag.New(diag.NoTelemetry, r.Span, fmt.Sprintf("no default telemetry of %s supplies %s on %s to %s", b.Platform, strings.Join(classes, ", "), source, b.Title), "leave this target out")
	if s, ok := schema.LookupSource(source); ok && s.Lacks[b.Platform] != "" {
		d.Notes = append(d.Notes, s.Lacks[b.Platform])
	}
	for _, x := range all {
		if x.Speaks(b.Lang) && suppliesAny(x, r, source) {
			d.Notes = append(d.Notes, "there is "+x.Name+": "+x.Title)
			d.Help = []string{"choose a binding with --bind " + source + "=NAME or in onerule.yaml, or leave this target out"}
		}
	}
	return d
}

// suppliesByDefault reports whether a binding is a default one for a class that the rule names.
func suppliesByDefault(x *schema.Binding, r *ir.Rule, source string) bool {
	return slices.ContainsFunc(r.From, func(c ir.ClassOn) bool { return c.Source == source && x.DefaultOf(c.Class) })
}

func suppliesAny(x *schema.Binding, r *ir.Rule, source string) bool {
	return slices.ContainsFunc(r.From, func(c ir.ClassOn) bool {
		_, ok := x.Class(c.Class)
		return ok && c.Source == source
	})
}

func sourcesOf(r *ir.Rule) []string {
	var out []string
	for _, c := range r.From {
		if !slices.Contains(out, c.Source) {
			out = append(out, c.Source)
		}
	}
	return out
}
