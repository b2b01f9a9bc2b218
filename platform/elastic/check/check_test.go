package check

import (
	"encoding/json"
	"strings"
	"testing"
)

// line is a rule that an import takes.
const line = `{"rule_id":"0b8a9f52-5a3c-4b1d-9a77-1f6e2c9d4e10","version":1,"name":"n","description":"d","type":"eql","language":"eql","index":["logs-okta.system-*"],` +
	`"query":"sequence with maxspan=30m [any where true] [any where true]","interval":"10m","from":"now-51m","to":"now-6m","severity":"low","risk_score":21,` +
	`"threat":[{"framework":"MITRE ATT&CK","tactic":{"id":"TA0003","name":"Persistence","reference":"https://attack.mitre.org/tactics/TA0003/"},` +
	`"technique":[{"id":"T1556","name":"t","reference":"https://attack.mitre.org/techniques/T1556/","subtechnique":[{"id":"T1556.006","name":"s","reference":"https://attack.mitre.org/techniques/T1556/006/"}]}]}],` +
	`"related_integrations":[{"package":"okta","version":"*"}],"required_fields":[{"name":"event.action","type":"keyword"}],"alert_suppression":{"group_by":["a"],"duration":{"value":1,"unit":"h"}}}`

const last = `{"exported_count":1,"exported_rules_count":1,"missing_rules":[],"missing_rules_count":0,"exported_exception_list_count":0,"exported_exception_list_item_count":0,"missing_exception_list_item_count":0,` +
	`"missing_exception_list_items":[],"missing_exception_lists":[],"missing_exception_lists_count":0,"exported_action_connector_count":0,"missing_action_connection_count":0,"missing_action_connections":[],` +
	`"excluded_action_connection_count":0,"excluded_action_connections":[]}`

func TestImport(t *testing.T) {
	for _, good := range []string{line + "\n", line + "\n" + last + "\n"} {
		if rules, faults := Import([]byte(good)); len(rules) != 1 || len(faults) > 0 {
			t.Errorf("%v", faults)
		}
	}
	for name, bad := range map[string]string{
		"no end": line, "twice": line + "\n" + line + "\n", "blank": line + "\n\n", "half": line[:50] + "\n", "two on a line": line + line + "\n", "count": line + "\n" + strings.Replace(last, `rules_count":1`, `rules_count":2`, 1) + "\n",
		"summary first": last + "\n" + line + "\n", "unknown key": strings.Replace(line, `"version"`, `"wersion"`, 1) + "\n", "exception": strings.Replace(line, `"version"`, `"list_id":"x","version"`, 1) + "\n",
		"no UTF-8": strings.Replace(line, `"d"`, "\"\xff\"", 1) + "\n",
	} {
		if _, faults := Import([]byte(bad)); len(faults) == 0 {
			t.Errorf("%s is taken", name)
		}
	}
}

