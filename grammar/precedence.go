package grammar

// The strength of operators, from the weakest to the strongest. The parser and the printer read the same numbers.
const (
	precOr = iota + 1
	precAnd
	precNot // `not`, quantifiers and their bodies
	precCompare
	precAdd
	precMul
	precSign // `-x`
	precOperand
)

// binaryPrec gives the strength of the operators of [Binary].
var binaryPrec = map[string]int{"or": precOr, "and": precAnd, "+": precAdd, "-": precAdd, "*": precMul, "/": precMul}

// isChain reports the operators whose members the formatter may put on lines of their own.
func isChain(op string) bool { return op == "and" || op == "or" }

// precOf gives the strength of an expression as it is printed.
func precOf(x Expr) int {
	switch x := x.(type) {
	case *Binary:
		return binaryPrec[x.Op]
	case *Unary:
		if x.Op == "not" {
			return precNot
		}
		return precSign
	case *Quant:
		return precNot
	case *Compare, *Presence, *Keyword:
		return precCompare
	case *Call, *PathExpr, *VarRef, *String, *Number, *Bool, *Null, *Duration, *List, *Object, *Paren:
		return precOperand
	}
	return precOperand
}

// isCondition reports whether the expression is true or false by its form. A bare path may be either: it can be the name
// of a definition.
func isCondition(x Expr) bool {
	for {
		paren, ok := x.(*Paren)
		if !ok {
			break
		}
		x = paren.X
	}
	if _, ok := x.(*Bool); ok {
		return false
	}
	p := precOf(x)
	return p >= precOr && p <= precCompare
}
