package syntax_test

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/elastic/eql/syntax"
)

// genText draws texts that strain quoting.
var genText = rapid.OneOf(
	rapid.String(),
	rapid.StringOf(rapid.SampledFrom([]rune("\\\"'`*?/\n\r\t\x00{}u.aB é\u202e😀"))),
	rapid.SampledFrom([]string{"", `"""`, `\`, `\\`, "any", "and", "C:\\Windows\\*", "//", "/*", `x"`, `"x`}),
)

var genName = rapid.OneOf(
	rapid.SampledFrom([]string{"a", "process.name", "@timestamp", "my-field", "in", "a.sequence", "6x", "a..b", ".", "a.", "?x", "x y", "a`b", "é"}),
	rapid.StringN(1, 8, -1),
)

func genField() *rapid.Generator[*syntax.Field] {
	return rapid.Custom(func(t *rapid.T) *syntax.Field {
		return &syntax.Field{Name: strings.ToValidUTF8(genName.Draw(t, "name"), "_"), Optional: rapid.Bool().Draw(t, "optional")}
	})
}

// genExpr draws trees as the constructors make them.
func genExpr(depth int) *rapid.Generator[syntax.Expr] {
	leaf := rapid.Custom(func(t *rapid.T) syntax.Expr {
		switch rapid.IntRange(0, 5).Draw(t, "leaf") {
		case 0:
			return &syntax.Null{}
		case 1:
			return &syntax.Bool{Value: rapid.Bool().Draw(t, "bool")}
		case 2:
			return syntax.Int(rapid.Int64().Draw(t, "int"))
		case 3:
			return syntax.Float(rapid.Float64Range(-1e9, 1e9).Draw(t, "float"))
		case 4:
			return syntax.Str(genText.Draw(t, "string"))
		}
		return genField().Draw(t, "field")
	})
	if depth == 0 {
		return leaf
	}
	sub := genExpr(depth - 1)
	return rapid.Custom(func(t *rapid.T) syntax.Expr {
		some := func() []syntax.Expr { return rapid.SliceOfN(sub, 1, 3).Draw(t, "list") }
		switch rapid.IntRange(0, 9).Draw(t, "node") {
		case 0:
			return syntax.Negate(sub.Draw(t, "x"))
		case 1:
			return syntax.All(some()...)
		case 2:
			return syntax.Any(some()...)
		case 3:
			op := rapid.SampledFrom([]syntax.CompareOp{syntax.Eq, syntax.Ne, syntax.Lt, syntax.Le, syntax.Gt, syntax.Ge}).Draw(t, "op")
			return syntax.Cmp(op, sub.Draw(t, "l"), sub.Draw(t, "r"))
		case 4:
			op := rapid.SampledFrom([]syntax.ArithOp{syntax.Add, syntax.Sub, syntax.Mul, syntax.Div, syntax.Mod}).Draw(t, "op")
			return syntax.Calc(op, sub.Draw(t, "l"), sub.Draw(t, "r"))
		case 5:
			return &syntax.Sign{Minus: rapid.Bool().Draw(t, "minus"), X: sub.Draw(t, "x")}
		case 6:
			return &syntax.In{X: sub.Draw(t, "x"), Not: rapid.Bool().Draw(t, "not"), Insensitive: rapid.Bool().Draw(t, "~"), List: some()}
		case 7:
			op := rapid.SampledFrom([]syntax.MatchOp{syntax.Colon, syntax.Like, syntax.LikeInsensitive, syntax.Regex, syntax.RegexInsensitive}).Draw(t, "op")
			return syntax.Matches(sub.Draw(t, "x"), op, rapid.SliceOfN(genText, 1, 3).Draw(t, "patterns")...)
		case 8:
			return syntax.Fn(rapid.SampledFrom([]string{"f", "startsWith~", "length"}).Draw(t, "name"), some()...)
		}
		return leaf.Draw(t, "leaf")
	})
}

func genTerm(keys int) *rapid.Generator[syntax.Term] {
	return rapid.Custom(func(t *rapid.T) syntax.Term {
		category := rapid.SampledFrom([]string{"", "process", "my-cat", "any", "sequence", "6"}).Draw(t, "category")
		return syntax.Step(syntax.NewEvent(category, genExpr(2).Draw(t, "where")), rapid.SliceOfN(genField(), keys, keys).Draw(t, "keys")...)
	})
}

// genQuery draws event queries, sequences and samples that pass Check.
var genQuery = rapid.Custom(func(t *rapid.T) *syntax.Query {
	keys := rapid.IntRange(0, 2).Draw(t, "own keys")
	shared := rapid.SliceOfN(genField(), 0, 2).Draw(t, "shared keys")
	terms := rapid.SliceOfN(genTerm(keys), 2, 4).Draw(t, "terms")
	q := &syntax.Query{}
	switch rapid.IntRange(0, 2).Draw(t, "statement") {
	case 0:
		q.Statement = terms[0].Event
	case 1:
		if keys+len(shared) == 0 {
			shared = []*syntax.Field{syntax.F("host.id")}
		}
		q.Statement = &syntax.Sample{Keys: shared, Terms: terms}
		return q
	default:
		s := &syntax.Sequence{Keys: shared, Terms: terms}
		s.MaxSpan = &syntax.Duration{Count: rapid.Int64Range(1, 1000).Draw(t, "maxspan"), Unit: rapid.SampledFrom([]string{"ms", "s", "m", "h", "d"}).Draw(t, "unit")}
		for i := range terms {
			terms[i].Runs = rapid.IntRange(0, 3).Draw(t, "runs")
			terms[i].Missing = i > 0 && rapid.Bool().Draw(t, "missing")
		}
		if rapid.Bool().Draw(t, "until") {
			u := genTerm(keys).Draw(t, "until")
			s.Until = &u
		}
		q.Statement = s
	}
	if rapid.Bool().Draw(t, "pipe") {
		q.Pipes = []syntax.Pipe{{Name: "head", Count: rapid.Int64Range(0, 100).Draw(t, "count")}}
	}
	return q
})

// TestPrintParse demands that every tree that can be built survives printing and parsing.
func TestPrintParse(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		q := genQuery.Draw(rt, "query")
		text := syntax.Print(q)
		again, diags := syntax.Parse("printed", text)
		if diags.HasErrors() {
			rt.Fatalf("%s\n%s", diags[0].Brief(), text)
		}
		if !reflect.DeepEqual(bare(q), bare(again)) {
			rt.Fatalf("the tree changed:\n%s\n%s", text, syntax.Print(again))
		}
		if syntax.Print(again) != text {
			rt.Fatalf("no fixpoint:\n%s\n%s", text, syntax.Print(again))
		}
	})
}

