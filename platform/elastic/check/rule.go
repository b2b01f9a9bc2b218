package check

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

func text() shape                      { return shape{kind: "text"} }
func filled() shape                    { return shape{kind: "text", min: 1} }
func oneOf(values ...string) shape     { return shape{kind: "text", enum: values} }
func formed(form string) shape         { return shape{kind: "text", form: regexp.MustCompile(form)} }
func listOf(items shape) shape         { return shape{kind: "list", items: &items} }
func some(items shape, most int) shape { return shape{kind: "list", items: &items, min: 1, max: most} }
func number(least, most int) shape     { return shape{kind: "whole", min: least, max: most} }

// object has only required fields.
func object(fields map[string]shape) shape {
	return shape{kind: "object", fields: fields, required: slices.Sorted(maps.Keys(fields))}
}

// maxTerm is how long a term of Lucene may be: Kibana writes these texts into keyword fields without ignore_above.
const maxTerm = 32766

func alertText(least int) shape { return shape{kind: "text", min: least, max: maxTerm} }

var severity = oneOf("low", "medium", "high", "critical")

func attack(form string) map[string]shape {
	return map[string]shape{"id": filled(), "name": filled(), "reference": formed(form)}
}

// threat is an element of threat.
func threat() shape {
	sub := object(attack(`^https://attack\.mitre\.org/techniques/T[0-9]+/[0-9]+/$`))
	technique := object(attack(`^https://attack\.mitre\.org/techniques/T[0-9]+/$`))
	technique.fields["subtechnique"] = listOf(sub)
	return shape{kind: "object", required: []string{"framework", "tactic"}, fields: map[string]shape{
		"framework": oneOf("MITRE ATT&CK"),
		"tactic":    object(attack(`^https://attack\.mitre\.org/tactics/TA[0-9]+/$`)),
		"technique": listOf(technique),
	}}
}

func suppression() shape {
	return shape{kind: "object", required: []string{"group_by"}, fields: map[string]shape{
		"group_by":                some(filled(), 3),
		"duration":                object(map[string]shape{"value": number(1, 0), "unit": oneOf("s", "m", "h")}),
		"missing_fields_strategy": oneOf("suppress", "doNotSuppress"),
	}}
}

// common are the fields of all types of rules (BaseCreateProps).
func common() map[string]shape {
	mapping := func() map[string]shape {
		return map[string]shape{"field": filled(), "operator": oneOf("equals"), "value": text()}
	}
	severities := mapping()
	severities["severity"] = severity
	severityMapping := object(severities)
	riskMapping := object(mapping())
	riskMapping.fields["risk_score"] = number(0, 100)
	return map[string]shape{
		"name": alertText(1), "description": alertText(1), "risk_score": number(0, 100), "severity": severity, "type": oneOf("query", "eql", "esql"),
		"rule_id": alertText(1), "version": number(1, 0), "tags": listOf(alertText(0)), "enabled": {kind: "flag"},
		"risk_score_mapping": listOf(riskMapping), "severity_mapping": listOf(severityMapping),
		"interval": formed(`^[1-9]\d*[smhd]$`), "from": formed(`^now-[1-9]\d*[smhd]$`), "to": formed(`^now(-[1-9]\d*[smhd])?$`),
		"actions": listOf(shape{kind: "any"}), "author": listOf(alertText(0)), "false_positives": listOf(alertText(0)), "references": listOf(alertText(0)),
		"exceptions_list": listOf(object(map[string]shape{
			"id": filled(), "list_id": filled(), "namespace_type": oneOf("single", "agnostic"),
			"type": oneOf("detection", "rule_default", "endpoint", "endpoint_trusted_apps", "endpoint_events", "endpoint_host_isolation_exceptions", "endpoint_blocklists"),
		})),
		"max_signals": number(1, 0), "threat": listOf(threat()), "setup": text(), "note": alertText(0), "license": alertText(0),
		"related_integrations": listOf(shape{kind: "object", required: []string{"package", "version"}, fields: map[string]shape{
			"package": filled(), "version": filled(), "integration": filled(),
		}}),
		"required_fields":      listOf(object(map[string]shape{"name": filled(), "type": filled()})),
		"investigation_fields": object(map[string]shape{"field_names": some(filled(), 0)}),
		"timestamp_override":   filled(), "alert_suppression": suppression(), "query": filled(), "language": filled(),
	}
}

