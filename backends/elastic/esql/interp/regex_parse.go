package interp

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A pattern is a backtracking regular expression: Java's for REPLACE, Oniguruma's (Ruby syntax) for GROK. Go's regexp lacks
// the look-around, atomic groups and back-references that both have.
type pattern struct {
	root   *reNode
	groups int
	// names are the named groups by number, "" for unnamed ones.
	names []string
	java  bool
}

// reKind tells the nodes of a pattern apart.
type reKind uint8

const (
	reEmpty reKind = iota
	reChar         // one character of set
	reSeq
	reAlt
	reRepeat
	reGroup   // capturing
	reAtomic  // (?>…)
	reAhead   // (?=…) (?!…)
	reBehind  // (?<=…) (?<!…)
	reBackref // \1
	reLineStart
	reLineEnd
	reTextStart
	reTextEnd
	reTextEndNL // \Z: before a last line break too
	reWordEdge
	reNoWordEdge
)

// reNode is a node of a pattern.
type reNode struct {
	kind       reKind
	set        func(r rune) bool
	subs       []*reNode
	min, max   int // max −1 is unbounded
	lazy, poss bool
	neg        bool
	group      int
	fold       bool
	multi      bool // ^ and $ at every line
}

// regexError is a fault of a pattern.
type regexError struct{ msg string }

func (e *regexError) Error() string { return e.msg }

// reFlags are the inline flags in force.
type reFlags struct{ fold, dotAll, multi, extended bool }

type reParser struct {
	s     string
	pos   int
	p     *pattern
	flags reFlags
	depth int
}

// maxRegexDepth bounds the nesting of groups.
const maxRegexDepth = 200

// compilePattern reads a pattern.
func compilePattern(s string, java bool) (p *pattern, err error) {
	rp := &reParser{s: s, p: &pattern{java: java, names: []string{""}}}
	rp.flags.multi = !java // in Ruby syntax ^ and $ stand at every line
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*regexError)
			if !ok {
				panic(r)
			}
			p, err = nil, e
		}
	}()
	rp.p.root = rp.alternatives()
	if rp.pos < len(s) {
		rp.fail("Unmatched closing ')'")
	}
	rp.p.groups = len(rp.p.names)
	return rp.p, nil
}

func (p *reParser) fail(msg string) {
	panic(&regexError{msg + " near index " + strconv.Itoa(p.pos)})
}

func (p *reParser) more() bool { return p.pos < len(p.s) }

func (p *reParser) peek(t string) bool { return strings.HasPrefix(p.s[p.pos:], t) }

func (p *reParser) accept(t string) bool {
	if p.peek(t) {
		p.pos += len(t)
		return true
	}
	return false
}

func (p *reParser) rune() rune {
	if !p.more() {
		p.fail("Unexpected end of pattern")
	}
	r, n := utf8.DecodeRuneInString(p.s[p.pos:])
	p.pos += n
	return r
}

func (p *reParser) alternatives() *reNode {
	p.depth++
	if p.depth > maxRegexDepth {
		p.fail("Groups nest too deeply")
	}
	defer func() { p.depth-- }()
	saved := p.flags
	alts := []*reNode{p.sequence()}
	for p.accept("|") {
		alts = append(alts, p.sequence())
	}
	p.flags = saved
	if len(alts) == 1 {
		return alts[0]
	}
	return &reNode{kind: reAlt, subs: alts}
}

func (p *reParser) sequence() *reNode {
	var subs []*reNode
	for p.more() && !p.peek("|") && !p.peek(")") {
		if p.flags.extended {
			if r, n := utf8.DecodeRuneInString(p.s[p.pos:]); unicode.IsSpace(r) {
				p.pos += n
				continue
			}
			if p.peek("#") {
				if n := strings.IndexByte(p.s[p.pos:], '\n'); n >= 0 {
					p.pos += n
				} else {
					p.pos = len(p.s)
				}
				continue
			}
		}
		if a := p.atom(); a != nil {
			subs = append(subs, p.quantified(a))
		}
	}
	return &reNode{kind: reSeq, subs: subs}
}

