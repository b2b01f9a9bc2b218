package interp

import (
	"encoding/json"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// timeColumns are the columns that hold the time of an event: Log Analytics and Defender advanced hunting.
var timeColumns = []string{"TimeGenerated", "Timestamp"}

// load makes the tables of the input: columns with their types, and rows of values.
func (b *binder) load(in native.Input) {
	b.tables = map[string]*node{}
	for ti, t := range in.Tables {
		cols := tableColumns(t)
		rows := make([]row, 0, len(t.Rows))
		at := timeColumn(cols)
		for ri, r := range t.Rows {
			v := make([]any, len(cols))
			for i, c := range cols {
				v[i] = ingest(r[c.name], c.typ)
			}
			if at >= 0 && !inSearchTime(in, v[at]) {
				continue
			}
			rows = append(rows, row{v, &native.Ref{Table: ti, Row: ri}})
		}
		n := &node{cols: cols, run: func(ex *exec) []row {
			ex.grow(len(rows), len(cols))
			return rows
		}}
		if _, twice := b.tables[t.Name]; !twice {
			b.order = append(b.order, t.Name)
			b.tables[t.Name] = n
			continue
		}
		b.tables[t.Name] = b.merge([]part{{t.Name, b.tables[t.Name]}, {t.Name, n}}, "", false)
	}
}

// inSearchTime reports whether a time lies in the range that the platform's time picker sets.
func inSearchTime(in native.Input, v any) bool {
	if in.From.IsZero() && in.To.IsZero() {
		return true
	}
	t, ok := v.(datetime)
	if !ok {
		return false
	}
	if !in.From.IsZero() && int64(t) < syntax.TicksOf(in.From) {
		return false
	}
	return in.To.IsZero() || int64(t) < syntax.TicksOf(in.To)
}

func timeColumn(cols []column) int {
	for _, name := range timeColumns {
		if i := find(cols, name); i >= 0 && cols[i].typ == tDate {
			return i
		}
	}
	return -1
}

// latest is the largest event time of the tables: the instant that now() answers when the input does not say.
func (b *binder) latest() datetime {
	var best datetime
	for _, n := range b.tables {
		at := timeColumn(n.cols)
		if at < 0 {
			continue
		}
		for _, r := range n.run(b.x) {
			if t, ok := r.v[at].(datetime); ok && t > best {
				best = t
			}
		}
	}
	if best == 0 {
		return datetime(syntax.UnixEpochTicks)
	}
	return best
}

// tableColumns gives the columns of a table: the declared ones and those that rows have, the time first, then by name.
func tableColumns(t native.Table) []column {
	types := map[string]syntax.Type{}
	for name, typ := range t.Types {
		if kt, ok := syntax.TypeByName(strings.ToLower(typ)); ok {
			types[name] = kt
		}
	}
	seen := map[string]syntax.Type{}
	for _, r := range t.Rows {
		for name, v := range r {
			if _, declared := types[name]; !declared {
				seen[name] = joinTypes(seen[name], valueType(v))
			}
		}
	}
	for name, typ := range seen {
		if slices.Contains(timeColumns, name) && (typ == tStr || typ == tNone) {
			typ = tDate
		}
		if typ == tNone {
			typ = tStr
		}
		types[name] = typ
	}
	// A dotted path is the type of something inside a column, unless rows have a column of that very name.
	cols := make([]column, 0, len(types))
	for name, typ := range types {
		if strings.Contains(name, ".") && seen[name] == tNone && !hasKey(t.Rows, name) {
			continue
		}
		cols = append(cols, column{name, typ})
	}
	sort.Slice(cols, func(i, j int) bool {
		a, b := slices.Contains(timeColumns, cols[i].name), slices.Contains(timeColumns, cols[j].name)
		if a != b {
			return a
		}
		return cols[i].name < cols[j].name
	})
	return cols
}

func hasKey(rows []native.Row, name string) bool {
	for _, r := range rows {
		if _, ok := r[name]; ok {
			return true
		}
	}
	return false
}

// valueType is the Kusto type of a JSON value.
func valueType(v any) syntax.Type {
	switch v := v.(type) {
	case bool:
		return tBool
	case json.Number:
		if _, ok := syntax.ParseInteger(v.String()); ok {
			return tLong
		}
		return tReal
	case string:
		return tStr
	case []any, map[string]any:
		return tDyn
	}
	return tNone
}

// joinTypes is the type of a column that holds values of two types.
func joinTypes(a, b syntax.Type) syntax.Type {
	switch {
	case a == tNone || a == b:
		return b
	case b == tNone:
		return a
	case a == tDyn || b == tDyn:
		return tDyn
	case isNumeric(a) && isNumeric(b):
		return tReal
	}
	return tStr
}

// ingest makes a value of a column from JSON, as ingestion with a JSON mapping would: text of a number or a date converts,
// what does not convert is null.
func ingest(v any, t syntax.Type) any {
	if t == tDyn {
		return fromJSON(v)
	}
	switch v := v.(type) {
	case nil:
		return fix(nil, t)
	case json.Number:
		if t == tStr {
			return v.String()
		}
		if t == tDec {
			return castTo(v.String(), tDec)
		}
		return castTo(fromJSON(v), t)
	case []any, map[string]any:
		if t == tStr {
			return jsonText(fromJSON(v))
		}
		return nil
	}
	return castTo(v, t)
}

// fromJSON makes a dynamic value of decoded JSON; the properties of bags are sorted, for decoded JSON has no order.
func fromJSON(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, _ := decodeJSON(v.String())
		return n
	case float64, bool, string:
		return v
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = fromJSON(e)
		}
		return out
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		b := newBag()
		for _, k := range keys {
			b.set(k, fromJSON(v[k]))
		}
		return b
	}
	return nil
}

