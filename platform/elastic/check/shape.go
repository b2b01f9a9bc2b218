// Package check reads files of rules for Elastic Security as the vendor's documents describe them, and says what is wrong with them.
// It knows nothing of how they are written here. Sources: the OpenAPI description of rules in elastic/kibana (rule_schemas,
// common_attributes, specific_attributes, import_rules), the code of its import (create_rules_stream_from_ndjson.ts,
// rule_to_import_validation.ts), and the layout and the definitions of elastic/detection-rules.
package check

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"time"
)

// Fault is one thing that is wrong.
type Fault struct {
	// At is where: line 3: threat[0].tactic.id.
	At, What string
}

func (f Fault) String() string { return f.At + ": " + f.What }

// shape is what a value may be.
type shape struct {
	// kind is text, whole, flag, list, object or any.
	kind string
	// enum and form restrict texts, min and max numbers and the sizes of lists and texts; max 0 means none.
	enum     []string
	form     *regexp.Regexp
	min, max int
	items    *shape
	fields   map[string]shape
	required []string
}

// faults collects what is wrong.
type faults struct{ list []Fault }

func (f *faults) add(at, format string, args ...any) {
	f.list = append(f.list, Fault{at, fmt.Sprintf(format, args...)})
}

// value checks a value of JSON or TOML.
func (f *faults) value(at string, v any, s shape) {
	switch s.kind {
	case "any":
	case "flag":
		if _, ok := v.(bool); !ok {
			f.add(at, "%v is neither true nor false", v)
		}
	case "text":
		f.text(at, v, s)
	case "whole":
		f.whole(at, v, s)
	case "list":
		f.array(at, v, s)
	case "object":
		f.object(at, v, s)
	default:
		panic("check: there is no kind " + s.kind)
	}
}

func (f *faults) text(at string, v any, s shape) {
	t, ok := v.(string)
	switch {
	case !ok:
		f.add(at, "%v is no text", v)
	case len(t) < s.min:
		f.add(at, "the text is empty")
	case s.max > 0 && len(t) > s.max:
		f.add(at, "the text has %d bytes, more than %d", len(t), s.max)
	case s.enum != nil && !slices.Contains(s.enum, t):
		f.add(at, "%q is none of %q", t, s.enum)
	case s.form != nil && !s.form.MatchString(t):
		f.add(at, "%q is not of the form %s", t, s.form)
	}
}

func (f *faults) whole(at string, v any, s shape) {
	n, ok := wholeOf(v)
	switch {
	case !ok:
		f.add(at, "%v is no whole number", v)
	case n < int64(s.min) || s.max > 0 && n > int64(s.max):
		f.add(at, "%d is not in range", n)
	}
}

func wholeOf(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case float64:
		return int64(v), v == math.Trunc(v)
	case json.Number:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		return n, err == nil
	}
	return 0, false
}

func (f *faults) array(at string, v any, s shape) {
	xs, ok := v.([]any)
	if !ok {
		f.add(at, "%v is no list", v)
		return
	}
	if len(xs) < s.min || s.max > 0 && len(xs) > s.max {
		f.add(at, "the list has %d elements", len(xs))
	}
	for i, x := range xs {
		f.value(fmt.Sprintf("%s[%d]", at, i), x, *s.items)
	}
}

func (f *faults) object(at string, v any, s shape) {
	m, ok := v.(map[string]any)
	if !ok {
		f.add(at, "%v is no object", v)
		return
	}
	for _, name := range s.required {
		if _, ok := m[name]; !ok {
			f.add(at, "%s is missing", name)
		}
	}
	for _, name := range keys(m) {
		if field, ok := s.fields[name]; ok {
			f.value(at+"."+name, m[name], field)
		} else {
			f.add(at, "%s is no key here", name)
		}
	}
}

func keys(m map[string]any) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

var timeForm = regexp.MustCompile(`^(?:now-)?([0-9]+)([smhd])$`)

// timeOf reads an interval, or date math of the form now-5m.
func timeOf(s string) (time.Duration, bool) {
	if s == "now" {
		return 0, true
	}
	m := timeForm.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(m[1], 10, 32)
	return time.Duration(n) * map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[m[2]], err == nil
}
