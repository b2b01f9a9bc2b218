package interp

import (
	"slices"
	"sort"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/diag"
)

// plugin binds a call of evaluate. in is nil when evaluate stands first.
type plugin func(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node

var plugins map[string]plugin

func init() {
	plugins = map[string]plugin{
		"bag_unpack": bagUnpack, "pivot": pivot, "narrow": narrow, "ipv4_lookup": ipLookup(false), "ipv6_lookup": ipLookup(true),
		"dcount_intersect": dcountIntersect, "sliding_window_counts": slidingWindowCounts,
		"activity_counts_metrics": activityCounts, "activity_metrics": activityMetrics, "new_activity_metrics": newActivityMetrics,
		"activity_engagement": activityEngagement, "active_users_count": activeUsers, "rows_near": rowsNear, "identity": identity,
		"rolling_percentile": rollingPercentile, "sequence_detect": sequenceDetect, "schema_merge": schemaMerge,
	}
}

// refusedPlugins tells why plugins of the service are not here.
var refusedPlugins = map[string]string{
	"autocluster": unstated, "basket": unstated, "diffpatterns": unstated, "diffpatterns_text": unstated, "session_count": unstated,
	"funnel_sequence_completion": unstated, "funnel_sequence": severalTables, "preview": severalTables,
	"python": outside, "r": outside, "csharp": outside, "http_request": outside, "http_request_post": outside, "sql_request": outside,
	"mysql_request": outside, "postgresql_request": outside, "cosmosdb_sql_request": outside, "azure_digital_twins_query_request": outside,
	"execute_query": outside, "execute_show_command": outside, "infer_storage_schema": outside, "ai_embeddings": outside, "ai_embed_text": outside,
	"ai_chat_completion": outside, "ai_chat_completion_prompt": outside,
}

const (
	unstated      = "its page does not state how it computes"
	severalTables = "it gives several tables"
	outside       = "it works outside of the query: give its answer as a table"
)

// evaluate binds evaluate (evaluate-operator). The columns of some plugins depend on the rows; their input runs while the
// query is bound.
func (b *binder) evaluate(in *node, x *syntax.Evaluate, sc *scope) *node {
	f, ok := plugins[x.Call.Name]
	if !ok {
		var names []string
		for n := range plugins {
			names = append(names, n)
		}
		var help []string
		if why := refusedPlugins[x.Call.Name]; why != "" {
			help = append(help, why)
		} else if near := diag.Near(x.Call.Name, names, 1); len(near) > 0 {
			help = append(help, "a plugin with a similar name exists: `"+near[0]+"`")
		}
		b.fail(diag.KustoUnknown, x.Call.At, "the plugin `"+x.Call.Name+"` is not supported", help...)
		return nil
	}
	if in == nil {
		b.run(x.At, "the plugin `"+x.Call.Name+"` needs rows before it")
		return nil
	}
	return f(b, cached(in), x, sc)
}

// rowsNow runs a table while the query is bound; not possible without tables or after faults.
func (b *binder) rowsNow(n *node) []row {
	if b.dry || b.diags.HasErrors() {
		panic(unbound{})
	}
	return n.run(b.x)
}

// pluginArg finds an argument by position or name.
func pluginArg(x *syntax.Evaluate, i int, name string) syntax.Expr {
	pos := 0
	for _, a := range x.Call.Args {
		if len(a.Names) == 1 {
			if a.Names[0] == name {
				return a.Expr
			}
			continue
		}
		if pos == i {
			return a.Expr
		}
		pos++
	}
	return nil
}

// columnArg gives the position of the column that an argument names.
func (b *binder) columnArg(in *node, x *syntax.Evaluate, i int, name string) (int, bool) {
	n, ok := pluginArg(x, i, name).(*syntax.Name)
	if !ok {
		b.run(x.Call.At, "argument "+text(int64(i+1))+" of `"+x.Call.Name+"` must be a column")
		return 0, false
	}
	k := find(in.cols, n.Name)
	if k < 0 {
		b.unknown(n.At, "no column is named `"+n.Name+"`", n.Name, columnNames(in.cols))
		return 0, false
	}
	return k, true
}

// constArg evaluates a constant argument; nil when it is absent.
func (b *binder) constArg(x *syntax.Evaluate, i int, name string, sc *scope) any {
	e := pluginArg(x, i, name)
	if e == nil {
		return nil
	}
	return b.rowScope(nil, sc).expr(e).value(b.x)
}

// bagUnpack makes columns of the properties of a bag, in the order of their names (bag-unpack-plugin).
func bagUnpack(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node {
	k, ok := b.columnArg(in, x, 0, "column")
	if !ok {
		return nil
	}
	if in.cols[k].typ != tDyn {
		b.run(x.Call.At, "`bag_unpack` needs a dynamic column", "convert it with parse_json(…) before")
		return nil
	}
	prefix := text(b.constArg(x, 1, "OutputColumnPrefix", sc))
	conflict := text(b.constArg(x, 2, "columnsConflict", sc))
	ignored := map[string]bool{}
	if list, ok := b.constArg(x, 3, "ignoredProperties", sc).([]any); ok {
		for _, v := range list {
			ignored[text(v)] = true
		}
	}
	u := unpacker{in: in, at: k, prefix: prefix, ignored: ignored}
	if x.HasSchema {
		u.schema(x)
	} else {
		u.infer(b.rowsNow(in))
	}
	if !u.place(b, x, conflict) {
		return nil
	}
	return &node{cols: u.cols, serialized: in.serialized, run: u.run}
}

// unpacker is a bound bag_unpack.
type unpacker struct {
	in      *node
	at      int
	prefix  string
	ignored map[string]bool
	keys    []string // the property of each new column
	types   []syntax.Type
	names   []string
	star    bool // keep the columns of the input
	cols    []column
	from    []int // input column, or -1-i for property i
}

func (u *unpacker) schema(x *syntax.Evaluate) {
	u.star = x.Star
	for _, c := range x.Columns {
		key := c.Name
		if len(u.prefix) > 0 && len(key) > len(u.prefix) && key[:len(u.prefix)] == u.prefix {
			key = key[len(u.prefix):]
		}
		u.keys = append(u.keys, key)
		u.names = append(u.names, c.Name)
		u.types = append(u.types, c.Type)
	}
}

func (u *unpacker) infer(rows []row) {
	u.star = true
	types := map[string]syntax.Type{}
	for _, r := range rows {
		b, ok := r.v[u.at].(*bag)
		if !ok {
			continue
		}
		for _, k := range b.keys {
			if u.ignored[k] {
				continue
			}
			t := typeOf(b.vals[k])
			have, seen := types[k]
			switch {
			case !seen || have == tNone:
				types[k] = t
			case t != have && t != tNone:
				types[k] = tDyn
			}
		}
	}
	for k := range types {
		u.keys = append(u.keys, k)
	}
	sort.Strings(u.keys)
	for _, k := range u.keys {
		t := types[k]
		if t == tNone {
			t = tDyn
		}
		u.types = append(u.types, t)
		u.names = append(u.names, u.prefix+k)
	}
}

// place lays out the result; a name that the input has too is resolved as columnsConflict says.
func (u *unpacker) place(b *binder, x *syntax.Evaluate, conflict string) bool {
	replaced := map[string]bool{}
	dropped := map[int]bool{}
	for i, n := range u.names {
		j := find(u.in.cols, n)
		if j < 0 || j == u.at || !u.star {
			continue
		}
		switch conflict {
		case "replace_source":
			replaced[n] = true
		case "keep_source":
			dropped[i] = true
		default:
			b.run(x.Call.At, "the property `"+n+"` has the name of a column", "give a prefix, or columnsConflict='replace_source'")
			return false
		}
	}
	if u.star {
		for i, c := range u.in.cols {
			if i != u.at && !replaced[c.name] {
				u.cols, u.from = append(u.cols, c), append(u.from, i)
			}
		}
	}
	for i, n := range u.names {
		if dropped[i] {
			continue
		}
		if j := find(u.in.cols, n); x.HasSchema && !u.star && j >= 0 && j != u.at {
			u.cols, u.from = append(u.cols, column{n, u.types[i]}), append(u.from, j)
			continue
		}
		u.cols, u.from = append(u.cols, column{n, u.types[i]}), append(u.from, -1-i)
	}
	return true
}

func (u *unpacker) run(ex *exec) []row {
	rows := u.in.run(ex)
	ex.grow(len(rows), len(u.cols))
	out := make([]row, len(rows))
	for k, r := range rows {
		v := make([]any, len(u.cols))
		b, _ := r.v[u.at].(*bag)
		for i, f := range u.from {
			switch {
			case f >= 0:
				v[i] = r.v[f]
			case b != nil && !u.ignored[u.keys[-1-f]]:
				v[i] = dynamicAs(b.vals[u.keys[-1-f]], u.cols[i].typ)
			}
			v[i] = fix(v[i], u.cols[i].typ)
		}
		out[k] = row{v, r.src}
	}
	return out
}

// pivot turns the values of a column into columns that hold an aggregate; the other columns, or those named, are the rows'
// keys (pivot-plugin).
func pivot(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node {
	k, ok := b.columnArg(in, x, 0, "pivotColumn")
	if !ok {
		return nil
	}
	inner := b.rowScope(&node{cols: in.cols}, sc)
	inner.wins = nil
	rs := &rowScope{b: b, cols: in.cols, vars: sc, inner: inner, aggs: &aggSet{}}
	rs.home = rs
	var agg syntax.Expr = &syntax.Call{Loc: x.Call.Loc, Name: "count"}
	if e := pluginArg(x, 1, "aggregateFunction"); e != nil {
		agg = e
	}
	value := rs.expr(agg)
	keys, cols := pivotKeys(in, x, inner, agg, k)
	var values []string
	if x.HasSchema {
		values = declaredValues(x, cols)
	} else {
		values = distinctTexts(b.rowsNow(in), k)
	}
	at := map[string]int{}
	for _, v := range values {
		at[v] = len(cols)
		cols = append(cols, column{v, value.typ})
	}
	first := len(keys)
	return &node{cols: cols, run: func(ex *exec) []row {
		pk := inner.columnExpr(k)
		groups := group(ex, in.run(ex), append(slices.Clone(keys), pk), rs.aggs.list, false)
		empty := value.eval(&env{x: ex, aggs: newGroup(nil, rs.aggs.list).values()})
		index := map[string]int{}
		var out []row
		for _, g := range groups {
			id := keyOf(g.key[:first])
			i, ok := index[id]
			if !ok {
				i = len(out)
				index[id] = i
				ex.grow(1, len(cols))
				v := slices.Clone(g.key[:first])
				for range values {
					v = append(v, empty)
				}
				out = append(out, row{v: v})
			}
			if j, ok := at[text(g.key[first])]; ok {
				out[i].v[j] = value.eval(&env{x: ex, aggs: g.values()})
			}
		}
		return out
	}}
}

// pivotKeys gives the columns that stay rows: those that are named, or all that neither name values nor are aggregated.
func pivotKeys(in *node, x *syntax.Evaluate, inner *rowScope, agg syntax.Expr, k int) (keys []*cexpr, cols []column) {
	if len(x.Call.Args) > 2 {
		for _, a := range x.Call.Args[2:] {
			c := inner.expr(a.Expr)
			keys, cols = append(keys, c), append(cols, column{c.name, c.typ})
		}
		return keys, cols
	}
	used := map[string]bool{in.cols[k].name: true}
	if c, ok := agg.(*syntax.Call); ok {
		for _, a := range c.Args {
			syntax.Walk(a.Expr, func(e syntax.Expr) {
				if n, ok := e.(*syntax.Name); ok {
					used[n.Name] = true
				}
			})
		}
	}
	for i, c := range in.cols {
		if !used[c.name] {
			keys, cols = append(keys, inner.columnExpr(i)), append(cols, c)
		}
	}
	return keys, cols
}

// declaredValues gives the values that a declared schema makes columns of: its columns that are no keys.
func declaredValues(x *syntax.Evaluate, keys []column) []string {
	var out []string
	for _, c := range x.Columns {
		if find(keys, c.Name) < 0 {
			out = append(out, c.Name)
		}
	}
	return out
}

func distinctTexts(rows []row, k int) []string {
	seen := map[string]bool{}
	var out []string
	for _, r := range rows {
		if s := text(r.v[k]); !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	sort.Strings(out)
	return out
}

// narrow makes a row of every cell (narrow-plugin).
func narrow(b *binder, in *node, x *syntax.Evaluate, sc *scope) *node {
	return &node{cols: []column{{"Row", tLong}, {"Column", tStr}, {"Value", tStr}}, run: func(ex *exec) []row {
		var out []row
		for i, r := range in.run(ex) {
			ex.grow(len(r.v), 3)
			for j, c := range in.cols {
				out = append(out, row{v: []any{int64(i), c.name, text(r.v[j])}, src: r.src})
			}
		}
		return out
	}}
}
