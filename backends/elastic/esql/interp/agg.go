package interp

import (
	"math"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// accumulator is the state of one aggregate in one group. add gets the cells of the arguments on one row.
type accumulator interface {
	add(args []any)
	result() any
}

// aggregateFunctions is the table of the page "ES|QL aggregation functions". They take each value of a multivalue; nulls
// are skipped.
var aggregateFunctions = []aggregate{
	{name: "absent", min: 1, max: 1, doc: "whether there is no value", bind: bindPresent(false)},
	{name: "avg", min: 1, max: 1, doc: "the average", bind: bindAvg},
	{name: "count", min: 0, max: 1, doc: "the number of values; without argument or with *, of rows", bind: bindCount},
	{name: "count_distinct", min: 1, max: 2, doc: "the number of different values, counted exactly here", bind: bindCountDistinct},
	{name: "first", alias: []string{"earliest"}, min: 2, max: 2, doc: "FIRST(value, date): the value with the smallest second argument", bind: bindFirst(-1)},
	{name: "last", alias: []string{"latest"}, min: 2, max: 2, doc: "LAST(value, date): the value with the largest second argument", bind: bindFirst(1)},
	{name: "max", min: 1, max: 1, doc: "the largest value", bind: bindMinMax(1)},
	{name: "median", min: 1, max: 1, doc: "the 50th percentile", bind: bindPercentile(50)},
	{name: "median_absolute_deviation", min: 1, max: 1, doc: "the median of the distances from the median", bind: bindMAD},
	{name: "min", min: 1, max: 1, doc: "the smallest value", bind: bindMinMax(-1)},
	{name: "percentile", min: 2, max: 2, doc: "PERCENTILE(value, percentage), interpolated", bind: bindPercentile(-1)},
	{name: "present", min: 1, max: 1, doc: "whether there is a value", bind: bindPresent(true)},
	{name: "sample", min: 2, max: 2, doc: "SAMPLE(value, count); refused when it would have to choose", bind: bindSample},
	{name: "std_dev", alias: []string{"stddev"}, min: 1, max: 1, doc: "the population standard deviation", bind: bindSpread(math.Sqrt)},
	{name: "sum", min: 1, max: 1, doc: "the sum", bind: bindSum},
	{name: "top", min: 2, max: 4, doc: "TOP(value, count, order, output): the first values in order, repeats kept", bind: bindTop},
	{name: "values", min: 1, max: 1, doc: "the different values, here in the order of their first row", bind: bindValues},
	{name: "variance", min: 1, max: 1, doc: "the population variance", bind: bindSpread(func(v float64) float64 { return v })},
	{name: "weighted_avg", min: 2, max: 2, doc: "WEIGHTED_AVG(value, weight)", bind: bindWeighted},
}

// aggCall is one aggregate of a STATS.
type aggCall struct {
	args   []*expr
	filter *expr
	make   func() accumulator
}

// statsScope is what the expressions of STATS may refer to: aggregates over the rows, and the grouping keys.
type statsScope struct {
	// inner checks the arguments of aggregates: the columns of the input, and the keys by name.
	inner *checker
	aggs  []*aggCall
	// keys are the types of the grouping keys; texts and names find them.
	keys   []typ
	texts  map[string]int
	names  map[string]int
	filter *expr
}

// reference is the expression for an aggregate or a grouping key; ok is false for anything else.
func (s *statsScope) reference(c *checker, n syntax.Expr) (*expr, bool) {
	if s == nil {
		return nil, false
	}
	if k, ok := n.(*syntax.Call); ok {
		if a, isAgg := names.agg[strings.ToLower(k.Name)]; isAgg {
			return s.aggregate(c, k, a), true
		}
	}
	if col, ok := n.(*syntax.Column); ok {
		i, known := s.names[col.Name]
		if !known {
			return s.noKey(c, col), true
		}
		return s.slot(c, n, s.keys[i], func(cells []any) any { return cells[i] }), true
	}
	switch n.(type) {
	case *syntax.Null, *syntax.Bool, *syntax.Num, *syntax.Str, *syntax.TimeSpan, *syntax.List:
		return nil, false
	}
	if i, ok := s.texts[canonical(n)]; ok {
		return s.slot(c, n, s.keys[i], func(cells []any) any { return cells[i] }), true
	}
	return nil, false
}

func (s *statsScope) slot(c *checker, n syntax.Expr, t typ, eval func(cells []any) any) *expr {
	return &expr{typ: t, eval: eval, col: -1, span: n.Pos(), text: c.sourceText(n.Pos())}
}

// noKey reports a column outside of an aggregate that is no grouping key.
func (s *statsScope) noKey(c *checker, n *syntax.Column) *expr {
	if _, ok := s.inner.names[n.Name]; ok {
		return c.wrong(n.Span, "column [%s] must appear in the STATS BY clause or be used in an aggregate function", n.Name)
	}
	return s.inner.unknown(n.Span, n.Name)
}

// aggregate registers an aggregate; its result is the cell behind the keys.
func (s *statsScope) aggregate(c *checker, n *syntax.Call, a *aggregate) *expr {
	k := &call{checker: s.inner, node: n, text: c.sourceText(n.Span), site: c.site(n)}
	bad := false
	for _, x := range n.Args {
		e := s.inner.expr(x)
		bad = bad || e.typ == tErr
		k.args = append(k.args, e)
	}
	if bad {
		return &expr{typ: tErr, col: -1, span: n.Span, eval: func([]any) any { return nil }}
	}
	t, makeState := a.bind(k)
	if makeState == nil {
		return &expr{typ: tErr, col: -1, span: n.Span, eval: func([]any) any { return nil }}
	}
	s.aggs = append(s.aggs, &aggCall{args: k.args, filter: s.filter, make: makeState})
	at := len(s.keys) + len(s.aggs) - 1
	return s.slot(c, n, t, func(cells []any) any { return cells[at] })
}

// aggregateCall reports an aggregate where none may stand.
func (c *checker) aggregateCall(n *syntax.Call, _ *aggregate) *expr {
	e := c.wrong(n.Span, "aggregate function [%s] not allowed here", c.sourceText(n.Span))
	d := &c.r.faults[len(c.r.faults)-1]
	d.Help = append(d.Help, "aggregates stand in STATS and INLINE STATS, outside of other aggregates and of keys")
	return e
}

// canonical is the text by which equal expressions are found: printed, without regard to the case of function names.
func canonical(n syntax.Expr) string { return syntax.PrintExpr(lowerCalls(n)) }

// lowerCalls copies an expression with its function names in lower case.
func lowerCalls(n syntax.Expr) syntax.Expr {
	all := func(xs []syntax.Expr) []syntax.Expr {
		out := make([]syntax.Expr, len(xs))
		for i, x := range xs {
			out[i] = lowerCalls(x)
		}
		return out
	}
	switch n := n.(type) {
	case *syntax.Call:
		k := *n
		k.Name, k.Args = strings.ToLower(n.Name), all(n.Args)
		return &k
	case *syntax.Binary:
		k := *n
		k.X, k.Y = lowerCalls(n.X), lowerCalls(n.Y)
		return &k
	case *syntax.Unary:
		k := *n
		k.X = lowerCalls(n.X)
		return &k
	case *syntax.Cast:
		k := *n
		k.X = lowerCalls(n.X)
		return &k
	case *syntax.In:
		k := *n
		k.X, k.Items = lowerCalls(n.X), all(n.Items)
		return &k
	case *syntax.IsNull:
		k := *n
		k.X = lowerCalls(n.X)
		return &k
	}
	return n
}

func bindCount(k *call) (typ, func() accumulator) {
	if len(k.args) == 1 && !k.want(0, values|types(tSource)) {
		return tErr, nil
	}
	return tLong, func() accumulator { return &counter{} }
}

type counter struct{ n int64 }

func (c *counter) add(args []any) {
	if len(args) == 0 {
		c.n++
		return
	}
	c.n += int64(count(args[0]))
}
func (c *counter) result() any { return c.n }

func bindPresent(want bool) func(k *call) (typ, func() accumulator) {
	return func(k *call) (typ, func() accumulator) {
		if !k.want(0, values) {
			return tErr, nil
		}
		return tBool, func() accumulator { return &presence{want: want} }
	}
}

type presence struct{ want, seen bool }

func (p *presence) add(args []any) { p.seen = p.seen || args[0] != nil }
func (p *presence) result() any    { return p.seen == p.want }

func bindCountDistinct(k *call) (typ, func() accumulator) {
	if !k.want(0, values&^spatial&^types(tULong)) {
		return tErr, nil
	}
	if len(k.args) == 2 {
		if !k.want(1, numbers) {
			return tErr, nil
		}
		if _, ok := k.constant(1); !ok {
			return tErr, nil
		}
	}
	r := k.r
	return tLong, func() accumulator { return &distinct{r: r, seen: map[any]bool{}} }
}

type distinct struct {
	r    *run
	seen map[any]bool
}

func (d *distinct) add(args []any) {
	each(args[0], func(v any) {
		if !d.seen[v] {
			d.r.spend(2)
			d.seen[v] = true
		}
	})
}
func (d *distinct) result() any { return int64(len(d.seen)) }

func bindValues(k *call) (typ, func() accumulator) {
	if !k.want(0, values) {
		return tErr, nil
	}
	r := k.r
	return noText(k.args[0].typ), func() accumulator { return &valueSet{distinct: distinct{r: r, seen: map[any]bool{}}} }
}

type valueSet struct {
	distinct
	order []any
}

func (s *valueSet) add(args []any) {
	each(args[0], func(v any) {
		if !s.seen[v] {
			s.r.spend(2)
			s.seen[v] = true
			s.order = append(s.order, v)
		}
	})
}
func (s *valueSet) result() any { return collect(s.order) }

func bindMinMax(sign int) func(k *call) (typ, func() accumulator) {
	return func(k *call) (typ, func() accumulator) {
		if !k.want(0, ordered|types(tBool)) {
			return tErr, nil
		}
		t := k.args[0].typ
		return noText(t), func() accumulator { return &best{t: t, sign: sign} }
	}
}

type best struct {
	t    typ
	sign int
	v    any
}

func (b *best) add(args []any) {
	each(args[0], func(v any) {
		if b.v == nil || b.sign*compareValues(b.t, v, b.v) > 0 {
			b.v = v
		}
	})
}
func (b *best) result() any { return b.v }

// adder sums: whole numbers exactly to a long, others with compensation.
type adder struct {
	r     *run
	s     *site
	whole bool
	n     int64
	long  int64
	over  bool
	real  kahan
	avg   bool
}

func (a *adder) add(args []any) {
	each(args[0], func(v any) {
		a.n++
		i, isWhole := v.(int64)
		if !a.whole || !isWhole {
			a.real.add(toFloat(v))
			return
		}
		sum, err := longOp(syntax.Add, a.long, i)
		if err != nil {
			a.over = true
		}
		a.long = sum
	})
}

func (a *adder) result() any {
	switch {
	case a.n == 0:
		return nil
	case a.over:
		a.r.warn(a.s, errLongOverflow)
		return nil
	case a.avg && a.whole:
		return float64(a.long) / float64(a.n)
	case a.avg:
		return a.real.value() / float64(a.n)
	case a.whole:
		return a.long
	}
	v, err := finite(a.real.value())
	if err != nil {
		a.r.warn(a.s, err)
		return nil
	}
	return v
}

func bindSum(k *call) (typ, func() accumulator) {
	if !k.want(0, signedNums) {
		return tErr, nil
	}
	t := k.args[0].typ
	out := t
	if t == tInt {
		out = tLong
	}
	return out, func() accumulator { return &adder{r: k.r, s: k.site, whole: t != tDouble} }
}

func bindAvg(k *call) (typ, func() accumulator) {
	if !k.want(0, signedNums) {
		return tErr, nil
	}
	t := k.args[0].typ
	return tDouble, func() accumulator { return &adder{r: k.r, s: k.site, whole: t != tDouble, avg: true} }
}

// spread is Welford's running variance.
type spread struct {
	n        int64
	mean, m2 float64
	out      func(float64) float64
}

func (s *spread) add(args []any) {
	each(args[0], func(v any) {
		s.n++
		x := toFloat(v)
		d := x - s.mean
		s.mean += d / float64(s.n)
		s.m2 += d * (x - s.mean)
	})
}

func (s *spread) result() any {
	if s.n == 0 {
		return nil
	}
	return s.out(s.m2 / float64(s.n))
}

func bindSpread(out func(float64) float64) func(k *call) (typ, func() accumulator) {
	return func(k *call) (typ, func() accumulator) {
		if !k.want(0, signedNums) {
			return tErr, nil
		}
		return tDouble, func() accumulator { return &spread{out: out} }
	}
}

// sorter keeps all values; its result is made of them in order.
type sorter struct {
	r    *run
	vs   []any
	make func(sorted []any) any
}

func (s *sorter) add(args []any) {
	each(args[0], func(v any) {
		s.r.spend(2)
		s.vs = append(s.vs, toFloat(v))
	})
}

func (s *sorter) result() any {
	if len(s.vs) == 0 {
		return nil
	}
	return s.make(sortedValues(tDouble, s.vs))
}

// bindPercentile is MEDIAN, and PERCENTILE when pct is negative.
func bindPercentile(pct float64) func(k *call) (typ, func() accumulator) {
	return func(k *call) (typ, func() accumulator) {
		if !k.want(0, signedNums) {
			return tErr, nil
		}
		p := pct
		if pct < 0 {
			if !k.want(1, signedNums) {
				return tErr, nil
			}
			v, ok := k.constant(1)
			if !ok {
				return tErr, nil
			}
			if p = toFloat(v); !(p >= 0 && p <= 100) {
				k.wrong(k.args[1].span, "the percentage of [%s] must be between 0 and 100", k.text)
				return tErr, nil
			}
		}
		return tDouble, func() accumulator {
			return &sorter{r: k.r, make: func(vs []any) any { return quantile(vs, p/100) }}
		}
	}
}

func bindMAD(k *call) (typ, func() accumulator) {
	if !k.want(0, signedNums) {
		return tErr, nil
	}
	return tDouble, func() accumulator {
		return &sorter{r: k.r, make: func(vs []any) any {
			mid := quantile(vs, 0.5)
			dist := make([]any, len(vs))
			for i, v := range vs {
				dist[i] = math.Abs(v.(float64) - mid)
			}
			return quantile(sortedValues(tDouble, dist), 0.5)
		}}
	}
}

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
	return func(k *call) (typ, func() accumulator) {
		if !k.want(0, values) || !k.want(1, signedNums|dates) {
			return tErr, nil
		}
		t, whole := k.args[1].typ, k.r.in.On(doubtFirstNull)
		return noText(k.args[0].typ), func() accumulator { return &edge{t: t, sign: sign, whole: whole} }
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
