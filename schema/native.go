package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// ToNative makes a native event of the class from a canonical one: the selecting conditions, the time, and each field by
// the inverse of its mapping. It fails, naming the field, when the binding cannot carry a value; the caller compares the
// round trip when exactness matters, because spellings may be adapted.
func (b *Binding) ToNative(e Event) (map[string]any, error) {
	c, ok := b.Class(e.Class)
	if !ok {
		return nil, fmt.Errorf("binding %s has no class %s", b.Name, e.Class)
	}
	native := map[string]any{}
	c.setElements(native, e)
	if err := c.setFields(native, e.Object); err != nil {
		return nil, fmt.Errorf("binding %s: %w", b.Name, err)
	}
	for _, cond := range c.Select {
		if err := cond.set(native); err != nil {
			return nil, fmt.Errorf("binding %s: %w", b.Name, err)
		}
	}
	if c.TableField != "" && c.TableKey != "" {
		SetPath(native, c.TableField, []any{c.TableKey})
	}
	SetPath(native, b.Time.Path, []any{b.Time.text(Time(time.UnixMilli(e.Millis)))})
	return native, c.writeJSON(native)
}

// setFields writes the canonical fields: those with a value of their own first, then the others, which must agree with them.
func (c *BoundClass) setFields(native, obj map[string]any) error {
	var plain, joined, mapped []*Mapping
	derived := map[string][]*Mapping{} // by native path
	for _, name := range slices.Sorted(maps.Keys(FlattenKeys(obj))) {
		if name == "@timestamp" {
			continue
		}
		m, ok := c.Mapping(name)
		switch {
		case !ok:
			return fmt.Errorf("the telemetry has no field %s", name)
		case m.Joined:
			joined = append(joined, m)
		case m.Derive != "":
			derived[m.Native.Path] = append(derived[m.Native.Path], m)
		case len(m.Values) > 0:
			mapped = append(mapped, m)
		default:
			plain = append(plain, m)
		}
	}
	for _, m := range slices.Concat(plain, mapped) {
		if err := m.set(native, ObjectValues(obj, m.Field.Name, m.Field.Type), c.Select); err != nil {
			return err
		}
	}
	for _, m := range joined {
		if err := c.setJoined(m, native, obj); err != nil {
			return err
		}
	}
	for _, path := range slices.Sorted(maps.Keys(derived)) {
		if err := setDerived(native, path, derived[path], obj); err != nil {
			return err
		}
	}
	return nil
}

// set makes the native event meet the condition, unless a field that was written already forbids it.
func (c Condition) set(native map[string]any) error {
	if c.Matches(native) {
		return nil
	}
	if c.Missing {
		return fmt.Errorf("events of the class have no %s", c.Native.Path)
	}
	if len(c.Native.leaves(native)) > 0 {
		return fmt.Errorf("events of the class have %s = %s", c.Native.Path, strings.Join(c.Values, " or "))
	}
	if c.Mask != 0 {
		SetPath(native, c.Native.Path, []any{c.Mask})
		return nil
	}
	v, ok := FromText(c.Native.Type, c.Values[0])
	if !ok {
		return fmt.Errorf("select %s: %q is no %s", c.Native.Path, c.Values[0], c.Native.Type)
	}
	x := v.JSON()
	if c.Native.Array && !strings.Contains(c.Native.Path, "[]") {
		x = []any{x}
	}
	SetPath(native, c.Native.Path, []any{x})
	return nil
}

// set writes the values of a field that is not derived.
func (m *Mapping) set(native map[string]any, vals []Value, sel []Condition) error {
	if len(vals) == 0 {
		return nil
	}
	if m.Const != "" {
		for _, v := range vals {
			if v.String() != m.Const {
				return fmt.Errorf("%s is always %q there", m.Field.Name, m.Const)
			}
		}
		return nil
	}
	if sameValues(m.Canonical(native), vals) {
		return nil // another field gives it already, or a missing one does
	}
	if len(m.Rest) > 0 {
		return m.setUnion(native, vals)
	}
	if len(m.Native.leaves(native)) > 0 {
		return fmt.Errorf("%s is taken from %s, which something else fixes to a different value", m.Field.Name, m.Native.Path)
	}
	out, err := m.inverse(vals, sel)
	if err != nil || out == nil {
		return err
	}
	if len(out) > 1 && !m.Native.Array {
		return fmt.Errorf("%s holds one value there, not %d", m.Field.Name, len(out))
	}
	m.Native.Put(native, out)
	return nil
}

