package schema

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Each entry of each binding is broken, one at a time, and something has to object: a sample pair, because the native event
// is read otherwise or the canonical one is no longer written so that it reads back; another binding of the source, which
// lists the same constants of the vendor; or a rule about names. An entry that nothing of this shows can be wrong without
// anybody noticing.

// TestBindingMutations prints how many of the mutants are found out. Survivors of entries that a sample shows stand in
// testdata/survivors.txt with the reason why they mean the same. Survivors of entries that no sample shows are counted by
// binding in testdata/unshown.txt, whose numbers may fall and not rise.
func TestBindingMutations(t *testing.T) {
	if testing.Short() {
		t.Skip("short: breaking every entry of every binding takes seconds")
	}
	w, all := newObjectors(t), allBindings(t)
	results := make([]bindingScore, len(all))
	var wg sync.WaitGroup
	for i, b := range all {
		wg.Go(func() { results[i] = w.score(b) })
	}
	wg.Wait()
	allowed := readUnshown(t)
	var sum bindingScore
	for i, b := range all {
		r := results[i]
		if r.faulty {
			t.Errorf("%s: something objects before any mutation", b.Name)
		}
		if n := len(r.unshown); n != allowed[b.Name] {
			t.Errorf("%s: %d mutants of entries that no sample shows survive, testdata/unshown.txt says %d", b.Name, n, allowed[b.Name])
			for _, s := range r.unshown {
				t.Logf("  unshown: %s", s)
			}
		}
		sum.killed, sum.total = sum.killed+r.killed, sum.total+r.total
		sum.survivors, sum.unshown = append(sum.survivors, r.survivors...), append(sum.unshown, r.unshown...)
	}
	checkSurvivors(t, sum.survivors)
	t.Logf("%d of %d mutants killed (%.1f %%), %d survivors in the ledger, %d of entries that no sample shows",
		sum.killed, sum.total, 100*float64(sum.killed)/float64(sum.total), len(sum.survivors), len(sum.unshown))
}

func checkSurvivors(t *testing.T, survivors []string) {
	t.Helper()
	known := readSurvivors(t)
	for _, s := range survivors {
		if !slices.ContainsFunc(known, func(entry string) bool { return sameMutation(entry, s) }) {
			t.Errorf("survives: %s", s)
		}
	}
	for _, entry := range known {
		if !slices.ContainsFunc(survivors, func(s string) bool { return sameMutation(entry, s) }) {
			t.Errorf("stands in the ledger and does not survive: %s", entry)
		}
	}
}

// bindingScore is how many mutants of a binding were found out, and which were not: of entries that a sample shows, and others.
type bindingScore struct {
	faulty             bool
	killed, total      int
	survivors, unshown []string
}

func (w *objectors) score(b *Binding) (s bindingScore) {
	if w.object(b) {
		s.faulty = true
		return s
	}
	for _, m := range entryMutants(b) {
		s.total++
		switch name := b.Name + " " + m.name; {
		case w.object(m.binding):
			s.killed++
		case m.shown:
			s.survivors = append(s.survivors, name)
		default:
			s.unshown = append(s.unshown, name)
		}
	}
	return s
}

// sameMutation reports whether an entry of the ledger is about a mutation: … at its end stands for any rest.
func sameMutation(entry, name string) bool {
	if head, open := strings.CutSuffix(entry, "…"); open {
		return strings.HasPrefix(name, head)
	}
	return entry == name
}

// readSurvivors reads lines "BINDING,… CLASS: MUTATION => REASON" and returns an entry for each binding.
func readSurvivors(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, line := range ledgerLines(t, "survivors.txt") {
		name, reason, ok := strings.Cut(line, " => ")
		if !ok || reason == "" {
			t.Fatalf("no reason: %s", line)
		}
		bindings, rest, _ := strings.Cut(name, " ")
		for _, b := range strings.Split(bindings, ",") {
			out = append(out, b+" "+rest)
		}
	}
	return out
}

// readUnshown reads lines "BINDING NUMBER".
func readUnshown(t *testing.T) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, line := range ledgerLines(t, "unshown.txt") {
		var name string
		var n int
		if _, err := fmt.Sscanf(line, "%s %d", &name, &n); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out[name] = n
	}
	return out
}

