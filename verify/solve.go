package verify

import (
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// goal is a predicate that is to have a value.
type goal struct {
	p    ir.Pred
	want bool
}

// solver looks for an event on which goals hold: it takes the goals apart by and/or/not, and at each leaf tries values
// made from the leaf's literals and from what the field holds already, keeping those that break no leaf decided before.
type solver struct {
	rule  *eval.Rule
	steps int
}

// maxSteps bounds the search for one witness.
const maxSteps = 4000

// solve returns an event on which all goals hold, or nil. base gives the fields to start from and is not edited.
func solve(rule *eval.Rule, base schema.Event, goals ...goal) *schema.Event {
	s := &solver{rule: rule}
	e := base
	e.Object = clone(base.Object)
	if s.search(&e, goals, nil) {
		return &e
	}
	return nil
}

func clone(obj map[string]any) map[string]any {
	out := make(map[string]any, len(obj))
	for k, v := range obj {
		out[k] = cloneValue(v)
	}
	return out
}

func cloneValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return clone(v)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = cloneValue(x)
		}
		return out
	}
	return v
}

func (s *solver) search(e *schema.Event, goals, decided []goal) bool {
	if s.steps++; s.steps > maxSteps {
		return false
	}
	if len(goals) == 0 {
		return true
	}
	g, rest := goals[0], goals[1:]
	switch p := g.p.(type) {
	case *ir.Not:
		return s.search(e, append([]goal{{p.X, !g.want}}, rest...), decided)
	case *ir.And:
		return s.junction(e, p.Xs, g.want, g.want, rest, decided)
	case *ir.Or:
		return s.junction(e, p.Xs, g.want, !g.want, rest, decided)
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return s.leaf(e, g, rest, decided)
}

// junction takes all members as goals, or one after the other until one works.
func (s *solver) junction(e *schema.Event, xs []ir.Pred, want, all bool, rest, decided []goal) bool {
	if all {
		goals := make([]goal, 0, len(xs)+len(rest))
		for _, x := range xs {
			goals = append(goals, goal{x, want})
		}
		return s.search(e, append(goals, rest...), decided)
	}
	for _, x := range xs {
		saved := clone(e.Object)
		if s.search(e, append([]goal{{x, want}}, rest...), decided) {
			return true
		}
		e.Object = saved
	}
	return false
}

func (s *solver) leaf(e *schema.Event, g goal, rest, decided []goal) bool {
	decided = append(slices.Clone(decided), g)
	holds := func() bool {
		for _, d := range decided {
			if s.rule.Holds(d.p, e) != d.want {
				return false
			}
		}
		return true
	}
	if holds() {
		saved := clone(e.Object)
		if s.search(e, rest, decided) {
			return true
		}
		e.Object = saved
	}
	for _, f := range ir.FieldsOf(g.p) {
		if f.Name == "@timestamp" {
			continue
		}
		for _, c := range candidates(g.p, f, e) {
			if s.steps++; s.steps > maxSteps {
				return false
			}
			saved := clone(e.Object)
			setField(e, f, c)
			if holds() && s.search(e, rest, decided) {
				return true
			}
			e.Object = saved
		}
	}
	return false
}

// setField puts values into a field; none means missing.
func setField(e *schema.Event, f *ir.Field, vals []any) {
	path := f.Name
	if len(vals) == 0 {
		removePath(e.Object, strings.Split(strings.ReplaceAll(path, "[]", ""), "."))
		return
	}
	if f.Native == nil { // canonical events are flat
		if f.Array {
			e.Object[path] = vals
		} else {
			e.Object[path] = vals[0]
		}
		return
	}
	f.Native.Put(e.Object, vals)
}

func removePath(x any, segs []string) {
	switch x := x.(type) {
	case map[string]any:
		delete(x, strings.Join(segs, "."))
		if len(segs) > 1 {
			removePath(x[segs[0]], segs[1:])
		}
	case []any:
		for _, e := range x {
			removePath(e, segs)
		}
	}
}

// candidates returns values for a field that may decide a leaf, likely ones first.
func candidates(p ir.Pred, f *ir.Field, e *schema.Event) [][]any {
	var out [][]any
	one := func(v any) { out = append(out, []any{v}) }
	var current string
	if vals := fieldText(f, e); len(vals) > 0 {
		current = vals[0]
	}
	ir.Walk(p, func(p ir.Pred) bool {
		switch p := p.(type) {
		case *ir.Cmp:
			for _, v := range p.R {
				for _, c := range satisfying(p, f, v, current) {
					one(c)
				}
			}
		case *ir.Rel:
			for _, g := range ir.FieldsOf(p) {
				if g.Name != f.Name {
					for _, t := range fieldText(g, e) {
						if v, ok := schema.FromText(f.Type, t); ok {
							one(v.JSON())
						}
					}
				}
			}
		case *ir.And, *ir.Or, *ir.Not, *ir.Const, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
		}
		return true
	})
	if f.Array && len(out) > 0 {
		first := out[0][0]
		out = append(out, []any{other(f.Type), first})
		if vals := fieldText(f, e); len(vals) > 0 && f.Type.IsString() {
			both := make([]any, 0, len(vals)+1)
			for _, v := range vals {
				both = append(both, v)
			}
			n := len(out)
			for i := range n {
				out = append(out, append(slices.Clone(both), out[i]...))
			}
		}
	}
	one(other(f.Type))
	one(another(f.Type))
	if f.Type.IsString() {
		one("")
	}
	return append(out, nil)
}

func fieldText(f *ir.Field, e *schema.Event) []string {
	var out []string
	for _, x := range schema.ObjectLeaves(e.Object, f.Name) {
		if v, ok := schema.Convert(f.Type, x); ok {
			out = append(out, v.String())
		}
	}
	return out
}

// other and another are plain values that rules hardly name.
func other(t schema.Type) any {
	return plain(t, "zq7", "7", "2026-01-05T00:00:00.000Z", "198.51.100.7")
}

func another(t schema.Type) any {
	return plain(t, "other value", "-3", "2026-01-06T03:30:00.000Z", "2001:db8:ffff::7")
}

func plain(t schema.Type, text, number, date, addr string) any {
	s := text
	switch t {
	case schema.Long, schema.Double:
		s = number
	case schema.Boolean:
		s = strconv.FormatBool(number == "7")
	case schema.Date:
		s = date
	case schema.IP:
		s = addr
	case schema.Keyword, schema.Text, schema.Invalid:
	}
	if v, ok := schema.FromText(t, s); ok {
		return v.JSON()
	}
	return s
}

// satisfying returns values of a field for which a comparison with one literal is, or is nearly, true. current is what the
// field holds for other conditions: text operators can share one value.
func satisfying(p *ir.Cmp, f *ir.Field, v schema.Value, current string) []any {
	if _, ok := p.L.(*ir.Call); ok {
		return called(p, f, v)
	}
	if f.Type.IsString() {
		return texts(p.Op, v.Str(), current)
	}
	switch {
	case p.Op == ir.InCIDR:
		block, err := ir.ParseCIDR(v.Str())
		if err != nil {
			return nil
		}
		return []any{block.Addr().String(), ir.LastAddr(block).String(), block.Addr().Next().String()}
	case f.Type == schema.Long && v.Type() == schema.Long:
		return []any{v.Int64(), v.Int64() + 1, v.Int64() - 1}
	case f.Type.IsNumber():
		return []any{v.Float64(), v.Float64() + 1, v.Float64() - 1}
	case f.Type == schema.Date && v.Type() == schema.Date:
		return []any{v.String(), schema.DateMillis(v.Millis() + 1).String(), schema.DateMillis(v.Millis() - 1).String()}
	case f.Type == schema.Boolean:
		return []any{v.Bool(), !v.Bool()}
	}
	return []any{v.JSON()}
}

func texts(op ir.Op, lit, current string) []any {
	switch op {
	case ir.Contains:
		return []any{lit, current + lit, lit + current, current + " " + lit + " x", "x" + lit + "y"}
	case ir.StartsWith:
		return []any{lit, lit + current, lit + "x"}
	case ir.EndsWith:
		return []any{lit, current + lit, "x" + lit}
	case ir.Like:
		g := pattern.ParseGlob(lit)
		return []any{fillGlob(g, ""), fillGlob(g, current), fillGlob(g, "x/y")}
	case ir.Matches:
		n, err := pattern.ParseRegexp(lit)
		if err != nil {
			return nil
		}
		out := []any{}
		for _, s := range pattern.Samples(n) {
			out = append(out, s, current+s, s+current)
		}
		return out
	case ir.Eq, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
	}
	return []any{lit}
}

func fillGlob(g pattern.Glob, star string) string {
	var b strings.Builder
	for _, part := range g {
		switch part.Kind {
		case pattern.Literal:
			b.WriteString(part.Text)
		case pattern.Star:
			b.WriteString(star)
		case pattern.One:
			b.WriteByte('q')
		}
	}
	return b.String()
}

// called returns field values for a comparison of a function with a number.
func called(p *ir.Cmp, f *ir.Field, v schema.Value) []any {
	n := v.Int64()
	switch p.L.(*ir.Call).Func {
	case ir.Length:
		var out []any
		for _, k := range []int64{n, n + 1, n - 1} {
			if k >= 0 && k < 10_000 {
				out = append(out, strings.Repeat("x", int(k)))
			}
		}
		return out
	case ir.Hour:
		return []any{schema.DateMillis(1767571200000 + n*3600_000).String()} // a Monday
	case ir.Weekday:
		return []any{schema.DateMillis(1767571200000 + (n-1)*86_400_000).String()}
	case ir.Values:
	}
	return []any{other(f.Type)}
}
