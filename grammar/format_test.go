package grammar

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/onerule/onerule/diag"
)

// mustFormat formats a text that has no faults, and checks what holds for every text: formatting again changes nothing,
// the tree stays the same, and no comment is lost.
func mustFormat(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string,
) string {
	t.Helper()
	before, ds := Parse("test.rule", []byte(text))
	if ds.HasErrors() {
		t.Fatalf("does not parse: %v\n%s", ds, text)
	}
	out, ds := Format("test.rule", []byte(text))
	if ds.HasErrors() {
		t.Fatalf("does not format: %v", ds)
	}
	after, ds := Parse("test.rule", out)
	if ds.HasErrors() {
		t.Fatalf("formatted text does not parse: %v\n%s\n--- from\n%s", ds, out, text)
	}
	if d := difference(before, after); d != "" {
		t.Fatalf("formatting changes the tree: %s\n--- from\n%s\n--- to\n%s", d, text, out)
	}
	again, _ := Format("test.rule", out)
	if string(again) != string(out) {
		t.Fatalf("formatting is not stable\n--- from\n%s\n--- first\n%s\n--- second\n%s", text, out, again)
	}
	if a, b := commentTexts(before), commentTexts(after); a != b {
		t.Fatalf("comments changed: %q, then %q\n%s", a, b, out)
	}
	for i, line := range strings.Split(string(out), "\n") {
		if strings.TrimRight(line, " \t") != line && !strings.Contains(text, `"""`) {
			t.Fatalf("line %d ends with white space\n%s", i+1, out)
		}
	}
	return string(out)
}

func commentTexts(f *File) string {
	var all []string
	for _, c := range f.Comments {
		all = append(all, c.Text)
	}
	return strings.Join(all, "\n")
}

// difference compares two trees without the places and the spelling of texts; "" when they are the same.
func difference(a, b *File) string {
	for i := range max(len(a.Items), len(b.Items)) {
		if i >= len(a.Items) || i >= len(b.Items) {
			return "the number of items"
		}
		if d := diff(reflect.ValueOf(a.Items[i]), reflect.ValueOf(b.Items[i]), "item"); d != "" {
			return d
		}
	}
	return ""
}

var spanType = reflect.TypeFor[diag.Span]()

func diff(a, b reflect.Value, path string) string {
	a, b = withoutParen(a), withoutParen(b)
	if a.Kind() != b.Kind() || a.Type() != b.Type() {
		return path + ": another kind"
	}
	switch k := a.Kind(); {
	case k == reflect.Pointer, k == reflect.Interface:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				return path + ": nil"
			}
			return ""
		}
		return diff(a.Elem(), b.Elem(), path)
	case k == reflect.Slice:
		if a.Len() != b.Len() {
			return path + ": another length"
		}
		for i := range a.Len() {
			if d := diff(a.Index(i), b.Index(i), path+"[]"); d != "" {
				return d
			}
		}
	case k == reflect.Struct:
		if a.Type() == spanType {
			return ""
		}
		for i := range a.NumField() {
			f := a.Type().Field(i)
			if f.Name == "phases" || f.Name == "Text" && a.Type() == reflect.TypeFor[Duration]() || a.Type() == reflect.TypeFor[String]() && f.Name == "Raw" {
				continue
			}
			if d := diff(a.Field(i), b.Field(i), path+"."+f.Name); d != "" {
				return d
			}
		}
	default:
		if !a.Equal(b) {
			return path + ": another value"
		}
	}
	return ""
}

// withoutParen reads over parentheses: the printer adds those that a tree made by a program needs.
func withoutParen(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Interface && !v.IsNil() && v.Elem().Type() == reflect.TypeFor[*Paren]() {
		v = v.Elem().Elem().FieldByName("X")
	}
	return v
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCanonicalIsCanonical(t *testing.T) {
	text := readFile(t, "canonical.rule")
	got := mustFormat(t, text)
	if got != text {
		t.Errorf("canonical.rule is not in canonical form; it would be\n%s", lineDiff(text, got))
	}
}

// lineDiff shows the lines that differ.
func lineDiff(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	var out strings.Builder
	for i := range max(len(x), len(y)) {
		var l, r string
		if i < len(x) {
			l = x[i]
		}
		if i < len(y) {
			r = y[i]
		}
		if l != r {
			out.WriteString("- " + l + "\n+ " + r + "\n")
		}
	}
	return out.String()
}