// TestRule changes one thing of a good rule at a time.
func TestRule(t *testing.T) {
	for _, c := range [][2]string{
		{"type", `"threshold"`},
		{"type", `"query"`},
		{"type", `"esql"`},
		{"language", `"kuery"`},
		{"index", `[]`},
		{"index", `["Logs"]`},
		{"index", `["a b"]`},
		{"name", `""`},
		{"name", `7`},
		{"description", `"` + strings.Repeat("a", 32767) + `"`},
		{"risk_score", `101`},
		{"risk_score", `1.5`},
		{"severity", `"informational"`},
		{"interval", `"0m"`},
		{"interval", `"46m"`},
		{"interval", `"16m"`},
		{"from", `"now-51m/h"`},
		{"to", `"later"`},
		{"to", `"now-42m"`},
		{"enabled", `"true"`},
		{"version", `0`},
		{"max_signals", `0`},
		{"tags", `"a"`},
		{"tags", `[1]`},
		{"filters", `[]`},
		{"related_integrations", `[{"package":"okta"}]`},
		{"related_integrations", `[{"package":"okta","version":"*"},{"package":"okta","version":"*"}]`},
		{"required_fields", `[{"name":"a","type":"keyword"},{"name":"a","type":"ip"}]`},
		{"required_fields", `[{"name":"a","type":"keyword","ecs":true}]`},
		{"investigation_fields", `{}`},
		{"investigation_fields", `{"field_names":[]}`},
		{"alert_suppression", `{"group_by":["a","b","c","d"]}`},
		{"alert_suppression", `{"group_by":["a"],"duration":{"value":1,"unit":"d"}}`},
		{"threat", `[{"framework":"MITRE ATT&CK"}]`},
		{"threat", `[{"framework":"MITRE ATT&CK","tactic":{"id":"TA0003","name":"P","reference":"https://attack.mitre.org/tactics/TA0003"}}]`},
		{"threat", `[{"framework":"MITRE ATT&CK","tactic":{"id":"TA0003","name":"P","reference":"https://attack.mitre.org/tactics/TA0003/"},"technique":[{"id":"T1","name":"a","reference":"https://attack.mitre.org/techniques/T1/","subtechnique":[{"id":"T2.001","name":"b","reference":"https://attack.mitre.org/techniques/T2/001/"}]}]}]`},
		{"severity_mapping", `[{"field":"a","operator":"equals","value":"b"}]`},
		{"severity_mapping", `[{"field":"a","operator":"contains","value":"b","severity":"low"}]`},
		{"exceptions_list", `[{"id":"a","list_id":"b","type":"detection"}]`},
	} {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		m[c[0]] = json.RawMessage(c[1])
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, faults := Import(append(data, '\n')); len(faults) == 0 {
			t.Errorf("%s: %s is taken", c[0], c[1])
		}
	}
	for _, name := range []string{"rule_id", "version", "name", "description", "risk_score", "severity", "type", "query", "index"} {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		delete(m, name)
		data, _ := json.Marshal(m)
		if _, faults := Import(append(data, '\n')); len(faults) == 0 {
			t.Errorf("without %s it is taken", name)
		}
	}
}

const file = `[metadata]
creation_date = "2026/01/01"
maturity = "production"
updated_date = "2026/01/01"

[rule]
author = []
description = "d"
from = "now-10m"
index = ["a-*"]
interval = "5m"
language = "kuery"
name = "n"
risk_score = 21
rule_id = "0b8a9f52-5a3c-4b1d-9a77-1f6e2c9d4e10"
severity = "low"
type = "query"
query = '''
a:b'''
`

func TestTOML(t *testing.T) {
	m, faults := TOML([]byte(file))
	if len(faults) > 0 || m["query"] != "a:b" {
		t.Fatalf("%v %v", faults, m)
	}
	for _, c := range [][2]string{
		{"2026/01/01", "2026-01-01"},
		{"[metadata]", "[meta]"},
		{"production", "done"},
		{"name = \"n\"\n", ""},
		{"0b8a9f52", "0B8A9F52"},
		{`type = "query"`, "type = \"query\"\nversion = 1"},
		{"author = []\n", ""},
		{"[rule]", "[rule]\nname = \"m\""},
		{"'''\na:b'''", `""`},
		{"risk_score = 21", "risk_score = \"21\""},
	} {
		if _, faults := TOML([]byte(strings.Replace(file, c[0], c[1], 1))); len(faults) == 0 {
			t.Errorf("%q for %q is taken", c[1], c[0])
		}
	}
}

func TestSame(t *testing.T) {
	m, _ := TOML([]byte(file))
	same := map[string]any{}
	for k, v := range m {
		same[k] = v
	}
	same["version"], same["tags"], same["enabled"], same["to"] = 3, []any{}, true, "now"
	if faults := Same(m, same); len(faults) > 0 {
		t.Error(faults)
	}
	for k, v := range map[string]any{"query": "a:c", "note": "x", "enabled": false, "risk_score": 22} {
		before, had := same[k]
		if same[k] = v; len(Same(m, same)) != 1 {
			t.Errorf("%s: %v", k, Same(m, same))
		}
		if delete(same, k); had {
			same[k] = before
		}
	}
}
