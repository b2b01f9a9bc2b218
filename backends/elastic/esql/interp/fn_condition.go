package interp

// conditionFunctions is the table of the page "ES|QL conditional functions and expressions".
var conditionFunctions = []function{
	{
		name: "case", min: 2, max: -1, bind: bindCase,
		doc: "the value behind the first condition that is true; null and several values are not true; else the last value, or null",
	},
	{name: "coalesce", min: 1, max: -1, doc: "the first argument that is not null", bind: bindCoalesce},
	{name: "greatest", min: 1, max: -1, doc: "the largest value of all arguments; null if one is null", bind: bindExtreme(1)},
	{name: "least", min: 1, max: -1, doc: "the smallest value of all arguments; null if one is null", bind: bindExtreme(-1)},
	{name: "clamp", min: 3, max: 3, doc: "a value forced between two bounds", bind: bindClamp(true, true)},
	{name: "clamp_min", min: 2, max: 2, doc: "a value of at least a bound", bind: bindClamp(true, false)},
	{name: "clamp_max", min: 2, max: 2, doc: "a value of at most a bound", bind: bindClamp(false, true)},
}

// unify finds the common type of some arguments and how each widens to it; text becomes keyword.
func (k *call) unify(args []*expr, from int) (typ, []func(v any) any, bool) {
	t := tNull
	for i, a := range args {
		u := common(t, noText(a.typ))
		if u == tErr {
			k.wrong(a.span, "%s argument of [%s] must be [%s], found value [%s] type [%s]", ordinal(from+i), k.text, t, a.text, a.typ)
			return tErr, nil, false
		}
		t = u
	}
	ws := make([]func(v any) any, len(args))
	for i, a := range args {
		ws[i] = widen(a.typ, t)
		if ws[i] == nil {
			ws[i] = func(v any) any { return v }
		}
	}
	return t, ws, true
}

// literals turns string literals beside values of another type into that type.
func (k *call) literals(args []*expr) {
	for _, a := range args {
		if a.literal || a.typ == tNull || strings_.has(a.typ) {
			continue
		}
		for i := range args {
			args[i] = k.literalAs(args[i], a.typ)
		}
		return
	}
}

func bindCase(k *call) *expr {
	conds, results := []*expr{}, []*expr{}
	for i := 0; i < len(k.args); i++ {
		if i%2 == 0 && i+1 < len(k.args) {
			if k.args[i].typ != tBool && k.args[i].typ != tNull {
				k.wrong(k.args[i].span, "%s argument of [%s] must be [boolean], found value [%s] type [%s]", ordinal(i), k.text,
					k.args[i].text, k.args[i].typ)
				return nil
			}
			conds = append(conds, k.args[i])
			continue
		}
		results = append(results, k.args[i])
	}
	k.literals(results)
	t, ws, ok := k.unify(results, 1)
	if !ok {
		return nil
	}
	s := k.site
	s.falls = "false"
	return k.build(t, func(cells []any) any {
		for i, c := range conds {
			if v, ok := k.r.one(s, c.eval(cells)); ok && v.(bool) {
				return mapCell(results[i].eval(cells), ws[i])
			}
		}
		if last := len(conds); last < len(results) {
			return mapCell(results[last].eval(cells), ws[last])
		}
		return nil
	})
}

func bindCoalesce(k *call) *expr {
	k.literals(k.args)
	t, ws, ok := k.unify(k.args, 0)
	if !ok {
		return nil
	}
	return k.build(t, func(cells []any) any {
		for i, a := range k.args {
			if v := a.eval(cells); v != nil {
				return mapCell(v, ws[i])
			}
		}
		return nil
	})
}

// bindExtreme is GREATEST (sign 1) and LEAST (sign −1); several values of an argument all take part.
func bindExtreme(sign int) func(k *call) *expr {
	return func(k *call) *expr {
		k.literals(k.args)
		t, ws, ok := k.unify(k.args, 0)
		if !ok {
			return nil
		}
		if !(ordered | types(tBool, tNull)).has(t) {
			return k.wrong(k.node.Span, "first argument of [%s] must be [boolean or %s], found type [%s]", k.text, ordered.words(), t)
		}
		return k.build(t, func(cells []any) any {
			var best any
			for i, a := range k.args {
				v := a.eval(cells)
				if v == nil {
					return nil
				}
				each(v, func(x any) {
					if x = ws[i](x); x != nil && (best == nil || sign*compareValues(t, x, best) > 0) {
						best = x
					}
				})
			}
			return best
		})
	}
}

func bindClamp(low, high bool) func(k *call) *expr {
	return func(k *call) *expr {
		k.literals(k.args)
		t, ws, ok := k.unify(k.args, 0)
		if !ok {
			return nil
		}
		return k.all(t, func(xs []any) (any, error) {
			for i := range xs {
				if xs[i] = ws[i](xs[i]); xs[i] == nil { // beyond the range of the common type
					return nil, nil
				}
			}
			v, next := xs[0], 1
			if low {
				if compareValues(t, v, xs[1]) < 0 {
					v = xs[1]
				}
				next = 2
			}
			if high && compareValues(t, v, xs[next]) > 0 {
				v = xs[next]
			}
			return v, nil
		})
	}
}
