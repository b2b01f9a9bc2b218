package api

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Windows are the evaluation windows in seconds that a rule which counts may have. The API's enum goes on to 43200 and 86400,
// but a window may not be longer than the keep-alive, which the server takes up to 21600 for log detection.
// Sources: model_security_monitoring_rule_evaluation_window.go; the server's own message in the client's recorded tests.
var Windows = []int64{60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600}

// Waits are the windows in seconds that a step of a sequence, and the wait for the next one, may have: the API's enum without 0.
var Waits = []int64{60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400}

// MostSteps is the largest number of steps of a sequence, LongestSequence the largest sum of its waits in seconds. Source: "Limits"
// on the vendor's page of the method.
const (
	MostSteps       = 10
	LongestSequence = 86400
)

// KeepAlives are the values in seconds of keepAlive.
var KeepAlives = []int64{0, 60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600}

// Durations are the values in seconds of maxSignalDuration.
var Durations = []int64{0, 60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400}

// LongestDays is the largest value of forgetAfter and learningDuration.
const LongestDays = 30

// AtLeast returns the least allowed value that is not below n; ok is false when there is none.
func AtLeast(allowed []int64, n int64) (v int64, ok bool) {
	for _, v := range allowed {
		if v >= n {
			return v, true
		}
	}
	return 0, false
}

// OSFilter is the filter of an agent rule for one operating system.
func OSFilter(system string) string { return `os == "` + system + `"` }

