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
	// general selects by those general bindings of the rules' sources whose classes the rules look at: they read what others
	// read in their own way. It is nil when there are none.
	general *schema.Selector
	// others selects by all bindings, for events that own does not know.
	others func() (*schema.Selector, error)
	// declared are the fields that rules declare, each name once.
	declared []schema.Field
}

// newRecogniser prepares the bindings of the rules' sources; as names the one binding to read events by, "" for detecting it
// event by event.
func newRecogniser(rules []*ir.Rule, as string) (*recogniser, error) {
	declared := declaredBy(rules)
	if as != "" {
		own, err := schema.SelectorOf(func(b *schema.Binding) bool { return b.Name == as })
		return &recogniser{own: own, named: true, declared: declared}, err
	}
	sources, classes := map[string]bool{}, map[ir.ClassOn]bool{}
	for _, rule := range rules {
		for _, c := range rule.From {
			sources[c.Source], classes[c] = true, true
		}
	}
	own, err := schema.SelectorOf(func(b *schema.Binding) bool { return sources[b.Source] && !b.General })
	if err != nil {
		return nil, err
	}
	asked := false
	general, err := schema.SelectorOf(func(b *schema.Binding) bool {
		looks := b.General && slices.ContainsFunc(b.Classes, func(c schema.BoundClass) bool {
			return classes[ir.ClassOn{Class: c.Class, Source: b.Source}]
		})
		asked = asked || looks
		return looks
	})
	if !asked {
		general = nil
	}
	return &recogniser{own: own, general: general, declared: declared, others: sync.OnceValues(func() (*schema.Selector, error) {
		return schema.SelectorOf(func(*schema.Binding) bool { return true })
	})}, err
}

// declaredBy returns the fields that the rules declare, each name once: of which type its values are is the rules' affair.
func declaredBy(rules []*ir.Rule) []schema.Field {
	var out []schema.Field
	seen := map[string]bool{}
	for _, r := range rules {
		for _, f := range r.Fields {
			if !seen[f.Name] {
				seen[f.Name] = true
				out = append(out, f.Field)
			}
		}
	}
	return out
}

func bindingNames() []string { return schema.BindingNames() }

// selected returns the bindings that read a native event, with the class that it is of; none when it is of no telemetry. What a
// platform stores is not taken for the raw event inside of it, nor for what a general binding makes of it.
func (r *recogniser) selected(native map[string]any) ([]schema.Selected, error) {
	if found := r.own.MostTelling(native); len(found) > 0 || r.named {
		return found, nil
	}
	others, err := r.others()
	if err != nil {
		return nil, err
	}
	return others.MostTelling(native), nil
}

// reading is a native event as a binding reads it.
type reading struct {
	schema.Selected
	id, file string
	native   ndjson.Event
	declared []schema.Field
	event    *schema.Event
}

// canonical returns the event in the words of rules.
func (r *reading) canonical() *schema.Event {
	if r.event == nil {
		e := r.Binding.CanonicalOf(r.Class, r.id, r.native.Object)
		e.TakeDeclared(r.native.Object, r.declared)
		r.event = &e
	}
	return r.event
}

// readings returns how a native event is read, none when it is of no telemetry: first by what says the most about it, then by
// general bindings that read every event of a log, if rules look at their classes. Several bindings that read it differently
// make it ambiguous, which is a diagnostic.
func (r *recogniser) readings(file string, ev ndjson.Event) ([]*reading, *diag.Diagnostic, error) {
	found, err := r.selected(ev.Object)
	if err != nil || len(found) == 0 {
		return nil, nil, err
	}
	id := file + ":" + strconv.Itoa(ev.Line)
	first := &reading{Selected: found[0], id: id, file: file, native: ev, declared: r.declared}
	for _, s := range found[1:] {
		other := &reading{Selected: s, id: id, native: ev, declared: r.declared}
		if a, b := first.canonical(), other.canonical(); !alike(a, b) {
			d := ambiguous(file, ev, a, b)
			return nil, &d, nil
		}
	}
	out := []*reading{first}
	if r.general == nil || first.Binding.General {
		return out, nil, nil
	}
	for _, s := range r.general.Select(ev.Object) {
		if s.Binding.Source == first.Binding.Source && s.Binding.Rank() == first.Binding.Rank()+schema.GeneralRank {
			out = append(out, &reading{Selected: s, id: id, file: file, native: ev, declared: r.declared})
		}
	}
	return out, nil, nil
}

// alike reports whether two bindings make the same of an event.
func alike(a, b *schema.Event) bool {
	return a.Source == b.Source && a.Class == b.Class && a.Millis == b.Millis && reflect.DeepEqual(a.Object, b.Object)
}

func ambiguous(file string, ev ndjson.Event, a, b *schema.Event) diag.Diagnostic {
	at := diag.Pos{Offset: ev.Offset, Line: ev.Line, Col: 1}
	title := fmt.Sprintf("line %d could be an event of %s (%s on %s) or of %s (%s on %s)", ev.Line, a.Binding, a.Class, a.Source, b.Binding, b.Class, b.Source)
	return diag.New(diag.NoBinding, diag.Span{File: file, Start: at, End: at}, title, "say which with --as BINDING")
}
