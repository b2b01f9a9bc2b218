package verify

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/onerule/onerule/ir"
)

// witnesses adds streams made from the rule.
func (m *streams) witnesses() {
	if b, ok := m.j.out.Rule.Body.(*ir.Sequence); ok {
		m.orders(b)
		return
	}
	m.findKinds()
	if m.regular == 0 {
		return
	}
	switch b := m.j.out.Rule.Body.(type) {
	case *ir.Count:
		marks := m.burst()
		m.around(marks)
		m.edges(marks)
	case *ir.Baseline:
		m.histories(b)
	case *ir.FirstSeen:
		m.novelties(b)
	case *ir.Absence:
		m.absences(b)
		return
	case *ir.Sequence, nil:
	}
	m.draws()
}

// burst looks for numbers of events of each kind in one window, all of one group, with which the rule finds something: first
// equal numbers, then drawn ones. The smallest that work are returned.
func (m *streams) burst() []mark {
	ns := m.thresholds()
	for _, n := range ns {
		if marks := m.spread(0, func(int) int { return n }); m.finds(m.build("", marks)) {
			return m.reduced(marks)
		}
	}
	for range maxDraws {
		counts := make([]int, m.regular)
		for i := range counts {
			counts[i] = append(ns, 0, 0)[m.rnd.IntN(len(ns)+2)]
		}
		if marks := m.spread(0, func(k int) int { return counts[k] }); m.finds(m.build("", marks)) {
			return m.reduced(marks)
		}
	}
	return nil
}

// maxDraws bounds the search for a stream in which something is found.
const maxDraws = 60

// spread lays events over a window, the first at its beginning and the last in its last millisecond, of one group.
func (m *streams) spread(window int64, count func(kind int) int) []mark {
	var out []mark
	for k := range m.regular {
		n := count(k)
		for i := range n {
			at := int64(0)
			if n > 1 {
				at = int64(i) * (m.size() - 1) / int64(n-1)
			}
			out = append(out, mark{kind: k, millis: m.origin() + window*m.size() + at, keys: m.keyed(1), args: m.argued(i + 1)})
		}
	}
	return out
}

// reduced leaves out events as long as something is found, so that the numbers are the least that are enough.
func (m *streams) reduced(marks []mark) []mark {
	type event struct {
		mark
		Case
	}
	var events []event
	for _, k := range marks {
		if c, ok := m.event(k); ok {
			c.Canonical.ID = strconv.Itoa(len(events))
			events = append(events, event{k, c})
		}
	}
	finds := func(events []event) bool {
		s := Stream{Events: make([]Case, len(events))}
		for i, e := range events {
			s.Events[i] = e.Case
		}
		return m.finds(s)
	}
	for n := len(events) / 2; n >= 1; n /= 2 {
		for from := 0; from+n <= len(events); {
			less := slices.Delete(slices.Clone(events), from, from+n)
			if finds(less) {
				events = less
			} else {
				from += n
			}
		}
	}
	out := make([]mark, len(events))
	for i, e := range events {
		out[i] = e.mark
	}
	return out
}

