package mapping

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
)

// params are the parameters of a field that change what queries find; the rest of a mapping is read over.
type params struct {
	Type          string                     `json:"type"`
	IgnoreAbove   *int                       `json:"ignore_above"`
	Normalizer    string                     `json:"normalizer"`
	Fields        map[string]json.RawMessage `json:"fields"`
	Properties    map[string]json.RawMessage `json:"properties"`
	Path          string                     `json:"path"`
	Analyzer      string                     `json:"analyzer"`
	Format        string                     `json:"format"`
	NullValue     any                        `json:"null_value"`
	ScalingFactor json.Number                `json:"scaling_factor"`
	Value         string                     `json:"value"`
	Coerce        *bool                      `json:"coerce"`
	Index         *bool                      `json:"index"`
	DocValues     *bool                      `json:"doc_values"`
	Enabled       *bool                      `json:"enabled"`
}

// New reads a mapping. The error names the first field, by name, whose definition is at fault.
func New(types map[string]string) (*Mapping, error) {
	m := &Mapping{fields: map[string]*Field{}}
	names := slices.Sorted(maps.Keys(types))
	for _, name := range names {
		p, err := readParams(types[name])
		if err != nil {
			return nil, fmt.Errorf("field `%s`: %w", name, err)
		}
		if err := m.define(name, p); err != nil {
			return nil, err
		}
	}
	if err := m.resolveAliases(); err != nil {
		return nil, err
	}
	m.link()
	return m, nil
}

func readParams(text string) (params, error) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") {
		return params{Type: text}, nil
	}
	return decodeParams([]byte(text))
}

func decodeParams(data []byte) (params, error) {
	var word string
	if json.Unmarshal(data, &word) == nil {
		return params{Type: word}, nil
	}
	var p params
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("the mapping is no type and no object with a type: %w", err)
	}
	if p.Type == "" {
		p.Type = "object"
	}
	return p, nil
}

// define adds a field with the multi-fields and the properties that its definition holds.
func (m *Mapping) define(name string, p params) error {
	f, err := newField(name, p)
	if err != nil {
		return fmt.Errorf("field `%s`: %w", name, err)
	}
	if p.Enabled != nil && !*p.Enabled {
		return nil // an object that is not parsed has no fields
	}
	m.fields[name] = f
	for _, sub := range slices.Sorted(maps.Keys(p.Fields)) {
		sp, err := decodeParams(p.Fields[sub])
		if err != nil {
			return fmt.Errorf("field `%s.%s`: %w", name, sub, err)
		}
		if err := m.define(name+"."+sub, sp); err != nil {
			return err
		}
	}
	for _, sub := range slices.Sorted(maps.Keys(p.Properties)) {
		sp, err := decodeParams(p.Properties[sub])
		if err != nil {
			return fmt.Errorf("field `%s.%s`: %w", name, sub, err)
		}
		if err := m.define(name+"."+sub, sp); err != nil {
			return err
		}
	}
	return nil
}

func newField(name string, p params) (*Field, error) {
	f := &Field{Name: name, Type: p.Type, Path: name, ignoreAbove: -1, analyzer: "standard", coerce: true}
	if p.Type == "alias" {
		if p.Path == "" {
			return nil, fmt.Errorf("an alias needs a `path`")
		}
		f.Path = p.Path
		return f, nil
	}
	family, ok := families[p.Type]
	if !ok {
		return nil, fmt.Errorf("`%s` is no mapping type%s", p.Type, nearType(p.Type))
	}
	f.family = family
	if p.IgnoreAbove != nil {
		f.ignoreAbove = *p.IgnoreAbove
	}
	switch p.Normalizer {
	case "":
	case "lowercase":
		f.lowercase = true
	default:
		return nil, fmt.Errorf("the normalizer `%s` is not known, only `lowercase` is", p.Normalizer)
	}
	if p.Analyzer != "" {
		if _, ok := analyzers[p.Analyzer]; !ok {
			return nil, fmt.Errorf("the analyzer `%s` is not known", p.Analyzer)
		}
		f.analyzer = p.Analyzer
	}
	if p.Format != "" {
		f.formats = strings.Split(p.Format, "||")
		for _, name := range f.formats {
			if _, ok := dateFormats[name]; !ok {
				return nil, fmt.Errorf("the date format `%s` is not known", name)
			}
		}
	} else if family == Date {
		f.formats = defaultDateFormats
	}
	if p.ScalingFactor != "" {
		v, err := p.ScalingFactor.Float64()
		if err != nil || v <= 0 {
			return nil, fmt.Errorf("`scaling_factor` must be a positive number")
		}
		f.factor = v
	}
	if p.Coerce != nil {
		f.coerce = *p.Coerce
	}
	f.null, f.constant = p.NullValue, p.Value
	f.hidden = p.Index != nil && !*p.Index && (p.DocValues != nil && !*p.DocValues || family == Text)
	return f, nil
}

