package api_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/onerule/onerule/platform/datadog/api"
)

func threshold() *api.DetectionRule {
	return &api.DetectionRule{
		Name: "t", Type: api.LogDetection, IsEnabled: true, Message: "m", Tags: []string{},
		Queries: []api.Query{
			{Name: "failed", Query: "source:x", Aggregation: api.Count, GroupByFields: []string{"@u"}, DistinctFields: []string{}, DataSource: api.Logs},
			{Name: "users", Query: "source:x", Aggregation: api.Cardinality, GroupByFields: []string{"@u"}, DistinctFields: []string{"@v"}, DataSource: api.Logs},
		},
		Cases:   []api.Case{{Status: api.High, Condition: "failed >= 3 && users > 1.5", Notifications: []string{}}},
		Options: api.Options{DetectionMethod: api.Threshold, EvaluationWindow: 300, KeepAlive: 600, MaxSignalDuration: 86400},
	}
}

func newValue() *api.DetectionRule {
	r := threshold()
	r.Queries = []api.Query{{Query: "source:x", Aggregation: api.NewValue, GroupByFields: []string{}, DistinctFields: []string{}, Metrics: []string{"@v"}, DataSource: api.Logs}}
	r.Cases = []api.Case{{Status: api.Low, Notifications: []string{}}}
	r.Options = api.Options{DetectionMethod: api.NewValueMethod, NewValueOptions: api.LearnsFor(7, 14)}
	return r
}

func pair() *api.WorkloadRule {
	r := threshold()
	r.Type = api.WorkloadSecurity
	return &api.WorkloadRule{SignalRule: *r, AgentRule: api.NewAgentRule(api.AgentAttributes{
		Name: "a_1", Expression: `exec.file.name == "x"`, Enabled: true, Filters: []string{api.OSFilter("linux")}, ProductTags: []string{},
	})}
}

func sequence() *api.DetectionRule {
	r := threshold()
	r.Queries[1].Aggregation, r.Queries[1].DistinctFields = api.Count, []string{}
	r.Cases[0].Condition = "step_users > 0"
	r.Options = api.Options{
		DetectionMethod: api.SequenceMethod, KeepAlive: 600, MaxSignalDuration: 86400,
		SequenceOptions: &api.SequenceOptions{
			Steps:           []api.SequenceStep{{Name: "step_failed", Condition: "failed >= 3", EvaluationWindow: 300}, {Name: "step_users", Condition: "users > 0", EvaluationWindow: 60}},
			StepTransitions: []api.StepTransition{{Parent: "step_failed", Child: "step_users", EvaluationWindow: 900}},
		},
	}
	return r
}

func anomaly() *api.DetectionRule {
	r := threshold()
	r.Cases[0].Condition = "failed > 0.995"
	r.Options.DetectionMethod = api.AnomalyMethod
	r.Options.AnomalyOptions = &api.AnomalyOptions{BucketDuration: 300, LearningDuration: 24, DetectionTolerance: 3, LearningPeriodBaseline: 10}
	return r
}

func documents() map[string]api.Document {
	return map[string]api.Document{"threshold": threshold(), "new_value": newValue(), "pair": pair(), "sequence": sequence(), "anomaly": anomaly()}
}

func TestRoundTrip(t *testing.T) {
	for name, doc := range documents() {
		data, err := doc.Encode()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := api.Decode(data)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, data)
		}
		if text, err := again.Encode(); err != nil || string(text) != string(data) {
			t.Errorf("%s: encoded again (%v)\n%s\n%s", name, err, data, text)
		}
	}
}

