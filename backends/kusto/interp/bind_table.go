package interp

import (
	"strings"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/diag"
)

// any binds an expression that may be a value or a table: the value of a let, the result of a function.
func (b *binder) any(x syntax.Expr, rs *rowScope) (*cexpr, *node) {
	if rs.isTable(x) {
		n := b.table(x, rs.vars)
		if n == nil {
			return &cexpr{typ: tNone, at: x.Span(), eval: func(*env) any { return nil }}, nil
		}
		return nil, n
	}
	if c, ok := x.(*syntax.Call); ok && c.On == nil {
		if v := rs.vars.lookup(c.Name); v != nil && v.lambda != nil {
			return b.callLambda(c, v, rs)
		}
	}
	return rs.expr(x), nil
}

// isTable reports whether an expression is tabular by its form or by what its name stands for.
func (rs *rowScope) isTable(x syntax.Expr) bool {
	switch x := x.(type) {
	case *syntax.Pipeline, *syntax.Datatable, *syntax.ExternalData:
		return true
	case *syntax.Name:
		if find(rs.cols, x.Name) >= 0 {
			return false
		}
		v := rs.vars.lookup(x.Name)
		if v == nil {
			return rs.b.knownTable(x.Name) || len(rs.cols) == 0 && !strings.HasPrefix(x.Name, "$")
		}
		return v.table != nil || v.lambda != nil && len(v.lambda.Params) == 0 && rs.givesTable(v)
	case *syntax.Call:
		return x.On == nil && rs.vars.lookup(x.Name) == nil && isTableFunction(x.Name)
	case *syntax.ArrayLit, *syntax.BagLit, *syntax.Between, *syntax.Binary, *syntax.BoolLit, *syntax.DatetimeLit, *syntax.DecimalLit,
		*syntax.DynamicLit, *syntax.GUIDLit, *syntax.Index, *syntax.IntLit, *syntax.Lambda, *syntax.List, *syntax.LongLit, *syntax.NullLit,
		*syntax.Path, *syntax.RealLit, *syntax.Star, *syntax.StringLit, *syntax.TimespanLit, *syntax.TypeofLit, *syntax.Unary, *syntax.Wildcard:
	}
	return false
}

// givesTable reports whether a function without parameters gives a table, from the form of its result.
func (rs *rowScope) givesTable(v *variable) bool {
	body := v.lambda.Body.Statements
	if len(body) == 0 {
		return false
	}
	last, ok := body[len(body)-1].(*syntax.ExprStatement)
	if !ok {
		return false
	}
	_, isName := last.X.(*syntax.Name)
	inner := &rowScope{b: rs.b, vars: v.env}
	return inner.isTable(last.X) && (!isName || len(body) == 1)
}

// tableOperand gives the table that an element of a list of in stands for, nil when it is a value.
func (rs *rowScope) tableOperand(x syntax.Expr) *node {
	if rs.isTable(x) {
		return rs.b.table(x, rs.vars)
	}
	if c, ok := x.(*syntax.Call); ok && c.On == nil {
		if v := rs.vars.lookup(c.Name); v != nil && v.lambda != nil && rs.givesTable(v) {
			_, n := rs.b.callLambda(c, v, rs)
			return n
		}
	}
	return nil
}

// table binds a tabular expression; nil after a fault.
func (b *binder) table(x syntax.Expr, sc *scope) *node {
	b.count(x.Span())
	switch x := x.(type) {
	case *syntax.Pipeline:
		return b.pipeline(x, sc)
	case *syntax.Name:
		return b.tableName(x, sc)
	case *syntax.Datatable:
		return b.datatable(x)
	case *syntax.ExternalData:
		return b.externalData(x)
	case *syntax.Call:
		return b.tableCall(x, sc)
	case *syntax.Path:
		b.run(x.At, "tables of other clusters, databases and workspaces are not available here", "name the table alone")
		return nil
	case *syntax.ArrayLit, *syntax.BagLit, *syntax.Between, *syntax.Binary, *syntax.BoolLit, *syntax.DatetimeLit, *syntax.DecimalLit,
		*syntax.DynamicLit, *syntax.GUIDLit, *syntax.Index, *syntax.IntLit, *syntax.Lambda, *syntax.List, *syntax.LongLit, *syntax.NullLit,
		*syntax.RealLit, *syntax.Star, *syntax.StringLit, *syntax.TimespanLit, *syntax.TypeofLit, *syntax.Unary, *syntax.Wildcard:
	}
	b.run(x.Span(), "a table is needed here", "name a table, or put a query into parentheses")
	return nil
}

func (b *binder) tableName(x *syntax.Name, sc *scope) *node {
	v := sc.lookup(x.Name)
	switch {
	case v == nil:
		return b.inputTable(x.Name, x.At, sc.names())
	case v.table != nil:
		return v.table
	case v.lambda != nil && len(v.lambda.Params) == 0:
		_, n := b.callLambda(&syntax.Call{Loc: x.Loc, Name: x.Name}, v, b.rowScope(nil, sc))
		if n == nil {
			b.run(x.At, "`"+x.Name+"` does not give a table")
		}
		return n
	}
	b.run(x.At, "`"+x.Name+"` is no table")
	return nil
}

