package syntax

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

var anyName = rapid.OneOf(
	rapid.StringMatching(`[A-Za-z_][A-Za-z0-9_]{0,6}`),
	rapid.SampledFrom([]string{"a b", "where", "in", "true", "by", "on", "a.b", "x-y", "ä", `q"'\`, "$left", "and", "kind", "1a", "count", "print", "string", "datetime"}),
)

var anyText = rapid.OneOf(
	rapid.String(), rapid.StringMatching(`[a-z\\"'*?\n\t\x00-\x1f ]{0,8}`),
	rapid.SampledFrom([]string{"", `\`, `"`, `'`, "\r\n", "```", "~~~", `C:\x\`, "\u2028", "😀", `""`, `\"`, "h\"x\"", "@"}),
)

func anyLiteral(t *rapid.T) Expr {
	switch rapid.IntRange(0, 10).Draw(t, "literal") {
	case 0:
		return Bool(rapid.Bool().Draw(t, "b"))
	case 1:
		return Int(rapid.Int32().Draw(t, "i"))
	case 2:
		return Long(rapid.Int64().Draw(t, "n"))
	case 3:
		f := rapid.Float64().Draw(t, "f")
		if math.IsNaN(f) {
			f = 0
		}
		return Real(f)
	case 4:
		return &DecimalLit{Text: rapid.StringMatching(`-?[0-9]{1,5}(\.[0-9]{1,3})?`).Draw(t, "dec")}
	case 5:
		return &DatetimeLit{Ticks: rapid.Int64Range(0, MaxTicks).Draw(t, "date")}
	case 6:
		return &TimespanLit{Ticks: rapid.Int64Range(-1<<55, 1<<55).Draw(t, "span")}
	case 7:
		return &GUIDLit{Value: "01234567-89ab-cdef-0123-456789abcdef"}
	case 8:
		return Null(rapid.SampledFrom([]Type{TypeBool, TypeInt, TypeLong, TypeReal, TypeDatetime, TypeTimespan, TypeGUID, TypeDynamic}).Draw(t, "type"))
	case 9:
		return DynArray(Long(-1), Str(anyText.Draw(t, "elem")), &BagLit{Keys: []string{anyText.Draw(t, "key")}, Values: []Expr{Timespan(-5)}})
	}
	return &StringLit{Value: strings.ToValidUTF8(anyText.Draw(t, "s"), ""), Hidden: rapid.Bool().Draw(t, "h")}
}

func binaryOps() []Op {
	var ops []Op
	for o := Or; o < Colon; o++ {
		if !o.IsList() {
			ops = append(ops, o)
		}
	}
	return ops
}

func anyExpr(t *rapid.T, depth int) Expr {
	if depth <= 0 {
		if rapid.Bool().Draw(t, "leaf") {
			return Col(anyName.Draw(t, "name"))
		}
		return anyLiteral(t)
	}
	sub := func() Expr { return anyExpr(t, depth-1) }
	switch rapid.IntRange(0, 9).Draw(t, "expr") {
	case 0, 1, 2:
		return Bin(rapid.SampledFrom(binaryOps()).Draw(t, "op"), sub(), sub())
	case 3:
		return InList(rapid.SampledFrom([]Op{In, NotIn, InFold, NotInFold, HasAny, HasAll}).Draw(t, "list"), sub(), sub(), sub())
	case 4:
		return &Between{Not: rapid.Bool().Draw(t, "not"), X: sub(), Lo: sub(), Hi: sub()}
	case 5:
		return &Call{Name: rapid.SampledFrom([]string{"f", "strlen", "extract", "not", "count", "bin"}).Draw(t, "f"), Args: []Item{Plain(sub()), Named(anyName.Draw(t, "arg"), sub())}}
	case 6:
		return Member(sub(), anyName.Draw(t, "member"))
	case 7:
		i := sub()
		if s, ok := i.(*StringLit); ok {
			s.Hidden = true // a plain string as index is a member
		}
		return At(sub(), i)
	case 8:
		return &Unary{Minus: rapid.Bool().Draw(t, "minus"), X: sub()}
	}
	return sub()
}

// TestExprRoundTrip: every tree of expressions prints to text that parses to the same tree.
func TestExprRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := anyExpr(t, rapid.IntRange(0, 4).Draw(t, "depth"))
		q := NewQuery(Pipe(Col("T"), &Where{Pred: x}))
		text := Print(q)
		again, diags := Parse("q", text)
		if diags.HasErrors() {
			t.Fatalf("%v\n%s", diags, text)
		}
		if a, b := dump(q), dump(again); a != b {
			t.Fatalf("%s\n%s\n%s", text, a, b)
		}
	})
}

