package interp

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// transactions is a compiled transaction command.
type transactions struct {
	names       []string
	start, end  predicate
	span, pause float64 // 0 for none
	maxEvents   int
	connected   bool
	keepEvicted bool
	keepOrphans bool
	mvlist      bool
}

// openTransaction is one that may still take older events.
type openTransaction struct {
	rows           []*row // newest first
	values         map[string]map[string]bool
	newest, oldest float64
	ended          bool // it began with an event that fits endswith
}

func (k *compiler) transaction(st *syntax.Transaction) stage {
	o := k.options("transaction", st.Options, "maxspan", "maxpause", "maxevents", "connected", "keepevicted", "mvlist", "unifyends", "keeporphans", "delim", "maxopentxn", "maxopenevents", "nullstr", "mvraw", "name")
	t := transactions{
		names: st.Names, maxEvents: o.int("maxevents", 1000), connected: o.bool("connected", true),
		keepEvicted: o.bool("keepevicted", false), mvlist: o.bool("mvlist", false),
	}
	t.span, _ = o.span("maxspan")
	t.pause, _ = o.span("maxpause")
	t.start, t.end = k.txnCondition(st.StartsWith), k.txnCondition(st.EndsWith)
	t.keepOrphans = o.bool("keeporphans", false)
	o.bool("unifyends", false) // an event that shares no field joins nothing here, whatever is said
	return func(r *run, in set) set { return set{rows: t.run(r, in.rows)} }
}

func (k *compiler) txnCondition(c *syntax.Condition) predicate {
	switch {
	case c == nil:
		return nil
	case c.Eval != nil:
		cond := k.condition(c.Eval, "this option")
		return func(r *run, w *row) bool { return r.truth(cond(r, w)) == yes }
	}
	return k.searchExpr(c.Search)
}

// run goes through the events from the newest to the oldest (Search Reference, transaction).
func (t *transactions) run(r *run, rows []*row) []*row {
	var open []*openTransaction
	var out []*row
	last := 0.0
	for i, w := range rows {
		now, ok := w.get("_time").number()
		if !ok {
			continue
		}
		if i > 0 && now > last {
			r.warning("transaction needs events from the newest to the oldest; sort them with `sort 0 -_time`")
		}
		last = now
		if !r.spend(len(open) + 1) {
			return nil
		}
		open = slices.DeleteFunc(open, func(x *openTransaction) bool {
			if t.fitsTime(x, now) {
				return false
			}
			out = t.close(r, out, x, t.start == nil && (t.end == nil || x.ended))
			return true
		})
		found := slices.IndexFunc(open, func(x *openTransaction) bool { return t.related(x, w) })
		ends := t.end != nil && t.end(r, w)
		if ends && found >= 0 {
			out = t.close(r, out, open[found], false)
			open = slices.Delete(open, found, found+1)
			found = -1
		}
		if found < 0 {
			if !t.hasFields(w) || t.end != nil && !ends { // it belongs to nothing
				if t.keepOrphans {
					orphan := r.clone(w)
					orphan.set("_txn_orphan", numValue(1))
					out = append(out, orphan)
				}
				continue
			}
			open = append(open, &openTransaction{values: map[string]map[string]bool{}, newest: now, oldest: now, ended: ends})
			found = len(open) - 1
		}
		x := open[found]
		x.add(t.names, w, now)
		if t.start != nil && t.start(r, w) || t.maxEvents > 0 && len(x.rows) >= t.maxEvents {
			out = t.close(r, out, x, true)
			open = slices.Delete(open, found, found+1)
		}
	}
	for _, x := range open {
		if t.start == nil {
			out = append(out, t.merge(r, x, false))
		} else {
			out = t.close(r, out, x, false)
		}
	}
	arrive(out)
	return out
}

// fitsTime reports whether an event of the given time can still join: all events lie within less than maxspan, and no pause
// is longer than maxpause.
func (t *transactions) fitsTime(x *openTransaction, now float64) bool {
	return (t.span == 0 || x.newest-now < t.span) && (t.pause == 0 || x.oldest-now <= t.pause)
}

func (t *transactions) hasFields(w *row) bool {
	return len(t.names) == 0 || slices.ContainsFunc(t.names, func(n string) bool { return !w.get(n).isNull() })
}

// related reports whether an event agrees with a transaction in every field that both have and, when connected, shares one.
func (t *transactions) related(x *openTransaction, w *row) bool {
	if len(t.names) == 0 {
		return true
	}
	shares, any := false, false
	for _, n := range t.names {
		vals := w.get(n).values()
		any = any || len(vals) > 0
		if len(vals) == 0 || len(x.values[n]) == 0 {
			continue
		}
		if !slices.ContainsFunc(vals, func(v value) bool { return x.values[n][v.text()] }) {
			return false
		}
		shares = true
	}
	return any && (shares || !t.connected)
}

func (x *openTransaction) add(names []string, w *row, now float64) {
	x.rows = append(x.rows, w)
	x.oldest = now
	for _, n := range names {
		for _, v := range w.get(n).values() {
			if x.values[n] == nil {
				x.values[n] = map[string]bool{}
			}
			x.values[n][v.text()] = true
		}
	}
}

// close adds a transaction to the results if it is complete, or if evicted ones are kept.
func (t *transactions) close(r *run, out []*row, x *openTransaction, closed bool) []*row {
	if !closed && !t.keepEvicted {
		return out
	}
	return append(out, t.merge(r, x, closed))
}

// merge makes the row of a transaction: each field's distinct values, sorted (with mvlist all, in order of time).
func (t *transactions) merge(r *run, x *openTransaction, closed bool) *row {
	w := newRow()
	lists := map[string][]value{}
	var raws []string
	for i := len(x.rows) - 1; i >= 0; i-- {
		e := x.rows[i]
		if raw := e.get("_raw"); !raw.isNull() {
			raws = append(raws, raw.text())
		}
		for name, v := range e.f {
			if !strings.HasPrefix(name, "_") {
				lists[name] = append(lists[name], v.values()...)
			}
		}
	}
	for name, list := range lists {
		if !t.mvlist {
			slices.SortStableFunc(list, func(a, b value) int { return strings.Compare(a.text(), b.text()) })
			list = slices.CompactFunc(list, func(a, b value) bool { return a.text() == b.text() })
		}
		w.set(name, r.listValue(list))
	}
	w.set("_time", timeValue(x.oldest))
	w.set("_raw", fieldText(strings.Join(raws, "\n")))
	w.set("duration", timeValue(x.newest-x.oldest))
	w.set("eventcount", numValue(float64(len(x.rows))))
	w.set("closed_txn", numValue(0))
	if closed {
		w.set("closed_txn", numValue(1))
	}
	return w
}
