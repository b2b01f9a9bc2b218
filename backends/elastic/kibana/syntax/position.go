package syntax

import (
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// positions turns offsets into positions in constant time: [diag.Source] counts from the start of the line, which is too
// slow for the long one-line queries that rules hold.
type positions struct {
	file, text string
	marks      []diag.Pos // the position of every markStep-th byte, or of the code point that holds it
}

const markStep = 256

func newPositions(file, text string) *positions {
	p := &positions{file: file, text: text}
	at := diag.Pos{Line: 1, Col: 1}
	for at.Offset <= len(text) {
		p.marks = append(p.marks, at)
		at = p.advance(at, at.Offset-at.Offset%markStep+markStep)
		if at.Offset >= len(text) {
			break
		}
	}
	return p
}

// advance moves a position to the first code point at or behind an offset.
func (p *positions) advance(at diag.Pos, offset int) diag.Pos {
	for at.Offset < offset && at.Offset < len(p.text) {
		_, n := utf8.DecodeRuneInString(p.text[at.Offset:])
		if p.text[at.Offset] == '\n' {
			at.Line++
			at.Col = 0
		}
		at.Col++
		at.Offset += n
	}
	return at
}

func (p *positions) pos(offset int) diag.Pos {
	mark := p.marks[min(offset/markStep, len(p.marks)-1)]
	if mark.Offset > offset && offset >= markStep {
		mark = p.marks[offset/markStep-1] // the mark fell into a code point and moved behind it
	}
	return p.advance(mark, offset)
}

func (p *positions) span(start, end int) diag.Span {
	return diag.Span{File: p.file, Start: p.pos(start), End: p.pos(end)}
}
