package eval

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// Row is what the body of a rule reads of one event that fulfils the rule's condition: the values of its columns.
type Row struct {
	ID string
	// Millis is when the event happened, Arrives when it can be known of.
	Millis, Arrives int64
	// Keys holds for each key its different values, folded where the key is, without the empty text.
	Keys [][]schema.Value
	// Args holds for each argument its different values.
	Args [][]schema.Value
	// Conds says which of the conditions are true.
	Conds []bool
}

// Columns makes rows of events: canonical ones by a rule's columns, native ones by those of a part of a bound rule.
type Columns struct {
	rule  *Rule
	where ir.Pred
	keys  []ir.Key
	args  []ir.Term
	conds []ir.Pred
}

// NewColumns prepares columns. It fails when a literal does not parse.
func NewColumns(where ir.Pred, keys []ir.Key, args []ir.Term, conds []ir.Pred) (*Columns, error) {
	r, err := New(&ir.Rule{Where: where, Conds: conds})
	if err != nil {
		return nil, err
	}
	return &Columns{rule: r, where: where, keys: keys, args: args, conds: conds}, nil
}

// PartColumns prepares the columns of a part of a bound rule, which read native events.
func PartColumns(p ir.Part) (*Columns, error) { return NewColumns(p.Pred(), p.Keys, p.Args, p.Conds) }

// Row returns the row of an event; ok is false when the condition is false on it.
func (c *Columns) Row(e *schema.Event) (row Row, ok bool) {
	if !c.rule.Holds(c.where, e) {
		return Row{}, false
	}
	return c.rule.row(e, c.keys, c.args, c.conds), true
}

// Row returns the row of a canonical event; ok is false when the event is none of the rule's.
func (r *Rule) Row(e *schema.Event) (row Row, ok bool) {
	if !r.Match(e) {
		return Row{}, false
	}
	return r.row(e, r.Keys, r.Args, r.Conds), true
}

func (r *Rule) row(e *schema.Event, keys []ir.Key, args []ir.Term, conds []ir.Pred) Row {
	row := Row{ID: e.ID, Millis: e.Millis, Arrives: e.Millis}
	for _, k := range keys {
		row.Keys = append(row.Keys, keyValues(k, values(k.Term, scope{event: e})))
	}
	for _, t := range args {
		row.Args = append(row.Args, different(values(t, scope{event: e})))
	}
	for i, p := range conds {
		row.Conds = append(row.Conds, r.CondTakes(i, e.Class, e.Source) && r.Holds(p, e))
	}
	return row
}

// keyValues returns what an event is grouped by, given the values of the key's field.
func keyValues(k ir.Key, vs []schema.Value) []schema.Value {
	if k.Fold {
		for i, v := range vs {
			vs[i] = schema.String(pattern.FoldString(v.Str()))
		}
	}
	return slices.DeleteFunc(different(vs), isEmptyText)
}

func isEmptyText(v schema.Value) bool { return v.Type().IsString() && v.Str() == "" }

// different returns values without repeats; a number that is none, which arithmetic may give, is no value.
func different(vs []schema.Value) []schema.Value {
	var out []schema.Value
	seen := map[schema.Value]bool{}
	for _, v := range vs {
		if v.Type() == schema.Double {
			f := v.Float64()
			if math.IsNaN(f) || math.IsInf(f, 0) {
				continue
			}
			v = schema.Float(f + 0) // −0 is 0
		}
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// Range says which findings are asked for: those whose time, or start of the window, is in [From, To); for hopping windows
// it is their end, the tick.
type Range struct{ From, To int64 }

// Always is the range of all findings.
var Always = Range{math.MinInt64, math.MaxInt64}

func (r Range) has(t int64) bool { return r.From <= t && t < r.To }

// inOrder returns rows in the order of time, then id.
func inOrder(rows []Row) []Row {
	return slices.SortedFunc(slices.Values(rows), func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Millis, b.Millis), strings.Compare(a.ID, b.ID))
	})
}

// between returns the rows with times in [from, to) of rows in order.
func between(rows []Row, from, to int64) []Row {
	at := func(t int64) int {
		i, _ := slices.BinarySearchFunc(rows, t, func(r Row, t int64) int { return cmp.Compare(r.Millis, t) })
		return i
	}
	if from >= to {
		return nil
	}
	return rows[at(from):at(to)]
}

// floor returns the greatest multiple of size that is not above t.
func floor(t, size int64) int64 {
	k := t / size
	if t < 0 && t%size != 0 {
		k--
	}
	return k * size
}

// tuples returns the combinations of a row's values of some keys: none when one of them is missing, an empty one for no keys.
func tuples(row Row, keys []int) [][]schema.Value {
	out := [][]schema.Value{{}}
	for _, k := range keys {
		var longer [][]schema.Value
		for _, t := range out {
			for _, v := range row.Keys[k] {
				longer = append(longer, append(slices.Clone(t), v))
			}
		}
		out = longer
	}
	return out
}

// group is a tuple of values of keys with the rows that have it, in order.
type group struct {
	key  []schema.Value
	rows []Row
}

// groups sorts rows by their tuples of some keys.
func groups(rows []Row, keys []int) map[string]*group {
	out := map[string]*group{}
	for _, row := range rows {
		for _, t := range tuples(row, keys) {
			id := tupleID(t)
			if out[id] == nil {
				out[id] = &group{key: t}
			}
			out[id].rows = append(out[id].rows, row)
		}
	}
	return out
}

// inKeyOrder returns the groups ordered by their tuples.
func inKeyOrder(m map[string]*group) []*group {
	out := make([]*group, 0, len(m))
	for _, g := range m {
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b *group) int { return ir.CompareKeys(a.key, b.key) })
	return out
}

// rowsOf returns the rows that have a tuple's values of a scope's keys, which are among the tuple's.
func rowsOf(m map[string]*group, tuple []schema.Value, tupleKeys, keys []int) []Row {
	var part []schema.Value
	for _, k := range keys {
		part = append(part, tuple[slices.Index(tupleKeys, k)])
	}
	if g := m[tupleID(part)]; g != nil {
		return g.rows
	}
	return nil
}

// tupleID is a text that stands for exactly one tuple.
func tupleID(t []schema.Value) string {
	var b strings.Builder
	for _, v := range t {
		b.WriteString(v.Type().String() + " " + strconv.Quote(v.String()) + " ")
	}
	return b.String()
}
