package syntax_test

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/diag"
)

// accepted rows: a query as somebody may write it, and its canonical form; "" when it is canonical already.
var accepted = []struct{ name, text, want string }{
	{"event", `process where process.name == "cmd.exe"`, ""},
	{"any", `any where true`, ""},
	{"quoted category", `"my-event.category" where true`, ""},
	{"raw quoted category", `"""6 cat""" where true`, `"6 cat" where true`},
	{"plain category in quotes", `"process" where true`, `process where true`},
	{"reserved word as category", `"sequence" where true`, ""},
	{"not binds tighter than and", `any where not a == 1 and b == 2`, ""},
	{"and binds tighter than or", `any where a == 1 and b == 2 or c == 3`, `any where (a == 1 and b == 2) or c == 3`},
	{"or in and", `any where (a == 1 or b == 2) and c == 3`, ""},
	{"chains flatten", `any where (a == 1 and b == 2) and (c == 3 and d == 4)`, `any where a == 1 and b == 2 and c == 3 and d == 4`},
	{"double negation", `any where not not a`, ""},
	{"not over or", `any where not (a or b)`, ""},
	{"needless parentheses", `any where ((((a))) == (1))`, `any where a == 1`},
	{"comparison of a test", `any where (a == 1) == true`, ""},
	{"null", `any where ?a != null and b == null`, ""},
	{"constant on the left", `any where 0 <= exit_code`, ""},
	{"numbers", `any where a in (1, 1.5, .5, 1e3, 2., 3E-2, 9223372036854775808)`, ""},
	{"signs", `any where a == -1 and b == +1 and - -c == 1`, `any where a == -1 and b == +1 and --c == 1`},
	{"arithmetic", `any where a + b * c - d / 2 % 3 == 1`, ""},
	{"arithmetic groups", `any where (a + b) * (c - (d - e)) == 1`, ""},
	{"left association", `any where (a - b) - c == 1`, `any where a - b - c == 1`},
	{"sign of a group", `any where -(a + 1) == 2`, ""},
	{"in", `any where a in ("x", "y") and b not in (1) and not c in~ ("z")`, ""},
	{"not in~", `any where a not in~ ("x")`, ""},
	{"in binds tighter than plus", `any where 1 + a in (2)`, `any where 1 + (a in (2))`},
	{"in of a sum", `any where (1 + a) in (2)`, ""},
	{"colon", `any where a : "x*"`, ""},
	{"colon list of one", `any where a : ("x")`, `any where a : "x"`},
	{"string operators", `any where a : ("x", "y") and b like "z" and c like~ ("u", "v") and d regex "w" and e regex~ ("s", "t")`, ""},
	{"test of a call", `any where string(pid) : "1?"`, ""},
	{"test of a constant", `any where "abc" : "A*"`, ""},
	{"functions", `any where startsWith~(a, "x") and length(b) > 3 and cidrMatch(c, "10.0.0.0/8", "::1") and f()`, ""},
	{"nested calls", `any where startsWith(substring(a, 0, length(b) - 1), concat(c, "."))`, ""},
	{"condition as argument", `any where string(a == 1 or b) == "true"`, ""},
	{"dotted fields", "any where a.b.c == @timestamp", ""},
	{"blanks around dots", "any where a . b == 1", "any where a.b == 1"},
	{"quoted segment", "any where a.`b-c`.d == 1", ""},
	{"quoted path", "any where `a.b` == 1", "any where a.b == 1"},
	{"quoted path with odd dots", "any where `a..b` == `.` and `c.` == 1", ""},
	{"reserved word as field", "any where `sequence` == 1 and a.`in`.b == 2", ""},
	{"back-quote in a name", "any where `a``b` == 1", ""},
	{"digit segment", "any where a.`0`.b == 1", ""},
	{"optional", "any where ?a.b == 1 and ?`c-d` == null", ""},
	{"escapes", `any where a == "\b\t\n\f\r\"\'\\\u{202E}\u{0001F600}"`, `any where a == "\u{08}\t\n\u{0c}\r\"'\\\u{202e}😀"`},
	{"backslash before a wildcard", `any where a : "*\\foo\\*"`, ""},
	{"raw string", `any where a == """C:\x "y"""" and b == 1`, `any where a == "C:\\x \"y\"" and b == 1`},
	{"raw string ending in quotes", `any where a == """x"""""`, `any where a == "x\"\""`},
	{"empty strings", `any where a == "" and b == """"""`, `any where a == "" and b == ""`},
	{"raw regex", `any where a regex """.*\\[0-9]+\.exe"""`, ""},
	{"regex with a quote at the end", `any where a regex ".*\\\""`, ""},
	{"comment marks in strings", `any where a == "x//y" and b == "/*" and c == "*/"`, ""},
	{"line comment", "any where // all\n a == 1 // end", "any where a == 1"},
	{"nested comment", "any where /* a /* b */ c */ a == 1", "any where a == 1"},
	{"path in a comment", "any where /* /tmp/* and more */ a == 1", "any where a == 1"},
	{"pipes", "any where true\n| head 10\n| tail 5", ""},
	{"sequence", "sequence [a where true] [b where true]", "sequence\n  [a where true]\n  [b where true]"},
	{
		"sequence with all", "sequence by h, ?u with maxspan = 30 s [a where x == 1] by k with runs=3 ![b where y == 2] by l [c where true] by `m n` until [d where true] by k",
		"sequence by h, ?u with maxspan=30s\n  [a where x == 1] by k with runs=3\n  ![b where y == 2] by l\n  [c where true] by `m n`\nuntil [d where true] by k",
	},
	{"maxspan first", "sequence with maxspan=5m [a where true] [b where true]", "sequence with maxspan=5m\n  [a where true]\n  [b where true]"},
	{"one term with runs", "sequence by u [a where true] with runs=10", "sequence by u\n  [a where true] with runs=10"},
	{"missing at the end", "sequence by u with maxspan=1d [a where true] ![b where true]", "sequence by u with maxspan=1d\n  [a where true]\n  ![b where true]"},
	{"sequence with pipe", "sequence [a where true] [b where true] | tail 2", "sequence\n  [a where true]\n  [b where true]\n| tail 2"},
	{"sample", "sample by host [a where true] [b where x : \"y\"]", "sample by host\n  [a where true]\n  [b where x : \"y\"]"},
	{"sample with keys per event", "sample [a where true] by x [b where true] by y", "sample\n  [a where true] by x\n  [b where true] by y"},
	{"words that are no keywords", "head where tail == runs and where_ == 1", ""},
}