// around adds streams around one in which something is found: one event less, more, moved, of another group.
func (m *streams) around(marks []mark) {
	if len(marks) == 0 {
		return
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return int(a.millis - b.millis) })
	m.add("just enough", marks)
	m.add("one more", append(slices.Clone(marks), marks[len(marks)-1]))
	for k := m.regular; k < len(m.kinds); k++ {
		m.add(fmt.Sprintf("one replaced by %s", m.kinds[k].name), changed(marks, len(marks)/2, func(x *mark) { x.kind = k }))
	}
	size, last := m.size(), len(marks)-1
	for _, i := range slices.Compact([]int{0, last / 2, last}) {
		m.add(fmt.Sprintf("without event %d", i+1), slices.Delete(slices.Clone(marks), i, i+1))
		for name, change := range m.changes() {
			m.add(fmt.Sprintf("event %d %s", i+1, name), changed(marks, i, change))
		}
	}
	move := func(by int64) []mark { return each(marks, func(k *mark) { k.millis += by }) }
	for _, by := range []int64{-1, 1, size / 2, size - 1} {
		m.add(fmt.Sprintf("moved by %d ms", by), move(by))
	}
	every, delay := m.j.art.Timing.Every.Milliseconds(), m.j.art.Timing.Delay.Milliseconds()
	for _, i := range slices.Compact([]int{0, last}) { // at the edge between what one tick judges and the next
		edge := (marks[i].millis/every+2)*every - delay
		for _, by := range []int64{-1, 0, 1} {
			m.add(fmt.Sprintf("event %d at the edge of a tick %+d ms", i+1, by), move(edge+by-marks[i].millis))
		}
	}
	together := func(by int64) []mark { return each(marks, func(k *mark) { k.millis = m.origin() + by }) }
	m.add("at one time", together(0))
	for _, by := range []int64{size - 1, size, size + 1} {
		m.add(fmt.Sprintf("at one time, and again after %d ms", by), append(together(0), together(by)...))
	}
	m.longSessions(marks)
	m.add("twice", append(slices.Clone(marks), move(size)...))
	m.add("twice, one window between", append(slices.Clone(marks), move(2*size)...))
	m.add("twice, a little more between", append(slices.Clone(marks), move(2*size+1)...))
	other := each(marks, func(k *mark) { k.keys = m.keyed(2) })
	m.add("two groups", append(slices.Clone(marks), other...))
	mixed := slices.Clone(marks)
	for i := range mixed {
		if i%2 == 1 {
			mixed[i].keys = m.keyed(2)
		}
	}
	m.add("groups mixed", mixed)
}

// edges adds the streams between which the answer changes while events of one kind come in, one after the other: into what
// is just enough, into the same without the events of a kind, and into nothing; with values of their own, and with one value.
func (m *streams) edges(enough []mark) {
	bases := [][]mark{nil}
	if len(enough) > 0 {
		bases = append(bases, enough)
	}
	for range maxDraws {
		if len(bases) == 4 {
			break
		}
		counts := make([]int, m.regular)
		for i := range counts {
			counts[i] = m.rnd.IntN(9)
		}
		if drawn := m.spread(0, func(k int) int { return counts[k] }); m.finds(m.build("", drawn)) {
			bases = append(bases, drawn)
		}
	}
	for k := range m.regular {
		if less := slices.DeleteFunc(slices.Clone(enough), func(x mark) bool { return x.kind == k }); len(less) > 0 && len(less) < len(enough) {
			bases = append(bases, less)
		}
	}
	ns := m.thresholds()
	most := min(ns[len(ns)-1]+2, maxAdded)
	for b, base := range bases {
		for k := range m.regular {
			for _, same := range []bool{false, true} {
				m.edge(fmt.Sprintf("base %d, more of %s", b+1, m.kinds[k].name), base, k, most, same)
			}
		}
	}
}

// maxAdded bounds how many events of one kind are added to find an edge.
const maxAdded = 80

func (m *streams) edge(name string, base []mark, kind, most int, same bool) {
	marks := slices.Clone(base)
	s := m.build("", marks)
	before := len(s.Events) > 0 && m.finds(s)
	for i := range most {
		arg := 1000
		if !same {
			arg += i
		}
		k := mark{kind: kind, millis: m.origin() + m.size()/2 + int64(i), keys: m.keyed(1), args: m.argued(arg)}
		c, ok := m.event(k)
		if !ok {
			return
		}
		c.Canonical.ID = "added " + strconv.Itoa(i)
		s.Events = append(slices.Clip(s.Events), c)
		now := m.finds(s)
		if now != before {
			if len(marks) > 0 {
				m.add(fmt.Sprintf("%s: %d, same value %v, not yet", name, i, same), marks)
			}
			m.add(fmt.Sprintf("%s: %d, same value %v", name, i+1, same), append(slices.Clone(marks), k))
		}
		marks, before = append(marks, k), now
	}
}

