package pcre

import (
	"errors"
	"unicode/utf8"
)

// ErrBudget says that a match used up its steps.
var ErrBudget = errors.New("the regular expression needs too many steps")

// frame is something to do on going back: resume at pc and pos, restore a slot, or give back or take one more character of
// a run.
type frame struct {
	kind    frameKind
	pc, pos int
	a       int // frameGreedy: the lowest place; frameLazy: characters still allowed; frameRestore: the old value
}

type frameKind uint8

const (
	frameResume frameKind = iota
	frameRestore
	frameGreedy
	frameLazy
)

type machine struct {
	in     string
	bytes  bool
	from   int // where the search began, for \G
	slots  []int
	stack  []frame
	budget *int
	failed bool
}

// Find returns the places of the leftmost match at or after from: element 2n and 2n+1 are the start and end of group n, -1
// where it took no part. It returns nil for no match. budget counts steps down; at zero the search ends with ErrBudget.
func (re *Regexp) Find(in string, from int, budget *int) ([]int, error) {
	m := &machine{in: in, bytes: re.bytes, from: from, budget: budget, slots: make([]int, re.slots)}
	for pos := from; pos <= len(in); {
		if re.first.nullable || pos < len(in) && re.first.bytes[in[pos]] {
			for i := range m.slots {
				m.slots[i] = -1
			}
			m.slots[0] = pos
			m.stack = m.stack[:0]
			end, ok := m.run(re.prog, pos)
			if m.failed {
				return nil, ErrBudget
			}
			if ok {
				m.slots[1] = end
				return m.slots[:2*(re.groups+1)], nil
			}
		}
		if re.anchored {
			return nil, nil
		}
		if *budget--; *budget <= 0 {
			return nil, ErrBudget
		}
		_, n := m.at(pos)
		pos += max(n, 1)
	}
	return nil, nil
}

