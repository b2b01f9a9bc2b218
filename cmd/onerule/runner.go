package main

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/internal/ndjson"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// runner evaluates rules on native events.
type runner struct {
	rules []*eval.Rule // of one event each
	// streams are the rules over several events at work.
	streams []*stream
	// opts say how streams are read.
	opts engine.Options
	// bindings are those that may read an event: one when the user named it, else all of the rules' sources but general ones.
	bindings []*schema.Binding
	named    bool
	total    int
	unbound  int // events that no rule looks at
	timeless int // events that rules over several events cannot use
}

// stream is a rule over several events at work.
type stream struct {
	rule   *ir.Rule
	engine *engine.Engine
}

// newRunner prepares the rules; as names the one binding to read events by, "" for detecting it event by event.
func newRunner(rules []*ir.Rule, as string, opts engine.Options) (*runner, error) {
	r := &runner{named: as != "", opts: opts}
	sources := map[string]bool{}
	for _, rule := range rules {
		if err := r.take(rule); err != nil {
			return nil, err
		}
		for _, c := range rule.From {
			sources[c.Source] = true
		}
	}
	names := bindingNames()
	if r.named {
		names = []string{as}
	}
	for _, n := range names {
		b, _, err := schema.LookupBinding(n)
		if err != nil {
			return nil, err
		}
		if r.named || sources[b.Source] && !b.General {
			r.bindings = append(r.bindings, b)
		}
	}
	return r, nil
}

// take prepares a rule.
func (r *runner) take(rule *ir.Rule) error {
	if rule.Body == nil {
		e, err := eval.New(rule)
		r.rules = append(r.rules, e)
		return err
	}
	e, err := engine.New(rule, r.opts)
	r.streams = append(r.streams, &stream{rule: rule, engine: e})
	return err
}

func bindingNames() []string { return schema.BindingNames() }

// canonical returns what a native event is in the words of rules, nil when it is of no telemetry. Several bindings that
// read it differently make it ambiguous, which is a diagnostic.
func (r *runner) canonical(file string, ev ndjson.Event) (*schema.Event, *diag.Diagnostic, error) {
	readers := selecting(r.bindings, ev.Object)
	if len(readers) == 0 && !r.named {
		var err error
		if readers, err = schema.Detect(ev.Object); err != nil {
			return nil, nil, err
		}
	}
	id := file + ":" + strconv.Itoa(ev.Line)
	var first *schema.Event
	for _, b := range readers {
		e, ok := b.ToCanonical(id, ev.Object)
		switch {
		case !ok:
		case first == nil:
			first = &e
		case e.Source != first.Source || e.Class != first.Class || !reflect.DeepEqual(e.Object, first.Object) || e.Millis != first.Millis:
			d := ambiguous(file, ev, first, &e)
			return nil, &d, nil
		}
	}
	return first, nil, nil
}

// selecting returns the bindings that select an event. One that a platform stores is not taken for the raw event inside of it.
func selecting(bindings []*schema.Binding, native map[string]any) []*schema.Binding {
	var stored, raw []*schema.Binding
	for _, b := range bindings {
		if _, ok := b.Select(native); !ok {
			continue
		}
		if _, ok := platformOf(b); ok {
			stored = append(stored, b)
		} else {
			raw = append(raw, b)
		}
	}
	if len(stored) > 0 {
		return stored
	}
	return raw
}

// platformOf returns the platform of a binding; bindings of raw events have none.
func platformOf(b *schema.Binding) (schema.Platform, bool) {
	i := slices.IndexFunc(schema.Platforms, func(p schema.Platform) bool { return p.Name == b.Platform })
	if i < 0 {
		return schema.Platform{}, false
	}
	return schema.Platforms[i], true
}

func ambiguous(file string, ev ndjson.Event, a, b *schema.Event) diag.Diagnostic {
	at := diag.Pos{Offset: ev.Offset, Line: ev.Line, Col: 1}
	title := fmt.Sprintf("line %d could be an event of %s (%s on %s) or of %s (%s on %s)", ev.Line, a.Binding, a.Class, a.Source, b.Binding, b.Class, b.Source)
	return diag.New(diag.NoBinding, diag.Span{File: file, Start: at, End: at}, title, "say which with --as BINDING")
}

// event prints the findings of one event.
func (r *runner) event(w io.Writer, file string, ev ndjson.Event) (found bool, d *diag.Diagnostic, err error) {
	r.total++
	e, d, err := r.canonical(file, ev)
	if e == nil || err != nil {
		if d == nil {
			r.unbound++
		}
		return false, d, err
	}
	if !r.takes(e) {
		r.unbound++
	}
	for _, rule := range r.rules {
		if !rule.Match(e) {
			continue
		}
		found = true
		if err := writeFinding(w, findingOf(rule.Rule, e)); err != nil {
			return found, nil, err
		}
	}
	if e.Millis == 0 && len(r.streams) > 0 {
		r.timeless++
		return found, nil, nil
	}
	for _, s := range r.streams {
		fs := s.engine.Push(e)
		found = found || len(fs) > 0
		if err := s.write(w, fs); err != nil {
			return found, nil, err
		}
	}
	return found, nil, nil
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

// takes reports whether some rule looks at events of this class and source.
func (r *runner) takes(e *schema.Event) bool {
	return slices.ContainsFunc(r.rules, func(rule *eval.Rule) bool { return rule.Takes(e.Class, e.Source) }) ||
		slices.ContainsFunc(r.streams, func(s *stream) bool { return s.rule.Takes(e.Class, e.Source) })
}
