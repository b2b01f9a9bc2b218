package querystring

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func dump(n Node) string {
	name := func(f Field) string {
		if f.Default {
			return ""
		}
		return f.Name + ":"
	}
	bound := func(s *string) string {
		if s == nil {
			return "*"
		}
		return *s
	}
	switch n := n.(type) {
	case *Bool:
		parts := make([]string, len(n.Clauses))
		for i, c := range n.Clauses {
			parts[i] = [...]string{"", "+", "-"}[c.Occur] + dump(c.Query)
		}
		return "(" + strings.Join(parts, " ") + ")"
	case *Term:
		return fmt.Sprintf("%s%q", name(n.Field), n.Text)
	case *Phrase:
		return fmt.Sprintf("%sphrase%q~%d", name(n.Field), n.Text, n.Slop)
	case *Prefix:
		return fmt.Sprintf("%sprefix%q", name(n.Field), n.Text)
	case *Wildcard:
		return fmt.Sprintf("%swild%q", name(n.Field), n.Pattern)
	case *Regexp:
		return fmt.Sprintf("%sregexp%q", name(n.Field), n.Pattern)
	case *Fuzzy:
		return fmt.Sprintf("%sfuzzy%q~%s", name(n.Field), n.Text, n.Edits)
	case *Range:
		return fmt.Sprintf("%srange(%s %s %v %v)", name(n.Field), bound(n.Low), bound(n.High), n.LowIncluded, n.HighIncluded)
	}
	return "nil"
}

func TestParse(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "nil"},
		{"  ", "nil"},
		{"a", `"a"`},
		{"a b c", `"a b c"`},
		{"a AND b", `(+"a" +"b")`},
		{"a OR b", `("a" "b")`},
		{"a and b", `"a and b"`},
		{"a AND b OR c", `(+"a" +"b" "c")`},
		{"a OR b AND c", `("a" +"b" +"c")`},
		{"a NOT b", `("a" -"b")`},
		{"a AND NOT b", `(+"a" -"b")`},
		{"NOT a", `(-"a")`},
		{"NOT a AND b", `(-"a" +"b")`},
		{"+a -b !c", `(+"a" -"b" -"c")`},
		{"+a", `(+"a")`},
		{"(a OR b) c", `(("a" "b") "c")`},
		{"f:a b", `(f:"a" "b")`},
		{"a b f:c", `("a b" f:"c")`},
		{"a b:c", `("a" b:"c")`},
		{"a b AND c", `("a" +"b" +"c")`},
		{"a b c AND d", `("a b" +"c" +"d")`},
		{"a b c~", `("a b" fuzzy"c"~)`},
		{"f:(a OR b)", `(f:"a" f:"b")`},
		{"f:(a g:b)", `(f:"a" g:"b")`},
		{"f:*", `f:wild"*"`},
		{"*:*", `*:wild"*"`},
		{"f:a*", `f:prefix"a"`},
		{"f:a*b", `f:wild"a*b"`},
		{"f:*a", `f:wild"*a"`},
		{"?", `wild"?"`},
		{`f:a\*`, `f:"a*"`},
		{`f:a\*b*`, `f:prefix"a*b"`},
		{`f:a\*?`, `f:wild"a\\*?"`},
		{`f\ g:a`, `f g:"a"`},
		{`\u0041`, `"A"`},
		{`f:"a \"b\" c"`, `f:phrase"a \"b\" c"~0`},
		{`"a b"~3^2`, `phrase"a b"~3`},
		{"a~1", `fuzzy"a"~1`},
		{"a^2~1", `fuzzy"a"~1`},
		{"f:/a b/", `f:regexp"a b"`},
		{`/a\/b/`, `regexp"a\\/b"`},
		{"f:[1 TO 5]", `f:range(1 5 true true)`},
		{"f:{1 TO 5]^3", `f:range(1 5 false true)`},
		{"f:[* TO 5}", `f:range(* 5 true false)`},
		{`f:["a b" TO TO]`, `f:range(a b TO true true)`},
		{"f:>=10", `f:">=10"`},
		{"a - b", `("a" "-" "b")`},
		{"a && b || c", `(+"a" +"b" "c")`},
		{"a-b+c", `"a-b+c"`},
		{"ANDY ORB", `"ANDY ORB"`},
		{"a\u3000b", `"a b"`},
	}
	for _, tt := range tests {
		n, err := Parse(tt.text, Options{})
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if got := dump(n); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.text, got, tt.want)
		}
	}
}

func TestDefaultAnd(t *testing.T) {
	for text, want := range map[string]string{
		"f:a g:b":      `(+f:"a" +g:"b")`,
		"f:a OR g:b":   `(f:"a" g:"b")`,
		"f:a NOT g:b":  `(+f:"a" -g:"b")`,
		"f:a AND -g:b": `(+f:"a" -g:"b")`,
		"a b g:c":      `(+"a b" +g:"c")`,
	} {
		n, err := Parse(text, Options{DefaultAnd: true})
		if err != nil || dump(n) != want {
			t.Errorf("%s: %s, %v, want %s", text, dump(n), err, want)
		}
	}
}

func TestErrors(t *testing.T) {
	for text, at := range map[string]int{
		"(a": 0, "a)": 1, "a AND": 5, "AND a": 0, "f:": 2, "f:a:b": 3, `"a`: 0, `a\`: 1, "/a": 0, "f:[1 5]": 5, "f:[1 TO": 7, "f:[1 TO ]": 8, "a^": 2, "a^x": 2,
		"a]": 1, `\u12`: 0, `\u00zz`: 0, "a*:b": 2, "\xff": 0, "a OR OR b": 5, "f:[TO]": 5,
		strings.Repeat("(", 300): maxNesting,
	} {
		n, err := Parse(text, Options{})
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%.20s is read as %s", text, dump(n))
			continue
		}
		if e.Offset != at {
			t.Errorf("%.20s: fault at %d, want %d: %v", text, e.Offset, at, e)
		}
	}
}
