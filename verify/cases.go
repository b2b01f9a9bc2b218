package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Origin says where a case comes from.
type Origin string

// The origins of cases.
const (
	FromTest    Origin = "test"
	FromWitness Origin = "witness"
	FromMutant  Origin = "mutant"
	FromFile    Origin = "file"
)

// Case is one native event with the canonical event that it is.
type Case struct {
	Name      string
	Origin    Origin
	Part      int // of the bound rule
	Native    map[string]any
	Canonical schema.Event
	// Late is by how many milliseconds the event arrives after it happened, where a stream says so.
	Late int64
	// Fine cases are mutants at one of many places of a text; there are many, and a few stand for all where time matters.
	Fine bool
}

// collector makes the cases of one bound rule.
type collector struct {
	out        *all.Output
	promise    *promise
	cases      []Case
	unrealised []string
	seen       map[string]bool
	keepAll    bool // equal events count each: those of a test do
	budget     int  // how many fine mutants the parts of the rule share
	room       int  // how many cases there may be before no more mutants are made
	fine       int  // how many of them are fine
	bounds     []string
}

func newCollector(out *all.Output, p *promise) *collector {
	return &collector{out: out, promise: p, seen: map[string]bool{}, budget: fineBudget, room: maxCases}
}

// maxCases bounds the cases of one rule and language to which mutants are added.
const maxCases = 6000

// fineRoom is how many of the cases may be fine ones.
func (c *collector) fineRoom() int { return c.room * 2 / 5 }

// full reports whether no more cases of the kind are made: only mutants are ever too many.
func (c *collector) full(o Origin, fine bool) bool {
	return o == FromMutant && (len(c.cases) >= c.room || fine && c.fine >= c.fineRoom())
}

// bound notes that something was left out.
func (c *collector) bound(format string, args ...any) {
	c.bounds = append(c.bounds, fmt.Sprintf(format, args...))
}

// new reports whether an event was not added yet.
func (c *collector) new(native map[string]any) bool {
	key := jsonText(native)
	if c.seen[key] && !c.keepAll {
		return false
	}
	c.seen[key] = true
	return true
}

// add takes a native event when a part of the rule selects it; others are not the rule's events.
func (c *collector) add(name string, origin Origin, fine bool, native map[string]any) bool {
	if c.full(origin, fine) {
		return true
	}
	native = schema.Plain(native)
	for i := range c.out.Bound.Parts {
		e, ok := c.canonical(i, name, native)
		if !ok {
			continue
		}
		if c.new(native) {
			c.cases = append(c.cases, Case{Name: name, Origin: origin, Part: i, Native: native, Canonical: e, Fine: fine})
			if fine {
				c.fine++
			}
		}
		return true
	}
	return false
}

// canonical returns the canonical form of an event of a part; ok is false when the part does not select it.
func (c *collector) canonical(part int, name string, native map[string]any) (schema.Event, bool) {
	return canonicalOn(c.out.Bound.Parts[part], name, native)
}

func canonicalOn(p ir.Part, name string, native map[string]any) (schema.Event, bool) {
	e, ok := p.Binding.ToCanonical(name, native)
	return e, ok && schema.Covers(p.Binding.Source, p.Class.Class, e.Class)
}

// made takes an event that was made for a part, in the shape that the vendor gives it, if the output promises something about it.
// One without a time is left out: each platform gives an event a time.
func (c *collector) made(part int, name string, origin Origin, fine bool, native map[string]any) {
	if native = schema.Plain(native); c.full(origin, fine) || c.seen[jsonText(native)] {
		return
	}
	if c.out.Bound.Parts[part].Binding.HasTime(native) && c.promise.keeps(part, native) {
		c.add(name, origin, fine, native)
	}
}

// stranger takes an event that no part selects: nobody may find it.
func (c *collector) stranger(part int, name string, native map[string]any) {
	native = schema.Plain(native)
	for i := range c.out.Bound.Parts {
		if _, ok := c.canonical(i, name, native); ok {
			return
		}
	}
	if c.promise.keeps(part, native) && c.new(native) {
		c.cases = append(c.cases, Case{Name: name, Origin: FromWitness, Part: part, Native: native})
	}
}

// tests adds the events of the rule's tests: canonical ones through every part they fit, native ones as they are.
func (c *collector) tests() {
	for _, t := range c.out.Rule.Tests {
		for i, te := range t.Events {
			name := fmt.Sprintf("test %q event %d", t.Name, i+1)
			if te.Event.Binding != "" {
				c.nativeTest(name, te.Event)
				continue
			}
			c.realise(name, FromTest, te.Event)
		}
	}
}

func (c *collector) nativeTest(name string, e schema.Event) {
	if c.add(name, FromTest, false, e.Object) {
		return
	}
	b, ok, err := schema.LookupBinding(e.Binding)
	if !ok || err != nil {
		return
	}
	if canonical, ok := b.ToCanonical(e.ID, e.Object); ok {
		canonical.TakeDeclared(e.Object, c.out.Rule.Declared())
		c.realise(name, FromTest, canonical)
	}
}

