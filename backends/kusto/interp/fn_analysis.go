package interp

import (
	"math"
	"math/cmplx"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// analysisFunctions look at a series as a whole. The decompositions, the search for periods and the scores of outliers are
// not among them: the documentation does not say how they compute.
var analysisFunctions = []*function{
	{name: "series_stats", sig: "dyn bool!?", doc: "statistics of a series as columns", bind: bindTuple("series_stats", []column{
		{"min", tReal}, {"min_idx", tLong}, {"max", tReal}, {"max_idx", tLong}, {"avg", tReal}, {"stdev", tReal}, {"variance", tReal},
	}), fn: func(c *call, a []any) any {
		s, ok := statsOf(c, a)
		if !ok {
			return nil
		}
		return []any{s.min, s.minAt, s.max, s.maxAt, s.avg, s.stdev, s.variance}
	}},
	{name: "series_stats_dynamic", sig: "dyn bool!?", ret: "dynamic", doc: "statistics of a series as a bag", fn: func(c *call, a []any) any {
		s, ok := statsOf(c, a)
		if !ok {
			return nil
		}
		b := newBag()
		for i, k := range []string{"min", "min_idx", "max", "max_idx", "avg", "variance", "stdev", "sum", "len"} {
			b.set(k, []any{s.min, s.minAt, s.max, s.maxAt, s.avg, s.variance, s.stdev, s.sum, s.n}[i])
		}
		return b
	}},
	{name: "series_fit_line", sig: "dyn", doc: "straight line through a series as columns", bind: bindTuple("series_fit_line", []column{
		{"rsquare", tReal}, {"slope", tReal}, {"variance", tReal}, {"rvariance", tReal}, {"interception", tReal}, {"line_fit", tDyn},
	}), fn: func(c *call, a []any) any {
		y, ok := reals(a[0])
		if !ok || len(y) == 0 {
			return nil
		}
		l := fitLine(y)
		return []any{l.rsquare, l.slope, l.variance, l.rvariance, l.intercept, dynReals(l.fit)}
	}},
	{name: "series_fit_line_dynamic", sig: "dyn", ret: "dynamic", doc: "straight line through a series as a bag", fn: func(c *call, a []any) any {
		y, ok := reals(a[0])
		if !ok || len(y) == 0 {
			return nil
		}
		return lineBag(fitLine(y))
	}},
	{name: "series_fit_2lines", sig: "dyn", doc: "two straight lines through a series as columns", bind: bindTuple("series_fit_2lines", []column{
		{"rsquare", tReal},
		{"split_idx", tLong},
		{"variance", tReal},
		{"rvariance", tReal},
		{"line_fit", tDyn},
		{"right_rsquare", tReal},
		{"right_slope", tReal},
		{"right_interception", tReal},
		{"right_variance", tReal},
		{"right_rvariance", tReal},
		{"left_rsquare", tReal},
		{"left_slope", tReal},
		{"left_interception", tReal},
		{"left_variance", tReal},
		{"left_rvariance", tReal},
	}), fn: func(c *call, a []any) any {
		y, ok := reals(a[0])
		if !ok || len(y) < 4 || len(y) > 10_000 {
			return nil
		}
		t := fitTwoLines(c, y)
		return []any{
			t.all.rsquare, int64(t.split), t.all.variance, t.all.rvariance, dynReals(t.all.fit),
			t.right.rsquare, t.right.slope, t.right.intercept, t.right.variance, t.right.rvariance,
			t.left.rsquare, t.left.slope, t.left.intercept, t.left.variance, t.left.rvariance,
		}
	}},
	{name: "series_fit_2lines_dynamic", sig: "dyn", ret: "dynamic", doc: "two straight lines through a series as a bag", fn: func(c *call, a []any) any {
		y, ok := reals(a[0])
		if !ok || len(y) < 4 || len(y) > 10_000 {
			return nil
		}
		return twoLinesBag(fitTwoLines(c, y))
	}},
	{name: "series_fit_poly", sig: "dyn dyn? int?", doc: "polynomial through a series", bind: bindTuple("series_fit_poly", []column{
		{"rsquare", tReal}, {"coefficients", tDyn}, {"variance", tReal}, {"rvariance", tReal}, {"poly_fit", tDyn},
	}), fn: fitPoly},
	{name: "series_fir", sig: "dyn dyn bool? bool?", ret: "dynamic", naming: nameFirst, doc: "finite impulse response filter", fn: seriesFIR},
	{name: "series_iir", sig: "dyn dyn dyn", ret: "dynamic", naming: nameFirst, doc: "infinite impulse response filter", fn: seriesIIR},
	{name: "series_fft", sig: "dyn dyn?", doc: "discrete Fourier transform", bind: bindTuple("series_fft", []column{{"real", tDyn}, {"imag", tDyn}}), fn: func(c *call, a []any) any { return fourier(c, a, false) }},
	{name: "series_ifft", sig: "dyn dyn?", doc: "inverse Fourier transform", bind: bindTuple("series_ifft", []column{{"real", tDyn}, {"imag", tDyn}}), fn: func(c *call, a []any) any { return fourier(c, a, true) }},
	{name: "series_fill_const", sig: "dyn any? any?", ret: "dynamic", naming: nameFirst, nulls: true, doc: "missing values replaced by a constant", fn: func(c *call, a []any) any {
		var value, missing any = int64(0), nil
		if c.n > 1 {
			value = a[1]
		}
		if c.n > 2 {
			missing = a[2]
		}
		return fillSeries(a[0], missing, func(l []any, i int) any { return value })
	}},
	{name: "series_fill_forward", sig: "dyn any?", ret: "dynamic", naming: nameFirst, nulls: true, doc: "missing values replaced by the value before", fn: func(c *call, a []any) any { return fillNear(c, a, -1) }},
	{name: "series_fill_backward", sig: "dyn any?", ret: "dynamic", naming: nameFirst, nulls: true, doc: "missing values replaced by the value behind", fn: func(c *call, a []any) any { return fillNear(c, a, 1) }},
	{name: "series_fill_linear", sig: "dyn any? bool? any?", ret: "dynamic", naming: nameFirst, nulls: true, doc: "missing values interpolated", fn: fillLinear},
}

// bindTuple binds a function that gives several columns, named function_argument_part.
func bindTuple(prefix string, parts []column) func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	return func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
		args, ok := rs.args(x, f)
		if !ok {
			return failedTuple(x)
		}
		g := *f
		g.bind = nil
		g.ret = "dynamic"
		c := g.make(rs, x, args)
		c.konst = false
		name := prefix
		if args[0].name != "" {
			name += "_" + args[0].name
		}
		for _, p := range parts {
			c.tuple = append(c.tuple, column{name + "_" + p.name, p.typ})
		}
		return c
	}
}

