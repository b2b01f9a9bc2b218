// Package terraform writes analytics rules of Microsoft Sentinel in Terraform's JSON syntax: as resources of the provider
// hashicorp/azurerm, or of azure/azapi where azurerm has no place for something. Sources: the schema of
// azurerm_sentinel_alert_rule_scheduled, the documentation of azapi_resource, and developer.hashicorp.com/terraform/language/syntax/json.
package terraform

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/onerule/onerule/internal/plainjson"
	"github.com/onerule/onerule/platform/hcl"
	"github.com/onerule/onerule/platform/sentinel/arm"
)

// Entry is a rule under the name of its resource: a letter, then letters, digits and _.
type Entry struct {
	Name string
	arm.Entry
}

// file is a file in Terraform's JSON syntax; its maps are written in the order of their keys.
type file struct {
	Comment   string               `json:"//,omitempty"`
	Terraform settings             `json:"terraform"`
	Variable  map[string]*variable `json:"variable"`
	Resource  resources            `json:"resource"`
}

type settings struct {
	RequiredVersion   string              `json:"required_version"`
	RequiredProviders map[string]provider `json:"required_providers"`
}

type provider struct {
	Source  string `json:"source"`
	Version string `json:"version"`
}

type variable struct {
	Description string        `json:"description"`
	Type        string        `json:"type"`
	Default     *json.Number  `json:"default,omitempty"`
	Nullable    bool          `json:"nullable"`
	Validation  []*validation `json:"validation,omitempty"`
}

type validation struct {
	Condition    string `json:"condition"`
	ErrorMessage string `json:"error_message"`
}

type resources struct {
	Scheduled map[string]*scheduled `json:"azurerm_sentinel_alert_rule_scheduled,omitempty"`
	Any       map[string]*anything  `json:"azapi_resource,omitempty"`
}

// scheduled is a resource azurerm_sentinel_alert_rule_scheduled; blocks are lists of objects.
type scheduled struct {
	Comment             string            `json:"//,omitempty"`
	Name                string            `json:"name"`
	Workspace           string            `json:"log_analytics_workspace_id"`
	DisplayName         string            `json:"display_name"`
	Description         string            `json:"description,omitempty"`
	Severity            string            `json:"severity"`
	Enabled             bool              `json:"enabled"`
	Query               string            `json:"query"`
	QueryFrequency      string            `json:"query_frequency"`
	QueryPeriod         string            `json:"query_period"`
	TriggerOperator     string            `json:"trigger_operator"`
	TriggerThreshold    int               `json:"trigger_threshold"`
	SuppressionEnabled  bool              `json:"suppression_enabled"`
	SuppressionDuration string            `json:"suppression_duration"`
	Tactics             []string          `json:"tactics,omitempty"`
	Techniques          []string          `json:"techniques,omitempty"`
	EntityMapping       []entityMapping   `json:"entity_mapping,omitempty"`
	CustomDetails       map[string]string `json:"custom_details,omitempty"`
	AlertDetails        []alertDetails    `json:"alert_details_override,omitempty"`
	EventGrouping       []eventGrouping   `json:"event_grouping,omitempty"`
	Incident            []incident        `json:"incident,omitempty"`
}

type entityMapping struct {
	EntityType   string         `json:"entity_type"`
	FieldMapping []fieldMapping `json:"field_mapping"`
}

type fieldMapping struct {
	Identifier string `json:"identifier"`
	ColumnName string `json:"column_name"`
}

type alertDetails struct {
	DisplayNameFormat string `json:"display_name_format,omitempty"`
	DescriptionFormat string `json:"description_format,omitempty"`
}

type eventGrouping struct {
	AggregationMethod string `json:"aggregation_method"`
}

type incident struct {
	CreateIncidentEnabled bool       `json:"create_incident_enabled"`
	Grouping              []grouping `json:"grouping"`
}

type grouping struct {
	Enabled               bool     `json:"enabled"`
	LookbackDuration      string   `json:"lookback_duration,omitempty"`
	ReopenClosedIncidents bool     `json:"reopen_closed_incidents"`
	EntityMatchingMethod  string   `json:"entity_matching_method,omitempty"`
	ByEntities            []string `json:"by_entities,omitempty"`
	ByAlertDetails        []string `json:"by_alert_details,omitempty"`
	ByCustomDetails       []string `json:"by_custom_details,omitempty"`
}

// anything is a resource azapi_resource. The provider knows the types of versions up to its own; it is told not to look.
type anything struct {
	Comment          string `json:"//,omitempty"`
	Type             string `json:"type"`
	Name             string `json:"name"`
	Parent           string `json:"parent_id"`
	SchemaValidation bool   `json:"schema_validation_enabled"`
	Body             body   `json:"body"`
}

type body struct {
	Kind       string         `json:"kind"`
	Properties arm.Properties `json:"properties"`
}

