package schema

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Spelling says which spellings of a native field's text occur, so that a language that compares case-sensitively can
// print the one spelling there is.
type Spelling struct {
	// Lower means every value is lower case. Fixed lists all values that occur, in the vendor's spelling. Neither means any spelling.
	Lower bool
	Fixed []string
}

// Any reports whether the spelling of values is unknown.
func (s Spelling) Any() bool { return !s.Lower && len(s.Fixed) == 0 }

// NativeField is a field of the vendor's own event. Path is dotted; a segment that ends in [] is an array of scalars or
// objects (`target[].alternateId`).
type NativeField struct {
	Path string
	Type Type
	// Array reports whether the field may hold several values; it follows from [] in the path or the YAML key `array`.
	Array bool
	// Vendor is the platform's own column type (Kusto, Elasticsearch, Datadog facet, SECL), "" when it follows from Type.
	Vendor   string
	Spelling Spelling
	// Layout is the layout of a text date in the words of package time; "" means RFC 3339.
	Layout string
}

// Mapping says how one canonical field is obtained from the native event. Exactly one of the forms is used:
// a plain field (Native alone), a derived field (Native and Derive), a value map (Native and Values), a constant (Const).
type Mapping struct {
	Field  Field // the canonical field
	Native NativeField
	// Derive names a [Derivation]: the canonical values are computed from the native text.
	Derive string
	// Values maps a canonical value to the native values that mean it; a native value in no list makes the field missing.
	// In the order of the file.
	Values []ValueMap
	// Const is the text of a field that has the same value on every event of the binding and class.
	Const string
}

// ValueMap is one entry of a value map.
type ValueMap struct {
	Canonical string
	Native    []string
}

// Condition is one selecting condition: the native field holds one of the values, compared as the vendor stores them (exactly).
type Condition struct {
	Native NativeField
	Values []string
}

// BoundClass is the part of a binding that concerns one event class.
type BoundClass struct {
	Class string
	// Table is the platform's table, index pattern list, or "" when Select alone finds the events.
	Table  string
	Select []Condition
	// Mappings are sorted by canonical field.
	Mappings []Mapping
	// Elements maps a canonical array-of-objects path to the native one, where `any x in f: (x.a … x.b …)` keeps the
	// correlation: the canonical sub fields are those mappings whose path starts with the key.
	Elements map[string]string
	Samples  []Sample
}

// Sample is a hand-written pair of a native event of true vendor shape and the canonical event that it is.
type Sample struct {
	Native    map[string]any `yaml:"native"`
	Canonical map[string]any `yaml:"canonical"`
}

// Binding ties classes of one source to the telemetry of one platform.
type Binding struct {
	Name     string
	Title    string
	Platform string
	// Languages restricts the binding to some languages of the platform; empty means all.
	Languages []string
	Source    string
	// Default bindings are used when neither a project file nor a flag chooses another.
	Default bool
	Docs    []string
	// Time is the native field of the event's time; Type is Date.
	Time NativeField
	// Classes are sorted by name.
	Classes []BoundClass
}

// Class returns the binding's part for a class.
func (b *Binding) Class(name string) (*BoundClass, bool) {
	for i := range b.Classes {
		if b.Classes[i].Class == name {
			return &b.Classes[i], true
		}
	}
	return nil, false
}

// Mapping returns how the class supplies a canonical field.
func (c *BoundClass) Mapping(field string) (*Mapping, bool) {
	i, ok := slices.BinarySearchFunc(c.Mappings, field, func(m Mapping, f string) int { return compareString(m.Field.Name, f) })
	if !ok {
		return nil, false
	}
	return &c.Mappings[i], true
}

// The YAML form of a binding.
type bindingYAML struct {
	Binding   string                `yaml:"binding"`
	Title     string                `yaml:"title"`
	Platform  string                `yaml:"platform"`
	Languages []string              `yaml:"languages"`
	Source    string                `yaml:"source"`
	Default   bool                  `yaml:"default"`
	Docs      []string              `yaml:"docs"`
	Time      nativeYAML            `yaml:"time"`
	Table     string                `yaml:"table"`
	Select    yaml.Node             `yaml:"select"`
	Fields    map[string]fieldYAML  `yaml:"fields"`
	Classes   map[string]*classYAML `yaml:"classes"`
}

type classYAML struct {
	Table    string               `yaml:"table"`
	Select   yaml.Node            `yaml:"select"`
	Fields   map[string]fieldYAML `yaml:"fields"`
	Without  []string             `yaml:"without"`
	Elements map[string]string    `yaml:"elements"`
	Samples  []Sample             `yaml:"samples"`
}

type nativeYAML struct {
	Native   string   `yaml:"native"`
	Type     string   `yaml:"type"`
	Array    bool     `yaml:"array"`
	Vendor   string   `yaml:"vendor"`
	Spelling string   `yaml:"spelling"`
	Fixed    []string `yaml:"fixed"`
	Layout   string   `yaml:"layout"`
}

type fieldYAML struct {
	nativeYAML `yaml:",inline"`
	Derive     string    `yaml:"derive"`
	Values     yaml.Node `yaml:"values"`
	Const      string    `yaml:"const"`
}

// UnmarshalYAML lets a plain string stand for {native: string}.
func (f *fieldYAML) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		f.Native = n.Value
		return nil
	}
	type plain fieldYAML
	return n.Decode((*plain)(f))
}

