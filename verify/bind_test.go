package verify

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/internal/parallel"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

// These tests put conditions on canonical fields through the pass bind and compare, on witnesses and mutants, the condition
// on the canonical event with the bound one on the native event.

// onBinding is a class of a binding to bind to.
type onBinding struct {
	binding *schema.Binding
	class   *schema.BoundClass
}

func eachClass(t *testing.T, f func(onBinding)) {
	t.Helper()
	for _, name := range schema.BindingNames() {
		b, ok, err := schema.LookupBinding(name)
		if !ok {
			t.Fatal(err)
		}
		for i := range b.Classes {
			f(onBinding{b, &b.Classes[i]})
		}
	}
}

// bind binds a condition; ok is false when the telemetry cannot say it.
func (on onBinding) bind(p ir.Pred) (out *all.Output, diags diag.List) {
	rule := &ir.Rule{Name: "r", Version: 1, From: []ir.ClassOn{{Class: on.class.Class, Source: on.binding.Source}}, Where: p}
	bound, diags := pass.Bind(rule, on.binding.Platform, []*schema.Binding{on.binding})
	if diags.HasErrors() {
		return nil, diags
	}
	f := backends.Fidelity{Kind: backends.Assume, Assumptions: bound.Parts[0].Assumptions}
	return &all.Output{Rule: rule, Bound: bound, Fidelity: f}, nil
}

// compare returns how many cases were compared, and one on which the two conditions differ.
func (on onBinding) compare(p ir.Pred) (cases int, fault string) {
	out, diags := on.bind(p)
	if diags.HasErrors() {
		return 0, ""
	}
	if err := ir.VerifyPred(out.Bound.Parts[0].Where); err != nil {
		return 0, fmt.Sprintf("the bound condition is ill-formed: %v", err)
	}
	canonical, err := eval.New(out.Rule)
	if err != nil {
		return 0, err.Error()
	}
	bound, err := eval.Pred(out.Bound.Parts[0].Pred())
	if err != nil {
		return 0, err.Error()
	}
	c := newCollector(out, newPromise(out))
	c.budget = 100
	c.witnesses()
	for _, x := range c.cases {
		if !c.promise.keeps(0, x.Native) {
			continue
		}
		cases++
		e := schema.Event{Object: x.Native, Millis: x.Canonical.Millis}
		want, got := canonical.Match(&x.Canonical), bound.Holds(out.Bound.Parts[0].Pred(), &e)
		if want != got {
			return cases, fmt.Sprintf("%s is bound to %s\n  native %s\n  canonical %s\n  the rule says %v, the bound rule %v",
				ir.PrintPred(p), ir.PrintPred(out.Bound.Parts[0].Where), jsonText(x.Native), jsonText(x.Canonical.Object), want, got)
		}
	}
	return cases, ""
}

// TestBindForms takes one field of each form of mapping that the bindings have, and each operator on it.
func TestBindForms(t *testing.T) {
	if testing.Short() {
		t.Skip("short: every form of mapping with every operator takes seconds")
	}
	forms := map[string]bool{}
	var jobs []bindJob
	eachClass(t, func(on onBinding) {
		for i := range on.class.Mappings {
			m := &on.class.Mappings[i]
			form := mappingForm(m)
			if forms[form] {
				continue
			}
			forms[form] = true
			f := &ir.Field{Name: m.Field.Name, Type: m.Field.Type, Array: m.Field.Array}
			jobs = append(jobs, bindJob{on: on, about: m.Field.Name + " (" + form + ")", preds: leavesOf(f, literalsOf(on, m))})
		}
	})
	eachClass(t, func(on onBinding) {
		for path := range on.class.Elements {
			if !forms[on.binding.Name+path] {
				forms[on.binding.Name+path] = true
				jobs = append(jobs, bindJob{on: on, about: path, preds: on.objectConditions(path)})
			}
		}
	})
	t.Logf("%d forms of mapping", len(forms))
	runBindJobs(t, jobs)
}

// bindJob is some conditions on one class; the first fault is reported.
type bindJob struct {
	on          onBinding
	about       string
	preds       []ir.Pred
	said, cases int
	fault       string
}

func runBindJobs(t *testing.T, jobs []bindJob) {
	t.Helper()
	parallel.Each(len(jobs), func(i int) {
		j := &jobs[i]
		for _, p := range j.preds {
			n, fault := j.on.compare(p)
			j.said, j.cases = j.said+btoi(n > 0), j.cases+n
			if fault != "" {
				j.fault = fault
				return
			}
		}
	})
	total, said, cases := 0, 0, 0
	for _, j := range jobs {
		total, said, cases = total+len(j.preds), said+j.said, cases+j.cases
		if j.fault != "" {
			t.Errorf("%s %s %s: %s", j.on.binding.Name, j.on.class.Class, j.about, j.fault)
		}
	}
	t.Logf("%d conditions, %d of them bound, %d events compared", total, said, cases)
	if said < total/2 {
		t.Errorf("only %d of %d conditions could be bound", said, total)
	}
}

