package search

import (
	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
)

// elementOf says `any` over one element about the whole field: with the same meaning where it has such a form, else wider.
// same tells which.
func elementOf(q *ir.Quant) (p ir.Pred, same, ok bool) {
	if p, ok := backends.OneElement(q); ok && fieldLevel(p).Kind != backends.Refuse {
		return p, true, true
	}
	p, ok = backends.AskedOutside(q)
	return p, false, ok
}

// fieldLevel is the level of conditions on a field without quantifier, asked from the table.
func fieldLevel(p ir.Pred) backends.Level {
	var levels []backends.Level
	b := backends.Backend{Lang: "datadog", Table: table()}
	for _, l := range b.Leaves(p) {
		levels = append(levels, l.Level)
	}
	return backends.JoinLevels(levels...)
}

func anyElement(q *ir.Quant) backends.Level {
	p, same, ok := elementOf(q)
	switch {
	case !ok:
		return backends.Refused("log search cannot say this about one element", "ask each condition by itself if that is enough")
	case same:
		return fieldLevel(p)
	}
	return backends.JoinLevels(backends.Wider("different elements may satisfy the conditions, and negated ones are left out"), fieldLevel(p))
}
