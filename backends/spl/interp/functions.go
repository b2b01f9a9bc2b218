package interp

import (
	"fmt"
	"maps"
	"slices"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// function is one eval function: the one place for its name, number of arguments, meaning and implementation.
type function struct {
	name     string
	min, max int // arguments; max -1 is without bound
	typ      static
	doc      string
	// call computes the result of plain functions. A null argument gives null, and a multivalue argument is mapped value by
	// value (or tested value by value, for functions that are conditions), unless nulls or lists say otherwise.
	call  func(r *run, a []value) value
	nulls bool // call takes nulls
	lists bool // call takes multivalues
	// build compiles functions that treat their arguments' text specially.
	build func(k *compiler, x *syntax.Call) evalFunc
	// conditions says that arguments may be conditions.
	conditions bool
	// bounded says that call joins its arguments into one text, whose size is to be limited.
	bounded bool
}

// bounded calls f unless its arguments, or its result, are larger than a text may be.
func (r *run) bounded(f func(*run, []value) value, a []value) value {
	size := 0
	for _, v := range a {
		for _, e := range v.values() {
			size += len(e.text()) + 1
		}
	}
	if size > maxValueBytes || !r.spend(size/16+1) {
		r.limit(fmt.Sprintf("a text grew beyond %d bytes", maxValueBytes))
		return value{}
	}
	v := f(r, a)
	if len(v.str) > maxValueBytes {
		r.limit(fmt.Sprintf("a text grew beyond %d bytes", maxValueBytes))
		return value{}
	}
	return v
}

// functions is the table of all eval functions, by name. It is filled once, from the tables of the function files.
var functions map[string]*function

func init() {
	functions = map[string]*function{}
	for _, table := range [][]function{logicFunctions, textFunctions, numberFunctions, listFunctions, timeFunctions, dataFunctions, jsonFunctions, convertFunctions} {
		for i := range table {
			f := &table[i]
			if inner := f.call; f.bounded {
				f.call = func(r *run, a []value) value { return r.bounded(inner, a) }
			}
			if functions[f.name] != nil {
				panic("two functions named " + f.name)
			}
			functions[f.name] = f
		}
	}
	for alias, name := range map[string]string{"ceil": "ceiling"} {
		functions[alias] = functions[name]
	}
}

func functionNames() []string { return slices.Collect(maps.Keys(functions)) }

// call compiles a function call.
func (k *compiler) call(x *syntax.Call) expression {
	f := functions[x.Name]
	if f == nil {
		help := ""
		if x.Name == "random" {
			help = "random() has no value that a test could expect"
		}
		k.unknown(x.Span, "function", x.Name, functionNames(), help)
		for _, a := range x.Args {
			k.expr(a)
		}
		return expression{eval: nothing}
	}
	if n := len(x.Args); n < f.min || f.max >= 0 && n > f.max {
		k.invalid(x.Span, fmt.Sprintf("`%s` takes %s, and here are %d", f.name, arity(f), n), f.doc)
		return expression{eval: nothing, typ: f.typ}
	}
	if f.build != nil {
		return expression{eval: f.build(k, x), typ: f.typ}
	}
	args := make([]evalFunc, len(x.Args))
	for i, a := range x.Args {
		if f.conditions {
			args[i] = k.expr(a).eval
		} else {
			args[i] = k.operandValue(a, "`"+f.name+"`").eval
		}
	}
	return expression{eval: f.bind(args), typ: f.typ}
}

func arity(f *function) string {
	switch {
	case f.max < 0:
		return fmt.Sprintf("at least %d arguments", f.min)
	case f.min == f.max && f.min == 1:
		return "one argument"
	case f.min == f.max:
		return fmt.Sprintf("%d arguments", f.min)
	}
	return fmt.Sprintf("%d to %d arguments", f.min, f.max)
}

// bind makes the function's evaluation out of those of its arguments.
func (f *function) bind(args []evalFunc) evalFunc {
	return func(r *run, w *row) value {
		vals := make([]value, len(args))
		several := -1
		for i, a := range args {
			vals[i] = a(r, w)
			if vals[i].isNull() && !f.nulls {
				return value{}
			}
			if vals[i].kind == multi && several < 0 {
				several = i
			}
		}
		if several < 0 || f.lists {
			return f.call(r, vals)
		}
		return f.each(r, vals, several)
	}
}

// each applies the function to the values of the multivalue argument number i: a condition is true if any of them makes it
// so, other functions give a multivalue.
func (f *function) each(r *run, vals []value, i int) value {
	if !r.on[anyValue].On() {
		for j := range vals {
			vals[j] = r.single(vals[j])
		}
		return f.call(r, vals)
	}
	var results []value
	result := value{}
	for _, v := range vals[i].list {
		one := slices.Clone(vals)
		one[i] = v
		got := value{}
		if j := slices.IndexFunc(one, func(v value) bool { return v.kind == multi }); j >= 0 {
			got = f.each(r, one, j)
		} else {
			got = f.call(r, one)
		}
		if f.typ == boolType {
			if got.kind == boolean && got.num != 0 {
				return got
			}
			if result.isNull() {
				result = got
			}
			continue
		}
		results = append(results, got.values()...)
	}
	if f.typ == boolType {
		return result
	}
	return r.listValue(results)
}
