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
	if t.Where != nil {
		b.fault(diag.NotYet, t.Where.Pos(), "`expect … where` is read, but conditions on findings are not judged yet", "count the findings, or split the test")
	}
	if len(t.Params) > 0 || len(t.Lists) > 0 {
		b.fault(diag.NotYet, t.Span, "a test of an event rule cannot set parameters or lists yet", "test the defaults")
	}
	clock := Origin.UnixMilli()
	for i := range t.Events {
		b.testEvent(&out, &t.Events[i], &clock)
	}
	if len(t.Events) == 0 {
		b.fault(diag.BadTest, t.Span, "the test has no event", "write { field: value, … }")
	}
	b.out.Tests = append(b.out.Tests, out)
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
		out.Events = append(out.Events, ir.TestEvent{Event: ev, Span: e.Span})
		if len(b.diags) > before {
			return // the same faults would come with each repetition
		}
	}
}

// classOf finds the class and source of a canonical test event: given, or the only one that the rule names.
func (b *builder) classOf(e *grammar.TestEvent) (class, source string, ok bool) {
	var classes, sources []string
	for _, c := range b.out.From {
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
	if strings.Contains(class, " ") || strings.Contains(source, " ") {
		b.fault(diag.BadTest, e.Span, "the rule looks at several classes or sources, and the event does not say which one it is of", "write `"+sources[0]+": "+classes[0]+" { … }`")
		return "", "", false
	}
	return class, source, true
}

func (b *builder) testField(ev *schema.Event, f grammar.TestField, index int) {
	name := strings.Join(f.Path.Segments, ".")
	fd, ok := schema.Lookup(name)
	if !ok && !schema.HasFieldsUnder(name) {
		b.unknownField(f.Path, name)
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
		fd, ok := schema.Lookup(prefix + "." + sub)
		if !ok {
			b.unknownField(f.Path, prefix+"."+sub)
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
		v = strings.ReplaceAll(x.Value, "{i}", strconv.Itoa(index))
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

// nativeEvents reads events of the vendor's own shape, one JSON object a line, and makes sure that the binding takes them.
func (b *builder) nativeEvents(out *ir.Test, e *grammar.TestEvent) {
	binding, ok, err := schema.LookupBinding(e.Binding)
	if !ok {
		title := fmt.Sprintf("there is no binding `%s`", e.Binding)
		if err != nil {
			title = err.Error()
		}
		help := "`onerule fields --source NAME` lists the bindings of a source"
		if near, ok := diag.Nearest(e.Binding, schema.BindingNames()); ok {
			help = fmt.Sprintf("a binding with a similar name exists: `%s`", near)
		}
		b.fault(diag.UnknownBinding, e.Span, title, help)
		return
	}
	dec := json.NewDecoder(strings.NewReader(e.Native.Value))
	dec.UseNumber()
	for n := 1; dec.More(); n++ {
		var obj map[string]any
		if err := dec.Decode(&obj); err != nil {
			b.fault(diag.BadTest, e.Native.Span, fmt.Sprintf("event %d of the native text is no JSON object: %v", n, err), "write one JSON object after the other")
			return
		}
		ev, ok := binding.ToCanonical(strconv.Itoa(len(out.Events)+1), obj)
		if !ok {
			b.fault(diag.BadTest, e.Native.Span, fmt.Sprintf("event %d is not selected by any class of `%s`", n, e.Binding), "check the fields that the binding selects by (`onerule fields --source "+binding.Source+"`)")
			return
		}
		native := schema.Event{ID: ev.ID, Source: ev.Source, Class: ev.Class, Binding: e.Binding, Millis: ev.Millis, Object: obj}
		out.Events = append(out.Events, ir.TestEvent{Event: native, Span: e.Span})
	}
}
