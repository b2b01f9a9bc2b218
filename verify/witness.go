package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

// form is one of the two forms in which witnesses of a part are looked for: native, or canonical and then realised.
type form struct {
	label string
	pred  ir.Pred
	// bases are what the search starts from: first a bare event, then one that looks like those of the vendor.
	bases  []schema.Event
	accept func(schema.Event) (schema.Event, bool)
	add    func(name string, o Origin, fine bool, e schema.Event)
	// budget is how many fine mutants are made, leaves of how many conditions are tried.
	budget, leaves int
	// found are the witnesses, around which mutants are made.
	found []witness
	// fields are those that the predicate reads, size is how many conditions it has.
	fields []*ir.Field
	size   int
}

// witness is an event that was made for a leaf of a predicate.
type witness struct {
	leaf   ir.Pred
	name   string
	event  schema.Event
	places int // of its texts that mutants change
}

// fineBudget is how many fine mutants the parts of a rule share, as a rule.
const fineBudget = 2400

// witnesses adds, for each leaf of each part's native condition and of the canonical one, events on which the leaf decides
// the answer both ways, mutants of them, and events that the part does not select.
func (c *collector) witnesses() {
	var forms []*form
	parts := len(c.out.Bound.Parts)
	for i, p := range c.out.Bound.Parts {
		budget, leaves := c.budget/parts, max(1, maxLeaves/parts)
		native := &form{
			label: fmt.Sprintf("part %d", i+1), pred: p.Where, bases: c.nativeBases(i), budget: budget, leaves: leaves,
			accept: func(e schema.Event) (schema.Event, bool) { return c.promise.repair(i, e) },
			add: func(name string, o Origin, fine bool, e schema.Event) {
				c.made(i, name, o, fine, c.promise.complete(i, e).Object)
			},
		}
		c.samples(i)
		found := c.decide(native)
		c.selections(i, found)
		c.strangers(i, found)
		bare := schema.Event{Class: p.Class.Class, Source: p.Binding.Source, Millis: schema.DefaultMillis, Object: map[string]any{}}
		canonical := &form{
			label: fmt.Sprintf("rule on part %d", i+1), pred: pass.Canonical(c.out.Rule.Condition(p.Binding.Name)), bases: []schema.Event{bare}, budget: budget / 4, leaves: leaves,
			add: func(name string, o Origin, fine bool, e schema.Event) { c.realiseOn(i, name, o, fine, e) },
		}
		c.decide(canonical)
		forms = append(forms, native, canonical)
	}
	c.mutants(forms)
}

// decide makes decisive events for every leaf of the predicate of a form, which is in push-not form, as far as not too many
// are tried. It returns those of them on which the predicate is true.
func (c *collector) decide(f *form) (found []schema.Event) {
	paths := leafPaths(f.pred, nil)
	tried := chosenLeaves(paths, min(f.leaves, max(leastLeaves, leafWork/max(1, len(paths)))))
	if len(tried) < len(paths) {
		c.bound("%s: of its %d conditions %d were tried, among them one for each literal and each kind of field", f.label, len(paths), len(tried))
	}
	targets := c.targets(f, paths, tried)
	rule, err := compileTargets(f.pred, targets)
	if err != nil {
		return nil
	}
	f.fields, f.size = ir.FieldsOf(f.pred), len(paths)
	s := &solver{rule: rule, accept: f.accept}
	mutated := 0
	for _, t := range targets {
		if !t.bare {
			mutated++
		}
	}
	places := max(2, f.budget/max(1, mutated)/partKinds)
	starts := make([]start, len(f.bases))
	for k, base := range f.bases {
		starts[k].Event = base
	}
	for _, t := range targets {
		goals := slices.Concat(context(t.path), t.goals)
		for k := range starts {
			e, ok := s.solveFrom(&starts[k], goals)
			if !ok {
				continue
			}
			n := places
			switch {
			case k > 0:
				n = 0
			case !t.whole:
				n = min(n, 12)
			default:
				n = min(n, 40)
			}
			w := witness{t.path[len(t.path)-1], t.name + strings.Repeat("'", k), e, n}
			f.add(w.name, FromWitness, false, e)
			if !t.bare {
				f.found = append(f.found, w)
			}
			if rule.Holds(f.pred, &e) {
				found = append(found, e)
			}
		}
	}
	return found
}

