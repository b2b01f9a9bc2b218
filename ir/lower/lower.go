// Package lower turns the syntax tree of rule files into rules with a meaning: names are resolved against the catalogue,
// types are checked, definitions and parameters are written out. Every fault of a file is reported.
package lower

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// Options say what a file may reach outside of itself.
type Options struct {
	// Import returns the file that an import names, seen from the importing file. Nil means that imports are faults.
	Import func(from, path string) (*grammar.File, error)
	// ReadList returns the bytes of a list file, seen from the file that names it.
	ReadList func(from, path string) ([]byte, error)
	// Params gives parameters their values by rule and name, before the defaults of the rule: one text, or several for a list.
	Params map[string]map[string][]string
	// Tunes holds the tune blocks of all files that are read together; those of the file itself count anyway.
	Tunes []*grammar.Tune
}

// Rules lowers the rules of a file. A rule with a fault is left out; its faults are in the list.
func Rules(f *grammar.File, opts Options) ([]*ir.Rule, diag.List) {
	l := &lowerer{opts: opts, file: f.Name, used: map[*grammar.Def]bool{}}
	l.scope = &scope{}
	l.items(f, []link{fileLink(f, diag.Span{})})
	var rules []*ir.Rule
	seen := map[string]diag.Span{}
	for _, item := range f.Items {
		r, ok := item.(*grammar.Rule)
		if !ok {
			continue
		}
		if first, dup := seen[r.Name.Text]; dup && r.Name.Text != "" {
			d := diag.New(diag.DuplicateName, r.Name.Span, fmt.Sprintf("two rules of this file are named `%s`", r.Name.Text), "give one of them another name")
			d.Related = []diag.Label{{Span: first, Text: "the first one"}}
			l.diags = append(l.diags, d)
			continue
		}
		seen[r.Name.Text] = r.Name.Span
		if rule := l.try(f, r); rule != nil {
			rules = append(rules, rule)
		}
	}
	rules = l.tunes(f, rules)
	l.unusedDefs(f)
	return rules, l.diags.Sort()
}

// unusedDefs checks the definitions that no rule of the file uses. Parameters and lists that only a rule could declare are
// not missed in them.
func (l *lowerer) unusedDefs(f *grammar.File) {
	for _, item := range f.Items {
		d, ok := item.(*grammar.Def)
		if !ok || l.used[d] {
			continue
		}
		before := len(l.diags)
		b := &builder{lowerer: l, scope: &scope{outer: l.scope}, out: &ir.Rule{}, open: []link{defLink(d, diag.Span{})}}
		b.pred(d.Body)
		found := slices.DeleteFunc(slices.Clone(l.diags[before:]), func(x diag.Diagnostic) bool {
			return x.Code == diag.UnknownName && strings.HasPrefix(x.Title, noVariable)
		})
		l.diags = append(l.diags[:before], found...)
	}
}

type lowerer struct {
	opts  Options
	file  string
	scope *scope // names of the file and its imports
	diags diag.List
	used  map[*grammar.Def]bool       // definitions that were written out somewhere
	tuned map[string]grammar.ParamSet // values that tune blocks give to the parameters of the rule at hand
	with  *grammar.Test               // the test for whose values the rule is lowered, nil for the rule itself
}

// scope holds the names that a predicate may use.
type scope struct {
	outer  *scope
	defs   map[string]*grammar.Def
	params map[string]param
	lists  map[string]list
}

type param struct {
	decl  *grammar.Param
	value schema.Value
	list  []schema.Value // for parameters of type list
	ok    bool           // false: the declaration has a fault, which was reported
}

type list struct {
	decl   *grammar.ListDecl
	values []string
	ok     bool
}

func (l *lowerer) fault(code diag.Code, span diag.Span, title string, help ...string) {
	l.diags = append(l.diags, diag.New(code, span, title, help...))
}

func (l *lowerer) faultLabel(code diag.Code, span diag.Span, title, label string, help ...string) {
	d := diag.New(code, span, title, help...)
	d.Label = label
	l.diags = append(l.diags, d)
}

// items collects the definitions and lists of a file and of what it imports; open holds the files on the way here.
func (l *lowerer) items(f *grammar.File, open []link) {
	for _, item := range f.Items {
		switch item := item.(type) {
		case *grammar.Def:
			l.define(l.scope, item)
		case *grammar.ListDecl:
			l.declareList(l.scope, item)
		case *grammar.Import:
			l.importFile(f, item, open)
		case *grammar.Rule, *grammar.Tune:
		}
	}
}

func (l *lowerer) importFile(f *grammar.File, item *grammar.Import, open []link) {
	if l.opts.Import == nil {
		l.fault(diag.ImportFault, item.Path.Span, "imports are not possible here", "put the definitions into this file")
		return
	}
	g, err := l.opts.Import(f.Name, item.Path.Value)
	if err != nil {
		l.faultLabel(diag.ImportFault, item.Path.Span, fmt.Sprintf("`%s` cannot be imported: %v", item.Path.Value, err), "imported here",
			"an import names a rule file by its path from this file, inside the rule folder")
		return
	}
	next := fileLink(g, item.Path.Span)
	if c := circle(open, next); c != nil {
		l.faultLabel(diag.ImportFault, c[0].from, fmt.Sprintf("`%s` imports itself, directly or through other files", c[0].name), "closes the circle",
			"move what both files need into a third one")
		return
	}
	l.items(g, append(open, next))
}

