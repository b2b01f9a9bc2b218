package grammar

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/onerule/onerule/diag"
)

// habit is an operator of another language: what it is there, and what to write here.
type habit struct {
	op      string // the operator of ours to read on with
	negated bool
	origin  string // shown beside the caret
	guess   bool   // the meaning may differ: no edit is offered
}

// habitSigns are operator signs of other languages.
var habitSigns = map[string]habit{
	"&&":  {op: "and", origin: "conditions are joined with words"},
	"||":  {op: "or", origin: "conditions are joined with words"},
	"&":   {op: "and", origin: "conditions are joined with words"},
	"===": {op: "==", origin: "there is one equality"},
	"!==": {op: "!=", origin: "there is one inequality"},
	"<>":  {op: "!=", origin: "the inequality of SQL"},
	"=~":  {op: "==", origin: "equality without case is the default here", guess: true},
	"!~":  {op: "!=", origin: "inequality without case is the default here", guess: true},
	":=":  {op: "==", origin: "an assignment", guess: true},
	"~":   {op: "like", origin: "no operator here", guess: true},
}

// habitWords are operator words of other languages, in lower case.
var habitWords = map[string]habit{
	"has": {op: "contains", origin: "`has` of Kusto finds whole words", guess: true}, "has_cs": {op: "contains", origin: "`has_cs` of Kusto finds whole words", guess: true},
	"startswith": {op: "starts_with"}, "endswith": {op: "ends_with"}, "hasprefix": {op: "starts_with"}, "hassuffix": {op: "ends_with"},
	"equals": {op: "=="}, "equal": {op: "=="}, "eq": {op: "=="}, "is": {op: "==", guess: true}, "ne": {op: "!="}, "neq": {op: "!="},
	"gt": {op: ">"}, "gte": {op: ">="}, "ge": {op: ">="}, "lt": {op: "<"}, "lte": {op: "<="}, "le": {op: "<="},
	"ilike": {op: "like", guess: true}, "wildcard": {op: "like"}, "glob": {op: "like"},
	"re": {op: "matches"}, "regex": {op: "matches"}, "regexp": {op: "matches"}, "rlike": {op: "matches"}, "match": {op: "matches"},
	"cidr": {op: "in_cidr"}, "cidrmatch": {op: "in_cidr"}, "incidr": {op: "in_cidr"},
	"notin": {op: "in", negated: true}, "nin": {op: "in", negated: true},
	"has_any": {op: "contains", origin: "`contains` takes a list", guess: true}, "in~": {op: "in"},
}

// sigmaModifiers are what follows `|` in a Sigma field name.
var sigmaModifiers = map[string]string{
	"contains": "contains", "startswith": "starts_with", "endswith": "ends_with", "re": "matches", "cidr": "in_cidr",
	"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "exists": "exists", "all": "contains", "cased": "== cased",
}

// foreignInfix recognises operators of other languages after x, and what stands where an operator is missing.
func (p *exprParser) foreignInfix(x Expr, t lexer.Token) infix {
	switch {
	case t.Type == kindForeign:
		return p.foreignSign(x, t)
	case t.Type == kindPunct && t.Value == "=":
		return replaced(diag.SyntaxAssign, t, habit{op: "=="}, "`=` does not compare", "`=` gives a name to something", "write `==`")
	case t.Type == kindPunct && t.Value == ":":
		return replaced(diag.SyntaxOperator, t, habit{op: "==", guess: true}, "`:` is not an operator", "the comparison of Kibana and EQL",
			"write `==`; for `*` and `?` in the text, write `like`")
	case t.Type == kindJunk:
		return infix{op: "==", prec: precCompare, tokens: 1}
	case t.Type == kindName:
		return p.foreignWord(x, t)
	case startsOperand(t) || t.Type == kindKeyword && foreignOperand(t):
		return missingInfix(x, t)
	}
	return infix{}
}

// replaced is an operator read as another, with the edit that makes it so where the meaning is certain.
func replaced(code diag.Code, t lexer.Token, h habit, title, label string, help ...string) infix {
	word := h.op
	if h.negated {
		word = "not " + word
	}
	d := fault(code, spanOf(t), title, label, help...)
	if !h.guess {
		d = fixed(d, spanOf(t), word)
	}
	return infixOf(h, 1, &d)
}

func infixOf(h habit, tokens int, d *diag.Diagnostic) infix {
	prec := precCompare
	if isChain(h.op) {
		prec = binaryPrec[h.op]
	}
	return infix{op: h.op, prec: prec, negated: h.negated, tokens: tokens, fault: d}
}

func (p *exprParser) foreignSign(x Expr, t lexer.Token) infix {
	if h, ok := habitSigns[t.Value]; ok {
		return replaced(diag.SyntaxOperator, t, h, "`"+t.Value+"` is not an operator", h.origin, "write `"+h.op+"`")
	}
	n := p.peek2()
	switch t.Value {
	case "|":
		if op, ok := sigmaModifiers[strings.ToLower(n.Value)]; ok {
			span := spanOf(t).Join(spanOf(n))
			help := "write `" + subject(x) + " " + op + " …`"
			if op == "exists" {
				help = "write `exists " + subject(x) + "`"
			}
			d := fault(diag.SyntaxOperator, span, "`|"+n.Value+"` is not an operator", "a modifier of Sigma", help)
			return infix{op: op, prec: precCompare, tokens: 2, fault: &d, after: sigmaValue}
		}
		return replaced(diag.SyntaxOperator, t, habit{op: "or", guess: true}, "`|` is not an operator", "conditions are joined with words",
			"write `or` between two conditions; a rule has no pipes")
	case "!":
		if n.Type == kindKeyword && infixWord[n.Value] {
			d := fault(diag.SyntaxOperator, spanOf(t).Join(spanOf(n)), "`!"+n.Value+"` is not an operator", "negation is a word",
				"write `"+notForm(subject(x), n.Value)+"`")
			return infix{op: n.Value, prec: precCompare, negated: true, tokens: 2, fault: &d}
		}
		return missingInfix(x, t)
	}
	d := fault(diag.SyntaxOperator, spanOf(t), "`"+t.Value+"` is not an operator", "not an operator of rules", operatorHelp)
	return infix{op: "==", prec: precCompare, tokens: 1, fault: &d}
}

