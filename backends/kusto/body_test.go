package kusto

import (
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

// counted is a rule that counts events by users in windows of ten minutes, bound to tables.
func counted(change func(r *ir.Rule, parts []ir.Part), tables ...string) *ir.Bound {
	field := func(path string, t schema.Type) *ir.Field {
		return pass.NativeField(schema.NativeField{Path: path, Type: t, Array: strings.Contains(path, "[]"), EmptyMissing: true}, pass.NoSpan)
	}
	r := &ir.Rule{
		Name: "r", Version: 1, Where: &ir.Const{Value: true}, Keys: []ir.Key{{Term: field("User", schema.Keyword)}}, Args: []ir.Term{field("Tags[]", schema.Keyword)},
		Body: &ir.Count{
			Window: ir.Window{Kind: ir.Tumbling, Size: 10 * time.Minute}, Per: []int{0}, Scopes: []ir.Scope{{Name: "u", Keys: []int{0}, Aggs: []ir.Agg{{Name: "n", Func: ir.AggCount, Arg: -1, Where: -1}}}},
			When: &ir.CondCmp{Op: ir.Ge, L: &ir.NumAgg{}, R: &ir.NumLit{Value: 2}},
		},
	}
	b := &ir.Bound{Rule: r, Platform: "sentinel"}
	binding := &schema.Binding{Name: "b", Time: schema.NativeField{Path: "TimeGenerated", Type: schema.Date}}
	for _, t := range tables {
		b.Parts = append(b.Parts, ir.Part{Binding: binding, Class: &schema.BoundClass{Class: "c", Table: t}, Select: &ir.Const{Value: true}, Where: r.Where, Keys: append([]ir.Key{}, r.Keys...), Args: append([]ir.Term{}, r.Args...)})
	}
	if change != nil {
		change(r, b.Parts)
	}
	return b
}

var hourly = backends.Timing{Every: time.Hour, Delay: 5 * time.Minute, Lookback: 2 * time.Hour}

// TestBodyRefused checks what a query cannot carry.
func TestBodyRefused(t *testing.T) {
	agg := func(f ir.AggFunc) func(*ir.Rule, []ir.Part) {
		return func(r *ir.Rule, _ []ir.Part) {
			r.Body.(*ir.Count).Scopes[0].Aggs[0] = ir.Agg{Name: "n", Func: f, Arg: 0, Where: -1}
		}
	}
	tags := pass.NativeField(schema.NativeField{Path: "Tags[]", Type: schema.Keyword, Array: true}, pass.NoSpan)
	for name, b := range map[string]*ir.Bound{
		"first of an array": counted(agg(ir.AggFirst), "T"),
		"calculation on an array": counted(func(_ *ir.Rule, ps []ir.Part) {
			ps[0].Args[0] = &ir.Arith{Op: '+', X: tags, Y: &ir.Lit{Value: schema.Int(1)}, Type: schema.Long}
		}, "T"),
		"a key that is an array in one table": counted(func(_ *ir.Rule, ps []ir.Part) { ps[1].Keys[0].Term = tags }, "T", "S"),
		"several intervals of another length": counted(func(r *ir.Rule, _ []ir.Part) {
			r.Keys = append(r.Keys, r.Keys[0])
			r.Body = &ir.FirstSeen{Value: 1, Per: []int{0}, Every: 10 * time.Minute, History: 65 * time.Minute}
		}, "T"),
	} {
		if l := bodyLevel(b, hourly); l.Kind != backends.Refuse || l.Why == "" || l.Instead == "" {
			t.Errorf("%s: %s %s", name, l.Kind, l.Why)
		}
	}
}

// TestBodyAssumptions checks which assumptions a query names.
func TestBodyAssumptions(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(r *ir.Rule, ps []ir.Part)
		want   string
	}{
		{"count", nil, ""},
		{"fold", func(r *ir.Rule, ps []ir.Part) { ps[0].Keys[0].Fold = true }, "fold"},
		{"address", func(r *ir.Rule, ps []ir.Part) {
			ps[0].Keys[0].Term = pass.NativeField(schema.NativeField{Path: "Ip", Type: schema.IP}, pass.NoSpan)
		}, "ip-text"},
		{"values", func(r *ir.Rule, _ []ir.Part) {
			r.Body.(*ir.Count).Scopes[0].Aggs[0] = ir.Agg{Name: "n", Func: ir.AggValues, Arg: 0, Where: -1}
		}, "list-size"},
		{"session", func(r *ir.Rule, _ []ir.Part) {
			r.Body.(*ir.Count).Window = ir.Window{Kind: ir.Session, Size: time.Minute, Max: time.Hour}
		}, "session-start"},
	} {
		if l := bodyLevel(counted(c.change, "T"), hourly); l.Kind == backends.Refuse || strings.Join(l.Assumptions, " ") != c.want {
			t.Errorf("%s: %s %v", c.name, l.Kind, l.Assumptions)
		}
	}
}

// TestBodyText is one query in full, so that a change of its form is seen.
func TestBodyText(t *testing.T) {
	q, _ := renderBody(counted(func(r *ir.Rule, _ []ir.Part) {
		r.Body.(*ir.Count).Window.Size = 7 * 24 * time.Hour
		r.Body.(*ir.Count).When.(*ir.CondCmp).R = &ir.NumLit{Value: 2, Param: "least"}
	}, "T"), hourly)
	want := `let least = 2;
let until = bin_at(ago(5m), 7d, datetime(1970-01-01T00:00:00.000Z));
let since = bin_at(ago(65m), 7d, datetime(1970-01-01T00:00:00.000Z));
T
| where TimeGenerated >= since and TimeGenerated < until
| where isnotempty(User)
| summarize u_n = count() by User, WindowStart = bin_at(TimeGenerated, 7d, datetime(1970-01-01T00:00:00.000Z))
| where u_n >= least`
	if q.Text != want {
		t.Errorf("%s", q.Text)
	}
	if c := q.Columns; strings.Join(c.Keys, " ") != "User" || c.From != "WindowStart" || c.Time != "" {
		t.Errorf("columns %+v", c)
	}
}
