package spl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// maxRepeat is how many rows a window of streamstats holds (max_stream_window), maxChoices how many steps of a together rule may be
// such that one event can take any of them: each choice of them is counted by itself.
const (
	maxRepeat  = 10000
	maxChoices = 4
)

// sequenceLevel says whether a search carries the steps of a sequence or together rule.
func sequenceLevel(b *ir.Bound, s *ir.Sequence) backends.Level {
	if l := wholeSeconds(s.Within); l.Kind == backends.Refuse {
		return l
	}
	groups := [][]int{}
	if !s.Ordered {
		groups = overlapping(b, s)
	}
	for _, refused := range []func() backends.Level{
		func() backends.Level { return repeatLevel(b, s, groups) },
		func() backends.Level { return groupsLevel(s, groups) },
		func() backends.Level { return crossLevel(b, s, groups) },
	} {
		if l := refused(); l.Kind == backends.Refuse {
			return l
		}
	}
	if s.Ordered && s.Waits() {
		for place := range s.Events() {
			if gap := s.Gap(place); len(gap) > 0 {
				return backends.Refused(fmt.Sprintf("the chain is judged when its span is over, and %s must be missing before that: which begin of a chain counts is not known before its end", stepWords(s, gap[0])),
					"leave one of the two missing steps out; Kusto carries both")
			}
		}
	}
	names := []string{"search-limits"}
	if len(b.Rule.Emit.Shown) > 0 {
		names = append(names, "distinct-times")
	}
	for _, shown := range b.Rule.Emit.Shown {
		v := shown.Value.(*ir.NumStep).StepValue
		if ir.TermType(b.Rule.Args[v.Arg]).IsString() && !stepArray(b, v) {
			names = append(names, "no-empty")
		}
	}
	for _, c := range s.Cross {
		names = append(names, crossAssumptions(b, &c)...)
	}
	return backends.Assuming(names...)
}

func stepWords(s *ir.Sequence, i int) string {
	if n := s.Steps[i].Name; n != "" {
		return "`" + n + "`"
	}
	return fmt.Sprintf("step %d", i+1)
}

func repeatLevel(b *ir.Bound, s *ir.Sequence, groups [][]int) backends.Level {
	for _, i := range s.Events() {
		if !stepOccurs(b, i) {
			return backends.Refused("no event of the tables can be of the step "+stepWords(s, i), "choose other telemetry, or leave this target out")
		}
		if s.Steps[i].Repeat > maxRepeat {
			return backends.Refused(fmt.Sprintf("%s takes %d events, and streamstats looks back at %d rows at most", stepWords(s, i), s.Steps[i].Repeat, maxRepeat), fmt.Sprintf("write `repeat >= %d` or less", maxRepeat))
		}
	}
	for _, g := range groups {
		sum := 0
		for _, i := range g {
			sum += s.Steps[i].Repeat
		}
		if sum > maxRepeat {
			return backends.Refused(fmt.Sprintf("the steps take %d events that may be the same, and streamstats looks back at %d rows at most", sum, maxRepeat), "ask for fewer events")
		}
	}
	return backends.Exactly()
}

// groupsLevel is about steps of a together rule that one event may take.
func groupsLevel(s *ir.Sequence, groups [][]int) backends.Level {
	for _, g := range groups {
		if len(g) == 1 {
			continue
		}
		what := "one event may be of the steps " + joinSteps(s, g)
		for _, i := range g {
			if !slices.Equal(s.Steps[i].Keys, s.Steps[g[0]].Keys) {
				return backends.Refused(what+", by different keys", "write the steps' conditions so that no event fulfils both, such as `event.outcome == \"failure\"` and `event.outcome == \"success\"`")
			}
		}
		if len(g) > maxChoices {
			return backends.Refused(what+fmt.Sprintf(": more than %d such steps", maxChoices), "write conditions that no event fulfils together")
		}
		if s.Waits() {
			return backends.Refused(what+", and which it is decides which chains begin with it", "write conditions that no event fulfils together, or leave the missing step out")
		}
	}
	return backends.Exactly()
}

func joinSteps(s *ir.Sequence, steps []int) string {
	var names []string
	for _, i := range steps {
		names = append(names, stepWords(s, i))
	}
	return strings.Join(names, " and ")
}

func crossLevel(b *ir.Bound, s *ir.Sequence, groups [][]int) backends.Level {
	for _, c := range s.Cross {
		for _, v := range []ir.StepValue{c.L, c.R} {
			switch {
			case stepArray(b, v):
				return backends.Refused("a field that may have several values is compared with another step's", "compare a field with one value")
			case ir.TermType(b.Rule.Args[v.Arg]) == schema.Date:
				return backends.Refused("times of two steps are compared", "bound their distance by `within`")
			}
		}
	}
	x := crossingOf(b.Rule, s)
	switch {
	case x.why != "":
		return backends.Refused("steps are compared by what streamstats carries from one to the next, and that is not enough for "+x.why,
			"compare one step with the one before it by `==` or `!=`, or all steps by `==`; Kusto carries any comparison")
	case slices.ContainsFunc(groups, func(g []int) bool { return len(g) > 1 }) && len(s.Cross) > 0:
		return backends.Refused("one event may be of several of the steps that are compared", "write conditions that no event fulfils together")
	}
	return backends.Exactly()
}

// crossAssumptions are what a comparison of two steps takes for granted.
func crossAssumptions(b *ir.Bound, c *ir.Cross) []string {
	if ir.TermType(b.Rule.Args[c.L.Arg]).IsString() && !c.Cased {
		return []string{"fold"}
	}
	return nil
}

// absenceLevel says whether a search carries an expect rule.
func absenceLevel(a *ir.Absence) backends.Level {
	if l := wholeSeconds(a.Window); l.Kind == backends.Refuse {
		return l
	}
	if len(a.Expected) > maxAppend {
		return backends.Refused(fmt.Sprintf("%d values are expected, and append adds %d rows at most", len(a.Expected), maxAppend), "split the list over several rules")
	}
	return backends.Assuming("search-limits", "grace")
}

// maxAppend is how many rows append adds (limits.conf, maxout of subsearches that append).
const maxAppend = 50000
