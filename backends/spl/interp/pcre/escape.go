package pcre

import (
	"strconv"
	"strings"
)

var (
	digitSet = []span{{'0', '9'}}
	wordSet  = []span{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
	spaceSet = []span{{'\t', '\r'}, {' ', ' '}}
	horizSet = []span{{'\t', '\t'}, {' ', ' '}, {0xa0, 0xa0}, {0x1680, 0x1680}, {0x180e, 0x180e}, {0x2000, 0x200a}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}}
	vertSet  = []span{{'\n', '\r'}, {0x85, 0x85}, {0x2028, 0x2029}}
)

// classEscapes are the escapes that stand for a set, inside and outside brackets; the upper-case letter is the complement.
var classEscapes = map[rune][]span{'d': digitSet, 'w': wordSet, 's': spaceSet, 'h': horizSet, 'v': vertSet}

// escape parses what follows a backslash outside brackets.
func (p *parser) escape(start int) (node, bool) {
	if !p.more() {
		p.fail(start, "the expression ends with a backslash")
	}
	r := p.next()
	if set, ok := classEscapes[r]; ok {
		return class{set: set}, true
	}
	if set, ok := classEscapes[r+'a'-'A']; ok && r >= 'A' && r <= 'Z' {
		return class{set: set, negate: true}, true
	}
	switch r {
	case 'A':
		return assert{textStart}, true
	case 'z':
		return assert{textEnd}, true
	case 'Z':
		return assert{textEndLine}, true
	case 'b':
		return assert{wordEdge}, true
	case 'B':
		return assert{noWordEdge}, true
	case 'G':
		return assert{matchStart}, true
	case 'K':
		return keep{}, true
	case 'N':
		return class{set: []span{{'\n', '\n'}}, negate: true}, true
	case 'R':
		crlf := concat{[]node{char{r: '\r'}, char{r: '\n'}}}
		return atomic{alternate{[]node{crlf, class{set: vertSet}}}}, true
	case 'Q':
		return p.literal(), true
	case 'E':
		return nil, false
	case 'k':
		return p.namedRef(start, p.nameAfterK(start)), true
	case 'g':
		return p.backrefG(start), true
	case 'p', 'P', 'X', 'C':
		p.unsupported(start, "\\"+string(r))
	}
	if r >= '1' && r <= '9' {
		if x, ok := p.numberedRef(start); ok {
			return x, true
		}
	}
	p.pos = start + 1
	return p.char(p.charEscape(start)), true
}

// literal parses \Q…\E.
func (p *parser) literal() node {
	end := strings.Index(p.in[p.pos:], `\E`)
	body, skip := p.in[p.pos:], 0
	if end >= 0 {
		body, skip = body[:end], 2
	}
	p.pos += len(body) + skip
	items := []node{}
	for _, r := range body {
		items = append(items, p.char(r))
	}
	return concat{items}
}

func (p *parser) nameAfterK(start int) string {
	switch {
	case p.has("<"):
		return p.until(">", start)
	case p.has("{"):
		return p.until("}", start)
	case p.has("'"):
		return p.until("'", start)
	}
	p.fail(start, `\k needs a name: \k<name>`)
	return ""
}

// backrefG parses \g1, \g{1}, \g{-1}, \g{name}.
func (p *parser) backrefG(start int) node {
	body := ""
	if p.has("{") {
		end := strings.IndexByte(p.in[p.pos:], '}')
		if end < 0 {
			p.fail(start, `\g{ is not closed`)
		}
		body = p.in[p.pos : p.pos+end]
		p.pos += end + 1
	} else {
		if p.more() && p.in[p.pos] == '<' || p.has("'") {
			p.unsupported(start, "recursion or a callout")
		}
		from := p.pos
		p.has("-")
		for p.more() && isDigit(p.in[p.pos]) {
			p.pos++
		}
		body = p.in[from:p.pos]
	}
	n, err := strconv.Atoi(body)
	switch {
	case err != nil && body != "" && !isDigit(body[0]) && body[0] != '-':
		return p.namedRef(start, body)
	case err != nil || n == 0:
		p.fail(start, `\g needs a group`)
	case n < 0:
		n = p.groups + 1 + n
		if n <= 0 {
			p.fail(start, "the back-reference points before the first group")
		}
	}
	return p.ref(start, n)
}

// numberedRef parses \1 … \9 and, where so many groups exist, \10 and on; other numbers are octal.
func (p *parser) numberedRef(start int) (node, bool) {
	end := start + 1
	for end < len(p.in) && isDigit(p.in[end]) {
		end++
	}
	n, err := strconv.Atoi(p.in[start+1 : end])
	if err != nil || n > 9 && n > strings.Count(p.in, "(") {
		return nil, false
	}
	p.pos = end
	return p.ref(start, n), true
}

func (p *parser) ref(start, n int) node {
	x := &backrefNode{backref{n: n, fold: p.flags.fold}}
	p.refs = append(p.refs, nameRef{"", start, x})
	return x
}

// charEscape parses an escape that stands for one character; p.pos is behind the backslash.
func (p *parser) charEscape(start int) rune {
	switch r := p.next(); r {
	case 'a':
		return 7
	case 'e':
		return 27
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'c':
		if !p.more() {
			p.fail(start, `\c needs a character`)
		}
		c := p.next()
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c > 0x7e {
			p.fail(start, `\c needs an ASCII character`)
		}
		return c ^ 0x40
	case 'x':
		return p.hex(start)
	case 'o':
		if p.has("{") {
			return p.digitsUntil(start, 8)
		}
		p.fail(start, `\o needs braces`)
	default:
		if r >= '0' && r <= '7' {
			p.pos--
			return p.octal()
		}
		if isWord(r) && r != '_' {
			p.fail(start, `\%c is no escape`, r)
		}
		return r
	}
	return 0
}

func (p *parser) hex(start int) rune {
	if p.has("{") {
		return p.digitsUntil(start, 16)
	}
	end := p.pos
	for end < len(p.in) && end < p.pos+2 && strings.IndexByte("0123456789abcdefABCDEF", p.in[end]) >= 0 {
		end++
	}
	n, _ := strconv.ParseInt("0"+p.in[p.pos:end], 16, 32)
	p.pos = end
	return rune(n)
}

func (p *parser) digitsUntil(start, base int) rune {
	end := strings.IndexByte(p.in[p.pos:], '}')
	if end < 0 {
		p.fail(start, "a code point is not closed by }")
	}
	n, err := strconv.ParseInt(strings.TrimSpace(p.in[p.pos:p.pos+end]), base, 32)
	if err != nil || n < 0 || n > 0x10ffff || n >= 0xd800 && n < 0xe000 {
		p.fail(start, "this is no code point")
	}
	p.pos += end + 1
	return rune(n)
}

func (p *parser) octal() rune {
	end := p.pos
	for end < len(p.in) && end < p.pos+3 && p.in[end] >= '0' && p.in[end] <= '7' {
		end++
	}
	n, _ := strconv.ParseInt(p.in[p.pos:end], 8, 32)
	p.pos = end
	return rune(n)
}
