package interp

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// maxMatches is how many rows of a lookup table one event takes (transforms.conf.spec, max_matches).
const maxMatches = 100

// lookup adds to each row the output columns of the table's rows that match its input fields.
func (k *compiler) lookup(st *syntax.Lookup) stage {
	k.options("lookup", st.Options, "local", "update", "event_time_field")
	def := k.lookups[st.Table]
	table := k.lookupTable(st.Table)
	most := def.MaxMatches
	if most == 0 {
		most = maxMatches
	}
	return func(r *run, in set) set {
		rows, ok := r.tableRows(table, st.Span)
		if !ok {
			return set{}
		}
		t := newLookupTable(rows, st.Inputs, def)
		outputs := st.Outputs
		if st.Mode == syntax.OutputAll {
			outputs = t.otherColumns(rows)
		}
		var names []string
		for _, o := range outputs {
			names = append(names, target(o))
		}
		for _, w := range in.rows {
			found, complete := t.find(r, w, most)
			if r.failed() {
				return set{}
			}
			if complete {
				t.write(r, w, found, outputs, st.Mode)
			}
		}
		return in.with(names...)
	}
}

// write puts the output columns of the rows found into the event.
func (t *lookupTable) write(r *run, w *row, found []*row, outputs []syntax.Alias, mode syntax.LookupMode) {
	for _, o := range outputs {
		name := target(o)
		if mode == syntax.OutputNew && !w.get(name).isNull() {
			continue
		}
		var vals []value
		for _, m := range found {
			vals = append(vals, m.get(o.Name).values()...)
		}
		for n := len(found); n < t.def.MinMatches; n++ {
			vals = append(vals, fieldText(t.def.DefaultMatch))
		}
		if len(vals) > 0 || r.on[lookupClears].On() {
			w.set(name, listOf(vals))
		}
	}
}

// target is the field that an `a AS b` writes or reads on the event's side.
func target(a syntax.Alias) string {
	if a.As != "" {
		return a.As
	}
	return a.Name
}

// lookupTable is a table ready for matching: exact columns by an index, others one by one.
type lookupTable struct {
	def    Lookup
	exact  []syntax.Alias
	others []syntax.Alias
	index  map[string][]lookupRow
}

type lookupRow struct {
	w     *row
	tests []lookupTest
}

// lookupTest is a wildcard or an address block in a cell of the table.
type lookupTest struct {
	field string
	fits  func(string) bool
}

func newLookupTable(rows []*row, inputs []syntax.Alias, def Lookup) *lookupTable {
	t := &lookupTable{def: def, index: map[string][]lookupRow{}}
	for _, in := range inputs {
		switch strings.ToUpper(def.MatchType[in.Name]) {
		case "WILDCARD", "CIDR":
			t.others = append(t.others, in)
		default:
			t.exact = append(t.exact, in)
		}
	}
	for _, w := range rows {
		key, ok := t.key(t.exact, func(a syntax.Alias) value { return w.get(a.Name) })
		if !ok {
			continue
		}
		lr := lookupRow{w: w}
		for _, in := range t.others {
			lr.tests = append(lr.tests, t.test(in, w.get(in.Name).text()))
		}
		t.index[key[0]] = append(t.index[key[0]], lr)
	}
	return t
}

// key returns the index keys of the values; several if a field has several values. ok is false if one is missing.
func (t *lookupTable) key(inputs []syntax.Alias, get func(syntax.Alias) value) (all []string, ok bool) {
	all = []string{""}
	for _, in := range inputs {
		vals := get(in).values()
		if len(vals) == 0 {
			return nil, false
		}
		var next []string
		for _, prefix := range all {
			for _, v := range vals {
				s := v.text()
				if t.def.CaseInsensitive {
					s = strings.ToLower(s)
				}
				next = append(next, prefix+"\x00"+s)
			}
		}
		if all = next; len(all) > 1000 {
			all = all[:1000]
		}
	}
	return all, true
}

func (t *lookupTable) test(in syntax.Alias, cell string) lookupTest {
	name := target(in)
	if strings.EqualFold(t.def.MatchType[in.Name], "CIDR") {
		block, err := netip.ParsePrefix(cell)
		return lookupTest{name, func(s string) bool {
			ip, bad := netip.ParseAddr(s)
			return err == nil && bad == nil && block.Masked().Contains(ip) || cell == s
		}}
	}
	ci := t.def.CaseInsensitive
	if ci {
		cell = strings.ToLower(cell)
	}
	pieces := strings.Split(cell, "*")
	return lookupTest{name, func(s string) bool {
		if ci {
			s = strings.ToLower(s)
		}
		return globFits(pieces, s)
	}}
}

// find returns the table rows for an event; complete is false if the event lacks an input field.
func (t *lookupTable) find(r *run, w *row, most int) (found []*row, complete bool) {
	all, ok := t.key(t.exact, func(a syntax.Alias) value { return w.get(target(a)) })
	if !ok {
		return nil, false
	}
	for _, in := range t.others {
		if w.get(target(in)).isNull() {
			return nil, false
		}
	}
	for _, key := range all {
		for _, lr := range t.index[key] {
			if len(lr.tests) > 0 && !r.spend(len(lr.tests)) {
				return nil, false
			}
			fits := true
			for _, test := range lr.tests {
				fits = fits && slices.ContainsFunc(w.get(test.field).values(), func(v value) bool { return test.fits(v.text()) })
			}
			if fits && len(found) < most {
				found = append(found, lr.w)
			}
		}
	}
	return found, true
}

// otherColumns are the columns of the table that are no inputs.
func (t *lookupTable) otherColumns(rows []*row) []syntax.Alias {
	var out []syntax.Alias
	for _, name := range fieldsOf(set{rows: rows}) {
		input := func(a syntax.Alias) bool { return a.Name == name }
		if !slices.ContainsFunc(t.exact, input) && !slices.ContainsFunc(t.others, input) {
			out = append(out, syntax.Alias{Name: name})
		}
	}
	return out
}
