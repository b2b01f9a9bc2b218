// Package content is an analytics rule as the content of the repository Azure/Azure-Sentinel has it: one YAML file for each
// rule. Source of names and limits: the models of that repository's validator (.script/tests/detectionTemplateSchemaValidation).
package content

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/platform/sentinel/arm"
)

// Rule is the content of a file.
type Rule struct {
	ID                    string                 `yaml:"id"`
	Name                  string                 `yaml:"name"`
	Version               string                 `yaml:"version"`
	Kind                  string                 `yaml:"kind"`
	Description           string                 `yaml:"description"`
	Severity              string                 `yaml:"severity"`
	Status                string                 `yaml:"status,omitempty"`
	RequiredConnectors    []Connector            `yaml:"requiredDataConnectors"`
	QueryFrequency        string                 `yaml:"queryFrequency"`
	QueryPeriod           string                 `yaml:"queryPeriod"`
	TriggerOperator       string                 `yaml:"triggerOperator"`
	TriggerThreshold      int                    `yaml:"triggerThreshold"`
	SuppressionEnabled    bool                   `yaml:"suppressionEnabled,omitempty"`
	SuppressionDuration   string                 `yaml:"suppressionDuration,omitempty"`
	Tactics               []string               `yaml:"tactics,omitempty"`
	RelevantTechniques    []string               `yaml:"relevantTechniques,omitempty"`
	Tags                  []string               `yaml:"tags,omitempty"`
	Query                 string                 `yaml:"query"`
	EntityMappings        []EntityMapping        `yaml:"entityMappings,omitempty"`
	CustomDetails         map[string]string      `yaml:"customDetails,omitempty"`
	AlertDetailsOverride  *AlertDetails          `yaml:"alertDetailsOverride,omitempty"`
	EventGroupingSettings *EventGrouping         `yaml:"eventGroupingSettings,omitempty"`
	IncidentConfiguration *IncidentConfiguration `yaml:"incidentConfiguration,omitempty"`
	Metadata              *Metadata              `yaml:"metadata,omitempty"`
}

// Connector is a data connector that brings the tables that the query reads.
type Connector struct {
	ID        string   `yaml:"connectorId"`
	DataTypes []string `yaml:"dataTypes"`
}

// EntityMapping says which columns identify an entity.
type EntityMapping struct {
	EntityType    string         `yaml:"entityType"`
	FieldMappings []FieldMapping `yaml:"fieldMappings"`
}

// FieldMapping is an identifier and its column.
type FieldMapping struct {
	Identifier string `yaml:"identifier"`
	ColumnName string `yaml:"columnName"`
}

// AlertDetails overrides texts of an alert by columns.
type AlertDetails struct {
	DisplayNameFormat string `yaml:"alertDisplayNameFormat,omitempty"`
	DescriptionFormat string `yaml:"alertDescriptionFormat,omitempty"`
}

// EventGrouping is [arm.EventGrouping].
type EventGrouping struct {
	AggregationKind string `yaml:"aggregationKind"`
}

// IncidentConfiguration is [arm.IncidentConfiguration]; durations in it are ISO 8601.
type IncidentConfiguration struct {
	CreateIncident        bool                   `yaml:"createIncident"`
	GroupingConfiguration *GroupingConfiguration `yaml:"groupingConfiguration,omitempty"`
}

// GroupingConfiguration is [arm.GroupingConfiguration].
type GroupingConfiguration struct {
	Enabled              bool     `yaml:"enabled"`
	ReopenClosedIncident bool     `yaml:"reopenClosedIncident"`
	LookbackDuration     string   `yaml:"lookbackDuration"`
	MatchingMethod       string   `yaml:"matchingMethod"`
	GroupByEntities      []string `yaml:"groupByEntities,omitempty"`
	GroupByAlertDetails  []string `yaml:"groupByAlertDetails,omitempty"`
	GroupByCustomDetails []string `yaml:"groupByCustomDetails,omitempty"`
}

// Metadata says whose the rule is.
type Metadata struct {
	Source  Source  `yaml:"source"`
	Author  Author  `yaml:"author"`
	Support Support `yaml:"support"`
}

// Source is where the rule comes from.
type Source struct {
	Kind string `yaml:"kind"`
}

// Author has the names of the authors.
type Author struct {
	Name string `yaml:"name"`
}

// Support says who helps with the rule.
type Support struct {
	Tier string `yaml:"tier"`
}

// Community is the source and the support of a rule that is no vendor's product.
const Community = "Community"

