// Package defender is a custom detection of Microsoft Defender XDR, as Microsoft Graph takes it: the body of a call of
// POST /security/rules/detectionRules. Source of names: the pages of the resource microsoft.graph.security.detectionRule and of
// its parts (2026), whose older properties (isEnabled, period, category, mitreTechniques, impactedAssets) are not written.
package defender

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onerule/onerule/internal/plainjson"
)

// Rule is a custom detection.
type Rule struct {
	Type            string          `json:"@odata.type"`
	ID              string          `json:"id"`
	DisplayName     string          `json:"displayName"`
	Description     string          `json:"description,omitempty"`
	Status          string          `json:"status"`
	QueryCondition  QueryCondition  `json:"queryCondition"`
	Schedule        Schedule        `json:"schedule"`
	DetectionAction DetectionAction `json:"detectionAction"`
}

// RuleType is the type of the resource.
const RuleType = "#microsoft.graph.security.detectionRule"

// The states of a rule.
const (
	Enabled  = "enabled"
	Disabled = "disabled"
)

// QueryCondition holds the query: its results are what alerts are made of.
type QueryCondition struct {
	QueryText string `json:"queryText"`
}

// Schedule says how often the rule runs; each run reads four times as long back (a run a day: 30 days), and what it found before
// raises no second alert.
type Schedule struct {
	Frequency string `json:"frequency"`
}

// Frequencies are those that rules on Defender's own tables may have, shortest first. Source: page custom-detection-rules.
var Frequencies = []string{"PT1H", "PT3H", "PT12H", "P1D"}

// DetectionAction is what happens on a result.
type DetectionAction struct {
	AlertTemplate AlertTemplate `json:"alertTemplate"`
}

// AlertTemplate is the alert. Title and description may name columns: {{Column}}.
type AlertTemplate struct {
	Title              string            `json:"title"`
	Description        string            `json:"description"`
	Severity           string            `json:"severity"`
	RecommendedActions string            `json:"recommendedActions,omitempty"`
	Tactics            []Tactic          `json:"tactics,omitempty"`
	EntityMappings     EntityMappings    `json:"entityMappings"`
	CustomDetails      map[string]string `json:"customDetails,omitempty"`
}

// Tactic is a tactic with the techniques that serve it.
type Tactic struct {
	Tactic     string      `json:"tactic"`
	Techniques []Technique `json:"techniques,omitempty"`
}

// Technique is a technique with its sub-techniques.
type Technique struct {
	Technique     string   `json:"technique"`
	SubTechniques []string `json:"subTechniques,omitempty"`
}

// EntityMappings says which columns identify entities.
type EntityMappings struct {
	Accounts []Account `json:"accounts,omitempty"`
	Hosts    []Host    `json:"hosts,omitempty"`
	IPs      []IP      `json:"ips,omitempty"`
	URLs     []URL     `json:"urls,omitempty"`
	Files    []File    `json:"files,omitempty"`
}

// Account is an accountEntityMapping.
type Account struct {
	NameColumn      string `json:"nameColumn,omitempty"`
	SidColumn       string `json:"sidColumn,omitempty"`
	AadUserIDColumn string `json:"aadUserIdColumn,omitempty"`
}

// Host is a hostEntityMapping.
type Host struct {
	DeviceIDColumn string `json:"deviceIdColumn,omitempty"`
	NameColumn     string `json:"nameColumn,omitempty"`
}

// IP is an ipEntityMapping.
type IP struct {
	AddressColumn string `json:"addressColumn"`
}

// URL is a urlEntityMapping.
type URL struct {
	AddressColumn string `json:"addressColumn"`
}

// File is a fileEntityMapping.
type File struct {
	NameColumn string `json:"nameColumn,omitempty"`
}

// Tables are the tables of advanced hunting whose rows tell the device and the event that they are about, in the columns
// [RequiredColumns], of every rule that keeps its rows whole.
var Tables = []string{
	"DeviceEvents", "DeviceFileEvents", "DeviceImageLoadEvents", "DeviceLogonEvents", "DeviceNetworkEvents", "DeviceProcessEvents", "DeviceRegistryEvents",
}

// RequiredColumns are what results have to have.
var RequiredColumns = []string{"Timestamp", "DeviceId", "ReportId"}

