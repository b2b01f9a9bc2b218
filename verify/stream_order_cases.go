package verify

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/ir"
)

// plain adds the chain, and it with an event less, in another order, at equal times, with events that are none of a step.
func (o *orders) plain() {
	o.put("a chain", o.base...)
	for i, p := range o.base {
		if i == 0 || o.base[i-1].step != p.step {
			o.put(fmt.Sprintf("without event %d", i+1), slices.Delete(slices.Clone(o.base), i, i+1)...)
		}
	}
	for _, order := range o.orderings() {
		o.put(fmt.Sprintf("steps in the order %v", order), o.inOrder(order)...)
	}
	for i := range o.base[1:] {
		for _, apart := range []int64{0, 1} {
			ps := slices.Clone(o.base)
			by := ps[i+1].millis - ps[i].millis - apart
			for j := i + 1; j < len(ps); j++ {
				ps[j].millis -= by
			}
			o.put(fmt.Sprintf("events %d and %d apart by %d ms", i+1, i+2, apart), ps...)
		}
	}
	o.put("all at one time", o.copied(func(p *placed) { p.millis = o.first() })...)
	for i, p := range o.base {
		if i > 0 && o.base[i-1].step == p.step {
			continue
		}
		for k, kd := range o.kinds {
			related := k < o.regular || kd.fails == o.seq.Steps[p.step].Cond
			if k == p.kind || kd.part != o.kinds[p.kind].part || !related {
				continue
			}
			ps := slices.Clone(o.base)
			ps[i].kind = k
			o.put(fmt.Sprintf("event %d with %s", i+1, kd.name), ps...)
			if i+1 < len(ps) && slices.Contains(o.of[p.step], k) && slices.Contains(o.of[ps[i+1].step], k) {
				o.put(fmt.Sprintf("event %d for two steps", i+1), slices.Delete(slices.Clone(ps), i+1, i+2)...)
			}
		}
	}
}

// strange adds the chain with one event that no part of the rule selects.
func (o *orders) strange() {
	for i, p := range o.base {
		if i > 0 && o.base[i-1].step == p.step {
			continue
		}
		for _, s := range o.strangers(o.kinds[p.kind].part) {
			ps := slices.Clone(o.base)
			ps[i].strange = &s
			o.put(fmt.Sprintf("event %d is none of the rule's, by %s", i+1, s.name), ps...)
		}
	}
	for i, s := range o.seq.Steps {
		if s.Kind == ir.StepEvent {
			continue
		}
		if p, ok := o.stepEvent(i, (o.first()+o.last())/2); ok {
			for _, x := range o.strangers(o.kinds[p.kind].part) {
				p.strange = &x
				o.put(fmt.Sprintf("an event that is none of %s, by %s", o.stepName(i), x.name), o.with(p)...)
				p.millis = o.last() + 1
				o.put(fmt.Sprintf("an event behind it that is none of %s, by %s", o.stepName(i), x.name), o.with(p)...)
			}
		}
	}
}

// orderings are the orders of the steps other than that of the rule: all of them for few steps, else exchanges of neighbours.
func (o *orders) orderings() [][]int {
	steps := o.seq.Events()
	var out [][]int
	if len(steps) > 4 {
		for i := range steps[1:] {
			other := slices.Clone(steps)
			other[i], other[i+1] = other[i+1], other[i]
			out = append(out, other)
		}
		return out
	}
	var permute func(done, left []int)
	permute = func(done, left []int) {
		if len(left) == 0 && !slices.Equal(done, steps) {
			out = append(out, slices.Clone(done))
		}
		for i, s := range left {
			permute(append(slices.Clone(done), s), slices.Delete(slices.Clone(left), i, i+1))
		}
	}
	permute(nil, steps)
	return out
}

// inOrder lays the events of the chain out in another order of steps, at the same times.
func (o *orders) inOrder(steps []int) []placed {
	var out []placed
	for _, s := range steps {
		for _, i := range o.places(s) {
			p := o.base[i]
			p.millis = o.base[len(out)].millis
			out = append(out, p)
		}
	}
	return out
}

// stretched returns the chain with its last event some time after the first, the others in place.
func (o *orders) stretched(length int64) []placed {
	out := slices.Clone(o.base)
	out[len(out)-1].millis = o.first() + length
	return out
}