type seriesStats struct {
	min, max, avg, stdev, variance, sum float64
	minAt, maxAt, n                     int64
}

// statsOf computes the statistics; the spread is that of a sample (series-stats-function).
func statsOf(c *call, a []any) (seriesStats, bool) {
	l, ok := array(a[0])
	if !ok {
		return seriesStats{}, false
	}
	skip := c.n > 1 && isTrue(a[1])
	s := seriesStats{min: math.Inf(1), max: math.Inf(-1), n: int64(len(l))}
	m, m2, n := 0.0, 0.0, 0.0
	for i, v := range l {
		f, ok := toFloat(v)
		if !ok || math.IsNaN(f) || math.IsInf(f, 0) {
			if skip {
				continue
			}
			return seriesStats{}, false
		}
		n++
		s.sum += f
		d := f - m
		m += d / n
		m2 += d * (f - m)
		if f < s.min {
			s.min, s.minAt = f, int64(i)
		}
		if f > s.max {
			s.max, s.maxAt = f, int64(i)
		}
	}
	if n == 0 {
		return seriesStats{}, false
	}
	s.avg = m
	s.variance = divideSpread(m2, n, true, spreadOfOne(c.x))
	s.stdev = math.Sqrt(s.variance)
	return s, true
}

// line is a straight line through a series.
type line struct {
	rsquare, slope, intercept, variance, rvariance float64
	fit                                            []float64
}

// fitLine fits y = slope*x + intercept; x counts from 1 (series-fit-line-function: interception -1.666 with 1.064 first).
func fitLine(y []float64) line {
	n := float64(len(y))
	mx, my := (n+1)/2, mean(y)
	var sxy, sxx, syy float64
	for i, v := range y {
		x := float64(i+1) - mx
		sxy += x * (v - my)
		sxx += x * x
		syy += (v - my) * (v - my)
	}
	l := line{intercept: my}
	if sxx > 0 {
		l.slope = sxy / sxx
		l.intercept = my - l.slope*mx
	}
	res := 0.0
	l.fit = make([]float64, len(y))
	for i, v := range y {
		l.fit[i] = l.intercept + l.slope*float64(i+1)
		res += (v - l.fit[i]) * (v - l.fit[i])
	}
	l.finish(res, syy, n)
	return l
}

// finish computes the quality of a fit from its sums of squares.
func (l *line) finish(res, syy, n float64) {
	l.variance, l.rvariance = divideSpread(syy, n, true, 0), divideSpread(res, n, true, 0)
	l.rsquare = 1
	if syy > 0 {
		l.rsquare = 1 - res/syy
	}
}

