package engine

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// context is what a predicate reads: the event and the elements of the enclosing quantifiers, outermost first.
type context struct {
	event *schema.Event // nil while nobody has asked for it
	// canonical makes the event, where there are slots.
	canonical func() *schema.Event
	slots     *slots
	elems     []element
	// stack holds values for as long as they are looked at.
	stack []schema.Value
}

func (e *context) ev() *schema.Event {
	if e.event == nil {
		e.event = e.canonical()
	}
	return e.event
}

type element struct {
	value  schema.Value
	object map[string]any
}

// predicate and term are compiled; a term appends its values.
type (
	predicate func(*context) bool
	term      func(*context, []schema.Value) []schema.Value
)

// compiler knows the variables of the enclosing quantifiers. With slots, fields are read through them.
type compiler struct {
	vars  []string
	slots *slotTable
}

func (c compiler) pred(p ir.Pred) (predicate, error) {
	switch p := p.(type) {
	case *ir.And:
		return c.junction(p.Xs, false)
	case *ir.Or:
		return c.junction(p.Xs, true)
	case *ir.Not:
		x, err := c.pred(p.X)
		return func(e *context) bool { return !x(e) }, err
	case *ir.Const:
		return func(*context) bool { return p.Value }, nil
	case *ir.Cmp:
		if slot, ok := slotOf(c.slots, p.L, nil); ok && isText(p) {
			return compareFolded(slot, p), nil
		}
		return c.compare(p)
	case *ir.Rel:
		return c.relate(p)
	case *ir.Exists:
		return c.someValue(p.F, false, func(schema.Value) bool { return true })
	case *ir.Empty:
		return c.someValue(p.F, true, func(v schema.Value) bool { return !v.Type().IsString() || v.Str() != "" })
	case *ir.Quant:
		return c.quantify(p)
	case *ir.Keyword:
		return keyword(p)
	}
	return nil, fmt.Errorf("unknown predicate %T", p)
}

// junction is or when stop is true, else and: the first member that is as stop decides.
func (c compiler) junction(xs []ir.Pred, stop bool) (predicate, error) {
	members := make([]predicate, len(xs))
	for i, x := range xs {
		var err error
		if members[i], err = c.pred(x); err != nil {
			return nil, err
		}
	}
	return func(e *context) bool {
		for _, m := range members {
			if m(e) == stop {
				return stop
			}
		}
		return !stop
	}, nil
}

// someValue asks whether some value of a term fits, or, negated, whether none does.
func (c compiler) someValue(t ir.Term, negated bool, fits func(schema.Value) bool) (predicate, error) {
	x, err := c.term(t)
	if err != nil {
		return nil, err
	}
	return func(e *context) bool {
		start := len(e.stack)
		e.stack = x(e, e.stack)
		found := false
		for _, v := range e.stack[start:] {
			if fits(v) {
				found = true
				break
			}
		}
		e.stack = e.stack[:start]
		return found != negated
	}, nil
}

func (c compiler) compare(p *ir.Cmp) (predicate, error) {
	fits, err := ir.Matcher(p.Op, p.Cased, p.R)
	if err != nil {
		return nil, err
	}
	if set := literalSet(p); set != nil {
		slow := fits
		fits = func(v schema.Value) bool {
			if !v.Type().IsString() {
				return slow(v)
			}
			text := v.Str()
			if !p.Cased {
				text = pattern.FoldString(text)
			}
			return set[text]
		}
	}
	return c.someValue(p.L, false, fits)
}

// compareFolded compares the folded texts of a slot.
func compareFolded(slot int, p *ir.Cmp) predicate {
	if set := literalSet(p); set != nil {
		return func(e *context) bool {
			return slices.ContainsFunc(e.slots.folded(slot), func(s string) bool { return set[s] })
		}
	}
	test := strings.Contains
	switch p.Op {
	case ir.StartsWith:
		test = strings.HasPrefix
	case ir.EndsWith:
		test = strings.HasSuffix
	case ir.Contains, ir.Eq, ir.Like, ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
	}
	needles := make([]string, len(p.R))
	for i, v := range p.R {
		needles[i] = pattern.FoldString(v.Str())
	}
	return func(e *context) bool {
		for _, s := range e.slots.folded(slot) {
			for _, n := range needles {
				if test(s, n) {
					return true
				}
			}
		}
		return false
	}
}

