package verify

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
	"github.com/onerule/onerule/schema"
)

// A mutation breaks an output the way a faulty lowering would. Mutations of the predicate stand for a row that lowers to
// another operator, for a lost guard or a lost negation; mutations of the text stand for a lost escape, a lost pair of
// parentheses, and operators exchanged by the printer.

// TestMutations breaks the output of each rule and language in every way, one at a time, and demands that verify objects.
// Survivors stand in testdata/survivors.txt with the reason why they mean the same.
func TestMutations(t *testing.T) {
	if testing.Short() {
		t.Skip("short: the mutation test takes minutes")
	}
	known := readSurvivors(t)
	rules := mutationRules(t)
	consent := all.Options{Consent: backends.Consent{Widen: true, Narrow: true}}
	for _, b := range all.Backends {
		t.Run(b.Lang, func(t *testing.T) {
			t.Parallel()
			killed, equivalent := 0, 0
			var survivors []string
			for _, r := range rules {
				out, _ := all.Compile(r, b, consent)
				if !out.OK() {
					continue
				}
				res := Rule(r, b, Options{Compile: consent})
				if res.Status != Agrees {
					t.Errorf("%s does not agree before any mutation: %s %v", r.Name, res.Status, res.Disagreements)
					continue
				}
				cases := casesOf(out)
				for _, m := range append(predicateMutants(out), textMutants(out.Query.Text)...) {
					switch m.judge(out, cases) {
					case mutantKilled:
						killed++
					case mutantEqual:
						equivalent++
					case mutantLives:
						survivors = append(survivors, fmt.Sprintf("%s %s: %s", b.Lang, r.Name, m.name))
					}
				}
			}
			checkSurvivors(t, b.Lang, survivors, known)
			total := killed + len(survivors)
			if total == 0 {
				t.Fatal("no mutant was made")
			}
			t.Logf("%s: %d of %d mutants killed (%.1f %%), %d that print the same text left out, %d survivors in the ledger",
				b.Lang, killed, total, 100*float64(killed)/float64(total), equivalent, len(survivors))
		})
	}
}

func checkSurvivors(t *testing.T, lang string, survivors []string, known map[string]string) {
	t.Helper()
	for _, s := range survivors {
		if known[s] == "" {
			t.Errorf("survives: %s", s)
		}
	}
	for s := range known {
		if strings.HasPrefix(s, lang+" ") && !slices.Contains(survivors, s) {
			t.Errorf("stands in the ledger and does not survive: %s", s)
		}
	}
}

// readSurvivors reads lines "LANG RULE: MUTATION => REASON".
func readSurvivors(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "survivors.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]string{}
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		if line := sc.Text(); line != "" && !strings.HasPrefix(line, "#") {
			name, reason, ok := strings.Cut(line, " => ")
			if !ok || reason == "" {
				t.Fatalf("no reason: %s", line)
			}
			out[name] = reason
		}
	}
	return out
}

