package datadog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/datadog/api"
)

// ordering is what a rule of several steps is made of: the steps of sequence_detection, or the queries of one case of threshold.
type ordering struct {
	bound *ir.Bound
	body  *ir.Sequence
	steps []stepQuery
	// wait is the span of the rule as the platform has it, in seconds.
	wait int64
}

// stepQuery is the query of one step.
type stepQuery struct {
	label   string
	step    *ir.Step
	bound   *ir.Bound // the parts that have events of the step
	groupBy []string
}

// ordered reports whether a rule is one step behind the other. A sequence of one step is a count.
func ordered(r *ir.Rule) bool {
	s, ok := r.Body.(*ir.Sequence)
	return ok && s.Ordered && len(s.Events()) > 1
}

// sequenceLevel says how exactly sequence_detection carries an ordered sequence.
//
// The platform's chain is one of steps, each at most its wait behind the one before; a step is at each event that makes its
// condition true. So the last event of each step of a chain of the rule is a step for the platform, and nothing is missed. Of two
// steps of one event each the rule has no other chains.
func sequenceLevel(b *ir.Bound, _ backends.Timing) backends.Level {
	if !ordered(b.Rule) {
		return backends.Refused("the rule has no steps in order", "leave the choice of the rule type to OneRule")
	}
	_, l := orderingOf(b)
	return l
}

// orderingOf plans the rule, or says why there is none.
func orderingOf(b *ir.Bound) (*ordering, backends.Level) {
	o := &ordering{bound: b, body: b.Rule.Body.(*ir.Sequence)}
	if l := o.lacking(); l.Kind == backends.Refuse {
		return nil, l
	}
	if l := oneSource(b); l.Kind == backends.Refuse {
		return nil, l
	}
	levels := []backends.Level{o.leftOut()}
	if ordered(b.Rule) {
		levels = append(levels, onSpans(b, api.SequenceMethod))
	}
	for _, i := range o.body.Events() {
		levels = append(levels, o.add(&o.body.Steps[i]))
	}
	if ordered(b.Rule) {
		levels = append(levels, o.waits())
	} else {
		levels = append(levels, o.window(), o.overlaps())
	}
	l := together(levels...)
	if l.Kind == backends.Refuse {
		return nil, l
	}
	l = l.With("log-order", "signals", "window-edge")
	if ordered(b.Rule) {
		l = l.With("sequence-steps")
	}
	return o, l
}

// lacking refuses what must not happen: a signal comes with an event.
func (o *ordering) lacking() backends.Level {
	for _, s := range o.body.Steps {
		if s.Kind != ir.StepMissing {
			continue
		}
		words := "`missing`"
		if s.Name != "" {
			words = "`missing " + s.Name + "`"
		}
		return backends.Refused(words+": a rule is evaluated when an event comes, its steps and cases ask for events (`>` and `>=` only), and what did not happen has none",
			"leave the step out for Datadog in a rule of its own (nearest: the other steps, which are then found whether or not it happened), or leave Datadog out")
	}
	return backends.Exactly()
}

// leftOut names what steps cannot ask for: without it there are more chains, of the same events.
func (o *ordering) leftOut() backends.Level {
	var texts []string
	for i := range o.body.Cross {
		texts = append(texts, "`"+o.bound.Rule.CrossWords(&o.body.Cross[i])+"` is left out, because the condition of a step counts the events of queries, and compares no fields of two of them")
	}
	if len(o.body.Untils()) > 0 {
		texts = append(texts, "`until` is left out, because a step waits for the next one and for nothing else")
	}
	if len(texts) == 0 {
		return backends.Exactly()
	}
	return backends.Wider(strings.Join(texts, "; "))
}

// add plans the query of a step.
func (o *ordering) add(s *ir.Step) backends.Level {
	q := stepQuery{label: o.label(s), step: s, bound: &ir.Bound{Rule: o.bound.Rule, Platform: o.bound.Platform}}
	for _, p := range o.bound.Parts {
		if !isConst(p.Conds[s.Cond], false) {
			q.bound.Parts = append(q.bound.Parts, p)
		}
	}
	if len(q.bound.Parts) == 0 {
		return backends.Refused("the step `"+q.label+"` is true on no event of the telemetry", "correct it, or choose another binding with --bind")
	}
	var l backends.Level
	q.groupBy, l = groupFields(q.bound, s.Keys)
	o.steps = append(o.steps, q)
	return l
}

