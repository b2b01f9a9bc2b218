package verify

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	platforms "github.com/onerule/onerule/platform/all"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/schema"
)

// Stream is a stream of native events on which a rule over several events is judged.
type Stream struct {
	Name   string
	Origin Origin
	Events []Case
}

// phases are how far the ticks of an artefact are moved in the runs that are compared: a platform starts when it likes.
var phases = []time.Duration{0, 37 * time.Second}

// Body verifies a rule over several events: the artefact that a platform makes of it in one language is encoded, decoded
// and run tick by tick on streams of native events, and its findings are compared with the evaluator's.
func Body(r *ir.Rule, b *backends.Backend, opts Options) *Result {
	res := &Result{Rule: r, Backend: b, Output: &all.Output{Rule: r, Backend: b}}
	p, ok := platforms.Lookup(b.Platform)
	if !ok {
		res.Status = Refused
		res.Diags = diag.List{diag.New(diag.CannotSay, r.Span, fmt.Sprintf("rules over several events cannot be made for %s yet", b.Platform), "leave this target out")}
		return res
	}
	art, diags := platforms.Build(r, p, b.Lang, opts.Compile)
	res.Diags = diags
	if art == nil {
		res.Status = Refused
		return res
	}
	res.Output = &all.Output{Rule: r, Backend: b, Bound: art.Bound, Fidelity: art.Fidelity, Query: art.Query}
	j, err := newStreamJudge(res.Output, p, art)
	if err != nil {
		return res.fail(err)
	}
	m := newStreams(j)
	m.tests()
	res.Unrealised = m.c.unrealisedTests()
	if !opts.NoWitnesses {
		m.witnesses()
	}
	j.judge(res, m.streams)
	return res
}

func (res *Result) fail(err error) *Result {
	res.Status = Failed
	res.Diags = append(res.Diags, diag.New(diag.VerifyFailed, res.Rule.Span, err.Error()))
	return res
}

// streamJudge asks the three answers about a stream.
type streamJudge struct {
	out       *all.Output
	art       *platform.Artefact
	platform  *platform.Platform
	doc       platform.Document
	canonical *eval.Rule
	columns   []*eval.Columns // by part
	promise   *promise
}

func newStreamJudge(out *all.Output, p *platform.Platform, art *platform.Artefact) (*streamJudge, error) {
	j := &streamJudge{out: out, art: art, platform: p, promise: newPromise(out)}
	data, err := art.Document.Encode()
	if err != nil {
		return nil, fmt.Errorf("the artefact cannot be written: %w", err)
	}
	if j.doc, err = p.Decode(data); err != nil {
		return nil, fmt.Errorf("the artefact does not read back: %w", err)
	}
	if again, err := j.doc.Encode(); err != nil || string(again) != string(data) {
		return nil, fmt.Errorf("the artefact is written differently when it was read back")
	}
	if j.canonical, err = eval.New(out.Rule); err != nil {
		return nil, err
	}
	for _, part := range out.Bound.Parts {
		c, err := eval.PartColumns(part)
		if err != nil {
			return nil, err
		}
		j.columns = append(j.columns, c)
	}
	return j, nil
}

// canonicalRows are what the rule reads of the canonical events.
func (j *streamJudge) canonicalRows(s Stream) []eval.Row {
	var rows []eval.Row
	for i := range s.Events {
		if row, ok := j.canonical.Row(&s.Events[i].Canonical); ok {
			rows = append(rows, row)
		}
	}
	return rows
}

// boundRows are what the bound rule reads of the native events.
func (j *streamJudge) boundRows(s Stream) []eval.Row {
	var rows []eval.Row
	for _, c := range s.Events {
		e := schema.Event{ID: c.Canonical.ID, Object: c.Native, Millis: c.Canonical.Millis}
		table := j.out.Bound.Parts[c.Part].Class.Table
		for i, p := range j.out.Bound.Parts {
			if p.Class.Table != table {
				continue
			}
			if row, ok := j.columns[i].Row(&e); ok {
				rows = append(rows, row)
				break
			}
		}
	}
	return rows
}

// byIdentity lists findings by their identity.
func byIdentity(fs []ir.Finding) map[string]ir.Finding {
	out := map[string]ir.Finding{}
	for _, f := range fs {
		out[f.Identity()] = f
	}
	return out
}

// alert is a finding of the platform. One that joined was added to an alert that was open for its key.
type alert struct {
	ir.Finding
	joined bool
	// ticks is at how many ticks it was raised.
	ticks int
}

// run returns what the platform finds in a stream, by identity.
func (j *streamJudge) run(s Stream, phase time.Duration, doubts map[string]bool) (map[string]alert, error) {
	in, ids := j.input(s)
	in.Phase, in.Doubts = phase, doubts
	found, diags := j.platform.Run(j.doc, in)
	if diags.HasErrors() {
		return nil, fmt.Errorf("the artefact does not run: %w", diags.Err())
	}
	out, at := map[string]alert{}, map[string]time.Time{}
	for _, f := range found {
		fs, err := j.findings(f, ids)
		if err != nil {
			return nil, err
		}
		for _, x := range fs {
			a := alert{Finding: x}
			if opened := j.art.Columns.Opened; opened != "" {
				at, err := j.millis(f.Columns, opened)
				if err != nil {
					return nil, err
				}
				a.joined = at < x.Time
			}
			old, ok := out[x.Identity()]
			if ok && !old.joined {
				a = old
			}
			a.ticks = old.ticks
			if last, again := at[x.Identity()]; !again || !last.Equal(f.At) {
				a.ticks++
			}
			at[x.Identity()], out[x.Identity()] = f.At, a
		}
	}
	return out, nil
}

