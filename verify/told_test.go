package verify

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/schema"
)

// TestTold: a platform that tells moments and gathers them in alerts is read as findings of the rule.
func TestTold(t *testing.T) {
	key := func(k string) []schema.Value { return []schema.Value{schema.String(k)} }
	moment := func(k string, at int64, joined bool) alert {
		return alert{Finding: ir.Finding{Key: key(k), Time: at}, joined: joined}
	}
	window := func(k string, from int64) ir.Finding {
		return ir.Finding{Key: key(k), From: from, To: from + 60_000}
	}
	for _, test := range []struct {
		name string
		kind ir.WindowKind
		want []ir.Finding
		got  []alert
		told []ir.Finding
	}{
		{"a moment in the window", ir.Tumbling, []ir.Finding{window("a", 0)}, []alert{moment("a", 59_999, true)}, []ir.Finding{window("a", 0)}},
		{"a moment behind it", ir.Tumbling, []ir.Finding{window("a", 0)}, []alert{moment("a", 60_000, false)}, []ir.Finding{{Key: key("a"), Time: 60_000}}},
		{"a moment behind it that was added to an alert", ir.Tumbling, []ir.Finding{window("a", 0)}, []alert{moment("a", 60_000, true)}, nil},
		{"another key", ir.Tumbling, []ir.Finding{window("a", 0)}, []alert{moment("b", 1, true)}, nil},
		{"the same time", ir.Sliding, []ir.Finding{{Key: key("a"), Time: 7}}, []alert{moment("a", 7, true), moment("a", 8, true)}, []ir.Finding{{Key: key("a"), Time: 7}}},
		{"an alert of its own", ir.Sliding, []ir.Finding{{Key: key("a"), Time: 7}}, []alert{moment("a", 9, false)}, []ir.Finding{{Key: key("a"), Time: 9}}},
	} {
		rule := &ir.Rule{Body: &ir.Count{Window: ir.Window{Kind: test.kind, Size: time.Minute}}}
		j := &streamJudge{out: &all.Output{Rule: rule}, art: &platform.Artefact{Columns: backends.Columns{Opened: "opened"}}}
		got := map[string]alert{}
		for _, a := range test.got {
			got[a.Identity()] = a
		}
		told, want := j.told(byIdentity(test.want), got), byIdentity(test.told)
		if a, b := slices.Sorted(maps.Keys(told)), slices.Sorted(maps.Keys(want)); !slices.Equal(a, b) {
			t.Errorf("%s: told %v, want %v", test.name, a, b)
		}
	}
}
