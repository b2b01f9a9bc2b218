package interp

import (
	"strconv"
	"strings"
	"unicode"
)

// setEscape reads \d \w \s \h \p{…} and their opposites behind the backslash; nil when something else stands there.
func (p *reParser) setEscape() func(r rune) bool {
	java := p.p.java
	c := p.s[p.pos]
	var set func(r rune) bool
	switch c {
	case 'd', 'D':
		set = func(r rune) bool { return r >= '0' && r <= '9' || !java && unicode.IsDigit(r) }
	case 'w', 'W':
		set = func(r rune) bool { return isWordRune(r, java) }
	case 's', 'S':
		set = func(r rune) bool { return strings.ContainsRune(" \t\n\v\f\r", r) || !java && unicode.IsSpace(r) }
	case 'h', 'H':
		set = func(r rune) bool { return r < 128 && strings.ContainsRune("0123456789abcdefABCDEF", r) }
		if java {
			set = func(r rune) bool { return r == '\t' || unicode.Is(unicode.Zs, r) || r == 0x180e }
		}
	case 'v', 'V':
		if !java {
			return nil
		}
		set = func(r rune) bool { return r >= '\n' && r <= '\r' || r == 0x85 || r == 0x2028 || r == 0x2029 }
	case 'p', 'P':
		return p.property()
	default:
		return nil
	}
	p.pos++
	if unicode.IsUpper(rune(c)) {
		return func(r rune) bool { return !set(r) }
	}
	return set
}

func isWordRune(r rune, asciiOnly bool) bool {
	if r < 128 || asciiOnly {
		return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) || unicode.Is(unicode.Pc, r)
}

// property reads p{Name}, p{^Name}, pL behind the backslash.
func (p *reParser) property() func(r rune) bool {
	neg := p.s[p.pos] == 'P'
	p.pos++
	name := ""
	if p.accept("{") {
		end := strings.IndexByte(p.s[p.pos:], '}')
		if end < 0 {
			p.fail("Unclosed character family")
		}
		name = p.s[p.pos : p.pos+end]
		p.pos += end + 1
	} else {
		name = string(p.rune())
	}
	if rest, ok := strings.CutPrefix(name, "^"); ok {
		name, neg = rest, !neg
	}
	set := propertySet(name)
	if set == nil {
		p.fail("Unknown character property name {" + name + "}")
	}
	if neg {
		return func(r rune) bool { return !set(r) }
	}
	return set
}

// asciiSets are the POSIX classes.
var asciiSets = map[string]func(r rune) bool{
	"lower": func(r rune) bool { return r >= 'a' && r <= 'z' },
	"upper": func(r rune) bool { return r >= 'A' && r <= 'Z' },
	"alpha": func(r rune) bool { return r < 128 && unicode.IsLetter(r) },
	"digit": func(r rune) bool { return r >= '0' && r <= '9' },
	"alnum": func(r rune) bool { return r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) },
	"punct": func(r rune) bool { return r < 128 && (unicode.IsPunct(r) || unicode.IsSymbol(r)) },
	"graph": func(r rune) bool { return r > 32 && r < 127 },
	"print": func(r rune) bool { return r >= 32 && r < 127 },
	"blank": func(r rune) bool { return r == ' ' || r == '\t' },
	"cntrl": func(r rune) bool { return r < 32 || r == 127 },
	"xdigit": func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F'
	},
	"space": func(r rune) bool { return strings.ContainsRune(" \t\n\v\f\r", r) },
	"word":  func(r rune) bool { return isWordRune(r, true) },
	"ascii": func(r rune) bool { return r < 128 },
}

func propertySet(name string) func(r rune) bool {
	if f, ok := asciiSets[strings.ToLower(name)]; ok {
		return f
	}
	short := strings.TrimPrefix(name, "Is")
	switch strings.ToLower(short) {
	case "alphabetic", "letter":
		return unicode.IsLetter
	case "uppercase":
		return unicode.IsUpper
	case "lowercase":
		return unicode.IsLower
	case "white_space":
		return unicode.IsSpace
	case "punctuation":
		return unicode.IsPunct
	case "any":
		return func(rune) bool { return true }
	}
	if t, ok := unicode.Categories[short]; ok {
		return func(r rune) bool { return unicode.Is(t, r) }
	}
	if t, ok := unicode.Scripts[short]; ok {
		return func(r rune) bool { return unicode.Is(t, r) }
	}
	return nil
}

