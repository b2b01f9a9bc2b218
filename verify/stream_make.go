package verify

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

// streams makes the streams of one rule on one platform.
type streams struct {
	j       *streamJudge
	c       *collector
	streams []Stream
	kinds   []kind
	// regular is how many of the kinds are of events that the rule takes; the others fail one of its conditions.
	regular int
	rnd     *rand.Rand
	// stuck holds values that the telemetry cannot carry in events of a kind.
	stuck map[assignment]bool
}

func newStreams(j *streamJudge) *streams {
	h := fnv.New64a()
	h.Write([]byte(j.out.Rule.Name))
	return &streams{j: j, c: newCollector(j.out, j.promise), rnd: rand.New(rand.NewPCG(h.Sum64(), 1)), stuck: map[assignment]bool{}}
}

// kind is a kind of event that the rule looks at: of one part, with some of the rule's conditions true on it.
type kind struct {
	name  string
	part  int
	event schema.Event // canonical
	goals []goal
	rule  *eval.Rule // that the goals are asked of
	// fails is the condition of which one leaf is false, where it is a kind for that.
	fails int
}

// mark is one event of a stream to be: a kind, a time, and the values of keys and arguments where they are set.
type mark struct {
	kind   int
	millis int64
	keys   map[int][]any
	args   map[int][]any
	// late is by how many milliseconds the event arrives after it happened, where the stream says so.
	late int64
	// strange, when set, makes the event one that no part of the rule selects.
	strange *strange
}

// strange is the content of a selecting field with which events are none of a part.
type strange struct {
	name string
	f    *ir.Field
	vals []any
}

// tests adds the timelines of the rule's tests, and variations of them.
func (m *streams) tests() {
	for _, t := range m.j.out.Rule.Tests {
		before := len(m.c.unrealised)
		s := m.testStream(t)
		if len(m.c.unrealised) > before || len(s.Events) == 0 {
			continue
		}
		m.streams = append(m.streams, s)
		m.variations(s)
	}
}

// testStream returns the timeline of a test in the native form; events that it cannot carry are noted as not realised.
func (m *streams) testStream(t ir.Test) Stream {
	c := newCollector(m.j.out, m.j.promise)
	c.keepAll = true
	for i, te := range t.Events {
		name, before := fmt.Sprintf("test %q event %d", t.Name, i+1), len(c.cases)
		if te.Event.Binding != "" {
			c.nativeTest(name, te.Event)
		} else {
			c.realiseFirst(name, FromTest, te.Event)
		}
		for k := before; k < len(c.cases); k++ {
			c.cases[k].Late = te.Delay.Milliseconds()
		}
	}
	m.c.unrealised = append(m.c.unrealised, c.unrealised...)
	_, absence := m.j.out.Rule.Body.(*ir.Absence)
	return Stream{Name: fmt.Sprintf("test %q", t.Name), Origin: FromTest, Events: identified(c.cases), Late: absence}
}

// identified gives the events of a stream ids of their own.
func identified(cases []Case) []Case {
	for i := range cases {
		cases[i].Canonical.ID = strconv.Itoa(i + 1)
	}
	return cases
}

// variations leaves out, doubles, and moves events of a stream.
func (m *streams) variations(s Stream) {
	n := len(s.Events)
	add := func(name string, events []Case) {
		if len(events) > 0 {
			m.streams = append(m.streams, Stream{Name: s.Name + ": " + name, Origin: FromMutant, Events: identified(slices.Clone(events)), Late: s.Late})
		}
	}
	for _, i := range slices.Compact([]int{0, n / 2, n - 1}) {
		add(fmt.Sprintf("without event %d", i+1), slices.Delete(slices.Clone(s.Events), i, i+1))
		for _, by := range []int64{-1, 1} {
			if moved, ok := m.moved(s.Events[i], by); ok {
				events := slices.Clone(s.Events)
				events[i] = moved
				add(fmt.Sprintf("event %d moved by %d ms", i+1, by), events)
			}
		}
	}
	for _, by := range []int64{-1, 1, m.size() / 2} {
		var events []Case
		for _, c := range s.Events {
			if moved, ok := m.moved(c, by); ok {
				events = append(events, moved)
			}
		}
		add(fmt.Sprintf("all moved by %d ms", by), events)
	}
}

// moved returns an event at another time.
func (m *streams) moved(c Case, by int64) (Case, bool) {
	e := c.Canonical
	e.Millis += by
	out, ok := m.realise(c.Part, c.Name, e)
	out.Late = c.Late
	return out, ok
}

