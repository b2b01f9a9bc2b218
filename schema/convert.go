package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Matches reports whether a native event meets the selecting conditions of the class.
func (c *BoundClass) Matches(native map[string]any) bool {
	for _, cond := range c.Select {
		if !cond.matches(native) {
			return false
		}
	}
	return true
}

func (c Condition) matches(native map[string]any) bool {
	for _, x := range ObjectLeaves(native, c.Native.Path) {
		if v, ok := Convert(Keyword, x); ok && slices.Contains(c.Values, v.Str()) {
			return true
		}
	}
	return false
}

// ToCanonical turns a native event into the canonical one. ok is false when no class of the binding selects the event.
func (b *Binding) ToCanonical(id string, native map[string]any) (e Event, ok bool) {
	for i := range b.Classes {
		c := &b.Classes[i]
		if !c.Matches(native) {
			continue
		}
		e = Event{ID: id, Source: b.Source, Class: c.Class, Binding: b.Name, Object: map[string]any{}}
		if ts := b.Time.Read(native); len(ts) > 0 {
			e.Millis = ts[0].Millis()
		}
		for _, m := range c.Mappings {
			if vals := m.Canonical(native); len(vals) > 0 {
				e.Object[m.Field.Name] = jsonValues(vals, m.Field.Array)
			}
		}
		return e, true
	}
	return Event{}, false
}

// Canonical returns the values that the mapping gives on a native event.
func (m *Mapping) Canonical(native map[string]any) []Value {
	if m.Const != "" {
		v, ok := FromText(m.Field.Type, m.Const)
		if !ok {
			return nil
		}
		return []Value{v}
	}
	raw := m.Native.Read(native)
	if len(m.Values) == 0 && m.Derive == "" {
		return convertAll(m.Field.Type, raw)
	}
	var texts []string
	for _, v := range raw {
		switch {
		case m.Derive != "":
			d, _ := LookupDerivation(m.Derive)
			texts = append(texts, d.Forward(v.String())...)
		default:
			for _, vm := range m.Values {
				if slices.Contains(vm.Native, v.String()) {
					texts = append(texts, vm.Canonical)
				}
			}
		}
	}
	var out []Value
	for _, t := range texts {
		if v, ok := FromText(m.Field.Type, t); ok {
			out = append(out, v)
		}
	}
	return out
}

func convertAll(t Type, vals []Value) []Value {
	out := vals[:0:0]
	for _, v := range vals {
		if v.Type() == t {
			out = append(out, v)
		} else if w, ok := FromText(t, v.String()); ok {
			out = append(out, w)
		}
	}
	return out
}

// Read returns the values of the field in a native event; dates are read in the field's own layout first.
func (f NativeField) Read(native map[string]any) []Value {
	if f.Type == Date && f.Layout != "" {
		var out []Value
		for _, x := range ObjectLeaves(native, f.Path) {
			if s, ok := x.(string); ok {
				if t, err := time.Parse(f.Layout, s); err == nil {
					out = append(out, Time(t))
					continue
				}
			}
			if v, ok := Convert(Date, x); ok {
				out = append(out, v)
			}
		}
		return out
	}
	return ObjectValues(native, f.Path, f.Type)
}

func jsonValues(vals []Value, array bool) any {
	if !array && len(vals) == 1 {
		return vals[0].JSON()
	}
	out := make([]any, len(vals))
	for i, v := range vals {
		out[i] = v.JSON()
	}
	return out
}

