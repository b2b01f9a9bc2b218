package sentinel

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto"
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/sentinel/arm"
)

// describer fills in what people and the platform read of a rule beside its query.
type describer struct {
	bound *ir.Bound
	rule  *ir.Rule
	query *backends.Query
	doc   *arm.Rule
	// computed are the columns that the query needs for entities and details.
	computed []syntax.Item
	names    map[string]string
}

var severities = map[string]string{"informational": "Informational", "low": "Low", "medium": "Medium", "high": "High", "critical": "High"}

func (d *describer) describe(t backends.Timing) {
	p, meta := &d.doc.Properties, d.rule.Meta
	d.names = map[string]string{}
	p.DisplayName = meta.Title
	if p.DisplayName == "" {
		p.DisplayName = d.rule.Name
	}
	if p.Description = description(meta); p.Description == "" {
		p.Description = p.DisplayName
	}
	if p.Severity = severities[meta.Severity]; p.Severity == "" {
		p.Severity = "Medium"
	}
	d.attack()
	d.entities()
	d.details()
	d.override()
	d.incidents()
	d.extend(t)
}

// description is the text of the rule with everything that has no place of its own in Sentinel.
func description(m ir.Meta) string {
	parts := []string{strings.TrimSpace(m.Description)}
	if m.Triage != "" {
		parts = append(parts, strings.TrimSpace(m.Triage))
	}
	list := func(title string, items []string) {
		if len(items) > 0 {
			parts = append(parts, title+":\n- "+strings.Join(items, "\n- "))
		}
	}
	list("False positives", m.FalsePositives)
	list("References", m.References)
	if len(m.Tags) > 0 {
		parts = append(parts, "Tags: "+strings.Join(m.Tags, ", "))
	}
	if m.Risk > 0 {
		parts = append(parts, fmt.Sprintf("Risk: %d", m.Risk))
	}
	if m.Severity == "critical" {
		parts = append(parts, "Severity: critical (Sentinel's highest is High)")
	}
	if len(m.Authors) > 0 {
		parts = append(parts, "Authors: "+strings.Join(m.Authors, ", "))
	}
	if m.License != "" {
		parts = append(parts, "License: "+m.License)
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, "\n\n")
}

