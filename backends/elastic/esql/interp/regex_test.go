package interp

import (
	"strings"
	"testing"
)

// TestPatterns: the backtracking engine against what Java and Oniguruma document.
func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		java       bool
		re, s      string
		start, end int // −1 for no match
	}{
		{true, "b+", "abbc", 1, 3},
		{true, "b+?", "abbc", 1, 2},
		{true, "a|ab", "ab", 0, 1},
		{true, "^b", "ab", -1, 0},
		{true, "(?m)^b", "a\nb", 2, 3},
		{false, "^b", "a\nb", 2, 3},
		{true, "b$", "ab\n", 1, 2},
		{true, `b\z`, "ab\n", -1, 0},
		{true, "a.c", "a\nc", -1, 0},
		{true, "(?s)a.c", "a\nc", 0, 3},
		{false, "(?m)a.c", "a\nc", 0, 3},
		{true, "(?i)ab", "xAB", 1, 3},
		{true, "(?i:a)b", "AB", -1, 0},
		{true, `\bcat\b`, "a cat.", 2, 5},
		{true, "(?<=a)b", "ab", 1, 2},
		{true, "(?<!a)b", "ab", -1, 0},
		{true, "a(?=b)", "ab", 0, 1},
		{true, "a(?!b)", "ab", -1, 0},
		{true, "(?>a*)ab", "aaab", -1, 0},
		{true, "a*+ab", "aaab", -1, 0},
		{true, `(a)(b)\2\1`, "abba", 0, 4},
		{true, `(?<x>a)\k<x>`, "aa", 0, 2},
		{true, `\d{2,3}`, "12345", 0, 3},
		{true, `[^\d\s]+`, "1 ab", 2, 4},
		{true, "[a-z&&[^b]]+", "bacd", 1, 4},
		{false, "[[:alpha:]_]+", "1a_b", 1, 4},
		{true, `\p{Lu}+`, "aÄB", 1, 4},
		{true, `\x41\u0042\t`, "AB\t", 0, 3},
		{true, `\Qa.b\E`, "axb a.b", 4, 7},
		{true, `[]a]+`, "x]a", 1, 3},
		{true, "", "x", 0, 0},
		{true, "(?x)a b # c", "ab", 0, 2},
		{false, "a{,2}b", "aab", 0, 3},
		{false, "a{x", "a{x", 0, 3},
		{true, "(a|b)*c", "abac", 0, 4},
		{true, "(?:)*x", "x", 0, 1},
		{true, "ä+", "xää", 1, 5},
	} {
		p, err := compilePattern(c.re, c.java)
		if err != nil {
			t.Errorf("%s: %v", c.re, err)
			continue
		}
		caps, err := p.find(c.s, 0)
		if err != nil || (caps == nil) != (c.start < 0) || caps != nil && (caps[0] != c.start || caps[1] != c.end) {
			t.Errorf("%q in %q: %v %v, want %d-%d", c.re, c.s, caps, err, c.start, c.end)
		}
	}
	for _, re := range []string{"(", ")", "[a", "a{2", "*a", `\`, "(?<", "(?<a", "a{3,1}", `\p{Nope}`, "(?z)", `\k<a>`, "[b-a]", strings.Repeat("(", 1000)} {
		if _, err := compilePattern(re, true); err == nil {
			t.Errorf("%q compiles", re)
		}
	}
}

// TestGrokPatterns: every named pattern compiles, and the common ones match what they name.
func TestGrokPatterns(t *testing.T) {
	for n := range grokPatterns {
		if _, err := compileGrok("%{" + n + ":x}"); err != nil {
			t.Errorf("%s: %v", n, err)
		}
	}
	for _, c := range []struct{ pattern, s, want string }{
		{"IP", "src=10.1.2.3;", "10.1.2.3"},
		{"IP", "x fe80::1 y", "fe80::1"},
		{"IPV4", "1.2.3.256 9.8.7.6", "9.8.7.6"},
		{"NUMBER", "a -1.5", "-1.5"},
		{"WORD", "  foo bar", "foo"},
		{"UUID", "x 01234567-89ab-cdef-0123-456789abcdef", "01234567-89ab-cdef-0123-456789abcdef"},
		{"EMAILADDRESS", "<a.b@c.de>", "a.b@c.de"},
		{"TIMESTAMP_ISO8601", "at 2024-01-02T03:04:05.678Z", "2024-01-02T03:04:05.678Z"},
		{"QS", `say "a \"b\""`, `"a \"b\""`},
		{"URI", "GET http://a.b:80/c?d=e HTTP", "http://a.b:80/c?d=e"},
		{"WINPATH", `run C:\Windows\x.exe`, `C:\Windows\x.exe`},
		{"MAC", "x 00:1B:44:11:3A:B7", "00:1B:44:11:3A:B7"},
		{"SYSLOGTIMESTAMP", "Jan  2 03:04:05 h", "Jan  2 03:04:05"},
		{"HOSTNAME", "host-1.example.org", "host-1.example.org"},
		{"UNIXPATH", "cat /etc/passwd", "/etc/passwd"},
		{"LOGLEVEL", "[WARN] x", "WARN"},
		{"HTTPDATE", "[10/Oct/2000:13:55:36 -0700]", "10/Oct/2000:13:55:36 -0700"},
	} {
		g, err := compileGrok("%{" + c.pattern + ":x}")
		if err != nil {
			t.Fatal(err)
		}
		caps, err := g.p.find(c.s, 0)
		if err != nil || caps == nil || c.s[caps[2]:caps[3]] != c.want {
			t.Errorf("%s in %q: %v %v", c.pattern, c.s, caps, err)
		}
	}
}

// FuzzPattern: no pattern or text makes the engine panic.
func FuzzPattern(f *testing.F) {
	f.Add("(a|b)*?c(?=d)", "abcd", true)
	f.Add(`\p{L}[[:alpha:]&&[^x]]{1,3}+`, "äbx", false)
	f.Add(`[[:]x]`, ":", true)
	f.Fuzz(func(t *testing.T, re, s string, java bool) {
		p, err := compilePattern(re, java)
		if err != nil {
			return
		}
		if caps, err := p.find(s, 0); err == nil && caps != nil && (caps[0] < 0 || caps[1] > len(s) || caps[0] > caps[1]) {
			t.Fatalf("%q in %q: %v", re, s, caps)
		}
	})
}
