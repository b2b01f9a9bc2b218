package lucene

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNesting limits groups and complements inside one another.
const maxNesting = 200

// regexpParser reads a pattern into nodes. Where Lucene's own parser is lenient it is lenient in the same way: an
// operator in a place where none can stand is an ordinary character ("*a", "a||b", "(|a)").
type regexpParser struct {
	text  string
	pos   int
	depth int
	flags Flags
	b     *builder
}

func (p *regexpParser) fail(format string, args ...any) error {
	return &RegexpError{Offset: p.pos, Msg: fmt.Sprintf(format, args...)}
}

func (p *regexpParser) on(f Flags) bool { return p.flags&f != 0 }

func (p *regexpParser) more() bool { return p.pos < len(p.text) }

// peek reports whether the next character is one of the ASCII characters of set.
func (p *regexpParser) peek(set string) bool {
	return p.more() && strings.IndexByte(set, p.text[p.pos]) >= 0
}

func (p *regexpParser) match(c byte) bool {
	if p.more() && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *regexpParser) next() (rune, error) {
	if !p.more() {
		return 0, p.fail("the regular expression ends where a character is needed")
	}
	r, n := utf8.DecodeRuneInString(p.text[p.pos:])
	p.pos += n
	return r, nil
}

func (p *regexpParser) parse() (node, error) {
	if p.text == "" {
		return p.b.epsilon, nil
	}
	n, err := p.union()
	if err != nil {
		return 0, err
	}
	if p.more() {
		return 0, p.fail("unexpected %q in the regular expression", p.text[p.pos:p.pos+1])
	}
	return n, nil
}

func (p *regexpParser) enter() error {
	p.depth++
	if p.depth > maxNesting {
		return p.fail("the regular expression is nested more than %d deep", maxNesting)
	}
	return nil
}

func (p *regexpParser) union() (node, error) {
	alts := []node{}
	for {
		n, err := p.intersection()
		if err != nil {
			return 0, err
		}
		alts = append(alts, n)
		if !p.match('|') {
			return p.b.union(alts), nil
		}
	}
}

func (p *regexpParser) intersection() (node, error) {
	parts := []node{}
	for {
		n, err := p.concat()
		if err != nil {
			return 0, err
		}
		parts = append(parts, n)
		if !p.on(Intersection) || !p.match('&') {
			return p.b.intersection(parts), nil
		}
	}
}

func (p *regexpParser) concat() (node, error) {
	parts := []node{}
	for {
		n, err := p.repeat()
		if err != nil {
			return 0, err
		}
		parts = append(parts, n)
		if !p.more() || p.peek(")|") || p.on(Intersection) && p.peek("&") {
			return p.b.concatAll(parts), nil
		}
	}
}

func (p *regexpParser) repeat() (node, error) {
	n, err := p.complement()
	if err != nil {
		return 0, err
	}
	for p.peek("?*+{") {
		switch {
		case p.match('?'):
			n = p.b.repeat(n, 0, 1)
		case p.match('*'):
			n = p.b.repeat(n, 0, unbounded)
		case p.match('+'):
			n = p.b.repeat(n, 1, unbounded)
		case p.match('{'):
			lo, hi, err := p.counts()
			if err != nil {
				return 0, err
			}
			n = p.b.repeat(n, lo, hi)
		}
	}
	return n, nil
}

// counts reads the rest of {n}, {n,} or {n,m}.
func (p *regexpParser) counts() (lo, hi int, err error) {
	lo, ok, err := p.integer()
	if err != nil {
		return 0, 0, err
	}
	if !ok {
		return 0, 0, p.fail("a number is needed after `{` in the regular expression")
	}
	hi = lo
	if p.match(',') {
		hi, ok, err = p.integer()
		if err != nil {
			return 0, 0, err
		}
		if !ok {
			hi = unbounded
		}
	}
	if !p.match('}') {
		return 0, 0, p.fail("`}` is missing in the regular expression")
	}
	return lo, hi, nil
}

func (p *regexpParser) integer() (n int, ok bool, err error) {
	start := p.pos
	for p.peek("0123456789") {
		p.pos++
	}
	if start == p.pos {
		return 0, false, nil
	}
	v, perr := strconv.ParseInt(p.text[start:p.pos], 10, 32)
	if perr != nil {
		p.pos = start
		return 0, false, p.fail("the number in the regular expression is too large")
	}
	return int(v), true, nil
}

func (p *regexpParser) complement() (node, error) {
	if !p.on(Complement) || !p.match('~') {
		return p.class()
	}
	if err := p.enter(); err != nil {
		return 0, err
	}
	n, err := p.complement()
	p.depth--
	if err != nil {
		return 0, err
	}
	return p.b.complement(n), nil
}

