// Package rule is a detection rule of Kibana as the API of the detection engine imports it: one line of rules.ndjson.
// Sources: the OpenAPI description of rules in elastic/kibana (rule_schemas.schema.yaml and its parts).
package rule

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onerule/onerule/internal/plainjson"
)

// The types of rules that are made here, and their languages.
const (
	Query = "query"
	EQL   = "eql"
	ESQL  = "esql"
)

var languages = map[string]string{Query: "kuery", EQL: "eql", ESQL: "esql"}

// Rule is a detection rule. The fields are in the order in which they are written.
type Rule struct {
	RuleID      string `json:"rule_id"`
	Version     int    `json:"version"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Type        string `json:"type"`
	Language    string `json:"language"`
	// Index lists the index patterns; a rule of ES|QL has none, because its query names them.
	Index []string `json:"index,omitempty"`
	Query string   `json:"query"`
	// Interval is how often the rule runs: 5m. From and To are the range of events of a run, in date math.
	Interval string `json:"interval"`
	From     string `json:"from"`
	To       string `json:"to"`
	// TimestampOverride is the field by which a run looks for events instead of @timestamp.
	TimestampOverride string       `json:"timestamp_override,omitempty"`
	AlertSuppression  *Suppression `json:"alert_suppression,omitempty"`
	Severity          string       `json:"severity"`
	RiskScore         int          `json:"risk_score"`
	// SeverityMapping and RiskScoreMapping let fields of events overrule severity and risk_score.
	SeverityMapping  []SeverityMapping  `json:"severity_mapping"`
	RiskScoreMapping []RiskScoreMapping `json:"risk_score_mapping"`
	Threat           []Threat           `json:"threat"`
	Tags             []string           `json:"tags"`
	References       []string           `json:"references"`
	FalsePositives   []string           `json:"false_positives"`
	Note             string             `json:"note,omitempty"`
	Setup            string             `json:"setup"`
	// InvestigationFields are shown first when an alert is opened; absent when there are none.
	InvestigationFields *FieldNames     `json:"investigation_fields,omitempty"`
	Author              []string        `json:"author"`
	License             string          `json:"license,omitempty"`
	Enabled             bool            `json:"enabled"`
	MaxSignals          int             `json:"max_signals"`
	Actions             []any           `json:"actions"`
	ExceptionsList      []ExceptionList `json:"exceptions_list"`
	// RelatedIntegrations are the packages of Fleet that bring the events.
	RelatedIntegrations []Integration `json:"related_integrations"`
	RequiredFields      []Field       `json:"required_fields"`
}

// Suppression brings the alerts with the same values of some fields, within a time, together in one.
type Suppression struct {
	GroupBy  []string  `json:"group_by"`
	Duration *Duration `json:"duration,omitempty"`
	// MissingFieldsStrategy is suppress or doNotSuppress.
	MissingFieldsStrategy string `json:"missing_fields_strategy"`
}

// Duration is a number of seconds, minutes or hours.
type Duration struct {
	Value int    `json:"value"`
	Unit  string `json:"unit"` // s, m, h
}

// Threat is a tactic of ATT&CK with techniques of it.
type Threat struct {
	Framework string      `json:"framework"`
	Tactic    Attack      `json:"tactic"`
	Technique []Technique `json:"technique"`
}

// Attack names a tactic or technique.
type Attack struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Reference string `json:"reference"`
}

// Technique is a technique with its sub-techniques.
type Technique struct {
	Attack
	Subtechnique []Attack `json:"subtechnique,omitempty"`
}

// FieldNames is a list of fields.
type FieldNames struct {
	FieldNames []string `json:"field_names"`
}

// Field is a field that the rule reads.
type Field struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Encode returns the line of rules.ndjson.
func (r *Rule) Encode() ([]byte, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	return plainjson.Line(r)
}

// Decode reads one line. Fields that are unknown, and values that Kibana would not take, are errors.
func Decode(data []byte) (*Rule, error) {
	r := &Rule{}
	if err := plainjson.Strict(data, r); err != nil {
		return nil, fmt.Errorf("this is no detection rule: %w", err)
	}
	return r, r.Check()
}

var (
	intervalForm = regexp.MustCompile(`^[1-9][0-9]*[smhd]$`)
	severities   = []string{"low", "medium", "high", "critical"}
)

// Check reports what Kibana would not take.
func (r *Rule) Check() error {
	var faults []string
	must := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	for name, v := range map[string]string{"rule_id": r.RuleID, "name": r.Name, "description": r.Description, "query": r.Query} {
		must(strings.TrimSpace(v) != "", "%s is empty", name)
	}
	must(languages[r.Type] != "", "type is %q, not query, eql or esql", r.Type)
	must(languages[r.Type] == r.Language, "language is %q in a rule of type %s", r.Language, r.Type)
	must(r.Type != ESQL || len(r.Index) == 0, "a rule of type esql has no index")
	must(r.Type == ESQL || len(r.Index) > 0, "index is empty")
	must(r.Version >= 1, "version is %d", r.Version)
	must(r.RiskScore >= 0 && r.RiskScore <= 100, "risk_score is %d", r.RiskScore)
	must(slices.Contains(severities, r.Severity), "severity is %q", r.Severity)
	must(intervalForm.MatchString(r.Interval), "interval is %q", r.Interval)
	must(r.MaxSignals >= 1, "max_signals is %d", r.MaxSignals)
	for _, t := range []string{r.From, r.To} {
		_, err := Ago(t)
		must(err == nil, "%v", err)
	}
	if s := r.AlertSuppression; s != nil {
		must(len(s.GroupBy) >= 1 && len(s.GroupBy) <= MaxGroupBy, "alert_suppression.group_by has %d fields", len(s.GroupBy))
		must(s.Duration == nil || s.Duration.Value >= 1 && strings.Contains("smh", s.Duration.Unit) && len(s.Duration.Unit) == 1, "alert_suppression.duration is no duration")
		must(s.MissingFieldsStrategy == "suppress" || s.MissingFieldsStrategy == "doNotSuppress", "missing_fields_strategy is %q", s.MissingFieldsStrategy)
	}
	for _, t := range r.Threat {
		must(t.Framework == "MITRE ATT&CK" && t.Tactic.ID != "" && t.Tactic.Name != "", "a threat without framework or tactic")
	}
	must(r.InvestigationFields == nil || len(r.InvestigationFields.FieldNames) > 0, "investigation_fields has no field")
	r.checkLists(must)
	r.checkTexts(must)
	if len(faults) > 0 {
		slices.Sort(faults)
		return errors.New(strings.Join(faults, "; "))
	}
	return nil
}

// MaxGroupBy is how many fields alerts may be grouped by (five from 9.2 on).
const MaxGroupBy = 3