func ledgerLines(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		if line := sc.Text(); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// objectors is what objects to a broken binding beside its own samples: what the other bindings list.
type objectors struct {
	// lists holds the bindings that have a list of constants, by source, class and place.
	lists map[string][]string
}

func newObjectors(t *testing.T) *objectors {
	t.Helper()
	w := &objectors{lists: map[string][]string{}}
	for _, b := range allBindings(t) {
		for _, l := range constantLists(b) {
			if !slices.Contains(w.lists[l], b.Name) {
				w.lists[l] = append(w.lists[l], b.Name)
			}
		}
	}
	return w
}

// constantLists returns the lists of vendor constants of a binding: those that select a class, and those that mean a value.
func constantLists(b *Binding) []string {
	var out []string
	list := func(class, what string, values []string) {
		values = slices.Sorted(slices.Values(values))
		out = append(out, strings.Join(append([]string{b.Source, class, what}, values...), "\x00"))
	}
	for i := range b.Classes {
		c := &b.Classes[i]
		for _, cond := range c.Select {
			if len(cond.Values) > 1 {
				list(c.Class, "select", cond.Values)
			}
		}
		for _, m := range c.Mappings {
			for _, v := range m.Values {
				list(c.Class, m.Field.Name+" "+v.Canonical, v.Native)
			}
		}
	}
	return out
}

// object reports whether something objects to a binding.
func (w *objectors) object(b *Binding) bool {
	if misnamed(b) || unmarked(b) || w.unlisted(b) {
		return true
	}
	for i := range b.Classes {
		c := &b.Classes[i]
		for _, s := range c.Samples() {
			if !agrees(b, c.Class, s) || claimed(b, c.Class, s) {
				return true
			}
		}
	}
	return false
}

// claimed reports whether a sample is one of a class that does not cover its own, nor is covered by it.
func claimed(b *Binding, class string, s Sample) bool {
	native := Plain(s.Native)
	return slices.ContainsFunc(b.Classes, func(o BoundClass) bool {
		return !Covers(b.Source, class, o.Class) && !Covers(b.Source, o.Class, class) && o.Matches(native)
	})
}

// unlisted reports whether a list that the binding shares with another one is no longer its own.
func (w *objectors) unlisted(b *Binding) bool {
	mine := map[string]bool{}
	for _, l := range constantLists(b) {
		mine[l] = true
	}
	for l, names := range w.lists {
		if len(names) > 1 && !mine[l] && slices.Contains(names, b.Name) {
			return true
		}
	}
	return false
}

// misnamed reports whether a field of a Windows event of any kind, which keeps the vendor's name, comes from a field of
// another name.
func misnamed(b *Binding) bool {
	for i := range b.Classes {
		if b.Classes[i].Class != "eventlog.record" {
			continue
		}
		for _, m := range b.Classes[i].Mappings {
			name, own := strings.CutPrefix(m.Field.Name, "winlog.event_data.")
			if !own {
				name, own = strings.CutPrefix(m.Field.Name, "winlog.user_data.")
			}
			if own && m.Const == "" && m.Native.Path[strings.LastIndexByte(m.Native.Path, '.')+1:] != name {
				return true
			}
		}
	}
	return false
}

// unmarked reports whether a path passes through an array, as another path of the class says, without the mark for it.
func unmarked(b *Binding) bool {
	for i := range b.Classes {
		marked := map[string]bool{}
		paths := nativePaths(&b.Classes[i])
		for _, p := range paths {
			for k := range p {
				if strings.HasPrefix(p[k:], "[]") {
					marked[stripMarks(p[:k])] = true
				}
			}
		}
		for _, p := range paths {
			for k := range p {
				if p[k] == '.' && marked[stripMarks(p[:k])] && !strings.HasSuffix(p[:k], "[]") {
					return true
				}
			}
		}
	}
	return false
}

func nativePaths(c *BoundClass) []string {
	var out []string
	for i := range c.Mappings {
		for _, n := range c.Mappings[i].Natives() {
			out = append(out, n.Path)
		}
	}
	return out
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
		out[k] = fmt.Sprintf("%q", x)
	}
	return out
}

// entryMutant is a binding with one entry broken.
type entryMutant struct {
	name    string
	binding *Binding
	// shown is set when some sample has what the entry is about.
	shown bool
}