// literalSet returns the texts that a value is equal to, folded unless cased; nil when the comparison is another one.
func literalSet(p *ir.Cmp) map[string]bool {
	if p.Op != ir.Eq {
		return nil
	}
	set := map[string]bool{}
	for _, v := range p.R {
		if !v.Type().IsString() {
			return nil
		}
		if p.Cased {
			set[v.Str()] = true
		} else {
			set[pattern.FoldString(v.Str())] = true
		}
	}
	return set
}

func (c compiler) relate(p *ir.Rel) (predicate, error) {
	l, err := c.term(p.L)
	if err != nil {
		return nil, err
	}
	r, err := c.term(p.R)
	if err != nil {
		return nil, err
	}
	return func(e *context) bool {
		start := len(e.stack)
		defer func() { e.stack = e.stack[:start] }()
		e.stack = l(e, e.stack)
		middle := len(e.stack)
		e.stack = r(e, e.stack)
		for _, x := range e.stack[start:middle] {
			for _, y := range e.stack[middle:] {
				if ir.Compare(p.Op, p.Cased, x, y) {
					return true
				}
			}
		}
		return false
	}, nil
}

func keyword(p *ir.Keyword) (predicate, error) {
	if p.Op == ir.Contains && !p.Cased {
		return folded(pattern.FoldString(p.Text)), nil
	}
	match, err := p.Matcher()
	if err != nil {
		return nil, err
	}
	return func(e *context) bool {
		found := false
		e.ev().AllStrings(func(s string) { found = found || match(schema.String(s)) })
		return found
	}, nil
}

// folded asks whether some text of the event contains one, without case.
func folded(needle string) predicate {
	return func(e *context) bool {
		if e.slots != nil {
			return slices.ContainsFunc(e.slots.allFolded(e), func(s string) bool { return strings.Contains(s, needle) })
		}
		found := false
		e.ev().AllStrings(func(s string) { found = found || strings.Contains(pattern.FoldString(s), needle) })
		return found
	}
}

func (c compiler) quantify(p *ir.Quant) (predicate, error) {
	inner := compiler{vars: append(append([]string{}, c.vars...), p.Var), slots: c.slots}
	body, err := inner.pred(p.Body)
	if err != nil {
		return nil, err
	}
	elements, err := c.elements(p)
	if err != nil {
		return nil, err
	}
	depth := len(c.vars)
	return func(e *context) bool {
		elems := elements(e)
		for _, x := range elems {
			e.elems = append(e.elems[:depth], x)
			if body(e) == (p.Kind == ir.Any) {
				return p.Kind == ir.Any
			}
		}
		return p.Kind == ir.All && len(elems) > 0
	}, nil
}

// elements returns what a quantifier ranges over: objects when its body reads sub-fields, else values.
func (c compiler) elements(p *ir.Quant) (func(*context) []element, error) {
	f := p.Over
	if ir.ReadsSubfields(p.Body, p.Var) {
		return func(e *context) (out []element) {
			objects := e.ev().Objects(f.Name)
			if f.Native != nil {
				objects = f.Native.Objects(e.ev().Object)
			}
			for _, o := range objects {
				out = append(out, element{object: o})
			}
			return out
		}, nil
	}
	over, err := c.term(f)
	return func(e *context) (out []element) {
		for _, v := range over(e, nil) {
			out = append(out, element{value: v})
		}
		return out
	}, err
}

func (c compiler) term(t ir.Term) (term, error) {
	switch t := t.(type) {
	case *ir.Field:
		if slot, ok := c.slots.slot(t); ok {
			return func(e *context, dst []schema.Value) []schema.Value { return append(dst, e.slots.values(slot)...) }, nil
		}
		return field(t), nil
	case *ir.Elem:
		for i := len(c.vars) - 1; i >= 0; i-- {
			if c.vars[i] == t.Var {
				return elem(i, t), nil
			}
		}
		return nil, fmt.Errorf("no quantifier has the variable %s", t.Var)
	case *ir.Lit:
		return func(_ *context, dst []schema.Value) []schema.Value { return append(dst, t.Value) }, nil
	case *ir.Arith:
		return c.arith(t)
	case *ir.Call:
		x, err := c.term(t.X)
		return call(t.Func, x), err
	}
	return nil, fmt.Errorf("unknown term %T", t)
}

