package verify

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// mutant is an event next to another one.
type mutant struct {
	name  string
	event schema.Event
	// fine mutants change one of many places of a text.
	fine bool
}

// mutator makes the events around one: the fields of the condition that the event is about are changed in every way that
// languages are known to treat differently, the others are taken away or given.
type mutator struct {
	event schema.Event
	// literals are the texts that the condition compares with.
	literals []string
	// places is how many places of a text are changed; 0 leaves texts whole.
	places int
	// yield takes the mutants until it says no.
	yield func(mutant) bool
	made  int
	done  bool
}

// mutants returns the events around a witness, for a predicate that reads some fields.
func mutants(fields []*ir.Field, w witness) iter.Seq[mutant] {
	return func(yield func(mutant) bool) {
		m := &mutator{event: w.event, places: w.places, literals: literalTexts(w.leaf), yield: yield}
		mine := ir.FieldsOf(w.leaf)
		for _, f := range mine {
			m.field(f)
		}
		m.blocks(w.leaf)
		m.samples(w.leaf)
		ir.Walk(w.leaf, func(p ir.Pred) bool {
			if q, is := p.(*ir.Quant); is && ir.ReadsSubfields(q.Body, q.Var) {
				m.objects(q)
			}
			return true
		})
		for _, f := range fields {
			if !m.done && !slices.ContainsFunc(mine, func(g *ir.Field) bool { return g.Name == f.Name }) {
				m.presence(f)
				m.moved(mine, f)
			}
		}
	}
}

func literalTexts(leaf ir.Pred) []string {
	var out []string
	ir.Walk(leaf, func(p ir.Pred) bool {
		if c, is := p.(*ir.Cmp); is && c.Op != ir.Matches && c.Op != ir.Like {
			for _, v := range c.R {
				if v.Type().IsString() && v.Str() != "" {
					out = append(out, v.Str())
				}
			}
		}
		return true
	})
	return out
}

// moved puts the value of a field of the condition into another field instead.
func (m *mutator) moved(mine []*ir.Field, to *ir.Field) {
	for _, f := range mine {
		held := valuesOf(f, m.event)
		if m.places == 0 || f.Type != to.Type || len(held) == 0 || f.Name == timeField || to.Name == timeField {
			continue
		}
		move := func(v schema.Value) {
			m.add(fmt.Sprintf("%s moved to %s as %s", f.Name, to.Name, v), false, func() schema.Event { return put(put(m.event, f, nil), to, []any{jsonOf(to, v)}) })
		}
		move(held[0])
		if f.Type.IsString() {
			move(schema.String(strings.Map(flip, held[0].Str())))
		}
	}
}

// samples gives a field the texts that fit a regular expression, and those next to them.
func (m *mutator) samples(leaf ir.Pred) {
	c, is := leaf.(*ir.Cmp)
	if !is || c.Op != ir.Matches {
		return
	}
	f, is := c.L.(*ir.Field)
	for _, v := range c.R {
		for _, x := range texts(ir.Matches, v.Str(), "") {
			s, ok := x.(string)
			if !ok || !is || m.made > maxSampleMutants {
				continue
			}
			m.change(f, "sample "+s, true, s)
			for _, c := range partTexts(s, m.places/2) {
				m.change(f, "sample "+s+" "+c.name, true, c.value)
			}
		}
	}
}

// maxSampleMutants bounds the mutants of one witness to which the samples of regular expressions add.
const maxSampleMutants = 1200

// blocks gives a field addresses spread over each block that the condition names, and those on its edges.
func (m *mutator) blocks(leaf ir.Pred) {
	ir.Walk(leaf, func(p ir.Pred) bool {
		c, is := p.(*ir.Cmp)
		if !is || c.Op != ir.InCIDR {
			return true
		}
		f, is := c.L.(*ir.Field)
		for _, v := range c.R {
			block, err := ir.ParseCIDR(v.Str())
			if err != nil || !is {
				continue
			}
			edges := []netip.Addr{block.Addr().Prev(), block.Addr(), ir.LastAddr(block), ir.LastAddr(block).Next()}
			for _, a := range append(edges, spread(block)...) {
				if a.IsValid() {
					m.change(f, "address "+a.String(), false, a.String())
				}
			}
		}
		return true
	})
}

