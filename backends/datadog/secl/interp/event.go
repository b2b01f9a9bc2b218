package interp

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/onerule/onerule/backends/datadog/secl/fields"
	"github.com/onerule/onerule/backends/native"
)

// context is the state of one run, and the event at hand.
type context struct {
	settings
	row     native.Row
	kind    string // event type, "" when the event does not say
	windows bool
	linux   bool // the event says so
	now     int64
	bound   bool // a register is bound, to the element with this index
	element int
	steps   int
	warned  map[string]bool
}

func (c *context) warn(text string) { c.warned[text] = true }

func (c *context) spend(n int) { c.steps += 1 + n/32 }

func (c *context) enter(row native.Row) {
	c.row = row
	c.kind = ""
	for _, name := range []string{"event.type", "evt.type"} {
		if s, ok := first(c.at(name)).(string); ok && c.kind == "" {
			c.kind = s
		}
	}
	os, _ := first(c.at("event.os")).(string)
	c.windows, c.linux = os == "windows", os == "linux"
}

func first(values []any) any {
	if len(values) == 0 {
		return nil
	}
	return values[0]
}

// isOf reports whether the event is of one of the types.
func (c *context) isOf(events []string) bool {
	if events == nil {
		return true
	}
	if c.kind != "" {
		return slices.Contains(events, c.kind)
	}
	other := false
	for key := range c.row {
		prefix, _, _ := strings.Cut(key, ".")
		if slices.Contains(events, prefix) {
			return true
		}
		other = other || slices.Contains(eventTypes(), prefix)
	}
	return !other
}

var eventTypes = sync.OnceValue(fields.EventTypes)

// at lists the values of a name, in nested and dotted spelling; lists are not taken apart.
func (c *context) at(name string) []any { return walk(c.row, strings.Split(name, "."), nil) }

func walk(v any, path []string, out []any) []any {
	if len(path) == 0 {
		return append(out, v)
	}
	switch v := v.(type) {
	case map[string]any:
		for n := 1; n <= len(path); n++ {
			key := path[0]
			if n > 1 {
				key = strings.Join(path[:n], ".")
			}
			if inner, ok := v[key]; ok {
				out = walk(inner, path[n:], out)
			}
		}
	case []any:
		for _, e := range v {
			out = walk(e, path, out)
		}
	}
	return out
}

// flat takes lists apart and drops null.
func flat(values []any) []any {
	var out []any
	for _, v := range values {
		switch v := v.(type) {
		case nil:
		case []any:
			out = append(out, flat(v)...)
		default:
			out = append(out, v)
		}
	}
	return out
}

// raw lists the values of a field as given, also under the other names of the same thing; nil when it is unset.
func (c *context) raw(f fields.Field) []any {
	if f.Iterator != "" {
		return c.ofElements(f)
	}
	if v := flat(c.at(f.Name)); v != nil {
		return v
	}
	for _, other := range c.aliases(f.Name) {
		if v := flat(c.at(other)); v != nil {
			return v
		}
	}
	return nil
}

// aliases are the other names under which the event may hold a field.
func (c *context) aliases(name string) []string {
	for _, p := range []string{"container.", "cgroup."} {
		if strings.HasPrefix(name, p) {
			return []string{"process." + name, "exec." + name}
		}
	}
	if c.kind != "" && c.kind != "exec" && c.kind != "exit" {
		if rest, ok := strings.CutPrefix(name, "process."); ok && (strings.HasPrefix(rest, "container.") || strings.HasPrefix(rest, "cgroup.")) {
			return []string{rest}
		}
		return nil
	}
	for _, p := range []string{"exec.", "exit."} {
		if rest, ok := strings.CutPrefix(name, p); ok {
			return []string{"process." + rest, rootName(rest)}
		}
	}
	if rest, ok := strings.CutPrefix(name, "process."); ok && !strings.HasPrefix(rest, "parent.") {
		return []string{"exec." + rest, "exit." + rest, rootName(rest)}
	}
	return nil
}

// rootName is the older name of a process field that once stood at the top; other names give a name that no event has.
func rootName(rest string) string {
	if strings.HasPrefix(rest, "container.") || strings.HasPrefix(rest, "cgroup.") {
		return rest
	}
	return "\x00"
}

// elements lists the objects of a list; nil when the event has no such list of objects.
func (c *context) elements(list string) []any {
	var out []any
	for _, v := range flat(c.at(list)) {
		if _, ok := v.(map[string]any); ok {
			out = append(out, v)
		}
	}
	return out
}

