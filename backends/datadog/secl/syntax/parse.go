package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// maxDepth is how deep parentheses and operators may nest.
const maxDepth = 200

// maxTerms is how many terms one chain of && and || may have.
const maxTerms = 10000

// Parse reads an expression. file names the text in diagnostics. The tree is nil when there is a fault.
func Parse(file, src string) (Expr, diag.List) {
	return parse(file, src, func(p *parser) Expr { return p.expression() })
}

// ParseMacro reads the text of a macro: an expression or a list.
func ParseMacro(file, src string) (Expr, diag.List) {
	return parse(file, src, func(p *parser) Expr {
		if p.is("[") {
			return p.list()
		}
		return p.expression()
	})
}

func parse(file, src string, top func(*parser) Expr) (Expr, diag.List) {
	if !utf8.ValidString(src) {
		off := 0
		for off < len(src) {
			r, n := utf8.DecodeRuneInString(src[off:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			off += n
		}
		return nil, diag.List{diag.New(diag.SECLSyntax, diag.NewSource(file, src).Span(off, off+1), "the expression is not valid UTF-8", "save the text as UTF-8")}
	}
	tokens, faults := lex(file, src)
	if faults.HasErrors() {
		return nil, faults.Sort()
	}
	p := &parser{tokens: tokens}
	if p.cur().kind == end {
		return nil, diag.List{diag.New(diag.SECLSyntax, p.cur().span, "the expression is empty", "write a condition, such as exec.file.name == \"useradd\"")}
	}
	x := top(p)
	if p.failed == nil && p.cur().kind != end {
		p.unexpected()
	}
	if p.failed != nil {
		return nil, diag.List{*p.failed}
	}
	return x, nil
}

// parser is a recursive descent over the tokens. It stops at the first fault: what follows it cannot be read reliably. (Faults of
// single tokens are all reported by the lexer.)
type parser struct {
	tokens []token
	i      int
	depth  int
	failed *diag.Diagnostic
}

func (p *parser) cur() token { return p.tokens[p.i] }

func (p *parser) next() token {
	t := p.tokens[p.i]
	if t.kind != end {
		p.i++
	}
	return t
}

func (p *parser) is(s string) bool {
	t := p.cur()
	return (t.kind == sign || t.kind == ident) && t.text == s
}

func (p *parser) fail(span diag.Span, title string, help ...string) {
	if p.failed == nil {
		d := diag.New(diag.SECLSyntax, span, title, help...)
		p.failed = &d
	}
	p.i = len(p.tokens) - 1
}

func (p *parser) enter() bool {
	p.depth++
	if p.depth > maxDepth && p.failed == nil {
		d := diag.New(diag.SECLLimit, p.cur().span, "the expression nests deeper than 200 levels", "split the expression")
		p.failed = &d
		p.i = len(p.tokens) - 1
	}
	return p.depth <= maxDepth
}

func (p *parser) leave() { p.depth-- }

// habits are words of other languages, with what to write instead.
var habits = map[string]string{
	"startswith": `write a pattern, == ~"text*"`, "endswith": `write a pattern, == ~"*text"`, "contains": `write a pattern, == ~"*text*"`,
	"like": `write a pattern, == ~"…"`, "matches": `write a regular expression, == r"…"`, "is": "write ==",
}

func (p *parser) unexpected() {
	t := p.cur()
	switch {
	case t.kind == end:
		p.fail(t.span, "the expression ends too early", "write what the last operator needs")
	case t.kind == ident && habits[strings.ToLower(t.text)] != "":
		p.fail(t.span, "`"+t.text+"` is no operator of this language", habits[strings.ToLower(t.text)])
	case t.kind == number && (t.text[0] == '-' || t.text[0] == '+'):
		p.fail(t.span, "an operator is missing before `"+t.text+"`", "put a blank between the sign and the digits to calculate")
	case t.kind == sign && t.text == ")":
		p.fail(t.span, "a closing parenthesis has no opening one", "remove it, or add the opening one")
	default:
		p.fail(t.span, "an operator is missing here", "join two conditions with && or ||")
	}
}

// expression reads comparisons joined by && and ||; each operator takes everything to its right.
func (p *parser) expression() Expr {
	depth := p.depth
	if !p.enter() {
		return nil
	}
	defer func() { p.depth = depth }()
	items := []Expr{p.comparison()}
	var ops []LogicOp
	for p.failed == nil {
		op := And
		switch {
		case p.is("&&") || p.is("and"):
		case p.is("||") || p.is("or"):
			op = Or
		default:
			return fold(items, ops)
		}
		if n := len(ops); n > 0 && ops[n-1] != op {
			if !p.enter() { // from here on everything nests one level deeper
				return nil
			}
		}
		ops = append(ops, op)
		if len(items) == maxTerms {
			d := diag.New(diag.SECLLimit, p.cur().span, "the expression has more than 10,000 terms", "split the expression, or use `in` with a list")
			p.failed = &d
			break
		}
		p.next()
		items = append(items, p.comparison())
	}
	return nil
}

func fold(items []Expr, ops []LogicOp) Expr {
	x := items[len(items)-1]
	for i := len(ops) - 1; i >= 0; i-- {
		x = &Logic{Op: ops[i], X: items[i], Y: x, Span: join(items[i], x)}
	}
	return x
}

func join(x, y Expr) diag.Span {
	if x == nil || y == nil {
		return diag.Span{}
	}
	return x.Pos().Join(y.Pos())
}

var compareOps = map[string]CompareOp{">=": GreaterEqual, ">": Greater, "<=": LessEqual, "<": Less, "!=": NotEqual, "==": Equal, "=~": Matches, "!~": NotMatches}

func (p *parser) comparison() Expr {
	x := p.arith()
	if p.failed != nil {
		return nil
	}
	t := p.cur()
	if op, ok := compareOps[t.text]; ok && t.kind == sign {
		p.next()
		if !p.enter() {
			return nil
		}
		defer p.leave()
		y := p.comparison()
		return &Compare{Op: op, X: x, Y: y, Span: join(x, y)}
	}
	var op MemberOp
	switch {
	case p.is("in"):
		op = In
	case p.is("allin"):
		op = AllIn
	case p.is("not") && p.tokens[p.i+1].kind == ident && p.tokens[p.i+1].text == "in":
		op = NotIn
		p.next()
	default:
		return x
	}
	p.next()
	list := p.array()
	return &Member{Op: op, X: x, List: list, Span: join(x, list)}
}

func (p *parser) arith() Expr {
	x := p.bits()
	for n := 0; p.failed == nil && (p.is("+") || p.is("-")); n++ {
		op := p.next()
		if n == maxDepth {
			d := diag.New(diag.SECLLimit, op.span, "the sum has more than 200 terms", "split the expression")
			p.failed = &d
			return nil
		}
		y := p.bits()
		x = &Arith{Op: op.text[0], X: x, Y: y, Span: join(x, y)}
	}
	return x
}

func (p *parser) bits() Expr {
	x := p.unary()
	if p.failed != nil || !p.is("&") && !p.is("|") && !p.is("^") {
		return x
	}
	op := p.next()
	depth := p.depth
	defer func() { p.depth = depth }()
	for range 2 { // printed with a parenthesis it is two levels
		if !p.enter() {
			return nil
		}
	}
	y := p.bits()
	return &Bits{Op: op.text[0], X: x, Y: y, Span: join(x, y)}
}

func (p *parser) unary() Expr {
	if p.is("!") || p.is("not") || p.is("-") || p.is("^") {
		t := p.next()
		op := t.text[0]
		if t.text == "not" {
			op = '!'
		}
		if !p.enter() {
			return nil
		}
		defer p.leave()
		x := p.unary()
		if x == nil {
			return nil
		}
		return &Unary{Op: op, X: x, Span: t.span.Join(x.Pos())}
	}
	return p.primary()
}

func (p *parser) primary() Expr {
	t := p.cur()
	switch t.kind {
	case ident:
		if t.text == "in" || t.text == "allin" || t.text == "and" || t.text == "or" {
			p.fail(t.span, "the operator `"+t.text+"` has no value before it", "write the field that it tests")
			return nil
		}
		p.next()
		return &Ident{Name: t.text, Span: t.span}
	case number:
		p.next()
		return p.number(t)
	case duration:
		p.next()
		return p.duration(t)
	case address:
		p.next()
		return &Address{Text: t.text, Span: t.span}
	case variable:
		p.next()
		return &Variable{Name: t.text, Span: t.span}
	case fieldRef:
		p.next()
		return &FieldRef{Name: t.text, Span: t.span}
	case text, pattern, regex:
		p.next()
		return quotedExpr(t)
	case sign:
		if t.text == "(" {
			p.next()
			x := p.expression()
			if p.failed != nil {
				return nil
			}
			if !p.is(")") {
				if p.cur().kind == end {
					p.fail(t.span, "a parenthesis is not closed", "add the closing one")
				} else {
					p.unexpected()
				}
				return nil
			}
			p.next()
			return x
		}
		if t.text == "[" {
			p.fail(t.span, "a list stands where a single value is needed", "a list stands behind in, not in or allin")
			return nil
		}
		p.fail(t.span, "a value is missing before `"+t.text+"`", "write a field, a text or a number")
	case end:
		p.unexpected()
	}
	return nil
}

func quotedExpr(t token) Expr {
	switch {
	case t.kind == pattern:
		return &Pattern{Raw: t.text, Span: t.span}
	case t.kind == regex:
		return &Regexp{Raw: t.text, Span: t.span}
	default:
		return &String{Raw: t.text, Span: t.span}
	}
}

func (p *parser) number(t token) Expr {
	v, err := strconv.ParseInt(t.text, 10, 64)
	if err != nil {
		p.fail(t.span, "the number `"+t.text+"` is too large", "numbers have 64 bits")
		return nil
	}
	return &Number{Value: v, Span: t.span}
}

func (p *parser) duration(t token) Expr {
	digits := strings.TrimRight(t.text, "msh")
	v, err := strconv.ParseInt(digits, 10, 64)
	unit := nanos[t.text[len(digits):]]
	if err != nil || v > (1<<63-1)/unit {
		p.fail(t.span, "the duration `"+t.text+"` is too long", "a duration is at most 292 years")
		return nil
	}
	return &Duration{Text: t.text, Nanos: v * unit, Span: t.span}
}
