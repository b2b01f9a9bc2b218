package datadog

import (
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/datadog/api"
)

// describe fills in what people read.
func describe(doc *api.DetectionRule, r *ir.Rule) {
	doc.Name = api.Literal(title(r)) // titles of signals are rendered like messages
	doc.IsEnabled = enabled(r)
	doc.Message = message(r)
	doc.Tags = ruleTags(r)
	doc.HasExtendedTitle = len(doc.Queries) > 0 && len(doc.Queries[0].GroupByFields) > 0
}

func title(r *ir.Rule) string {
	if r.Meta.Title != "" {
		return r.Meta.Title
	}
	return r.Name
}

func enabled(r *ir.Rule) bool { return r.Meta.Status != "deprecated" }

// status is the severity of signals.
func status(r *ir.Rule) api.Status {
	switch r.Meta.Severity {
	case "informational":
		return api.Info
	case "low":
		return api.Low
	case "high":
		return api.High
	case "critical":
		return api.Critical
	}
	return api.Medium
}

// message is what a signal tells: Markdown, in which nothing of the rule is a template.
func message(r *ir.Rule) string {
	m := r.Meta
	var parts []string
	add := func(text string) {
		if text = strings.TrimSpace(text); text != "" {
			parts = append(parts, api.Literal(text))
		}
	}
	add(m.Description)
	add(m.Triage)
	if len(m.FalsePositives) > 0 {
		add("## False positives\n" + bullets(m.FalsePositives))
	}
	if len(m.References) > 0 {
		add("## References\n" + bullets(m.References))
	}
	if len(m.Authors) > 0 {
		add("Authors: " + strings.Join(m.Authors, ", "))
	}
	if len(parts) == 0 {
		add(title(r))
	}
	return strings.Join(parts, "\n\n")
}

func bullets(items []string) string {
	var b strings.Builder
	for i, s := range items {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("- " + s)
	}
	return b.String()
}

// ruleTags are the tags that each signal gets: the techniques in the vendor's keys, then what identifies the rule. Names of
// techniques, which the vendor's own tags have behind the id, are left out.
func ruleTags(r *ir.Rule) []string {
	m := r.Meta
	out := []string{"security:attack"}
	add := func(key, value string) {
		if t := tag(key, value); value != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	for _, id := range m.Attack {
		switch technique, _, sub := strings.Cut(id, "."); {
		case strings.HasPrefix(id, "TA"):
			out = append(out, "tactic:"+id)
		case sub:
			if t := "technique:" + technique; !slices.Contains(out, t) {
				out = append(out, t)
			}
			out = append(out, "subtechnique:"+id)
		default:
			out = append(out, "technique:"+id)
		}
	}
	for _, c := range r.From {
		add("source", c.Source)
	}
	for _, t := range m.Tags {
		add("topic", t)
	}
	if m.Risk > 0 {
		add("risk", strconv.Itoa(m.Risk))
	}
	add("maturity", m.Status)
	add("onerule", r.Name)
	add("onerule_id", m.ID)
	add("onerule_version", strconv.Itoa(r.Version))
	return out
}

// tag writes a tag in the characters that tags have: lower-case letters, digits and _ - : . /, at most 200 of them.
// Source: docs.datadoghq.com/getting_started/tagging.
func tag(key, value string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(key + ":" + value) {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.ContainsRune("_-:./", c):
			b.WriteRune(c)
		default:
			b.WriteByte('-')
		}
	}
	s := b.String()
	return s[:min(len(s), 200)]
}