// count is the number of elements that a register walks. A list given as columns (process.ancestors.comm: [a, b]) counts by its
// longest column.
func (c *context) count(list string) int {
	if n := len(c.elements(list)); n > 0 {
		return n
	}
	n := 0
	for key, v := range c.row {
		if column, ok := v.([]any); ok && strings.HasPrefix(key, list+".") {
			n = max(n, len(column))
		}
	}
	return n
}

// ofElements lists the values of a field of list elements: of the bound one, or of all. An element without the field counts as
// unset, that is as an empty value.
func (c *context) ofElements(f fields.Field) []any {
	rest := strings.Split(strings.TrimPrefix(f.Name, f.Iterator+"."), ".")
	elements := c.elements(f.Iterator)
	if elements == nil {
		column := flat(c.at(f.Name))
		if !c.bound {
			return column
		}
		if c.element < len(column) {
			return column[c.element : c.element+1]
		}
		return nil
	}
	if c.bound {
		if c.element >= len(elements) {
			return nil
		}
		elements = elements[c.element : c.element+1]
	}
	var out []any
	for _, e := range elements {
		v := flat(walk(e, rest, nil))
		if v == nil && !multiple(f) {
			v = []any{nil}
		}
		out = append(out, v...)
	}
	return out
}

// multiple reports whether one element alone has several values of the field.
func multiple(f fields.Field) bool {
	switch f.Name[strings.LastIndexByte(f.Name, '.')+1:] {
	case "argv", "args_flags", "args_options", "envs", "envp", "hashes", "tags", "k8s_groups":
		return true
	}
	return false
}

// texts are the values of a text field.
func (c *context) texts(f fields.Field) []string {
	values := c.raw(f)
	if values == nil && !f.List {
		return []string{""}
	}
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, textOf(v))
	}
	if len(out) == 0 && c.bound && f.Iterator != "" && !multiple(f) {
		return []string{""}
	}
	return out
}

func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// ints are the values of a number field.
func (c *context) ints(f fields.Field) []int64 {
	if f.Length != "" {
		if v := c.lengths(f); v != nil {
			return v
		}
	}
	var out []int64
	for _, v := range c.raw(f) {
		n, ok := number(v, f.Time)
		switch {
		case v == nil && !c.zeroUnset.On():
			continue
		case !ok && v != nil:
			c.warn("`" + f.Name + "` holds " + strconv.Quote(textOf(v)) + ", which is no number; it counts as unset")
			if !c.zeroUnset.On() {
				continue
			}
		}
		out = append(out, n)
	}
	if out == nil && c.zeroUnset.On() && (!f.List || c.bound && f.Iterator != "") {
		return []int64{0}
	}
	return out
}

// lengths computes a .length field that the event does not give.
func (c *context) lengths(f fields.Field) []int64 {
	if flat(c.at(f.Name)) != nil {
		return nil
	}
	of, ok := fields.Lookup(f.Length)
	if !ok {
		return []int64{int64(c.count(f.Length))}
	}
	var out []int64
	for _, s := range c.texts(of) {
		out = append(out, int64(len(s)))
	}
	return out
}

// bools are the values of a boolean field.
func (c *context) bools(f fields.Field) []bool {
	var out []bool
	for _, v := range c.raw(f) {
		switch {
		case v == true || v == "true":
			out = append(out, true)
		case v == nil && !c.zeroUnset.On():
		case v == false || v == "false" || v == nil:
			out = append(out, false)
		default:
			c.warn("`" + f.Name + "` holds " + strconv.Quote(textOf(v)) + ", which is no boolean; it counts as false")
			out = append(out, false)
		}
	}
	if out == nil && c.zeroUnset.On() && (!f.List || c.bound && f.Iterator != "") {
		return []bool{false}
	}
	return out
}

// addresses are the values of an address field; what is unset or no address is left out, and so is in no block.
func (c *context) addresses(f fields.Field) []netip.Prefix {
	var out []netip.Prefix
	for _, v := range c.raw(f) {
		if v == nil || v == "" {
			continue
		}
		p, err := prefix(textOf(v))
		if err != nil {
			c.warn("`" + f.Name + "` holds " + strconv.Quote(textOf(v)) + ", which is no address")
			continue
		}
		out = append(out, p)
	}
	return out
}

// timestamp is the event's own time.
func (c *context) timestamp() (int64, bool) {
	for _, name := range []string{"event.timestamp", "timestamp"} {
		if v := first(flat(c.at(name))); v != nil {
			if ns, ok := number(v, true); ok {
				return ns, true
			}
		}
	}
	return 0, false
}

// clock is the instant at which the agent judges the event.
func (c *context) clock() (int64, bool) {
	if ns, ok := c.timestamp(); ok {
		return ns, true
	}
	return c.now, c.now != 0
}
