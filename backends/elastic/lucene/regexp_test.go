package lucene

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestRegexpMatch(t *testing.T) {
	tests := []struct {
		pattern string
		flags   Flags
		fits    string // separated by |, "" is the empty string
		misses  string
	}{
		{`abc`, All, "abc", "ab|abcd|xabc|"},
		{``, All, "", "a"},
		{`()`, All, "", "a"},
		{`a.c`, All, "abc|a\nc|a😀c", "ac|abbc"},
		{`a?b*c+`, All, "c|ac|bbc|abbccc", "a|ab"},
		{`a{2}`, All, "aa", "a|aaa"},
		{`a{2,}`, All, "aa|aaaaa", "a"},
		{`a{2,3}`, All, "aa|aaa", "a|aaaa"},
		{`(a|bc)d`, All, "ad|bcd", "abcd|d"},
		{`a|b&c`, All, "a", "b|c"},
		{`[abc]+&[^b]+`, All, "ac|aca", "abc|"},
		{`(.*a.*)&~(.*b.*)`, All, "a|xay", "b|ab"},
		{`~ab`, All, "b|xb|aab", "ab"}, // (~a)b
		{`~(ab)`, All, "|a|b|abc", "ab"},
		{`~a*`, All, "|b|aa", "a"}, // (~a)*
		{`@`, All, "|x|a b", ""},
		{`a#b|c`, All, "c", "ab|a#b"},
		{`<1-100>`, All, "1|50|100|007|0100", "0|101|000|a|"},
		{`<01-25>`, All, "01|09|25", "1|26|001|00"},
		{`<25-01>`, All, "01|25", "1|26"},
		{`<0-9>`, All, "0|9", "00|10|"}, // both bounds have one digit
		{`<5-2000>x`, All, "5x|2000x|1999x|0005x", "4x|2001x|x"},
		{`a@b`, None, "a@b", "ab|axb"},
		{`~a&b#<1-2>`, None, "~a&b#<1-2>", ""},
		{`"a.b*"c`, All, "a.b*c", "axbc"},
		{`[a-c]x`, All, "ax|cx", "dx|Ax"},
		{`[^a-c]`, All, "d|\n|é", "a|"},
		{`[-a]`, All, "-|a", "b"},
		{`[]a]`, All, "]|a", "b"},
		{`[.*]`, All, ".|*", "a"},
		{`[\]\\\-]`, All, "]|\\|-", "a"},
		{`\.\*\\\@\"`, All, `.*\@"`, `a`},
		{`\d\D`, All, "1a", "11|a1"},
		{`\s\S`, All, " a|\ta|\na|\ra", "  |\fa"},
		{`\w\W`, All, "a-|_ |9.", "aa|é-"},
		{`[\d.]+`, All, "1.2", "a"},
		{`^a$`, All, "^a$", "a"},
		{`.*?a`, All, "a|bba", "b"},
		{`*a`, All, "*a", "a"},
		{`Ab`, FoldASCII | All, "ab|AB|aB", "b"},
		{`[a-c]x`, FoldASCII | All, "ax|aX|cX", "Ax|CX"},
		{`[abC]`, FoldASCII | All, "A|b|c", "d"},
		{`[^a]`, FoldASCII | All, "b", "a|A"},
		{`"ab"`, FoldASCII | All, "AB|aB", ""},
		{`ä`, FoldASCII | All, "ä", "Ä"},
		{`ä`, FoldUnicode | All, "ä|Ä", ""},
		{`k`, FoldASCII | All, "k|K", "\u212a"},
		{`k`, FoldUnicode | All, "k|K|\u212a", ""},
		{`.{3}`, All, "a😀b|äöü", "ab|abcd"},
	}
	for _, tt := range tests {
		t.Run(tt.pattern, func(t *testing.T) {
			re, err := CompileRegexp(tt.pattern, tt.flags)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range strings.Split(tt.fits, "|") {
				if !re.Match(s) {
					t.Errorf("%q does not fit", s)
				}
			}
			if tt.misses == "" {
				return
			}
			for _, s := range strings.Split(tt.misses, "|") {
				if re.Match(s) {
					t.Errorf("%q fits", s)
				}
			}
		})
	}
}

