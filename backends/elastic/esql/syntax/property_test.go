package syntax

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/diag"
)

// strip zeroes the places of a tree, so that trees can be compared.
func strip(v reflect.Value) {
	if v.Type() == reflect.TypeOf(diag.Span{}) {
		v.SetZero()
		return
	}
	switch k := v.Kind(); {
	case k == reflect.Pointer, k == reflect.Interface:
		if !v.IsNil() {
			strip(v.Elem())
		}
	case k == reflect.Struct:
		for i := 0; i < v.NumField(); i++ {
			strip(v.Field(i))
		}
	case k == reflect.Slice:
		for i := 0; i < v.Len(); i++ {
			strip(v.Index(i))
		}
	}
}

var (
	genName = rapid.SampledFrom([]string{"a", "a.b", "@timestamp", "a-b", "by", "x y", "a`b", "a.0", "ä", "_id", "FIRST", "a*b"})
	genText = rapid.OneOf(rapid.SampledFrom([]string{"", "*", "?", `\`, `\*`, `"`, `"""`, "\n", "a\tb", "ä😀", `C:\x\`, "// no comment"}), rapid.String().Filter(utf8.ValidString))
)

func genConst(t *rapid.T) Expr {
	switch rapid.IntRange(0, 6).Draw(t, "const") {
	case 0:
		return &Null{}
	case 1:
		return Boolean(rapid.Bool().Draw(t, "b"))
	case 2:
		return Int(rapid.Int64Range(-100, 100).Draw(t, "n"))
	case 3:
		return Number(rapid.SampledFrom([]string{"1.5", "-0.25", "1e10", "18446744073709551615", "5."}).Draw(t, "d"))
	case 4:
		return Span(rapid.Int64Range(0, 99).Draw(t, "n"), rapid.SampledFrom(UnitWords()).Draw(t, "u"))
	case 5:
		return &List{Items: []Expr{Int(1), Int(-2)}}
	}
	return String(genText.Draw(t, "s"))
}

func genExprs(t *rapid.T, depth, lo, hi int) []Expr {
	out := make([]Expr, rapid.IntRange(lo, hi).Draw(t, "len"))
	for i := range out {
		out[i] = genExpr(t, depth)
	}
	return out
}

// genExpr makes any expression that the parser can give.
func genExpr(t *rapid.T, depth int) Expr {
	if depth <= 0 {
		if rapid.Bool().Draw(t, "leaf") {
			return Col(genName.Draw(t, "col"))
		}
		return genConst(t)
	}
	sub := func() Expr { return genExpr(t, depth-1) }
	not := func() bool { return rapid.Bool().Draw(t, "not") }
	switch rapid.IntRange(0, 12).Draw(t, "kind") {
	case 0, 1, 2:
		return Op(BinaryOp(rapid.IntRange(int(Or), int(Mod)).Draw(t, "op")), sub(), sub())
	case 3:
		return Negate(sub())
	case 4:
		if n, ok := sub().(*Num); !ok || strings.HasPrefix(n.Text, "-") {
			return &Unary{Op: Neg, X: sub()}
		}
		return &Unary{Op: Neg, X: Col("a")}
	case 5:
		return &In{X: sub(), Not: not(), Items: genExprs(t, depth-1, 1, 3)}
	case 6:
		return &IsNull{X: sub(), Not: not()}
	case 7:
		l := &Like{X: sub(), Not: not()}
		for i := rapid.IntRange(1, 3).Draw(t, "n"); i > 0; i-- {
			l.Patterns = append(l.Patterns, &Glob{Text: genText.Draw(t, "glob")})
		}
		return l
	case 8:
		return &RLike{X: sub(), Not: not(), Patterns: []Expr{&Regex{Text: genText.Draw(t, "re")}}}
	case 9:
		return &Match{Field: Column{Name: genName.Draw(t, "col")}, Query: String(genText.Draw(t, "q"))}
	case 10:
		c := &Call{Name: rapid.SampledFrom([]string{"abs", "First", "COUNT", "x-y"}).Draw(t, "fn"), Args: genExprs(t, depth-1, 1, 3)}
		if rapid.Bool().Draw(t, "map") {
			c.Options = []Option{{Key: genText.Draw(t, "k"), Value: Boolean(true)}}
		}
		return c
	case 11:
		return &Cast{X: sub(), Type: "long"}
	}
	return sub()
}

// TestExprRoundTrip: parsing a printed expression gives the same tree, and printing that the same text.
func TestExprRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := genExpr(t, rapid.IntRange(0, 4).Draw(t, "depth"))
		q := &Query{Commands: []Command{&Row{Fields: []Field{Named("a", Int(1))}}, &Where{Cond: want}}}
		text := Print(q)
		back, ds := Parse("q", text)
		if len(ds) > 0 {
			t.Fatalf("%s: %v", text, ds)
		}
		if again := Print(back); again != text {
			t.Fatalf("prints %s, then %s", text, again)
		}
		got := back.Commands[1].(*Where).Cond
		strip(reflect.ValueOf(&got))
		if !reflect.DeepEqual(normal(got), normal(want)) {
			t.Fatalf("%s: %s is not %s", text, shape(got), shape(want))
		}
	})
}

// normal folds what has two trees and one text: a minus before a number is part of the number.
func normal(x Expr) string { return strings.ReplaceAll(shape(x), "(neg -", "(neg  -") }

// TestTextRoundTrip: any text as a literal is read back as itself, alone and between other words.
func TestTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, n := genText.Draw(t, "s"), rapid.String().Filter(func(s string) bool { return s != "" && utf8.ValidString(s) }).Draw(t, "name")
		q := &Query{Commands: []Command{&Row{Fields: []Field{Named(n, String(s))}}, &Keep{Names: NamesOf(n)}}}
		back, ds := Parse("q", Print(q))
		if len(ds) > 0 {
			t.Fatalf("%s: %v", Print(q), ds)
		}
		f := back.Commands[0].(*Row).Fields[0]
		k := back.Commands[1].(*Keep).Names[0]
		if f.Name != n || f.Value.(*Str).Value != s || !k.Literal() || k.Text() != n {
			t.Fatalf("%q = %q came back as %q = %q, %q", n, s, f.Name, f.Value, k.Text())
		}
	})
}

// TestNamePatternRoundTrip: stars between any pieces survive.
func TestNamePatternRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "a.", ".b", "a b", ".", "..", "1", "x.y", "`"}), 2, 4).Draw(t, "pieces")
		q := &Query{Commands: []Command{&Row{Fields: []Field{Named("a", Int(1))}}, &Keep{Names: []NamePattern{{Pieces: pieces}}}}}
		back, ds := Parse("q", Print(q))
		if len(ds) > 0 {
			t.Fatalf("%s: %v", Print(q), ds)
		}
		if got := back.Commands[1].(*Keep).Names[0].Pieces; !reflect.DeepEqual(got, pieces) {
			t.Fatalf("%s: %q is not %q", Print(q), got, pieces)
		}
	})
}

// TestGlobRoundTrip: pieces of a pattern come back out of it.
func TestGlobRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := genText.Draw(t, "s")
		parts, bad := NewGlob(AnyRun(), Lit(s), OneChar()).Parts()
		lit := ""
		for _, p := range parts {
			lit += p.Text
		}
		if bad >= 0 || lit != s || parts[0].Kind != GlobAny || parts[len(parts)-1].Kind != GlobOne {
			t.Fatalf("%q came back as %v (%d)", s, parts, bad)
		}
	})
}

