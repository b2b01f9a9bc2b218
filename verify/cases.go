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
const maxCases = 600

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
	for _, s := range p.Class.Samples {
		if e, ok := p.Binding.ToCanonical("sample", schema.Plain(s.Native)); ok {
			return e
		}
	}
	return schema.Event{Class: p.Class.Class, Source: p.Binding.Source, Millis: schema.DefaultMillis, Object: map[string]any{}}
}

// decide makes decisive pairs for every leaf of a predicate in push-not form, and mutants around them.
func (c *collector) decide(label string, p ir.Pred, base schema.Event, add func(string, Origin, schema.Event)) {
	rule, err := eval.Pred(p)
	if err != nil {
		return
	}
	for i, path := range leafPaths(p, nil) {
		leaf := path[len(path)-1]
		for _, want := range []bool{true, false} {
			e := solve(rule, base, append(context(path), goal{leaf, want})...)
			if e == nil {
				continue
			}
			name := fmt.Sprintf("%s leaf %d %v", label, i+1, want)
			add(name, FromWitness, *e)
			for _, m := range mutants(p, *e) {
				add(name+": "+m.name, FromMutant, m.event)
			}
		}
	}
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
		v, _ := schema.FromText(f.Type, texts[0])
		if f.Array {
			change("with another element", append(jsonTexts(f.Type, texts), other(f.Type))...)
			change("doubled", append(jsonTexts(f.Type, texts), v.JSON())...)
		}
		switch {
		case f.Type.IsString():
			for name, s := range textMutations(texts[0]) {
				change(name, s)
			}
		case f.Type == schema.Long:
			change("plus one", v.Int64()+1)
			change("minus one", v.Int64()-1)
		case f.Type == schema.Date:
			change("plus 1 ms", schema.DateMillis(v.Millis()+1).String())
			change("minus 1 ms", schema.DateMillis(v.Millis()-1).String())
		case f.Type == schema.IP:
			change("next address", v.Addr().Next().String())
			change("previous address", v.Addr().Prev().String())
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
	if r := []rune(s); len(r) > 1 {
		out["first cut"] = string(r[1:])
		out["last cut"] = string(r[:len(r)-1])
		out["middle changed"] = string(r[:len(r)/2]) + "?" + string(r[len(r)/2+1:])
	}
	for name, m := range out {
		if m == s {
			delete(out, name)
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
