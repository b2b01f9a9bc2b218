package interp

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// listFunctions are the multivalue functions.
var listFunctions = []function{
	{name: "mvcount", min: 1, max: 1, typ: numType, lists: true, doc: "mvcount(f): number of values, null for none", call: func(_ *run, a []value) value { return numValue(float64(len(a[0].values()))) }},
	{name: "mvindex", min: 2, max: 3, lists: true, doc: "mvindex(f, i[, j]): values i to j, from 0, from the end below 0; null out of range", call: mvindex},
	{name: "mvappend", min: 1, max: -1, nulls: true, lists: true, doc: "mvappend(a, …): all their values", call: func(r *run, a []value) value {
		var out []value
		for _, v := range a {
			out = append(out, v.values()...)
		}
		return r.listValue(out)
	}},
	{name: "mvdedup", min: 1, max: 1, lists: true, doc: "mvdedup(f): each value once, at its first place", call: func(_ *run, a []value) value {
		seen := map[string]bool{}
		var out []value
		for _, v := range a[0].values() {
			if !seen[v.text()] {
				seen[v.text()] = true
				out = append(out, v)
			}
		}
		return listOf(out)
	}},
	{name: "mvsort", min: 1, max: 1, lists: true, doc: "mvsort(f): sorted as text", call: func(_ *run, a []value) value {
		out := slices.Clone(a[0].values())
		slices.SortStableFunc(out, func(x, y value) int { return strings.Compare(x.text(), y.text()) })
		return listOf(out)
	}},
	{name: "mvjoin", min: 2, max: 2, typ: strType, lists: true, doc: "mvjoin(f, delimiter)", call: func(r *run, a []value) value {
		var parts []string
		size := 0
		for _, v := range a[0].values() {
			parts = append(parts, v.text())
			if size += len(v.text()) + len(a[1].text()); size > maxValueBytes {
				break
			}
		}
		return r.textOf(strings.Join(parts, a[1].text()))
	}},
	{name: "mvzip", min: 2, max: 3, lists: true, doc: "mvzip(a, b[, delimiter]): their values in pairs", call: func(_ *run, a []value) value {
		delim := ","
		if len(a) > 2 {
			delim = a[2].text()
		}
		x, y := a[0].values(), a[1].values()
		var out []value
		for i := range min(len(x), len(y)) {
			out = append(out, textValue(x[i].text()+delim+y[i].text()))
		}
		return listOf(out)
	}},
	{name: "mvrange", min: 2, max: 3, lists: true, doc: "mvrange(start, end[, step]): numbers from start, below end", call: mvrange},
	{name: "mvreverse", min: 1, max: 1, lists: true, doc: "mvreverse(f)", call: func(_ *run, a []value) value {
		out := slices.Clone(a[0].values())
		slices.Reverse(out)
		return listOf(out)
	}},
	{name: "split", min: 2, max: 2, doc: "split(text, delimiter)", call: func(r *run, a []value) value {
		s, delim := a[0].text(), a[1].text()
		if a[1].origin != literal && !r.on[splitByField].On() {
			return a[0]
		}
		if strings.Count(s, delim) > maxValues {
			return r.listValue(make([]value, maxValues+1))
		}
		var out []value
		for _, part := range strings.Split(s, delim) {
			out = append(out, fieldText(part))
		}
		return listOf(out)
	}},
	{name: "mvfind", min: 2, max: 2, typ: numType, doc: "mvfind(f, regex): index of the first value that fits, from 0, else null", build: buildMvfind},
	{name: "mvfilter", min: 1, max: 1, doc: "mvfilter(condition): the values of the one field in it for which it is true", build: buildMvfilter},
	{name: "mvmap", min: 2, max: 3, doc: "mvmap(f, expression): the expression for each value of f", build: buildMvmap},
}

