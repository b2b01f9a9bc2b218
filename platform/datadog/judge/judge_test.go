package judge_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/DataDog/datadog-api-client-go/v2/api/datadogV2"

	"github.com/onerule/onerule/backends"
	languages "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/all"
	"github.com/onerule/onerule/platform/datadog"
	"github.com/onerule/onerule/platform/datadog/api"
	"github.com/onerule/onerule/platform/datadog/judge"
)

// packed makes the files of a pack of all rules in some folders that a language of Datadog carries.
func packed(t *testing.T, folders ...string) []platform.File {
	t.Helper()
	ws := workspace.Load(folders, "")
	if ws.Diags.HasErrors() {
		t.Fatal(ws.Diags.Err())
	}
	p := platform.Pack{Name: "judged", Version: "1.2.3", OneRule: "test", Settings: map[string]string{"notify": "@slack-soc @a.b@example.net"}}
	for _, r := range ws.Rules {
		for _, lang := range []string{"secl", "datadog"} {
			if a, _ := all.Build(r, &datadog.Platform, lang, languages.Options{Consent: backends.Consent{Widen: true, Narrow: true}}); a != nil {
				p.Artefacts = append(p.Artefacts, a)
				break
			}
		}
	}
	files, diags := datadog.Platform.Pack(p)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	return files
}

// bodies are the bodies of calls in a file: rules, and agent rules.
func bodies(t *testing.T, f platform.File) (rules, agents [][]byte) {
	t.Helper()
	switch folder, _, _ := strings.Cut(f.Path, "/"); folder {
	case "rules", "alternatives":
		return [][]byte{f.Data}, nil
	case "workload_protection":
		var pair struct{ AgentRule, SignalRule json.RawMessage }
		if err := json.Unmarshal(f.Data, &pair); err != nil {
			t.Fatal(err)
		}
		return [][]byte{pair.SignalRule}, [][]byte{pair.AgentRule}
	}
	return nil, nil
}

// TestPack: the client understands every file of a pack, whole.
func TestPack(t *testing.T) {
	counts := map[string]int{}
	for _, f := range packed(t, filepath.Join("..", "..", "..", "rules"), "testdata") {
		rules, agents := bodies(t, f)
		for _, data := range rules {
			p, err := judge.Rule(data)
			if err != nil {
				t.Errorf("%s: %v", f.Path, err)
				continue
			}
			counts[string(p.Options.GetDetectionMethod())]++
			counts[string(p.GetType())]++
		}
		for _, data := range agents {
			if _, err := judge.AgentRule(data); err != nil {
				t.Errorf("%s: %v", f.Path, err)
			}
			counts["agent rules"]++
		}
	}
	for _, want := range []string{"threshold", "new_value", "sequence_detection", "anomaly_detection", "log_detection", "application_security", "workload_security", "agent rules"} {
		if counts[want] == 0 {
			t.Errorf("no %s was judged", want)
		}
	}
	t.Log(counts)
}

// TestHostile: texts that mean something to templates, shells and languages come through as they are.
func TestHostile(t *testing.T) {
	found := 0
	for _, f := range packed(t, "testdata") {
		rules, agents := bodies(t, f)
		if !strings.Contains(f.Path, "hostile") || strings.HasPrefix(f.Path, "alternatives/") {
			continue
		}
		for _, data := range rules {
			p, err := judge.Rule(data)
			if err != nil {
				t.Fatal(err)
			}
			if api.Rendered(p.Name) != hostileTitle {
				t.Errorf("%s: the name is %q", f.Path, p.Name)
			}
			if !strings.Contains(api.Rendered(p.Message), strings.Repeat("long ", 1000)) || !strings.Contains(api.Rendered(p.Message), "{{{{/raw}}}} ${x} %{y} $${z}") {
				t.Errorf("%s: the message is %q", f.Path, p.Message)
			}
			found++
		}
		for _, data := range agents {
			a, err := judge.AgentRule(data)
			if err != nil {
				t.Fatal(err)
			}
			if got := a.Data.Attributes.GetDescription(); got != hostileTitle {
				t.Errorf("%s: the description is %q", f.Path, got)
			}
		}
	}
	if found < 3 {
		t.Errorf("%d hostile rules", found)
	}
}

const hostileTitle = "Quotes \" ' and\nlines, 100% of $HOME ${var.x} %{ if } {{@usr.id}} {{{{/raw}}}} `id` \\ é \U0001F600 <b>|"

// TestMutants renames each key of valid documents, and spoils each word of an enum and each window; the judge must see all of them.
func TestMutants(t *testing.T) {
	tried := 0
	for _, f := range packed(t, "testdata") {
		rules, agents := bodies(t, f)
		for kind, list := range map[string][][]byte{"rule": rules, "agent rule": agents} {
			for _, data := range list {
				var doc any
				if err := json.Unmarshal(data, &doc); err != nil {
					t.Fatal(err)
				}
				mutants(doc, func(what string) {
					text, err := json.Marshal(doc)
					if err != nil {
						t.Fatal(err)
					}
					if kind == "rule" {
						_, err = judge.Rule(text)
					} else {
						_, err = judge.AgentRule(text)
					}
					if tried++; err == nil {
						t.Errorf("%s: %s goes through", f.Path, what)
					}
				})
			}
		}
	}
	if tried < 200 {
		t.Errorf("only %d mutants", tried)
	}
}