// spread returns sixteen addresses, one in each sixteenth of a block.
func spread(block netip.Prefix) []netip.Addr {
	shift := block.Addr().BitLen() - block.Bits() - 4
	if shift < 0 {
		return nil
	}
	bytes := block.Addr().AsSlice()
	var out []netip.Addr
	for k := range 16 {
		b := slices.Clone(bytes)
		at := len(b) - 1 - shift/8
		b[at] |= byte(k << (shift % 8))
		if at > 0 {
			b[at-1] |= byte(k >> (8 - shift%8))
		}
		b[len(b)-1] |= 1
		if a, ok := netip.AddrFromSlice(b); ok {
			out = append(out, a)
		}
	}
	return out
}

func (m *mutator) change(f *ir.Field, name string, fine bool, vals ...any) {
	m.add(f.Name+" "+name, fine, func() schema.Event { return put(m.event, f, vals) })
}

// add gives a mutant away, made only if it is wanted.
func (m *mutator) add(name string, fine bool, event func() schema.Event) {
	if m.done {
		return
	}
	m.made++
	m.done = !m.yield(mutant{name, event(), fine})
}

// presence takes a field away, or gives one that is missing.
func (m *mutator) presence(f *ir.Field) bool {
	switch {
	case f.Name == timeField:
		return true
	case len(valuesOf(f, m.event)) == 0:
		m.change(f, "given", false, other(f.Type))
		return false
	}
	m.change(f, "missing", false)
	if f.Native != nil && !f.Native.JSON && !strings.Contains(f.Name, "[]") {
		m.bare(f, "null", nil)
		if f.Array {
			m.bare(f, "no element", []any{})
		}
	}
	return true
}

// bare puts something that is no value into a field.
func (m *mutator) bare(f *ir.Field, name string, x any) {
	m.add(f.Name+" "+name, false, func() schema.Event {
		e := put(m.event, f, nil)
		e.Object = without(e.Object, f.Name) // a copy as far as the path goes
		schema.SetPath(e.Object, f.Name, []any{x})
		return e
	})
}

func (m *mutator) field(f *ir.Field) {
	if !m.presence(f) {
		if f.Type.IsString() {
			m.change(f, "empty", false, "")
		}
		return
	}
	held := valuesOf(f, m.event)
	vals := func() []any { return jsonAll(f, held) }
	m.change(f, "other", false, other(f.Type))
	if f.Array {
		m.change(f, "with another element", false, append(vals(), other(f.Type))...)
		m.change(f, "with an element before", false, append([]any{other(f.Type)}, vals()...)...)
		m.change(f, "doubled", false, append(vals(), vals()...)...)
		if f.Type.IsString() {
			m.change(f, "with an empty element", false, append(vals(), "")...)
		}
	}
	for i, v := range held {
		if i == maxElements {
			break
		}
		for _, c := range m.values(f, v) {
			changed := vals()
			changed[i] = c.value
			m.change(f, fmt.Sprintf("value %d %s", i+1, c.name), c.fine, changed...)
			if f.Array && len(held) == 1 && !c.fine {
				m.change(f, fmt.Sprintf("with value %s", c.name), false, append(vals(), c.value)...)
			}
		}
		if len(held) > 1 {
			m.change(f, fmt.Sprintf("without value %d", i+1), false, slices.Delete(vals(), i, i+1)...)
		}
	}
}

// maxElements bounds the elements of an array that are changed.
const maxElements = 4

type changedValue struct {
	name  string
	value any
	fine  bool
}

