package grammar

import (
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// flat is text on one line, given up when it grows beyond max columns.
type flat struct {
	b    []byte
	max  int
	full bool
}

func (f *flat) add(parts ...string) {
	for _, s := range parts {
		if f.full {
			return
		}
		f.b = append(f.b, s...)
		f.full = len(f.b) > f.max && utf8.RuneCount(f.b) > f.max
	}
}

// oneLine is an expression on one line, however long.
func oneLine(x Expr) string {
	f := &flat{max: maxOffset}
	f.expr(x)
	return string(f.b)
}

// expr writes x. Parentheses are added where a tree made by a program needs them; a parsed tree has its own.
func (f *flat) expr(x Expr) {
	if f.full {
		return
	}
	switch x := x.(type) {
	case *Binary:
		for i, m := range chainOf(x) {
			if i > 0 {
				f.add(" ", m.op, " ")
			}
			f.child(m.x, m.min)
		}
	case *Unary:
		f.add(x.Op)
		if x.Op == "not" {
			f.add(" ")
		}
		f.child(x.X, precOf(x))
	case *Compare:
		f.child(x.X, precAdd)
		f.add(compareOp(x))
		f.child(x.Y, precAdd)
	case *Presence:
		f.add(x.Op, " ")
		f.expr(x.X)
	case *Keyword:
		f.add(keywordHead(x), stringLiteral(x.Text))
	case *Quant:
		f.add(quantHead(x))
		f.child(x.Body, bodyPrec(x.Body))
	case *Call:
		f.add(x.Func.Text, "(")
		f.commas(x.Args)
		f.add(")")
	case *List:
		f.add("[")
		f.commas(x.Items)
		f.add("]")
	case *Paren:
		f.add("(")
		f.expr(x.X)
		f.add(")")
	case *Object:
		f.fields(x.Fields)
	case *PathExpr, *VarRef, *String, *Number, *Bool, *Null, *Duration:
		f.add(leaf(x))
	}
}

func (f *flat) commas(xs []Expr) {
	for i, x := range xs {
		if i > 0 {
			f.add(", ")
		}
		f.expr(x)
	}
}

// fields writes `{ a: 1, b: 2 }`.
func (f *flat) fields(fields []TestField) {
	if len(fields) == 0 {
		f.add("{}")
		return
	}
	f.add("{ ")
	for i := range fields {
		if i > 0 {
			f.add(", ")
		}
		f.add(FormatPath(fields[i].Path.Segments), ": ")
		f.expr(fields[i].Value)
	}
	f.add(" }")
}

// child writes x, in parentheses if it is weaker than min.
func (f *flat) child(x Expr, min int) {
	if precOf(x) < min {
		f.add("(")
		f.expr(x)
		f.add(")")
		return
	}
	f.expr(x)
}

func compareOp(x *Compare) string {
	op := " " + x.Op + " "
	if x.Negated {
		op = " not" + op
	}
	if x.Cased {
		op += "cased "
	}
	return op
}

func keywordHead(x *Keyword) string {
	head := "keyword "
	if x.Op != "" {
		head += x.Op + " "
	}
	if x.Cased {
		head += "cased "
	}
	return head
}

func quantHead(x *Quant) string {
	return x.Kind + " " + x.Var.Text + " in " + FormatPath(x.Over.Segments) + ": "
}

// bodyPrec is the strength that the body of a quantifier needs to stand without parentheses.
func bodyPrec(body Expr) int {
	if u, ok := body.(*Unary); ok && u.Op == "not" && precOf(u.X) >= precCompare {
		return precNot
	}
	return precCompare
}

// leaf writes an expression without parts.
func leaf(x Expr) string {
	switch x := x.(type) {
	case *PathExpr:
		return FormatPath(x.Path.Segments)
	case *VarRef:
		return "$" + x.Name
	case *String:
		return stringLiteral(x)
	case *Number:
		return x.Text
	case *Bool:
		if x.Value {
			return "true"
		}
		return "false"
	case *Null:
		return "null"
	case *Duration:
		return durationText(x)
	case *Binary, *Unary, *Compare, *Presence, *Keyword, *Quant, *Call, *List, *Object, *Paren:
		return ""
	}
	return ""
}

// stringLiteral writes a string on one line: as its author did, if that is one line.
func stringLiteral(s *String) string {
	if s.Raw != "" && !strings.ContainsAny(s.Raw, "\n\r") && decode(s.Raw) == s.Value {
		return s.Raw
	}
	return quote(s.Value)
}

// isBlockString reports strings that are written between `"""` on lines of their own.
func isBlockString(s *String) bool {
	if !strings.Contains(s.Value, "\n") && !strings.ContainsAny(s.Raw, "\n\r") {
		return false
	}
	if s.Raw != "" && !strings.HasPrefix(s.Raw, `"""`) && decode(s.Raw) == s.Value {
		return false
	}
	_, ok := blockString(s.Value, "")
	return ok
}

// durationText writes a duration as its author did.
func durationText(d *Duration) string {
	if v, wrong := parseDuration(d.Text); d.Text != "" && wrong == "" && v == d.Value {
		return d.Text
	}
	return FormatDuration(d.Value)
}

// member is one operand of a chain of binary operators of one strength, with the operator before it.
type member struct {
	op     string
	opSpan diag.Span
	x      Expr
	min    int // the strength it needs to stand without parentheses
}

// chainOf flattens a tree of binary operators: `a and b and c` has three members. `and` and `or` flatten on both sides.
func chainOf(x *Binary) []member {
	prec := binaryPrec[x.Op]
	var out []member
	var walk func(e Expr, op string, span diag.Span, right bool)
	walk = func(e Expr, op string, span diag.Span, right bool) {
		if b, ok := e.(*Binary); ok && binaryPrec[b.Op] == prec && (!right || isChain(b.Op)) {
			walk(b.X, op, span, right)
			walk(b.Y, b.Op, b.OpSpan, true)
			return
		}
		min := prec
		if right || isChain(x.Op) {
			min = prec + 1
		}
		out = append(out, member{op, span, e, min})
	}
	walk(x, "", diag.Span{}, false)
	return out
}
