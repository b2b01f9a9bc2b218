package eval

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// values returns the values of a term: none when a field is missing.
func values(t ir.Term, s scope) []schema.Value {
	switch t := t.(type) {
	case *ir.Field:
		if t.Name == "@timestamp" && t.Native == nil {
			return []schema.Value{schema.DateMillis(s.event.Millis)}
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
		case ir.Hour:
			out[i] = schema.Int(int64(v.Time().Hour()))
		case ir.Weekday:
			out[i] = schema.Int(int64((v.Time().Weekday()+6)%7) + 1)
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
	patterns := r.patterns[p]
	for _, l := range values(p.L, s) {
		for i, lit := range p.R {
			switch p.Op {
			case ir.Like, ir.Matches:
				if patterns[i].MatchString(l.Str()) {
					return true
				}
			case ir.InCIDR:
				if block, err := ir.ParseCIDR(lit.Str()); err == nil && block.Contains(l.Addr()) {
					return true
				}
			case ir.Eq, ir.Contains, ir.StartsWith, ir.EndsWith, ir.Lt, ir.Le, ir.Gt, ir.Ge:
				if Compare(p.Op, p.Cased, l, lit) {
					return true
				}
			}
		}
	}
	return false
}

func relate(p *ir.Rel, s scope) bool {
	right := values(p.R, s)
	for _, l := range values(p.L, s) {
		for _, r := range right {
			if Compare(p.Op, p.Cased, l, r) {
				return true
			}
		}
	}
	return false
}

// Compare compares two values of comparable types. Text is folded unless cased.
func Compare(op ir.Op, cased bool, l, r schema.Value) bool {
	if l.Type().IsString() && r.Type().IsString() {
		a, b := l.Str(), r.Str()
		if !cased {
			a, b = pattern.FoldString(a), pattern.FoldString(b)
		}
		switch op {
		case ir.Eq:
			return a == b
		case ir.Contains:
			return strings.Contains(a, b)
		case ir.StartsWith:
			return strings.HasPrefix(a, b)
		case ir.EndsWith:
			return strings.HasSuffix(a, b)
		case ir.Like, ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
		}
		return false
	}
	c, ok := order(l, r)
	if !ok {
		return op == ir.Eq && l == r
	}
	switch op {
	case ir.Eq:
		return c == 0
	case ir.Lt:
		return c < 0
	case ir.Le:
		return c <= 0
	case ir.Gt:
		return c > 0
	case ir.Ge:
		return c >= 0
	case ir.Contains, ir.StartsWith, ir.EndsWith, ir.Like, ir.Matches, ir.InCIDR:
	}
	return false
}

// order compares two numbers or two dates.
func order(l, r schema.Value) (int, bool) {
	switch {
	case l.Type() == schema.Long && r.Type() == schema.Long:
		return cmp.Compare(l.Int64(), r.Int64()), true
	case l.Type().IsNumber() && r.Type().IsNumber():
		return cmp.Compare(l.Float64(), r.Float64()), true
	case l.Type() == schema.Date && r.Type() == schema.Date:
		return cmp.Compare(l.Millis(), r.Millis()), true
	}
	return 0, false
}
