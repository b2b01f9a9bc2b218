package schema

import (
	"cmp"
	"slices"
)

// Selector finds the class of a native event in several bindings at once: it answers as [Binding.Select] of each of them, and
// asks only the classes of which the event has a selecting value.
type Selector struct {
	bindings []*Binding
	always   []classAt
	keys     []selectorKey
}

// classAt is the place of a class: of a binding in the selector, and in the binding.
type classAt struct{ binding, class int }

// selectorKey is a native field whose values select classes.
type selectorKey struct {
	field NativeField
	of    map[string][]classAt
}

// Selected is a binding that selects an event, and the class that it is of.
type Selected struct {
	Binding *Binding
	Class   *BoundClass
}

// NewSelector prepares a selector.
func NewSelector(bindings []*Binding) *Selector {
	s := &Selector{bindings: bindings}
	byPath := map[string]int{}
	for i, b := range bindings {
		for j := range b.Classes {
			at := classAt{i, j}
			f, values, ok := b.Classes[j].selecting()
			if !ok {
				s.always = append(s.always, at)
				continue
			}
			k, known := byPath[f.Path]
			if !known {
				k = len(s.keys)
				byPath[f.Path] = k
				s.keys = append(s.keys, selectorKey{field: f, of: map[string][]classAt{}})
			}
			for _, v := range values {
				s.keys[k].of[v] = append(s.keys[k].of[v], at)
			}
		}
	}
	return s
}

// selecting returns a field and the values one of which every event of the class holds in it; the condition with the fewest
// values is taken.
func (c *BoundClass) selecting() (f NativeField, values []string, ok bool) {
	for _, cond := range c.Select {
		if cond.Missing || cond.Prefix || cond.Mask != 0 || cond.Native.JSON || len(cond.Values) == 0 {
			continue
		}
		if !ok || len(cond.Values) < len(values) {
			f, values, ok = cond.Native, cond.Values, true
		}
	}
	if !ok && c.TableField != "" && !c.TableOptional {
		return NativeField{Path: c.TableField}, []string{c.TableKey}, true
	}
	return f, values, ok
}

// Select returns the bindings that select a native event, in the order given.
func (s *Selector) Select(native map[string]any) []Selected {
	found := slices.Clone(s.always)
	for i := range s.keys {
		for _, x := range ObjectLeaves(native, s.keys[i].field.Path) {
			if v, ok := Convert(Keyword, x); ok {
				found = append(found, s.keys[i].of[v.Str()]...)
			}
		}
	}
	slices.SortFunc(found, func(a, b classAt) int {
		return cmp.Or(cmp.Compare(a.binding, b.binding), cmp.Compare(a.class, b.class))
	})
	var out []Selected
	for _, at := range slices.Compact(found) {
		b := s.bindings[at.binding]
		c := &b.Classes[at.class]
		if !c.Matches(native) {
			continue
		}
		last := len(out) - 1
		switch {
		case last < 0 || out[last].Binding != b:
			out = append(out, Selected{b, c})
		case Covers(b.Source, out[last].Class.Class, c.Class):
			out[last].Class = c
		}
	}
	return out
}

// SelectorOf prepares a selector of those bindings of all that fit.
func SelectorOf(fits func(*Binding) bool) (*Selector, error) {
	var bindings []*Binding
	for _, h := range bindingHeads() {
		b, err := h.load()
		if err != nil {
			return nil, err
		}
		if fits(b) {
			bindings = append(bindings, b)
		}
	}
	return NewSelector(bindings), nil
}

// MostTelling returns, of the bindings that select a native event, those that say the most about it: an event that a platform
// stores is not taken for the raw one inside of it, and general bindings count only when no other selects the event. One binding
// is an answer, more are an ambiguity that the caller reports.
func (s *Selector) MostTelling(native map[string]any) []Selected {
	found := s.Select(native)
	if len(found) < 2 {
		return found
	}
	least := slices.MinFunc(found, func(a, b Selected) int { return a.Binding.Rank() - b.Binding.Rank() }).Binding.Rank()
	return slices.DeleteFunc(found, func(x Selected) bool { return x.Binding.Rank() != least })
}

// Rank is the smaller the more a binding says about an event: it grows by one for raw events, before a platform stores them, and
// by [GeneralRank] for general bindings.
func (b *Binding) Rank() int {
	n := 0
	if b.Platform == rawPlatform {
		n++
	}
	if b.General {
		n += GeneralRank
	}
	return n
}

// GeneralRank is how far general bindings stand behind the others.
const GeneralRank = 2