// FilteredOS returns the operating system of a filter.
func FilteredOS(filter string) (system string, ok bool) {
	rest, ok := strings.CutPrefix(filter, `os == "`)
	if !ok {
		return "", false
	}
	system, ok = strings.CutSuffix(rest, `"`)
	return system, ok && system != "" && !strings.ContainsAny(system, `"\`)
}

// AgentSince constrains an agent rule to agents from a version on: 7.27, say.
func AgentSince(version string) string { return ">= " + version }

// agentVersion is what AgentSince writes, and the other comparisons of the vendor's own policy.
var agentVersion = regexp.MustCompile(`^(>=|>|<|<=) [0-9]{1,3}\.[0-9]{1,3}(\.[0-9]{1,3})?$`)

func (r *DetectionRule) validate() error {
	var faults []error
	add := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	add(r.Name == "", "name is empty")
	add(r.Message == "", "message is empty")
	add(!slices.Contains([]RuleType{LogDetection, WorkloadSecurity, ApplicationSecurity}, r.Type), "type is %q", r.Type)
	add(len(r.Queries) == 0, "there is no query")
	add(len(r.Cases) == 0, "there is no case")
	labels := map[string]bool{}
	for _, q := range r.Queries {
		faults = append(faults, q.validate(r.Options.DetectionMethod))
		add(q.Name != "" && !isLabel(q.Name), "a query is named %q, which a condition cannot call", q.Name)
		add(q.Name != "" && labels[q.Name], "two queries are named %q", q.Name)
		labels[q.Name] = true
	}
	for _, q := range r.Queries[min(1, len(r.Queries)):] {
		add(len(q.GroupByFields) != len(r.Queries[0].GroupByFields), "the queries group by different numbers of fields, and groups are joined by position")
	}
	if o := r.Options.SequenceOptions; o != nil {
		faults = append(faults, o.validate(labels))
		labels = map[string]bool{}
		if len(o.Steps) > 0 {
			labels[o.Steps[len(o.Steps)-1].Name] = true
		}
		add(len(r.Cases) > 1, "a sequence has %d cases", len(r.Cases))
	}
	for _, c := range r.Cases {
		add(!slices.Contains([]Status{Info, Low, Medium, High, Critical}, c.Status), "the status of a case is %q", c.Status)
		faults = append(faults, c.validate(r.Options.DetectionMethod, labels))
	}
	return errors.Join(append(faults, r.Options.validate())...)
}

func (q Query) validate(m Method) error {
	switch {
	case strings.TrimSpace(q.Query) == "":
		return errors.New("a query is empty")
	case !slices.Contains([]DataSource{Logs, SecurityRuntime, Spans}, q.DataSource):
		return fmt.Errorf("dataSource is %q", q.DataSource)
	case (m == NewValueMethod) != (q.Aggregation == NewValue):
		return fmt.Errorf("the aggregation %q does not go with the method %q", q.Aggregation, m)
	}
	switch q.Aggregation {
	case Count:
		if len(q.DistinctFields)+len(q.Metrics) > 0 {
			return errors.New("count takes no fields")
		}
	case Cardinality:
		if len(q.DistinctFields) == 0 || len(q.Metrics) > 0 {
			return errors.New("cardinality needs distinctFields, and no metrics")
		}
	case Sum, Max:
		if len(q.Metrics) != 1 || len(q.DistinctFields) > 0 {
			return fmt.Errorf("%s needs one metric", q.Aggregation)
		}
	case NewValue:
		if len(q.Metrics) == 0 || len(q.Metrics) > 5 || len(q.DistinctFields) > 0 {
			return errors.New("new_value needs one to five metrics")
		}
	default:
		return fmt.Errorf("the aggregation is %q", q.Aggregation)
	}
	return nil
}

func (c Case) validate(m Method, labels map[string]bool) error {
	if m == NewValueMethod {
		if c.Condition != "" {
			return errors.New("a case of new_value has no condition")
		}
		return nil
	}
	cond, err := ParseCondition(c.Condition)
	if err != nil {
		return err
	}
	for _, t := range cond.Tests {
		if !labels[t.Query] {
			return fmt.Errorf("the condition %q names %q, and no query or last step is called so", c.Condition, t.Query)
		}
	}
	if m == SequenceMethod && c.Condition != (Condition{Tests: cond.Tests[:1]}).String() {
		return fmt.Errorf("the condition %q of a sequence asks for more than its last step", c.Condition)
	}
	return nil
}

func (o Options) validate() error {
	windows := Windows
	switch o.DetectionMethod {
	case Threshold:
	case NewValueMethod:
		windows = []int64{0}
		if err := o.NewValueOptions.validate(); err != nil {
			return err
		}
	case SequenceMethod:
		windows = []int64{0}
		if o.SequenceOptions == nil {
			return errors.New("the method sequence_detection needs sequenceDetectionOptions")
		}
	case AnomalyMethod:
		if err := o.AnomalyOptions.validate(); err != nil {
			return err
		}
	default:
		return fmt.Errorf("detectionMethod is %q", o.DetectionMethod)
	}
	if o.AnomalyOptions != nil && o.DetectionMethod != AnomalyMethod {
		return fmt.Errorf("anomalyDetectionOptions do not go with the method %s", o.DetectionMethod)
	}
	if o.NewValueOptions != nil && o.DetectionMethod != NewValueMethod {
		return fmt.Errorf("newValueOptions do not go with the method %s", o.DetectionMethod)
	}
	if o.SequenceOptions != nil && o.DetectionMethod != SequenceMethod {
		return fmt.Errorf("sequenceDetectionOptions do not go with the method %s", o.DetectionMethod)
	}
	switch {
	case !slices.Contains(windows, o.EvaluationWindow):
		return fmt.Errorf("evaluationWindow is %d", o.EvaluationWindow)
	case !slices.Contains(KeepAlives, o.KeepAlive):
		return fmt.Errorf("keepAlive is %d", o.KeepAlive)
	case !slices.Contains(Durations, o.MaxSignalDuration):
		return fmt.Errorf("maxSignalDuration is %d", o.MaxSignalDuration)
	case o.EvaluationWindow > o.KeepAlive || o.KeepAlive > o.MaxSignalDuration:
		return errors.New("evaluationWindow, keepAlive and maxSignalDuration are not in ascending order")
	}
	return nil
}

// The values that the options of anomaly_detection may have: seconds of a bucket, and hours of learning.
// Source: model_security_monitoring_rule_anomaly_detection_options_*.go.
var (
	AnomalyBuckets  = []int64{300, 600, 900, 1800, 3600, 10800}
	AnomalyLearning = []int64{1, 6, 12, 24, 48, 168, 336}
)

func (o *AnomalyOptions) validate() error {
	switch {
	case o == nil:
		return errors.New("the method anomaly_detection needs anomalyDetectionOptions")
	case !slices.Contains(AnomalyBuckets, o.BucketDuration):
		return fmt.Errorf("bucketDuration is %d", o.BucketDuration)
	case !slices.Contains(AnomalyLearning, o.LearningDuration):
		return fmt.Errorf("learningDuration is %d", o.LearningDuration)
	case o.DetectionTolerance < 1 || o.DetectionTolerance > 5:
		return fmt.Errorf("detectionTolerance is %d", o.DetectionTolerance)
	case o.LearningPeriodBaseline < 0:
		return fmt.Errorf("learningPeriodBaseline is %d", o.LearningPeriodBaseline)
	}
	return nil
}

// validate holds the steps against the vendor's limits: a linear sequence of at most ten, a day in all.
func (o *SequenceOptions) validate(queries map[string]bool) error {
	switch {
	case len(o.Steps) < 2 || len(o.Steps) > MostSteps:
		return fmt.Errorf("a sequence has %d steps, and may have 2 to %d", len(o.Steps), MostSteps)
	case len(o.StepTransitions) != len(o.Steps)-1:
		return fmt.Errorf("a sequence of %d steps has %d transitions", len(o.Steps), len(o.StepTransitions))
	}
	names := map[string]bool{}
	for _, s := range o.Steps {
		switch {
		case !isLabel(s.Name):
			return fmt.Errorf("a step is named %q, which a condition cannot call", s.Name)
		case names[s.Name]:
			return fmt.Errorf("two steps are named %q", s.Name)
		case !slices.Contains(Waits, s.EvaluationWindow):
			return fmt.Errorf("evaluationWindow of the step %s is %d", s.Name, s.EvaluationWindow)
		}
		names[s.Name] = true
		if err := (Case{Condition: s.Condition}).validate(Threshold, queries); err != nil {
			return err
		}
	}
	var sum int64
	for i, t := range o.StepTransitions {
		switch {
		case t.Parent != o.Steps[i].Name || t.Child != o.Steps[i+1].Name:
			return fmt.Errorf("the transition from %q to %q does not lead from one step to the next", t.Parent, t.Child)
		case !slices.Contains(Waits, t.EvaluationWindow):
			return fmt.Errorf("evaluationWindow of the transition to %s is %d", t.Child, t.EvaluationWindow)
		}
		sum += t.EvaluationWindow
	}
	if sum > LongestSequence {
		return fmt.Errorf("the transitions wait for %d s in all, and a sequence for %d s at most", sum, LongestSequence)
	}
	return nil
}

func (o *NewValueOptions) validate() error {
	switch {
	case o == nil:
		return errors.New("the method new_value needs newValueOptions")
	case o.ForgetAfter < 1 || o.ForgetAfter > LongestDays:
		return fmt.Errorf("forgetAfter is %d", o.ForgetAfter)
	case o.LearningMethod != durationLearns && o.LearningMethod != thresholdLearns:
		return fmt.Errorf("learningMethod is %q", o.LearningMethod)
	case o.LearningDuration < 0 || o.LearningDuration > LongestDays:
		return fmt.Errorf("learningDuration is %d", o.LearningDuration)
	case o.LearningThreshold < 0 || o.LearningThreshold > 1:
		return fmt.Errorf("learningThreshold is %d", o.LearningThreshold)
	}
	return nil
}

func (w *WorkloadRule) validate() error {
	a := w.AgentRule.Data.Attributes
	name := strings.Trim(a.Name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
	switch {
	case w.AgentRule.Data.Type != agentRuleType:
		return fmt.Errorf("the type of the agent rule's data is %q", w.AgentRule.Data.Type)
	case a.Name == "" || name != "":
		return fmt.Errorf("the agent rule is named %q, which has other characters than letters, digits and underscores", a.Name)
	case strings.TrimSpace(a.Expression) == "":
		return errors.New("the agent rule has no expression")
	case a.AgentVersion != "" && !agentVersion.MatchString(a.AgentVersion):
		return fmt.Errorf("agent_version is %q", a.AgentVersion)
	case len(a.Filters) > 1:
		return errors.New("the agent rule has several filters")
	case w.SignalRule.Type != WorkloadSecurity:
		return fmt.Errorf("the type of the signal rule is %q", w.SignalRule.Type)
	}
	for _, f := range a.Filters {
		if _, ok := FilteredOS(f); !ok {
			return fmt.Errorf("the agent rule has the filter %q", f)
		}
	}
	return w.SignalRule.validate()
}
