package interp

import (
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/diag"
)

// legacyPartitions is the number of keys that the default strategy of partition takes (partition-operator).
const legacyPartitions = 64

// partition runs a subquery per value of a column and appends the results (partition-operator).
func (b *binder) partition(in *node, x *syntax.Partition, sc *scope) *node {
	n, ok := x.By.(*syntax.Name)
	if !ok {
		b.run(x.At, "partition needs a column")
		return nil
	}
	k := find(in.cols, n.Name)
	if k < 0 {
		b.unknown(n.At, "no column is named `"+n.Name+"`", n.Name, columnNames(in.cols))
		return nil
	}
	strategy := paramWord(x.Params, "hint.strategy")
	switch strategy {
	case "", "legacy", "native", "shuffle":
	default:
		b.fail(diag.KustoUnknown, x.At, "there is no strategy `"+strategy+"` of partition", "it is native, shuffle or legacy")
	}
	s := &slot{}
	var body *node
	if x.Query == nil {
		body = b.ops(s.node(in.cols, in.serialized), x.Body, newScope(sc))
	} else {
		body = b.partitionQuery(x, s, in.cols[k], k, sc)
	}
	if body == nil {
		return nil
	}
	limited := strategy == "" || strategy == "legacy"
	return &node{cols: body.cols, run: func(ex *exec) []row {
		index := map[string]int{}
		var groups [][]row
		rows := in.run(ex)
		ex.tick(len(rows))
		for _, r := range rows {
			id := key(r.v[k])
			i, ok := index[id]
			if !ok {
				i = len(groups)
				index[id] = i
				groups = append(groups, nil)
			}
			groups[i] = append(groups[i], r)
		}
		if limited && len(groups) > legacyPartitions {
			ex.fail(diag.KustoRun, x.At, "partition meets more than 64 values of `"+n.Name+"`", "add hint.strategy=native")
		}
		var out []row
		for _, g := range groups {
			s.with(ex, g, func() { out = append(out, body.run(ex)...) })
		}
		return out
	}}
}

// partitionQuery binds partition by x { query }: the query has a source of its own and sees only the key, by the column's name.
func (b *binder) partitionQuery(x *syntax.Partition, s *slot, c column, k int, sc *scope) *node {
	if w := paramWord(x.Params, "hint.strategy"); w != "" && w != "legacy" {
		b.run(x.At, "partition by … { } has only the strategy legacy", "put operators without a source into parentheses")
		return nil
	}
	inner := newScope(sc)
	inner.vars[c.name] = &variable{scalar: &cexpr{typ: c.typ, at: x.At, eval: func(*env) any {
		if len(s.rows) == 0 {
			return fix(nil, c.typ)
		}
		return s.rows[0].v[k]
	}}}
	for i, st := range x.Query.Statements {
		switch st := st.(type) {
		case *syntax.Let:
			next := newScope(inner)
			b.let(st, &rowScope{b: b, vars: inner}, next)
			inner = next
		case *syntax.ExprStatement:
			if i == len(x.Query.Statements)-1 {
				return b.table(st.X, inner)
			}
		case *syntax.DeclareParams, *syntax.SetOption:
		}
	}
	b.run(x.At, "the query of partition has no result")
	return nil
}
