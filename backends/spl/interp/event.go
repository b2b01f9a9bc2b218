package interp

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/native"
)

// row is one result row. Fields that are null are absent from f.
type row struct {
	f   map[string]value
	src *native.Ref // the input row that the row came from by per-row commands alone
	ev  *event      // for _raw and index; nil once a command has dropped them
}

// event is what a row knows of its native event beyond its fields. While it is pending the row's fields are not extracted
// yet, but for _time: a search that few events fit then costs little.
type event struct {
	native  native.Row
	table   string
	raw     string
	pending bool
	types   map[string]string
	run     *run
	at      value // the time that it came with; null for none
}

func newRow() *row { return &row{f: map[string]value{}} }

func (r *row) get(name string) value {
	if v, ok := r.f[name]; ok {
		return v
	}
	if r.ev != nil {
		if r.ev.pending && name != "_time" {
			if v, sure := r.ev.lookUp(name); !sure {
				r.materialise()
				return r.get(name)
			} else if !v.isNull() {
				return v
			}
		}
		switch name {
		case "_raw":
			return fieldText(r.ev.rawText())
		case "index":
			if r.ev.table != "" {
				return fieldText(r.ev.table)
			}
		default:
			if part, ok := strings.CutPrefix(name, "date_"); ok {
				return r.ev.datePart(part)
			}
		}
	}
	return value{}
}

func (r *row) set(name string, v value) {
	if v.isNull() {
		delete(r.f, name)
		return
	}
	r.f[name] = v.stored()
}

// clone copies a row; the copies of one run are counted.
func (r *run) clone(w *row) *row {
	if r.copied += len(w.f) + 1; r.copied > maxCopied {
		r.limit(fmt.Sprintf("commands copied more than %d fields", maxCopied))
	}
	return &row{f: maps.Clone(w.f), src: w.src, ev: w.ev}
}

// names returns the fields of the row, sorted.
func (r *row) names() []string { return slices.Sorted(maps.Keys(r.f)) }

// rawText is the event as JSON text with sorted keys, made on first use.
func (e *event) rawText() string {
	if e.raw == "" {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(e.native); err == nil {
			e.raw = strings.TrimSuffix(b.String(), "\n")
		}
	}
	return e.raw
}

// timeFields are the fields that hold an event's time, in the order in which they are tried.
var timeFields = []string{
	"_time", "@timestamp", "timestamp", "Timestamp", "time", "TimeCreated", "TimeGenerated", "EventTime", "UtcTime",
	"eventTime", "creationTime", "CreationTime", "createdDateTime", "activityDateTime", "published", "event.created",
	"Event.System.TimeCreated.SystemTime", "data.date", "date",
}

// load makes the rows of a table's events.
func (r *run) load(index int) []*row {
	t := r.in.Tables[index]
	name := t.Name
	if name == "-" || name == "stdin" {
		name = ""
	}
	rows := make([]*row, 0, len(t.Rows))
	for i, n := range t.Rows {
		w := &row{
			src: &native.Ref{Table: index, Row: i},
			ev:  &event{native: n, table: name, pending: true, types: t.Types, run: r},
		}
		if sec, ok := r.eventTime(w); ok {
			if w.f == nil {
				w.f = map[string]value{}
			}
			w.f["_time"] = timeValue(sec)
			w.ev.at = w.f["_time"]
		}
		rows = append(rows, w)
	}
	return rows
}

// materialise extracts the fields of a pending row.
func (r *row) materialise() {
	if r.ev == nil || !r.ev.pending {
		return
	}
	r.ev.pending = false
	t, ok := r.f["_time"]
	r.f = make(map[string]value, len(r.ev.native)+8)
	r.ev.run.extract(r.f, "", r.ev.native, r.ev.types)
	if raw, ok := r.ev.native["_raw"].(string); ok {
		r.ev.run.fromRaw(r.f, raw)
	}
	if delete(r.f, "_time"); ok { // what the event has there may be no time
		r.f["_time"] = t
	}
}

// lookUp finds one field of a pending event without extracting the others. sure is false where only full extraction tells:
// for fields of arrays, declared multivalue fields, and names that several paths give.
func (e *event) lookUp(name string) (v value, sure bool) {
	if strings.Contains(name, "{}") {
		return value{}, false
	}
	for i := 0; i <= len(name) && len(e.types) > 0; i++ {
		if (i == len(name) || name[i] == '.') && isMultivalue(e.types[name[:i]]) {
			return value{}, false
		}
	}
	found := 0
	var walk func(obj map[string]any, path string)
	walk = func(obj map[string]any, path string) {
		if leaf, ok := obj[path]; ok {
			switch leaf.(type) {
			case map[string]any, []any:
			default:
				if s, ok := e.run.scalar(leaf); ok {
					v = s
					found++
				}
			}
		}
		for i := 0; i < len(path); i++ {
			if path[i] == '.' {
				if inner, ok := obj[path[:i]].(map[string]any); ok {
					walk(inner, path[i+1:])
				}
			}
		}
	}
	walk(e.native, name)
	if _, ok := e.native["_raw"]; ok && found == 0 {
		return value{}, false // it may be in the raw text
	}
	return v, found < 2
}