// input lays a stream out in the native tables. Every second event arrives as late as the schedule allows for.
func (j *streamJudge) input(s Stream) (schedule.Input, map[native.Ref]string) {
	in := schedule.Input{}
	ids := map[native.Ref]string{}
	tables := map[string]int{}
	table := func(p ir.Part) int {
		name := p.Class.Table
		if name == "" {
			name = "events"
		}
		t, ok := tables[name]
		if !ok {
			t = len(in.Tables)
			tables[name] = t
			in.Tables = append(in.Tables, native.Table{Name: name, Types: map[string]string{}})
			in.Arrives = append(in.Arrives, nil)
		}
		return t
	}
	for _, p := range j.out.Bound.Parts {
		maps.Copy(in.Tables[table(p)].Types, j.out.Backend.Types(p))
	}
	first, last := int64(schema.DefaultMillis), int64(schema.DefaultMillis)
	for i, c := range s.Events {
		t := table(j.out.Bound.Parts[c.Part])
		ids[native.Ref{Table: t, Row: len(in.Tables[t].Rows)}] = c.Canonical.ID
		in.Tables[t].Rows = append(in.Tables[t].Rows, c.Native)
		at := c.Canonical.Millis
		if i%2 == 1 {
			at += j.art.Timing.Delay.Milliseconds()
		}
		in.Arrives[t] = append(in.Arrives[t], at)
		if i == 0 {
			first, last = c.Canonical.Millis, c.Canonical.Millis
		}
		first, last = min(first, c.Canonical.Millis), max(last, c.Canonical.Millis)
	}
	in.From = time.UnixMilli(first).UTC().Add(-j.art.Timing.Every)
	in.To = time.UnixMilli(last).UTC().Add(j.windowSize() + j.art.Timing.Delay + 2*j.art.Timing.Every)
	return in, ids
}

// windowSize is how long after an event the last window ends that holds it.
func (j *streamJudge) windowSize() time.Duration {
	switch b := j.out.Rule.Body.(type) {
	case *ir.Count:
		if b.Window.Kind == ir.Tumbling || b.Window.Kind == ir.Hopping {
			return b.Window.Size
		}
	case *ir.Baseline:
		return b.Bucket
	case *ir.Absence:
		return b.Window
	case *ir.FirstSeen, *ir.Sequence, nil:
	}
	return 0
}

// judge compares the answers on every stream.
func (j *streamJudge) judge(res *Result, streams []Stream) {
	res.Status = Agrees
	var telling []Stream
	for _, s := range streams {
		if j.breaks(s) != "" {
			res.OutsideAssumptions++
			continue
		}
		want := byIdentity(eval.Findings(j.out.Rule, j.canonicalRows(s), eval.Always))
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

// breaks returns the first assumption of the output that an event of the stream does not satisfy.
func (j *streamJudge) breaks(s Stream) string {
	for _, c := range s.Events {
		if name := j.promise.broken(c.Part, c.Native); name != "" {
			return name
		}
	}
	return ""
}

// compareAll compares the evaluator on canonical events, on native ones, and the platform in each phase of its clock. It
// returns nil when they agree.
func (j *streamJudge) compareAll(s Stream, want map[string]ir.Finding) (*Disagreement, error) {
	bound := byIdentity(eval.Findings(j.out.Rule, j.boundRows(s), eval.Always))
	if id, ok := firstDifference(want, bound); ok {
		return j.difference(s, id, want, bound, nil, "binding", "the bound rule finds something else in the native events than the rule in the canonical ones"), nil
	}
	for _, phase := range phases {
		got, err := j.run(s, phase, nil)
		if err != nil {
			return nil, err
		}
		if id, repeated := j.repeats(got); repeated {
			return j.difference(s, id, want, bound, nil, "lowering", fmt.Sprintf("the platform raises one finding at several ticks (ticks moved by %s)", phase)), nil
		}
		told := j.told(bound, got)
		if id, why := j.differs(bound, told); why != "" {
			return j.difference(s, id, want, bound, told, "lowering", fmt.Sprintf("%s (ticks moved by %s)", why, phase)), nil
		}
	}
	return nil, nil
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
		smaller := Stream{Name: s.Name, Origin: s.Origin, Events: events}
		got, err := j.compareAll(smaller, byIdentity(eval.Findings(j.out.Rule, j.canonicalRows(smaller), eval.Always)))
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
			cases = append(cases, s.Events...)
		}
	}
	paths := pathsOf(j.out.Rule)
	for _, p := range j.out.Rule.Conds {
		paths = append(paths, leafPaths(p, nil)...)
	}
	return coverage(j.canonical, paths, cases)
}
