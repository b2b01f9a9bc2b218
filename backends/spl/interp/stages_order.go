package interp

import (
	"math"
	"net/netip"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
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

// sortRows sorts by keys, stably; rows without a field come last, in either direction. Without a function the order of two
// values depends on them alone: as numbers if both are, as addresses if both are, else as texts (Search Reference, sort).
func sortRows(rows []*row, keys []syntax.SortKey) {
	slices.SortStableFunc(rows, func(a, b *row) int {
		for _, key := range keys {
			x, y := a.get(key.Name), b.get(key.Name)
			switch {
			case x.isNull() && y.isNull():
				continue
			case x.isNull():
				return 1
			case y.isNull():
				return -1
			}
			c := compareKey(x, y, key.Func)
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

func compareKey(x, y value, fn string) int {
	if fn == "" || fn == "auto" || fn == "num" {
		a, ok := x.number()
		b, ok2 := y.number()
		switch {
		case ok && ok2:
			return compareFloats(a, b)
		case fn == "num" && ok:
			return -1
		case fn == "num" && ok2:
			return 1
		}
	}
	if fn == "ip" || fn == "" || fn == "auto" {
		a, err := netip.ParseAddr(x.text())
		b, err2 := netip.ParseAddr(y.text())
		if err == nil && err2 == nil {
			return a.Compare(b)
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
		if len(st.SortBy) > 0 { // the order decides which rows stay
			in.rows = slices.Clone(in.rows)
			sortRows(in.rows, st.SortBy)
		}
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
