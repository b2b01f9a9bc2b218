//go:generate go run github.com/onerule/onerule/internal/gen/sigma ../../../shared/corpora/sigma ../../importer/sigma/CORPUS.md

// Package sigmatable counts what becomes of a corpus of Sigma rules in each language: how many are exact, under which
// assumptions, wider, narrower or refused, and why.
package sigmatable

import (
	"slices"

	"github.com/onerule/onerule/backends"
	languages "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/parallel"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	platforms "github.com/onerule/onerule/platform/all"
)

// Table is the counts of a corpus.
type Table struct {
	Files, Rules int
	// Faults counts what stands against files that do not become rules, by code and words.
	Faults Tally
	// Broken is how many files have such a fault.
	Broken    int
	Languages []Language
	Platforms []Platform
}

// Language is what becomes of the rules in one language.
type Language struct {
	Name                                   string
	Exact, Assuming, Wider, Narrower, None int
	Assumptions                            Tally // over the rules that assume something
	Reasons                                Tally // over the rules that are refused, one reason each
}

// Platform is how many rules a platform carries by some language, at its best level.
type Platform struct {
	Name                                   string
	Exact, Assuming, Wider, Narrower, None int
}

// Tally counts things by name.
type Tally map[string]int

// Make compiles all rules of a corpus. Inexact outputs are allowed, so that they are counted as what they are.
func Make(corpus string) *Table {
	ws := workspace.Load([]string{corpus}, "")
	t := &Table{Files: len(ws.Files), Rules: len(ws.Rules), Faults: Tally{}}
	broken := map[string]bool{}
	for _, d := range ws.Diags {
		if d.Severity == diag.Error {
			t.Faults[faultWords(d)]++
			broken[d.Span.File] = true
		}
	}
	t.Broken = len(broken)
	levels := make([][]level, len(ws.Rules))
	parallel.Each(len(ws.Rules), func(i int) { levels[i] = levelsOf(ws.Rules[i]) })
	for i, b := range languages.Backends {
		l := Language{Name: b.Lang, Assumptions: Tally{}, Reasons: Tally{}}
		for _, of := range levels {
			l.count(of[i])
		}
		t.Languages = append(t.Languages, l)
	}
	for _, p := range platforms.Platforms {
		t.Platforms = append(t.Platforms, platformOf(p.Name, levels))
	}
	return t
}

// level is what becomes of one rule in one language.
type level struct {
	kind        backends.Kind
	assumptions []string
	reason      string
}

func levelsOf(r *ir.Rule) []level {
	opts := languages.Options{Consent: backends.Consent{Widen: true, Narrow: true}}
	out := make([]level, len(languages.Backends))
	for i, b := range languages.Backends {
		out[i] = levelOf(r, b, opts)
	}
	return out
}

func levelOf(r *ir.Rule, b *backends.Backend, opts languages.Options) level {
	if r.Body != nil {
		p, _ := platforms.Lookup(b.Platform)
		art, diags := platforms.Build(r, p, b.Lang, opts)
		if art == nil {
			return refusal(diags, backends.Fidelity{})
		}
		return level{kind: art.Fidelity.Kind, assumptions: art.Fidelity.Assumptions}
	}
	out, diags := languages.Try(r, b, opts)
	if !out.OK() {
		return refusal(diags, out.Fidelity)
	}
	return level{kind: out.Fidelity.Kind, assumptions: out.Fidelity.Assumptions}
}

// refusal takes the first reason of a refusal.
func refusal(diags diag.List, f backends.Fidelity) level {
	for _, l := range f.Leaves {
		if l.Level.Kind == backends.Refuse {
			return level{kind: backends.Refuse, reason: l.Level.Why}
		}
	}
	for _, d := range diags {
		switch {
		case d.Severity != diag.Error:
		case d.Code == diag.CannotSay && len(d.Notes) > 0:
			return level{kind: backends.Refuse, reason: d.Notes[0]}
		default:
			return level{kind: backends.Refuse, reason: d.Title}
		}
	}
	return level{kind: backends.Refuse, reason: "no reason is given"}
}

func faultWords(d diag.Diagnostic) string { return string(d.Code) + " " + d.Title }

func (l *Language) count(x level) {
	switch x.kind {
	case backends.Native, backends.Rewrite:
		l.Exact++
	case backends.Assume:
		l.Assuming++
		for _, a := range x.assumptions {
			l.Assumptions[a]++
		}
	case backends.Widen:
		l.Wider++
	case backends.Narrow:
		l.Narrower++
	case backends.Refuse:
		l.None++
		l.Reasons[x.reason]++
	}
}

// order is from the best level to the worst.
var order = []backends.Kind{backends.Native, backends.Rewrite, backends.Assume, backends.Widen, backends.Narrow, backends.Refuse}

func platformOf(name string, levels [][]level) Platform {
	p := Platform{Name: name}
	for _, of := range levels {
		best := len(order) - 1
		for i, b := range languages.Backends {
			if b.Platform == name {
				best = min(best, slices.Index(order, of[i].kind))
			}
		}
		switch order[best] {
		case backends.Native, backends.Rewrite:
			p.Exact++
		case backends.Assume:
			p.Assuming++
		case backends.Widen:
			p.Wider++
		case backends.Narrow:
			p.Narrower++
		case backends.Refuse:
			p.None++
		}
	}
	return p
}
