package eval

import (
	"unicode/utf8"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// values returns the values of a term: none when a field is missing.
func values(t ir.Term, s scope) []schema.Value {
	switch t := t.(type) {
	case *ir.Field:
		if t.Name == "@timestamp" && t.Native == nil {
			return s.event.Time()
		}
		if vs, ok := schema.KindValues(t.Name, s.event.Class, s.event.Source); ok && t.Native == nil {
			return vs
		}
		return fieldValues(t, s.event)
	case *ir.Elem:
		e := s.lookup(t.Var)
		if t.Sub != "" {
			return schema.ObjectValues(e.object, t.Sub, t.Type)
		}
		return []schema.Value{e.value}
	case *ir.Lit:
		return []schema.Value{t.Value}
	case *ir.Arith:
		return arith(t, s)
	case *ir.Call:
		return call(t, s)
	}
	return nil
}

// fieldValues reads a field of the event; a native date may have a layout of its own.
func fieldValues(f *ir.Field, e *schema.Event) []schema.Value {
	if f.Native != nil {
		return f.Native.Read(e.Object)
	}
	return e.Values(f.Name, f.Type)
}

func call(t *ir.Call, s scope) []schema.Value {
	in := values(t.X, s)
	if t.Func.Info().Whole {
		distinct := map[schema.Value]bool{}
		for _, v := range in {
			distinct[v] = true
		}
		return []schema.Value{schema.Int(int64(len(distinct)))}
	}
	out := make([]schema.Value, len(in))
	for i, v := range in {
		switch t.Func {
		case ir.Length:
			out[i] = schema.Int(int64(utf8.RuneCountInString(v.Str())))
		case ir.Minute:
			out[i] = schema.Int(int64(v.Time().Minute()))
		case ir.Hour:
			out[i] = schema.Int(int64(v.Time().Hour()))
		case ir.Weekday:
			out[i] = schema.Int(int64((v.Time().Weekday()+6)%7) + 1)
		case ir.Day:
			out[i] = schema.Int(int64(v.Time().Day()))
		case ir.Week:
			_, week := v.Time().ISOWeek()
			out[i] = schema.Int(int64(week))
		case ir.Month:
			out[i] = schema.Int(int64(v.Time().Month()))
		case ir.Values:
		}
	}
	return out
}

func arith(t *ir.Arith, s scope) []schema.Value {
	var out []schema.Value
	for _, x := range values(t.X, s) {
		for _, y := range values(t.Y, s) {
			if v, ok := calculate(t, x, y); ok {
				out = append(out, v)
			}
		}
	}
	return out
}

func calculate(t *ir.Arith, x, y schema.Value) (schema.Value, bool) {
	if t.Type == schema.Double {
		a, b := x.Float64(), y.Float64()
		switch t.Op {
		case '+':
			return schema.Float(a + b), true
		case '-':
			return schema.Float(a - b), true
		case '*':
			return schema.Float(a * b), true
		}
		return schema.Float(a / b), b != 0
	}
	a, b := integer(x), integer(y)
	switch t.Op {
	case '+':
		a += b
	case '-':
		a -= b
	case '*':
		a *= b
	case '&':
		a &= b
	}
	if t.Type == schema.Date {
		return schema.DateMillis(a), true
	}
	return schema.Int(a), true
}

// integer returns a long, or a date in milliseconds.
func integer(v schema.Value) int64 {
	if v.Type() == schema.Date {
		return v.Millis()
	}
	return v.Int64()
}

func (r *Rule) compare(p *ir.Cmp, s scope) bool {
	match := r.matchers[p]
	for _, l := range values(p.L, s) {
		if match(l) {
			return true
		}
	}
	return false
}

func relate(p *ir.Rel, s scope) bool {
	right := values(p.R, s)
	for _, l := range values(p.L, s) {
		for _, r := range right {
			if ir.Compare(p.Op, p.Cased, l, r) {
				return true
			}
		}
	}
	return false
}
