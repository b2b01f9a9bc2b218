package schema

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// The YAML form of a binding. Conditions, fields and the table that stand at the top hold for all classes; a class adds to
// them, replaces fields of the same name and the table, and leaves out those that `without` lists.
type bindingYAML struct {
	Binding    string                `yaml:"binding"`
	Title      string                `yaml:"title"`
	Platform   string                `yaml:"platform"`
	Languages  []string              `yaml:"languages"`
	Source     string                `yaml:"source"`
	Default    bool                  `yaml:"default"`
	DefaultFor []string              `yaml:"default_for"`
	General    bool                  `yaml:"general"`
	Mixed      bool                  `yaml:"mixed"`
	Docs       []string              `yaml:"docs"`
	Time       nativeYAML            `yaml:"time"`
	TimeElse   []nativeOrName        `yaml:"time_else"`
	Table      string                `yaml:"table"`
	TableField string                `yaml:"table_field"`
	Optional   bool                  `yaml:"table_optional"`
	Empty      string                `yaml:"empty"` // "" or missing
	Select     yaml.Node             `yaml:"select"`
	Same       []string              `yaml:"same"`
	Fields     map[string]fieldYAML  `yaml:"fields"`
	Sets       map[string]setYAML    `yaml:"sets"`
	Classes    map[string]*classYAML `yaml:"classes"`
}

// setYAML is a named set of fields that several classes share. Same lists fields whose native path is the canonical name;
// see sameField.
type setYAML struct {
	Same   []string             `yaml:"same"`
	Fields map[string]fieldYAML `yaml:"fields"`
}

type classYAML struct {
	Table    string               `yaml:"table"`
	TableKey string               `yaml:"table_key"` // what table_field holds, when it is not the table's name
	Select   yaml.Node            `yaml:"select"`
	Use      []string             `yaml:"use"` // names of sets
	Same     []string             `yaml:"same"`
	Fields   map[string]fieldYAML `yaml:"fields"`
	Without  []string             `yaml:"without"`
	Elements map[string]string    `yaml:"elements"`
	Samples  []Sample             `yaml:"samples"`
}

type nativeYAML struct {
	Native   string   `yaml:"native"`
	Type     string   `yaml:"type"`
	Array    bool     `yaml:"array"`
	JSON     bool     `yaml:"json"`
	Vendor   string   `yaml:"vendor"`
	Spelling string   `yaml:"spelling"`
	Fixed    []string `yaml:"fixed"`
	Layout   string   `yaml:"layout"`
}

type fieldYAML struct {
	nativeYAML `yaml:",inline"`
	And        []nativeOrName `yaml:"and"`  // further native fields
	Join       *string        `yaml:"join"` // the separator that joins the texts of all native fields
	Derive     string         `yaml:"derive"`
	Values     yaml.Node      `yaml:"values"`
	Const      string         `yaml:"const"`
}

// nativeOrName lets a plain string stand for {native: string}.
type nativeOrName nativeYAML

// UnmarshalYAML reads either form.
func (f *nativeOrName) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		f.Native = n.Value
		return nil
	}
	type plain nativeOrName
	return n.Decode((*plain)(f))
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
	b := &Binding{
		Name: y.Binding, Title: y.Title, Platform: y.Platform, Languages: y.Languages, Source: y.Source, Default: y.Default, DefaultFor: y.DefaultFor,
		General: y.General, Mixed: y.Mixed, Docs: y.Docs, TableField: y.TableField,
	}
	if b.Name == "" || b.Platform == "" || b.Source == "" {
		return nil, fmt.Errorf("%s: binding, platform and source must be given", file)
	}
	if y.Empty != "" && y.Empty != "missing" {
		return nil, fmt.Errorf("%s: empty: %q is neither absent nor missing", file, y.Empty)
	}
	var err error
	if b.Time, err = y.Time.field(Date); err != nil {
		return nil, fmt.Errorf("%s: time: %w", file, err)
	}
	if b.Time.Path == "" {
		return nil, fmt.Errorf("%s: time: no native field", file)
	}
	for _, t := range y.TimeElse {
		nf, err := nativeYAML(t).field(Date)
		if err != nil {
			return nil, fmt.Errorf("%s: time_else: %w", file, err)
		}
		b.TimeElse = append(b.TimeElse, nf)
	}
	pairs := &samples{of: map[string][]Sample{}}
	for name, c := range y.Classes {
		bc, err := y.class(name, c)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", file, name, err)
		}
		bc.samples, pairs.of[name] = pairs, c.Samples
		b.Classes = append(b.Classes, bc)
	}
	slices.SortFunc(b.Classes, func(a, b BoundClass) int { return compareString(a.Class, b.Class) })
	return b, nil
}

