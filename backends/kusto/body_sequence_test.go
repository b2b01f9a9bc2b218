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

// ordered is a rule with three steps by users, `a` three times, `b`, and `c` in a table of its own.
func ordered(change func(b *ir.Bound, s *ir.Sequence)) *ir.Bound {
	field := func(path string, t schema.Type) *ir.Field {
		return pass.NativeField(schema.NativeField{Path: path, Type: t, Array: strings.Contains(path, "[]"), EmptyMissing: true}, pass.NoSpan)
	}
	is := func(value string) ir.Pred {
		return &ir.Cmp{Op: ir.Eq, Cased: true, L: field("Kind", schema.Keyword), R: []schema.Value{schema.String(value)}}
	}
	never, always := &ir.Const{}, &ir.Const{Value: true}
	s := &ir.Sequence{Ordered: true, Within: 30 * time.Minute, Per: []int{0}, Steps: []ir.Step{
		{Name: "a", Kind: ir.StepEvent, Cond: 0, Keys: []int{0}, Repeat: 3},
		{Name: "b", Kind: ir.StepEvent, Cond: 1, Keys: []int{0}, Repeat: 1},
		{Name: "c", Kind: ir.StepEvent, Cond: 2, Keys: []int{0}, Repeat: 1},
	}}
	r := &ir.Rule{
		Name: "r", Version: 1, Where: always, Conds: []ir.Pred{is("a"), is("b"), always}, Body: s,
		Keys: []ir.Key{{Term: field("user.name", schema.Keyword)}}, Args: []ir.Term{field("source.ip", schema.Keyword)},
	}
	binding := &schema.Binding{Name: "b", Time: schema.NativeField{Path: "TimeGenerated", Type: schema.Date}}
	part := func(table, user string, conds ...ir.Pred) ir.Part {
		return ir.Part{
			Binding: binding, Class: &schema.BoundClass{Class: "c", Table: table}, Select: always, Where: always, Conds: conds,
			Keys: []ir.Key{{Term: field(user, schema.Keyword)}}, Args: []ir.Term{field("Ip", schema.Keyword)},
		}
	}
	b := &ir.Bound{Rule: r, Platform: "sentinel", Parts: []ir.Part{part("T", "User", is("a"), is("b"), never), part("S", "Account", never, never, always)}}
	if change != nil {
		change(b, s)
	}
	return b
}

var everyTen = backends.Timing{Every: 10 * time.Minute, Delay: 5 * time.Minute, Lookback: 45 * time.Minute}

func showing(b *ir.Bound, steps ...int) {
	for _, i := range steps {
		b.Rule.Emit.Shown = append(b.Rule.Emit.Shown, ir.Shown{Name: "s", Value: &ir.NumStep{StepValue: ir.StepValue{Step: i}}})
	}
}