// An operator where none can stand is an ordinary character; a repetition that runs backwards fits nothing.
func TestRegexpOddities(t *testing.T) {
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{`a||b`, "|b", true},
		{`a||b`, "a", true},
		{`a||b`, "", false},
		{`(|a)`, "|a", true},
		{`(|a)`, "", false},
		{`a{3,2}`, "aaa", false},
		{`a{3,2}`, "", false},
		{`|`, "|", true},
		{`(a?){2,3}b`, "b", true},
		{`(a?){2,3}b`, "aaab", true},
		{`(a?){2,3}b`, "aaaab", false},
		{`(ab|a)(bc|c)`, "abc", true},
		{`(a*)*b`, "aaab", true},
		{`(?:a)`, "?:a", true},
		{`a}`, "a}", true},
		{`a]`, "a]", true},
	}
	for _, tt := range tests {
		re, err := CompileRegexp(tt.pattern, All)
		if err != nil {
			t.Errorf("%s: %v", tt.pattern, err)
			continue
		}
		if got := re.Match(tt.s); got != tt.want {
			t.Errorf("%s on %q: %v", tt.pattern, tt.s, got)
		}
	}
}

func TestRegexpErrors(t *testing.T) {
	for _, pattern := range []string{
		`(a`, `a)`, `[a`, `[^]`, `[a-]`, `a|`, `a{`, `a{x}`, `a{1`, `a{1,x}`, `a{99999999999}`, `\b`, `\u0041`, `\`, `"a`,
		`<a>`, `<1-2`, `<1>`, `<-2>`, `<1-2-3>`, `[z-a]`, `~`, `a&`, strings.Repeat("(", 300) + "a" + strings.Repeat(")", 300),
		strings.Repeat("~", 300) + "a",
	} {
		_, err := CompileRegexp(pattern, All)
		switch {
		case err == nil:
			t.Errorf("%s compiles", pattern)
		case !IsSyntaxError(err):
			t.Errorf("%s: %v is no syntax error", pattern, err)
		}
	}
}

func TestRegexpLimits(t *testing.T) {
	long := strings.Repeat("a", MaxRegexpLength+1)
	if _, err := CompileRegexp(long, All); !errors.Is(err, ErrTooLong) {
		t.Errorf("1,001 characters: %v", err)
	}
	if _, err := CompileRegexp(long, All|NoLengthLimit); err != nil {
		t.Errorf("without the limit: %v", err)
	}
	if _, err := CompileRegexp(strings.Repeat("😀", MaxRegexpLength/2+1), All); !errors.Is(err, ErrTooLong) {
		t.Error("length is not counted in UTF-16 units")
	}
	for _, pattern := range []string{
		`.*a.{20}`, `.{10001}`, `(a{1000}){1000}`, `((a?){1000}){1000}`, `(.*a.{9})&(.*b.{10})&~(.*c.{11})`,
		`(((((((a|b)*c){9}d?){9}e?){9}f?){9}g?){9}h?){9}`, strings.Repeat(".*a", 300) + ".*",
	} {
		if re, err := CompileRegexp(pattern, All); err == nil {
			if len(re.dfa.accept) > MaxStates {
				t.Errorf("%s has %d states", pattern, len(re.dfa.accept))
			}
		} else if !errors.Is(err, ErrTooComplex) {
			t.Errorf("%s: %v", pattern, err)
		}
	}
	if _, err := CompileRegexp(`.*a.{20}`, All); !errors.Is(err, ErrTooComplex) {
		t.Errorf("2^21 states: %v", err)
	}
	if _, err := CompileRegexp(`.*a.{9}`, All); err != nil {
		t.Errorf("1,024 states: %v", err)
	}
}

// expr is a random expression together with its meaning as a plain, slow definition on all splits of a string.
type expr struct {
	text string
	fits func(s string) bool
}

