package interp

import (
	"slices"
	"strings"
)

// rendering is how transaction writes the fields of its events into one row.
type rendering struct {
	// lists says that all fields keep their values in order; listed are those that do otherwise.
	lists   bool
	listed  []string
	nullstr string // stands in lists for an event without the field
	raws    bool   // _raw keeps the events apart
}

// rendering reads the rendering options. What delim joins is the text of a field, which has several values all the same.
func (o options) rendering() rendering {
	d := rendering{nullstr: o.text("nullstr", "NULL"), raws: o.bool("mvraw", false)}
	switch a := o.all["mvlist"]; strings.ToLower(a.Value) {
	case "":
	case "t", "true", "1", "f", "false", "0":
		d.lists = o.bool("mvlist", false)
	default:
		d.listed = strings.FieldsFunc(a.Value, func(c rune) bool { return c == ',' || c == ' ' })
	}
	return d
}

func (d rendering) list(name string) bool { return d.lists || slices.Contains(d.listed, name) }

// merge makes the row of a transaction: each field's different values, sorted, or all of them in order of time.
func (t *transactions) merge(r *run, x *openTransaction, closed bool) *row {
	w := newRow()
	var names []string
	for _, e := range x.rows {
		for name := range e.f {
			if !strings.HasPrefix(name, "_") && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	var raws []value
	for _, e := range x.rows {
		if raw := e.get("_raw"); !raw.isNull() {
			raws = append(raws, raw)
		}
	}
	slices.Reverse(raws)
	for _, name := range names {
		w.set(name, r.listValue(t.values(x, name)))
	}
	if t.raws {
		w.set("_raw", r.listValue(raws))
	} else {
		texts := make([]string, len(raws))
		for i, raw := range raws {
			texts[i] = raw.text()
		}
		w.set("_raw", fieldText(strings.Join(texts, "\n")))
	}
	w.set("_time", timeValue(x.oldest))
	w.set("duration", timeValue(x.newest-x.oldest))
	w.set("eventcount", numValue(float64(len(x.rows))))
	w.set("closed_txn", numValue(0))
	if closed {
		w.set("closed_txn", numValue(1))
	}
	return w
}

// values are those of one field of a transaction.
func (t *transactions) values(x *openTransaction, name string) []value {
	var out []value
	for i := len(x.rows) - 1; i >= 0; i-- {
		vals := x.rows[i].get(name).values()
		if len(vals) == 0 && t.list(name) {
			vals = []value{fieldText(t.nullstr)}
		}
		out = append(out, vals...)
	}
	if t.list(name) {
		return out
	}
	slices.SortStableFunc(out, func(a, b value) int { return strings.Compare(a.text(), b.text()) })
	return slices.CompactFunc(out, func(a, b value) bool { return a.text() == b.text() })
}
