package verify

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
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
}

// collector makes the cases of one bound rule.
type collector struct {
	out        *all.Output
	canonical  *eval.Rule
	cases      []Case
	unrealised []string
	seen       map[string]bool
	keepAll    bool // equal events count each: those of a test do
}

// maxCases bounds the cases of one rule and language.
const maxCases = 4000

// add takes a native event when a part of the rule selects it; others are not the rule's events.
func (c *collector) add(name string, origin Origin, native map[string]any) bool {
	native = schema.Plain(native)
	key := jsonText(native)
	if c.seen[key] && !c.keepAll || len(c.cases) >= maxCases && origin != FromTest && origin != FromFile {
		return true
	}
	for i, p := range c.out.Bound.Parts {
		e, ok := p.Binding.ToCanonical(name, native)
		if !ok || e.Class != p.Class.Class {
			continue
		}
		c.seen[key] = true
		c.cases = append(c.cases, Case{Name: name, Origin: origin, Part: i, Native: native, Canonical: e})
		return true
	}
	return false
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
	if c.add(name, FromTest, e.Object) {
		return
	}
	b, ok, err := schema.LookupBinding(e.Binding)
	if !ok || err != nil {
		return
	}
	if canonical, ok := b.ToCanonical(e.ID, e.Object); ok {
		c.realise(name, FromTest, canonical)
	}
}

