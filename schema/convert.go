package schema

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Matches reports whether a native event is one of the class: it names the class's table, and meets the selecting conditions.
func (c *BoundClass) Matches(native map[string]any) bool {
	if c.TableField != "" {
		named := ObjectValues(native, c.TableField, Keyword)
		if len(named) == 0 && !c.TableOptional || len(named) > 0 && named[0].Str() != c.TableKey {
			return false
		}
	}
	for _, cond := range c.Select {
		if !cond.Matches(native) {
			return false
		}
	}
	return true
}

// Matches reports whether a native event meets the condition.
func (c Condition) Matches(native map[string]any) bool {
	if c.Missing {
		return len(c.Native.values(native)) == 0
	}
	for _, x := range c.Native.leaves(native) {
		if c.Mask != 0 {
			if v, ok := Convert(Long, x); ok && v.Int64()&c.Mask != 0 {
				return true
			}
			continue
		}
		v, ok := Convert(Keyword, x)
		if ok && slices.ContainsFunc(c.Values, func(s string) bool { return s == v.Str() || c.Prefix && strings.HasPrefix(v.Str(), s) }) {
			return true
		}
	}
	return false
}

// Select returns the most special class of the binding that a native event belongs to: an event that is an account
// creation and, with all others, an API call is an account creation.
func (b *Binding) Select(native map[string]any) (c *BoundClass, ok bool) {
	for i := range b.Classes {
		if x := &b.Classes[i]; x.Matches(native) && (c == nil || Covers(b.Source, c.Class, x.Class)) {
			c = x
		}
	}
	return c, c != nil
}

// ToCanonical turns a native event into the canonical one, as [Binding.Select] finds its class. ok is false when no class
// of the binding selects the event.
func (b *Binding) ToCanonical(id string, native map[string]any) (e Event, ok bool) {
	c, ok := b.Select(native)
	if !ok {
		return Event{}, false
	}
	return b.CanonicalOf(c, id, native), true
}

// CanonicalOf turns a native event into a canonical one of the class, whose conditions it is taken to meet.
func (b *Binding) CanonicalOf(c *BoundClass, id string, native map[string]any) Event {
	e := Event{ID: id, Source: b.Source, Class: c.Class, Binding: b.Name, Object: map[string]any{}}
	if v, ok := b.time(native); ok {
		e.Millis = v.Millis()
	}
	for i := range c.Mappings {
		m := &c.Mappings[i]
		if vals := m.Canonical(native); len(vals) > 0 {
			e.Object[m.Field.Name] = jsonValues(vals, m.Field.Array)
		}
	}
	e.Elements = c.canonicalElements(native)
	return e
}

// HasTime reports whether a native event says when it happened.
func (b *Binding) HasTime(native map[string]any) bool {
	_, ok := b.time(native)
	return ok
}

func (b *Binding) time(native map[string]any) (Value, bool) {
	if ts := b.Time.values(native); len(ts) > 0 {
		return ts[0], true
	}
	for i := range b.TimeElse {
		if ts := b.TimeElse[i].values(native); len(ts) > 0 {
			return ts[0], true
		}
	}
	return Value{}, false
}

// Canonical returns the values that the mapping gives on a native event.
func (m *Mapping) Canonical(native map[string]any) []Value {
	switch {
	case m.Const != "":
		return textValues(m.Field.Type, []string{m.Const})
	case m.Derive != "":
		d, _ := LookupDerivation(m.Derive)
		var texts []string
		for _, s := range m.texts(native) {
			texts = append(texts, d.Forward(s)...)
		}
		return textValues(m.Field.Type, texts)
	case len(m.Values) > 0:
		return textValues(m.Field.Type, m.mapValues(m.Native.values(native)))
	case m.Joined:
		return textValues(m.Field.Type, m.texts(native))
	}
	var out []Value
	for _, f := range m.Natives() {
		out = append(out, convertAll(m.Field.Type, f.values(native))...)
	}
	return out
}

// texts returns the native texts that the mapping starts from, joined to one if it says so.
func (m *Mapping) texts(native map[string]any) []string {
	var parts []string
	for _, f := range m.Natives() {
		for _, v := range f.values(native) {
			parts = append(parts, v.String())
		}
	}
	if m.Joined && len(parts) > 1 {
		return []string{strings.Join(parts, m.Separator)}
	}
	return parts
}

// MapValue returns the canonical value that a native value has by the value map; ok is false when it has none.
func (m *Mapping) MapValue(native string) (canonical string, ok bool) {
	for _, vm := range m.Values {
		if slices.Contains(vm.Native, native) {
			return vm.Canonical, true
		}
	}
	for _, vm := range m.Values {
		if vm.Other {
			return vm.Canonical, true
		}
	}
	return "", false
}

func (m *Mapping) mapValues(raw []Value) []string {
	var out []string
	for _, v := range raw {
		if c, ok := m.MapValue(v.String()); ok {
			out = append(out, c)
		}
	}
	if len(raw) == 0 {
		for _, vm := range m.Values {
			if vm.Missing {
				out = append(out, vm.Canonical)
			}
		}
	}
	return out
}

func textValues(t Type, texts []string) []Value {
	var out []Value
	for _, s := range texts {
		if v, ok := FromText(t, s); ok {
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

// leaves returns the non-null scalars of the field in a native event.
func (f NativeField) leaves(native map[string]any) []any {
	if !f.JSON {
		return ObjectLeaves(native, f.Path)
	}
	column, rest, _ := strings.Cut(stripMarks(f.Path), ".")
	x := native[column]
	if text, ok := x.(string); ok {
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		if dec.Decode(&x) != nil {
			return nil
		}
	}
	var out []any
	walkInto(x, rest, func(x any) { out = appendScalars(out, x) })
	return out
}

// values returns the values of the field in a native event, converted to the field's type.
func (f NativeField) values(native map[string]any) []Value {
	var out []Value
	for _, x := range f.leaves(native) {
		if v, ok := f.convert(x); ok && !(f.EmptyMissing && v.Type().IsString() && v.Str() == "") {
			out = append(out, v)
		}
	}
	return out
}

func (f NativeField) convert(x any) (Value, bool) {
	if f.Type == Date && f.Layout != "" {
		if s, ok := x.(string); ok {
			if t, err := time.Parse(f.Layout, s); err == nil {
				return Time(t), true
			}
		}
	}
	return Convert(f.Type, x)
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
