package verify

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir/pass"
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
	// names holds, by the path of a file that the part reads, the field beside it with the file's name, where the output
	// takes for granted that an agent fills both.
	names map[string]schema.NativeField
	// raw is the field that holds the event as it came, nil where the telemetry has none.
	raw *schema.NativeField
}

// rawText is the field that Splunk gives each event: the text that it was made from.
const rawText = "_raw"

// assumed is an assumption with the fields that it speaks of.
type assumed struct {
	*backends.Assumption
	fields []schema.NativeField
	// at holds the fields by path when missing ones never break it: then only those that an event has are looked at, and those
	// in a column of JSON. It is nil when all are.
	at   map[string][]schema.NativeField
	json []schema.NativeField
}

func newAssumed(a *backends.Assumption, fields []schema.NativeField) assumed {
	out := assumed{Assumption: a, fields: fields}
	if len(fields) < manyFields || a.Name == fileName || !a.Holds(map[string]any{}, fields) {
		return out
	}
	out.at = map[string][]schema.NativeField{}
	for _, f := range fields {
		if f.JSON {
			out.json = append(out.json, f)
			continue
		}
		path := strings.ReplaceAll(f.Path, "[]", "")
		out.at[path] = append(out.at[path], f)
	}
	return out
}

// holds reports whether the assumption is true of an event that has something at some paths; nil means anything.
func (a assumed) holds(native map[string]any, has map[string]bool) bool {
	if has == nil || a.at == nil {
		return a.Holds(native, a.fields)
	}
	fields := slices.Clip(a.json)
	for path := range has {
		fields = append(fields, a.at[path]...)
	}
	return a.Holds(native, fields)
}

// manyFields is from how many fields on those that an event has are found first.
const manyFields = 12

func newPromise(out *all.Output) *promise {
	p := &promise{parts: make([]partPromise, len(out.Bound.Parts))}
	for i, part := range out.Bound.Parts {
		var fields []schema.NativeField
		for _, f := range part.Reads() {
			fields = append(fields, *f.Native)
		}
		pp := partPromise{fields: fields, typed: map[string]schema.Type{}}
		for _, m := range part.Class.Mappings {
			if m.Native.Path == rawText {
				pp.raw = &m.Native
			}
			if plain := m.Derive == "" && len(m.Values) == 0 && m.Const == ""; plain && m.Native.Type.IsString() && !m.Field.Type.IsString() {
				pp.typed[m.Native.Path] = m.Field.Type
			}
		}
		for _, name := range append([]string{"spelling"}, out.Fidelity.Assumptions...) {
			if a, ok := backends.LookupAssumption(name); ok {
				pp.assumed = append(pp.assumed, newAssumed(a, fieldsOf(a, part.Class, fields)))
			}
		}
		if slices.Contains(out.Fidelity.Assumptions, fileName) {
			pp.names = fileNames(part.Class, fields)
		}
		p.parts[i] = pp
	}
	return p
}

// fileName is the assumption that the name of a file stands beside its path.
const fileName = "file-name"

func fileNames(c *schema.BoundClass, fields []schema.NativeField) map[string]schema.NativeField {
	out := map[string]schema.NativeField{}
	for _, f := range fields {
		dir, ok := strings.CutSuffix(f.Path, ".path")
		if !ok {
			continue
		}
		for _, m := range c.Mappings {
			if m.Native.Path == dir+".name" {
				out[f.Path] = m.Native
			}
		}
	}
	return out
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
	if raw := p.parts[part].raw; raw != nil && len(raw.Read(native)) == 0 {
		return "spelling"
	}
	has := p.has(part, native)
	for _, a := range p.parts[part].assumed {
		if !a.holds(native, has) {
			return a.Name
		}
	}
	return ""
}

// has returns the paths of what an event has, nil when the part reads few fields anyhow.
func (p *promise) has(part int, native map[string]any) map[string]bool {
	if len(p.parts[part].fields) < manyFields {
		return nil
	}
	return schema.FlattenKeys(native)
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
	e = p.named(part, p.given(part, e))
	for _, f := range p.parts[part].fields {
		if p.fine(part, f, e.Object) {
			continue
		}
		for _, vals := range [][]any{{other(f.Type)}, {"/usr/bin/zq7"}, {"7"}, {"true"}, nil} {
			if try := p.named(part, put(e, pass.NativeField(f, diag.Span{}), vals)); p.fine(part, f, try.Object) {
				e = try
				break
			}
		}
	}
	return e, p.keeps(part, e.Object)
}

// named writes the names of files beside their paths.
func (p *promise) named(part int, e schema.Event) schema.Event {
	for path, name := range p.parts[part].names {
		e = put(e, pass.NativeField(name, diag.Span{}), lastElements(e.Object, path))
	}
	return e
}

// given gives an event the text that each event is made from.
func (p *promise) given(part int, e schema.Event) schema.Event {
	if raw := p.parts[part].raw; raw != nil && len(raw.Read(e.Object)) == 0 {
		return put(e, pass.NativeField(*raw, diag.Span{}), []any{other(raw.Type)})
	}
	return e
}

// complete writes the names of files that the part does not read beside their paths, as the agent would have, and the text of
// the event.
func (p *promise) complete(part int, e schema.Event) schema.Event {
	e = p.given(part, e)
	for path, name := range p.parts[part].names {
		if !slices.ContainsFunc(p.parts[part].fields, func(f schema.NativeField) bool { return f.Path == name.Path }) {
			e = put(e, pass.NativeField(name, diag.Span{}), lastElements(e.Object, path))
		}
	}
	return e
}

// fine reports whether one field of an event breaks no assumption.
func (p *promise) fine(part int, f schema.NativeField, native map[string]any) bool {
	one := []schema.NativeField{f}
	if raw := p.parts[part].raw; !p.reads(part, f, native) || raw != nil && f.Path == raw.Path && len(f.Read(native)) == 0 {
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
