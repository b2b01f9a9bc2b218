package interp

import "math"

// maxDegree bounds the degree of polynomials.
const maxDegree = 50

// fitPoly fits a polynomial by least squares; without x the points are 1, 2 … (series-fit-poly-function). Coefficients come
// from the highest power down.
func fitPoly(c *call, a []any) any {
	y, ok := reals(a[0])
	if !ok || len(y) == 0 {
		return nil
	}
	x := make([]float64, len(y))
	for i := range x {
		x[i] = float64(i + 1)
	}
	if c.n > 1 {
		if x, ok = reals(a[1]); !ok || len(x) != len(y) {
			return nil
		}
	}
	degree := 1
	if c.n > 2 {
		degree = int(a[2].(int64))
	}
	if degree < 0 || degree > maxDegree || degree >= len(y) {
		return nil
	}
	c.x.tick(len(y) * (degree + 1) * (degree + 1))
	coef, ok := leastSquares(x, y, degree)
	if !ok {
		return nil
	}
	l := line{fit: make([]float64, len(y))}
	res, syy, my := 0.0, 0.0, mean(y)
	for i := range y {
		for _, k := range coef {
			l.fit[i] = l.fit[i]*x[i] + k
		}
		res += (y[i] - l.fit[i]) * (y[i] - l.fit[i])
		syy += (y[i] - my) * (y[i] - my)
	}
	l.finish(res, syy, float64(len(y)))
	return []any{l.rsquare, dynReals(coef), l.variance, l.rvariance, dynReals(l.fit)}
}

// leastSquares solves for the coefficients by Householder reflections of the Vandermonde matrix.
func leastSquares(x, y []float64, degree int) ([]float64, bool) {
	m, n := len(x), degree+1
	q := make([][]float64, m)
	for i := range q {
		q[i] = make([]float64, n+1)
		p := 1.0
		for j := n - 1; j >= 0; j-- {
			q[i][j] = p
			p *= x[i]
		}
		q[i][n] = y[i]
	}
	for k := 0; k < n; k++ {
		norm := 0.0
		for i := k; i < m; i++ {
			norm = math.Hypot(norm, q[i][k])
		}
		if norm == 0 {
			return nil, false
		}
		if q[k][k] > 0 {
			norm = -norm
		}
		v := make([]float64, m)
		for i := k; i < m; i++ {
			v[i] = q[i][k]
		}
		v[k] -= norm
		vv := dot(v, v)
		for j := k; j <= n && vv > 0; j++ {
			s := 0.0
			for i := k; i < m; i++ {
				s += v[i] * q[i][j]
			}
			s = 2 * s / vv
			for i := k; i < m; i++ {
				q[i][j] -= s * v[i]
			}
		}
	}
	out := make([]float64, n)
	for k := n - 1; k >= 0; k-- {
		s := q[k][n]
		for j := k + 1; j < n; j++ {
			s -= q[k][j] * out[j]
		}
		if q[k][k] == 0 {
			return nil, false
		}
		out[k] = s / q[k][k]
	}
	return out, true
}
