package interp

import (
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/diag"
)

// naming tells which column name a call gives by itself.
type naming uint8

const (
	nameNone      naming = iota // Column1, print_0 …
	nameFirst                   // that of the first argument
	nameFuncFirst               // function_argument
	namePrefix                  // prefix_argument
)

// function is one scalar function: one row of the function tables.
type function struct {
	name string
	// sig lists the parameters: kinds separated by blanks, ! for one that must be a constant, ? for optional, * for any number.
	sig string
	// ret is the type of the result: a type's name, or "arg0", "arg1", "widest", "common".
	ret    string
	naming naming
	prefix string
	doc    string
	// nulls tells that the function wants to see nulls; otherwise a null argument gives null.
	nulls bool
	// varies tells that equal arguments may give different results.
	varies bool
	fn     func(c *call, a []any) any
	// bind replaces the ordinary binding for functions whose arguments are special.
	bind func(rs *rowScope, x *syntax.Call, f *function) *cexpr

	params []param
	least  int
	repeat bool
}

type param struct {
	kind               kind
	constant, optional bool
}

// call is a call being evaluated.
type call struct {
	x    *exec
	at   diag.Span
	args []*cexpr
	typ  syntax.Type
	n    int // the number of arguments given
}

// functions holds all scalar functions by name.
var functions = map[string]*function{}

func init() {
	for _, list := range [][]*function{
		stringFunctions, encodingFunctions, mathFunctions, unitFunctions, dateFunctions, typeFunctions, logicFunctions, arrayFunctions, bagFunctions,
		ipFunctions, parseFunctions, hashFunctions, formatFunctions, seriesFunctions, analysisFunctions, windowFunctions, sketchFunctions, contextFunctions,
	} {
		for _, f := range list {
			f.prepare()
			for _, name := range strings.Fields(f.name) {
				functions[name] = f
			}
		}
	}
}

// prepare reads the signature.
func (f *function) prepare() {
	for _, w := range strings.Fields(f.sig) {
		f.repeat = strings.HasSuffix(w, "*")
		p := param{optional: f.repeat || strings.HasSuffix(w, "?")}
		k, ok := kindWords[strings.TrimRight(w, "!?*")]
		p.constant = strings.Contains(w, "!")
		if !ok {
			panic("unknown parameter kind " + w + " of " + f.name)
		}
		p.kind = k
		f.params = append(f.params, p)
		if !p.optional {
			f.least++
		}
	}
}

// paramAt gives the parameter that an argument belongs to.
func (f *function) paramAt(i int) param {
	if i < len(f.params) {
		return f.params[i]
	}
	return f.params[len(f.params)-1]
}

// arity reports a wrong number of arguments.
func (f *function) arity(n int) string {
	switch {
	case n < f.least:
		return "needs at least " + count(f.least, "argument")
	case !f.repeat && n > len(f.params):
		if len(f.params) == 0 {
			return "takes no arguments"
		}
		return "takes at most " + count(len(f.params), "argument")
	}
	return ""
}

func count(n int, noun string) string {
	s := text(int64(n)) + " " + noun
	if n != 1 {
		s += "s"
	}
	return s
}

// bindCall binds an ordinary function: its arguments are checked and converted, nulls are passed through.
func (f *function) bindCall(rs *rowScope, x *syntax.Call) *cexpr {
	if f.bind != nil {
		return f.bind(rs, x, f)
	}
	args, ok := rs.args(x, f)
	if !ok {
		return &cexpr{typ: f.staticType(args), at: x.At, eval: func(*env) any { return nil }}
	}
	return f.make(rs, x, args)
}

// make builds the expression of a call whose arguments are bound.
func (f *function) make(rs *rowScope, x *syntax.Call, args []*cexpr) *cexpr {
	c := &call{x: rs.b.x, at: x.At, args: args, typ: f.staticType(args), n: len(args)}
	kinds := make([]kind, len(args))
	for i := range args {
		kinds[i] = f.paramAt(i).kind
	}
	buf := make([]any, len(args))
	out := &cexpr{typ: c.typ, konst: allConst(args) && !f.varies, home: homeOf(args...), at: x.At, name: f.columnName(x, args)}
	out.eval = func(e *env) any {
		for i, a := range args {
			v := kinds[i].convert(a.eval(e))
			if v == nil && !f.nulls {
				return fix(nil, c.typ)
			}
			buf[i] = v
		}
		return fix(f.fn(c, buf), c.typ)
	}
	return fold(out)
}

// args binds and checks the arguments of a call.
func (rs *rowScope) args(x *syntax.Call, f *function) ([]*cexpr, bool) {
	ok := true
	var args []*cexpr
	for i, a := range x.Args {
		if len(a.Names) > 0 {
			rs.b.run(a.At, "`"+x.Name+"` has no argument named `"+a.Names[0]+"`", "give the arguments in their order")
			ok = false
		}
		c := rs.expr(a.Expr)
		args = append(args, c)
		if f == nil || len(f.params) == 0 {
			continue
		}
		if p := f.paramAt(i); !rs.argument(x, i, c, p.kind) || p.constant && !rs.constant(x, i, c) {
			ok = false
		}
	}
	if f != nil {
		if msg := f.arity(len(args)); msg != "" {
			rs.b.run(x.At, "`"+x.Name+"` "+msg, "its parameters are "+f.usage(x.Name))
			ok = false
		}
	}
	return args, ok
}