// About is what the resource of a rule has no place for.
type About struct {
	Version    int
	Tags       []string
	Authors    []string
	Connectors []Connector
}

var operators = map[string]string{"GreaterThan": "gt", "LessThan": "lt", "Equal": "eq", "NotEqual": "ne"}

const defaultSuppression = "PT5H"

// New writes the resource of a rule as content.
func New(r *arm.Rule, a About) (*Rule, error) {
	p := &r.Properties
	out := &Rule{
		ID: r.ID(), Name: p.DisplayName, Version: fmt.Sprintf("%d.0.0", a.Version), Kind: r.Kind, Description: p.Description, Severity: p.Severity, Status: "Available",
		RequiredConnectors: a.Connectors, TriggerOperator: operators[p.TriggerOperator], TriggerThreshold: p.TriggerThreshold, SuppressionEnabled: p.SuppressionEnabled,
		Tactics: p.Tactics, RelevantTechniques: joinTechniques(p.Techniques, p.SubTechniques), Tags: a.Tags, Query: p.Query, CustomDetails: p.CustomDetails,
	}
	var err error
	duration := func(iso string) string {
		d, e := arm.ParseDuration(iso)
		text, e2 := formatDuration(d)
		err = errors.Join(err, e, e2)
		return text
	}
	out.QueryFrequency, out.QueryPeriod = duration(p.QueryFrequency), duration(p.QueryPeriod)
	if p.SuppressionEnabled || p.SuppressionDuration != defaultSuppression {
		out.SuppressionDuration = duration(p.SuppressionDuration)
	}
	for _, m := range p.EntityMappings {
		e := EntityMapping{EntityType: m.EntityType}
		for _, f := range m.FieldMappings {
			e.FieldMappings = append(e.FieldMappings, FieldMapping(f))
		}
		out.EntityMappings = append(out.EntityMappings, e)
	}
	if d := p.AlertDetailsOverride; d != nil && *d != (arm.AlertDetails{}) {
		out.AlertDetailsOverride = (*AlertDetails)(d)
	}
	out.EventGroupingSettings = (*EventGrouping)(p.EventGroupingSettings)
	if c := p.IncidentConfiguration; c != nil {
		out.IncidentConfiguration = &IncidentConfiguration{CreateIncident: c.CreateIncident, GroupingConfiguration: (*GroupingConfiguration)(c.GroupingConfiguration)}
	}
	if len(a.Authors) > 0 {
		out.Metadata = &Metadata{Source: Source{Community}, Author: Author{strings.Join(a.Authors, ", ")}, Support: Support{Community}}
	}
	if err != nil {
		return nil, err
	}
	return out, out.Check()
}

// Resource returns the rule as a resource, enabled.
func (r *Rule) Resource() (*arm.Rule, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	out := &arm.Rule{Type: arm.ResourceType, APIVersion: arm.Version, Name: arm.Name(r.ID), Kind: r.Kind}
	p := &out.Properties
	*p = arm.Properties{
		DisplayName: r.Name, Description: r.Description, Severity: r.Severity, Enabled: true, Query: r.Query, TriggerThreshold: r.TriggerThreshold,
		SuppressionEnabled: r.SuppressionEnabled, SuppressionDuration: defaultSuppression, Tactics: r.Tactics, CustomDetails: r.CustomDetails,
	}
	for word, short := range operators {
		if short == r.TriggerOperator {
			p.TriggerOperator = word
		}
	}
	for _, d := range []struct {
		from string
		to   *string
	}{{r.QueryFrequency, &p.QueryFrequency}, {r.QueryPeriod, &p.QueryPeriod}, {r.SuppressionDuration, &p.SuppressionDuration}} {
		if d.from == "" {
			continue
		}
		x, err := parseDuration(d.from)
		if err != nil {
			return nil, err
		}
		*d.to = arm.FormatDuration(x)
	}
	if p.Techniques, p.SubTechniques = splitTechniques(r.RelevantTechniques); p.SubTechniques != nil {
		out.APIVersion = arm.VersionPreview
	}
	for _, m := range r.EntityMappings {
		e := arm.EntityMapping{EntityType: m.EntityType}
		for _, f := range m.FieldMappings {
			e.FieldMappings = append(e.FieldMappings, arm.FieldMapping(f))
		}
		p.EntityMappings = append(p.EntityMappings, e)
	}
	p.AlertDetailsOverride = (*arm.AlertDetails)(r.AlertDetailsOverride)
	p.EventGroupingSettings = (*arm.EventGrouping)(r.EventGroupingSettings)
	if c := r.IncidentConfiguration; c != nil {
		p.IncidentConfiguration = &arm.IncidentConfiguration{CreateIncident: c.CreateIncident, GroupingConfiguration: (*arm.GroupingConfiguration)(c.GroupingConfiguration)}
	}
	return out, out.Check()
}

