package pack

import (
	"cmp"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/plainjson"
	"github.com/onerule/onerule/ir"
)

// ManifestName is the name of the manifest in a pack's folder. It is also what marks a folder as one of ours.
const ManifestName = "manifest.json"

// Manifest says what is in a pack and what each output promises; cmd/onerule/schema/manifest.json describes its JSON form.
type Manifest struct {
	Format  int    `json:"format"` // of the manifest: 1
	OneRule string `json:"onerule"`
	Pack    ID     `json:"pack"`
	// Consent lists the inexact levels that the build as a whole may have.
	Consent []string  `json:"consent"`
	Rules   []Rule    `json:"rules"`
	Refused []Refusal `json:"refused"`
	// Platforms holds what is said once for all rules of a platform.
	Platforms []PlatformInfo `json:"platforms"`
	// Assumptions explains every assumption that the manifest names.
	Assumptions []Assumption `json:"assumptions"`
	Files       []Listed     `json:"files"`
}

// ID is what a pack is called. Content is the SHA-256 over the paths and hashes of its files but for the changelog and report.
type ID struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Content string `json:"content"`
}

// PlatformInfo is about all rules of a platform.
type PlatformInfo struct {
	Platform string `json:"platform"`
	// Assumptions are about the platform's limits and ways, for the outputs of level `assume` at least.
	Assumptions []string `json:"assumptions"`
	// Bundles are the files that hold several rules.
	Bundles []string `json:"bundles"`
}

// Assumption is the meaning of the name of an assumption.
type Assumption struct {
	Name string `json:"name"`
	Doc  string `json:"doc"`
}

// Listed is a file of the pack.
type Listed struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// Rule is one rule of a pack.
type Rule struct {
	Name     string   `json:"name"`
	ID       string   `json:"id,omitempty"`
	Version  int      `json:"version"`
	Kind     string   `json:"kind"`
	Title    string   `json:"title,omitempty"`
	Status   string   `json:"status,omitempty"`
	Severity string   `json:"severity,omitempty"`
	Attack   []string `json:"attack,omitempty"`
	File     string   `json:"file"`
	// Meaning is [Meaning] of the rule, Metadata the SHA-256 of what people read about it.
	Meaning  string `json:"meaning"`
	Metadata string `json:"metadata"`
	// Clauses are what the rule says, and Fixtures what it finds in the events of its own tests.
	Clauses  []Clause  `json:"clauses"`
	Fixtures []Fixture `json:"fixtures"`
	Allow    []Allow   `json:"allow"`
	Outputs  []Output  `json:"outputs"`
}

// Allow is the author's consent to outputs that are not exact.
type Allow struct {
	Level string   `json:"level"`
	On    []string `json:"on"`
	Why   string   `json:"why"`
}

