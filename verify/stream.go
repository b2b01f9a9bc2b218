package verify

import (
	"fmt"
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
	// Late says that the events say how late they arrive.
	Late bool
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
			row.Arrives = j.arrives(s, i)
			rows = append(rows, row)
		}
	}
	return rows
}

// boundRows are what the bound rule reads of the native events.
func (j *streamJudge) boundRows(s Stream) []eval.Row {
	var rows []eval.Row
	for n, c := range s.Events {
		e := schema.Event{ID: c.Canonical.ID, Object: c.Native, Millis: c.Canonical.Millis}
		table := j.out.Bound.Parts[c.Part].Class.Table
		for i, p := range j.out.Bound.Parts {
			if p.Class.Table != table {
				continue
			}
			if row, ok := j.columns[i].Row(&e); ok {
				row.Arrives = j.arrives(s, n)
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

// run returns what the platform finds in a stream, by identity; what it tells of an ordering rule by tick and identity.
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
			a, id := alert{Finding: x}, x.Identity()
			if j.ordering() {
				id = f.At.UTC().Format(time.RFC3339Nano) + " " + id
			}
			if opened := j.art.Columns.Opened; opened != "" {
				at, err := j.millis(f.Columns, opened)
				if err != nil {
					return nil, err
				}
				a.joined = at < x.Time
			}
			old, ok := out[id]
			if ok && !old.joined {
				a = old
			}
			a.ticks = old.ticks
			if last, again := at[id]; !again || !last.Equal(f.At) {
				a.ticks++
			}
			at[id], out[id] = f.At, a
		}
	}
	return out, nil
}

// ordering reports whether the rule is a sequence or together rule, whose findings are compared tick by tick. A platform whose
// alerts stay open has no ticks: it tells every end of a chain as it comes.
func (j *streamJudge) ordering() bool {
	_, ok := j.out.Rule.Body.(*ir.Sequence)
	return ok && j.art.Columns.Opened == ""
}

// arrives is when an event of a stream arrives: every second one as late as the schedule allows for, in an absence rule as late
// as the grace does, unless the stream says something else.
func (j *streamJudge) arrives(s Stream, i int) int64 {
	c := s.Events[i]
	late := j.art.Timing.Delay.Milliseconds()
	if b, ok := j.out.Rule.Body.(*ir.Absence); ok {
		late = b.Grace.Milliseconds()
	}
	switch {
	case s.Late:
		late = c.Late
	case i%2 == 0:
		late = 0
	}
	return c.Canonical.Millis + late
}

// input lays a stream out in the native tables.
func (j *streamJudge) input(s Stream) (schedule.Input, map[native.Ref]string) {
	l, ids := newLayout(j.out), map[native.Ref]string{}
	arrives := make([][]int64, len(l.tables))
	first, last := int64(schema.DefaultMillis), int64(schema.DefaultMillis)
	for i, c := range s.Events {
		ref := l.add(c)
		ids[ref] = c.Canonical.ID
		arrives[ref.Table] = append(arrives[ref.Table], j.arrives(s, i))
		if i == 0 {
			first, last = c.Canonical.Millis, c.Canonical.Millis
		}
		first, last = min(first, c.Canonical.Millis), max(last, c.Canonical.Millis)
	}
	return schedule.Input{
		Tables: l.tables, Arrives: arrives, From: time.UnixMilli(first).UTC().Add(-j.art.Timing.Every),
		To: time.UnixMilli(last).UTC().Add(j.windowSize() + j.art.Timing.Delay + 2*j.art.Timing.Every),
	}, ids
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
	case *ir.Sequence: // a chain that waits is judged a span after its first event
		return b.Within
	case *ir.FirstSeen, nil:
	}
	return 0
}
