package syntax

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/diag"
)

func TestParse(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty query", "", `(: ‹*› p"‹*›")`},
		{"white space only", " \t\n\u00a0", `(: ‹*› p"‹*›")`},
		{"match all", "*:*", `(: ‹*› p"‹*›")`},
		{"exists", "f:*", `(: f p"‹*›")`},
		{"two stars are no exists", "f:**", `(: f p"‹*›‹*›")`},
		{"quoted", `f:"a b"`, `(: f q"a b")`},
		{"blanks around the colon", "f  :\n  a", `(: f w"a")`},
		{"unquoted value with blanks", "f: a  b ", `(: f w"a  b")`},
		{"free text", "a b", `(free w"a b")`},
		{"free text quoted", `"a b"`, `(free q"a b")`},
		{"field with blanks", "a b:c", `(: "a b" w"c")`},
		{"quoted field", `"a:b" : c`, `(: a:b w"c")`},
		{"field pattern", "a.*.b:x", `(: a.‹*›.b w"x")`},
		{"typed words", "a:true and b:false and c:null", `(and (: a TRUE) (: b FALSE) (: c NULL))`},
		{"typed words are case-sensitive", "a:True", `(: a w"True")`},
		{"null as a field", "null:x", `(: NULL w"x")`},
		{"numbers stay text", "n:5.0", `(: n w"5.0")`},
		{"range", "n >= 5 and m<3", `(and (>= n w"5") (< m w"3"))`},
		{"range with a quoted date", `d > "2024-01-01"`, `(> d q"2024-01-01")`},
		{"range with a star", "n <= a*", `(<= n p"a‹*›")`},
		{"and binds tighter than or", "a or b and c", `(or (free w"a") (and (free w"b") (free w"c")))`},
		{"not binds tightest", "not a and b", `(and (not (free w"a")) (free w"b"))`},
		{"keywords in any case", "a AND b Or NOT c", `(or (and (free w"a") (free w"b")) (not (free w"c")))`},
		{"parentheses", "not (a or b)", `(not (or (free w"a") (free w"b")))`},
		{"double negation in parentheses", "not (not a)", `(not (not (free w"a")))`},
		{"list", "f:(a or b)", `(: f (or w"a" w"b"))`},
		{"mixed list", "f:(a and not (b or c))", `(: f (and w"a" (not (or w"b" w"c"))))`},
		{"nested groups in a list", "f:((a or b) or c)", `(: f (or (or w"a" w"b") w"c"))`},
		{"one value in parentheses", "f:(a)", `(: f w"a")`},
		{"list without or is one value", "f:(*a\n  *b)", "(: f p\"\\\"‹*›a\\\\n  ‹*›b\\\"\")"},
		{"nested", `o:{ a:1 and b:2 }`, `(nested o (and (: a w"1") (: b w"2")))`},
		{"nested in nested", `o:{p:{a:1}}`, `(nested o (nested p (: a w"1")))`},
		{"question mark is text", "f:a?c*", `(: f p"a?c‹*›")`},
		{"other operators are text", "a:b+c=-d|e&f!g^h~i[j]k/l.m@n#o", `(: a w"b+c=-d|e&f!g^h~i[j]k/l.m@n#o")`},
		{"or at the end is text", "f:a or", `(: f w"a or")`},
		{"and before the parenthesis is text", "f:(a and)", `(: f w"a and")`},
		{"or at the start is text", "or a", `(free w"or a")`},
		{"not without white space is text", "not:x", `(: not w"x")`},
		{"not at the end is text", "f:not", `(: f w"not")`},
		{"orange is no keyword", "a orange", `(free w"a orange")`},
		{"escapes without quotes", `f:\\\(\)\:\<\>\"\*\{\}\t.\u0041`, `(: f w"\\():<>\"*{}\t.A")`},
		{"escaped keywords", `f:a \or b \AND c`, `(: f w"a or b AND c")`},
		{"backslash not is a line feed", `f:a\not b`, `(: f w"a\not b")`},
		{"u006e hides not", `f:\u006eot b`, `(: f w"not b")`},
		{"escapes in quotes", `f:"\\ \" \t \r \n \u0041 \d \* \or"`, `(: f q"\\ \" \t \r \n A \\d \\* \\or")`},
		{"a single backslash in quotes", `f:"C:\Windows"`, `(: f q"C:\\Windows")`},
		{"tab in a Windows path", `f:"C:\temp"`, `(: f q"C:\temp")`},
		{"carriage return in a Windows path", `f:"a\runmru"`, "(: f q\"a\\runmru\")"},
		{"star in quotes is text", `f:"a*"`, `(: f q"a*")`},
		{"trailing backslash in quotes", `f:"a\\"`, `(: f q"a\\")`},
		{"surrogate pair", `f:"\ud83d\ude00"`, `(: f q"😀")`},
		{"half a surrogate pair", `f:"\ud83d"`, "(: f q\"\ufffd\")"},
		{"outer white space is lost even when escaped", `f:\u0020a*\n`, `(: f p"a‹*›")`},
		{"a value of white space is empty", `f:\n`, `(: f w"")`},
		{"ideographic blank is no white space but trimmed", "f:\u3000a", `(: f w"a")`},
		{"no-break blank is white space", "a\u00a0and\u00a0b", `(and (free w"a") (free w"b"))`},
		{"the mark of a star in a pattern", "f:x@kuery-wildcard@y*", `(: f p"x‹*›y‹*›")`},
		{"the mark of a star alone", "f:@kuery-wildcard@", `(: f w"@kuery-wildcard@")`},
		{"cidr", "source.ip:(10.0.0.0/8 or \"::1\")", `(: source.ip (or w"10.0.0.0/8" q"::1"))`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n, diags := Parse("q", tt.text)
			if len(diags) > 0 {
				t.Fatalf("%v", diags)
			}
			if got := dump(n); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestSpans(t *testing.T) {
	text := "a:x and\n  not é.f:(b or \"c\")  or n >= 5"
	n, diags := Parse("q", text)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	cut := func(s diag.Span) string { return text[s.Start.Offset:s.End.Offset] }
	or := n.(*Or)
	and := or.Parts[0].(*And)
	not := and.Parts[1].(*Not)
	match := not.Part.(*Match)
	list := match.Value.(*ValueOr)
	for _, tt := range []struct {
		at   diag.Span
		want string
	}{
		{or.At(), text},
		{and.At(), "a:x and\n  not é.f:(b or \"c\")"},
		{not.At(), "not é.f:(b or \"c\")"},
		{match.At(), "é.f:(b or \"c\")"},
		{match.Field.Span, "é.f"},
		{list.At(), "(b or \"c\")"},
		{list.Parts[0].At(), "b"},
		{list.Parts[1].At(), `"c"`},
		{or.Parts[1].At(), "n >= 5"},
	} {
		if got := cut(tt.at); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
	if at := list.Parts[0].At().Start; at.Line != 2 || at.Col != 12 {
		t.Errorf("line %d column %d", at.Line, at.Col)
	}
}

// Positions are the same as those of diag.Source, at the marks too.
func TestPositions(t *testing.T) {
	text := strings.Repeat("aé😀\n\t", 200) + strings.Repeat("é", 300)
	src, ours := diag.NewSource("q", text), newPositions("q", text)
	for i := range text {
		if got, want := ours.pos(i), src.Pos(i); got != want {
			t.Fatalf("offset %d: %+v, want %+v", i, got, want)
		}
	}
	if got, want := ours.pos(len(text)), src.Pos(len(text)); got != want {
		t.Fatalf("end: %+v, want %+v", got, want)
	}
}

func TestFaults(t *testing.T) {
	tests := []struct {
		text string
		at   string // the marked text, "" for the end
		want []string
	}{
		{"f:", "", []string{"the value is missing"}},
		{"f: )", ")", []string{"the value before `)` is missing"}},
		{"a and (", "(", []string{"`(` is not closed"}},
		{`"a" and `, "", []string{"the query ends where a condition is needed"}},
		{`f:("a" or `, "(", []string{"`(` is not closed"}},
		{"a or ()", ")", []string{"a condition is missing before `)`"}},
		{"not not a", "not", []string{"`not` stands twice"}},
		{"f:(not not a)", "not", []string{"`not` stands twice"}},
		{"f:not a", "not", []string{"`not` cannot stand here"}},
		{":x", ":", []string{"the field name before `:` is missing"}},
		{"f:\"abc", `"`, []string{"the closing quote is missing"}},
		{`f:"abc\"`, `"`, []string{"the closing quote is missing"}},
		{`f:C\d`, `\d`, []string{"`\\d` is not an escape"}},
		{`f:\`, `\`, []string{"`\\` is not an escape"}},
		{`f:\u00g0`, `\u`, []string{"`\\u` is not an escape"}},
		{"f:a:b", ":", []string{"`:` stands inside a value"}},
		{"f:C:\\\\x", ":", []string{"`:` stands inside a value"}},
		{"f:a>b", ">", []string{"`>` stands inside a value"}},
		{"f:a{b", "{", []string{"`{` stands inside a value"}},
		{"f:*cannot do*", "not", []string{"`not` before white space ends the value, even inside a word"}},
		{`"a" b`, "b", []string{"`and` or `or` is missing before `b`"}},
		{`f:"a" g:"b"`, "g", []string{"`and` or `or` is missing before `g`"}},
		{"(a)and(b)", "and", []string{"`and` or `or` is missing before `and`"}},
		{"a)", ")", []string{"`)` closes nothing"}},
		{"(a", "(", []string{"`(` is not closed"}},
		{"f:(a or b", "(", []string{"`(` is not closed"}},
		{"o:{ a:1", "{", []string{"`{` is not closed"}},
		{"(a }", "}", []string{"`}` does not close the `(` that is open"}},
		{"f:({a})", "{", []string{"`{` cannot stand in a list of values"}},
		{"n > (1 or 2)", "(", []string{"`>` takes one value, not a list"}},
		{"n > ", ">", []string{"the value after `>` is missing"}},
		{"f:(n > 5)", ">", []string{"`>` stands inside a value"}},
		{"a:\xff", "\xff", []string{"the query is not valid UTF-8"}},
		{"f: and g:(a b c:1 or ) or h > ", ":", []string{"`:` stands inside a value", "the value after `>` is missing"}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			n, diags := Parse("q", tt.text)
			if n != nil {
				t.Fatalf("parses as %s", dump(n))
			}
			var got []string
			for _, d := range diags {
				got = append(got, d.Title)
				if d.Code != diag.KibanaSyntax || len(d.Help) == 0 {
					t.Errorf("%+v", d)
				}
			}
			if strings.Join(got, "; ") != strings.Join(tt.want, "; ") {
				t.Errorf("got %q", got)
			}
			if at := diags[0].Span; tt.text[at.Start.Offset:at.End.Offset] != tt.at {
				t.Errorf("marks %q, want %q", tt.text[at.Start.Offset:at.End.Offset], tt.at)
			}
		})
	}
}

func TestNestingLimit(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("(", n) + "a" + strings.Repeat(")", n) }
	if _, diags := Parse("q", deep(maxNesting)); len(diags) > 0 {
		t.Errorf("200 deep: %v", diags)
	}
	for _, text := range []string{deep(maxNesting + 1), "f:" + deep(maxNesting+1), strings.Repeat("(", 3_000_000), strings.Repeat("o:{", 1_000_000), strings.Repeat("not (", 1_000_000)} {
		_, diags := Parse("q", text)
		if len(diags) != 1 || diags[0].Code != diag.KibanaLimit {
			t.Errorf("%.20s: %v", text, diags)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "a:b and (c or not d)", `f:("x" or y*) and n >= 5`, `o:{ a:1 }`, `f:\u006eot x`, `"\`, "f:(a}", "not not", "\xff", "f:* x", "@kuery-wildcard@*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, diags := Parse("q", text)
		if (n == nil) != diags.HasErrors() {
			t.Fatalf("tree %v with %v", n, diags)
		}
		for _, d := range diags {
			if d.Span.Start.Offset > d.Span.End.Offset || d.Span.End.Offset > len(text) {
				t.Fatalf("span %+v outside of the text", d.Span)
			}
		}
		if n == nil {
			return
		}
		if _, err := Print(n); err == nil { // an empty word, or the mark of a star, cannot be printed
			checkPrint(t, n)
		}
	})
}
