package syntax

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// words are drawn for names and values: all that needs quoting somewhere.
var words = []string{
	"a", "user.name", "a{}.b", "a b", "AND", "or", "by", "as", "in", "IN", "x\"y", `C:\x`, `\`, `*`, `a*b`, `\*`, "'q'", "é", "1x", "10.0.0.0/8",
	"search", "search x", "TERM", "a=b", "a|b", "[x]", "(x)", "`m`", "```", "a,b", "-1", "::", "a::b", "<<FIELD>>", "%", "\t", "\n", `\n`, "!", "#",
}

func drawWord(t *rapid.T, label string) string { return rapid.SampledFrom(words).Draw(t, label) }

func drawValue(t *rapid.T) Value {
	v := Value{Text: drawWord(t, "value"), Quoted: true}
	if rapid.IntRange(0, 9).Draw(t, "wrap") == 0 {
		v.Wrap = rapid.SampledFrom([]string{"CASE", "TERM"}).Draw(t, "wrapper")
	}
	return v
}

func drawSearch(t *rapid.T, depth int) SearchExpr {
	kind := rapid.IntRange(0, 7).Draw(t, "search")
	if depth == 0 && kind >= 4 {
		kind -= 4
	}
	sub := func() []SearchExpr {
		var terms []SearchExpr
		for range rapid.IntRange(2, 3).Draw(t, "terms") {
			terms = append(terms, drawSearch(t, depth-1))
		}
		return terms
	}
	switch kind {
	case 0:
		op := rapid.SampledFrom([]string{"=", "!=", "<", "<=", ">", ">="}).Draw(t, "op")
		return &Compare{Field: drawWord(t, "field"), Op: op, Value: drawValue(t)}
	case 1:
		return &In{Field: drawWord(t, "field"), Values: []Value{drawValue(t), drawValue(t)}}
	case 2:
		return &Keyword{Value: drawValue(t)}
	case 3:
		return &MacroTerm{Macro: &Macro{Name: "m", Args: []string{"a", `"b, c"`}}}
	case 4:
		return &SearchAnd{Terms: sub()}
	case 5:
		return &SearchOr{Terms: sub()}
	case 6:
		return &SearchNot{X: drawSearch(t, depth-1)}
	default:
		return &Subsearch{Query: drawQuery(t, depth-1, false)}
	}
}

func drawExpr(t *rapid.T, depth int) Expr {
	kind := rapid.IntRange(0, 9).Draw(t, "expr")
	if depth == 0 {
		kind %= 4
	}
	x := func() Expr { return drawExpr(t, depth-1) }
	switch kind {
	case 0:
		return &Num{Text: rapid.SampledFrom([]string{"0", "1.5", "2e3", ".5"}).Draw(t, "num")}
	case 1:
		return &Str{Value: rapid.SampledFrom(words).Draw(t, "str")}
	case 2, 3:
		name := drawWord(t, "field") // a backtick is found before single quotes are, so such names cannot be printed
		return &Field{Name: strings.ReplaceAll(name, "`", "~")}
	case 4:
		return &Call{Name: rapid.SampledFrom([]string{"if", "like", "in", "match", "f"}).Draw(t, "fn"), Args: []Expr{x(), x()}}
	case 5:
		return &Unary{Op: rapid.SampledFrom([]string{"NOT", "-"}).Draw(t, "unary"), X: x()}
	case 6, 7:
		ops := []string{"=", "!=", "<", "<=", ">", ">=", "LIKE", ".", "+", "-", "*", "/", "%"}
		return &Binary{Op: rapid.SampledFrom(ops).Draw(t, "op"), L: x(), R: x()}
	case 8:
		return &Logic{Op: rapid.SampledFrom([]string{"AND", "OR", "XOR"}).Draw(t, "logic"), Terms: []Expr{x(), x()}}
	default:
		return &InList{X: x(), List: []Expr{x()}}
	}
}

func drawStage(t *rapid.T, depth int) Stage {
	names := func() []string { return []string{drawWord(t, "n1"), drawWord(t, "n2")} }
	switch rapid.IntRange(0, 17).Draw(t, "stage") {
	case 0:
		return &Search{Expr: drawSearch(t, depth)}
	case 1:
		return &Where{Cond: drawExpr(t, depth)}
	case 2:
		return &Eval{Assigns: []Assign{{Name: drawWord(t, "target"), Value: drawExpr(t, depth)}, {Name: "e", Dynamic: true, Value: drawExpr(t, 0)}}}
	case 3:
		return &Fields{Minus: rapid.Bool().Draw(t, "minus"), Names: names()}
	case 4:
		return &Table{Names: names()}
	case 5:
		return &Rename{Pairs: []Alias{{Name: drawWord(t, "old"), As: drawWord(t, "new")}}}
	case 6:
		return &Stats{
			Kind: StatsKind(rapid.IntRange(0, 2).Draw(t, "kind")),
			Aggs: []Agg{Count(drawWord(t, "as")), CountIf(drawExpr(t, depth), ""), AggOf("dc", drawWord(t, "field"), "")}, By: GroupBy(names()...),
		}
	case 7:
		return &Tstats{Aggs: []Agg{Count("")}, From: "Endpoint.Processes", Where: drawSearch(t, depth), By: GroupBy(names()...)}
	case 8:
		return &Sort{Limit: "0", Keys: []SortKey{{Desc: rapid.Bool().Draw(t, "desc"), Name: drawWord(t, "key")}, {Func: "num", Name: drawWord(t, "key")}}}
	case 9:
		return &Dedup{Names: names(), Options: []Arg{Opt("keepempty", "t")}}
	case 10:
		return &Regex{Field: drawWord(t, "field"), Negate: rapid.Bool().Draw(t, "negate"), Pattern: drawWord(t, "pattern")}
	case 11:
		return &Rex{Options: []Arg{Opt("field", drawWord(t, "field"))}, Pattern: drawWord(t, "pattern")}
	case 12:
		return &Lookup{Table: "t", Inputs: []Alias{{Name: drawWord(t, "in"), As: drawWord(t, "as")}}, Mode: Output, Outputs: []Alias{{Name: drawWord(t, "out")}}}
	case 13:
		return &Join{Names: names(), Sub: drawQuery(t, max(0, depth-1), false)}
	case 14:
		return &Transaction{Names: names(), StartsWith: &Condition{Search: drawSearch(t, depth)}, EndsWith: &Condition{Eval: drawExpr(t, depth)}}
	case 15:
		return &Bin{Options: []Arg{Opt("span", "5m")}, Name: drawWord(t, "field"), As: drawWord(t, "as")}
	case 16:
		return &Head{Cond: drawExpr(t, depth)}
	default:
		return Command("fillnull", Opt("value", drawWord(t, "fill")), Word("f"))
	}
}

