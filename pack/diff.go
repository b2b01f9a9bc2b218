package pack

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/ir"
)

// Diff is what changed from one pack to another, by meaning; cmd/onerule/schema/diff.json describes its JSON form.
type Diff struct {
	Before ID `json:"before"`
	After  ID `json:"after"`
	// Languages that only one of the packs was built for are not compared.
	LanguagesAdded   []string `json:"languages_added"`
	LanguagesRemoved []string `json:"languages_removed"`
	Added            []Ref    `json:"added"`
	Removed          []Ref    `json:"removed"`
	Changed          []Change `json:"changed"`
}

// Ref names a rule.
type Ref struct {
	Rule    string `json:"rule"`
	ID      string `json:"id,omitempty"`
	Version int    `json:"version"`
	Title   string `json:"title,omitempty"`
}

// Change is a rule that both packs have and that is not the same in both.
type Change struct {
	Ref
	// Was is the rule's name before, "" when it has kept it; VersionBefore is its version then.
	Was           string `json:"was,omitempty"`
	VersionBefore int    `json:"version_before"`
	// Meaning says that the rule finds something else; Stale that its version should say so, and does not.
	Meaning bool `json:"meaning_changed"`
	Stale   bool `json:"version_stale"`
	// Clauses are the changes in what the rule says, Delivery those of its schedule and of what its findings carry.
	Clauses  []ClauseChange `json:"clauses"`
	Delivery []ClauseChange `json:"delivery"`
	// Findings compares what both versions find in the same events, nil when there are none.
	Findings *FindingsChange `json:"findings,omitempty"`
	Targets  []TargetChange  `json:"targets"`
	// Metadata says that what people read about the rule changed, Texts lists the languages whose output has other bytes.
	Metadata bool     `json:"metadata_changed"`
	Texts    []string `json:"texts"`
}