// inverse returns the native JSON values for canonical values of a plain or value-mapped field; nil for none.
func (m *Mapping) inverse(vals []Value, sel []Condition) ([]any, error) {
	var out []any
	if len(m.Values) > 0 {
		for _, v := range vals {
			i := slices.IndexFunc(m.Values, func(vm ValueMap) bool { return vm.Canonical == v.String() })
			if i < 0 {
				return nil, fmt.Errorf("%s: the telemetry knows no value %q", m.Field.Name, v.String())
			}
			text, ok := m.Values[i].pick(m.Native.Path, sel)
			if !ok {
				if m.Values[i].Missing {
					continue
				}
				return nil, fmt.Errorf("%s: events of the class never have the value %q", m.Field.Name, v.String())
			}
			nv, ok := FromText(m.Native.Type, text)
			if !ok {
				return nil, fmt.Errorf("%s: %q is no %s", m.Field.Name, text, m.Native.Type)
			}
			out = append(out, nv.JSON())
		}
		return out, nil
	}
	for _, v := range vals {
		s, err := m.Native.spell(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Field.Name, err)
		}
		out = append(out, s)
	}
	return out, nil
}

// pick chooses a native value of the entry that the selecting conditions allow.
func (vm ValueMap) pick(path string, sel []Condition) (string, bool) {
	allowed := func(s string) bool {
		for _, c := range sel {
			if c.Native.Path == path && c.Mask == 0 && !slices.Contains(c.Values, s) {
				return false
			}
		}
		return true
	}
	for _, s := range vm.Native {
		if s != "" && allowed(s) {
			return s, true
		}
	}
	if vm.Other && !vm.Missing && allowed(vm.Example) {
		return vm.Example, true
	}
	return "", false
}

func (f NativeField) spell(v Value) (any, error) {
	switch {
	case v.Type() == Date:
		return f.text(v), nil
	case f.Type.IsString() && f.Spelling.Lower:
		return strings.ToLower(v.String()), nil
	case f.Type.IsString() && len(f.Spelling.Fixed) > 0:
		for _, s := range f.Spelling.Fixed {
			if equalFold(s, v.String()) {
				return s, nil
			}
		}
		return nil, fmt.Errorf("%s never holds %q", f.Path, v.String())
	case f.Type.IsString():
		return v.String(), nil
	}
	if w, ok := FromText(f.Type, v.String()); ok {
		return w.JSON(), nil
	}
	return nil, fmt.Errorf("%q does not fit %s (%s)", v.String(), f.Path, f.Type)
}

func (f NativeField) text(v Value) any {
	if f.Type == Long {
		return v.Millis()
	}
	if f.Layout != "" {
		return v.Time().Format(f.Layout)
	}
	return v.String()
}

// writeJSON turns the columns that hold JSON as text into text.
func (c *BoundClass) writeJSON(native map[string]any) error {
	write := func(f NativeField) error {
		column, _, _ := strings.Cut(stripMarks(f.Path), ".")
		switch x := native[column].(type) {
		case map[string]any, []any:
			text, err := json.Marshal(x)
			if err != nil {
				return err
			}
			native[column] = string(text)
		}
		return nil
	}
	for i := range c.Mappings {
		for _, f := range c.Mappings[i].Natives() {
			if f.JSON {
				if err := write(f); err != nil {
					return err
				}
			}
		}
	}
	for _, cond := range c.Select {
		if cond.Native.JSON {
			if err := write(cond.Native); err != nil {
				return err
			}
		}
	}
	return nil
}

func sameValues(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// FlattenKeys returns the dotted paths of all scalars and scalar arrays of an object.
func FlattenKeys(obj map[string]any) map[string]bool {
	out := map[string]bool{}
	var walk func(prefix string, x any)
	walk = func(prefix string, x any) {
		switch x := x.(type) {
		case map[string]any:
			for k, v := range x {
				p := k
				if prefix != "" {
					p = prefix + "." + k
				}
				walk(p, v)
			}
		case []any:
			for _, v := range x {
				walk(prefix, v)
			}
		case nil:
		default:
			out[prefix] = true
		}
	}
	walk("", obj)
	return out
}
