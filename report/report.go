// Package report writes the page of a pack: each rule with what it says, its queries side by side, what they promise and how it
// was proved, and which techniques of ATT&CK the rules cover. The page needs no other file and no network.
package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/pack"
	"github.com/onerule/onerule/verify"
)

//go:embed page.html.tmpl
var pageText string

//go:embed style.css
var styleText string

//go:embed script.js
var scriptText string

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"colour":     func(lang, text string) template.HTML { return template.HTML(Highlight(lang, text)) }, // escaped piece by piece
		"plural":     plural,
		"assumption": assumption,
		"level":      levelWord,
		"exactness":  exactness,
		"title":      langTitle,
		"join":       strings.Join,
		"web":        web,
		"short":      func(s string) string { return s[:min(len(s), 12)] },
	}).Parse(pageText))
})

// page is what the template is given.
type page struct {
	Style      template.CSS
	Script     template.JS
	Policy     string
	Manifest   *pack.Manifest
	Rules      []rule
	Coverage   []technique
	Platforms  []string
	Severities []string
	Artefacts  int
	Queries    int
	Refused    int
	// Proof counts the outputs by what verification found; it is nil when the build did not verify.
	Proof *verify.Counts
}

// rule is one rule of the page.
type rule struct {
	*pack.Rule
	Meta    ir.Meta
	Search  string
	Says    []says
	Targets []target
	Cards   []card
	// Spared are refusals by languages where another one of the platform carries the rule.
	Spared []card
	// Outcomes are the words that the filter for outcomes knows.
	Outcomes string
}

// says are the clauses of one part of a rule.
type says struct {
	Part  string
	Texts []string
}

// target is what a platform makes of a rule, in one word.
type target struct{ Platform, Title, Level string }

// card is a rule in one language.
type card struct {
	Lang, Platform, Level string
	Output                *pack.Output
	Query                 string
	Artefact, Format      string
	Refusal               *pack.Refusal
	Result                *verify.Result
}

// technique is one of ATT&CK.
type technique struct {
	ID    string
	Count int
	Rules []*pack.Rule
	// Weight is from 1 to 4.
	Weight int
}

// HTML returns the page of a finished pack; results are those of verification, nil when the build did not verify.
func HTML(p *pack.Pack, results []*verify.Result) ([]byte, error) {
	m := &p.Manifest
	pg := page{
		Style: template.CSS(styleText), Script: template.JS(scriptText), Policy: policy(), Manifest: m, Coverage: coverage(m), Refused: p.Refused(),
	}
	pg.Artefacts, pg.Queries = p.Counts()
	if results != nil {
		c := verify.Count(results)
		pg.Proof = &c
	}
	files := map[string]string{}
	for _, f := range p.Files {
		files[f.Path] = string(f.Data)
	}
	metas := map[string]ir.Meta{}
	for _, r := range p.Rules() {
		metas[r.Name] = r.Meta
	}
	for i := range m.Rules {
		r := rule{Rule: &m.Rules[i], Meta: metas[m.Rules[i].Name]}
		r.cards(m, files, results)
		r.targets()
		r.says()
		r.words()
		pg.Rules = append(pg.Rules, r)
		for _, t := range r.Targets {
			if !slices.Contains(pg.Platforms, t.Platform) {
				pg.Platforms = append(pg.Platforms, t.Platform)
			}
		}
		if r.Severity != "" && !slices.Contains(pg.Severities, r.Severity) {
			pg.Severities = append(pg.Severities, r.Severity)
		}
	}
	slices.SortFunc(pg.Platforms, func(a, b string) int { return cmp.Compare(platformRank(a), platformRank(b)) })
	slices.SortFunc(pg.Severities, func(a, b string) int { return cmp.Compare(slices.Index(severities, a), slices.Index(severities, b)) })
	var b bytes.Buffer
	if err := pageTemplate().Execute(&b, pg); err != nil {
		return nil, fmt.Errorf("the report: %w", err)
	}
	return bytes.ToValidUTF8(b.Bytes(), []byte("\uFFFD")), nil
}

var severities = []string{"critical", "high", "medium", "low", "informational"}

// policy lets the page run its own style and script and load nothing.
func policy() string {
	sum := func(s string) string {
		h := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
	}
	return "default-src 'none'; style-src " + sum(styleText) + "; script-src " + sum(scriptText) + "; base-uri 'none'; form-action 'none'"
}