func (o *ordering) label(s *ir.Step) string {
	base := "step"
	if s.Name != "" {
		base = api.Label(s.Name)
	}
	label := base
	for n := 2; slices.ContainsFunc(o.steps, func(q stepQuery) bool { return q.label == label }); n++ {
		label = base + "_" + strconv.Itoa(n)
	}
	return label
}

// seconds is the span of the rule, rounded up.
func (o *ordering) seconds() int64 { return int64((o.body.Within + time.Second - 1) / time.Second) }

// waits sets how long a step waits for the next, and says what the chains of the platform have beyond those of the rule.
func (o *ordering) waits() backends.Level {
	n := len(o.steps)
	if n > api.MostSteps {
		return backends.Refused(fmt.Sprintf("a sequence has at most %d steps, and this one %d", api.MostSteps, n), "take steps together, or leave Datadog out")
	}
	wait, ok := api.AtLeast(api.Waits, o.seconds())
	if longest := int64(api.LongestSequence / (n - 1)); !ok || wait > longest {
		for _, w := range api.Waits {
			if w <= longest {
				wait = w
			}
		}
		return backends.Refused(fmt.Sprintf("each step waits for the next, for 1d in all, and with %d steps nothing is missed only within %s", n, spell(wait)), "use `within "+spell(wait)+"` or less, or leave Datadog out")
	}
	o.wait = wait
	repeats := func(s stepQuery) bool { return s.step.Repeat > 1 }
	var texts []string
	if time.Duration(wait)*time.Second != o.body.Within {
		texts = append(texts, fmt.Sprintf("a step waits for %s, because that can only be %s", spell(wait), list(api.Waits)))
	}
	if n > 2 {
		texts = append(texts, fmt.Sprintf("each step waits for the next by itself, so that the whole may take %s", spell(wait*int64(n-1))))
	}
	if slices.ContainsFunc(o.steps, repeats) {
		texts = append(texts, fmt.Sprintf("the events of a repeated step are counted in the %s before its last one, and the waiting begins or ends with that", spell(wait)))
	}
	if slices.ContainsFunc(o.steps[1:], repeats) {
		texts = append(texts, "those before the step before count as well")
	}
	if len(texts) > 0 {
		return backends.Wider(strings.Join(texts, "; ") + "; two steps of one event each within one of these lengths are exact")
	}
	return backends.Rewritten("the second step is awaited for " + spell(wait))
}

// window sets the evaluation window of a case that asks for all steps at once. It leaves out its very beginning, so a chain of
// exactly that length is not in it; window-edge says so.
func (o *ordering) window() backends.Level {
	longest := spell(api.Windows[len(api.Windows)-1])
	window, ok := api.AtLeast(api.Windows, o.seconds())
	if !ok {
		return backends.Refused(fmt.Sprintf("the longest window of a case is %s, and this one has %s", longest, spellDuration(o.body.Within)), "use at most `within "+longest+"`, or leave Datadog out")
	}
	o.wait = window
	if time.Duration(window)*time.Second != o.body.Within {
		return backends.Wider(fmt.Sprintf("at each event the events of the last %s are asked for, because that can only be %s", spell(window), windowList()))
	}
	return backends.Rewritten("at each event the steps are asked for among the events of the last " + spell(window))
}

// overlaps says whether one event may count for two steps of a case, which it may not in the rule.
func (o *ordering) overlaps() backends.Level {
	level := backends.Exactly()
	for i, x := range o.steps {
		for _, y := range o.steps[i+1:] {
			for _, p := range x.bound.Parts {
				switch a, b := p.Conds[x.step.Cond], p.Conds[y.step.Cond]; {
				case isConst(b, false):
				case !disjoint(conjuncts(a), conjuncts(b)):
					return backends.Wider("an event that is of the steps `" + x.label + "` and `" + y.label + "` counts for both")
				default:
					level = backends.Assuming("scalar")
				}
			}
		}
	}
	return level
}

