package verify

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/ir"
)

// decided holds the goals that a search has reached, by the fields that they read: when a field changes, only those that read
// it are asked again.
type decided struct {
	at    map[string]int // place of each path
	paths []string
	// related holds, by place, the places of what changes with a path: itself, what lies in it, and what it lies in.
	related [][]int
	goals   [][]goal // by place
	whole   []goal   // those that read the event as a whole
	reads   map[ir.Pred]*readFields
}

// readFields are the places of the paths that a predicate reads.
type readFields struct {
	places []int
	whole  bool
}

func (d *decided) push(g goal) {
	of := d.of(g.p)
	if of.whole {
		d.whole = append(d.whole, g)
	}
	for _, i := range of.places {
		d.goals[i] = append(d.goals[i], g)
	}
}

// pop takes away the goal that was pushed last.
func (d *decided) pop(g goal) {
	of := d.of(g.p)
	if of.whole {
		d.whole = d.whole[:len(d.whole)-1]
	}
	for _, i := range of.places {
		d.goals[i] = d.goals[i][:len(d.goals[i])-1]
	}
}

// all reports whether all goals pass that may read one of the fields, the last ones being asked first.
func (d *decided) all(fields []*ir.Field, pass func(goal) bool) bool {
	for _, f := range fields {
		for _, i := range d.related[d.place(pathRead(f))] {
			for _, g := range slices.Backward(d.goals[i]) {
				if !pass(g) {
					return false
				}
			}
		}
	}
	for _, g := range d.whole {
		if !pass(g) {
			return false
		}
	}
	return true
}

// on returns the goals that read a field itself.
func (d *decided) on(f *ir.Field) []goal { return d.goals[d.place(pathRead(f))] }

func (d *decided) of(p ir.Pred) *readFields {
	if of, ok := d.reads[p]; ok {
		return of
	}
	of := &readFields{}
	ir.Walk(p, func(p ir.Pred) bool {
		_, keyword := p.(*ir.Keyword)
		of.whole = of.whole || keyword
		return !of.whole
	})
	for _, f := range ir.FieldsOf(p) {
		if i := d.place(pathRead(f)); !slices.Contains(of.places, i) {
			of.places = append(of.places, i)
		}
	}
	if d.reads == nil {
		d.reads = map[ir.Pred]*readFields{}
	}
	d.reads[p] = of
	return of
}

func (d *decided) place(path string) int {
	if i, ok := d.at[path]; ok {
		return i
	}
	if d.at == nil {
		d.at = map[string]int{}
	}
	n := len(d.paths)
	d.at[path] = n
	d.paths, d.goals, d.related = append(d.paths, path), append(d.goals, nil), append(d.related, []int{n})
	for i, other := range d.paths[:n] {
		if within(path, other) || within(other, path) {
			d.related[i], d.related[n] = append(d.related[i], n), append(d.related[n], i)
		}
	}
	return n
}

// pathRead is the path of what changes with a field: of an array of objects, or of a column that holds JSON, all of it.
func pathRead(f *ir.Field) string {
	path := f.Name
	if f.Native != nil {
		path = f.Native.Path
		if column, _, _ := strings.Cut(path, "."); f.Native.JSON {
			return strings.TrimSuffix(column, "[]")
		}
	}
	path, _, _ = strings.Cut(path, "[]")
	return path
}

// within reports whether a path is another or lies in it.
func within(path, in string) bool {
	return strings.HasPrefix(path, in) && (len(path) == len(in) || path[len(in)] == '.')
}
