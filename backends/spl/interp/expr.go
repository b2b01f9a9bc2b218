package interp

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
)

// evalFunc computes an eval expression on a row.
type evalFunc func(r *run, w *row) value

// static is what is known of an expression's type before any row is seen.
type static int

const (
	anyType static = iota
	numType
	strType
	boolType
)

// expression is a compiled eval expression.
type expression struct {
	eval evalFunc
	typ  static
	lit  bool // a literal of the query
}

func nothing(*run, *row) value { return value{} }

func (k *compiler) expr(x syntax.Expr) expression {
	switch x := x.(type) {
	case *syntax.Num:
		n, ok := parseNumber(x.Text)
		if !ok {
			k.invalid(x.Span, "`"+x.Text+"` is no number that fits", "write a smaller number")
		}
		v := value{kind: number, num: n, str: x.Text, origin: literal}
		return expression{func(*run, *row) value { return v }, numType, true}
	case *syntax.Str:
		return k.str(x)
	case *syntax.Field:
		name := x.Name
		return expression{eval: func(_ *run, w *row) value { return w.get(name) }}
	case *syntax.Call:
		return k.call(x)
	case *syntax.Unary:
		return k.unary(x)
	case *syntax.Binary:
		return k.binary(x)
	case *syntax.Logic:
		return k.logic(x)
	case *syntax.InList:
		return k.inList(x)
	case *syntax.MacroExpr:
		k.unknownMacro(x.Macro)
	case *syntax.SubExpr:
		return k.subExpr(x)
	}
	return expression{eval: nothing}
}

func (k *compiler) str(x *syntax.Str) expression {
	v := value{kind: text, str: x.Value, origin: literal}
	if x.Body == "" {
		return expression{func(*run, *row) value { return v }, strType, true}
	}
	plain := value{kind: text, str: syntax.UnescapeEval(x.Body, false), origin: literal}
	return expression{func(r *run, _ *row) value {
		if r.on[controlEscapes].On() {
			return v
		}
		return plain
	}, strType, true}
}

// truth is a Boolean that may be unknown.
type truth int

const (
	no truth = iota
	yes
	unknown
)

// truth reads a condition's value. In two-valued mode null counts as false.
func (r *run) truth(v value) truth {
	if v.kind == boolean {
		if v.num != 0 {
			return yes
		}
		return no
	}
	if r.on[threeValued].On() {
		return unknown
	}
	return no
}

func truthValue(t truth) value {
	switch t {
	case yes:
		return boolValue(true)
	case no:
		return boolValue(false)
	case unknown:
	}
	return value{}
}

// condition compiles an expression that must be Boolean. A field or a function of unknown type passes here, and is not true
// at run time unless it is.
func (k *compiler) condition(x syntax.Expr, where string) evalFunc {
	e := k.expr(x)
	if e.typ == numType || e.typ == strType {
		k.invalid(x.Pos(), fmt.Sprintf("%s needs a condition, and this is a value", where), "compare it with something, as in `field=1`")
	}
	return e.eval
}

// operandValue compiles an expression that must not be Boolean.
func (k *compiler) operandValue(x syntax.Expr, where string) expression {
	e := k.expr(x)
	if e.typ == boolType {
		k.invalid(x.Pos(), fmt.Sprintf("%s takes values, and this is a condition", where), "wrap the condition: if(condition, 1, 0)")
	}
	return e
}

func (k *compiler) unary(x *syntax.Unary) expression {
	if x.Op == "NOT" {
		f := k.condition(x.X, "NOT")
		return expression{func(r *run, w *row) value {
			switch r.truth(f(r, w)) {
			case yes:
				return boolValue(false)
			case no:
				return boolValue(true)
			case unknown:
			}
			return value{}
		}, boolType, false}
	}
	e := k.operandValue(x.X, "-")
	return expression{func(r *run, w *row) value {
		if n, ok := r.single(e.eval(r, w)).number(); ok {
			return numValue(-n)
		}
		return value{}
	}, numType, e.lit}
}

func (k *compiler) logic(x *syntax.Logic) expression {
	terms := make([]evalFunc, len(x.Terms))
	for i, t := range x.Terms {
		terms[i] = k.condition(t, x.Op)
	}
	stop, rest := no, yes // AND ends at the first false
	if x.Op == "OR" {
		stop, rest = yes, no
	}
	if x.Op == "XOR" {
		return expression{func(r *run, w *row) value { return xor(r, w, terms) }, boolType, false}
	}
	return expression{func(r *run, w *row) value {
		result := rest
		for _, t := range terms {
			switch got := r.truth(t(r, w)); {
			case got == stop:
				return truthValue(stop)
			case got == unknown:
				result = unknown
			}
		}
		return truthValue(result)
	}, boolType, false}
}

func xor(r *run, w *row, terms []evalFunc) value {
	result := false
	for _, t := range terms {
		switch r.truth(t(r, w)) {
		case unknown:
			return value{}
		case yes:
			result = !result
		case no:
		}
	}
	return boolValue(result)
}

