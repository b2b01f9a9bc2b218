package all

import (
	"fmt"
	"io"
	"strings"

	"github.com/onerule/onerule/backends"
)

//go:generate go run github.com/onerule/onerule/internal/gen/caps ../CAPABILITIES.md

// Matrix is what languages can say: the capability tables side by side, with what their outputs may assume and where the
// vendors' documents leave doubt. cmd/onerule/schema/caps.json describes its JSON form.
type Matrix struct {
	Languages   []MatrixLanguage   `json:"languages"`
	Constructs  []MatrixRow        `json:"constructs"`
	Assumptions []MatrixAssumption `json:"assumptions"`
}

// MatrixLanguage is one language of a matrix.
type MatrixLanguage struct {
	Lang     string        `json:"lang"`
	Platform string        `json:"platform"`
	Title    string        `json:"title"`
	Doubts   []MatrixDoubt `json:"doubts"`
}

// MatrixDoubt is a vendor behaviour that no source settles.
type MatrixDoubt struct {
	Name    string `json:"name"`
	Doc     string `json:"doc"`
	Default bool   `json:"default"`
}

// MatrixRow is one construct, with the summary of each language's row in the order of Matrix.Languages.
type MatrixRow struct {
	Construct string   `json:"construct"`
	Levels    []string `json:"levels"`
}

// MatrixAssumption is something that outputs may take for granted about events.
type MatrixAssumption struct {
	Name string `json:"name"`
	Doc  string `json:"doc"`
}

// NewMatrix lays out the tables of some languages.
func NewMatrix(langs []*backends.Backend) Matrix {
	m := Matrix{Languages: []MatrixLanguage{}}
	for _, b := range langs {
		l := MatrixLanguage{Lang: b.Lang, Platform: b.Platform, Title: b.Title, Doubts: []MatrixDoubt{}}
		for _, d := range b.Language.Doubts {
			l.Doubts = append(l.Doubts, MatrixDoubt{Name: d.Name, Doc: d.Doc, Default: d.Default})
		}
		m.Languages = append(m.Languages, l)
	}
	for _, c := range backends.Constructs {
		row := MatrixRow{Construct: string(c), Levels: []string{}}
		for _, b := range langs {
			row.Levels = append(row.Levels, b.Table[c].Summary)
		}
		m.Constructs = append(m.Constructs, row)
	}
	for _, a := range backends.Assumptions {
		m.Assumptions = append(m.Assumptions, MatrixAssumption{Name: a.Name, Doc: a.Doc})
	}
	return m
}

// WriteText writes the matrix for terminals: under each construct one line for each language.
func (m Matrix) WriteText(w io.Writer) error {
	var b strings.Builder
	width := 0
	for _, l := range m.Languages {
		width = max(width, len(l.Lang))
	}
	for _, r := range m.Constructs {
		if len(m.Languages) == 1 {
			fmt.Fprintf(&b, "%-55s %s\n", r.Construct, r.Levels[0])
			continue
		}
		fmt.Fprintln(&b, r.Construct)
		for i, l := range m.Languages {
			fmt.Fprintf(&b, "    %-*s  %s\n", width, l.Lang, r.Levels[i])
		}
	}
	b.WriteString("\nAssumptions\n")
	for _, a := range m.Assumptions {
		fmt.Fprintf(&b, "    %-12s %s\n", a.Name, a.Doc)
	}
	for _, l := range m.Languages {
		if len(l.Doubts) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\nDoubts of %s\n", l.Lang)
		for _, d := range l.Doubts {
			fmt.Fprintf(&b, "    %s (believed: %s)\n        %s\n", d.Name, onOff(d.Default), d.Doc)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteMarkdown writes the matrix as a Markdown page.
func (m Matrix) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# What each language can say\n\nFor each construct of rules: how a language says it, and at which level. Without a word about the level it is exact.\n\n")
	b.WriteString("| Construct |")
	for _, l := range m.Languages {
		b.WriteString(" " + l.Lang + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(m.Languages)) + "\n")
	for _, r := range m.Constructs {
		b.WriteString("| " + cellMarkdown(r.Construct) + " |")
		for _, level := range r.Levels {
			b.WriteString(" " + cellMarkdown(level) + " |")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n## Languages\n\n| Name | Language | Platform |\n|---|---|---|\n")
	for _, l := range m.Languages {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", l.Lang, cellMarkdown(l.Title), l.Platform)
	}
	b.WriteString("\n## Assumptions\n\nAn output at level *assume* means the rule on events for which these hold; each output names its own.\n\n| Name | What is assumed |\n|---|---|\n")
	for _, a := range m.Assumptions {
		fmt.Fprintf(&b, "| %s | %s |\n", a.Name, cellMarkdown(a.Doc))
	}
	b.WriteString("\n## Doubts\n\nVendor behaviours that no document settles. `onerule verify` runs each query with each of them either way, and names those that its answer depends on.\n\n| Language | Name | Behaviour | Believed |\n|---|---|---|---|\n")
	for _, l := range m.Languages {
		for _, d := range l.Doubts {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", l.Lang, d.Name, cellMarkdown(d.Doc), onOff(d.Default))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cellMarkdown keeps a text inside one cell of a table: GitHub reads \| as a bar, also inside code spans.
func cellMarkdown(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s)
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
