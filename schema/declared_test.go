package schema

import (
	"encoding/json"
	"reflect"
	"testing"
)

func bindingOf(t *testing.T, name string) *Binding {
	t.Helper()
	b, ok, err := LookupBinding(name)
	if !ok || err != nil {
		t.Fatal(name, err)
	}
	return b
}

// Declared fields come back as they were written, under their own names, beside those of the catalogue.
func TestDeclaredFields(t *testing.T) {
	fields := []Field{{Name: "asset.tier", Type: Keyword, Doc: "what it costs"}, {Name: "seats", Type: Long}, {Name: "labels", Type: Keyword, Array: true}}
	plain := bindingOf(t, "splunk_sysmon")
	b := plain.With(fields)
	in := Event{Source: "windows", Class: "process.start", Millis: DefaultMillis, Object: map[string]any{
		"process.command_line": "x", "asset.tier": "Gold", "seats": json.Number("3"), "labels": []any{"a", "b"},
	}}
	native, err := b.ToNative(in)
	if err != nil {
		t.Fatal(err)
	}
	back, ok := b.ToCanonical("1", Plain(native))
	if !ok || !reflect.DeepEqual(back.Object["labels"], []any{"a", "b"}) || back.Values("seats", Long)[0].Int64() != 3 || back.Values("asset.tier", Keyword)[0].Str() != "Gold" {
		t.Errorf("%v %v", ok, back.Object)
	}
	if _, err := plain.ToNative(in); err == nil {
		t.Error("the binding itself takes fields that it does not have")
	}
	taken, _ := plain.ToCanonical("1", Plain(native))
	taken.TakeDeclared(Plain(native), fields)
	for _, f := range fields {
		if got, want := taken.Values(f.Name, f.Type), back.Values(f.Name, f.Type); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: TakeDeclared gives %v, the mapping %v", f.Name, got, want)
		}
	}
}

func TestDeclaredClash(t *testing.T) {
	for _, tt := range []struct{ binding, field, want string }{
		{"splunk_sysmon", "CommandLine", "the telemetry uses the name `CommandLine` for what `process.command_line` is here"},
		{"splunk_sysmon", "CommandLine.x", "the telemetry has a value `CommandLine` (`process.command_line` here) and therefore nothing below it, such as `CommandLine.x`"},
		{"elastic_defend", "user", "the telemetry has an object `user` (with `user.domain`, which is `user.domain` here) and no value of that name"},
	} {
		class, _ := bindingOf(t, tt.binding).Class("process.start")
		if c, ok := class.Clash([]Field{{Name: "ours", Type: Long}, {Name: tt.field, Type: Keyword}}); !ok || c.Declared != tt.field || c.String() != tt.want {
			t.Errorf("%s on %s: %v", tt.field, tt.binding, c)
		}
		if c, ok := class.Clash([]Field{{Name: "ours", Type: Long}}); ok {
			t.Errorf("%s: %v", tt.binding, c)
		}
	}
}

// A column of text that holds JSON is parsed for declared fields as for others; where "" is missing, it is for them too.
func TestDeclaredLikeOthers(t *testing.T) {
	b := bindingOf(t, "sentinel_cloudtrail").With([]Field{{Name: "RequestParameters.ours", Type: Keyword}})
	c, _ := b.Class("api.call")
	m, ok := c.Mapping("RequestParameters.ours")
	if !ok || !m.Native.JSON || !m.Native.EmptyMissing {
		t.Errorf("%+v", m)
	}
}
