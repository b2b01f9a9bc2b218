package sentinel

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/sentinel/arm"
)

// knobs are the parameters of a rule that a deployment may set: whole numbers that the query names once, at its head, and that
// stand nowhere else.
func (x *packer) knobs(a *platform.Artefact) []arm.Knob {
	switch a.Rule.Body.(type) {
	case *ir.Count, *ir.Baseline:
	case *ir.FirstSeen, *ir.Sequence, *ir.Absence, nil:
		return nil // their queries name no parameters
	}
	lets := arm.Lets(a.Query.Text)
	divisors := divisors(a.Rule)
	var out []arm.Knob
	for _, p := range a.Rule.Params {
		let := p.Name
		if _, ok := lets[let]; !ok {
			let += "_param" // a name of the query's own was in the way
		}
		value, err := strconv.ParseInt(p.Value.String(), 10, 64)
		if lets[let] == "" || lets[let] != p.Value.String() || err != nil || value > arm.MaxInt || value < -arm.MaxInt || p.Inlined || divisors[p.Name] || ambiguous(a.Rule, p.Name) {
			continue
		}
		name := a.Rule.Name + "_" + p.Name
		for n := 2; ; n++ {
			if _, taken := x.params[strings.ToLower(name)]; !taken && !strings.EqualFold(name, "workspace") && !strings.EqualFold(name, "log_analytics_workspace_id") {
				break
			}
			name = fmt.Sprintf("%s_%s_%d", a.Rule.Name, p.Name, n)
		}
		x.params[strings.ToLower(name)] = a.Rule.Name
		out = append(out, arm.Knob{Let: let, Name: name, Doc: p.Doc, Value: value})
	}
	return out
}

// ambiguous reports whether it is not sure which of two parameters a name of the query stands for.
func ambiguous(r *ir.Rule, name string) bool {
	for _, p := range r.Params {
		if p.Name == name+"_param" || p.Name+"_param" == name {
			return true
		}
	}
	return false
}

// divisors are the parameters that something is divided by: where the value is not 0 the query does not ask whether it is.
func divisors(r *ir.Rule) map[string]bool {
	out := map[string]bool{}
	var within func(n ir.Num, below bool)
	within = func(n ir.Num, below bool) {
		switch n := n.(type) {
		case *ir.NumLit:
			if below && n.Param != "" {
				out[n.Param] = true
			}
		case *ir.NumArith:
			within(n.X, below)
			within(n.Y, below || n.Op == '/')
		case *ir.NumCall:
			for _, a := range n.Args {
				within(a, below)
			}
		case *ir.NumAgg, *ir.NumBase, *ir.NumStep:
		}
	}
	var conds func(c ir.Cond)
	conds = func(c ir.Cond) {
		switch c := c.(type) {
		case *ir.CondCmp:
			within(c.L, false)
			within(c.R, false)
		case *ir.CondAnd:
			for _, x := range c.Xs {
				conds(x)
			}
		case *ir.CondOr:
			for _, x := range c.Xs {
				conds(x)
			}
		case *ir.CondNot:
			conds(c.X)
		}
	}
	if when := r.When(); when != nil {
		conds(when)
	}
	return out
}