// mappingForm names the form of a mapping: what the pass bind distinguishes.
func mappingForm(m *schema.Mapping) string {
	parts := []string{m.Field.String()[strings.IndexByte(m.Field.String(), ' ')+1:]}
	for _, n := range m.Natives() {
		s := n.Type.String()
		for _, x := range []struct {
			is   bool
			name string
		}{
			{n.Array, "[]"},
			{n.JSON, " json"},
			{n.EmptyMissing, " empty-missing"},
			{n.Layout != "", " layout"},
			{n.Spelling.Lower, " lower"},
			{len(n.Spelling.Fixed) > 0, " fixed"},
			{strings.Contains(n.Path, "[]."), " in objects"},
		} {
			if x.is {
				s += x.name
			}
		}
		parts = append(parts, s)
	}
	for _, v := range m.Values {
		if v.Missing || v.Other {
			parts = append(parts, fmt.Sprintf("values missing %v other %v", v.Missing, v.Other))
		}
	}
	if len(m.Values) > 0 {
		parts = append(parts, "values")
	}
	if m.Const != "" {
		parts = append(parts, "const")
	}
	if m.Joined {
		parts = append(parts, "joined by "+m.Separator)
	}
	return strings.Join(append(parts, m.Derive), ", ")
}

// literalsOf returns texts that conditions on a field may name: what the samples hold, pieces of it, what the map lists,
// and texts that rewriters stumble on.
func literalsOf(on onBinding, m *schema.Mapping) []string {
	var out []string
	add := func(texts ...string) {
		for _, s := range texts {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	for _, s := range on.class.Samples() {
		for _, v := range m.Canonical(schema.Plain(s.Native)) {
			text := v.String()
			add(text)
			if r := []rune(text); len(r) > 3 && v.Type().IsString() {
				add(string(r[:3]), string(r[len(r)-3:]), string(r[1:len(r)-1]))
			}
		}
		if len(out) > 4 {
			break
		}
	}
	for _, v := range m.Values {
		add(v.Canonical)
	}
	if m.Const != "" {
		add(m.Const)
	}
	switch {
	case m.Field.Type.IsString():
		add("Eve", "7", `a\b`, "a/b@y", "0A,b", "HKLM", "true")
	case m.Field.Type.IsNumber():
		add("5", "0", "-1")
	case m.Field.Type == schema.IP:
		add("10.0.0.1")
	case m.Field.Type == schema.Date:
		add("2026-01-05T00:00:00.000Z")
	}
	return out
}

// leavesOf returns conditions on a field: each operator of its type with each literal, lists, and those without literals.
func leavesOf(f *ir.Field, literals []string) []ir.Pred {
	out := []ir.Pred{&ir.Exists{F: f}}
	if f.Type.IsString() {
		out = append(out, &ir.Empty{F: f}, &ir.Cmp{Op: ir.Eq, L: f, R: []schema.Value{schema.String("")}}, &ir.Cmp{Op: ir.Ge, L: &ir.Call{Func: ir.Length, X: f}, R: []schema.Value{schema.Int(4)}})
	}
	if f.Array {
		out = append(out, &ir.Cmp{Op: ir.Eq, L: &ir.Call{Func: ir.Values, X: f}, R: []schema.Value{schema.Int(2)}})
	}
	var values []schema.Value
	for _, s := range literals {
		if v, ok := schema.FromText(f.Type, s); ok {
			values = append(values, v)
		}
	}
	for _, op := range ir.Ops {
		if !slices.Contains(op.Types, f.Type) || op.Op == ir.InCIDR {
			continue
		}
		for i, v := range values {
			if v.Type().IsString() && v.Str() == "" || op.Op == ir.Matches && i > 0 {
				continue
			}
			p := &ir.Cmp{Op: op.Op, Cased: op.Folds && f.Type.IsString() && (i+int(op.Op))%3 == 0, L: f, R: []schema.Value{literal(op.Op, v)}}
			if i+1 < len(values) && i%3 == 2 && values[i+1].String() != "" {
				p.R = append(p.R, literal(op.Op, values[i+1]))
			}
			if ir.VerifyPred(p) == nil {
				out = append(out, p)
			}
		}
	}
	return append(out, quantifiers(f, values)...)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// literal turns a text into a glob or regular expression with something open in it.
func literal(op ir.Op, v schema.Value) schema.Value {
	switch op {
	case ir.Like:
		return schema.String(v.Str()[:1] + "*" + strings.NewReplacer(`\`, `\\`, "*", `\*`).Replace(v.Str()[1:]))
	case ir.Matches:
		return schema.String("[a-m]")
	case ir.Eq, ir.Contains, ir.StartsWith, ir.EndsWith, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
	}
	return v
}

func quantifiers(f *ir.Field, values []schema.Value) []ir.Pred {
	if !f.Array || !f.Type.IsString() || len(values) < 2 {
		return nil
	}
	elem := &ir.Elem{Var: "e", Type: f.Type}
	first := &ir.Cmp{Op: ir.StartsWith, L: elem, R: []schema.Value{schema.String(values[0].Str()[:1])}}
	second := &ir.Not{X: &ir.Cmp{Op: ir.Eq, L: elem, R: []schema.Value{values[1]}}}
	return []ir.Pred{
		&ir.Quant{Kind: ir.All, Var: "e", Over: f, Body: first},
		&ir.Quant{Kind: ir.Any, Var: "e", Over: f, Body: &ir.And{Xs: []ir.Pred{first, second}}},
	}
}

// objectConditions returns conditions on several fields of one object of an array.
func (on onBinding) objectConditions(path string) []ir.Pred {
	var leaves []ir.Pred
	for i := range on.class.Mappings {
		m := &on.class.Mappings[i]
		if sub, is := strings.CutPrefix(m.Field.Name, path+"."); is {
			e := &ir.Elem{Var: "e", Sub: sub, Type: m.Field.Type}
			for _, s := range append(literalsOf(on, m)[:1], "") {
				leaves = append(leaves, &ir.Cmp{Op: ir.Eq, L: e, R: []schema.Value{schema.String(s)}})
			}
			leaves = append(leaves, &ir.Not{X: &ir.Cmp{Op: ir.Contains, L: e, R: []schema.Value{schema.String("e")}}},
				&ir.Cmp{Op: ir.Like, Cased: true, L: e, R: []schema.Value{schema.String("*")}})
		}
	}
	var out []ir.Pred
	for i, x := range leaves {
		for k, y := range leaves[i+1:] {
			if (i+k)%4 != 0 {
				continue
			}
			over := &ir.Field{Name: path, Type: schema.Keyword, Array: true}
			body := &ir.And{Xs: []ir.Pred{x, y}}
			out = append(out, &ir.Quant{Kind: ir.Any, Var: "e", Over: over, Body: body})
			if len(out)%2 == 0 {
				out = append(out, &ir.Quant{Kind: ir.All, Var: "e", Over: over, Body: &ir.Or{Xs: []ir.Pred{x, y}}})
			}
		}
	}
	return out
}

// TestBindRules draws conditions over the fields of each class of each binding. What is drawn depends on the class alone.
func TestBindRules(t *testing.T) {
	if testing.Short() {
		t.Skip("short: rules on every class of every binding take seconds")
	}
	var jobs []bindJob
	eachClass(t, func(on onBinding) {
		h := fnv.New64a()
		h.Write([]byte(on.binding.Name + on.class.Class))
		jobs = append(jobs, bindJob{on: on, preds: []ir.Pred{on.draw(rand.New(rand.NewPCG(h.Sum64(), 1)), 2)}})
	})
	runBindJobs(t, jobs)
}

// draw draws a condition of which every leaf can be bound.
func (on onBinding) draw(r *rand.Rand, depth int) ir.Pred {
	if depth > 0 && r.IntN(3) > 0 {
		switch r.IntN(3) {
		case 0:
			return &ir.Not{X: on.draw(r, depth-1)}
		case 1:
			return &ir.And{Xs: []ir.Pred{on.draw(r, depth-1), on.draw(r, depth-1)}}
		default:
			return &ir.Or{Xs: []ir.Pred{on.draw(r, depth-1), on.draw(r, depth-1), on.draw(r, 0)}}
		}
	}
	for range 10 {
		m := &on.class.Mappings[r.IntN(len(on.class.Mappings))]
		leaves := leavesOf(&ir.Field{Name: m.Field.Name, Type: m.Field.Type, Array: m.Field.Array}, literalsOf(on, m))
		p := leaves[r.IntN(len(leaves))]
		if _, diags := on.bind(p); !diags.HasErrors() {
			return p
		}
	}
	return &ir.Const{Value: true}
}