func mvindex(_ *run, a []value) value {
	vals := a[0].values()
	at := func(v value) (int, bool) {
		n, ok := v.number()
		i := int(n)
		if i < 0 {
			i += len(vals)
		}
		return i, ok
	}
	from, ok := at(a[1])
	to := from
	if len(a) > 2 {
		end, eok := at(a[2])
		to, ok = end, ok && eok
	}
	if !ok || from < 0 && len(a) == 2 || from >= len(vals) || to < from {
		return value{}
	}
	return listOf(vals[max(0, from) : min(to, len(vals)-1)+1])
}

func mvrange(r *run, a []value) value {
	from, ok := a[0].number()
	to, ok2 := a[1].number()
	if !ok || !ok2 {
		return value{}
	}
	step := 1.0
	if len(a) > 2 {
		if step, ok = a[2].number(); !ok {
			count, unit, sok := parseSpan(a[2].text())
			if step, ok = spanSeconds(count, unit); !ok || !sok {
				return value{}
			}
		}
	}
	if step == 0 {
		return value{}
	}
	if (to-from)/step > maxValues {
		return r.listValue(make([]value, maxValues+1))
	}
	var out []value
	for i := 0; ; i++ {
		x := from + float64(i)*step
		if step > 0 && x >= to || step < 0 && x <= to {
			return listOf(out)
		}
		out = append(out, numValue(x))
	}
}

func buildMvfind(k *compiler, x *syntax.Call) evalFunc {
	subject, pat := k.operandValue(x.Args[0], "`mvfind`").eval, k.pattern(x.Args[1])
	return func(r *run, w *row) value {
		s, p := subject(r, w), r.single(pat(r, w))
		if s.isNull() || p.isNull() {
			return value{}
		}
		re := r.regex(p.text())
		for i, v := range s.values() {
			if r.find(re, v.text(), 0) != nil {
				return numValue(float64(i))
			}
		}
		return value{}
	}
}

func buildMvfilter(k *compiler, x *syntax.Call) evalFunc {
	names := map[string]bool{}
	fieldNames(x.Args[0], names)
	if len(names) != 1 {
		k.invalid(x.Span, "the condition of `mvfilter` must name exactly one field", "copy other fields' values into the text, or use mvmap")
		return nothing
	}
	cond := k.condition(x.Args[0], "mvfilter")
	name := ""
	for n := range names {
		name = n
	}
	return func(r *run, w *row) value {
		var kept []value
		r.forEach(w, name, func(v value) {
			if r.truth(cond(r, w)) == yes {
				kept = append(kept, v)
			}
		})
		return listOf(kept)
	}
}

// forEach calls f with the field bound to each of its values in turn.
func (r *run) forEach(w *row, name string, f func(value)) {
	w.materialise()
	all, had := w.f[name]
	for _, v := range w.get(name).values() {
		w.f[name] = v
		f(v)
	}
	if had {
		w.f[name] = all
	} else {
		delete(w.f, name)
	}
}

func buildMvmap(k *compiler, x *syntax.Call) evalFunc {
	f, ok := x.Args[0].(*syntax.Field)
	if !ok || len(x.Args) != 2 {
		k.unsupported(x.Span, "mvmap over anything but a field", "assign the expression to a field first")
		return nothing
	}
	e := k.operandValue(x.Args[1], "`mvmap`").eval
	return func(r *run, w *row) value {
		var out []value
		r.forEach(w, f.Name, func(value) { out = append(out, e(r, w).values()...) })
		return r.listValue(out)
	}
}

// fieldNames collects the fields that an expression reads.
func fieldNames(x syntax.Expr, names map[string]bool) {
	switch x := x.(type) {
	case *syntax.Field:
		names[x.Name] = true
	case *syntax.Call:
		for _, a := range x.Args {
			fieldNames(a, names)
		}
	case *syntax.Unary:
		fieldNames(x.X, names)
	case *syntax.Binary:
		fieldNames(x.L, names)
		fieldNames(x.R, names)
	case *syntax.Logic:
		for _, t := range x.Terms {
			fieldNames(t, names)
		}
	case *syntax.InList:
		fieldNames(x.X, names)
		for _, t := range x.List {
			fieldNames(t, names)
		}
	case *syntax.Num, *syntax.Str, *syntax.MacroExpr, *syntax.SubExpr:
	}
}