func drawQuery(t *rapid.T, depth int, top bool) *Query {
	q := Pipeline(&Search{Expr: drawSearch(t, depth)})
	if top || rapid.Bool().Draw(t, "more") {
		q.Stages = append(q.Stages, drawStage(t, depth))
	}
	return q
}

// TestPrintParse: every tree that can be built prints as text that parses to it.
func TestPrintParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuery(t, rapid.IntRange(0, 3).Draw(t, "depth"), true)
		printed := Print(q)
		again, diags := Parse("q", printed)
		if diags.HasErrors() {
			t.Fatalf("%s\n%v", printed, diags[0])
		}
		if twice := Print(again); twice != printed {
			t.Fatalf("the print changes:\n%s\n%s", printed, twice)
		}
		if !sameTree(q, again) {
			t.Fatalf("another tree: %s", printed)
		}
	})
}

// FuzzQuote: any text becomes a literal of each kind that reads back as the text.
func FuzzQuote(f *testing.F) {
	for _, w := range words {
		f.Add(w)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || len(s) > 1000 {
			return
		}
		q := Pipeline(
			&Search{Expr: AndS(Eq("f", s), Phrase("x"+s), OneOf("g", s, s))},
			&Where{Cond: Op("=", S(s), Fn("match", F("f"), S(RegexQuote(s))))},
			&Regex{Field: "f", Pattern: s},
			&Rex{Pattern: s},
		)
		if s != "" {
			q.Stages = append(q.Stages, &Table{Names: []string{s}}, &Rename{Pairs: []Alias{{Name: s, As: s}}})
			if !strings.Contains(s, "`") { // comments and macros are found before single quotes are
				q.Stages = append(q.Stages, &Where{Cond: Fn("isnull", F(s))})
			}
			q.Stages[0] = &Search{Expr: AndS(q.Stages[0].(*Search).Expr, Eq(s, "1"), Exists(s))}
		}
		printed := Print(q)
		again, diags := Parse("q", printed)
		if diags.HasErrors() {
			t.Fatalf("%s\n%v", printed, diags[0])
		}
		if !sameTree(q, again) {
			t.Fatalf("%q does not read back from %s", s, printed)
		}
	})
}

// FuzzParse: no text makes the parser panic, and what parses prints as text that parses to the same tree.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"index=main EventCode IN (1, \"2\") NOT (a=*x OR b!=\"y\\\"\") | where isnull('a.b') OR match(x, \"\\\\d\\t\") | stats count AS n BY _time span=1h",
		"| tstats `s` count from datamodel=A.B where A.x=1 OR A.y=2 by A.z _time span=1m | `m(a, \"b\")` rest",
		"a=1 ```c``` [search b | return $x] | transaction a startswith=\"x\" endswith=eval(y=1) | foreach a* [eval <<FIELD>>=1] | foo bar [baz]",
		"* | sort - a, +b desc | dedup 3 a sortby -b | head (x>1) | rex mode=sed \"s/a/b/g\" | lookup t a AS b OUTPUTNEW c | convert ctime(a) as b",
		"\x00[|`]\"'\\",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if err := roundTrip(s, nil); err != nil && (strings.Contains(err.Error(), "print") || strings.Contains(err.Error(), "tree")) {
			t.Fatalf("%q: %v", s, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
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

const benchQuery = `index=win source="XmlWinEventLog:Microsoft-Windows-Sysmon/Operational" EventCode=1 (Image="*\\cmd.exe" OR Image="*\\powershell.exe") NOT User IN ("a", "b") ` +
	`| where match(CommandLine, "(?i)-enc[a-z]*\\s") AND (isnull(ParentImage) OR NOT match(ParentImage, "(?i)\\\\explorer\\.exe\\z")) ` +
	`| bin _time span=5m | stats count AS n, dc(User) AS users, values(CommandLine) AS CommandLine BY _time, host | where n>=20 | table _time, host, n, users`
