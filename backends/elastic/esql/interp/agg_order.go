package interp

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

func bindTop(k *call) (typ, func() accumulator) {
	if !k.want(0, ordered|types(tBool)) || !k.want(1, types(tInt)) || len(k.args) > 2 && !k.want(2, strings_) ||
		len(k.args) > 3 && !k.want(3, values) {
		return tErr, nil
	}
	n, ok := k.constant(1)
	if !ok {
		return tErr, nil
	}
	limit, isInt := n.(int64)
	if !isInt || limit < 1 {
		k.wrong(k.args[1].span, "Limit must be greater than 0 in [%s], found [%s]", k.text, k.args[1].text)
		return tErr, nil
	}
	sign := -1
	if len(k.args) > 2 {
		v, ok := k.constant(2)
		word, isText := v.(string)
		switch {
		case !ok:
			return tErr, nil
		case isText && strings.EqualFold(word, "asc"):
		case isText && strings.EqualFold(word, "desc"):
			sign = 1
		default:
			k.wrong(k.args[2].span, "Invalid order value in [%s], expected [ASC, DESC] but got [%s]", k.text, k.args[2].text)
			return tErr, nil
		}
	}
	t, out := k.args[0].typ, k.args[0].typ
	if len(k.args) == 4 {
		out = k.args[3].typ
	}
	return noText(out), func() accumulator { return &top{r: k.r, t: t, sign: sign, limit: int(limit)} }
}

// top keeps sort keys and what is given out for them.
type top struct {
	r     *run
	t     typ
	sign  int
	limit int
	keys  []any
	outs  []any
}

func (t *top) add(args []any) {
	each(args[0], func(v any) {
		t.r.spend(2)
		out := []any{v}
		if len(args) == 4 {
			out = list(args[3])
		}
		for _, o := range out {
			t.keys = append(t.keys, v)
			t.outs = append(t.outs, o)
		}
	})
}

func (t *top) result() any {
	order := make([]int, len(t.keys))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return -t.sign * compareValues(t.t, t.keys[a], t.keys[b]) })
	var out []any
	for _, i := range order[:min(t.limit, len(order))] {
		out = append(out, t.outs[i])
	}
	return collect(out)
}

// doubtFirstNull: the pages of different releases disagree on whether FIRST and LAST skip rows without a value.
var doubtFirstNull = native.Doubt{
	Name:    "esql-first-null",
	Doc:     "FIRST and LAST give the value of the first or last row whatever it is, null and several values too; off: rows without a value are skipped and one value is given",
	Default: true,
}

// bindFirst is FIRST (sign −1) and LAST (sign 1): the first argument on the row with the least or largest second; rows
// without a second argument come last, and of equal rows the first one counts.
func bindFirst(sign int) func(k *call) (typ, func() accumulator) {
	return bindEdge(sign, func(r *run) bool { return r.in.On(doubtFirstNull) })
}

// bindEdge is FIRST and LAST; rows without a value count where whole says so.
func bindEdge(sign int, whole func(r *run) bool) func(k *call) (typ, func() accumulator) {
	return func(k *call) (typ, func() accumulator) {
		if !k.want(0, values) || !k.want(1, signedNums|dates) {
			return tErr, nil
		}
		t, all := k.args[1].typ, whole(k.r)
		return noText(k.args[0].typ), func() accumulator { return &edge{t: t, sign: sign, whole: all} }
	}
}

type edge struct {
	t     typ
	sign  int
	whole bool
	seen  bool
	key   any
	v     any
}

func (e *edge) add(args []any) {
	v := args[0]
	if !e.whole {
		if v == nil {
			return
		}
		v = list(v)[0]
	}
	var key any
	if keys := list(args[1]); len(keys) > 0 {
		key = extreme(e.t, keys, e.sign)
	}
	if !e.seen || key != nil && (e.key == nil || e.sign*compareValues(e.t, key, e.key) > 0) {
		e.seen, e.key, e.v = true, key, v
	}
}
func (e *edge) result() any { return e.v }

func bindSample(k *call) (typ, func() accumulator) {
	if !k.want(0, values) || !k.want(1, types(tInt)) {
		return tErr, nil
	}
	n, ok := k.constant(1)
	limit, isInt := n.(int64)
	if !ok || !isInt || limit < 1 {
		if ok {
			k.wrong(k.args[1].span, "Limit must be greater than 0 in [%s], found [%s]", k.text, k.args[1].text)
		}
		return tErr, nil
	}
	return noText(k.args[0].typ), func() accumulator {
		return &sample{limit: int(limit), refuse: func() {
			if !k.r.faults.HasErrors() {
				k.r.fault(diag.ESQLRun, k.node.Span, "SAMPLE would have to choose among the values at random",
					"its answer cannot be repeated; raise the count, or use TOP or VALUES")
			}
		}}
	}
}

type sample struct {
	limit  int
	vs     []any
	refuse func()
}

func (s *sample) add(args []any) { each(args[0], func(v any) { s.vs = append(s.vs, v) }) }
func (s *sample) result() any {
	if len(s.vs) > s.limit {
		s.refuse()
		return nil
	}
	return collect(s.vs)
}

// bindWeighted is SUM(value * weight) / SUM(weight), and AVG(value) for a constant weight.
func bindWeighted(k *call) (typ, func() accumulator) {
	if !k.wants(signedNums) {
		return tErr, nil
	}
	return tDouble, func() accumulator {
		w := k.args[1]
		return &weighted{r: k.r, s: k.site, constant: w.konst && count(w.val) == 1 && toFloat(w.val) != 0}
	}
}

type weighted struct {
	r        *run
	s        *site
	constant bool
	n        int64
	sum, w   kahan
}

func (a *weighted) add(args []any) {
	if a.constant {
		each(args[0], func(v any) { a.n++; a.sum.add(toFloat(v)); a.w.add(1) })
		return
	}
	v, ok := a.r.one(a.s, args[0])
	if !ok {
		return
	}
	if w, ok := a.r.one(a.s, args[1]); ok {
		a.n++
		a.sum.add(toFloat(v) * toFloat(w))
		a.w.add(toFloat(w))
	}
}

func (a *weighted) result() any {
	if a.n == 0 {
		return nil
	}
	v, err := doubleOp(syntax.Div, a.sum.value(), a.w.value())
	if err != nil {
		a.r.warn(a.s, err)
		return nil
	}
	return v
}