// realise turns a canonical event into native ones.
func (c *collector) realise(name string, origin Origin, e schema.Event) {
	c.realiseIn(0, len(c.out.Bound.Parts), name, origin, e)
}

// realiseIn is realise on the parts from one to before another.
func (c *collector) realiseIn(from, to int, name string, origin Origin, e schema.Event) {
	var reasons []string
	done := false
	for i := from; i < to; i++ {
		p := c.out.Bound.Parts[i]
		if p.Binding.Source != e.Source || !schema.Covers(e.Source, p.Class.Class, e.Class) {
			continue
		}
		native, err := c.native(i, e)
		if err == nil && c.add(name, origin, false, native) {
			done = true
			continue
		}
		if err != nil {
			reasons = append(reasons, err.Error())
		}
	}
	if !done && len(reasons) > 0 {
		c.unrealised = append(c.unrealised, name+": "+strings.Join(reasons, "; "))
	}
}

// realiseFirst is realise on the first part that takes the event: in a stream each event happens once.
func (c *collector) realiseFirst(name string, origin Origin, e schema.Event) {
	for i := range c.out.Bound.Parts {
		before := len(c.cases)
		reasons := len(c.unrealised)
		c.realiseIn(i, i+1, name, origin, e)
		if len(c.cases) > before {
			c.unrealised = c.unrealised[:reasons]
			return
		}
	}
}

// realiseOn turns a canonical event that was made into a native one of a part, where the telemetry can carry it.
func (c *collector) realiseOn(part int, name string, origin Origin, fine bool, e schema.Event) {
	if c.full(origin, fine) {
		return
	}
	native, err := c.native(part, e)
	if err != nil {
		return
	}
	if fixed, ok := c.promise.repair(part, schema.Event{Object: native, Millis: e.Millis}); ok {
		c.made(part, name, origin, fine, fixed.Object)
	}
}

// native makes a native event of a part. The event's own class is used when the binding has it: it says more.
func (c *collector) native(part int, e schema.Event) (map[string]any, error) {
	p := c.out.Bound.Parts[part]
	e.Binding = ""
	if _, ok := p.Binding.Class(e.Class); !ok {
		e.Class = p.Class.Class
	}
	native, err := p.Binding.ToNative(c.readable(p, e))
	if err != nil {
		return nil, err
	}
	return c.promise.complete(part, schema.Event{Object: native}).Object, nil
}

// readable leaves out the fields that the rule does not read and the telemetry does not have.
func (c *collector) readable(p ir.Part, e schema.Event) schema.Event {
	read := map[string]bool{}
	for _, f := range ir.FieldsOf(c.out.Rule.Condition(p.Binding.Name)) {
		read[f.Name] = true
	}
	out := e
	out.Object = map[string]any{}
	for path := range p.Class.Elements {
		if x, ok := e.Object[path]; ok {
			out.Object[path] = x // objects stay together
		}
	}
	for name := range schema.FlattenKeys(e.Object) {
		if _, ok := p.Class.Mapping(name); !ok && !read[name] || inside(out.Object, name) {
			continue
		}
		leaves := schema.ObjectLeaves(e.Object, name)
		if m, ok := p.Class.Mapping(name); ok && m.Field.Array || len(leaves) > 1 {
			out.Object[name] = leaves // a scalar field with several values is the telemetry's to refuse
		} else {
			out.Object[name] = leaves[0]
		}
	}
	return out
}

// inside reports whether a path lies below one that the object has.
func inside(obj map[string]any, path string) bool {
	for i := range len(path) {
		if _, ok := obj[path[:i]]; ok && path[i] == '.' {
			return true
		}
	}
	return false
}

// leafPaths returns, for each leaf, the nodes from the root to it.
func leafPaths(p ir.Pred, above []ir.Pred) [][]ir.Pred {
	path := append(slices.Clone(above), p)
	var out [][]ir.Pred
	switch p := p.(type) {
	case *ir.And:
		for _, x := range p.Xs {
			out = append(out, leafPaths(x, path)...)
		}
		return out
	case *ir.Or:
		for _, x := range p.Xs {
			out = append(out, leafPaths(x, path)...)
		}
		return out
	case *ir.Not:
		return leafPaths(p.X, path)
	case *ir.Const:
		return nil
	case *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return [][]ir.Pred{path}
}

// context returns the goals under which the last node of a path decides the whole: the other members of each `and` are
// true, those of each `or` are false.
func context(path []ir.Pred) []goal {
	var goals []goal
	for i, n := range path[:len(path)-1] {
		var xs []ir.Pred
		want := false
		switch n := n.(type) {
		case *ir.And:
			xs, want = n.Xs, true
		case *ir.Or:
			xs = n.Xs
		case *ir.Not, *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
			continue
		}
		for _, x := range xs {
			if x != path[i+1] {
				goals = append(goals, goal{x, want})
			}
		}
	}
	return goals
}
