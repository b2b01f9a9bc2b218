package diag

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// Source is a text with a name; it turns byte offsets into positions.
type Source struct {
	Name  string
	Text  string
	lines []int // offsets of line starts, built on first use
}

const bom = "\uFEFF"

// NewSource returns a source for the text of a file.
func NewSource(name, text string) *Source { return &Source{Name: name, Text: text} }

func (s *Source) index() {
	if s.lines != nil {
		return
	}
	s.lines = []int{0}
	if strings.HasPrefix(s.Text, bom) {
		s.lines[0] = len(bom) // a byte order mark is no character of the line
	}
	for i := 0; i < len(s.Text); i++ {
		if s.Text[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
}

// Pos returns the position of a byte offset; an offset outside the text is moved to its nearest end.
func (s *Source) Pos(offset int) Pos {
	s.index()
	offset = max(s.lines[0], min(offset, len(s.Text)))
	line := sort.SearchInts(s.lines, offset+1)
	return Pos{Offset: offset, Line: line, Col: utf8.RuneCountInString(s.Text[s.lines[line-1]:offset]) + 1}
}

// Span returns the span between two byte offsets.
func (s *Source) Span(start, end int) Span {
	return Span{File: s.Name, Start: s.Pos(start), End: s.Pos(end)}
}

// Line returns the text of a line (from 1) without its line end; "" when there is no such line.
func (s *Source) Line(n int) string {
	s.index()
	if n < 1 || n > len(s.lines) {
		return ""
	}
	end := len(s.Text)
	if n < len(s.lines) {
		end = s.lines[n] - 1
	}
	text := s.Text[s.lines[n-1]:end]
	if len(text) > 0 && text[len(text)-1] == '\r' {
		text = text[:len(text)-1]
	}
	return text
}

// Brief is the one-line form: "file:line:col: code: title".
func (d Diagnostic) Brief() string {
	if !d.Span.IsValid() {
		if d.Span.File == "" {
			return fmt.Sprintf("%s: %s", d.Code, d.Title)
		}
		return fmt.Sprintf("%s: %s: %s", d.Span.File, d.Code, d.Title)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s", d.Span.File, d.Span.Start.Line, d.Span.Start.Col, d.Code, d.Title)
}
