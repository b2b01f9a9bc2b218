package api

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/internal/plainjson"
	"github.com/onerule/onerule/platform/hcl"
)

// Named is a document under the name that Terraform knows its resource by: letters, digits and underscores.
type Named struct {
	Name string
	Doc  Document
}

// terraform is a file in Terraform's JSON syntax. Its maps are written in the order of their keys.
//
// Sources: developer.hashicorp.com/terraform/language/syntax/json; DataDog/terraform-provider-datadog,
// datadog/resource_datadog_security_monitoring_rule.go and docs/resources/csm_threats_agent_rule.md.
type terraform struct {
	Comment   string                 `json:"//,omitempty"`
	Terraform tfSettings             `json:"terraform"`
	Variable  map[string]*tfVariable `json:"variable,omitempty"`
	Resource  tfResources            `json:"resource"`
}

type tfSettings struct {
	RequiredProviders map[string]tfProvider `json:"required_providers"`
}

type tfProvider struct {
	Source  string `json:"source"`
	Version string `json:"version"`
}

type tfVariable struct {
	Description string `json:"description"`
	Type        string `json:"type"`
	Nullable    bool   `json:"nullable"`
}

type tfResources struct {
	Rules  map[string]*tfRule      `json:"datadog_security_monitoring_rule,omitempty"`
	Agents map[string]*tfAgentRule `json:"datadog_csm_threats_agent_rule,omitempty"`
}

// tfRule is a resource datadog_security_monitoring_rule; blocks are lists of objects.
type tfRule struct {
	Name             string      `json:"name"`
	Type             RuleType    `json:"type"`
	Enabled          bool        `json:"enabled"`
	Message          string      `json:"message"`
	Tags             []string    `json:"tags"`
	HasExtendedTitle bool        `json:"has_extended_title"`
	Query            []tfQuery   `json:"query"`
	Case             []tfCase    `json:"case"`
	Options          []tfOptions `json:"options"`
}

type tfQuery struct {
	Name                     string      `json:"name,omitempty"`
	Query                    string      `json:"query"`
	Aggregation              Aggregation `json:"aggregation"`
	GroupByFields            []string    `json:"group_by_fields"`
	HasOptionalGroupByFields bool        `json:"has_optional_group_by_fields"`
	DistinctFields           []string    `json:"distinct_fields"`
	Metrics                  []string    `json:"metrics,omitempty"`
	DataSource               DataSource  `json:"data_source"`
}

type tfCase struct {
	Name          string   `json:"name"`
	Status        Status   `json:"status"`
	Condition     string   `json:"condition,omitempty"`
	Notifications []string `json:"notifications"`
}

type tfOptions struct {
	DetectionMethod   Method       `json:"detection_method"`
	EvaluationWindow  int64        `json:"evaluation_window"`
	KeepAlive         int64        `json:"keep_alive"`
	MaxSignalDuration int64        `json:"max_signal_duration"`
	NewValueOptions   []tfNewValue `json:"new_value_options,omitempty"`
	SequenceOptions   []tfSequence `json:"sequence_detection_options,omitempty"`
}

// Unfit says why Terraform does not carry a document; "" means that it does.
func Unfit(d Document) string {
	var kept []string
	switch d := d.(type) {
	case *DetectionRule:
		if d.Options.DetectionMethod == AnomalyMethod {
			return "options of anomaly_detection came to the provider after the version that is asked for"
		}
		kept = d.asks()
	case *WorkloadRule:
		kept = append(d.SignalRule.asks(), d.AgentRule.Data.Attributes.Expression)
	}
	for _, s := range kept {
		if !hcl.Kept(s) {
			return "the query or a handle has text that is not in the normal form NFC, which Terraform would change"
		}
	}
	return ""
}

// asks are the texts that decide what a rule finds and who is told.
func (r *DetectionRule) asks() []string {
	var out []string
	for _, q := range r.Queries {
		out = slices.Concat(out, []string{q.Query}, q.GroupByFields, q.DistinctFields, q.Metrics)
	}
	for _, c := range r.Cases {
		out = append(out, c.Notifications...)
	}
	return out
}

type tfNewValue struct {
	ForgetAfter           int    `json:"forget_after"`
	LearningMethod        string `json:"learning_method"`
	LearningDuration      int    `json:"learning_duration"`
	LearningThreshold     int    `json:"learning_threshold"`
	InstantaneousBaseline bool   `json:"instantaneous_baseline"`
}

type tfSequence struct {
	Steps           []tfStep       `json:"steps"`
	StepTransitions []tfTransition `json:"step_transitions"`
}