// class reads [...], or passes on. Inside a class every character but ] - \ stands for itself, the first one always.
func (p *regexpParser) class() (node, error) {
	if !p.match('[') {
		return p.simple()
	}
	negate := p.match('^')
	var set charset
	for first := true; first || p.more() && !p.peek("]"); first = false {
		s, err := p.classItem()
		if err != nil {
			return 0, err
		}
		set = set.union(s)
	}
	if negate {
		set = set.negate()
	}
	if !p.match(']') {
		return 0, p.fail("`]` is missing in the regular expression")
	}
	return p.b.chars(set), nil
}

func (p *regexpParser) classItem() (charset, error) {
	if s, ok, err := p.predefined(); ok || err != nil {
		return s, err
	}
	lo, err := p.char()
	if err != nil {
		return nil, err
	}
	if !p.match('-') {
		return p.fold(lo), nil
	}
	start := p.pos
	hi, err := p.char()
	if err != nil {
		return nil, err
	}
	if lo > hi {
		p.pos = start
		return nil, p.fail("the range %c-%c of the regular expression runs backwards", lo, hi)
	}
	return charset{{lo, hi}}, nil
}

func (p *regexpParser) simple() (node, error) {
	switch {
	case p.match('.'):
		return p.b.chars(anyChar), nil
	case p.on(EmptyLanguage) && p.match('#'):
		return p.b.nothing, nil
	case p.on(AnyString) && p.match('@'):
		return p.b.anything, nil
	case p.match('"'):
		return p.quoted()
	case p.match('('):
		return p.group()
	case p.on(Interval) && p.match('<'):
		return p.interval()
	}
	if s, ok, err := p.predefined(); err != nil {
		return 0, err
	} else if ok {
		return p.b.chars(s), nil
	}
	c, err := p.char()
	if err != nil {
		return 0, err
	}
	return p.b.chars(p.fold(c)), nil
}

func (p *regexpParser) quoted() (node, error) {
	rest := p.text[p.pos:]
	end := strings.IndexByte(rest, '"')
	if end < 0 {
		p.pos = len(p.text)
		return 0, p.fail("the closing `\"` is missing in the regular expression")
	}
	p.pos += end + 1
	parts := []node{}
	for _, c := range rest[:end] {
		parts = append(parts, p.b.chars(p.fold(c)))
	}
	return p.b.concatAll(parts), nil
}

func (p *regexpParser) group() (node, error) {
	if p.match(')') {
		return p.b.epsilon, nil
	}
	if err := p.enter(); err != nil {
		return 0, err
	}
	n, err := p.union()
	p.depth--
	if err != nil {
		return 0, err
	}
	if !p.match(')') {
		return 0, p.fail("`)` is missing in the regular expression")
	}
	return n, nil
}

func (p *regexpParser) interval() (node, error) {
	start := p.pos
	rest := p.text[p.pos:]
	end := strings.IndexByte(rest, '>')
	if end < 0 {
		p.pos = len(p.text)
		return 0, p.fail("`>` is missing in the regular expression")
	}
	lo, hi, found := strings.Cut(rest[:end], "-")
	if !found {
		return 0, p.fail("the named automaton <%s> of the regular expression does not exist", rest[:end])
	}
	n, err1 := strconv.ParseInt(lo, 10, 32)
	m, err2 := strconv.ParseInt(hi, 10, 32)
	if err1 != nil || err2 != nil || n < 0 || m < 0 {
		p.pos = start
		return 0, p.fail("<%s> is no interval of two whole numbers in the regular expression", rest[:end])
	}
	p.pos += end + 1
	width := 0
	if len(lo) == len(hi) {
		width = len(lo)
	}
	return p.b.decimalInterval(int(min(n, m)), int(max(n, m)), width), nil
}

// predefined reads \d and its kin. It also swallows the backslash of any other escape, whose character [char] then reads.
func (p *regexpParser) predefined() (set charset, ok bool, err error) {
	if !p.match('\\') {
		return nil, false, nil
	}
	if !p.more() {
		return nil, false, nil
	}
	c := p.text[p.pos]
	if s, known := predefinedClasses[c]; known {
		p.pos++
		return s, true, nil
	}
	switch {
	case c == '\\':
		p.pos++
		return charset{{'\\', '\\'}}, true, nil
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		p.pos--
		return nil, false, p.fail("`\\%c` is not an escape of Lucene's regular expressions", c)
	}
	return nil, false, nil
}

func (p *regexpParser) char() (rune, error) {
	p.match('\\')
	return p.next()
}

// fold returns the characters that c stands for under the case flags.
func (p *regexpParser) fold(c rune) charset {
	set := charset{{c, c}}
	switch {
	case p.on(FoldUnicode):
		for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
			set = set.union(charset{{f, f}})
		}
	case p.on(FoldASCII):
		if f := swapASCII(c); f != c {
			set = set.union(charset{{f, f}})
		}
	}
	return set
}

func swapASCII(c rune) rune {
	if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
		return c ^ 0x20
	}
	return c
}