// ParseBinding reads one binding file. Errors name the file and the field.
func ParseBinding(file string, data []byte) (*Binding, error) {
	var y bindingYAML
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	dec.KnownFields(true)
	if err := dec.Decode(&y); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	b := &Binding{Name: y.Binding, Title: y.Title, Platform: y.Platform, Languages: y.Languages, Source: y.Source, Default: y.Default, Docs: y.Docs}
	if b.Name == "" || b.Platform == "" || b.Source == "" {
		return nil, fmt.Errorf("%s: binding, platform and source must be given", file)
	}
	var err error
	if b.Time, err = y.Time.field(Date); err != nil || b.Time.Path == "" {
		return nil, fmt.Errorf("%s: time: no native field (%w)", file, err)
	}
	for name, c := range y.Classes {
		bc, err := y.class(name, c)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", file, name, err)
		}
		b.Classes = append(b.Classes, bc)
	}
	slices.SortFunc(b.Classes, func(a, b BoundClass) int { return compareString(a.Class, b.Class) })
	return b, nil
}

func (y *bindingYAML) class(name string, c *classYAML) (BoundClass, error) {
	bc := BoundClass{Class: name, Table: y.Table, Elements: c.Elements, Samples: c.Samples}
	if c.Table != "" {
		bc.Table = c.Table
	}
	for _, sel := range []*yaml.Node{&y.Select, &c.Select} {
		conds, err := parseSelect(sel)
		if err != nil {
			return bc, err
		}
		bc.Select = append(bc.Select, conds...)
	}
	fields := map[string]fieldYAML{}
	for k, f := range y.Fields {
		if !slices.Contains(c.Without, k) {
			fields[k] = f
		}
	}
	for k, f := range c.Fields {
		fields[k] = f
	}
	for k, f := range fields {
		m, err := f.mapping(k)
		if err != nil {
			return bc, fmt.Errorf("%s: %w", k, err)
		}
		bc.Mappings = append(bc.Mappings, m)
	}
	slices.SortFunc(bc.Mappings, func(a, b Mapping) int { return compareString(a.Field.Name, b.Field.Name) })
	return bc, nil
}

// parseSelect reads `{EventCode: [1, 5], source: "x"}`; a value may also be {native types…, values: […]}.
func parseSelect(n *yaml.Node) ([]Condition, error) {
	var out []Condition
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i].Value, n.Content[i+1]
		cond := Condition{Native: NativeField{Path: key, Type: Keyword}}
		if val.Kind == yaml.MappingNode {
			var f struct {
				nativeYAML `yaml:",inline"`
				Values     []string `yaml:"values"`
			}
			if err := val.Decode(&f); err != nil {
				return nil, fmt.Errorf("select: %s: %w", key, err)
			}
			f.Native = key
			nf, err := f.field(Keyword)
			if err != nil {
				return nil, fmt.Errorf("select: %s: %w", key, err)
			}
			cond.Native, cond.Values = nf, f.Values
		} else if err := decodeStrings(val, &cond.Values); err != nil {
			return nil, fmt.Errorf("select: %s: %w", key, err)
		}
		cond.Native.Array = cond.Native.Array || strings.Contains(key, "[]")
		if len(cond.Values) == 0 {
			return nil, fmt.Errorf("select: %s: no values", key)
		}
		out = append(out, cond)
	}
	return out, nil
}

func decodeStrings(n *yaml.Node, out *[]string) error {
	if n.Kind == yaml.ScalarNode {
		*out = []string{n.Value}
		return nil
	}
	return n.Decode(out)
}

func (y nativeYAML) field(def Type) (NativeField, error) {
	f := NativeField{Path: y.Native, Type: def, Array: y.Array || strings.Contains(y.Native, "[]"), Vendor: y.Vendor, Layout: y.Layout}
	if y.Type != "" {
		t, ok := ParseType(y.Type)
		if !ok {
			return f, fmt.Errorf("unknown type %q", y.Type)
		}
		f.Type = t
	}
	switch y.Spelling {
	case "", "any":
	case "lower":
		f.Spelling.Lower = true
	default:
		return f, fmt.Errorf("unknown spelling %q (any, lower, or a list `fixed`)", y.Spelling)
	}
	f.Spelling.Fixed = y.Fixed
	return f, nil
}

func (y fieldYAML) mapping(name string) (Mapping, error) {
	canonical, ok := Lookup(name)
	if !ok {
		return Mapping{}, fmt.Errorf("the catalogue has no such field")
	}
	m := Mapping{Field: canonical, Derive: y.Derive, Const: y.Const}
	if y.Const != "" {
		if y.Native != "" || y.Derive != "" || len(y.Values.Content) > 0 {
			return m, fmt.Errorf("const goes with nothing else")
		}
		return m, nil
	}
	if y.Native == "" {
		return m, fmt.Errorf("neither native nor const is given")
	}
	def := canonical.Type
	if y.Derive != "" || len(y.Values.Content) > 0 {
		def = Keyword
	}
	nf, err := y.field(def)
	if err != nil {
		return m, err
	}
	m.Native = nf
	if y.Derive != "" {
		if _, ok := LookupDerivation(y.Derive); !ok {
			return m, fmt.Errorf("unknown derivation %q", y.Derive)
		}
	} else if nf.Array && !canonical.Array && len(y.Values.Content) == 0 {
		return m, fmt.Errorf("native field %s is an array, the canonical field is not", nf.Path)
	}
	for i := 0; i+1 < len(y.Values.Content); i += 2 {
		vm := ValueMap{Canonical: y.Values.Content[i].Value}
		if err := decodeStrings(y.Values.Content[i+1], &vm.Native); err != nil {
			return m, err
		}
		m.Values = append(m.Values, vm)
	}
	return m, nil
}
