package interp

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// addcoltotals adds a row with the sums of the numeric columns.
func (k *compiler) addcoltotals(st *syntax.Plain) stage {
	o, names := k.wordsOf(st, "labelfield", "label")
	return func(_ *run, in set) set {
		cols := names
		if len(cols) == 0 {
			cols = []string{"*"}
		}
		totals := columnTotals(in, expandNames(cols, in))
		if f := o.text("labelfield", ""); f != "" {
			totals.set(f, fieldText(o.text("label", "Total")))
			in = in.with(f)
		}
		in.rows = append(slices.Clip(in.rows), totals)
		return in
	}
}

func columnTotals(in set, cols []string) *row {
	totals := newRow()
	for _, c := range cols {
		sum, any := 0.0, false
		for _, w := range in.rows {
			for _, v := range w.get(c).values() {
				if x, ok := v.number(); ok {
					sum += x
					any = true
				}
			}
		}
		if any {
			totals.set(c, finite(sum))
		}
	}
	return totals
}

// rangemap names the range that a number lies in: `rangemap field=n low=0-9 high=10-99 default=none`.
func (k *compiler) rangemap(st *syntax.Plain) stage {
	type bounds struct {
		name   string
		lo, hi float64
	}
	var ranges []bounds
	field, missing := "", "None"
	for _, a := range st.Args {
		switch a.Name {
		case "field":
			field = a.Value
		case "default":
			missing = a.Value
		case "":
			k.invalid(a.Span, fmt.Sprintf("unexpected `%s` in `rangemap`", a.Value), "write field=, name=LOW-HIGH and default=")
		default:
			cut := strings.Index(strings.TrimPrefix(a.Value, "-"), "-") + len(a.Value) - len(strings.TrimPrefix(a.Value, "-"))
			lo, ok := parseNumber(a.Value[:max(0, cut)])
			hi, ok2 := parseNumber(a.Value[min(len(a.Value), max(0, cut)+1):])
			if !ok || !ok2 {
				k.invalid(a.Span, fmt.Sprintf("`%s` is no range", a.Value), "write the lowest and the highest number, as in low=0-9")
			}
			ranges = append(ranges, bounds{a.Name, lo, hi})
		}
	}
	if field == "" {
		k.invalid(st.Span, "`rangemap` names no field", "add field=")
	}
	return each([]string{"range"}, func(r *run, w *row) {
		x, ok := w.get(field).number()
		var out []value
		for _, b := range ranges {
			if ok && x >= b.lo && x <= b.hi {
				out = append(out, fieldText(b.name))
			}
		}
		if len(out) == 0 {
			out = []value{fieldText(missing)}
		}
		w.set("range", listOf(out))
	})
}

// eventcount counts the events of the indexes: of all, or with summarize=false of each.
func (k *compiler) eventcount(st *syntax.Plain, first bool) stage {
	o := k.options("eventcount", st.Args, "index", "summarize", "report_size", "list_vix", "list_federated_remote", "tstats")
	if !first {
		k.invalid(st.Span, "`eventcount` stands inside a pipeline", "it makes rows, so it begins a query: | eventcount")
	}
	var wanted []wildcard
	for _, a := range st.Args {
		if a.Name == "index" {
			wanted = append(wanted, newWildcard(a.Value))
		}
	}
	summarize := o.bool("summarize", true)
	return func(r *run, _ set) set {
		counts, total := map[string]int{}, 0
		var names []string
		for _, w := range r.events(timeBounds{}) {
			name := w.get("index").text()
			if len(wanted) > 0 && !slices.ContainsFunc(wanted, func(p wildcard) bool { return p.fits(name) || name == "" }) {
				continue
			}
			if counts[name] == 0 {
				names = append(names, name)
			}
			counts[name]++
			total++
		}
		if summarize {
			w := newRow()
			w.set("count", numValue(float64(total)))
			return set{rows: []*row{w}, order: []string{"count"}}
		}
		slices.Sort(names)
		out := set{order: []string{"count", "index", "server"}}
		for _, n := range names {
			w := newRow()
			w.set("count", numValue(float64(counts[n])))
			w.set("index", fieldText(n))
			out.rows = append(out.rows, w)
		}
		return out
	}
}