func (y *bindingYAML) class(name string, c *classYAML) (BoundClass, error) {
	bc := BoundClass{Class: name, Table: y.Table, Elements: c.Elements}
	if c.Table != "" {
		bc.Table = c.Table
	}
	if y.TableField != "" {
		bc.TableField, bc.TableKey, bc.TableOptional = y.TableField, bc.Table, y.Optional
	}
	if c.TableKey != "" {
		bc.TableKey = c.TableKey
	}
	for _, sel := range []*yaml.Node{&y.Select, &c.Select} {
		conds, err := parseSelect(sel)
		if err != nil {
			return bc, err
		}
		bc.Select = append(bc.Select, conds...)
	}
	fields := map[string]fieldYAML{}
	add := func(same []string, m map[string]fieldYAML) {
		for _, s := range same {
			f := sameField(s)
			if !slices.Contains(c.Without, f.Native) {
				fields[f.Native] = f
			}
		}
		for k, f := range m {
			if !slices.Contains(c.Without, k) {
				fields[k] = f
			}
		}
	}
	add(y.Same, y.Fields)
	for _, set := range c.Use {
		s, ok := y.Sets[set]
		if !ok {
			return bc, fmt.Errorf("use: no set %q", set)
		}
		add(s.Same, s.Fields)
	}
	add(c.Same, c.Fields)
	for k, f := range fields {
		m, err := f.mapping(k)
		if err != nil {
			return bc, fmt.Errorf("%s: %w", k, err)
		}
		bc.Mappings = append(bc.Mappings, m)
	}
	slices.SortFunc(bc.Mappings, func(a, b Mapping) int { return compareString(a.Field.Name, b.Field.Name) })
	if y.Empty == "missing" {
		for i := range bc.Select {
			bc.Select[i].Native.EmptyMissing = bc.Select[i].Native.Type.IsString()
		}
		for i := range bc.Mappings {
			m := &bc.Mappings[i]
			m.Native.EmptyMissing = m.Native.Type.IsString()
			for j := range m.Rest {
				m.Rest[j].EmptyMissing = m.Rest[j].Type.IsString()
			}
		}
	}
	return bc, nil
}

// sameField reads an entry of `same`: a field's name, and behind blanks `lower` for the spelling or the vendor's type.
func sameField(entry string) fieldYAML {
	words := strings.Fields(entry)
	f := fieldYAML{nativeYAML: nativeYAML{Native: words[0]}}
	for _, w := range words[1:] {
		if w == "lower" {
			f.Spelling = w
		} else {
			f.Vendor = w
		}
	}
	return f
}

