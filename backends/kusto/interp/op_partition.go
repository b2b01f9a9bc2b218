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
	if x.Query != nil {
		b.run(x.At, "partition by … { } is not supported", "put the operators into parentheses")
		return nil
	}
	strategy := paramWord(x.Params, "hint.strategy")
	switch strategy {
	case "", "legacy", "native", "shuffle":
	default:
		b.fail(diag.KustoUnknown, x.At, "there is no strategy `"+strategy+"` of partition", "it is native, shuffle or legacy")
	}
	s := &slot{}
	body := b.ops(s.node(in.cols, in.serialized), x.Body, newScope(sc))
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
