// Package api holds the documents of Datadog's security-monitoring API that OneRule writes: detection rules of the methods
// threshold, new_value and sequence_detection, and pairs of an agent rule and the signal rule that goes with it. It knows nothing
// of rules.
//
// Sources: DataDog/datadog-api-client-go v2.67, api/datadogV2/model_security_monitoring_*.go and
// model_cloud_workload_security_agent_rule_*.go, which are made from the vendor's OpenAPI description.
package api

import (
	"encoding/json"
	"fmt"

	"github.com/onerule/onerule/internal/plainjson"
)

// Document is a *[DetectionRule] or a *[WorkloadRule].
//
//sumtype:decl
type Document interface {
	document()
	// Encode returns the JSON.
	Encode() ([]byte, error)
}

// DetectionRule is the body of POST /api/v2/security_monitoring/rules (SecurityMonitoringStandardRuleCreatePayload).
type DetectionRule struct {
	Name string   `json:"name"`
	Type RuleType `json:"type"`
	// IsEnabled is false for a rule that is kept but does not run.
	IsEnabled bool `json:"isEnabled"`
	// Message is Markdown with templates; [Literal] keeps a text from being read as one.
	Message string   `json:"message"`
	Tags    []string `json:"tags"`
	// HasExtendedTitle puts the group's values into the title of a signal.
	HasExtendedTitle bool    `json:"hasExtendedTitle"`
	Queries          []Query `json:"queries"`
	Cases            []Case  `json:"cases"`
	Options          Options `json:"options"`
}

// RuleType is the product that a rule belongs to.
type RuleType string

// The rule types that are written.
const (
	LogDetection        RuleType = "log_detection"
	WorkloadSecurity    RuleType = "workload_security"
	ApplicationSecurity RuleType = "application_security"
)

// Query is one entry of queries.
type Query struct {
	// Name is the label by which conditions call the query's number.
	Name        string      `json:"name,omitempty"`
	Query       string      `json:"query"`
	Aggregation Aggregation `json:"aggregation"`
	// GroupByFields are names of attributes (@a.b), reserved attributes (host) or tags.
	GroupByFields []string `json:"groupByFields"`
	// HasOptionalGroupByFields puts events without such a field into a group N/A; otherwise they are left out.
	HasOptionalGroupByFields bool `json:"hasOptionalGroupByFields"`
	// DistinctFields are counted by cardinality.
	DistinctFields []string `json:"distinctFields"`
	// Metrics are what sum and max are taken of (one), or whose values are watched by new_value (up to five).
	Metrics    []string   `json:"metrics,omitempty"`
	DataSource DataSource `json:"dataSource"`
}

// Aggregation is what is taken of a query's events.
type Aggregation string

// The aggregations that are written.
const (
	Count       Aggregation = "count"
	Cardinality Aggregation = "cardinality"
	Sum         Aggregation = "sum"
	Max         Aggregation = "max"
	NewValue    Aggregation = "new_value"
)

// DataSource is where a query finds its events.
type DataSource string

// The data sources that are written.
const (
	Logs            DataSource = "logs"
	SecurityRuntime DataSource = "security_runtime"
	Spans           DataSource = "spans"
)

// Case is one entry of cases: they are tried in order, and the first that holds gives the signal its severity.
type Case struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	// Condition is a [Condition] on queries; on the last step for sequence_detection, and empty for new_value.
	Condition     string   `json:"condition,omitempty"`
	Notifications []string `json:"notifications"`
}

// Status is a severity.
type Status string

// The severities.
const (
	Info     Status = "info"
	Low      Status = "low"
	Medium   Status = "medium"
	High     Status = "high"
	Critical Status = "critical"
)

// Options are the options of a detection rule. Durations are seconds.
type Options struct {
	DetectionMethod Method `json:"detectionMethod"`
	// EvaluationWindow is the length of the sliding window; 0 means event by event.
	EvaluationWindow int64 `json:"evaluationWindow"`
	// KeepAlive is how long after its last match a signal stays open, MaxSignalDuration how long after its first.
	KeepAlive         int64            `json:"keepAlive"`
	MaxSignalDuration int64            `json:"maxSignalDuration"`
	NewValueOptions   *NewValueOptions `json:"newValueOptions,omitempty"`
	SequenceOptions   *SequenceOptions `json:"sequenceDetectionOptions,omitempty"`
	AnomalyOptions    *AnomalyOptions  `json:"anomalyDetectionOptions,omitempty"`
}

// Method is a detection method.
type Method string

// The methods that are written.
const (
	Threshold       Method = "threshold"
	NewValueMethod  Method = "new_value"
	SequenceMethod  Method = "sequence_detection"
	AnomalyMethod   Method = "anomaly_detection"
	thresholdLearns        = "threshold"
	durationLearns         = "duration"
)

// NewValueOptions are the options of new_value. Durations are days.
type NewValueOptions struct {
	ForgetAfter int `json:"forgetAfter"`
	// LearningMethod is duration (nothing is reported for LearningDuration days) or threshold (a value that was not learned is
	// reported after LearningThreshold occurrences).
	LearningMethod    string `json:"learningMethod"`
	LearningDuration  int    `json:"learningDuration"`
	LearningThreshold int    `json:"learningThreshold"`
	// InstantaneousBaseline learns from the events of the learning time before the rule was made.
	InstantaneousBaseline bool `json:"instantaneousBaseline"`
}

