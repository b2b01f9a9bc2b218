package ndjson

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/onerule/onerule/diag"
)

// opens reports whether the first line of a stream says that objects are spread over lines (it is a brace alone), or stand in
// an array.
func opens(line []byte) bool {
	text := bytes.TrimSpace(bytes.TrimPrefix(line, bom))
	return len(text) > 0 && (text[0] == '[' || string(text) == "{")
}

var bom = []byte("\ufeff")

// spreadOver goes back to the beginning of a line that was read, and reads objects from there on.
func (r *Reader) spreadOver(line []byte) {
	r.spread = true
	r.r = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(line), r.r), 1<<20)
}

// object returns the next object of a spread stream. What stands between objects, commas and the brackets of an array, is passed
// over. A line with anything else there is returned as it is, for [Line.Read] to say that it is no event.
func (r *Reader) object() (Line, error) {
	for {
		c, err := r.r.ReadByte()
		if err != nil {
			return Line{}, err
		}
		l := Line{number: r.line, start: r.next, col: r.next - r.begins, raw: []byte{c}, size: 1}
		r.passed(c)
		switch {
		case c == '{':
			return r.whole(l)
		case c <= ' ', c == ',', c == '[', c == ']', l.start < len(bom) && c == bom[l.start]:
		default:
			rest, size, err := r.readLine()
			if err != nil && !errors.Is(err, io.EOF) {
				return Line{}, err
			}
			r.next, r.line = r.next+size, r.line+1
			r.begins = r.next
			l.raw, l.size = append(l.raw, rest...), l.size+size
			return l, nil
		}
	}
}

// whole gathers the bytes of an object up to its last brace, or to the end of the stream.
func (r *Reader) whole(l Line) (Line, error) {
	quoted, escaped := false, false
	for depth := 1; depth > 0; {
		c, err := r.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return l, nil
		}
		if err == nil && l.size > hopeless {
			err = errHopeless
		}
		if err != nil {
			return Line{}, err
		}
		r.passed(c)
		if l.size++; l.size <= MaxLine {
			l.raw = append(l.raw, c)
		} else {
			l.raw = nil
		}
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{':
			depth++
		case c == '}':
			depth--
		}
	}
	return l, nil
}

// passed counts a byte of a spread stream.
func (r *Reader) passed(c byte) {
	r.next++
	if c == '\n' {
		r.line++
		r.begins = r.next
	}
}

// pos is the place of the n-th byte of what [Line.Read] read, from 0.
func (l Line) pos(n int) diag.Pos {
	before := l.raw[:min(n, len(l.raw))]
	at := diag.Pos{Offset: l.start + n, Line: l.number + bytes.Count(before, []byte("\n")), Col: l.col + n + 1}
	if i := bytes.LastIndexByte(before, '\n'); i >= 0 {
		at.Col = n - i
	}
	return at
}