var seeds = []string{
	"FROM logs-* METADATA _id | WHERE a.b == \"x\" AND NOT c LIKE \"\"\"*\\*\"\"\" | STATS n = COUNT(*) WHERE d > 5 BY e | SORT n DESC NULLS LAST | LIMIT 10",
	"ROW a = [1, 2], b = 5 minutes | EVAL c = a::long, d = CASE(b IS NULL, -1.5e3, `x y`) | KEEP a*, *.b | DROP c",
	"FROM a | DISSECT m \"%{x} %{y}\" APPEND_SEPARATOR=\",\" | GROK m \"%{WORD:w}\" | ENRICH p ON x WITH y = z | LOOKUP JOIN t ON k",
	"FROM a, (FROM b | WHERE x : \"y\") | FORK (WHERE a) (LIMIT 1) | INLINE STATS m = MAX(x) BY y | RENAME a AS b | MV_EXPAND b | SAMPLE .5",
	"SET x = \"y\"; ROW a = 1 // c\n| WHERE a IN (1, null) /* d */ | LIMIT 1 BY a", "FROM \"", "FROM a | WHERE `", "|||", "ROW a = ((((((",
}

// FuzzParse: no text makes the parser panic, and what it accepts prints to a fixed point.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, ds := Parse("q", text)
		if len(ds) > 0 {
			for _, d := range ds {
				if d.Title == "" || !d.Span.IsValid() || d.Span.End.Offset > len(text) || d.Span.Start.Offset > d.Span.End.Offset {
					t.Fatalf("diagnostic without a place or title: %+v", d)
				}
			}
			return
		}
		out := Print(q)
		back, ds := Parse("q", out)
		if len(ds) > 0 {
			t.Fatalf("%q prints as %q, which does not parse: %v", text, out, ds)
		}
		if again := Print(back); again != out {
			t.Fatalf("%q prints as %q, then as %q", text, out, again)
		}
	})
}

// FuzzQuote: any text as a literal is one token with that text.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "a", `\`, `"`, `"""`, "\n", `a\"`, "ä", `\\*`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip()
		}
		l := newLexer("q", Quote(s))
		if tok := l.next(); tok.kind != tString || tok.text != s || l.next().kind != tEOF {
			t.Fatalf("%q is written %s and read as %q", s, Quote(s), tok.text)
		}
		if s == "" {
			return
		}
		l = newLexer("q", backquote(s))
		if tok := l.next(); tok.kind != tQuoted || tok.text != s || l.next().kind != tEOF {
			t.Fatalf("%q is written %s and read as %q", s, backquote(s), tok.text)
		}
	})
}

var benchQuery = strings.Join(seeds[:1], "") + strings.Repeat(" | WHERE NOT COALESCE(TO_LOWER(process.name) LIKE \"*x*\", FALSE) OR a IN (\"b\", \"c\")", 20)

func BenchmarkParse(b *testing.B) {
	b.SetBytes(int64(len(benchQuery)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ds := Parse("q", benchQuery); len(ds) > 0 {
			b.Fatal(ds)
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