// LearnsFor returns the options of a rule that reports nothing for some days.
func LearnsFor(days, forgetAfter int) *NewValueOptions {
	return &NewValueOptions{ForgetAfter: forgetAfter, LearningMethod: durationLearns, LearningDuration: days, InstantaneousBaseline: true}
}

// LearnsNothing returns the options of a rule that reports a group's first value too.
func LearnsNothing(forgetAfter int) *NewValueOptions {
	return &NewValueOptions{ForgetAfter: forgetAfter, LearningMethod: thresholdLearns, InstantaneousBaseline: true}
}

// ByDuration reports whether the learning method is duration.
func (o *NewValueOptions) ByDuration() bool { return o.LearningMethod == durationLearns }

// SequenceOptions are the options of sequence_detection: steps, and for each but the first the transition that leads to it, in
// the same order. Source: docs.datadoghq.com/security/cloud_siem/detect_and_monitor/custom_detection_rules/sequence.
type SequenceOptions struct {
	Steps           []SequenceStep   `json:"steps"`
	StepTransitions []StepTransition `json:"stepTransitions"`
}

// SequenceStep occurs when its condition, a [Condition] on queries, holds in a sliding window of so many seconds.
type SequenceStep struct {
	Name             string `json:"name"`
	Condition        string `json:"condition"`
	EvaluationWindow int64  `json:"evaluationWindow"`
}

// StepTransition is how many seconds a step waits for the next one.
type StepTransition struct {
	Parent           string `json:"parent"`
	Child            string `json:"child"`
	EvaluationWindow int64  `json:"evaluationWindow"`
}

// AnomalyOptions are the options of anomaly_detection, whose algorithm is not published.
type AnomalyOptions struct {
	// BucketDuration is in seconds, LearningDuration in hours.
	BucketDuration   int64 `json:"bucketDuration"`
	LearningDuration int64 `json:"learningDuration"`
	// DetectionTolerance goes from 1 to 5; 5 reports the least.
	DetectionTolerance int64 `json:"detectionTolerance"`
	// LearningPeriodBaseline is the number from which on groups are reported that have learned nothing yet.
	LearningPeriodBaseline int64 `json:"learningPeriodBaseline"`
}

// WorkloadRule is a pair: the agent reports an event when the agent rule's expression is true of it, and the signal rule makes
// a signal of what is reported under that name.
type WorkloadRule struct {
	// AgentRule is the body of POST /api/v2/remote_config/products/cws/agent_rules.
	AgentRule AgentRule `json:"agentRule"`
	// SignalRule is the body of POST /api/v2/security_monitoring/rules.
	SignalRule DetectionRule `json:"signalRule"`
}

// AgentRule is an agent rule in the envelope of the API.
type AgentRule struct {
	Data AgentRuleData `json:"data"`
}

// AgentRuleData is the envelope's content; Type is agent_rule.
type AgentRuleData struct {
	Type       string          `json:"type"`
	Attributes AgentAttributes `json:"attributes"`
}

// AgentAttributes are what an agent rule says.
type AgentAttributes struct {
	// Name consists of letters, digits and underscores; events carry it as @agent.rule_id.
	Name        string `json:"name"`
	Description string `json:"description"`
	Expression  string `json:"expression"`
	Enabled     bool   `json:"enabled"`
	// Filters are expressions over constants of the host; only [OSFilter] is written.
	Filters []string `json:"filters"`
	// AgentVersion constrains the agents that take the rule, see [AgentSince]; "" means all.
	AgentVersion string   `json:"agent_version,omitempty"`
	ProductTags  []string `json:"product_tags"`
}

const agentRuleType = "agent_rule"

// NewAgentRule puts attributes into their envelope.
func NewAgentRule(a AgentAttributes) AgentRule {
	return AgentRule{Data: AgentRuleData{Type: agentRuleType, Attributes: a}}
}

func (*DetectionRule) document() {}
func (*WorkloadRule) document()  {}

// Encode returns the JSON of the rule, which must be valid.
func (r *DetectionRule) Encode() ([]byte, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	return plainjson.Indented(r)
}

// Encode returns the JSON of the pair, which must be valid.
func (w *WorkloadRule) Encode() ([]byte, error) {
	if err := w.validate(); err != nil {
		return nil, err
	}
	return plainjson.Indented(w)
}

// Decode reads what Encode wrote. A key that is not known, and a value that the API does not take, are faults.
func Decode(data []byte) (Document, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(data, &keys); err != nil {
		return nil, fmt.Errorf("the document is no JSON object: %w", err)
	}
	if _, pair := keys["agentRule"]; pair {
		w := &WorkloadRule{}
		if err := plainjson.Strict(data, w); err != nil {
			return nil, err
		}
		return w, w.validate()
	}
	r := &DetectionRule{}
	if err := plainjson.Strict(data, r); err != nil {
		return nil, err
	}
	return r, r.validate()
}