// disjoint reports whether two conditions ask one field with one value for different values.
func disjoint(xs, ys []ir.Pred) bool {
	for _, x := range xs {
		for _, y := range ys {
			if apart(x, y) || apart(y, x) {
				return true
			}
		}
	}
	return false
}

func apart(x, y ir.Pred) bool {
	if not, ok := y.(*ir.Not); ok {
		return implies(x, not.X)
	}
	a, ok := x.(*ir.Cmp)
	b, ok2 := y.(*ir.Cmp)
	if !ok || !ok2 || a.Op != ir.Eq || b.Op != ir.Eq {
		return false
	}
	f, ok := a.L.(*ir.Field)
	g, ok2 := b.L.(*ir.Field)
	if !ok || !ok2 || f.Name != g.Name || f.Array || strings.Contains(f.Name, "[]") {
		return false
	}
	for _, v := range a.R {
		for _, w := range b.R {
			if ir.Compare(ir.Eq, false, v, w) {
				return false
			}
		}
	}
	return true
}

// rule makes the document: steps in order, or one case for all of them.
func (o *ordering) rule() (*api.DetectionRule, diag.List) {
	r := o.bound.Rule
	doc := &api.DetectionRule{Type: ruleType(o.bound)}
	var diags diag.List
	for _, q := range o.steps {
		text, ds := queryText(q.bound, func(p ir.Part) ir.Pred { return p.Conds[q.step.Cond] })
		diags = append(diags, ds...)
		doc.Queries = append(doc.Queries, api.Query{
			Name: q.label, Query: text, Aggregation: api.Count, GroupByFields: q.groupBy, DistinctFields: []string{}, DataSource: sourceOf(q.bound.Parts[0]),
		})
	}
	keepAlive, ok := api.AtLeast(api.KeepAlives, max(o.wait, int64((r.Emit.Once+time.Second-1)/time.Second)))
	if !ok {
		keepAlive = api.KeepAlives[len(api.KeepAlives)-1]
	}
	doc.Options = api.Options{DetectionMethod: api.Threshold, EvaluationWindow: o.wait, KeepAlive: keepAlive, MaxSignalDuration: api.Durations[len(api.Durations)-1]}
	var cond api.Condition
	if ordered(r) {
		doc.Options.DetectionMethod, doc.Options.EvaluationWindow = api.SequenceMethod, 0
		doc.Options.SequenceOptions = o.options()
		last := doc.Options.SequenceOptions.Steps[len(o.steps)-1]
		cond.Tests = []api.Test{{Query: last.Name}}
	} else {
		for _, q := range o.steps {
			cond.Tests = append(cond.Tests, q.test())
		}
	}
	doc.Cases = []api.Case{{Status: status(r), Condition: cond.String(), Notifications: []string{}}}
	return doc, diags
}

// test asks for the events of a step.
func (q stepQuery) test() api.Test {
	if q.step.Repeat == 1 {
		return api.Test{Query: q.label}
	}
	return api.Test{Query: q.label, OrEqual: true, Value: float64(q.step.Repeat)}
}

// options are the steps and their transitions. A step of one event has the least window there is; that of a repeated one holds
// all its events.
func (o *ordering) options() *api.SequenceOptions {
	out := &api.SequenceOptions{}
	for i, q := range o.steps {
		s := api.SequenceStep{Name: "step_" + q.label, Condition: api.Condition{Tests: []api.Test{q.test()}}.String(), EvaluationWindow: api.Waits[0]}
		if q.step.Repeat > 1 {
			s.EvaluationWindow = o.wait
		}
		if i > 0 {
			out.StepTransitions = append(out.StepTransitions, api.StepTransition{Parent: out.Steps[i-1].Name, Child: s.Name, EvaluationWindow: o.wait})
		}
		out.Steps = append(out.Steps, s)
	}
	return out
}
