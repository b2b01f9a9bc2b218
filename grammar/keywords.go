package grammar

import (
	"slices"
	"strings"
)

// The reserved words that are no operators. A name or a path of one segment may not be one of them, unless the path is
// back-quoted. All other words of the language (`every`, `entity`, `history` …) mean something only at their place.
var (
	// itemWords start a construct at file level.
	itemWords = []string{"rule", "tune", "import", "def", "list"}
	// clauseWords start a clause of a rule.
	clauseWords = []string{
		"meta", "param", "field", "list", "def", "from", "where", "tumbling", "window", "sliding", "session", "count", "when",
		"measure", "baseline", "sequence", "together", "first_seen", "expect", "schedule", "emit", "allow", "alt", "test",
	}
	// linkWords join the parts of a clause or a condition.
	linkWords = []string{
		"and", "or", "not", "cased", "true", "false", "null", "on", "per", "by", "as", "within", "repeat", "until",
		"missing", "once", "exclude",
	}
)

// reserved holds every reserved word.
var reserved = func() map[string]bool {
	m := map[string]bool{}
	for _, words := range [][]string{itemWords, clauseWords, linkWords} {
		for _, w := range words {
			m[w] = true
		}
	}
	for _, w := range Words {
		if isWordStart(w.Text[0]) && !strings.Contains(w.Text, " ") {
			m[w.Text] = true
		}
	}
	return m
}()

// clauseStart and itemStart answer "does this word start …" without a search.
var (
	clauseStart = wordSet(clauseWords)
	itemStart   = wordSet(itemWords)
	infixWord   = func() map[string]bool {
		m := map[string]bool{}
		for _, w := range Words {
			if w.Kind == Infix && w.Text != "not in" {
				m[w.Text] = true
			}
		}
		return m
	}()
	quantifierWord = kindSet(Quantifier)
	prefixWord     = kindSet(Prefix)
)

func wordSet(words []string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

func kindSet(kind WordKind) map[string]bool {
	m := map[string]bool{}
	for _, w := range Words {
		if w.Kind == kind {
			m[w.Text] = true
		}
	}
	return m
}

// IsReserved reports whether a word may not be the name of a rule, parameter, list, definition, scope, step or variable.
func IsReserved(word string) bool { return reserved[word] }

// Reserved returns the reserved words, sorted.
func Reserved() []string {
	words := make([]string, 0, len(reserved))
	for w := range reserved {
		words = append(words, w)
	}
	slices.Sort(words)
	return words
}
