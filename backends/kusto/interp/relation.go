package interp

import (
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/backends/native"
)

// column is a column of a table.
type column struct {
	name string
	typ  syntax.Type
}

// row is a row of a table; src is the input row it came from when only per-row operators touched it.
type row struct {
	v   []any
	src *native.Ref
}

// node is a bound tabular expression: its columns are known, its rows are made when it runs.
type node struct {
	cols []column
	// serialized tells that the rows have an order on which window functions may rely (window-functions).
	serialized bool
	// label is the name that `as` or a view gives the table; union's withsource shows it.
	label string
	run   func(x *exec) []row
}

// find gives the position of a column, -1 when there is none.
func find(cols []column, name string) int {
	for i, c := range cols {
		if c.name == name {
			return i
		}
	}
	return -1
}

func columnNames(cols []column) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c.name
	}
	return out
}

// cached makes a node that runs its source once. Inside a subquery the rows are kept only while the rows of the
// subquery's source stay the same.
func cached(n *node) *node {
	done, epoch := false, 0
	permanent := false
	var rows []row
	return &node{cols: n.cols, serialized: n.serialized, label: n.label, run: func(x *exec) []row {
		if done && (permanent || epoch == x.epoch) {
			return rows
		}
		permanent = x.depth == 0
		rows = n.run(x)
		done, epoch = true, x.epoch
		return rows
	}}
}

// slot is the source of a subquery: the rows that mv-apply or partition hands in.
type slot struct{ rows []row }

func (s *slot) node(cols []column, serialized bool) *node {
	return &node{cols: cols, serialized: serialized, run: func(*exec) []row { return s.rows }}
}

// with runs f with the slot's rows set.
func (s *slot) with(x *exec, rows []row, f func()) {
	old := s.rows
	s.rows = rows
	x.epoch++
	x.depth++
	f()
	x.depth--
	x.epoch++
	s.rows = old
}
