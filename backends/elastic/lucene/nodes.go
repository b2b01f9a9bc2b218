package lucene

import (
	"encoding/binary"
	"slices"
	"strconv"
)

// node is an expression, hash-consed in its builder: equal expressions are the same number.
type node int32

type nodeKind uint8

const (
	kindChars      nodeKind = iota // one character of set a
	kindConcat                     // x then y
	kindRepeat                     // x, lo to hi times
	kindUnion                      // any of list
	kindIntersect                  // each of list
	kindComplement                 // not x
	kindEpsilon                    // the empty string
)

// unbounded is the upper count of a repetition without one.
const unbounded = -1

type nodeData struct {
	kind     nodeKind
	nullable bool
	x, y     node
	lo, hi   int
	list     []node
	set      charset
}

// builder makes nodes and keeps their simplest known form, so that the derivatives of an expression are finitely many.
type builder struct {
	nodes []nodeData
	index map[string]node
	key   []byte
	// nothing fits no string, epsilon the empty one, anything all.
	nothing, epsilon, anything node
}

func newBuilder() *builder {
	b := &builder{index: map[string]node{}}
	b.nothing = b.add(nodeData{kind: kindUnion})
	b.epsilon = b.add(nodeData{kind: kindEpsilon, nullable: true})
	b.anything = b.add(nodeData{kind: kindComplement, x: b.nothing, nullable: true})
	return b
}

func (b *builder) add(d nodeData) node {
	k := append(b.key[:0], byte(d.kind))
	for _, v := range []int{int(d.x), int(d.y), d.lo, d.hi} {
		k = binary.AppendVarint(k, int64(v))
	}
	for _, n := range d.list {
		k = binary.AppendVarint(k, int64(n))
	}
	for _, r := range d.set {
		k = binary.AppendVarint(binary.AppendVarint(k, int64(r.lo)), int64(r.hi))
	}
	b.key = k
	if n, ok := b.index[string(k)]; ok {
		return n
	}
	n := node(len(b.nodes))
	b.nodes = append(b.nodes, d)
	b.index[string(k)] = n
	return n
}

func (b *builder) nullable(n node) bool { return b.nodes[n].nullable }

func (b *builder) chars(s charset) node {
	if len(s) == 0 {
		return b.nothing
	}
	return b.add(nodeData{kind: kindChars, set: s})
}

// concat keeps sequences right-nested.
func (b *builder) concat(x, y node) node {
	switch {
	case x == b.nothing || y == b.nothing:
		return b.nothing
	case x == b.epsilon:
		return y
	case y == b.epsilon:
		return x
	case x == b.anything && y == b.anything:
		return x
	}
	if d := &b.nodes[x]; d.kind == kindConcat {
		first, rest := d.x, d.y
		return b.concat(first, b.concat(rest, y))
	}
	return b.add(nodeData{kind: kindConcat, x: x, y: y, nullable: b.nullable(x) && b.nullable(y)})
}

func (b *builder) concatAll(parts []node) node {
	out := b.epsilon
	for _, p := range slices.Backward(parts) {
		out = b.concat(p, out)
	}
	return out
}

func (b *builder) repeat(x node, lo, hi int) node {
	if hi != unbounded && lo > hi {
		return b.nothing
	}
	if b.nullable(x) {
		lo = 0 // so that the derivative needs to look into one repetition only
	}
	switch {
	case hi == 0 || x == b.epsilon:
		return b.epsilon
	case x == b.nothing && lo == 0:
		return b.epsilon
	case x == b.nothing || x == b.anything:
		return x
	case lo == 1 && hi == 1:
		return x
	case lo == 0 && hi == 1 && b.nullable(x):
		return x
	}
	d := &b.nodes[x]
	if d.kind == kindRepeat && d.lo == 0 && d.hi == unbounded && lo <= 1 {
		return x
	}
	if d.kind == kindChars && lo == 0 && hi == unbounded && len(d.set) == 1 && d.set[0] == anyChar[0] {
		return b.anything
	}
	return b.add(nodeData{kind: kindRepeat, x: x, lo: lo, hi: hi, nullable: lo == 0})
}

