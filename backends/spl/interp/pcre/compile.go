package pcre

import "strings"

type opcode uint8

const (
	opChar opcode = iota
	opCharFold
	opSet
	opLoopSet // greedy, lazy or possessive run of one set
	opSplit   // try x, then y
	opJump
	opSave
	opMark // remember the place at the start of an iteration
	opLeaveIfEmpty
	opAssert
	opBackref
	opLook
	opAtomic
	opMatch
)

// inst is one instruction; what x and y mean depends on op.
type inst struct {
	op       opcode
	x, y     int
	r        rune
	set      *charset
	sub      *prog
	lazy     bool
	greedy   bool // false with lazy false: possessive
	negate   bool
	fold     bool
	behind   []int // lengths of the alternatives of a look-behind
	kind     assertKind
	subAlone []*prog // the alternatives of a look-behind
}

type prog struct{ code []inst }

// maxProg bounds the size of a compiled pattern.
const maxProg = 200000

type compiler struct {
	slots int // captures, then loop marks
	size  int
	bytes bool
}

// Options choose between the readings that no source settles.
type Options struct {
	// Bytes matches bytes instead of UTF-8 characters and folds ASCII letters alone.
	Bytes bool
	// DotAll lets `.` match a newline, as under (?s).
	DotAll bool
}

// Regexp is a compiled pattern; it may be used by several goroutines.
type Regexp struct {
	prog     *prog
	groups   int
	names    []string
	slots    int
	first    first
	anchored bool
	bytes    bool
}

// Compile compiles a pattern; the error is an *Error.
func Compile(pattern string, o Options) (re *Regexp, err error) {
	defer func() {
		if r := recover(); r != nil {
			e, mine := r.(*Error)
			if !mine {
				panic(r)
			}
			re, err = nil, e
		}
	}()
	p := &parser{in: pattern, names: map[string]int{}, flags: flags{dotAll: o.DotAll}}
	if o.Bytes {
		p.in = widen(pattern)
	}
	x := p.alternation()
	if p.more() {
		p.fail(p.pos, "a ) closes nothing")
	}
	for _, ref := range p.refs {
		if ref.name != "" {
			n, ok := p.names[ref.name]
			if !ok {
				p.fail(ref.offset, "no group is named %q", ref.name)
			}
			ref.node.n = n
		}
		if ref.node.n > p.groups {
			p.fail(ref.offset, "there is no group %d", ref.node.n)
		}
	}
	c := &compiler{slots: 2 * (p.groups + 1), bytes: o.Bytes}
	out := &prog{}
	c.emit(out, x)
	out.code = append(out.code, inst{op: opMatch})
	return &Regexp{
		prog: out, groups: p.groups, names: append([]string{""}, p.order...), slots: c.slots,
		first: c.first(x), anchored: anchored(x), bytes: o.Bytes,
	}, nil
}

// widen turns each byte into the character of the same number.
func widen(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}

// Names returns the names of the groups by number; "" where a group has none. Element 0 is the whole match.
func (re *Regexp) Names() []string { return re.names }

// Groups returns the number of capturing groups.
func (re *Regexp) Groups() int { return re.groups }

func (c *compiler) add(p *prog, i inst) int {
	if c.size++; c.size > maxProg {
		panic(&Error{Text: "the regular expression is too large", Unsupported: true})
	}
	p.code = append(p.code, i)
	return len(p.code) - 1
}

func (c *compiler) emit(p *prog, x node) {
	switch x := x.(type) {
	case char:
		c.emitChar(p, x)
	case class:
		c.add(p, inst{op: opSet, set: newCharset(x, c.bytes)})
	case concat:
		for _, item := range x.items {
			c.emit(p, item)
		}
	case alternate:
		c.emitAlternate(p, x.items)
	case group:
		if x.n == 0 {
			c.emit(p, x.x)
			return
		}
		c.add(p, inst{op: opSave, x: 2 * x.n})
		c.emit(p, x.x)
		c.add(p, inst{op: opSave, x: 2*x.n + 1})
	case repeat:
		c.emitRepeat(p, x)
	case assert:
		c.add(p, inst{op: opAssert, kind: x.kind})
	case look:
		c.emitLook(p, x)
	case atomic:
		c.add(p, inst{op: opAtomic, sub: c.program(x.x)})
	case *backrefNode:
		c.add(p, inst{op: opBackref, x: x.n, fold: x.fold})
	case backref:
		c.add(p, inst{op: opBackref, x: x.n, fold: x.fold})
	case keep:
		c.add(p, inst{op: opSave, x: 0})
	}
}

