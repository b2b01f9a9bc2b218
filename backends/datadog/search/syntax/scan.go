package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// maxDepth is how deep parentheses and negations may nest; a deeper text is a fault, not a stack overflow.
const maxDepth = 200

// maxFaults is the number of faults after which parsing stops.
const maxFaults = 20

// scanner walks the text once and knows the position of its cursor, so that spans cost nothing extra.
type scanner struct {
	file, src string
	i         int
	mark      diag.Pos // position of markOff
	markOff   int
}

func newScanner(file, src string) *scanner {
	return &scanner{file: file, src: src, mark: diag.Pos{Line: 1, Col: 1}}
}

// pos returns the position of an offset; offsets asked in rising order are answered in one pass over the text.
func (s *scanner) pos(off int) diag.Pos {
	if off < s.markOff {
		return diag.NewSource(s.file, s.src).Pos(off)
	}
	for s.markOff < off {
		r, n := utf8.DecodeRuneInString(s.src[s.markOff:])
		s.markOff += n
		if r == '\n' {
			s.mark.Line++
			s.mark.Col = 1
		} else {
			s.mark.Col++
		}
	}
	s.mark.Offset = s.markOff
	return s.mark
}

// span makes the span from a start position to the cursor.
func (s *scanner) span(start diag.Pos) diag.Span {
	return diag.Span{File: s.file, Start: start, End: s.pos(s.i)}
}

func (s *scanner) here() diag.Pos { return s.pos(s.i) }

func (s *scanner) peek() rune {
	if s.i >= len(s.src) {
		return -1
	}
	r, _ := utf8.DecodeRuneInString(s.src[s.i:])
	return r
}

func (s *scanner) next() rune {
	if s.i >= len(s.src) {
		return -1
	}
	r, n := utf8.DecodeRuneInString(s.src[s.i:])
	s.i += n
	return r
}

func (s *scanner) has(prefix string) bool { return strings.HasPrefix(s.src[s.i:], prefix) }

func (s *scanner) blanks() {
	for s.i < len(s.src) && unicode.IsSpace(s.peek()) {
		s.next()
	}
}

// keyword reads AND, OR or NOT at the cursor when nothing word-like follows it.
func (s *scanner) keyword(word string) bool {
	if !s.has(word) {
		return false
	}
	rest := s.src[s.i+len(word):]
	if rest != "" {
		r, _ := utf8.DecodeRuneInString(rest)
		if !unicode.IsSpace(r) && !strings.ContainsRune(`("`, r) {
			return false
		}
	}
	s.i += len(word)
	return true
}

// endsWord lists the characters that end an unquoted word unless a backslash stands before them.
const endsWord = `()[]{}"<>^~!:`

// word reads an unquoted word. It stops before a blank, a special character, && or ||. A backslash takes the next character
// as it is; one at the very end of the text is reported by ok = false.
func (s *scanner) word() (w Word, ok bool) {
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			w.Pieces = append(w.Pieces, Piece{Kind: Text, Text: text.String()})
			text.Reset()
		}
	}
	for s.i < len(s.src) {
		r := s.peek()
		switch {
		case r == '\\':
			s.next()
			if s.i >= len(s.src) {
				flush()
				return w, false
			}
			text.WriteRune(s.next())
			continue
		case r == '*':
			flush()
			if n := len(w.Pieces); n == 0 || w.Pieces[n-1].Kind != Star {
				w.Pieces = append(w.Pieces, Piece{Kind: Star})
			}
		case r == '?':
			flush()
			w.Pieces = append(w.Pieces, Piece{Kind: Question})
		case unicode.IsSpace(r), strings.ContainsRune(endsWord, r), s.has("&&"), s.has("||"):
			flush()
			return w, true
		default:
			text.WriteRune(r)
		}
		s.next()
	}
	flush()
	return w, true
}

// quoted reads the raw text after an opening quote up to its closing quote; ok is false when there is none.
func (s *scanner) quoted() (raw string, ok bool) {
	start := s.i
	for s.i < len(s.src) {
		switch s.next() {
		case '\\':
			s.next()
		case '"':
			return s.src[start : s.i-1], true
		}
	}
	return s.src[start:], false
}

// skipClause moves behind a clause that could not be read, so that the faults after it are found too.
func (s *scanner) skipClause() {
	for s.i < len(s.src) {
		r := s.peek()
		if unicode.IsSpace(r) || r == ')' || r == '(' {
			return
		}
		s.next()
		if r == '\\' {
			s.next()
		}
		if r == '"' {
			if _, ok := s.quoted(); !ok {
				return
			}
		}
	}
}
