package elastic_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	languages "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/internal/corpora"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
	"github.com/onerule/onerule/platform"
	platforms "github.com/onerule/onerule/platform/all"
	"github.com/onerule/onerule/platform/elastic"
	"github.com/onerule/onerule/platform/elastic/rule"
)

// shipped are the rules of the pack.
func shipped(t testing.TB) []*ir.Rule {
	t.Helper()
	files, err := filepath.Glob("../../rules/*/*.rule")
	if err != nil || len(files) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	var out []*ir.Rule
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		file, diags := grammar.Parse(f, data)
		rules, more := lower.Rules(file, lower.Options{})
		if diags = append(diags, more...); diags.HasErrors() {
			continue // its own tests say so
		}
		out = append(out, rules...)
	}
	return out
}

// artefacts are the documents of the shipped rules in every language that carries them.
func artefacts(t testing.TB) []*platform.Artefact {
	t.Helper()
	var out []*platform.Artefact
	for _, r := range shipped(t) {
		for _, lang := range []string{"", "kibana", "eql", "esql"} {
			if art, _ := platforms.Build(r, &elastic.Platform, lang, languages.Options{}); art != nil {
				out = append(out, art)
			}
		}
	}
	return out
}

// TestSchemas holds the documents of all shipped rules against the schemas that elastic/detection-rules makes of Kibana's API.
func TestSchemas(t *testing.T) {
	schemas := map[string]*jsonschema.Schema{}
	for _, typ := range []string{rule.Query, rule.EQL, rule.ESQL} {
		s, err := jsonschema.NewCompiler().Compile(corpora.Shared(t, "schemas", "kibana-rules", "9.5."+typ+".json"))
		if err != nil {
			t.Fatal(err)
		}
		schemas[typ] = s
	}
	types := map[string]int{}
	for _, art := range artefacts(t) {
		data, err := art.Document.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Count(data, []byte("\n")) != 1 || data[len(data)-1] != '\n' {
			t.Errorf("%s: not one line", art.Rule.Name)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		delete(v.(map[string]any), "required_fields") // the files are checked before the types are put in
		for _, i := range v.(map[string]any)["related_integrations"].([]any) {
			delete(i.(map[string]any), "version") // and before the versions are
			delete(i.(map[string]any), "integration")
		}
		if err := schemas[art.Type].Validate(v); err != nil {
			t.Errorf("%s: %v\n%s", art.Rule.Name, err, data)
		}
		types[art.Type]++
		back, err := rule.Decode(data)
		if err != nil || !reflect.DeepEqual(back, art.Document) {
			t.Errorf("%s reads back as %+v (%v)", art.Rule.Name, back, err)
		}
	}
	t.Logf("documents: %v", types)
	if len(types) < 3 {
		t.Errorf("not every type is made: %v", types)
	}
}

// TestDescribed checks what people read of a rule.
func TestDescribed(t *testing.T) {
	b := bind(t, `rule surge v3 {
  meta {
    title = "A surge"
    severity = informational
    attack = [T1110.003, T1136, T9999]
    tags = ["okta"]
    status = test
    triage = "Look."
    description = "What <it> is."
  }
  from iam.login on okta
  tumbling 10m
  count per source.ip, user.name as a { n = count() }
  when a.n >= 3
  emit per source.ip, user.name once per 2h { show a.n }
}`)
	m, l := build(t, b)
	if m == nil {
		t.Fatal(l)
	}
	d := m.Doc.(*rule.Rule)
	if d.Name != "A surge" || d.Version != 3 || d.Severity != "low" || d.RiskScore != 21 || d.Note != "Look." || d.MaxSignals != 1000 || d.Interval != "10m" || d.From != "now-26m" || !d.Enabled {
		t.Errorf("%+v", d)
	}
	if !slices.Contains(d.Tags, "T9999") || !slices.Contains(d.Tags, "Status: test") {
		t.Errorf("tags %v", d.Tags)
	}
	var tactics []string
	for _, x := range d.Threat {
		tactics = append(tactics, x.Tactic.Name+":"+x.Technique[0].ID)
	}
	if strings.Join(tactics, " ") != "Persistence:T1136 Credential Access:T1110" || d.Threat[1].Technique[0].Subtechnique[0].Name != "Password Spraying" {
		t.Errorf("%+v", d.Threat)
	}
	if s := d.AlertSuppression; s == nil || strings.Join(s.GroupBy, " ") != "source.ip okta.actor.alternate_id" || *s.Duration != (rule.Duration{Value: 2, Unit: "h"}) {
		t.Errorf("%+v", s)
	}
	if data, err := d.Encode(); err != nil || !bytes.Contains(data, []byte("What <it> is.")) {
		t.Errorf("%s %v", data, err)
	}
}

// TestDecodeIsStrict checks that a document that Kibana would not take is not taken here.
func TestDecodeIsStrict(t *testing.T) {
	m, _ := build(t, bind(t, kindWord+"tumbling 10m\n count per source.ip as a { n = count() }\n when a.n >= 3\n}"))
	data, err := m.Doc.Encode()
	if err != nil {
		t.Fatal(err)
	}
	change := func(key string, value any) []byte {
		var v map[string]any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		v[key] = value
		out, _ := json.Marshal(v)
		return out
	}
	for _, bad := range [][]byte{
		change("windw", 1), change("type", "threshold"), change("language", "kuery"), change("index", []string{"a"}), change("interval", "5 minutes"), change("from", "now-5m/h"), change("to", "later"),
		change("severity", "informational"), change("risk_score", 101), change("query", " "), change("rule_id", ""), change("max_signals", 0), change("version", 0),
		change("alert_suppression", map[string]any{"group_by": []string{"a", "b", "c", "d"}, "missing_fields_strategy": "suppress"}), change("investigation_fields", map[string]any{"field_names": []string{}}),
		append(slices.Clone(data), data...), []byte("{"),
	} {
		if r, err := elastic.Platform.Decode(bad); err == nil {
			t.Errorf("taken: %s\n%+v", bad, r)
		}
	}
}