func lineBag(l line) any {
	b := newBag()
	b.set("rsquare", l.rsquare)
	b.set("slope", l.slope)
	b.set("variance", l.variance)
	b.set("rvariance", l.rvariance)
	b.set("interception", l.intercept)
	b.set("line_fit", dynReals(l.fit))
	return b
}

// twoLinesBag names the parts as series_fit_2lines_dynamic does, the halves as bags (series-fit-2lines-dynamic-function).
func twoLinesBag(t twoLines) any {
	b := newBag()
	b.set("rsquare", t.all.rsquare)
	b.set("split_idx", int64(t.split))
	b.set("variance", t.all.variance)
	b.set("rvariance", t.all.rvariance)
	b.set("line_fit", dynReals(t.all.fit))
	for _, half := range []struct {
		name string
		l    line
	}{{"right", t.right}, {"left", t.left}} {
		h := newBag()
		h.set("rsquare", half.l.rsquare)
		h.set("slope", half.l.slope)
		h.set("interception", half.l.intercept)
		h.set("variance", half.l.variance)
		h.set("rvariance", half.l.rvariance)
		b.set(half.name, h)
	}
	return b
}

type twoLines struct {
	all, left, right line
	split            int
}

// fitTwoLines tries every split and keeps the one that fits best (series-fit-2lines-function).
func fitTwoLines(c *call, y []float64) twoLines {
	best := twoLines{all: line{rsquare: math.Inf(-1)}}
	my, syy := mean(y), 0.0
	for _, v := range y {
		syy += (v - my) * (v - my)
	}
	for k := 2; k <= len(y)-2; k++ {
		c.x.tick(len(y))
		l, r := fitLine(y[:k]), fitLine(y[k:])
		fit := append(append([]float64{}, l.fit...), r.fit...)
		res := 0.0
		for i, v := range y {
			res += (v - fit[i]) * (v - fit[i])
		}
		all := line{fit: fit}
		all.finish(res, syy, float64(len(y)))
		if all.rsquare > best.all.rsquare {
			best = twoLines{all, l, r, k}
		}
	}
	return best
}

// seriesFIR filters; values before the series count as 0. Filters with negative values are not normalised.
func seriesFIR(c *call, a []any) any {
	x, ok := reals(a[0])
	f, ok2 := reals(a[1])
	if !ok || !ok2 || len(f) == 0 {
		return nil
	}
	sum, negative := 0.0, false
	for _, v := range f {
		sum += v
		negative = negative || v < 0
	}
	normalize := !negative
	if c.n > 2 {
		normalize = isTrue(a[2])
		if normalize && negative {
			return nil
		}
	}
	shift := 0
	if c.n > 3 && isTrue(a[3]) {
		shift = (len(f) - 1) / 2
	}
	c.x.tick(len(x) * len(f))
	out := make([]any, len(x))
	for i := range x {
		s := 0.0
		for j, v := range f {
			if k := i + shift - j; k >= 0 && k < len(x) {
				s += v * x[k]
			}
		}
		if normalize {
			s /= sum
		}
		out[i] = s
	}
	return out
}

// seriesIIR filters recursively; the first denominator divides all.
func seriesIIR(c *call, a []any) any {
	x, ok := reals(a[0])
	num, ok2 := reals(a[1])
	den, ok3 := reals(a[2])
	if !ok || !ok2 || !ok3 || len(den) == 0 || den[0] == 0 {
		return nil
	}
	c.x.tick(len(x) * (len(num) + len(den)))
	y := make([]float64, len(x))
	for i := range x {
		s := 0.0
		for j, b := range num {
			if i >= j {
				s += b * x[i-j]
			}
		}
		for j := 1; j < len(den) && j <= i; j++ {
			s -= den[j] * y[i-j]
		}
		y[i] = s / den[0]
	}
	return dynReals(y)
}

// maxFourier bounds the quadratic transform.
const maxFourier = 4096

func fourier(c *call, a []any, inverse bool) any {
	re, ok := reals(a[0])
	im := make([]float64, len(re))
	if c.n > 1 {
		im, ok = reals(a[1])
	}
	if !ok || len(im) != len(re) || len(re) > maxFourier {
		return nil
	}
	n := len(re)
	c.x.tick(n * n)
	outRe, outIm := make([]any, n), make([]any, n)
	sign := -2 * math.Pi
	if inverse {
		sign = -sign
	}
	for k := range re {
		s := complex(0, 0)
		for t := range re {
			angle := sign * float64(k*t%n) / float64(n)
			s += complex(re[t], im[t]) * cmplx.Exp(complex(0, angle))
		}
		if inverse {
			s /= complex(float64(n), 0)
		}
		outRe[k], outIm[k] = real(s), imag(s)
	}
	return []any{outRe, outIm}
}
