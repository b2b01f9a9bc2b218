package diag

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/sebdah/goldie/v2"
	"pgregory.net/rapid"
)

// sample has every part that a renderer shows.
func sample() (*Source, List) {
	src := NewSource("rules/a b.rule", strings.Join([]string{
		"rule a v1 {",
		"\twhere 名前 == \"値\" and process.nmae == 1",
		"  param x: int = 1 // " + strings.Repeat("long ", 40) + "end",
		"  where $x == \"\"\"",
		"    two",
		"    \"\"\" and y",
		"\x1b[31m  e\u0301 == \u202etxt",
		"}", "",
	}, "\n"))
	other := NewSource("rules/other.rule", "param x: int = 2\n")
	at := func(s *Source, text string) Span {
		i := strings.Index(s.Text, text)
		return s.Span(i, i+len(text))
	}
	list := List{
		{Code: SyntaxUnexpected, Title: "a title", Span: at(src, "値"), Label: "wide letters", Help: []string{"do this", "or\nthat"}},
		{
			Code: SyntaxName, Title: "unknown field `process.nmae`", Span: at(src, "process.nmae"), Label: "not in the catalogue", Notes: []string{"100% sure, really: yes"},
			Help: []string{"a field with a similar name exists: `process.name`"}, Fix: []Edit{{at(src, "process.nmae"), "process.name"}},
		},
		{
			Code: SyntaxTwice, Title: "`x` is given twice", Span: at(src, "x: int"), Label: "the second time",
			Related: []Label{{at(src, "$x"), "used here"}, {at(other, "x: int"), "the first time"}},
		},
		{Code: SyntaxString, Title: "far to the right", Span: at(src, "end"), Label: "here"},
		{Code: SyntaxBracket, Title: "over several lines", Span: at(src, "\"\"\"\n    two\n    \"\"\""), Label: "all of this"},
		{Code: SyntaxName, Title: "unknown field `process.nmae`", Span: at(src, "y"), Label: "again"},
		{Code: SyntaxCharacter, Title: "escape \x1b[2J in a title", Span: at(src, "txt"), Label: "behind letters that a terminal would obey"},
		{Code: "W1999", Severity: Warning, Title: "a warning without a place", Help: []string{"nothing to do"}},
		{Code: SyntaxTooLarge, Title: "a file without a place in it", Span: Span{File: "big.rule"}},
	}
	return src, list
}

func textOf(list List, src *Source, opt TextOptions) string {
	opt.Source = func(file string) *Source {
		if file == src.Name {
			return src
		}
		if file == "rules/other.rule" {
			return NewSource(file, "param x: int = 2\n")
		}
		return nil
	}
	var out bytes.Buffer
	if err := WriteText(&out, list, opt); err != nil {
		return err.Error()
	}
	return out.String()
}

func golden(t *testing.T, name string, got string) {
	t.Helper()
	goldie.New(t, goldie.WithFixtureDir("testdata"), goldie.WithNameSuffix("")).Assert(t, name, []byte(got))
}

func TestWriteText(t *testing.T) {
	src, list := sample()
	golden(t, "sample.txt", textOf(list, src, TextOptions{}))
	golden(t, "sample_color.txt", textOf(list[:3], src, TextOptions{Color: true}))
	golden(t, "sample_narrow.txt", textOf(list, src, TextOptions{Width: 40}))
	var out bytes.Buffer
	if err := WriteText(&out, list, TextOptions{}); err != nil || strings.Contains(out.String(), "^") {
		t.Errorf("without sources: %v\n%s", err, out.String())
	}
	if got := textOf(nil, src, TextOptions{}); got != "" {
		t.Errorf("nothing is %q", got)
	}
}

