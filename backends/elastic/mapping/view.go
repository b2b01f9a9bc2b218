package mapping

import (
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/onerule/onerule/backends/native"
)

// View is the set of indices that a search goes over: the mapping of each table, and what a Kibana data view or an EQL
// search knows of a field in all of them.
type View struct {
	mappings []*Mapping
}

// NewView reads the mapping of each table and infers what it lacks from the table's rows.
func NewView(tables []native.Table) (*View, error) { return new(Reader).View(tables) }

// Reader makes views for one program that runs many times. It keeps the mappings that it has read, by the identity of
// their Types, which must not be changed between the runs. It may be used by many goroutines.
type Reader struct {
	mu    sync.Mutex
	known map[uintptr]readMapping
}

// readMapping holds on to the map that it was read from, so that no other map gets its address.
type readMapping struct {
	types   map[string]string
	mapping *Mapping
}

// maxKnown bounds the mappings that a reader keeps.
const maxKnown = 64

func (r *Reader) read(types map[string]string) (*Mapping, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := reflect.ValueOf(types).Pointer()
	if k, ok := r.known[at]; ok && len(k.types) == len(types) {
		return k.mapping, nil
	}
	m, err := New(types)
	if err != nil {
		return nil, err
	}
	if r.known == nil || len(r.known) >= maxKnown {
		r.known = map[uintptr]readMapping{}
	}
	r.known[at] = readMapping{types, m}
	return m, nil
}

// View is [NewView] with the mappings that the reader keeps.
func (r *Reader) View(tables []native.Table) (*View, error) {
	v := &View{}
	for _, t := range tables {
		m, err := r.read(t.Types)
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