// cards makes the languages of the rule: those with an output, and those that refuse it.
func (r *rule) cards(m *pack.Manifest, files map[string]string, results []*verify.Result) {
	for i := range r.Outputs {
		o := &r.Outputs[i]
		c := card{Lang: o.Lang, Platform: o.Platform, Level: o.Level, Output: o}
		if o.Query != "" || o.Type == "" {
			c.Query = strings.TrimRight(files[cmp.Or(o.Query, o.Path)], "\n")
		} else if strings.HasPrefix(o.Path, "queries/") {
			c.Query = strings.TrimRight(files[o.Path], "\n")
		}
		if o.Type != "" && !strings.HasPrefix(o.Path, "queries/") {
			c.Artefact, c.Format = files[o.Path], format(o.Path)
		}
		c.Result = resultOf(results, r.Name, o.Lang)
		r.Cards = append(r.Cards, c)
	}
	for i := range m.Refused {
		x := &m.Refused[i]
		switch c := (card{Lang: x.Lang, Platform: x.Platform, Level: "refused", Refusal: x}); {
		case x.Rule != r.Name:
		case x.Carried:
			r.Spared = append(r.Spared, c)
		default:
			r.Cards = append(r.Cards, c)
		}
	}
	slices.SortStableFunc(r.Cards, func(a, b card) int {
		return cmp.Or(cmp.Compare(platformRank(a.Platform), platformRank(b.Platform)), cmp.Compare(levelRank(a.Level), levelRank(b.Level)))
	})
}

func resultOf(results []*verify.Result, name, lang string) *verify.Result {
	i := slices.IndexFunc(results, func(x *verify.Result) bool { return x.Rule.Name == name && x.Backend.Lang == lang })
	if i < 0 {
		return nil
	}
	return results[i]
}

// format is the language of a file for its colours.
func format(name string) string {
	switch ext := strings.TrimPrefix(path.Ext(name), "."); ext {
	case "ndjson":
		return "json"
	case "yml":
		return "yaml"
	default:
		return ext
	}
}

// targets sums up the cards of each platform: the best of what is deployed there.
func (r *rule) targets() {
	for _, c := range r.Cards {
		i := slices.IndexFunc(r.Targets, func(t target) bool { return t.Platform == c.Platform })
		if i < 0 {
			r.Targets = append(r.Targets, target{c.Platform, platformTitle(c.Platform), c.Level})
			continue
		}
		if levelRank(c.Level) < levelRank(r.Targets[i].Level) {
			r.Targets[i].Level = c.Level
		}
	}
}

// says groups the clauses by their parts.
func (r *rule) says() {
	for _, c := range r.Clauses {
		if n := len(r.Says) - 1; n >= 0 && r.Says[n].Part == c.Part {
			r.Says[n].Texts = append(r.Says[n].Texts, c.Text)
			continue
		}
		r.Says = append(r.Says, says{c.Part, []string{c.Text}})
	}
}

// words collects what the filters look at.
func (r *rule) words() {
	list := []string{r.Name, r.Title, r.ID, r.Kind, r.Status, r.Severity, r.File, r.Meta.Description}
	list = slices.Concat(list, r.Attack, r.Meta.Tags)
	for _, c := range r.Clauses {
		list = append(list, c.Text)
	}
	r.Search = strings.ToLower(strings.Join(strings.Fields(strings.Join(list, " ")), " "))
	outcomes := map[string]bool{}
	for _, t := range r.Targets {
		outcomes[exactness(t.Level)] = true
	}
	for _, c := range r.Cards {
		if c.Result != nil {
			outcomes[string(c.Result.Status)] = true
		}
	}
	r.Outcomes = strings.Join(slices.Sorted(maps.Keys(outcomes)), " ")
}

func coverage(m *pack.Manifest) []technique {
	most := 1
	for _, t := range m.Coverage() {
		most = max(most, len(t.Rules))
	}
	var out []technique
	for _, t := range m.Coverage() {
		out = append(out, technique{ID: t.ID, Count: len(t.Rules), Rules: t.Rules, Weight: 1 + 3*(len(t.Rules)-1)/max(most-1, 1)})
	}
	return out
}

// platformRank is the place of a platform in the order in which they are shown.
func platformRank(name string) int {
	return slices.IndexFunc(all.Backends, func(b *backends.Backend) bool { return b.Platform == name })
}

func platformTitle(name string) string {
	return strings.ToUpper(name[:min(1, len(name))]) + name[min(1, len(name)):]
}

// levels are in the order of what they promise.
var levels = []string{"native", "rewrite", "assume", "wider", "narrower", "refused"}

func levelRank(level string) int { return slices.Index(levels, level) }

// exactness is the class of a level: what it is coloured and filtered by.
func exactness(level string) string {
	switch level {
	case "native", "rewrite":
		return "exact"
	case "assume":
		return "assumes"
	}
	return level
}

// levelWord says a level so that nobody needs the manual.
func levelWord(level string) string {
	switch level {
	case "native", "rewrite":
		return "exact"
	case "assume":
		return "exact, with assumptions"
	case "wider":
		return "finds more"
	case "narrower":
		return "finds less"
	}
	return level
}

func langTitle(lang string) string {
	if b, ok := all.Lookup(lang); ok {
		return b.Title
	}
	return lang
}

func assumption(name string) string {
	a, _ := backends.LookupAssumption(name)
	return a.Doc
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// web reports whether a reference is an address that a reader may follow.
func web(ref string) bool {
	return strings.HasPrefix(ref, "https://") || strings.HasPrefix(ref, "http://")
}