// tableCall binds a call that gives a table.
func (b *binder) tableCall(x *syntax.Call, sc *scope) *node {
	if x.On != nil {
		b.run(x.At, "tables of other clusters, databases and workspaces are not available here", "name the table alone")
		return nil
	}
	if v := sc.lookup(x.Name); v != nil && v.lambda != nil {
		_, n := b.callLambda(x, v, b.rowScope(nil, sc))
		if n == nil && !b.diags.HasErrors() {
			b.run(x.At, "`"+x.Name+"` does not give a table")
		}
		return n
	}
	switch {
	case x.Name == "materialize" && len(x.Args) == 1:
		if n := b.table(x.Args[0].Expr, sc); n != nil {
			return cached(n)
		}
		return nil
	case (x.Name == "table" || x.Name == "_GetWatchlist") && len(x.Args) >= 1:
		rs := b.rowScope(nil, sc)
		c := rs.expr(x.Args[0].Expr)
		if !c.konst || c.typ != tStr {
			b.run(x.At, "`"+x.Name+"` needs a constant name")
			return nil
		}
		return b.inputTable(text(c.value(b.x)), x.At, sc.names())
	case isParserFunction(x.Name):
		return b.parserTable(x, sc)
	case functions[x.Name] != nil:
		b.run(x.At, "`"+x.Name+"` gives a value where a table is needed", "use print "+x.Name+"(…)")
		return nil
	}
	b.fail(diag.KustoUnknown, x.At, "there is no function `"+x.Name+"`", nearFunction(x.Name, sc.names())...)
	return nil
}

// parserTable is the table that stands for an ASIM parser; starttime and endtime limit its rows, as the parsers do.
func (b *binder) parserTable(x *syntax.Call, sc *scope) *node {
	n := b.inputTable(x.Name, x.At, sc.names())
	if n == nil {
		return nil
	}
	rs := b.rowScope(nil, sc)
	t := find(n.cols, "TimeGenerated")
	for _, a := range x.Args {
		if len(a.Names) != 1 || a.Names[0] != "starttime" && a.Names[0] != "endtime" || t < 0 {
			b.run(a.At, "only starttime and endtime of `"+x.Name+"` are known here", "filter with where")
			continue
		}
		c := rs.expr(a.Expr)
		if c.typ != tDate && c.typ != tNone {
			b.run(a.At, "`"+a.Names[0]+"` must be a datetime")
			continue
		}
		op := syntax.Ge
		if a.Names[0] == "endtime" {
			op = syntax.Le
		}
		in := n
		n = &node{cols: in.cols, run: func(x *exec) []row {
			limit := c.value(x)
			return keep(in.run(x), func(r row) bool { return limit == nil || isTrue(ordered(op, r.v[t], limit)) })
		}}
	}
	return n
}

func keep(rows []row, f func(row) bool) []row {
	out := make([]row, 0, len(rows))
	for _, r := range rows {
		if f(r) {
			out = append(out, r)
		}
	}
	return out
}

// datatable makes the rows of a literal table; values are converted to the types of their columns.
func (b *binder) datatable(x *syntax.Datatable) *node {
	n := &node{}
	for _, c := range x.Columns {
		n.cols = append(n.cols, column{c.Name, c.Type})
	}
	w := len(n.cols)
	if w == 0 {
		return &node{run: func(*exec) []row { return nil }}
	}
	var rows []row
	for i := 0; i+w <= len(x.Values); i += w {
		v := make([]any, w)
		for j := range v {
			v[j] = b.datatableValue(x.Values[i+j], n.cols[j].typ)
		}
		rows = append(rows, row{v: v})
	}
	n.run = func(ex *exec) []row {
		ex.grow(len(rows), w)
		return rows
	}
	return n
}

func (b *binder) datatableValue(x syntax.Expr, t syntax.Type) any {
	if c, ok := x.(*syntax.Call); ok && c.Name == "now" {
		return castTo(b.x.now, t)
	}
	v, lt := literal(x)
	if t == tDyn || v == nil {
		return fix(v, t)
	}
	if lt == t {
		return v
	}
	return castTo(v, t)
}

// let binds a let statement into a scope.
func (b *binder) let(s *syntax.Let, rs *rowScope, into *scope) {
	if l, ok := s.Value.(*syntax.Lambda); ok {
		into.vars[s.Name] = &variable{lambda: l, env: rs.vars}
		return
	}
	c, n := b.any(s.Value, rs)
	if n != nil {
		into.vars[s.Name] = &variable{table: cached(n)}
		return
	}
	if c.star || c.typeArg != tNone {
		b.run(s.At, "`"+s.Name+"` is not given a value")
	}
	v := *c
	v.name = ""
	into.vars[s.Name] = &variable{scalar: fold(&v)}
}

// pipeline binds source | op | op.
func (b *binder) pipeline(x *syntax.Pipeline, sc *scope) *node {
	sc = newScope(sc)
	var n *node
	ops := x.Ops
	if x.Source != nil {
		if n = b.table(x.Source, sc); n == nil {
			return nil
		}
	}
	return b.ops(n, ops, sc)
}

