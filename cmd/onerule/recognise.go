package main

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"sync"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/ndjson"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// recogniser finds out what native events are. Several goroutines may ask it.
type recogniser struct {
	// own selects by the one binding that the user named, else by all of the rules' sources but general ones.
	own   *schema.Selector
	named bool
	// others selects by all bindings, for events that own does not know.
	others func() (*schema.Selector, error)
}

// newRecogniser prepares the bindings of the rules' sources; as names the one binding to read events by, "" for detecting it
// event by event.
func newRecogniser(rules []*ir.Rule, as string) (*recogniser, error) {
	if as != "" {
		own, err := selectorOf([]string{as}, func(*schema.Binding) bool { return true })
		return &recogniser{own: own, named: true}, err
	}
	sources := map[string]bool{}
	for _, rule := range rules {
		for _, c := range rule.From {
			sources[c.Source] = true
		}
	}
	own, err := selectorOf(bindingNames(), func(b *schema.Binding) bool { return sources[b.Source] && !b.General })
	return &recogniser{own: own, others: sync.OnceValues(func() (*schema.Selector, error) {
		return selectorOf(bindingNames(), func(*schema.Binding) bool { return true })
	})}, err
}

func selectorOf(names []string, which func(*schema.Binding) bool) (*schema.Selector, error) {
	var bindings []*schema.Binding
	for _, n := range names {
		b, _, err := schema.LookupBinding(n)
		if err != nil {
			return nil, err
		}
		if which(b) {
			bindings = append(bindings, b)
		}
	}
	return schema.NewSelector(bindings), nil
}

func bindingNames() []string { return schema.BindingNames() }

// selected returns the bindings that read a native event, with the class that it is of; none when it is of no telemetry. What a
// platform stores is not taken for the raw event inside of it, nor for what a general binding makes of it.
func (r *recogniser) selected(native map[string]any) ([]schema.Selected, error) {
	if found := leastRank(r.own.Select(native)); len(found) > 0 || r.named {
		return found, nil
	}
	others, err := r.others()
	if err != nil {
		return nil, err
	}
	return leastRank(others.Select(native)), nil
}

// leastRank returns those that say the most about an event.
func leastRank(found []schema.Selected) []schema.Selected {
	if len(found) < 2 {
		return found
	}
	least := rank(slices.MinFunc(found, func(a, b schema.Selected) int { return rank(a) - rank(b) }))
	return slices.DeleteFunc(found, func(s schema.Selected) bool { return rank(s) != least })
}

func rank(s schema.Selected) int {
	n := 0
	if !slices.ContainsFunc(schema.Platforms, func(p schema.Platform) bool { return p.Name == s.Binding.Platform }) {
		n++ // raw events, before a platform stores them
	}
	if s.Binding.General {
		n += 2
	}
	return n
}

// reading is a native event as a binding reads it.
type reading struct {
	schema.Selected
	id, file string
	native   ndjson.Event
	event    *schema.Event
}

// canonical returns the event in the words of rules.
func (r *reading) canonical() *schema.Event {
	if r.event == nil {
		e := r.Binding.CanonicalOf(r.Class, r.id, r.native.Object)
		r.event = &e
	}
	return r.event
}

// read returns how a native event is read, nil when it is of no telemetry. Several bindings that read it differently make it
// ambiguous, which is a diagnostic.
func (r *recogniser) read(file string, ev ndjson.Event) (*reading, *diag.Diagnostic, error) {
	found, err := r.selected(ev.Object)
	if err != nil || len(found) == 0 {
		return nil, nil, err
	}
	first := &reading{Selected: found[0], id: file + ":" + strconv.Itoa(ev.Line), file: file, native: ev}
	for _, s := range found[1:] {
		a, b := first.canonical(), (&reading{Selected: s, id: first.id, native: ev}).canonical()
		if a.Source != b.Source || a.Class != b.Class || !reflect.DeepEqual(a.Object, b.Object) || a.Millis != b.Millis {
			d := ambiguous(file, ev, a, b)
			return nil, &d, nil
		}
	}
	return first, nil, nil
}

// canonical returns what a native event is in the words of rules, nil when it is of no telemetry.
func (r *recogniser) canonical(file string, ev ndjson.Event) (*schema.Event, *diag.Diagnostic, error) {
	x, d, err := r.read(file, ev)
	if x == nil {
		return nil, d, err
	}
	return x.canonical(), nil, nil
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
