package verify

import (
	"fmt"
	"slices"
	"time"

	"github.com/onerule/onerule/ir"
	platforms "github.com/onerule/onerule/platform/all"
	"github.com/onerule/onerule/schema"
)

// maxArtefactCases is how many events the artefact of an event rule is run on: fewer than any platform's limit of alerts.
const maxArtefactCases = 60

// artefact runs what the platform makes of an event rule, tick by tick, and compares what it finds with what its query found.
func (j *judge) artefact(res *Result, opts Options, answers []bool) {
	p, ok := platforms.Lookup(j.out.Backend.Platform)
	if !ok {
		return
	}
	art, diags := platforms.Build(j.out.Rule, p, j.out.Backend.Lang, opts.Compile)
	if art == nil {
		res.Status = Refused
		res.Diags = append(res.Diags, diags...)
		return
	}
	out := *j.out
	out.Bound = art.Bound
	sj, err := newStreamJudge(&out, p, art)
	if err != nil {
		res.fail(err)
		return
	}
	s := Stream{Name: "the events of one hour"}
	var want []bool
	for _, i := range j.sample(answers) {
		s.Events, want = append(s.Events, j.cases[i]), append(want, answers[i])
	}
	s.Events = identified(s.Events)
	for _, phase := range phases {
		got, err := sj.run(s, phase, nil)
		if err != nil {
			res.fail(err)
			return
		}
		for i, c := range s.Events {
			id := (&ir.Finding{Event: c.Canonical.ID}).Identity()
			if _, found := got[id]; found == want[i] || len(res.Disagreements) >= maxDisagreements {
				continue
			}
			res.Status = Disagrees
			res.Disagreements = append(res.Disagreements, Disagreement{
				Case: c, Blame: "lowering", Want: want[i], Bound: want[i], Got: !want[i], Native: c.Native, Piece: art.Query.Text,
				Why: fmt.Sprintf("the %s rule of %s finds something else than its query (ticks moved by %s)", art.Type, p.Name, phase),
			})
		}
	}
}

// sample chooses events around one hour that the output promises something about, found ones and others in turn.
func (j *judge) sample(answers []bool) []int {
	var found, others []int
	for i, c := range j.cases {
		far := c.Canonical.Millis - schema.DefaultMillis
		if c.Canonical.Class == "" || max(far, -far) > (30*time.Minute).Milliseconds() || !j.keeps(i) {
			continue
		}
		if answers[i] {
			found = append(found, i)
		} else {
			others = append(others, i)
		}
	}
	out := slices.Concat(spreadOver(found, maxArtefactCases/2), spreadOver(others, maxArtefactCases/2))
	slices.Sort(out)
	return out
}

// spreadOver returns at most n of the numbers, evenly.
func spreadOver(xs []int, n int) []int {
	if len(xs) <= n {
		return xs
	}
	out := make([]int, n)
	for i := range out {
		out[i] = xs[i*len(xs)/n]
	}
	return out
}
