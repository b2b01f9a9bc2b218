package schema

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// platformLanguages lists the languages of each platform that a binding may be restricted to.
var platformLanguages = map[string][]string{
	"splunk": {"spl"}, "elastic": {"eql", "kibana", "esql"}, "sentinel": {"kusto"}, "datadog": {"datadog", "secl"}, "raw": {""},
}

// TestDefaults checks that at most one default binding supplies a class to a language, and that some platform supplies each class.
func TestDefaults(t *testing.T) {
	type key struct{ language, source, class string }
	defaults := map[key]string{}
	supplied := map[[2]string]bool{}
	for _, b := range allBindings(t) {
		languages, ok := platformLanguages[b.Platform]
		if !ok {
			t.Errorf("%s: unknown platform %q", b.Name, b.Platform)
		}
		for _, l := range b.Languages {
			if !slices.Contains(languages, l) {
				t.Errorf("%s: %s has no language %q", b.Name, b.Platform, l)
			}
		}
		for _, name := range b.DefaultFor {
			if _, ok := b.Class(name); !ok || b.Default {
				t.Errorf("%s: default_for: %s is no class of the binding, or it is the default of all", b.Name, name)
			}
		}
		for _, c := range b.Classes {
			if b.Platform != "raw" {
				supplied[[2]string{b.Source, c.Class}] = true
			} else if b.DefaultOf(c.Class) {
				t.Errorf("%s: raw events are no target", b.Name)
			}
			for _, l := range languages {
				if !b.DefaultOf(c.Class) || !b.Speaks(l) {
					continue
				}
				k := key{l, b.Source, c.Class}
				if old, ok := defaults[k]; ok {
					t.Errorf("%s and %s are both the default of %v", old, b.Name, k)
				}
				defaults[k] = b.Name
			}
		}
	}
	// classes that events at hand have and no platform does: rules about them are refused for each platform
	rawOnly := map[[2]string]bool{
		{"entra", "iam.alert"}: true, {"scanner", "vulnerability.detect"}: true,
		{"zeek", "file.transfer"}: true, {"zeek", "tls.connection"}: true,
	}
	for _, s := range Sources() {
		for _, c := range s.Classes {
			if k := [2]string{s.Name, c}; supplied[k] == rawOnly[k] {
				t.Errorf("%s on %s: a platform supplies it: %v, expected %v", c, s.Name, supplied[k], !rawOnly[k])
			}
		}
	}
}

// TestSources checks that sources name known classes, classes known fields, and that covering is within a source.
func TestSources(t *testing.T) {
	for _, c := range Classes() {
		for _, f := range c.Fields {
			if _, ok := Lookup(f); !ok {
				t.Errorf("class %s: the catalogue has no field %s", c.Name, f)
			}
		}
	}
	for _, s := range Sources() {
		for _, c := range s.Classes {
			if _, ok := LookupClass(c); !ok {
				t.Errorf("source %s: unknown class %s", s.Name, c)
			}
		}
		for general, special := range s.Covers {
			for _, c := range append([]string{general}, special...) {
				if !slices.Contains(s.Classes, c) {
					t.Errorf("source %s covers %s, which it does not have", s.Name, c)
				}
			}
		}
	}
}

// TestCovers checks, in each binding, that an event of a covered class is an event of the covering one with the same fields.
func TestCovers(t *testing.T) {
	for _, b := range allBindings(t) {
		src, _ := LookupSource(b.Source)
		for general, specials := range src.Covers {
			g, ok := b.Class(general)
			if !ok {
				continue
			}
			for _, name := range specials {
				s, ok := b.Class(name)
				if !ok {
					continue
				}
				if g.Table != s.Table {
					t.Errorf("%s: %s and %s are in different tables", b.Name, general, name)
				}
				for _, cond := range g.Select {
					if !implied(cond, s.Select) {
						t.Errorf("%s: %s does not imply that %s = %v, as %s asks", b.Name, name, cond.Native.Path, cond.Values, general)
					}
				}
				for _, m := range g.Mappings {
					sm, ok := s.Mapping(m.Field.Name)
					if !ok || !reflect.DeepEqual(loose(*sm), loose(m)) {
						t.Errorf("%s: %s is not the same in %s as in %s", b.Name, m.Field.Name, name, general)
					}
				}
			}
		}
	}
}

// loose forgets what a special class may know better than the general one: which spellings occur.
func loose(m Mapping) Mapping {
	m.Native.Spelling = Spelling{}
	return m
}

func implied(cond Condition, by []Condition) bool {
	for _, c := range by {
		if c.Native.Path == cond.Native.Path && c.Mask == cond.Mask && c.Missing == cond.Missing &&
			!slices.ContainsFunc(c.Values, func(v string) bool { return !cond.allows(v) }) {
			return true
		}
	}
	return false
}

