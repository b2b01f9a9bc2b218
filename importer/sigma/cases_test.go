package sigma

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir/lower"
)

// The cases of testdata/cases stand one after the other: `== NAME`, Sigma text, `--`, what becomes of it. A text that has no
// `title` is the inside of `detection`; a line `@product/category/service` before it chooses the log source.

type testCase struct{ name, input, want string }

var caseHead = regexp.MustCompile(`(?m)^== (.*)\n`)

func readCases(t testing.TB, file string) []testCase {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	heads := caseHead.FindAllStringSubmatchIndex(text, -1)
	var out []testCase
	for i, h := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		input, want, _ := strings.Cut(text[h[1]:end], "\n--\n")
		out = append(out, testCase{text[h[2]:h[3]], strings.TrimRight(input, "\n") + "\n", strings.TrimSpace(want)})
	}
	return out
}

// sigmaText is the whole file of a case.
func sigmaText(input string) string {
	if strings.HasPrefix(input, "title:") || strings.Contains(input, "\ntitle:") || strings.HasPrefix(input, "%") {
		return strings.TrimPrefix(input, "%\n")
	}
	ls := []string{"windows", "process_creation", "-"}
	if first, rest, ok := strings.Cut(input, "\n"); ok && strings.HasPrefix(first, "@") {
		ls, input = strings.Split(first[1:], "/"), rest
	}
	var b strings.Builder
	b.WriteString("title: a\nlogsource:\n")
	for i, key := range []string{"product", "category", "service"} {
		if ls[i] != "-" {
			b.WriteString("    " + key + ": " + ls[i] + "\n")
		}
	}
	b.WriteString("detection:\n")
	if !strings.Contains(input, "condition:") {
		b.WriteString("    selection:\n" + indent(input, "        ") + "    condition: selection\n")
	} else {
		b.WriteString(indent(input, "    "))
	}
	return b.String()
}

func indent(s, by string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if strings.TrimSpace(line) != "" {
			b.WriteString(by)
		}
		b.WriteString(line)
	}
	return b.String()
}

// outcome is what a text becomes: the clauses behind the metadata, and what is said about it. The rule must parse as it is
// printed, be in canonical form, and mean something.
func outcome(t *testing.T, text string, opts Options, rendered bool) string {
	t.Helper()
	f, diags := Parse("a.yml", []byte(text))
	g, more := NewCollection([]*File{f}, opts).Convert(f)
	diags = append(diags, more...)
	printed := grammar.Print(g)
	again, faults := grammar.Parse("a.rule", printed)
	if faults.HasErrors() {
		t.Errorf("the printed rule does not parse: %v\n%s", faults.Err(), printed)
	} else if twice := string(grammar.Print(again)); twice != string(printed) {
		t.Errorf("the printed rule is not canonical:\n%s\n%s", printed, twice)
	}
	_, faults = lower.Rules(again, lower.Options{})
	for _, d := range faults {
		if d.Code != diag.BadParam {
			d.Span = diag.Span{File: "a.rule"}
			diags = append(diags, d)
		}
	}
	opts.Places = true
	placed, _ := NewCollection([]*File{f}, opts).Convert(f)
	if len(placed.Items) != len(g.Items) {
		t.Errorf("%d rules with places, %d without", len(placed.Items), len(g.Items))
	}
	checkPlaces(t, f, placed)
	var b strings.Builder
	src := diag.NewSource("a.yml", text)
	for _, d := range diags.Sort() {
		if rendered {
			_ = diag.WriteText(&b, diag.List{d}, diag.TextOptions{Source: func(name string) *diag.Source {
				if name == "a.yml" {
					return src
				}
				return nil
			}})
		} else {
			b.WriteString(d.Brief() + "\n")
		}
	}
	for _, item := range g.Items {
		if r, ok := item.(*grammar.Rule); ok {
			r.Clauses = r.Clauses[1:]
			b.Write(grammar.Print(&grammar.File{Items: []grammar.Item{r}}))
		}
	}
	return strings.TrimSpace(b.String())
}

// checkPlaces makes sure that clauses point into the text.
func checkPlaces(t *testing.T, f *File, g *grammar.File) {
	t.Helper()
	for _, item := range g.Items {
		r, ok := item.(*grammar.Rule)
		if !ok {
			continue
		}
		for _, c := range r.Clauses {
			_, emit := c.(*grammar.Emit)
			if _, when := c.(*grammar.When); emit || when {
				continue
			}
			if s := c.Pos(); !s.IsValid() || s.File != f.Name || s.End.Offset > len(f.Text) {
				t.Errorf("%T has the place %+v", c, s)
			}
		}
	}
}

func runCases(t *testing.T, file string, rendered bool) {
	cases := readCases(t, file)
	update := os.Getenv("GOLDIE_UPDATE") != ""
	var all strings.Builder
	seen := map[string]bool{}
	for _, c := range cases {
		if seen[c.name] {
			t.Errorf("the case %q stands twice", c.name)
		}
		seen[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			got := outcome(t, sigmaText(c.input), Options{}, rendered)
			all.WriteString("== " + c.name + "\n" + c.input + "--\n" + got + "\n\n")
			if got != c.want && !update {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
	if update {
		if err := os.WriteFile(file, []byte(strings.TrimRight(all.String(), "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) { runCases(t, f, false) })
	}
}

// Rules broken on purpose: the whole messages.
func TestBroken(t *testing.T) {
	cases := readCases(t, "testdata/broken.txt")
	if len(cases) < 100 {
		t.Errorf("%d kinds of broken rules", len(cases))
	}
	runCases(t, "testdata/broken.txt", true)
	if os.Getenv("GOLDIE_UPDATE") != "" {
		return
	}
	for _, c := range cases {
		if !strings.Contains(c.want, "[E10") && !strings.Contains(c.want, "[W1001]") {
			t.Errorf("%s: nothing is said about it", c.name)
		}
		if !strings.Contains(c.want, "= help: ") {
			t.Errorf("%s: no help", c.name)
		}
	}
}
