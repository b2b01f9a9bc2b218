package engine

import (
	"fmt"
	"strings"
	"sync"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// Events asks any number of event rules about native events. For the events of each class of a binding it holds an index of
// what the rules need: an event is asked only of rules of which it has a needed value or a needed piece of text, and only the
// fields that are asked for are read.
type Events struct {
	rules    []*ir.Rule
	declared map[string]bool // names of fields that rules declare
	mu       sync.Mutex
	buckets  map[*schema.BoundClass]*bucket
}

// NewEvents prepares event rules, those without a body. It fails when a literal does not parse, which [ir.Verify] would have
// said.
func NewEvents(rules []*ir.Rule) (*Events, error) {
	for _, r := range rules {
		for _, p := range append([]ir.Pred{r.Where}, alternatives(r)...) {
			if _, err := (compiler{}).pred(p); err != nil {
				return nil, fmt.Errorf("rule %s: %w", r.Name, err)
			}
		}
	}
	s := &Events{rules: rules, declared: map[string]bool{}, buckets: map[*schema.BoundClass]*bucket{}}
	for _, r := range rules {
		for _, f := range r.Fields {
			s.declared[f.Name] = true
		}
	}
	return s, nil
}

func alternatives(r *ir.Rule) []ir.Pred {
	var out []ir.Pred
	for _, a := range r.Alts {
		out = append(out, a.Where)
	}
	return out
}

// bucket is what is known about the events of one class of a binding.
type bucket struct {
	fields []func(native map[string]any) []schema.Value // by slot
	rules  []int                                        // indexes of the rules that take the class, in order
	preds  []predicate                                  // of these rules
	index  index
}

// of returns the list of a class, made when its first event comes.
func (s *Events) of(b *schema.Binding, c *schema.BoundClass) *bucket {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l, ok := s.buckets[c]; ok {
		return l
	}
	l := &bucket{}
	table := newSlotTable(c, s.declared)
	build := newIndexBuilder(table)
	for i, r := range s.rules {
		if !r.Takes(c.Class, b.Source) {
			continue
		}
		where := r.Condition(b.Name)
		p, err := (compiler{slots: table}).pred(where)
		if err != nil {
			continue // NewEvents has said so
		}
		l.rules, l.preds = append(l.rules, i), append(l.preds, p)
		build.add(where)
	}
	l.fields, l.index = table.fields, build.index()
	s.buckets[c] = l
	return l
}

// Takes reports whether some rule looks at events of the class.
func (s *Events) Takes(b *schema.Binding, c *schema.BoundClass) bool {
	return len(s.of(b, c).rules) > 0
}

// Worker asks about one event after the other. It is not for several goroutines at once; each has its own.
type Worker struct {
	events *Events
	ctx    context
	slots  slots
	found  candidates
	known  map[*schema.BoundClass]*bucket
}

// Worker returns a worker.
func (s *Events) Worker() *Worker {
	return &Worker{events: s, known: map[*schema.BoundClass]*bucket{}}
}

// Match returns the indexes of the rules that an event fulfils, in order; the slice is used again. Canonical is asked for the
// event in the words of rules, when a rule cannot do without; it may be called several times.
func (w *Worker) Match(b *schema.Binding, c *schema.BoundClass, native map[string]any, canonical func() *schema.Event) []int {
	l, ok := w.known[c]
	if !ok {
		l = w.events.of(b, c)
		w.known[c] = l
	}
	w.slots.start(l.fields, native)
	w.ctx = context{elems: w.ctx.elems[:0], stack: w.ctx.stack[:0], slots: &w.slots, canonical: canonical}
	out := w.found.out[:0]
	for _, i := range w.found.collect(&l.index, &w.slots) {
		if l.preds[i](&w.ctx) {
			out = append(out, l.rules[i])
		}
	}
	w.found.out = out
	return out
}

// slotTable gives the fields that rules read of a class places where their values are kept while an event is looked at.
type slotTable struct {
	class    *schema.BoundClass
	declared map[string]bool
	of       map[slotKey]int
	fields   []func(native map[string]any) []schema.Value
}

type slotKey struct {
	name string
	typ  schema.Type
}

func newSlotTable(c *schema.BoundClass, declared map[string]bool) *slotTable {
	return &slotTable{class: c, declared: declared, of: map[slotKey]int{}}
}

// slot returns the place of a field; ok is false for what is not read field by field.
func (t *slotTable) slot(f *ir.Field) (int, bool) {
	if t == nil || f.Native != nil || f.Name == "@timestamp" || schema.IsKind(f.Name) {
		return 0, false
	}
	key := slotKey{strings.ReplaceAll(f.Name, "[]", ""), f.Type}
	if i, ok := t.of[key]; ok {
		return i, true
	}
	read, ok := t.reader(key)
	if !ok {
		return 0, false
	}
	t.of[key] = len(t.fields)
	t.fields = append(t.fields, read)
	return t.of[key], true
}

// reader returns how a field is read of a native event: by its mapping, by its own name when rules declare it, or not at all. A field that stands above or below
// others in the canonical event is left to it.
func (t *slotTable) reader(key slotKey) (func(map[string]any) []schema.Value, bool) {
	if t.declared[key.name] {
		return func(native map[string]any) []schema.Value { return schema.ObjectValues(native, key.name, key.typ) }, true
	}
	var m *schema.Mapping
	for i := range t.class.Mappings {
		name := strings.ReplaceAll(t.class.Mappings[i].Field.Name, "[]", "")
		switch {
		case name == key.name && m == nil && t.class.Mappings[i].Field.Type == key.typ:
			m = &t.class.Mappings[i]
		case name == key.name:
			return nil, false
		}
	}
	if m == nil {
		return func(map[string]any) []schema.Value { return nil }, true
	}
	return m.Canonical, true
}

// slots are the values of the fields of the event at work, read when they are asked for.
type slots struct {
	native map[string]any
	fields []func(map[string]any) []schema.Value
	places []place
	event  uint64
	// texts are all texts of the event textsOf without case.
	texts   []string
	textsOf uint64
}

type place struct {
	read, fold uint64 // the event that values and folded are of
	values     []schema.Value
	folded     []string
}

func (s *slots) start(fields []func(map[string]any) []schema.Value, native map[string]any) {
	s.native, s.fields = native, fields
	s.event++
	for len(s.places) < len(fields) {
		s.places = append(s.places, place{})
	}
}

// allFolded returns all texts of the event without case.
func (s *slots) allFolded(e *context) []string {
	if s.textsOf != s.event {
		s.texts, s.textsOf = s.texts[:0], s.event
		e.ev().AllStrings(func(text string) { s.texts = append(s.texts, pattern.FoldString(text)) })
	}
	return s.texts
}

func (s *slots) values(i int) []schema.Value {
	p := &s.places[i]
	if p.read != s.event {
		p.values, p.read = s.fields[i](s.native), s.event
	}
	return p.values
}

// folded returns the texts of a field without case; of one that is no text nothing.
func (s *slots) folded(i int) []string {
	p := &s.places[i]
	if p.fold == s.event {
		return p.folded
	}
	vs := s.values(i)
	p.folded, p.fold = p.folded[:0], s.event
	for _, v := range vs {
		if v.Type().IsString() {
			p.folded = append(p.folded, pattern.FoldString(v.Str()))
		}
	}
	return p.folded
}
