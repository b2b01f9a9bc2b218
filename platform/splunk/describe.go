package splunk

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/splunk/conf"
)

// describe fills in what people read, and what the alert does.
func describe(doc *conf.SavedSearch, b *ir.Bound, cols backends.Columns) {
	r := b.Rule
	m := r.Meta
	doc.Label = oneLine(m.Title)
	if doc.Label == "" {
		doc.Label = r.Name
	}
	doc.Name = stanzaName(doc.Label)
	doc.Description = oneLine(m.Description)
	doc.Disabled = m.Status == "deprecated"
	doc.Severity = alertSeverity[m.Severity]
	if doc.Severity == 0 {
		doc.Severity = alertSeverity["medium"]
	}
	doc.Annotations = conf.Annotations{MitreAttack: m.Attack, Tags: m.Tags, References: m.References, FalsePositives: m.FalsePositives, Authors: m.Authors}
	if m.Status != "" {
		doc.Annotations.Status = []string{m.Status}
	}
	doc.Metadata = conf.Metadata{ID: m.ID, Version: strconv.Itoa(r.Version)}
	doc.Notable = conf.Notable{Title: doc.Label, Description: doc.Description, Domain: domain(r), Severity: m.Severity}
	if doc.Notable.Severity == "" {
		doc.Notable.Severity = "medium"
	}
	if doc.Notable.Description == "" { // Enterprise Security asks for one
		doc.Notable.Description = doc.Label
	}
	if m.Triage != "" {
		doc.Notable.NextSteps = &conf.NextSteps{Version: 1, Data: m.Triage}
	}
	entities := entityFields(b, cols)
	doc.Risk = risk(r, doc.Label, entities)
	if r.Emit.Once > 0 {
		doc.Suppress = &conf.Suppress{Period: period(r.Emit.Once), Fields: throttled(cols, entities)}
	}
}

// alertSeverity is alert.severity: 1 debug, 2 info, 3 warn, 4 error, 5 severe, 6 fatal.
var alertSeverity = map[string]int{"informational": 2, "low": 3, "medium": 4, "high": 5, "critical": 6}

// maxStanza is the longest name of a saved search that Enterprise Security takes, as splunk/contentctl has it.
const maxStanza = 99

// stanzaName is the name of a saved search as Enterprise Security has it.
func stanzaName(title string) string {
	const before, behind = "OneRule - ", " - Rule"
	title = strings.NewReplacer("[", "(", "]", ")").Replace(title)
	for len(before)+len(title)+len(behind) > maxStanza {
		_, title = title[len(title)-1:], strings.ToValidUTF8(title[:len(title)-1], "")
	}
	return before + strings.TrimSpace(title) + behind
}

// oneLine joins the lines of a text: what .conf files make of empty lines in a value is not documented. They hold no control
// characters, and no backslash at the end of a value.
func oneLine(s string) string {
	blank := func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }
	return strings.TrimRight(strings.Join(strings.FieldsFunc(s, blank), " "), `\ `)
}

// domain is the security domain of Enterprise Security that the rule's classes belong to.
func domain(r *ir.Rule) string {
	for _, c := range r.From {
		family, _, _ := strings.Cut(c.Class, ".")
		switch {
		case c.Class == "iam.login" || c.Class == "iam.logout":
			return "access"
		case family == "iam":
			return "identity"
		case slices.Contains([]string{"process", "file", "registry", "driver", "dll", "service"}, family):
			return "endpoint"
		case slices.Contains([]string{"network", "dns", "http", "web"}, family):
			return "network"
		}
	}
	return "threat"
}

// entity is a field of a result that names something that a finding is about.
type entity struct{ kind, field string }

// entityFields are the result's fields for the rule's entities. A finding over several events has its keys only.
func entityFields(b *ir.Bound, cols backends.Columns) []entity {
	r := b.Rule
	var out []entity
	add := func(e entity) {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	for _, e := range r.Emit.Entities {
		if r.Body != nil {
			for i, k := range r.Per() {
				if f, ok := r.Keys[k].Term.(*ir.Field); ok && f.Name == e.Field.Name {
					add(entity{e.Kind, cols.Keys[i]})
				}
			}
			continue
		}
		for _, p := range b.Parts {
			if m, ok := p.Class.Mapping(e.Field.Name); ok && m.Const == "" && m.Derive == "" && len(m.Values) == 0 {
				add(entity{e.Kind, strings.ReplaceAll(m.Native.Path, "[]", "{}")})
			}
		}
	}
	return out
}

// risk adds to the risk score of hosts, users and others; processes, files and addresses of the web are what threatens.
func risk(r *ir.Rule, title string, entities []entity) *conf.Risk {
	if r.Meta.Risk == 0 || len(entities) == 0 {
		return nil
	}
	out := &conf.Risk{Message: title}
	for _, e := range entities {
		switch e.kind {
		case "process", "file", "url":
			out.Objects = append(out.Objects, conf.RiskObject{ThreatField: e.field, ThreatType: e.kind})
		case "host":
			out.Objects = append(out.Objects, conf.RiskObject{Field: e.field, Type: "system", Score: r.Meta.Risk})
		case "user", "account":
			out.Objects = append(out.Objects, conf.RiskObject{Field: e.field, Type: "user", Score: r.Meta.Risk})
		default:
			out.Objects = append(out.Objects, conf.RiskObject{Field: e.field, Type: "other", Score: r.Meta.Risk})
		}
	}
	return out
}

// throttled are the fields whose values a repeated alert has in common: the keys of a finding, else its entities.
func throttled(cols backends.Columns, entities []entity) []string {
	out := slices.Clone(cols.Keys)
	if cols.Value != "" {
		out = append(out, cols.Value)
	}
	if len(out) == 0 {
		for _, e := range entities {
			out = append(out, e.field)
		}
	}
	return out
}