// timeValue is a time as a field: seconds with up to six decimals.
func timeValue(sec float64) value {
	v := numValue(sec)
	if sec != float64(int64(sec)) {
		v.str = strings.TrimRight(strconv.FormatFloat(sec, 'f', 6, 64), "0")
		v.num, _ = strconv.ParseFloat(v.str, 64)
	}
	return v
}

func (r *run) eventTime(w *row) (float64, bool) {
	names := timeFields
	if r.in.Timestamp != "" {
		names = []string{r.in.Timestamp}
	}
	for _, name := range names {
		v, sure := w.ev.lookUp(name)
		if !sure {
			w.materialise()
			v = w.f[name]
		}
		if sec, ok := parseTime(v); ok {
			return sec, true
		}
	}
	return 0, false
}

// extract adds the fields of a JSON value under the name prefix.
func (r *run) extract(f map[string]value, name string, v any, types map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys) // where two paths give one name, the order of their values must not depend on the map
		for _, k := range keys {
			path := k
			if name != "" {
				path = name + "." + k
			}
			r.extract(f, path, v[k], types)
		}
	case []any:
		path := name
		if !strings.Contains(lastKey(name), "{}") && !isMultivalue(types[name]) {
			path += "{}"
		}
		for _, e := range v {
			if inner, ok := e.([]any); ok {
				r.extract(f, path+"{}", inner, types)
				continue
			}
			r.extract(f, path, e, types)
		}
	default:
		if s, ok := r.scalar(v); ok {
			addValue(f, name, s)
		}
	}
}

// lastKey is the part of a path behind its last dot.
func lastKey(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

func isMultivalue(t string) bool { return t == "multivalue" || t == "mv" }

func addValue(f map[string]value, name string, v value) {
	old, ok := f[name]
	if !ok {
		f[name] = v
		return
	}
	f[name] = value{kind: multi, list: append(slices.Clip(old.values()), v)}
}

// scalar is a JSON scalar as Splunk extracts it.
func (r *run) scalar(v any) (value, bool) {
	switch v := v.(type) {
	case nil:
		return fieldText("null"), r.on[jsonNullText].On()
	case string:
		return fieldText(v), true
	case bool:
		return fieldText(strconv.FormatBool(v)), true
	case json.Number:
		x, err := v.Float64()
		if err != nil {
			return fieldText(v.String()), true
		}
		return value{kind: number, num: x, str: v.String(), origin: field}, true
	case float64:
		return value{kind: number, num: v, str: formatNumber(v), origin: field}, true
	case int:
		return value{kind: number, num: float64(v), str: strconv.Itoa(v), origin: field}, true
	case int64:
		return value{kind: number, num: float64(v), str: strconv.FormatInt(v, 10), origin: field}, true
	}
	return value{}, false
}

// arrive sorts events newest first, equal times in input order, events without a time last.
func arrive(rows []*row) {
	slices.SortStableFunc(rows, func(a, b *row) int {
		ta, aok := a.f["_time"]
		tb, bok := b.f["_time"]
		switch {
		case aok && bok:
			return cmp.Compare(tb.num, ta.num)
		case aok:
			return -1
		case bok:
			return 1
		}
		return 0
	})
}

// datePart is a default date field such as date_hour, which an event has from its time (Knowledge Manager manual, default
// fields).
func (e *event) datePart(part string) value {
	sec, ok := e.at.number()
	if !ok {
		return value{}
	}
	t := instant(sec)
	switch part {
	case "hour":
		return numValue(float64(t.Hour()))
	case "mday":
		return numValue(float64(t.Day()))
	case "minute":
		return numValue(float64(t.Minute()))
	case "month":
		return fieldText(strings.ToLower(t.Month().String()))
	case "second":
		return numValue(float64(t.Second()))
	case "wday":
		return fieldText(strings.ToLower(t.Weekday().String()))
	case "year":
		return numValue(float64(t.Year()))
	case "zone":
		return fieldText("0")
	}
	return value{}
}

// maxPairs is how many fields are found in the text of an event (limits.conf, [kv] limit).
const maxPairs = 100

// fromRaw adds the fields that the text of an event holds, where the event does not have them: those of JSON, else pairs
// such as name=value (props.conf, KV_MODE=auto).
func (r *run) fromRaw(f map[string]value, raw string) {
	if trimmed := strings.TrimSpace(raw); strings.HasPrefix(trimmed, "{") {
		dec := json.NewDecoder(strings.NewReader(trimmed))
		dec.UseNumber()
		var doc map[string]any
		if dec.Decode(&doc) == nil {
			got := map[string]value{}
			r.extract(got, "", doc, nil)
			for name, v := range got {
				if _, has := f[name]; !has {
					f[name] = v
				}
			}
			return
		}
	}
	own := map[string]bool{}
	for name := range f {
		own[name] = true
	}
	for _, p := range findPairs(raw, "", "", maxPairs) {
		name := cleanKey(p[0])
		if c := name[0]; own[name] || isDigit(c) || strings.Trim(name, "_") == "" {
			continue
		}
		if _, has := f[name]; !has { // the first of several
			f[name] = fieldText(p[1])
		}
	}
}
