package elastic

import (
	"crypto/sha1"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/elastic/rewrite"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/elastic/rule"
)

// describe fills in what people read.
func describe(doc *rule.Rule, b *ir.Bound, cols backends.Columns) {
	r := b.Rule
	m := r.Meta
	doc.RuleID, doc.Version = ruleID(r), max(r.Version, 1)
	doc.Name = strings.TrimSpace(m.Title)
	if doc.Name == "" {
		doc.Name = r.Name
	}
	doc.Description = strings.TrimSpace(m.Description)
	if doc.Description == "" {
		doc.Description = doc.Name
	}
	doc.Severity = m.Severity
	if m.Severity == "" {
		doc.Severity = "medium"
	}
	if m.Severity == "informational" {
		doc.Severity = "low"
	}
	doc.RiskScore = m.Risk
	if m.Risk == 0 {
		doc.RiskScore = risks[doc.Severity]
	}
	doc.Note, doc.License = m.Triage, m.License
	doc.Author, doc.References, doc.FalsePositives, doc.Tags = list(m.Authors), list(m.References), list(m.FalsePositives), list(m.Tags)
	if m.Status != "" && m.Status != "stable" {
		doc.Tags = append(doc.Tags, "Status: "+m.Status)
	}
	doc.Enabled = m.Status != "deprecated"
	var unknown []string
	doc.Threat, unknown = threats(m.Attack)
	doc.Tags = append(doc.Tags, unknown...)
	doc.SeverityMapping, doc.RiskScoreMapping, doc.Actions, doc.ExceptionsList = []rule.SeverityMapping{}, []rule.RiskScoreMapping{}, []any{}, []rule.ExceptionList{}
	doc.RelatedIntegrations = integrations(b)
	doc.RequiredFields = required(b)
	if shown := investigated(doc, b, cols); len(shown) > 0 {
		doc.InvestigationFields = &rule.FieldNames{FieldNames: shown}
	}
}

// risks are the scores that go with a severity unless the author gives one.
var risks = map[string]int{"low": 21, "medium": 47, "high": 73, "critical": 99}

// list is a copy that JSON writes as a list, empty or not.
func list(xs []string) []string { return append([]string{}, xs...) }