// ruleOf is the shape of a rule of a type.
func ruleOf(typ string) shape {
	s := shape{kind: "object", fields: common(), required: []string{"name", "description", "risk_score", "severity", "type", "rule_id", "version"}}
	switch typ {
	case "query":
		s.fields["language"] = oneOf("kuery", "lucene")
		s.fields["index"] = some(filled(), 0)
		s.required = append(s.required, "query", "index")
	case "eql":
		s.fields["language"] = oneOf("eql")
		s.fields["index"] = some(filled(), 0)
		s.required = append(s.required, "query", "language", "index")
	case "esql": // no index, no filters
		s.fields["language"] = oneOf("esql")
		s.required = append(s.required, "query", "language")
	}
	return s
}

// rule checks a rule, and what its fields have to say about one another.
func (f *faults) rule(at string, m map[string]any, s shape) {
	f.value(at, m, s)
	every, ok := timeOf(str(m["interval"]))
	from, fromOK := timeOf(str(m["from"]))
	to, toOK := timeOf(str(m["to"]))
	if m["to"] == nil {
		to, toOK = 0, true
	}
	if ok && fromOK && toOK && from-to < every {
		f.add(at, "a run looks back %s, which leaves gaps between runs every %s", from-to, every)
	}
	query := str(m["query"])
	switch m["type"] {
	case "esql":
		if !strings.HasPrefix(query, "FROM ") {
			f.add(at, "the query begins with %.20q", query)
		}
		if !aggregates.MatchString(query) && !strings.Contains(strings.SplitN(query, "\n", 2)[0], "METADATA _id") {
			f.add(at, "a query that aggregates nothing has to carry METADATA _id")
		}
	case "eql":
		if seq := maxspan.FindStringSubmatch(query); seq != nil {
			if span, ok := timeOf(seq[1]); ok && from-to < every+span {
				f.add(at, "a run looks back %s, less than the interval and the span of %s", from-to, span)
			}
		}
	}
	for i, p := range sliceOf(m["index"]) {
		if s := str(p); strings.ContainsAny(s, " ,\"\\<>|?#") || strings.ToLower(s) != s || strings.HasPrefix(s, "_") {
			f.add(fmt.Sprintf("%s.index[%d]", at, i), "%q is no index pattern", s)
		}
	}
	f.unique(at, m)
}

var (
	aggregates = regexp.MustCompile(`(?m)^\| STATS\b`)
	maxspan    = regexp.MustCompile(`^sequence .*\bmaxspan=([0-9]+[smhd])`)
)

// unique finds fields, tactics and techniques that are named twice.
func (f *faults) unique(at string, m map[string]any) {
	once := func(name string, list []any, key func(any) string) {
		seen := map[string]bool{}
		for _, x := range list {
			if k := key(x); seen[k] {
				f.add(at, "%s has %q twice", name, k)
			} else {
				seen[k] = true
			}
		}
	}
	field := func(names ...string) func(any) string {
		return func(x any) string {
			for _, n := range names[:len(names)-1] {
				x = mapOf(x)[n]
			}
			return str(mapOf(x)[names[len(names)-1]])
		}
	}
	once("required_fields", sliceOf(m["required_fields"]), field("name"))
	once("threat", sliceOf(m["threat"]), field("tactic", "id"))
	for _, t := range sliceOf(m["threat"]) {
		once("technique", sliceOf(mapOf(t)["technique"]), field("id"))
		for _, x := range sliceOf(mapOf(t)["technique"]) {
			id := str(mapOf(x)["id"])
			once("subtechnique", sliceOf(mapOf(x)["subtechnique"]), field("id"))
			for _, sub := range sliceOf(mapOf(x)["subtechnique"]) {
				if !strings.HasPrefix(str(mapOf(sub)["id"]), id+".") {
					f.add(at, "%v stands under %s", mapOf(sub)["id"], id)
				}
			}
		}
	}
	once("investigation_fields", sliceOf(mapOf(m["investigation_fields"])["field_names"]), func(x any) string { return str(x) })
	once("alert_suppression.group_by", sliceOf(mapOf(m["alert_suppression"])["group_by"]), func(x any) string { return str(x) })
	once("related_integrations", sliceOf(m["related_integrations"]), func(x any) string {
		return str(mapOf(x)["package"]) + "/" + str(mapOf(x)["integration"])
	})
}

func str(v any) string           { s, _ := v.(string); return s }
func sliceOf(v any) []any        { s, _ := v.([]any); return s }
func mapOf(v any) map[string]any { m, _ := v.(map[string]any); return m }