// TestQuote demands that any text survives as a string constant, in every place where one can stand.
func TestQuote(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := strings.ToValidUTF8(genText.Draw(rt, "text"), "\ufffd")
		for _, x := range []syntax.Expr{
			syntax.Cmp(syntax.Eq, syntax.F("a"), syntax.Str(s)),
			syntax.Matches(syntax.F("a"), syntax.Colon, s),
			syntax.Matches(syntax.F("a"), syntax.Regex, s, s),
			syntax.Cmp(syntax.Eq, syntax.F("n"+s), syntax.Int(1)),
		} {
			again, diags := syntax.ParseExpr("printed", syntax.PrintExpr(x))
			if diags.HasErrors() {
				rt.Fatalf("%s\n%s", diags[0].Brief(), syntax.PrintExpr(x))
			}
			if !reflect.DeepEqual(bare(x), bare(again)) {
				rt.Fatalf("%s became %s", syntax.PrintExpr(x), syntax.PrintExpr(again))
			}
		}
	})
}

func TestConstructors(t *testing.T) {
	for _, c := range []struct {
		x    syntax.Expr
		want string
	}{
		{syntax.Int(math.MinInt64), "-9223372036854775808"},
		{syntax.Float(1e21), "1000000000000000000000.0"},
		{syntax.Float(-0.25), "-0.25"},
		{syntax.Float(math.Inf(1)), "null"},
		{syntax.All(), "true"},
		{syntax.Any(), "false"},
		{syntax.All(syntax.F("a")), "a"},
		{syntax.All(syntax.All(syntax.F("a"), syntax.F("b")), syntax.Any(syntax.F("c"), syntax.F("d"))), "a and b and (c or d)"},
		{syntax.Negate(syntax.Any(syntax.F("a"), syntax.Opt("b-c"))), "not (a or ?`b-c`)"},
		{syntax.Negate(syntax.Matches(syntax.F("a"), syntax.Colon, "x*")), `not a : "x*"`},
		{syntax.OneOf(syntax.F("a"), true, syntax.Str("x"), syntax.Str("*")), `a in~ ("x", "*")`},
		{syntax.Exists(syntax.Opt("a")), "?a != null"},
		{syntax.Missing(syntax.F("a")), "a == null"},
		{syntax.Fn("startsWith~", syntax.F("a"), syntax.F("b")), "startsWith~(a, b)"},
		{syntax.Cmp(syntax.Eq, syntax.Calc(syntax.Sub, syntax.F("a"), syntax.F("b")), syntax.Int(0)), "a - b == 0"},
		{syntax.Str("bad \xff byte"), "\"bad \ufffd byte\""},
		{syntax.Matches(syntax.F("a"), syntax.Regex, `.*\.exe`), `a regex """.*\.exe"""`},
		{syntax.Matches(syntax.F("a"), syntax.Regex, "\\\n"), `a regex "\\\n"`},
	} {
		if got := syntax.PrintExpr(c.x); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if got := syntax.Print(syntax.Event("", syntax.True())); got != "any where true" {
		t.Error(got)
	}
	if got := syntax.Print(syntax.Event("any", syntax.False())); got != `"any" where false` {
		t.Error(got)
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range accepted {
		f.Add(c.text)
	}
	for _, c := range refused {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, diags := syntax.Parse("fuzz", text)
		if (q == nil) != diags.HasErrors() {
			t.Fatal("a query and errors, or neither")
		}
		for _, d := range diags {
			if d.Span.Start.Offset > d.Span.End.Offset || d.Span.End.Offset > len(text) {
				t.Fatalf("span %v of %d bytes", d.Span, len(text))
			}
		}
		if q != nil {
			roundTrip(t, q)
		}
	})
}

func FuzzQuote(f *testing.F) {
	f.Add(`C:\Windows\*`)
	f.Add("\"\"\"\n")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip("no query can hold it")
		}
		x, diags := syntax.ParseExpr("fuzz", syntax.Quote(s))
		if diags.HasErrors() {
			t.Fatal(diags[0].Brief())
		}
		if got := x.(*syntax.String).Value; got != s {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	text, size := benchQueries(b)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, q := range text {
			if _, diags := syntax.Parse("bench", q); diags.HasErrors() {
				b.Fatal(diags[0].Brief())
			}
		}
	}
}

func BenchmarkPrint(b *testing.B) {
	texts, size := benchQueries(b)
	var queries []*syntax.Query
	for _, text := range texts {
		q, _ := syntax.Parse("bench", text)
		queries = append(queries, q)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, q := range queries {
			syntax.Print(q)
		}
	}
}

// benchQueries are the accepted rows, which need no corpus.
func benchQueries(testing.TB) (texts []string, size int) {
	for _, c := range accepted {
		texts = append(texts, c.text)
		size += len(c.text)
	}
	return texts, size
}
