package interp

import (
	"fmt"
	"maps"
	"net/netip"
	"time"

	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// index is the tables of an input as Elasticsearch sees the indices of one search: one set of fields, each table with its
// own mapping.
type index struct {
	tables []native.Table
	maps   []*mapping.Mapping // by table
	merged *mapping.Mapping
	// conflicts holds the fields that tables map to different types: a message for each.
	conflicts map[string]string
}

// newIndex merges the mappings of the tables and adds what the events have beyond them.
func newIndex(in native.Input) (*index, error) {
	x := &index{tables: in.Tables, conflicts: map[string]string{}}
	merged := map[string]string{}
	from := map[string]string{}
	same := true
	for i, t := range in.Tables {
		if i > 0 && !maps.Equal(t.Types, in.Tables[0].Types) {
			same = false
		}
		for name, typ := range t.Types {
			old, ok := merged[name]
			if !ok {
				merged[name], from[name] = typ, t.Name
				continue
			}
			if old == typ {
				continue
			}
			if a, b := typeWord(old), typeWord(typ); a != b {
				x.conflicts[name] = fmt.Sprintf("%s in %s, %s in %s", a, from[name], b, t.Name)
			}
		}
	}
	var rows []native.Row
	for _, t := range in.Tables {
		rows = append(rows, t.Rows...)
	}
	var err error
	if x.merged, err = build(merged, rows); err != nil {
		return nil, err
	}
	for _, t := range in.Tables {
		if same {
			x.maps = append(x.maps, x.merged)
			continue
		}
		own := maps.Clone(merged)
		maps.Copy(own, t.Types)
		m, err := build(own, rows)
		if err != nil {
			return nil, err
		}
		x.maps = append(x.maps, m)
	}
	return x, nil
}

func build(types map[string]string, rows []native.Row) (*mapping.Mapping, error) {
	m, err := mapping.New(types)
	if err != nil {
		return nil, err
	}
	return m.Infer(rows), nil
}

// typeWord is the type in a mapping entry, which is a word or a JSON object.
func typeWord(entry string) string {
	m, err := mapping.New(map[string]string{"f": entry})
	if err != nil {
		return entry
	}
	if f, ok := m.Lookup("f"); ok {
		return f.Type
	}
	return entry
}

// field is a field of the query, found in the mappings.
type field struct {
	id    int
	name  string
	typ   dtype
	main  *mapping.Field
	reads []*mapping.Field // by table
	// loose is set for a field without a mapping whose strings are to be read as another type: tIP or tDate.
	loose dtype
}

// fieldError says why a field cannot be used.
type fieldError struct {
	title string
	help  []string
	code  diag.Code
	// unmapped is set when no mapping and no event has the field.
	unmapped bool
}

// find looks a field up.
func (x *index) find(name string) (*field, *fieldError) {
	f, ok := x.merged.Lookup(name)
	if !ok {
		return nil, x.unknownField(name)
	}
	if conflict, ok := x.conflicts[f.Name]; ok {
		return nil, x.conflict(name, conflict)
	}
	switch {
	case f.Nested != "" || f.Type == "nested":
		return nil, &fieldError{code: diag.EQLRun, title: "`" + name + "` is nested, and EQL cannot search nested fields"}
	case f.Family() == mapping.Object:
		help := []string{"name one of its fields"}
		if children := x.merged.Children(name); len(children) > 0 {
			help = []string{"name one of its fields, such as `" + children[0].Name + "`"}
		}
		return nil, &fieldError{code: diag.EQLRun, title: "`" + name + "` is an object", help: help}
	case f.Family() == mapping.Text:
		sub, ok := x.merged.KeywordSubfield(name)
		if !ok {
			return nil, &fieldError{
				code: diag.EQLRun, title: "`" + name + "` is mapped as " + f.Type + ", which EQL cannot search",
				help: []string{"use a field of type keyword, or give it a keyword sub-field"},
			}
		}
		f = sub
	}
	typ, ok := fieldType(f)
	if !ok || !f.Searchable() {
		return nil, &fieldError{code: diag.EQLRun, title: "`" + name + "` is mapped as " + f.Type + ", which EQL cannot search"}
	}
	out := &field{name: name, typ: typ, main: f}
	for _, m := range x.maps {
		own, ok := m.Lookup(f.Name)
		if !ok {
			own = f
		}
		if own.Type != f.Type {
			return nil, x.conflict(name, f.Type+" and "+own.Type)
		}
		out.reads = append(out.reads, own)
	}
	return out, nil
}

func (x *index) conflict(name, types string) *fieldError {
	return &fieldError{
		code: diag.EQLRun, title: "the tables map `" + name + "` to different types: " + types,
		help: []string{"search only tables that agree"},
	}
}

func (x *index) unknownField(name string) *fieldError {
	e := &fieldError{code: diag.EQLUnknown, unmapped: true, title: "no mapping and no event has the field `" + name + "`"}
	var names []string
	for _, f := range x.merged.Fields("*") {
		names = append(names, f.Name)
	}
	if near := diag.Near(name, names, 1); len(near) > 0 {
		e.help = append(e.help, "a field with a similar name exists: `"+near[0]+"`")
	}
	e.help = append(e.help, "write `?"+name+"` where the field may be absent")
	return e
}

// event is a row of a table with the values read so far.
type event struct {
	ref    native.Ref
	row    native.Row
	values [][]value // by field id; nil when not read yet
	time   time.Time
	// tie is the value of the tiebreaker, nil when the event has none.
	tie value
	pos int
}

var noValues = []value{}

// get returns the values of a field, never nil.
func (e *event) get(f *field) []value {
	for f.id >= len(e.values) {
		e.values = append(e.values, nil)
	}
	if v := e.values[f.id]; v != nil {
		return v
	}
	read, _ := f.reads[e.ref.Table].Read(e.row)
	out := noValues
	for _, v := range read {
		if w := f.convert(v); w != nil {
			out = append(out, w)
		}
	}
	e.values[f.id] = out
	return out
}

// convert brings a value of the mapping into our form, nil where a loosely read text does not fit.
func (f *field) convert(v mapping.Value) value {
	switch v := v.(type) {
	case uint64:
		if v <= 1<<63-1 {
			return int64(v)
		}
		return v
	case string:
		switch {
		case f.loose == tIP:
			a, err := mapping.ParseIP(v)
			if err != nil {
				return nil
			}
			return a
		case f.loose == tDate:
			t, err := mapping.ParseDate(v, mapping.DateOptions{})
			if err != nil {
				return nil
			}
			return t
		}
		if f.typ == tVersion {
			return version(v)
		}
		return v
	case int64:
		if f.loose == tDate {
			return time.UnixMilli(v).UTC()
		}
		return v
	case float64, bool, time.Time, netip.Addr:
		return v
	}
	return nil
}
