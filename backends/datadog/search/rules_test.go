package search

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

// always are the constructs that are refused whatever their operands.
var always = []backends.Construct{
	backends.EqEmptyText, backends.LengthOf, backends.HourOf, backends.WeekdayOf, backends.MinuteOf, backends.CalendarOf, backends.Calculated, backends.HasBits, backends.RelText,
	backends.RelTextCased, backends.RelPart, backends.RelPartCased, backends.RelNumber, backends.RelDate, backends.RelIP, backends.RelBool, backends.RelCalculated,
	backends.AnyOther, backends.AllOther, backends.AllObject,
}

// TestTotal demands a row for each construct, and a builder for each that is not always refused.
func TestTotal(t *testing.T) {
	refused := map[backends.Construct]bool{}
	for _, c := range always {
		refused[c] = true
	}
	for _, c := range backends.Constructs {
		r, ok := Backend.Table[c]
		if !ok || r.Summary == "" || r.Level == nil {
			t.Errorf("no row for %s", c)
		}
		if has := builder(c) != nil; has == refused[c] {
			t.Errorf("%s: refused %v, builder %v", c, refused[c], has)
		}
		if refused[c] != (r.Summary == "refused") {
			t.Errorf("%s: the summary says %q", c, r.Summary)
		}
	}
	if len(Backend.Table) != len(backends.Constructs) {
		t.Errorf("%d rows for %d constructs", len(Backend.Table), len(backends.Constructs))
	}
}

func text(t *testing.T, b *ir.Bound) string {
	t.Helper()
	q, diags := Backend.Render(b)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return q.Text
}

