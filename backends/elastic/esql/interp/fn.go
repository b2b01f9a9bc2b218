package interp

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/diag"
)

// function is one row of the function tables: what a call may look like, and how a checked call is made.
type function struct {
	// name is the name in lower case, alias further names.
	name  string
	alias []string
	// min and max are the numbers of arguments; max -1 is any number.
	min, max int
	doc      string
	// bind makes the expression; nil after it reported a fault.
	bind func(c *call) *expr
	// options are the keys that the map argument may have.
	options []string
	// converts marks a type conversion, which also takes columns whose type differs between tables.
	converts bool
}

// aggregate is one row of the table of aggregate functions.
type aggregate struct {
	name     string
	alias    []string
	min, max int
	doc      string
	// bind checks the arguments and gives the type of the result and the maker of the state of one group.
	bind func(c *call) (typ, func() accumulator)
}

// library is all functions by name.
type library struct {
	scalar map[string]*function
	agg    map[string]*aggregate
}

// names is the library. It is filled before main starts and not changed after: the tables hold functions that look calls
// up in it, so that a plain initializer would refer to itself.
var names library

func init() {
	names = library{map[string]*function{}, map[string]*aggregate{}}
	for _, table := range [][]function{
		mathFunctions, stringFunctions, dateFunctions, multiFunctions, conversionFunctions,
		conditionFunctions, otherFunctions, groupingFunctions,
	} {
		for i := range table {
			for _, n := range append([]string{table[i].name}, table[i].alias...) {
				names.scalar[n] = &table[i]
			}
		}
	}
	for i := range aggregateFunctions {
		for _, n := range append([]string{aggregateFunctions[i].name}, aggregateFunctions[i].alias...) {
			names.agg[n] = &aggregateFunctions[i]
		}
	}
}

// call is one call while it is checked.
type call struct {
	*checker
	node *syntax.Call
	args []*expr
	text string
	site *site
}

// call checks a function call.
func (c *checker) call(n *syntax.Call) *expr {
	name := strings.ToLower(n.Name)
	if a, ok := names.agg[name]; ok {
		return c.aggregateCall(n, a)
	}
	f, ok := names.scalar[name]
	if !ok { // reported when the query was compiled
		return &expr{typ: tErr, col: -1, span: n.Span, eval: func([]any) any { return nil }}
	}
	k := &call{checker: c, node: n, text: c.sourceText(n.Span), site: c.site(n)}
	bad := false
	for _, x := range n.Args {
		e, union := c.unionColumn(x)
		if !union || !f.converts {
			e = c.expr(x)
		}
		bad = bad || e.typ == tErr
		k.args = append(k.args, e)
	}
	if !bad {
		if e := f.bind(k); e != nil {
			return e
		}
	}
	return &expr{typ: tErr, col: -1, span: n.Span, eval: func([]any) any { return nil }}
}

// want checks that argument i is of one of the types; null always fits. A string literal turns into a value of the first
// such type that a string can stand for, unless strings are wanted.
func (k *call) want(i int, ok set) bool {
	a := k.args[i]
	if a.literal && ok&strings_ == 0 {
		for _, t := range []typ{tDate, tNanos, tIP, tVersion, tBool, tPeriod, tDuration} {
			if !ok.has(t) {
				continue
			}
			if amounts.has(t) {
				s, _ := a.val.(string)
				if at, v, fits := parseAmount(s); fits && ok.has(at) {
					k.args[i] = &expr{typ: at, konst: true, val: v, col: -1, span: a.span, text: a.text, eval: func([]any) any { return v }}
					return true
				}
				continue
			}
			k.args[i] = k.literalAs(a, t)
			return k.args[i].typ != tErr
		}
	}
	if ok.has(a.typ) || a.typ == tNull {
		return true
	}
	which := ""
	if len(k.args) > 1 {
		which = ordinal(i) + " "
	}
	k.wrong(a.span, "%sargument of [%s] must be [%s], found value [%s] type [%s]", which, k.text, ok.words(), a.text, a.typ)
	return false
}

// wants checks all arguments.
func (k *call) wants(ok ...set) bool {
	good := true
	for i := range k.args {
		good = k.want(i, ok[min(i, len(ok)-1)]) && good
	}
	return good
}

// constant checks that argument i is the same in all rows and returns its value.
func (k *call) constant(i int) (any, bool) {
	if k.args[i].konst {
		return k.args[i].val, true
	}
	k.wrong(k.args[i].span, "%s argument of [%s] must be a constant, received [%s]", ordinal(i), k.text, k.args[i].text)
	return nil, false
}

