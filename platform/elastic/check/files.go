package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
)

// The settings of Kibana that limit an import, at their defaults.
const (
	maxRules = 10000
	maxBytes = 10485760
)

// summary is the last line of an export; an import leaves it out.
var summary = object(map[string]shape{
	"exported_count": number(0, 0), "exported_rules_count": number(0, 0), "missing_rules": listOf(text()), "missing_rules_count": number(0, 0),
	"exported_exception_list_count": number(0, 0), "exported_exception_list_item_count": number(0, 0), "missing_exception_list_item_count": number(0, 0),
	"missing_exception_list_items": listOf(text()), "missing_exception_lists": listOf(text()), "missing_exception_lists_count": number(0, 0),
	"exported_action_connector_count": number(0, 0), "missing_action_connection_count": number(0, 0), "missing_action_connections": listOf(text()),
	"excluded_action_connection_count": number(0, 0), "excluded_action_connections": listOf(text()),
})

// Import reads a file of the detection engine's import: its rules by id, and what an import would not take.
func Import(data []byte) (map[string]map[string]any, []Fault) {
	f := &faults{}
	rules := map[string]map[string]any{}
	if len(data) > maxBytes {
		f.add("file", "%d bytes are more than an import takes", len(data))
	}
	if !bytes.HasSuffix(data, []byte("\n")) {
		f.add("file", "the last line has no end")
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	for i, line := range lines {
		at := fmt.Sprintf("line %d", i+1)
		m, err := readJSON(line)
		switch {
		case err != nil:
			f.add(at, "%v", err)
		case m["exported_count"] != nil:
			f.value(at, m, summary)
			if n, _ := wholeOf(m["exported_rules_count"]); n != int64(len(rules)) || i != len(lines)-1 {
				f.add(at, "the summary counts %d of %d rules, on line %d of %d", n, len(rules), i+1, len(lines))
			}
		case m["list_id"] != nil || m["item_id"] != nil || m["entries"] != nil || m["attributes"] != nil:
			f.add(at, "an import takes this for an exception or a connector")
		default:
			f.rule(at, m, ruleOf(str(m["type"])))
			id := str(m["rule_id"])
			if rules[id] != nil {
				f.add(at, "there is a rule of the id %q before", id)
			}
			rules[id] = m
		}
	}
	if len(rules) > maxRules {
		f.add("file", "%d rules are more than an import takes", len(rules))
	}
	return rules, f.list
}

func readJSON(line string) (map[string]any, error) {
	if !utf8.ValidString(line) {
		return nil, errors.New("no UTF-8")
	}
	dec := json.NewDecoder(strings.NewReader(line))
	dec.UseNumber()
	var m map[string]any
	if err := dec.Decode(&m); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return m, nil
}

// metadata is the first table of a file of the detection-rules layout.
var metadata = shape{kind: "object", required: []string{"creation_date", "updated_date", "maturity"}, fields: map[string]shape{
	"creation_date": formed(`^\d{4}/\d{2}/\d{2}$`), "updated_date": formed(`^\d{4}/\d{2}/\d{2}$`),
	"maturity": oneOf("development", "experimental", "beta", "production", "deprecated"), "integration": some(filled(), 0),
	"min_stack_version": formed(`^\d+\.\d+\.\d+$`), "min_stack_comments": filled(),
}}

// TOML reads a file of the detection-rules layout: the table [rule], and what the layout does not have. Its form of names is left
// aside: Kibana takes any name.
func TOML(data []byte) (map[string]any, []Fault) {
	f := &faults{}
	var file map[string]any
	if err := toml.Unmarshal(data, &file); err != nil {
		return nil, []Fault{{"file", err.Error()}}
	}
	m := mapOf(file["rule"])
	s := ruleOf(str(m["type"]))
	for _, made := range []string{"version", "related_integrations", "required_fields"} { // by its build
		delete(s.fields, made)
	}
	s.required = []string{"author", "description", "name", "risk_score", "rule_id", "severity", "type", "query"}
	s.fields["rule_id"] = formed(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	f.value("file", file, shape{kind: "object", required: []string{"metadata", "rule"}, fields: map[string]shape{"metadata": metadata, "rule": {kind: "any"}}})
	f.rule("rule", m, s)
	return m, f.list
}

// Same says in what the rule of a TOML file differs from that of an import.
func Same(toml, imported map[string]any) []Fault {
	f := &faults{}
	want := map[string]any{}
	for k, v := range imported {
		empty := reflect.ValueOf(v).Kind() == reflect.Slice && len(sliceOf(v)) == 0 && k != "author" || v == "" || k == "enabled" && v == true || k == "to" && v == "now"
		if k != "version" && k != "related_integrations" && k != "required_fields" && !empty {
			want[k] = v
		}
	}
	for _, k := range keys(want) {
		if _, ok := toml[k]; !ok {
			f.add(k, "is only in the import")
		} else if a, b := canonical(toml[k]), canonical(want[k]); a != b {
			f.add(k, "%s and %s", a, b)
		}
	}
	for _, k := range keys(toml) {
		if _, ok := want[k]; !ok {
			f.add(k, "is only in the TOML file")
		}
	}
	return f.list
}

// canonical writes a value so that values of JSON and TOML compare. A tactic without techniques has no list of them in TOML.
func canonical(v any) string {
	for _, x := range sliceOf(v) {
		if m := mapOf(x); m["tactic"] != nil && len(sliceOf(m["technique"])) == 0 {
			delete(m, "technique")
		}
	}
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}
