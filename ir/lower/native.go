package lower

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// nativeEvents reads events of the vendor's own shape, one JSON object a line, and makes sure that the binding takes them.
func (b *builder) nativeEvents(out *ir.Test, e *grammar.TestEvent) {
	name := e.Binding.Text
	binding, ok, err := schema.LookupBinding(name)
	switch {
	case err != nil:
		b.fault(diag.UnknownBinding, e.Binding.Span, err.Error())
		return
	case !ok:
		b.unknownBinding(e.Binding)
		return
	}
	text := e.Native.Value
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	for n := 1; dec.More(); n++ {
		start := int(dec.InputOffset())
		start += len(text[start:]) - len(strings.TrimLeft(text[start:], " \t\r\n"))
		var obj map[string]any
		if err := dec.Decode(&obj); err != nil {
			b.fault(diag.BadTest, e.Native.LineAt(start), fmt.Sprintf("event %d of the native text is no JSON object: %v", n, err), "write one JSON object after the other")
			return
		}
		if key, at, found := schema.RepeatedKey([]byte(text[start:dec.InputOffset()])); found {
			b.fault(diag.RepeatedKey, e.Native.LineAt(start+at), fmt.Sprintf("event %d has the key %q twice in one object", n, key), "the last value counts; take the others out")
		}
		ev, ok := binding.ToCanonical(strconv.Itoa(len(out.Events)+1), obj)
		if !ok {
			b.fault(diag.BadTest, e.Native.LineAt(start), fmt.Sprintf("event %d is not selected by any class of `%s`", n, name), "check the fields that the binding selects by (`onerule fields --source "+binding.Source+"`)")
			return
		}
		native := schema.Event{ID: ev.ID, Source: ev.Source, Class: ev.Class, Binding: name, Millis: ev.Millis, Object: obj}
		out.Events = append(out.Events, ir.TestEvent{Event: native, Delay: span(e.Arrives), Span: e.Span})
	}
}