// Absent are columns that Sentinel's copies of the tables have, and advanced hunting has not, or has as another type.
var Absent = []string{"TimeGenerated", "TenantId", "Type", "SourceSystem", "MachineGroup", "AdditionalFields", "_ResourceId", "_IsBillable", "_BilledSize", "_ItemId"}

// Limits: of Sentinel's columns and details, since the pages of custom detections name few.
const (
	MaxDetails      = 20
	MaxPlaceholders = 3
)

var (
	severities  = []string{"informational", "low", "medium", "high"}
	columnForm  = regexp.MustCompile(`^[a-zA-Z_]\w*$`)
	placeholder = regexp.MustCompile(`\{\{([^{}]*)\}\}`)
	technique   = regexp.MustCompile(`^T\d{4}$`)
	subtech     = regexp.MustCompile(`^T\d{4}\.\d{3}$`)
)

// Check reports the first thing that Defender would not take.
func (r *Rule) Check() error {
	a := &r.DetectionAction.AlertTemplate
	switch {
	case r.Type != RuleType:
		return fmt.Errorf("@odata.type %q is not %s", r.Type, RuleType)
	case r.ID == "" || r.DisplayName == "" || a.Title == "" || a.Description == "":
		return fmt.Errorf("id, displayName, title or description is empty")
	case r.Status != Enabled && r.Status != Disabled:
		return fmt.Errorf("status %q is neither %s nor %s", r.Status, Enabled, Disabled)
	case r.QueryCondition.QueryText == "":
		return fmt.Errorf("queryText is empty")
	case !slices.Contains(Frequencies, r.Schedule.Frequency):
		return fmt.Errorf("frequency %q is none of %s", r.Schedule.Frequency, strings.Join(Frequencies, ", "))
	case !slices.Contains(severities, a.Severity):
		return fmt.Errorf("severity %q is none of %s", a.Severity, strings.Join(severities, ", "))
	case len(a.EntityMappings.Hosts) == 0:
		return fmt.Errorf("no entity is mapped")
	case len(a.CustomDetails) > MaxDetails:
		return fmt.Errorf("%d custom details: up to %d are allowed", len(a.CustomDetails), MaxDetails)
	}
	for _, text := range []string{a.Title, a.Description} {
		if found := placeholder.FindAllStringSubmatch(text, -1); len(found) > MaxPlaceholders || slices.ContainsFunc(found, func(m []string) bool { return !columnForm.MatchString(m[1]) }) {
			return fmt.Errorf("{{…}} in title or description names no column, or they are more than %d", MaxPlaceholders)
		}
	}
	for _, t := range a.Tactics {
		for _, x := range t.Techniques {
			if !technique.MatchString(x.Technique) || slices.ContainsFunc(x.SubTechniques, func(s string) bool { return !subtech.MatchString(s) }) {
				return fmt.Errorf("technique %q or a sub-technique is not of the form T1234, T1234.001", x.Technique)
			}
		}
	}
	return r.checkColumns()
}

func (r *Rule) checkColumns() error {
	a := &r.DetectionAction.AlertTemplate
	var columns []string
	for _, x := range a.EntityMappings.Accounts {
		columns = append(columns, x.NameColumn, x.SidColumn, x.AadUserIDColumn)
	}
	for _, x := range a.EntityMappings.Hosts {
		columns = append(columns, x.DeviceIDColumn, x.NameColumn)
	}
	for _, x := range a.EntityMappings.IPs {
		columns = append(columns, x.AddressColumn)
	}
	for _, x := range a.EntityMappings.URLs {
		columns = append(columns, x.AddressColumn)
	}
	for _, x := range a.EntityMappings.Files {
		columns = append(columns, x.NameColumn)
	}
	for _, c := range a.CustomDetails {
		columns = append(columns, c)
	}
	for _, c := range columns {
		if c != "" && !columnForm.MatchString(c) {
			return fmt.Errorf("%q is no name of a column", c)
		}
	}
	return nil
}

// Encode returns the body of the call.
func (r *Rule) Encode() ([]byte, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	return plainjson.Indented(r)
}

// Decode reads a body. What it does not know is an error.
func Decode(data []byte) (*Rule, error) {
	r := &Rule{}
	if err := plainjson.Strict(data, r); err != nil {
		return nil, err
	}
	return r, r.Check()
}
