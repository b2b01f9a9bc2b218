package interp

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/diag"
)

// param is what an argument of a function must be.
type param uint8

const (
	pAny param = iota
	pString
	pNumber
	pWhole
	pBool
	pIP
	pBlock // a constant CIDR block
	pBase  // a constant whole number
)

// function is one row of the function table ("EQL function reference").
type function struct {
	name string // as documented; calls ignore case
	doc  string
	// params are the kinds of the arguments; the last one repeats when max is below 0.
	params   []param
	min, max int
	// insensitive says that the function has a form with ~.
	insensitive bool
	// nullable lists the arguments that may be null without making the result null.
	nullable []int
	result   dtype
	call     func(k call, args []value) value
}

// call is the context of one function call.
type call struct {
	r           *run
	span        diag.Span
	insensitive bool
}

// functions is the function table.
var functions = []function{
	{name: "add", doc: "the sum", params: []param{pNumber}, min: 2, max: 2, result: tReal},
	{
		name: "between", doc: "the text between two delimiters", params: []param{pString, pString, pString, pBool}, min: 3, max: 4,
		insensitive: true, result: tString, call: between,
	},
	{
		name: "cidrMatch", doc: "whether an address lies in one of the blocks", params: []param{pIP, pBlock}, min: 2, max: -1,
		result: tBool, call: cidrMatch,
	},
	{name: "concat", doc: "the arguments as one string", params: []param{pAny}, min: 1, max: -1, result: tString, call: concat},
	{name: "divide", doc: "the quotient", params: []param{pNumber}, min: 2, max: 2, result: tReal},
	{
		name: "endsWith", doc: "whether a string ends with another", params: []param{pString, pString}, min: 2, max: 2,
		insensitive: true, result: tBool, call: endsWith,
	},
	{
		name: "indexOf", doc: "the position of a string in another, null when it is not there",
		params: []param{pString, pString, pWhole}, min: 2, max: 3, nullable: []int{2}, insensitive: true, result: tWhole, call: indexOf,
	},
	{name: "length", doc: "the length of a string", params: []param{pString}, min: 1, max: 1, result: tWhole, call: length},
	{name: "modulo", doc: "the remainder", params: []param{pNumber}, min: 2, max: 2, result: tReal},
	{name: "multiply", doc: "the product", params: []param{pNumber}, min: 2, max: 2, result: tReal},
	{
		name: "number", doc: "the number that a string stands for", params: []param{pString, pBase}, min: 1, max: 2, nullable: []int{1},
		result: tReal, call: number,
	},
	{
		name: "startsWith", doc: "whether a string begins with another", params: []param{pString, pString}, min: 2, max: 2,
		insensitive: true, result: tBool, call: startsWith,
	},
	{
		name: "string", doc: "a value as text", params: []param{pAny}, min: 1, max: 1, result: tString,
		call: func(_ call, args []value) value { return toText(args[0]) },
	},
	{
		name: "stringContains", doc: "whether a string contains another", params: []param{pString, pString}, min: 2, max: 2,
		insensitive: true, result: tBool, call: stringContains,
	},
	{
		name: "substring", doc: "a part of a string", params: []param{pString, pWhole, pWhole}, min: 2, max: 3, nullable: []int{1, 2},
		result: tString, call: substring,
	},
	{name: "subtract", doc: "the difference", params: []param{pNumber}, min: 2, max: 2, result: tReal},
}

// operators are the functions that mean the same as an operator.
var operators = map[string]syntax.ArithOp{
	"add": syntax.Add, "subtract": syntax.Sub, "multiply": syntax.Mul, "divide": syntax.Div, "modulo": syntax.Mod,
}

// elsewhere are functions of Endgame EQL that Elasticsearch does not have, and what to write.
var elsewhere = map[string]string{
	"wildcard":      "write `field : \"pattern*\"` or `field like \"pattern*\"`",
	"match":         "write `field regex \"pattern\"`, which must fit the whole value",
	"matchlite":     "write `field regex \"pattern\"`, which must fit the whole value",
	"arraycontains": "a test on the field holds when any element passes it: `field : \"value\"`",
	"arraysearch":   "a test on the field holds when any element passes it",
	"arraycount":    "Elasticsearch does not count elements",
	"safe":          "write its argument alone",
}

func findFunction(name string) *function {
	for i := range functions {
		if strings.EqualFold(functions[i].name, name) {
			return &functions[i]
		}
	}
	return nil
}

// call compiles a function call.
func (a *atom) call(x *syntax.Call) node {
	f := findFunction(x.Name)
	args := make([]node, len(x.Args))
	for i, arg := range x.Args {
		args[i] = a.value(arg)
	}
	if f == nil {
		a.r.unknownFunction(x)
		return node{typ: tAny, span: x.Span, at: func([]value) value { return nil }}
	}
	ok := a.r.checkCall(f, x)
	for i := 0; ok && i < len(args); i++ {
		var fits bool
		args[i], fits = a.argument(f, x, i, args[i])
		ok = fits && ok
	}
	if !ok {
		return node{typ: f.result, span: x.Span, at: func([]value) value { return nil }}
	}
	if op, isOperator := operators[f.name]; isOperator {
		return a.calculate(op, x.Span, args[0], args[1])
	}
	for i, n := range args {
		if n.isConst && n.val == nil && !f.takesNull(i) {
			return constant(nil, x.Span)
		}
	}
	k := call{r: a.r, span: x.Span, insensitive: x.Insensitive}
	return a.derive(f.result, x.Span, func(v []value) value {
		for i, one := range v {
			if one == nil && !f.takesNull(i) {
				return nil
			}
		}
		return f.call(k, v)
	}, args...)
}

