package kusto

import (
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// absence prints an expect rule: every expected value in every window that the run judges, less those of which enough events had
// arrived. ingestion_time() tells when an event arrived.
func (p *body) absence(a *ir.Absence) (syntax.Expr, backends.Columns) {
	p.judges(a.Window)
	p.union = true // the expected values and the events' come together
	p.arrived = func(at syntax.Expr) syntax.Expr {
		return le(syntax.Fn("ingestion_time"), plus(bin(at, a.Window), a.Window+a.Grace))
	}
	start := syntax.Col(windowColumn)
	events := p.events(since(), until(), true)
	key := p.keys[a.Key]
	name := p.keyNames([]int{a.Key})[0]
	events = syntax.Pipe(events, p.expandKeys([]int{a.Key})...)
	by := append(p.keyItems([]int{a.Key}), syntax.Named(windowColumn, bin(p.eventTime(), a.Window)))
	sum := &syntax.Summarize{By: by, HasBy: true}
	n := p.fresh("Events")
	if a.Min > 1 {
		sum.Aggs = []syntax.Item{syntax.Named(n, syntax.Fn("count"))}
	}
	events = syntax.Pipe(events, sum)
	expected := p.fresh("expected")
	table := &syntax.Datatable{Columns: []syntax.Column{{Name: name, Type: kustoType(key.typ)}}}
	for _, v := range a.Expected {
		table.Values = append(table.Values, expectedValue(v, key.typ))
	}
	p.let(expected, table)
	windows := syntax.Fn("range", since(), plus(until(), -a.Window), syntax.Timespan(a.Window))
	x := syntax.Pipe(syntax.Col(expected),
		&syntax.MvExpand{Items: []syntax.ExpandItem{{Name: windowColumn, Expr: windows, Type: syntax.TypeDatetime}}},
		&syntax.Where{Pred: syntax.Fn("isnotnull", start)})
	on := []syntax.Expr{key.expr, start}
	if a.Min == 1 {
		x = syntax.Pipe(x, &syntax.Join{Kind: "leftanti", Right: events, On: on})
	} else {
		count := syntax.Fn("coalesce", syntax.Col(n), syntax.Long(0))
		x = syntax.Pipe(x, &syntax.Lookup{Kind: "leftouter", Right: events, On: on}, &syntax.Extend{Items: []syntax.Item{syntax.Named(n, count)}},
			&syntax.Where{Pred: lt(syntax.Col(n), syntax.Long(int64(a.Min)))})
	}
	return x, backends.Columns{Keys: []string{name}, From: windowColumn}
}

// expectedValue is a value as the key's column has it.
func expectedValue(v schema.Value, t schema.Type) syntax.Expr {
	switch {
	case textType(t):
		return syntax.Str(v.String())
	case t == schema.Date:
		return syntax.Datetime(time.UnixMilli(v.Millis()).UTC())
	}
	return literal(v)
}