// setOperation compiles set: the union, difference or intersection of the rows of two searches.
func (k *compiler) setOperation(st *syntax.Plain, first bool) stage {
	op := ""
	var subs []pipeline
	for _, a := range st.Args {
		switch {
		case a.Sub != nil:
			subs = append(subs, k.sub(a.Sub))
		case op == "" && a.Name == "":
			op = strings.ToLower(a.Value)
		}
	}
	if !first {
		k.invalid(st.Span, "`set` stands inside a pipeline", "it makes rows, so it begins a query: | set union [search …] [search …]")
	}
	if len(subs) != 2 || op != "union" && op != "diff" && op != "intersect" {
		k.invalid(st.Span, "`set` takes union, diff or intersect and two searches", "write | set diff [search …] [search …]")
		return nil
	}
	return func(r *run, _ set) set {
		a, b := r.exec(subs[0], set{}), r.exec(subs[1], set{})
		inA, inB := rowKeys(a.rows), rowKeys(b.rows)
		keep := func(key string, other map[string]bool) bool {
			return op == "union" || other[key] == (op == "intersect")
		}
		out := set{order: a.order}
		seen := map[string]bool{}
		take := func(rows []*row, other map[string]bool) {
			for _, w := range rows {
				if key := rowKey(w); keep(key, other) && !seen[key] {
					seen[key] = true
					out.rows = append(out.rows, w)
				}
			}
		}
		take(a.rows, inB)
		take(b.rows, inA)
		return out.with(b.order...)
	}
}

// rowKey is what a row's fields but the internal ones are.
func rowKey(w *row) string {
	var b strings.Builder
	for _, n := range w.names() {
		if !strings.HasPrefix(n, "_") {
			writeKey(&b, n, w.get(n))
		}
	}
	return b.String()
}

func rowKeys(rows []*row) map[string]bool {
	keys := map[string]bool{}
	for _, w := range rows {
		keys[rowKey(w)] = true
	}
	return keys
}

// trendline computes moving averages: sma (simple), ema (exponential) or wma (weighted) with a period of 2 to 10,000 rows.
func (k *compiler) trendline(st *syntax.Plain) stage {
	type trend struct {
		kind, field, as string
		n               int
	}
	var list []trend
	for i := 0; i < len(st.Args); i++ {
		a := st.Args[i]
		head, rest, ok := strings.Cut(a.Value, "(")
		field, closed := strings.CutSuffix(rest, ")")
		kind := strings.TrimRight(head, "0123456789")
		n, err := strconv.Atoi(head[len(kind):])
		if !ok || !closed || err != nil || n < 2 || n > 10000 || kind != "sma" && kind != "ema" && kind != "wma" {
			k.invalid(a.Span, fmt.Sprintf("`%s` is no trend", a.Value), "write sma, ema or wma, a period from 2 to 10000 and the field: sma5(n)")
			return nil
		}
		t := trend{kind, field, a.Value, n}
		if i+2 < len(st.Args) && strings.EqualFold(st.Args[i+1].Value, "as") {
			t.as = st.Args[i+2].Value
			i += 2
		}
		list = append(list, t)
	}
	return func(r *run, in set) set {
		for _, t := range list {
			var xs []float64
			ema := 0.0
			for _, w := range in.rows {
				x, ok := w.get(t.field).number()
				if !ok {
					continue
				}
				xs = append(xs, x)
				if len(xs) == 1 {
					ema = x
				} else {
					alpha := 2 / float64(t.n+1)
					ema = alpha*x + (1-alpha)*ema
				}
				if len(xs) < t.n || !r.spend(t.n) {
					continue
				}
				sum, weights := 0.0, 0.0
				for j, y := range xs[len(xs)-t.n:] {
					weight := 1.0
					if t.kind == "wma" {
						weight = float64(j + 1)
					}
					sum, weights = sum+weight*y, weights+weight
				}
				if t.kind == "ema" {
					sum, weights = ema, 1
				}
				w.set(t.as, finite(sum/weights))
			}
			in = in.with(t.as)
		}
		return in
	}
}

// makecontinuous adds the buckets that no row has: `makecontinuous _time span=1h`.
func (k *compiler) makecontinuous(st *syntax.Plain) stage {
	o, names := k.wordsOf(st, "span", "bins", "start", "end", "aligntime")
	name := "_time"
	if len(names) > 0 {
		name = names[0]
	}
	a, ok := o.all["span"]
	if !ok {
		k.unsupported(st.Span, "`makecontinuous` without a span", "write span=")
		return nil
	}
	f := k.plainBin(a.Value, a.Span)
	return func(r *run, in set) set {
		if f == nil || len(in.rows) == 0 {
			return in
		}
		lo, hi := math.Inf(1), math.Inf(-1)
		have := map[float64]bool{}
		for _, w := range in.rows {
			w.set(name, mapValues(w.get(name), f))
			if x, ok := w.get(name).number(); ok {
				lo, hi = min(lo, x), max(hi, x)
				have[x] = true
			}
		}
		for x := lo; x < hi; {
			next := following(f, x)
			if next <= x || len(in.rows) > maxRows {
				r.limit("makecontinuous has too many buckets")
				return in
			}
			if x = next; !have[x] {
				w := newRow()
				w.set(name, timeValue(x))
				in.rows = append(in.rows, w)
			}
		}
		sortRows(in.rows, []syntax.SortKey{{Name: name}})
		return in
	}
}