func TestAccepted(t *testing.T) {
	for _, c := range accepted {
		t.Run(c.name, func(t *testing.T) {
			q, diags := syntax.Parse("test", c.text)
			if diags.HasErrors() {
				t.Fatal(diags[0].Brief())
			}
			want := c.want
			if want == "" {
				want = c.text
			}
			if got := syntax.Print(q); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			roundTrip(t, q)
		})
	}
}

// refused rows: a query, and a part of the first fault's title, of its help, and the text that it marks.
var refused = []struct{ name, text, title, help, mark string }{
	{"empty", ``, "the query is empty", "process where", ""},
	{"no category", `process.name == "x"`, "`where` is missing", "any where", "."},
	{"no condition", `process where`, "ends too early", "", ""},
	{"single equals", `any where a = 1`, "`=` does not compare", "`==`", "="},
	{"chained comparison", `any where a < b <= c`, "do not chain", "`and`", "<="},
	{"single quotes", `any where a == 'x'`, "single quotes", `"…"`, "'x'"},
	{"old raw string", `any where a == ?"x\y"`, "raw string form", `"""…"""`, `?"x\y"`},
	{"regex escape in a plain string", `any where a regex~ ".*\d+\.exe"`, "`\\d` is not an escape sequence", "raw string", `\d`},
	{"escaped wildcard", `any where a : "x\*"`, "`\\*` is not an escape sequence", "wildcards cannot be escaped", `\*`},
	{"escaped slash", `any where a regex "\/"`, "`\\/` is not an escape", "", `\/`},
	{"open string", "any where a == \"x\nand b == 1", "not closed on its line", `\n`, `"x`},
	{"open raw string", "any where a == \"\"\"x\n\"\"\"", "not closed on its line", "line breaks", `"""x`},
	{"short unicode escape", `any where a == "\u{4}"`, "two to eight hexadecimal digits", "", `\u{`},
	{"surrogate escape", `any where a == "\u{d800}"`, "U+D800 is not a character", "", `\u{d800}`},
	{"hyphenated field", `any where my-field == 1 and user.name-x : "y"`, "", "", ""}, // parses as a subtraction, see TestHyphen
	{"bare keyword", `any where "mimikatz" "x"`, "a string does not continue the query", "`and`", `"x"`},
	{"number in like~", `any where a like~ (1234, 5678)`, "`like~` compares strings, and 1234 is a number", "`in`", "1234"},
	{"number behind colon", `any where a : 5`, "`:` compares strings, and 5 is a number", "`==`", "5"},
	{"boolean behind colon", `any where a : true`, "`true` is a boolean", "== true", "true"},
	{"null behind colon", `any where a : null`, "not null", "== null", "null"},
	{"field behind colon", `any where a : b`, "needs a string constant", "startsWith", "b"},
	{"postfix not like", `any where a not like "x"`, "only `in` can be negated", "`not` in front", "not like"},
	{"postfix not colon", `any where a not : "x"`, "only `in` can be negated", "`not field : …`", "not :"},
	{"negated colon", `any where a !: "x"`, "no operator `!:`", "not f", "!:"},
	{"insensitive equals", `any where a ==~ "x"`, "no operator `==~`", "in~", "==~"},
	{"ampersands", `any where a == 1 && b == 2`, "no operator `&&`", "`and`", "&&"},
	{"bars", `any where a == 1 || b == 2`, "a pipe has no name", "", "|"},
	{"reserved word", `any where in == 1`, "not the word `in`", "`in`", "in"},
	{"reserved segment", `any where a.in == 1`, "a field name is expected here", "`in`", "in"},
	{"digit segment", `any where a.0 == 1`, "begins with a digit", "`0`", ".0"},
	{"array index", `any where a[0] == 1`, "cannot be picked by position", "any element", "[0]"},
	{"empty list", `any where a in ()`, "the list of `in` is empty", "", ")"},
	{"trailing comma", `any where a in (1, )`, "missing behind the comma", "remove", ")"},
	{"list behind equals", `any where a == (1, 2)`, "a list may stand only behind", "", ","},
	{"open parenthesis", `any where (a == 1`, "`)` is missing", "", ""},
	{"stray parenthesis", `any where a == 1)`, "`)` does not continue", "remove it", ")"},
	{"stray word", `any where a == 1 b == 2`, "`b` does not continue", "`and`", "b"},
	{"upper-case operator", `any where a == 1 AND b == 2`, "`AND` does not continue", "`and`", "AND"},
	{"join", `join by a [b where true] [c where true]`, "`join` is not supported", "sample", "join"},
	{"child of", `process where child of [process where true]`, "`of` does not continue", "sequence joined", "of"},
	{"fork", `sequence [a where true] fork [b where true]`, "`fork` is not supported", "", "fork"},
	{"one stage", `sequence by u [a where true]`, "at least two events", "runs=2", ""},
	{"only missing", `sequence with maxspan=1m ![a where true] ![b where true]`, "needs an event that happens", "", ""},
	{"missing without maxspan", `sequence [a where true] ![b where true]`, "a missing event needs a maxspan", "maxspan=5m", "![b where true]"},
	{"key counts", `sequence by h [a where true] by k [b where true]`, "this event has 1 join key, the first one has 2 join keys", "same number", "[b where true]"},
	{"until keys", `sequence by h [a where true] [b where true] until [c where true] by k`, "2 join keys", "", "[c where true] by k"},
	{"by behind with", `sequence with maxspan=1m by h [a where true] [b where true]`, "`by` stands behind", "", "by"},
	{"maxspan without unit", `sequence with maxspan=30 [a where true] [b where true]`, "maxspan has no unit", "maxspan=30s", "30"},
	{"maxspan unit", `sequence with maxspan=30w [a where true] [b where true]`, "no unit `w`", "ms, s, m, h and d", "w"},
	{"maxspan fraction", `sequence with maxspan=1.5h [a where true] [b where true]`, "positive whole number", "", "1.5"},
	{"maxspan zero", `sequence with maxspan=0s [a where true] [b where true]`, "must be positive", "", "0s"},
	{"maxspan overflow", `sequence with maxspan=99999999999999d [a where true] [b where true]`, "too long", "", "99999999999999d"},
	{"runs zero", `sequence [a where true] with runs=0 [b where true]`, "out of range", "1 to 100", "0"},
	{"runs too large", `sequence [a where true] with runs=101`, "out of range", "1 to 100", "101"},
	{"runs on until", `sequence [a where true] [b where true] until [c where true] with runs=2`, "only behind the events of a sequence", "", "with runs"},
	{"missing until", `sequence [a where true] [b where true] until ![c where true]`, "may stand only among", "", "!["},
	{"sample without keys", `sample [a where true] [b where true]`, "a sample needs a join key", "by host.id", ""},
	{"sample of six", `sample by h [a where true] [a where true] [a where true] [a where true] [a where true] [f where true]`, "at most 5", "", "[f where true]"},
	{"sample with maxspan", `sample by h with maxspan=1m [a where true] [b where true]`, "no `with maxspan`", "", "with"},
	{"sample with runs", `sample by h [a where true] with runs=2 [b where true]`, "only behind the events of a sequence", "", "with runs"},
	{"sample with pipe", `sample by h [a where true] [b where true] | head 1`, "pipes do not follow a sample", "size", "| head 1"},
	{"old pipe", `process where true | unique user.name`, "the pipe `unique` is not supported", "`head`", "unique"},
	{"count pipe", `process where true | count`, "the pipe `count` is not supported", "", "count"},
	{"unknown pipe", `process where true | heat 5`, "there is no pipe `heat`", "`head`", "heat"},
	{"pipe without number", `process where true | head`, "needs a whole number", "", ""},
	{"pipe fraction", `process where true | head 1.5`, "needs a whole number", "", "1.5"},
	{"function as key", `sequence by length(a) [a where true] [b where true]`, "a join key is a field", "", "("},
	{"endpoint variable", `any where $x == 1`, "'$' does not belong", "Endpoint", "$"},
	{"no-break space", "any where\u00a0true", "does not belong", "ordinary blank", "\u00a0"},
	{"open comment", "any where true /* x", "this comment is never closed", "`*/`", "/*"},
	{"open name", "any where `a == 1", "never closed", "", "`a == 1"},
	{"not as operand", `any where a == not b`, "`not` applies to a whole condition", "parentheses", "not"},
	{"invalid UTF-8", "any where a == \"\xff\"", "not valid UTF-8", "", ""},
	{"tilde without call", `any where startsWith~ == 1`, "without arguments", "", "startsWith~"},
}

