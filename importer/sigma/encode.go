package sigma

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// dashes are the five signs that Windows programs take for a dash before an option.
var dashes = []string{"-", "/", "\u2013", "\u2014", "\u2015"}

// maxVariants bounds what one value of `windash` unfolds to: four options with a dash give 625.
const maxVariants = 625

// windash returns the pattern with each dash or slash at the start of a word replaced by each of the five signs; ok is
// false when there are too many.
func windash(p pattern) (out []pattern, ok bool) {
	out = []pattern{nil}
	for _, x := range p {
		pieces := [][]string{{x.text}}
		if x.wild == 0 && x.name == "" {
			pieces = dashPieces(x.text)
		}
		for _, choice := range pieces {
			next := make([]pattern, 0, len(out)*len(choice))
			for _, head := range out {
				for _, c := range choice {
					y := x
					y.text = c
					next = append(next, appendText(head, y))
				}
			}
			if out = next; len(out) > maxVariants {
				return nil, false
			}
		}
	}
	return out, true
}

// appendText adds a part to a copy of a pattern, and joins neighbours of plain text.
func appendText(head pattern, x part) pattern {
	out := make(pattern, len(head), len(head)+1)
	copy(out, head)
	if n := len(out); n > 0 && x.wild == 0 && x.name == "" && out[n-1].wild == 0 && out[n-1].name == "" {
		out[n-1].text += x.text
		return out
	}
	if x.wild == 0 && x.name == "" && x.text == "" {
		return out
	}
	return append(out, x)
}

// dashPieces cuts a text at the dashes and slashes that begin a word; these have five choices, the rest has one.
func dashPieces(s string) [][]string {
	var out [][]string
	from, before := 0, ' '
	for i, c := range s {
		if c == '-' || c == '/' {
			next, _ := utf8.DecodeRuneInString(s[i+1:])
			if !wordRune(before) && i+1 < len(s) && wordRune(next) {
				out = append(out, []string{s[from:i]}, dashes)
				from = i + 1
			}
		}
		before = c
	}
	return append(out, []string{s[from:]})
}

func wordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// base64Offsets are the three texts that occur in the base64 of anything that holds the bytes.
func base64Offsets(s string) []string {
	start, end := [3]int{0, 2, 3}, [3]int{0, 3, 2}
	out := make([]string, 0, 3)
	for i := range 3 {
		enc := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", i) + s))
		enc = enc[:len(enc)-end[(len(s)+i)%3]]
		if len(enc) > start[i] {
			out = append(out, enc[start[i]:])
		}
	}
	return out
}

// utf16Text writes a text as the bytes of UTF-16, one code unit after the other.
func utf16Text(s string, bigEndian, mark bool) string {
	units := utf16.Encode([]rune(s))
	if mark {
		units = append([]uint16{0xFEFF}, units...)
	}
	out := make([]byte, 0, 2*len(units))
	for _, u := range units {
		if bigEndian {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return string(out)
}