func genExpr(depth int) *rapid.Generator[expr] {
	return rapid.Custom(func(t *rapid.T) expr {
		kind := rapid.IntRange(0, 9).Draw(t, "kind")
		if depth == 0 {
			kind %= 3
		}
		sub := func() expr { return genExpr(depth-1).Draw(t, "sub") }
		switch kind {
		case 0:
			c := rapid.SampledFrom([]string{"a", "b", "é"}).Draw(t, "c")
			return expr{c, func(s string) bool { return s == c }}
		case 1:
			return expr{".", func(s string) bool { return utf8.RuneCountInString(s) == 1 }}
		case 2:
			return expr{"[^b]", func(s string) bool { return s != "b" && utf8.RuneCountInString(s) == 1 }}
		case 3, 4:
			x, y := sub(), sub()
			return expr{x.text + y.text, func(s string) bool { return splits(s, x.fits, y.fits) }}
		case 5:
			x, y := sub(), sub()
			return expr{"(" + x.text + "|" + y.text + ")", func(s string) bool { return x.fits(s) || y.fits(s) }}
		case 6:
			x, y := sub(), sub()
			return expr{"((" + x.text + ")&(" + y.text + "))", func(s string) bool { return x.fits(s) && y.fits(s) }}
		case 7:
			x := sub()
			return expr{"~(" + x.text + ")", func(s string) bool { return !x.fits(s) }}
		case 8:
			x := sub()
			return expr{"(" + x.text + "){1,2}", func(s string) bool { return x.fits(s) || splits(s, x.fits, x.fits) }}
		default:
			x := sub()
			return expr{"(" + x.text + ")*", func(s string) bool { return star(s, x.fits) }}
		}
	})
}

func splits(s string, x, y func(string) bool) bool {
	for i := 0; i <= len(s); i++ {
		if i < len(s) && !utf8.RuneStart(s[i]) {
			continue
		}
		if x(s[:i]) && y(s[i:]) {
			return true
		}
	}
	return false
}

func star(s string, x func(string) bool) bool {
	if s == "" {
		return true
	}
	for i := 1; i <= len(s); i++ {
		if (i == len(s) || utf8.RuneStart(s[i])) && x(s[:i]) && star(s[i:], x) {
			return true
		}
	}
	return false
}

func TestRegexpAgainstDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := genExpr(3).Draw(t, "expr")
		re, err := CompileRegexp(e.text, All|NoLengthLimit)
		if errors.Is(err, ErrTooComplex) {
			t.Skip("too complex")
		}
		if err != nil {
			t.Fatalf("%s: %v", e.text, err)
		}
		for range 5 {
			s := rapid.StringOfN(rapid.SampledFrom([]rune("abé")), 0, 6, -1).Draw(t, "s")
			if got, want := re.Match(s), e.fits(s); got != want {
				t.Fatalf("%s on %q: %v, want %v", e.text, s, got, want)
			}
		}
	})
}

func FuzzRegexp(f *testing.F) {
	for _, s := range []string{`a.*b`, `[^a-c]{2,3}`, `~(a&b)|<1-20>`, `"x\`, `(((`, "\xff"} {
		f.Add(s, "abc")
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if re, err := CompileRegexp(pattern, All); err == nil {
			re.Match(s)
		}
	})
}

func BenchmarkRegexpCompile(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		if _, err := CompileRegexp(`.*\\Users\\[^\\]+\\AppData\\(Local|Roaming)\\.{1,20}\.(exe|dll|scr)`, All|FoldASCII); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRegexpMatch(b *testing.B) {
	re, err := CompileRegexp(`.*\\Users\\[^\\]+\\AppData\\(Local|Roaming)\\.{1,20}\.(exe|dll|scr)`, All|FoldASCII)
	if err != nil {
		b.Fatal(err)
	}
	s := `C:\Users\eve\AppData\Local\Temp\payload.exe`
	b.ReportAllocs()
	for range b.N {
		if !re.Match(s) {
			b.Fatal("no match")
		}
	}
}
