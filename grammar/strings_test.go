package grammar

import (
	"strings"
	"testing"
)

// The place of a byte of a text of several lines is its line in the file, blanks aside.
func TestLineAt(t *testing.T) {
	for _, tt := range []struct{ text, mark, want string }{
		{"list a = [\"\"\"\n    one\n      two é\n    three\n    \"\"\"]\n", "two", "two é"},
		{"list a = [\"\"\"\r\n    one\r\n    three\r\n    \"\"\"]\r\n", "three", "three"},
		{"list a = [\"\"\"first\n  second\n  \"\"\"]\n", "second", "second"},
		{"list a = [\"one\\ntwo\"]\n", "two", `"one\ntwo"`},
		{"list a = ['one']\n", "one", "'one'"},
	} {
		f, diags := Parse("a.rule", []byte(tt.text))
		if diags.HasErrors() {
			t.Fatalf("%q: %v", tt.text, diags.Err())
		}
		s := f.Items[0].(*ListDecl).Inline.Items[0].(*String)
		at := s.LineAt(strings.Index(s.Value, tt.mark))
		if got := tt.text[at.Start.Offset:at.End.Offset]; got != tt.want {
			t.Errorf("%q: %q at %v", tt.text, got, at)
		}
		line := strings.Split(tt.text, "\n")[at.Start.Line-1]
		if got := line[at.Start.Col-1:]; !strings.HasPrefix(got, tt.want) {
			t.Errorf("%q: line %d, column %d is %q", tt.text, at.Start.Line, at.Start.Col, got)
		}
	}
}
