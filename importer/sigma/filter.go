package sigma

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/importer/sigma/taxonomy"
)

// readFilter reads a global filter: which rules it is for, selections, and a condition that those rules then ask too.
func (r *reader) readFilter(f *filter, e entry) {
	entries, ok := r.mapping(e.value, 1)
	if !ok {
		r.fault(diag.SigmaFilter, e.value, "`filter` is no map", "write `rules`, a selection and a `condition` under it")
		return
	}
	if f.logsourceAt == nil {
		r.fault(diag.SigmaFilter, e.at, "the filter has no `logsource`", "say which rules it is for: those of a log source that has the same keys")
	}
	x, ok := lookup(entries, "rules")
	switch {
	case !ok:
		f.any = true // which rules are meant is unknown: none of them is made
		r.fault(diag.SigmaFilter, e.at, "the filter has no `rules`", "list ids or names of rules, or write `rules: any`")
	default:
		f.rulesAt = x.at
		for _, n := range r.items(x.value, 2) {
			if n.Kind != yaml.ScalarNode || isNull(n) {
				r.fault(diag.SigmaFilter, n, "an entry of `rules` is no id or name", "list ids or names of rules")
				continue
			}
			f.rules = append(f.rules, n)
		}
		f.any = len(f.rules) == 0 || len(f.rules) == 1 && f.rules[0].Value == "any"
	}
	r.detection(&f.document, e, "filter", "rules")
	for _, c := range f.conditions {
		negated := false
		walkCond(c.cond, func(x cond) {
			if _, ok := x.(*condNot); ok {
				negated = true
			}
		})
		if !negated {
			d := diag.New(diag.SigmaOdd, r.span(c.node), "the condition of the filter has no `not`", "rules then find those events alone which the filter describes; to leave them out, write `not "+c.node.Value+"`")
			r.diags = append(r.diags, d)
		}
	}
}

// covers reports whether every key of a has the same value in b.
func covers(a, b taxonomy.Logsource) bool {
	same := func(x, y string) bool { return x == "" || x == y }
	return same(a.Product, b.Product) && same(a.Category, b.Category) && same(a.Service, b.Service)
}

func (f *filter) names(d *document) bool {
	return f.any || slices.ContainsFunc(f.rules, func(n *yaml.Node) bool {
		return n.Value != "" && (n.Value == d.id || n.Value == d.name)
	})
}

func (c *Collection) filterCovers(f *filter, d *document) bool {
	return covers(f.logsource, d.logsource) && f.names(d)
}

// filtered is the condition of a filter, in the words of the rule at hand.
func (c *converter) filtered(f *filter) grammar.Expr {
	o := c.on(&f.document, c.prefix+"filter_"+identifier(strings.ToLower(f.title))+"_")
	o.source = c.source
	x := o.selected(&f.document)
	c.take(o)
	return x
}

// checkFilter reports a filter that is for no rule of the collection.
func (c *Collection) checkFilter(f *filter) diag.List {
	r := &reader{text: f.file.text}
	var known []string
	for key := range c.byName {
		known = append(known, key)
	}
	slices.Sort(known)
	if !f.any {
		for _, n := range f.rules {
			docs := c.byName[n.Value]
			if len(docs) == 0 {
				help := diag.Suggestion("rule", n.Value, known)
				if help == "" {
					help = "read the filter together with its rules"
				}
				r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(n), fmt.Sprintf("no rule that was read has the id or name `%s`", n.Value), help))
				continue
			}
			if !slices.ContainsFunc(docs, func(d *document) bool { return covers(f.logsource, d.logsource) }) {
				r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(n), fmt.Sprintf("the filter does not apply to `%s`, which has another log source", n.Value), "every key of the filter's `logsource` must be that of the rule"))
			}
		}
	}
	return r.diags
}
