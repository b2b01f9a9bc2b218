package taxonomy

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed *.yaml
var files embed.FS

// table is all data.
type table struct {
	sources  map[Logsource]*Source
	refused  map[Logsource]string
	products map[string]bool
}

// fileYAML is one file of the data.
type fileYAML struct {
	Sets    map[string]setYAML `yaml:"sets"`
	Sources []sourceYAML       `yaml:"sources"`
	Refused []refusedYAML      `yaml:"refused"`
}

// setYAML is a named set of fields that several sources share; Use lists sets that it contains.
type setYAML struct {
	Use    []string             `yaml:"use"`
	Fields map[string]fieldYAML `yaml:"fields"`
}

type sourceYAML struct {
	Logsource []logsourceYAML      `yaml:"logsource"`
	From      []string             `yaml:"from"`
	Where     map[string][]string  `yaml:"where"`
	Use       []string             `yaml:"use"`
	Fields    map[string]fieldYAML `yaml:"fields"`
	Names     bool                 `yaml:"names"`
	Doc       string               `yaml:"doc"`
}

type refusedYAML struct {
	Logsource []logsourceYAML `yaml:"logsource"`
	Why       string          `yaml:"why"`
}

// logsourceYAML is a log source as the list product/category/service, with - for a key that is left out.
type logsourceYAML Logsource

// UnmarshalYAML reads product/category/service.
func (l *logsourceYAML) UnmarshalYAML(n *yaml.Node) error {
	parts := strings.Split(n.Value, "/")
	if len(parts) != 3 {
		return fmt.Errorf("line %d: %q is not product/category/service", n.Line, n.Value)
	}
	for i, p := range parts {
		if p == "-" {
			parts[i] = ""
		}
	}
	*l = logsourceYAML{parts[0], parts[1], parts[2]}
	return nil
}

// fieldYAML is a field: its name here, or the name with the kind of its values.
type fieldYAML struct {
	Field  string            `yaml:"field"`
	Kind   string            `yaml:"kind"`
	Values map[string]string `yaml:"values"`
	Hashes map[string]string `yaml:"hashes"`
}

// UnmarshalYAML lets a plain name stand for {field: name}.
func (f *fieldYAML) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		f.Field = n.Value
		return nil
	}
	type plain fieldYAML
	return n.Decode((*plain)(f))
}

func (f fieldYAML) field() (Field, error) {
	out := Field{Name: f.Field, Values: f.Values, Hashes: f.Hashes}
	switch {
	case f.Values != nil:
		out.Kind = Mapped
	case f.Hashes != nil:
		out.Kind = Hashes
	case f.Kind == "":
	default:
		for k, n := range kindNames {
			if n == f.Kind {
				out.Kind = Kind(k)
				return out, nil
			}
		}
		return out, fmt.Errorf("unknown kind %q", f.Kind)
	}
	return out, nil
}

// tables reads the data when it is first asked for.
var tables = sync.OnceValue(func() *table {
	t, err := load(files)
	if err != nil {
		panic(err) // embedded data, checked by tests
	}
	return t
})

func load(dir fs.FS) (*table, error) {
	t := &table{sources: map[Logsource]*Source{}, refused: map[Logsource]string{}, products: map[string]bool{}}
	names, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		if err := t.add(data); err != nil {
			return nil, fmt.Errorf("taxonomy/%s: %w", name, err)
		}
	}
	return t, nil
}

// add takes in one file.
func (t *table) add(data []byte) error {
	var f fileYAML
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return err
	}
	shared := map[string]map[string]Field{}
	for _, y := range f.Sources {
		s, err := f.source(y, shared)
		if err != nil {
			return fmt.Errorf("%v: %w", y.Logsource, err)
		}
		for _, l := range y.Logsource {
			if err := t.claim(Logsource(l)); err != nil {
				return err
			}
			t.sources[Logsource(l)] = s
		}
	}
	for _, y := range f.Refused {
		for _, l := range y.Logsource {
			if err := t.claim(Logsource(l)); err != nil {
				return err
			}
			t.refused[Logsource(l)] = strings.TrimSpace(y.Why)
		}
	}
	return nil
}

func (t *table) claim(l Logsource) error {
	if _, ok := t.sources[l]; ok || t.refused[l] != "" {
		return fmt.Errorf("%s stands twice", l)
	}
	t.products[l.Product] = true
	return nil
}

// source reads a log source; those that use the same sets and add nothing share their fields.
func (f *fileYAML) source(y sourceYAML, shared map[string]map[string]Field) (*Source, error) {
	s := &Source{Names: y.Names, Doc: strings.TrimSpace(y.Doc)}
	for _, text := range y.From {
		from, err := parseFrom(text)
		if err != nil {
			return nil, err
		}
		s.From = append(s.From, from)
	}
	if len(s.From) == 0 {
		return nil, fmt.Errorf("no from")
	}
	for field, values := range y.Where {
		s.Where = append(s.Where, Condition{Field: field, Values: values})
	}
	sortConditions(s.Where)
	key := strings.Join(y.Use, " ")
	if s.Fields = shared[key]; s.Fields != nil && len(y.Fields) == 0 {
		return s, nil
	}
	var err error
	if s.Fields, err = f.fields(y); err == nil && len(y.Fields) == 0 {
		shared[key] = s.Fields
	}
	return s, err
}

// fields returns the fields of a log source: those of its sets, and its own.
func (f *fileYAML) fields(y sourceYAML) (map[string]Field, error) {
	fields := map[string]fieldYAML{}
	for _, set := range y.Use {
		if err := f.collect(fields, set, 0); err != nil {
			return nil, err
		}
	}
	maps.Copy(fields, y.Fields)
	out := make(map[string]Field, len(fields))
	for name, fy := range fields {
		field, err := fy.field()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = field
	}
	return out, nil
}

// maxNesting limits how deep sets may contain sets.
const maxNesting = 8

func (f *fileYAML) collect(into map[string]fieldYAML, name string, depth int) error {
	set, ok := f.Sets[name]
	if !ok || depth > maxNesting {
		return fmt.Errorf("use: no set %q", name)
	}
	for _, sub := range set.Use {
		if err := f.collect(into, sub, depth+1); err != nil {
			return err
		}
	}
	maps.Copy(into, set.Fields)
	return nil
}

// parseFrom reads `class, class on source, source`.
func parseFrom(text string) (From, error) {
	classes, sources, ok := strings.Cut(text, " on ")
	if !ok {
		return From{}, fmt.Errorf("from: %q is not CLASS on SOURCE", text)
	}
	c, s := strings.Split(classes, ", "), strings.Split(sources, ", ")
	return From{Class: c[0], Source: s[0], Also: c[1:], AndOn: s[1:]}, nil
}

func sortConditions(cs []Condition) {
	slices.SortFunc(cs, func(a, b Condition) int { return strings.Compare(a.Field, b.Field) })
}
