package eval_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/schema"
)

func parseRule(t *testing.T, kind, body string) *ir.Rule {
	t.Helper()
	r, diags := ir.Parse("r", "ir 1\nrule \"r\" v1 "+kind+" {\nfrom process.start windows\n"+body+"\n}")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	irgen.ShowAll(r)
	return r
}

func canonical(t *testing.T, id string, millis int64, object string) schema.Event {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(object))
	dec.UseNumber()
	e := schema.Event{ID: id, Source: "windows", Class: "process.start", Millis: millis}
	if err := dec.Decode(&e.Object); err != nil {
		t.Fatal(err)
	}
	return e
}

const columns = `where (exists (field process.name))
key (field user.name)
key (fold (field process.args))
arg (field network.bytes)
arg (+ (field event.risk_score) 1)
cond (eq (field event.outcome) ["failure"])
window tumbling 60000 0 0
scope s [0]
agg n count -1 -1 0
per [0]
when (ge (agg 0 0) 1)`

func TestRow(t *testing.T) {
	rule, err := eval.New(parseRule(t, "count", columns))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ object, want string }{
		{`{"user.name": "a", "network.bytes": 5}`, "no row"},
		{`{"process.name": ""}`, "[[] []] [[] []] [false]"},
		{`{"process.name": "x", "user": {"name": "b"}, "user.name": ["a", "", "a", null]}`, "[[a b] []] [[] []] [false]"},
		{`{"process.name": "x", "process.args": ["X", "x", "Y", ""], "event.outcome": "FAILURE"}`, "[[] [x y]] [[] []] [true]"},
		{`{"process.name": "x", "network.bytes": [3, "3", "z", 3.0], "event.risk_score": -1}`, "[[] []] [[3] [0]] [false]"},
	} {
		e := canonical(t, "e", 7, tt.object)
		row, ok := rule.Row(&e)
		got := "no row"
		if ok {
			got = fmt.Sprint(row.Keys, row.Args, row.Conds)
			if row.ID != "e" || row.Millis != 7 || row.Arrives != 7 {
				t.Errorf("%s: %+v", tt.object, row)
			}
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.object, got, tt.want)
		}
	}
	other := canonical(t, "e", 7, `{"process.name": "x"}`)
	other.Class = "file.create"
	if _, ok := rule.Row(&other); ok {
		t.Error("an event of another class is none of the rule's")
	}
}

// A part of a bound rule reads native fields; a key may be one value on every event.
func TestPartColumns(t *testing.T) {
	name := &ir.Field{Name: "Image", Type: schema.Keyword, Native: &schema.NativeField{Path: "Image", Type: schema.Keyword}}
	part := ir.Part{
		Select: &ir.Cmp{Op: ir.Eq, L: &ir.Field{Name: "Code", Type: schema.Long, Native: &schema.NativeField{Path: "Code", Type: schema.Long}}, R: []schema.Value{schema.Int(1)}},
		Where:  &ir.Not{X: &ir.Cmp{Op: ir.Like, L: name, R: []schema.Value{schema.String("no*")}}},
		Keys:   []ir.Key{{Term: name}, {Term: &ir.Lit{Value: schema.String("WIN")}, Fold: true}, {Term: &ir.Lit{Value: schema.String("")}}},
		Args:   []ir.Term{name},
		Conds:  []ir.Pred{&ir.Cmp{Op: ir.Matches, L: name, R: []schema.Value{schema.String("^a")}}},
	}
	c, err := eval.PartColumns(part)
	if err != nil {
		t.Fatal(err)
	}
	row, ok := c.Row(&schema.Event{ID: "1", Object: map[string]any{"Image": "abc", "Code": json.Number("1")}})
	if got := fmt.Sprint(ok, row.Keys, row.Args, row.Conds); got != "true [[abc] [win] []] [[abc]] [true]" {
		t.Error(got)
	}
	for _, obj := range []map[string]any{{"Image": "abc"}, {"Image": "NOx", "Code": json.Number("1")}} {
		if _, ok := c.Row(&schema.Event{Object: obj}); ok {
			t.Errorf("%v is none of the part's", obj)
		}
	}
	part.Conds = []ir.Pred{&ir.Cmp{Op: ir.Matches, L: name, R: []schema.Value{schema.String("(")}}}
	if _, err := eval.PartColumns(part); err == nil {
		t.Error("a broken expression in a condition is an error")
	}
}

