package lower

import (
	"fmt"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
)

// baseline lowers measure, baseline and when.
func (b *builder) baseline() {
	c := b.body
	at := b.ast.Name.Span
	missing := func(word, help string) {
		b.fault(diag.ClauseMissing, at, fmt.Sprintf("rule `%s` learns from the past and has no `%s`", b.out.Name, word), help)
	}
	if c.measure == nil {
		missing("measure", "add `measure n = count() per source.ip`, say")
		return
	}
	body := &ir.Baseline{Span: c.measure.Span}
	b.out.Body = body
	body.Per = b.keys(c.measure.Per)
	if agg, ok := b.agg(c.measure.Agg); ok {
		body.Measure = agg
		if agg.Func != ir.AggCount && agg.Func != ir.AggDistinct && agg.Func != ir.AggSum {
			b.fault(diag.BadWindow, c.measure.Agg.Span, fmt.Sprintf("`%s` has no value in a window without events", agg.Func), "what is learned counts 0 there: measure count, distinct or sum")
		}
	} else {
		b.spoiled = true
	}
	switch {
	case c.window == nil:
		missing("tumbling", "add `tumbling 1h`, the windows that are compared")
	case c.window.Kind != grammar.Tumbling:
		b.fault(diag.BadWindow, c.window.Span, fmt.Sprintf("a baseline is learned from windows that follow each other, not from `%s`", c.window.Kind), "write `tumbling 1h`, say")
	default:
		body.Bucket = b.window(c.window).Size
	}
	if c.baseline == nil {
		missing("baseline", "add `baseline of "+c.measure.Agg.Name.Text+" { learn 1d  population otherwise }`, say")
		return
	}
	b.learning(body, c.baseline)
	if e := c.emit; e != nil && len(e.Per) > 0 && !sameKeys(b.keys(e.Per), body.Per) {
		b.fault(diag.ClauseConflict, e.Per[0].Pos(), "`emit per` differs from the keys of `measure`", "a finding is about the keys that were measured: leave `per` out")
	}
	if c.when == nil {
		missing("when", "add `when "+c.measure.Agg.Name.Text+" > baseline.mean + 3 * baseline.stddev`, say")
		return
	}
	if body.When = b.cond(c.when.X); body.When == nil {
		b.spoiled = true
	}
}

func (b *builder) learning(body *ir.Baseline, x *grammar.Baseline) {
	if x.Of.Text != b.body.measure.Agg.Name.Text {
		b.fault(diag.UnknownName, x.Of.Span, fmt.Sprintf("the rule measures `%s`, not `%s`", b.body.measure.Agg.Name.Text, x.Of.Text), "name what is measured")
	}
	body.Learn, body.Own, body.Population = span(x.Learn), x.OwnHistory, x.Population
	b.positive(x.Learn)
	if x.Learn == nil {
		b.spoiled = true // the grammar asks for it
		return
	}
	if body.Bucket > 0 && (body.Learn < body.Bucket || body.Learn%body.Bucket != 0) {
		b.fault(diag.BadWindow, x.Learn.Span, fmt.Sprintf("%s is no whole number of windows of %s", x.Learn.Text, b.body.window.Size.Text), "learn from whole windows: a multiple of the window")
		return
	}
	if body.Bucket > 0 && int64(body.Own) > int64(body.Learn/body.Bucket) {
		b.fault(diag.BadWindow, x.Span, fmt.Sprintf("%d windows of history are asked for, and %s holds %d", body.Own, x.Learn.Text, body.Learn/body.Bucket), "ask for less history, or learn for longer")
	}
}

func sameKeys(a, b []int) bool {
	in := map[int]bool{}
	for _, k := range a {
		in[k] = true
	}
	for _, k := range b {
		if !in[k] {
			return false
		}
	}
	return len(a) == len(b)
}

// firstSeen lowers first_seen.
func (b *builder) firstSeen(x *grammar.FirstSeen) {
	body := &ir.FirstSeen{Every: span(x.Every), History: span(x.History), Warmup: span(x.Warmup), Span: x.Span}
	value := b.keys([]grammar.Expr{x.Field})
	body.Per = b.keys(x.Per)
	if len(value) == 0 {
		return
	}
	body.Value = value[0]
	b.out.Body = body
	for _, k := range body.Per {
		if k == body.Value {
			b.fault(diag.DuplicateName, x.Field.Pos(), "the field that is watched is one of the keys", "watch another field, or leave the key out")
		}
	}
	for _, d := range []*grammar.Duration{x.Every, x.History, x.Warmup} {
		b.positive(d)
	}
	switch {
	case x.Every == nil:
		b.fault(diag.ClauseMissing, x.Span, "`first_seen` does not say how often it looks", "add `every 1h`")
	case x.History == nil:
		b.fault(diag.ClauseMissing, x.Span, "`first_seen` does not say how far it looks back", "add `history 14d`")
	case x.Warmup != nil && body.Warmup >= body.History:
		b.fault(diag.BadWindow, x.Warmup.Span, "the warm-up is as long as the history, so nothing could ever be found", "write a warm-up shorter than the history")
	}
	if e := b.body.emit; e != nil && len(e.Per) > 0 && !sameKeys(b.keys(e.Per), body.Per) {
		b.fault(diag.ClauseConflict, e.Per[0].Pos(), "`emit per` differs from the keys of `first_seen`", "leave `per` out")
	}
}