// parseSelect reads `{EventCode: [1, 5], source: "x"}`; a value may also be {native types…, values: […], mask: n, prefix: true}
// or {missing: true}.
func parseSelect(n *yaml.Node) ([]Condition, error) {
	var out []Condition
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i].Value, n.Content[i+1]
		cond := Condition{Native: NativeField{Path: key, Type: Keyword}}
		if val.Kind == yaml.MappingNode {
			var f struct {
				nativeYAML `yaml:",inline"`
				Values     []string `yaml:"values"`
				Mask       int64    `yaml:"mask"`
				Missing    bool     `yaml:"missing"`
				Prefix     bool     `yaml:"prefix"`
			}
			if err := val.Decode(&f); err != nil {
				return nil, fmt.Errorf("select: %s: %w", key, err)
			}
			f.Native = key
			nf, err := f.field(Keyword)
			if err != nil {
				return nil, fmt.Errorf("select: %s: %w", key, err)
			}
			cond.Native, cond.Values, cond.Mask, cond.Missing, cond.Prefix = nf, f.Values, f.Mask, f.Missing, f.Prefix
		} else if err := decodeStrings(val, &cond.Values); err != nil {
			return nil, fmt.Errorf("select: %s: %w", key, err)
		}
		cond.Native.Array = cond.Native.Array || strings.Contains(key, "[]")
		if (len(cond.Values) == 0) != cond.Missing {
			return nil, fmt.Errorf("select: %s: either values or missing must be given", key)
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
	f := NativeField{Path: y.Native, Type: def, Array: y.Array || strings.Contains(y.Native, "[]"), JSON: y.JSON, Vendor: y.Vendor, Layout: y.Layout}
	if y.Type != "" {
		t, ok := ParseType(y.Type)
		if !ok {
			return f, fmt.Errorf("unknown type %q", y.Type)
		}
		f.Type = t
	}
	if f.JSON && !strings.Contains(f.Path, ".") {
		return f, fmt.Errorf("json: the path %s does not go into the column", f.Path)
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
	canonical.Doc = ""
	m := Mapping{Field: canonical, Derive: y.Derive, Const: y.Const}
	if y.Const != "" {
		if y.Native != "" || y.Derive != "" || len(y.Values.Content) > 0 || len(y.And) > 0 {
			return m, fmt.Errorf("const goes with nothing else")
		}
		return m, nil
	}
	if y.Native == "" {
		return m, fmt.Errorf("neither native nor const is given")
	}
	forms := 0
	for _, used := range []bool{y.Derive != "", len(y.Values.Content) > 0, len(y.And) > 0 && y.Join == nil} {
		if used {
			forms++
		}
	}
	if forms > 1 || y.Join != nil && (len(y.And) == 0 || len(y.Values.Content) > 0) {
		return m, fmt.Errorf("derive, values and `and` exclude each other; join needs `and`, and goes with derive at most")
	}
	def := canonical.Type
	if y.Derive != "" || len(y.Values.Content) > 0 || y.Join != nil {
		def = Keyword
	}
	var err error
	if m.Native, err = y.field(def); err != nil {
		return m, err
	}
	if m.Native.Path == name && forms == 0 && y.Join == nil {
		m.Native.Array = m.Native.Array || canonical.Array
	}
	for _, r := range y.And {
		nf, err := nativeYAML(r).field(def)
		if err != nil {
			return m, err
		}
		m.Rest = append(m.Rest, nf)
	}
	if y.Join != nil {
		m.Joined, m.Separator = true, *y.Join
	}
	if y.Derive != "" {
		if _, ok := LookupDerivation(y.Derive); !ok {
			return m, fmt.Errorf("unknown derivation %q", y.Derive)
		}
	}
	m.Values, err = parseValues(&y.Values)
	return m, err
}

// parseValues reads a value map: canonical value → native value, list of them, or {values, missing, other: example}.
func parseValues(n *yaml.Node) ([]ValueMap, error) {
	var out []ValueMap
	seen := map[string]string{}
	missing, other := "", ""
	claim := func(what *string, canonical string) error {
		if *what != "" {
			return fmt.Errorf("values: both %s and %s claim the same native values", *what, canonical)
		}
		*what = canonical
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		vm := ValueMap{Canonical: n.Content[i].Value}
		val := n.Content[i+1]
		if val.Kind == yaml.MappingNode {
			var f struct {
				Values  []string `yaml:"values"`
				Missing bool     `yaml:"missing"`
				Other   string   `yaml:"other"`
			}
			if err := val.Decode(&f); err != nil {
				return nil, err
			}
			vm.Native, vm.Missing, vm.Other, vm.Example = f.Values, f.Missing, f.Other != "", f.Other
		} else if err := decodeStrings(val, &vm.Native); err != nil {
			return nil, err
		}
		for _, v := range vm.Native {
			if old, ok := seen[v]; ok {
				return nil, fmt.Errorf("values: %q means both %s and %s", v, old, vm.Canonical)
			}
			seen[v] = vm.Canonical
		}
		if vm.Missing {
			if err := claim(&missing, vm.Canonical); err != nil {
				return nil, err
			}
		}
		if vm.Other {
			if err := claim(&other, vm.Canonical); err != nil {
				return nil, err
			}
		}
		if len(vm.Native) == 0 && !vm.Missing && !vm.Other {
			return nil, fmt.Errorf("values: %s means nothing", vm.Canonical)
		}
		out = append(out, vm)
	}
	for _, vm := range out {
		if old, ok := seen[vm.Example]; ok && vm.Other {
			return nil, fmt.Errorf("values: the example %q of the others means %s", vm.Example, old)
		}
	}
	return out, nil
}