func anyOperator(t *rapid.T, depth int) Operator {
	x := func() Expr { return anyExpr(t, 1) }
	item := func() Item { return Named(anyName.Draw(t, "n"), x()) }
	table := func() Expr {
		if depth > 0 && rapid.Bool().Draw(t, "sub") {
			return anyPipe(t, depth-1)
		}
		return Col(anyName.Draw(t, "t"))
	}
	switch rapid.IntRange(0, 14).Draw(t, "operator") {
	case 0:
		return &Where{Pred: x()}
	case 1:
		return &Extend{Items: []Item{item(), Plain(x())}}
	case 2:
		return &Project{Items: []Item{item()}}
	case 3:
		return &Summarize{Aggs: []Item{item()}, By: []Item{Plain(x())}, HasBy: true}
	case 4:
		return &Join{Kind: "leftouter", Right: table(), On: []Expr{Col(anyName.Draw(t, "k"))}}
	case 5:
		return &Union{Params: []Param{Word("kind", "outer")}, Sources: []Expr{table(), table()}}
	case 6:
		return &MvExpand{Items: []ExpandItem{{Name: anyName.Draw(t, "n"), Expr: x(), Type: TypeLong}}, Limit: Long(5)}
	case 7:
		return &MvApply{Items: []ExpandItem{{Expr: Col("a")}}, Body: []Operator{&Where{Pred: x()}, &Take{N: Long(1)}}}
	case 8:
		return &Sort{By: []OrderTerm{Asc(x()), {Item: Plain(x()), Nulls: "last"}}}
	case 9:
		return &Top{N: Long(3), By: Desc(x())}
	case 10:
		return &ParseOp{X: x(), Pattern: []ParsePart{{Star: true}, {Text: &StringLit{Value: "a\\\""}}, {Column: anyName.Draw(t, "c"), Type: TypeString}}}
	case 11:
		return &MakeSeries{Aggs: []SeriesAgg{{Item: item(), Default: Long(0)}}, Axis: Plain(Col("t")), From: x(), To: x(), Step: Timespan(100), By: []Item{item()}}
	case 12:
		return &Scan{Params: []Param{Word("with_match_id", "m")}, Declare: []Column{{Name: anyName.Draw(t, "d"), Type: TypeLong, Default: Long(-1)}}, Steps: []ScanStep{{Name: "s", Output: "none", Cond: x(), Assign: []Item{item()}}}}
	case 13:
		return &Partition{Params: []Param{Word("hint.strategy", "native")}, By: Col(anyName.Draw(t, "k")), Body: []Operator{&Take{N: Long(1)}}}
	}
	return &Lookup{Kind: "inner", Right: table(), On: []Expr{Bin(Eq, Member(Col("$left"), "a"), Member(Col("$right"), "b"))}}
}

func anyPipe(t *rapid.T, depth int) Expr {
	var ops []Operator
	for range rapid.IntRange(1, 4).Draw(t, "ops") {
		ops = append(ops, anyOperator(t, depth))
	}
	return Pipe(Col(anyName.Draw(t, "source")), ops...)
}

