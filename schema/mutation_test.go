package schema

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Each entry of each binding is broken, one at a time, and some sample pair has to object: the native event is then read
// otherwise, or the canonical event is no longer written so that it reads back. An entry that no sample exercises can be
// wrong without anybody noticing.

// TestBindingMutations prints how many of the mutants are found out (go test -v lists the survivors: entries that no sample
// exercises, and mutants that mean the same) and holds the rate above a floor.
func TestBindingMutations(t *testing.T) {
	if testing.Short() {
		t.Skip("short: breaking every entry of every binding takes seconds")
	}
	killed, total := 0, 0
	var survivors []string
	for _, name := range BindingNames() {
		b, ok, err := LookupBinding(name)
		if !ok {
			t.Fatal(err)
		}
		if objects(b) {
			t.Errorf("%s: a sample objects before any mutation", name)
			continue
		}
		for _, m := range entryMutants(b) {
			total++
			if objects(m.binding) {
				killed++
			} else {
				survivors = append(survivors, b.Name+" "+m.name)
			}
		}
	}
	for _, s := range survivors {
		t.Logf("survives: %s", s)
	}
	if killed*100 < total*leastKilled {
		t.Errorf("only %d of %d mutants were found out, the floor is %d %%", killed, total, leastKilled)
	}
	t.Logf("%d of %d mutants killed (%.1f %%), %d survivors", killed, total, 100*float64(killed)/float64(total), len(survivors))
}

// leastKilled is the floor of the kill rate in percent: raise it as samples come to exercise more entries.
const leastKilled = 70

// objects reports whether some sample pair of a class does not agree with the binding.
func objects(b *Binding) bool {
	for i := range b.Classes {
		c := &b.Classes[i]
		for _, s := range c.Samples() {
			if !agrees(b, c.Class, s) {
				return true
			}
		}
	}
	return false
}

func agrees(b *Binding, class string, s Sample) bool {
	native, want := Plain(s.Native), flat(s.Canonical)
	e, ok := b.ToCanonical("s", native)
	if !ok || e.Class != class || e.Millis == 0 || !reflect.DeepEqual(flat(e.Object), want) {
		return false
	}
	back, err := b.ToNative(Event{Class: class, Millis: e.Millis, Object: e.Object})
	if err != nil {
		return false
	}
	again, ok := b.ToCanonical("s", Plain(back))
	return ok && sameArrays(back, native) && again.Class == class && again.Millis == e.Millis && reflect.DeepEqual(flat(again.Object), want)
}

// sameArrays reports whether two native events have arrays in the same places, as far as both have values there.
func sameArrays(a, b map[string]any) bool {
	x, y := arrays(a), arrays(b)
	for path, marked := range x {
		if other, ok := y[path]; ok && other != marked {
			return false
		}
	}
	return true
}

// arrays returns, by path of a value, the path with [] where an array is.
func arrays(obj map[string]any) map[string]string {
	out := map[string]string{}
	var walk func(path, marked string, x any)
	walk = func(path, marked string, x any) {
		switch x := x.(type) {
		case map[string]any:
			for k, v := range x {
				walk(strings.TrimPrefix(path+"."+k, "."), strings.TrimPrefix(marked+"."+k, "."), v)
			}
		case []any:
			for _, v := range x {
				walk(path, marked+"[]", v)
			}
		case nil:
		default:
			out[path] = marked
		}
	}
	walk("", "", obj)
	return out
}

// flat gives an object one form, in which numbers are text.
func flat(obj map[string]any) map[string]any {
	out := map[string]any{}
	for k, x := range Plain(obj) {
		out[k] = fmt.Sprint(x)
	}
	return out
}

// entryMutant is a binding with one entry broken.
type entryMutant struct {
	name    string
	binding *Binding
}

// entryMutants breaks each entry of a binding. What several classes have in common is one entry, and broken in all of them.
func entryMutants(b *Binding) []entryMutant {
	var out []entryMutant
	change := func(name string, classes []int, edit func(c *BoundClass)) {
		m := *b
		m.Classes = slices.Clone(b.Classes)
		for _, i := range classes {
			c := &m.Classes[i]
			c.Mappings, c.Select = slices.Clone(c.Mappings), slices.Clone(c.Select)
			edit(c)
		}
		where := b.Classes[classes[0]].Class
		if len(classes) > 1 {
			where = fmt.Sprintf("%s and %d more", where, len(classes)-1)
		}
		out = append(out, entryMutant{where + ": " + name, &m})
	}
	for _, e := range conditionEntries(b) {
		cond := b.Classes[e.classes[0]].Select[e.at]
		conditionMutants(cond, func(name string, edit func(*Condition)) {
			change("select "+cond.Native.Path+" "+name, e.classes, func(c *BoundClass) {
				edit(&c.Select[slices.IndexFunc(c.Select, func(x Condition) bool { return reflect.DeepEqual(x, cond) })])
			})
		})
	}
	for _, e := range mappingEntries(b) {
		c := &b.Classes[e.classes[0]]
		m := c.Mappings[e.at]
		at := func(c *BoundClass) *Mapping {
			found, _ := c.Mapping(m.Field.Name)
			return found
		}
		mappingMutants(m, func(name string, edit func(*Mapping)) {
			change(m.Field.Name+" "+name, e.classes, func(c *BoundClass) { edit(at(c)) })
		})
		if k := exchangeable(c, e.at); k >= 0 {
			n := c.Mappings[k].Native
			n.Type, n.Array, n.Spelling = m.Native.Type, m.Native.Array, m.Native.Spelling
			change(m.Field.Name+" from the place of "+c.Mappings[k].Field.Name, e.classes, func(c *BoundClass) { at(c).Native = n })
		}
	}
	return out
}