// found runs a query on one event.
func found(t testing.TB, query string, row native.Row) bool {
	t.Helper()
	prog, diags := Backend.Language.Compile("query", query)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", query, diags)
	}
	out, diags := prog.Run(native.Input{Tables: []native.Table{{Name: "events", Rows: []native.Row{row}}}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return len(out.Matches) == 1
}

// TestParts: what selects the events stands before the condition, and several parts are joined by OR, each in parentheses.
func TestParts(t *testing.T) {
	b := bound(parse(t, `(or (eq.cs $name ["a"]) (eq.cs $user ["b"]))`), parse(t, `(eq.cs $service ["x"])`), &ir.Const{Value: true})
	source := schema.NativeField{Path: "source", Type: schema.Keyword}
	for i, name := range []string{"one", "two", "three"} {
		b.Parts[i].Class.Select = []schema.Condition{{Native: source, Values: []string{name}}}
		b.Parts[i].Select = pass.Selection(b.Parts[i].Class)
	}
	want := `((source:"one" AND (@evt.name:"a" OR @usr.name:"b")) OR (source:"two" AND service:"x") OR source:"three")`
	if got := text(t, b); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestManySpellings: up to 64 values are written out, more stay in the rule's spelling.
func TestManySpellings(t *testing.T) {
	lits := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"%dabcd" `, i)
		}
		return `(eq $name [` + b.String() + `])`
	}
	for n, want := range map[int]string{4: "native", 5: "narrower"} {
		if f := Backend.Check(bound(parse(t, lits(n)))); level(f) != want {
			t.Errorf("%d literals are %s", n, level(f))
		}
	}
}

// TestObjectsAreWider: conditions on one object of an array are asked of all objects, and the level says so.
func TestObjectsAreWider(t *testing.T) {
	b := bound(parse(t, `(any x $target (and (eq.cs (elem x keyword type) ["User"]) (contains.cs (elem x keyword id) ["adm"]) (not (eq.cs (elem x keyword id) ["adm0"]))))`))
	if f := Backend.Check(b); f.Kind != backends.Widen {
		t.Errorf("level %s", f.Kind)
	}
	q := text(t, b)
	target := func(objects ...any) native.Row {
		return native.Row{"attributes": map[string]any{"target": objects}}
	}
	object := func(typ, id string) any { return map[string]any{"type": typ, "id": id} }
	for name, c := range map[string]struct {
		row  native.Row
		want bool
	}{
		"one object":  {target(object("User", "adm1")), true},
		"two objects": {target(object("User", "x"), object("Group", "adm1")), true}, // the rule says no
		"negated":     {target(object("User", "adm0")), true},                       // the rule says no
		"none":        {target(object("User", "x")), false},
	} {
		if found(t, q, c.row) != c.want {
			t.Errorf("%s: %s is not %v", name, q, c.want)
		}
	}
}

// TestRefusedTogether: a literal that would be found less often in one spelling and more often by a wildcard.
func TestRefusedTogether(t *testing.T) {
	f := Backend.Check(bound(parse(t, `(contains $name ["power*shell"])`)))
	if f.Kind != backends.Refuse || !strings.Contains(f.Leaves[0].Level.Why, "find more") || !strings.Contains(f.Leaves[0].Level.Why, "and less") {
		t.Errorf("%s %v", f.Kind, f.Leaves)
	}
}

// TestEscapes: any text, looked for whole and as a beginning, an end and a piece, is found, and only there.
func TestEscapes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := irgen.Text(t, "text")
		other := irgen.Text(t, "other")
		for _, op := range []ir.Op{ir.Eq, ir.StartsWith, ir.EndsWith, ir.Contains} {
			p := &ir.Cmp{Op: op, Cased: true, L: pass.NativeField(schema.NativeField{Path: "attributes.f", Type: schema.Keyword}, diag.Span{}), R: []schema.Value{schema.String(s)}}
			f := Backend.Check(bound(p))
			if f.Kind > backends.Assume {
				continue
			}
			q, _ := Backend.Render(bound(p))
			for _, v := range []string{s, s + other, other + s, other + s + other, other} {
				want := ir.Compare(op, true, schema.String(v), schema.String(s))
				prog, diags := Backend.Language.Compile("query", q.Text)
				if diags.HasErrors() {
					t.Fatalf("%s: %v", q.Text, diags)
				}
				out, _ := prog.Run(native.Input{Tables: []native.Table{{Rows: []native.Row{{"attributes": map[string]any{"f": v}}}}}})
				if got := len(out.Matches) == 1; got != want {
					t.Fatalf("%s on %q: %v", q.Text, v, got)
				}
			}
		}
	})
}

// TestPeerDefect1NegatedListNeedsParentheses: a negated list with another condition in front.
func TestPeerDefect1NegatedListNeedsParentheses(t *testing.T) {
	got := text(t, bound(parse(t, `(and (eq.cs $name ["a"]) (not (contains.cs $args [" -n " " /n "])))`)))
	if want := `@evt.name:"a" AND -@process.args:(*\ \-n\ * OR *\ /n\ *)`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestPeerDefect4QuestionMarkIsDeclared: ? becomes *, and the level says that this finds more.
func TestPeerDefect4QuestionMarkIsDeclared(t *testing.T) {
	b := bound(parse(t, `(like.cs $name ["*1?"])`))
	if f := Backend.Check(b); f.Kind != backends.Widen {
		t.Errorf("level %s", f.Kind)
	}
	if got := text(t, b); got != `@evt.name:*1*` {
		t.Error(got)
	}
}

// TestPeerDefect11ConditionsAreKept: what selects the class of events stands in the query.
func TestPeerDefect11ConditionsAreKept(t *testing.T) {
	b := bound(parse(t, `(eq.cs $user ["eve"])`))
	b.Parts[0].Class.Select = []schema.Condition{
		{Native: schema.NativeField{Path: "source", Type: schema.Keyword}, Values: []string{"windows.events"}},
		{Native: schema.NativeField{Path: "attributes.evt.id", Type: schema.Keyword}, Values: []string{"4624", "4625"}},
	}
	b.Parts[0].Select = pass.Selection(b.Parts[0].Class)
	if got, want := text(t, b), `source:"windows.events" AND @evt.id:("4624" OR "4625") AND @usr.name:"eve"`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestPeerDefect14SourceBeforeOr: the source holds for both sides of an OR.
func TestPeerDefect14SourceBeforeOr(t *testing.T) {
	b := bound(parse(t, `(or (eq.cs $name ["a"]) (eq.cs $name ["b"]) (eq.cs $user ["c"]))`))
	b.Parts[0].Class.Select = []schema.Condition{{Native: schema.NativeField{Path: "source", Type: schema.Keyword}, Values: []string{"cloudtrail"}}}
	b.Parts[0].Select = pass.Selection(b.Parts[0].Class)
	q := text(t, b)
	if want := `source:"cloudtrail" AND (@evt.name:"a" OR @evt.name:"b" OR @usr.name:"c")`; q != want {
		t.Errorf("got  %s\nwant %s", q, want)
	}
	if found(t, q, native.Row{"source": "other", "attributes": map[string]any{"usr": map[string]any{"name": "c"}}}) {
		t.Error("an event of another source is found")
	}
}

// TestPeerDefect15CaseIsDeclared: an attribute is compared with the case of the rule, and the level says so.
func TestPeerDefect15CaseIsDeclared(t *testing.T) {
	b := bound(parse(t, `(eq $name ["MICROSOFT.PORTAL/CONSOLES/WRITE"])`))
	if f := Backend.Check(b); f.Kind != backends.Narrow {
		t.Errorf("level %s", f.Kind)
	}
	b = bound(parse(t, `(not (eq $name ["MICROSOFT.PORTAL/CONSOLES/WRITE"]))`))
	if f := Backend.Check(b); f.Kind != backends.Widen {
		t.Errorf("level of the negation %s", f.Kind)
	}
}

// TestPeerDefect19 holds the four faults of a Datadog converter: <= printed as >=, existence as free text, lost backslashes,
// and a negated list joined by OR.
func TestPeerDefect19(t *testing.T) {
	for rule, want := range map[string]string{
		`(le $pid [5])`:                        `@process.pid:<=5`,
		`(exists $name)`:                       `@evt.name:*`,
		`(eq.cs $name ["C:\\Windows\\x.exe"])`: `@evt.name:C\:\\Windows\\x.exe`,
		`(not (eq.cs $name ["a" "b"]))`:        `-@evt.name:("a" OR "b")`,
	} {
		if got := text(t, bound(parse(t, rule))); got != want {
			t.Errorf("%s\n got %s\nwant %s", rule, got, want)
		}
	}
	if !found(t, `@evt.name:C\:\\Windows\\x.exe`, native.Row{"attributes": map[string]any{"evt": map[string]any{"name": `C:\Windows\x.exe`}}}) {
		t.Error("the path with its backslashes is not found")
	}
}

func BenchmarkRender(b *testing.B) {
	p := parse(b, `(and (eq.cs $name ["net.exe" "net1.exe"]) (not (ends $user [".ab"])) (or (contains.cs $args ["C:\\Temp\\"]) (cidr $ip ["10.16.0.0/12"])) (ge $pid [5]))`)
	bd := bound(p)
	b.ReportAllocs()
	for b.Loop() {
		if f := Backend.Check(bd); f.Kind != backends.Assume {
			b.Fatal(f.Kind)
		}
		if q, _ := Backend.Render(bd); q.Text == "" {
			b.Fatal("no query")
		}
	}
}