var (
	idForm      = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	versionForm = regexp.MustCompile(`^\d+\.\d+\.\d+$`)
)

const maxVersion = 20

// Check reports the first thing that the repository's validator would not take and [arm.Rule.Check] does not look at.
func (r *Rule) Check() error {
	switch {
	case !idForm.MatchString(r.ID):
		return fmt.Errorf("id %q is no UUID", r.ID)
	case r.Kind != arm.Scheduled:
		return fmt.Errorf("kind %q is not %s", r.Kind, arm.Scheduled)
	case !versionForm.MatchString(r.Version) || len(r.Version) > maxVersion:
		return fmt.Errorf("version %q is not of the form 1.0.0", r.Version)
	case r.Name == "" || length(r.Name) > arm.MaxName:
		return fmt.Errorf("name has %d characters: 1 to %d are allowed", length(r.Name), arm.MaxName)
	case length(r.Description) > arm.MaxDescription:
		return fmt.Errorf("description has %d characters: up to %d are allowed", length(r.Description), arm.MaxDescription)
	case operatorWord(r.TriggerOperator) == "":
		return fmt.Errorf("triggerOperator %q is none of eq, gt, lt, ne", r.TriggerOperator)
	}
	for _, t := range r.RelevantTechniques {
		if technique, sub, ok := strings.Cut(t, "."); len(technique) != 5 || ok && len(sub) != 3 {
			return fmt.Errorf("technique %q is not of the form T1234 or T1234.001", t)
		}
	}
	for _, c := range r.RequiredConnectors {
		if c.ID == "" || len(c.DataTypes) == 0 {
			return fmt.Errorf("a data connector has no id or no data types")
		}
	}
	return nil
}

func length(s string) int { return len(utf16.Encode([]rune(s))) }

func operatorWord(short string) string {
	for word, s := range operators {
		if s == short {
			return word
		}
	}
	return ""
}

// formatDuration writes a duration as the validator reads it: a number of minutes, hours or days.
func formatDuration(d time.Duration) (string, error) {
	for _, u := range []struct {
		unit   time.Duration
		letter string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d > 0 && d%u.unit == 0 {
			return strconv.FormatInt(int64(d/u.unit), 10) + u.letter, nil
		}
	}
	return "", fmt.Errorf("%s is no whole number of minutes", d)
}

var durationForm = regexp.MustCompile(`^(\d{1,6})([mhd])$`)

func parseDuration(s string) (time.Duration, error) {
	m := durationForm.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("%q is no duration such as 5m, 1h or 14d", s)
	}
	n, err := strconv.Atoi(m[1])
	unit := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[m[2]]
	return time.Duration(n) * unit, err
}

// joinTechniques brings techniques and sub-techniques into one list, from which splitTechniques makes the two again: a technique
// that has sub-techniques is named by them, and by itself only where the order asks for it.
func joinTechniques(techniques, subs []string) []string {
	var out []string
	seen := 0 // of techniques
	named := func(t string) bool {
		return slices.ContainsFunc(subs, func(s string) bool { return strings.HasPrefix(s, t+".") })
	}
	for _, s := range subs {
		k := slices.Index(techniques, s[:strings.IndexByte(s, '.')])
		for ; seen < k; seen++ {
			out = append(out, techniques[seen])
		}
		seen = max(seen, k+1)
		out = append(out, s)
	}
	for ; seen < len(techniques); seen++ {
		if !named(techniques[seen]) {
			out = append(out, techniques[seen])
		}
	}
	return out
}

func splitTechniques(list []string) (techniques, subs []string) {
	for _, t := range list {
		technique, _, sub := strings.Cut(t, ".")
		if !slices.Contains(techniques, technique) {
			techniques = append(techniques, technique)
		}
		if sub {
			subs = append(subs, t)
		}
	}
	return techniques, subs
}

// Decode reads a file. What it does not know is an error.
func Decode(data []byte) (*Rule, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	r := &Rule{}
	if err := dec.Decode(r); err != nil {
		return nil, err
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("something follows the rule")
	}
	return r, r.Check()
}