const tumbling = `where (exists (field process.name))
key (field user.name)
window tumbling 60000 0 0
scope s [0]
agg n count -1 -1 0
per [0]
when (ge (agg 0 0) 2)`

// testOf makes a test of events at seconds, `user.name` at each.
func testOf(t *testing.T, now int, where ir.Pred, events ...string) ir.Test {
	test := ir.Test{Name: "t", Now: now, Where: where}
	for i, e := range events {
		var second int
		var user string
		if _, err := fmt.Sscan(e, &second, &user); err != nil {
			t.Fatal(err)
		}
		test.Events = append(test.Events, ir.TestEvent{Event: canonical(t, fmt.Sprint(i+1), int64(second)*1000, `{"process.name": "x", "user.name": "`+user+`"}`)})
	}
	return test
}

func TestTestRange(t *testing.T) {
	sliding := strings.Replace(tumbling, "tumbling 60000 0 0", "sliding 60000 0 0", 1)
	hopping := strings.Replace(tumbling, "tumbling 60000 0 0", "window 120000 60000 0", 1)
	baseline := "where true\nkey (field user.name)\nmeasure n count -1 -1 0 bucket 60000\nbaseline learn 600000 own 0 population false\nper [0]\nwhen (ge (agg 0 0) 1)"
	for _, tt := range []struct {
		name, kind, body string
		now              int
		events           []string
		want             string
	}{
		{"no sections", "count", tumbling, -1, []string{"1 a", "2 a", "61 a", "62 a"}, "0 60"},
		{"the window of the first event", "count", tumbling, 3, []string{"1 a", "61 a", "62 a", "63 a", "130 a"}, "60"},
		{"the first in time", "count", tumbling, 2, []string{"1 a", "2 a", "70 a", "59 a"}, "0"},
		{"nothing happens", "count", tumbling, 2, []string{"1 a", "2 a"}, ""},
		{"by the tick", "count", hopping, 2, []string{"1 a", "2 a", "70 b"}, "0"},
		{"by the time", "count", sliding, 2, []string{"1 a", "2 a", "90 b", "90 b", "80 b"}, "90"},
		{"baseline", "baseline", baseline, 2, []string{"1 a", "61 a", "130 a"}, "120"},
		{"first seen", "first_seen", "where true\nkey (field user.name)\nfirst_seen 0 every 60000 history 600000 warmup 0\nper []", 2, []string{"1 a", "70 b", "80 c", "90 a"}, "80"},
		{"events", "event", "where true", 1, []string{"1 a", "70 b", "69 c"}, "69 70"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rule, err := eval.New(parseRule(t, tt.kind, tt.body))
			if err != nil {
				t.Fatal(err)
			}
			o, err := rule.Test(testOf(t, tt.now, nil, tt.events...))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range o.Found {
				got = append(got, fmt.Sprint((f.From+f.Time)/1000))
				if !o.Counts(f) {
					t.Errorf("%s is found and not counted", f.Identity())
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("%v, want %s", got, tt.want)
			}
		})
	}
}

