package syntax

import (
	"fmt"
	"strings"
	"testing"
)

// exprOf parses one expression, as the condition of a WHERE.
func exprOf(t *testing.T, text string) Expr {
	t.Helper()
	q, ds := Parse("q", "ROW a = 1 | WHERE "+text)
	if len(ds) > 0 {
		t.Fatalf("%s: %v", text, ds)
	}
	return q.Commands[1].(*Where).Cond
}

// shape writes an expression with all its parentheses.
func shape(x Expr) string {
	list := func(xs []Expr) string {
		out := make([]string, len(xs))
		for i, x := range xs {
			out[i] = shape(x)
		}
		return strings.Join(out, " ")
	}
	not := func(n bool) string {
		if n {
			return "not-"
		}
		return ""
	}
	switch x := x.(type) {
	case *Null:
		return "null"
	case *Bool:
		return fmt.Sprint(x.Value)
	case *Num:
		return x.Text
	case *Str:
		return fmt.Sprintf("%q", x.Value)
	case *Glob:
		return "glob:" + x.Text
	case *Regex:
		return "re:" + x.Text
	case *TimeSpan:
		return x.Count + x.Unit
	case *List:
		return "[" + list(x.Items) + "]"
	case *Column:
		return x.Name
	case *Unary:
		return "(" + [...]string{Neg: "neg", Not: "not"}[x.Op] + " " + shape(x.X) + ")"
	case *Binary:
		return "(" + strings.ToLower(x.Op.String()) + " " + shape(x.X) + " " + shape(x.Y) + ")"
	case *In:
		return "(" + not(x.Not) + "in " + shape(x.X) + " " + list(x.Items) + ")"
	case *IsNull:
		return "(" + not(x.Not) + "null " + shape(x.X) + ")"
	case *Like:
		return "(" + not(x.Not) + "like " + shape(x.X) + " " + list(x.Patterns) + ")"
	case *RLike:
		return "(" + not(x.Not) + "rlike " + shape(x.X) + " " + list(x.Patterns) + ")"
	case *Match:
		return "(match " + x.Field.Name + " " + shape(x.Query) + ")"
	case *Call:
		star := ""
		if x.Star {
			star = "*"
		}
		return x.Name + "(" + star + list(x.Args) + ")"
	case *Cast:
		return "(" + x.Type + " " + shape(x.X) + ")"
	}
	return "?"
}

func TestPrecedence(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a OR b AND c", "(or a (and b c))"},
		{"a AND b OR c", "(or (and a b) c)"},
		{"NOT a AND b", "(and (not a) b)"},
		{"NOT a == b", "(not (== a b))"},
		{"NOT NOT a", "(not (not a))"},
		{"NOT a IN (1)", "(not (in a 1))"},
		{"a == b IS NULL", "(null (== a b))"},
		{"a + b IS NOT NULL", "(not-null (+ a b))"},
		{"a - b - c == d", "(== (- (- a b) c) d)"},
		{"a - (b - c)", "(- a (- b c))"},
		{"a + b * c % d", "(+ a (% (* b c) d))"},
		{"-a * b", "(* (neg a) b)"},
		{"- -5", "(neg -5)"},
		{"-5 + 3", "(+ -5 3)"},
		{"-5::long", "(neg (long 5))"},
		{"(-5)::long", "(long -5)"},
		{"a::int + 1", "(+ (int a) 1)"},
		{"-1 day", "(neg 1day)"},
		{"NOW() - 5m", "(- NOW() 5m)"},
		{"a NOT LIKE \"x*\" AND b", "(and (not-like a glob:x*) b)"},
		{"a LIKE (\"x*\", \"y?\")", "(like a glob:x* glob:y?)"},
		{"a LIKE concat(\"x\", \"*\")", "(like a concat(\"x\" \"*\"))"},
		{"a RLIKE \"x.*\" OR a NOT RLIKE (\"y\")", "(or (rlike a re:x.*) (not-rlike a re:y))"},
		{"f : \"x\" AND g::keyword : 5", "(and (match f \"x\") (match g 5))"},
		{"COUNT(*) > 1", "(> COUNT(*) 1)"},
		{"first(a, @timestamp) == last(a, @timestamp)", "(== first(a @timestamp) last(a @timestamp))"},
		{"a.`b-c`.d == `x``y`", "(== a.b-c.d x`y)"},
		{"a IN (1, b + 2, null)", "(in a 1 (+ b 2) null)"},
		{"mv == [1, -2, +3]", "(== mv [1 -2 3])"},
		{"a AND (b OR c)", "(and a (or b c))"},
		{"a <= 1 AND 1 >= a AND a != 1 AND a < 1", "(and (and (and (<= a 1) (>= 1 a)) (!= a 1)) (< a 1))"},
		{"TRUE and not False or NULL is null", "(or (and true (not false)) (null null))"},
	} {
		if got := shape(exprOf(t, c.text)); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestStrings(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`"a\"b\\c\n\r\td"`, "a\"b\\c\n\r\td"},
		{`"""a\d"b"""`, `a\d"b`},
		{`"""ends with two quotes"""""`, `ends with two quotes""`},
		{`"""a""""`, `a"`},
		{`""`, ""},
		{`""""""`, ""},
		{"\"ä😀\x01\"", "ä😀\x01"},
	} {
		if s, ok := exprOf(t, c.text).(*Str); !ok || s.Value != c.want {
			t.Errorf("%s is %v, want %q", c.text, s, c.want)
		}
	}
}