func TestRefused(t *testing.T) {
	for _, c := range refused {
		if c.title == "" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			q, diags := syntax.Parse("test", c.text)
			if q != nil || !diags.HasErrors() {
				t.Fatal("accepted")
			}
			d := diags[0]
			if !strings.Contains(d.Title, c.title) {
				t.Errorf("title %q, want %q", d.Title, c.title)
			}
			if !strings.Contains(strings.Join(d.Help, "\n"), c.help) {
				t.Errorf("help %q, want %q", d.Help, c.help)
			}
			if mark := marked(c.text, d.Span); c.mark != "" && mark != c.mark {
				t.Errorf("marks %q, want %q", mark, c.mark)
			}
		})
	}
}

func marked(text string, s diag.Span) string {
	return text[s.Start.Offset:s.End.Offset]
}

// TestHyphen shows what a field name with a hyphen is without back-quotes: a subtraction, which no type check passes.
func TestHyphen(t *testing.T) {
	x, diags := syntax.ParseExpr("test", "my-field : \"y\"")
	if diags.HasErrors() {
		t.Fatal(diags[0].Brief())
	}
	if _, ok := x.(*syntax.Arith); !ok {
		t.Errorf("got %T", x)
	}
}

// TestManyFaults demands that faults in different events, lists and pipes are all reported, in order.
func TestManyFaults(t *testing.T) {
	text := `sequence by h
  [a where x : 1 and y : (2, "c", 3)]
  [b where and]
  [c where z == 'q']
until [d where (]
| sort x | head y`
	_, diags := syntax.Parse("test", text)
	var got []string
	for _, d := range diags {
		got = append(got, marked(text, d.Span))
	}
	want := "1,2,3,and,'q',],sort,y"
	if s := strings.Join(got, ","); s != want {
		t.Errorf("marks %s, want %s", s, want)
	}
}

