package elastic_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	languages "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/platformtest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	platforms "github.com/onerule/onerule/platform/all"
	"github.com/onerule/onerule/platform/elastic"
	"github.com/onerule/onerule/platform/elastic/check"
	"github.com/onerule/onerule/platform/elastic/rule"
)

// hostileTexts are texts that end strings, lines, tables and templates, or that do not show.
var hostileTexts = []string{
	"", " ", "  ends with blanks  ", `"`, `'`, `\`, "'''", `"""`, "a'\n'", "\n", "\r\n", "a\rb", "\t", "\x00", "\x1b[2J", "\x7f", "é", "東京", "𝕏", "\u202e\u200b\ufeff", "\u2028\u2029", "%s %d %", "$name$ ${name} $1",
	"{{alert}} {{{x}}} {% y %}", "[link](javascript:x) ![i](u)", "[rule]\nname = 1", "}]}\n{\"exported_count\":1}", "!{investigate{\"label\": \"x\"}}", "<script>alert(1)</script>", "--- # : - |", strings.Repeat("x", 10000), strings.Repeat("é\n", 5000),
	"true", "null", "0", `\u0041\n`, "now-5m", "a,b;c|d`e~f",
}

type reporter interface {
	Helper()
	Errorf(string, ...any)
	Fatalf(string, ...any)
}

// texts builds the pack of a rule with the metadata of m and holds its files against it.
func texts(t reporter, base *ir.Rule, m ir.Meta) {
	r := *base
	r.Meta = m
	art, diags := platforms.Build(&r, &elastic.Platform, "", languages.Options{})
	if art == nil {
		t.Fatalf("refused: %v", diags.Err())
	}
	files, diags := packOf([]*platform.Artefact{art}, nil)
	if diags.HasErrors() {
		t.Fatalf("refused: %v", diags.Err())
	}
	imported := checked(t, files)
	var doc *rule.Rule
	for _, f := range files {
		if f.Rule != "" {
			doc = fromTOML(t, f.Data)
		}
	}
	got := imported[doc.RuleID]
	or := func(s, other string) string {
		if s = strings.TrimSpace(s); s == "" {
			return other
		}
		return s
	}
	name := or(m.Title, r.Name)
	for key, want := range map[string]string{"name": name, "description": or(m.Description, name), "note": m.Triage, "license": m.License} {
		if s, _ := got[key].(string); s != want {
			t.Errorf("%s: %q is %q", key, want, s)
		}
	}
	for key, want := range map[string][]string{"author": m.Authors, "references": m.References, "false_positives": m.FalsePositives} {
		if !slices.Equal(strs(got[key]), want) {
			t.Errorf("%s: %q is %q", key, want, got[key])
		}
	}
	for _, tag := range m.Tags {
		if !slices.Contains(strs(got["tags"]), tag) {
			t.Errorf("the tag %q is not in %q", tag, got["tags"])
		}
	}
	if !slices.Contains([]string{"test", "experimental", "unsupported", "stable", ""}, m.Status) != (got["enabled"] == false) {
		t.Errorf("status %q: enabled %v", m.Status, got["enabled"])
	}
}

func strs(v any) []string {
	var out []string
	xs, _ := v.([]any)
	for _, x := range xs {
		s, _ := x.(string)
		out = append(out, s)
	}
	return out
}

func bases(t testing.TB) []*ir.Rule {
	var out []*ir.Rule
	for _, a := range artefactsOf(t, testFolder) {
		out = append(out, a.Rule)
	}
	return out
}

// TestHostile puts each hostile text into each field.
func TestHostile(t *testing.T) {
	for _, base := range bases(t) {
		for _, s := range hostileTexts {
			texts(t, base, ir.Meta{Title: s, Description: s, Triage: s, License: s, Authors: []string{s, s}, References: []string{s}, Tags: []string{s}, FalsePositives: []string{s, "x"}, Severity: "high"})
		}
	}
}

// TestTexts draws metadata.
func TestTexts(t *testing.T) {
	base := bases(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(hostileTexts), rapid.String().Filter(utf8.ValidString)), 1, 3).Draw(t, "parts"), "")
		}).Filter(func(s string) bool { return len(s) <= rule.MaxTerm })
		list := rapid.SliceOfN(text, 0, 3)
		attack := rapid.SliceOfN(rapid.SampledFrom([]string{"T1110", "T1110.003", "T1078", "T1556.006", "TA0001", "TA0042", "T9999", "T1136.001", "TA9999"}), 0, 5)
		texts(t, rapid.SampledFrom(base).Draw(t, "rule"), ir.Meta{
			ID: rapid.SampledFrom([]string{"", "0b8a9f52-5a3c-4b1d-9a77-1f6e2c9d4e10"}).Draw(t, "id"), Title: text.Draw(t, "title"), Description: text.Draw(t, "description"), Triage: text.Draw(t, "triage"), License: text.Draw(t, "license"),
			Authors: list.Draw(t, "authors"), References: list.Draw(t, "references"), Tags: list.Draw(t, "tags"), FalsePositives: list.Draw(t, "false positives"), Attack: attack.Draw(t, "attack"),
			Severity: rapid.SampledFrom([]string{"", "informational", "low", "medium", "high", "critical"}).Draw(t, "severity"), Risk: rapid.IntRange(0, 100).Draw(t, "risk"),
			Status: rapid.SampledFrom([]string{"", "stable", "test", "experimental", "deprecated", "unsupported"}).Draw(t, "status"),
		})
	})
}

func FuzzTexts(f *testing.F) {
	for _, s := range hostileTexts {
		f.Add(s, s)
	}
	base := bases(f)
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) || len(a)+len(b) > rule.MaxTerm {
			t.Skip()
		}
		texts(t, base[len(a)%len(base)], ir.Meta{Title: a, Description: b, Triage: a + b, License: b, Authors: []string{a, b}, References: []string{b}, Tags: []string{a, b}, FalsePositives: []string{a}})
	})
}

// TestTextLimits: what Kibana could not write into an alert, and what is no UTF-8, is refused, and the limit is named.
func TestTextLimits(t *testing.T) {
	base := bases(t)[1]
	long := strings.Repeat("é", rule.MaxTerm/2+1)
	for name, m := range map[string]ir.Meta{
		"name": {Title: long}, "description": {Description: long}, "note": {Triage: long}, "license": {License: long}, "author": {Authors: []string{long}}, "references": {References: []string{long}},
		"tags": {Tags: []string{long}}, "false_positives": {FalsePositives: []string{long}},
	} {
		r := *base
		r.Meta = m
		art, diags := platforms.Build(&r, &elastic.Platform, "", languages.Options{})
		if art != nil || !slices.ContainsFunc(diags, func(d diag.Diagnostic) bool {
			return d.Code == diag.CannotSay && strings.Contains(d.Title, name+" has 32768 bytes") && strings.Contains(d.Title, "32766")
		}) {
			t.Errorf("%s: %v", name, diags)
		}
		r.Meta = ir.Meta{Title: "a\xff"}
		if art, _ := platforms.Build(&r, &elastic.Platform, "", languages.Options{}); art != nil {
			t.Error("a title that is no UTF-8 is taken")
		}
	}
}

// TestNames: detection-rules takes fewer names than Kibana, which is said.
func TestNames(t *testing.T) {
	base := bases(t)[1]
	for title, taken := range map[string]bool{
		"Sign-ins (Okta)": true, "A b": true, "x [beta]": true, "Ends with a dot.": false, "Überraschung": false, "ab": false, "“quoted”": false, "two\nlines": false,
	} {
		r := *base
		r.Meta.Title = title
		art, _ := platforms.Build(&r, &elastic.Platform, "", languages.Options{})
		_, diags := packOf([]*platform.Artefact{art}, nil)
		if warned := len(diags) == 1 && diags[0].Severity == diag.Warning; warned == taken {
			t.Errorf("%q: %v", title, diags)
		}
	}
}

// TestDifference checks that the checker sees a TOML file that differs from the import.
func TestDifference(t *testing.T) {
	files, _ := packOf(artefactsOf(t, testFolder), nil)
	rules, _ := check.Import(platformtest.Data(t, files, "rules.ndjson"))
	m, _ := check.TOML(platformtest.Data(t, files, "rules/okta_burst.toml"))
	m["query"] = "FROM x"
	if faults := check.Same(m, rules[m["rule_id"].(string)]); len(faults) != 1 {
		t.Error(faults)
	}
}

// TestAttack: a technique that is named twice stands once, and what ATT&CK does not know becomes a tag.
func TestAttack(t *testing.T) {
	r := *bases(t)[1]
	r.Meta.Attack = []string{"T1110.003", "T1110", "T1110.003", "TA0006", "TA9999", "T0000.001", "T1547.011"}
	art, diags := platforms.Build(&r, &elastic.Platform, "", languages.Options{})
	if art == nil {
		t.Fatal(diags.Err())
	}
	doc := art.Document.(*rule.Rule)
	if len(doc.Threat) != 1 || len(doc.Threat[0].Technique) != 1 || len(doc.Threat[0].Technique[0].Subtechnique) != 1 {
		t.Errorf("%+v", doc.Threat)
	}
	for _, tag := range []string{"TA9999", "T0000.001", "T1547.011"} { // the last one was revoked
		if !slices.Contains(doc.Tags, tag) {
			t.Errorf("%s is not in %q", tag, doc.Tags)
		}
	}
}
