package spl

import (
	"testing"
	"time"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// TestReadable checks which conditions of aggregates are said by = and in(), and which by regular expressions.
func TestReadable(t *testing.T) {
	f := &ir.Field{Name: "data.type", Type: schema.Keyword}
	cmp := func(cased bool, texts ...string) *ir.Cmp {
		c := &ir.Cmp{Op: ir.Eq, Cased: cased, L: f}
		for _, s := range texts {
			c.R = append(c.R, schema.String(s))
		}
		return c
	}
	for _, tc := range []struct {
		p    ir.Pred
		want string
	}{
		{cmp(true, "ss"), `'data.type'="ss"`},
		{cmp(true, "ss", "fs"), `in('data.type', "ss", "fs")`},
		{cmp(false, "SS"), `lower('data.type')="ss"`},
		{&ir.Not{X: cmp(true, "ss")}, `isnull('data.type') OR NOT 'data.type'="ss"`},
		{cmp(true, "4624"), `isnotnull(mvfind('data.type', "^4624\\z"))`}, // would compare as a number
		{cmp(true, "inf"), `isnotnull(mvfind('data.type', "^inf\\z"))`},
		{cmp(true, "é"), `isnotnull(mvfind('data.type', "^é\\z"))`},
		{cmp(true, ""), `isnotnull(mvfind('data.type', "^\\z"))`},
		{&ir.And{Xs: []ir.Pred{cmp(true, "a"), &ir.Or{Xs: []ir.Pred{cmp(true, "b"), cmp(true, "c")}}}}, `'data.type'="a" AND ('data.type'="b" OR 'data.type'="c")`},
	} {
		if got := syntax.PrintExpr(readable(tc.p)); got != tc.want {
			t.Errorf("%s: %s, expected %s", ir.PrintPred(tc.p), got, tc.want)
		}
	}
}

// TestInterval checks how often a search runs for what a rule needs.
func TestInterval(t *testing.T) {
	for every, want := range map[time.Duration]time.Duration{
		30 * time.Second: time.Minute, time.Minute: time.Minute, 7 * time.Minute: time.Minute, 45 * time.Minute: 15 * time.Minute, time.Hour: time.Hour,
		90 * time.Minute: 30 * time.Minute, 5 * time.Hour: time.Hour, 36 * time.Hour: 12 * time.Hour, 48 * time.Hour: 24 * time.Hour, 14 * 24 * time.Hour: 7 * 24 * time.Hour,
	} {
		if got := Interval(backends.Timing{Every: every}); got != want {
			t.Errorf("%s: %s, expected %s", every, got, want)
		}
	}
	for every, want := range map[time.Duration]string{7 * time.Minute: "6m", 25 * time.Minute: "30m", 5 * time.Hour: "6h", 90 * time.Second: "2m", 40 * 24 * time.Hour: "7d"} {
		r := &ir.Rule{Schedule: ir.Schedule{Every: every}}
		l := TimingLevel(r, ir.TimingOf(r))
		if l.Kind != backends.Refuse || words(nearest(every)) != want {
			t.Errorf("%s: %v, nearest %s, expected %s", every, l.Kind, words(nearest(every)), want)
		}
	}
	for every, want := range map[time.Duration]backends.Kind{time.Hour: backends.Native, 2 * time.Hour: backends.Assume} {
		r := &ir.Rule{Schedule: ir.Schedule{Every: every}}
		if l := TimingLevel(r, ir.TimingOf(r)); l.Kind != want {
			t.Errorf("%s: %v, expected %v", every, l.Kind, want)
		}
	}
}

// TestContradict checks which conditions of one event are seen not to be true together.
func TestContradict(t *testing.T) {
	f, list := &ir.Field{Name: "a", Type: schema.Keyword}, &ir.Field{Name: "b[]", Type: schema.Keyword, Array: true}
	is := func(f *ir.Field, cased bool, texts ...string) ir.Pred {
		c := &ir.Cmp{Op: ir.Eq, Cased: cased, L: f}
		for _, s := range texts {
			c.R = append(c.R, schema.String(s))
		}
		return c
	}
	not := func(p ir.Pred) ir.Pred { return &ir.Not{X: p} }
	and := func(ps ...ir.Pred) ir.Pred { return &ir.And{Xs: ps} }
	or := func(ps ...ir.Pred) ir.Pred { return &ir.Or{Xs: ps} }
	exists := &ir.Exists{F: list}
	for _, tc := range []struct {
		p, q ir.Pred
		want bool
	}{
		{is(f, false, "x"), is(f, false, "y", "z"), true},
		{is(f, false, "x"), is(f, false, "y", "X"), false},
		{is(f, true, "x"), is(f, true, "X"), true},
		{is(f, true, "x"), is(f, false, "X"), false},
		{is(list, false, "x"), is(list, false, "y"), false}, // an array may hold both
		{is(f, false, "x"), is(list, false, "y"), false},
		{is(f, false, "x"), not(is(f, false, "X", "y")), true},
		{is(f, false, "x", "z"), not(is(f, false, "x")), false},
		{is(f, false, "x"), not(is(f, true, "x")), false}, // X is one, and not the other
		{is(f, true, "x"), not(is(f, true, "x")), true},
		{is(f, true, "x"), not(is(f, false, "X")), true},
		{exists, not(exists), true},
		{exists, exists, false},
		{and(exists, is(f, false, "x")), and(is(f, false, "y"), exists), true},
		{or(is(f, false, "x"), is(f, false, "y")), is(f, false, "z"), true},
		{or(is(f, false, "x"), exists), is(f, false, "z"), false},
		{or(is(f, false, "x"), is(f, false, "y")), or(is(f, false, "z"), and(exists, is(f, false, "w"))), true},
		{&ir.Const{Value: true}, is(f, false, "x"), false},
	} {
		if contradict(tc.p, tc.q) != tc.want || contradict(tc.q, tc.p) != tc.want {
			t.Errorf("%s and %s: expected %v", ir.PrintPred(tc.p), ir.PrintPred(tc.q), tc.want)
		}
	}
}