// spans adds chains that are as long as the rule allows, a millisecond longer, and shorter.
func (o *orders) spans() {
	for _, by := range []int64{-1, 0, 1} {
		o.put(fmt.Sprintf("as long as the span %+d ms", by), o.stretched(o.span+by)...)
		early := slices.Clone(o.base)
		early[0].millis = o.last() - o.span - by
		o.put(fmt.Sprintf("as long as the span %+d ms, the first event early", by), early...)
		if len(o.base) > 2 {
			spread := o.stretched(o.span + by)
			for i := range spread[1 : len(spread)-1] {
				spread[i+1].millis = o.first() + int64(i+1)*o.span/int64(len(spread)-1)
			}
			o.put(fmt.Sprintf("spread over the span %+d ms", by), spread...)
		}
		for i := range o.base {
			for k := range o.base {
				if o.seq.Ordered || o.base[i].step == o.base[k].step {
					continue
				}
				apart := o.copied(func(p *placed) { p.millis = o.first() + o.span/2 }) // the two lie at the ends, the others between
				apart[i].millis, apart[k].millis = o.first(), o.first()+o.span+by
				o.put(fmt.Sprintf("events %d and %d as far apart as the span %+d ms", i+1, k+1, by), apart...)
			}
		}
		again := o.base[0]
		again.millis = o.last() - o.span - by
		o.put(fmt.Sprintf("the first event, and an earlier one at the span %+d ms", by), append([]placed{again}, o.base...)...)
		last := o.base[len(o.base)-1]
		last.millis = o.first() + o.span + by
		o.put(fmt.Sprintf("the last event, and a later one at the span %+d ms", by), o.with(last)...)
	}
}

// sequels adds chains that overlap, follow each other, or share events.
func (o *orders) sequels() {
	length := o.last() - o.first()
	for _, by := range []int64{0, 1, length / 2, length - 1, length, length + 1, o.span, o.span + 1, 2 * o.span, 2*o.span + 1} {
		o.put(fmt.Sprintf("and again %d ms later", by), o.with(o.later(by)...)...)
	}
	for i, p := range o.base {
		for _, by := range []int64{-1, 0, 1} {
			twin := p
			twin.millis += by
			o.put(fmt.Sprintf("event %d twice, %+d ms", i+1, by), o.with(twin)...)
		}
		tail := slices.Clone(o.base[i:])
		for k := range tail {
			tail[k].millis = o.last() + int64(k+1)
		}
		o.put(fmt.Sprintf("and again from event %d on", i+1), o.with(tail...)...)
		if i > 0 {
			head := slices.Clone(o.base[:i])
			for k := range head {
				head[k].millis = o.first() - int64(i-k)
			}
			o.put(fmt.Sprintf("the %d first events before", i), append(head, o.base...)...)
		}
	}
}

// groups adds chains of several keys, mixed and interleaved, and with keys that are missing or have several values.
func (o *orders) groups() {
	other := o.copied(func(p *placed) { p.keys = o.keyed(2) })
	o.put("of another key", other...)
	o.put("of two keys", o.with(other...)...)
	for i := range other {
		other[i].millis += max(1, (o.last()-o.first())/int64(2*len(o.base)))
	}
	o.put("of two keys, interleaved", o.with(other...)...)
	changed := func(name string, change func(p *placed, k int)) {
		for place := range o.seq.Per { // in all events, each in its own key
			o.put(fmt.Sprintf("%s in place %d of all events", name, place+1), o.copied(func(p *placed) { change(p, o.seq.Steps[p.step].Keys[place]) })...)
		}
		for k := range o.j.out.Rule.Keys {
			all := o.copied(func(p *placed) { change(p, k) })
			o.put(fmt.Sprintf("%s in key %d of all events", name, k+1), all...)
			for i, p := range o.base {
				if !slices.Contains(o.seq.Steps[p.step].Keys, k) || i > 0 && o.base[i-1].step == p.step {
					continue
				}
				ps := slices.Clone(o.base)
				ps[i] = all[i]
				o.put(fmt.Sprintf("%s in key %d of event %d", name, k+1, i+1), ps...)
			}
		}
	}
	set := func(vals func(k int, now []any) []any) func(p *placed, k int) {
		return func(p *placed, k int) {
			keys := map[int][]any{}
			for i, v := range p.keys {
				keys[i] = v
			}
			keys[k] = vals(k, keys[k])
			p.keys = keys
		}
	}
	changed("another value", set(func(k int, _ []any) []any { return []any{o.keyValue(k, 2)} }))
	changed("no value", set(func(int, []any) []any { return nil }))
	changed("two values", set(func(k int, now []any) []any { return append(slices.Clone(now), o.keyValue(k, 2)) }))
	changed("an empty value", set(func(k int, now []any) []any {
		if o.isText(k) {
			return []any{""}
		}
		return now
	}))
	changed("an upper-case value", set(func(k int, now []any) []any {
		if o.isText(k) {
			return []any{"K1"}
		}
		return now
	}))
}