// TestPipeRoundTrip: the same for pipelines in all layouts.
func TestPipeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := NewQuery(anyPipe(t, 2), LetOf(anyName.Draw(t, "let"), anyPipe(t, 1)))
		text := Print(q)
		again, diags := Parse("q", text)
		if diags.HasErrors() {
			t.Fatalf("%v\n%s", diags, text)
		}
		if a, b := dump(q), dump(again); a != b {
			t.Fatalf("%s\n%s\n%s", text, a, b)
		}
		if second := Print(again); second != text {
			t.Fatalf("no fixpoint\n%s\n%s", text, second)
		}
		if strings.Contains(text, "\n\n") {
			t.Fatalf("a blank line\n%s", text)
		}
	})
}

// TestStringRoundTrip: any text becomes a literal that is read as that text.
func TestStringRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkString(t, anyText.Draw(t, "s")) })
}

type failer interface{ Fatalf(string, ...any) }

func checkString(t failer, s string) {
	for _, quote := range []func(string) string{QuoteString, QuoteRegex} {
		toks, diags, ok := lex("q", quote(s))
		want := strings.ToValidUTF8(s, "\uFFFD")
		if !ok || diags.HasErrors() || len(toks) != 2 || toks[0].kind != tokString || toks[0].text != want {
			t.Fatalf("%q is written %s and read %v %v", s, quote(s), toks, diags)
		}
	}
	if s == "" {
		return
	}
	q, diags := Parse("q", "T | where "+QuoteName(s)+" == 1")
	want := strings.ToValidUTF8(s, "\uFFFD")
	if diags.HasErrors() || q.Statements[0].(*ExprStatement).X.(*Pipeline).Ops[0].(*Where).Pred.(*Binary).L.(*Name).Name != want {
		t.Fatalf("the name %q is written %s: %v", s, QuoteName(s), diags)
	}
}

func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "a", `\`, `"`, "'", "\n", "\x00", "é", "\xff", "]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkString(t, s) })
}

// FuzzParse: no text makes the parser panic, and what parses survives printing.
func FuzzParse(f *testing.F) {
	for _, q := range []string{
		"T | where a == 'x' | summarize count() by bin(t, 1h)", "let f = (x:long) { x }; print f(1)", "T | mv-apply a on (top 1 by a)", "union T*, (U | take 1)",
		"print dynamic({'a':[1]}), datetime(2024-01-01), @'x', h\"y\"", "T | parse x with * 'a' b:long", "search in (T) c:'x*'", "T | scan with (step s: true;)", "T | make-series c=count() on t step 1d", "-- | ((",
	} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, diags := Parse("q", text)
		if diags.HasErrors() || q == nil {
			return
		}
		if !utf8.ValidString(text) {
			t.Fatal("text that is not UTF-8 parses")
		}
		printed := Print(q)
		again, diags := Parse("p", printed)
		if diags.HasErrors() {
			t.Fatalf("%v\n%q\n%s", diags, text, printed)
		}
		if second := Print(again); second != printed {
			t.Fatalf("no fixpoint\n%s\n---\n%s", printed, second)
		}
	})
}

const benchQuery = `let T = SecurityEvent | where TimeGenerated > ago(1h) and EventID in (4624, 4625) and (Account contains "adm" or Computer startswith "srv");
T | extend Name = tostring(split(Account, @"\")[1]), D = parse_json(EventData) | summarize n = count(), users = dcount(Name) by Computer, bin(TimeGenerated, 5m)
| join kind=inner (Heartbeat | summarize arg_max(TimeGenerated, *) by Computer) on Computer | where n > 5 and D.x["a b"] matches regex @"^\d+$" | project Computer, n`

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(benchQuery)))
	for b.Loop() {
		if _, diags := Parse("q", benchQuery); diags.HasErrors() {
			b.Fatal(diags)
		}
	}
}

func BenchmarkPrint(b *testing.B) {
	q, _ := Parse("q", benchQuery)
	b.ReportAllocs()
	for b.Loop() {
		Print(q)
	}
}
