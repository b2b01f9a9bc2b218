package lower

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Origin is the time at which the clock of a rule's test starts: a Monday, midnight UTC.
var Origin = time.Date(2026, time.January, 5, 0, 0, 0, 0, time.UTC)

// maxTestEvents is the largest number of events of one test.
const maxTestEvents = 100_000

func (b *builder) test(t *grammar.Test) {
	if t.Name == nil { // its text did not parse, which was reported
		return
	}
	for _, old := range b.out.Tests {
		if old.Name == t.Name.Value {
			d := diag.New(diag.DuplicateName, t.Name.Span, fmt.Sprintf("two tests are named %q", t.Name.Value), "give one of them another name")
			d.Related = []diag.Label{{Span: old.Span, Text: "the first one"}}
			b.diags = append(b.diags, d)
			return
		}
	}
	out := ir.Test{Name: t.Name.Value, Expect: t.Expect, AtLeast: t.ExpectAtLeast, Span: t.Name.Span}
	out.Where = b.findingCond(t.Where)
	clock := Origin.UnixMilli()
	out.Now = -1
	for i := range t.Events {
		if out.Now < 0 && t.Events[i].Phase == "now" {
			out.Now = len(out.Events)
		}
		b.testEvent(&out, &t.Events[i], &clock)
	}
	if out.Now < 0 && slices.ContainsFunc(t.Events, func(e grammar.TestEvent) bool { return e.Phase == "history" }) {
		out.Now = len(out.Events)
	}
	if len(t.Events) == 0 {
		b.fault(diag.BadTest, t.Span, "the test has no event", "write { field: value, … }")
	}
	b.out.Tests = append(b.out.Tests, out)
}

// findingCond lowers the condition of a test on findings: it reads the keys and what the findings show by their names in the rule.
func (b *builder) findingCond(x grammar.Expr) ir.Pred {
	if x == nil {
		return nil
	}
	b.shown = map[string]schema.Type{}
	for _, s := range b.out.Emit.Shown {
		b.shown[s.Name] = b.out.ShownType(s)
	}
	p := b.pred(x)
	b.shown = nil
	if p == nil {
		b.spoiled = true
		return nil
	}
	switch b.out.Body.(type) {
	case *ir.FirstSeen, nil: // a finding is an event, or carries one
		return p
	case *ir.Count, *ir.Baseline, *ir.Sequence, *ir.Absence:
	}
	for _, f := range ir.FieldsOf(p) {
		isKey := slices.ContainsFunc(b.out.Per(), func(k int) bool { return b.out.Keys[k].Term.(*ir.Field).Name == f.Name })
		isShown := slices.ContainsFunc(b.out.Emit.Shown, func(s ir.Shown) bool { return s.Name == f.Name })
		if !isKey && !isShown {
			b.faultLabel(diag.UnknownName, f.Span, fmt.Sprintf("the findings of this rule do not carry `%s`", f.Name), "not carried", "they carry their keys and what `emit { show … }` names")
		}
	}
	return p
}

func (b *builder) testEvent(out *ir.Test, e *grammar.TestEvent, clock *int64) {
	if e.Offset != nil {
		if e.Absolute {
			*clock = Origin.UnixMilli()
		}
		*clock += e.Offset.Value.Milliseconds()
	}
	if e.Native != nil {
		b.nativeEvents(out, e)
		return
	}
	class, source, ok := b.classOf(e)
	if !ok {
		return
	}
	times := max(e.Times, 1)
	if len(out.Events)+times > maxTestEvents {
		b.fault(diag.BadTest, e.Span, "the test has more than 100,000 events", "repeat less")
		return
	}
	for i := range times {
		if i > 0 && e.Every != nil {
			*clock += e.Every.Value.Milliseconds()
		}
		ev := schema.Event{ID: strconv.Itoa(len(out.Events) + 1), Source: source, Class: class, Millis: *clock, Object: map[string]any{}}
		before := len(b.diags)
		for _, f := range e.Fields {
			b.testField(&ev, f, i+1)
		}
		out.Events = append(out.Events, ir.TestEvent{Event: ev, Delay: span(e.Arrives), Span: e.Span})
		if len(b.diags) > before {
			return // the same faults would come with each repetition
		}
	}
}

