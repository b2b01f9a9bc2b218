package syntax

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/diag"
)

var printed = []struct{ in, want string }{
	{`exec.file.name == "useradd"`, `exec.file.name == "useradd"`},
	{`a && b || c`, `a && (b || c)`}, // no precedence: each operator takes all to its right
	{`a || b && c`, `a || (b && c)`},
	{`(a && b) || c`, `(a && b) || c`},
	{`a && b && c`, `a && b && c`},
	{`(a && b) && c`, `(a && b) && c`},
	{`a and b or not c`, `a && (b || !c)`},
	{`!x == y`, `!x == y`},
	{`!(x == y)`, `!(x == y)`},
	{`not (x in [1])`, `!(x in [1])`},
	{`a == b == c`, `a == b == c`},
	{`(a == b) == c`, `(a == b) == c`},
	{`x not in ["a", ~"b*", r"c"]`, `x not in ["a", ~"b*", r"c"]`},
	{`x allin [10.0.0.0/8, ::1]`, `x allin [10.0.0.0/8, ::1]`},
	{`ip in 192.168.0.1/24`, `ip in 192.168.0.1/24`},
	{`ip == ::ffff:192.168.0.1`, `ip == ::ffff:192.168.0.1`},
	{`2001:0:0eab:dead::a0:abcd:4e in 2001:0:0eab:dead::a0:abcd:0/120`, `2001:0:0eab:dead::a0:abcd:4e in 2001:0:0eab:dead::a0:abcd:0/120`},
	{`fe80::1 == ip`, `fe80::1 == ip`},
	{`x in ${my.list}`, `x in ${my.list}`},
	{`x in SHELLS`, `x in SHELLS`},
	{`retval in [ EPERM, EACCES ]`, `retval in [ EPERM, EACCES ]`},
	{`retval in [EPERM,EACCES]`, `retval in [ EPERM, EACCES ]`},
	{`open.flags & (O_CREAT|O_WRONLY) > 0`, `open.flags & (O_CREAT | O_WRONLY) > 0`},
	{`a | b & c`, `a | (b & c)`}, // right to left, without precedence
	{`a | b | c`, `a | b | c`},
	{`(a | b) & c`, `(a | b) & c`},
	{`1 + 2 - 3 == 0`, `1 + 2 - 3 == 0`},
	{`1 - (2 + 3) == 0`, `1 - (2 + 3) == 0`},
	{`--3 == 3`, `--3 == 3`},
	{`-(3) == -3`, `-(3) == -3`},
	{`^0 == -1`, `^0 == -1`},
	{`3 ^ 3 == 0`, `3 ^ 3 == 0`},
	{`process.created_at < 5s`, `process.created_at < 5s`},
	{`a =~ "x*" && b !~ "y"`, `a =~ "x*" && b !~ "y"`},
	{`a == ~"x*"`, `a == ~"x*"`},
	{`process.ancestors[A].comm == "git" && process.ancestors[A].argv in ["clone"]`, `process.ancestors[A].comm == "git" && process.ancestors[A].argv in ["clone"]`},
	{`a == "${process.pid}"`, `a == "${process.pid}"`},
	{`%{process.name} == "x"`, `%{process.name} == "x"`},
	{"a && # why\n b // so", `a && b`},
	{`a == r"\d+\"\\"`, `a == r"\d+\"\\"`},
	{`a == ~"C:\Windows\*"`, `a == ~"C:\Windows\*"`},
	{`!(~"x")`, `!(~"x")`},
	{`"x" in a.b`, `"x" in a.b`},
	{`a == 1h && b == 10ms`, `a == 1h && b == 10ms`},
}

func TestPrint(t *testing.T) {
	for _, c := range printed {
		t.Run(c.in, func(t *testing.T) {
			x, ds := Parse("e", c.in)
			if ds.HasErrors() {
				t.Fatal(ds)
			}
			got := Print(x)
			if got != c.want {
				t.Fatalf("printed %s, want %s", got, c.want)
			}
			again, ds := Parse("e", got)
			if ds.HasErrors() || dump(again) != dump(x) {
				t.Fatalf("%s reads back as %s, was %s; %v", got, dump(again), dump(x), ds)
			}
		})
	}
}

