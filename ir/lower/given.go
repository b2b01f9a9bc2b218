package lower

import (
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
)

// Where a parameter or list gets its value: from a test's `with`, else from the environment, else from a tune block, else
// from its declaration.

// tunesOf returns the tune blocks that are written for a version of a rule. A block for another one is reported when it is applied.
func (l *lowerer) tunesOf(f *grammar.File, r *grammar.Rule) []*grammar.Tune {
	var out []*grammar.Tune
	add := func(t *grammar.Tune) {
		if t.Rule.Text == r.Name.Text && t.Version == r.Version && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	for _, t := range l.opts.Tunes {
		add(t)
	}
	for _, item := range f.Items {
		if t, ok := item.(*grammar.Tune); ok {
			add(t)
		}
	}
	return out
}

// try is withValues, where a panic is a diagnostic of the rule: a fault of ours in one rule does not take the others along.
func (l *lowerer) try(f *grammar.File, r *grammar.Rule) (rule *ir.Rule) {
	defer func() {
		if p := recover(); p != nil {
			rule = nil
			l.diags = append(l.diags, diag.Internal(r.Name.Span, fmt.Sprintf("reading `%s`", r.Name.Text), p, debug.Stack()))
		}
	}()
	return l.withValues(f, r)
}

// withValues lowers a rule with the values of its tune blocks, and once more for each test that sets values of its own. It is
// nil when one of these has a fault.
func (l *lowerer) withValues(f *grammar.File, r *grammar.Rule) *ir.Rule {
	before := len(l.diags)
	l.tuned = map[string]grammar.ParamSet{}
	for _, t := range l.tunesOf(f, r) {
		for _, p := range t.Params {
			l.tuneParam(r, p)
		}
	}
	rule := l.rule(r)
	for _, c := range r.Clauses {
		if t, ok := c.(*grammar.Test); ok && t.Name != nil && len(t.Params)+len(t.Lists) > 0 && l.knowsWith(r, t) && rule != nil {
			l.testRule(f, r, t, rule)
		}
	}
	if l.diags[before:].HasErrors() {
		return nil
	}
	return rule
}

func (l *lowerer) tuneParam(r *grammar.Rule, p grammar.ParamSet) {
	names := paramNames(r)
	if !slices.Contains(names, p.Name.Text) {
		if r.Broken {
			return // its declaration may be what did not parse
		}
		help := diag.Suggestion("parameter", p.Name.Text, names)
		if help == "" {
			help = "a tune block sets parameters that the rule declares with `param`"
		}
		d := diag.New(diag.TuneStale, p.Name.Span, fmt.Sprintf("rule `%s` has no parameter `%s`", r.Name.Text, p.Name.Text), help)
		d.Related = []diag.Label{{Span: r.Name.Span, Text: "the rule"}}
		l.diags = append(l.diags, d)
		return
	}
	if first, dup := l.tuned[p.Name.Text]; dup {
		d := diag.New(diag.DuplicateName, p.Name.Span, fmt.Sprintf("`%s` of `%s` is set twice by tune blocks", p.Name.Text, r.Name.Text), "keep one of them")
		d.Related = []diag.Label{{Span: first.Span, Text: "the first one"}}
		l.diags = append(l.diags, d)
		return
	}
	l.tuned[p.Name.Text] = p
}

func paramNames(r *grammar.Rule) []string {
	var out []string
	for _, c := range r.Clauses {
		if p, ok := c.(*grammar.Param); ok {
			out = append(out, p.Name.Text)
		}
	}
	return out
}

// knowsWith makes sure that what a test sets exists, each once.
func (l *lowerer) knowsWith(r *grammar.Rule, t *grammar.Test) bool {
	before := len(l.diags)
	var lists []string
	for name := range l.scope.lists {
		lists = append(lists, name)
	}
	for _, c := range r.Clauses {
		if d, ok := c.(*grammar.ListDecl); ok {
			lists = append(lists, d.Name.Text)
		}
	}
	slices.Sort(lists)
	seen := map[string]diag.Span{}
	check := func(kind string, n grammar.Name, known []string) {
		if first, dup := seen[kind+n.Text]; dup {
			d := diag.New(diag.DuplicateName, n.Span, fmt.Sprintf("the test sets `%s` twice", n.Text), "keep one of them")
			d.Related = []diag.Label{{Span: first, Text: "the first one"}}
			l.diags = append(l.diags, d)
			return
		}
		seen[kind+n.Text] = n.Span
		if slices.Contains(known, n.Text) || r.Broken {
			return
		}
		help := diag.Suggestion(kind, n.Text, known)
		if help == "" {
			help = fmt.Sprintf("a test sets what the rule declares with `%s`", map[string]string{"parameter": "param", "list": "list"}[kind])
		}
		l.fault(diag.UnknownName, n.Span, fmt.Sprintf("rule `%s` has no %s `%s`", r.Name.Text, kind, n.Text), help)
	}
	for _, p := range t.Params {
		check("parameter", p.Name, paramNames(r))
	}
	for _, d := range t.Lists {
		check("list", d.Name, lists)
	}
	return len(l.diags) == before
}

// testRule lowers a rule with the values that one of its tests sets.
func (l *lowerer) testRule(f *grammar.File, r *grammar.Rule, t *grammar.Test, rule *ir.Rule) {
	v := &lowerer{opts: l.opts, file: l.file, scope: &scope{}, used: l.used, tuned: l.tuned, with: t}
	v.items(f, []link{fileLink(f, diag.Span{})})
	v.diags = nil // reported already
	bare := *r
	bare.Clauses = slices.DeleteFunc(slices.Clone(r.Clauses), func(c grammar.Clause) bool { _, ok := c.(*grammar.Test); return ok })
	out := v.rule(&bare)
	for _, d := range v.diags {
		if d.Severity == diag.Error {
			d.Related = append(d.Related, diag.Label{Span: t.Name.Span, Text: "with the values of this test"})
			l.diags = append(l.diags, d)
		}
	}
	for i := range rule.Tests {
		if rule.Tests[i].Name == t.Name.Value {
			rule.Tests[i].Rule = out
		}
	}
}

// withParam returns the value that the test in force gives a parameter.
func (l *lowerer) withParam(name string) (grammar.ParamSet, bool) {
	if l.with != nil {
		for _, p := range l.with.Params {
			if p.Name.Text == name {
				return p, true
			}
		}
	}
	return grammar.ParamSet{}, false
}

// contents returns the declaration that a list's entries come from: that of the test in force, or its own.
func (l *lowerer) contents(d *grammar.ListDecl) *grammar.ListDecl {
	if l.with != nil {
		for _, w := range l.with.Lists {
			if w.Name.Text == d.Name.Text {
				return w
			}
		}
	}
	return d
}