func field(f *ir.Field) term {
	switch {
	case f.Native != nil:
		return func(e *context, dst []schema.Value) []schema.Value {
			return append(dst, f.Native.Read(e.ev().Object)...)
		}
	case schema.IsKind(f.Name):
		return func(e *context, dst []schema.Value) []schema.Value {
			vals, _ := schema.KindValues(f.Name, e.ev().Class, e.ev().Source)
			return append(dst, vals...)
		}
	case f.Name == "@timestamp":
		return func(e *context, dst []schema.Value) []schema.Value {
			return append(dst, e.ev().Time()...)
		}
	}
	path := strings.ReplaceAll(f.Name, "[]", "")
	return func(e *context, dst []schema.Value) []schema.Value { return read(dst, e.ev().Object, path, f.Type) }
}

func elem(depth int, t *ir.Elem) term {
	if t.Sub == "" {
		return func(e *context, dst []schema.Value) []schema.Value { return append(dst, e.elems[depth].value) }
	}
	path := strings.ReplaceAll(t.Sub, "[]", "")
	return func(e *context, dst []schema.Value) []schema.Value {
		return read(dst, e.elems[depth].object, path, t.Type)
	}
}

func call(f ir.Func, x term) term {
	one := func(v schema.Value) schema.Value { return v }
	switch f {
	case ir.Length:
		one = func(v schema.Value) schema.Value { return schema.Int(int64(utf8.RuneCountInString(v.Str()))) }
	case ir.Minute:
		one = func(v schema.Value) schema.Value { return schema.Int(int64(v.Time().Minute())) }
	case ir.Day:
		one = func(v schema.Value) schema.Value { return schema.Int(int64(v.Time().Day())) }
	case ir.Week:
		one = func(v schema.Value) schema.Value { _, week := v.Time().ISOWeek(); return schema.Int(int64(week)) }
	case ir.Month:
		one = func(v schema.Value) schema.Value { return schema.Int(int64(v.Time().Month())) }
	case ir.Hour:
		one = func(v schema.Value) schema.Value { return schema.Int(int64(v.Time().Hour())) }
	case ir.Weekday:
		one = func(v schema.Value) schema.Value { return schema.Int(int64((v.Time().Weekday()+6)%7) + 1) }
	case ir.Values:
		return func(e *context, dst []schema.Value) []schema.Value {
			different := map[schema.Value]bool{}
			for _, v := range x(e, nil) {
				different[v] = true
			}
			return append(dst, schema.Int(int64(len(different))))
		}
	}
	return func(e *context, dst []schema.Value) []schema.Value {
		start := len(dst)
		dst = x(e, dst)
		for i := start; i < len(dst); i++ {
			dst[i] = one(dst[i])
		}
		return dst
	}
}

func (c compiler) arith(t *ir.Arith) (term, error) {
	x, err := c.term(t.X)
	if err != nil {
		return nil, err
	}
	y, err := c.term(t.Y)
	if err != nil {
		return nil, err
	}
	return func(e *context, dst []schema.Value) []schema.Value {
		ys := y(e, nil)
		for _, a := range x(e, nil) {
			for _, b := range ys {
				dst = calculate(dst, t, a, b)
			}
		}
		return dst
	}, nil
}

// calculate appends the result: integers for longs and dates, doubles else; a division by zero has none.
func calculate(dst []schema.Value, t *ir.Arith, a, b schema.Value) []schema.Value {
	if t.Type == schema.Double {
		f, ok := arithmetic(t.Op, a.Float64(), b.Float64())
		if !ok {
			return dst
		}
		return append(dst, schema.Float(f))
	}
	n := a.Int64()
	switch t.Op { // Int64 of a date are its milliseconds
	case '+':
		n += b.Int64()
	case '-':
		n -= b.Int64()
	case '*':
		n *= b.Int64()
	case '&':
		n &= b.Int64()
	}
	if t.Type == schema.Date {
		return append(dst, schema.DateMillis(n))
	}
	return append(dst, schema.Int(n))
}

// arithmetic calculates with doubles; ok is false for a division by zero.
func arithmetic(op byte, x, y float64) (f float64, ok bool) {
	switch op {
	case '+':
		return x + y, true
	case '-':
		return x - y, true
	case '*':
		return x * y, true
	}
	return x / y, y != 0
}
