package lower

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

var fieldTypes = []string{"boolean", "date", "double", "ip", "keyword", "long", "text"}

// declareField takes a field that the catalogue does not have.
func (b *builder) declareField(d *grammar.FieldDecl) {
	name := strings.Join(d.Path.Segments, ".")
	typ, known := schema.ParseType(d.Type.Text)
	if !known {
		help := "the types are " + strings.Join(fieldTypes, ", ")
		if near, ok := diag.Nearest(d.Type.Text, fieldTypes); ok {
			help = fmt.Sprintf("a type with a similar name exists: `%s`", near)
		}
		b.fault(diag.BadField, d.Type.Span, fmt.Sprintf("there is no type `%s` of fields", d.Type.Text), help)
		typ = schema.Keyword
	}
	if strings.ContainsAny(name, "[]") {
		b.fault(diag.BadField, d.Path.Span, "the name of a field has no brackets", "write `field NAME: TYPE[]` for a field with several values")
	}
	if _, ok := schema.Lookup(name); ok {
		b.fault(diag.BadField, d.Path.Span, fmt.Sprintf("the catalogue has `%s` already", name), "take the declaration out: rules use the fields of the catalogue as they are")
		return
	}
	for _, o := range b.out.Fields {
		switch {
		case o.Name == name:
			b.fault(diag.DuplicateName, d.Path.Span, fmt.Sprintf("the field `%s` is declared twice", name), "keep one of the declarations")
			return
		case strings.HasPrefix(o.Name, name+"."), strings.HasPrefix(name, o.Name+"."):
			b.fault(diag.BadField, d.Path.Span, fmt.Sprintf("of `%s` and `%s` one lies below the other, so it cannot be a value", name, o.Name), "give one of them another name")
		}
	}
	b.out.Fields = append(b.out.Fields, ir.Declared{Field: schema.Field{Name: name, Type: typ, Array: d.Array, Doc: d.Doc}, Span: d.Path.Span})
}

// lookup returns a field of the rule's own, or of the catalogue.
func (b *builder) lookup(name string) (schema.Field, bool) {
	for _, f := range b.out.Fields {
		if f.Name == name {
			return f.Field, true
		}
	}
	return schema.Lookup(name)
}

// hasFieldsUnder reports whether the rule or the catalogue has fields below the name.
func (b *builder) hasFieldsUnder(name string) bool {
	return schema.HasFieldsUnder(name) || slices.ContainsFunc(b.out.Fields, func(f ir.Declared) bool { return strings.HasPrefix(f.Name, name+".") })
}
