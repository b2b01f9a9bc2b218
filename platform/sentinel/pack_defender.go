package sentinel

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/sentinel/arm"
	"github.com/onerule/onerule/platform/sentinel/defender"
)

// custom makes the custom detection of a rule, or says why there is none.
func custom(a *platform.Artefact, doc *arm.Rule) (*defender.Rule, string) {
	frequency, why := defenderTerms(a)
	if why != "" {
		return nil, why
	}
	// Custom detections cut the time by themselves: without a delay the query asks for none.
	plain, diags := makeRule(a.Bound, backends.Timing{Every: a.Timing.Every})
	if diags.HasErrors() {
		return nil, "rules whose query cannot be written without a delay"
	}
	if why := rowsWhole(plain.Query.Text); why != "" {
		return nil, why
	}
	p := &plain.Document.(*arm.Rule).Properties
	if strings.Contains(p.DisplayName, "{{") || strings.Contains(p.Description, "{{") {
		return nil, "rules with {{ in a text, which custom detections read as the name of a column"
	}
	tactics, why := tacticTree(p)
	if why != "" {
		return nil, why
	}
	r := &defender.Rule{
		Type: defender.RuleType, ID: doc.ID(), DisplayName: p.DisplayName, Description: p.Description, Status: defender.Enabled,
		QueryCondition: defender.QueryCondition{QueryText: p.Query}, Schedule: defender.Schedule{Frequency: frequency},
		DetectionAction: defender.DetectionAction{AlertTemplate: defender.AlertTemplate{
			Title: p.DisplayName, Description: p.Description, Severity: strings.ToLower(p.Severity), RecommendedActions: strings.TrimSpace(a.Rule.Meta.Triage),
			Tactics: tactics, EntityMappings: assets(p.EntityMappings), CustomDetails: p.CustomDetails,
		}},
	}
	if o := p.AlertDetailsOverride; o != nil && o.DisplayNameFormat != "" {
		r.DetectionAction.AlertTemplate.Title = o.DisplayNameFormat
	}
	if !doc.Properties.Enabled {
		r.Status = defender.Disabled
	}
	if err := r.Check(); err != nil {
		return nil, err.Error()
	}
	return r, ""
}

// defenderTerms asks for what holds of the rule itself: one event, Defender's tables and columns, an interval that there is.
func defenderTerms(a *platform.Artefact) (frequency, why string) {
	if a.Rule.Body != nil {
		return "", "rules about several events, which tell times by TimeGenerated; custom detections cut the time by themselves"
	}
	for _, p := range a.Bound.Parts {
		if !slices.Contains(defender.Tables, p.Class.Table) {
			return "", fmt.Sprintf("rules that read %s, which is none of Defender's tables that tell device and event", p.Class.Table)
		}
		for _, f := range p.Reads() {
			column, _, _ := strings.Cut(strings.TrimSuffix(f.Native.Path, "[]"), ".")
			if slices.Contains(defender.Absent, column) {
				return "", fmt.Sprintf("rules that read the column %s, which is another one in advanced hunting, or not there", column)
			}
		}
	}
	for _, f := range defender.Frequencies {
		d, err := arm.ParseDuration(f)
		if err == nil && d >= a.Timing.Every {
			return f, ""
		}
	}
	return "", fmt.Sprintf("rules that run every %s; custom detections run once a day or more often", words(a.Timing.Every))
}

// rowsWhole asks for a query whose results are rows of tables with all their columns.
func rowsWhole(text string) string {
	q, diags := syntax.Parse("query", text)
	if diags.HasErrors() {
		return "rules whose query is not read"
	}
	for _, s := range q.Statements {
		x, ok := s.(*syntax.ExprStatement)
		if !ok || !whole(x.X) {
			return "rules whose results do not have the columns " + strings.Join(defender.RequiredColumns, ", ") + " of the events"
		}
	}
	bad := ""
	syntax.WalkQuery(q, func(x syntax.Expr) {
		if n, ok := x.(*syntax.Name); ok && slices.Contains(defender.Absent, n.Name) {
			bad = fmt.Sprintf("rules whose query reads %s, which is not the same in advanced hunting", n.Name)
		}
	})
	return bad
}

// whole reports whether an expression keeps whole rows.
func whole(x syntax.Expr) bool {
	if _, table := x.(*syntax.Name); table {
		return true
	}
	p, ok := x.(*syntax.Pipeline)
	if !ok || p.Source != nil && !whole(p.Source) {
		return false
	}
	return !slices.ContainsFunc(p.Ops, func(op syntax.Operator) bool { return !keepsRows(op) })
}

// keepsRows reports whether an operator neither joins rows nor takes columns away.
func keepsRows(op syntax.Operator) bool {
	if u, ok := op.(*syntax.Union); ok {
		return !slices.ContainsFunc(u.Sources, func(s syntax.Expr) bool { return !whole(s) })
	}
	_, where := op.(*syntax.Where)
	_, extend := op.(*syntax.Extend)
	return where || extend
}

// tacticTree puts techniques under the tactics that they serve.
func tacticTree(p *arm.Properties) ([]defender.Tactic, string) {
	var out []defender.Tactic
	placed := map[string]bool{}
	for _, t := range p.Tactics {
		node := defender.Tactic{Tactic: t}
		for _, id := range p.Techniques {
			if !slices.Contains(tacticsOf(id), t) {
				continue
			}
			x := defender.Technique{Technique: id}
			for _, sub := range p.SubTechniques {
				if strings.HasPrefix(sub, id+".") {
					x.SubTechniques = append(x.SubTechniques, sub)
				}
			}
			node.Techniques = append(node.Techniques, x)
			placed[id] = true
		}
		out = append(out, node)
	}
	for _, id := range p.Techniques {
		if !placed[id] {
			return nil, fmt.Sprintf("rules whose technique %s serves none of their tactics", id)
		}
	}
	return out, ""
}

// assets are the entities in the words of Graph. The device is always one: each row tells it.
func assets(mappings []arm.EntityMapping) defender.EntityMappings {
	out := defender.EntityMappings{Hosts: []defender.Host{{DeviceIDColumn: "DeviceId", NameColumn: "DeviceName"}}}
	for _, m := range mappings {
		for _, f := range m.FieldMappings {
			c := f.ColumnName
			switch m.EntityType + " " + f.Identifier {
			case "Account FullName", "Account Name":
				out.Accounts = append(out.Accounts, defender.Account{NameColumn: c})
			case "Account Sid":
				out.Accounts = append(out.Accounts, defender.Account{SidColumn: c})
			case "Account AadUserId":
				out.Accounts = append(out.Accounts, defender.Account{AadUserIDColumn: c})
			case "IP Address":
				out.IPs = append(out.IPs, defender.IP{AddressColumn: c})
			case "URL Url":
				out.URLs = append(out.URLs, defender.URL{AddressColumn: c})
			case "File Name":
				out.Files = append(out.Files, defender.File{NameColumn: c})
			}
		}
	}
	return out
}

// slower says in words how often a custom detection runs where that is not what the rule asks for.
func slower(frequency string, every time.Duration) string {
	d, err := arm.ParseDuration(frequency)
	if err != nil || d == every {
		return ""
	}
	return fmt.Sprintf("runs every %s instead of %s", words(d), words(every))
}
