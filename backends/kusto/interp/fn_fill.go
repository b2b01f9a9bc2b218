package interp

// isMissing reports whether an element is the placeholder of missing values.
func isMissing(v, placeholder any) bool {
	if placeholder == nil {
		return v == nil
	}
	return v != nil && equal(v, placeholder)
}

func fillSeries(v, placeholder any, f func(l []any, i int) any) any {
	l, ok := array(v)
	if !ok {
		return nil
	}
	out := make([]any, len(l))
	for i, e := range l {
		out[i] = e
		if isMissing(e, placeholder) {
			out[i] = f(l, i)
		}
	}
	return out
}

func placeholderOf(c *call, a []any) any {
	if c.n > 1 {
		return a[1]
	}
	return nil
}

// fillNear takes the nearest value on one side; where there is none the placeholder stays.
func fillNear(c *call, a []any, dir int) any {
	p := placeholderOf(c, a)
	l, _ := array(a[0])
	c.x.tick(len(l))
	near := make([]any, len(l))
	var last any
	for k := range l {
		i := k
		if dir > 0 {
			i = len(l) - 1 - k
		}
		if !isMissing(l[i], p) {
			last = l[i]
		}
		near[i] = last
	}
	return fillSeries(a[0], p, func(l []any, i int) any {
		if near[i] == nil {
			return l[i]
		}
		return near[i]
	})
}

// fillLinear interpolates; series of whole numbers stay whole (series-fill-linear-function).
func fillLinear(c *call, a []any) any {
	p := placeholderOf(c, a)
	edges, fallback := true, any(0.0)
	if c.n > 2 {
		edges = isTrue(a[2])
	}
	if c.n > 3 {
		fallback = a[3]
	}
	l, ok := array(a[0])
	if !ok {
		return nil
	}
	whole := true
	var known []int
	for i, v := range l {
		if isMissing(v, p) {
			continue
		}
		if _, isInt := v.(int64); !isInt {
			whole = false
		}
		known = append(known, i)
	}
	if len(known) == 0 {
		return fillSeries(a[0], p, func([]any, int) any { return fallback })
	}
	next := 0
	return fillSeries(a[0], p, func(l []any, i int) any {
		for next < len(known) && known[next] < i {
			next++
		}
		switch {
		case next == 0 || next == len(known):
			if !edges {
				return l[i]
			}
			return l[known[min(next, len(known)-1)]]
		}
		i0, i1 := known[next-1], known[next]
		y0, _ := toFloat(l[i0])
		y1, _ := toFloat(l[i1])
		v := y0 + (y1-y0)*float64(i-i0)/float64(i1-i0)
		if whole {
			return int64(v)
		}
		return v
	})
}