func TestNesting(t *testing.T) {
	for name, text := range map[string]string{
		"parentheses":    "any where " + strings.Repeat("(", 3_000_000),
		"brackets, less": "any where " + strings.Repeat("(", 900_000),
		"not":            "any where " + strings.Repeat("not ", 250_000) + "a",
		"signs":          "any where 1 == " + strings.Repeat("-", 900_000) + "a",
		"calls":          "any where " + strings.Repeat("f(", 500_000),
		"sums":           "any where 1 == 1" + strings.Repeat("+1", 500_000),
		"lists":          "any where " + strings.Repeat("a in (", 150_000),
		"comments":       strings.Repeat("/*", 500_000),
		"brackets":       "sequence " + strings.Repeat("[", 900_000),
	} {
		if _, diags := syntax.Parse("test", text); !diags.HasErrors() {
			t.Errorf("%s: accepted", name)
		}
	}
	deep := "any where " + strings.Repeat("(", 190) + "a" + strings.Repeat(")", 190)
	if _, diags := syntax.Parse("test", deep); diags.HasErrors() {
		t.Error("190 levels are refused: ", diags[0].Brief())
	}
	wide := "any where a" + strings.Repeat(" and a", 10_000)
	if _, diags := syntax.Parse("test", wide); diags.HasErrors() {
		t.Error("a wide condition is refused: ", diags[0].Brief())
	}
	if _, diags := syntax.Parse("test", "any where a == \""+strings.Repeat("x", 2<<20)+"\""); !diags.HasErrors() {
		t.Error("two megabytes are accepted")
	}
}

// TestBreaking shows how long conditions are laid out.
func TestBreaking(t *testing.T) {
	long := strings.Repeat("x", 50)
	q, diags := syntax.Parse("test", `sequence by h [process where a == "`+long+`" and (b or c) and d == "`+long+`"] [b where true]`)
	if diags.HasErrors() {
		t.Fatal(diags[0].Brief())
	}
	want := "sequence by h\n  [process where a == \"" + long + "\"\n    and (b or c)\n    and d == \"" + long + "\"]\n  [b where true]"
	if got := syntax.Print(q); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	roundTrip(t, q)
}
