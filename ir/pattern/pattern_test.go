package pattern

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Net.EXE", "nET.exe", true},
		{"k", "\u212A", false}, // Kelvin sign
		{"s", "\u017F", false}, // long s
		{"Ä", "ä", true},
		{"Σ", "ς", true},
		{"İ", "i", false},
		{"ß", "ẞ", true},
		{"straße", "STRASSE", false},
	} {
		if got := FoldString(c.a) == FoldString(c.b); got != c.want {
			t.Errorf("%q and %q equal ignoring case: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestFoldAgreesWithVariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.Rune().Draw(t, "r")
		for _, v := range Variants(r) {
			if Fold(v) != Fold(r) {
				t.Fatalf("%U is a variant of %U, but folds to %U, not %U", v, r, Fold(v), Fold(r))
			}
		}
	})
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		glob, text string
		fold, want bool
	}{
		{`a*c`, "abc", false, true},
		{`a*c`, "a\nc", false, true},
		{`a?c`, "aéc", false, true},
		{`a?c`, "ac", false, false},
		{`a\*c`, "a*c", false, true},
		{`a\*c`, "abc", false, false},
		{`C:\Temp\*`, `C:\Temp*`, false, true}, // \* is a plain star
		{`C:\Temp\\*`, `C:\Temp\x`, false, true},
		{`C:\Temp`, `C:\Temp`, false, true},
		{`AB*`, "abc", true, true},
		{`k?`, "\u212Ax", true, false},
		{`*`, "", false, true},
	} {
		re, err := Compile(ParseGlob(c.glob).Regexp(c.fold))
		if err != nil {
			t.Fatal(err)
		}
		if got := re.MatchString(c.text); got != c.want {
			t.Errorf("%q like %q (fold %v) = %v, want %v", c.text, c.glob, c.fold, got, c.want)
		}
	}
}

func TestGlobRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.RuneFrom([]rune(`ab*?\/.`)), 0, 12, -1).Draw(t, "glob")
		g := ParseGlob(s)
		if again := ParseGlob(g.String()); again.String() != g.String() || len(again) != len(g) {
			t.Fatalf("%q parses to %v, printed %q parses to %v", s, g, g.String(), again)
		}
		plain := rapid.String().Draw(t, "text")
		if got, ok := ParseGlob(QuoteGlob(plain)).Plain(); !ok || got != plain {
			t.Fatalf("QuoteGlob(%q) parses to %q, %v", plain, got, ok)
		}
	})
}

func TestRegexp(t *testing.T) {
	for _, c := range []struct {
		re, text string
		want     bool
	}{
		{`/ad{1,2}$`, "/add", true},
		{`/ad{1,2}$`, "/add\n", false},
		{`(?i)sk`, "SK", true},
		{`(?i)sk`, "\u017F\u212A", false},
		{`(?i)[k-s]`, "\u212A", false},
		{`(?i)[k-s]`, "\u017F", false},
		{`(?i)[k-s]`, "Q", true},
		{`[\x{212A}]`, "\u212A", true},
		{`a.c`, "a\nc", false},
		{`(?s)a.c`, "a\nc", true},
		{`^$`, "", true},
		{`(?i:a)b`, "Ab", true},
		{`(?i:a)b`, "AB", false},
		{`\d+\.\w`, "12._", true},
		{`x{2,}y|^z`, "xxy", true},
	} {
		n, err := ParseRegexp(c.re)
		if err != nil {
			t.Errorf("%q: %v", c.re, err)
			continue
		}
		re, err := Compile(n)
		if err != nil {
			t.Fatal(err)
		}
		if got := re.MatchString(c.text); got != c.want {
			t.Errorf("%q matches %q = %v, want %v (printed %q)", c.text, c.re, got, c.want, RE2(n))
		}
	}
}

func TestRegexpRefuses(t *testing.T) {
	for re, want := range map[string]string{
		`\bx`: "word boundaries", `x\B`: "word boundaries", `\pL`: "Unicode classes", `(?m)^x`: "multi-line", `(?im:x)`: "multi-line",
		`\C`: `\C`, `(?=x)`: "look-around", `(?<!x)y`: "look-around", `(x`: "missing closing", `x{1001}`: "invalid repeat",
		strings.Repeat("x", 5000): "4096",
	} {
		if _, err := ParseRegexp(re); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: got %v, want a message with %q", re, err, want)
		}
	}
}

func TestMatchesEmpty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := drawNode(t, 3)
		re, err := Compile(n)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := MatchesEmpty(n), re.MatchString(""); got != want {
			t.Fatalf("%s: MatchesEmpty %v, the matcher says %v", RE2(n), got, want)
		}
	})
}

func drawNode(t *rapid.T, depth int) Node {
	kinds := 4
	if depth > 0 {
		kinds = 7
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return &Runes{Text: rapid.StringMatching(`[a-c*.\\]{1,3}`).Draw(t, "text")}
	case 1:
		return &Class{Ranges: []Range{{'a', 'b'}, {'x', 'z'}}}
	case 2:
		return &Begin{}
	case 3:
		return &End{}
	case 4:
		return Seq(drawNode(t, depth-1), drawNode(t, depth-1))
	case 5:
		return &Alternate{Xs: []Node{drawNode(t, depth-1), drawNode(t, depth-1)}}
	}
	return &Repeat{X: drawNode(t, depth-1), Min: rapid.IntRange(0, 2).Draw(t, "min"), Max: rapid.SampledFrom([]int{-1, 2, 3}).Draw(t, "max")}
}