type tfStep struct {
	Name             string `json:"name"`
	Condition        string `json:"condition"`
	EvaluationWindow int64  `json:"evaluation_window"`
}

type tfTransition struct {
	Parent           string `json:"parent"`
	Child            string `json:"child"`
	EvaluationWindow int64  `json:"evaluation_window"`
}

// tfAgentRule is a resource datadog_csm_threats_agent_rule. It has no place for filters and agent_version: the expression asks
// for the system itself, and Comment names the version.
type tfAgentRule struct {
	Comment     string   `json:"//,omitempty"`
	Name        string   `json:"name"`
	PolicyID    string   `json:"policy_id"`
	Description string   `json:"description"`
	Expression  string   `json:"expression"`
	Enabled     bool     `json:"enabled"`
	ProductTags []string `json:"product_tags"`
}

// The provider, and the variable that names the policy of agent rules.
const (
	providerSource  = "DataDog/datadog"
	providerVersion = ">= 3.80.0"
	policyVariable  = "agent_policy_id"
	versionComment  = "the resource has no agent_version, which is "
)

// Terraform writes documents as resources of Terraform. The comment stands at the beginning of the file.
func Terraform(comment string, docs []Named) ([]byte, error) {
	out := &terraform{Comment: comment, Terraform: tfSettings{RequiredProviders: map[string]tfProvider{"datadog": {providerSource, providerVersion}}}}
	out.Resource = tfResources{Rules: map[string]*tfRule{}, Agents: map[string]*tfAgentRule{}}
	for _, d := range docs {
		if why := Unfit(d.Doc); why != "" {
			return nil, fmt.Errorf("%s: %s", d.Name, why)
		}
		switch doc := d.Doc.(type) {
		case *DetectionRule:
			if err := doc.validate(); err != nil {
				return nil, fmt.Errorf("%s: %w", d.Name, err)
			}
			out.Resource.Rules[d.Name] = tfRuleOf(doc)
		case *WorkloadRule:
			if err := doc.validate(); err != nil {
				return nil, fmt.Errorf("%s: %w", d.Name, err)
			}
			out.Resource.Rules[d.Name] = tfRuleOf(&doc.SignalRule)
			out.Resource.Agents[d.Name] = tfAgentOf(&doc.AgentRule.Data.Attributes)
			out.Variable = map[string]*tfVariable{policyVariable: {Description: "The id of the Workload Protection policy that takes the agent rules.", Type: "string"}}
		}
	}
	return plainjson.Indented(out)
}

func tfRuleOf(r *DetectionRule) *tfRule {
	o := r.Options
	out := &tfRule{
		Name: hcl.Quote(r.Name), Type: r.Type, Enabled: r.IsEnabled, Message: hcl.Quote(r.Message), Tags: hcl.QuoteAll(r.Tags), HasExtendedTitle: r.HasExtendedTitle,
		Options: []tfOptions{{DetectionMethod: o.DetectionMethod, EvaluationWindow: o.EvaluationWindow, KeepAlive: o.KeepAlive, MaxSignalDuration: o.MaxSignalDuration}},
	}
	for _, q := range r.Queries {
		out.Query = append(out.Query, tfQuery{
			q.Name, hcl.Quote(q.Query), q.Aggregation, hcl.QuoteAll(q.GroupByFields), q.HasOptionalGroupByFields, hcl.QuoteAll(q.DistinctFields), hcl.QuoteAll(q.Metrics), q.DataSource,
		})
	}
	for _, c := range r.Cases {
		out.Case = append(out.Case, tfCase{hcl.Quote(c.Name), c.Status, c.Condition, hcl.QuoteAll(c.Notifications)})
	}
	if n := o.NewValueOptions; n != nil {
		out.Options[0].NewValueOptions = []tfNewValue{{n.ForgetAfter, n.LearningMethod, n.LearningDuration, n.LearningThreshold, n.InstantaneousBaseline}}
	}
	if s := o.SequenceOptions; s != nil {
		var seq tfSequence
		for _, x := range s.Steps {
			seq.Steps = append(seq.Steps, tfStep(x))
		}
		for _, x := range s.StepTransitions {
			seq.StepTransitions = append(seq.StepTransitions, tfTransition(x))
		}
		out.Options[0].SequenceOptions = []tfSequence{seq}
	}
	return out
}

