package schema

import (
	"fmt"
	"slices"
	"strings"
)

// With returns the binding for rules that declare fields of their own, which the catalogue does not have: each class supplies
// them under the names that they are declared with. Where a class has a [BoundClass.Clash] the rule is not for it.
func (b *Binding) With(fields []Field) *Binding {
	if len(fields) == 0 {
		return b
	}
	out := *b
	out.Classes = make([]BoundClass, len(b.Classes))
	for i, c := range b.Classes {
		c.Mappings = slices.Clone(c.Mappings)
		for _, f := range fields {
			f.Doc = ""
			n := NativeField{Path: f.Name, Type: f.Type, Array: f.Array, JSON: c.keepsJSON(f.Name), EmptyMissing: f.Type.IsString() && b.emptyMissing()}
			c.Mappings = append(c.Mappings, Mapping{Field: f, Native: n})
		}
		slices.SortFunc(c.Mappings, func(x, y Mapping) int { return strings.Compare(x.Field.Name, y.Field.Name) })
		out.Classes[i] = c
	}
	return &out
}

// Clash is a declared field whose name the telemetry uses for another one.
type Clash struct{ Declared, Native, Canonical string }

// String tells the clash.
func (c Clash) String() string {
	native := stripMarks(c.Native)
	switch {
	case native == c.Declared:
		return fmt.Sprintf("the telemetry uses the name `%s` for what `%s` is here", c.Declared, c.Canonical)
	case strings.HasPrefix(native, c.Declared+"."):
		return fmt.Sprintf("the telemetry has an object `%s` (with `%s`, which is `%s` here) and no value of that name", c.Declared, c.Native, c.Canonical)
	}
	return fmt.Sprintf("the telemetry has a value `%s` (`%s` here) and therefore nothing below it, such as `%s`", c.Native, c.Canonical, c.Declared)
}

// Clash returns a declared field whose name the telemetry uses for something that the catalogue has a field for; ok is false when
// there is none.
func (c *BoundClass) Clash(fields []Field) (clash Clash, ok bool) {
	if len(fields) == 0 {
		return clash, false
	}
	var best *Mapping
	for i := range c.Mappings {
		m := &c.Mappings[i]
		for _, n := range m.Natives() {
			path := stripMarks(n.Path)
			for _, f := range fields {
				if path != f.Name && !strings.HasPrefix(path, f.Name+".") && !strings.HasPrefix(f.Name, path+".") {
					continue
				}
				if best == nil || best.Derive != "" && m.Derive == "" { // the field that it is, rather than one that is computed of it
					best, clash = m, Clash{Declared: f.Name, Native: n.Path, Canonical: m.Field.Name}
				}
			}
		}
	}
	return clash, best != nil
}

// keepsJSON reports whether the first segment of a native path is a column of text that holds JSON.
func (c *BoundClass) keepsJSON(path string) bool {
	column, _, deep := strings.Cut(path, ".")
	return deep && slices.ContainsFunc(c.Mappings, func(m Mapping) bool { return m.Native.JSON && strings.HasPrefix(m.Native.Path, column+".") })
}

// TakeDeclared copies what a native event holds under the names of declared fields into the canonical event made from it, as
// [Binding.With] maps them.
func (e *Event) TakeDeclared(native map[string]any, fields []Field) {
	for _, f := range fields {
		switch leaves := ObjectLeaves(native, f.Name); {
		case len(leaves) == 0:
		case len(leaves) == 1:
			e.Object[f.Name] = leaves[0]
		default:
			e.Object[f.Name] = leaves
		}
	}
}

// emptyMissing reports whether the platform takes "" for missing.
func (b *Binding) emptyMissing() bool {
	return slices.ContainsFunc(b.Classes, func(c BoundClass) bool {
		return slices.ContainsFunc(c.Mappings, func(m Mapping) bool { return m.Native.EmptyMissing })
	})
}