// quantified reads * + ? {n,m} with ? or + behind it.
func (p *reParser) quantified(a *reNode) *reNode {
	for n := 0; ; n++ {
		lo, hi := 0, -1
		switch {
		case p.accept("*"):
		case p.accept("+"):
			lo = 1
		case p.accept("?"):
			hi = 1
		case p.peek("{"):
			var ok bool
			if lo, hi, ok = p.braces(); !ok {
				return a
			}
		default:
			return a
		}
		if n > 10 {
			p.fail("Dangling meta character")
		}
		a = &reNode{kind: reRepeat, subs: []*reNode{a}, min: lo, max: hi}
		if p.accept("?") {
			a.lazy = true
		} else if p.accept("+") {
			a.poss = true
		}
	}
}

// braces reads {n}, {n,}, {n,m} and, outside of Java, {,m}. Anything else is literal text outside of Java.
func (p *reParser) braces() (lo, hi int, ok bool) {
	end := strings.IndexByte(p.s[p.pos:], '}')
	if end > 0 {
		body := p.s[p.pos+1 : p.pos+end]
		a, b, comma := strings.Cut(body, ",")
		if a == "" && comma && !p.p.java {
			a = "0"
		}
		n, err := strconv.Atoi(a)
		m := n
		var err2 error
		if comma {
			m = -1
			if b != "" {
				m, err2 = strconv.Atoi(b)
			}
		}
		if err == nil && err2 == nil && n >= 0 && n <= 10000 && m <= 10000 && (m < 0 && comma && b == "" || m >= n) {
			p.pos += end + 1
			return n, m, true
		}
	}
	if p.p.java {
		p.fail("Illegal repetition")
	}
	return 0, 0, false
}

// atom reads one element without its quantifier; nil for a flag group.
func (p *reParser) atom() *reNode {
	switch c := p.s[p.pos]; c {
	case '(':
		return p.group()
	case '[':
		p.pos++
		return p.char(p.class())
	case '.':
		p.pos++
		if p.flags.dotAll {
			return p.char(func(rune) bool { return true })
		}
		java := p.p.java
		return p.char(func(r rune) bool {
			return r != '\n' && !(java && (r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029))
		})
	case '^':
		p.pos++
		return &reNode{kind: reLineStart, multi: p.flags.multi}
	case '$':
		p.pos++
		return &reNode{kind: reLineEnd, multi: p.flags.multi}
	case '\\':
		return p.escape()
	case '*', '+', '?':
		p.fail("Dangling meta character '" + string(c) + "'")
	}
	return p.literal(p.rune())
}

func (p *reParser) char(set func(r rune) bool) *reNode { return &reNode{kind: reChar, set: set} }

func (p *reParser) literal(want rune) *reNode {
	if p.flags.fold {
		java := p.p.java
		return p.char(func(r rune) bool { return foldEqual(r, want, java) })
	}
	return p.char(func(r rune) bool { return r == want })
}

// foldEqual ignores case: of ASCII letters in Java, of all letters in Oniguruma.
func foldEqual(a, b rune, asciiOnly bool) bool {
	if a == b {
		return true
	}
	if asciiOnly {
		return a < 128 && b < 128 && unicode.ToLower(a) == unicode.ToLower(b)
	}
	return unicode.ToLower(a) == unicode.ToLower(b) || unicode.ToUpper(a) == unicode.ToUpper(b)
}

func (p *reParser) closing(n *reNode) *reNode {
	if !p.accept(")") {
		p.fail("Unclosed group")
	}
	return n
}

// group reads a parenthesis of any kind.
func (p *reParser) group() *reNode {
	p.pos++
	switch {
	case p.accept("?:"):
		return p.closing(p.alternatives())
	case p.accept("?>"):
		return p.closing(&reNode{kind: reAtomic, subs: []*reNode{p.alternatives()}})
	case p.accept("?="), p.accept("?!"):
		return p.look(reAhead)
	case p.accept("?<="), p.accept("?<!"):
		return p.look(reBehind)
	case p.accept("?#"):
		for p.more() && !p.peek(")") {
			p.pos++
		}
		return p.closing(&reNode{kind: reEmpty})
	case p.accept("?<"), p.accept("?'"):
		closer := map[byte]string{'<': ">", '\'': "'"}[p.s[p.pos-1]]
		end := strings.Index(p.s[p.pos:], closer)
		if end <= 0 {
			p.fail("Group name is missing")
		}
		name := p.s[p.pos : p.pos+end]
		p.pos += end + 1
		return p.capture(name)
	case p.accept("?"):
		return p.flagGroup()
	}
	return p.capture("")
}