func dump(x Expr) string {
	switch x := x.(type) {
	case nil:
		return "nil"
	case *Logic:
		return fmt.Sprintf("(%s %s %s)", x.Op, dump(x.X), dump(x.Y))
	case *Compare:
		return fmt.Sprintf("(%s %s %s)", x.Op, dump(x.X), dump(x.Y))
	case *Member:
		return fmt.Sprintf("(%s %s %s)", x.Op, dump(x.X), dump(x.List))
	case *Arith:
		return fmt.Sprintf("(arith%c %s %s)", x.Op, dump(x.X), dump(x.Y))
	case *Bits:
		return fmt.Sprintf("(bits%c %s %s)", x.Op, dump(x.X), dump(x.Y))
	case *Unary:
		return fmt.Sprintf("(unary%c %s)", x.Op, dump(x.X))
	case *Ident:
		return "id:" + x.Name
	case *FieldRef:
		return "ref:" + x.Name
	case *Number:
		return fmt.Sprint(x.Value)
	case *Duration:
		return fmt.Sprint("d", x.Nanos)
	case *String:
		return "s:" + x.Raw
	case *Pattern:
		return "p:" + x.Raw
	case *Regexp:
		return "r:" + x.Raw
	case *Address:
		return "ip:" + x.Text
	case *Variable:
		return "var:" + x.Name
	case *List:
		var out []string
		for _, i := range x.Items {
			out = append(out, dump(i))
		}
		return "[" + strings.Join(out, " ") + "]"
	}
	return "?"
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		in, title string
		code      diag.Code
		from, to  int
	}{
		{"", "the expression is empty", diag.SECLSyntax, 0, 0},
		{"a &&", "the expression ends too early", diag.SECLSyntax, 4, 4},
		{"a b", "an operator is missing here", diag.SECLSyntax, 2, 3},
		{"a startswith \"x\"", "`startswith` is no operator of this language", diag.SECLSyntax, 2, 12},
		{"(a", "a parenthesis is not closed", diag.SECLSyntax, 0, 1},
		{"a)", "a closing parenthesis has no opening one", diag.SECLSyntax, 1, 2},
		{"a in []", "the list is empty", diag.SECLSyntax, 5, 7},
		{`a in ["x", 1]`, "the list mixes kinds of values", diag.SECLSyntax, 11, 12},
		{`a in ["x" "y"]`, "the list is not closed", diag.SECLSyntax, 5, 6},
		{`a in "x"`, "no list stands behind the operator", diag.SECLSyntax, 5, 8},
		{`a == ["x"]`, "a list stands where a single value is needed", diag.SECLSyntax, 5, 6},
		{`a = "x"`, "a single `=` is no operator", diag.SECLSyntax, 2, 3},
		{`a == 'x'`, "the character `'` begins nothing", diag.SECLSyntax, 5, 6},
		{`a == "x`, "a quotation mark is not closed", diag.SECLSyntax, 5, 7},
		{`a == "😀"`, "a text has a character above U+FFFF", diag.SECLSyntax, 5, 11},
		{`a == 1.5`, "`1.5` is no number of this language", diag.SECLSyntax, 5, 8},
		{`a == 1.2.3`, "`1.2.3` is no IP address or block", diag.SECLSyntax, 5, 10},
		{`a == 10.0.0.0/33`, "`10.0.0.0/33` is no IP address or block", diag.SECLSyntax, 5, 16},
		{`a < 5d`, "`5d` is no number and no duration", diag.SECLSyntax, 4, 6},
		{`a == 99999999999999999999`, "the number `99999999999999999999` is too large", diag.SECLSyntax, 5, 25},
		{`5 -3 == 2`, "an operator is missing before `-3`", diag.SECLSyntax, 2, 4},
		{`a ="x"`, "a single `=` is no operator", diag.SECLSyntax, 2, 3},
		{`a =~"x"`, "no blank stands between `=~` and the text", diag.SECLSyntax, 2, 4},
		{`${`, "a name in braces is missing or not closed", diag.SECLSyntax, 0, 2},
		{"in [1]", "the operator `in` has no value before it", diag.SECLSyntax, 0, 2},
		{"a\xff", "the expression is not valid UTF-8", diag.SECLSyntax, 1, 2},
		{strings.Repeat("(", 300), "the expression nests deeper than 200 levels", diag.SECLLimit, 200, 201},
		{strings.Repeat("!", 300) + "a", "the expression nests deeper than 200 levels", diag.SECLLimit, 200, 201},
		{strings.Repeat("a&&b||", 300) + "a", "the expression nests deeper than 200 levels", diag.SECLLimit, 601, 603},
		{strings.Repeat("a&&", 20000) + "a", "the expression has more than 10,000 terms", diag.SECLLimit, 29998, 30000},
		{strings.Repeat("a==", 300) + "a", "the expression nests deeper than 200 levels", diag.SECLLimit, 600, 601},
		{strings.Repeat("a+", 300) + "a", "the sum has more than 200 terms", diag.SECLLimit, 401, 402},
	} {
		t.Run(c.in[:min(len(c.in), 20)], func(t *testing.T) {
			x, ds := Parse("e", c.in)
			if x != nil || len(ds) == 0 {
				t.Fatalf("no fault: %s", dump(x))
			}
			d := ds[0]
			if d.Title != c.title || d.Code != c.code || d.Span.Start.Offset != c.from || d.Span.End.Offset != c.to || len(d.Help) == 0 {
				t.Errorf("got %v %q %d-%d help %q", d.Code, d.Title, d.Span.Start.Offset, d.Span.End.Offset, d.Help)
			}
		})
	}
}