// Output is a rule in one language.
type Output struct {
	Lang     string `json:"lang"`
	Platform string `json:"platform"`
	Level    string `json:"level"`
	// Assumptions are those of the rule; [PlatformInfo] holds those of all rules of the platform.
	Assumptions []string `json:"assumptions"`
	// Doubts and Proof are there when the build verified its outputs.
	Doubts   []string `json:"doubts,omitempty"`
	Proof    *Proof   `json:"proof,omitempty"`
	Bindings []string `json:"bindings"`
	// Tables are the tables or index patterns that the query reads, where its text does not name them all.
	Tables []string `json:"tables,omitempty"`
	// Inexact lists the conditions that make the output wider or narrower than the rule.
	Inexact []Inexact `json:"inexact"`
	// Type is the platform's name of the rule type, and Query the path of the query alone, for an output that is a rule of the
	// platform: Path is then that rule.
	Type   string `json:"type,omitempty"`
	Query  string `json:"query,omitempty"`
	Path   string `json:"path,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
}

// deployed reports whether the pack holds a rule of the platform for the output.
func (o *Output) deployed() bool {
	return o.Type != "" && o.Path != "" && !strings.HasPrefix(o.Path, queryFolder+"/")
}

// Proof is what verification found out about an output.
type Proof struct {
	// Status is agrees, disagrees or failed.
	Status   string `json:"status"`
	Events   int    `json:"events"`
	Findings int    `json:"findings"`
	// Decisive of Leaves conditions were shown to decide the answer both ways.
	Decisive int `json:"decisive"`
	Leaves   int `json:"leaves"`
}

// Inexact is a condition that a language does not say exactly.
type Inexact struct {
	Condition string `json:"condition"`
	Level     string `json:"level"`
	Why       string `json:"why"`
	Line      int    `json:"line,omitempty"`
}

// Refusal is a rule that a language has no query for.
type Refusal struct {
	Rule     string `json:"rule"`
	Lang     string `json:"lang"`
	Platform string `json:"platform"`
	// Carried says that another language of the platform has one.
	Carried bool     `json:"carried"`
	Reasons []Reason `json:"reasons"`
}

// Reason is one reason of a refusal.
type Reason struct {
	Code  diag.Code `json:"code"`
	Title string    `json:"title"`
	Line  int       `json:"line,omitempty"`
	Notes []string  `json:"notes,omitempty"`
	Help  []string  `json:"help,omitempty"`
}

func newManifest(opts Options) Manifest {
	m := Manifest{
		Format: 1, OneRule: opts.Version, Pack: ID{Name: cmp.Or(opts.Name, DefaultName), Version: cmp.Or(opts.PackVersion, DefaultVersion)},
		Consent: []string{}, Rules: []Rule{}, Refused: []Refusal{}, Platforms: []PlatformInfo{}, Assumptions: []Assumption{}, Files: []Listed{},
	}
	if opts.Compile.Consent.Narrow {
		m.Consent = append(m.Consent, "narrow")
	}
	if opts.Compile.Consent.Widen {
		m.Consent = append(m.Consent, "widen")
	}
	return m
}

func manifestRule(r *ir.Rule) Rule {
	row := Rule{
		Name: r.Name, ID: r.Meta.ID, Version: r.Version, Kind: kind(r), Title: r.Meta.Title, Status: r.Meta.Status, Severity: r.Meta.Severity, Attack: r.Meta.Attack,
		File: portable(r.File), Meaning: Meaning(r), Metadata: metadata(r), Clauses: brief(clauses(r)), Fixtures: fixtures(r, r), Allow: []Allow{}, Outputs: []Output{},
	}
	for _, a := range r.Allow {
		row.Allow = append(row.Allow, Allow{Level: a.Level, On: append([]string{}, a.On...), Why: a.Why})
	}
	return row
}

// kind is the word for the kind of a rule.
func kind(r *ir.Rule) string {
	switch x := r.Body.(type) {
	case *ir.Count:
		return "count"
	case *ir.FirstSeen:
		return "first_seen"
	case *ir.Baseline:
		return "baseline"
	case *ir.Sequence:
		if !x.Ordered {
			return "together"
		}
		return "sequence"
	case *ir.Absence:
		return "absence"
	case nil:
	}
	return "event"
}

// metadata is the hash of what people read about a rule. The version is no part of it.
func metadata(r *ir.Rule) string {
	text, err := json.Marshal(r.Meta)
	if err != nil {
		panic(err) // a struct of texts and numbers
	}
	return hash(text)
}

// platformWide are the assumptions that are about a platform as a whole, not about a rule or its events.
var platformWide = []string{"alerts-150", "cardinality", "indexed", "learning", "list-size", "log-order", "max-signals", "rule-gap", "search-limits", "signals"}

func manifestOutput(out *all.Output, f File) Output {
	o := Output{
		Lang: out.Backend.Lang, Platform: out.Backend.Platform, Level: out.Fidelity.Kind.String(), Assumptions: append([]string{}, out.Fidelity.Assumptions...),
		Bindings: []string{}, Inexact: []Inexact{}, Path: f.Path, SHA256: hash(f.Data),
	}
	for _, p := range out.Bound.Parts {
		o.Bindings = append(o.Bindings, p.Binding.Name)
	}
	for _, t := range out.Query.Tables {
		if t != "" && !slices.Contains(o.Tables, t) {
			o.Tables = append(o.Tables, t)
		}
	}
	for _, l := range out.Fidelity.Leaves {
		if l.Level.Why != "" || len(l.Level.Assumptions) == 0 {
			o.Inexact = append(o.Inexact, Inexact{Condition: l.Text, Level: l.Level.Kind.String(), Why: l.Level.Why, Line: l.Span.Start.Line})
		}
	}
	return o
}

func manifestRefusal(out *all.Output, diags diag.List) Refusal {
	r := Refusal{Rule: out.Rule.Name, Lang: out.Backend.Lang, Platform: out.Backend.Platform, Reasons: []Reason{}}
	for _, d := range diags {
		if d.Severity == diag.Error {
			r.Reasons = append(r.Reasons, reason(d))
		}
	}
	return r
}

func reason(d diag.Diagnostic) Reason {
	return Reason{Code: d.Code, Title: d.Title, Line: d.Span.Start.Line, Notes: d.Notes, Help: d.Help}
}

// platform returns the row of a platform, a new one when there was none.
func (m *Manifest) platform(name string) *PlatformInfo {
	i, found := slices.BinarySearchFunc(m.Platforms, name, func(p PlatformInfo, name string) int { return strings.Compare(p.Platform, name) })
	if !found {
		m.Platforms = slices.Insert(m.Platforms, i, PlatformInfo{Platform: name, Assumptions: []string{}, Bundles: []string{}})
	}
	return &m.Platforms[i]
}

// once moves the assumptions about platforms to where they stand once, and explains all.
func (m *Manifest) once() {
	var used []string
	for r := range m.Rules {
		for n := range m.Rules[r].Outputs {
			o := &m.Rules[r].Outputs[n]
			row := m.platform(o.Platform)
			o.Assumptions = slices.DeleteFunc(o.Assumptions, func(name string) bool {
				used = append(used, name)
				wide := slices.Contains(platformWide, name)
				if wide {
					row.Assumptions = append(row.Assumptions, name)
				}
				return wide
			})
		}
	}
	for i := range m.Platforms {
		p := &m.Platforms[i]
		used = append(used, p.Assumptions...)
		slices.Sort(p.Bundles)
		p.Assumptions = sortedOnce(p.Assumptions)
	}
	m.Assumptions = []Assumption{}
	for _, name := range sortedOnce(used) {
		a, _ := backends.LookupAssumption(name)
		m.Assumptions = append(m.Assumptions, Assumption{Name: name, Doc: a.Doc})
	}
}

// unhashed are the files that tell about a pack, and are no part of its content.
var unhashed = []string{ChangelogName, ChangesName, ReportName}

// list enters the files, and what follows from all that is there.
func (m *Manifest) list(files []File) {
	m.once()
	m.Files = []Listed{}
	var content strings.Builder
	for _, f := range files {
		sum := hash(f.Data)
		m.Files = append(m.Files, Listed{f.Path, sum})
		if !slices.Contains(unhashed, f.Path) {
			content.WriteString(sum + " " + f.Path + "\n")
		}
	}
	m.Pack.Content = hash([]byte(content.String()))
}

// JSON returns the manifest as it is written.
func (m Manifest) JSON() ([]byte, error) { return plainjson.Indented(m) }

// paths are those of all files that the manifest answers for.
func (m Manifest) paths() map[string]bool {
	out := map[string]bool{ManifestName: true}
	for _, f := range m.Files {
		out[f.Path] = true
	}
	for _, r := range m.Rules { // manifests of older versions have no list of files
		for _, o := range r.Outputs {
			out[o.Path], out[o.Query] = true, true
		}
	}
	return out
}

// portable returns a rule file's path as a pack keeps it: with slashes, and without the folders of the machine that an
// absolute path names.
func portable(file string) string {
	if !filepath.IsAbs(file) {
		return filepath.ToSlash(file)
	}
	return filepath.Base(file)
}