// nearType suggests a type whose name is close.
func nearType(word string) string {
	name, ok := diag.Nearest(word, slices.Sorted(maps.Keys(families)))
	if !ok {
		return ""
	}
	return fmt.Sprintf("; a type with a similar name exists: `%s`", name)
}

func (m *Mapping) resolveAliases() error {
	for _, name := range slices.Sorted(maps.Keys(m.fields)) {
		f := m.fields[name]
		if f.Type != "alias" {
			continue
		}
		target, ok := m.Lookup(f.Path)
		if !ok || target.Type == "alias" || !target.IsLeaf() {
			return fmt.Errorf("field `%s`: the alias leads to `%s`, which is no field with values", name, f.Path)
		}
		stand := *target
		stand.Name = name
		m.fields[name] = &stand
	}
	return nil
}

// link finds multi-fields, nested parents and the objects that dotted names imply.
func (m *Mapping) link() {
	for _, name := range slices.Sorted(maps.Keys(m.fields)) {
		f := m.fields[name]
		for i := len(name) - 1; i > 0; i-- {
			if name[i] != '.' {
				continue
			}
			parent, ok := m.fields[name[:i]]
			switch {
			case !ok:
				m.fields[name[:i]] = &Field{Name: name[:i], Path: name[:i], Type: "object", Inferred: f.Inferred}
			case parent.Type == "nested" && f.Nested == "":
				f.Nested = parent.Name
			case parent.IsLeaf() && f.Path == name && parent.Type != "flattened" && !f.Inferred:
				f.Path, f.multi = parent.Path, true
			}
		}
	}
	m.linkObjects()
}

// linkObjects gives the objects made by [Mapping.link] their nested parents too.
func (m *Mapping) linkObjects() {
	for name, f := range m.fields {
		for i := len(name) - 1; i > 0 && f.Nested == ""; i-- {
			if name[i] == '.' {
				if parent := m.fields[name[:i]]; parent != nil && parent.Type == "nested" {
					f.Nested = parent.Name
				}
			}
		}
	}
}

// FromJSON reads a mapping file into the flat form that [New] takes: a flat object field → type, where a type may be an
// object with parameters, or Elasticsearch's own nested form {"mappings": {"properties": …}}.
func FromJSON(data []byte) (map[string]string, error) {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(data, &top); err != nil {
		return nil, fmt.Errorf("the mapping is no JSON object: %w", err)
	}
	for _, key := range []string{"mappings", "properties"} {
		inner, ok := top[key]
		if !ok || len(top) != 1 {
			continue
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(inner, &object) == nil {
			top = object
		}
	}
	out := make(map[string]string, len(top))
	for name, raw := range top {
		var word string
		if json.Unmarshal(raw, &word) == nil {
			out[name] = word
			continue
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil || !strings.HasPrefix(compact.String(), "{") {
			return nil, fmt.Errorf("field `%s`: the type must be a word or an object", name)
		}
		out[name] = compact.String()
	}
	return out, nil
}
