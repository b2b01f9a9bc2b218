package lower_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/ir/lower"
	"github.com/onerule/onerule/schema"
)

// What ir.Words prints, lowering reads back as the same condition.
func TestWordsReadBack(t *testing.T) {
	cfg := irgen.Config{Keywords: true}
	for _, name := range []string{
		"process.name", "process.command_line", "process.args", "process.pid", "process.parent.pid", "container.cpu.usage", "process.code_signature.valid",
		"@timestamp", "event.start", "source.ip", "destination.ip", "message",
	} {
		f, ok := schema.Lookup(name)
		if !ok {
			t.Fatalf("the catalogue has no %s", name)
		}
		cfg.Fields = append(cfg.Fields, &ir.Field{Name: f.Name, Type: f.Type, Array: f.Array})
	}
	rapid.Check(t, func(t *rapid.T) {
		p := flattened(cfg.Pred(t, 3))
		words := ir.Words(p)
		f, diags := grammar.Parse("words.rule", []byte("rule r v1 {\n  from process.start on windows\n  where "+words+"\n}\n"))
		if diags.HasErrors() {
			t.Fatalf("%s\ndoes not parse: %v", words, diags.Err())
		}
		rules, diags := lower.Rules(f, lower.Options{})
		if len(rules) != 1 {
			t.Fatalf("%s\ndoes not lower: %v", words, diags.Err())
		}
		if got, want := ir.PrintPred(rules[0].Where), ir.PrintPred(p); got != want {
			t.Fatalf("%s\nreads back as\n%s\nand was\n%s", words, got, want)
		}
	})
}

// flattened gives a predicate the form that lowering makes: no `and` in an `and`, none with one member.
func flattened(p ir.Pred) ir.Pred {
	var out []ir.Pred
	switch p := p.(type) {
	case *ir.And:
		for _, x := range p.Xs {
			x = flattened(x)
			if and, ok := x.(*ir.And); ok {
				out = append(out, and.Xs...)
				continue
			}
			out = append(out, x)
		}
		if len(out) == 1 {
			return out[0]
		}
		return &ir.And{Xs: out}
	case *ir.Or:
		for _, x := range p.Xs {
			x = flattened(x)
			if or, ok := x.(*ir.Or); ok {
				out = append(out, or.Xs...)
				continue
			}
			out = append(out, x)
		}
		if len(out) == 1 {
			return out[0]
		}
		return &ir.Or{Xs: out}
	case *ir.Not:
		return &ir.Not{X: flattened(p.X)}
	case *ir.Quant:
		return &ir.Quant{Kind: p.Kind, Var: p.Var, Over: p.Over, Body: flattened(p.Body)}
	case *ir.Const, *ir.Cmp, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Keyword:
	}
	return p
}