func (f *function) takesNull(i int) bool {
	for _, n := range f.nullable {
		if n == i {
			return true
		}
	}
	return false
}

func (r *run) unknownFunction(x *syntax.Call) {
	var help []string
	if h, ok := elsewhere[strings.ToLower(x.Name)]; ok {
		help = append(help, h)
	}
	names := make([]string, len(functions))
	for i, f := range functions {
		names[i] = f.name
	}
	if near := diag.Near(x.Name, names, 1); len(near) > 0 {
		help = append(help, "a function with a similar name exists: `"+near[0]+"`")
	}
	r.fault(diag.EQLUnknown, x.Span, "EQL has no function `"+x.Name+"`", help...)
}

// checkCall checks what shows without types: the number of arguments and the ~.
func (r *run) checkCall(f *function, x *syntax.Call) bool {
	if n := len(x.Args); n < f.min || f.max >= 0 && n > f.max {
		want := fmt.Sprintf("%d", f.min)
		switch {
		case f.max < 0:
			want += " or more"
		case f.max > f.min:
			want += fmt.Sprintf(" to %d", f.max)
		}
		r.fault(diag.EQLRun, x.Span, fmt.Sprintf("`%s` takes %s arguments, not %d", f.name, want, n))
		return false
	}
	if x.Insensitive && !f.insensitive {
		r.fault(diag.EQLRun, x.Span, "`"+f.name+"` has no case-insensitive form", "remove the `~`")
		return false
	}
	return true
}

// argument checks one argument against its kind and converts constants that have a form of their own.
func (a *atom) argument(f *function, x *syntax.Call, i int, n node) (node, bool) {
	kind := f.params[min(i, len(f.params)-1)]
	wrong := func(want string, help ...string) (node, bool) {
		what := "this is " + n.typ.noun()
		if n.plain != nil {
			what = fmt.Sprintf("`%s` is mapped as %s", n.plain.name, n.plain.main.Type)
		}
		a.r.fault(diag.EQLRun, x.Args[i].Pos(), fmt.Sprintf("`%s` takes %s as argument %d, and %s", f.name, want, i+1, what), help...)
		return n, false
	}
	if n.typ.flexible() && kind != pBlock && kind != pBase {
		return n, true
	}
	switch kind {
	case pAny:
	case pString:
		if n.typ != tString && n.typ != tVersion {
			return wrong("a string", "convert it with string()")
		}
	case pNumber:
		if !n.typ.isNumber() {
			return wrong("a number", "convert it with number()")
		}
	case pWhole:
		if n.typ != tWhole {
			return wrong("a whole number")
		}
	case pBool:
		if n.typ != tBool {
			return wrong("true or false")
		}
	case pIP:
		return a.addressArgument(n, wrong)
	case pBlock:
		return a.blockArgument(f, x, i, n)
	case pBase:
		if !n.isConst && !n.typ.flexible() {
			return wrong("a constant base")
		}
		if n.isConst && n.val != nil && n.typ != tWhole {
			return wrong("a whole number")
		}
	}
	return n, true
}

// addressArgument wants an address: a field of type ip, or text. A keyword field is refused, as Elasticsearch does, unless
// no mapping was given and its type is only a guess.
func (a *atom) addressArgument(n node, wrong func(string, ...string) (node, bool)) (node, bool) {
	switch {
	case n.typ == tIP:
		return n, true
	case n.plain != nil && n.typ == tString && n.plain.main.Inferred:
		a.r.warn("`" + n.plain.name + "` has no mapping and is read as ip")
		return a.toAddress(n), true
	case n.plain != nil:
		return wrong("an IP address", "map the field as ip")
	case n.typ == tString:
		return a.toAddress(n), true
	}
	return wrong("an IP address")
}

func (a *atom) toAddress(n node) node {
	return a.strict(tIP, n.span, func(v []value) value {
		s, ok := v[0].(string)
		if !ok {
			return nil
		}
		addr, err := mapping.ParseIP(s)
		if err != nil {
			return nil
		}
		return addr
	}, n)
}

// blockArgument wants a constant CIDR block; an address alone is a block of one.
func (a *atom) blockArgument(f *function, x *syntax.Call, i int, n node) (node, bool) {
	if !n.isConst {
		if n.typ == tAny && a.r.index == nil {
			return n, true
		}
		a.r.fault(diag.EQLRun, x.Args[i].Pos(), "the blocks of `"+f.name+"` must be constants")
		return n, false
	}
	if n.val == nil {
		return n, true
	}
	s, ok := n.val.(string)
	if ok && !strings.Contains(s, "/") {
		if addr, err := mapping.ParseIP(s); err == nil {
			return node{typ: tIP, span: n.span, isConst: true, val: netip.PrefixFrom(addr, addr.BitLen())}, true
		}
	}
	if ok {
		if p, err := mapping.ParseCIDR(s); err == nil {
			return node{typ: tIP, span: n.span, isConst: true, val: p}, true
		}
	}
	a.r.fault(diag.EQLRun, x.Args[i].Pos(), fmt.Sprintf("%s is not a CIDR block", syntax.PrintExpr(x.Args[i])),
		`write it like "10.0.0.0/8" or "2001:db8::/32"`)
	return n, false
}

func cidrMatch(_ call, args []value) value {
	addr, ok := args[0].(netip.Addr)
	if !ok {
		return nil
	}
	for _, block := range args[1:] {
		if p, ok := block.(netip.Prefix); ok && mapping.InCIDR(p, addr) {
			return true
		}
	}
	return false
}