// sharedEntry is an entry that some classes have: its place in the first of them.
type sharedEntry struct {
	at      int
	classes []int
}

func mappingEntries(b *Binding) []sharedEntry {
	return shared(b, func(c *BoundClass) int { return len(c.Mappings) }, func(c *BoundClass, i int) any { return c.Mappings[i] })
}

func conditionEntries(b *Binding) []sharedEntry {
	return shared(b, func(c *BoundClass) int { return len(c.Select) }, func(c *BoundClass, i int) any { return c.Select[i] })
}

func shared(b *Binding, n func(*BoundClass) int, entry func(*BoundClass, int) any) []sharedEntry {
	var out []sharedEntry
	index := map[string]int{}
	for k := range b.Classes {
		c := &b.Classes[k]
		for i := range n(c) {
			key := fmt.Sprintf("%#v", entry(c, i))
			at, ok := index[key]
			if !ok {
				at = len(out)
				index[key] = at
				out = append(out, sharedEntry{at: i})
			}
			out[at].classes = append(out[at].classes, k)
		}
	}
	return out
}

// exchangeable returns the next mapping with a native field of the same type at another path, -1 for none.
func exchangeable(c *BoundClass, i int) int {
	m := c.Mappings[i]
	for d := 1; d < len(c.Mappings); d++ {
		k := (i + d) % len(c.Mappings)
		o := c.Mappings[k]
		if m.Const == "" && o.Const == "" && o.Native.Path != m.Native.Path && o.Native.Type == m.Native.Type && o.Native.Array == m.Native.Array {
			return k
		}
	}
	return -1
}

func conditionMutants(cond Condition, change func(string, func(*Condition))) {
	change("missing", func(c *Condition) {
		c.Native.Path = "x." + c.Native.Path
	})
	if cond.Missing {
		return
	}
	for i := range cond.Values {
		change("value "+cond.Values[i], func(c *Condition) {
			c.Values = slices.Clone(c.Values)
			c.Values[i] += "x"
		})
	}
	if cond.Mask != 0 {
		change("mask", func(c *Condition) { c.Mask = ^c.Mask })
	}
	if cond.Prefix {
		change("no prefix", func(c *Condition) { c.Prefix = false })
	}
}

func mappingMutants(m Mapping, change func(string, func(*Mapping))) {
	switch {
	case m.Const != "":
		change("const", func(m *Mapping) { m.Const += "x" })
		return
	case m.Derive != "":
		change("not derived", func(m *Mapping) { m.Derive = "" })
		other := "after_at"
		if strings.HasPrefix(m.Derive, "after") {
			other = "before_at"
		}
		change("derived otherwise", func(m *Mapping) { m.Derive = other })
	}
	if strings.Contains(m.Native.Path, "[]") {
		change("without []", func(m *Mapping) {
			m.Native.Path, m.Native.Array = strings.ReplaceAll(m.Native.Path, "[]", ""), false
		})
	}
	if m.Native.JSON {
		change("without json", func(m *Mapping) { m.Native.JSON = false })
	}
	if m.Native.Layout != "" {
		change("without layout", func(m *Mapping) { m.Native.Layout = "" })
	}
	if m.Joined {
		change("not joined", func(m *Mapping) { m.Joined = false })
		change("other separator", func(m *Mapping) { m.Separator += "x" })
	}
	for i := range m.Rest {
		change("without "+m.Rest[i].Path, func(m *Mapping) { m.Rest = slices.Delete(slices.Clone(m.Rest), i, i+1) })
	}
	valueMutants(m, change)
}

func valueMutants(m Mapping, change func(string, func(*Mapping))) {
	with := func(name string, i int, edit func(*ValueMap)) {
		change(name+" "+m.Values[i].Canonical, func(m *Mapping) {
			m.Values = slices.Clone(m.Values)
			edit(&m.Values[i])
		})
	}
	for i, v := range m.Values {
		if k := (i + 1) % len(m.Values); k != i {
			with("other value for", i, func(v *ValueMap) { v.Canonical = m.Values[k].Canonical })
		}
		change("without value "+v.Canonical, func(m *Mapping) { m.Values = slices.Delete(slices.Clone(m.Values), i, i+1) })
		for n, native := range v.Native {
			if len(v.Native) > 1 {
				with("without "+native+" in", i, func(v *ValueMap) { v.Native = slices.Delete(slices.Clone(v.Native), n, n+1) })
			}
		}
		if v.Missing {
			with("not for missing", i, func(v *ValueMap) { v.Missing = false })
		}
		if v.Other {
			with("not for others", i, func(v *ValueMap) { v.Other = false })
		}
	}
}
