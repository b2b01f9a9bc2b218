package verify

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
)

// A query that is right for the values of the rule and wrong for those that a test sets is a disagreement on that test.
func TestValuesOfTestsAreJudged(t *testing.T) {
	f, diags := grammar.Parse("a.rule", []byte(`rule r v1 {
  param least: int = 4
  from process.start on windows
  where process.pid >= $least
  test "as it is" { process.pid: 4 } expect 1
  test "own" with { least = 2 } { process.pid: 2 } expect 1
}
`))
	rules, more := lower.Rules(f, lower.Options{})
	if diags = append(diags, more...); diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	eql, _ := all.Lookup("eql")
	b := *eql
	b.Render = func(bound *ir.Bound) (backends.Query, diag.List) {
		q, ds := eql.Render(bound)
		q.Text = strings.ReplaceAll(q.Text, ">= 2", ">= 3")
		return q, ds
	}
	if res := Rule(rules[0], eql, Options{}); res.Status != Agrees || len(res.Unrealised) > 0 {
		t.Errorf("the right query: %s, %v, %v", res.Status, res.Unrealised, res.Diags)
	}
	res := Rule(rules[0], &b, Options{})
	if res.Status != Disagrees || len(res.Disagreements) != 1 || res.Disagreements[0].Case.Name != `test "own" event 1` {
		t.Errorf("the wrong query: %s, %v", res.Status, res.Disagreements)
	}
	b.Render = func(bound *ir.Bound) (backends.Query, diag.List) {
		if bound.Rule.Params[0].Value.Int64() == 2 {
			return backends.Query{}, diag.List{diag.New(diag.CannotSay, bound.Rule.Span, "too long")}
		}
		return eql.Render(bound)
	}
	if res := Rule(rules[0], &b, Options{}); res.Status != Agrees || len(res.Unrealised) != 1 || !strings.Contains(res.Unrealised[0], "too long") {
		t.Errorf("no query for the values: %s, %v", res.Status, res.Unrealised)
	}
}