func (c *compiler) emitChar(p *prog, x char) {
	op := opChar
	if x.fold {
		eachFold(x.r, c.bytes, func(rune) { op = opCharFold })
	}
	c.add(p, inst{op: op, r: x.r})
}

func (c *compiler) program(x node) *prog {
	p := &prog{}
	c.emit(p, x)
	c.add(p, inst{op: opMatch})
	return p
}

func (c *compiler) emitAlternate(p *prog, items []node) {
	var ends []int
	for i, item := range items {
		if i == len(items)-1 {
			c.emit(p, item)
			break
		}
		split := c.add(p, inst{op: opSplit})
		p.code[split].x = split + 1
		c.emit(p, item)
		ends = append(ends, c.add(p, inst{op: opJump}))
		p.code[split].y = len(p.code)
	}
	for _, e := range ends {
		p.code[e].x = len(p.code)
	}
}

func (c *compiler) emitLook(p *prog, x look) {
	i := inst{op: opLook, negate: x.negate}
	if !x.behind {
		i.sub = c.program(x.x)
		c.add(p, i)
		return
	}
	items := []node{x.x}
	if alt, ok := x.x.(alternate); ok {
		items = alt.items
	}
	for _, item := range items {
		n, _ := fixedLen(item)
		i.behind = append(i.behind, n)
		i.subAlone = append(i.subAlone, c.program(item))
	}
	c.add(p, i)
}

// single returns the set of a node that always takes one character.
func (c *compiler) single(x node) (*charset, bool) {
	switch x := x.(type) {
	case char:
		return newCharset(class{set: []span{{x.r, x.r}}, fold: x.fold}, c.bytes), true
	case class:
		return newCharset(x, c.bytes), true
	case group:
		if x.n == 0 {
			return c.single(x.x)
		}
	case concat, alternate, repeat, assert, look, atomic, backref, *backrefNode, keep:
	}
	return nil, false
}

func (c *compiler) emitRepeat(p *prog, x repeat) {
	if set, ok := c.single(x.x); ok {
		c.add(p, inst{op: opLoopSet, set: set, x: x.min, y: x.max, lazy: x.lazy, greedy: !x.lazy && !x.possessive})
		return
	}
	if x.possessive {
		x.possessive = false
		c.add(p, inst{op: opAtomic, sub: c.program(x)})
		return
	}
	for i := 0; i < x.min; i++ {
		c.emit(p, x.x)
	}
	if x.max < 0 {
		c.emitStar(p, x)
		return
	}
	var splits []int
	for i := x.min; i < x.max; i++ {
		splits = append(splits, c.add(p, inst{op: opSplit}))
		p.code[len(p.code)-1].x = len(p.code)
		c.emit(p, x.x)
	}
	for _, s := range splits {
		p.code[s].y = len(p.code)
		if x.lazy {
			p.code[s].x, p.code[s].y = p.code[s].y, p.code[s].x
		}
	}
}

func (c *compiler) emitStar(p *prog, x repeat) {
	slot := c.slots
	c.slots++
	split := c.add(p, inst{op: opSplit})
	c.add(p, inst{op: opMark, x: slot})
	c.emit(p, x.x)
	leave := c.add(p, inst{op: opLeaveIfEmpty, x: slot})
	c.add(p, inst{op: opJump, x: split})
	p.code[split].x, p.code[split].y = split+1, len(p.code)
	p.code[leave].y = len(p.code)
	if x.lazy {
		p.code[split].x, p.code[split].y = p.code[split].y, p.code[split].x
	}
}