// look reads the inside of a look-around; its sign is the character before the cursor.
func (p *reParser) look(kind reKind) *reNode {
	neg := p.s[p.pos-1] == '!'
	inside := p.alternatives()
	return p.closing(&reNode{kind: kind, neg: neg, subs: []*reNode{inside}})
}

func (p *reParser) capture(name string) *reNode {
	p.p.names = append(p.p.names, name)
	g := &reNode{kind: reGroup, group: len(p.p.names) - 1}
	g.subs = []*reNode{p.alternatives()}
	return p.closing(g)
}

// flagGroup reads (?i), (?i-s) and (?i:…).
func (p *reParser) flagGroup() *reNode {
	f, on := p.flags, true
	for {
		switch c := p.rune(); c {
		case '-':
			on = false
		case 'i':
			f.fold = on
		case 's':
			f.dotAll = on
		case 'm':
			if p.p.java {
				f.multi = on
			} else {
				f.dotAll = on
			}
		case 'x':
			f.extended = on
		case 'u', 'd', 'U':
		case ')':
			p.flags = f
			return nil
		case ':':
			saved := p.flags
			p.flags = f
			n := p.alternatives()
			p.flags = saved
			return p.closing(n)
		default:
			p.fail("Unknown inline modifier")
		}
	}
}

// escape reads a backslash sequence outside of a class.
func (p *reParser) escape() *reNode {
	p.pos++
	if !p.more() {
		p.fail("Unexpected internal error: pattern ends with a backslash")
	}
	switch c := p.s[p.pos]; {
	case c == 'b':
		p.pos++
		return &reNode{kind: reWordEdge}
	case c == 'B':
		p.pos++
		return &reNode{kind: reNoWordEdge}
	case c == 'A':
		p.pos++
		return &reNode{kind: reTextStart}
	case c == 'z':
		p.pos++
		return &reNode{kind: reTextEnd}
	case c == 'Z':
		p.pos++
		return &reNode{kind: reTextEndNL}
	case c >= '1' && c <= '9':
		n := 0
		for p.more() && p.s[p.pos] >= '0' && p.s[p.pos] <= '9' && n < 100 {
			n = n*10 + int(p.s[p.pos]-'0')
			p.pos++
		}
		return &reNode{kind: reBackref, group: n, fold: p.flags.fold}
	case c == 'k' && strings.HasPrefix(p.s[p.pos:], "k<"):
		end := strings.IndexByte(p.s[p.pos:], '>')
		if end > 0 {
			name := p.s[p.pos+2 : p.pos+end]
			for i, n := range p.p.names {
				if n == name && n != "" {
					p.pos += end + 1
					return &reNode{kind: reBackref, group: i, fold: p.flags.fold}
				}
			}
		}
		p.fail("named capturing group is missing")
	case c == 'Q':
		p.pos++
		text, _, _ := strings.Cut(p.s[p.pos:], `\E`)
		p.pos = min(len(p.s), p.pos+len(text)+2)
		var subs []*reNode
		for _, r := range text {
			subs = append(subs, p.literal(r))
		}
		return &reNode{kind: reSeq, subs: subs}
	case c == 'R':
		p.pos++
		crlf := &reNode{kind: reSeq, subs: []*reNode{p.literal('\r'), p.literal('\n')}}
		return &reNode{kind: reAlt, subs: []*reNode{crlf, p.char(func(r rune) bool {
			return r >= '\n' && r <= '\r' || r == 0x85 || r == 0x2028 || r == 0x2029
		})}}
	}
	if set := p.setEscape(); set != nil {
		return p.char(set)
	}
	return p.literal(p.charEscape())
}