// classOf finds the class and source of a canonical test event: given, or the only one that the rule names.
func (b *builder) classOf(e *grammar.TestEvent) (class, source string, ok bool) {
	var classes, sources []string
	for _, c := range b.out.From {
		if e.Source.Text != "" && c.Source != e.Source.Text || e.Class != nil && c.Class != strings.Join(e.Class.Segments, ".") {
			continue // what is given narrows the other
		}
		if !slices.Contains(classes, c.Class) {
			classes = append(classes, c.Class)
		}
		if !slices.Contains(sources, c.Source) {
			sources = append(sources, c.Source)
		}
	}
	class, source = strings.Join(classes, " "), strings.Join(sources, " ")
	if e.Class != nil {
		class = strings.Join(e.Class.Segments, ".")
		if _, known := schema.LookupClass(class); !known {
			b.unknownClass(e.Class, class)
			return "", "", false
		}
	}
	if e.Source.Text != "" {
		source = e.Source.Text
		if _, known := schema.LookupSource(source); !known {
			b.unknownSource(e.Source)
			return "", "", false
		}
	}
	if len(b.out.From) == 0 {
		return "", "", false // reported already
	}
	if class == "" || source == "" { // what is given is none of the rule's
		classes, sources = []string{b.out.From[0].Class}, []string{b.out.From[0].Source}
	}
	if class == "" || source == "" || strings.Contains(class, " ") || strings.Contains(source, " ") {
		b.fault(diag.BadTest, e.Span, "the rule looks at several classes or sources, and the event does not say which one it is of", "write `"+sources[0]+": "+classes[0]+" { … }`")
		return "", "", false
	}
	return class, source, true
}

func (b *builder) testField(ev *schema.Event, f grammar.TestField, index int) {
	name := strings.Join(f.Path.Segments, ".")
	fd, ok := b.lookup(name)
	if !ok && !b.hasFieldsUnder(name) {
		b.unknownField(f.Path, name, "keyword")
		return
	}
	lst, isList := f.Value.(*grammar.List)
	if !isList {
		if v, ok := b.testValue(f.Value, fd, index); ok {
			ev.Object[name] = v
		}
		return
	}
	vals := []any{}
	for _, x := range lst.Items {
		if obj, ok := x.(*grammar.Object); ok {
			vals = append(vals, b.testObject(name, obj, index))
			continue
		}
		if v, ok := b.testValue(x, fd, index); ok {
			vals = append(vals, v)
		}
	}
	ev.Object[name] = vals
}

// testObject returns the JSON object of an element of an array of objects; its fields are named inside of the array's path.
func (b *builder) testObject(prefix string, o *grammar.Object, index int) map[string]any {
	out := map[string]any{}
	for _, f := range o.Fields {
		sub := strings.Join(f.Path.Segments, ".")
		fd, ok := b.lookup(prefix + "." + sub)
		if !ok {
			b.unknownField(f.Path, prefix+"."+sub, "keyword")
			continue
		}
		if v, ok := b.testValue(f.Value, fd, index); ok {
			out[sub] = v
		}
	}
	return out
}

// testValue returns the JSON value of a literal in a test event.
func (b *builder) testValue(x grammar.Expr, f schema.Field, index int) (any, bool) {
	var v any
	switch x := x.(type) {
	case *grammar.Null:
		return nil, true
	case *grammar.Bool:
		v = x.Value
	case *grammar.String:
		text, ok := b.indexed(x, index)
		if !ok {
			return nil, false
		}
		v = text
	case *grammar.Binary, *grammar.Call, *grammar.Compare, *grammar.Duration, *grammar.Keyword, *grammar.List, *grammar.Number, *grammar.Object, *grammar.Paren, *grammar.PathExpr, *grammar.Presence, *grammar.Quant, *grammar.Unary, *grammar.VarRef:
		text := numberText(x)
		if text == "" {
			b.fault(diag.BadTest, x.Pos(), "a value of an event is a text, a number, true, false, null or a list of these", `write "…"`)
			return nil, false
		}
		v = json.Number(text)
	}
	if _, ok := schema.Convert(f.Type, v); !ok {
		b.fault(diag.TypeMismatch, x.Pos(), fmt.Sprintf("`%s` holds %s, and this is not one", f.Name, typePhrase(f.Type)), "events may hold it all the same, but then the field counts as missing; write null for that")
		return nil, false
	}
	return v, true
}
