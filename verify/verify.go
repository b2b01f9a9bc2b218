// Package verify proves that what a language's query finds is what the rule means: it prints the query, parses the printed
// text, runs it with the interpreter of that language on native events, and compares with the evaluator on the canonical
// events, and with the evaluator on the bound rule and the native ones. Events come from the rule's tests, from files, and
// from witnesses and mutants made from the rule.
package verify

import (
	"fmt"
	"slices"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Options say what to verify with.
type Options struct {
	Compile all.Options
	// Events are further native events, each with the name under which it is reported.
	Events []FileEvent
	// As restricts Events to one binding; "" means that each binding's selecting conditions decide.
	As string
	// NoWitnesses leaves out what is made from the rule: only tests and files are run.
	NoWitnesses bool
	// Progress, when set, is called after each rule and language, by several goroutines.
	Progress func()
}

// FileEvent is a native event from a file.
type FileEvent struct {
	Name   string
	Object map[string]any
	// Canonical is the event in the words of rules, where it is known: an event that no telemetry of the rule selects, but a
	// log of another product does, is then taken in the form that the telemetry would have.
	Canonical *schema.Event
}

// Status is the outcome for one rule and language.
type Status string

// The outcomes.
const (
	Agrees    Status = "agrees"
	Disagrees Status = "disagrees"
	Refused   Status = "refused"
	Failed    Status = "failed" // the query could not be run
)

// Result is the outcome for one rule and language.
type Result struct {
	Rule     *ir.Rule
	Backend  *backends.Backend
	Output   *all.Output
	Status   Status
	Diags    diag.List
	Cases    int // events compared
	Findings int // of them findings of the rule
	// OutsideAssumptions counts events that break an assumption of the output: on them nothing is promised.
	OutsideAssumptions int
	// Unrealised lists test events that the telemetry cannot carry, with the reason.
	Unrealised []string
	// Doubts lists the switches on which the answer depends, sorted.
	Doubts        []string
	Coverage      Coverage
	Disagreements []Disagreement
}

// Coverage says how many conditions of the rule were shown to decide the answer both ways.
type Coverage struct {
	Leaves, Decisive int
	// Undecided lists the conditions that were not, in the words of rules.
	Undecided []string
	// Bounds says what was left out because the rule has more of it than is tried.
	Bounds []string
}

// Disagreement is one event on which the answers differ beyond what the level allows.
type Disagreement struct {
	Case  Case
	Blame string // binding or lowering
	Why   string
	// Want is the rule on the canonical event, Bound the bound rule on the native event, Got the language's answer.
	Want, Bound, Got bool
	// Native is the event, minimised.
	Native map[string]any
	// Stream holds the events of a stream, minimised, for a rule over several events; Finding is then what the answers differ
	// in, and Detail what the groups of the stream come to.
	Stream  []map[string]any
	Finding string
	Detail  string
	// Leaf is the condition of the rule that the minimised event turns on, and Piece what it was printed as; "" when unknown.
	Leaf, Piece string
}

// Rule verifies one rule in one language.
func Rule(r *ir.Rule, b *backends.Backend, opts Options) *Result {
	if r.Body != nil {
		res := Body(r, b, opts)
		if res.Status == Agrees || res.Status == Disagrees {
			ownValues(res, b, opts)
		}
		return res
	}
	out, diags := all.Compile(r, b, opts.Compile)
	res := &Result{Rule: r, Backend: b, Output: out, Diags: diags}
	if !out.OK() {
		res.Status = Refused
		return res
	}
	j, err := newJudge(out)
	if err != nil {
		res.Status = Failed
		res.Diags = append(res.Diags, diag.New(diag.VerifyFailed, r.Span, err.Error()))
		return res
	}
	c := newCollector(out, j.promise)
	c.tests()
	for _, e := range opts.Events {
		as := opts.As == "" || slices.ContainsFunc(out.Bound.Parts, func(p ir.Part) bool { return p.Binding.Name == opts.As })
		if as && c.add(e.Name, FromFile, false, e.Object) {
			continue
		}
		if e.Canonical != nil {
			c.realise(e.Name, FromFile, *e.Canonical)
		}
	}
	if !opts.NoWitnesses {
		c.witnesses()
	}
	res.Unrealised = c.unrealisedTests()
	j.cases = c.cases
	j.judge(res, opts)
	res.Coverage = coverage(pathsOf(r), j.promised())
	res.Coverage.Bounds = c.bounds
	ownValues(res, b, opts)
	return res
}

func (c *collector) unrealisedTests() []string {
	var out []string
	for _, u := range c.unrealised {
		if len(u) > 4 && u[:4] == "test" {
			out = append(out, u)
		}
	}
	return out
}

// judge holds what is needed to ask the three answers.
type judge struct {
	out       *all.Output
	canonical *eval.Rule
	bound     []*eval.Rule // by part
	promise   *promise
	program   native.Program
	cases     []Case
	kept      []bool // by case: the output promises something about it
}

func newJudge(out *all.Output) (*judge, error) {
	j := &judge{out: out, promise: newPromise(out)}
	var err error
	if j.canonical, err = eval.New(out.Rule); err != nil {
		return nil, err
	}
	for _, p := range out.Bound.Parts {
		e, err := eval.Pred(p.Pred())
		if err != nil {
			return nil, err
		}
		j.bound = append(j.bound, e)
	}
	prog, diags := out.Backend.Language.Compile("query", out.Query.Text)
	if diags.HasErrors() {
		return nil, fmt.Errorf("the printed query does not parse: %w\n%s", diags.Err(), out.Query.Text)
	}
	again, diags := out.Backend.Language.Reprint("query", out.Query.Text)
	if diags.HasErrors() || again != out.Query.Text {
		return nil, fmt.Errorf("the printed query is printed differently when parsed back:\n%s\n%s", out.Query.Text, again)
	}
	j.program = prog
	return j, nil
}

// run answers which cases the language finds, under doubt switches.
func (j *judge) run(cases []Case, doubts map[string]bool) ([]bool, error) {
	return j.answers(cases, native.Input{Doubts: doubts})
}

// answers is run with an input that lacks the tables.
func (j *judge) answers(cases []Case, in native.Input) ([]bool, error) {
	l, where := newLayout(j.out), make([]native.Ref, len(cases))
	for i, c := range cases {
		where[i] = l.add(c)
	}
	in.Tables, in.Size = l.tables, len(cases)+1 // EQL answers with 10 events unless told otherwise
	out, diags := j.program.Run(in)
	if diags.HasErrors() {
		return nil, fmt.Errorf("the query does not run: %w", diags.Err())
	}
	found := backends.Found(out)
	answers := make([]bool, len(cases))
	for i, ref := range where {
		answers[i] = found[ref]
	}
	return answers, nil
}

// boundHolds is the bound rule on a native event: some part's condition is true on it in the part's table.
func (j *judge) boundHolds(c Case) bool {
	table := j.out.Bound.Parts[c.Part].Class.Table
	e := schema.Event{Object: c.Native, Millis: c.Canonical.Millis}
	for i, p := range j.out.Bound.Parts {
		if p.Class.Table == table && j.bound[i].Holds(p.Pred(), &e) {
			return true
		}
	}
	return false
}

func (j *judge) judge(res *Result, opts Options) {
	asked := native.Asked{}
	answers, err := j.answers(j.cases, native.Input{Asked: asked})
	if err != nil {
		res.Status = Failed
		res.Diags = append(res.Diags, diag.New(diag.VerifyFailed, res.Rule.Span, err.Error()))
		return
	}
	res.Status = Agrees
	for i, c := range j.cases {
		if !j.keeps(i) {
			res.OutsideAssumptions++
			continue
		}
		want, bound := j.canonical.Match(&c.Canonical), j.boundHolds(c)
		res.Cases++
		if want {
			res.Findings++
		}
		if d, bad := compare(res.Output.Fidelity, want, bound, answers[i]); bad {
			d.Case = c
			res.Status = Disagrees
			if len(res.Disagreements) < maxDisagreements {
				res.Disagreements = append(res.Disagreements, j.explain(d))
			}
		}
	}
	if res.Status == Agrees {
		j.artefact(res, opts, answers)
	}
	res.Doubts = j.doubts(answers, asked)
}

// maxDisagreements bounds what is reported for one rule and language: one cause often shows on many events.
const maxDisagreements = 5

func compare(f backends.Fidelity, want, bound, got bool) (Disagreement, bool) {
	d := Disagreement{Want: want, Bound: bound, Got: got}
	switch {
	case want != bound:
		d.Blame, d.Why = "binding", "the bound rule answers differently on the native event than the rule on the canonical one"
	case f.Kind == backends.Widen && bound && !got:
		d.Blame, d.Why = "lowering", "a wider query misses a finding of the rule"
	case f.Kind == backends.Narrow && got && !bound:
		d.Blame, d.Why = "lowering", "a narrower query finds what the rule does not"
	case f.Kind != backends.Widen && f.Kind != backends.Narrow && bound != got:
		d.Blame, d.Why = "lowering", "the query answers differently than the rule"
	default:
		return d, false
	}
	return d, true
}

// breaks returns the first assumption of the output that an event does not satisfy.
func (j *judge) breaks(c Case) string { return j.promise.broken(c.Part, c.Native) }

// keeps reports whether the output promises something about a case.
func (j *judge) keeps(i int) bool {
	for k := len(j.kept); k < len(j.cases); k++ {
		j.kept = append(j.kept, j.breaks(j.cases[k]) == "")
	}
	return j.kept[i]
}

// promised returns the cases that the output promises something about.
func (j *judge) promised() []Case {
	var out []Case
	for i, c := range j.cases {
		if j.keeps(i) {
			out = append(out, c)
		}
	}
	return out
}

// doubts returns the switches on which an answer depends: each flipped alone, then all off and all on. Those that were not
// asked about when the answers were found change none of them.
func (j *judge) doubts(base []bool, asked native.Asked) []string {
	cases, want := j.telling(base)
	depends := func(state map[string]bool) bool {
		got, err := j.run(cases, state)
		return err != nil || !slices.Equal(got, want)
	}
	var out []string
	all := j.out.Backend.Language.Doubts
	for _, d := range all {
		if asked.Has(d.Name) && depends(map[string]bool{d.Name: !d.Default}) {
			out = append(out, d.Name)
		}
	}
	for _, state := range []bool{false, true} {
		m := map[string]bool{}
		flipped := false
		for _, d := range all {
			m[d.Name] = state
			flipped = flipped || asked.Has(d.Name) && d.Default != state
		}
		if len(out) == 0 && flipped && depends(m) {
			out = append(out, fmt.Sprintf("all switches %v together", state))
		}
	}
	slices.Sort(out)
	return out
}

// maxDoubtCases bounds the fine cases that are run again for each doubt.
const maxDoubtCases = 300

// telling returns the cases that are run again for each doubt, with the answers that they had: those that the output
// promises something about, and of the fine ones an even choice.
func (j *judge) telling(base []bool) (cases []Case, want []bool) {
	fine, seen := 0, 0
	for _, c := range j.cases {
		if c.Fine {
			fine++
		}
	}
	for i, c := range j.cases {
		if c.Fine {
			if seen++; seen*maxDoubtCases/max(fine, maxDoubtCases) == (seen-1)*maxDoubtCases/max(fine, maxDoubtCases) {
				continue
			}
		}
		if j.keeps(i) {
			cases, want = append(cases, c), append(want, base[i])
		}
	}
	return cases, want
}
