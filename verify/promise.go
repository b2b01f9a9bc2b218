package verify

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// promise is what an output takes for granted about native events, by part: the assumptions that it names, and that fields
// are spelt as the vendor spells them, which is part of the binding, as their types are. Text that the binding reads as a
// number or as a truth is spelt as the one that it is.
type promise struct{ parts []partPromise }

type partPromise struct {
	fields  []schema.NativeField // that the part reads
	assumed []assumed
	// typed holds, by native path, the type as which the binding reads a text.
	typed map[string]schema.Type
}

// assumed is an assumption with the fields that it speaks of.
type assumed struct {
	*backends.Assumption
	fields []schema.NativeField
}

func (a assumed) holds(native map[string]any) bool { return a.Holds(native, a.fields) }

func newPromise(out *all.Output) *promise {
	p := &promise{parts: make([]partPromise, len(out.Bound.Parts))}
	for i, part := range out.Bound.Parts {
		var fields []schema.NativeField
		for _, f := range ir.FieldsOf(part.Pred()) {
			fields = append(fields, *f.Native)
		}
		pp := partPromise{fields: fields, typed: map[string]schema.Type{}}
		for _, m := range part.Class.Mappings {
			if plain := m.Derive == "" && len(m.Values) == 0 && m.Const == ""; plain && m.Native.Type.IsString() && !m.Field.Type.IsString() {
				pp.typed[m.Native.Path] = m.Field.Type
			}
		}
		for _, name := range append([]string{"spelling"}, out.Fidelity.Assumptions...) {
			if a, ok := backends.LookupAssumption(name); ok {
				pp.assumed = append(pp.assumed, assumed{a, fieldsOf(a, part.Class, fields)})
			}
		}
		p.parts[i] = pp
	}
	return p
}

// fieldsOf returns the fields that an assumption speaks of.
func fieldsOf(a *backends.Assumption, c *schema.BoundClass, fields []schema.NativeField) []schema.NativeField {
	if a.Derivations == nil {
		return fields
	}
	var out []schema.NativeField
	for _, f := range fields {
		if slices.ContainsFunc(c.Mappings, func(m schema.Mapping) bool {
			return m.Native.Path == f.Path && slices.Contains(a.Derivations, m.Derive)
		}) {
			out = append(out, f)
		}
	}
	return out
}

// broken returns the first assumption that an event of a part does not satisfy.
func (p *promise) broken(part int, native map[string]any) string {
	for _, f := range p.parts[part].fields {
		if !p.reads(part, f, native) {
			return "spelling"
		}
	}
	for _, a := range p.parts[part].assumed {
		if !a.holds(native) {
			return a.Name
		}
	}
	return ""
}

// reads reports whether a text that the binding reads as another type is spelt as a value of that type.
func (p *promise) reads(part int, f schema.NativeField, native map[string]any) bool {
	t, ok := p.parts[part].typed[f.Path]
	if !ok {
		return true
	}
	for _, text := range f.Read(native) {
		if v, ok := schema.FromText(t, text.Str()); !ok || t != schema.Boolean && v.String() != text.Str() {
			return false
		}
	}
	return true
}

// keeps reports whether an event is one that the output promises something about.
func (p *promise) keeps(part int, native map[string]any) bool { return p.broken(part, native) == "" }

// repair changes the fields of an event that break an assumption by themselves, so that it holds: text becomes plain,
// numbers that are missing are set, the name of a file follows its path. ok is false when that is not enough.
func (p *promise) repair(part int, e schema.Event) (out schema.Event, ok bool) {
	if p.keeps(part, e.Object) {
		return e, true
	}
	for _, f := range p.parts[part].fields {
		field := &ir.Field{Name: f.Path, Type: f.Type, Array: f.Array, Native: &f}
		if dir, is := strings.CutSuffix(f.Path, ".name"); is && p.has(part, dir+".path") {
			e = put(e, field, lastElements(e.Object, dir+".path"))
		}
		if p.fine(part, f, e.Object) {
			continue
		}
		for _, vals := range [][]any{{other(f.Type)}, {"/usr/bin/zq7"}, {"7"}, {"true"}, nil} {
			if try := put(e, field, vals); p.fine(part, f, try.Object) {
				e = try
				break
			}
		}
	}
	return e, p.keeps(part, e.Object)
}

func (p *promise) has(part int, path string) bool {
	return slices.ContainsFunc(p.parts[part].fields, func(f schema.NativeField) bool { return f.Path == path })
}

// fine reports whether one field of an event breaks no assumption.
func (p *promise) fine(part int, f schema.NativeField, native map[string]any) bool {
	one := []schema.NativeField{f}
	if !p.reads(part, f, native) {
		return false
	}
	for _, a := range p.parts[part].assumed {
		if slices.ContainsFunc(a.fields, func(g schema.NativeField) bool { return g.Path == f.Path }) && !a.Holds(native, one) {
			return false
		}
	}
	return true
}

func lastElements(native map[string]any, path string) []any {
	var out []any
	for _, x := range schema.ObjectLeaves(native, path) {
		if s, ok := x.(string); ok {
			out = append(out, s[strings.LastIndexByte(s, '/')+1:])
		}
	}
	return out
}