// ClauseChange is a clause that is new (no Before), gone (no After) or different.
type ClauseChange struct {
	Part   string `json:"part"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// From and To are the words that differ, where it is only a part of the clause.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// FindingsChange compares numbers of findings on fixtures.
type FindingsChange struct {
	Before int             `json:"before"`
	After  int             `json:"after"`
	Tests  []FixtureChange `json:"tests"`
}

// FixtureChange is a fixture with another number of findings.
type FixtureChange struct {
	Test   string `json:"test"`
	Before int    `json:"before"`
	After  int    `json:"after"`
}

// TargetChange is a language in which the promise changed; the levels are those of outputs, `refused`, or `none` where the
// rule is not for the platform.
type TargetChange struct {
	Platform           string   `json:"platform"`
	Lang               string   `json:"lang"`
	Before             string   `json:"before"`
	After              string   `json:"after"`
	AssumptionsAdded   []string `json:"assumptions_added"`
	AssumptionsRemoved []string `json:"assumptions_removed"`
}

// Side is one side of a comparison: a manifest, and the rules it was made of where they are at hand.
type Side struct {
	Manifest Manifest
	Rules    []*ir.Rule
}

// Side returns the pack as a side of a comparison.
func (p *Pack) Side() Side { return Side{p.Manifest, p.rules} }

func (s Side) rule(name string) *ir.Rule {
	i := slices.IndexFunc(s.Rules, func(r *ir.Rule) bool { return r.Name == name })
	if i < 0 {
		return nil
	}
	return s.Rules[i]
}

// Compare returns what changed from one pack to another. Rules are the same when they have the same id; without ids when they
// have the same name, or another name and the same meaning.
func Compare(before, after Side) *Diff {
	d := &Diff{
		Before: before.Manifest.Pack, After: after.Manifest.Pack, LanguagesAdded: []string{}, LanguagesRemoved: []string{}, Added: []Ref{}, Removed: []Ref{}, Changed: []Change{},
	}
	was, is := before.Manifest.Languages(), after.Manifest.Languages()
	d.LanguagesAdded, d.LanguagesRemoved = without(is, was), without(was, is)
	langs := slices.DeleteFunc(slices.Clone(is), func(l string) bool { return !slices.Contains(was, l) })
	pairs, gone := match(before.Manifest.Rules, after.Manifest.Rules)
	for i := range after.Manifest.Rules {
		r := &after.Manifest.Rules[i]
		old := pairs[r]
		if old == nil {
			d.Added = append(d.Added, r.ref())
			continue
		}
		if c, changed := compareRules(before, after, old, r, langs); changed {
			d.Changed = append(d.Changed, c)
		}
	}
	for _, r := range gone {
		d.Removed = append(d.Removed, r.ref())
	}
	return d
}

func (r *Rule) ref() Ref { return Ref{Rule: r.Name, ID: r.ID, Version: r.Version, Title: r.Title} }

// match pairs the rules of two packs, and returns those that only the first has.
func match(before, after []Rule) (pairs map[*Rule]*Rule, gone []*Rule) {
	pairs, taken := map[*Rule]*Rule{}, map[*Rule]bool{}
	same := []func(old, r *Rule) bool{
		func(old, r *Rule) bool { return old.ID != "" && old.ID == r.ID },
		func(old, r *Rule) bool { return old.Name == r.Name && (old.ID == "" || r.ID == "") },
		func(old, r *Rule) bool { return old.Meaning == r.Meaning && (old.ID == "" || r.ID == "") },
	}
	for _, is := range same {
		for i := range after {
			r := &after[i]
			for n := range before {
				if old := &before[n]; pairs[r] == nil && !taken[old] && is(old, r) {
					pairs[r], taken[old] = old, true
				}
			}
		}
	}
	for n := range before {
		if !taken[&before[n]] {
			gone = append(gone, &before[n])
		}
	}
	return pairs, gone
}

func compareRules(before, after Side, old, r *Rule, langs []string) (c Change, changed bool) {
	c = Change{Ref: r.ref(), VersionBefore: old.Version, Meaning: old.Meaning != r.Meaning, Metadata: old.Metadata != r.Metadata, Clauses: []ClauseChange{}, Texts: []string{}}
	if old.Name != r.Name {
		c.Was = old.Name
	}
	c.Stale = c.Meaning && r.Version <= old.Version
	if c.Meaning {
		c.Clauses = compareClauses(part(old.Clauses, false), part(r.Clauses, false))
		c.Findings = compareFindings(before.rule(old.Name), after.rule(r.Name), old, r)
	}
	c.Delivery = compareClauses(part(old.Clauses, true), part(r.Clauses, true))
	c.Targets = compareTargets(&before.Manifest, &after.Manifest, old, r, langs)
	for _, o := range r.Outputs {
		if x := old.output(o.Lang); x != nil && x.SHA256 != o.SHA256 {
			c.Texts = append(c.Texts, o.Lang)
		}
	}
	return c, c.counts() || c.Metadata || len(c.Texts) > 0
}

// counts reports whether the change is more than one of texts.
func (c *Change) counts() bool {
	return c.Meaning || c.Was != "" || c.Version != c.VersionBefore || len(c.Delivery)+len(c.Targets) > 0
}

// Empty reports whether nothing changed in what rules find, when and how they tell it, and what is promised. Titles and texts
// may have changed.
func (d *Diff) Empty() bool {
	return len(d.Added)+len(d.Removed) == 0 && !slices.ContainsFunc(d.Changed, func(c Change) bool { return c.counts() })
}

// Stale lists the rules whose meaning changed and whose version did not.
func (d *Diff) Stale() []Change {
	return slices.DeleteFunc(slices.Clone(d.Changed), func(c Change) bool { return !c.Stale })
}

// part returns the clauses that are, or are not, about delivery.
func part(in []Clause, wanted bool) []Clause {
	return slices.DeleteFunc(slices.Clone(in), func(c Clause) bool { return delivery(c.Part) != wanted })
}

func (r *Rule) output(lang string) *Output {
	for i := range r.Outputs {
		if r.Outputs[i].Lang == lang {
			return &r.Outputs[i]
		}
	}
	return nil
}

// Languages are those that the pack was built for, as far as its rules show.
func (m *Manifest) Languages() []string {
	var out []string
	for _, r := range m.Rules {
		for _, o := range r.Outputs {
			out = append(out, o.Lang)
		}
	}
	for _, r := range m.Refused {
		out = append(out, r.Lang)
	}
	return sortedOnce(out)
}

// without returns the members of a list that another one lacks.
func without(list, other []string) []string {
	out := []string{}
	for _, x := range list {
		if !slices.Contains(other, x) {
			out = append(out, x)
		}
	}
	return out
}

// compareFindings runs both versions on the events of the tests of both; without the rules it compares what the manifests say
// of the same events.
func compareFindings(oldRule, rule *ir.Rule, old, r *Rule) *FindingsChange {
	was, is := old.Fixtures, r.Fixtures
	if oldRule != nil && rule != nil {
		was, is = slices.Concat(fixtures(oldRule, rule), was), slices.Concat(is, fixtures(rule, oldRule))
	}
	out := &FindingsChange{Tests: []FixtureChange{}}
	seen := map[string]bool{}
	for _, f := range is {
		i := slices.IndexFunc(was, func(o Fixture) bool { return o.Events == f.Events && o.Findings >= 0 })
		if i < 0 || f.Findings < 0 || seen[f.Events] {
			continue
		}
		seen[f.Events] = true
		out.Before += was[i].Findings
		out.After += f.Findings
		if was[i].Findings != f.Findings {
			out.Tests = append(out.Tests, FixtureChange{f.Name, was[i].Findings, f.Findings})
		}
	}
	if len(seen) == 0 {
		return nil
	}
	return out
}

func compareTargets(before, after *Manifest, old, r *Rule, langs []string) []TargetChange {
	out := []TargetChange{}
	for _, lang := range langs {
		was, is := before.promise(old, lang), after.promise(r, lang)
		t := TargetChange{
			Platform: is.platform, Lang: lang, Before: was.level, After: is.level,
			AssumptionsAdded: without(is.assumptions, was.assumptions), AssumptionsRemoved: without(was.assumptions, is.assumptions),
		}
		if t.Platform == "" {
			t.Platform = was.platform
		}
		if t.Before != t.After || len(t.AssumptionsAdded)+len(t.AssumptionsRemoved) > 0 {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b TargetChange) int { return strings.Compare(a.Platform, b.Platform) })
	return out
}

// promise is what a pack says of a rule in a language.
type promise struct {
	platform, level string
	assumptions     []string
}

func (m *Manifest) promise(r *Rule, lang string) promise {
	if o := r.output(lang); o != nil {
		return promise{o.Platform, o.Level, o.Assumptions}
	}
	for _, x := range m.Refused {
		if x.Rule == r.Name && x.Lang == lang {
			return promise{platform: x.Platform, level: "refused"}
		}
	}
	return promise{level: "none"}
}
