package syntax

import (
	"strconv"
	"strings"
)

// Print writes an expression: && and || with parentheses round every mixed or left-nested operand, ! for not, one blank round
// operators. Print(Parse(text)) reads back as the same tree.
func Print(x Expr) string {
	var b strings.Builder
	if x != nil {
		printExpr(&b, x)
	}
	return b.String()
}

func printExpr(b *strings.Builder, x Expr) {
	switch x := x.(type) {
	case *Logic:
		printLogic(b, x)
	case *Compare:
		operand(b, x.X)
		b.WriteString(" " + string(x.Op) + " ")
		if _, logic := x.Y.(*Logic); logic {
			parens(b, x.Y)
		} else {
			printExpr(b, x.Y)
		}
	case *Member:
		operand(b, x.X)
		b.WriteString(" " + string(x.Op) + " ")
		printExpr(b, x.List)
	case *Arith:
		if left, ok := x.X.(*Arith); ok {
			printExpr(b, left)
		} else {
			term(b, x.X)
		}
		b.WriteString(" " + string(x.Op) + " ")
		term(b, x.Y)
	case *Bits:
		factor(b, x.X)
		b.WriteString(" " + string(x.Op) + " ")
		if right, ok := x.Y.(*Bits); ok && right.Op == x.Op {
			printExpr(b, right)
		} else {
			factor(b, x.Y)
		}
	case *Unary:
		printUnary(b, x)
	case *Ident:
		b.WriteString(x.Name)
	case *FieldRef:
		b.WriteString("%{" + x.Name + "}")
	case *Number:
		b.WriteString(strconv.FormatInt(x.Value, 10))
	case *Duration:
		b.WriteString(x.Text)
	case *String:
		b.WriteString(`"` + x.Raw + `"`)
	case *Pattern:
		b.WriteString(`~"` + x.Raw + `"`)
	case *Regexp:
		b.WriteString(`r"` + x.Raw + `"`)
	case *Address:
		b.WriteString(x.Text)
	case *Variable:
		b.WriteString("${" + x.Name + "}")
	case *List:
		printList(b, x)
	}
}

// printLogic writes a chain of one operator flat; every other nesting stands in parentheses.
func printLogic(b *strings.Builder, x *Logic) {
	for {
		if _, nested := x.X.(*Logic); nested {
			parens(b, x.X)
		} else {
			printExpr(b, x.X)
		}
		b.WriteString(" " + string(x.Op) + " ")
		right, ok := x.Y.(*Logic)
		switch {
		case !ok:
			printExpr(b, x.Y)
			return
		case right.Op != x.Op:
			parens(b, right)
			return
		}
		x = right
	}
}

func parens(b *strings.Builder, x Expr) {
	b.WriteByte('(')
	printExpr(b, x)
	b.WriteByte(')')
}

// operand writes a side of a comparison.
func operand(b *strings.Builder, x Expr) {
	switch x.(type) {
	case *Logic, *Compare, *Member:
		parens(b, x)
	case *Address, *Arith, *Bits, *Duration, *FieldRef, *Ident, *List, *Number, *Pattern, *Regexp, *String, *Unary, *Variable:
		printExpr(b, x)
	}
}

// term writes a side of + and -.
func term(b *strings.Builder, x Expr) {
	switch x.(type) {
	case *Logic, *Compare, *Member, *Arith:
		parens(b, x)
	case *Address, *Bits, *Duration, *FieldRef, *Ident, *List, *Number, *Pattern, *Regexp, *String, *Unary, *Variable:
		printExpr(b, x)
	}
}

// factor writes a side of a bit operator or the operand of a sign.
func factor(b *strings.Builder, x Expr) {
	switch x.(type) {
	case *Logic, *Compare, *Member, *Arith, *Bits:
		parens(b, x)
	case *Address, *Duration, *FieldRef, *Ident, *List, *Number, *Pattern, *Regexp, *String, *Unary, *Variable:
		printExpr(b, x)
	}
}

func printUnary(b *strings.Builder, x *Unary) {
	b.WriteByte(x.Op)
	switch y := x.X.(type) {
	case *Number:
		if x.Op == '-' && y.Value >= 0 {
			parens(b, y) // -(3) is not the number -3
			return
		}
	case *Pattern:
		parens(b, y) // !~"…" would read as the operator !~
		return
	case *Address, *Arith, *Bits, *Compare, *Duration, *FieldRef, *Ident, *List, *Logic, *Member, *Regexp, *String, *Unary, *Variable:
	}
	factor(b, x.X)
}

func printList(b *strings.Builder, l *List) {
	_, names := l.Items[0].(*Ident)
	open, closing := "[", "]"
	if names {
		open, closing = "[ ", " ]" // the agent's lexer takes a bracket into a name
	}
	b.WriteString(open)
	for i, item := range l.Items {
		if i > 0 {
			b.WriteString(", ")
		}
		printExpr(b, item)
	}
	b.WriteString(closing)
}