// realise turns a canonical event into a native one of a part, and back into what the native one says.
func (m *streams) realise(part int, name string, e schema.Event) (Case, bool) {
	native, err := m.c.native(part, e)
	if err != nil {
		return Case{}, false
	}
	fixed, ok := m.j.promise.repair(part, schema.Event{Object: native, Millis: e.Millis})
	if !ok {
		return Case{}, false
	}
	plain := schema.Plain(fixed.Object)
	canonical, ok := canonicalOn(m.j.out.Bound.Parts[part], name, plain)
	return Case{Name: name, Origin: FromWitness, Part: part, Native: plain, Canonical: canonical}, ok
}

// size is the length of the rule's windows in milliseconds.
func (m *streams) size() int64 {
	switch b := m.j.out.Rule.Body.(type) {
	case *ir.Count:
		return b.Window.Size.Milliseconds()
	case *ir.Baseline:
		return b.Bucket.Milliseconds()
	case *ir.FirstSeen:
		return b.Every.Milliseconds()
	case *ir.Sequence:
		return b.Within.Milliseconds()
	case *ir.Absence:
		return b.Window.Milliseconds()
	case nil:
	}
	return 60_000
}

// origin is the start of a window in which streams are laid out.
func (m *streams) origin() int64 {
	size := m.size()
	if b, ok := m.j.out.Rule.Body.(*ir.Count); ok && b.Window.Kind == ir.Hopping {
		size = b.Window.Every.Milliseconds()
	}
	return schema.DefaultMillis / size * size
}

// findKinds looks, for each part, for events with each of the rule's conditions true alone, all false, and all true.
func (m *streams) findKinds() {
	r := m.j.out.Rule
	for i, p := range m.j.out.Bound.Parts {
		where := r.Condition(p.Binding.Name)
		var sets [][]goal
		var names []string
		add := func(name string, want func(int) bool) {
			goals := []goal{{where, true}}
			for c, cond := range r.Conds {
				goals = append(goals, goal{cond, want(c)})
			}
			sets, names = append(sets, goals), append(names, name)
		}
		for c := range r.Conds {
			add(fmt.Sprintf("condition %d", c+1), func(k int) bool { return k == c })
		}
		add("no condition", func(int) bool { return false })
		if len(r.Conds) > 1 {
			add("every condition", func(int) bool { return true })
		}
		m.solve(i, where, sets, names)
	}
	m.regular = len(m.kinds)
	for i, p := range m.j.out.Bound.Parts {
		where := pass.Canonical(r.Condition(p.Binding.Name))
		var sets [][]goal
		var names []string
		for n, path := range leafPaths(where, nil) {
			sets, names = append(sets, append(context(path), goal{path[len(path)-1], false})), append(names, fmt.Sprintf("leaf %d false", n+1))
		}
		m.solve(i, where, sets, names)
	}
}

// solve adds a kind of events of a part for each set of goals that can be reached.
func (m *streams) solve(part int, where ir.Pred, sets [][]goal, names []string) {
	p := m.j.out.Bound.Parts[part]
	rule, err := compileGoals(where, sets)
	if err != nil {
		return
	}
	s := &solver{rule: rule}
	bare := schema.Event{Class: p.Class.Class, Source: p.Binding.Source, Millis: schema.DefaultMillis, Object: map[string]any{}}
	for k, goals := range sets {
		if e, ok := s.solve(bare, goals); ok {
			m.kinds = append(m.kinds, kind{name: fmt.Sprintf("%s on part %d", names[k], part+1), part: part, event: e, goals: goals, rule: rule})
		}
	}
}

// assignment is a value, as text, that a field gets in events of a kind.
type assignment struct {
	kind          int
	field, values string
}

// event makes the event of a mark. A value that the conditions of its kind forbid, or that the telemetry cannot carry in it, is
// left as they have it.
func (m *streams) event(k mark) (Case, bool) {
	kd := m.kinds[k.kind]
	e := kd.event
	e.Millis = k.millis
	var made []schema.Event // before each value
	var set []assignment
	give := func(f *ir.Field, vals []any) {
		if f == nil || f.Name == timeField {
			return
		}
		a := assignment{k.kind, f.Name, jsonText(vals)}
		if m.stuck[a] {
			return
		}
		try := put(e, f, vals)
		for _, g := range kd.goals {
			if kd.rule.Holds(g.p, &try) != g.want {
				return
			}
		}
		made, set = append(made, e), append(set, a)
		e = try
	}
	for i, t := range m.j.out.Rule.Args {
		f, _ := t.(*ir.Field)
		if vals, ok := k.args[i]; ok {
			give(f, vals)
		}
	}
	for i, key := range m.j.out.Rule.Keys {
		f, _ := key.Term.(*ir.Field)
		if vals, ok := k.keys[i]; ok {
			give(f, vals)
		}
	}
	c, ok := m.realise(kd.part, kd.name, e)
	for i := len(made) - 1; !ok && i >= 0; i-- { // the last one is to blame before which it can be carried
		if _, carried := m.realise(kd.part, kd.name, made[i]); carried {
			m.stuck[set[i]] = true
			return m.event(k)
		}
	}
	if ok && k.strange != nil {
		c, ok = m.stranger(c, *k.strange)
	}
	c.Late = k.late
	return c, ok
}