// attack fills in tactics, techniques and sub-techniques. Sentinel wants a tactic for each technique: those that the table of
// ATT&CK does not have stand in the description.
func (d *describer) attack() {
	p := &d.doc.Properties
	add := func(list *[]string, s string) {
		if !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	var named []string // tactics that the author names say which of a technique's are meant
	var unknown []string
	for _, id := range d.rule.Meta.Attack {
		if t, ok := tacticIDs[id]; ok {
			add(&named, t)
			add(&p.Tactics, t)
		} else if strings.HasPrefix(id, "TA") {
			add(&unknown, id)
		}
	}
	for _, id := range d.rule.Meta.Attack {
		if !strings.HasPrefix(id, "T") || strings.HasPrefix(id, "TA") {
			continue
		}
		technique, sub, _ := strings.Cut(id, ".")
		own := tacticsOf(technique)
		if len(own) == 0 {
			add(&unknown, id)
			continue
		}
		add(&p.Techniques, technique)
		if sub != "" {
			add(&p.SubTechniques, id)
			d.doc.APIVersion = arm.VersionPreview
		}
		if slices.ContainsFunc(own, func(t string) bool { return slices.Contains(named, t) }) {
			continue
		}
		for _, t := range own {
			add(&p.Tactics, t)
		}
	}
	if len(unknown) > 0 {
		p.Description += "\n\nATT&CK: " + strings.Join(unknown, ", ")
	}
}

// identity is how a field identifies an entity of a kind.
func identity(kind string, field, source string) (entity, identifier string) {
	switch kind {
	case "host":
		return "Host", "FullName"
	case "ip":
		return "IP", "Address"
	case "url":
		return "URL", "Url"
	case "file":
		return "File", "Name"
	case "process":
		switch {
		case strings.HasSuffix(field, ".pid"):
			return "Process", "ProcessId"
		case strings.HasSuffix(field, ".command_line"):
			return "Process", "CommandLine"
		}
		return "File", "Name" // a process has no name in Sentinel
	case "user", "account":
		switch {
		case strings.HasSuffix(field, ".id") && (source == "entra" || source == "m365" || source == "azure"):
			return "Account", "AadUserId"
		case strings.HasSuffix(field, ".id"):
			return "Account", "Name"
		}
		return "Account", "FullName"
	}
	return "", ""
}

func (d *describer) entities() {
	source := ""
	if len(d.rule.From) > 0 {
		source = d.rule.From[0].Source
	}
	for _, e := range d.rule.Emit.Entities {
		typ, id := identity(e.Kind, e.Field.Name, source)
		column, ok := d.column(e.Field)
		if typ == "" || !ok {
			continue
		}
		d.doc.Properties.EntityMappings = append(d.doc.Properties.EntityMappings, arm.EntityMapping{EntityType: typ, FieldMappings: []arm.FieldMapping{{Identifier: id, ColumnName: column}}})
	}
}

// column returns the result column of a canonical field; ok is false where results have none.
func (d *describer) column(f *ir.Field) (name string, ok bool) {
	if d.rule.Body != nil {
		return d.keyColumn(f)
	}
	if name, ok := d.names[f.Name]; ok {
		return name, true
	}
	var xs []syntax.Expr
	var texts []string
	for _, p := range d.bound.Parts {
		m, ok := p.Class.Mapping(f.Name)
		if !ok || m.Const != "" || m.Derive != "" || m.Joined || len(m.Values) > 0 || m.Native.Array {
			continue
		}
		native := m.Native
		x := kusto.TextColumn(&ir.Field{Name: native.Path, Type: native.Type, Native: &native})
		if text := syntax.PrintExpr(x); !slices.Contains(texts, text) {
			xs, texts = append(xs, x), append(texts, text)
		}
	}
	switch {
	case len(xs) == 0:
		return "", false
	case len(xs) == 1 && plainName.MatchString(texts[0]):
		name = texts[0]
	default:
		name = d.fresh(f.Name)
		x := xs[0]
		if len(xs) > 1 {
			x = syntax.Fn("coalesce", xs...)
		}
		d.computed = append(d.computed, syntax.Named(name, x))
	}
	d.names[f.Name] = name
	return name, true
}

var plainName = regexp.MustCompile(`^[a-zA-Z_]\w*$`)

// fresh names a computed column after a field; it must not hide a column of a table.
func (d *describer) fresh(field string) string {
	name := "entity_" + strings.NewReplacer(".", "_", "@", "").Replace(field)
	for strings.Contains(d.query.Text, name) {
		name += "_"
	}
	return name
}

// keyColumn returns the result column of a key.
func (d *describer) keyColumn(f *ir.Field) (string, bool) {
	cols := d.query.Columns
	for i, k := range d.rule.Per() {
		if x, ok := d.rule.Keys[k].Term.(*ir.Field); ok && x.Name == f.Name {
			return cols.Keys[i], plainName.MatchString(cols.Keys[i])
		}
	}
	if b, ok := d.rule.Body.(*ir.FirstSeen); ok {
		if x, ok := d.rule.Keys[b.Value].Term.(*ir.Field); ok && x.Name == f.Name {
			return cols.Value, plainName.MatchString(cols.Value)
		}
	}
	return "", false
}

// details are the columns that an alert shows: those of `show`, and for rules over several events the keys and the time.
func (d *describer) details() {
	p := &d.doc.Properties
	p.CustomDetails = map[string]string{}
	add := func(column string) {
		for _, c := range p.CustomDetails {
			if c == column {
				return
			}
		}
		if column != "" && plainName.MatchString(column) {
			p.CustomDetails[detailName(column, p.CustomDetails)] = column
		}
	}
	cols := d.query.Columns
	for _, k := range cols.Keys {
		add(k)
	}
	add(cols.Value)
	for _, c := range []string{cols.From, cols.Time} {
		add(c)
	}
	for _, c := range cols.Shown {
		add(c)
	}
	for _, f := range d.rule.Emit.Show {
		if c, ok := d.column(f); ok {
			add(c)
		}
	}
	if len(p.CustomDetails) == 0 {
		p.CustomDetails = nil
	}
}

// detailName cuts a column's name down to what the name of a detail may be.
func detailName(column string, taken map[string]string) string {
	name := strings.TrimLeft(strings.TrimPrefix(column, "entity_"), "_0123456789")
	if name == "" {
		name = "detail"
	}
	name = name[:min(len(name), arm.MaxDetailName)]
	for n := 2; ; n++ {
		if _, ok := taken[name]; !ok {
			return name
		}
		suffix := fmt.Sprint(n)
		name = name[:min(len(name), arm.MaxDetailName-len(suffix))] + suffix
	}
}

// override puts what a finding is about into the alert's name.
func (d *describer) override() {
	p := &d.doc.Properties
	columns := slices.Clone(d.query.Columns.Keys)
	if d.query.Columns.Value != "" {
		columns = append(columns, d.query.Columns.Value)
	}
	if d.rule.Body == nil {
		for _, m := range p.EntityMappings {
			columns = append(columns, m.FieldMappings[0].ColumnName)
		}
	}
	columns = columns[:min(len(columns), arm.MaxPlaceholders)]
	if len(columns) == 0 || strings.Contains(p.DisplayName, "{{") {
		return
	}
	for _, c := range columns {
		if !plainName.MatchString(c) {
			return
		}
	}
	format := p.DisplayName + ": {{" + strings.Join(columns, "}}, {{") + "}}"
	if len(format) <= arm.MaxName {
		p.AlertDetailsOverride = &arm.AlertDetails{DisplayNameFormat: format}
	}
}

// incidents puts alerts of one key into one incident for the time of `once per`. Suppression would keep the whole rule from running,
// and so the findings of other keys.
func (d *describer) incidents() {
	p := &d.doc.Properties
	p.IncidentConfiguration = &arm.IncidentConfiguration{CreateIncident: true}
	once := d.rule.Emit.Once
	if once == 0 {
		return
	}
	g := &arm.GroupingConfiguration{
		Enabled: true, MatchingMethod: "AllEntities",
		LookbackDuration: arm.FormatDuration(min(max(ceil(once, time.Minute), 5*time.Minute), 7*24*time.Hour)),
	}
	keys := d.query.Columns.Keys
	for _, k := range keys {
		for name, column := range p.CustomDetails {
			if column == k {
				g.GroupByCustomDetails = append(g.GroupByCustomDetails, name)
			}
		}
	}
	switch {
	case len(keys) > 0 && len(g.GroupByCustomDetails) == len(keys):
		g.MatchingMethod = "Selected"
	case len(p.EntityMappings) == 0:
		g.MatchingMethod, g.GroupByCustomDetails = "AnyAlert", nil
	default:
		g.GroupByCustomDetails = nil
	}
	p.IncidentConfiguration.GroupingConfiguration = g
}

// extend appends to the query what the document needs of it: the range of time of a run, where events may arrive later than the
// run does, and computed columns.
func (d *describer) extend(t backends.Timing) {
	var ops []syntax.Operator
	if d.rule.Body == nil && t.Delay > arm.Delay {
		at := syntax.Col(d.bound.Parts[0].Binding.Time.Path)
		ago := func(x time.Duration) syntax.Expr { return syntax.Fn("ago", syntax.Timespan(x)) }
		ops = append(ops, &syntax.Where{Pred: syntax.AllOf(syntax.Bin(syntax.Ge, at, ago(t.Every+t.Delay)), syntax.Bin(syntax.Lt, at, ago(t.Delay)))})
	}
	if len(d.computed) > 0 {
		ops = append(ops, &syntax.Extend{Items: d.computed})
	}
	if len(ops) > 0 {
		d.query.Text = kusto.Append(d.query.Text, ops...)
	}
}
