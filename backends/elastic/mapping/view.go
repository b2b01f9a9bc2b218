package mapping

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/backends/native"
)

// View is the set of indices that a search goes over: the mapping of each table, and what a Kibana data view or an EQL
// search knows of a field in all of them.
type View struct {
	mappings []*Mapping
}

// NewView reads the mapping of each table and infers what it lacks from the table's rows.
func NewView(tables []native.Table) (*View, error) {
	v := &View{}
	for _, t := range tables {
		m, err := New(t.Types)
		if err != nil {
			return nil, fmt.Errorf("table `%s`: %w", t.Name, err)
		}
		v.mappings = append(v.mappings, m.Infer(t.Rows))
	}
	return v, nil
}

// Mapping returns the mapping of the i-th table.
func (v *View) Mapping(i int) *Mapping { return v.mappings[i] }

// Len returns the number of tables.
func (v *View) Len() int { return len(v.mappings) }

// Types returns the distinct types that a field has in the tables, in order of name; none if it is unmapped everywhere.
func (v *View) Types(field string) []string {
	var out []string
	for _, m := range v.mappings {
		if f, ok := m.Lookup(field); ok && f.IsLeaf() {
			out = append(out, f.Type)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Lookup returns the field as the first table that maps it has it.
func (v *View) Lookup(field string) (*Field, bool) {
	for _, m := range v.mappings {
		if f, ok := m.Lookup(field); ok {
			return f, true
		}
	}
	return nil, false
}

// Fields returns the names of the leaves in any table that fit a pattern with `*`, in order.
func (v *View) Fields(pattern string) []string {
	var out []string
	for _, m := range v.mappings {
		for _, f := range m.Fields(pattern) {
			out = append(out, f.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
