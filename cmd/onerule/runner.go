package main

import (
	"io"
	"slices"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/internal/ndjson"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// runner evaluates rules on native events.
type runner struct {
	*recogniser
	rules  []*ir.Rule // of one event each
	events *engine.Events
	// streams are the rules over several events at work.
	streams []*stream
	// opts say how streams are read.
	opts     engine.Options
	total    int
	unbound  int // events that no rule looks at
	timeless int // events that rules over several events cannot use
}

// stream is a rule over several events at work.
type stream struct {
	rule   *ir.Rule
	engine *engine.Engine
}

// newRunner prepares the rules; a sequence or together rule finds a key once in each interval of its schedule, as it would run.
// as names the one binding to read events by, "" for detecting it event by event.
func newRunner(rules []*ir.Rule, as string, opts engine.Options) (*runner, error) {
	r := &runner{opts: opts}
	var err error
	if r.recogniser, err = newRecogniser(rules, as); err != nil {
		return nil, err
	}
	for _, rule := range rules {
		if rule.Body == nil {
			r.rules = append(r.rules, rule)
			continue
		}
		own := opts
		if _, ok := rule.Body.(*ir.Sequence); ok && own.Every == 0 {
			own.Every = ir.TimingOf(rule).Every
		}
		e, err := engine.New(rule, own)
		if err != nil {
			return nil, err
		}
		r.streams = append(r.streams, &stream{rule: rule, engine: e})
	}
	r.events, err = engine.NewEvents(r.rules)
	return r, err
}

// answer is what an event came to.
type answer struct {
	taken     bool // some rule looks at it
	ambiguous *diag.Diagnostic
	findings  []byte
	// events are the readings of it that rules over several events look at.
	events []*schema.Event
	err    error
}

// ask asks the rules about single events, with a worker of the caller's own; several goroutines may ask. A rule finds an event
// once, however many readings of it fit.
func (r *runner) ask(w *engine.Worker, file string, ev ndjson.Event) answer {
	readings, d, err := r.readings(file, ev)
	if len(readings) == 0 {
		return answer{ambiguous: d, err: err}
	}
	var a answer
	var before []int
	for k, x := range readings {
		if r.events.Takes(x.Binding, x.Class) {
			a.taken = true
			for _, i := range w.Match(x.Binding, x.Class, ev.Object, x.canonical) {
				if slices.Contains(before, i) {
					continue
				}
				if k+1 < len(readings) {
					before = append(before, i)
				}
				line, err := marshal(findingOf(r.rules[i], x.canonical()))
				if err != nil {
					return answer{err: err}
				}
				a.findings = append(append(a.findings, line...), '\n')
			}
		}
		if r.streamsTake(x.Class.Class, x.Binding.Source) {
			a.taken, a.events = true, append(a.events, x.canonical())
		}
	}
	return a
}

// tell prints what an event came to, and gives it to the rules over several events.
func (r *runner) tell(w io.Writer, a *answer) (found bool, err error) {
	r.total++
	if !a.taken {
		r.unbound++
	}
	if a.err != nil {
		return false, a.err
	}
	found = len(a.findings) > 0
	if found {
		if _, err := w.Write(a.findings); err != nil {
			return found, err
		}
	}
	if len(a.events) == 0 {
		return found, nil
	}
	if a.events[0].Millis == 0 {
		r.timeless++
		return found, nil
	}
	for _, s := range r.streams {
		fs := s.engine.Push(a.events...)
		found = found || len(fs) > 0
		if err := s.write(w, fs); err != nil {
			return found, err
		}
	}
	return found, nil
}

// end prints the findings that waited for more events.
func (r *runner) end(w io.Writer) error {
	for _, s := range r.streams {
		if err := s.write(w, s.engine.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (s *stream) write(w io.Writer, fs []engine.Finding) error {
	for _, f := range fs {
		if err := writeFinding(w, groupFinding(s.rule, f)); err != nil {
			return err
		}
	}
	return nil
}

func writeFinding(w io.Writer, f finding) error {
	line, err := marshal(f)
	if err == nil {
		_, err = w.Write(append(line, '\n'))
	}
	return err
}

func (r *runner) streamsTake(class, source string) bool {
	return slices.ContainsFunc(r.streams, func(s *stream) bool { return s.rule.Takes(class, source) })
}

// takes reports whether some rule looks at events of this class and source.
func (r *runner) takes(e *schema.Event) bool {
	return slices.ContainsFunc(r.rules, func(rule *ir.Rule) bool { return rule.Takes(e.Class, e.Source) }) || r.streamsTake(e.Class, e.Source)
}