func TestSummary(t *testing.T) {
	_, list := sample()
	if got := Summary(list); got != "8 errors, 1 warning" {
		t.Errorf("got %q", got)
	}
	if got := Summary(nil); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestWriteJSON(t *testing.T) {
	_, list := sample()
	var out bytes.Buffer
	if err := WriteJSON(&out, list); err != nil {
		t.Fatal(err)
	}
	golden(t, "sample.json", out.String())
	schema, err := jsonschema.NewCompiler().Compile("diagnostics.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Error(err)
	}
	out.Reset()
	if err := WriteJSON(&out, nil); err != nil || !strings.Contains(out.String(), `"diagnostics": []`) {
		t.Errorf("an empty list is %s, %v", out.String(), err)
	}
}

func TestWriteGitHub(t *testing.T) {
	_, list := sample()
	var out bytes.Buffer
	if err := WriteGitHub(&out, list); err != nil {
		t.Fatal(err)
	}
	golden(t, "sample.github", out.String())
	if n := strings.Count(out.String(), "\n"); n != len(list) {
		t.Errorf("%d lines for %d diagnostics", n, len(list))
	}
}

func TestWriteSARIF(t *testing.T) {
	_, list := sample()
	var out bytes.Buffer
	if err := WriteSARIF(&out, list, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	golden(t, "sample.sarif", out.String())
	checkSARIF(t, out.Bytes(), list)
	out.Reset()
	if err := WriteSARIF(&out, nil, ""); err != nil {
		t.Fatal(err)
	}
	checkSARIF(t, out.Bytes(), nil)
}

// checkSARIF checks what the SARIF standard requires of the properties in use.
func checkSARIF(t *testing.T, text []byte, list List) {
	t.Helper()
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct{ ID string }
				}
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Message   struct{ Text string }
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           *struct{ StartLine, StartColumn, EndLine, EndColumn int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(text, &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 || log.Runs[0].Tool.Driver.Name == "" || len(log.Runs[0].Results) != len(list) {
		t.Fatalf("%+v", log)
	}
	for i, r := range log.Runs[0].Results {
		if r.RuleID != string(list[i].Code) || log.Runs[0].Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID || r.Message.Text == "" {
			t.Errorf("result %d: %+v", i, r)
		}
		if r.Level != "error" && r.Level != "warning" && r.Level != "note" {
			t.Errorf("level %q", r.Level)
		}
		for _, l := range r.Locations {
			if u, err := url.Parse(l.PhysicalLocation.ArtifactLocation.URI); err != nil || u.Scheme != "" || strings.ContainsAny(u.String(), " \\") {
				t.Errorf("uri %q: %v", l.PhysicalLocation.ArtifactLocation.URI, err)
			}
			if g := l.PhysicalLocation.Region; g != nil && (g.StartLine < 1 || g.StartColumn < 1 || g.EndLine < g.StartLine || g.EndColumn < 1) {
				t.Errorf("region %+v", *g)
			}
		}
	}
}

// Each underline stands below its text: the columns agree, whatever stands before it.
func TestUnderlineAligns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.StringMatching("[a-z\t 名é]{0,200}").Draw(t, "before")
		after := rapid.StringMatching("[a-z 名]{0,200}").Draw(t, "after")
		src := NewSource("f", before+"XYZ"+after)
		list := List{{Code: SyntaxName, Title: "t", Span: src.Span(len(before), len(before)+3), Label: "l"}}
		lines := strings.Split(textOf(list, src, TextOptions{Width: 60}), "\n")
		text, marks := lines[2], lines[3]
		at := strings.Index(text, "XYZ")
		if at < 0 {
			t.Fatalf("the place is not shown: %q", text)
		}
		if a, b := screenWidth(text[:at]), screenWidth(marks[:strings.Index(marks, "^^^ l")]); a != b {
			t.Fatalf("text at %d, marks at %d\n%s\n%s", a, b, text, marks)
		}
		if w := screenWidth(text); w > 60+len("1 | ")+2 {
			t.Fatalf("%d columns: %q", w, text)
		}
	})
}

func screenWidth(s string) int {
	n := 0
	for _, r := range s {
		_, w := cellOf(r, n)
		n += w
	}
	return n
}

// Rendering ends, never panics and never writes what a terminal obeys.
func FuzzWriteText(f *testing.F) {
	f.Add("rule a v1 {\n\twhere x\n}", 3, 9, 40)
	f.Add("é\u202e\x1b名\r\n\tx", 1, 100, 10)
	f.Fuzz(func(t *testing.T, text string, from, to, width int) {
		src := NewSource("f", text)
		list := List{{Code: SyntaxName, Title: text, Span: src.Span(from, to), Label: text, Help: []string{text}, Related: []Label{{src.Span(to, from), text}}}}
		out := textOf(list, src, TextOptions{Width: width % 500})
		if !utf8.ValidString(out) || strings.ContainsAny(out, "\x1b\r\u202e\x00") {
			t.Fatalf("%q", out)
		}
	})
}

func TestApplyFixes(t *testing.T) {
	src := NewSource("f", "a = b && c = d")
	edit := func(from, to int, text string) []Edit { return []Edit{{src.Span(from, to), text}} }
	list := List{
		{Code: SyntaxOperator, Title: "2", Span: src.Span(6, 8), Fix: edit(6, 8, "and")},
		{Code: SyntaxAssign, Title: "1", Span: src.Span(2, 3), Fix: edit(2, 3, "==")},
		{Code: SyntaxAssign, Title: "overlaps", Span: src.Span(6, 8), Fix: edit(5, 8, "or")},
		{Code: SyntaxAssign, Title: "no fix", Span: src.Span(6, 8)},
		{Code: SyntaxAssign, Title: "another file", Span: src.Span(6, 8), Fix: []Edit{{Span{File: "g", Start: Pos{0, 1, 1}, End: Pos{1, 1, 2}}, "x"}}},
		{Code: SyntaxAssign, Title: "out of the text", Span: src.Span(6, 8), Fix: []Edit{{Span{File: "f", Start: Pos{90, 1, 91}, End: Pos{95, 1, 96}}, "x"}}},
	}
	text, n := ApplyFixes("f", src.Text, list)
	if text != "a == bor c = d" || n != 2 {
		t.Errorf("got %q, %d", text, n)
	}
	if text, n := ApplyFixes("f", "abc", nil); text != "abc" || n != 0 {
		t.Errorf("got %q, %d", text, n)
	}
}

func TestJSONFieldsOfDiagnostic(t *testing.T) {
	b, err := json.Marshal(jsonDiagnostic{"error", Diagnostic{Code: "E0101", Title: "t"}})
	if err != nil || !strings.Contains(string(b), `"severity":"error"`) || !strings.Contains(string(b), `"code":"E0101"`) {
		t.Errorf("got %s, %v", b, err)
	}
}