// TestFaults changes one thing of a valid document, which must then neither be written nor read.
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		want   string
		change func(*api.DetectionRule)
	}{
		{"name is empty", func(r *api.DetectionRule) { r.Name = "" }},
		{"message is empty", func(r *api.DetectionRule) { r.Message = "" }},
		{`type is "signal_correlation"`, func(r *api.DetectionRule) { r.Type = "signal_correlation" }},
		{"there is no query", func(r *api.DetectionRule) { r.Queries = nil }},
		{"there is no case", func(r *api.DetectionRule) { r.Cases = nil }},
		{"a query is empty", func(r *api.DetectionRule) { r.Queries[0].Query = " " }},
		{`"Failed", which a condition cannot call`, func(r *api.DetectionRule) { r.Queries[0].Name = "Failed" }},
		{`two queries are named "users"`, func(r *api.DetectionRule) { r.Queries[0].Name = "users" }},
		{`dataSource is "audit"`, func(r *api.DetectionRule) { r.Queries[0].DataSource = "audit" }},
		{"does not go with the method", func(r *api.DetectionRule) { r.Queries[0].Aggregation = api.NewValue }},
		{"count takes no fields", func(r *api.DetectionRule) { r.Queries[0].Metrics = []string{"@n"} }},
		{"cardinality needs", func(r *api.DetectionRule) { r.Queries[1].DistinctFields = nil }},
		{"sum needs one metric", func(r *api.DetectionRule) { r.Queries[0].Aggregation = api.Sum }},
		{`the aggregation is "geo_data"`, func(r *api.DetectionRule) { r.Queries[0].Aggregation = "geo_data" }},
		{"joined by position", func(r *api.DetectionRule) { r.Queries[1].GroupByFields = []string{} }},
		{`the status of a case is "informational"`, func(r *api.DetectionRule) { r.Cases[0].Status = "informational" }},
		{"last step is called so", func(r *api.DetectionRule) { r.Cases[0].Condition = "other > 1" }},
		{"which is no label", func(r *api.DetectionRule) { r.Cases[0].Condition = "3 < failed" }},
		{"where > or >= should stand", func(r *api.DetectionRule) { r.Cases[0].Condition = "failed < 3" }},
		{"which is no number", func(r *api.DetectionRule) { r.Cases[0].Condition = "failed > -3" }},
		{"where && or || should stand", func(r *api.DetectionRule) { r.Cases[0].Condition = "failed > 3 THEN users > 3" }},
		{"mixes && and ||", func(r *api.DetectionRule) { r.Cases[0].Condition = "failed > 3 && users > 3 || users > 9" }},
		{"where a test", func(r *api.DetectionRule) { r.Cases[0].Condition = "" }},
		{"where a test", func(r *api.DetectionRule) { r.Cases[0].Condition = "failed > 3 &&" }},
		{`detectionMethod is "impossible_travel"`, func(r *api.DetectionRule) { r.Options.DetectionMethod = "impossible_travel" }},
		{"evaluationWindow is 1200", func(r *api.DetectionRule) { r.Options.EvaluationWindow = 1200 }},
		{"evaluationWindow is 0", func(r *api.DetectionRule) { r.Options.EvaluationWindow = 0 }},
		{"keepAlive is 43200", func(r *api.DetectionRule) { r.Options.KeepAlive = 43200 }},
		{"maxSignalDuration is 90000", func(r *api.DetectionRule) { r.Options.MaxSignalDuration = 90000 }},
		{"ascending order", func(r *api.DetectionRule) { r.Options.KeepAlive = 60 }},
		{"do not go with the method threshold", func(r *api.DetectionRule) { r.Options.NewValueOptions = api.LearnsFor(1, 1) }},
	} {
		r := threshold()
		test.change(r)
		if _, err := r.Encode(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("want a fault with %q, got %v", test.want, err)
		}
	}
	for _, test := range []struct {
		want   string
		change func(*api.NewValueOptions)
	}{
		{"forgetAfter is 31", func(o *api.NewValueOptions) { o.ForgetAfter = 31 }},
		{"forgetAfter is 0", func(o *api.NewValueOptions) { o.ForgetAfter = 0 }},
		{"learningDuration is 31", func(o *api.NewValueOptions) { o.LearningDuration = 31 }},
		{`learningMethod is "days"`, func(o *api.NewValueOptions) { o.LearningMethod = "days" }},
		{"learningThreshold is 2", func(o *api.NewValueOptions) { o.LearningThreshold = 2 }},
	} {
		r := newValue()
		test.change(r.Options.NewValueOptions)
		if _, err := r.Encode(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("want a fault with %q, got %v", test.want, err)
		}
	}
	for _, test := range []struct {
		want   string
		change func(*api.DetectionRule, *api.SequenceOptions)
	}{
		{"needs sequenceDetectionOptions", func(r *api.DetectionRule, _ *api.SequenceOptions) { r.Options.SequenceOptions = nil }},
		{"do not go with the method sequence_detection", func(r *api.DetectionRule, _ *api.SequenceOptions) { r.Options.NewValueOptions = api.LearnsFor(1, 1) }},
		{"do not go with the method threshold", func(r *api.DetectionRule, _ *api.SequenceOptions) {
			r.Options.DetectionMethod, r.Options.EvaluationWindow = api.Threshold, 60
		}},
		{"evaluationWindow is 60", func(r *api.DetectionRule, _ *api.SequenceOptions) { r.Options.EvaluationWindow = 60 }},
		{"2 cases", func(r *api.DetectionRule, _ *api.SequenceOptions) { r.Cases = append(r.Cases, r.Cases[0]) }},
		{"no query or last step is called so", func(r *api.DetectionRule, _ *api.SequenceOptions) { r.Cases[0].Condition = "step_failed > 0" }},
		{"more than its last step", func(r *api.DetectionRule, _ *api.SequenceOptions) {
			r.Cases[0].Condition = "step_users > 0 && step_users > 1"
		}},
		{"1 steps, and may have 2 to 10", func(_ *api.DetectionRule, o *api.SequenceOptions) { o.Steps = o.Steps[:1] }},
		{"11 steps", func(_ *api.DetectionRule, o *api.SequenceOptions) { o.Steps = make([]api.SequenceStep, 11) }},
		{"has 0 transitions", func(_ *api.DetectionRule, o *api.SequenceOptions) { o.StepTransitions = nil }},
		{"does not lead from one step to the next", func(_ *api.DetectionRule, o *api.SequenceOptions) { o.StepTransitions[0].Parent = "step_users" }},
		{`a step is named "Step"`, func(_ *api.DetectionRule, o *api.SequenceOptions) { o.Steps[0].Name = "Step" }},
		{`two steps are named "step_failed"`, func(_ *api.DetectionRule, o *api.SequenceOptions) { o.Steps[1].Name = "step_failed" }},
		{"evaluationWindow of the step step_failed is 0", func(_ *api.DetectionRule, o *api.SequenceOptions) { o.Steps[0].EvaluationWindow = 0 }},
		{"evaluationWindow of the transition to step_users is 61", func(_ *api.DetectionRule, o *api.SequenceOptions) { o.StepTransitions[0].EvaluationWindow = 61 }},
		{"no query or last step is called so", func(_ *api.DetectionRule, o *api.SequenceOptions) { o.Steps[0].Condition = "step_users > 0" }},
		{"wait for 108000 s in all", func(_ *api.DetectionRule, o *api.SequenceOptions) {
			o.Steps = append(o.Steps, api.SequenceStep{Name: "step_more", Condition: "failed > 0", EvaluationWindow: 60})
			o.StepTransitions[0].EvaluationWindow = 21600
			o.StepTransitions = append(o.StepTransitions, api.StepTransition{Parent: "step_users", Child: "step_more", EvaluationWindow: 86400})
		}},
	} {
		r := sequence()
		test.change(r, r.Options.SequenceOptions)
		if _, err := r.Encode(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("want a fault with %q, got %v", test.want, err)
		}
	}
	for _, test := range []struct {
		want   string
		change func(*api.Options)
	}{
		{"needs anomalyDetectionOptions", func(o *api.Options) { o.AnomalyOptions = nil }},
		{"do not go with the method threshold", func(o *api.Options) { o.DetectionMethod = api.Threshold }},
		{"bucketDuration is 60", func(o *api.Options) { o.AnomalyOptions.BucketDuration = 60 }},
		{"learningDuration is 2", func(o *api.Options) { o.AnomalyOptions.LearningDuration = 2 }},
		{"detectionTolerance is 6", func(o *api.Options) { o.AnomalyOptions.DetectionTolerance = 6 }},
		{"learningPeriodBaseline is -1", func(o *api.Options) { o.AnomalyOptions.LearningPeriodBaseline = -1 }},
	} {
		r := anomaly()
		test.change(&r.Options)
		if _, err := r.Encode(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("want a fault with %q, got %v", test.want, err)
		}
	}
	for _, test := range []struct {
		want   string
		change func(*api.WorkloadRule)
	}{
		{"agent_version is", func(w *api.WorkloadRule) { w.AgentRule.Data.Attributes.AgentVersion = "7.27" }},
		{"several filters", func(w *api.WorkloadRule) {
			w.AgentRule.Data.Attributes.Filters = []string{api.OSFilter("linux"), api.OSFilter("windows")}
		}},
		{"other characters", func(w *api.WorkloadRule) { w.AgentRule.Data.Attributes.Name = "a-1" }},
		{"no expression", func(w *api.WorkloadRule) { w.AgentRule.Data.Attributes.Expression = "" }},
		{`the filter "kernel"`, func(w *api.WorkloadRule) { w.AgentRule.Data.Attributes.Filters = []string{"kernel"} }},
		{"the type of the agent rule's data", func(w *api.WorkloadRule) { w.AgentRule.Data.Type = "rule" }},
		{"the type of the signal rule", func(w *api.WorkloadRule) { w.SignalRule.Type = api.LogDetection }},
	} {
		w := pair()
		test.change(w)
		if _, err := w.Encode(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("want a fault with %q, got %v", test.want, err)
		}
	}
}

