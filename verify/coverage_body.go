package verify

import (
	"fmt"
	"slices"
	"time"

	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// timeline is what a rule read of the events of a stream or test, and the range in which it was asked for findings.
type timeline struct {
	rule *ir.Rule
	rows []eval.Row
	rng  eval.Range
}

// part is one demand of the body of an ordering rule.
type part struct {
	name string
	// less is the body without the demand, or with a smaller one: what it finds and the rule does not, the demand has prevented.
	less ir.Body
	// more is the body with a greater demand: what it does not find and the rule does, the demand has let pass. Where it is nil,
	// passes says so of a finding.
	more   ir.Body
	passes func(f ir.Finding, t timeline) bool
	// shift is by how much findings of less and more are dated later than those of the rule, and earlier.
	shift int64
}

// add joins the counts of another coverage.
func (c *Coverage) add(more Coverage) {
	c.Leaves, c.Decisive = c.Leaves+more.Leaves, c.Decisive+more.Decisive
	c.Undecided = append(c.Undecided, more.Undecided...)
}

// bodyCoverage counts the demands of an ordering rule's body (steps, until, missing, comparisons between steps, the span, the
// order; the number and the grace of an absence rule) that decided both ways in some timeline: they prevented a finding, and let
// one pass by a hair.
func bodyCoverage(r *ir.Rule, timelines []timeline) Coverage {
	parts := bodyParts(r)
	prevented, passed := make([]bool, len(parts)), make([]bool, len(parts))
	for _, t := range timelines {
		found := bodyFinds(t.rule.Body, t, 0)
		for i, p := range bodyParts(t.rule) { // as many: values of a test's own change numbers and lists
			if !prevented[i] {
				prevented[i] = exceeds(bodyFinds(p.less, t, -p.shift), found)
			}
			switch {
			case passed[i] || len(found) == 0:
			case p.more != nil:
				passed[i] = exceeds(found, bodyFinds(p.more, t, p.shift))
			default:
				for _, f := range found {
					passed[i] = passed[i] || p.passes == nil || p.passes(f, t)
				}
			}
		}
	}
	var c Coverage
	for i, p := range parts {
		c.Leaves++
		switch {
		case prevented[i] && passed[i]:
			c.Decisive++
		case prevented[i]:
			c.Undecided = append(c.Undecided, p.name+" never let a finding pass by a hair")
		case passed[i]:
			c.Undecided = append(c.Undecided, p.name+" never prevented a finding alone")
		default:
			c.Undecided = append(c.Undecided, p.name+" never decided")
		}
	}
	return c
}

func bodyParts(r *ir.Rule) []part {
	switch b := r.Body.(type) {
	case *ir.Sequence:
		return sequenceParts(b)
	case *ir.Absence:
		return absenceParts(b)
	case *ir.Count, *ir.Baseline, *ir.FirstSeen, nil:
	}
	return nil
}

// bodyFinds returns what the rule of a timeline with another body finds, by identity; times are moved.
func bodyFinds(b ir.Body, t timeline, shift int64) map[string]ir.Finding {
	if b == nil {
		return nil
	}
	other := *t.rule
	other.Body, other.Emit.Shown = b, nil
	var found []ir.Finding
	if _, ok := b.(*ir.Sequence); ok {
		found = allEnds(&other, t.rows)
	} else {
		found = eval.Findings(&other, t.rows, t.rng)
	}
	for i := range found {
		found[i].Time += shift
	}
	return byIdentity(found)
}

// exceeds reports whether some finding is not among others.
func exceeds(a, b map[string]ir.Finding) bool {
	for id := range a {
		if _, ok := b[id]; !ok {
			return true
		}
	}
	return false
}

func sequenceParts(b *ir.Sequence) []part {
	var out []part
	several := len(b.Events()) > 1
	for i, s := range b.Steps {
		p := part{name: stepText(b, i), less: withoutStep(b, i)}
		switch s.Kind {
		case ir.StepEvent:
			if s.Repeat > 1 {
				less := *b
				less.Steps = slices.Clone(b.Steps)
				less.Steps[i].Repeat--
				more := less
				more.Steps = slices.Clone(b.Steps)
				more.Steps[i].Repeat++
				p.name, p.less, p.more = fmt.Sprintf("`repeat >= %d` of %s", s.Repeat, p.name), &less, &more
			} else if !several {
				continue
			}
		case ir.StepMissing, ir.StepUntil:
			p.name = "`" + s.Kind.String() + "` " + p.name
			p.passes = func(f ir.Finding, t timeline) bool {
				return slices.ContainsFunc(t.rows, func(row eval.Row) bool { return row.Conds[s.Cond] && hasTuple(row, s.Keys, f.Key) })
			}
		}
		out = append(out, p)
	}
	for i, c := range b.Cross {
		less, more := *b, *b
		less.Cross = slices.Delete(slices.Clone(b.Cross), i, i+1)
		more.Cross = slices.Clone(b.Cross)
		more.Cross[i].Negated = !c.Negated
		out = append(out, part{name: fmt.Sprintf("the comparison of %s with %s", stepText(b, c.L.Step), stepText(b, c.R.Step)), less: &less, more: &more})
	}
	if !several && b.Steps[b.Events()[0]].Repeat == 1 {
		return out
	}
	less, more := *b, *b
	less.Within, more.Within = b.Within+time.Millisecond, b.Within-time.Millisecond
	span := part{name: "`within " + b.Within.String() + "`", less: &less, more: &more}
	if b.Waits() {
		span.shift = 1
	}
	out = append(out, span)
	if b.Ordered && several && !slices.ContainsFunc(b.Steps, func(s ir.Step) bool { return s.Kind == ir.StepMissing }) {
		any := *b
		any.Ordered = false
		out = append(out, part{name: "the order of the steps", less: &any})
	}
	return out
}

func stepText(b *ir.Sequence, i int) string {
	if b.Steps[i].Name != "" {
		return "step " + eval.StepName(b, i)
	}
	return eval.StepName(b, i)
}

// hasTuple reports whether a row has the values of keys.
func hasTuple(row eval.Row, keys []int, tuple []schema.Value) bool {
	for i, k := range keys {
		if !slices.Contains(row.Keys[k], tuple[i]) {
			return false
		}
	}
	return true
}

// withoutStep returns the body without a step and what is compared with it; nil when no event is left.
func withoutStep(b *ir.Sequence, drop int) ir.Body {
	out := *b
	out.Steps, out.Cross = slices.Delete(slices.Clone(b.Steps), drop, drop+1), nil
	for _, c := range b.Cross {
		if c.L.Step == drop || c.R.Step == drop {
			continue
		}
		for _, v := range []*ir.StepValue{&c.L, &c.R} {
			if v.Step > drop {
				v.Step--
			}
		}
		out.Cross = append(out.Cross, c)
	}
	if len(out.Events()) == 0 {
		return nil
	}
	return &out
}

func absenceParts(b *ir.Absence) []part {
	less, more := *b, *b
	less.Min, more.Min = b.Min+1, b.Min-1
	out := []part{{name: fmt.Sprintf("`expect >= %d`", b.Min), less: &less, more: &more}}
	if b.Grace > 0 {
		less, more := *b, *b
		less.Grace, more.Grace = b.Grace-time.Millisecond, b.Grace+time.Millisecond
		out = append(out, part{name: "`grace " + b.Grace.String() + "`", less: &less, more: &more})
	}
	return out
}
