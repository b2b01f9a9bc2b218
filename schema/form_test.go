package schema

import (
	"reflect"
	"strings"
	"testing"
)

// formBinding has each form of a mapping and of a condition.
const formBinding = `
binding: forms
platform: splunk
source: windows
time: {native: ts}
table_field: Type
table: T
empty: missing
select: {kind: [a, b], flags: {type: long, mask: 6, values: [W, R]}, gone: {missing: true}}
classes:
  process.start:
    fields:
      event.outcome: {native: code, values: {success: {values: ["0"], missing: true}, failure: {other: "13"}}}
      event.action: {native: kind, values: {begin: a, end: b}}
      process.args: {native: argv0, and: ["argv[]"]}
      process.command_line: {native: argv0, and: [rest], join: " "}
      registry.path: {native: key, and: [value], join: "\\", derive: registry_path}
      registry.value: value
      user.name: {native: Params.user.name, json: true}
      user.id: {native: "Params.ids[]", json: true}
      process.pid: {native: pid, derive: hex}
      event.code: {native: word, spelling: lower}
      event.kind: {native: fixed, fixed: [One, Two]}
      host.os.type: {const: windows}
    samples: [{native: {}, canonical: {}}]
`

func parseForms(t *testing.T) *Binding {
	t.Helper()
	b, err := ParseBinding("forms.yaml", []byte(formBinding))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func native(extra string) map[string]any {
	return decodeObject(`{"Type": "T", "ts": "2026-03-02T08:15:30Z", "kind": "a", "flags": 4` + extra + `}`)
}

func TestForms(t *testing.T) {
	b := parseForms(t)
	for _, tc := range []struct{ native, want string }{
		{``, `{"event.outcome": "success", "event.action": "begin", "host.os.type": "windows"}`},
		{`, "code": ""`, `{"event.outcome": "success", "event.action": "begin", "host.os.type": "windows"}`},
		{`, "code": "0"`, `{"event.outcome": "success", "event.action": "begin", "host.os.type": "windows"}`},
		{`, "code": 13`, `{"event.outcome": "failure", "event.action": "begin", "host.os.type": "windows"}`},
		{`, "argv0": "sh", "argv": ["-c", "id"], "rest": "-c id"`, `{"event.outcome": "success", "event.action": "begin", "host.os.type": "windows", "process.args": ["sh", "-c", "id"], "process.command_line": "sh -c id"}`},
		{`, "argv0": "sh", "rest": ""`, `{"event.outcome": "success", "event.action": "begin", "host.os.type": "windows", "process.args": ["sh"], "process.command_line": "sh"}`},
		{`, "key": "HKEY_LOCAL_MACHINE\\A", "value": "v"`, `{"event.outcome": "success", "event.action": "begin", "host.os.type": "windows", "registry.path": "HKLM\\A\\v", "registry.value": "v"}`},
		{`, "key": "HKEY_LOCAL_MACHINE\\A"`, `{"event.outcome": "success", "event.action": "begin", "host.os.type": "windows", "registry.path": "HKLM\\A"}`},
		{`, "Params": "{\"user\": {\"name\": \"eve\"}, \"ids\": [1, 2]}"`, `{"event.outcome": "success", "event.action": "begin", "host.os.type": "windows", "user.name": "eve", "user.id": ["1", "2"]}`},
		{`, "Params": "no JSON", "pid": "0x10"`, `{"event.outcome": "success", "event.action": "begin", "host.os.type": "windows", "process.pid": 16}`},
	} {
		e, ok := b.ToCanonical("x", native(tc.native))
		if !ok {
			t.Fatalf("%s is not selected", tc.native)
		}
		want := decodeObject(tc.want)
		if got := reJSON(t, e.Object); !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %s\nwant %s", tc.native, mustJSON(t, got), mustJSON(t, want))
		}
		back, err := b.ToNative(e)
		if err != nil {
			t.Errorf("%s: %v", tc.native, err)
			continue
		}
		again, ok := b.ToCanonical("x", reJSON(t, back))
		if got := reJSON(t, again.Object); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n made %s\n got %s\nwant %s", tc.native, mustJSON(t, back), mustJSON(t, got), mustJSON(t, want))
		}
	}
}

