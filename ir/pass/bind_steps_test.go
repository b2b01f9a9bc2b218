package pass

import (
	"fmt"
	"testing"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// stepRules are sequences over classes with different fields; in the second one class covers another.
var stepRules = map[string]string{
	"okta": `ir 1
rule "r" v1 sequence {
  from iam.login okta
  from iam.mfa.change okta
  where true
  key (field user.name)
  key (field user.target.name)
  arg (field source.ip)
  arg (field user.target.name)
  cond (eq (field event.outcome) ["failure"])
    of iam.login okta
  cond true
    of iam.mfa.change okta
  within 1000
  per [0]
  step guess event 0 [0] 1
  step change event 1 [1] 1
  cross (rel.eq (step 0 0) (step 1 0))
}`,
	"aws": `ir 1
rule "r" v1 sequence {
  from api.call aws
  where true
  key (field user.name)
  key (field user.target.name)
  arg (field source.ip)
  cond (exists (field event.action))
    of api.call aws
  cond (exists (field user.target.name))
    of iam.user.create aws
    of iam.role.assign aws
  within 1000
  per [0]
  step call event 0 [0] 1
  step create event 1 [1] 1
  cross (rel.eq (step 0 0) (step 1 0))
}`,
}

// TestBindSteps compares the columns of the parts on the samples of the bindings with those of the rule on their canonical forms.
func TestBindSteps(t *testing.T) {
	compared, unused, special := 0, 0, 0
	for source, text := range stepRules {
		r, diags := ir.Parse("r", text)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		rule, err := eval.New(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, platform := range schema.Platforms {
			all, err := schema.Bindings(platform.Name, source)
			if err != nil || len(all) == 0 {
				continue
			}
			for _, binding := range all {
				bound, diags := Bind(r, platform.Name, []*schema.Binding{binding})
				if bound == nil {
					t.Logf("%s: %v", binding.Name, diags[0].Title)
					continue
				}
				for _, part := range bound.Parts {
					cols, err := eval.PartColumns(part)
					if err != nil {
						t.Fatal(err)
					}
					for i := range binding.Classes {
						for _, s := range binding.Classes[i].Samples() {
							e, ok := binding.ToCanonical("e", s.Native)
							if !ok {
								continue
							}
							want, ok1 := rule.Row(&e)
							got, ok2 := cols.Row(&schema.Event{ID: "e", Object: s.Native, Millis: e.Millis})
							if !ok1 || !ok2 {
								continue // an event of another part
							}
							compared++
							if fmt.Sprint(want.Conds) != fmt.Sprint(got.Conds) {
								t.Errorf("%s %s: conditions %v, want %v on %v", binding.Name, e.Class, got.Conds, want.Conds, s.Native)
							}
							for _, st := range r.Body.(*ir.Sequence).Steps {
								if k := st.Keys[0]; want.Conds[st.Cond] && fmt.Sprint(want.Keys[k]) != fmt.Sprint(got.Keys[k]) {
									t.Errorf("%s %s: key %v, want %v", binding.Name, e.Class, got.Keys[k], want.Keys[k])
								}
							}
							if want.Conds[1] && source == "aws" {
								special++
							}
						}
					}
					if _, ok := part.Keys[1].Term.(*ir.Lit); ok {
						unused++
					}
				}
			}
		}
	}
	if compared < 20 || unused == 0 || special == 0 {
		t.Errorf("%d rows compared, %d keys unused, %d of a covered class", compared, unused, special)
	}
}