// ops binds operators behind a source; nil source for an operator that makes its own rows.
func (b *binder) ops(n *node, ops []syntax.Operator, sc *scope) *node {
	for i, op := range ops {
		b.count(op.Span())
		if n == nil && i > 0 {
			return nil
		}
		n = b.op(n, op, sc)
		if n == nil {
			return nil
		}
	}
	return n
}

// op binds one operator.
func (b *binder) op(in *node, op syntax.Operator, sc *scope) *node {
	if in == nil && !startsPipeline(op) {
		b.run(op.Span(), "this operator needs rows before it", "name a table first")
		return nil
	}
	switch x := op.(type) {
	case *syntax.Where:
		return b.where(in, x, sc)
	case *syntax.Extend:
		return b.extend(in, x.Items, sc)
	case *syntax.Serialize:
		n := b.extend(in, x.Items, sc, serializes)
		return n
	case *syntax.Project:
		return b.project(in, x.Items, sc)
	case *syntax.ProjectAway:
		return b.projectAway(in, x)
	case *syntax.ProjectKeep:
		return b.projectKeep(in, x)
	case *syntax.ProjectRename:
		return b.projectRename(in, x)
	case *syntax.ProjectReorder:
		return b.projectReorder(in, x)
	case *syntax.ProjectByNames:
		return b.projectByNames(in, x, sc)
	case *syntax.Summarize:
		return b.summarize(in, x, sc)
	case *syntax.Join:
		return b.join(in, x, sc)
	case *syntax.Lookup:
		return b.lookup(in, x, sc)
	case *syntax.Union:
		return b.union(in, x, sc)
	case *syntax.MvExpand:
		return b.mvExpand(in, x, sc)
	case *syntax.MvApply:
		return b.mvApply(in, x, sc)
	case *syntax.MakeSeries:
		return b.makeSeries(in, x, sc)
	case *syntax.Sort:
		return b.sort(in, x.By, sc)
	case *syntax.Top:
		return b.top(in, x, sc)
	case *syntax.TopNested:
		return b.topNested(in, x, sc)
	case *syntax.TopHitters:
		return b.topHitters(in, x, sc)
	case *syntax.Distinct:
		return b.distinct(in, x, sc)
	case *syntax.Count:
		return b.countRows(in, x)
	case *syntax.Take:
		return b.take(in, x.N, sc, "take", false)
	case *syntax.Sample:
		return b.take(in, x.N, sc, "sample", true)
	case *syntax.SampleDistinct:
		return b.sampleDistinct(in, x, sc)
	case *syntax.ParseOp:
		return b.parse(in, x, sc)
	case *syntax.ParseKv:
		return b.parseKv(in, x, sc)
	case *syntax.Evaluate:
		return b.evaluate(in, x, sc)
	case *syntax.Partition:
		return b.partition(in, x, sc)
	case *syntax.Scan:
		return b.scan(in, x, sc)
	case *syntax.Search:
		return b.search(in, x, sc)
	case *syntax.Find:
		return b.find(x, sc)
	case *syntax.As:
		n := cached(in)
		n.label = x.Name
		sc.define(x.Name, n)
		return n
	case *syntax.Invoke:
		return b.invoke(in, x, sc)
	case *syntax.Render:
		return in
	case *syntax.GetSchema:
		return getSchema(in)
	case *syntax.Consume:
		return &node{cols: in.cols, run: func(x *exec) []row { in.run(x); return nil }}
	case *syntax.PrintOp:
		return b.print(x, sc)
	case *syntax.RangeOp:
		return b.rangeRows(x, sc)
	}
	b.run(op.Span(), "this operator is not supported")
	return nil
}

// startsPipeline reports whether an operator may stand without rows before it.
func startsPipeline(op syntax.Operator) bool {
	switch op.(type) {
	case *syntax.PrintOp, *syntax.RangeOp, *syntax.Union, *syntax.Search, *syntax.Find, *syntax.Evaluate:
		return true
	case *syntax.As, *syntax.Consume, *syntax.Count, *syntax.Distinct, *syntax.Extend, *syntax.GetSchema, *syntax.Invoke, *syntax.Join,
		*syntax.Lookup, *syntax.MakeSeries, *syntax.MvApply, *syntax.MvExpand, *syntax.ParseKv, *syntax.ParseOp, *syntax.Partition, *syntax.Project,
		*syntax.ProjectAway, *syntax.ProjectByNames, *syntax.ProjectKeep, *syntax.ProjectRename, *syntax.ProjectReorder, *syntax.Render,
		*syntax.Sample, *syntax.SampleDistinct, *syntax.Scan, *syntax.Serialize, *syntax.Sort, *syntax.Summarize, *syntax.Take, *syntax.Top,
		*syntax.TopHitters, *syntax.TopNested, *syntax.Where:
	}
	return false
}

// define makes the name of `as` visible to the rest of the query: it goes into the outermost scope.
func (s *scope) define(name string, n *node) {
	for s.parent != nil {
		s.vars[name] = &variable{table: n}
		s = s.parent
	}
	s.vars[name] = &variable{table: n}
}
