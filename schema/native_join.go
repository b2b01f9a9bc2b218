package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// setUnion gives each native field that holds one value its one, in order, and the rest of the values to the first that
// may hold several.
func (m *Mapping) setUnion(native map[string]any, vals []Value) error {
	for _, f := range m.Natives() {
		if len(vals) == 0 {
			return nil
		}
		n := 1
		if f.Array {
			n = len(vals)
		}
		if len(f.leaves(native)) > 0 {
			return fmt.Errorf("%s is taken from %s, which something else fixes to a different value", m.Field.Name, f.Path)
		}
		var out []any
		for _, v := range vals[:n] {
			x, err := f.spell(v)
			if err != nil {
				return fmt.Errorf("%s: %w", m.Field.Name, err)
			}
			out = append(out, x)
		}
		if f.Array && !strings.HasSuffix(f.Path, "[]") {
			out = []any{out}
		}
		SetPath(native, f.Path, out)
		vals = vals[n:]
	}
	if len(vals) > 0 {
		return fmt.Errorf("%s: no room for %q", m.Field.Name, vals[0].String())
	}
	return nil
}

// setJoined splits the text at a separator, so that fields that are set already stay as they are. A split that gives no
// other canonical field than the wanted ones is preferred.
func (c *BoundClass) setJoined(m *Mapping, native, obj map[string]any) error {
	vals := ObjectValues(obj, m.Field.Name, m.Field.Type)
	if len(vals) == 0 || sameValues(m.Canonical(native), vals) {
		return nil
	}
	fields := m.Natives()
	if len(vals) != 1 || len(fields) != 2 {
		return fmt.Errorf("%s: only one value, joined of two fields, can be written", m.Field.Name)
	}
	texts := []string{vals[0].String()}
	if m.Derive != "" {
		texts = inverseTexts(map[string][]string{m.Derive: texts})
	}
	var fallback map[string]any
	for _, text := range texts {
		for _, parts := range splits(text, m.Separator) {
			trial, _ := cloneJSON(native).(map[string]any)
			for i, f := range fields {
				if parts[i] != "" && len(f.values(trial)) == 0 {
					SetPath(trial, f.Path, []any{parts[i]})
				}
			}
			switch {
			case !sameValues(m.Canonical(trial), vals):
			case c.agrees(m, trial, obj):
				maps.Copy(native, trial)
				return nil
			case fallback == nil:
				fallback = trial
			}
		}
	}
	if fallback == nil {
		return fmt.Errorf("%s: no %s and %s give %q", m.Field.Name, fields[0].Path, fields[1].Path, vals[0].String())
	}
	maps.Copy(native, fallback)
	return nil
}

// agrees reports whether the mappings that share a native field with m give what is wanted on the native event.
func (c *BoundClass) agrees(m *Mapping, native, obj map[string]any) bool {
	shares := func(o *Mapping) bool {
		return slices.ContainsFunc(o.Natives(), func(f NativeField) bool {
			return slices.ContainsFunc(m.Natives(), func(g NativeField) bool { return f.Path == g.Path })
		})
	}
	for i := range c.Mappings {
		o := &c.Mappings[i]
		if shares(o) && !sameValues(o.Canonical(native), ObjectValues(obj, o.Field.Name, o.Field.Type)) {
			return false
		}
	}
	return true
}

func cloneJSON(x any) any {
	switch x := x.(type) {
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, v := range x {
			out[k] = cloneJSON(v)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, v := range x {
			out[i] = cloneJSON(v)
		}
		return out
	}
	return x
}

// splits lists the ways to cut a text in two at a separator: a blank is cut from the left (a program and its arguments),
// anything else from the right (a path and its last part); then the whole text as either part.
func splits(text, sep string) [][2]string {
	var out [][2]string
	for i := 0; i+len(sep) <= len(text); i++ {
		if strings.HasPrefix(text[i:], sep) {
			out = append(out, [2]string{text[:i], text[i+len(sep):]})
		}
	}
	if sep != " " {
		slices.Reverse(out)
	}
	return append(out, [2]string{text, ""}, [2]string{"", text})
}

// setDerived finds a native text from which every given field derived from the path comes out as wanted.
func setDerived(native map[string]any, path string, ms []*Mapping, obj map[string]any) error {
	want := map[string][]string{} // by derivation
	most := 1
	for _, m := range ms {
		if want[m.Derive] == nil {
			for _, v := range ObjectValues(obj, m.Field.Name, m.Field.Type) {
				want[m.Derive] = append(want[m.Derive], v.String())
			}
			most = max(most, len(want[m.Derive]))
		}
	}
	fits := func(native map[string]any) bool {
		for _, m := range ms {
			if !sameValues(m.Canonical(native), ObjectValues(obj, m.Field.Name, m.Field.Type)) {
				return false
			}
		}
		return true
	}
	if len(ms[0].Native.leaves(native)) > 0 {
		if fits(native) {
			return nil
		}
		return fmt.Errorf("%s is taken from %s, which another field fixes to a different value", ms[0].Field.Name, path)
	}
	for _, texts := range derivedTexts(want, most, ms[0].Native.Array) {
		trial := map[string]any{}
		SetPath(trial, path, texts)
		if fits(trial) {
			SetPath(native, path, texts)
			return nil
		}
	}
	return fmt.Errorf("%s: no %s has the value %q", ms[0].Field.Name, path, want[ms[0].Derive])
}

// derivedTexts lists what to try for a native field: one text, or for an array one text for each wanted value.
func derivedTexts(want map[string][]string, most int, array bool) [][]any {
	var out [][]any
	for _, s := range inverseTexts(want) {
		out = append(out, []any{s})
	}
	if !array || most < 2 {
		return out
	}
	var each []any
	for i := range most {
		one := map[string][]string{}
		for d, vals := range want {
			if i < len(vals) {
				one[d] = vals[i : i+1]
			}
		}
		texts := inverseTexts(one)
		if len(texts) == 0 {
			return out
		}
		each = append(each, texts[0])
	}
	return append(out, each)
}