// TestSequenceText is a query of each form in full, so that a change of it is seen.
func TestSequenceText(t *testing.T) {
	head := "let until = bin(ago(5m), 1ms);\nlet since = until - 10m;\n"
	for _, c := range []struct {
		name, want string
		change     func(b *ir.Bound, s *ir.Sequence)
	}{
		{"fold", head + `let a =
    T
    | where TimeGenerated >= since - 30m and TimeGenerated < until
    | where Kind == "a"
    | project TimeGenerated = bin(TimeGenerated, 1ms), user_name = User, Ip, Step = 1
    | where isnotempty(user_name);
let b =
    T
    | where TimeGenerated >= since - 30m and TimeGenerated < until
    | where Kind == "b"
    | project TimeGenerated = bin(TimeGenerated, 1ms), user_name = User, Step = 2
    | where isnotempty(user_name);
let c =
    S
    | where TimeGenerated >= since - 30m and TimeGenerated < until
    | project TimeGenerated = bin(TimeGenerated, 1ms), user_name = Account, Step = 3
    | where isnotempty(user_name);
union a, b, c
| partition hint.strategy=shuffle by user_name (
    sort by TimeGenerated asc, Step desc
    | scan declare (
        a_starts:dynamic = dynamic([]),
        past_a:dynamic,
        past_b:dynamic,
        Start:datetime,
        a_Ip:string
    ) with (
        step row: true =>
            a_starts = iff(Step == 1, array_slice(array_concat(pack_array(TimeGenerated), row.a_starts), 0, 1), row.a_starts),
            past_a = iff(Step == 1 and isnotnull(todatetime(row.a_starts[1])), bag_pack("Start", todatetime(row.a_starts[1]), "a_Ip", Ip), row.past_a),
            past_b = iff(Step == 2, row.past_a, row.past_b),
            Start = iff(Step == 3, todatetime(row.past_b.Start), datetime(null)),
            a_Ip = tostring(row.past_b.a_Ip);
    )
)
| where TimeGenerated >= since and TimeGenerated - Start <= 30m
| summarize arg_min(TimeGenerated, Start, a_Ip) by user_name`, func(b *ir.Bound, s *ir.Sequence) { showing(b, 0) }},
		{"join", head + `let a =
    T
    | where TimeGenerated >= since - 30m and TimeGenerated < until
    | where Kind == "a"
    | project a_time = bin(TimeGenerated, 1ms), User, a_Ip = Ip
    | where isnotempty(User)
    | sort by User asc, a_time asc
    | extend a_first = iff(User == prev(User, 2), prev(a_time, 2), datetime(null))
    | where isnotnull(a_first);
let b =
    T
    | where TimeGenerated >= since - 30m and TimeGenerated < until
    | where Kind == "b"
    | project b_time = bin(TimeGenerated, 1ms), User, b_Ip = Ip
    | where isnotempty(User);
a
| where a_time - a_first <= 30m
| join kind=inner b on User
| where b_time > a_time and b_time - a_first <= 30m and not(isnotempty(b_Ip) and b_Ip =~ a_Ip)
| extend Start = a_first, TimeGenerated = b_time
| where TimeGenerated >= since
| summarize arg_min(TimeGenerated, Start) by User`, func(b *ir.Bound, s *ir.Sequence) {
			b.Parts, s.Steps = b.Parts[:1], s.Steps[:2]
			s.Cross = []ir.Cross{{Negated: true, Op: ir.Eq, L: ir.StepValue{Step: 1}, R: ir.StepValue{Step: 0}}}
		}},
		{"missing at the end", head + `let b =
    T
    | where TimeGenerated >= since - 30m and TimeGenerated < until
    | where Kind == "b"
    | project b_time = bin(TimeGenerated, 1ms), user_name = User
    | where isnotempty(user_name);
let c =
    S
    | where TimeGenerated >= since - 30m and TimeGenerated < until
    | project c_time = bin(TimeGenerated, 1ms), user_name = Account
    | where isnotempty(user_name);
let chains =
    b
    | extend Start = b_time, End = b_time
    | extend TimeGenerated = Start + 30m
    | where TimeGenerated >= since and TimeGenerated < until;
chains
| join kind=leftanti (
    chains
    | join kind=inner c on user_name
    | where c_time > End and c_time <= TimeGenerated
) on user_name, b_time
| summarize arg_min(TimeGenerated, Start) by user_name`, func(b *ir.Bound, s *ir.Sequence) {
			s.Steps = s.Steps[1:]
			s.Steps[1].Kind = ir.StepMissing
		}},
		{"together", head + `let b =
    T
    | where TimeGenerated >= since - 30m and TimeGenerated < until
    | where Kind == "b"
    | project TimeGenerated = bin(TimeGenerated, 1ms), user_name = User, Step = 1
    | where isnotempty(user_name);
let c =
    S
    | where TimeGenerated >= since - 30m and TimeGenerated < until
    | project TimeGenerated = bin(TimeGenerated, 1ms), user_name = Account, Step = 2
    | where isnotempty(user_name);
union b, c
| partition hint.strategy=shuffle by user_name (
    sort by TimeGenerated asc, Step desc
    | scan declare (last_b:datetime, last_c:datetime) with (
        step row: true =>
            last_b = iff(Step == 1, TimeGenerated, row.last_b),
            last_c = iff(Step == 2, TimeGenerated, row.last_c);
    )
)
| where TimeGenerated >= since and TimeGenerated - last_b <= 30m and TimeGenerated - last_c <= 30m
| summarize TimeGenerated = min(TimeGenerated) by user_name`, func(b *ir.Bound, s *ir.Sequence) { s.Ordered, s.Steps = false, s.Steps[1:] }},
		{"expect", `let until = bin(ago(5m), 10m);
let since = until - 10m;
let expected = datatable(User:string) [
    "x",
    "y"
];
expected
| mv-expand WindowStart = range(since, until - 10m, 10m) to typeof(datetime)
| where isnotnull(WindowStart)
| lookup kind=leftouter (
    T
    | where TimeGenerated >= since and TimeGenerated < until
    | where ingestion_time() <= bin(TimeGenerated, 10m) + 12m
    | project TimeGenerated, User
    | where isnotempty(User)
    | summarize Events = count() by User, WindowStart = bin(TimeGenerated, 10m)
) on User, WindowStart
| extend Events = coalesce(Events, 0)
| where Events < 2`, func(b *ir.Bound, _ *ir.Sequence) {
			b.Parts = b.Parts[:1]
			b.Rule.Body = &ir.Absence{Window: 10 * time.Minute, Min: 2, Grace: 2 * time.Minute, Expected: []schema.Value{schema.String("x"), schema.String("y")}}
		}},
	} {
		b := ordered(c.change)
		if l := bodyLevel(b, everyTen); l.Kind == backends.Refuse {
			t.Errorf("%s: %s", c.name, l.Why)
			continue
		}
		if q, _ := renderBody(b, everyTen); q.Text != c.want {
			t.Errorf("%s:\n%s", c.name, q.Text)
		}
	}
}