func (l *lowerer) define(s *scope, d *grammar.Def) {
	if old, ok := s.defs[d.Name.Text]; ok {
		if old == d { // one file imported by two ways
			return
		}
		dg := diag.New(diag.DuplicateName, d.Name.Span, fmt.Sprintf("`%s` is defined twice", d.Name.Text), "give one of them another name")
		dg.Related = []diag.Label{{Span: old.Name.Span, Text: "the first definition"}}
		l.diags = append(l.diags, dg)
		return
	}
	if s.defs == nil {
		s.defs = map[string]*grammar.Def{}
	}
	s.defs[d.Name.Text] = d
}

func (s *scope) def(name string) (*grammar.Def, bool) {
	for ; s != nil; s = s.outer {
		if d, ok := s.defs[name]; ok {
			return d, true
		}
	}
	return nil, false
}

func (s *scope) names() []string {
	var out []string
	for ; s != nil; s = s.outer {
		for n := range s.defs {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

func (l *lowerer) rule(r *grammar.Rule) *ir.Rule {
	before := len(l.diags)
	b := &builder{lowerer: l, ast: r, scope: &scope{outer: l.scope}, out: &ir.Rule{Name: r.Name.Text, Version: r.Version, File: l.file, Span: r.Name.Span}}
	for _, c := range r.Clauses { // names first, so that order does not matter
		switch c := c.(type) {
		case *grammar.Def:
			l.define(b.scope, c)
		case *grammar.ListDecl:
			l.declareList(b.scope, c)
		case *grammar.Param:
			b.param(c)
		case *grammar.FieldDecl:
			b.declareField(c)
		case *grammar.Meta, *grammar.From, *grammar.Where, *grammar.Window, *grammar.Count, *grammar.When, *grammar.Measure, *grammar.Baseline, *grammar.Sequence,
			*grammar.FirstSeen, *grammar.Expect, *grammar.Schedule, *grammar.Emit, *grammar.Allow, *grammar.Alt, *grammar.Test:
		}
	}
	for _, c := range r.Clauses {
		if !b.takes(c) {
			b.clause(c)
		}
	}
	b.finish()
	if r.Broken || b.spoiled || l.diags[before:].HasErrors() {
		return nil
	}
	if err := ir.Verify(b.out); err != nil {
		panic(fmt.Sprintf("lower: %v", err)) // a fault of ours: the checks above let it through
	}
	return b.out
}

// tunes applies tune blocks to rules of the same file. A rule whose block has a fault is left out: without the block it
// would find what its owner excluded.
func (l *lowerer) tunes(f *grammar.File, rules []*ir.Rule) []*ir.Rule {
	for _, item := range f.Items {
		t, ok := item.(*grammar.Tune)
		if !ok {
			continue
		}
		i := slices.IndexFunc(rules, func(r *ir.Rule) bool { return r.Name == t.Rule.Text })
		if i < 0 {
			continue // the rule stands in another file, or has faults: TuneAll looks at the whole folder
		}
		if !l.tune(t, rules[i]) {
			rules = slices.Delete(rules, i, i+1)
		}
	}
	return rules
}

// TuneAll applies the tune blocks of a file to the rules of other files, and returns the rules that are left: one whose
// block has a fault is left out. declared holds the names of all rules, also of those with faults; a block for any other rule is a fault.
func TuneAll(f *grammar.File, rules []*ir.Rule, declared []string, opts Options) ([]*ir.Rule, diag.List) {
	l := &lowerer{opts: opts, file: f.Name, scope: &scope{}, used: map[*grammar.Def]bool{}}
	l.items(f, []link{fileLink(f, diag.Span{})})
	l.diags = nil // reported by Rules already
	for _, item := range f.Items {
		t, ok := item.(*grammar.Tune)
		if !ok {
			continue
		}
		if !slices.Contains(declared, t.Rule.Text) {
			help := "a tune block goes with a rule in the same folder"
			if near, ok := diag.Nearest(t.Rule.Text, declared); ok {
				help = fmt.Sprintf("a rule with a similar name exists: `%s`", near)
			}
			l.fault(diag.TuneStale, t.Rule.Span, fmt.Sprintf("there is no rule `%s` to tune", t.Rule.Text), help)
			continue
		}
		i := slices.IndexFunc(rules, func(r *ir.Rule) bool { return r.Name == t.Rule.Text && r.File != f.Name })
		if i >= 0 && !l.tune(t, rules[i]) {
			rules = slices.Delete(rules, i, i+1)
		}
	}
	return rules, l.diags.Sort()
}

// exclude adds a condition to all that a rule asks of events.
func exclude(r *ir.Rule, not ir.Pred) {
	r.Where = &ir.And{Xs: []ir.Pred{r.Where, not}, Span: r.Where.Pos()}
	for i := range r.Alts {
		r.Alts[i].Where = &ir.And{Xs: []ir.Pred{r.Alts[i].Where, not}, Span: r.Alts[i].Where.Pos()}
	}
}

// tune applies a block to its rule; false means that the block has a fault.
func (l *lowerer) tune(t *grammar.Tune, r *ir.Rule) bool {
	before := len(l.diags)
	if t.Version != r.Version {
		d := diag.New(diag.TuneStale, t.Rule.Span, fmt.Sprintf("the tune block is written for version %d of `%s`, which is at version %d", t.Version, r.Name, r.Version),
			"read what changed in the rule, then set the version of the block")
		d.Related = []diag.Label{{Span: r.Span, Text: "the rule"}}
		l.diags = append(l.diags, d)
		return false
	}
	b := &builder{lowerer: l, scope: &scope{outer: l.scope}, out: r}
	for _, ex := range t.Exclude {
		x := b.pred(ex.X)
		if x == nil {
			b.spoiled = true
			continue
		}
		not := &ir.Not{X: x, Span: ex.Span}
		exclude(r, not)
		for _, test := range r.Tests {
			if test.Rule != nil {
				exclude(test.Rule, not)
			}
		}
	}
	return !t.Broken && !b.spoiled && len(l.diags) == before
}
