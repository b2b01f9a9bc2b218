package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/schema"
)

func fieldsCmd() *cobra.Command {
	var source, class, binding, format string
	cmd := &cobra.Command{
		Use:   "fields [TEXT]",
		Short: "List fields, event classes, sources and bindings",
		Long: `Lists what rules can name. Without a flag: the sources, the event classes, and the fields of the catalogue; TEXT keeps the fields
whose name contains it. --source shows the classes and bindings of a source, --class the fields that events of a class usually
carry and who supplies them, --binding where a binding gets each field from.`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkWord("format", format, textOrJSON); err != nil {
				return err
			}
			q := fieldsQuery{source: source, class: class, binding: binding}
			if len(args) == 1 {
				q.text = args[0]
			}
			out, err := q.answer()
			if err != nil {
				return err
			}
			if format == "json" {
				return writeJSON(cmd.OutOrStdout(), out)
			}
			return out.text(cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&source, "source", "", "one source")
	cmd.Flags().StringVar(&class, "class", "", "one event class")
	cmd.Flags().StringVar(&binding, "binding", "", "one binding")
	complete(cmd, "source", sourceNames)
	complete(cmd, "class", classNames)
	complete(cmd, "binding", bindingNames)
	registerFormat(cmd, &format, textOrJSON)
	return cmd
}

func classNames() []string {
	var out []string
	for _, c := range schema.Classes() {
		out = append(out, c.Name)
	}
	return out
}

// fieldsQuery is what the user asked for; empty strings ask for everything.
type fieldsQuery struct{ source, class, binding, text string }

// fieldsAnswer is what fields prints; schema/fields.json describes it.
type fieldsAnswer struct {
	Sources  []sourceJSON  `json:"sources,omitempty"`
	Classes  []classJSON   `json:"classes,omitempty"`
	Bindings []bindingJSON `json:"bindings,omitempty"`
	Fields   []fieldJSON   `json:"fields,omitempty"`
}

type (
	sourceJSON struct {
		Name    string   `json:"name"`
		Title   string   `json:"title"`
		Classes []string `json:"classes"`
	}
	classJSON struct {
		Name    string   `json:"name"`
		Doc     string   `json:"doc"`
		Fields  []string `json:"fields"`
		Sources []string `json:"sources"`
	}
	fieldJSON struct {
		Name  string `json:"name"`
		Type  string `json:"type"`
		Array bool   `json:"array"`
		Doc   string `json:"doc,omitempty"`
	}
	bindingJSON struct {
		Name      string             `json:"name"`
		Title     string             `json:"title"`
		Platform  string             `json:"platform"`
		Languages []string           `json:"languages,omitempty"`
		Source    string             `json:"source"`
		Default   bool               `json:"default"`
		Docs      []string           `json:"docs,omitempty"`
		Time      string             `json:"time"`
		Classes   []bindingClassJSON `json:"classes"`
	}
	bindingClassJSON struct {
		Class  string         `json:"class"`
		Table  string         `json:"table,omitempty"`
		Select []selectJSON   `json:"select,omitempty"`
		Fields []supplierJSON `json:"fields,omitempty"`
	}
	selectJSON struct {
		Native string   `json:"native"`
		Values []string `json:"values"`
		Mask   int64    `json:"mask,omitempty"`
	}
	supplierJSON struct {
		Field  string   `json:"field"`
		Type   string   `json:"type"`
		Native []string `json:"native"`
		How    string   `json:"how,omitempty"`
	}
)

func (q fieldsQuery) answer() (*fieldsAnswer, error) {
	if q.source != "" {
		if err := checkWord("source", q.source, sourceNames()); err != nil {
			return nil, err
		}
	}
	if q.class != "" {
		if err := checkWord("event class", q.class, classNames()); err != nil {
			return nil, err
		}
	}
	if err := checkBinding(q.binding); err != nil {
		return nil, err
	}
	if q.text != "" && q.source != "" && q.class+q.binding == "" {
		return nil, usage("a source has no fields of its own", "name a class or a binding as well, or leave --source out")
	}
	out := &fieldsAnswer{}
	if q.binding == "" {
		out.Sources, out.Classes = q.sources(), q.classes()
		if len(out.Sources) == 0 || len(out.Classes) == 0 {
			return nil, usagef("%s has no events of the class `%s`", q.source, q.class)
		}
	}
	if q.text != "" && q.source+q.class+q.binding == "" { // a search for fields
		out.Sources, out.Classes = nil, nil
	}
	bindings, err := q.bindings()
	if err != nil {
		return nil, err
	}
	out.Bindings, out.Fields = bindings, q.fields()
	if q.text != "" && len(out.Fields) == 0 && q.binding == "" {
		return nil, unknownField(q.text)
	}
	return out, nil
}

func unknownField(text string) error {
	title := "no field of the catalogue has `" + text + "` in its name"
	if near, ok := schema.NearestField(text); ok {
		return usage(title, "a field with a similar name exists: `"+near+"`")
	}
	return usage(title, "`onerule fields` lists the catalogue")
}

func (q fieldsQuery) sources() []sourceJSON {
	var out []sourceJSON
	for _, s := range schema.Sources() {
		if (q.source == "" || s.Name == q.source) && (q.class == "" || slices.Contains(s.Classes, q.class)) {
			out = append(out, sourceJSON{s.Name, s.Title, s.Classes})
		}
	}
	return out
}

func (q fieldsQuery) classes() []classJSON {
	var out []classJSON
	for _, c := range schema.Classes() {
		j := classJSON{Name: c.Name, Doc: c.Doc, Fields: c.Fields, Sources: []string{}}
		for _, s := range schema.Sources() {
			if slices.Contains(s.Classes, c.Name) {
				j.Sources = append(j.Sources, s.Name)
			}
		}
		if (q.class == "" || c.Name == q.class) && (q.source == "" || slices.Contains(j.Sources, q.source)) {
			out = append(out, j)
		}
	}
	return out
}

// fields lists catalogue fields: all, or those that events of the class usually carry.
func (q fieldsQuery) fields() []fieldJSON {
	var out []fieldJSON
	add := func(f schema.Field) {
		if strings.Contains(f.Name, strings.ToLower(q.text)) || strings.Contains(f.Name, q.text) {
			out = append(out, fieldJSON{f.Name, f.Type.String(), f.Array, f.Doc})
		}
	}
	switch {
	case q.class != "":
		c, _ := schema.LookupClass(q.class)
		for _, name := range c.Fields {
			if f, ok := schema.Lookup(name); ok {
				add(f)
			}
		}
	case q.source == "" && q.binding == "":
		for _, f := range schema.Fields() {
			add(f)
		}
	}
	return out
}

// bindings lists those of a source or class in short, or one in full.
func (q fieldsQuery) bindings() ([]bindingJSON, error) {
	if q.source+q.class+q.binding == "" {
		return nil, nil
	}
	var out []bindingJSON
	for _, name := range bindingNames() {
		b, _, err := schema.LookupBinding(name)
		if err != nil {
			return nil, err
		}
		if q.binding != "" && name != q.binding || q.source != "" && b.Source != q.source {
			continue
		}
		if _, ok := b.Class(q.class); q.class != "" && !ok {
			continue
		}
		out = append(out, q.describe(b))
	}
	return out, nil
}

func (q fieldsQuery) describe(b *schema.Binding) bindingJSON {
	out := bindingJSON{Name: b.Name, Title: b.Title, Platform: b.Platform, Languages: b.Languages, Source: b.Source, Default: b.Default, Docs: b.Docs, Time: b.Time.Path, Classes: []bindingClassJSON{}}
	for i := range b.Classes {
		c := &b.Classes[i]
		if q.class != "" && c.Class != q.class {
			continue
		}
		j := bindingClassJSON{Class: c.Class}
		if q.binding != "" || q.class != "" {
			j.Table = c.Table
			for _, s := range c.Select {
				j.Select = append(j.Select, selectJSON{s.Native.Path, append([]string{}, s.Values...), s.Mask})
			}
			j.Fields = q.suppliers(c)
		}
		out.Classes = append(out.Classes, j)
	}
	return out
}

// suppliers says where a class of a binding gets its fields from: all of them when the binding was asked for, those usual
// for the class otherwise.
func (q fieldsQuery) suppliers(c *schema.BoundClass) []supplierJSON {
	usual, _ := schema.LookupClass(c.Class)
	var out []supplierJSON
	for i := range c.Mappings {
		m := &c.Mappings[i]
		if q.binding == "" && !slices.Contains(usual.Fields, m.Field.Name) || !strings.Contains(m.Field.Name, q.text) {
			continue
		}
		s := supplierJSON{Field: m.Field.Name, Type: m.Field.Type.String(), Native: []string{}, How: how(m)}
		for _, n := range m.Natives() {
			s.Native = append(s.Native, n.Path)
		}
		out = append(out, s)
	}
	return out
}

// how says in words what a mapping does beside reading a field.
func how(m *schema.Mapping) string {
	var parts []string
	if m.Const != "" {
		parts = append(parts, "always "+m.Const)
	}
	if m.Derive != "" {
		parts = append(parts, "derived by "+m.Derive)
	}
	if m.Joined {
		parts = append(parts, "joined by "+jsonString(m.Separator))
	}
	for _, v := range m.Values {
		natives := slices.Clone(v.Native)
		if v.Missing {
			natives = append(natives, "missing")
		}
		if v.Other {
			natives = append(natives, "any other")
		}
		parts = append(parts, v.Canonical+" for "+strings.Join(natives, ", "))
	}
	return strings.Join(parts, "; ")
}

func jsonString(s string) string {
	b, err := marshal(s)
	if err != nil {
		return s
	}
	return string(b)
}