// sigmaValue skips the value of a Sigma field, with its colon.
func sigmaValue(p *exprParser) {
	p.accept(":")
	p.skip()
}

// notForm shows a negated comparison.
func notForm(subject, op string) string {
	if op == "in" {
		return subject + " not in …"
	}
	return "not " + subject + " " + op + " …"
}

// operatorHelp lists the operators that compare.
var operatorHelp = func() string {
	var words []string
	for _, w := range Words {
		if w.Kind == Infix {
			words = append(words, "`"+w.Text+"`")
		}
	}
	return "the operators are " + strings.Join(words, " ")
}()

// infixWords are the words that may stand between two operands, for near names.
var infixWords = func() []string {
	words := []string{"and", "or"}
	for _, w := range Words {
		if w.Kind == Infix && isWordStart(w.Text[0]) && w.Text != "not in" {
			words = append(words, w.Text)
		}
	}
	return words
}()

// foreignWord reads a plain word where an operator belongs.
func (p *exprParser) foreignWord(x Expr, t lexer.Token) infix {
	low := strings.ToLower(t.Value)
	if infixWord[low] || isChain(low) {
		d := wordCase(t, low)
		return infixOf(habit{op: low}, 1, &d)
	}
	if low == "not" {
		if n := p.peek2(); strings.ToLower(n.Value) == "in" {
			d := fixed(fault(diag.SyntaxWordCase, spanOf(t).Join(spanOf(n)), "`"+t.Value+" "+n.Value+"` has capital letters", "words of the language are in lower case",
				"write `not in`"), spanOf(t).Join(spanOf(n)), "not in")
			return infix{op: "in", prec: precCompare, negated: true, tokens: 2, fault: &d}
		}
	}
	n := p.peek2()
	if low == "is" && (strings.EqualFold(n.Value, "null") || strings.EqualFold(n.Value, "not")) {
		d := fault(diag.SyntaxNull, spanOf(t).Join(spanOf(n)), "`"+t.Value+" "+n.Value+"` is not an operator", "the test of SQL",
			"write `exists "+subject(x)+"` or `not exists "+subject(x)+"`")
		return infix{op: "==", prec: precCompare, tokens: 2, fault: &d, after: (*exprParser).skip}
	}
	if h, ok := habitWords[low]; ok && !isCondition(x) {
		label := h.origin
		if label == "" {
			label = "not an operator of rules"
		}
		word := h.op
		if h.negated {
			word = "not " + word
		}
		return replaced(diag.SyntaxOperator, t, h, "`"+t.Value+"` is not an operator", label, "write `"+word+"`")
	}
	if near, ok := diag.Nearest(t.Value, infixWords); ok && (startsOperand(n) || n.Value == "cased") && isChain(near) == isCondition(x) {
		return replaced(diag.SyntaxOperator, t, habit{op: near, guess: true}, "`"+t.Value+"` is not an operator", "unknown word",
			"an operator with a similar name exists: `"+near+"`")
	}
	if !isCondition(x) && startsOperand(n) && n.Type != kindName {
		d := fault(diag.SyntaxOperator, spanOf(t), "`"+t.Value+"` is not an operator", "unknown word", operatorHelp)
		return infix{op: "==", prec: precCompare, tokens: 1, fault: &d}
	}
	return missingInfix(x, t)
}

// missingInfix reports two operands side by side.
func missingInfix(x Expr, t lexer.Token) infix {
	if isCondition(x) || t.Type == kindKeyword && !isConstant(t.Value) {
		d := fault(diag.SyntaxOperator, spanOf(t), "`and` or `or` is missing before "+describe(t), "a second condition starts here",
			"join the conditions with `and` or `or`")
		return infix{op: "and", prec: precAnd, fault: &d}
	}
	d := fault(diag.SyntaxOperator, spanOf(t), "an operator is missing before "+describe(t), "a second value starts here", operatorHelp)
	if _, ok := x.(*PathExpr); ok && t.Type == kindString {
		d.Help = []string{"to compare, write `" + subject(x) + " == " + clip(firstLine(t.Value)) + "`", operatorHelp}
	}
	return infix{op: "==", prec: precCompare, fault: &d}
}

// subject names the left side of a comparison in a message.
func subject(x Expr) string {
	if p, ok := x.(*PathExpr); ok {
		return clip(FormatPath(p.Path.Segments))
	}
	return "x"
}

// wordCase reports a word of the language in upper case.
func wordCase(t lexer.Token, low string) diag.Diagnostic {
	return fixed(fault(diag.SyntaxWordCase, spanOf(t), "`"+t.Value+"` has capital letters", "words of the language are in lower case",
		"write `"+low+"`"), spanOf(t), low)
}

func lowerWord(t lexer.Token) string { return strings.ToLower(t.Value) }
