package interp

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
)

// maxSort is sort's default number of results.
const maxSort = 10000

func (k *compiler) sort(st *syntax.Sort) stage {
	limit := k.count(st.Limit, st.Span, maxSort)
	return func(r *run, in set) set {
		if st.Limit == "" && len(in.rows) > maxSort {
			r.warning("sort keeps %d rows and drops the rest; write `sort 0` to keep all", maxSort)
		}
		sortRows(in.rows, st.Keys)
		if st.Reverse {
			slices.Reverse(in.rows)
		}
		if limit > 0 && len(in.rows) > limit {
			in.rows = in.rows[:limit]
		}
		return in
	}
}

// sortRows sorts by keys, stably; rows without a field come last, in either direction.
func sortRows(rows []*row, keys []syntax.SortKey) {
	numeric := make([]bool, len(keys))
	for i, key := range keys {
		numeric[i] = key.Func == "num" || key.Func != "str" && key.Func != "ip" && allNumbers(rows, key.Name)
	}
	slices.SortStableFunc(rows, func(a, b *row) int {
		for i, key := range keys {
			x, y := a.get(key.Name), b.get(key.Name)
			switch {
			case x.isNull() && y.isNull():
				continue
			case x.isNull():
				return 1
			case y.isNull():
				return -1
			}
			c := compareKey(x, y, numeric[i], key.Func)
			if key.Desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
}

func allNumbers(rows []*row, name string) bool {
	for _, w := range rows {
		if v := w.get(name); !v.isNull() {
			if _, ok := v.number(); !ok {
				return false
			}
		}
	}
	return true
}

func compareKey(x, y value, numeric bool, fn string) int {
	if fn == "ip" || fn == "" || fn == "auto" {
		a, err := netip.ParseAddr(x.text())
		b, err2 := netip.ParseAddr(y.text())
		if err == nil && err2 == nil {
			return a.Compare(b)
		}
	}
	if numeric {
		a, ok := x.number()
		b, ok2 := y.number()
		if ok && ok2 {
			return compareFloats(a, b)
		}
	}
	return strings.Compare(x.text(), y.text())
}

func (k *compiler) dedup(st *syntax.Dedup) stage {
	o := k.options("dedup", st.Options, "keepempty", "consecutive", "keepevents")
	keep := k.count(st.Count, st.Span, 1)
	keepEmpty, consecutive, keepEvents := o.bool("keepempty", false), o.bool("consecutive", false), o.bool("keepevents", false)
	if keep == 0 {
		k.invalid(st.Span, "`dedup` keeps at least one row of each combination", "write a number above 0")
	}
	return func(_ *run, in set) set {
		seen := map[string]int{}
		previous := ""
		out := set{order: in.order}
		for _, w := range in.rows {
			var b strings.Builder
			missing := false
			for _, name := range st.Names {
				v := w.get(name)
				missing = missing || v.isNull()
				writeKey(&b, name, v)
			}
			key := b.String()
			if missing {
				if keepEmpty {
					out.rows = append(out.rows, w)
				}
				continue
			}
			if consecutive && key != previous {
				delete(seen, key)
			}
			previous = key
			switch seen[key]++; {
			case seen[key] <= keep:
				out.rows = append(out.rows, w)
			case keepEvents:
				for _, name := range st.Names {
					w.set(name, value{})
				}
				out.rows = append(out.rows, w)
			}
		}
		if len(st.SortBy) > 0 {
			sortRows(out.rows, st.SortBy)
		}
		return out
	}
}

// uniq removes a row that equals the one before it in every field.
func (k *compiler) uniq(st *syntax.Plain) stage {
	k.wordsOf(st)
	return func(_ *run, in set) set {
		previous := ""
		in.rows = slices.DeleteFunc(in.rows, func(w *row) bool {
			var b strings.Builder
			for _, n := range w.names() {
				writeKey(&b, n, w.get(n))
			}
			same := b.String() == previous
			previous = b.String()
			return same && previous != ""
		})
		return in
	}
}

func (k *compiler) head(st *syntax.Head) stage {
	o := k.options(st.Command(), st.Options, "limit", "null", "keeplast")
	limit := k.count(st.Count, st.Span, o.int("limit", 10))
	if st.Cond != nil {
		if st.Count == "" && !o.has("limit") {
			limit = math.MaxInt
		}
		return k.headWhile(st, limit, o.bool("null", false), o.bool("keeplast", false))
	}
	return func(_ *run, in set) set {
		n := min(limit, len(in.rows))
		if st.Tail {
			in.rows = slices.Clone(in.rows[len(in.rows)-n:])
			slices.Reverse(in.rows)
			return in
		}
		in.rows = in.rows[:n]
		return in
	}
}

// headWhile keeps rows until the condition is false (or null, without null=true).
func (k *compiler) headWhile(st *syntax.Head, limit int, nulls, keepLast bool) stage {
	cond := k.condition(st.Cond, "head")
	return func(r *run, in set) set {
		for i, w := range in.rows {
			t := r.truth(cond(r, w))
			if i >= limit || t == no || t == unknown && !nulls {
				if keepLast && i < limit {
					i++
				}
				in.rows = in.rows[:i]
				break
			}
		}
		return in
	}
}

// bin rounds a field down to a multiple of a span.
func (k *compiler) bin(st *syntax.Bin) stage {
	o := k.options("bin", st.Options, "span", "aligntime", "bins", "minspan", "start", "end")
	span, ok := o.all["span"]
	if !ok || o.has("bins") || o.has("minspan") || o.has("start") || o.has("end") {
		k.unsupported(st.Span, "`bin` without a span", "write span=5m: automatic bins depend on the whole result")
		return nil
	}
	align := 0.0
	if a, has := o.all["aligntime"]; has {
		t, ok := relativeTime(0, a.Value)
		if !ok {
			k.unsupported(a.Span, "`aligntime="+a.Value+"`", "give seconds since 1970")
		}
		align = t
	}
	f := k.binFunc(span.Value, span.Span, align)
	if f == nil {
		return nil
	}
	as := st.As
	if as == "" {
		as = st.Name
	}
	return each([]string{as}, func(_ *run, w *row) { w.set(as, f(w.get(st.Name))) })
}

// binFunc makes the rounding of a span. Months, quarters and years are those of UTC; days align to midnight UTC.
func (k *compiler) binFunc(spec string, at diag.Span, align float64) func(value) value {
	if strings.HasPrefix(spec, "log") {
		k.unsupported(at, "a logarithmic span", "use a linear one")
		return nil
	}
	if size, ok := parseNumber(spec); ok && size > 0 {
		return func(v value) value { return floorTo(v, size, align) }
	}
	count, unit, ok := parseSpan(spec)
	if !ok {
		k.invalid(at, fmt.Sprintf("`%s` is no span", spec), "write a number and s, m, h, d, w, mon, q or y")
		return nil
	}
	size, fixed := spanSeconds(count, unit)
	switch {
	case unit == "w":
		return func(v value) value { return floorTo(v, size, 3*86400) } // weeks begin on Sunday; 4 January 1970 was one
	case fixed && size >= 86400:
		return func(v value) value { return floorTo(v, size, 0) }
	case fixed:
		return func(v value) value { return floorTo(v, size, align) }
	}
	months := map[string]int{"mon": 1, "q": 3, "y": 12}[unit] * count
	return func(v value) value {
		x, ok := v.number()
		if !ok {
			return v
		}
		t := instant(x)
		n := (t.Year()-1970)*12 + int(t.Month()) - 1
		start := addUnit(instant(0), n-((n%months)+months)%months, "mon")
		return timeValue(seconds(start))
	}
}

// floorTo rounds a number down to align plus a multiple of size; text stays as it is.
func floorTo(v value, size, align float64) value {
	x, ok := v.number()
	if !ok {
		return v
	}
	return timeValue(math.Floor((x-align)/size)*size + align)
}