// enums are the keys whose values are words or numbers of a closed list.
var enums = []string{"type", "status", "aggregation", "dataSource", "detectionMethod", "evaluationWindow", "keepAlive", "maxSignalDuration", "learningMethod", "bucketDuration", "detectionTolerance"}

// mutants changes a document in one place after the other, and changes it back.
func mutants(x any, try func(what string)) {
	switch x := x.(type) {
	case map[string]any:
		for _, k := range sorted(x) {
			v := x[k]
			delete(x, k)
			x[k+"x"] = v
			try("the key " + k + "x")
			delete(x, k+"x")
			x[k] = v
			if slices.Contains(enums, k) {
				if _, text := v.(string); text {
					x[k] = "other"
				} else {
					x[k] = 61
				}
				try(fmt.Sprintf("%s: %v", k, x[k]))
				x[k] = v
			}
			mutants(v, try)
		}
	case []any:
		for _, v := range x {
			mutants(v, try)
		}
	}
}

func sorted(m map[string]any) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// TestLists holds our lists of allowed values against the client's.
func TestLists(t *testing.T) {
	within := func(name string, ours []int64, theirs []int64) {
		for _, v := range ours {
			if !slices.Contains(theirs, v) {
				t.Errorf("%s: %d is none of %v", name, v, theirs)
			}
		}
	}
	window := numbers((*datadogV2.SecurityMonitoringRuleEvaluationWindow)(nil).GetAllowedValues())
	within("Windows", api.Windows, window)
	if !slices.Equal(append([]int64{0}, api.Waits...), window) {
		t.Errorf("Waits: %v, not %v", api.Waits, window)
	}
	within("KeepAlives", api.KeepAlives, numbers((*datadogV2.SecurityMonitoringRuleKeepAlive)(nil).GetAllowedValues()))
	if durations := numbers((*datadogV2.SecurityMonitoringRuleMaxSignalDuration)(nil).GetAllowedValues()); !slices.Equal(api.Durations, durations) {
		t.Errorf("Durations: %v, not %v", api.Durations, durations)
	}
	if buckets := numbers((*datadogV2.SecurityMonitoringRuleAnomalyDetectionOptionsBucketDuration)(nil).GetAllowedValues()); !slices.Equal(api.AnomalyBuckets, buckets) {
		t.Errorf("AnomalyBuckets: %v, not %v", api.AnomalyBuckets, buckets)
	}
	if hours := numbers((*datadogV2.SecurityMonitoringRuleAnomalyDetectionOptionsLearningDuration)(nil).GetAllowedValues()); !slices.Equal(api.AnomalyLearning, hours) {
		t.Errorf("AnomalyLearning: %v, not %v", api.AnomalyLearning, hours)
	}
	for _, s := range []api.Status{api.Info, api.Low, api.Medium, api.High, api.Critical} {
		if _, err := datadogV2.NewSecurityMonitoringRuleSeverityFromValue(string(s)); err != nil {
			t.Error(err)
		}
	}
}

func numbers[T ~int32 | ~int64](list []T) []int64 {
	out := make([]int64, len(list))
	for i, v := range list {
		out[i] = int64(v)
	}
	return out
}

// TestNewValueDays writes every number of days that the document takes.
func TestNewValueDays(t *testing.T) {
	for _, f := range packed(t, "testdata") {
		if f.Rule != "new_country" {
			continue
		}
		doc, err := api.Decode(f.Data)
		if err != nil {
			t.Fatal(err)
		}
		rule := doc.(*api.DetectionRule)
		for days := range api.LongestDays + 1 {
			rule.Options.NewValueOptions = api.LearnsFor(days, max(days, 1))
			data, err := rule.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := judge.Rule(data); err != nil {
				t.Errorf("%d days: %v", days, err)
			}
		}
		return
	}
	t.Error("there is no rule new_country")
}

// TestWindows writes every combination of windows in which our check and the client agree that it is one.
func TestWindows(t *testing.T) {
	rule := &api.DetectionRule{
		Name: "n", Type: api.LogDetection, Message: "m", Tags: []string{},
		Queries: []api.Query{{Name: "a", Query: "source:x", Aggregation: api.Count, GroupByFields: []string{}, DistinctFields: []string{}, DataSource: api.Logs}},
		Cases:   []api.Case{{Status: api.Low, Condition: "a > 0", Notifications: []string{}}},
	}
	good, bad := 0, 0
	values := append([]int64{1, 61, 43200, 86400, 86401}, append(slices.Clone(api.Windows), 0)...)
	for _, w := range values {
		for _, k := range values {
			for _, d := range values {
				rule.Options = api.Options{DetectionMethod: api.Threshold, EvaluationWindow: w, KeepAlive: k, MaxSignalDuration: d}
				data, err := rule.Encode()
				if err != nil {
					bad++
					continue
				}
				good++
				if _, err := judge.Rule(data); err != nil {
					t.Errorf("%d, %d, %d: %v", w, k, d, err)
				}
			}
		}
	}
	if good < 50 || bad < 1000 {
		t.Errorf("%d written, %d refused", good, bad)
	}
}