// allows reports whether a text meets a condition that lists texts.
func (c Condition) allows(v string) bool {
	return slices.ContainsFunc(c.Values, func(s string) bool { return s == v || c.Prefix && strings.HasPrefix(v, s) })
}

// TestDisjoint checks that no two classes of a binding select the same sample, unless one covers the other: an event has one class.
func TestDisjoint(t *testing.T) {
	for _, b := range allBindings(t) {
		for _, c := range b.Classes {
			for i, s := range c.Samples() {
				native := reJSON(t, s.Native)
				for j := range b.Classes {
					other := &b.Classes[j]
					if other.Matches(native) && !Covers(b.Source, c.Class, other.Class) && !Covers(b.Source, other.Class, c.Class) {
						t.Errorf("%s: sample %d of %s is one of %s too", b.Name, i, c.Class, other.Class)
					}
				}
			}
		}
	}
}

// TestDetection checks that a sample is detected as one of its binding, and of no unrelated one of the platform.
func TestDetection(t *testing.T) {
	all := allBindings(t)
	selector := NewSelector(all)
	for _, b := range all {
		for _, c := range b.Classes {
			mine := b.General
			for _, other := range selector.MostTelling(reJSON(t, c.Samples()[0].Native)) {
				mine = mine || other.Binding == b
				if !b.General && !related(b, other.Binding) {
					t.Errorf("a sample of %s (%s) is one of %s too", b.Name, c.Class, other.Binding.Name)
				}
			}
			if !mine {
				t.Errorf("a sample of %s (%s) is not detected as such", b.Name, c.Class)
			}
		}
	}
}

// related reports whether two bindings may read the same event: one telemetry that serves several systems.
func related(a, b *Binding) bool {
	family := func(b *Binding) string {
		for _, f := range []string{"sentinel_defender", "splunk_cim", "sentinel_asim", "raw_cloudtrail", "raw_kubernetes"} {
			if strings.HasPrefix(b.Name, f) {
				return f
			}
		}
		return b.Name
	}
	return family(a) == family(b)
}

// TestReadme checks that the list of bindings is complete.
func TestReadme(t *testing.T) {
	data, err := os.ReadFile("bindings/README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Count(string(data), "\n| [")
	for _, b := range allBindings(t) {
		if !strings.Contains(string(data), "\n| ["+b.Name+"](") {
			t.Errorf("bindings/README.md does not list %s", b.Name)
		}
	}
	if n := len(BindingNames()); rows != n {
		t.Errorf("bindings/README.md lists %d bindings, there are %d", rows, n)
	}
}

// TestIndex checks that the generated index is that of the files.
func TestIndex(t *testing.T) {
	files, err := filepath.Glob("bindings/*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(BindingNames()) {
		t.Errorf("%d files, %d bindings in the index: run go generate ./schema", len(files), len(BindingNames()))
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b, err := ParseBinding(file, data)
		if err != nil {
			t.Error(err)
			continue
		}
		want, err := IndexLine(b)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(filepath.Dir(file)) != b.Platform {
			t.Errorf("%s: the folder is not the platform %s", file, b.Platform)
		}
		if !strings.Contains("\n"+bindingsText, "\n"+want) {
			t.Errorf("%s: the index is not that of the file: run go generate ./schema", file)
		}
		loaded, _, err := LookupBinding(b.Name)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := IndexLine(loaded); err != nil || again != want {
			t.Errorf("%s: read from the index it differs: %v", file, err)
		}
	}
}

func BenchmarkLoadBinding(b *testing.B) {
	for _, h := range bindingHeads() {
		if h.name != "splunk_sysmon" {
			continue
		}
		line := bindingsText[strings.Index(bindingsText, "splunk_sysmon\t"):]
		line = line[:strings.IndexByte(line, '\n')]
		body := line[strings.LastIndex(line[:80], "\t")+1:]
		b.ReportAllocs()
		for b.Loop() {
			if _, err := decodeBinding(h.name, body); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// TestMixed checks that bindings of one platform that take the same events for events of different systems say so.
func TestMixed(t *testing.T) {
	bindings := allBindings(t)
	for _, a := range bindings {
		for _, b := range bindings {
			if a.Platform != b.Platform || a.Source == b.Source || a.Mixed {
				continue
			}
			for _, c := range a.Classes {
				if native := reJSON(t, c.Samples()[0].Native); !a.General && !b.General {
					if other, ok := b.Select(native); ok && other.Class == c.Class {
						t.Errorf("an event of %s (%s) is one of %s too: is it `mixed: true`?", a.Name, c.Class, b.Name)
					}
				}
			}
		}
	}
}

// TestSelective checks that no binding takes an event of which it knows nothing.
func TestSelective(t *testing.T) {
	for _, b := range allBindings(t) {
		if c, ok := b.Select(map[string]any{"anything": "at all"}); ok {
			t.Errorf("%s takes any event for one of %s", b.Name, c.Class)
		}
	}
}
