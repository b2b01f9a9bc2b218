package rule

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/internal/plainjson"
)

// SeverityMapping gives alerts another severity where a field of the event has a value.
type SeverityMapping struct {
	Field    string `json:"field"`
	Operator string `json:"operator"` // equals
	Value    string `json:"value"`
	Severity string `json:"severity"`
}

// RiskScoreMapping takes the risk score of alerts from a field of the event.
type RiskScoreMapping struct {
	Field     string `json:"field"`
	Operator  string `json:"operator"` // equals
	Value     string `json:"value"`
	RiskScore *int   `json:"risk_score,omitempty"`
}

// ExceptionList names a list of exceptions, which has to exist where the rule is imported.
type ExceptionList struct {
	ID     string `json:"id"`
	ListID string `json:"list_id"`
	// Type is detection, rule_default, endpoint, …; NamespaceType is single (a space) or agnostic (all spaces).
	Type          string `json:"type"`
	NamespaceType string `json:"namespace_type"`
}

// Integration is a package of Fleet, in one of the versions of a semver range, and for packages with several integrations one of them.
type Integration struct {
	Package     string `json:"package"`
	Version     string `json:"version"`
	Integration string `json:"integration,omitempty"`
}

// MaxTerm is how many bytes a text of a rule may have: Kibana writes name, description, guide and the like into keyword fields of
// each alert, which have no ignore_above, and Lucene takes no longer term (kibana: legacy_alert_field_map.ts, issue 187630).
const MaxTerm = 32766

// checkLists reports elements that the API would not take.
func (r *Rule) checkLists(must func(ok bool, format string, args ...any)) {
	for _, m := range r.SeverityMapping {
		must(m.Operator == "equals" && slices.Contains(severities, m.Severity), "severity_mapping of %q is none", m.Field)
	}
	for _, m := range r.RiskScoreMapping {
		must(m.Operator == "equals" && (m.RiskScore == nil || *m.RiskScore >= 0 && *m.RiskScore <= 100), "risk_score_mapping of %q is none", m.Field)
	}
	for _, l := range r.ExceptionsList {
		must(l.ID != "" && l.ListID != "" && l.Type != "" && (l.NamespaceType == "single" || l.NamespaceType == "agnostic"), "exceptions_list names %q wrongly", l.ListID)
	}
	for _, i := range r.RelatedIntegrations {
		must(i.Package != "" && i.Version != "", "related_integrations has no package or version")
	}
	for _, f := range r.RequiredFields {
		must(f.Name != "" && f.Type != "", "required_fields has no name or type")
	}
	if r.InvestigationFields != nil {
		must(!slices.Contains(r.InvestigationFields.FieldNames, ""), "investigation_fields has an empty name")
	}
}

// checkTexts reports texts that JSON cannot hold, and texts that Kibana could not write into an alert.
func (r *Rule) checkTexts(must func(ok bool, format string, args ...any)) {
	texts := map[string][]string{
		"name": {r.Name}, "description": {r.Description}, "note": {r.Note}, "setup": {r.Setup}, "license": {r.License}, "rule_id": {r.RuleID}, "query": {r.Query},
		"author": r.Author, "tags": r.Tags, "references": r.References, "false_positives": r.FalsePositives, "index": r.Index,
	}
	for name, list := range texts {
		for _, s := range list {
			must(utf8.ValidString(s), "%s is no UTF-8", name)
			must(len(s) <= MaxTerm || name == "query" || name == "setup", "%s has %d bytes, and Kibana writes it into a field of each alert that takes %d", name, len(s), MaxTerm)
		}
	}
	for _, list := range [][]string{r.Index} {
		for _, s := range list {
			must(strings.TrimSpace(s) != "", "index has an empty pattern")
		}
	}
}

// Summary is the last line of an export of rules. An import leaves out lines that have exported_count (kibana:
// create_stream_from_ndjson.ts, filterExportedCounts), and readers of exports look for it.
type Summary struct {
	ExportedCount                  int   `json:"exported_count"`
	ExportedRulesCount             int   `json:"exported_rules_count"`
	MissingRules                   []any `json:"missing_rules"`
	MissingRulesCount              int   `json:"missing_rules_count"`
	ExportedExceptionListCount     int   `json:"exported_exception_list_count"`
	ExportedExceptionListItemCount int   `json:"exported_exception_list_item_count"`
	MissingExceptionListItemCount  int   `json:"missing_exception_list_item_count"`
	MissingExceptionListItems      []any `json:"missing_exception_list_items"`
	MissingExceptionLists          []any `json:"missing_exception_lists"`
	MissingExceptionListsCount     int   `json:"missing_exception_lists_count"`
	ExportedActionConnectorCount   int   `json:"exported_action_connector_count"`
	MissingActionConnectionCount   int   `json:"missing_action_connection_count"`
	MissingActionConnections       []any `json:"missing_action_connections"`
	ExcludedActionConnectionCount  int   `json:"excluded_action_connection_count"`
	ExcludedActionConnections      []any `json:"excluded_action_connections"`
}

// The limits of one import, Kibana's settings xpack.securitySolution.maxRuleImportExportSize and maxRuleImportPayloadBytes.
const (
	MaxImportRules = 10000
	MaxImportBytes = 10485760
)

// NDJSON writes rules as a file of the detection engine's import: a line for each, and the line that ends an export.
func NDJSON(rules []*Rule) ([]byte, error) {
	var out []byte
	for _, r := range rules {
		line, err := r.Encode()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.RuleID, err)
		}
		out = append(out, line...)
	}
	none := []any{}
	last, err := plainjson.Line(Summary{
		ExportedCount: len(rules), ExportedRulesCount: len(rules), MissingRules: none, MissingExceptionListItems: none, MissingExceptionLists: none,
		MissingActionConnections: none, ExcludedActionConnections: none,
	})
	return append(out, last...), err
}