// nativeBases returns native events of a part to start from: a bare one that only meets the selecting conditions, and the
// first sample as far as the rule reads it, both made to keep what the output takes for granted.
func (c *collector) nativeBases(part int) []schema.Event {
	p := c.out.Bound.Parts[part]
	var out []schema.Event
	take := func(native map[string]any) {
		e, _ := c.promise.repair(part, schema.Event{Object: native, Millis: schema.DefaultMillis})
		out = append(out, e)
	}
	if bare, err := p.Binding.ToNative(schema.Event{Class: p.Class.Class, Millis: schema.DefaultMillis, Object: map[string]any{}}); err == nil {
		take(bare)
	}
	if samples := p.Class.Samples(); len(samples) > 0 {
		take(c.asRead(part, samples[0].Native))
	}
	return out
}

// asRead leaves out of a native event what neither the part nor its binding's selection reads.
func (c *collector) asRead(part int, native map[string]any) map[string]any {
	p := c.out.Bound.Parts[part]
	read := []string{p.Binding.Time.Path, p.Class.TableField}
	for _, f := range c.promise.parts[part].fields {
		read = append(read, strings.ReplaceAll(f.Path, "[]", ""))
	}
	for _, f := range ir.FieldsOf(c.out.Rule.Condition(p.Binding.Name)) {
		if m, ok := p.Class.Mapping(f.Name); ok {
			for _, n := range m.Natives() {
				read = append(read, strings.ReplaceAll(n.Path, "[]", ""))
			}
		}
	}
	out := native
	for path := range schema.FlattenKeys(native) {
		if !slices.ContainsFunc(read, func(r string) bool {
			return r == path || strings.HasPrefix(path, r+".") || strings.HasPrefix(r, path+".")
		}) {
			out = without(out, path)
		}
	}
	return out
}

// samples adds the samples of the class as they are.
func (c *collector) samples(part int) {
	for i, s := range c.out.Bound.Parts[part].Class.Samples() {
		c.add(fmt.Sprintf("sample %d of part %d", i+1, part+1), FromWitness, false, s.Native)
	}
}

// selections adds findings of a part for each value by which it selects events.
func (c *collector) selections(part int, found []schema.Event) {
	p := c.out.Bound.Parts[part]
	for _, cond := range p.Class.Select {
		f := pass.NativeField(cond.Native, p.Where.Pos())
		for k, value := range cond.Values {
			for n, e := range found[:min(len(found), 2)] {
				if v, ok := converted(f, []any{value}); ok && cond.Mask == 0 && (len(cond.Values) > 1 || cond.Prefix) {
					c.made(part, fmt.Sprintf("finding %d of part %d: %s %d", n+1, part+1, f.Name, k+1), FromWitness, false, put(e, f, v).Object)
				}
			}
		}
	}
}

// maxStrangers bounds the events, and the classes, that strangers are made from.
const maxStrangers = 6

// strangers adds events that differ from findings of a part in one selecting condition: the query must not find them.
func (c *collector) strangers(part int, found []schema.Event) {
	p := c.out.Bound.Parts[part]
	for n, e := range found {
		for _, cond := range p.Class.Select {
			f := pass.NativeField(cond.Native, p.Where.Pos())
			contents := [][]any{nil, {other(f.Type)}}
			if cond.Missing {
				contents = [][]any{{other(f.Type)}, {another(f.Type)}}
			}
			if n == 0 {
				contents = append(contents, selectedElsewhere(p, cond)...)
			}
			if n == 0 && f.Type.IsString() && len(cond.Values) > 0 && cond.Values[0] != "" {
				contents = append(contents, []any{"x" + cond.Values[0]}, []any{cond.Values[0] + "x"}, []any{cond.Values[0][1:]})
			}
			for k, vals := range contents {
				if v, ok := converted(f, vals); ok && n < 4*maxStrangers {
					c.stranger(part, fmt.Sprintf("stranger %d of part %d: %s %d", n+1, part+1, f.Name, k+1), put(e, f, v).Object)
				}
			}
		}
	}
}

// selectedElsewhere returns contents of a field by which other classes of the binding select their events.
func selectedElsewhere(p ir.Part, cond schema.Condition) [][]any {
	var out [][]any
	for i := range p.Binding.Classes {
		for _, o := range p.Binding.Classes[i].Select {
			if o.Native.Path == cond.Native.Path && len(o.Values) > 0 && o.Mask == 0 && len(out) < maxStrangers && !slices.Contains(cond.Values, o.Values[0]) {
				out = append(out, []any{o.Values[0]})
			}
		}
	}
	return out
}

func converted(f *ir.Field, vals []any) ([]any, bool) {
	out := make([]any, len(vals))
	for i, x := range vals {
		v, ok := schema.Convert(f.Type, x)
		if !ok {
			return nil, false
		}
		out[i] = jsonOf(f, v)
	}
	return out, true
}