// The providers, and the variable that names the workspace.
const (
	azurermSource     = "hashicorp/azurerm"
	azurermVersion    = ">= 4.0.0"
	azapiSource       = "azure/azapi"
	azapiVersion      = ">= 2.0.0"
	terraformVersion  = ">= 1.3.0"
	workspaceVariable = "log_analytics_workspace_id"
	extensionType     = "Microsoft.SecurityInsights/alertRules"
)

var workspaceValue = hcl.Variable(workspaceVariable)

// Unfit says why Terraform does not carry a rule; "" means that it does. Terraform brings all texts into the normal form NFC, which
// changes what a query with other texts finds.
func Unfit(r *arm.Rule) string {
	if !hcl.Kept(r.Properties.Query) {
		return "the query has text that is not in the normal form NFC, which Terraform would change"
	}
	return ""
}

// Encode writes rules as resources. The comment stands at the beginning of the file.
func Encode(comment string, entries []Entry) ([]byte, error) {
	out := &file{Comment: comment, Terraform: settings{terraformVersion, map[string]provider{}}}
	out.Variable = map[string]*variable{workspaceVariable: {Description: "The id of the Log Analytics workspace that Microsoft Sentinel is enabled on.", Type: "string"}}
	out.Resource = resources{Scheduled: map[string]*scheduled{}, Any: map[string]*anything{}}
	for _, e := range entries {
		if err := out.add(&e); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
	}
	return plainjson.Indented(out)
}

func (f *file) add(e *Entry) error {
	r := e.Rule
	if err := r.Check(); err != nil {
		return err
	}
	if why := Unfit(r); why != "" {
		return fmt.Errorf("%s", why)
	}
	query, err := e.query()
	if err != nil {
		return err
	}
	for i := range e.Knobs {
		if err := f.variable(&e.Knobs[i]); err != nil {
			return err
		}
	}
	id := r.ID()
	if id == "" {
		return fmt.Errorf("the resource has no id")
	}
	if len(r.Properties.SubTechniques) == 0 {
		f.Terraform.RequiredProviders["azurerm"] = provider{azurermSource, azurermVersion}
		s := newScheduled(&r.Properties)
		s.Comment, s.Name, s.Workspace, s.Query = e.Comment, id, workspaceValue, query
		f.Resource.Scheduled[e.Name] = s
		return nil
	}
	f.Terraform.RequiredProviders["azapi"] = provider{azapiSource, azapiVersion}
	props, err := arm.MapTexts(r.Properties, func(s string) (string, error) { return hcl.Quote(s), nil })
	props.Query = query
	f.Resource.Any[e.Name] = &anything{
		Comment: e.Comment, Type: extensionType + "@" + r.APIVersion, Name: id, Parent: workspaceValue, Body: body{r.Kind, props},
	}
	return err
}

// variable adds the variable of a knob. Its description is no template.
func (f *file) variable(k *arm.Knob) error {
	if f.Variable[k.Name] != nil {
		return fmt.Errorf("there are two variables %s", k.Name)
	}
	value := json.Number(strconv.FormatInt(k.Value, 10))
	f.Variable[k.Name] = &variable{
		Description: norm.NFC.String(k.Doc), Type: "number", Default: &value,
		Validation: []*validation{{Condition: "${floor(var." + k.Name + ") == var." + k.Name + "}", ErrorMessage: "A whole number is expected here."}},
	}
	return nil
}

// query is the query with the values of variables in their places.
func (e *Entry) query() (string, error) {
	pieces, err := arm.Pieces(e.Rule.Properties.Query, e.Knobs)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, p := range pieces {
		if p.Knob != nil {
			b.WriteString(hcl.Variable(p.Knob.Name))
			continue
		}
		b.WriteString(hcl.Quote(p.Text))
	}
	return b.String(), nil
}

func newScheduled(p *arm.Properties) *scheduled {
	s := &scheduled{
		DisplayName: hcl.Quote(p.DisplayName), Description: hcl.Quote(p.Description), Severity: p.Severity, Enabled: p.Enabled, QueryFrequency: p.QueryFrequency,
		QueryPeriod: p.QueryPeriod, TriggerOperator: p.TriggerOperator, TriggerThreshold: p.TriggerThreshold, SuppressionEnabled: p.SuppressionEnabled,
		SuppressionDuration: p.SuppressionDuration, Tactics: p.Tactics, Techniques: p.Techniques, CustomDetails: maps.Clone(p.CustomDetails),
	}
	for _, m := range p.EntityMappings {
		e := entityMapping{EntityType: m.EntityType}
		for _, f := range m.FieldMappings {
			e.FieldMapping = append(e.FieldMapping, fieldMapping(f))
		}
		s.EntityMapping = append(s.EntityMapping, e)
	}
	if d := p.AlertDetailsOverride; d != nil {
		s.AlertDetails = []alertDetails{{hcl.Quote(d.DisplayNameFormat), hcl.Quote(d.DescriptionFormat)}}
	}
	if g := p.EventGroupingSettings; g != nil {
		s.EventGrouping = []eventGrouping{{g.AggregationKind}}
	}
	if c := p.IncidentConfiguration; c != nil {
		g := grouping{} // the provider wants the block, which is switched off by itself
		if x := c.GroupingConfiguration; x != nil {
			g = grouping{x.Enabled, x.LookbackDuration, x.ReopenClosedIncident, x.MatchingMethod, x.GroupByEntities, x.GroupByAlertDetails, x.GroupByCustomDetails}
		}
		s.Incident = []incident{{c.CreateIncident, []grouping{g}}}
	}
	return s
}