// TestSequenceRefused checks what a query cannot carry of rules that order events, and that the reason says what can be done.
func TestSequenceRefused(t *testing.T) {
	tags := pass.NativeField(schema.NativeField{Path: "Tags[]", Type: schema.Keyword, Array: true}, pass.NoSpan)
	cross := ir.Cross{Op: ir.Eq, L: ir.StepValue{Step: 1}, R: ir.StepValue{Step: 0}}
	alike := func(b *ir.Bound, s *ir.Sequence) { // one event may be one of a and b
		s.Ordered, s.Steps = false, s.Steps[:2]
		b.Parts = b.Parts[:1]
		b.Parts[0].Conds[0] = &ir.Exists{F: b.Parts[0].Args[0].(*ir.Field)}
	}
	for _, c := range []struct {
		name, why string
		change    func(b *ir.Bound, s *ir.Sequence)
	}{
		{"no events", "step c", func(b *ir.Bound, s *ir.Sequence) { b.Parts = b.Parts[:1] }},
		{"comparison of several values", "Tags[]", func(b *ir.Bound, s *ir.Sequence) { s.Cross, b.Parts[0].Args[0] = []ir.Cross{cross}, tags }},
		{"calculation with several values", "Tags[]", func(b *ir.Bound, s *ir.Sequence) {
			b.Parts[0].Args[0] = &ir.Arith{Op: '+', X: tags, Y: &ir.Lit{Value: schema.Int(1)}, Type: schema.Long}
			showing(b, 0)
		}},
		{"shown of steps that share events", "`a` and `b`", func(b *ir.Bound, s *ir.Sequence) { alike(b, s); showing(b, 0) }},
		{"comparison of steps that share events", "`a` and `b`", func(b *ir.Bound, s *ir.Sequence) { alike(b, s); s.Cross = []ir.Cross{cross} }},
		{"own keys of steps that share events", "`a` and `b`", func(b *ir.Bound, s *ir.Sequence) {
			alike(b, s)
			b.Rule.Keys, b.Parts[0].Keys = append(b.Rule.Keys, b.Rule.Keys[0]), append(b.Parts[0].Keys, b.Parts[0].Keys[0])
			s.Steps[1].Keys = []int{1}
		}},
	} {
		if l := bodyLevel(ordered(c.change), everyTen); l.Kind != backends.Refuse || !strings.Contains(l.Why, c.why) || l.Instead == "" {
			t.Errorf("%s: %s: %s; %s", c.name, l.Kind, l.Why, l.Instead)
		}
	}
	if l := bodyLevel(ordered(alike), everyTen); l.Kind == backends.Refuse {
		t.Errorf("steps that share events: %s", l.Why)
	}
}

// TestExclusive checks what is seen of conditions that no event fulfils at once, and of those that follow from others.
func TestExclusive(t *testing.T) {
	f := pass.NativeField(schema.NativeField{Path: "F", Type: schema.Keyword}, pass.NoSpan)
	list := pass.NativeField(schema.NativeField{Path: "L[]", Type: schema.Keyword, Array: true}, pass.NoSpan)
	eq := func(of *ir.Field, cased bool, values ...string) ir.Pred {
		c := &ir.Cmp{Op: ir.Eq, Cased: cased, L: of}
		for _, v := range values {
			c.R = append(c.R, schema.String(v))
		}
		return c
	}
	and := func(xs ...ir.Pred) ir.Pred { return &ir.And{Xs: xs} }
	for _, c := range []struct {
		a, b ir.Pred
		want bool
	}{
		{eq(f, true, "x"), eq(f, true, "y", "X"), true},
		{eq(f, true, "x"), eq(f, false, "y", "X"), false},
		{eq(f, false, "x"), eq(f, false, "y"), true},
		{eq(list, true, "x"), eq(list, true, "y"), false},
		{and(eq(f, true, "x"), &ir.Exists{F: list}), and(&ir.Exists{F: list}, eq(f, true, "y")), true},
		{&ir.Or{Xs: []ir.Pred{eq(f, true, "x"), eq(f, true, "z")}}, eq(f, true, "y"), true},
		{&ir.Or{Xs: []ir.Pred{eq(f, true, "x"), &ir.Exists{F: list}}}, eq(f, true, "y"), false},
		{&ir.Not{X: &ir.Exists{F: list}}, and(eq(f, true, "y"), &ir.Exists{F: list}), true},
		{&ir.Const{}, &ir.Exists{F: list}, true},
		{&ir.Const{Value: true}, &ir.Const{Value: true}, false},
	} {
		if exclusive(c.a, c.b) != c.want || exclusive(c.b, c.a) != c.want {
			t.Errorf("%s and %s: %v %v", ir.PrintPred(c.a), ir.PrintPred(c.b), exclusive(c.a, c.b), exclusive(c.b, c.a))
		}
	}
	all := []ir.Pred{eq(f, true, "x", "y"), eq(f, true, "x"), eq(f, false, "X", "z"), eq(f, true, "x"), &ir.Exists{F: list}}
	if got := needed(all); len(got) != 2 || ir.PrintPred(got[0]) != ir.PrintPred(all[1]) || got[1] != all[4] {
		t.Errorf("needed: %d", len(got))
	}
}