func TestConditions(t *testing.T) {
	b := parseForms(t)
	for text, want := range map[string]bool{
		`{"Type": "T", "kind": "b", "flags": 2}`:               true,
		`{"Type": "T", "kind": "b", "flags": 8}`:               false,
		`{"Type": "T", "kind": "B", "flags": 2}`:               false,
		`{"Type": "U", "kind": "b", "flags": 2}`:               false,
		`{"kind": "b", "flags": 2}`:                            false,
		`{"Type": "T", "kind": "b", "flags": 2, "gone": "x"}`:  false,
		`{"Type": "T", "kind": "b", "flags": 2, "gone": null}`: true,
		`{"Type": "T", "kind": "b", "flags": 2, "gone": ""}`:   true,
		`{"Type": "T", "kind": ["c", "b"], "flags": "6"}`:      true,
	} {
		if _, got := b.Select(decodeObject(text)); got != want {
			t.Errorf("%s: selected %v, want %v", text, got, want)
		}
	}
}

// TestRefusals checks that what the telemetry cannot hold is refused with the name of the field.
func TestRefusals(t *testing.T) {
	b := parseForms(t)
	for object, want := range map[string]string{
		`{"process.executable": "x"}`:                            "process.executable",
		`{"host.os.type": "linux"}`:                              "host.os.type",
		`{"event.kind": "Three"}`:                                "fixed",
		`{"event.outcome": "unknown"}`:                           "event.outcome",
		`{"event.action": "other"}`:                              "event.action",
		`{"process.args": ["a"], "process.command_line": "b"}`:   "process.command_line",
		`{"registry.path": "HKLM\\A\\v", "registry.value": "w"}`: "registry.path",
	} {
		_, err := b.ToNative(Event{Class: "process.start", Object: decodeObject(object)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want a message that names %s", object, err, want)
		}
	}
	got, err := b.ToNative(Event{Class: "process.start", Object: decodeObject(`{"event.code": "ABC", "event.kind": "two", "event.action": "end"}`)})
	if err != nil || got["word"] != "abc" || got["fixed"] != "Two" || got["kind"] != "b" {
		t.Errorf("spellings: %v, %v", got, err)
	}
}

func TestFaultyBindings(t *testing.T) {
	const head = "binding: x\nplatform: splunk\nsource: windows\ntime: {native: t}\nclasses:\n  process.start:\n    fields:\n      "
	for text, want := range map[string]string{
		head + "no.such.field: x":                                                  "catalogue has no such field",
		head + "process.name: {derive: basename_windows}":                          "neither native nor const",
		head + "process.name: {native: a, derive: nothing}":                        "unknown derivation",
		head + "process.name: {const: a, native: b}":                               "const goes with nothing else",
		head + "process.name: {native: a, join: x}":                                "join needs",
		head + "process.name: {native: a, derive: hex, values: {x: y}}":            "exclude each other",
		head + "process.name: {native: a, values: {x: [p, q], y: q}}":              "means both",
		head + "process.name: {native: a, values: {x: {other: p}, y: {other: q}}}": "claim the same",
		head + "process.name: {native: a, values: {x: {other: p}, y: p}}":          "example",
		head + "process.name: {native: a, values: {x: []}}":                        "means nothing",
		head + "process.name: {native: a, json: true}":                             "does not go into the column",
		head + "process.name: {native: a, spelling: upper}":                        "unknown spelling",
		head + "process.name: {native: a, type: number}":                           "unknown type",
		"binding: x\nplatform: splunk\nsource: windows\nclasses: {}":               "no native field",
		"binding: x\nplatform: splunk\ntime: {native: t}\nclasses: {}":             "source must be given",
		"binding: x\nplatform: splunk\nsource: windows\ntime: {native: t}\nselect: {a: {missing: true, values: [b]}}\nclasses: {process.start: {}}": "either values or missing",
		"binding: x\nplatform: splunk\nsource: windows\ntime: {native: t}\nclasses: {process.start: {use: [y]}}":                                    "no set",
		"binding: x\nwrong: 1": "wrong",
	} {
		_, err := ParseBinding("x.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "x.yaml") {
			t.Errorf("%s\n%v, want a message with %q", text, err, want)
		}
	}
}

func TestPrefixCondition(t *testing.T) {
	b, err := ParseBinding("x.yaml", []byte("binding: x\nplatform: datadog\nsource: gcp\ntime: {native: t}\nselect: {source: {prefix: true, values: [gcp., gke.]}}\nclasses: {api.call: {}}"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{`{"source": "gcp.iam"}`: true, `{"source": "gke."}`: true, `{"source": "gcp"}`: false, `{"source": "xgcp.iam"}`: false, `{}`: false} {
		if _, got := b.Select(decodeObject(text)); got != want {
			t.Errorf("%s: selected %v, want %v", text, got, want)
		}
	}
	if native, err := b.ToNative(Event{Class: "api.call", Object: map[string]any{}}); err != nil || native["source"] != "gcp." {
		t.Errorf("made %v, %v", native, err)
	}
}