// argument checks one argument against a kind.
func (rs *rowScope) argument(x *syntax.Call, i int, c *cexpr, k kind) bool {
	if k == kindType {
		if c.typeArg == tNone {
			rs.b.run(c.at, "argument "+text(int64(i+1))+" of `"+x.Name+"` is not typeof(…)")
			return false
		}
		return true
	}
	if c.star || c.table != nil || c.typeArg != tNone || c.tuple != nil {
		rs.b.run(c.at, "argument "+text(int64(i+1))+" of `"+x.Name+"` is not a value")
		return false
	}
	if c.typ != tNone && !k.takes(c.typ) {
		rs.b.run(c.at, "argument "+text(int64(i+1))+" of `"+x.Name+"` is of type "+c.typ.String()+"; it must be "+kindNames[k], conversionHelp(k)...)
		return false
	}
	if k == kindRegex && c.konst && c.typ == tStr {
		_, ok := rs.b.regex(asString(c.value(rs.b.x)), c.at)
		return ok
	}
	return true
}

// constant reports an argument that must not depend on a row but does.
func (rs *rowScope) constant(x *syntax.Call, i int, c *cexpr) bool {
	if !c.konst && c.typ != tNone { // without a type it is reported already
		rs.b.run(c.at, "argument "+text(int64(i+1))+" of `"+x.Name+"` must be a constant")
	}
	return c.konst
}

func conversionHelp(k kind) []string {
	switch k {
	case kindString, kindStrDyn, kindRegex:
		return []string{"convert it with tostring(…)"}
	case kindInt:
		return []string{"convert it with tolong(…)"}
	case kindNum, kindReal:
		return []string{"convert it with todouble(…)"}
	case kindBool:
		return []string{"compare it with a value, or convert it with tobool(…)"}
	case kindDate:
		return []string{"convert it with todatetime(…)"}
	case kindSpan:
		return []string{"convert it with totimespan(…)"}
	case kindDyn:
		return []string{"convert it with parse_json(…)"}
	case kindAny, kindText, kindGUID, kindPlain, kindSum, kindType, kindNumDyn, kindOrder, kindSketch:
	}
	return nil
}

// usage is the signature as text for help: [x] may be left out, x … may come again.
func (f *function) usage(name string) string {
	words := map[string]string{
		"any": "value", "text": "value", "plain": "value", "order": "value", "sketch": "value", "sum": "number or time", "num": "number", "real": "number", "int": "whole number",
		"date": "datetime", "span": "timespan", "dyn": "dynamic", "strdyn": "string or dynamic", "numdyn": "number or dynamic", "type": "typeof(…)",
	}
	var parts []string
	for _, w := range strings.Fields(f.sig) {
		core := strings.TrimRight(w, "!?*")
		word := core
		if better, ok := words[core]; ok {
			word = better
		}
		switch {
		case strings.HasSuffix(w, "*"):
			word += " …"
		case strings.HasSuffix(w, "?"):
			word = "[" + word + "]"
		}
		parts = append(parts, word)
	}
	return name + "(" + strings.Join(parts, ", ") + ")"
}

// staticType gives the type of a call's result.
func (f *function) staticType(args []*cexpr) syntax.Type {
	at := func(i int) syntax.Type {
		if i < len(args) {
			return args[i].typ
		}
		return tNone
	}
	switch f.ret {
	case "arg0":
		return at(0)
	case "arg1":
		return at(1)
	case "widest":
		if isNumeric(at(0)) && isNumeric(at(1)) {
			return widest(at(0), at(1))
		}
		return at(0)
	case "common":
		return commonType(args)
	}
	t, _ := syntax.TypeByName(f.ret)
	return t
}

// commonType is the type of values that must be of one type: numbers widen, dynamic gives way.
func commonType(args []*cexpr) syntax.Type {
	t := tNone
	for _, a := range args {
		switch {
		case t == tNone || t == tDyn && a.typ != tNone:
			t = a.typ
		case a.typ == tNone || a.typ == tDyn || a.typ == t:
		case isNumeric(t) && isNumeric(a.typ):
			t = widest(t, a.typ)
		default:
			return tDyn
		}
	}
	return t
}

func (f *function) columnName(x *syntax.Call, args []*cexpr) string {
	if len(args) == 0 {
		return ""
	}
	switch f.naming {
	case nameFirst:
		return args[0].name
	case nameFuncFirst:
		if args[0].name != "" {
			return x.Name + "_" + args[0].name
		}
	case namePrefix:
		return f.prefix + "_" + args[0].name
	case nameNone:
	}
	return ""
}
