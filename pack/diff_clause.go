package pack

import (
	"slices"
	"strings"
	"unicode"
)

// compareClauses returns the clauses that differ, in the order of the new ones, with those that are gone behind the new ones of
// their part.
func compareClauses(before, after []Clause) []ClauseChange {
	out := []ClauseChange{}
	var parts []string
	for _, c := range slices.Concat(after, before) {
		if !slices.Contains(parts, c.Part) {
			parts = append(parts, c.Part)
		}
	}
	for _, p := range parts {
		out = append(out, compareTexts(p, texts(before, p), texts(after, p))...)
	}
	return out
}

func texts(in []Clause, part string) []string {
	var out []string
	for _, c := range in {
		if c.Part == part {
			out = append(out, c.Text)
		}
	}
	return out
}

// compareTexts pairs what was with what is: the most alike first.
func compareTexts(part string, before, after []string) []ClauseChange {
	was, is := minus(before, after), minus(after, before)
	var out []ClauseChange
	for len(was) > 0 && len(is) > 0 {
		wi, ii, best := 0, 0, -1.0
		for w := range was {
			for i := range is {
				if l := alike(was[w], is[i]); l > best {
					wi, ii, best = w, i, l
				}
			}
		}
		if best < 0.4 && (len(was) > 1 || len(is) > 1) {
			break
		}
		c := ClauseChange{Part: part, Before: was[wi], After: is[ii]}
		c.From, c.To = differing(c.Before, c.After)
		out = append(out, c)
		was, is = slices.Delete(was, wi, wi+1), slices.Delete(is, ii, ii+1)
	}
	for _, t := range is {
		out = append(out, ClauseChange{Part: part, After: t})
	}
	for _, t := range was {
		out = append(out, ClauseChange{Part: part, Before: t})
	}
	return out
}

// minus takes each text of b once out of a.
func minus(a, b []string) []string {
	out := slices.Clone(a)
	for _, x := range b {
		if i := slices.Index(out, x); i >= 0 {
			out = slices.Delete(out, i, i+1)
		}
	}
	return out
}

// edges returns how many words two texts have in common at the beginning and at the end.
func edges(a, b []string) (head, tail int) {
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	return head, tail
}

// alike says how much two texts have in common, from 0 to 1.
func alike(a, b string) float64 {
	x, y := words(a), words(b)
	head, tail := edges(x, y)
	return float64(2*(head+tail)) / float64(max(len(x)+len(y), 1))
}

// differing returns the words in which two texts differ; nothing where they have no word in common.
func differing(a, b string) (from, to string) {
	x, y := words(a), words(b)
	head, tail := edges(x, y)
	if head+tail == 0 {
		return "", ""
	}
	return strings.TrimSpace(strings.Join(x[head:len(x)-tail], "")), strings.TrimSpace(strings.Join(y[head:len(y)-tail], ""))
}

// words cuts a text of a rule into quoted texts, words, blanks and single characters.
func words(text string) []string {
	var out []string
	rs := []rune(text)
	for i := 0; i < len(rs); {
		n := i + 1
		switch c := rs[i]; {
		case c == '"' || c == '\'':
			for n < len(rs) && rs[n] != c {
				if rs[n] == '\\' && c == '"' {
					n++
				}
				n++
			}
			n = min(n+1, len(rs))
		case wordRune(c):
			for n < len(rs) && wordRune(rs[n]) {
				n++
			}
		case strings.ContainsRune("<>=!", c):
			for n < len(rs) && strings.ContainsRune("<>=!", rs[n]) {
				n++
			}
		}
		out = append(out, string(rs[i:n]))
		i = n
	}
	return out
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_.@$-", r)
}