// longSessions adds, for session windows, runs of events that are longer than a session may be, with one at the edge; not
// longer than two, of which outputs promise nothing (session-start).
func (m *streams) longSessions(marks []mark) {
	b, ok := m.j.out.Rule.Body.(*ir.Count)
	if !ok || b.Window.Kind != ir.Session {
		return
	}
	size, most := b.Window.Size.Milliseconds(), b.Window.Max.Milliseconds()
	for _, at := range []int64{most - 1, most, most + 1} {
		var out []mark
		for t, i := int64(0), 0; t < 2*most-size; t, i = t+(size-1)/2, i+1 {
			out = append(out, changed(marks, i%len(marks), func(k *mark) { k.millis = m.origin() + t })[i%len(marks)])
		}
		edge := marks[0]
		edge.millis = m.origin() + at
		m.add(fmt.Sprintf("a run of events, one %d ms after the first", at), append(out, edge))
		edge.millis = m.origin() + at
		again := each(marks, func(k *mark) { k.millis = m.origin() + at })
		m.add(fmt.Sprintf("a run of events, enough of them %d ms after the first", at), append(slices.Clone(out[:min(len(out), int(most/((size-1)/2)))]), again...))
	}
}

func each(marks []mark, change func(*mark)) []mark {
	out := slices.Clone(marks)
	for i := range out {
		change(&out[i])
	}
	return out
}

func changed(marks []mark, i int, change func(*mark)) []mark {
	out := slices.Clone(marks)
	change(&out[i])
	return out
}

// changes are what may happen to one event of a stream.
func (m *streams) changes() map[string]func(*mark) {
	out := map[string]func(*mark){
		"a millisecond earlier": func(k *mark) { k.millis-- },
		"a millisecond later":   func(k *mark) { k.millis++ },
		"a window later":        func(k *mark) { k.millis += m.size() },
	}
	set := func(i int, vals ...any) func(*mark) {
		return func(k *mark) {
			k.keys = maps.Clone(k.keys)
			k.keys[i] = vals
		}
	}
	for i, key := range m.j.out.Rule.Keys {
		name, f := ir.KeyWords(key), key.Term.(*ir.Field)
		one, two := numberedKey(f.Type, 1), numberedKey(f.Type, 2)
		out["of another "+name] = set(i, two)
		out["without "+name] = set(i)
		if f.Type.IsString() {
			out["with empty "+name] = set(i, "")
			out["with upper case "+name] = set(i, "K1")
		}
		if f.Array {
			out["with two "+name] = set(i, one, two)
		}
	}
	for i := range m.j.out.Rule.Args {
		arg := func(vals ...any) func(*mark) {
			return func(k *mark) {
				k.args = maps.Clone(k.args)
				k.args[i] = vals
			}
		}
		out[fmt.Sprintf("with repeated argument %d", i+1)] = arg(m.argued(1)[i]...)
		out[fmt.Sprintf("without argument %d", i+1)] = arg()
	}
	return out
}

// draws adds random streams on a coarse grid of times around the edges of windows.
func (m *streams) draws() {
	size, start := m.size(), m.origin()
	grid := []int64{-1, 0, 1, size / 3, size / 2, size - 1, size, size + 1, size + size/2, 2*size - 1, 2 * size}
	for n := range randomStreams {
		var marks []mark
		for i := range 2 + m.rnd.IntN(9) {
			k := mark{kind: m.rnd.IntN(len(m.kinds)), millis: start + grid[m.rnd.IntN(len(grid))], keys: m.keyed(1 + m.rnd.IntN(2)), args: m.argued(1 + m.rnd.IntN(1+i))}
			marks = append(marks, k)
		}
		for _, change := range sortedChanges(m.changes()) {
			if m.rnd.IntN(4) == 0 {
				marks = changed(marks, m.rnd.IntN(len(marks)), change)
			}
		}
		m.add(fmt.Sprintf("drawn %d", n+1), marks)
	}
}

func sortedChanges(m map[string]func(*mark)) []func(*mark) {
	var out []func(*mark)
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[name])
	}
	return out
}

// randomStreams is how many streams are drawn for each rule.
const randomStreams = 16

