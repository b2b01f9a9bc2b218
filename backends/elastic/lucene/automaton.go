package lucene

import (
	"slices"
	"sort"
	"unicode/utf8"
)

// maxWork limits the derivatives taken while determinizing, and so its time: Lucene's limit, too, is on effort.
const maxWork = 2_000_000

// automaton is a deterministic automaton over classes of code points.
type automaton struct {
	starts  []rune // first code point of each class, ascending, starts[0] == 0
	ascii   [utf8.RuneSelf]uint16
	classes int
	next    []int32 // state*classes + class -> state
	accept  []bool
	// dead and all are the states that nothing and everything is accepted from, -1 when there is none.
	dead, all int32
}

func (a *automaton) match(s string) bool {
	state := int32(0)
	for i := 0; i < len(s); {
		var class int
		if c := s[i]; c < utf8.RuneSelf {
			class = int(a.ascii[c])
			i++
		} else {
			r, n := utf8.DecodeRuneInString(s[i:])
			class = sort.Search(len(a.starts), func(i int) bool { return a.starts[i] > r }) - 1
			i += n
		}
		state = a.next[int(state)*a.classes+class]
		if state == a.dead {
			return false
		}
		if state == a.all {
			return true
		}
	}
	return a.accept[state]
}

// determinizer builds an automaton whose states are the derivatives of an expression (Brzozowski 1964; Owens, Reppy and
// Turon 2009 for the classes).
type determinizer struct {
	b      *builder
	starts []rune
	memo   map[uint64]node // node and class -> derivative
	firsts map[node][]int  // node -> the classes where its derivative may change
	work   int
}

func determinize(b *builder, root node) (*automaton, error) {
	d := &determinizer{b: b, starts: classStarts(b), memo: map[uint64]node{}, firsts: map[node][]int{}}
	k := len(d.starts)
	a := &automaton{starts: d.starts, classes: k, dead: -1, all: -1}
	for c := range a.ascii {
		a.ascii[c] = uint16(sort.Search(k, func(i int) bool { return d.starts[i] > rune(c) }) - 1)
	}
	states := map[node]int32{root: 0}
	queue := []node{root}
	for s := 0; s < len(queue); s++ {
		n := queue[s]
		switch n {
		case b.nothing:
			a.dead = int32(s)
		case b.anything:
			a.all = int32(s)
		}
		a.accept = append(a.accept, b.nullable(n))
		breaks := append(d.breaks(n), k)
		for i, from := range breaks[:len(breaks)-1] {
			t := d.derive(n, from)
			if d.work > maxWork {
				return nil, ErrTooComplex
			}
			to, ok := states[t]
			if !ok {
				if len(queue) == MaxStates {
					return nil, ErrTooComplex
				}
				to = int32(len(queue))
				states[t] = to
				queue = append(queue, t)
			}
			for class := from; class < breaks[i+1]; class++ {
				a.next = append(a.next, to)
			}
		}
	}
	return a, nil
}

// classStarts cuts the code points where some character set of the expression begins or ends.
func classStarts(b *builder) []rune {
	starts := []rune{0}
	for i := range b.nodes {
		for _, r := range b.nodes[i].set {
			starts = append(starts, r.lo, r.hi+1)
		}
	}
	slices.Sort(starts)
	starts = slices.Compact(starts)
	if n := len(starts); starts[n-1] > utf8.MaxRune {
		starts = starts[:n-1]
	}
	return starts
}

// breaks returns the classes at which the derivative of n may change, beginning with class 0.
func (d *determinizer) breaks(n node) []int {
	if f, ok := d.firsts[n]; ok {
		return slices.Clip(f)
	}
	d.work++
	out := []int{0}
	data := d.b.nodes[n]
	switch data.kind {
	case kindEpsilon:
	case kindChars:
		for _, r := range data.set {
			for _, at := range []rune{r.lo, r.hi + 1} {
				if class, ok := slices.BinarySearch(d.starts, at); ok {
					out = append(out, class)
				}
			}
		}
	case kindConcat:
		out = append(out, d.breaks(data.x)...)
		if d.b.nullable(data.x) {
			out = append(out, d.breaks(data.y)...)
		}
	case kindRepeat, kindComplement:
		out = append(out, d.breaks(data.x)...)
	case kindUnion, kindIntersect:
		for _, m := range data.list {
			out = append(out, d.breaks(m)...)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	d.firsts[n] = out
	return slices.Clip(out)
}

// derive returns the expression for what may follow a character of the class.
func (d *determinizer) derive(n node, class int) node {
	key := uint64(n)<<32 | uint64(class)
	if t, ok := d.memo[key]; ok {
		return t
	}
	d.work++
	if d.work > maxWork {
		return d.b.nothing
	}
	b := d.b
	data := b.nodes[n]
	out := b.nothing
	switch data.kind {
	case kindEpsilon:
	case kindChars:
		if data.set.has(d.starts[class]) {
			out = b.epsilon
		}
	case kindConcat:
		out = b.concat(d.derive(data.x, class), data.y)
		if b.nullable(data.x) {
			out = b.union([]node{out, d.derive(data.y, class)})
		}
	case kindRepeat:
		hi := data.hi
		if hi != unbounded {
			hi--
		}
		out = b.concat(d.derive(data.x, class), b.repeat(data.x, max(data.lo-1, 0), hi))
	case kindComplement:
		out = b.complement(d.derive(data.x, class))
	case kindUnion, kindIntersect:
		list := make([]node, len(data.list))
		for i, m := range data.list {
			list[i] = d.derive(m, class)
		}
		d.work += len(list) / 8
		if data.kind == kindUnion {
			out = b.union(list)
		} else {
			out = b.intersection(list)
		}
	}
	d.memo[key] = out
	return out
}
