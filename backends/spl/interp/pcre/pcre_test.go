package pcre

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// find returns the texts of the groups of the leftmost match, "-" for a group that took no part; nil for no match.
func find(tb testing.TB, pattern, in string, o Options) []string {
	tb.Helper()
	re, err := Compile(pattern, o)
	if err != nil {
		tb.Fatalf("Compile(%q): %v", pattern, err)
	}
	budget := 1000000
	caps, err := re.Find(in, 0, &budget)
	if err != nil {
		tb.Fatalf("Find(%q, %q): %v", pattern, in, err)
	}
	if caps == nil {
		return nil
	}
	var out []string
	for i := 0; i < len(caps); i += 2 {
		if caps[i] < 0 {
			out = append(out, "-")
			continue
		}
		out = append(out, in[caps[i]:caps[i+1]])
	}
	return out
}

// TestMeaning has one row per construct of pcre2pattern(3); want is the groups joined by |, "" for no match.
func TestMeaning(t *testing.T) {
	for _, c := range []struct{ pattern, in, want string }{
		{`abc`, `xabcx`, `abc`},
		{`(?i)aBc`, `xAbCx`, `AbC`},
		{`a.c`, "a\nc", ``},
		{`(?s)a.c`, "a\nc", "a\nc"},
		{`abc$`, "abc\n", `abc`},
		{`abc$`, "abc\n\n", ``},
		{`abc\z`, "abc\n", ``},
		{`abc\Z`, "abc\n", `abc`},
		{`(?m)^b$`, "a\nb\nc", `b`},
		{`(?m)x^`, "x\n", ``},
		{`(?m)^\z`, "x\n", ``},
		{`a|ab`, `ab`, `a`},
		{`(a|ab)(c|bcd)(d*)`, `abcd`, `abcd|a|bcd|`},
		{`(?<n>\d+)-(?P<m>\w+)`, `12-ab`, `12-ab|12|ab`},
		{`(?'q'x)`, `x`, `x|x`},
		{`(a)|(b)`, `b`, `b|-|b`},
		{`a{2,3}`, `aaaa`, `aaa`},
		{`a{2,3}?`, `aaaa`, `aa`},
		{`a{2}`, `aaaa`, `aa`},
		{`a{,3}`, `a{,3}`, `a{,3}`},
		{`x{`, `x{`, `x{`},
		{`a++a`, `aaa`, ``},
		{`(?>a+)a`, `aaa`, ``},
		{`(?:ab)*+c`, `ababc`, `ababc`},
		{`(a*)*b`, `aab`, `aab|`},
		{`(?:a?)*?b`, `aab`, `aab`},
		{`(a|b)*`, `abab`, `abab|b`},
		{`foo(?=bar)`, `foobar`, `foo`},
		{`foo(?!bar)`, `foobar foobaz`, `foo`},
		{`(?<=foo)bar`, `foobar`, `bar`},
		{`(?<!foo)bar`, `foobar xbar`, `bar`},
		{`(?<=a|bc)x`, `bcx`, `x`},
		{`(?=(a))\1b`, `ab`, `ab|a`},
		{`(\w)\1`, `abccd`, `cc|c`},
		{`(?<x>\w)\k<x>`, `abccd`, `cc|c`},
		{`(\w)\g{-1}`, `abb`, `bb|b`},
		{`(?i)(a)\1`, `aA`, `aA|a`},
		{`foo\Kbar`, `foobar`, `bar`},
		{`\bfoo\b`, `a foo.`, `foo`},
		{`\Bo`, `o foo`, `o`},
		{`[a-c]+`, `xabcd`, `abc`},
		{`[^a-c]+`, `abxyc`, `xy`},
		{`[]a]+`, `]a`, `]a`},
		{`[a\]]+`, `]a`, `]a`},
		{`[\d-]+`, `12-3`, `12-3`},
		{`[a-\d]+`, `a-1`, `a-1`},
		{`[[:alpha:]_]+`, `1ab_c2`, `ab_c`},
		{`[[:^digit:]]+`, `12ab`, `ab`},
		{`(?i)[a-c]+`, `ABx`, `AB`},
		{`(?i)[^a]`, `Ab`, `b`},
		{`\x41\x{42}\103`, `ABC`, `ABC`},
		{`\cA`, "\x01", "\x01"},
		{`\Q.*\E.`, `.*x`, `.*x`},
		{`\s`, "\v", "\v"},
		{`\h\R`, "\t\r\n", "\t\r\n"},
		{`(?x) a b # note` + "\n c", `abc`, `abc`},
		{`a(?#comment)b`, `ab`, `ab`},
		{`(?i:a)b`, `Ab`, `Ab`},
		{`(?i:a)b`, `AB`, ``},
		{`a(?i)b|c`, `aB`, `aB`},
		{`a(?i)b|c`, `C`, `C`},
		{`(?-i)a`, `A`, ``},
		{`(?U)a+`, `aaa`, `a`},
		{`^(?:.*\\)?(.*)`, `C:\x\y.exe`, `C:\x\y.exe|y.exe`},
		{`é.`, `éü`, `éü`},
		{`^.$`, `é`, `é`},
		{`(?i)É`, `é`, `é`},
		{`a*?$`, `aa`, `aa`},
		{`(?:(a)|b)*`, `ab`, `ab|a`},
	} {
		t.Run(c.pattern, func(t *testing.T) {
			if got := strings.Join(find(t, c.pattern, c.in, Options{}), "|"); got != c.want {
				t.Errorf("%q on %q: %q, want %q", c.pattern, c.in, got, c.want)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	if got := find(t, `^.$`, `é`, Options{Bytes: true}); got != nil {
		t.Errorf("one character of two bytes fits ^.$: %q", got)
	}
	if got := find(t, `(?i)É`, `é`, Options{Bytes: true}); got != nil {
		t.Errorf("bytes fold beyond ASCII: %q", got)
	}
	if got := find(t, `(?i)k`, "\u212a", Options{}); got == nil {
		t.Error("UTF mode folds the Kelvin sign")
	}
	if got := find(t, `a.b`, "a\nb", Options{DotAll: true}); got == nil {
		t.Error("DotAll lets the point fit a newline")
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		unsupported   bool
	}{
		{`(`, "not closed", false},
		{`)`, "closes nothing", false},
		{`[a`, "not closed", false},
		{`*a`, "nothing to repeat", false},
		{`a**`, "nothing to repeat", false},
		{`a{3,2}`, "out of order", false},
		{`[z-a]`, "out of order", false},
		{`\`, "backslash", false},
		{`(?<a>x)(?<a>y)`, "two groups", false},
		{`\k<x>`, "no group", false},
		{`(a)\2`, "no group 2", false},
		{`(?<=a*)b`, "fixed length", false},
		{`(?z)`, "not understood", false},
		{`\y`, "no escape", false},
		{`(?<1a>x)`, "group name", false},
		{`(?R)`, "not supported", true},
		{`(?(1)a|b)`, "not supported", true},
		{`\p{L}`, "not supported", true},
		{`(*UTF)a`, "not supported", true},
		{`(?|a|b)`, "not supported", true},
		{`((ab){1000}){1000}`, "too large", true},
		{`[[:nope:]]`, "no class", false},
		{strings.Repeat("(", 300), "nested deeper", false},
	} {
		_, err := Compile(c.pattern, Options{})
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Text, c.text) || e.Unsupported != c.unsupported {
			t.Errorf("Compile(%.20q) = %v, want %q", c.pattern, err, c.text)
		}
	}
}

func TestBudget(t *testing.T) {
	re, err := Compile(`(a+)+$`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	budget := 100000
	if _, err := re.Find(strings.Repeat("a", 60)+"b", 0, &budget); !errors.Is(err, ErrBudget) {
		t.Errorf("a catastrophic pattern ended with %v", err)
	}
}

// pattern draws patterns whose meaning Go's regexp shares: no `$`, no classes beside \d and \w.
func pattern(t *rapid.T, depth int) string {
	if depth == 0 {
		return rapid.SampledFrom([]string{"a", "b", "c", ".", `\d`, `\w`, "[ab]", "[^a]", `\b`, "^", `\z`, "é", `\.`}).Draw(t, "leaf")
	}
	x := func() string { return pattern(t, depth-1) }
	switch rapid.IntRange(0, 7).Draw(t, "kind") {
	case 0:
		return x() + x()
	case 1:
		return "(" + x() + "|" + x() + ")"
	case 2:
		return "(?:" + x() + ")" + rapid.SampledFrom([]string{"+", "?", "+?", "??", "{1,2}", "{2}"}).Draw(t, "q")
	case 3:
		return "(" + x() + ")"
	case 4:
		return "(?:" + rapid.SampledFrom([]string{"a", "[ab]", ".", "bc"}).Draw(t, "star") + ")" + rapid.SampledFrom([]string{"*", "*?"}).Draw(t, "q")
	case 5:
		return "(?i:" + x() + ")"
	default:
		return pattern(t, 0)
	}
}

// TestAgainstGo compares with Go's regexp, which has the same leftmost-first meaning on the common subset.
func TestAgainstGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pat := pattern(t, rapid.IntRange(0, 4).Draw(t, "depth"))
		in := rapid.StringOfN(rapid.SampledFrom([]rune("abcAB1.é\n_ ")), 0, 12, -1).Draw(t, "in")
		want := regexp.MustCompile(pat).FindStringSubmatchIndex(in)
		re, err := Compile(pat, Options{})
		if err != nil {
			t.Fatalf("Compile(%q): %v", pat, err)
		}
		budget := 1000000
		got, err := re.Find(in, 0, &budget)
		if err != nil {
			t.Fatalf("Find(%q): %v", pat, err)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%q on %q: %v, Go says %v", pat, in, got, want)
		}
	})
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{`(?i)^a.*b\z`, `(?<n>\d+)(?!x)`, `[[:alpha:]\]-]`, `\Q*\E{2,}`, `(a|b)*+\1`, `(?x) # c`} {
		f.Add(s, "aab1")
	}
	f.Fuzz(func(t *testing.T, pat, in string) {
		for _, o := range []Options{{}, {Bytes: true}} {
			re, err := Compile(pat, o)
			if err != nil {
				continue
			}
			budget := 20000
			caps, err := re.Find(in, 0, &budget)
			if err != nil || caps == nil {
				continue
			}
			if caps[0] > caps[1] && !strings.Contains(pat, `\K`) || utf8.ValidString(in) && !o.Bytes && !utf8.ValidString(in[min(caps[0], caps[1]):caps[1]]) {
				t.Fatalf("%q on %q: %v", pat, in, caps)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	in := `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe -NoProfile -EncodedCommand SQBFAFgA`
	for _, pat := range []string{`(?i)-enc[a-z]*\s+[A-Za-z0-9+/=]{4,}`, `(?i)\\powershell\.exe`, `^(?:.*\\)?(.*)$`} {
		re, err := Compile(pat, Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(pat, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				budget := 1000000
				if caps, err := re.Find(in, 0, &budget); err != nil || caps == nil {
					b.Fatal("no match")
				}
			}
		})
	}
}