// Decode reads a file that [Encode] wrote; the rules have the values that variables have when nothing else is said, and are in the
// order of their names. What it does not know is an error.
func Decode(data []byte) ([]Entry, error) {
	var in file
	if err := plainjson.Strict(data, &in); err != nil {
		return nil, err
	}
	values := map[string]string{}
	for name, v := range in.Variable {
		if v.Default != nil {
			values[name] = v.Default.String()
		}
	}
	var out []Entry
	for name, s := range in.Resource.Scheduled {
		r, err := s.rule(values)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, Entry{Name: name, Entry: arm.Entry{Rule: r, Comment: s.Comment}})
	}
	for name, a := range in.Resource.Any {
		r, err := a.rule(values)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, Entry{Name: name, Entry: arm.Entry{Rule: r, Comment: a.Comment}})
	}
	slices.SortFunc(out, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (a *anything) rule(values map[string]string) (*arm.Rule, error) {
	typ, version, _ := strings.Cut(a.Type, "@")
	if typ != extensionType || a.Parent != workspaceValue {
		return nil, fmt.Errorf("this is no alert rule of the workspace")
	}
	props, err := arm.MapTexts(a.Body.Properties, func(s string) (string, error) { return hcl.Unquote(s, values) })
	if err != nil {
		return nil, err
	}
	r := &arm.Rule{Type: arm.ResourceType, APIVersion: version, Name: arm.Name(a.Name), Kind: a.Body.Kind, Properties: props}
	return r, r.Check()
}

func (s *scheduled) rule(values map[string]string) (*arm.Rule, error) {
	if s.Workspace != workspaceValue {
		return nil, fmt.Errorf("this is no alert rule of the workspace")
	}
	r := &arm.Rule{Type: arm.ResourceType, APIVersion: arm.Version, Name: arm.Name(s.Name), Kind: arm.Scheduled}
	r.Properties = arm.Properties{
		DisplayName: s.DisplayName, Description: s.Description, Severity: s.Severity, Enabled: s.Enabled, Query: s.Query, QueryFrequency: s.QueryFrequency,
		QueryPeriod: s.QueryPeriod, TriggerOperator: s.TriggerOperator, TriggerThreshold: s.TriggerThreshold, SuppressionEnabled: s.SuppressionEnabled,
		SuppressionDuration: s.SuppressionDuration, Tactics: s.Tactics, Techniques: s.Techniques, CustomDetails: s.CustomDetails,
	}
	p := &r.Properties
	for _, m := range s.EntityMapping {
		e := arm.EntityMapping{EntityType: m.EntityType}
		for _, f := range m.FieldMapping {
			e.FieldMappings = append(e.FieldMappings, arm.FieldMapping(f))
		}
		p.EntityMappings = append(p.EntityMappings, e)
	}
	for _, d := range s.AlertDetails {
		p.AlertDetailsOverride = &arm.AlertDetails{DisplayNameFormat: d.DisplayNameFormat, DescriptionFormat: d.DescriptionFormat}
	}
	for _, g := range s.EventGrouping {
		p.EventGroupingSettings = &arm.EventGrouping{AggregationKind: g.AggregationMethod}
	}
	for _, i := range s.Incident {
		p.IncidentConfiguration = &arm.IncidentConfiguration{CreateIncident: i.CreateIncidentEnabled}
		for _, g := range i.Grouping {
			if g.LookbackDuration != "" {
				p.IncidentConfiguration.GroupingConfiguration = &arm.GroupingConfiguration{
					Enabled: g.Enabled, ReopenClosedIncident: g.ReopenClosedIncidents, LookbackDuration: g.LookbackDuration, MatchingMethod: g.EntityMatchingMethod,
					GroupByEntities: g.ByEntities, GroupByAlertDetails: g.ByAlertDetails, GroupByCustomDetails: g.ByCustomDetails,
				}
			}
		}
	}
	var err error
	if r.Properties, err = arm.MapTexts(r.Properties, func(t string) (string, error) { return hcl.Unquote(t, values) }); err != nil {
		return nil, err
	}
	return r, r.Check()
}

// Provider is a file that configures azurerm, for those who run Terraform in the folder itself; a module has no use for it.
func Provider() []byte {
	return []byte("{\n  \"provider\": {\n    \"azurerm\": {\n      \"features\": {}\n    }\n  }\n}\n")
}
