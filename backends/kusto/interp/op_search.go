package interp

import (
	"regexp"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// search keeps the rows in which the terms occur, and adds the table's name as $table (search-operator).
func (b *binder) search(in *node, x *syntax.Search, sc *scope) *node {
	var parts []part
	switch {
	case in != nil:
		parts = []part{{b.nameOf(in), in}}
	case len(x.In) > 0:
		for _, s := range x.In {
			parts = append(parts, b.sources(s, sc, false, len(parts))...)
		}
	default:
		parts = b.matching("*", sc)
	}
	if len(parts) == 0 {
		if !b.diags.HasErrors() {
			b.run(x.At, "search finds no table")
		}
		return nil
	}
	cs := paramWord(x.Params, "kind") == "case_sensitive"
	for i := range parts {
		n := parts[i].n
		rs := b.rowScope(n, sc)
		pred := rs.searchPred(x.Pred, cs, len(parts) > 1)
		parts[i].n = filtered(n, pred, rs)
	}
	return b.merge(parts, "$table", false)
}

func (b *binder) nameOf(n *node) string {
	for name, t := range b.tables {
		if t == n {
			return name
		}
	}
	return ""
}

func filtered(in *node, pred *cexpr, rs *rowScope) *node {
	return &node{cols: in.cols, serialized: in.serialized, run: func(ex *exec) []row {
		rows := in.run(ex)
		ex.tick(len(rows))
		e := env{x: ex, win: windows(ex, *rs.wins, rows)}
		var out []row
		for i, r := range rows {
			e.row, e.src, e.i = r.v, r.src, i
			if isTrue(pred.eval(&e)) {
				out = append(out, r)
			}
		}
		return out
	}}
}

// searchPred binds a predicate of search: a bare string is a term that any column may hold.
func (rs *rowScope) searchPred(x syntax.Expr, cs, many bool) *cexpr {
	never := &cexpr{typ: tBool, konst: true, eval: func(*env) any { return false }}
	switch x := x.(type) {
	case *syntax.StringLit:
		return rs.searchTerm(x.Value, cs, nil)
	case *syntax.Star:
		return constant(true, tBool, x.At)
	case *syntax.Binary:
		switch {
		case x.Op == syntax.And, x.Op == syntax.Or:
			l, r := rs.searchPred(x.L, cs, many), rs.searchPred(x.R, cs, many)
			or := x.Op == syntax.Or
			return &cexpr{typ: tBool, home: rs.home, eval: func(e *env) any {
				if isTrue(l.eval(e)) == or {
					return or
				}
				return isTrue(r.eval(e))
			}}
		case x.Op == syntax.Colon:
			return rs.searchColumn(x, cs, many, never)
		}
	case *syntax.Call:
		if x.Name == "not" && len(x.Args) == 1 {
			c := rs.searchPred(x.Args[0].Expr, cs, many)
			return &cexpr{typ: tBool, home: rs.home, eval: func(e *env) any { return !isTrue(c.eval(e)) }}
		}
	case *syntax.ArrayLit, *syntax.BagLit, *syntax.Between, *syntax.BoolLit, *syntax.Datatable, *syntax.DatetimeLit, *syntax.DecimalLit,
		*syntax.DynamicLit, *syntax.ExternalData, *syntax.GUIDLit, *syntax.Index, *syntax.IntLit, *syntax.Lambda, *syntax.List, *syntax.LongLit,
		*syntax.Name, *syntax.NullLit, *syntax.Path, *syntax.Pipeline, *syntax.RealLit, *syntax.TimespanLit, *syntax.TypeofLit, *syntax.Unary,
		*syntax.Wildcard:
	}
	if many && rs.missesColumn(x) {
		return never
	}
	return rs.boolean(x, "of search")
}

// missesColumn reports whether an expression names a column that this table of several lacks; the table is then not
// searched by it.
func (rs *rowScope) missesColumn(x syntax.Expr) bool {
	missing := false
	syntax.Walk(x, func(n syntax.Expr) {
		if name, ok := n.(*syntax.Name); ok && find(rs.cols, name.Name) < 0 && rs.vars.lookup(name.Name) == nil {
			missing = true
		}
	})
	return missing
}

func (rs *rowScope) searchColumn(x *syntax.Binary, cs, many bool, never *cexpr) *cexpr {
	n, ok := x.L.(*syntax.Name)
	if !ok {
		return rs.b.run(x.L.Span(), "a column name is needed before the colon")
	}
	i := find(rs.cols, n.Name)
	if i < 0 {
		if many {
			return never
		}
		return rs.name(n)
	}
	c := rs.columnExpr(i)
	if s, ok := x.R.(*syntax.StringLit); ok {
		return rs.searchTerm(s.Value, cs, c)
	}
	return rs.equals(&syntax.Binary{Loc: x.Loc, Op: syntax.Eq}, c, rs.expr(x.R))
}

// searchTerm tests one column, or all, for a literal of search: x has, x* hasprefix, *x hassuffix, *x* contains, a*b a
// regular expression between word boundaries.
func (rs *rowScope) searchTerm(lit string, cs bool, only *cexpr) *cexpr {
	ex := rs.b.x
	test := searchTest(lit, cs, ex.folding(), ex.terms())
	cols := []*cexpr{only}
	if only == nil {
		cols = nil
		for i := range rs.cols {
			cols = append(cols, rs.columnExpr(i))
		}
	}
	return &cexpr{typ: tBool, home: rs.home, eval: func(e *env) any {
		for _, c := range cols {
			if test(text(c.eval(e))) {
				return true
			}
		}
		return false
	}}
}

func searchTest(lit string, cs bool, f folding, t terms) func(string) bool {
	fold := f.fold
	if cs {
		fold = func(s string) string { return s }
	}
	lead, trail := strings.HasPrefix(lit, "*"), strings.HasSuffix(lit, "*")
	core := fold(strings.TrimSuffix(strings.TrimPrefix(lit, "*"), "*"))
	switch {
	case strings.Trim(lit, "*") == "":
		return func(string) bool { return true }
	case strings.Contains(core, "*"):
		parts := strings.Split(lit, "*")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		pattern := `(?s)\b` + strings.Join(parts, ".*") + `\b`
		if !cs {
			pattern = "(?i)" + pattern
		}
		re := regexp.MustCompile(pattern)
		return re.MatchString
	case lead && trail:
		return func(s string) bool { return strings.Contains(fold(s), core) }
	}
	return func(s string) bool { return t.find(fold(s), core, !lead, !trail) }
}

// find filters several tables (find-operator). Without project the result has the columns that all tables share and those of
// the predicate; the others go into the bag pack_.
func (b *binder) find(x *syntax.Find, sc *scope) *node {
	var parts []part
	if len(x.In) == 0 {
		parts = b.matching("*", sc)
	}
	for _, s := range x.In {
		parts = append(parts, b.sources(s, sc, false, len(parts))...)
	}
	if len(parts) == 0 {
		if !b.diags.HasErrors() {
			b.run(x.At, "find finds no table")
		}
		return nil
	}
	var used []string
	syntax.Walk(x.Pred, func(n syntax.Expr) {
		if name, ok := n.(*syntax.Name); ok {
			used = append(used, name.Name)
		}
	})
	all := parts
	for i := range parts {
		n := withColumns(parts[i].n, all, used)
		rs := b.rowScope(n, sc)
		parts[i].n = filtered(n, rs.searchPred(x.Pred, false, false), rs)
	}
	for i := range parts {
		parts[i].n = b.findProject(x, parts[i].n, parts, used)
	}
	source := paramWord(x.Params, "withsource", "with_source")
	if source == "" {
		source = "source_"
	}
	n := b.merge(parts, source, false)
	if len(x.Away) > 0 {
		return b.projectAway(n, &syntax.ProjectAway{Columns: x.Away})
	}
	return n
}

// withColumns adds the columns of a predicate that only other tables have, as nulls.
func withColumns(n *node, parts []part, names []string) *node {
	var add []column
	for _, name := range names {
		if find(n.cols, name) >= 0 || find(add, name) >= 0 {
			continue
		}
		for _, p := range parts {
			if i := find(p.n.cols, name); i >= 0 {
				add = append(add, p.n.cols[i])
				break
			}
		}
	}
	if len(add) == 0 {
		return n
	}
	cols := append(slices.Clone(n.cols), add...)
	return &node{cols: cols, run: func(ex *exec) []row {
		rows := n.run(ex)
		ex.grow(len(rows), len(cols))
		out := make([]row, len(rows))
		for i, r := range rows {
			v := slices.Clone(r.v)
			for _, c := range add {
				v = append(v, fix(nil, c.typ))
			}
			out[i] = row{v, r.src}
		}
		return out
	}}
}

// findProject gives a table of find its output columns.
func (b *binder) findProject(x *syntax.Find, n *node, parts []part, used []string) *node {
	var cols []column
	pack := false
	if len(x.Project) > 0 {
		for _, c := range x.Project {
			if c.Pack {
				pack = true
				continue
			}
			t := c.Type
			for _, p := range parts {
				if i := find(p.n.cols, c.Name); i >= 0 && t == tNone {
					t = p.n.cols[i].typ
				}
			}
			if t == tNone {
				b.run(x.At, "no table of find has the column `"+c.Name+"`")
				t = tStr
			}
			cols = append(cols, column{c.Name, t})
		}
	} else {
		for _, c := range n.cols {
			if inAll(parts, c) || slices.Contains(used, c.name) {
				cols = append(cols, c)
			}
		}
		for _, p := range parts {
			for _, c := range p.n.cols {
				if !inAll(parts, c) && !slices.Contains(used, c.name) {
					pack = true
				}
			}
		}
	}
	out := slices.Clone(cols)
	if pack {
		out = append(out, column{"pack_", tDyn})
	}
	return &node{cols: out, run: func(ex *exec) []row {
		rows := n.run(ex)
		ex.grow(len(rows), len(out))
		res := make([]row, len(rows))
		for k, r := range rows {
			res[k] = row{findRow(n.cols, r.v, cols, pack), r.src}
		}
		return res
	}}
}

func findRow(in []column, v []any, cols []column, pack bool) []any {
	out := make([]any, len(cols))
	for i, c := range cols {
		out[i] = fix(nil, c.typ)
		if j := find(in, c.name); j >= 0 {
			out[i] = castTo(v[j], c.typ)
		}
	}
	if pack {
		rest := newBag()
		for j, c := range in {
			if find(cols, c.name) < 0 && v[j] != nil && v[j] != "" {
				rest.set(c.name, v[j])
			}
		}
		out = append(out, rest)
	}
	return out
}
