package interp

import (
	"math"
	"net/netip"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
)

// gentimes makes a row for each day, or other increment, from start to end.
func (k *compiler) gentimes(st *syntax.Plain, first bool) stage {
	o := k.options("gentimes", st.Args, "start", "end", "increment")
	if !first {
		k.invalid(st.Span, "`gentimes` stands inside a pipeline", "it makes rows, so it begins a query: | gentimes start=-7")
	}
	if !o.has("start") {
		k.invalid(st.Span, "`gentimes` needs start=", "write days before today, as in start=-7, or a date as in start=10/25/2024")
		return nil
	}
	step := 86400.0
	if s, ok := o.span("increment"); ok {
		step = s
	}
	return func(r *run, _ set) set {
		from, ok := dayOf(r.now(), o.text("start", ""))
		to, ok2 := dayOf(r.now(), o.text("end", "0"))
		out := set{order: []string{"starttime", "endtime", "starthuman", "endhuman"}}
		if !ok || !ok2 {
			r.fault(diag.SPLRun, st.Span, "`gentimes` cannot read its start or end", "write a number of days or month/day/year")
			return out
		}
		for t := from; t < to; t += step {
			if len(out.rows) > maxRows {
				r.limit("gentimes makes too many rows")
				return out
			}
			end := t + step - 1
			w := newRow()
			w.set("starttime", timeValue(t))
			w.set("endtime", timeValue(end))
			w.set("starthuman", fieldText(strftime(t, "%a %b %e %H:%M:%S %Y")))
			w.set("endhuman", fieldText(strftime(end, "%a %b %e %H:%M:%S %Y")))
			out.rows = append(out.rows, w)
		}
		return out
	}
}

// dayOf reads a number of days from today, or month/day/year[:hour:minute:second].
func dayOf(now float64, s string) (float64, bool) {
	if n, ok := parseNumber(s); ok {
		return math.Floor(now/86400)*86400 + n*86400, true
	}
	for _, format := range []string{"%m/%d/%Y:%H:%M:%S", "%m/%d/%Y"} {
		if t, ok := strptime(s, format); ok {
			return t, true
		}
	}
	return 0, false
}

// fieldsummary makes a row of statistics for each field.
func (k *compiler) fieldsummary(st *syntax.Plain) stage {
	o, names := k.wordsOf(st, "maxvals")
	most := o.int("maxvals", 100)
	order := []string{"field", "count", "distinct_count", "is_exact", "max", "mean", "min", "numeric_count", "stdev", "values"}
	return func(r *run, in set) set {
		cols := names
		if len(cols) == 0 {
			cols = []string{"*"}
		}
		out := set{order: order}
		for _, c := range expandNames(cols, in) {
			counts, nums, total := map[string]int{}, &moments{}, 0
			ends := &extremes{}
			for _, w := range in.rows {
				for _, v := range w.get(c).values() {
					counts[v.text()]++
					total++
					nums.add(r, w, v)
					if _, ok := v.number(); ok {
						ends.add(r, w, v)
					}
				}
			}
			if total == 0 {
				continue
			}
			w := newRow()
			w.set("field", fieldText(c))
			w.set("count", numValue(float64(total)))
			w.set("distinct_count", numValue(float64(len(counts))))
			w.set("is_exact", numValue(1))
			w.set("numeric_count", numValue(float64(nums.n)))
			if nums.n > 0 {
				w.set("max", numValue(ends.high))
				w.set("min", numValue(ends.low))
				w.set("mean", finite(nums.sum/float64(nums.n)))
				w.set("stdev", nums.spread(r, 1, math.Sqrt))
			}
			w.set("values", fieldText(summaryOf(counts, most)))
			out.rows = append(out.rows, w)
		}
		return out
	}
}

// summaryOf is the most frequent values with their numbers, as JSON.
func summaryOf(counts map[string]int, most int) string {
	var names []string
	for n := range counts {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	list := []node{}
	for _, n := range names[:min(max(0, most), len(names))] {
		o := newObject()
		o.set("value", n)
		o.set("count", counts[n])
		list = append(list, o)
	}
	return nodeText(list)
}

// locations is the table that iplocation reads: rows with an address or a block in `ip`, and the columns that are added.
const locations = "iplocation"

// iplocation adds the place of an address from the table iplocation. Addresses that it does not hold, such as internal
// ones, add nothing (Search Reference, iplocation).
func (k *compiler) iplocation(st *syntax.Plain) stage {
	o, names := k.wordsOf(st, "prefix", "allfields", "lang")
	if len(names) != 1 {
		k.invalid(st.Span, "`iplocation` takes one field", "name the field that holds the address")
		return nil
	}
	k.used[locations] = true
	prefix := o.text("prefix", "")
	cols := []string{"City", "Country", "Region", "lat", "lon"}
	if o.bool("allfields", false) {
		cols = append(cols, "Continent", "MetroCode", "Timezone")
	}
	return func(r *run, in set) set {
		if !slices.ContainsFunc(r.in.Tables, func(t native.Table) bool { return t.Name == locations }) {
			r.warning("iplocation has no database: give one as the table %s, with the columns ip, %s", locations, strings.Join(cols, ", "))
			return in
		}
		table, _ := r.tableRows(locations, st.Span)
		blocks := make([]netip.Prefix, len(table))
		for i, w := range table {
			blocks[i] = blockOf(w.get("ip").text())
		}
		for _, w := range in.rows {
			ip, err := netip.ParseAddr(w.get(names[0]).text())
			if !r.spend(len(table) + 1) {
				return set{}
			}
			best := -1
			for i, b := range blocks {
				if err == nil && b.IsValid() && b.Contains(ip) && (best < 0 || b.Bits() > blocks[best].Bits()) {
					best = i
				}
			}
			for _, c := range cols {
				if best >= 0 {
					w.set(prefix+c, table[best].get(c))
				}
			}
		}
		for _, c := range cols {
			in = in.with(prefix + c)
		}
		return in
	}
}

// blockOf reads an address block, or an address as a block of one.
func blockOf(s string) netip.Prefix {
	if b, err := netip.ParsePrefix(s); err == nil {
		return b.Masked()
	}
	if ip, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(ip, ip.BitLen())
	}
	return netip.Prefix{}
}

// datamodel reads the events of a data model, with the dataset in front of the fields' names.
func (k *compiler) datamodel(st *syntax.Plain, first bool) stage {
	_, words := k.arguments("datamodel", st.Args, "summariesonly", "allow_old_summaries", "strict_fields")
	if !first || len(words) < 3 || words[2].Value != "search" && words[2].Value != "flat" {
		k.unsupported(st.Span, "this form of `datamodel`", "write | datamodel MODEL DATASET search")
		return nil
	}
	m, flat := k.model(words[0].Value+"."+words[1].Value), words[2].Value == "flat"
	return func(r *run, _ set) set {
		rows := r.modelEvents(m, timeBounds{})
		for _, w := range rows {
			m.fill(w)
			if flat {
				continue
			}
			for _, n := range w.names() {
				if !strings.HasPrefix(n, "_") && !slices.Contains(metaFields, n) {
					w.set(m.dataset+"."+n, w.get(n))
					delete(w.f, n)
				}
			}
		}
		return set{rows: rows}
	}
}

// metaFields keep their names in a data model.
var metaFields = []string{"host", "source", "sourcetype", "index", "eventtype", "tag"}
