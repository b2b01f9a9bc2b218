// Package arm is the document of a Microsoft Sentinel analytics rule: the resource of an Azure Resource Manager template that
// deploys it. Source of names and limits: the resource type Microsoft.SecurityInsights/alertRules, kind Scheduled, of the
// Azure REST reference, and learn.microsoft.com/azure/sentinel/scheduled-rules-overview.
package arm

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/onerule/onerule/internal/plainjson"
)

// ResourceType is the type of the resource, which is deployed into a workspace.
const ResourceType = "Microsoft.OperationalInsights/workspaces/providers/alertRules"

// Versions of the API: sub-techniques are in previews only.
const (
	Version        = "2025-09-01"
	VersionPreview = "2025-10-01-preview"
)

// Scheduled is the kind of rule that runs a query at intervals.
const Scheduled = "Scheduled"

// Limits of a scheduled rule.
const (
	MinFrequency = 5 * time.Minute
	MaxPeriod    = 14 * 24 * time.Hour
	// LongPeriod is the look-back beyond which a rule runs once an hour or more seldom.
	LongPeriod      = 48 * time.Hour
	LongMin         = time.Hour
	MaxQuery        = 10_000
	MaxName         = 256
	MaxDescription  = 5000
	MaxMappings     = 10
	MaxIdentifiers  = 3
	MaxDetails      = 20
	MaxDetailName   = 20
	MaxPlaceholders = 3
	MaxThreshold    = 10_000
	MaxAlerts       = 150
	// Delay is how much later than scheduled a rule runs, so that events can arrive.
	Delay = 5 * time.Minute
)

// Rule is the resource.
type Rule struct {
	Type       string     `json:"type"`
	APIVersion string     `json:"apiVersion"`
	Name       string     `json:"name"`
	Kind       string     `json:"kind"`
	Properties Properties `json:"properties"`
}

// Properties are those of a scheduled rule. Durations are ISO 8601.
type Properties struct {
	DisplayName           string                 `json:"displayName"`
	Description           string                 `json:"description,omitempty"`
	Severity              string                 `json:"severity"`
	Enabled               bool                   `json:"enabled"`
	Query                 string                 `json:"query"`
	QueryFrequency        string                 `json:"queryFrequency"`
	QueryPeriod           string                 `json:"queryPeriod"`
	TriggerOperator       string                 `json:"triggerOperator"`
	TriggerThreshold      int                    `json:"triggerThreshold"`
	SuppressionDuration   string                 `json:"suppressionDuration"`
	SuppressionEnabled    bool                   `json:"suppressionEnabled"`
	Tactics               []string               `json:"tactics,omitempty"`
	Techniques            []string               `json:"techniques,omitempty"`
	SubTechniques         []string               `json:"subTechniques,omitempty"`
	EntityMappings        []EntityMapping        `json:"entityMappings,omitempty"`
	CustomDetails         map[string]string      `json:"customDetails,omitempty"`
	AlertDetailsOverride  *AlertDetails          `json:"alertDetailsOverride,omitempty"`
	EventGroupingSettings *EventGrouping         `json:"eventGroupingSettings,omitempty"`
	IncidentConfiguration *IncidentConfiguration `json:"incidentConfiguration,omitempty"`
}

// EntityMapping says which columns identify an entity.
type EntityMapping struct {
	EntityType    string         `json:"entityType"`
	FieldMappings []FieldMapping `json:"fieldMappings"`
}

// FieldMapping is an identifier of an entity and its column.
type FieldMapping struct {
	Identifier string `json:"identifier"`
	ColumnName string `json:"columnName"`
}

// AlertDetails overrides texts of an alert by columns: {{Column}}.
type AlertDetails struct {
	DisplayNameFormat string `json:"alertDisplayNameFormat,omitempty"`
	DescriptionFormat string `json:"alertDescriptionFormat,omitempty"`
}

// EventGrouping says whether a run raises one alert, or one for each result.
type EventGrouping struct {
	AggregationKind string `json:"aggregationKind"`
}

// The kinds of event grouping.
const (
	SingleAlert    = "SingleAlert"
	AlertPerResult = "AlertPerResult"
)

