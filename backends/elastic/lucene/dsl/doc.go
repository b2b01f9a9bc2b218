package dsl

import (
	"maps"
	"slices"

	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/backends/native"
)

// Doc is one document as a compiled query sees it. It keeps the values that were read, because rules name a field often.
type Doc struct {
	row    native.Row
	values map[string][]mapping.Value
	nested map[string][]*Doc
	// malformed counts, for each field read, the values that the field's type cannot hold.
	malformed map[string]int
}

// NewDoc returns a document to be matched.
func NewDoc(row native.Row) *Doc {
	return &Doc{row: row, values: map[string][]mapping.Value{}, malformed: map[string]int{}}
}

// Malformed returns the names of the fields that were read and hold values that their types cannot hold, in order.
func (d *Doc) Malformed() []string {
	all := maps.Clone(d.malformed)
	for _, docs := range d.nested {
		for _, sub := range docs {
			maps.Copy(all, sub.malformed)
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func (d *Doc) read(f *mapping.Field) []mapping.Value {
	if v, ok := d.values[f.Name]; ok {
		return v
	}
	v, bad := f.Read(d.row)
	d.values[f.Name] = v
	if bad > 0 {
		d.malformed[f.Name] = bad
	}
	return v
}

func (d *Doc) objects(path string) []*Doc {
	if docs, ok := d.nested[path]; ok {
		return docs
	}
	docs := []*Doc{}
	for _, row := range mapping.NestedObjects(d.row, path) {
		docs = append(docs, NewDoc(row))
	}
	if d.nested == nil {
		d.nested = map[string][]*Doc{}
	}
	d.nested[path] = docs
	return docs
}
