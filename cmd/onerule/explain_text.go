package main

import (
	"fmt"
	"io"
	"strings"
)

// writeExplanations writes what explain found out for people.
func writeExplanations(w io.Writer, rules []*explainJSON) error {
	var b strings.Builder
	for i, r := range rules {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s v%d (%s:%d)\n", r.Rule, r.Version, r.File, r.Line)
		if r.Title != "" {
			fmt.Fprintf(&b, "%s\n", r.Title)
		}
		for _, e := range r.Events {
			writeEvent(&b, e)
		}
		for _, l := range r.Languages {
			writeLanguage(&b, l)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeEvent(b *strings.Builder, e eventJSON) {
	fmt.Fprintf(b, "\n%s: ", e.Event)
	if e.Tree == nil {
		fmt.Fprintf(b, "%s\n", e.Note)
		return
	}
	verdict := map[bool]string{true: "a finding", false: "no finding"}[e.Found]
	if e.Note != "" { // the rule is about several events
		verdict = map[bool]string{true: "takes part", false: "takes no part"}[e.Found]
	}
	fmt.Fprintf(b, "%s; %s on %s, read as %s\n%s", verdict, e.Class, e.Source, e.Binding, indent(e.Tree.String()))
}

func writeLanguage(b *strings.Builder, l explainLang) {
	if len(l.Parts) > 0 {
		b.WriteString("\n")
	}
	fmt.Fprintf(b, "  %-8s %s", l.Lang, l.Level)
	if len(l.Assumptions) > 0 {
		fmt.Fprintf(b, " %s", strings.Join(l.Assumptions, " "))
	}
	if l.Type != "" {
		fmt.Fprintf(b, " (as a rule of type %s)", l.Type)
	}
	b.WriteString("\n")
	for _, r := range l.Reasons {
		fmt.Fprintf(b, "           %s\n", r)
	}
	for _, p := range l.Parts {
		fmt.Fprintf(b, "\n  %s: %s", p.Binding, p.Class)
		if p.Table != "" {
			fmt.Fprintf(b, " in %s", p.Table)
		}
		b.WriteString("\n")
		previous := ""
		for _, c := range p.Conditions {
			if head := leafHead(c); head != previous {
				previous = head
				fmt.Fprintf(b, "    %s\n", head)
			}
			writeLeaf(b, c)
		}
	}
	if l.Query != "" {
		fmt.Fprintf(b, "\n  the whole query:\n%s", indent(l.Query))
	}
}

func leafHead(c explainLeaf) string {
	if c.Line == 0 {
		return "selects the events:"
	}
	return fmt.Sprintf("line %d: %s", c.Line, c.Text)
}

func writeLeaf(b *strings.Builder, c explainLeaf) {
	not := ""
	if c.Negated {
		not = "not "
	}
	fmt.Fprintf(b, "      %s%s: %s", not, c.Construct, c.Level)
	if len(c.Assumptions) > 0 {
		fmt.Fprintf(b, " %s", strings.Join(c.Assumptions, " "))
	}
	if c.Why != "" {
		fmt.Fprintf(b, " (%s)", c.Why)
	}
	if c.Instead != "" {
		fmt.Fprintf(b, "; %s", c.Instead)
	}
	b.WriteString("\n")
	if c.Query != "" {
		fmt.Fprintf(b, "        %s\n", strings.ReplaceAll(c.Query, "\n", "\n        "))
	}
}
