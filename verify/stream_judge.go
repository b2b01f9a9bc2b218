package verify

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
)

// judge compares the answers on every stream.
func (j *streamJudge) judge(res *Result, streams []Stream) {
	res.Status = Agrees
	var telling []Stream
	for _, s := range streams {
		if j.breaks(s) != "" {
			res.OutsideAssumptions++
			continue
		}
		want := j.want(s)
		res.Cases++
		res.Findings += len(want)
		if len(telling) < maxTelling && (len(want) > 0 || s.Origin == FromTest) {
			telling = append(telling, s)
		}
		d, err := j.compareAll(s, want)
		if err != nil {
			res.fail(fmt.Errorf("%s: %w", s.Name, err))
			return
		}
		if d == nil {
			continue
		}
		res.Status = Disagrees
		if len(res.Disagreements) < maxDisagreements {
			res.Disagreements = append(res.Disagreements, *j.shrink(s, d))
		}
	}
	res.Doubts = j.doubts(telling)
	res.Coverage = j.coverage(streams)
}

// maxTelling bounds the streams that are run again for each doubt.
const maxTelling = 12

// breaks returns the first assumption of the output that the stream does not satisfy.
func (j *streamJudge) breaks(s Stream) string {
	for _, c := range s.Events {
		if name := j.promise.broken(c.Part, c.Native); name != "" {
			return name
		}
	}
	if b, ok := j.out.Rule.Body.(*ir.Absence); ok && slices.Contains(j.art.Fidelity.Assumptions, inGrace) {
		for i, c := range s.Events {
			if size := b.Window.Milliseconds(); j.arrives(s, i) > c.Canonical.Millis/size*size+size+b.Grace.Milliseconds() {
				return inGrace
			}
		}
	}
	if j.onEdge(s) {
		return "window-edge"
	}
	if slices.Contains(j.art.Fidelity.Assumptions, stepTimes) && j.sharesTimes(s) {
		return stepTimes
	}
	return ""
}

// stepTimes is the assumption that no two events of a key share a time.
const stepTimes = "step-times"

// sharesTimes reports whether two events of the rule have the same time, and the value of some key in common.
func (j *streamJudge) sharesTimes(s Stream) bool {
	type at struct {
		millis int64
		value  string
	}
	seen := map[at]bool{}
	for _, row := range j.boundRows(s) {
		values := map[string]bool{}
		if len(j.out.Rule.Per()) == 0 {
			values[""] = true
		}
		for _, vs := range row.Keys {
			for _, v := range vs {
				values[v.String()] = true
			}
		}
		for v := range values {
			if seen[at{row.Millis, v}] {
				return true
			}
			seen[at{row.Millis, v}] = true
		}
	}
	return false
}

// inGrace is the assumption that no event of an absence rule arrives when its grace is over.
const inGrace = "grace"

// want is what the rule finds in the canonical events of a stream.
func (j *streamJudge) want(s Stream) map[string]ir.Finding {
	return j.wanted(s, j.canonicalRows(s), phases[0])
}

// compareAll compares the evaluator on canonical events, on native ones, and the platform in each phase of its clock. It
// returns nil when they agree.
func (j *streamJudge) compareAll(s Stream, want map[string]ir.Finding) (*Disagreement, error) {
	rows := j.boundRows(s)
	bound := j.wanted(s, rows, phases[0])
	if id, ok := firstDifference(want, bound); ok {
		return j.difference(s, id, want, bound, nil, "binding", "the bound rule finds something else in the native events than the rule in the canonical ones"), nil
	}
	if j.ordering() {
		return j.compareOrdering(s, want, bound, rows)
	}
	for _, phase := range j.phases() {
		bound := j.wanted(s, rows, phase)
		got, err := j.run(s, phase, nil)
		if err != nil {
			return nil, err
		}
		if id, repeated := j.repeats(got); repeated {
			return j.difference(s, id, want, bound, nil, "lowering", fmt.Sprintf("the platform raises one finding at several ticks (ticks moved by %s)", phase)), nil
		}
		told := j.told(bound, got)
		if b, ok := j.out.Rule.Body.(*ir.Absence); ok {
			j.earlier(told, s, b, rows, phase)
		}
		if id, why := j.differs(bound, told); why != "" {
			return j.difference(s, id, want, bound, told, "lowering", fmt.Sprintf("%s (ticks moved by %s)", why, phase)), nil
		}
	}
	return nil, nil
}

// earlier leaves out what is told of windows before those that the ticks cover, as far as it is true: a run may judge windows
// that an earlier run has judged, and the first one has none before it.
func (j *streamJudge) earlier(told map[string]ir.Finding, s Stream, b *ir.Absence, rows []eval.Row, phase time.Duration) {
	rng := j.covered(s, b, phase)
	before := eval.Range{From: rng.From - j.art.Timing.Lookback.Milliseconds(), To: rng.From}
	for id := range byIdentity(eval.Findings(j.out.Rule, rows, before)) {
		delete(told, id)
	}
}

// phases are those in which a stream is run. Windows of absence rules are judged once they are over: in one more phase a tick
// falls on that moment.
func (j *streamJudge) phases() []time.Duration {
	delay := j.art.Timing.Delay % max(j.art.Timing.Every, 1)
	if _, ok := j.out.Rule.Body.(*ir.Absence); ok && delay > 0 {
		return append(slices.Clone(phases), delay)
	}
	return phases
}

func firstDifference[A, B any](a map[string]A, b map[string]B) (string, bool) {
	for _, id := range slices.Sorted(maps.Keys(a)) {
		if _, ok := b[id]; !ok {
			return id, true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b)) {
		if _, ok := a[id]; !ok {
			return id, true
		}
	}
	return "", false
}