// ToNative makes a native event of the class from a canonical one: the selecting conditions, the time, and each field by
// the inverse of its mapping. It fails, naming the field, when the binding cannot carry a value; the caller compares the
// round trip when exactness matters, because spellings may be adapted.
func (b *Binding) ToNative(e Event) (map[string]any, error) {
	c, ok := b.Class(e.Class)
	if !ok {
		return nil, fmt.Errorf("binding %s has no class %s", b.Name, e.Class)
	}
	native := map[string]any{}
	for _, cond := range c.Select {
		v, ok := FromText(cond.Native.Type, cond.Values[0])
		if !ok {
			return nil, fmt.Errorf("binding %s: select %s: %q is no %s", b.Name, cond.Native.Path, cond.Values[0], cond.Native.Type)
		}
		SetPath(native, cond.Native.Path, []any{v.JSON()})
	}
	SetPath(native, b.Time.Path, []any{b.Time.text(Time(time.UnixMilli(e.Millis)))})
	derived := map[string][]*Mapping{} // by native path
	for _, name := range slices.Sorted(maps.Keys(FlattenKeys(e.Object))) {
		if name == "@timestamp" {
			continue
		}
		m, ok := c.Mapping(name)
		if !ok {
			return nil, fmt.Errorf("binding %s: the telemetry has no field %s", b.Name, name)
		}
		if m.Derive != "" {
			derived[m.Native.Path] = append(derived[m.Native.Path], m)
			continue
		}
		if err := m.setNative(native, ObjectValues(e.Object, name, m.Field.Type)); err != nil {
			return nil, fmt.Errorf("binding %s: %w", b.Name, err)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(derived)) {
		if err := setDerived(native, path, derived[path], e.Object); err != nil {
			return nil, fmt.Errorf("binding %s: %w", b.Name, err)
		}
	}
	return native, nil
}

// setNative writes the values of a constant, mapped or plain field.
func (m *Mapping) setNative(native map[string]any, vals []Value) error {
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
		return nil // a selecting condition or another field gives it already
	}
	if len(m.Values) > 0 && len(ObjectLeaves(native, m.Native.Path)) > 0 {
		return fmt.Errorf("%s is taken from %s, which something else fixes to a different value", m.Field.Name, m.Native.Path)
	}
	out, err := m.inverse(vals)
	if err != nil {
		return err
	}
	SetPath(native, m.Native.Path, out)
	return nil
}

// setDerived finds a native text from which every given field derived from the path comes out as wanted.
func setDerived(native map[string]any, path string, ms []*Mapping, obj map[string]any) error {
	wanted := map[string][]string{}
	for _, m := range ms {
		for _, v := range ObjectValues(obj, m.Field.Name, m.Field.Type) {
			wanted[m.Derive] = append(wanted[m.Derive], v.String())
		}
	}
	fits := func() bool {
		for _, m := range ms {
			if !sameValues(m.Canonical(native), ObjectValues(obj, m.Field.Name, m.Field.Type)) {
				return false
			}
		}
		return true
	}
	if len(ObjectLeaves(native, path)) > 0 {
		if fits() {
			return nil
		}
		return fmt.Errorf("%s is taken from %s, which another field fixes to a different value", ms[0].Field.Name, path)
	}
	for _, s := range inverseTexts(wanted) {
		SetPath(native, path, []any{s})
		if fits() {
			return nil
		}
	}
	return fmt.Errorf("%s: no %s has the value %q", ms[0].Field.Name, path, wanted[ms[0].Derive])
}

// inverse returns the native JSON values for canonical values of a plain or value-mapped field.
func (m *Mapping) inverse(vals []Value) ([]any, error) {
	var out []any
	if len(m.Values) > 0 {
		for _, v := range vals {
			i := slices.IndexFunc(m.Values, func(vm ValueMap) bool { return vm.Canonical == v.String() })
			if i < 0 {
				return nil, fmt.Errorf("%s: the telemetry knows no value %q", m.Field.Name, v.String())
			}
			nv, ok := FromText(m.Native.Type, m.Values[i].Native[0])
			if !ok {
				return nil, fmt.Errorf("%s: %q is no %s", m.Field.Name, m.Values[i].Native[0], m.Native.Type)
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

func (f NativeField) spell(v Value) (any, error) {
	switch {
	case v.Type() == Date:
		return f.text(v), nil
	case f.Type.IsString() && f.Spelling.Lower:
		return strings.ToLower(v.String()), nil
	case f.Type.IsString() && len(f.Spelling.Fixed) > 0:
		for _, s := range f.Spelling.Fixed {
			if strings.EqualFold(s, v.String()) {
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
