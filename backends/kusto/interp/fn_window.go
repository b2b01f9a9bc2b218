package interp

import (
	"github.com/onerule/onerule/backends/kusto/syntax"
)

// windowFunctions look at other rows; they need rows in a fixed order (window-functions).
var windowFunctions = []*function{
	{name: "prev", sig: "any int? any!?", ret: "arg0", nulls: true, doc: "value of an earlier row", bind: bindNeighbour(-1)},
	{name: "next", sig: "any int? any!?", ret: "arg0", nulls: true, doc: "value of a later row", bind: bindNeighbour(1)},
	{name: "row_number", sig: "int? bool?", ret: "long", nulls: true, doc: "number of the row", bind: bindRowNumber},
	{name: "row_cumsum", sig: "num bool?", ret: "arg0", nulls: true, doc: "sum up to the row", bind: bindCumSum},
	{name: "row_rank_dense", sig: "plain bool?", ret: "long", nulls: true, doc: "rank without gaps", bind: bindRank(true)},
	{name: "row_rank_min", sig: "plain bool?", ret: "long", nulls: true, doc: "rank with gaps", bind: bindRank(false)},
	{name: "row_window_session", sig: "date span span bool?", ret: "arg0", nulls: true, doc: "start of the session that a row belongs to", bind: bindSession},
}

// window registers the computation of a window function.
func (rs *rowScope) window(x *syntax.Call, args []*cexpr, t syntax.Type, compute func(ex *exec, rows []row, win [][]any) []any) *cexpr {
	home := rs.home
	if rs.hidden || rs.wins == nil {
		return rs.b.run(x.At, "`"+x.Name+"` cannot be used here", "compute it with extend or serialize before")
	}
	if !rs.serialized {
		return rs.b.run(x.At, "`"+x.Name+"` needs rows in a fixed order", "sort or serialize the rows before")
	}
	k := len(*rs.wins)
	*rs.wins = append(*rs.wins, &window{compute})
	return &cexpr{typ: t, home: home, at: x.At, eval: func(e *env) any { return fix(e.win[k][e.i], t) }}
}

// windowArgs binds the arguments of a window function.
func (rs *rowScope) windowArgs(x *syntax.Call, f *function) ([]*cexpr, *cexpr) {
	args, ok := rs.args(x, f)
	if !ok {
		return nil, &cexpr{typ: f.staticType(args), at: x.At, eval: func(*env) any { return nil }}
	}
	return args, nil
}

func bindNeighbour(sign int) func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	return func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
		args, bad := rs.windowArgs(x, f)
		if bad != nil {
			return bad
		}
		return rs.window(x, args, args[0].typ, func(ex *exec, rows []row, win [][]any) []any {
			out := make([]any, len(rows))
			e := env{x: ex, win: win}
			for i, r := range rows {
				n := 1
				if len(args) > 1 {
					e.row, e.i = r.v, i
					k, _ := castLong(args[1].eval(&e)).(int64)
					n = int(max(min(k, 1<<30), -(1 << 30)))
				}
				j := i + sign*n
				if j >= 0 && j < len(rows) {
					e.row, e.i = rows[j].v, j
					out[i] = args[0].eval(&e)
					continue
				}
				if len(args) > 2 {
					out[i] = castTo(args[2].value(ex), args[0].typ)
				}
			}
			return out
		})
	}
}

// restarts evaluates the restart argument of a row function.
func restarts(args []*cexpr, i int, e *env) bool {
	return i < len(args) && isTrue(args[i].eval(e))
}

func bindRowNumber(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	args, bad := rs.windowArgs(x, f)
	if bad != nil {
		return bad
	}
	return rs.window(x, args, tLong, func(ex *exec, rows []row, win [][]any) []any {
		out := make([]any, len(rows))
		e := env{x: ex, win: win}
		var n int64
		for i, r := range rows {
			e.row, e.i = r.v, i
			if i == 0 || restarts(args, 1, &e) {
				n = 1
				if len(args) > 0 {
					n, _ = castLong(args[0].eval(&e)).(int64)
				}
			}
			out[i] = n
			n++
		}
		return out
	})
}

func bindCumSum(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	args, bad := rs.windowArgs(x, f)
	if bad != nil {
		return bad
	}
	t := args[0].typ
	return rs.window(x, args, t, func(ex *exec, rows []row, win [][]any) []any {
		out := make([]any, len(rows))
		e := env{x: ex, win: win}
		zero := castTo(int64(0), t)
		sum := zero
		for i, r := range rows {
			e.row, e.i = r.v, i
			if restarts(args, 1, &e) {
				sum = zero
			}
			if v := args[0].eval(&e); v != nil {
				sum = add(sum, v, t)
			}
			out[i] = sum
		}
		return out
	})
}

func bindRank(dense bool) func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	return func(rs *rowScope, x *syntax.Call, f *function) *cexpr {
		args, bad := rs.windowArgs(x, f)
		if bad != nil {
			return bad
		}
		return rs.window(x, args, tLong, func(ex *exec, rows []row, win [][]any) []any {
			out := make([]any, len(rows))
			e := env{x: ex, win: win}
			rank, seen := int64(0), int64(0)
			last := ""
			for i, r := range rows {
				e.row, e.i = r.v, i
				k := key(args[0].eval(&e))
				if i > 0 && restarts(args, 1, &e) {
					rank, seen = 0, 0
				}
				seen++
				if seen == 1 || k != last {
					if dense {
						rank++
					} else {
						rank = seen
					}
				}
				last = k
				out[i] = rank
			}
			return out
		})
	}
}

// bindSession: a session begins when there is none, when the time is at least the greatest distance from the first row or from
// the row before, or when restart is true; a null time ends the session (row-window-session-function).
func bindSession(rs *rowScope, x *syntax.Call, f *function) *cexpr {
	args, bad := rs.windowArgs(x, f)
	if bad != nil {
		return bad
	}
	return rs.window(x, args, tDate, func(ex *exec, rows []row, win [][]any) []any {
		out := make([]any, len(rows))
		e := env{x: ex, win: win}
		var start, before any
		for i, r := range rows {
			e.row, e.i = r.v, i
			t := args[0].eval(&e)
			if t == nil {
				start, before = nil, nil
				continue
			}
			fromFirst, between := args[1].eval(&e), args[2].eval(&e)
			begins := start == nil || restarts(args, 3, &e) ||
				isTrue(ordered(syntax.Ge, t, add(start, fromFirst, tDate))) ||
				isTrue(ordered(syntax.Ge, t, add(before, between, tDate)))
			if begins {
				start = t
			}
			out[i], before = start, t
		}
		return out
	})
}