// TestCanonical: the text on the left prints as the text on the right, which prints as itself.
func TestCanonical(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"from logs-*,x metadata _id,_index|where a==1", "FROM logs-*, x METADATA _id, _index\n| WHERE a == 1"},
		{"FROM \"a b\" | LIMIT 10", "FROM \"a b\"\n| LIMIT 10"},
		{"FROM a [METADATA _id]", "FROM a METADATA _id"},
		{"row a=1 // c\n| /* x /* y */ */ keep a", "ROW a = 1\n| KEEP a"},
		{"ROW a = 1 | EVAL b=a+1, a*2, `c d`=3", "ROW a = 1\n| EVAL b = a + 1, `a*2` = a * 2, `c d` = 3"},
		{"ROW a = 1 | EVAL a * 2", "ROW a = 1\n| EVAL a * 2"},
		{"ROW a = 1 | stats count(*), x=max(a) where a>1, min(a) by a, b=a%2", "ROW a = 1\n| STATS count(*), x = max(a) WHERE a > 1, min(a) BY a, b = a % 2"},
		{"ROW a = 1 | stats by a", "ROW a = 1\n| STATS BY a"},
		{"ROW a = 1 | inlinestats m=max(a)", "ROW a = 1\n| INLINE STATS m = max(a)"},
		{"ROW a = 1 | INLINE stats m=max(a) by a", "ROW a = 1\n| INLINE STATS m = max(a) BY a"},
		{"ROW a = 1 | keep a*, `b c`, *.x, by | drop first", "ROW a = 1\n| KEEP a*, `b c`, *.x, `by`\n| DROP `first`"},
		{"ROW a = 1 | rename a as b, d = c", "ROW a = 1\n| RENAME a AS b, c AS d"},
		{"ROW a = 1 | sort a desc nulls last, b asc, c nulls first", "ROW a = 1\n| SORT a DESC NULLS LAST, b ASC, c NULLS FIRST"},
		{"ROW a = 1 | limit 3 by a, b", "ROW a = 1\n| LIMIT 3 BY a, b"},
		{"ROW a = 1 | mv_expand a", "ROW a = 1\n| MV_EXPAND a"},
		{"ROW a = 1 | dissect a \"%{x} %{y}\" append_separator=\",\"", "ROW a = 1\n| DISSECT a \"%{x} %{y}\" APPEND_SEPARATOR = \",\""},
		{"ROW a = 1 | grok concat(a, b) \"%{WORD:x}\", \"y\"", "ROW a = 1\n| GROK concat(a, b) \"%{WORD:x}\", \"y\""},
		{"ROW a = 1 | enrich p on a with x = b, c", "ROW a = 1\n| ENRICH p ON a WITH x = b, c"},
		{"ROW a = 1 | enrich _any:p", "ROW a = 1\n| ENRICH _any:p"},
		{"ROW a = 1 | lookup join t on a, b", "ROW a = 1\n| LOOKUP JOIN t ON a, b"},
		{"ROW a = 1 | lookup join t on x == y and z >= w", "ROW a = 1\n| LOOKUP JOIN t ON x == y AND z >= w"},
		{"ROW a = 1 | sample 0.5", "ROW a = 1\n| SAMPLE 0.5"},
		{"ROW a = 1 | fork (where a > 1 | limit 2) (stats count(*))", "ROW a = 1\n| FORK\n  (WHERE a > 1 | LIMIT 2)\n  (STATS count(*))"},
		{"from a, (from b | where x == 1)", "FROM a, (FROM b | WHERE x == 1)"},
		{"set unmapped_fields=\"nullify\"; row a = 1", "SET unmapped_fields = \"nullify\";\nROW a = 1"},
		{"ROW a = 1 | WHERE a like \"x\\\\*y\"", "ROW a = 1\n| WHERE a LIKE \"\"\"x\\*y\"\"\""},
		{"ROW a = to_ip(\"1.1.1.1\", {\"leading_zeros\":\"octal\"})", "ROW a = to_ip(\"1.1.1.1\", {\"leading_zeros\": \"octal\"})"},
		{"ROW a = 5m | WHERE (a) AND ((b))", "ROW a = 5 m\n| WHERE a AND b"},
	} {
		q, ds := Parse("q", c.text)
		if len(ds) > 0 {
			t.Errorf("%s: %v", c.text, ds)
			continue
		}
		got := Print(q)
		if got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
		again, ds := Parse("q", got)
		if len(ds) > 0 || Print(again) != got {
			t.Errorf("%s is no fixed point: %v", got, ds)
		}
	}
}

