package sigmatable

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/onerule/onerule/backends"
	languages "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/verify"
)

// Proof is what verification says of some rules of a corpus.
type Proof struct {
	Rules, Every int
	Languages    []Proved
	// Disagreements names rules that disagree or fail, with the languages and the reason.
	Disagreements []string
	// Undecided names the conditions that were not shown to decide both ways, each with the rule and the languages.
	Undecided []string
}

// Proved is what it says of one language.
type Proved struct {
	Name                            string
	Agree, Disagree, Refused, Fails int
	// Events is how many were compared; of Leaves, the conditions of the rules that agree, Decisive were shown to decide the
	// answer both ways.
	Events, Leaves, Decisive int
	// Bounded is how many rules have more conditions or mutants than were tried.
	Bounded int
}

// Progress is told after each rule and language how much of the work is done.
type Progress func(done, all int)

// Verify verifies every n-th rule of a corpus in each language.
func Verify(corpus string, n int, progress Progress) *Proof {
	ws := workspace.Load([]string{corpus}, "")
	var rules []*ir.Rule
	for i := 0; i < len(ws.Rules); i += n {
		rules = append(rules, ws.Rules[i])
	}
	p := prove(rules, progress)
	p.Every = n
	return p
}

// prover counts what becomes of rules; results come from several goroutines.
type prover struct {
	lock                     sync.Mutex
	proof                    *Proof
	disagreements, undecided []remark
	done, all                int
	progress                 Progress
}

func prove(rules []*ir.Rule, progress Progress) *Proof {
	p := &prover{proof: &Proof{Rules: len(rules), Languages: make([]Proved, len(languages.Backends))}, all: len(rules) * len(languages.Backends), progress: progress}
	for i, b := range languages.Backends {
		p.proof.Languages[i].Name = b.Lang
	}
	opts := verify.Options{Compile: languages.Options{Consent: backends.Consent{Widen: true, Narrow: true}}}
	verify.Each(rules, languages.Backends, opts, p.take)
	p.proof.Disagreements, p.proof.Undecided = lines(p.disagreements), lines(p.undecided)
	return p.proof
}

func (p *prover) take(place int, res *verify.Result) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.done++; p.progress != nil {
		p.progress(p.done, p.all)
	}
	p.proof.Languages[place%len(languages.Backends)].count(res)
	said := func(text string) remark {
		return remark{place, res.Rule.Name, res.Backend.Lang, strings.Join(strings.Fields(text), " ")}
	}
	for _, d := range res.Disagreements {
		p.disagreements = append(p.disagreements, said(d.Why))
	}
	if res.Status == verify.Failed {
		p.disagreements = append(p.disagreements, said(fmt.Sprint(res.Diags.Err())))
	}
	for _, u := range res.Coverage.Undecided {
		p.undecided = append(p.undecided, said(shortened(u)))
	}
}

// maxCondition is how many letters of a condition the table shows; the rule holds the rest.
const maxCondition = 60

// shortened cuts the condition at the beginning of a remark.
func shortened(remark string) string {
	for _, end := range []string{" was never ", " never decided"} {
		if i := strings.LastIndex(remark, end); i >= 0 {
			if r := []rune(remark[:i]); len(r) > maxCondition {
				return string(r[:maxCondition]) + "…" + remark[i:]
			}
		}
	}
	return remark
}

func (l *Proved) count(res *verify.Result) {
	l.Events += res.Cases
	if len(res.Coverage.Bounds) > 0 {
		l.Bounded++
	}
	switch res.Status {
	case verify.Agrees:
		l.Agree++
		l.Leaves += res.Coverage.Leaves
		l.Decisive += res.Coverage.Decisive
	case verify.Disagrees:
		l.Disagree++
	case verify.Refused:
		l.Refused++
	case verify.Failed:
		l.Fails++
	}
}

// remark is something to say of a rule in a language.
type remark struct {
	place            int
	rule, lang, text string
}

// lines puts remarks in the order of rules; what is said of a rule in several languages is one line.
func lines(remarks []remark) []string {
	slices.SortStableFunc(remarks, func(a, b remark) int { return cmp.Compare(a.place, b.place) })
	type key struct{ rule, text string }
	langs := map[key][]string{}
	var order []key
	for _, r := range remarks {
		k := key{r.rule, r.text}
		if langs[k] == nil {
			order = append(order, k)
		}
		if !slices.Contains(langs[k], r.lang) {
			langs[k] = append(langs[k], r.lang)
		}
	}
	out := make([]string, len(order))
	for i, k := range order {
		out[i] = fmt.Sprintf("`%s` in %s: %s", k.rule, strings.Join(langs[k], ", "), k.text)
	}
	return out
}

// Markdown writes the proof for people.
func (p *Proof) Markdown() string {
	var b strings.Builder
	b.WriteString("# Public Sigma rules, verified\n\n")
	which := fmt.Sprintf("all %d public Sigma rules", p.Rules)
	if p.Every > 1 {
		which = fmt.Sprintf("one in %d of the public Sigma rules, %d in all,", p.Every, p.Rules)
	}
	fmt.Fprintf(&b, "Generated by `go run ./internal/gen/sigma CORPUS TABLE %d`: %s in each language. Wider and narrower outputs\nare allowed, and held against what they promise. *Decisive* says how many conditions of the rules that agree were shown to decide\nthe answer both ways; *bounded* counts rules that have more conditions on native fields, or more mutants, than are tried: a search\nfor words in any field is a condition on each field.\n\n", p.Every, which)
	b.WriteString("| language | agree | disagree | failed | refused | events compared | conditions | decisive | bounded |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, l := range p.Languages {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %d | %.1f %% | %d |\n", l.Name, l.Agree, l.Disagree, l.Fails, l.Refused, l.Events, l.Leaves, 100*float64(l.Decisive)/float64(max(l.Leaves, 1)), l.Bounded)
	}
	list := func(title string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(&b, "\n## %s\n\n- %s\n", title, strings.Join(lines, "\n- "))
		}
	}
	list("Disagreements and failures", p.Disagreements)
	list("Conditions that were not shown to decide both ways", p.Undecided)
	return b.String()
}