// histories adds streams for a baseline: what was learned, then a window with more.
func (m *streams) histories(b *ir.Baseline) {
	buckets := int(b.Learn / b.Bucket)
	k := 0
	if b.Measure.Where >= 0 {
		k = max(0, slices.IndexFunc(m.kinds[:m.regular], func(kd kind) bool {
			return kd.rule.Holds(m.j.out.Rule.Conds[b.Measure.Where], &kd.event)
		}))
	}
	now := int64(buckets)
	window := func(key int, w int64, n int) []mark {
		return each(m.spread(w, func(kd int) int {
			if kd == k {
				return n
			}
			return 0
		}), func(x *mark) { x.keys = m.keyed(key) })
	}
	past := func(key, from int, n func(w int) int) []mark {
		var out []mark
		for w := from; w < buckets; w++ {
			out = append(out, window(key, int64(w), n(w))...)
		}
		return out
	}
	steady := func(w int) int { return 1 + w%2 }
	for _, own := range slices.Compact([]int{0, 1, 2, max(b.Own-1, 0), max(b.Own, 1), b.Own + 1, buckets}) {
		from := max(0, buckets-own)
		for _, other := range []bool{false, true} {
			marks := past(1, from, steady)
			if other {
				marks = append(marks, past(2, 0, steady)...)
			}
			for _, n := range m.enough(marks, func(n int) []mark { return window(1, now, n) }) {
				m.add(fmt.Sprintf("%d windows of history, others %v, then %d", own, other, n), append(slices.Clone(marks), window(1, now, n)...))
			}
		}
	}
	gaps := past(1, 0, func(w int) int { return 3 * (w % 2) })
	m.add("history with gaps", append(gaps, window(1, now, 9)...))
	early := append(window(1, -1, 5), append(past(2, 0, steady), window(1, now, 9)...)...)
	m.add("history before the range only", early)
	m.around(append(past(1, 0, steady), window(1, now, m.enough(past(1, 0, steady), func(n int) []mark { return window(1, now, n) })[0])...))
}

// enough returns the least number of events in the last window with which something is found there, and one less; or a few
// numbers when none is.
func (m *streams) enough(past []mark, window func(n int) []mark) []int {
	for n := 1; n <= 40; n++ {
		if m.finds(m.build("", append(slices.Clone(past), window(n)...))) && !m.finds(m.build("", past)) {
			return []int{n, max(n-1, 1)}
		}
	}
	return []int{12, 1}
}

// novelties adds streams for first_seen: a known value and a new one, with what is known at the edges of history and warm-up.
func (m *streams) novelties(b *ir.FirstSeen) {
	start := m.origin()
	at := func(key, value int, back int64) mark {
		keys := m.keyed(key)
		keys[b.Value] = []any{numberedKey(ir.TermType(m.j.out.Rule.Keys[b.Value].Term), 10+value)}
		return mark{millis: start - back, keys: keys}
	}
	history, warmup, every := b.History.Milliseconds(), b.Warmup.Milliseconds(), b.Every.Milliseconds()
	edges := []int64{1, every, warmup - 1, warmup, warmup + 1, history - 1, history, history + 1}
	for _, back := range edges {
		if back <= 0 {
			continue
		}
		m.add(fmt.Sprintf("known for %d ms, then a new value", back), []mark{at(1, 1, back), at(1, 2, 0)})
		m.add(fmt.Sprintf("the value itself known for %d ms", back), []mark{at(1, 1, history-1), at(1, 2, back), at(1, 2, 0)})
		m.add(fmt.Sprintf("another key known for %d ms", back), []mark{at(2, 1, back), at(1, 2, 0)})
	}
	known := []mark{at(1, 1, history-1), at(1, 1, warmup+1)}
	with := func(more ...mark) []mark { return append(slices.Clone(known), more...) }
	m.add("new at the end of the range", with(at(1, 2, 1-every)))
	m.add("new behind the range", with(at(1, 2, -every)))
	m.add("new twice", with(at(1, 2, 0), at(1, 2, -1)))
	m.add("new twice at one time", with(at(1, 2, 0), at(1, 2, 0)))
	m.add("two new values", with(at(1, 2, 0), at(1, 3, 0)))
	for _, name := range slices.Sorted(maps.Keys(m.changes())) {
		m.add("new, "+name, changed(with(at(1, 2, 0)), 2, m.changes()[name]))
		m.add("known, "+name, changed(with(at(1, 2, 0)), 0, m.changes()[name]))
	}
}
