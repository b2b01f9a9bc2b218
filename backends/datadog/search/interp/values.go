package interp

import (
	"strings"

	"github.com/onerule/onerule/backends/native"
)

// Values lists the single values of a field as rules group by it: an attribute (@a.b), a reserved attribute (host) or the values
// of a tag key (env). Of the input only the switches are read.
func Values(in native.Input, row native.Row, field string) []any {
	c := &context{settings: settingsOf(in), row: row, warned: map[string]bool{}}
	if name, ok := strings.CutPrefix(field, "@"); ok {
		return c.scalars(c.attribute(pathOf(name)))
	}
	if _, ok := reserved[field]; ok {
		v, found := reservedValue(row, field)
		if !found {
			return nil
		}
		return c.scalars([]any{v})
	}
	var out []any
	for _, tag := range c.tags() {
		if v, ok := strings.CutPrefix(tag, field+":"); ok {
			out = append(out, v)
		}
	}
	return out
}

// Text is the text of a single value, as tests for equality compare it.
func Text(v any) string { return text(v) }

// Measure is the number of a single value, as measures hold it: a JSON number, or a text that is one.
func Measure(v any) (string, bool) {
	s := text(v)
	_, ok := parseDecimal(s)
	return s, ok
}

// Time is the time of an event: its reserved attribute timestamp, a date text or milliseconds since 1970. ok is false without it.
func Time(row native.Row) (millis int64, ok bool) {
	at, ok := eventTime(row)
	if !ok {
		return 0, false
	}
	return at.UnixMilli(), true
}
