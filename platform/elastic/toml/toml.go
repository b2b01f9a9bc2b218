// Package toml writes detection rules of Kibana in the layout of elastic/detection-rules: one TOML file for each rule, with
// [metadata], [rule], and behind it the tables of the rule. Keys are sorted, the query stands last, as the formatter of that
// repository has them (detection_rules/rule_formatter.py).
//
// The layout has no version of the rule: detection-rules counts it in a lock file; and no related_integrations and
// required_fields, which its build makes of metadata.integration and of the query.
package toml

import (
	"errors"
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/onerule/onerule/platform/elastic/rule"
)

// Metadata is the first table of a file.
type Metadata struct {
	// Created and Updated are dates of the form 2026/03/01.
	Created, Updated string
	// Integration lists the packages of Fleet that bring the events.
	Integration []string
	// Maturity is development, experimental, beta, production or deprecated.
	Maturity string
	// MinStack is the first version of Elastic that runs the rule, 9.2.0, and MinStackWhy says for what; "" for any.
	MinStack, MinStackWhy string
}

var (
	dateForm    = regexp.MustCompile(`^\d{4}/\d{2}/\d{2}$`)
	versionForm = regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	maturities  = map[string]bool{"development": true, "experimental": true, "beta": true, "production": true, "deprecated": true}
)

func (m Metadata) check() error {
	switch {
	case !dateForm.MatchString(m.Created) || !dateForm.MatchString(m.Updated):
		return fmt.Errorf("%q and %q are no dates of the form 2026/03/01", m.Created, m.Updated)
	case !maturities[m.Maturity]:
		return fmt.Errorf("%q is no maturity", m.Maturity)
	case m.MinStack != "" && !versionForm.MatchString(m.MinStack):
		return fmt.Errorf("%q is no version", m.MinStack)
	}
	return nil
}

// Encode writes a rule.
func Encode(m Metadata, r *rule.Rule) ([]byte, error) {
	if err := errors.Join(m.check(), r.Check()); err != nil {
		return nil, err
	}
	if len(r.Actions) > 0 {
		return nil, errors.New("actions are not written")
	}
	w := &writer{}
	w.metadata(m)
	w.rule(r)
	w.suppression(r.AlertSuppression)
	w.lists(r)
	for _, t := range r.Threat {
		w.threat(t)
	}
	out := w.b.String()
	if !utf8.ValidString(out) {
		return nil, errors.New("a text is no UTF-8")
	}
	return []byte(out), nil
}

func (w *writer) metadata(m Metadata) {
	w.table("[metadata]")
	w.text("creation_date", m.Created)
	w.optionalList("integration", m.Integration)
	w.text("maturity", m.Maturity)
	w.optional("min_stack_comments", m.MinStackWhy)
	w.optional("min_stack_version", m.MinStack)
	w.text("updated_date", m.Updated)
}

// rule writes what stands in the table itself.
func (w *writer) rule(r *rule.Rule) {
	w.table("[rule]")
	w.list("author", r.Author)
	w.text("description", r.Description)
	if !r.Enabled {
		w.raw("enabled", "false")
	}
	w.optionalList("false_positives", r.FalsePositives)
	w.text("from", r.From)
	w.optionalList("index", r.Index)
	w.text("interval", r.Interval)
	w.text("language", r.Language)
	w.optional("license", r.License)
	w.number("max_signals", r.MaxSignals)
	w.text("name", r.Name)
	w.optional("note", r.Note)
	w.optionalList("references", r.References)
	w.number("risk_score", r.RiskScore)
	w.text("rule_id", r.RuleID)
	w.optional("setup", r.Setup)
	w.text("severity", r.Severity)
	w.optionalList("tags", r.Tags)
	w.optional("timestamp_override", r.TimestampOverride)
	if r.To != "now" {
		w.text("to", r.To)
	}
	w.text("type", r.Type)
	w.b.WriteByte('\n')
	w.raw("query", block(r.Query))
}

func (w *writer) suppression(s *rule.Suppression) {
	if s == nil {
		return
	}
	w.table("[rule.alert_suppression]")
	w.list("group_by", s.GroupBy)
	w.text("missing_fields_strategy", s.MissingFieldsStrategy)
	if s.Duration != nil {
		w.table("[rule.alert_suppression.duration]")
		w.text("unit", s.Duration.Unit)
		w.number("value", s.Duration.Value)
	}
}

// lists writes the lists of tables that are not empty.
func (w *writer) lists(r *rule.Rule) {
	for _, l := range r.ExceptionsList {
		w.table("[[rule.exceptions_list]]")
		w.text("id", l.ID)
		w.text("list_id", l.ListID)
		w.text("namespace_type", l.NamespaceType)
		w.text("type", l.Type)
	}
	if r.InvestigationFields != nil {
		w.table("[rule.investigation_fields]")
		w.list("field_names", r.InvestigationFields.FieldNames)
	}
	for _, m := range r.RiskScoreMapping {
		w.table("[[rule.risk_score_mapping]]")
		w.text("field", m.Field)
		w.text("operator", m.Operator)
		if m.RiskScore != nil {
			w.number("risk_score", *m.RiskScore)
		}
		w.text("value", m.Value)
	}
	for _, m := range r.SeverityMapping {
		w.table("[[rule.severity_mapping]]")
		w.text("field", m.Field)
		w.text("operator", m.Operator)
		w.text("severity", m.Severity)
		w.text("value", m.Value)
	}
}

// threat writes the techniques before the tactic, as the formatter sorts them.
func (w *writer) threat(t rule.Threat) {
	w.table("[[rule.threat]]")
	w.text("framework", t.Framework)
	for _, x := range t.Technique {
		w.table("[[rule.threat.technique]]")
		w.attack(x.Attack)
		for _, sub := range x.Subtechnique {
			w.table("[[rule.threat.technique.subtechnique]]")
			w.attack(sub)
		}
	}
	w.table("[rule.threat.tactic]")
	w.attack(t.Tactic)
}

func (w *writer) attack(a rule.Attack) {
	w.text("id", a.ID)
	w.text("name", a.Name)
	w.text("reference", a.Reference)
}
