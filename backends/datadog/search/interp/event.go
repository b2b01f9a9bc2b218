package interp

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/onerule/onerule/backends/native"
)

// reserved holds the names that are read without @ and are no tags, with the keys of the event that hold them.
var reserved = map[string][]string{
	"host": {"host", "hostname"}, "source": {"source", "ddsource"}, "status": {"status"}, "service": {"service"}, "trace_id": {"trace_id"},
	"message": {"message"}, "timestamp": {"timestamp"}, "tags": {"tags", "ddtags"},
}

// reservedKey reports whether a top-level key holds a reserved attribute or the custom attributes.
func reservedKey(key string) bool {
	if key == "attributes" {
		return true
	}
	for _, keys := range reserved {
		for _, k := range keys {
			if k == key {
				return true
			}
		}
	}
	return false
}

// reservedValue reads a reserved attribute.
func reservedValue(row native.Row, name string) (any, bool) {
	for _, k := range reserved[name] {
		if v, ok := row[k]; ok {
			return v, true
		}
	}
	return nil, false
}

// tags lists the tags of an event: a list of texts, or one text with commas.
func (c *context) tags() []string {
	v, _ := reservedValue(c.row, "tags")
	var out []string
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
	case string:
		for _, s := range strings.Split(v, ",") {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
	}
	if c.tagFold.On() {
		for i := range out {
			out[i] = strings.ToLower(out[i])
		}
	}
	return out
}

// path is the name of an attribute with its segments.
type path struct {
	name string
	// ends holds where each segment ends.
	ends []int
}

func pathOf(name string) path {
	p := path{name: name}
	for i := range len(name) {
		if name[i] == '.' {
			p.ends = append(p.ends, i)
		}
	}
	p.ends = append(p.ends, len(name))
	return p
}

// between returns the segments from one to before another, joined by dots.
func (p path) between(from, to int) string {
	start := 0
	if from > 0 {
		start = p.ends[from-1] + 1
	}
	return p.name[start:p.ends[to-1]]
}

// attribute lists the values at a path of the custom attributes, arrays and objects not yet taken apart.
func (c *context) attribute(p path) []any {
	if attrs, ok := c.row["attributes"].(map[string]any); ok {
		if vs := p.walk(attrs, 0, nil); len(vs) > 0 {
			return vs
		}
		if reservedKey(p.between(0, 1)) {
			return nil
		}
		return p.walk(c.row, 0, nil)
	}
	if !c.reservedAttribute.On() && reservedKey(p.between(0, 1)) {
		return nil
	}
	return p.walk(c.row, 0, nil)
}

// walk collects the values at a path from one of its segments on. A key may hold several segments joined by dots; both
// spellings count.
func (p path) walk(v any, from int, out []any) []any {
	if from == len(p.ends) {
		return append(out, v)
	}
	switch v := v.(type) {
	case map[string]any:
		for to := from + 1; to <= len(p.ends); to++ {
			if inner, ok := v[p.between(from, to)]; ok {
				out = p.walk(inner, to, out)
			}
		}
	case []any:
		for _, e := range v {
			out = p.walk(e, from, out)
		}
	}
	return out
}

// scalars takes values apart into single values, by the settings for arrays and null.
func (c *context) scalars(values []any) []any {
	var out []any
	for _, v := range values {
		out = c.flatten(v, out)
	}
	return out
}

func (c *context) flatten(v any, out []any) []any {
	switch v := v.(type) {
	case nil:
		if !c.nullMissing.On() {
			out = append(out, "null")
		}
	case string:
		if v != "" || c.emptyStored.On() {
			out = append(out, v)
		}
	case []any:
		if !c.arrayAny.On() {
			return append(out, jsonText(v))
		}
		for _, e := range v {
			out = c.flatten(e, out)
		}
	case map[string]any:
		if !c.arrayAny.On() {
			out = append(out, jsonText(v))
		}
	default:
		out = append(out, v)
	}
	return out
}

// present reports whether the values hold anything: a value that is not null, or any at all when null counts.
func (c *context) present(values []any) bool {
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			if !c.nullMissing.On() {
				return true
			}
		case string:
			if v != "" || c.emptyStored.On() {
				return true
			}
		case []any:
			if !c.nullMissing.On() || c.present(v) {
				return true
			}
		case map[string]any:
			if !c.nullMissing.On() {
				return true
			}
			for _, e := range v {
				if c.present([]any{e}) {
					return true
				}
			}
		default:
			return true
		}
	}
	return false
}

// text is the text form of a single value.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return jsonText(v)
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// everyText visits the text of the message and of every attribute, for full-text search.
func (c *context) everyText(visit func(string) bool) bool {
	if attrs, ok := c.row["attributes"].(map[string]any); ok && everyText(attrs, visit) {
		return true
	}
	for k, v := range c.row {
		if k != "attributes" && everyText(v, visit) {
			return true
		}
	}
	return false
}

func everyText(v any, visit func(string) bool) bool {
	switch v := v.(type) {
	case nil:
		return false
	case []any:
		for _, e := range v {
			if everyText(e, visit) {
				return true
			}
		}
		return false
	case map[string]any:
		for _, e := range v {
			if everyText(e, visit) {
				return true
			}
		}
		return false
	}
	return visit(text(v))
}

// eventTime reads the reserved attribute timestamp.
func eventTime(row native.Row) (time.Time, bool) {
	v, ok := reservedValue(row, "timestamp")
	if !ok {
		return time.Time{}, false
	}
	switch v := v.(type) {
	case string:
		at, err := time.Parse(time.RFC3339Nano, v)
		return at, err == nil
	case json.Number:
		if ms, err := v.Int64(); err == nil {
			return time.UnixMilli(ms), true
		}
		if f, err := v.Float64(); err == nil {
			return time.UnixMicro(int64(f * 1000)), true
		}
	}
	return time.Time{}, false
}
