package lucene

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWildcard(t *testing.T) {
	tests := []struct {
		pattern string
		fold    bool
		s       string
		want    bool
	}{
		{"a*c", false, "abbc", true},
		{"a*c", false, "ac", true},
		{"a*c", false, "abcd", false},
		{"*", false, "", true},
		{"", false, "", true},
		{"", false, "a", false},
		{"?", false, "", false},
		{"?", false, "😀", true},
		{"?*", false, "x", true},
		{"a?c", false, "abc", true},
		{"a?c", false, "ac", false},
		{`a\*c`, false, "a*c", true},
		{`a\*c`, false, "abc", false},
		{`a\?c`, false, "a?c", true},
		{`a\\*`, false, `a\b`, true},
		{`a\`, false, `a\`, true},
		{`a\b`, false, "ab", true},
		{"*a*b*", false, "xxaxxbxx", true},
		{"*a*b*", false, "xxbxxaxx", false},
		{"A*", false, "abc", false},
		{"A*C", true, "abc", true},
		{"ä*", true, "Äb", false},
		{"K", true, "k", true},
		{"K", true, "\u212a", false},
		{"a*\nb", false, "a\n\nb", true},
	}
	for _, tt := range tests {
		if got := CompileWildcard(tt.pattern, tt.fold).Match(tt.s); got != tt.want {
			t.Errorf("%q (fold %v) on %q: %v", tt.pattern, tt.fold, tt.s, got)
		}
	}
	if !CompileLike(`*\foo?`, false).Match(`x\foo1`) || CompileLike(`a\*`, false).Match("a*") || !CompileLike(`a\*`, false).Match(`a\`) {
		t.Error("a backslash is an escape in a like pattern")
	}
}

func TestWildcardAgainstRegexp(t *testing.T) {
	alphabet := rapid.SampledFrom([]rune(`ab*?\`))
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringOfN(alphabet, 0, 8, -1).Draw(t, "pattern")
		s := rapid.StringOfN(alphabet, 0, 10, -1).Draw(t, "s")
		re := regexp.MustCompile(`(?s)\A` + strings.NewReplacer(`\`, `\\`, "*", ".*", "?", ".").Replace(pattern) + `\z`)
		if got, want := CompileLike(pattern, false).Match(s), re.MatchString(s); got != want {
			t.Fatalf("%q on %q: %v", pattern, s, got)
		}
		if !CompileWildcard(EscapeWildcard(s), false).Match(s) {
			t.Fatalf("the escaped form of %q does not fit it", s)
		}
		if s2 := s + "b"; CompileWildcard(EscapeWildcard(s), false).Match(s2) {
			t.Fatalf("the escaped form of %q fits %q", s, s2)
		}
	})
}

func TestEqualFold(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{{"Ab", "aB", true}, {"a", "b", false}, {"k", "\u212a", false}, {"Ä", "ä", false}, {"@", "`", false}, {"[", "{", false}, {"", "", true}, {"a", "ab", false}} {
		if EqualFold(tt.a, tt.b) != tt.want {
			t.Errorf("%q, %q", tt.a, tt.b)
		}
	}
}

func BenchmarkWildcard(b *testing.B) {
	w := CompileWildcard(`*\\appdata\\*.exe`, true)
	s := `C:\Users\eve\AppData\Local\Temp\payload.exe`
	b.ReportAllocs()
	for range b.N {
		w.Match(s)
	}
}
