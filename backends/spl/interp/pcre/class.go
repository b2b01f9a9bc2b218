package pcre

import "strings"

var posixClasses = map[string][]span{
	"alpha": {{'A', 'Z'}, {'a', 'z'}}, "digit": digitSet, "alnum": {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}},
	"upper": {{'A', 'Z'}}, "lower": {{'a', 'z'}}, "space": spaceSet, "blank": {{'\t', '\t'}, {' ', ' '}},
	"punct": {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}, "xdigit": {{'0', '9'}, {'A', 'F'}, {'a', 'f'}},
	"word": wordSet, "cntrl": {{0, 31}, {127, 127}}, "print": {{' ', '~'}}, "graph": {{'!', '~'}}, "ascii": {{0, 127}},
}

// class parses a bracket expression; the opening bracket is at start.
func (p *parser) class(start int) node {
	x := class{fold: p.flags.fold}
	x.negate = p.has("^")
	for first := true; ; first = false {
		if !p.more() {
			p.fail(start, "a [ is not closed")
		}
		if p.in[p.pos] == ']' && !first {
			p.pos++
			return x
		}
		lo, set, single := p.classItem(start)
		if !single {
			x.set = append(x.set, set...)
			continue
		}
		hi := lo
		if p.more() && p.in[p.pos] == '-' && p.pos+1 < len(p.in) && p.in[p.pos+1] != ']' {
			p.pos++
			h, hset, hsingle := p.classItem(start)
			if !hsingle { // a-\d: three items
				x.set = append(x.set, span{lo, lo}, span{'-', '-'})
				x.set = append(x.set, hset...)
				continue
			}
			if hi = h; hi < lo {
				p.fail(start, "a range of the class is out of order")
			}
		}
		x.set = append(x.set, span{lo, hi})
	}
}

// classItem parses one member of a class: a character (single), or a set.
func (p *parser) classItem(start int) (r rune, set []span, single bool) {
	at := p.pos
	if p.in[p.pos] == '[' {
		if set, ok := p.posix(); ok {
			return 0, set, false
		}
	}
	if r = p.next(); r != '\\' {
		return r, nil, true
	}
	if !p.more() {
		p.fail(start, "a [ is not closed")
	}
	c := p.next()
	if set, ok := classEscapes[c]; ok {
		return 0, set, false
	}
	if set, ok := classEscapes[c+'a'-'A']; ok && c >= 'A' && c <= 'Z' {
		return 0, complement(set), false
	}
	switch c {
	case 'b':
		return '\b', nil, true
	case 'Q':
		end := strings.Index(p.in[p.pos:], `\E`)
		if end < 0 {
			p.fail(start, "a [ is not closed")
		}
		for _, r := range p.in[p.pos : p.pos+end] {
			set = append(set, span{r, r})
		}
		p.pos += end + 2
		return 0, set, false
	case 'E':
		return 0, nil, false
	case 'p', 'P', 'N', 'R', 'X':
		p.unsupported(at, "\\"+string(c)+" in a class")
	}
	p.pos = at + 1
	if c >= '0' && c <= '7' {
		return p.octal(), nil, true
	}
	return p.charEscape(at), nil, true
}

// posix parses [:name:] or [:^name:].
func (p *parser) posix() ([]span, bool) {
	rest := p.in[p.pos:]
	if !strings.HasPrefix(rest, "[:") {
		return nil, false
	}
	end := strings.Index(rest, ":]")
	if end < 2 {
		return nil, false
	}
	name := rest[2:end]
	neg := strings.HasPrefix(name, "^")
	set, ok := posixClasses[strings.TrimPrefix(name, "^")]
	if !ok {
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz^") == "" {
			p.fail(p.pos, "there is no class [:%s:]", name)
		}
		return nil, false
	}
	p.pos += end + 2
	if neg {
		set = complement(set)
	}
	return set, true
}

// complement returns the characters outside a sorted set.
func complement(set []span) []span {
	var out []span
	next := rune(0)
	for _, s := range set {
		if s.lo > next {
			out = append(out, span{next, s.lo - 1})
		}
		next = s.hi + 1
	}
	return append(out, span{next, 0x10ffff})
}
