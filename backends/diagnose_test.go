package backends

import (
	"testing"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
)

// One condition of a rule that became several on native fields is one fault, unless the language says different things of them.
func TestDiagnoseSaysAConditionOnce(t *testing.T) {
	at := func(line int) diag.Span {
		return diag.Span{File: "a.rule", Start: diag.Pos{Offset: line * 100, Line: line, Col: 1}, End: diag.Pos{Offset: line*100 + 5, Line: line, Col: 6}}
	}
	leaf := func(line int, c Construct, why string) LeafLevel {
		return LeafLevel{Span: at(line), Construct: c, Level: Narrower(why)}
	}
	b := &Backend{Lang: "x", Title: "X"}
	got := b.Diagnose(Fidelity{Kind: Narrow, Leaves: []LeafLevel{
		leaf(1, "text == literal", "case"), leaf(1, "text ends_with literal", "case"), leaf(1, "text == literal", "case"),
		leaf(1, "text == literal", "length"), leaf(2, "text == literal", "case"),
	}}, &ir.Rule{}, Consent{})
	want := []string{
		"the X query would be narrower than the rule: text == literal, text ends_with literal",
		"the X query would be narrower than the rule: text == literal",
		"the X query would be narrower than the rule: text == literal",
	}
	if len(got) != len(want) {
		t.Fatalf("%d diagnostics, want %d: %v", len(got), len(want), got)
	}
	for i, d := range got {
		if d.Title != want[i] {
			t.Errorf("%d: got %q, want %q", i, d.Title, want[i])
		}
	}
}