// realise turns a canonical event into native ones.
func (c *collector) realise(name string, origin Origin, e schema.Event) {
	var reasons []string
	done := false
	for _, p := range c.out.Bound.Parts {
		if p.Binding.Source != e.Source || p.Class.Class != e.Class {
			continue
		}
		e.Binding = ""
		native, err := p.Binding.ToNative(c.readable(p, e))
		if err == nil && c.add(name, origin, native) {
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

// readable leaves out the fields that the rule does not read and the telemetry does not have.
func (c *collector) readable(p ir.Part, e schema.Event) schema.Event {
	read := map[string]bool{}
	for _, f := range ir.FieldsOf(c.out.Rule.Condition(p.Binding.Name)) {
		read[f.Name] = true
	}
	out := e
	out.Object = map[string]any{}
	for name := range schema.FlattenKeys(e.Object) {
		if _, ok := p.Class.Mapping(name); !ok && !read[name] {
			continue
		}
		leaves := schema.ObjectLeaves(e.Object, name)
		if f, ok := schema.Lookup(name); ok && f.Array {
			out.Object[name] = leaves
		} else {
			out.Object[name] = leaves[0]
		}
	}
	return out
}

// witnesses adds, for each leaf of each part's native condition and of the canonical one, a pair of events on which the
// leaf decides the answer, and mutants of them.
func (c *collector) witnesses() {
	for i, p := range c.out.Bound.Parts {
		base, err := p.Binding.ToNative(c.readable(p, c.sample(p)))
		if err != nil {
			base, _ = p.Binding.ToNative(schema.Event{Class: p.Class.Class, Millis: schema.DefaultMillis, Object: map[string]any{}})
		}
		c.decide(fmt.Sprintf("part %d", i+1), p.Where, schema.Event{Object: base}, func(name string, o Origin, e schema.Event) { c.add(name, o, e.Object) })
		canonical := schema.Event{Class: p.Class.Class, Source: p.Binding.Source, Millis: schema.DefaultMillis, Object: map[string]any{}}
		cond := pass.Canonical(c.out.Rule.Condition(p.Binding.Name))
		c.decide("rule", cond, canonical, func(name string, o Origin, e schema.Event) { c.realise(name, o, e) })
	}
}

// sample returns the first sample of a class as a canonical event, so that witnesses look like real events.
func (c *collector) sample(p ir.Part) schema.Event {
	for _, s := range p.Class.Samples() {
		if e, ok := p.Binding.ToCanonical("sample", schema.Plain(s.Native)); ok {
			return e
		}
	}
	return schema.Event{Class: p.Class.Class, Source: p.Binding.Source, Millis: schema.DefaultMillis, Object: map[string]any{}}
}

// decide makes decisive pairs for every leaf of a predicate in push-not form, and mutants around them.
func (c *collector) decide(label string, p ir.Pred, base schema.Event, add func(string, Origin, schema.Event)) {
	for i, path := range leafPaths(p, nil) {
		leaf := path[len(path)-1]
		for _, want := range []bool{true, false} {
			c.witness(p, base, append(context(path), goal{leaf, want}), fmt.Sprintf("%s leaf %d %v", label, i+1, want), add)
		}
		for k, goals := range literalGoals(leaf) {
			c.witness(p, base, append(context(path), goals...), fmt.Sprintf("%s leaf %d literal %d", label, i+1, k+1), add)
		}
	}
}

// witness adds an event on which the goals hold, and mutants around it.
func (c *collector) witness(p ir.Pred, base schema.Event, goals []goal, name string, add func(string, Origin, schema.Event)) {
	all := &ir.And{Xs: []ir.Pred{p}}
	for _, g := range goals {
		all.Xs = append(all.Xs, g.p)
	}
	rule, err := eval.Pred(all)
	if err != nil {
		return
	}
	e := solve(rule, base, goals...)
	if e == nil {
		return
	}
	add(name, FromWitness, *e)
	for _, m := range mutants(p, *e) {
		add(name+": "+m.name, FromMutant, m.event)
	}
}

// literalGoals returns, for a comparison with several literals, goals under which one literal alone makes it true.
func literalGoals(p ir.Pred) [][]goal {
	c, ok := p.(*ir.Cmp)
	if !ok || len(c.R) < 2 {
		return nil
	}
	var out [][]goal
	for i, v := range c.R {
		if i == maxLiterals {
			break
		}
		one := &ir.Cmp{Op: c.Op, Cased: c.Cased, L: c.L, R: []schema.Value{v}, Span: c.Span}
		others := &ir.Cmp{Op: c.Op, Cased: c.Cased, L: c.L, R: slices.Delete(slices.Clone(c.R), i, i+1), Span: c.Span}
		out = append(out, []goal{{one, true}, {others, false}})
	}
	return out
}

// maxLiterals bounds the literals of one list that get a witness of their own.
const maxLiterals = 24

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

type mutant struct {
	name  string
	event schema.Event
}

// mutants returns events around one: each field that the predicate reads is changed in every way that languages are known
// to treat differently.
func mutants(p ir.Pred, e schema.Event) []mutant {
	var out []mutant
	for _, f := range ir.FieldsOf(p) {
		if f.Name == "@timestamp" {
			continue
		}
		texts := fieldText(f, &e)
		change := func(name string, vals ...any) {
			m := e
			m.Object = clone(e.Object)
			setField(&m, f, vals)
			out = append(out, mutant{f.Name + " " + name, m})
		}
		if len(texts) == 0 {
			change("given", other(f.Type))
			continue
		}
		change("missing")
		if f.Array {
			change("with another element", append(jsonTexts(f.Type, texts), other(f.Type))...)
			change("doubled", append(jsonTexts(f.Type, texts), jsonTexts(f.Type, texts)...)...)
			change("without elements, but another", other(f.Type))
		}
		for i, text := range texts {
			for _, v := range valueMutations(f.Type, text) {
				vals := jsonTexts(f.Type, texts)
				if i >= len(vals) {
					break
				}
				vals[i] = v.value
				change(fmt.Sprintf("value %d %s", i+1, v.name), vals...)
			}
			if f.Array && len(texts) > 1 {
				vals := jsonTexts(f.Type, texts)
				change(fmt.Sprintf("without value %d", i+1), slices.Delete(vals, i, i+1)...)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b mutant) int { return strings.Compare(a.name, b.name) })
	return out
}

func jsonTexts(t schema.Type, texts []string) []any {
	var out []any
	for _, s := range texts {
		if v, ok := schema.FromText(t, s); ok {
			out = append(out, v.JSON())
		}
	}
	return out
}

type changedValue struct {
	name  string
	value any
}

// valueMutations returns values next to one, in a fixed order.
func valueMutations(t schema.Type, text string) []changedValue {
	v, ok := schema.FromText(t, text)
	if !ok {
		return nil
	}
	switch {
	case t.IsString():
		var out []changedValue
		for name, s := range textMutations(text) {
			out = append(out, changedValue{name, s})
		}
		slices.SortFunc(out, func(a, b changedValue) int { return strings.Compare(a.name, b.name) })
		return out
	case t == schema.Long:
		return []changedValue{{"plus one", v.Int64() + 1}, {"minus one", v.Int64() - 1}, {"negative", -v.Int64()}}
	case t == schema.Double:
		return []changedValue{{"plus a quarter", v.Float64() + 0.25}, {"minus a quarter", v.Float64() - 0.25}}
	case t == schema.Date:
		return []changedValue{{"plus 1 ms", schema.DateMillis(v.Millis() + 1).String()}, {"minus 1 ms", schema.DateMillis(v.Millis() - 1).String()}}
	case t == schema.Boolean:
		return []changedValue{{"other truth", !v.Bool()}}
	case t == schema.IP:
		var out []changedValue
		if n := v.Addr().Next(); n.IsValid() {
			out = append(out, changedValue{"next address", n.String()})
		}
		if n := v.Addr().Prev(); n.IsValid() {
			out = append(out, changedValue{"previous address", n.String()})
		}
		return out
	}
	return nil
}

// textMutations are the changes of a text that languages are known to treat differently.
func textMutations(s string) map[string]string {
	out := map[string]string{
		"empty":             "",
		"upper case":        strings.ToUpper(s),
		"lower case":        strings.ToLower(s),
		"flipped case":      strings.Map(flip, s),
		"with a suffix":     s + "x",
		"with a prefix":     "x" + s,
		"with a line break": s + "\n",
		"with a blank":      s + " ",
		"in quotes":         `"` + s + `"`,
		"with a star":       s + "*",
		"with a backslash":  s + `\`,
		"with é":            s + "é",
	}
	r := []rune(s)
	for _, i := range places(r) {
		before, at, after := string(r[:i]), string(r[i]), string(r[i+1:])
		out[fmt.Sprintf("without character %d", i+1)] = before + after
		out[fmt.Sprintf("character %d in other case", i+1)] = before + string(flip(r[i])) + after
		out[fmt.Sprintf("text before character %d", i+1)] = before + "zz" + at + after
		out[fmt.Sprintf("line break before character %d", i+1)] = before + "\n" + at + after
		out[fmt.Sprintf("character %d changed", i+1)] = before + "q" + after
	}
	for name, m := range out {
		if m == s {
			delete(out, name)
		}
	}
	return out
}

// maxPlaces bounds the places of one text that are changed.
const maxPlaces = 12

// places returns indices of a text: evenly spread, and those of characters that languages treat in their own way.
func places(r []rune) []int {
	var out []int
	step := max(1, (len(r)+maxPlaces-1)/maxPlaces)
	for i := range r {
		if i%step == 0 || i == len(r)-1 || !unicode.IsLetter(r[i]) && len(out) < 2*maxPlaces {
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
