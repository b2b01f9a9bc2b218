package lucene

import (
	"slices"
	"unicode"
)

// span is a range of code points, both ends included.
type span struct{ lo, hi rune }

// charset is a set of code points: disjoint spans in ascending order, not touching one another.
type charset []span

var anyChar = charset{{0, unicode.MaxRune}}

var (
	digits = charset{{'0', '9'}}
	spaces = charset{{'\t', '\n'}, {'\r', '\r'}, {' ', ' '}}
	word   = charset{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
)

// predefinedClasses are \d \D \s \S \w \W; they ignore the case flags.
var predefinedClasses = map[byte]charset{
	'd': digits, 'D': digits.negate(),
	's': spaces, 'S': spaces.negate(),
	'w': word, 'W': word.negate(),
}

func (s charset) union(t charset) charset {
	all := append(slices.Clone(s), t...)
	slices.SortFunc(all, func(a, b span) int { return int(a.lo - b.lo) })
	out := all[:0]
	for _, r := range all {
		if n := len(out); n > 0 && r.lo <= out[n-1].hi+1 {
			out[n-1].hi = max(out[n-1].hi, r.hi)
			continue
		}
		out = append(out, r)
	}
	return out
}

func (s charset) negate() charset {
	out := charset{}
	next := rune(0)
	for _, r := range s {
		if r.lo > next {
			out = append(out, span{next, r.lo - 1})
		}
		next = r.hi + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, span{next, unicode.MaxRune})
	}
	return out
}

func (s charset) has(c rune) bool {
	for _, r := range s {
		if c < r.lo {
			return false
		}
		if c <= r.hi {
			return true
		}
	}
	return false
}
