package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/onerule/onerule/diag"
)

func compileSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	data, err := readSchema(name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	schemaRules = `rule net_user v1 {
  meta {
    id = "5f0c3c1e-5a55-4a0e-8b54-3b6a1c6d9f01"
    title = "Net <user>"
    status = stable
    severity = low
    attack = [T1136.001]
  }
  from process.start on windows
  where process.name == "net.exe" and not process.command_line contains "mimikatz"
  emit {
    entity host = host.name
    show process.command_line, process.args
  }

  test "fires" { process.name: "net.exe" } expect 1
  test "fails" { process.name: "net1.exe" } expect 1
}
rule at_night v1 {
  from process.start on windows
  where hour(@timestamp) >= 22

  test "any" { process.name: "x" } expect >= 0
}
rule bad v1 {
  from process.start on windows
  where process.nmae = "x" and process.pid contains "4"
}
`
	schemaStreams = `rule counted v1 {
  from process.start on windows
  tumbling 1h
  count per host.name as s {
    n = count()
    mean = avg(process.pid)
    args = values(process.args)
  }
  when s.n >= 2
  emit {
    entity host = host.name
    show s.n, s.mean, s.args
  }

  test "two" { 2 x { host.name: "h" } } expect 1
}
rule twice v1 {
  from process.start on windows
  sliding 1h
  count per host.name as s { n = count() }
  when s.n >= 2

  test "two" { 2 x { host.name: "h" } } expect 1
}
rule new_args v1 {
  from process.start on windows
  first_seen process.args per host.name { every 1h  history 1d }

  test "new" { host.name: "h", process.args: "a" } expect 1
}
`
	schemaChanged = `rule net_user v1 {
  meta { id = "5f0c3c1e-5a55-4a0e-8b54-3b6a1c6d9f01" }
  from process.start on windows
  where process.name == "net2.exe"

  test "fires" { process.name: "net.exe" } expect 0
}
rule at_day v1 {
  from process.start on windows
  where hour(@timestamp) < 22
}
`
	schemaEvents = `{"@timestamp": "2026-01-05T00:00:00Z", "data_stream": {"dataset": "endpoint.events.process"}, "event": {"category": ["process"], "type": ["start"]}, "host": {"name": "h1", "os": {"type": "windows"}}, "process": {"name": "NET.exe", "args": ["net", "user"], "command_line": "net user"}}
`
)

// Real outputs fit the schemas that they promise to fit, and every schema has an output that is checked.
func TestOutputsFitSchemas(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"a.rule": schemaRules, "good.rule": strings.Split(schemaRules, "rule bad")[0], "changed.rule": schemaChanged, "streams.rule": schemaStreams, "e.ndjson": schemaEvents + schemaEvents + "broken\n"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	checked := map[string]bool{}
	tests := []struct {
		schema, args string
		lines        bool
	}{
		{schema: "check", args: "check a.rule --format json"},
		{schema: "check", args: "check good.rule --lang eql,datadog --format json"},
		{schema: "verify", args: "verify good.rule --report json --events e.ndjson"},
		{schema: "test", args: "test good.rule --format json --coverage --through eql"},
		{schema: "finding", args: "run good.rule --events e.ndjson", lines: true},
		{schema: "finding", args: "run streams.rule --events e.ndjson", lines: true},
		{schema: "exec", args: "exec --lang eql --table t=e.ndjson|any where true", lines: true},
		{schema: "exec", args: "exec --lang eql --table t=e.ndjson|sequence [any where true] with runs=2", lines: true},
		{schema: "exec", args: "exec --lang kusto|print a = 1, b = datetime(2026-01-05), c = real(nan)", lines: true},
		{schema: "caps", args: "caps --format json"},
		{schema: "fields", args: "fields --format json"},
		{schema: "fields", args: "fields --source windows --format json"},
		{schema: "fields", args: "fields --class process.start --format json"},
		{schema: "fields", args: "fields --binding splunk_security --format json"},
		{schema: "explain", args: "explain E0201 --format json"},
		{schema: "explain", args: "explain good.rule --format json"},
		{schema: "explain", args: "explain good.rule --format json --event e.ndjson --lang eql,kibana,datadog"},
		{schema: "version", args: "version --format json"},
		{schema: "diff", args: "diff good.rule changed.rule --format json"},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			flags, query, hasQuery := strings.Cut(tt.args, "|")
			args := strings.Fields(flags)
			if hasQuery {
				args = append(args, query)
			}
			code, out, messages := onerule(args...)
			if code == exitInternal || out == "" {
				t.Fatalf("exit code %d, %s", code, messages)
			}
			docs := []string{out}
			if tt.lines {
				docs = strings.Split(strings.TrimSpace(out), "\n")
			}
			for _, d := range docs {
				validate(t, compileSchema(t, tt.schema), d)
			}
			checked[tt.schema] = true
		})
	}
	t.Run("manifest", func(t *testing.T) {
		if code, _, messages := onerule("build", "good.rule", "--out", "out", "--allow", "narrow,widen", "--verify"); code != exitFindings && code != exitOK {
			t.Fatalf("exit code %d, %s", code, messages)
		}
		data, err := os.ReadFile(filepath.Join("out", "manifest.json"))
		if err != nil {
			t.Fatal(err)
		}
		validate(t, compileSchema(t, "manifest"), string(data))
		checked["manifest"] = true
	})
	for _, name := range schemaNames() {
		if !checked[name] {
			t.Errorf("no output is checked against the schema %s", name)
		}
	}
}

func validate(t *testing.T, s *jsonschema.Schema, text string) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}

// The schemas refuse what they should: an object with a key too many.
func TestSchemasAreClosed(t *testing.T) {
	for _, name := range schemaNames() {
		if name == "exec" { // rows of any shape
			continue
		}
		if compileSchema(t, name).Validate(map[string]any{"unknown": true}) == nil {
			t.Errorf("the schema %s takes anything", name)
		}
	}
}

// What several schemas define is defined once, in diag.
func TestSharedDefinitions(t *testing.T) {
	var source, other struct {
		Defs map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal(diag.Schema, &source); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"verify", "explain"} {
		data, err := readSchema(name)
		if err != nil {
			t.Fatal(err)
		}
		other.Defs = nil
		if err := json.Unmarshal(data, &other); err != nil {
			t.Fatal(err)
		}
		for key, def := range other.Defs {
			if want, ok := source.Defs[key]; ok && !reflect.DeepEqual(want, def) {
				t.Errorf("%s: %s is not what diag/diagnostics.schema.json says", name, key)
			}
		}
	}
	if !slices.Contains(schemaNames(), "check") {
		t.Error("no schema of diagnostics")
	}
}
