package pattern

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParseRegexp: an expression is refused, or its tree compiles, is printed as an expression that finds the same, and
// finds in ASCII text what Go's own engine finds.
func FuzzParseRegexp(f *testing.F) {
	for _, re := range []string{
		`/ad{1,2}$`, `(?i)sk`, `(?i)[k-s]`, `[\x{212A}]`, `a.c`, `(?s)a.c`, `^$`, `(?i:a)b`, `\d+\.\w`, `x{2,}y|^z`, `[^\s\D]*?`, `(?P<n>a|(b)){0,3}`, `\A\z[[:alpha:]]`,
		`\bx`, `\pL`, `(?m)^x`, `(?=x)`, `(x`, `\Qx\E`, `x{1000}`,
	} {
		f.Add(re, "xx/ADD y\n12._k")
	}
	f.Fuzz(func(t *testing.T, text, in string) {
		n, err := ParseRegexp(text)
		if err != nil {
			return
		}
		re, err := Compile(n)
		if err != nil {
			t.Fatalf("%q does not compile: %v", text, err)
		}
		Samples(n)
		printed := RE2(n)
		again, err := ParseRegexp(printed)
		if err != nil {
			if len(printed) <= maxLength {
				t.Fatalf("%q is printed as %q: %v", text, printed, err)
			}
			return
		}
		if twice, err := Compile(again); err != nil || twice.MatchString(in) != re.MatchString(in) {
			t.Fatalf("%q is printed as %q, which finds something else in %q, %v", text, printed, in, err)
		}
		if !IsASCII(text) || !IsASCII(in) || strings.Contains(text, `\`) {
			return // letters of other scripts fold in their own way
		}
		if got, want := re.MatchString(in), regexp.MustCompile(text).MatchString(in); got != want {
			t.Fatalf("%q in %q: %v, Go says %v (printed %q)", text, in, got, want, printed)
		}
	})
}

// FuzzGlob: printing is a fixpoint, a quoted text is that text, and the regular expression finds what the glob does.
func FuzzGlob(f *testing.F) {
	for _, g := range []string{`a*c`, `a?c`, `a\*c`, `C:\Temp\\*`, `**?*`, `\`, `\\\?`, "k\u212A*\n"} {
		f.Add(g, "abc")
	}
	f.Fuzz(func(t *testing.T, text, in string) {
		if !utf8.ValidString(text) {
			return // no text of a rule
		}
		g := ParseGlob(text)
		if again := ParseGlob(g.String()); !slices.Equal(again, g) {
			t.Fatalf("%q is %v, printed %q is %v", text, g, g, again)
		}
		if got, ok := ParseGlob(QuoteGlob(in)).Plain(); !ok || got != in {
			t.Fatalf("quoted %q is %q", in, got)
		}
		for _, fold := range []bool{false, true} {
			re, err := Compile(g.Regexp(fold))
			if err != nil {
				t.Fatalf("%q does not compile: %v", text, err)
			}
			if plain, ok := g.Plain(); ok && !re.MatchString(plain) {
				t.Fatalf("%q does not fit itself (fold %v)", plain, fold)
			}
		}
	})
}
