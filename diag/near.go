package diag

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// maxNear bounds the words that are compared: a longer one is no slip of the pen.
const maxNear = 64

// Nearest returns the candidate that the user most likely meant by word: the one at the smallest edit distance, when
// that distance is small for the word's length. Letter case, `_` and `-` cost nothing by themselves, a swap of two
// neighbours is one edit, and of equals the first candidate wins. A candidate equal to word is never returned.
func Nearest(word string, candidates []string) (string, bool) {
	w := nearWord(word)
	best, found := nearLimit(len(w))+1, ""
	for _, c := range candidates {
		if d := w.distance(word, c, best); d < best {
			best, found = d, c
			if d == 0 {
				break
			}
		}
	}
	return found, found != ""
}

// Near returns the candidates that the user may have meant by word, at most so many: by their distances, and of equals by the
// alphabet. What is near says [Nearest].
func Near(word string, candidates []string, most int) []string {
	w := nearWord(word)
	limit := nearLimit(len(w)) + 1
	found := make([][]string, limit)
	for _, c := range candidates {
		if d := w.distance(word, c, limit); d < limit {
			found[d] = append(found[d], c)
		}
	}
	var out []string
	for _, list := range found {
		slices.Sort(list)
		out = append(out, slices.Compact(list)...)
	}
	return out[:min(most, len(out))]
}

// letters are what is compared of a word; none of one that is near no other.
type letters []rune

func nearWord(word string) letters {
	if len(word) > 4*maxNear {
		return nil
	}
	w := letters(nearKey(word))
	if len(w) > maxNear {
		return nil
	}
	return w
}

// distance is that of a candidate, or limit when it is not smaller. The word itself is no candidate.
func (w letters) distance(word, c string, limit int) int {
	if len(w) == 0 || c == word || c == "" || len(c) > 4*maxNear {
		return limit
	}
	n := utf8.RuneCountInString(c)
	if n-strings.Count(c, "_")-strings.Count(c, "-")-len(w) >= limit {
		return limit
	}
	k := []rune(nearKey(c))
	if len(k) == 0 || len(w)-len(k) >= limit {
		return limit
	}
	return editDistance(w, k, limit)
}

// nearKey is what two spellings of one word share.
func nearKey(s string) string {
	s = strings.ToLower(s)
	if strings.ContainsAny(s, "_-") {
		s = strings.NewReplacer("_", "", "-", "").Replace(s)
	}
	return s
}

// nearLimit is the largest distance at which a word of n letters still reads as a slip.
func nearLimit(n int) int {
	switch {
	case n < 3:
		return 0
	case n < 5:
		return 1
	case n < 10:
		return 2
	}
	return 3
}

// editDistance counts insertions, deletions, substitutions and swaps of neighbours; it may give up at limit.
func editDistance(a, b []rune, limit int) int {
	prev2 := make([]int, len(b)+1)
	prev := make([]int, len(b)+1)
	cur := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, prev2[j-2]+1)
			}
			cur[j] = d
			least = min(least, d)
		}
		if least >= limit {
			return limit
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}

// Suggestion is the help line for an unknown name: "a field with a similar name exists: `x`", or the names that it is a
// whole part of, "" when there are neither.
func Suggestion(kind, word string, candidates []string) string {
	near, ok := Nearest(word, candidates)
	if !ok {
		return partOf(word, candidates)
	}
	article := "a"
	if kind != "" && strings.ContainsRune("aeiou", rune(kind[0])) {
		article = "an"
	}
	return article + " " + kind + " with a similar name exists: `" + near + "`"
}

// maxParts bounds the names that a part is answered with: more of them are no help.
const maxParts = 8

// partOf lists the candidates of which word is a part between underscores, "" when there are none or too many.
func partOf(word string, candidates []string) string {
	var names []string
	for _, c := range candidates {
		if strings.Contains("_"+strings.ToLower(c)+"_", "_"+strings.ToLower(word)+"_") {
			names = append(names, "`"+c+"`")
		}
	}
	if word == "" || len(names) == 0 || len(names) > maxParts {
		return ""
	}
	return "names with this part are " + strings.Join(names, ", ")
}
