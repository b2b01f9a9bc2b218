package all

import (
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/schema"
)

// TestTotality checks that every language answers for every construct, and that its name and platform are known.
func TestTotality(t *testing.T) {
	for _, b := range Backends {
		p, ok := schema.PlatformOf(b.Lang)
		if !ok || p.Name != b.Platform {
			t.Errorf("%s is on platform %s, the schema says %s", b.Lang, b.Platform, p.Name)
		}
		if b.Language.Name != b.Lang {
			t.Errorf("%s has the interpreter of %s", b.Lang, b.Language.Name)
		}
		for _, c := range backends.Constructs {
			if row, ok := b.Table[c]; !ok || row.Level == nil || row.Summary == "" {
				t.Errorf("%s has no row for %q", b.Lang, c)
			}
		}
		for c := range b.Table {
			found := false
			for _, known := range backends.Constructs {
				found = found || known == c
			}
			if !found {
				t.Errorf("%s has a row for the unknown construct %q", b.Lang, c)
			}
		}
	}
}

// TestAssumptions checks the closed list: sorted, and each predicate tells its own witnesses apart.
func TestAssumptions(t *testing.T) {
	for i, a := range backends.Assumptions {
		if i > 0 && backends.Assumptions[i-1].Name >= a.Name {
			t.Errorf("%s stands behind %s", a.Name, backends.Assumptions[i-1].Name)
		}
		for _, typ := range []schema.Type{schema.Keyword, schema.IP, schema.Long} {
			fields := []schema.NativeField{{Path: witness(a), Type: typ}}
			if a.Satisfies != nil && !a.Holds(a.Satisfies, fields) && (typ != schema.IP || a.Name == "ip-text") {
				t.Errorf("%s does not hold on the witness that satisfies it", a.Name)
			}
		}
		if a.Breaks == nil { // nothing about one event breaks it
			continue
		}
		broken := false
		for _, typ := range []schema.Type{schema.Keyword, schema.IP, schema.Long} {
			broken = broken || !a.Holds(a.Breaks, []schema.NativeField{{Path: witness(a), Type: typ}})
		}
		if !broken {
			t.Errorf("%s holds on the witness that breaks it", a.Name)
		}
	}
}

func witness(a backends.Assumption) string {
	if a.Witness != "" {
		return a.Witness
	}
	return "f"
}
