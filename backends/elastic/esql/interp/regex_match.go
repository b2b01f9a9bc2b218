package interp

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// errRegexBudget says that a pattern needed too many steps on a text.
var errRegexBudget = errors.New("the pattern needs too many steps")

const (
	maxRegexSteps = 2_000_000
	maxRegexStack = 20_000
)

// matcher is one search in one text.
type matcher struct {
	p     *pattern
	s     string
	caps  []int // start and end of each group, −1 for none
	steps int
	stack int
}

// find searches from an offset; caps is nil when nothing fits.
func (p *pattern) find(s string, from int) (caps []int, err error) {
	m := &matcher{p: p, s: s, caps: make([]int, 2*p.groups)}
	defer func() {
		if r := recover(); r != nil {
			over, ok := r.(error)
			if !ok || !errors.Is(over, errRegexBudget) {
				panic(r)
			}
			caps, err = nil, errRegexBudget
		}
	}()
	for i := from; i <= len(s); {
		for j := range m.caps {
			m.caps[j] = -1
		}
		end := -1
		if m.match(p.root, i, func(e int) bool { end = e; return true }) {
			m.caps[0], m.caps[1] = i, end
			return m.caps, nil
		}
		if i == len(s) {
			break
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		i += n
	}
	return nil, nil
}

// match tries a node at offset i and calls next with each end, longest first, until next agrees.
func (m *matcher) match(n *reNode, i int, next func(i int) bool) bool {
	m.steps++
	m.stack++
	if m.steps > maxRegexSteps || m.stack > maxRegexStack {
		panic(errRegexBudget)
	}
	ok := m.node(n, i, next)
	m.stack--
	return ok
}

// node is the one dispatch over nodes.
func (m *matcher) node(n *reNode, i int, next func(i int) bool) bool {
	switch n.kind {
	case reEmpty:
		return next(i)
	case reChar:
		r, size := utf8.DecodeRuneInString(m.s[i:])
		return size > 0 && n.set(r) && next(i+size)
	case reSeq:
		return m.sequence(n.subs, i, next)
	case reAlt:
		for _, a := range n.subs {
			if m.match(a, i, next) {
				return true
			}
		}
		return false
	case reRepeat:
		return m.repeat(n, i, next)
	case reGroup:
		return m.capture(n, i, next)
	case reAtomic:
		end := -1
		return m.match(n.subs[0], i, func(e int) bool { end = e; return true }) && next(end)
	case reAhead:
		saved := append([]int(nil), m.caps...)
		if m.match(n.subs[0], i, func(int) bool { return true }) == n.neg {
			copy(m.caps, saved)
			return false
		}
		return next(i)
	case reBehind:
		return m.behind(n.subs[0], i) != n.neg && next(i)
	case reBackref:
		return m.backref(n, i, next)
	case reLineStart:
		return (i == 0 || n.multi && m.s[i-1] == '\n') && next(i)
	case reLineEnd:
		return (i == len(m.s) || n.multi && m.s[i] == '\n' || i == len(m.s)-1 && m.s[i] == '\n') && next(i)
	case reTextStart:
		return i == 0 && next(i)
	case reTextEnd:
		return i == len(m.s) && next(i)
	case reTextEndNL:
		return (i == len(m.s) || i == len(m.s)-1 && m.s[i] == '\n') && next(i)
	case reWordEdge, reNoWordEdge:
		return m.wordEdge(i) == (n.kind == reWordEdge) && next(i)
	}
	panic("interp: pattern node")
}

func (m *matcher) sequence(subs []*reNode, i int, next func(i int) bool) bool {
	for len(subs) > 0 && subs[0].kind == reChar { // characters need no stack
		r, size := utf8.DecodeRuneInString(m.s[i:])
		m.steps++
		if size == 0 || !subs[0].set(r) {
			return false
		}
		i += size
		subs = subs[1:]
	}
	if len(subs) == 0 {
		return next(i)
	}
	rest := subs[1:]
	return m.match(subs[0], i, func(e int) bool { return m.sequence(rest, e, next) })
}

// repeat handles single characters in a loop, everything else by recursion.
func (m *matcher) repeat(n *reNode, i int, next func(i int) bool) bool {
	sub := n.subs[0]
	if n.poss {
		end, ok := m.exhaust(n, i)
		return ok && next(end)
	}
	if sub.kind == reChar {
		return m.repeatChar(n, i, next)
	}
	return m.repeatFrom(n, i, 0, next)
}

func (m *matcher) repeatFrom(n *reNode, i, done int, next func(i int) bool) bool {
	again := func() bool {
		return (n.max < 0 || done < n.max) && m.match(n.subs[0], i, func(e int) bool {
			if e == i && done >= n.min {
				return false // an empty turn adds nothing
			}
			return m.repeatFrom(n, e, done+1, next)
		})
	}
	if done < n.min {
		return again()
	}
	if n.lazy {
		return next(i) || again()
	}
	return again() || next(i)
}

func (m *matcher) repeatChar(n *reNode, i int, next func(i int) bool) bool {
	ends := []int{i}
	at := i
	step := func() bool {
		r, size := utf8.DecodeRuneInString(m.s[at:])
		m.steps++
		if size == 0 || !n.subs[0].set(r) || n.max >= 0 && len(ends) > n.max {
			return false
		}
		at += size
		ends = append(ends, at)
		return true
	}
	if n.lazy {
		for len(ends) <= n.min {
			if !step() {
				return false
			}
		}
		for {
			if next(at) {
				return true
			}
			if !step() {
				return false
			}
		}
	}
	for step() {
	}
	for k := len(ends) - 1; k >= n.min; k-- {
		m.steps++
		if next(ends[k]) {
			return true
		}
	}
	return false
}

// exhaust repeats as often as it goes and gives nothing back.
func (m *matcher) exhaust(n *reNode, i int) (int, bool) {
	for done := 0; ; done++ {
		if n.max >= 0 && done == n.max {
			return i, true
		}
		end := -1
		if !m.match(n.subs[0], i, func(e int) bool { end = e; return true }) {
			return i, done >= n.min
		}
		if end == i {
			return i, true
		}
		i = end
	}
}

func (m *matcher) capture(n *reNode, i int, next func(i int) bool) bool {
	a, b := m.caps[2*n.group], m.caps[2*n.group+1]
	if m.match(n.subs[0], i, func(e int) bool {
		oa, ob := m.caps[2*n.group], m.caps[2*n.group+1]
		m.caps[2*n.group], m.caps[2*n.group+1] = i, e
		if next(e) {
			return true
		}
		m.caps[2*n.group], m.caps[2*n.group+1] = oa, ob
		return false
	}) {
		return true
	}
	m.caps[2*n.group], m.caps[2*n.group+1] = a, b
	return false
}

// behind reports whether the node fits some text that ends at i.
func (m *matcher) behind(n *reNode, i int) bool {
	for start := i; ; {
		if m.match(n, start, func(e int) bool { return e == i }) {
			return true
		}
		if start == 0 {
			return false
		}
		_, size := utf8.DecodeLastRuneInString(m.s[:start])
		start -= size
	}
}

func (m *matcher) backref(n *reNode, i int, next func(i int) bool) bool {
	if 2*n.group+1 >= len(m.caps) || m.caps[2*n.group] < 0 {
		return false
	}
	want := m.s[m.caps[2*n.group]:m.caps[2*n.group+1]]
	if strings.HasPrefix(m.s[i:], want) {
		return next(i + len(want))
	}
	if n.fold && len(m.s)-i >= len(want) && strings.EqualFold(m.s[i:i+len(want)], want) {
		return next(i + len(want))
	}
	return false
}

func (m *matcher) wordEdge(i int) bool {
	before, after := false, false
	if i > 0 {
		r, _ := utf8.DecodeLastRuneInString(m.s[:i])
		before = isWordRune(r, m.p.java)
	}
	if i < len(m.s) {
		r, _ := utf8.DecodeRuneInString(m.s[i:])
		after = isWordRune(r, m.p.java)
	}
	return before != after
}
