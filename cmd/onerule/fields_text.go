package main

import (
	"fmt"
	"io"
	"strings"
)

// text writes the answer for people.
func (a *fieldsAnswer) text(w io.Writer) error {
	var b strings.Builder
	section := func(title string, n int) {
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s (%d)\n", title, n)
	}
	if len(a.Sources) > 0 {
		section("Sources", len(a.Sources))
		for _, s := range a.Sources {
			fmt.Fprintf(&b, "  %-12s %s\n", s.Name, s.Title)
		}
	}
	if len(a.Classes) > 0 {
		section("Event classes", len(a.Classes))
		for _, c := range a.Classes {
			fmt.Fprintf(&b, "  %-24s %s (on %s)\n", c.Name, c.Doc, strings.Join(c.Sources, ", "))
		}
	}
	if len(a.Bindings) > 0 {
		section("Bindings", len(a.Bindings))
		for _, x := range a.Bindings {
			x.text(&b)
		}
	}
	if len(a.Fields) > 0 {
		section("Fields", len(a.Fields))
		for _, f := range a.Fields {
			typ := f.Type
			if f.Array {
				typ += "[]"
			}
			fmt.Fprintf(&b, "%s\n", strings.TrimRight(fmt.Sprintf("  %-48s %-10s %s", f.Name, typ, f.Doc), " "))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (x bindingJSON) text(b *strings.Builder) {
	langs := ""
	if len(x.Languages) > 0 {
		langs = ", for " + strings.Join(x.Languages, ", ")
	}
	standard := ""
	if x.Default {
		standard = ", default"
	}
	fmt.Fprintf(b, "  %s: %s (%s on %s%s%s)\n", x.Name, x.Title, x.Source, x.Platform, langs, standard)
	var names []string
	for _, c := range x.Classes {
		names = append(names, c.Class)
	}
	if len(x.Classes) > 0 && x.Classes[0].Fields == nil && x.Classes[0].Select == nil {
		fmt.Fprintf(b, "      %s\n", strings.Join(names, " "))
		return
	}
	for _, c := range x.Classes {
		fmt.Fprintf(b, "    %s", c.Class)
		if c.Table != "" {
			fmt.Fprintf(b, " in %s", c.Table)
		}
		for i, s := range c.Select {
			word := " where"
			if i > 0 {
				word = " and"
			}
			fmt.Fprintf(b, "%s %s is %s", word, s.Native, strings.Join(s.Values, " or "))
		}
		b.WriteString("\n")
		for _, f := range c.Fields {
			from := strings.Join(f.Native, ", ")
			if f.How != "" && from != "" {
				from += "   "
			}
			fmt.Fprintf(b, "      %-36s %s%s\n", f.Field, from, f.How)
		}
	}
}
