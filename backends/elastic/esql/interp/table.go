package interp

import (
	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/backends/native"
)

// column is a column of a stage: a name, a type, and the value if it is the same constant in every row.
type column struct {
	name  string
	typ   typ
	konst bool
	val   any
	// field is set for a column that comes straight from an index, as long as a condition on it would run in the index.
	field *mapping.Field
	// clash says why an index column has no single type.
	clash string
}

// row is one row of a stage.
type row struct {
	cells []any
	src   *native.Ref
}

// schema is the columns of a stage, in order. Names are unique.
type schema []column

func (s schema) index(name string) int {
	for i := range s {
		if s[i].name == name {
			return i
		}
	}
	return -1
}

func (s schema) names() []string {
	out := make([]string, len(s))
	for i := range s {
		out[i] = s[i].name
	}
	return out
}

// layout maps an output row to the input row it is made of: position i of the output is input cell take[i].
type layout struct {
	cols schema
	take []int
}

func identity(s schema) layout {
	l := layout{cols: append(schema{}, s...), take: make([]int, len(s))}
	for i := range s {
		l.take[i] = i
	}
	return l
}

// remove drops the column of a name.
func (l *layout) remove(name string) {
	if i := l.cols.index(name); i >= 0 {
		l.cols = append(l.cols[:i:i], l.cols[i+1:]...)
		l.take = append(l.take[:i:i], l.take[i+1:]...)
	}
}

// add appends a column made of an input cell, in place of an older one of that name.
func (l *layout) add(c column, from int) {
	l.remove(c.name)
	l.cols = append(l.cols, c)
	l.take = append(l.take, from)
}

func (l *layout) apply(cells []any) []any {
	out := make([]any, len(l.take))
	for i, j := range l.take {
		if j >= 0 { // −1 is a column that is null everywhere
			out[i] = cells[j]
		}
	}
	return out
}