// TestImplicitNames: a column without a name is called as its text is written, and printing keeps that name.
func TestImplicitNames(t *testing.T) {
	for _, c := range []struct{ text, name string }{
		{"STATS couNt(*)", "couNt(*)"},
		{"STATS MIN(salary  * 10)", "MIN(salary  * 10)"},
		{"STATS count(`a b`)", "count(`a b`)"},
		{"STATS count(*) WHERE x  > 1", "count(*) WHERE x  > 1"},
		{"STATS BY `a`.b", "a.b"},
		{"EVAL (a + 1)", "(a + 1)"},
	} {
		for _, text := range []string{c.text, ""} {
			if text == "" {
				q, _ := Parse("q", "ROW a = 1 | "+c.text)
				text = strings.TrimPrefix(Print(q), "ROW a = 1\n| ")
			}
			q, ds := Parse("q", "ROW a = 1 | "+text)
			if len(ds) > 0 {
				t.Errorf("%s: %v", text, ds)
				continue
			}
			var fields []Field
			switch x := q.Commands[1].(type) {
			case *Stats:
				fields = append(x.Aggs, x.By...)
			case *Eval:
				fields = x.Fields
			case *Dissect, *Drop, *Enrich, *Fork, *From, *Grok, *Keep, *Limit, *LookupJoin, *MvExpand, *Rename, *Row, *Sample, *Sort, *Where:
			}
			if len(fields) != 1 || fields[0].Name != c.name {
				t.Errorf("%s names %+v, want %q", text, fields, c.name)
			}
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, c := range []struct{ text, title, at, help string }{
		{"", "the query is empty", "1:1", "FROM or ROW"},
		{"WHERE a == 1", "begins with FROM or ROW", "1:1", "FROM index | WHERE"},
		{"FROM a | WERE b", "there is no command WERE", "1:10", "WHERE"},
		{"FRM a", "there is no command FRM", "1:1", "FROM"},
		{"FROM a | FROM b", "stands only at the beginning", "1:10", ""},
		{"FROM a | COMPLETION x = y", "the command COMPLETION is not supported", "1:10", "cannot be repeated"},
		{"FROM a | WHERE b = 1", "= only gives names", "1:18", "=="},
		{"FROM a | WHERE b == 'x'", "strings stand in double quotes", "1:21", "\"…\""},
		{`FROM a | WHERE b RLIKE "\d+"`, `the escape \d does not exist`, "1:25", `"""`},
		{`FROM a | WHERE b LIKE "x\*"`, `the escape \* does not exist`, "1:25", `"""`},
		{"FROM a | WHERE b == \"x", "this string does not end", "1:21", "\""},
		{"FROM a | WHERE b == \"\"\"x", "does not end on its line", "1:21", ""},
		{"FROM a | WHERE b == c == d", "comparisons cannot be chained", "1:23", "AND"},
		{"FROM a | WHERE b &&  c", "no operator &&", "1:18", "AND"},
		{"FROM a | WHERE b || c", "no operator ||", "1:18", "OR"},
		{"FROM a | WHERE !b", "no operator !", "1:16", "NOT"},
		{"FROM a | WHERE b <> c", "no operator <>", "1:18", "!="},
		{"FROM a | WHERE b =~ \"x\"", "no operator =~", "1:18", "TO_LOWER"},
		{"FROM a | WHERE b IN ()", "the list is empty", "1:22", ""},
		{"FROM a | WHERE b IN 5", "expected ( after IN", "1:21", "IN (a, b)"},
		{"FROM a | WHERE first == 1", "expected a value", "1:16", "`first`"},
		{"FROM a | WHERE a.0 == 1", "begins with a digit", "1:17", "`a.0`"},
		{"FROM a | WHERE (b == 1", "expected ) to close", "1:23", "the query ends here"},
		{"FROM a | WHERE b == 5 parsecs", "parsecs is no unit of time", "1:23", "minutes"},
		{"FROM a | WHERE b == ?p", "the query has the parameter ?p", "1:21", ""},
		{"FROM a | LIMIT x", "expected a constant", "1:16", ""},
		{"FROM a | RENAME a* AS b", "RENAME takes no wildcards", "1:17", ""},
		{"FROM a | SORT b NULLS", "expected FIRST or LAST", "1:22", ""},
		{"FROM a | STATS c = COUNT(*", "expected ) after the arguments of COUNT", "1:27", ""},
		{"FROM a | WHERE b == [1, \"x\"]", "of one kind", "1:25", ""},
		{"FROM a | WHERE b NOT NULL", "expected IN, LIKE or RLIKE after NOT", "1:22", ""},
		{"FROM a | WHERE b IS 5", "expected NULL after IS", "1:21", ""},
		{"FROM a | DISSECT b \"%{x}\" sep=\",\"", "DISSECT has no option sep", "1:27", "APPEND_SEPARATOR"},
		{"FROM a | LOOKUP t ON x", "expected JOIN after LOOKUP", "1:17", ""},
		{"FROM a | FORK (WHERE b)", "at least two branches", "1:24", ""},
		{"FROM a | WHERE b § c", "the character § cannot stand here", "1:18", "backquotes"},
		{"FROM a | WHERE `b == 1", "this quoted name does not end", "1:16", ""},
		{"FROM a /* x", "this comment does not end", "1:8", ""},
		{"FROM a | KEEP b c", "expected | or the end", "1:17", "c"},
		{"FROM a\n| WHERE ä == 1", "the character ä cannot stand here", "2:9", ""},
	} {
		_, ds := Parse("q", c.text)
		if len(ds) == 0 {
			t.Errorf("%s: no fault, want %q", c.text, c.title)
			continue
		}
		d := ds[0]
		at := fmt.Sprintf("%d:%d", d.Span.Start.Line, d.Span.Start.Col)
		if !strings.Contains(d.Title, c.title) || at != c.at || !strings.Contains(strings.Join(d.Help, " "), c.help) {
			t.Errorf("%s\n got %s %q help %q\nwant %s %q help %q", c.text, at, d.Title, d.Help, c.at, c.title, c.help)
		}
	}
}

// TestAllFaults: each faulty command is reported, and the others are read.
func TestAllFaults(t *testing.T) {
	q, ds := Parse("q", "FROM a | WHERE b = 1 | EVAL c = | KEEP d | SRT e")
	if len(ds) != 3 {
		t.Fatalf("%d faults, want 3: %v", len(ds), ds)
	}
	if len(q.Commands) != 2 {
		t.Errorf("%d commands were read, want FROM and KEEP", len(q.Commands))
	}
}

func TestLimits(t *testing.T) {
	deep := func(open, in, closed string, n int) string {
		return "ROW a = 1 | WHERE " + strings.Repeat(open, n) + in + strings.Repeat(closed, n)
	}
	for name, text := range map[string]string{
		"parentheses": deep("(", "a", ")", 3_000), "calls": deep("abs(", "a", ")", 3_000), "signs": deep("- ", "a", "", 3_000),
		"not": deep("NOT ", "a", "", 3_000), "in": deep("a IN (", "a", ")", 3_000), "casts": "ROW a = 1" + strings.Repeat("::long", 3_000),
		"forks": "ROW a = 1 | " + strings.Repeat("FORK (", 3_000), "sub-queries": strings.Repeat("FROM (", 3_000),
		"lists": "ROW a = " + strings.Repeat("[", 3_000), "nodes": "ROW a = 1 | WHERE a" + strings.Repeat(" AND a", 100_000),
		"length": "ROW a = 1 " + strings.Repeat(" ", MaxLength),
	} {
		if _, ds := Parse("q", text); len(ds) == 0 {
			t.Errorf("%s: no fault", name)
		}
	}
	if _, ds := Parse("q", deep("(", "a", ")", MaxDepth-3)); len(ds) > 0 {
		t.Errorf("%d parentheses: %v", MaxDepth-3, ds)
	}
	if _, ds := Parse("q", "ROW a = \"\xff\""); len(ds) != 1 || ds[0].Span.Start.Col != 10 {
		t.Errorf("invalid UTF-8: %v", ds)
	}
}

func TestGlob(t *testing.T) {
	g := NewGlob(AnyRun(), Lit(`C:\a*b?`), OneChar())
	if g.Text != `*C:\\a\*b\??` {
		t.Errorf("glob %s", g.Text)
	}
	parts, bad := g.Parts()
	if bad != -1 || len(parts) != 3 || parts[1].Text != `C:\a*b?` {
		t.Errorf("parts %v, bad %d", parts, bad)
	}
	if _, bad := (&Glob{Text: `ab\c`}).Parts(); bad != 2 {
		t.Errorf("bad escape at %d", bad)
	}
	if _, bad := (&Glob{Text: `ab\`}).Parts(); bad != 2 {
		t.Errorf("trailing backslash at %d", bad)
	}
}

func TestQuote(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{``, `""`},
		{`a`, `"a"`},
		{`a"b`, `"a\"b"`},
		{`a\b`, `"""a\b"""`},
		{"a\\b\n", `"a\\b\n"`},
		{`"\`, `"\"\\"`},
		{`a\"""b`, `"a\\\"\"\"b"`},
		{"\t", `"\t"`},
		{`\`, `"""\"""`},
	} {
		if got := Quote(c.text); got != c.want {
			t.Errorf("%q is %s, want %s", c.text, got, c.want)
		}
	}
	for _, c := range []struct{ name, want string }{
		{"a.b", "a.b"},
		{"@timestamp", "@timestamp"},
		{"_id", "_id"},
		{"_", "`_`"},
		{"a-b", "`a-b`"},
		{"a.0", "`a.0`"},
		{"by", "`by`"},
		{"x.Where", "`x.Where`"},
		{"a`b", "`a``b`"},
		{"", "``"},
		{"a..b", "`a..b`"},
		{"COUNT(*)", "`COUNT(*)`"},
	} {
		if got := QuoteName(c.name); got != c.want {
			t.Errorf("%q is %s, want %s", c.name, got, c.want)
		}
	}
}