// option finds an entry of the map argument.
func (k *call) option(name string) (syntax.Expr, bool) {
	for _, o := range k.node.Options {
		if o.Key == name {
			return o.Value, true
		}
	}
	return nil, false
}

// boolOption is an entry of the map argument that is true or false.
func (k *call) boolOption(name string, otherwise bool) bool {
	if x, ok := k.option(name); ok {
		if b, isBool := x.(*syntax.Bool); isBool {
			return b.Value
		}
		k.wrong(x.Pos(), "the option %s is true or false", name)
	}
	return otherwise
}

// build makes the expression of the call.
func (k *call) build(t typ, eval func(cells []any) any) *expr { return k.make(k.node, t, k.args, eval) }

// one1, two and any are the usual shapes of functions: all arguments single values, null in gives null out.
func (k *call) one1(t typ, f func(x any) (any, error)) *expr {
	return k.build(t, k.strict1(k.site, k.args[0], f))
}

func (k *call) two(t typ, f func(x, y any) (any, error)) *expr {
	return k.build(t, k.strict2(k.site, k.args[0], k.args[1], f))
}

func (k *call) all(t typ, f func(xs []any) (any, error)) *expr {
	return k.build(t, k.strictN(k.site, k.args, f))
}

// checkNames reports what needs no tables: functions that do not exist, their number of arguments, and options.
func checkNames(q *syntax.Query, kql bool) diag.List {
	var out diag.List
	syntax.Walk(q, func(x syntax.Expr) {
		n, ok := x.(*syntax.Call)
		if !ok {
			return
		}
		name := strings.ToLower(n.Name)
		if f, ok := names.scalar[name]; ok && (kql || name != "kql") {
			out = append(out, arity(n, f.min, f.max)...)
			for _, o := range n.Options {
				if !slices.Contains(f.options, o.Key) {
					d := diag.New(diag.ESQLUnknown, o.Span, fmt.Sprintf("%s has no option %q here", strings.ToUpper(name), o.Key))
					if len(f.options) > 0 {
						d.Help = []string{"the options are " + strings.Join(f.options, ", ")}
					}
					out = append(out, d)
				}
			}
			return
		}
		if a, ok := names.agg[name]; ok {
			out = append(out, arity(n, a.min, a.max)...)
			return
		}
		out = append(out, unknownFunction(n))
	})
	return out
}

// missingFunctions are functions of Elasticsearch that this interpreter does not compute, with the reason.
var missingFunctions = map[string]string{
	"kql":            "it needs the interpreter of the Kibana Query Language, which is not connected here",
	"knn":            "vectors are not supported",
	"categorize":     "its grouping of messages is not documented well enough to repeat it",
	"score":          "relevance scores are not computed",
	"text_embedding": "it asks a language model, so its answer cannot be repeated",
	"chunk":          "it is not implemented",
}

func unknownFunction(n *syntax.Call) diag.Diagnostic {
	name := strings.ToLower(n.Name)
	if why, ok := missingFunctions[name]; ok {
		return diag.New(diag.ESQLUnknown, n.Span, "the function "+strings.ToUpper(name)+" is not supported", why)
	}
	if strings.HasPrefix(name, "st_") || strings.HasPrefix(name, "to_geo") {
		return diag.New(diag.ESQLUnknown, n.Span, "the function "+strings.ToUpper(name)+" is not supported",
			"spatial functions are not implemented")
	}
	d := diag.New(diag.ESQLUnknown, n.Span, "Unknown function ["+n.Name+"]")
	known := slices.Sorted(maps.Keys(names.scalar))
	known = append(known, slices.Sorted(maps.Keys(names.agg))...)
	if near := diag.Near(name, known, 3); len(near) > 0 {
		d.Help = []string{"functions with similar names exist: " + strings.ToUpper(strings.Join(near, ", "))}
	}
	return d
}

func arity(n *syntax.Call, lo, hi int) diag.List {
	got := len(n.Args)
	if n.Star {
		if strings.EqualFold(n.Name, "count") {
			return nil
		}
		return diag.List{diag.New(diag.ESQLRun, n.Span, "* is an argument of COUNT only")}
	}
	if got >= lo && (hi < 0 || got <= hi) {
		return nil
	}
	want := fmt.Sprint(lo)
	switch {
	case hi < 0:
		want = fmt.Sprintf("at least %d", lo)
	case hi != lo:
		want = fmt.Sprintf("%d to %d", lo, hi)
	}
	return diag.List{diag.New(diag.ESQLRun, n.Span, fmt.Sprintf("%s takes %s arguments, here are %d",
		strings.ToUpper(n.Name), want, got))}
}