// single is the value that stands for several where only one can be used: null when each value is to be tested and none of
// them stands for the others.
func (r *run) single(v value) value {
	if v.kind != multi {
		return v
	}
	if r.on[anyValue].On() {
		return value{}
	}
	return v.list[0]
}

func (k *compiler) binary(x *syntax.Binary) expression {
	switch x.Op {
	case ".", "+", "-", "*", "/", "%":
		return k.arithmetic(x)
	}
	l, r := k.expr(x.L), k.expr(x.R)
	if x.Op == "LIKE" {
		return expression{likeFunc(l.eval, r.eval), boolType, false}
	}
	if l.lit && r.lit && l.typ != r.typ || (l.typ == boolType) != (r.typ == boolType) && l.typ != anyType && r.typ != anyType {
		k.invalid(x.Span, fmt.Sprintf("`%s` compares values of different types", x.Op), "compare two numbers or two strings")
	}
	op := x.Op
	return expression{func(r2 *run, w *row) value { return r2.compare(op, l.eval(r2, w), r.eval(r2, w)) }, boolType, false}
}

// compare applies a comparison: null if a side is null, any value of several.
func (r *run) compare(op string, a, b value) value {
	if a.isNull() || b.isNull() {
		return value{}
	}
	if a.kind == multi || b.kind == multi {
		if !r.on[anyValue].On() {
			return r.compareOne(op, r.single(a), r.single(b))
		}
		result := value{}
		for _, x := range a.values() {
			for _, y := range b.values() {
				got := r.compareOne(op, x, y)
				if got.kind == boolean && got.num != 0 {
					return got
				}
				if result.isNull() {
					result = got
				}
			}
		}
		return result
	}
	return r.compareOne(op, a, b)
}

func (r *run) compareOne(op string, a, b value) value {
	if a.kind == boolean || b.kind == boolean {
		same := a.kind == b.kind && a.num == b.num
		switch op {
		case "=":
			return boolValue(same)
		case "!=":
			return boolValue(!same)
		}
		return value{}
	}
	x, aNum := a.asNumber()
	y, bNum := b.asNumber()
	if aNum && bNum && (r.on[numericText].On() || a.origin != field || b.origin != field) {
		return boolValue(ordered(op, compareFloats(x, y)))
	}
	if aNum != bNum && a.origin != literal && b.origin != literal || a.kind == number && b.kind == text || a.kind == text && b.kind == number {
		return r.mixed(op, a, b)
	}
	return boolValue(ordered(op, strings.Compare(a.text(), b.text())))
}

// asNumber is number but for the text literals of the query, which are never numbers.
func (v value) asNumber() (float64, bool) {
	if v.kind == text && v.origin == literal {
		return 0, false
	}
	return v.number()
}

// mixed compares a number with text: as texts, but order may be undefined.
func (r *run) mixed(op string, a, b value) value {
	if op != "=" && op != "!=" && !r.on[textOrder].On() {
		return value{}
	}
	return boolValue(ordered(op, strings.Compare(a.text(), b.text())))
}

func (k *compiler) inList(x *syntax.InList) expression {
	subject := k.expr(x.X)
	var list []evalFunc
	for _, item := range x.List {
		list = append(list, k.operandValue(item, "IN").eval)
	}
	return expression{inFunc(subject.eval, list), boolType, false}
}

// inFunc is `in`: equal to some item, exactly.
func inFunc(subject evalFunc, list []evalFunc) evalFunc {
	return func(r *run, w *row) value {
		v := subject(r, w)
		if v.isNull() {
			return value{}
		}
		for _, item := range list {
			if got := r.compare("=", v, item(r, w)); got.kind == boolean && got.num != 0 {
				return got
			}
		}
		return boolValue(false)
	}
}

// subExpr runs a bracketed search and evaluates the text that it returns.
func (k *compiler) subExpr(x *syntax.SubExpr) expression {
	p := k.query(x.Query, true)
	return expression{eval: func(r *run, w *row) value {
		f, ok := r.subExprs[x.Query]
		if !ok {
			f = r.resultExpr(r.exec(p, set{}), x.Span)
			r.subExprs[x.Query] = f
		}
		return f(r, w)
	}}
}

// resultExpr makes the expression that a subsearch's result is spliced in as.
func (r *run) resultExpr(got set, span diag.Span) evalFunc {
	if len(got.rows) == 0 {
		return nothing
	}
	parsed, diags := syntax.ParseExpr("subsearch result", got.rows[0].get("search").text())
	k := &compiler{regexes: r.p.regexes, used: map[string]bool{}}
	if !diags.HasErrors() {
		if e := k.expr(parsed); !k.diags.HasErrors() {
			return e.eval
		}
		diags = k.diags
	}
	r.fault(diag.SPLRun, span, "the result of the subsearch is no expression: "+diags[0].Title, "end the subsearch with `return $field`")
	return nothing
}
