package esql

import (
	"os"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	lowering "github.com/onerule/onerule/ir/lower"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

func parseRules(t testing.TB, text string) []*ir.Rule {
	t.Helper()
	file, diags := grammar.Parse("test.rule", []byte(text))
	rules, more := lowering.Rules(file, lowering.Options{})
	if diags = append(diags, more...); diags.HasErrors() {
		t.Fatalf("%s\n%v", text, diags)
	}
	return rules
}

func bind(t testing.TB, r *ir.Rule) *ir.Bound {
	t.Helper()
	var chosen []*schema.Binding
	for _, c := range r.From {
		all, err := schema.Bindings("elastic", c.Source)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range all {
			if b.Default && b.Speaks("esql") {
				chosen = append(chosen, b)
			}
		}
	}
	bound, diags := pass.Bind(r, "elastic", chosen)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return bound
}

func TestScratch(t *testing.T) {
	path := os.Getenv("RULES")
	if path == "" {
		t.Skip()
	}
	data, _ := os.ReadFile(path)
	for _, r := range parseRules(t, string(data)) {
		if r.Body == nil {
			continue
		}
		b := bind(t, r)
		tm := backends.TimingOf(r)
		l := bodyLevel(b, tm)
		t.Logf("%s %v %v", r.Name, l.Kind, l)
		if l.Kind == backends.Refuse {
			continue
		}
		q, ds := renderBody(b, tm)
		t.Logf("%v\n%s\n%+v", ds, q.Text, q.Columns)
	}
}