// voids adds, for each step that must not happen or ends the wait, the chain with an event of it at every place that matters.
func (o *orders) voids() {
	for i, s := range o.seq.Steps {
		if s.Kind == ir.StepEvent {
			continue
		}
		var at []int64
		for _, p := range o.base {
			at = append(at, p.millis-1, p.millis, p.millis+1)
		}
		first, last := o.first(), o.last()
		at = append(at, (first+last)/2, first+o.span-1, first+o.span, first+o.span+1, first+2*o.span, last-o.span-1, last-o.span, last-o.span+1, first-o.span)
		slices.Sort(at)
		for _, t := range slices.Compact(at) {
			p, ok := o.stepEvent(i, t)
			if !ok {
				break
			}
			name := fmt.Sprintf("an event of %s %+d ms from the first", o.stepName(i), t-first)
			o.put(name, o.with(p)...)
			switch t {
			case first, last, (first + last) / 2, last + 1, first + o.span:
				for n, keys := range []map[int][]any{o.keyed(2), {}} {
					other := p
					other.keys = keys
					if n == 1 {
						for k := range o.j.out.Rule.Keys {
							other.keys[k] = nil
						}
					}
					o.put(fmt.Sprintf("%s, of other keys %d", name, n+1), o.with(other)...)
				}
				o.put(name+", and the chain again", append(o.with(p), o.later(last-first+2)...)...)
				for _, k := range o.of[i][1:] {
					p.kind = k
					o.put(fmt.Sprintf("%s, with %s", name, o.kinds[k].name), o.with(p)...)
				}
			}
		}
		if p, ok := o.stepEvent(i, first+o.span); ok {
			o.put("as long as the span, and an event of "+o.stepName(i)+" at its end", append(o.stretched(o.span), p)...)
		}
	}
}

// repeats adds, for each step of several events, one less and one more, and all at one time.
func (o *orders) repeats() {
	for i, s := range o.seq.Steps {
		in := o.places(i)
		if s.Kind != ir.StepEvent || s.Repeat < 2 || len(in) != s.Repeat {
			continue
		}
		for _, k := range []int{in[0], in[len(in)/2], in[len(in)-1]} {
			o.put(fmt.Sprintf("event %d less", k+1), slices.Delete(slices.Clone(o.base), k, k+1)...)
		}
		for _, at := range []int64{o.base[in[0]].millis - 1, o.base[in[0]].millis, o.base[in[len(in)-1]].millis + 1, o.last() + 1} {
			if p, ok := o.stepEvent(i, at); ok {
				o.put(fmt.Sprintf("one more of %s %+d ms from the first", o.stepName(i), at-o.first()), o.with(p)...)
				less := slices.Delete(slices.Clone(o.base), in[0], in[0]+1)
				o.put(fmt.Sprintf("one of %s moved to %+d ms from the first", o.stepName(i), at-o.first()), append(less, p)...)
			}
		}
		for _, k := range []int{in[0], in[len(in)-1]} {
			at := o.base[k].millis
			together := slices.Clone(o.base)
			for _, n := range in {
				together[n].millis = at
			}
			o.put(fmt.Sprintf("all of %s at the time of event %d", o.stepName(i), k+1), together...)
			o.put(fmt.Sprintf("all of %s at the time of event %d, one less", o.stepName(i), k+1), slices.Delete(together, k, k+1)...)
		}
	}
}

// values adds chains with other values of what is compared and shown: of each step alone, and of another event of the step.
func (o *orders) values() {
	args := map[[2]int]bool{}
	for _, v := range o.j.out.Rule.StepValues() {
		in := o.places(v.Step)
		if args[[2]int{v.Step, v.Arg}] || len(in) == 0 {
			continue
		}
		args[[2]int{v.Step, v.Arg}] = true
		last := in[len(in)-1]
		change := func(p placed, vals []any) placed {
			set := map[int][]any{}
			for i, x := range p.args {
				set[i] = x
			}
			set[v.Arg] = vals
			p.args = set
			return p
		}
		choices := [][]any{nil}
		for n := range len(o.seq.Events()) + 2 {
			choices = append(choices, o.argued(n + 1)[v.Arg])
		}
		if f, ok := o.j.out.Rule.Args[v.Arg].(*ir.Field); ok && f.Array {
			choices = append(choices, append(slices.Clone(o.argued(1)[v.Arg]), o.argued(2)[v.Arg]...))
		}
		for n, vals := range choices {
			name := fmt.Sprintf("value %d of %s is choice %d", v.Arg+1, o.stepName(v.Step), n+1)
			ps := slices.Clone(o.base)
			ps[last] = change(ps[last], vals)
			o.put(name, ps...)
			if len(in) > 1 {
				ps = slices.Clone(o.base)
				ps[in[0]] = change(ps[in[0]], vals)
				o.put(name+", in the first event", ps...)
			}
			for _, by := range []int64{-1, 0, 1} {
				twin := change(o.base[last], vals)
				twin.millis += by
				o.put(fmt.Sprintf("%s, in a further event %+d ms", name, by), o.with(twin)...)
				o.put(fmt.Sprintf("%s, in an event before %+d ms", name, by), append([]placed{twin}, o.base...)...)
			}
		}
	}
}