func TestDecodeIsStrict(t *testing.T) {
	data, err := threshold().Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ old, new, want string }{
		{`"isEnabled"`, `"enabled"`, "unknown field"},
		{`"keepAlive"`, `"keepalives"`, "unknown field"},
		{`"evaluationWindow": 300`, `"evaluationWindow": 301`, "evaluationWindow is 301"},
		{`"evaluationWindow": 300`, `"evaluationWindow": "300"`, "cannot unmarshal"},
		{`{`, `[`, "no JSON object"},
	} {
		if _, err := api.Decode([]byte(strings.Replace(string(data), test.old, test.new, 1))); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: want a fault with %q, got %v", test.new, test.want, err)
		}
	}
	if _, err := api.Decode(append(data, data...)); err == nil {
		t.Error("two documents are read as one")
	}
}

func TestCondition(t *testing.T) {
	for _, text := range []string{"a > 3", "a >= 3 && b > 0.5", "a > 1 || b_2 >= 2 || c > 3"} {
		c, err := api.ParseCondition(text)
		if err != nil || c.String() != text {
			t.Errorf("%s: %v, %s", text, err, c)
		}
	}
	numbers := map[string]float64{"a": 3, "b": 1}
	number := func(q string) (float64, bool) { n, ok := numbers[q]; return n, ok }
	for text, want := range map[string]bool{
		"a > 2": true, "a > 3": false, "a >= 3": true, "c >= 0": false,
		"a > 2 && b > 0": true, "a > 2 && b > 1": false, "a > 9 || b > 0": true, "a > 9 || c > 0": false,
	} {
		c, err := api.ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		if c.Holds(number) != want {
			t.Errorf("%s is %v", text, !want)
		}
	}
}

