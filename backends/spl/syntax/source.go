package syntax

import (
	"sort"

	"github.com/onerule/onerule/diag"
)

// source is a text to parse, with the way back to the text that the user wrote: macro expansion moves bytes.
type source struct {
	src  *diag.Source
	text string
	segs []segment // sorted by at; empty when nothing was expanded
}

// segment maps the bytes from at (up to the next segment) to the original: one by one from orig, or, with fixed, all to the
// range orig..end of the macro call that they came from.
type segment struct {
	at, orig, end int
	fixed         bool
}

func newSource(file, text string) *source {
	return &source{src: diag.NewSource(file, text), text: text}
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
	return s.src.Span(from, max(from, to))
}
