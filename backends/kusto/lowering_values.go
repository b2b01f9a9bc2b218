package kusto

import (
	"fmt"
	"strings"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// elementName is the column that mv-apply gives an element; it begins with an underscore, as no column of a table does.
const elementName = "_e"

// value builds the value of a term that is no array.
func value(t ir.Term) syntax.Expr {
	switch t := t.(type) {
	case *ir.Field:
		return fieldValue(t)
	case *ir.Lit:
		return literal(t.Value)
	case *ir.Arith:
		return arithmetic(t)
	case *ir.Call:
		return call(t)
	case *ir.Elem:
	}
	panic(fmt.Sprintf("kusto: no lowering of the term %T", t))
}

// fieldValue reads a column, or a member of a dynamic column (or of a text column that holds JSON) in the field's type.
func fieldValue(f *ir.Field) syntax.Expr {
	segments := strings.Split(f.Name, ".")
	x := syntax.Col(segments[0])
	if f.Native != nil && f.Native.JSON {
		x = syntax.Fn("parse_json", x)
	}
	if len(segments) == 1 {
		return x
	}
	return typed(syntax.Member(x, segments[1:]...), f.Type)
}

// typed converts a dynamic value.
func typed(x syntax.Expr, t schema.Type) syntax.Expr {
	switch t {
	case schema.Long:
		return syntax.Fn("tolong", x)
	case schema.Double:
		return syntax.Fn("toreal", x)
	case schema.Boolean:
		return syntax.Fn("tobool", x)
	case schema.Date:
		return syntax.Fn("todatetime", x)
	case schema.Keyword, schema.Text, schema.IP, schema.Invalid:
	}
	return syntax.Fn("tostring", x)
}

func calculation(p *ir.Cmp) syntax.Expr {
	return syntax.AllOf(append(measured(p), compareEach(p.Op, value(p.L), p.R))...)
}

func relation(p *ir.Rel) syntax.Expr {
	return syntax.AllOf(append(measured(p), syntax.Bin(signs[p.Op], value(p.L), value(p.R)))...)
}

// measured asks for the texts whose length a comparison takes: a missing text is empty, and strlen answers 0.
func measured(p ir.Pred) []syntax.Expr {
	var out []syntax.Expr
	for _, f := range backends.ArgumentsOf(p, ir.Length) {
		out = append(out, syntax.Fn("isnotempty", value(f)))
	}
	return out
}

func call(t *ir.Call) syntax.Expr {
	if t.Func == ir.Values {
		f := t.X.(*ir.Field)
		if !f.Array {
			return syntax.Fn("iff", present(f), syntax.Long(1), syntax.Long(0))
		}
		a := arrayColumn(f)
		return syntax.Fn("coalesce", syntax.Fn("array_length", syntax.Fn("set_union", a, a)), syntax.Long(0))
	}
	x := value(t.X)
	switch t.Func {
	case ir.Length:
		return syntax.Fn("strlen", x)
	case ir.Minute:
		return syntax.Fn("datetime_part", syntax.Str("Minute"), x)
	case ir.Day:
		return syntax.Fn("dayofmonth", x)
	case ir.Week:
		return syntax.Fn("week_of_year", x)
	case ir.Month:
		return syntax.Fn("monthofyear", x)
	case ir.Hour:
		return syntax.Fn("hourofday", x)
	case ir.Weekday: // dayofweek counts days since Sunday
		days := syntax.Fn("toint", syntax.Bin(syntax.Div, syntax.Fn("dayofweek", x), syntax.Timespan(24*time.Hour)))
		return syntax.Fn("iff", syntax.Bin(syntax.Eq, days, syntax.Long(0)), syntax.Long(7), syntax.Fn("tolong", days))
	case ir.Values:
	}
	panic("kusto: no lowering of " + t.Func.String())
}

var calculations = map[byte]syntax.Op{'+': syntax.Add, '-': syntax.Sub, '*': syntax.Mul}

func arithmetic(t *ir.Arith) syntax.Expr {
	x, y := value(t.X), value(t.Y)
	switch {
	case t.Op == '&':
		return syntax.Fn("binary_and", x, y)
	case t.Type == schema.Date:
		return syntax.Bin(calculations[t.Op], x, syntax.Bin(syntax.Mul, y, syntax.Timespan(time.Millisecond)))
	case ir.TermType(t.X) == schema.Date:
		return syntax.Fn("tolong", syntax.Bin(syntax.Div, syntax.Bin(syntax.Sub, x, y), syntax.Timespan(time.Millisecond)))
	case t.Op == '/': // a quotient by zero would be infinite, and one of whole numbers cut
		quotient := syntax.Bin(syntax.Div, syntax.Fn("toreal", x), y)
		return syntax.Fn("iff", syntax.Bin(syntax.Eq, y, syntax.Long(0)), syntax.Null(syntax.TypeReal), quotient)
	case t.Type == schema.Long: // int columns would overflow at 32 bits
		x = syntax.Fn("tolong", x)
	}
	return syntax.Bin(calculations[t.Op], x, y)
}

// plainArray reports whether the field is an array of scalars in a dynamic column.
func plainArray(f *ir.Field) bool { return !strings.Contains(strings.TrimSuffix(f.Name, "[]"), "[]") }

// arrayColumn is the dynamic value that holds the field's array, or its outermost one; a field of one value becomes an array.
func arrayColumn(f *ir.Field) syntax.Expr {
	if !f.Array && plainArray(f) {
		return syntax.Fn("pack_array", value(f))
	}
	outer, _, _ := strings.Cut(f.Name, "[]")
	segments := strings.Split(outer, ".")
	x := syntax.Col(segments[0])
	if f.Native != nil && f.Native.JSON {
		x = syntax.Fn("parse_json", x)
	}
	return syntax.Member(x, segments[1:]...)
}

// arrayLeaf puts a test of elements into an mv-apply stage, which counts the elements that pass and keeps every row, and
// returns the condition on the count. A row without elements gets one that is empty and never passes.
func (l *lowerer) arrayLeaf(p ir.Pred, f *ir.Field) syntax.Expr {
	if c, ok := p.(*ir.Cmp); ok && backends.ConstructOf(p) == backends.EqTextCased && plainArray(f) {
		return memberOf(c, f)
	}
	n := len(l.stages)
	count := elementColumn("_hits", n)
	all := elementColumn("_count", n)
	body, element := l.elementTest(p, f)
	exists := syntax.Fn("isnotempty", element)
	if !f.Type.IsString() && f.Type != schema.IP || isObject(p) {
		exists = syntax.Fn("isnotnull", element)
	}
	aggs := []syntax.Item{syntax.Named(count, syntax.Fn("countif", both(exists, body)))}
	result := syntax.Bin(syntax.Gt, syntax.Col(count), syntax.Long(0))
	l.drop = append(l.drop, count)
	switch q := p.(type) {
	case *ir.Quant:
		if q.Kind == ir.All {
			aggs = []syntax.Item{syntax.Named(all, syntax.Fn("countif", exists)), syntax.Named(count, syntax.Fn("countif", syntax.AllOf(exists, syntax.Not(body))))}
			result = syntax.AllOf(syntax.Bin(syntax.Gt, syntax.Col(all), syntax.Long(0)), syntax.Bin(syntax.Eq, syntax.Col(count), syntax.Long(0)))
			l.drop = append(l.drop, all)
		}
	case *ir.Empty:
		result = syntax.Bin(syntax.Eq, syntax.Col(count), syntax.Long(0))
	case *ir.And, *ir.Or, *ir.Not, *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Keyword:
	}
	l.stages = append(l.stages, expand(f, aggs, isObject(p)))
	return result
}

// both joins two conditions; a constant true adds nothing.
func both(x, y syntax.Expr) syntax.Expr {
	if b, ok := y.(*syntax.BoolLit); ok && b.Value {
		return x
	}
	return syntax.AllOf(x, y)
}

func isObject(p ir.Pred) bool {
	q, ok := p.(*ir.Quant)
	return ok && ir.ReadsSubfields(q.Body, q.Var)
}

func elementColumn(name string, n int) string {
	const digits = "0123456789"
	if n < len(digits) {
		return name + digits[n:n+1]
	}
	return elementColumn(name+digits[n%10:n%10+1], n/10)
}

// memberOf asks for one of several exact texts in an array of texts.
func memberOf(c *ir.Cmp, f *ir.Field) syntax.Expr {
	xs := make([]syntax.Expr, len(c.R))
	for i, v := range c.R {
		xs[i] = syntax.Fn("coalesce", syntax.Fn("set_has_element", arrayColumn(f), syntax.Str(v.Str())), syntax.Bool(false))
	}
	return syntax.AnyOf(xs...)
}

// expand is the mv-apply stage over the elements of a field; a path through several arrays is expanded one after the other.
func expand(f *ir.Field, aggs []syntax.Item, object bool) syntax.Operator {
	parts := strings.Split(f.Name, "[]")
	if object && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	if !object && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	last := len(parts) - 1
	outer := arrayColumn(f)
	scalars := last == 0 && !object
	item := syntax.ExpandItem{Name: elementName, Expr: orFiller(outer, scalars && textual(f))}
	if scalars {
		item.Type = kustoType(f.Type)
	}
	stage := &syntax.MvApply{Items: []syntax.ExpandItem{item}}
	for i := 1; i < last; i++ { // arrays between the outermost and the leaf
		inner := syntax.Member(syntax.Col(elementName), pathSegments(parts[i])...)
		stage.Body = append(stage.Body, &syntax.MvExpand{Items: []syntax.ExpandItem{{Name: elementName, Expr: orFiller(inner, false)}}})
	}
	stage.Body = append(stage.Body, &syntax.Summarize{Aggs: aggs})
	return stage
}

func pathSegments(part string) []string {
	return strings.Split(strings.TrimPrefix(part, "."), ".")
}

// orFiller replaces an array without elements by one with an empty element, because mv-apply drops rows without elements.
func orFiller(array syntax.Expr, text bool) syntax.Expr {
	filler := syntax.DynArray(syntax.Null(syntax.TypeDynamic))
	if text {
		filler = syntax.DynArray(syntax.Str(""))
	}
	return syntax.Fn("iff", syntax.Bin(syntax.Gt, syntax.Fn("array_length", array), syntax.Long(0)), array, filler)
}

func kustoType(t schema.Type) syntax.Type {
	switch t {
	case schema.Long:
		return syntax.TypeLong
	case schema.Double:
		return syntax.TypeReal
	case schema.Boolean:
		return syntax.TypeBool
	case schema.Date:
		return syntax.TypeDatetime
	case schema.Keyword, schema.Text, schema.IP, schema.Invalid:
	}
	return syntax.TypeString
}

// elementTest builds the condition on one element, and the element's value.
func (l *lowerer) elementTest(p ir.Pred, f *ir.Field) (body, element syntax.Expr) {
	leaf := elementLeaf(f)
	element = value(leaf)
	switch p := p.(type) {
	case *ir.Cmp:
		return conditionOf(&ir.Cmp{Op: p.Op, Cased: p.Cased, L: leaf, R: p.R}), element
	case *ir.Rel:
		swap := func(t ir.Term) ir.Term {
			if t == ir.Term(f) {
				return leaf
			}
			return t
		}
		return conditionOf(&ir.Rel{Op: p.Op, Cased: p.Cased, L: swap(p.L), R: swap(p.R)}), element
	case *ir.Exists, *ir.Empty:
		return syntax.Bool(true), element
	case *ir.Quant:
		if isObject(p) {
			element = syntax.Col(elementName)
		}
		return elementBody(p.Body, p, leaf), element
	case *ir.And, *ir.Or, *ir.Not, *ir.Const, *ir.Keyword:
	}
	panic(fmt.Sprintf("kusto: no lowering of %T on elements", p))
}

// elementLeaf is the field that stands for an element's value inside the stage.
func elementLeaf(f *ir.Field) *ir.Field {
	name := elementName
	if i := strings.LastIndex(f.Name, "[]"); i >= 0 {
		name += f.Name[i+len("[]"):]
	}
	native := schema.NativeField{Path: name, Type: f.Type}
	if f.Native != nil {
		native.EmptyMissing = f.Native.EmptyMissing
	}
	return &ir.Field{Name: name, Type: f.Type, Native: &native}
}

// conditionOf builds a condition on an element so that it is never null.
func conditionOf(p ir.Pred) syntax.Expr {
	var l lowerer
	return l.leaf(p)
}

func elementBody(p ir.Pred, q *ir.Quant, leaf *ir.Field) syntax.Expr {
	switch p := p.(type) {
	case *ir.And:
		return syntax.AllOf(elementBodies(p.Xs, q, leaf)...)
	case *ir.Or:
		return syntax.AnyOf(elementBodies(p.Xs, q, leaf)...)
	case *ir.Not:
		return syntax.Not(elementBody(p.X, q, leaf))
	case *ir.Cmp:
		return conditionOf(&ir.Cmp{Op: p.Op, Cased: p.Cased, L: inElement(p.L, q, leaf), R: p.R})
	case *ir.Rel:
		return conditionOf(&ir.Rel{Op: p.Op, Cased: p.Cased, L: inElement(p.L, q, leaf), R: inElement(p.R, q, leaf)})
	case *ir.Const:
		return syntax.Bool(p.Value)
	case *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	panic(fmt.Sprintf("kusto: no lowering of %T on an element", p))
}

func elementBodies(ps []ir.Pred, q *ir.Quant, leaf *ir.Field) []syntax.Expr {
	xs := make([]syntax.Expr, len(ps))
	for i, p := range ps {
		xs[i] = elementBody(p, q, leaf)
	}
	return xs
}

// inElement replaces the element by the column of the stage, or a member of it.
func inElement(t ir.Term, q *ir.Quant, leaf *ir.Field) ir.Term {
	e, ok := t.(*ir.Elem)
	switch {
	case !ok:
		return t
	case e.Sub == "":
		return leaf
	}
	return elementField(e, q.Over)
}

// types are the Kusto column types of a part's fields.
func types(p ir.Part) map[string]string {
	out := map[string]string{}
	for _, f := range p.Natives() {
		if f.Path == "" {
			continue
		}
		column, _, nested := strings.Cut(strings.ReplaceAll(f.Path, "[]", ""), ".")
		switch {
		case f.JSON:
			out[column] = "string"
		case nested || f.Array:
			out[column] = "dynamic"
		case f.Vendor != "":
			out[column] = f.Vendor
		default:
			out[column] = kustoType(f.Type).String()
		}
	}
	if p.Binding.TableField != "" {
		out[p.Binding.TableField] = "string"
	}
	return out
}