func mutationRules(t *testing.T) []*ir.Rule {
	t.Helper()
	name := filepath.Join("testdata", "features.rule")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, diags := grammar.Parse(name, text)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	rules, diags := lower.Rules(f, lower.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return rules
}

func casesOf(out *all.Output) []Case {
	c := &collector{out: out, seen: map[string]bool{}}
	c.tests()
	c.witnesses()
	return c.cases
}

type mutation struct {
	name string
	text string
}

type verdict int

const (
	mutantKilled verdict = iota
	mutantEqual
	mutantLives
)

// judge runs a broken text in the place of the right one.
func (m mutation) judge(out *all.Output, cases []Case) verdict {
	if m.text == out.Query.Text {
		return mutantEqual
	}
	if again, diags := out.Backend.Language.Reprint("query", m.text); !diags.HasErrors() && again == out.Query.Text {
		return mutantEqual // the parser reads it as the right text
	}
	broken := *out
	broken.Query.Text = m.text
	j, err := newJudge(&broken)
	if err != nil {
		return mutantKilled
	}
	j.cases = cases
	res := &Result{Rule: out.Rule, Backend: out.Backend, Output: &broken}
	answers, err := j.run(cases, nil)
	if err != nil {
		return mutantKilled
	}
	for i, c := range cases {
		if j.breaks(c) != "" {
			continue
		}
		if _, bad := compare(res.Output.Fidelity, j.canonical.Match(&c.Canonical), j.boundHolds(c), answers[i]); bad {
			return mutantKilled
		}
	}
	return mutantLives
}

// textMutants breaks a query text at each place where a token stands that languages hang their meaning on.
func textMutants(text string) []mutation {
	swaps := [][2]string{
		{" and ", " or "},
		{" or ", " and "},
		{" AND ", " OR "},
		{" OR ", " AND "},
		{" && ", " || "},
		{" || ", " && "},
		{"not ", ""},
		{"NOT ", ""},
		{"!(", "("},
		{"-@", "@"},
		{"~", ""},
		{">=", ">"},
		{"<=", "<"},
		{" < ", " <= "},
		{" > ", " >= "},
		{"==", "!="},
		{"=~", "=="},
		{"!=", "=="},
		{"!~", "=~"},
		{`\`, ""},
		{"*", ""},
		{"in~", "in"},
		{"_cs", ""},
		{"isnull(", "isnotnull("},
		{"isnotnull(", "isnull("},
		{"(?s:.)", "."},
		{`\z`, ""},
		{"^", ""},
		{"TO_LOWER(", "("},
		{"FALSE", "TRUE"},
		{"startswith", "contains"},
		{"endswith", "contains"},
	}
	var out []mutation
	for _, s := range swaps {
		for from, n := 0, 0; ; n++ {
			i := strings.Index(text[from:], s[0])
			if i < 0 || n == 12 {
				break
			}
			i += from
			out = append(out, mutation{name: fmt.Sprintf("%q to %q, place %d", s[0], s[1], n+1), text: text[:i] + s[1] + text[i+len(s[0]):]})
			from = i + len(s[0])
		}
	}
	return append(out, withoutParentheses(text)...)
}

// withoutParentheses takes away each pair of parentheses.
func withoutParentheses(text string) []mutation {
	var out []mutation
	var open []int
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '(':
			open = append(open, i)
		case ')':
			if len(open) == 0 {
				continue
			}
			from := open[len(open)-1]
			open = open[:len(open)-1]
			out = append(out, mutation{name: fmt.Sprintf("without the parentheses at %d", from), text: text[:from] + text[from+1:i] + text[i+1:]})
		}
	}
	return out
}

// predicateMutants renders the rule with one node of its bound condition changed.
func predicateMutants(out *all.Output) []mutation {
	var ms []mutation
	for i, part := range out.Bound.Parts {
		for _, v := range changes(part.Where) {
			bound := *out.Bound
			bound.Parts = slices.Clone(out.Bound.Parts)
			bound.Parts[i].Where = v.pred
			if f := out.Backend.Check(&bound); f.Kind == backends.Refuse {
				continue
			}
			q, diags := out.Backend.Render(&bound)
			if !diags.HasErrors() {
				ms = append(ms, mutation{name: fmt.Sprintf("part %d: %s", i+1, v.name), text: q.Text})
			}
		}
	}
	return ms
}

type change struct {
	name string
	pred ir.Pred
}

// changes returns the predicate with one node changed, for each node and each change.
func changes(p ir.Pred) []change {
	var out []change
	add := func(name string, q ir.Pred) { out = append(out, change{name + " " + ir.PrintPred(p), q}) }
	switch p := p.(type) {
	case *ir.And:
		add("or in the place of", &ir.Or{Xs: p.Xs})
		out = append(out, memberChanges(p.Xs, func(xs []ir.Pred) ir.Pred { return &ir.And{Xs: xs} })...)
	case *ir.Or:
		add("and in the place of", &ir.And{Xs: p.Xs})
		out = append(out, memberChanges(p.Xs, func(xs []ir.Pred) ir.Pred { return &ir.Or{Xs: xs} })...)
	case *ir.Not:
		add("no not at", p.X)
		for _, c := range changes(p.X) {
			out = append(out, change{c.name, &ir.Not{X: c.pred}})
		}
	case *ir.Cmp:
		out = append(out, comparisonChanges(p)...)
	case *ir.Const, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return out
}

func memberChanges(xs []ir.Pred, join func([]ir.Pred) ir.Pred) []change {
	var out []change
	for i, x := range xs {
		if len(xs) > 1 {
			out = append(out, change{"without " + ir.PrintPred(x), join(slices.Delete(slices.Clone(xs), i, i+1))})
		}
		for _, c := range changes(x) {
			ys := slices.Clone(xs)
			ys[i] = c.pred
			out = append(out, change{c.name, join(ys)})
		}
	}
	return out
}

var wrongOps = map[ir.Op][]ir.Op{
	ir.Eq: {ir.StartsWith, ir.EndsWith, ir.Contains}, ir.Contains: {ir.StartsWith, ir.EndsWith, ir.Eq}, ir.StartsWith: {ir.Contains, ir.EndsWith, ir.Eq},
	ir.EndsWith: {ir.Contains, ir.StartsWith, ir.Eq}, ir.Lt: {ir.Le, ir.Gt}, ir.Le: {ir.Lt}, ir.Gt: {ir.Ge, ir.Lt}, ir.Ge: {ir.Gt, ir.Le}, ir.Like: {ir.Contains}, ir.Matches: {ir.Contains},
}

func comparisonChanges(p *ir.Cmp) []change {
	var out []change
	text := ir.TermType(p.L).IsString()
	with := func(name string, edit func(*ir.Cmp)) {
		c := *p
		edit(&c)
		if ir.VerifyPred(&c) == nil {
			out = append(out, change{name + " " + ir.PrintPred(p), &c})
		}
	}
	for _, op := range wrongOps[p.Op] {
		if text == op.Info().Folds || !text && op != ir.Eq {
			with(op.String()+" in the place of", func(c *ir.Cmp) { c.Op = op; c.Cased = c.Cased && op.Info().Folds })
		}
	}
	if text && p.Op.Info().Folds {
		with("other case rule at", func(c *ir.Cmp) { c.Cased = !c.Cased })
	}
	for i := range p.R {
		if len(p.R) > 1 {
			with(fmt.Sprintf("without literal %d of", i+1), func(c *ir.Cmp) { c.R = slices.Delete(slices.Clone(p.R), i, i+1) })
		}
		if text && len(p.R[i].Str()) > 1 && p.Op != ir.Matches {
			with(fmt.Sprintf("literal %d cut in", i+1), func(c *ir.Cmp) {
				c.R = slices.Clone(p.R)
				c.R[i] = schema.String(p.R[i].Str()[1:])
			})
		}
	}
	return out
}
