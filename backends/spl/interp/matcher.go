package interp

import (
	"net/netip"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
)

// matcher tests texts against a value of the search command.
type matcher struct {
	main *pattern
	// alt is the other reading of the value, taken when the doubt is off.
	alt   *pattern
	doubt doubt
}

func newMatcher(v syntax.Value) *matcher {
	m := &matcher{main: newPattern(v.Text, v.Wrap == "CASE")}
	switch t := v.Text; {
	case v.LoneBackslash:
		m.alt, m.doubt = newPattern(strings.ReplaceAll(t, `\*`, `*`), v.Wrap == "CASE"), loneBackslash
	case !v.Quoted && len(t) >= 2 && t[0] == '\'' && t[len(t)-1] == '\'':
		m.alt, m.doubt = newPattern(t[1:len(t)-1], v.Wrap == "CASE"), singleQuotes
	}
	return m
}

func (m *matcher) fits(r *run, s string) bool {
	if m.alt != nil && !r.on[m.doubt].On() {
		return m.alt.fits(r, s)
	}
	return m.main.fits(r, s)
}

// pattern is a text in which every * fits any run of characters. An address block fits the addresses in it.
type pattern struct {
	cased  bool
	pieces []string // between the wildcards, as written
	folded []string // folded by simple Unicode folding
	ascii  []string // folded by ASCII letters alone
	block  *netip.Prefix
	inner  bool // an inner wildcard stands beside punctuation
}

func newPattern(s string, cased bool) *pattern {
	p := &pattern{cased: cased, pieces: strings.Split(s, "*")}
	for _, piece := range p.pieces {
		p.folded = append(p.folded, fold(piece, false))
		p.ascii = append(p.ascii, fold(piece, true))
	}
	if block, err := netip.ParsePrefix(s); err == nil {
		block = block.Masked()
		p.block = &block
	}
	for i := 0; i+1 < len(p.pieces); i++ {
		before, after := p.pieces[i], p.pieces[i+1]
		outer := i == 0 && before == "" || i+2 == len(p.pieces) && after == ""
		if !outer && (endsInPunct(before) || startsWithPunct(after)) {
			p.inner = true
		}
	}
	return p
}

func endsInPunct(s string) bool {
	return s != "" && isPunct(s[len(s)-1])
}

func startsWithPunct(s string) bool { return s != "" && isPunct(s[0]) }

// isPunct reports whether a byte splits text into index terms.
func isPunct(c byte) bool { return isMajor(c) || isMinor(c) }

func (p *pattern) fits(r *run, s string) bool {
	if p.block != nil {
		if addr, err := netip.ParseAddr(s); err == nil {
			return p.block.Contains(addr)
		}
	}
	if p.inner && !r.on[innerWildcard].On() {
		return false
	}
	if p.cased {
		return globFits(p.pieces, s)
	}
	if r.on[unicodeFold].On() {
		return globFits(p.folded, fold(s, false))
	}
	return globFits(p.ascii, fold(s, true))
}

// globFits reports whether s is the pieces with anything between them.
func globFits(pieces []string, s string) bool {
	last := len(pieces) - 1
	if last == 0 {
		return s == pieces[0]
	}
	if !strings.HasPrefix(s, pieces[0]) {
		return false
	}
	s = s[len(pieces[0]):]
	if len(s) < len(pieces[last]) || !strings.HasSuffix(s, pieces[last]) {
		return false
	}
	s = s[:len(s)-len(pieces[last])]
	for _, piece := range pieces[1:last] {
		i := strings.Index(s, piece)
		if i < 0 {
			return false
		}
		s = s[i+len(piece):]
	}
	return true
}
