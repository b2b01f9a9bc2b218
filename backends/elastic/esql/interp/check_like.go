package interp

import (
	"errors"
	"strings"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/elastic/lucene"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// doubtLikeEscape: what LIKE does with a backslash before an ordinary character is not documented.
var doubtLikeEscape = native.Doubt{
	Name:    "esql-like-escape",
	Doc:     "LIKE with a backslash before a character other than * ? \\ is an error; off: the backslash is dropped",
	Default: true,
}

// like checks x LIKE "a*": true when any pattern fits the whole value, case counts.
func (c *checker) like(n *syntax.Like) *expr {
	return c.patterns(n, n.X, n.Patterns, n.Not, "LIKE", c.compileLike)
}

// rlike checks x RLIKE "re" with Lucene regular expressions for the whole value.
func (c *checker) rlike(n *syntax.RLike) *expr {
	return c.patterns(n, n.X, n.Patterns, n.Not, "RLIKE", c.compileRegex)
}

func (c *checker) patterns(n, left syntax.Expr, pats []syntax.Expr, not bool, op string,
	compile func(span diag.Span, text string) func(string) bool,
) *expr {
	x := c.expr(left)
	ok := x.typ != tErr
	if ok && !strings_.has(x.typ) && x.typ != tNull {
		c.wrong(x.span, "argument of [%s] must be [string], found value [%s] type [%s]", c.sourceText(n.Pos()), x.text, x.typ)
		ok = false
	}
	var tests []func(string) bool
	total := false
	for _, p := range pats {
		e := c.expr(p)
		if e.typ == tErr || !c.needConst(e, "the pattern of "+op) {
			ok = false
			continue
		}
		text, isText := e.val.(string)
		if !isText {
			c.wrong(e.span, "the pattern of %s must be a string, found value [%s] type [%s]", op, e.text, e.typ)
			ok = false
			continue
		}
		if f := compile(e.span, text); f != nil {
			tests = append(tests, f)
			total = total || fitsAll(op, text)
		} else {
			ok = false
		}
	}
	if !ok {
		return &expr{typ: tErr, col: -1, span: n.Pos(), eval: func([]any) any { return nil }}
	}
	if total { // the optimizer turns such a test into IS NOT NULL, so it is never null
		return c.make(n, tBool, []*expr{x}, func(cells []any) any { return (x.eval(cells) != nil) != not })
	}
	return c.make(n, tBool, []*expr{x}, c.strict1(c.site(n), x, func(v any) (any, error) {
		c.r.spend(1 + len(v.(string))/32)
		for _, f := range tests {
			if f(v.(string)) {
				return !not, nil
			}
		}
		return not, nil
	}))
}

// fitsAll reports whether a pattern is one that every text fits.
func fitsAll(op, text string) bool {
	if op == "LIKE" {
		return text != "" && strings.Trim(text, "*") == ""
	}
	return text == ".*" || text == "@" || text == "(.*)" || text == ".*?"
}

// compileLike compiles a LIKE pattern; nil after a fault.
func (c *checker) compileLike(span diag.Span, text string) func(string) bool {
	g := &syntax.Glob{Text: text}
	parts, bad := g.Parts()
	if bad >= 0 {
		if c.r.in.On(doubtLikeEscape) {
			next := ""
			for _, r := range text[bad+1:] {
				next = string(r)
				break
			}
			c.r.fault(diag.ESQLRun, span, `the pattern has a backslash before "`+next+`", which is no wildcard`,
				`a literal backslash is \\ in the pattern: """…\\…""", or "…\\\\…"`)
			return nil
		}
		parts = dropEscapes(text)
	}
	return lucene.CompileWildcard(syntax.NewGlob(parts...).Text, false).Match
}

// dropEscapes reads a pattern in which a backslash makes any next character literal.
func dropEscapes(text string) []syntax.GlobPart {
	var parts []syntax.GlobPart
	escaped := false
	for i, r := range text {
		switch {
		case escaped:
			parts = append(parts, syntax.Lit(string(r)))
			escaped = false
		case r == '\\' && i < len(text)-1:
			escaped = true
		case r == '*':
			parts = append(parts, syntax.AnyRun())
		case r == '?':
			parts = append(parts, syntax.OneChar())
		default:
			parts = append(parts, syntax.Lit(string(r)))
		}
	}
	return parts
}

// compileRegex compiles a Lucene regular expression; nil after a fault.
func (c *checker) compileRegex(span diag.Span, text string) func(string) bool {
	re, err := lucene.CompileRegexp(text, lucene.All)
	if err != nil {
		code, help := diag.ESQLRun, "ES|QL has Lucene's regular expressions, for the whole value"
		if errors.Is(err, lucene.ErrTooComplex) || errors.Is(err, lucene.ErrTooLong) {
			code, help = diag.ESQLLimit, "Elasticsearch refuses it too; split it into several patterns"
		}
		c.r.fault(code, span, "the regular expression cannot be used: "+err.Error(), help)
		return nil
	}
	return re.Match
}
