package main

import (
	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// finding is one line of the output of run; schema/finding.json describes it.
type finding struct {
	Rule     string `json:"rule"`
	ID       string `json:"id,omitempty"`
	Version  int    `json:"version"`
	Severity string `json:"severity,omitempty"`
	// Event and Binding are those of the event that was found, or that made the finding.
	Event   string `json:"event,omitempty"`
	Time    string `json:"time,omitempty"` // absent when the event has none that can be read
	Binding string `json:"binding,omitempty"`
	// Window, Key and New are what rules over several events find.
	Window   *window        `json:"window,omitempty"`
	Key      map[string]any `json:"key,omitempty"`
	New      map[string]any `json:"new,omitempty"`
	Entities []entity       `json:"entities,omitempty"`
	Show     map[string]any `json:"show,omitempty"`
}

type window struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type entity struct {
	Kind  string `json:"kind"`
	Field string `json:"field"`
	Value any    `json:"value"`
}

func findingOf(r *ir.Rule, e *schema.Event) finding {
	f := finding{
		Rule: r.Name, ID: r.Meta.ID, Version: r.Version, Severity: r.Meta.Severity,
		Event: e.ID, Binding: e.Binding,
	}
	if e.Millis != 0 {
		f.Time = timeText(e.Millis)
	}
	for _, en := range r.Emit.Entities {
		for _, v := range e.Values(en.Field.Name, en.Field.Type) {
			f.Entities = append(f.Entities, entity{Kind: en.Kind, Field: en.Field.Name, Value: v.JSON()})
		}
	}
	for _, s := range r.Emit.Show {
		if x, ok := e.Object[s.Name]; ok {
			f.show(s.Name, x)
		}
	}
	return f
}

// groupFinding is what a rule over several events found.
func groupFinding(r *ir.Rule, found engine.Finding) finding {
	f := finding{Rule: r.Name, ID: r.Meta.ID, Version: r.Version, Severity: r.Meta.Severity, Event: found.Event}
	if found.First != nil {
		f = findingOf(r, found.First)
	}
	if found.From != found.To {
		f.Window = &window{From: timeText(found.From), To: timeText(found.To)}
	} else {
		f.Time = timeText(found.Time)
	}
	for i, k := range r.Per() {
		name := fieldOf(k, r)
		if f.Key == nil {
			f.Key = map[string]any{}
		}
		f.Key[name] = found.Key[i].JSON()
		if found.First == nil {
			f.showKey(r, name, found.Key[i])
		}
	}
	if b, ok := r.Body.(*ir.FirstSeen); ok {
		f.New = map[string]any{fieldOf(b.Value, r): found.Value.JSON()}
	}
	for i, s := range r.Emit.Shown {
		f.show(s.Name, jsonOf(r, s, found.Shown[i]))
		if _, ok := s.Value.(*ir.NumStep); ok {
			f.stepEntity(r, s.Name, found.Shown[i])
		}
	}
	return f
}

// fieldOf returns the name of a key's field.
func fieldOf(k int, r *ir.Rule) string { return r.Keys[k].Term.(*ir.Field).Name }

// showKey shows a key where the rule asks for its field.
func (f *finding) showKey(r *ir.Rule, name string, v schema.Value) {
	for _, en := range r.Emit.Entities {
		if en.Field.Name == name {
			f.Entities = append(f.Entities, entity{Kind: en.Kind, Field: name, Value: v.JSON()})
		}
	}
	for _, s := range r.Emit.Show {
		if s.Name == name {
			f.show(name, v.JSON())
		}
	}
}

// stepEntity names what a field of a step identifies, where the rule asks for it.
func (f *finding) stepEntity(r *ir.Rule, name string, vs []schema.Value) {
	for _, en := range r.Emit.Entities {
		for _, v := range vs {
			if en.Field.Name == name {
				f.Entities = append(f.Entities, entity{Kind: en.Kind, Field: name, Value: v.JSON()})
			}
		}
	}
}

func (f *finding) show(name string, x any) {
	if f.Show == nil {
		f.Show = map[string]any{}
	}
	f.Show[name] = x
}

// jsonOf returns the JSON of a shown value: null when it is missing, a list where there may be several.
func jsonOf(r *ir.Rule, s ir.Shown, vs []schema.Value) any {
	n, isAgg := s.Value.(*ir.NumAgg)
	several := isAgg && r.Agg(n).Func == ir.AggValues || len(vs) > 1
	switch {
	case several:
		list := []any{}
		for _, v := range vs {
			list = append(list, v.JSON())
		}
		return list
	case len(vs) == 0:
		return nil
	}
	return vs[0].JSON()
}

func timeText(ms int64) string { return schema.DateMillis(ms).String() }
