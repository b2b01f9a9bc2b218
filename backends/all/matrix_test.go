package all

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
)

// The generated page is the one that the tables give now.
func TestCapabilitiesAreCurrent(t *testing.T) {
	var b bytes.Buffer
	if err := NewMatrix(Backends).WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../CAPABILITIES.md")
	if err != nil {
		t.Fatal(err)
	}
	_, body, ok := strings.Cut(string(page), "-->\n\n")
	if !ok || body != b.String() {
		t.Error("backends/CAPABILITIES.md is not current: run go generate ./backends/all")
	}
}

// Every row of a table has as many cells as its head, whatever stands in them.
func TestMatrixMarkdown(t *testing.T) {
	var b bytes.Buffer
	if err := NewMatrix(Backends).WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	cells, rows := 0, 0
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, "|") {
			cells = 0
			continue
		}
		rows++
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if cells == 0 {
			cells = n
		}
		if n != cells || !strings.HasSuffix(line, "|") {
			t.Errorf("%d bars instead of %d: %s", n, cells, line)
		}
	}
	if rows < len(backends.Constructs)+len(backends.Assumptions)+len(Backends) {
		t.Errorf("only %d rows", rows)
	}
}

// Each output has the summary of each language for each construct.
func TestMatrixIsWhole(t *testing.T) {
	m := NewMatrix(Backends)
	var text bytes.Buffer
	if err := m.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if len(m.Constructs) != len(backends.Constructs) || len(m.Assumptions) != len(backends.Assumptions) {
		t.Fatalf("%d constructs, %d assumptions", len(m.Constructs), len(m.Assumptions))
	}
	for _, r := range m.Constructs {
		for i, l := range r.Levels {
			if l == "" || !strings.Contains(text.String(), l) {
				t.Errorf("%s in %s: %q", r.Construct, m.Languages[i].Lang, l)
			}
		}
	}
}

// Files of two languages can lie side by side.
func TestExtensions(t *testing.T) {
	for _, b := range Backends {
		if b.Extension == "" || strings.ContainsAny(b.Extension, "./\\ ") {
			t.Errorf("%s has the extension %q", b.Lang, b.Extension)
		}
	}
}

// The conditions of a bound rule are taken apart, in every language: each that the language can say has a query of its own,
// which the language's interpreter reads.
func TestLeaves(t *testing.T) {
	where, diags := ir.ParsePred("p", `(and (eq (field process.name) ["net.exe"]) (not (contains (field process.command_line) ["x y"])) (ge (hour (field @timestamp)) [22]))`)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	rule := &ir.Rule{Name: "r", Version: 1, From: []ir.ClassOn{{Class: "process.start", Source: "windows"}}, Where: where}
	for _, b := range Backends {
		t.Run(b.Lang, func(t *testing.T) {
			out, _ := Compile(rule, b, Options{})
			said, selecting, negated := 0, 0, 0
			for _, l := range out.Leaves() {
				if refused := l.Level.Kind == backends.Refuse; refused == (l.Query != "") {
					t.Errorf("%s: level %s, query %q", l.Text, l.Level.Kind, l.Query)
				}
				if l.Query == "" {
					continue
				}
				said++
				if _, diags := b.Language.Compile("leaf", l.Query); diags.HasErrors() {
					t.Errorf("%s: %v\n%s", l.Text, diags, l.Query)
				}
				if l.Selecting {
					selecting++
				}
				if l.Negated {
					negated++
				}
			}
			if said < 3 || selecting == 0 || negated == 0 {
				t.Errorf("%d conditions, %d of them selecting, %d negated", said, selecting, negated)
			}
		})
	}
	if leaves := (&Output{}).Leaves(); leaves != nil {
		t.Errorf("a rule that could not be bound has %v", leaves)
	}
}