// charEscape reads the character that an escape stands for, behind the backslash.
func (p *reParser) charEscape() rune {
	switch c := p.rune(); c {
	case 't':
		return '\t'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 'f':
		return '\f'
	case 'v':
		return '\v'
	case 'a':
		return 7
	case 'e':
		return 27
	case '0':
		return p.number(8, 3)
	case 'x':
		if p.accept("{") {
			r := p.number(16, 6)
			if !p.accept("}") {
				p.fail("Unclosed hexadecimal escape sequence")
			}
			return r
		}
		return p.number(16, 2)
	case 'u':
		return p.number(16, 4)
	case 'c':
		return p.rune() ^ 64
	default:
		if p.p.java && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			p.fail("Illegal/unsupported escape sequence")
		}
		return c
	}
}

func (p *reParser) number(base, digits int) rune {
	n := 0
	for n < digits && p.pos+n < len(p.s) {
		if _, err := strconv.ParseUint(p.s[p.pos+n:p.pos+n+1], base, 8); err != nil {
			break
		}
		n++
	}
	v, err := strconv.ParseUint(p.s[p.pos:p.pos+n], base, 32)
	if err != nil || v > unicode.MaxRune {
		p.fail("Illegal numeric escape sequence")
	}
	p.pos += n
	return rune(v)
}

// class reads the inside of […] up to the closing bracket: characters, ranges, escapes, nested classes, && and POSIX
// classes.
func (p *reParser) class() func(r rune) bool {
	p.depth++
	if p.depth > maxRegexDepth {
		p.fail("Classes nest too deeply")
	}
	defer func() { p.depth-- }()
	neg := p.accept("^")
	var sets []func(r rune) bool
	var both func(r rune) bool // what stands before &&
	union := func() func(r rune) bool {
		list := sets
		return func(r rune) bool {
			for _, f := range list {
				if f(r) {
					return true
				}
			}
			return false
		}
	}
	for first := true; ; first = false {
		if !p.more() {
			p.fail("Unclosed character class")
		}
		if p.peek("]") && !first {
			p.pos++
			break
		}
		if p.accept("&&") {
			u := union()
			if prev := both; prev != nil {
				both = func(r rune) bool { return prev(r) && u(r) }
			} else {
				both = u
			}
			sets = nil
			continue
		}
		sets = append(sets, p.classItem())
	}
	out := union()
	if both != nil {
		last := out
		out = func(r rune) bool { return both(r) && last(r) }
	}
	if neg {
		return func(r rune) bool { return !out(r) }
	}
	return out
}

// classItem reads one character, range, escape or nested class.
func (p *reParser) classItem() func(r rune) bool {
	if p.peek("[:") {
		if name, _, ok := strings.Cut(p.s[p.pos+2:], ":]"); ok {
			bare := strings.TrimPrefix(name, "^")
			if f, ok := asciiSets[bare]; ok {
				p.pos += len("[::]") + len(name)
				if bare != name {
					return func(r rune) bool { return !f(r) }
				}
				return f
			}
		}
	}
	if p.accept("[") {
		return p.class()
	}
	var lo rune
	if p.accept(`\`) {
		if !p.more() {
			p.fail("Unclosed character class")
		}
		if set := p.setEscape(); set != nil {
			return set
		}
		lo = p.charEscapeInClass()
	} else {
		lo = p.rune()
	}
	hi := lo
	if p.peek("-") && p.pos+1 < len(p.s) && p.s[p.pos+1] != ']' && p.s[p.pos+1] != '[' {
		p.pos++
		if p.accept(`\`) {
			hi = p.charEscapeInClass()
		} else {
			hi = p.rune()
		}
		if hi < lo {
			p.fail("Illegal character range")
		}
	}
	if p.flags.fold {
		return func(r rune) bool {
			return r >= lo && r <= hi || unicode.ToLower(r) >= lo && unicode.ToLower(r) <= hi ||
				unicode.ToUpper(r) >= lo && unicode.ToUpper(r) <= hi
		}
	}
	return func(r rune) bool { return r >= lo && r <= hi }
}

func (p *reParser) charEscapeInClass() rune {
	if p.accept("b") {
		return 8
	}
	return p.charEscape()
}