// edgesOfTicks adds chains that end, or begin, where the range of a tick does, followed by another.
func (o *orders) edgesOfTicks() {
	timing := o.j.art.Timing
	every, delay, look := timing.Every.Milliseconds(), timing.Delay.Milliseconds(), timing.Lookback.Milliseconds()
	chains := [][]placed{o.base, o.stretched(o.span)}
	if !o.seq.Ordered && o.seq.Waits() { // what reads the farthest: an event that must be missing, a span before all others
		for i, s := range o.seq.Steps {
			if p, ok := o.stepEvent(i, o.first()-o.span); ok && s.Kind == ir.StepMissing {
				at := o.first()
				chains = append(chains, append(o.copied(func(p *placed) { p.millis = at }), p))
			}
		}
	}
	for n, chain := range chains {
		first, last := chain[0].millis, max(chain[0].millis, chain[len(chain)-1].millis)
		if o.seq.Waits() {
			last = first + o.span
		}
		edge := (last/every+2)*every - delay
		for _, by := range []int64{-1, 0, 1} {
			for at, from := range map[string]int64{"ends at the end of a range": last, "begins at the end of a range": first} {
				moved := o.movedTo(chain, edge+by-from)
				name := fmt.Sprintf("chain %d %s %+d ms", n+1, at, by)
				o.put(name, moved...)
				o.put(name+", and again right after", append(slices.Clone(moved), o.movedTo(o.base, moved[len(moved)-1].millis+1-o.first())...)...)
				again := moved[len(moved)-1]
				again.millis++
				o.put(name+", and its last event again", append(slices.Clone(moved), again)...)
			}
			if n > 1 {
				continue
			}
			begin := o.movedTo(chain, edge-look+every+by-first)
			o.put(fmt.Sprintf("chain %d begins at the begin of what a run reads %+d ms", n+1, by), begin...)
		}
	}
}

func (o *orders) movedTo(ps []placed, by int64) []placed {
	out := slices.Clone(ps)
	for i := range out {
		out[i].millis += by
	}
	return out
}

// drawnOrders is how many timelines are drawn for an ordering rule.
const drawnOrders = 48

// drawn adds random timelines of the rule's kinds of events, mostly those that fit a step, of two keys, on a coarse grid of
// times around the edges of the span, often a millisecond apart.
func (o *orders) drawn() {
	grid := []int64{0, 0, o.span / 4, o.span / 3, o.span / 2, o.span - 1, o.span, o.span + 1, o.span + o.span/2, 2 * o.span}
	if o.regular == 0 {
		return
	}
	for n := range drawnOrders {
		var ps []placed
		at := o.origin()
		for range 2 + o.rnd.IntN(9) {
			p := placed{step: o.rnd.IntN(len(o.seq.Steps))}
			if fit := o.of[p.step]; len(fit) > 0 && o.rnd.IntN(5) > 0 {
				p.kind = fit[o.rnd.IntN(len(fit))]
			} else {
				p.kind = o.rnd.IntN(len(o.kinds))
			}
			p.keys, p.args = o.keyed(1), o.argued(1+o.rnd.IntN(3))
			if o.base != nil {
				p.keys = o.base[0].keys
			}
			if o.rnd.IntN(4) == 0 {
				p.keys = o.keyed(2)
			}
			switch o.rnd.IntN(3) {
			case 0:
				at = o.origin() + grid[o.rnd.IntN(len(grid))]
			case 1:
				at += int64(o.rnd.IntN(3))
			default:
				at += o.span / 8 * int64(o.rnd.IntN(4))
			}
			p.millis = at
			for range o.repeatsOf(p.step) {
				ps = append(ps, p)
				p.millis += int64(o.rnd.IntN(2))
			}
		}
		o.put(fmt.Sprintf("drawn %d", n+1), ps...)
	}
}

// repeatsOf is how many events of a step are drawn at once: mostly as many as a chain takes, now and then one less or more.
func (o *orders) repeatsOf(step int) int {
	n := o.seq.Steps[step].Repeat
	if n > 1 {
		n += o.rnd.IntN(3) - 1
	}
	return min(n, 40)
}