func (b *builder) union(list []node) node {
	flat := b.flatten(kindUnion, list)
	if slices.Contains(flat, b.anything) {
		return b.anything
	}
	var set charset
	nullable := false
	kept := flat[:0]
	for _, n := range flat {
		switch d := &b.nodes[n]; {
		case n == b.nothing:
		case d.kind == kindChars:
			set = set.union(d.set)
		default:
			nullable = nullable || d.nullable
			kept = append(kept, n)
		}
	}
	if len(set) > 0 {
		kept = append(kept, b.chars(set))
	}
	return b.list(kindUnion, kept, nullable, b.nothing)
}

func (b *builder) intersection(list []node) node {
	flat := b.flatten(kindIntersect, list)
	nullable := true
	kept := flat[:0]
	for _, n := range flat {
		if n == b.nothing {
			return b.nothing
		}
		if n != b.anything {
			nullable = nullable && b.nullable(n)
			kept = append(kept, n)
		}
	}
	return b.list(kindIntersect, kept, nullable, b.anything)
}

func (b *builder) flatten(kind nodeKind, list []node) []node {
	flat := make([]node, 0, len(list))
	for _, n := range list {
		if d := &b.nodes[n]; d.kind == kind {
			flat = append(flat, d.list...)
		} else {
			flat = append(flat, n)
		}
	}
	return flat
}

func (b *builder) list(kind nodeKind, kept []node, nullable bool, neutral node) node {
	slices.Sort(kept)
	kept = slices.Compact(kept)
	switch len(kept) {
	case 0:
		return neutral
	case 1:
		return kept[0]
	}
	return b.add(nodeData{kind: kind, list: slices.Clone(kept), nullable: nullable})
}

func (b *builder) complement(x node) node {
	if d := &b.nodes[x]; d.kind == kindComplement {
		return d.x
	}
	return b.add(nodeData{kind: kindComplement, x: x, nullable: !b.nullable(x)})
}

// decimalInterval fits the decimal numbers lo to hi: of exactly width digits, or with free leading zeros if width is 0.
func (b *builder) decimalInterval(lo, hi, width int) node {
	if width > 0 {
		return b.fixedInterval(pad(lo, width), pad(hi, width))
	}
	zeros := b.repeat(b.chars(charset{{'0', '0'}}), 0, unbounded)
	alts := []node{}
	from, to := 0, 9
	for w := 1; from <= hi; w++ {
		if to >= lo {
			alts = append(alts, b.fixedInterval(pad(max(lo, from), w), pad(min(hi, to), w)))
		}
		from, to = to+1, to*10+9
	}
	return b.concat(zeros, b.union(alts))
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	for len(s) < width {
		s = "0" + s
	}
	return s
}

// fixedInterval fits the numbers between two strings of the same number of digits.
func (b *builder) fixedInterval(lo, hi string) node {
	if lo == "" {
		return b.epsilon
	}
	digit := func(from, to byte) node { return b.chars(charset{{rune(from), rune(to)}}) }
	if lo[0] == hi[0] {
		return b.concat(digit(lo[0], lo[0]), b.fixedInterval(lo[1:], hi[1:]))
	}
	n := len(lo) - 1
	alts := []node{
		b.concat(digit(lo[0], lo[0]), b.fixedInterval(lo[1:], repeatByte('9', n))),
		b.concat(digit(hi[0], hi[0]), b.fixedInterval(repeatByte('0', n), hi[1:])),
	}
	if lo[0]+1 < hi[0] {
		alts = append(alts, b.concat(digit(lo[0]+1, hi[0]-1), b.repeat(digit('0', '9'), n, n)))
	}
	return b.union(alts)
}

func repeatByte(c byte, n int) string {
	s := make([]byte, n)
	for i := range s {
		s[i] = c
	}
	return string(s)
}