// at returns the character at pos and its width; the width is 0 at the end.
func (m *machine) at(pos int) (rune, int) {
	if pos >= len(m.in) {
		return -1, 0
	}
	if c := m.in[pos]; c < utf8.RuneSelf || m.bytes {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(m.in[pos:])
}

// before returns the character that ends at pos and its width.
func (m *machine) before(pos int) (rune, int) {
	if pos <= 0 {
		return -1, 0
	}
	if c := m.in[pos-1]; c < utf8.RuneSelf || m.bytes {
		return rune(c), 1
	}
	return utf8.DecodeLastRuneInString(m.in[:pos])
}

func (m *machine) set(slot, value int) {
	m.stack = append(m.stack, frame{kind: frameRestore, pc: slot, a: m.slots[slot]})
	m.slots[slot] = value
}

// run executes a program from pos. On success the frames above the entry stay on the stack; on failure all are undone.
func (m *machine) run(p *prog, pos int) (int, bool) {
	base := len(m.stack)
	pc := 0
	for {
		if *m.budget--; *m.budget <= 0 {
			m.failed = true
			return 0, false
		}
		next, at, ok := m.step(p, pc, pos)
		if ok {
			if next < 0 {
				return at, true
			}
			pc, pos = next, at
			continue
		}
		if m.failed {
			return 0, false
		}
		if pc, pos, ok = m.back(p, base); !ok {
			return 0, false
		}
	}
}

// back takes frames off the stack until one says where to go on.
func (m *machine) back(p *prog, base int) (pc, pos int, ok bool) {
	for len(m.stack) > base {
		f := m.stack[len(m.stack)-1]
		m.stack = m.stack[:len(m.stack)-1]
		switch f.kind {
		case frameRestore:
			m.slots[f.pc] = f.a
		case frameResume:
			return f.pc, f.pos, true
		case frameGreedy:
			_, n := m.before(f.pos)
			f.pos -= n
			if f.pos > f.a {
				m.stack = append(m.stack, f)
			}
			return f.pc + 1, f.pos, true
		case frameLazy:
			r, n := m.at(f.pos)
			if n == 0 || f.a == 0 || !p.code[f.pc].set.has(r) {
				continue
			}
			f.pos += n
			f.a--
			m.stack = append(m.stack, f)
			return f.pc + 1, f.pos, true
		}
	}
	return 0, 0, false
}

// step executes one instruction; a next below 0 is the end of the program.
func (m *machine) step(p *prog, pc, pos int) (next, at int, ok bool) {
	i := &p.code[pc]
	switch i.op {
	case opChar, opCharFold, opSet:
		r, n := m.at(pos)
		if n == 0 {
			return 0, 0, false
		}
		fits := r == i.r
		switch {
		case i.op == opCharFold:
			fits = fits || sameFold(r, i.r, m.bytes)
		case i.op == opSet:
			fits = i.set.has(r)
		default:
		}
		return pc + 1, pos + n, fits
	case opLoopSet:
		return m.loop(i, pc, pos)
	case opSplit:
		m.stack = append(m.stack, frame{kind: frameResume, pc: i.y, pos: pos})
		return i.x, pos, true
	case opJump:
		return i.x, pos, true
	case opSave, opMark:
		m.set(i.x, pos)
	case opLeaveIfEmpty:
		if m.slots[i.x] == pos {
			return i.y, pos, true
		}
	case opAssert:
		return pc + 1, pos, m.holds(i.kind, pos)
	case opBackref:
		end, fits := m.backref(i, pos)
		return pc + 1, end, fits
	case opLook:
		return pc + 1, pos, m.look(i, pos)
	case opAtomic:
		base := len(m.stack)
		end, fits := m.run(i.sub, pos)
		m.commit(base)
		return pc + 1, end, fits
	case opMatch:
		return -1, pos, true
	}
	return pc + 1, pos, true
}

// loop takes a run of one set.
func (m *machine) loop(i *inst, pc, pos int) (next, at int, ok bool) {
	count := 0
	low := pos
	for count < i.x || !i.lazy && (i.y < 0 || count < i.y) {
		r, n := m.at(pos)
		if n == 0 || !i.set.has(r) {
			break
		}
		if count++; count&63 == 0 {
			*m.budget--
		}
		pos += n
		if count == i.x {
			low = pos
		}
	}
	if count < i.x {
		return 0, 0, false
	}
	switch {
	case i.lazy:
		m.stack = append(m.stack, frame{kind: frameLazy, pc: pc, pos: pos, a: i.y - i.x})
	case i.greedy && pos > low:
		m.stack = append(m.stack, frame{kind: frameGreedy, pc: pc, pos: pos, a: low})
	}
	return pc + 1, pos, true
}

// commit drops the choices above base but keeps what restores slots, so that going back further still undoes them.
func (m *machine) commit(base int) {
	kept := m.stack[:base]
	for _, f := range m.stack[base:] {
		if f.kind == frameRestore {
			kept = append(kept, f)
		}
	}
	m.stack = kept
}

// undo goes back to base, restoring slots.
func (m *machine) undo(base int) {
	for len(m.stack) > base {
		f := m.stack[len(m.stack)-1]
		m.stack = m.stack[:len(m.stack)-1]
		if f.kind == frameRestore {
			m.slots[f.pc] = f.a
		}
	}
}

func (m *machine) look(i *inst, pos int) bool {
	base := len(m.stack)
	found := false
	if i.subAlone == nil {
		_, found = m.run(i.sub, pos)
	}
	for k, sub := range i.subAlone {
		start, ok := m.stepBack(pos, i.behind[k])
		if !ok {
			continue
		}
		if end, fits := m.run(sub, start); fits && end == pos {
			found = true
			break
		}
		m.undo(base)
	}
	if m.failed {
		return false
	}
	if i.negate {
		m.undo(base)
		return !found
	}
	m.commit(base)
	return found
}

func (m *machine) stepBack(pos, chars int) (int, bool) {
	for ; chars > 0; chars-- {
		_, n := m.before(pos)
		if n == 0 {
			return 0, false
		}
		pos -= n
	}
	return pos, true
}

func (m *machine) backref(i *inst, pos int) (int, bool) {
	lo, hi := m.slots[2*i.x], m.slots[2*i.x+1]
	if lo < 0 || hi < 0 {
		return 0, false
	}
	for lo < hi {
		want, n := m.at(lo)
		got, k := m.at(pos)
		if k == 0 || want != got && !(i.fold && sameFold(want, got, m.bytes)) {
			return 0, false
		}
		lo += n
		pos += k
		*m.budget--
	}
	return pos, true
}

func (m *machine) holds(k assertKind, pos int) bool {
	end := len(m.in)
	switch k {
	case textStart:
		return pos == 0
	case lineStart:
		return pos == 0 || pos < end && m.in[pos-1] == '\n'
	case textEnd:
		return pos == end
	case textEndLine:
		return pos == end || pos == end-1 && m.in[pos] == '\n'
	case lineEnd:
		return pos == end || m.in[pos] == '\n'
	case wordEdge, noWordEdge:
		a, _ := m.before(pos)
		b, _ := m.at(pos)
		return (isWord(a) != isWord(b)) == (k == wordEdge)
	case matchStart:
		return pos == m.from
	}
	return false
}