// ruleID is the author's id, or one that the rule's name gives.
func ruleID(r *ir.Rule) string {
	if r.Meta.ID != "" {
		return r.Meta.ID
	}
	h := sha1.Sum([]byte("onerule/" + r.Name))
	h[6], h[8] = h[6]&0x0f|0x50, h[8]&0x3f|0x80 // a UUID of version 5
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// required are the fields that the rule reads.
func required(b *ir.Bound) []rule.Field {
	out := []rule.Field{}
	for _, p := range b.Parts {
		types := rewrite.Types(p)
		for _, f := range p.Reads() {
			typ := types[rewrite.Path(f)]
			if strings.HasPrefix(typ, "{") {
				typ = "keyword"
			}
			field := rule.Field{Name: rewrite.Path(f), Type: typ}
			if typ != "" && !slices.ContainsFunc(out, func(o rule.Field) bool { return o.Name == field.Name }) {
				out = append(out, field)
			}
		}
	}
	slices.SortFunc(out, func(x, y rule.Field) int { return strings.Compare(x.Name, y.Name) })
	return out
}

// investigated are the fields that an analyst looks at first: what the rule is about, and what it shows.
func investigated(doc *rule.Rule, b *ir.Bound, cols backends.Columns) []string {
	var out []string
	add := func(name string) {
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if s, ok := b.Rule.Body.(*ir.Sequence); ok && len(cols.Keys) == len(s.Per) && doc.Type == rule.EQL {
		for _, n := range sequenceFields(b, s) {
			add(n)
		}
		return out
	}
	if b.Rule.Body != nil {
		for _, n := range slices.Concat(cols.Keys, []string{cols.Value, cols.From, cols.Time}, cols.Shown) {
			add(n)
		}
		return out
	}
	for _, e := range b.Rule.Emit.Entities {
		for _, n := range natives(b, e.Field) {
			add(n)
		}
	}
	for _, f := range b.Rule.Emit.Show {
		for _, n := range natives(b, f) {
			add(n)
		}
	}
	return out
}

// sequenceFields are the fields of the events of a sequence that a finding is about, or shows: alerts of sequences have the
// events' own fields.
func sequenceFields(b *ir.Bound, s *ir.Sequence) []string {
	var out []string
	add := func(t ir.Term) {
		if f, ok := t.(*ir.Field); ok {
			out = append(out, rewrite.Path(f))
		}
	}
	for _, p := range b.Parts {
		for _, st := range s.Steps {
			if c, ok := p.Conds[st.Cond].(*ir.Const); ok && !c.Value || st.Kind != ir.StepEvent {
				continue
			}
			for _, k := range st.Keys {
				add(p.Keys[k].Term)
			}
		}
	}
	for _, p := range b.Parts {
		for _, x := range b.Rule.Emit.Shown {
			if n, ok := x.Value.(*ir.NumStep); ok {
				add(p.Args[n.Arg])
			}
		}
	}
	return out
}

// natives are the fields of the index that hold a field of the catalogue.
func natives(b *ir.Bound, f *ir.Field) []string {
	var out []string
	for _, p := range b.Parts {
		m, ok := p.Class.Mapping(f.Name)
		if !ok {
			continue
		}
		for _, n := range m.Natives() {
			if name := strings.ReplaceAll(n.Path, "[]", ""); !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// suppression brings alerts together: those of one key within `once per`, or else those of one finding, which several runs may
// report. Kibana groups by three fields; a finding with more has an alert of each run. Alerts of a sequence of EQL are grouped by
// fields that all its events have alike, and the same events make one alert without it.
func suppression(b *ir.Bound, typ string, cols backends.Columns, again time.Duration) *rule.Suppression {
	once := b.Rule.Emit.Once
	s, ordered := b.Rule.Body.(*ir.Sequence)
	var by []string
	switch {
	case b.Rule.Body == nil && once > 0:
		for _, e := range b.Rule.Emit.Entities {
			by = append(by, natives(b, e.Field)...)
		}
	case b.Rule.Body == nil:
		return nil
	case ordered && typ == rule.EQL:
		if once == 0 {
			return nil
		}
		by, once = commonKeys(b, s), max(once, again)
	case once > 0 && len(cols.Keys) > 0:
		by, once = slices.Clone(cols.Keys), max(once, again)
	default:
		by, once = slices.Clone(cols.Keys), again
		for _, n := range []string{cols.Value, cols.From, cols.Time} {
			if n != "" && !(n == cols.Time && cols.Value != "") {
				by = append(by, n)
			}
		}
	}
	if len(by) == 0 || len(by) > rule.MaxGroupBy {
		return nil
	}
	return &rule.Suppression{GroupBy: by, Duration: duration(once), MissingFieldsStrategy: "doNotSuppress"}
}

// commonKeys are the key fields that all events of a sequence share; nil when some key has several.
func commonKeys(b *ir.Bound, s *ir.Sequence) []string {
	out := make([]string, len(s.Per))
	for _, p := range b.Parts {
		for _, st := range s.Steps {
			if c, ok := p.Conds[st.Cond].(*ir.Const); ok && !c.Value || st.Kind != ir.StepEvent {
				continue
			}
			for i, k := range st.Keys {
				f, ok := p.Keys[k].Term.(*ir.Field)
				if !ok || out[i] != "" && out[i] != rewrite.Path(f) {
					return nil
				}
				out[i] = rewrite.Path(f)
			}
		}
	}
	return out
}

func duration(d time.Duration) *rule.Duration {
	switch {
	case d%time.Hour == 0:
		return &rule.Duration{Value: int(d / time.Hour), Unit: "h"}
	case d%time.Minute == 0:
		return &rule.Duration{Value: int(d / time.Minute), Unit: "m"}
	}
	return &rule.Duration{Value: int((d + time.Second - 1) / time.Second), Unit: "s"}
}