func TestLexerReportsEveryFault(t *testing.T) {
	_, ds := Parse("e", "a = 1.5 &&\n b == 'x")
	if len(ds) != 3 || ds[2].Span.Start.Line != 2 {
		t.Errorf("got %v", ds)
	}
}

func TestRegisters(t *testing.T) {
	for in, want := range map[string]string{
		"process.ancestors[A].comm": "process.ancestors.comm process.ancestors A true",
		"process.comm":              "process.comm   true",
		"a[].b":                     "a[].b   false",
		"a.b[A]":                    "a.b[A]   false",
		"[A].b":                     "[A].b   false",
		"a[A].b[B].c":               "a[A].b[B].c   false",
	} {
		f, l, r, ok := SplitRegister(in)
		if got := fmt.Sprint(f, " ", l, " ", r, " ", ok); got != want {
			t.Errorf("%s splits into %q, want %q", in, got, want)
		}
	}
}

func anyText() *rapid.Generator[string] {
	return rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune("ab \"\\*${}%~r.^()[]|?+\n\t\x00😀é\u2028")), rapid.Rune()))
}

// TestTextRoundTrip: any string is refused by Text, or printed so that the parser reads exactly it.
func TestTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { textRoundTrip(t, anyText().Draw(t, "text")) })
}

// TestRegexpRoundTrip: for every valid string, Exactly gives a regular expression that matches it and not a longer or shorter one.
func TestRegexpRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		regexpRoundTrip(t, anyText().Draw(t, "text"), anyText().Draw(t, "other"))
	})
}

// FuzzQuote is both with the fuzzer's strings.
func FuzzQuote(f *testing.F) {
	for _, v := range []string{"", "net.exe", `C:\Windows\*`, `a "b" \"`, "~x", "${a}", "é\u00a0😀", "\x00\n", "^a|b$"} {
		f.Add(v, "other")
	}
	f.Fuzz(func(t *testing.T, v, other string) {
		textRoundTrip(t, v)
		if utf8.ValidString(v) && utf8.ValidString(other) {
			regexpRoundTrip(t, v, other)
		}
	})
}

type fataler interface{ Fatalf(string, ...any) }

func textRoundTrip(t fataler, v string) {
	s, err := Text(v)
	if err != nil {
		return
	}
	x, ds := Parse("e", "f == "+Print(s))
	if ds.HasErrors() || x.(*Compare).Y.(*String).Raw != v {
		t.Fatalf("%q was read back as %s; %v", v, dump(x), ds)
	}
}