func TestTestWhere(t *testing.T) {
	rule, err := eval.New(parseRule(t, "count", tumbling))
	if err != nil {
		t.Fatal(err)
	}
	shown := &ir.Field{Name: "s.n", Type: schema.Long}
	user := &ir.Field{Name: "user.name", Type: schema.Keyword}
	where := &ir.And{Xs: []ir.Pred{
		&ir.Cmp{Op: ir.Ge, L: shown, R: []schema.Value{schema.Int(3)}},
		&ir.Cmp{Op: ir.Eq, L: user, R: []schema.Value{schema.String("A")}},
	}}
	o, err := rule.Test(testOf(t, -1, where, "1 a", "2 a", "3 a", "4 b", "5 b", "6 b", "61 a", "62 a", "63 c"))
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Found) != 1 || len(o.Others) != 2 || o.Found[0].From != 0 || o.Counts(o.Others[0]) {
		t.Errorf("found %v, others %v", o.Found, o.Others)
	}
	text := o.Explain()
	for _, want := range []string{
		`finding 1970-01-01T00:01:00.000Z/1970-01-01T00:02:00.000Z ["a"] is not counted by`,
		`false  s.n >= 3   s.n = ["2"]`, `false  user.name == "A"   user.name = ["b"]`,
		`true   window 1970-01-01T00:00:00.000Z to 1970-01-01T00:01:00.000Z   user.name = ["a"]   s.n = ["3"]`,
		`false  window 1970-01-01T00:01:00.000Z to 1970-01-01T00:02:00.000Z   user.name = ["c"]   s.n = ["1"]`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	broken := testOf(t, -1, &ir.Cmp{Op: ir.Matches, L: user, R: []schema.Value{schema.String("(")}}, "1 a")
	if _, err := rule.Test(broken); err == nil {
		t.Error("a broken expression is an error")
	}
}

// Groups are explained from the nearest to a finding on, and not more than ten.
func TestGroups(t *testing.T) {
	r := parseRule(t, "count", strings.Replace(tumbling, "2)", "50)", 1))
	rule, err := eval.New(r)
	if err != nil {
		t.Fatal(err)
	}
	var rows []eval.Row
	for i := range 20 {
		for range i + 1 {
			e := canonical(t, fmt.Sprint(len(rows)), int64(i)*60_000, `{"process.name": "x", "user.name": "a"}`)
			row, _ := rule.Row(&e)
			rows = append(rows, row)
		}
	}
	nodes, more := eval.Groups(r, rows, eval.Always)
	if len(nodes) != 10 || more != 10 || nodes[0].Value {
		t.Fatalf("%d nodes and %d more", len(nodes), more)
	}
	for i, n := range nodes {
		if got := n.Children[0].Seen[0].Values; !slices.Equal(got, []string{fmt.Sprint(20 - i)}) {
			t.Errorf("group %d has %v", i, got)
		}
	}
	if text := eval.GroupsText(r, nil, eval.Always); !strings.Contains(text, "no group of events") {
		t.Error(text)
	}
}

// What keeps a group from being a finding besides `when` is said.
func TestGroupsWhy(t *testing.T) {
	for _, tt := range []struct{ kind, body, want string }{
		{"count", strings.Replace(tumbling, "tumbling 60000 0 0", "sliding 60000 0 0", 1), "no new finding"},
		{"baseline", "where true\nkey (field user.name)\nmeasure n count -1 -1 0 bucket 60000\nbaseline learn 600000 own 3 population false\nper [0]\nwhen (ge (agg 0 0) 0)", "its history is 0 windows long, and 3 are asked for"},
		{"baseline", "where true\nkey (field user.name)\nmeasure n count -1 -1 0 bucket 60000\nbaseline learn 600000 own 3 population true\nper [0]\nwhen (ge (agg 0 0) 0)", "there is no history"},
		{"first_seen", "where true\nkey (field user.name)\nfirst_seen 0 every 1000 history 600000 warmup 0\nper []", "seen before, last at 1970-01-01T00:00:02.000Z"},
		{"first_seen", "where true\nkey (field user.name)\nfirst_seen 0 every 60000 history 600000 warmup 60000\nper []", "before the warm-up"},
	} {
		r := parseRule(t, tt.kind, tt.body)
		rule, err := eval.New(r)
		if err != nil {
			t.Fatal(err)
		}
		o, err := rule.Test(testOf(t, -1, nil, "1 a", "2 a", "3 a"))
		if err != nil {
			t.Fatal(err)
		}
		if text := o.Explain(); !strings.Contains(text, tt.want) {
			t.Errorf("%q is missing in\n%s", tt.want, text)
		}
	}
}