// IncidentConfiguration says how alerts become incidents.
type IncidentConfiguration struct {
	CreateIncident        bool                   `json:"createIncident"`
	GroupingConfiguration *GroupingConfiguration `json:"groupingConfiguration,omitempty"`
}

// GroupingConfiguration puts alerts into one incident.
type GroupingConfiguration struct {
	Enabled              bool     `json:"enabled"`
	ReopenClosedIncident bool     `json:"reopenClosedIncident"`
	LookbackDuration     string   `json:"lookbackDuration"`
	MatchingMethod       string   `json:"matchingMethod"`
	GroupByEntities      []string `json:"groupByEntities,omitempty"`
	GroupByAlertDetails  []string `json:"groupByAlertDetails,omitempty"`
	GroupByCustomDetails []string `json:"groupByCustomDetails,omitempty"`
}

// Encode returns the resource as JSON.
func (r *Rule) Encode() ([]byte, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	out := *r
	var err error
	if out.Properties, err = MapTexts(r.Properties, func(s string) (string, error) { return Literal(s), nil }); err != nil {
		return nil, err
	}
	return plainjson.Indented(&out)
}

// Name is the name of the resource of a rule with an id: an expression that puts the workspace before it.
func Name(id string) string { return namePrefix + id + nameSuffix }

const (
	namePrefix = "[concat(parameters('" + workspaceParam + "'), '/Microsoft.SecurityInsights/"
	nameSuffix = "')]"
)

