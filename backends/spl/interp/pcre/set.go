package pcre

import "unicode"

// charset is a class ready to match.
type charset struct {
	low    [256]bool // the answer for characters below 256
	ranges []span
	negate bool
	fold   bool
	ascii  bool // fold ASCII letters alone
}

func newCharset(c class, asciiFold bool) *charset {
	s := &charset{ranges: c.set, negate: c.negate, fold: c.fold, ascii: asciiFold}
	for r := rune(0); r < 256; r++ {
		s.low[r] = s.slow(r)
	}
	return s
}

func (s *charset) has(r rune) bool {
	if r < 256 {
		return s.low[r]
	}
	return s.slow(r)
}

func (s *charset) slow(r rune) bool {
	in := s.inRanges(r)
	if !in && s.fold {
		eachFold(r, s.ascii, func(f rune) { in = in || s.inRanges(f) })
	}
	return in != s.negate
}

func (s *charset) inRanges(r rune) bool {
	for _, g := range s.ranges {
		if g.lo <= r && r <= g.hi {
			return true
		}
	}
	return false
}

// eachFold calls f with the other cases of r.
func eachFold(r rune, ascii bool, f func(rune)) {
	if ascii {
		switch {
		case 'a' <= r && r <= 'z':
			f(r - 'a' + 'A')
		case 'A' <= r && r <= 'Z':
			f(r - 'A' + 'a')
		}
		return
	}
	for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
		f(o)
	}
}

func sameFold(a, b rune, ascii bool) bool {
	same := a == b
	if !same {
		eachFold(a, ascii, func(f rune) { same = same || f == b })
	}
	return same
}

// first is the set of bytes that a match can begin with; nullable says that it can be empty (or that it is not known).
type first struct {
	bytes    [256]bool
	nullable bool
}

func (f *first) add(r rune, bytes bool) {
	if r < 0x80 || bytes && r < 256 {
		f.bytes[r] = true
		return
	}
	for i := 0x80; i < 256; i++ {
		f.bytes[i] = true
	}
}

func (f *first) merge(g first) {
	for i := range f.bytes {
		f.bytes[i] = f.bytes[i] || g.bytes[i]
	}
}

func (c *compiler) first(x node) first {
	var f first
	switch x := x.(type) {
	case char:
		f.add(x.r, c.bytes)
		if x.fold {
			eachFold(x.r, c.bytes, func(o rune) { f.add(o, c.bytes) })
		}
	case class:
		s := newCharset(x, c.bytes)
		for r := rune(0); r < 256; r++ {
			if r < 0x80 || c.bytes {
				f.bytes[r] = s.low[r]
			} else {
				f.bytes[r] = true
			}
		}
	case group:
		return c.first(x.x)
	case atomic:
		return c.first(x.x)
	case repeat:
		f = c.first(x.x)
		f.nullable = f.nullable || x.min == 0
	case alternate:
		for _, item := range x.items {
			g := c.first(item)
			f.merge(g)
			f.nullable = f.nullable || g.nullable
		}
	case concat:
		f.nullable = true
		for _, item := range x.items {
			g := c.first(item)
			f.merge(g)
			if !g.nullable {
				f.nullable = false
				break
			}
		}
	case backref, *backrefNode:
		for i := range f.bytes {
			f.bytes[i] = true
		}
		f.nullable = true
	case assert, look, keep:
		f.nullable = true
	}
	return f
}

// anchored reports whether a match can begin at the start of the text alone.
func anchored(x node) bool {
	switch x := x.(type) {
	case assert:
		return x.kind == textStart
	case group:
		return anchored(x.x)
	case atomic:
		return anchored(x.x)
	case concat:
		return len(x.items) > 0 && anchored(x.items[0])
	case alternate:
		for _, item := range x.items {
			if !anchored(item) {
				return false
			}
		}
		return true
	case repeat:
		return x.min > 0 && anchored(x.x)
	case char, class, look, backref, keep, *backrefNode:
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWord(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}
