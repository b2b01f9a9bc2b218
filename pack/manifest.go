package pack

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// ManifestName is the name of the manifest in a pack's folder. It is also what marks a folder as one of ours.
const ManifestName = "manifest.json"

// Manifest says what is in a pack and what each output promises; cmd/onerule/schema/manifest.json describes its JSON form.
type Manifest struct {
	Format  int       `json:"format"` // of the manifest: 1
	OneRule string    `json:"onerule"`
	Rules   []Rule    `json:"rules"`
	Refused []Refusal `json:"refused"`
}

// Rule is one rule of a pack.
type Rule struct {
	Name     string   `json:"name"`
	ID       string   `json:"id,omitempty"`
	Version  int      `json:"version"`
	Title    string   `json:"title,omitempty"`
	Status   string   `json:"status,omitempty"`
	Severity string   `json:"severity,omitempty"`
	Attack   []string `json:"attack,omitempty"`
	File     string   `json:"file"`
	// Meaning is the SHA-256 of the rule's intermediate form: it changes when what the rule finds may have changed.
	Meaning string   `json:"meaning"`
	Outputs []Output `json:"outputs"`
}

// Output is a rule in one language.
type Output struct {
	Lang        string   `json:"lang"`
	Platform    string   `json:"platform"`
	Level       string   `json:"level"`
	Assumptions []string `json:"assumptions"`
	Bindings    []string `json:"bindings"`
	// Tables are the tables or index patterns that the query reads, where its text does not name them all.
	Tables []string `json:"tables,omitempty"`
	// Inexact lists the conditions that make the output wider or narrower than the rule.
	Inexact []Inexact `json:"inexact"`
	// Type is the platform's name of the rule type, and Query the path of the query alone, for a rule over several events: Path
	// is then the platform's own rule.
	Type   string `json:"type,omitempty"`
	Query  string `json:"query,omitempty"`
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
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

func newManifest(version string) Manifest {
	return Manifest{Format: 1, OneRule: version, Rules: []Rule{}, Refused: []Refusal{}}
}

func manifestRule(r *ir.Rule) Rule {
	return Rule{
		Name: r.Name, ID: r.Meta.ID, Version: r.Version, Title: r.Meta.Title, Status: r.Meta.Status, Severity: r.Meta.Severity, Attack: r.Meta.Attack,
		File: portable(r.File), Meaning: hash([]byte(ir.Print(r))), Outputs: []Output{},
	}
}

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
			r.Reasons = append(r.Reasons, Reason{Code: d.Code, Title: d.Title, Line: d.Span.Start.Line, Notes: d.Notes, Help: d.Help})
		}
	}
	return r
}

// JSON returns the manifest as it is written.
func (m Manifest) JSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(m)
	return b.Bytes(), err
}

// paths are those of all files that the manifest answers for.
func (m Manifest) paths() map[string]bool {
	out := map[string]bool{ManifestName: true}
	for _, r := range m.Rules {
		for _, o := range r.Outputs {
			out[o.Path] = true
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
