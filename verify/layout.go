package verify

import (
	"maps"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/backends/native"
)

// layout lays native events out in the tables that an output reads, typed as the vendor types them.
type layout struct {
	tables []native.Table
	parts  []int // table by part
}

// newLayout returns the tables of an output, without rows: those that get none exist all the same.
func newLayout(out *all.Output) *layout {
	l := &layout{}
	named := map[string]int{}
	for _, p := range out.Bound.Parts {
		name := p.Class.Table
		if name == "" {
			name = "events"
		}
		t, ok := named[name]
		if !ok {
			t = len(l.tables)
			named[name] = t
			l.tables = append(l.tables, native.Table{Name: name, Types: map[string]string{}})
		}
		maps.Copy(l.tables[t].Types, out.Backend.Types(p))
		l.parts = append(l.parts, t)
	}
	return l
}

// add lays down an event and returns where it lies.
func (l *layout) add(c Case) native.Ref {
	t := &l.tables[l.parts[c.Part]]
	t.Rows = append(t.Rows, c.Native)
	return native.Ref{Table: l.parts[c.Part], Row: len(t.Rows) - 1}
}