// stranger makes an event of a part one that no part selects.
func (m *streams) stranger(c Case, s strange) (Case, bool) {
	c.Native = schema.Plain(put(schema.Event{Object: c.Native}, s.f, s.vals).Object)
	for i := range m.j.out.Bound.Parts {
		if _, is := m.c.canonical(i, c.Name, c.Native); is {
			return c, false
		}
	}
	c.Canonical = schema.Event{Millis: c.Canonical.Millis}
	return c, m.j.promise.keeps(c.Part, c.Native) && m.j.out.Bound.Parts[c.Part].Binding.HasTime(c.Native)
}

// strangers are contents of selecting fields with which events are none of a part.
func (m *streams) strangers(part int) []strange {
	var out []strange
	p := m.j.out.Bound.Parts[part]
	for _, cond := range p.Class.Select {
		f := pass.NativeField(cond.Native, p.Where.Pos())
		contents := [][]any{nil, {other(f.Type)}}
		if cond.Missing {
			contents = [][]any{{other(f.Type)}, {another(f.Type)}}
		}
		for k, vals := range append(contents, selectedElsewhere(p, cond)...) {
			if v, ok := converted(f, vals); ok {
				out = append(out, strange{fmt.Sprintf("%s %d", f.Name, k+1), f, v})
			}
		}
	}
	return out
}

// build makes a stream of marks; marks that the telemetry cannot carry are left out.
func (m *streams) build(name string, marks []mark) Stream {
	s := Stream{Name: name, Origin: FromWitness}
	for _, k := range marks {
		if c, ok := m.event(k); ok {
			s.Events = append(s.Events, c)
		}
	}
	s.Events = identified(s.Events)
	return s
}

func (m *streams) add(name string, marks []mark) {
	if s := m.build(name, marks); len(s.Events) > 0 {
		m.streams = append(m.streams, s)
	}
}

// finds reports whether the rule finds something in a stream.
func (m *streams) finds(s Stream) bool {
	return len(eval.Findings(m.j.out.Rule, m.j.canonicalRows(s), eval.Always)) > 0 // not for absence rules, which find something in what is not there
}

// keyed returns the n-th value for every key, and for one key other values.
func (m *streams) keyed(n int) map[int][]any {
	out := map[int][]any{}
	for i, k := range m.j.out.Rule.Keys {
		out[i] = []any{numberedKey(ir.TermType(k.Term), n)}
	}
	return out
}

// numberedKey is the n-th of the values that keys get; texts differ in more than their case.
func numberedKey(t schema.Type, n int) any {
	if t.IsString() {
		return "k" + strconv.Itoa(n)
	}
	return numbered(t, int64(n))
}

// argued returns the n-th value for every argument.
func (m *streams) argued(n int) map[int][]any {
	out := map[int][]any{}
	for i, t := range m.j.out.Rule.Args {
		out[i] = []any{numberedKey(ir.TermType(t), n)}
	}
	return out
}

// thresholds are the numbers that the rule's condition compares with, as counts of events: those up to maxThreshold.
func (m *streams) thresholds() []int {
	out := []int{1, 2}
	var num func(n ir.Num)
	num = func(n ir.Num) {
		switch n := n.(type) {
		case *ir.NumLit:
			if k := int(math.Ceil(n.Value)); n.Value > 0 && n.Value <= maxThreshold {
				out = append(out, k, k+1)
			}
		case *ir.NumArith:
			num(n.X)
			num(n.Y)
		case *ir.NumCall:
			for _, x := range n.Args {
				num(x)
			}
		case *ir.NumAgg, *ir.NumBase, *ir.NumStep:
		}
	}
	var cond func(c ir.Cond)
	cond = func(c ir.Cond) {
		switch c := c.(type) {
		case *ir.CondAnd:
			for _, x := range c.Xs {
				cond(x)
			}
		case *ir.CondOr:
			for _, x := range c.Xs {
				cond(x)
			}
		case *ir.CondNot:
			cond(c.X)
		case *ir.CondCmp:
			num(c.L)
			num(c.R)
		}
	}
	if when := m.j.out.Rule.When(); when != nil {
		cond(when)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// maxThreshold is the largest count for which streams are made.
const maxThreshold = 600