// values returns values next to one, in a fixed order.
func (m *mutator) values(f *ir.Field, v schema.Value) []changedValue {
	value := func(name string, x schema.Value) changedValue { return changedValue{name, jsonOf(f, x), false} }
	switch v.Type() {
	case schema.Keyword, schema.Text:
		return slices.Concat(wholeTexts(v.Str()), m.spellings(v.Str()), partTexts(v.Str(), m.places))
	case schema.Long:
		n := v.Int64()
		return []changedValue{value("plus one", schema.Int(n+1)), value("minus one", schema.Int(n-1)), value("negative", schema.Int(-n)), value("zero", schema.Int(0))}
	case schema.Double:
		x := v.Float64()
		return []changedValue{value("plus a quarter", schema.Float(x+0.25)), value("minus a quarter", schema.Float(x-0.25)), value("negative", schema.Float(-x))}
	case schema.Date:
		return []changedValue{value("plus 1 ms", schema.DateMillis(v.Millis()+1)), value("minus 1 ms", schema.DateMillis(v.Millis()-1)), value("plus 1 h", schema.DateMillis(v.Millis()+3600_000))}
	case schema.Boolean:
		return []changedValue{value("other truth", schema.Bool(!v.Bool()))}
	case schema.IP:
		var out []changedValue
		if n := v.Addr().Next(); n.IsValid() {
			out = append(out, value("next address", schema.Addr(n)))
		}
		if n := v.Addr().Prev(); n.IsValid() {
			out = append(out, value("previous address", schema.Addr(n)))
		}
		for _, s := range []string{v.String() + "1", v.String()[:len(v.String())-1]} { // one text begins with the other
			if a, ok := schema.FromText(schema.IP, s); ok {
				out = append(out, value("as "+s, a))
			}
		}
		return append(out, changedValue{"of version 6", "2001:db8::1", false})
	case schema.Invalid:
	}
	return nil
}

