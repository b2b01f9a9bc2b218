package pack

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/verify"
)

// Prove enters the results of verification.
func (p *Pack) Prove(results []*verify.Result) {
	type key struct{ rule, lang string }
	byKey := map[key]*verify.Result{}
	for _, r := range results {
		byKey[key{r.Rule.Name, r.Backend.Lang}] = r
	}
	for i := range p.Manifest.Rules {
		r := &p.Manifest.Rules[i]
		for n := range r.Outputs {
			o := &r.Outputs[n]
			res := byKey[key{r.Name, o.Lang}]
			if res == nil || res.Status == verify.Refused {
				continue
			}
			o.Doubts = res.Doubts
			o.Proof = &Proof{Status: string(res.Status), Events: res.Cases, Findings: res.Findings, Decisive: res.Coverage.Decisive, Leaves: res.Coverage.Leaves}
		}
	}
}

// Stale returns a warning for each rule whose meaning changed while its version did not.
func (p *Pack) Stale(d *Diff) diag.List { return staleVersions(p.Side(), d) }

func staleVersions(after Side, d *Diff) diag.List {
	var out diag.List
	for _, c := range d.Stale() {
		was := fmt.Sprintf("version %d", c.VersionBefore)
		title := fmt.Sprintf("the meaning of `%s` changed, its version did not", c.Rule)
		if c.Version < c.VersionBefore {
			title = fmt.Sprintf("the meaning of `%s` changed, and its version went back", c.Rule)
		}
		w := diag.New(diag.StaleVersion, diag.Span{}, title, fmt.Sprintf("write v%d behind the name of the rule", c.VersionBefore+1))
		if r := after.rule(c.Rule); r != nil {
			w.Span = r.Span
		}
		w.Notes = append(w.Notes, "compared with "+was)
		for i, x := range c.Clauses {
			if i == maxNoted {
				w.Notes = append(w.Notes, fmt.Sprintf("and %d more", len(c.Clauses)-maxNoted))
				break
			}
			w.Notes = append(w.Notes, x.text(plain))
		}
		out = append(out, w)
	}
	return out
}

// maxNoted bounds the changes that a warning names.
const maxNoted = 5

// StaleVersions returns a warning for each rule of a side whose meaning changed since another one while its version did not.
func StaleVersions(before, after Side) diag.List { return staleVersions(after, Compare(before, after)) }

// changed stands for a code in annotations: a change is no fault.
const changed diag.Code = "changed"

// Diagnostics says of each difference what it is, at the place of the rule: warnings where the version is stale, as annotations
// in a review.
func Diagnostics(d *Diff, after Side) diag.List {
	out := staleVersions(after, d)
	for i := range d.Changed {
		c := &d.Changed[i]
		if c.Stale || !c.counts() {
			continue
		}
		var b strings.Builder
		writeChange(&b, c, plain)
		lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
		n := diag.Diagnostic{Code: changed, Severity: diag.Note, Title: lines[0], Notes: lines[1:]}
		if r := after.rule(c.Rule); r != nil {
			n.Span = r.Span
		}
		out = append(out, n)
	}
	for _, r := range d.Added {
		n := diag.Diagnostic{Code: changed, Severity: diag.Note, Title: fmt.Sprintf("added %s v%d", r.Rule, r.Version)}
		if x := after.rule(r.Rule); x != nil {
			n.Span = x.Span
		}
		out = append(out, n)
	}
	for _, r := range d.Removed {
		out = append(out, diag.Diagnostic{Code: changed, Severity: diag.Note, Title: fmt.Sprintf("removed %s v%d", r.Rule, r.Version)})
	}
	return out.Sort()
}