func regexpRoundTrip(t fataler, v, other string) {
	r, err := Exactly(v)
	if err != nil {
		t.Fatalf("%q is refused: %v", v, err)
	}
	x, ds := Parse("e", "f == "+Print(r))
	if ds.HasErrors() {
		t.Fatalf("%s: %v", Print(r), ds)
	}
	re, err := regexp.Compile(x.(*Compare).Y.(*Regexp).Raw)
	if err != nil {
		t.Fatalf("%s: %v", Print(r), err)
	}
	if !re.MatchString(v) || re.MatchString(v+"x") || re.MatchString("x"+v) || other != v && re.MatchString(other) {
		t.Fatalf("%s does not match exactly %q", Print(r), v)
	}
}

func TestRegularExpression(t *testing.T) {
	for in, want := range map[string]string{
		`(?i)^net\.exe$`:      `r"(?i)^net\.exe$"`,
		`a"b`:                 `r"a\x22b"`,
		`a\"b`:                `r"a\x22b"`,
		`["\]]`:               `r"[\x22\]]"`,
		"a\nb":                `r"a\x0ab"`,
		"😀":                   `r"\x{1f600}"`,
		`\\"`:                 `r"\\\x22"`,
		`(?-i:[Kk])\p{Greek}`: `r"(?-i:[Kk])\p{Greek}"`,
		`é`:                   `r"é"`,
		"\u0085":              `r"\x85"`,
	} {
		r, err := RegularExpression(in)
		if err != nil || Print(r) != want {
			t.Errorf("%s prints as %v, %v; want %s", in, r, err, want)
		}
	}
	for _, in := range []string{`\Qa"b\E`, `a\`, "\xff", `\C`} {
		if r, err := RegularExpression(in); err == nil {
			t.Errorf("%s was printed as %s", in, Print(r))
		}
	}
}

func TestConstructors(t *testing.T) {
	f, err := Field("exec.file.name")
	if err != nil {
		t.Fatal(err)
	}
	text := func(v string) Expr {
		s, err := Text(v)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	must := func(x Expr, err error) Expr {
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	glob := func(pieces ...string) Expr { p, err := Glob(pieces...); return must(p, err) }
	list := func(items ...Expr) Expr { l, err := ListOf(items...); return must(l, err) }
	block := func(s string) Expr { b, err := Block(s); return must(b, err) }
	exactly := func(s string) Expr { r, err := Exactly(s); return must(r, err) }
	ms := func(n int64) Expr { d, err := Milliseconds(n); return must(d, err) }
	below, err := Below("/opt/")
	if err != nil {
		t.Fatal(err)
	}
	deep, err := Below("/", "/tmp/")
	if err != nil {
		t.Fatal(err)
	}
	eq := func(y Expr) Expr { return &Compare{Op: Equal, X: f, Y: y} }
	for _, c := range []struct {
		x    Expr
		want string
	}{
		{eq(text("v")), `exec.file.name == "v"`},
		{eq(text("a*b 10.0.0.0/8")), `exec.file.name == "a*b 10.0.0.0/8"`},
		{eq(exactly(`a"b\c*`)), `exec.file.name == r"^a\x22b\\c\*$"`},
		{eq(glob("a", "b")), `exec.file.name == ~"a*b"`},
		{eq(glob("", "x", "")), `exec.file.name == ~"*x*"`},
		{eq(below), `exec.file.name == ~"/opt/**"`},
		{eq(deep), `exec.file.name == ~"/*/tmp/**"`},
		{&Member{Op: NotIn, X: f, List: list(text("a"), exactly("b"))}, `exec.file.name not in ["a", r"^b$"]`},
		{&Member{Op: In, X: f, List: list(Integer(1), Integer(-2))}, `exec.file.name in [1, -2]`},
		{&Member{Op: In, X: f, List: list(block("10.1.2.3/8"), block("1.2.3.4"), block("2001:db8::1/32"))}, `exec.file.name in [10.0.0.0/8, 1.2.3.4/32, 2001:db8::/32]`},
		{All(f, Any(f, f), Not(eq(text("")))), `exec.file.name && (exec.file.name || exec.file.name) && exec.file.name != ""`},
		{All(All(f, f), Any(Any(f, f), f), nil), `exec.file.name && exec.file.name && (exec.file.name || exec.file.name || exec.file.name)`},
		{Not(&Compare{Op: NotEqual, X: f, Y: text("v")}), `exec.file.name == "v"`},
		{Not(&Compare{Op: Less, X: f, Y: Integer(5)}), `!(exec.file.name < 5)`},
		{Not(&Member{Op: In, X: f, List: list(Integer(1))}), `exec.file.name not in [1]`},
		{Not(Not(&Member{Op: In, X: f, List: list(Integer(1))})), `exec.file.name in [1]`},
		{Not(&Member{Op: AllIn, X: f, List: list(Integer(1))}), `!(exec.file.name allin [1])`},
		{Not(Not(f)), `exec.file.name`},
		{&Compare{Op: Equal, X: f, Y: Truth(true)}, `exec.file.name == true`},
		{Any(f, All(f, f)), `exec.file.name || (exec.file.name && exec.file.name)`},
		{Not(f), `!exec.file.name`},
		{All(f), `exec.file.name`},
		{&Compare{Op: Less, X: f, Y: ms(5000)}, `exec.file.name < 5s`},
		{&Compare{Op: Less, X: f, Y: ms(3600000)}, `exec.file.name < 1h`},
		{&Compare{Op: Less, X: f, Y: ms(1500)}, `exec.file.name < 1500ms`},
		{&Compare{Op: Less, X: f, Y: ms(0)}, `exec.file.name < 0ms`},
	} {
		if got := Print(c.x); got != c.want {
			t.Errorf("printed %s, want %s", got, c.want)
		}
		x, ds := Parse("e", c.want)
		if ds.HasErrors() || dump(x) != dump(c.x) {
			t.Errorf("%s reads as %s, built %s; %v", c.want, dump(x), dump(c.x), ds)
		}
	}
	for _, v := range []string{`a\b`, `a"b`, "a\nb", "😀", "${x}", "%{x}", "\xff"} {
		if s, err := Text(v); err == nil {
			t.Errorf("%q was printed as %s", v, Print(s))
		}
	}
	for _, ps := range [][]string{{"a*", "b"}, {"a", "", "b"}, {`a\`, ""}} {
		if p, err := Glob(ps...); err == nil {
			t.Errorf("%q was printed as %s", ps, Print(p))
		}
	}
	for _, n := range []string{"", "1a", "a b", "a[].b", "é", "a[A]"} {
		if _, err := Field(n); err == nil {
			t.Errorf("the field %q was accepted", n)
		}
	}
	if _, err := ListOf(); err == nil {
		t.Error("an empty list was accepted")
	}
	if _, err := ListOf(Integer(1), text("a")); err == nil {
		t.Error("a mixed list was accepted")
	}
	if _, err := Block("10.0.0"); err == nil {
		t.Error("a broken block was accepted")
	}
	if All() != nil || Any() != nil {
		t.Error("nothing joined is something")
	}
}

func TestMacroText(t *testing.T) {
	for _, in := range []string{`[ "/etc/shadow", "/etc/passwd" ]`, `open.file.path in [ "a" ]`, `S_IXUSR | S_IXGRP`} {
		if _, ds := ParseMacro("m", in); ds.HasErrors() {
			t.Errorf("%s: %v", in, ds)
		}
	}
	if _, ds := ParseMacro("m", `[ 1`); !ds.HasErrors() {
		t.Error("an unclosed list is a macro")
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range printed {
		f.Add(c.in)
	}
	f.Add(`a in [ ~"x", r"\"", "😀" ] || ::1/0 == ${a} - 5ms % #`)
	f.Fuzz(func(t *testing.T, src string) {
		x, ds := Parse("e", src)
		if ds.HasErrors() {
			return
		}
		out := Print(x)
		again, ds := Parse("e", out)
		if ds.HasErrors() || dump(again) != dump(x) || Print(again) != out {
			t.Fatalf("%q prints as %q, reads back as %s, was %s; %v", src, out, dump(again), dump(x), ds)
		}
	})
}

const benchExpr = `exec.file.name in ["useradd", "newusers", "adduser"] && exec.tty_name != "" && process.ancestors.file.path not in ["/usr/bin/apt", ~"/opt/**"] && exec.args_flags not in ["D"]`

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ds := Parse("e", benchExpr); ds != nil {
			b.Fatal(ds)
		}
	}
}

func BenchmarkPrint(b *testing.B) {
	x, _ := Parse("e", benchExpr)
	b.ReportAllocs()
	for b.Loop() {
		Print(x)
	}
}
