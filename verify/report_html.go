package verify

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"sync"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	platforms "github.com/onerule/onerule/platform/all"
)

//go:embed report.html.tmpl
var htmlText string

var htmlTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("report").Funcs(template.FuncMap{
		"assumption": assumptionDoc,
		"json":       jsonText,
		"answers":    answersText,
		"events":     Disagreement.events,
		"brief":      diag.Diagnostic.Brief,
		"plural":     count,
	}).Parse(htmlText))
})

// htmlPage is what the template is given.
type htmlPage struct {
	Counts Counts
	Langs  []*backends.Backend
	Rules  []htmlRule
}

// htmlRule is one rule with its results in the order of the page's languages.
type htmlRule struct {
	*ir.Rule
	Results []*Result
}

// In returns the result in a language, nil when the rule is not for its platform.
func (h htmlRule) In(b *backends.Backend) *Result {
	for _, r := range h.Results {
		if r.Backend == b {
			return r
		}
	}
	return nil
}

// Doubt returns the documentation of one of the result's doubt switches.
func (r *Result) Doubt(name string) string {
	doubts := r.Backend.Language.Doubts
	if p, ok := platforms.Lookup(r.Backend.Platform); ok {
		doubts = slices.Concat(doubts, p.Doubts)
	}
	for _, d := range doubts {
		if d.Name == name {
			return fmt.Sprintf("%s (believed: %v)", d.Doc, d.Default)
		}
	}
	return ""
}

func assumptionDoc(name string) string {
	if a, ok := backends.LookupAssumption(name); ok {
		return a.Doc
	}
	return ""
}

// WriteHTML writes one page that needs no other file: each rule with all languages side by side.
func WriteHTML(w io.Writer, results []*Result) error {
	page := htmlPage{Counts: Count(results)}
	for _, r := range results {
		if !slices.Contains(page.Langs, r.Backend) {
			page.Langs = append(page.Langs, r.Backend)
		}
		if n := len(page.Rules); n == 0 || page.Rules[n-1].Rule != r.Rule {
			page.Rules = append(page.Rules, htmlRule{Rule: r.Rule})
		}
		last := &page.Rules[len(page.Rules)-1]
		last.Results = append(last.Results, r)
	}
	slices.SortStableFunc(page.Langs, func(a, b *backends.Backend) int { return cmp.Compare(rank(a), rank(b)) })
	return htmlTemplate().Execute(w, page)
}

// rank is the place of a language among all of them; a rule that is for few platforms may be the first.
func rank(b *backends.Backend) int {
	if i := slices.Index(all.Backends, b); i >= 0 {
		return i
	}
	return len(all.Backends)
}
