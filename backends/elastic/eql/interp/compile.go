package interp

import (
	"time"

	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// The budget of a run counts tests of single values; it grows with the events, so that only tests over the combinations of
// many values can exhaust it.
const (
	baseSteps     = 50_000_000
	stepsPerEvent = 5_000
)

// run is one run of a program: the input, the fields that the query names, and what went wrong.
type run struct {
	program  *program
	in       native.Input
	now      time.Time
	index    *index // nil while a query is checked without tables
	fields   map[string]*field
	diags    diag.List
	warnings []string
	warned   map[string]bool
	steps    int // what is left of the budget
	stopped  bool
}

func (r *run) on(d native.Doubt) bool { return r.in.On(d) }

func (r *run) fault(code diag.Code, span diag.Span, title string, help ...string) {
	r.diags = append(r.diags, diag.New(code, span, title, help...))
}

// stop ends the run with a fault met in an event.
func (r *run) stop(code diag.Code, span diag.Span, title string, help ...string) {
	if !r.stopped {
		r.stopped = true
		r.fault(code, span, title, help...)
	}
}

func (r *run) warn(text string) {
	if !r.warned[text] {
		r.warned[text] = true
		r.warnings = append(r.warnings, text)
	}
}

// step counts work; false when the run is over.
func (r *run) step(n int) bool {
	r.steps -= n
	if r.steps < 0 && !r.stopped {
		r.stop(diag.EQLLimit, r.program.query.Span, "the query tries too many combinations of field values",
			"name fewer fields with many values in one function or join key, or search fewer events")
	}
	return !r.stopped
}

// field finds a field of the query; nil when it is unmapped and optional, or at fault.
func (r *run) field(f *syntax.Field) *field {
	if found, ok := r.fields[f.Name]; ok {
		return found
	}
	found, err := r.index.find(f.Name)
	if err != nil {
		if err.unmapped && f.Optional {
			return nil
		}
		r.fault(err.code, f.Span, err.title, err.help...)
		return nil
	}
	found.id = len(r.fields)
	r.fields[f.Name] = found
	return found
}

// pred is a compiled condition.
type pred func(e *event) tri

// node is a compiled value. A constant has no function.
type node struct {
	typ  dtype
	span diag.Span
	// isConst says that val is the value of every event.
	isConst bool
	val     value
	// at computes the value from the values that the atom's fields are bound to.
	at func(bound []value) value
	// plain is set when the node is a field and nothing else.
	plain *field
}

func constant(v value, span diag.Span) node {
	return node{typ: typeOf(v), span: span, isConst: true, val: v}
}

// eval is the value for a binding.
func (n node) eval(bound []value) value {
	if n.isConst {
		return n.val
	}
	return n.at(bound)
}

// atom is a test under construction: each mention of a field has a slot of its own.
type atom struct {
	r     *run
	slots []*field
}

// condition compiles an expression where a truth value is wanted.
func (r *run) condition(x syntax.Expr) pred {
	switch x := x.(type) {
	case *syntax.Logical:
		return r.logical(x)
	case *syntax.Not:
		p := r.condition(x.X)
		return func(e *event) tri { return p(e).not() }
	case *syntax.Compare:
		return r.compareCondition(x)
	case *syntax.In:
		if x.Not {
			p := r.atomCondition(&syntax.In{X: x.X, Insensitive: x.Insensitive, List: x.List, Span: x.Span})
			return func(e *event) tri { return p(e).not() }
		}
		return r.atomCondition(x)
	case *syntax.Null, *syntax.Bool, *syntax.Number, *syntax.String, *syntax.Field, *syntax.Call, *syntax.Arith,
		*syntax.Sign, *syntax.Match:
		return r.atomCondition(x)
	}
	return r.always(no)
}

func (r *run) always(t tri) pred { return func(*event) tri { return t } }

func (r *run) logical(x *syntax.Logical) pred {
	ps := make([]pred, len(x.Xs))
	for i, sub := range x.Xs {
		ps[i] = r.condition(sub)
	}
	decides := truth(x.Op == syntax.Or)
	return func(e *event) tri {
		result := decides.not()
		for _, p := range ps {
			switch got := p(e); {
			case got == decides:
				return decides
			case got == unknown:
				result = unknown
			}
		}
		return result
	}
}

// atomCondition compiles a test: it holds when some choice of values for its fields makes it true.
func (r *run) atomCondition(x syntax.Expr) pred {
	a := &atom{r: r}
	n := a.value(x)
	if n.typ != tBool && !n.typ.flexible() {
		r.notBoolean(n, x)
		return r.always(no)
	}
	return a.exists(n)
}

func (r *run) notBoolean(n node, x syntax.Expr) {
	help := []string{"compare it with something"}
	if _, ok := x.(*syntax.String); ok {
		help = []string{"EQL has no free-text search: test the fields that may hold the text"}
	}
	r.fault(diag.EQLRun, x.Pos(), "a condition is wanted here, and this is "+n.typ.noun(), help...)
}

// exists makes the condition "some binding of the slots makes n true". A field without values is bound to null.
func (a *atom) exists(n node) pred {
	r := a.r
	if n.isConst {
		return r.constCondition(n.val)
	}
	switch len(a.slots) {
	case 1:
		return a.existsOne(n)
	default:
		return a.existsMany(n)
	}
}

// constCondition is the truth of a constant. Null comes from null itself and from unmapped optional fields.
func (r *run) constCondition(v value) pred {
	t := logicTruth(v)
	if t == unknown && r.on(doubtUnmappedMissing) {
		t = no
	}
	return r.always(t)
}

func (a *atom) existsOne(n node) pred {
	r, f := a.r, a.slots[0]
	return func(e *event) tri {
		values := e.get(f)
		if !r.step(len(values) + 1) {
			return no
		}
		var bound [1]value
		if len(values) == 0 {
			return truth(n.at(bound[:]) == true)
		}
		for _, v := range values {
			bound[0] = v
			if n.at(bound[:]) == true {
				return yes
			}
		}
		return no
	}
}

func (a *atom) existsMany(n node) pred {
	r, slots := a.r, a.slots
	return func(e *event) tri {
		bound := make([]value, len(slots))
		var try func(i int) bool
		try = func(i int) bool {
			if i == len(slots) {
				return r.step(1+len(slots)) && n.at(bound) == true
			}
			values := e.get(slots[i])
			if len(values) == 0 {
				bound[i] = nil
				return try(i + 1)
			}
			for _, v := range values {
				bound[i] = v
				if try(i+1) || r.stopped {
					return true
				}
			}
			return false
		}
		return truth(try(0) && !r.stopped)
	}
}

// value compiles an expression where a value is wanted.
func (a *atom) value(x syntax.Expr) node {
	switch x := x.(type) {
	case *syntax.Null:
		return constant(nil, x.Span)
	case *syntax.Bool:
		return constant(x.Value, x.Span)
	case *syntax.Number:
		return constant(parseNumber(x.Text), x.Span)
	case *syntax.String:
		return constant(x.Value, x.Span)
	case *syntax.Field:
		return a.field(x)
	case *syntax.Call:
		return a.call(x)
	case *syntax.Not:
		return a.not(x)
	case *syntax.Logical:
		return a.logical(x)
	case *syntax.Compare:
		return a.compare(x)
	case *syntax.Arith:
		return a.arith(x)
	case *syntax.Sign:
		return a.sign(x)
	case *syntax.In:
		return a.in(x)
	case *syntax.Match:
		return a.match(x)
	}
	return constant(nil, x.Pos())
}

// field compiles a mention of a field.
func (a *atom) field(x *syntax.Field) node {
	if a.r.index == nil { // checked without tables
		return node{typ: tAny, span: x.Span, at: func([]value) value { return nil }}
	}
	f := a.r.field(x)
	if f == nil {
		return constant(nil, x.Span)
	}
	slot := len(a.slots)
	a.slots = append(a.slots, f)
	return node{typ: f.typ, span: x.Span, plain: f, at: func(bound []value) value { return bound[slot] }}
}

func (a *atom) not(x *syntax.Not) node {
	n := a.boolean(x.X)
	return a.derive(tBool, x.Span, func(v []value) value { return triValue(logicTruth(v[0]).not()) }, n)
}

func (a *atom) logical(x *syntax.Logical) node {
	ns := make([]node, len(x.Xs))
	for i, sub := range x.Xs {
		ns[i] = a.boolean(sub)
	}
	decides := truth(x.Op == syntax.Or)
	return a.derive(tBool, x.Span, func(v []value) value {
		result := decides.not()
		for _, one := range v {
			switch got := logicTruth(one); {
			case got == decides:
				return triValue(decides)
			case got == unknown:
				result = unknown
			}
		}
		return triValue(result)
	}, ns...)
}

// boolean compiles an operand that must be a truth value.
func (a *atom) boolean(x syntax.Expr) node {
	n := a.value(x)
	if n.typ != tBool && !n.typ.flexible() {
		a.r.notBoolean(n, x)
		return constant(nil, x.Pos())
	}
	return n
}

// derive makes a node of a function of other nodes. Constant operands are folded.
func (a *atom) derive(typ dtype, span diag.Span, f func([]value) value, operands ...node) node {
	folds := true
	for _, n := range operands {
		folds = folds && n.isConst
	}
	if folds {
		values := make([]value, len(operands))
		for i, n := range operands {
			values[i] = n.val
		}
		v := f(values)
		if v == nil {
			return constant(nil, span)
		}
		return node{typ: typ, span: span, isConst: true, val: v}
	}
	if a.r.index == nil {
		return node{typ: typ, span: span, at: func([]value) value { return nil }}
	}
	return node{typ: typ, span: span, at: func(bound []value) value {
		values := make([]value, len(operands))
		for i, n := range operands {
			values[i] = n.eval(bound)
		}
		return f(values)
	}}
}

// strict is derive for functions that are null when an operand is.
func (a *atom) strict(typ dtype, span diag.Span, f func([]value) value, operands ...node) node {
	for _, n := range operands {
		if n.isConst && n.val == nil {
			return constant(nil, span)
		}
	}
	return a.derive(typ, span, func(v []value) value {
		for _, one := range v {
			if one == nil {
				return nil
			}
		}
		return f(v)
	}, operands...)
}
