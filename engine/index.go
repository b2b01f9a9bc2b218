package engine

import (
	"math"
	"slices"
	"strings"

	"github.com/onerule/onerule/ir"
)

// index finds, for an event, the rules of a list that can be true of it.
type index struct {
	always []int32
	fields []fieldIndex
	rules  int
}

// fieldIndex is what rules need of one field.
type fieldIndex struct {
	slot   int
	any    []int32            // need any value
	whole  map[string][]int32 // need a value
	grams  map[uint32][]int32 // need four bytes of a text that stand together
	begins [1 << 10]uint64    // which pairs of bytes begin one of the grams
	pieces []piece            // need a text shorter than a gram
}

type piece struct {
	text string
	rule int32
}

// gramSize is the length of the pieces of text that are looked up.
const gramSize = 4

func gram(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// candidates collects rules once each.
type candidates struct {
	seen  []uint64
	event uint64
	rules []int32
	out   []int
}

func (c *candidates) add(rules []int32) {
	for _, r := range rules {
		if c.seen[r] != c.event {
			c.seen[r] = c.event
			c.rules = append(c.rules, r)
		}
	}
}

// collect returns the rules that can be true of an event, in order.
func (c *candidates) collect(x *index, s *slots) []int32 {
	c.event++
	c.rules = c.rules[:0]
	for len(c.seen) < x.rules {
		c.seen = append(c.seen, 0)
	}
	c.add(x.always)
	for i := range x.fields {
		c.field(&x.fields[i], s)
	}
	slices.Sort(c.rules)
	return c.rules
}

func (c *candidates) field(f *fieldIndex, s *slots) {
	if len(f.any) > 0 && len(s.values(f.slot)) > 0 {
		c.add(f.any)
	}
	if f.whole == nil && f.grams == nil && f.pieces == nil {
		return
	}
	for _, text := range s.folded(f.slot) {
		if rules, ok := f.whole[text]; ok {
			c.add(rules)
		}
		for _, p := range f.pieces {
			if c.seen[p.rule] != c.event && strings.Contains(text, p.text) {
				c.add([]int32{p.rule})
			}
		}
		if f.grams == nil {
			continue
		}
		for i := 0; i+gramSize <= len(text); i++ {
			pair := uint16(text[i]) | uint16(text[i+1])<<8
			if f.begins[pair>>6]&(1<<(pair&63)) == 0 {
				continue
			}
			if rules, ok := f.grams[gram(text[i:])]; ok {
				c.add(rules)
			}
		}
	}
}

// indexBuilder gathers what the rules of a list need, and then chooses for each what the fewest others need as well.
type indexBuilder struct {
	table *slotTable
	needs [][]clause // by rule
}

func newIndexBuilder(t *slotTable) *indexBuilder { return &indexBuilder{table: t} }

// add takes the condition of the next rule.
func (b *indexBuilder) add(p ir.Pred) { b.needs = append(b.needs, needs(b.table, p, nil)) }

type slotGram struct {
	slot int
	gram uint32
}

// popularity is how many rules need an atom, or a piece of its text.
type popularity struct {
	whole map[atom]int
	grams map[slotGram]int
	any   map[int]int
}

func (b *indexBuilder) popularity() popularity {
	p := popularity{map[atom]int{}, map[slotGram]int{}, map[int]int{}}
	for _, cs := range b.needs {
		for _, c := range cs {
			for _, a := range c {
				switch {
				case a.whole:
					p.whole[a]++
				case len(a.text) >= gramSize:
					for i := 0; i+gramSize <= len(a.text); i++ {
						p.grams[slotGram{a.slot, gram(a.text[i:])}]++
					}
				default:
					p.any[a.slot]++
				}
			}
		}
	}
	return p
}

// cost guesses how often an atom brings a rule up in vain: a whole value seldom, a rare piece more often, any value always.
func (p *popularity) cost(a atom) float64 {
	switch {
	case a.whole:
		return 1 + float64(p.whole[a])/8
	case len(a.text) >= gramSize:
		_, n := p.rarest(a)
		return 2 + float64(n)/2 + 8/float64(len(a.text))
	case a.text != "":
		return 200
	}
	return 1000
}

// rarest returns the piece of an atom's text that the fewest atoms share.
func (p *popularity) rarest(a atom) (g uint32, n int) {
	n = math.MaxInt
	for i := 0; i+gramSize <= len(a.text); i++ {
		x := gram(a.text[i:])
		if m := p.grams[slotGram{a.slot, x}]; m < n {
			g, n = x, m
		}
	}
	return g, n
}

func (b *indexBuilder) index() index {
	p := b.popularity()
	out := index{rules: len(b.needs)}
	fields := map[int]*fieldIndex{}
	for r, cs := range b.needs {
		if len(cs) == 0 {
			out.always = append(out.always, int32(r))
			continue
		}
		best, least := cs[0], math.Inf(1)
		for _, c := range cs {
			cost := 0.0
			for _, a := range c {
				cost += p.cost(a)
			}
			if cost < least {
				best, least = c, cost
			}
		}
		for _, a := range best {
			f := fields[a.slot]
			if f == nil {
				f = &fieldIndex{slot: a.slot}
				fields[a.slot] = f
			}
			f.put(a, int32(r), &p)
		}
	}
	for slot := range b.table.fields {
		if f := fields[slot]; f != nil {
			out.fields = append(out.fields, *f)
		}
	}
	return out
}

func (f *fieldIndex) put(a atom, rule int32, p *popularity) {
	switch {
	case a.whole:
		if f.whole == nil {
			f.whole = map[string][]int32{}
		}
		f.whole[a.text] = append(f.whole[a.text], rule)
	case len(a.text) >= gramSize:
		if f.grams == nil {
			f.grams = map[uint32][]int32{}
		}
		g, _ := p.rarest(a)
		f.grams[g] = append(f.grams[g], rule)
		pair := uint16(g)
		f.begins[pair>>6] |= 1 << (pair & 63)
	case a.text != "":
		f.pieces = append(f.pieces, piece{a.text, rule})
	default:
		f.any = append(f.any, rule)
	}
}
