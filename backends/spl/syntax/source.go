package syntax

import (
	"sort"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// source is a text to parse, with the way back to the text that the user wrote: macro expansion moves bytes.
type source struct {
	name string
	text string
	segs []segment // sorted by at; empty when nothing was expanded
	pos  *positions
}

// segment maps the bytes from at (up to the next segment) to the original: one by one from orig, or, with fixed, all to the
// range orig..end of the macro call that they came from.
type segment struct {
	at, orig, end int
	fixed         bool
}

func newSource(file, text string) *source {
	return &source{name: file, text: text, pos: newPositions(text)}
}

func (s *source) segment(offset int) (segment, bool) {
	i := sort.Search(len(s.segs), func(i int) bool { return s.segs[i].at > offset })
	if i == 0 {
		return segment{}, false
	}
	return s.segs[i-1], true
}

// span returns the place in the user's text of the bytes from start to end.
func (s *source) span(start, end int) diag.Span {
	from, to := start, end
	if g, ok := s.segment(start); ok {
		if from = g.orig; !g.fixed {
			from += start - g.at
		}
	}
	if g, ok := s.segment(max(start, end-1)); ok {
		if to = g.end; !g.fixed {
			to = g.orig + end - g.at
		}
	}
	return s.place(from, max(from, to))
}

// place is the span of a range of the user's text.
func (s *source) place(from, to int) diag.Span {
	return diag.Span{File: s.name, Start: s.pos.at(from), End: s.pos.at(to)}
}

// positions turns byte offsets of a text into lines and columns, each in the same short time: a query of many thousand
// terms on one line has many spans.
type positions struct {
	size  int
	lines []int   // offsets of line starts
	runes []int32 // number of code points before each byte; nil for an ASCII text
}

func newPositions(text string) *positions {
	p := &positions{size: len(text), lines: []int{0}}
	ascii := true
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			p.lines = append(p.lines, i+1)
		}
		ascii = ascii && text[i] < utf8.RuneSelf
	}
	if !ascii {
		p.runes = make([]int32, len(text)+1)
		for i := 0; i < len(text); i++ {
			p.runes[i+1] = p.runes[i]
			if i+1 == len(text) || utf8.RuneStart(text[i+1]) {
				p.runes[i+1]++
			}
		}
	}
	return p
}

func (p *positions) at(offset int) diag.Pos {
	offset = max(0, min(offset, p.size))
	line := sort.SearchInts(p.lines, offset+1)
	start := p.lines[line-1]
	col := offset - start
	if p.runes != nil {
		col = int(p.runes[offset] - p.runes[start])
	}
	return diag.Pos{Offset: offset, Line: line, Col: col + 1}
}
