package syntax

import "github.com/onerule/onerule/diag"

// kind is the kind of a token.
type kind int

const (
	tEOF     kind = iota
	tIdent        // name
	tQuoted       // `name`, decoded
	tTilde        // name~, without the ~
	tString       // "…" or """…""", decoded
	tInt          // 12
	tDecimal      // 1.5, .5, 1e3
	tKeyword      // one of keywords; the text says which
	tPunct        // an operator or bracket; the text says which
)

// token is one lexical element. text is the decoded value of names and strings, the source text of everything else.
type token struct {
	kind kind
	text string
	span diag.Span
}

func (t token) is(k kind, text string) bool { return t.kind == k && t.text == text }

// describe names a token in messages, in the user's words.
func (t token) describe() string {
	switch t.kind {
	case tEOF:
		return "the end of the query"
	case tIdent, tInt, tDecimal, tKeyword, tPunct:
		return "`" + t.text + "`"
	case tQuoted:
		return "the field name " + quoteSegment(t.text)
	case tTilde:
		return "`" + t.text + "~`"
	case tString:
		return "a string"
	}
	return "text"
}

// keywords are the words that may not be used as names without quoting (EQL syntax reference; lower case only).
var keywords = map[string]bool{
	"and": true, "any": true, "by": true, "false": true, "in": true, "join": true, "like": true, "maxspan": true,
	"not": true, "null": true, "of": true, "or": true, "regex": true, "sample": true, "sequence": true, "true": true,
	"until": true, "where": true, "with": true, "fork": true,
}

// tildeKeywords are the operators that a ~ makes case-insensitive.
var tildeKeywords = map[string]bool{"in": true, "like": true, "regex": true}

// punctuation in order of trial: longer ones first.
var punctuation = []string{
	"![", "==", "!=", "<=", ">=", "<", ">", "=", ":", "+", "-", "*", "/", "%", ".", ",", "[", "]", "(", ")", "|", "?",
}
