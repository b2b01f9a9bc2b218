package engine

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// row is what the body of a rule reads of one event; its slices are used again.
type row struct {
	millis int64
	id     string
	keys   [][]schema.Value
	args   [][]schema.Value
	conds  []bool
	event  *schema.Event // kept where findings carry it
}

// reader makes rows.
type reader struct {
	keys  []ir.Key
	terms []term // of the keys
	args  []term
	conds []predicate
	// free are rows to be used again.
	free []*row
}

func newReader(r *ir.Rule) (*reader, error) {
	out := &reader{keys: r.Keys}
	var c compiler
	for _, k := range r.Keys {
		t, err := c.term(k.Term)
		if err != nil {
			return nil, err
		}
		out.terms = append(out.terms, t)
	}
	for _, a := range r.Args {
		t, err := c.term(a)
		if err != nil {
			return nil, err
		}
		out.args = append(out.args, t)
	}
	for i, p := range r.Conds {
		x, err := c.pred(p)
		if err != nil {
			return nil, fmt.Errorf("condition %d: %w", i+1, err)
		}
		out.conds = append(out.conds, ofClasses(r, i, x))
	}
	return out, nil
}

func (r *reader) new() *row {
	return &row{keys: make([][]schema.Value, len(r.terms)), args: make([][]schema.Value, len(r.args)), conds: make([]bool, len(r.conds))}
}

// fill reads the columns of an event.
func (r *reader) fill(row *row, c *context) {
	row.millis, row.id, row.event = c.event.Millis, c.event.ID, nil
	for i, t := range r.terms {
		vs := t(c, row.keys[i][:0])
		n := 0
		for _, v := range vs {
			if v.Type().IsString() && v.Str() == "" {
				continue // the empty text is no key
			}
			if r.keys[i].Fold {
				v = schema.String(pattern.FoldString(v.Str()))
			}
			vs[n] = v
			n++
		}
		row.keys[i] = distinct(vs[:n], 0)
	}
	for i, t := range r.args {
		row.args[i] = distinct(t(c, row.args[i][:0]), 0)
	}
	for i, p := range r.conds {
		row.conds[i] = p(c)
	}
}

// tuples walks over the combinations of a row's values of some keys.
type tuples struct {
	row  *row
	keys []int
	at   []int
	// id stands for exactly one tuple; prefix is its length without the last key.
	id     []byte
	prefix int
}

// start begins with the first combination; false when there is none.
func (t *tuples) start(r *row, keys []int) bool {
	t.row, t.keys, t.at = r, keys, t.at[:0]
	for _, k := range keys {
		if len(r.keys[k]) == 0 {
			return false
		}
		t.at = append(t.at, 0)
	}
	t.encode()
	return true
}

// next goes to the next combination; false at the end.
func (t *tuples) next() bool {
	for i := len(t.at) - 1; i >= 0; i-- {
		if t.at[i]++; t.at[i] < len(t.row.keys[t.keys[i]]) {
			t.encode()
			return true
		}
		t.at[i] = 0
	}
	return false
}

func (t *tuples) encode() {
	t.id = t.id[:0]
	for i, k := range t.keys {
		t.prefix = len(t.id)
		t.id = appendValue(t.id, t.row.keys[k][t.at[i]])
	}
}

// values returns the tuple.
func (t *tuples) values() []schema.Value {
	out := make([]schema.Value, len(t.keys))
	for i, k := range t.keys {
		out[i] = t.row.keys[k][t.at[i]]
	}
	return out
}

// appendValue appends a text that stands for exactly one value and ends by itself.
func appendValue(b []byte, v schema.Value) []byte {
	b = append(b, byte(v.Type()))
	switch v.Type() {
	case schema.Keyword, schema.Text:
		b = binary.AppendUvarint(b, uint64(len(v.Str())))
		return append(b, v.Str()...)
	case schema.Double:
		return binary.BigEndian.AppendUint64(b, math.Float64bits(v.Float64()))
	case schema.IP:
		a := v.Addr().As16() // addresses are unmapped, so no two have one form
		return append(b, a[:]...)
	case schema.Long, schema.Boolean, schema.Date, schema.Invalid:
	}
	return binary.BigEndian.AppendUint64(b, uint64(v.Int64()))
}