// entryMutants breaks each entry of a binding. What several classes have in common is one entry, and broken in all of them.
func entryMutants(b *Binding) []entryMutant {
	var out []entryMutant
	change := func(name string, classes []int, shows func(Sample) bool, edit func(c *BoundClass)) {
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
		shown := slices.ContainsFunc(classes, func(i int) bool { return slices.ContainsFunc(b.Classes[i].Samples(), shows) })
		out = append(out, entryMutant{where + ": " + name, &m, shown})
	}
	for _, e := range conditionEntries(b) {
		cond := b.Classes[e.classes[0]].Select[e.at]
		conditionMutants(cond, func(name, value string, edit func(*Condition)) {
			one := cond
			if value != "" {
				one.Values = []string{value}
			}
			shows := func(s Sample) bool { return one.Matches(Plain(s.Native)) }
			change("select "+cond.Native.Path+" "+name, e.classes, shows, func(c *BoundClass) {
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
		has := func(s Sample) bool { return s.Canonical[m.Field.Name] != nil }
		mappingMutants(m, func(name string, native []string, edit func(*Mapping)) {
			shows := has
			if native != nil {
				shows = func(s Sample) bool {
					return slices.ContainsFunc(m.Native.values(Plain(s.Native)), func(v Value) bool { return slices.Contains(native, v.String()) })
				}
			}
			change(m.Field.Name+" "+name, e.classes, shows, func(c *BoundClass) { edit(at(c)) })
		})
		if k := exchangeable(c, e.at); k >= 0 {
			n := c.Mappings[k].Native
			n.Type, n.Array, n.Spelling = m.Native.Type, m.Native.Array, m.Native.Spelling
			change(m.Field.Name+" from the place of "+c.Mappings[k].Field.Name, e.classes, has, func(c *BoundClass) { at(c).Native = n })
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

// conditionMutants calls change with the value that a mutant is about, "" for the whole condition.
func conditionMutants(cond Condition, change func(name, value string, edit func(*Condition))) {
	change("of another field", "", func(c *Condition) { c.Native.Path = "x." + c.Native.Path })
	for i, v := range cond.Values {
		if cond.Mask == 0 {
			change("value "+v, v, func(c *Condition) {
				c.Values = slices.Clone(c.Values)
				c.Values[i] += "x"
			})
		}
	}
	if cond.Mask != 0 {
		change("mask", "", func(c *Condition) { c.Mask <<= 20 })
	}
	if cond.Prefix {
		change("no prefix", "", func(c *Condition) { c.Prefix = false })
	}
}

// mappingMutants calls change with the native values that a mutant is about, nil for the whole mapping.
func mappingMutants(m Mapping, change func(name string, native []string, edit func(*Mapping))) {
	switch {
	case m.Const != "":
		change("const", nil, func(m *Mapping) { m.Const += "x" })
		return
	case m.Derive != "":
		change("not derived", nil, func(m *Mapping) { m.Derive = "" })
		other := "after_at"
		if strings.HasPrefix(m.Derive, "after") {
			other = "before_at"
		}
		change("derived otherwise", nil, func(m *Mapping) { m.Derive = other })
	}
	if strings.Contains(m.Native.Path, "[]") {
		change("without []", nil, func(m *Mapping) {
			m.Native.Path, m.Native.Array = strings.ReplaceAll(m.Native.Path, "[]", ""), false
		})
	}
	if m.Native.JSON {
		change("without json", nil, func(m *Mapping) { m.Native.JSON = false })
	}
	if m.Native.Layout != "" {
		change("without layout", nil, func(m *Mapping) { m.Native.Layout = "" })
	}
	if m.Joined {
		change("not joined", nil, func(m *Mapping) { m.Joined = false })
		change("other separator", nil, func(m *Mapping) { m.Separator += "x" })
	}
	for i := range m.Rest {
		change("without "+m.Rest[i].Path, nil, func(m *Mapping) { m.Rest = slices.Delete(slices.Clone(m.Rest), i, i+1) })
	}
	valueMutants(m, change)
}

func valueMutants(m Mapping, change func(string, []string, func(*Mapping))) {
	with := func(name string, native []string, i int, edit func(*ValueMap)) {
		change(name+" "+m.Values[i].Canonical, native, func(m *Mapping) {
			m.Values = slices.Clone(m.Values)
			edit(&m.Values[i])
		})
	}
	for i, v := range m.Values {
		native := append([]string{}, v.Native...)
		if k := (i + 1) % len(m.Values); k != i {
			with("other value for", native, i, func(v *ValueMap) { v.Canonical = m.Values[k].Canonical })
		}
		change("without value "+v.Canonical, native, func(m *Mapping) { m.Values = slices.Delete(slices.Clone(m.Values), i, i+1) })
		for n, one := range v.Native {
			if len(v.Native) > 1 {
				with("without "+one+" in", []string{one}, i, func(v *ValueMap) { v.Native = slices.Delete(slices.Clone(v.Native), n, n+1) })
			}
		}
		if v.Missing {
			with("not for missing", []string{}, i, func(v *ValueMap) { v.Missing = false })
		}
		if v.Other {
			with("not for others", []string{}, i, func(v *ValueMap) { v.Other = false })
		}
	}
}
