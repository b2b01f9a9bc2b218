package grammar

import (
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/onerule/onerule/diag"
)

// The kinds of tokens. A token's value is its text in the file, with quotes.
const (
	kindName     lexer.TokenType = -2 - iota // one segment, not reserved
	kindPath                                 // several segments, or back-quoted
	kindKeyword                              // a reserved word
	kindString                               // "…", '…', """…"""
	kindNumber                               // without sign
	kindDuration                             // 1h30m
	kindVar                                  // $name
	kindPunct                                // brackets, separators, operator signs
	kindForeign                              // an operator sign of another language
	kindJunk                                 // text that could not be read; a fault of it has been reported
)

// symbols names the token kinds for the productions in tree.go.
var symbols = map[string]lexer.TokenType{
	"EOF": lexer.EOF, "Name": kindName, "Path": kindPath, "Keyword": kindKeyword, "String": kindString,
	"Number": kindNumber, "Duration": kindDuration, "Var": kindVar, "Punct": kindPunct, "Foreign": kindForeign, "Junk": kindJunk,
}

// token is a token and what cutting the file needs to know of it.
type token struct {
	lexer.Token
	nl  bool // the first token of its line
	bad bool // a fault of it has been reported
	odd bool // its text is not of the form of its kind

	ends diag.Pos // its end, if it was read as another word
}

// is reports whether the token is a word or sign of the language.
func (t *token) is(text string) bool {
	return t.Value == text && (t.Type == kindKeyword || t.Type == kindPunct)
}

// isWord reports whether the token is this unquoted word, reserved or not.
func (t *token) isWord(text string) bool {
	return t.Value == text && (t.Type == kindKeyword || t.Type == kindName)
}

// completes reports whether a clause may end with the token: after it, a word at the start of a line is a new clause.
func (t *token) completes() bool {
	switch t.Type {
	case kindName, kindPath, kindString, kindNumber, kindDuration, kindVar, kindJunk:
		return true
	case kindPunct:
		return t.Value == ")" || t.Value == "]" || t.Value == "}"
	case kindKeyword:
		return t.Value == "true" || t.Value == "false" || t.Value == "null"
	case lexer.EOF:
	}
	return false
}

func startOf(t lexer.Token) diag.Pos {
	return diag.Pos{Offset: t.Pos.Offset, Line: t.Pos.Line, Col: t.Pos.Column}
}

// endOf computes the end of a token from its text; only strings span lines.
func endOf(t lexer.Token) diag.Pos {
	p := startOf(t)
	return advance(p, t.Value)
}

// advance moves a position over a text.
func advance(p diag.Pos, text string) diag.Pos {
	p.Offset += len(text)
	if n := strings.Count(text, "\n"); n > 0 {
		p.Line += n
		p.Col = 1
		text = text[strings.LastIndexByte(text, '\n')+1:]
	}
	p.Col += utf8.RuneCountInString(text)
	return p
}

func spanOf(t lexer.Token) diag.Span {
	return diag.Span{File: t.Pos.Filename, Start: startOf(t), End: endOf(t)}
}

// within returns the span of t's bytes [from, to).
func within(t lexer.Token, from, to int) diag.Span {
	start := advance(startOf(t), t.Value[:from])
	return diag.Span{File: t.Pos.Filename, Start: start, End: advance(start, t.Value[from:to])}
}

// endToken is the end mark that stands right after t.
func endToken(t *token) lexer.Token {
	end := t.span().End
	return lexer.EOFToken(lexer.Position{Filename: t.Pos.Filename, Offset: end.Offset, Line: end.Line, Column: end.Col})
}

// span is the place of the token, also of one that was read as another word.
func (t *token) span() diag.Span {
	s := spanOf(t.Token)
	if t.ends.IsValid() {
		s.End = t.ends
	}
	return s
}

// become makes the token the word that was meant.
func (t *token) become(word string) {
	t.ends = t.span().End
	t.Type, t.Value = kindKeyword, word
}

// definition gives participle the names of the token kinds. Texts are never read through it: the file is read once, by
// read, and cut into clauses before participle sees a token.
type definition struct{}

func (definition) Symbols() map[string]lexer.TokenType { return symbols }

// feed hands the tokens of one clause to participle.
type feed struct {
	tokens []token
	end    lexer.Token
}

// Next implements [lexer.Lexer].
func (f *feed) Next() (lexer.Token, error) {
	if len(f.tokens) == 0 {
		return f.end, nil
	}
	t := f.tokens[0].Token
	f.tokens = f.tokens[1:]
	return t, nil
}