func tfAgentOf(a *AgentAttributes) *tfAgentRule {
	out := &tfAgentRule{
		Name: a.Name, PolicyID: hcl.Variable(policyVariable), Description: hcl.Quote(a.Description), Expression: hcl.Quote(a.Expression), Enabled: a.Enabled,
		ProductTags: hcl.QuoteAll(a.ProductTags),
	}
	for _, f := range a.Filters {
		system, _ := FilteredOS(f)
		out.Expression = "(" + out.Expression + ")" + systemTest(system)
	}
	if a.AgentVersion != "" {
		out.Comment = versionComment + a.AgentVersion
	}
	return out
}

// systemTest asks what a filter on the system asks, as a part of an expression.
func systemTest(system string) string { return ` && event.os == "` + system + `"` }

// reader unquotes texts; err is the first fault.
type reader struct{ err error }

func (r *reader) text(s string) string {
	out, err := hcl.Unquote(s, nil)
	if r.err == nil {
		r.err = err
	}
	return out
}

func (r *reader) texts(list []string) []string {
	out := slices.Clone(list)
	for i, s := range out {
		out[i] = r.text(s)
	}
	return out
}

// DecodeTerraform reads what [Terraform] wrote, sorted by name. A key that is not known, and a value that the API does not take,
// are faults.
func DecodeTerraform(data []byte) ([]Named, error) {
	var file terraform
	if err := plainjson.Strict(data, &file); err != nil {
		return nil, err
	}
	var out []Named
	for name, r := range file.Resource.Rules {
		if r == nil || len(r.Options) != 1 {
			return nil, fmt.Errorf("the rule %s has no options", name)
		}
		rule, err := r.rule()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := rule.validate(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		a := file.Resource.Agents[name]
		if a == nil {
			out = append(out, Named{name, rule})
			continue
		}
		attributes, err := a.attributes()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		pair := &WorkloadRule{SignalRule: *rule, AgentRule: NewAgentRule(attributes)}
		if err := pair.validate(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, Named{name, pair})
	}
	for name := range file.Resource.Agents {
		if file.Resource.Rules[name] == nil {
			return nil, errors.New("the agent rule " + name + " has no rule of its name")
		}
	}
	slices.SortFunc(out, func(x, y Named) int { return strings.Compare(x.Name, y.Name) })
	return out, nil
}

func (r *tfRule) rule() (*DetectionRule, error) {
	var in reader
	o := r.Options[0]
	out := &DetectionRule{
		Name: in.text(r.Name), Type: r.Type, IsEnabled: r.Enabled, Message: in.text(r.Message), Tags: in.texts(r.Tags), HasExtendedTitle: r.HasExtendedTitle,
		Options: Options{DetectionMethod: o.DetectionMethod, EvaluationWindow: o.EvaluationWindow, KeepAlive: o.KeepAlive, MaxSignalDuration: o.MaxSignalDuration},
	}
	for _, q := range r.Query {
		out.Queries = append(out.Queries, Query{
			q.Name, in.text(q.Query), q.Aggregation, in.texts(q.GroupByFields), q.HasOptionalGroupByFields, in.texts(q.DistinctFields), in.texts(q.Metrics), q.DataSource,
		})
	}
	for _, c := range r.Case {
		out.Cases = append(out.Cases, Case{in.text(c.Name), c.Status, c.Condition, in.texts(c.Notifications)})
	}
	if len(o.NewValueOptions) == 1 {
		n := o.NewValueOptions[0]
		out.Options.NewValueOptions = &NewValueOptions{n.ForgetAfter, n.LearningMethod, n.LearningDuration, n.LearningThreshold, n.InstantaneousBaseline}
	}
	if len(o.SequenceOptions) == 1 {
		s := &SequenceOptions{}
		for _, x := range o.SequenceOptions[0].Steps {
			s.Steps = append(s.Steps, SequenceStep(x))
		}
		for _, x := range o.SequenceOptions[0].StepTransitions {
			s.StepTransitions = append(s.StepTransitions, StepTransition(x))
		}
		out.Options.SequenceOptions = s
	}
	return out, in.err
}

func (a *tfAgentRule) attributes() (AgentAttributes, error) {
	var in reader
	out := AgentAttributes{Name: a.Name, Description: in.text(a.Description), Expression: in.text(a.Expression), Enabled: a.Enabled, ProductTags: in.texts(a.ProductTags), Filters: []string{}}
	out.AgentVersion, _ = strings.CutPrefix(a.Comment, versionComment)
	if i := strings.LastIndex(out.Expression, ")"+systemTest("")[:len(systemTest(""))-1]); i >= 0 {
		system := strings.TrimSuffix(out.Expression[i+len(systemTest("")):], `"`)
		out.Expression, out.Filters = out.Expression[1:i], []string{OSFilter(system)}
	}
	return out, in.err
}