// wholeTexts are the changes of a text as a whole that languages are known to treat differently.
func wholeTexts(s string) []changedValue {
	all := []changedValue{
		{"empty", "", false},
		{"upper case", strings.ToUpper(s), false},
		{"lower case", strings.ToLower(s), false},
		{"flipped case", strings.Map(flip, s), false},
		{"with a suffix", s + "x", false},
		{"with a prefix", "x" + s, false},
		{"twice", s + s, false},
		{"with a line break", s + "\n", false},
		{"behind a line break", "\n" + s, false},
		{"with a blank", s + " ", false},
		{"behind a blank", " " + s, false},
		{"in quotes", `"` + s + `"`, false},
		{"with a star", s + "*", false},
		{"with a backslash", s + `\`, false},
		{"with é", s + "é", false},
		{"with a Kelvin sign", strings.Map(lookalike, s), false},
	}
	return slices.DeleteFunc(all, func(c changedValue) bool { return c.value == s })
}

// maxCased is up to how many letters every spelling of a literal is made.
const maxCased = 4

// spellings returns a text with every spelling of a literal with few letters that stands in it.
func (m *mutator) spellings(s string) []changedValue {
	var out []changedValue
	for _, lit := range m.literals {
		from := strings.Index(pattern.FoldString(s), pattern.FoldString(lit))
		if m.places == 0 || from < 0 || !pattern.IsASCII(s) {
			continue
		}
		before, part, after := s[:from], []rune(s[from:from+len(lit)]), s[from+len(lit):]
		var at []int
		for i := range part {
			if flip(part[i]) != part[i] {
				at = append(at, i)
			}
		}
		if len(at) <= maxCased {
			out = append(out, spelt(before, part, after, at)...)
		}
	}
	return out
}

// spelt returns the spellings of a part of a text, each also with something before and behind and without its beginning.
func spelt(before string, part []rune, after string, at []int) []changedValue {
	var out []changedValue
	for k := range 1 << len(at) {
		t := slices.Clone(part)
		for b, i := range at {
			if k&(1<<b) != 0 {
				t[i] = flip(t[i])
			}
		}
		text := before + string(t) + after
		if k > 0 {
			out = append(out, changedValue{"spelt " + text, text, false})
		}
		out = append(out, changedValue{"spelt " + text + " with a suffix", text + "x", true}, changedValue{"spelt " + text + " with a prefix", "x" + text, true},
			changedValue{"spelt " + text + " without its first character", "x" + before + string(t[1:]) + after, true})
	}
	return out
}

// lookalike maps letters to those beyond ASCII that some foldings take for the same.
func lookalike(r rune) rune {
	switch r {
	case 'k', 'K':
		return '\u212A'
	case 's', 'S':
		return '\u017F'
	}
	return r
}

// partTexts changes a text at places of it.
func partTexts(s string, n int) []changedValue {
	r := []rune(s)
	var out []changedValue
	for _, i := range places(r, n) {
		before, at, after := string(r[:i]), string(r[i]), string(r[i+1:])
		two := string(r[i:min(i+2, len(r))])
		letter := "n"
		if at == letter {
			letter = "q"
		}
		for _, c := range []changedValue{
			{"without character", before + after, true},
			{"in other case at character", before + string(flip(r[i])) + after, true},
			{"changed at character", before + letter + after, true},
			{"with a line break for character", before + "\n" + after, true},
			{"with text before character", before + "zz" + at + after, true},
			{"with a line break before character", before + "\n" + at + after, true},
			{"with a blank before character", before + " " + at + after, true},
			{"with twice character", before + at + at + after, true},
			{"with twice two from character", before + two + two + strings.TrimPrefix(at+after, two), true},
		} {
			if c.value != s {
				c.name = fmt.Sprintf("%s %d", c.name, i+1)
				out = append(out, c)
			}
		}
	}
	return out
}

// partKinds is the number of changes at one place.
const partKinds = 9

// places returns up to n indices of a text in ascending order: the ends, characters that languages treat in their own
// way, then others evenly spread.
func places(r []rune, n int) []int {
	if len(r) <= n {
		n = len(r)
	}
	if n == 0 {
		return nil
	}
	taken := map[int]bool{0: true, len(r) - 1: true}
	for i := range r {
		if len(taken) < (n+1)/2 && !unicode.IsLetter(r[i]) && !unicode.IsDigit(r[i]) {
			taken[i] = true
		}
	}
	for k := range n {
		if len(taken) < n {
			taken[k*len(r)/n] = true
		}
	}
	for i := range r {
		if len(taken) < n {
			taken[i] = true
		}
	}
	out := make([]int, 0, len(taken))
	for i := range r {
		if taken[i] {
			out = append(out, i)
		}
	}
	return out
}

func flip(r rune) rune {
	if unicode.IsUpper(r) {
		return unicode.ToLower(r)
	}
	return unicode.ToUpper(r)
}

// objects changes the objects of an array: a value of one is taken away or changed, two exchange a value, one is taken
// away, an empty one is added.
func (m *mutator) objects(q *ir.Quant) {
	elems := m.event.Objects(q.Over.Name)
	if q.Over.Native != nil {
		elems = q.Over.Native.Objects(m.event.Object)
	}
	if len(elems) == 0 || len(elems) > maxElements {
		return
	}
	list := func() []any {
		out := make([]any, len(elems))
		for i, o := range elems {
			out[i] = clone(o)
		}
		return out
	}
	set := func(objs []any, i int, sub string, x any) {
		o, _ := objs[i].(map[string]any)
		o = without(o, sub)
		if x != nil {
			schema.SetPath(o, sub, []any{x})
		}
		objs[i] = o
	}
	m.change(q.Over, "with an empty object", false, append(list(), map[string]any{})...)
	for i := range elems {
		m.change(q.Over, fmt.Sprintf("without object %d", i+1), false, slices.Delete(list(), i, i+1)...)
		for _, f := range subFields(q) {
			held := schema.ObjectValues(elems[i], f.Name, f.Type)
			objs := list()
			set(objs, i, f.Name, nil)
			m.change(q.Over, fmt.Sprintf("object %d without %s", i+1, f.Name), false, objs...)
			for _, v := range held {
				for _, c := range m.values(f, v) {
					objs := list()
					set(objs, i, f.Name, c.value)
					m.change(q.Over, fmt.Sprintf("object %d %s %s", i+1, f.Name, c.name), c.fine, objs...)
				}
				if len(elems) > 1 {
					objs := list()
					set(objs, i, f.Name, nil)
					set(objs, (i+1)%len(elems), f.Name, jsonOf(f, v))
					m.change(q.Over, fmt.Sprintf("%s of object %d in the next", f.Name, i+1), false, objs...)
				}
			}
		}
	}
}

// subFields returns the sub-fields of its elements that a quantifier reads.
func subFields(q *ir.Quant) []*ir.Field {
	var out []*ir.Field
	for _, f := range ir.FieldsOf(ofElement(q.Body, q.Var)) {
		if sub, is := strings.CutPrefix(f.Name, elementMark); is {
			out = append(out, &ir.Field{Name: sub, Type: f.Type})
		}
	}
	return out
}