// toJSON gives a cell of the result: numbers as json.Number, datetime as time.Time, timespan and guid as text, dynamic as
// decoded JSON.
func toJSON(v any, t syntax.Type) any {
	switch v := v.(type) {
	case nil, bool, string:
		return v
	case int64:
		return json.Number(text(v))
	case float64:
		s := text(v)
		if s == "NaN" || s == "Infinity" || s == "-Infinity" {
			return s
		}
		return json.Number(strings.TrimSuffix(s, ".0"))
	case decimal:
		return json.Number(v.String())
	case datetime:
		if t == tDyn {
			return dateText(v)
		}
		return syntax.TimeOf(int64(v))
	case timespan:
		return spanText(v)
	case guid:
		return string(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = toJSON(e, tDyn)
		}
		return out
	case *bag:
		out := make(map[string]any, len(v.vals))
		for k, e := range v.vals {
			out[k] = toJSON(e, tDyn)
		}
		return out
	}
	return nil
}

// knownTable reports whether the input has a table.
func (b *binder) knownTable(name string) bool { return b.tableNode(name) != nil }

// tableNode finds a table by name; a sole table without a name answers to every name.
func (b *binder) tableNode(name string) *node {
	if n, ok := b.tables[name]; ok {
		return n
	}
	if len(b.order) == 1 && b.order[0] == "" {
		return b.tables[""]
	}
	return nil
}

func (b *binder) inputTable(name string, at diag.Span, more []string) *node {
	if n := b.tableNode(name); n != nil {
		return n
	}
	if b.dry {
		panic(unbound{})
	}
	if len(b.order) == 1 && b.order[0] == "" { // the one table of the input has no name of its own
		return b.tableNode("")
	}
	help := []string{}
	if near := diag.Near(name, append(slices.Clone(b.order), more...), 1); len(near) > 0 {
		help = append(help, "a table with a similar name exists: `"+near[0]+"`")
	} else if len(b.order) > 0 {
		help = append(help, "the tables given are "+strings.Join(b.order, ", "))
	}
	b.run(at, "no table is named `"+name+"`", help...)
	return nil
}

// instant gives now() for an input.
func (b *binder) instant(in native.Input) datetime {
	if !in.Now.IsZero() {
		return datetime(syntax.TicksOf(in.Now.UTC().Truncate(100 * time.Nanosecond)))
	}
	return b.latest()
}
