package verify

import (
	"bufio"
	"fmt"
	"net/netip"
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
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// A mutation breaks an output the way a faulty lowering would. Mutations of the predicate stand for a row that lowers to
// another operator, for a lost guard or a lost negation; mutations of the text stand for a lost escape, a lost pair of
// parentheses, and operators exchanged by the printer.

// TestMutations breaks the output of each rule and language in every way, one at a time, and demands that verify objects.
// Survivors stand in testdata/survivors.txt with the reason why they mean the same. A mutant of a wider or narrower query
// that changes answers and still keeps the promise is counted by itself.
func TestMutations(t *testing.T) {
	if testing.Short() {
		t.Skip("short: the mutation test takes a minute")
	}
	known := readSurvivors(t)
	rules := mutationRules(t)
	for _, b := range all.Backends {
		t.Run(b.Lang, func(t *testing.T) {
			t.Parallel()
			var score score
			for _, r := range rules {
				score.rule(t, r, b)
			}
			checkSurvivors(t, b.Lang, score.survivors, known)
			total := score.killed + len(score.survivors)
			if total == 0 {
				t.Fatal("no mutant was made")
			}
			t.Logf("%s: %d rules, %d of %d mutants killed (%.1f %%), %d survivors in the ledger; left out: %d that print the same text, %d that keep the promise of an inexact query",
				b.Lang, score.rules, score.killed, total, 100*float64(score.killed)/float64(total), len(score.survivors), score.same, score.promised)
		})
	}
}

type score struct {
	rules, killed, same, promised int
	survivors                     []string
}

func (s *score) rule(t *testing.T, r *ir.Rule, b *backends.Backend) {
	consent := all.Options{Consent: backends.Consent{Widen: true, Narrow: true}}
	out, _ := all.Compile(r, b, consent)
	if !out.OK() {
		return
	}
	s.rules++
	e, err := newExam(out)
	if err != nil {
		t.Errorf("%s: %v", r.Name, err)
		return
	}
	if e.verdict(e.judge) == mutantKilled {
		res := Rule(r, b, Options{Compile: consent})
		t.Errorf("%s does not agree before any mutation: %s", r.Name, res.Status)
		for _, d := range res.Disagreements {
			t.Logf("  %s: want %v, bound %v, got %v: %v", d.Case.Name, d.Want, d.Bound, d.Got, jsonText(d.Native))
		}
		return
	}
	seen := map[string]bool{}
	for _, m := range append(predicateMutants(out), textMutants(out.Query.Text)...) {
		if seen[m.text] {
			continue
		}
		seen[m.text] = true
		switch e.judgeText(m.text) {
		case mutantKilled:
			s.killed++
		case mutantEqual:
			s.same++
		case mutantPromised:
			s.promised++
		case mutantLives:
			s.survivors = append(s.survivors, fmt.Sprintf("%s %s: %s", b.Lang, r.Name, m.name))
		}
	}
}

func checkSurvivors(t *testing.T, lang string, survivors, known []string) {
	t.Helper()
	for _, s := range survivors {
		if !slices.ContainsFunc(known, func(entry string) bool { return sameMutation(entry, s) }) {
			t.Errorf("survives: %s", s)
		}
	}
	for _, entry := range known {
		if strings.HasPrefix(entry, lang+" ") && !slices.ContainsFunc(survivors, func(s string) bool { return sameMutation(entry, s) }) {
			t.Errorf("stands in the ledger and does not survive: %s", entry)
		}
	}
}

// sameMutation reports whether an entry of the ledger is about a mutation: … at its end stands for any rest.
func sameMutation(entry, name string) bool {
	if head, open := strings.CutSuffix(entry, "…"); open {
		return strings.HasPrefix(name, head)
	}
	return entry == name
}

// readSurvivors reads lines "LANG,… RULE,…: MUTATION => REASON" and returns an entry for each language and rule.
func readSurvivors(t *testing.T) []string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "survivors.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		line := sc.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, ok := strings.Cut(line, " => ")
		if !ok || reason == "" {
			t.Fatalf("no reason: %s", line)
		}
		langs, rest, _ := strings.Cut(name, " ")
		rules, mutation, _ := strings.Cut(rest, ": ")
		for _, lang := range strings.Split(langs, ",") {
			for _, rule := range strings.Split(rules, ",") {
				out = append(out, lang+" "+rule+": "+mutation)
			}
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

type mutation struct {
	name string
	text string
}

type verdict int

const (
	mutantKilled verdict = iota
	mutantEqual
	mutantPromised
	mutantLives
)

// exam is what a broken text is asked: the cases in an order in which most are found out early, and the right answers.
type exam struct {
	out         *all.Output
	judge       *judge
	cases       []Case
	want, bound []bool
	right       []bool // the answers of the right text
}

func newExam(out *all.Output) (*exam, error) {
	j, err := newJudge(out)
	if err != nil {
		return nil, err
	}
	c := newCollector(out, j.promise)
	c.tests()
	c.witnesses()
	e := &exam{out: out, judge: j}
	for _, x := range c.cases {
		if j.breaks(x) == "" {
			e.cases = append(e.cases, x)
		}
	}
	rank := func(c Case) int {
		switch {
		case c.Fine:
			return 2
		case c.Origin == FromMutant:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(e.cases, func(a, b Case) int { return rank(a) - rank(b) })
	for _, x := range e.cases {
		e.want, e.bound = append(e.want, j.canonical.Match(&x.Canonical)), append(e.bound, j.boundHolds(x))
	}
	e.right, err = j.run(e.cases, nil)
	return e, err
}

// judgeText runs a broken text in the place of the right one.
func (e *exam) judgeText(text string) verdict {
	if text == e.out.Query.Text {
		return mutantEqual
	}
	again, diags := e.out.Backend.Language.Reprint("query", text)
	switch {
	case diags.HasErrors():
		return mutantKilled
	case again == e.out.Query.Text:
		return mutantEqual // the parser reads it as the right text
	}
	broken := *e.out
	broken.Query.Text = text
	program, diags := e.out.Backend.Language.Compile("query", text)
	if diags.HasErrors() {
		return mutantKilled
	}
	return e.verdict(&judge{out: &broken, program: program})
}

// verdict compares the answers of a program, in growing pieces.
func (e *exam) verdict(j *judge) verdict {
	changed := false
	for from, size := 0, 100; from < len(e.cases); from, size = from+size, size*4 {
		to := min(from+size, len(e.cases))
		got, err := j.run(e.cases[from:to], nil)
		if err != nil {
			return mutantKilled
		}
		for i := from; i < to; i++ {
			if _, bad := compare(e.out.Fidelity, e.want[i], e.bound[i], got[i-from]); bad {
				return mutantKilled
			}
			changed = changed || got[i-from] != e.right[i]
		}
	}
	if changed {
		return mutantPromised
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
		{" -(", " ("},
		{"~", ""},
		{">=", ">"},
		{"<=", "<"},
		{" < ", " <= "},
		{" > ", " >= "},
		{":>", ":>="},
		{":<", ":<="},
		{"==", "!="},
		{"=~", "=="},
		{"!=", "=="},
		{"!~", "=~"},
		{`\`, ""},
		{"*", ""},
		{"?", "*"},
		{"in~", "in"},
		{"_cs", ""},
		{"isnull(", "isnotnull("},
		{"isnotnull(", "isnull("},
		{"isempty(", "isnotempty("},
		{"isnotempty(", "isempty("},
		{"(?s:.)", "."},
		{`\z`, ""},
		{"^", ""},
		{"$\"", "\""},
		{"(?i)", ""},
		{"(?is)", "(?i)"},
		{"(?-i)", "(?i)"},
		{"(?-i:", "(?:"},
		{"r\"", "\""},
		{"TO_LOWER(", "("},
		{"lower(", "("},
		{"tolower(", "("},
		{", false)", ", true)"},
		{"FALSE", "TRUE"},
		{"startswith", "contains"},
		{"endswith", "contains"},
		{"IS NULL", "IS NOT NULL"},
		{"IS NOT NULL", "IS NULL"},
		{"mvcount", "len"},
		{" - ", " + "},
		{" + ", " - "},
	}
	var out []mutation
	for _, s := range swaps {
		for from, n := 0, 0; ; n++ {
			i := strings.Index(text[from:], s[0])
			if i < 0 || n == 12 {
				break
			}
			i += from
			out = append(out, mutation{name: fmt.Sprintf("%q to %q in %s", s[0], s[1], around(text, i, i+len(s[0]))), text: text[:i] + s[1] + text[i+len(s[0]):]})
			from = i + len(s[0])
		}
	}
	return append(out, withoutParentheses(text)...)
}

// around quotes the text around a place, with the place between ‹ and ›.
func around(text string, from, to int) string {
	before, after := []rune(text[:from]), []rune(text[to:])
	if n := len(before); n > contextRunes {
		before = before[n-contextRunes:]
	}
	if len(after) > contextRunes {
		after = after[:contextRunes]
	}
	return strings.ReplaceAll(string(before)+"‹"+text[from:to]+"›"+string(after), "\n", "⏎")
}

const contextRunes = 24

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
			out = append(out, mutation{name: "no parentheses round " + around(text, from+1, from+1+min(contextRunes, i-from-1)), text: text[:from] + text[from+1:i] + text[i+1:]})
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
			bound.Parts[i].Where = pass.Canonical(v.pred) // languages render what the passes leave
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
	case *ir.Rel:
		for _, op := range wrongOps[p.Op] {
			if r := (&ir.Rel{Op: op, L: p.L, R: p.R}); ir.VerifyPred(r) == nil {
				add(op.String()+" in the place of", r)
			}
		}
		if ir.TermType(p.L).IsString() {
			add("other case rule at", &ir.Rel{Op: p.Op, Cased: !p.Cased, L: p.L, R: p.R})
		}
	case *ir.Exists:
		add("not empty in the place of", &ir.Not{X: &ir.Empty{F: p.F}})
	case *ir.Empty:
		add("not exists in the place of", &ir.Not{X: &ir.Exists{F: p.F}})
	case *ir.Quant:
		add("other quantifier at", &ir.Quant{Kind: ir.Any + ir.All - p.Kind, Var: p.Var, Over: p.Over, Body: p.Body})
		for _, c := range changes(p.Body) {
			out = append(out, change{c.name, &ir.Quant{Kind: p.Kind, Var: p.Var, Over: p.Over, Body: c.pred}})
		}
	case *ir.Const, *ir.Keyword:
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

// nextLiteral returns the number, time or block next to a literal.
func nextLiteral(p *ir.Cmp, v schema.Value) (schema.Value, bool) {
	switch {
	case p.Op == ir.InCIDR:
		block, err := ir.ParseCIDR(v.Str())
		return schema.String(netip.PrefixFrom(block.Addr(), block.Bits()+1).String()), err == nil
	case v.Type() == schema.Long:
		return schema.Int(v.Int64() + 1), true
	case v.Type() == schema.Date:
		return schema.DateMillis(v.Millis() + 1), true
	case v.Type() == schema.Boolean:
		return schema.Bool(!v.Bool()), true
	}
	return v, false
}

// oneSpelling reports whether the field has one spelling, so that the case rule of a comparison makes no difference.
func oneSpelling(p *ir.Cmp) bool {
	f, ok := p.L.(*ir.Field)
	return ok && f.Native != nil && !f.Native.Spelling.Any()
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
	if text && p.Op.Info().Folds && !oneSpelling(p) && slices.ContainsFunc(p.R, func(v schema.Value) bool { return pattern.HasCase(v.Str()) }) {
		with("other case rule at", func(c *ir.Cmp) { c.Cased = !c.Cased })
	}
	for i := range p.R {
		if len(p.R) > 1 {
			with(fmt.Sprintf("without literal %d of", i+1), func(c *ir.Cmp) { c.R = slices.Delete(slices.Clone(p.R), i, i+1) })
		}
		if near, ok := nextLiteral(p, p.R[i]); ok {
			with(fmt.Sprintf("literal %d next to that in", i+1), func(c *ir.Cmp) {
				c.R = slices.Clone(p.R)
				c.R[i] = near
			})
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