// repeats returns a finding that was raised more than once. Where alerts stay open, a finding may be added to one again.
func (j *streamJudge) repeats(got map[string]alert) (string, bool) {
	for _, id := range slices.Sorted(maps.Keys(got)) {
		if got[id].ticks > 1 && j.art.Columns.Opened == "" && j.platform.Repeats == "" && j.out.Rule.Body != nil {
			return id, true
		}
	}
	return "", false
}

// told reads the platform's findings as findings of the rule. They are the same, unless the platform tells the moments at
// which something was true, and adds up to one alert those that follow each other: then a finding of the rule about a window is
// told by a moment of its key in the window, and a moment that tells none, and was added to an open alert, is none.
func (j *streamJudge) told(want map[string]ir.Finding, got map[string]alert) map[string]ir.Finding {
	out := map[string]ir.Finding{}
	tells := map[string]bool{}
	if j.art.Columns.Opened != "" && j.windowSize() > 0 {
		for id, w := range want {
			for at, g := range got {
				if w.From <= g.Time && g.Time < w.To && ir.CompareKeys(w.Key, g.Key) == 0 {
					out[id], tells[at] = w, true
				}
			}
		}
	}
	for id, g := range got {
		w, wanted := want[id]
		if wanted && len(j.art.Columns.Shown) == 0 {
			g.Shown = w.Shown // the platform shows nothing that could differ
		}
		if wanted || !g.joined && !tells[id] {
			out[id] = g.Finding
		}
	}
	return out
}

// differs says how the platform's findings differ from the rule's beyond what the level allows; "" when they do not.
func (j *streamJudge) differs(want, got map[string]ir.Finding) (id, why string) {
	kind := j.art.Fidelity.Kind
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if _, ok := got[id]; !ok && kind != backends.Narrow {
			return id, "the platform misses a finding of the rule"
		}
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		f, ok := want[id]
		if !ok && kind != backends.Widen {
			return id, "the platform finds what the rule does not"
		}
		if ok && kind != backends.Widen && kind != backends.Narrow {
			if name := j.shownDiffers(f, got[id]); name != "" {
				return id, fmt.Sprintf("the platform shows another value of `%s`", name)
			}
		}
	}
	return "", ""
}

func (j *streamJudge) difference(s Stream, id string, want, bound, got map[string]ir.Finding, blame, why string) *Disagreement {
	d := &Disagreement{Case: Case{Name: s.Name, Origin: s.Origin}, Blame: blame, Why: why, Finding: id}
	_, d.Want = want[id]
	_, d.Bound = bound[id]
	_, d.Got = got[id]
	return d
}

// shrink takes events out of the stream as long as it shows a disagreement of the same kind.
func (j *streamJudge) shrink(s Stream, d *Disagreement) *Disagreement {
	best := s
	try := func(events []Case) bool {
		smaller := Stream{Name: s.Name, Origin: s.Origin, Events: events, Late: s.Late}
		got, err := j.compareAll(smaller, j.want(smaller))
		if err != nil || got == nil || got.Blame != d.Blame {
			return false
		}
		best, d = smaller, got
		return true
	}
	steps := 0
	for n := len(best.Events) / 2; n >= 1; n /= 2 {
		for from := 0; from+n <= len(best.Events) && steps < maxShrinkSteps; {
			steps++
			if !try(slices.Delete(slices.Clone(best.Events), from, from+n)) {
				from += n
			}
		}
	}
	for _, c := range best.Events {
		d.Stream = append(d.Stream, c.Native)
	}
	d.Detail = eval.GroupsText(j.out.Rule, j.boundRows(best), eval.Always)
	d.Piece = j.art.Query.Text
	return d
}

// maxShrinkSteps bounds the runs that shrinking one stream takes.
const maxShrinkSteps = 150

// doubts returns the switches on which what is found in the streams depends.
func (j *streamJudge) doubts(streams []Stream) []string {
	base := make([]map[string]alert, len(streams))
	for i, s := range streams {
		base[i], _ = j.run(s, 0, nil)
	}
	depends := func(state map[string]bool) bool {
		for i, s := range streams {
			got, err := j.run(s, 0, state)
			if _, differ := firstDifference(base[i], got); err != nil || differ || !sameAlerts(base[i], got) {
				return true
			}
		}
		return false
	}
	var out []string
	for _, d := range slices.Concat(j.out.Backend.Language.Doubts, j.platform.Doubts) {
		if depends(map[string]bool{d.Name: !d.Default}) {
			out = append(out, d.Name)
		}
	}
	slices.Sort(out)
	return out
}

// sameAlerts reports whether the same findings opened alerts.
func sameAlerts(a, b map[string]alert) bool {
	for id := range a {
		if a[id].joined != b[id].joined {
			return false
		}
	}
	return true
}

// coverage counts the conditions on events that decided both ways.
func (j *streamJudge) coverage(streams []Stream) Coverage {
	var cases []Case
	for _, s := range streams {
		if len(cases) < maxCases && j.breaks(s) == "" {
			cases = append(cases, slices.DeleteFunc(slices.Clone(s.Events), func(c Case) bool { return c.Canonical.Class == "" })...)
		}
	}
	paths := pathsOf(j.out.Rule)
	for _, p := range j.out.Rule.Conds {
		paths = append(paths, leafPaths(p, nil)...)
	}
	c := coverage(paths, cases)
	var timelines []timeline
	for _, s := range streams {
		if j.breaks(s) == "" {
			t := timeline{rule: j.out.Rule, rows: j.canonicalRows(s), rng: eval.Always}
			if b, ok := j.out.Rule.Body.(*ir.Absence); ok {
				t.rng = j.covered(s, b, phases[0])
			}
			timelines = append(timelines, t)
		}
	}
	c.add(bodyCoverage(j.out.Rule, timelines))
	return c
}