func TestLabelsAndLiterals(t *testing.T) {
	for name, want := range map[string]string{"Per_IP": "per_ip", "2nd": "q2nd", "_x": "x", "é": "q", "a.b": "a_b", "": "q"} {
		if got := api.Label(name); got != want {
			t.Errorf("%q becomes %q, not %q", name, got, want)
		}
	}
	if got := api.Literal("a {{b}}"); got != "{{{{raw}}}}a {{b}}{{{{/raw}}}}" {
		t.Error(got)
	}
	if got := api.Literal("a {b}"); got != "a {b}" {
		t.Error(got)
	}
	for _, text := range []string{"", "a", "{{a}}", "{{{{raw}}}} x", "a{{{{/raw}}}}b {{{{/raw}}}}", "{{{{/r{{{{/raw}}}}aw}}}}"} {
		if got := api.Rendered(api.Literal(text)); got != text {
			t.Errorf("%q shows as %q", text, got)
		}
	}
}

// TestTerraform: resources read back as the documents they were made of, whatever their texts.
func TestTerraform(t *testing.T) {
	hostile := "\" ' ${var.x} $${y} %{if} %%{z} $$${ {{a}} \n\t\\ \u2028 <&>"
	w, s, n := pair(), sequence(), newValue()
	w.AgentRule.Data.Attributes.AgentVersion = api.AgentSince("7.27")
	w.AgentRule.Data.Attributes.Description, w.AgentRule.Data.Attributes.Expression = hostile, `exec.file.name == "`+hostile+`" || exec.comm == "x"`
	w.AgentRule.Data.Attributes.ProductTags = []string{hostile}
	s.Name, s.Message, s.Tags, s.Queries[0].Query, s.Queries[0].GroupByFields[0] = hostile, hostile, []string{hostile}, hostile, "@"+hostile
	s.Cases[0].Name, s.Cases[0].Notifications = hostile, []string{hostile}
	docs := []api.Named{{Name: "count", Doc: threshold()}, {Name: "new", Doc: n}, {Name: "pair", Doc: w}, {Name: "sequence", Doc: s}}
	data, err := api.Terraform("c", docs)
	if err != nil {
		t.Fatal(err)
	}
	again, err := api.DecodeTerraform(data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if len(again) != len(docs) {
		t.Fatalf("%d documents", len(again))
	}
	for i, d := range docs {
		want, err := d.Doc.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again[i].Doc.Encode(); err != nil || again[i].Name != d.Name || string(got) != string(want) {
			t.Errorf("%s: %v\n%s\n%s", d.Name, err, got, want)
		}
	}
	if _, err := api.Terraform("c", []api.Named{{Name: "a", Doc: anomaly()}}); err == nil {
		t.Error("anomaly_detection is written")
	}
	for old, new := range map[string]string{`"keep_alive"`: `"keepalive"`, `"keep_alive": 600`: `"keep_alive": 601`, `"steps":`: `"step":`, `"options": [`: `"options": [{}, `} {
		if _, err := api.DecodeTerraform([]byte(strings.Replace(string(data), old, new, 1))); err == nil {
			t.Errorf("%s goes through", new)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, doc := range documents() {
		data, err := doc.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := api.Decode(data)
		if err != nil {
			return
		}
		text, err := doc.Encode()
		if err != nil {
			t.Fatalf("read, and not written: %v", err)
		}
		again, err := api.Decode(text)
		if err != nil {
			t.Fatalf("written, and not read: %v\n%s", err, text)
		}
		if twice, _ := again.Encode(); string(twice) != string(text) {
			t.Fatalf("%s\n%s", text, twice)
		}
	})
}

// FuzzTexts: no text is a template, neither of messages nor of Terraform.
func FuzzTexts(f *testing.F) {
	for _, s := range []string{"a", "{{a}}", "${b}", "%{c}", "$${", "{{{{/raw}}}}", "\"\n\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || text == "" {
			return
		}
		if got := api.Rendered(api.Literal(text)); got != text {
			t.Fatalf("%q shows as %q", text, got)
		}
		r := threshold()
		r.Name, r.Message, r.Tags = text, api.Literal(text), []string{text}
		data, err := api.Terraform("c", []api.Named{{Name: "r", Doc: r}})
		if err != nil {
			t.Fatal(err)
		}
		again, err := api.DecodeTerraform(data)
		if err != nil {
			t.Fatal(err)
		}
		if got := again[0].Doc.(*api.DetectionRule); got.Name != text || got.Message != r.Message || got.Tags[0] != text {
			t.Fatalf("%q reads back as %q", text, got.Name)
		}
	})
}
