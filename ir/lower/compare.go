package lower

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// mirrored is the operator that says the same with its sides exchanged.
var mirrored = map[string]string{"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

func (b *builder) compare(x *grammar.Compare) ir.Pred {
	if p, ok := b.kind(x); ok {
		return p
	}
	if isLiteral(x.X) && !isLiteral(x.Y) {
		if m, ok := mirrored[x.Op]; ok {
			x = &grammar.Compare{At: x.At, Op: m, OpSpan: x.OpSpan, Negated: x.Negated, Cased: x.Cased, X: x.Y, Y: x.X}
		}
	}
	word, negated := x.Op, x.Negated
	switch word {
	case "!=":
		word, negated = "==", !negated
	case "in":
		word = "=="
	}
	op, ok := ir.LookupOp(word)
	if !ok {
		panic("lower: the grammar gave the operator " + x.Op)
	}
	l := b.term(x.X)
	if l == nil {
		if isLiteral(x.Y) { // for the faults on the right side
			b.literals(x.Y, op, schema.Invalid)
		} else {
			b.term(x.Y)
		}
		return nil
	}
	p := b.comparison(x, op, l)
	if p == nil || !negated {
		return p
	}
	return &ir.Not{X: p, Span: x.Span}
}

func (b *builder) comparison(x *grammar.Compare, op ir.Op, l ir.Term) ir.Pred {
	info, t := op.Info(), ir.TermType(l)
	if !slices.Contains(info.Types, t) {
		b.faultLabel(diag.TypeMismatch, x.OpSpan, fmt.Sprintf("`%s` does not go with %s", x.Op, typePhrase(t)), "on "+typePhrase(t), opHelp(op, t))
		return nil
	}
	cased := x.Cased
	if cased && !(info.Folds && t.IsString()) {
		b.fault(diag.TypeMismatch, x.OpSpan, fmt.Sprintf("`cased` goes with text, not with %s", typePhrase(t)), "leave `cased` out")
		return nil
	}
	cased = cased && info.Folds
	if !isLiteral(x.Y) {
		return b.relation(x, op, cased, l)
	}
	before := len(b.diags)
	vals, ok := b.literals(x.Y, op, t)
	if !ok {
		for i := range b.diags[before:] {
			if d := &b.diags[before+i]; d.Code == diag.TypeMismatch {
				d.Related = append(d.Related, diag.Label{Span: x.X.Pos(), Text: typePhrase(t)})
			}
		}
		return nil
	}
	if x.Op == "in" && !isList(x.Y) {
		b.fault(diag.TypeMismatch, x.Y.Pos(), "`in` takes a list", "write `in [ … ]`, or `==` for one value")
		return nil
	}
	if b.isSeveral(x.Y) && (op == ir.Lt || op == ir.Le || op == ir.Gt || op == ir.Ge) {
		b.fault(diag.TypeMismatch, x.Y.Pos(), fmt.Sprintf("`%s` takes one value", x.Op), "compare with the smallest or largest one")
		return nil
	}
	return &ir.Cmp{Op: op, Cased: cased, L: l, R: vals, Span: x.Span}
}

func (b *builder) relation(x *grammar.Compare, op ir.Op, cased bool, l ir.Term) ir.Pred {
	r := b.term(x.Y)
	if r == nil {
		return nil
	}
	lt, rt := ir.TermType(l), ir.TermType(r)
	switch {
	case !op.Info().Fields:
		b.fault(diag.TypeMismatch, x.Y.Pos(), fmt.Sprintf("the right side of `%s` must be a literal", x.Op), "fields are compared with ==, !=, <, <=, >, >=, contains, starts_with and ends_with")
		return nil
	case !ir.Comparable(lt, rt):
		b.faultLabel(diag.TypeMismatch, x.Y.Pos(), fmt.Sprintf("%s cannot be compared with %s", typePhrase(lt), typePhrase(rt)), typePhrase(rt), "compare fields of one type")
		return nil
	}
	if lit, ok := r.(*ir.Lit); ok {
		return &ir.Cmp{Op: op, Cased: cased, L: l, R: []schema.Value{lit.Value}, Span: x.Span}
	}
	return &ir.Rel{Op: op, Cased: cased, L: l, R: r, Span: x.Span}
}

func typePhrase(t schema.Type) string {
	switch t {
	case schema.Keyword, schema.Text:
		return "text"
	case schema.Long, schema.Double:
		return "a number"
	case schema.Boolean:
		return "true or false"
	case schema.Date:
		return "a time"
	case schema.IP:
		return "an address"
	case schema.Invalid:
	}
	return "this value"
}

// typePhrases names several types, each phrase once.
func typePhrases(types []schema.Type) string {
	var out []string
	for _, t := range types {
		if phrase := typePhrase(t); !slices.Contains(out, phrase) {
			out = append(out, phrase)
		}
	}
	return strings.Join(out, " or ")
}

func opHelp(op ir.Op, t schema.Type) string {
	switch {
	case t == schema.IP:
		return "an address is compared with == or in_cidr"
	case op == ir.InCIDR:
		return "in_cidr goes with a field of type ip, such as source.ip"
	case t.IsNumber() || t == schema.Date:
		return "compare with ==, !=, <, <=, > or >="
	case t == schema.Boolean:
		return "compare with == true or == false"
	}
	return "text is compared with ==, in, contains, starts_with, ends_with, like or matches"
}

func isList(x grammar.Expr) bool {
	switch x.(type) {
	case *grammar.List, *grammar.VarRef:
		return true
	case *grammar.Binary, *grammar.Bool, *grammar.Call, *grammar.Compare, *grammar.Duration, *grammar.Keyword, *grammar.Null, *grammar.Number, *grammar.Object, *grammar.Paren, *grammar.PathExpr, *grammar.Presence, *grammar.Quant, *grammar.String, *grammar.Unary:
	}
	return false
}

// isSeveral reports a list, or the name of one; a parameter with one value is none.
func (b *builder) isSeveral(x grammar.Expr) bool {
	v, ok := x.(*grammar.VarRef)
	if !ok {
		return isList(x)
	}
	for s := b.scope; s != nil; s = s.outer {
		if p, ok := s.params[v.Name]; ok {
			return p.list != nil
		}
		if _, ok := s.lists[v.Name]; ok {
			return true
		}
	}
	return false
}

func isLiteral(x grammar.Expr) bool {
	switch x := x.(type) {
	case *grammar.String, *grammar.Number, *grammar.Bool, *grammar.Null, *grammar.Duration, *grammar.List, *grammar.VarRef:
		return true
	case *grammar.Paren:
		return isLiteral(x.X)
	case *grammar.Unary:
		return x.Op == "-" && isLiteral(x.X)
	case *grammar.Binary, *grammar.Compare, *grammar.Presence, *grammar.Keyword, *grammar.Quant, *grammar.Call, *grammar.PathExpr, *grammar.Object:
	}
	return false
}

// literals lowers the right side of a comparison to values of the left side's type; ok is false when a fault was reported.
func (b *builder) literals(x grammar.Expr, op ir.Op, left schema.Type) (vals []schema.Value, ok bool) {
	switch x := x.(type) {
	case *grammar.Paren:
		return b.literals(x.X, op, left)
	case *grammar.List:
		if len(x.Items) == 0 {
			b.fault(diag.BadList, x.Span, "the list is empty", "a comparison with nothing is never true; write a value or take the condition out")
			return nil, false
		}
		ok = true
		for _, item := range x.Items {
			v, good := b.literals(item, op, left)
			ok = ok && good
			vals = append(vals, v...)
		}
		return vals, ok
	case *grammar.VarRef:
		want := left
		if left.IsString() || op == ir.InCIDR {
			want = schema.Keyword
		}
		if want == schema.Invalid {
			return nil, false
		}
		vals = b.variable(x, want)
		for _, v := range vals {
			if !b.checkLiteral(x.Span, op, v) {
				return nil, false
			}
		}
		return vals, vals != nil
	case *grammar.Binary, *grammar.Unary, *grammar.Compare, *grammar.Presence, *grammar.Keyword, *grammar.Quant, *grammar.Call, *grammar.PathExpr, *grammar.String, *grammar.Number, *grammar.Bool, *grammar.Null, *grammar.Duration, *grammar.Object:
	}
	if left == schema.Invalid || !isLiteral(x) {
		if !isLiteral(x) {
			b.fault(diag.TypeMismatch, x.Pos(), "a list holds literals only", "compare with the field by a condition of its own")
		}
		return nil, false
	}
	v, ok := b.literal(x, op, left)
	return []schema.Value{v}, ok && b.checkLiteral(x.Pos(), op, v)
}

func (b *builder) literal(x grammar.Expr, op ir.Op, left schema.Type) (schema.Value, bool) {
	bad := func(help string) (schema.Value, bool) {
		b.faultLabel(diag.TypeMismatch, x.Pos(), fmt.Sprintf("%s is compared with %s", typePhrase(left), literalPhrase(x)), literalPhrase(x), help)
		return schema.Value{}, false
	}
	if s, ok := x.(*grammar.String); ok {
		switch {
		case left.IsString() || op == ir.InCIDR:
			return schema.String(s.Value), true
		case left == schema.Date || left == schema.IP:
			if v, ok := schema.FromText(left, s.Value); ok {
				return v, true
			}
			if left == schema.IP && strings.Contains(s.Value, "/") {
				return bad("a block is compared with `in_cidr`")
			}
			b.fault(diag.BadLiteral, s.Span, fmt.Sprintf("%q is no %s", s.Value, map[schema.Type]string{schema.Date: "time", schema.IP: "address"}[left]), valueHelp(left))
			return schema.Value{}, false
		case left == schema.Boolean:
			return bad("write true or false without quotes")
		}
		return bad("write the number without quotes")
	}
	switch n := x.(type) {
	case *grammar.Bool:
		if left == schema.Boolean {
			return schema.Bool(n.Value), true
		}
	case *grammar.Duration:
		if left == schema.Long {
			return schema.Int(n.Value.Milliseconds()), true
		}
	case *grammar.Null:
		return bad("write `exists f` or `not exists f`")
	case *grammar.Number, *grammar.Unary, *grammar.Binary, *grammar.Compare, *grammar.Presence, *grammar.Keyword, *grammar.Quant, *grammar.Call, *grammar.PathExpr, *grammar.VarRef, *grammar.String, *grammar.List, *grammar.Paren, *grammar.Object:
	}
	if text := numberText(x); text != "" && left.IsNumber() {
		if v, ok := schema.FromText(schema.Long, text); ok && !strings.ContainsAny(text, ".eE") {
			return v, true
		}
		if v, ok := schema.FromText(schema.Double, text); ok {
			return v, true
		}
	}
	if left.IsString() {
		return bad(valueHelp(left))
	}
	return bad(valueHelp(left))
}

// valueHelp says what to write for a value of a type.
func valueHelp(t schema.Type) string {
	switch t {
	case schema.Date:
		return `write a time such as "2026-03-01T12:00:00Z"`
	case schema.IP:
		return `write an address such as "10.0.0.1"`
	case schema.Boolean:
		return "write true or false"
	case schema.Long, schema.Double:
		return "write a number"
	case schema.Keyword, schema.Text, schema.Invalid:
	}
	return "write the value in quotes"
}

func literalPhrase(x grammar.Expr) string {
	switch x.(type) {
	case *grammar.String:
		return "text"
	case *grammar.Number, *grammar.Unary:
		return "a number"
	case *grammar.Bool:
		return "true or false"
	case *grammar.Duration:
		return "a duration"
	case *grammar.Null:
		return "null"
	case *grammar.Binary, *grammar.Call, *grammar.Compare, *grammar.Keyword, *grammar.List, *grammar.Object, *grammar.Paren, *grammar.PathExpr, *grammar.Presence, *grammar.Quant, *grammar.VarRef:
	}
	return "this value"
}

// checkLiteral checks what only the operator can say about a literal.
func (b *builder) checkLiteral(span diag.Span, op ir.Op, v schema.Value) bool {
	switch op {
	case ir.Contains, ir.StartsWith, ir.EndsWith:
		if v.Str() == "" {
			b.fault(diag.BadLiteral, span, "the text to look for is empty", "every text contains it: write `exists f`, or a text")
			return false
		}
	case ir.Matches:
		if _, err := pattern.ParseRegexp(v.Str()); err != nil {
			var se *pattern.SyntaxError
			help := ""
			if errors.As(err, &se) {
				help = se.Help
			}
			b.fault(diag.BadLiteral, span, err.Error(), help)
			return false
		}
	case ir.InCIDR:
		if _, err := ir.ParseCIDR(v.Str()); err != nil {
			b.fault(diag.BadLiteral, span, err.Error(), `write a block such as "10.0.0.0/8"`)
			return false
		}
	case ir.Eq, ir.Like, ir.Lt, ir.Le, ir.Gt, ir.Ge:
	}
	return true
}

// term lowers a value that is no literal list; nil means that a fault was reported.
func (b *builder) term(x grammar.Expr) ir.Term {
	switch x := x.(type) {
	case *grammar.Paren:
		return b.term(x.X)
	case *grammar.PathExpr:
		return b.path(x)
	case *grammar.Call:
		return b.call(x)
	case *grammar.Binary:
		return b.arith(x)
	case *grammar.Number, *grammar.Unary:
		if text := numberText(x); text != "" {
			if v, ok := schema.FromText(schema.Long, text); ok && !strings.ContainsAny(text, ".eE") {
				return &ir.Lit{Value: v}
			}
			if v, ok := schema.FromText(schema.Double, text); ok {
				return &ir.Lit{Value: v}
			}
		}
	case *grammar.Duration:
		return &ir.Lit{Value: schema.Int(x.Value.Milliseconds())}
	case *grammar.VarRef:
		for s := b.scope; s != nil; s = s.outer {
			if p, ok := s.params[x.Name]; ok && p.ok && p.list == nil {
				return &ir.Lit{Value: p.value}
			}
		}
		b.variable(x, schema.Keyword)
		return nil
	case *grammar.String, *grammar.Bool, *grammar.Null, *grammar.List, *grammar.Compare, *grammar.Presence, *grammar.Keyword, *grammar.Quant, *grammar.Object:
	}
	b.faultLabel(diag.NotPredicate, x.Pos(), "a field is expected on the left of a comparison", "not a field", `write the field first, such as process.name == "net.exe"`)
	return nil
}

// caseWords are the functions that other languages change the case of text with.
var caseWords = []string{"lower", "upper", "lcase", "ucase", "tolower", "toupper", "to_lower", "to_upper", "lowercase", "uppercase", "fold"}

func (b *builder) call(x *grammar.Call) ir.Term {
	f, ok := ir.LookupFunc(x.Func.Text)
	if !ok {
		var names []string
		for _, i := range ir.Funcs {
			names = append(names, i.Name)
		}
		help := "the functions are " + strings.Join(names, ", ")
		if slices.Contains(caseWords, strings.ToLower(x.Func.Text)) {
			help = "text is compared without regard to case anyway: compare the field itself"
		} else if near, ok := diag.Nearest(x.Func.Text, names); ok {
			help = fmt.Sprintf("a function with a similar name exists: `%s`", near)
		}
		b.fault(diag.UnknownName, x.Func.Span, fmt.Sprintf("there is no function `%s` on fields", x.Func.Text), help)
		return nil
	}
	if len(x.Args) != 1 {
		b.fault(diag.TypeMismatch, x.Span, fmt.Sprintf("`%s` takes one argument", f), "write "+f.String()+"(field)")
		return nil
	}
	arg := b.term(x.Args[0])
	if arg == nil {
		return nil
	}
	if t := ir.TermType(arg); !slices.Contains(f.Info().Types, t) {
		b.faultLabel(diag.TypeMismatch, x.Args[0].Pos(), fmt.Sprintf("`%s` does not go with %s", f, typePhrase(t)), typePhrase(t), fmt.Sprintf("`%s` takes %s: %s", f, typePhrases(f.Info().Types), f.Info().Doc))
		return nil
	}
	return &ir.Call{Func: f, X: arg}
}

func (b *builder) arith(x *grammar.Binary) ir.Term {
	if len(x.Op) != 1 {
		b.fault(diag.NotPredicate, x.Span, "a condition stands where a value is expected", "compare values, and join conditions by `and` and `or`")
		return nil
	}
	l, r := b.term(x.X), b.term(x.Y)
	if l == nil || r == nil {
		return nil
	}
	t := ir.ArithType(x.Op[0], ir.TermType(l), ir.TermType(r))
	if t == schema.Invalid {
		b.fault(diag.TypeMismatch, x.OpSpan, fmt.Sprintf("`%s` does not go with %s and %s", x.Op, typePhrase(ir.TermType(l)), typePhrase(ir.TermType(r))), "numbers are added, subtracted, multiplied and divided; times are subtracted from each other, or moved by a duration")
		return nil
	}
	return &ir.Arith{Op: x.Op[0], X: l, Y: r, Type: t}
}