// ID is the id of the rule in its name, "" where there is none.
func (r *Rule) ID() string {
	id := strings.TrimSuffix(strings.TrimPrefix(r.Name, namePrefix), nameSuffix)
	if Name(id) != r.Name || !uuid.MatchString(id) {
		return ""
	}
	return id
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// units is the length of a text as the service counts it: in UTF-16.
func units(s string) int { return len(utf16.Encode([]rune(s))) }

// Decode reads a resource. What it does not know is an error.
func Decode(data []byte) (*Rule, error) {
	r := &Rule{}
	if err := plainjson.Strict(data, r); err != nil {
		return nil, err
	}
	var err error
	if r.Properties, err = MapTexts(r.Properties, func(s string) (string, error) { return Evaluate(s, nil) }); err != nil {
		return nil, err
	}
	return r, r.Check()
}

// The words of properties.
var (
	severities = []string{"Informational", "Low", "Medium", "High"}
	operators  = []string{"GreaterThan", "LessThan", "Equal", "NotEqual"}
	tactics    = []string{
		"Reconnaissance", "ResourceDevelopment", "InitialAccess", "Execution", "Persistence", "PrivilegeEscalation", "DefenseEvasion", "CredentialAccess",
		"Discovery", "LateralMovement", "Collection", "CommandAndControl", "Exfiltration", "Impact", "ImpairProcessControl", "InhibitResponseFunction", "PreAttack",
	}
	groupings  = []string{SingleAlert, AlertPerResult}
	matchings  = []string{"AllEntities", "AnyAlert", "Selected"}
	technique  = regexp.MustCompile(`^T\d{4}$`)
	subtech    = regexp.MustCompile(`^T\d{4}\.\d{3}$`)
	detailName = regexp.MustCompile(`^[a-zA-Z]\w*$`)
	columnName = regexp.MustCompile(`^[a-zA-Z_]\w*$`)
	anyColumns = regexp.MustCompile(`(?i)\b(search|union)\s+\*`)
)

// Identifiers lists what identifies an entity of each type.
var Identifiers = map[string][]string{
	"Account":          {"FullName", "Name", "NTDomain", "DnsDomain", "UPNSuffix", "Sid", "AadTenantId", "AadUserId", "PUID", "IsDomainJoined", "DisplayName", "ObjectGuid", "CloudAppAccountId"},
	"Host":             {"FullName", "HostName", "DnsDomain", "NTDomain", "NetBiosName", "AzureID", "OMSAgentID", "OSFamily", "OSVersion", "IsDomainJoined"},
	"IP":               {"Address", "AddressScope"},
	"URL":              {"Url"},
	"File":             {"Directory", "Name"},
	"FileHash":         {"Algorithm", "Value"},
	"Process":          {"ProcessId", "CommandLine", "ElevationToken", "CreationTimeUtc"},
	"RegistryKey":      {"Hive", "Key"},
	"RegistryValue":    {"Name", "Value", "ValueType"},
	"DNS":              {"DomainName"},
	"CloudApplication": {"AppId", "Name", "InstanceName"},
	"AzureResource":    {"ResourceId"},
	"Malware":          {"Name", "Category"},
	"SecurityGroup":    {"DistinguishedName", "SID", "ObjectGuid"},
	"Mailbox":          {"MailboxPrimaryAddress", "DisplayName", "Upn", "ExternalDirectoryObjectId", "RiskLevel"},
}

// Check reports the first thing that Sentinel would not take.
func (r *Rule) Check() error {
	if r.Type != ResourceType || r.Kind != Scheduled || r.Name == "" {
		return fmt.Errorf("the resource is no scheduled analytics rule with a name")
	}
	if r.APIVersion != Version && r.APIVersion != VersionPreview {
		return fmt.Errorf("apiVersion %q is not known", r.APIVersion)
	}
	p := &r.Properties
	if len(p.SubTechniques) > 0 && r.APIVersion != VersionPreview {
		return fmt.Errorf("subTechniques need apiVersion %s", VersionPreview)
	}
	for _, check := range []func() error{p.checkTexts, p.checkSchedule, p.checkAttack, p.checkEntities, p.checkDetails, p.checkIncidents} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (p *Properties) checkTexts() error {
	switch {
	case p.DisplayName == "" || units(p.DisplayName) > MaxName:
		return fmt.Errorf("displayName has %d characters: 1 to %d are allowed", units(p.DisplayName), MaxName)
	case units(p.Description) > MaxDescription:
		return fmt.Errorf("description has %d characters: up to %d are allowed", units(p.Description), MaxDescription)
	case !slices.Contains(severities, p.Severity):
		return fmt.Errorf("severity %q is none of %s", p.Severity, strings.Join(severities, ", "))
	case p.Query == "" || units(p.Query) > MaxQuery:
		return fmt.Errorf("query has %d characters: 1 to %d are allowed", units(p.Query), MaxQuery)
	case anyColumns.MatchString(p.Query):
		return fmt.Errorf("query has `search *` or `union *`")
	}
	return nil
}

func (p *Properties) checkSchedule() error {
	every, period, err := p.Schedule()
	if err != nil {
		return err
	}
	switch {
	case every < MinFrequency || every > MaxPeriod:
		return fmt.Errorf("queryFrequency %s: PT5M to P14D are allowed", p.QueryFrequency)
	case period < every || period > MaxPeriod:
		return fmt.Errorf("queryPeriod %s: queryFrequency to P14D is allowed", p.QueryPeriod)
	case period > LongPeriod && every < LongMin:
		return fmt.Errorf("queryPeriod %s: beyond two days queryFrequency has to be an hour or more", p.QueryPeriod)
	case !slices.Contains(operators, p.TriggerOperator):
		return fmt.Errorf("triggerOperator %q is none of %s", p.TriggerOperator, strings.Join(operators, ", "))
	case p.TriggerThreshold < 0 || p.TriggerThreshold > MaxThreshold:
		return fmt.Errorf("triggerThreshold %d: 0 to %d are allowed", p.TriggerThreshold, MaxThreshold)
	}
	pause, err := ParseDuration(p.SuppressionDuration)
	if err != nil {
		return fmt.Errorf("suppressionDuration: %w", err)
	}
	if pause < MinFrequency || pause > 24*time.Hour || p.SuppressionEnabled && pause < every {
		return fmt.Errorf("suppressionDuration %s: PT5M to PT24H are allowed, and no less than queryFrequency when it is on", p.SuppressionDuration)
	}
	return nil
}

// Schedule returns how often the rule runs, and how far it looks back.
func (p *Properties) Schedule() (every, period time.Duration, err error) {
	if every, err = ParseDuration(p.QueryFrequency); err != nil {
		return 0, 0, fmt.Errorf("queryFrequency: %w", err)
	}
	if period, err = ParseDuration(p.QueryPeriod); err != nil {
		return 0, 0, fmt.Errorf("queryPeriod: %w", err)
	}
	return every, period, nil
}

func (p *Properties) checkAttack() error {
	for _, t := range p.Tactics {
		if !slices.Contains(tactics, t) {
			return fmt.Errorf("there is no tactic %q", t)
		}
	}
	for _, t := range p.Techniques {
		if !technique.MatchString(t) {
			return fmt.Errorf("technique %q is not of the form T1234", t)
		}
	}
	for _, t := range p.SubTechniques {
		if !subtech.MatchString(t) {
			return fmt.Errorf("sub-technique %q is not of the form T1234.001", t)
		}
	}
	return nil
}

func (p *Properties) checkEntities() error {
	if len(p.EntityMappings) > MaxMappings {
		return fmt.Errorf("%d entity mappings: up to %d are allowed", len(p.EntityMappings), MaxMappings)
	}
	for _, m := range p.EntityMappings {
		known, ok := Identifiers[m.EntityType]
		if !ok {
			return fmt.Errorf("there is no entity type %q", m.EntityType)
		}
		if len(m.FieldMappings) == 0 || len(m.FieldMappings) > MaxIdentifiers {
			return fmt.Errorf("%d identifiers of %s: 1 to %d are allowed", len(m.FieldMappings), m.EntityType, MaxIdentifiers)
		}
		for _, f := range m.FieldMappings {
			if !slices.Contains(known, f.Identifier) || !columnName.MatchString(f.ColumnName) {
				return fmt.Errorf("%s of %s in column %q: no such identifier, or no name of a column", f.Identifier, m.EntityType, f.ColumnName)
			}
		}
	}
	return nil
}

func (p *Properties) checkDetails() error {
	if len(p.CustomDetails) > MaxDetails {
		return fmt.Errorf("%d custom details: up to %d are allowed", len(p.CustomDetails), MaxDetails)
	}
	for name, column := range p.CustomDetails {
		if !detailName.MatchString(name) || len(name) > MaxDetailName || !columnName.MatchString(column) {
			return fmt.Errorf("custom detail %q of column %q: names have up to %d letters, digits and _", name, column, MaxDetailName)
		}
	}
	if d := p.AlertDetailsOverride; d != nil {
		for _, format := range []string{d.DisplayNameFormat, d.DescriptionFormat} {
			if strings.Count(format, "{{") > MaxPlaceholders {
				return fmt.Errorf("alertDetailsOverride: up to %d columns in a text", MaxPlaceholders)
			}
		}
		if len(d.DisplayNameFormat) > MaxName || len(d.DescriptionFormat) > MaxDescription {
			return fmt.Errorf("alertDetailsOverride: a text is too long")
		}
	}
	return nil
}

func (p *Properties) checkIncidents() error {
	if g := p.EventGroupingSettings; g != nil && !slices.Contains(groupings, g.AggregationKind) {
		return fmt.Errorf("aggregationKind %q is none of %s", g.AggregationKind, strings.Join(groupings, ", "))
	}
	if p.IncidentConfiguration == nil || p.IncidentConfiguration.GroupingConfiguration == nil {
		return nil
	}
	g := p.IncidentConfiguration.GroupingConfiguration
	lookback, err := ParseDuration(g.LookbackDuration)
	switch {
	case err != nil:
		return fmt.Errorf("lookbackDuration: %w", err)
	case lookback < 5*time.Minute || lookback > 7*24*time.Hour:
		return fmt.Errorf("lookbackDuration %s: PT5M to P7D are allowed", g.LookbackDuration)
	case !slices.Contains(matchings, g.MatchingMethod):
		return fmt.Errorf("matchingMethod %q is none of %s", g.MatchingMethod, strings.Join(matchings, ", "))
	case g.MatchingMethod == "Selected" && len(g.GroupByEntities)+len(g.GroupByAlertDetails)+len(g.GroupByCustomDetails) == 0:
		return fmt.Errorf("matchingMethod Selected names nothing to group by")
	}
	for _, d := range g.GroupByCustomDetails {
		if _, ok := p.CustomDetails[d]; !ok {
			return fmt.Errorf("incidents are grouped by %q, which is no custom detail", d)
		}
	}
	return nil
}
