package interp

import (
	"slices"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// transactions is a compiled transaction command.
type transactions struct {
	names       []string
	start, end  predicate
	span, pause float64 // 0 for none
	maxEvents   int
	// maxOpen and maxHeld are how many open transactions there may be, and how many events they may have.
	maxOpen, maxHeld int
	connected        bool
	keepEvicted      bool
	keepOrphans      bool
	rendering
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
		keepEvicted: o.bool("keepevicted", false), rendering: o.rendering(),
		maxOpen: o.int("maxopentxn", maxOpenTransactions), maxHeld: o.int("maxopenevents", maxOpenEvents),
	}
	t.span, _ = o.span("maxspan")
	t.pause, _ = o.span("maxpause")
	t.start, t.end = k.txnCondition(st.StartsWith), k.txnCondition(st.EndsWith)
	t.keepOrphans = o.bool("keeporphans", false)
	o.bool("unifyends", false) // an event that shares no field joins nothing here, whatever is said
	if a, ok := o.all["name"]; ok {
		k.unsupported(a.Span, "a transaction type of transactiontypes.conf", "write its options into the command")
	}
	return func(r *run, in set) set { return set{rows: t.run(r, in.rows)} }
}

// The limits of open transactions and of the events in them (limits.conf, [transactions]); beyond, the least recently used
// ones are evicted.
const (
	maxOpenTransactions = 5000
	maxOpenEvents       = 100000
)

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
	var open []*openTransaction // the least recently used first
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
			out = t.close(r, out, x, t.start == nil)
			return true
		})
		open, out = t.take(r, open, out, w, now)
		for held := count(open); len(open) > 1 && (t.maxOpen > 0 && len(open) > t.maxOpen || t.maxHeld > 0 && held > t.maxHeld); held = count(open) {
			r.warning("transaction evicts open transactions: there are more than maxopentxn, or they have more events than maxopenevents")
			out = t.evict(r, out, open[0])
			open = open[1:]
		}
	}
	for _, x := range open {
		out = t.close(r, out, x, false)
	}
	arrive(out)
	return out
}

// count is the number of events in open transactions.
func count(open []*openTransaction) int {
	n := 0
	for _, x := range open {
		n += len(x.rows)
	}
	return n
}

// take adds an event to the transaction that it belongs to.
func (t *transactions) take(r *run, open []*openTransaction, out []*row, w *row, now float64) ([]*openTransaction, []*row) {
	found := slices.IndexFunc(open, func(x *openTransaction) bool { return t.related(x, w) })
	ends := t.end != nil && t.end(r, w)
	var x *openTransaction
	if found >= 0 {
		x = open[found]
		open = slices.Delete(open, found, found+1)
		if ends {
			out = t.close(r, out, x, false)
			x = nil
		}
	}
	if x == nil {
		if !t.hasFields(w) || t.end != nil && !ends && r.on[endOpens].On() { // it belongs to nothing
			if t.keepOrphans {
				orphan := r.clone(w)
				orphan.set("_txn_orphan", numValue(1))
				out = append(out, orphan)
			}
			return open, out
		}
		x = &openTransaction{values: map[string]map[string]bool{}, newest: now, ended: ends}
	}
	x.add(t.names, w, now)
	if t.start != nil && t.start(r, w) || t.maxEvents > 0 && len(x.rows) >= t.maxEvents {
		return open, t.close(r, out, x, true)
	}
	return append(open, x), out
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

// close adds a transaction to the results. It is closed when it is complete; without startswith all are put out, closed or not
// (Search Reference: if none of the conditions is specified, all transactions are output). One that lacks its end is evicted.
func (t *transactions) close(r *run, out []*row, x *openTransaction, closed bool) []*row {
	if t.end != nil && !x.ended || !closed && t.start != nil {
		return t.evict(r, out, x)
	}
	return append(out, t.merge(r, x, closed))
}

// evict adds an incomplete transaction to the results if evicted ones are kept.
func (t *transactions) evict(r *run, out []*row, x *openTransaction) []*row {
	if !t.keepEvicted {
		return out
	}
	return append(out, t.merge(r, x, false))
}
