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

// rule makes the rule of the document; nil means that faults were reported.
func (c *converter) rule() *grammar.Rule {
	d := c.doc
	r := &grammar.Rule{At: c.at(d.node), Name: grammar.Name{At: c.at(d.head()), Text: c.names[d]}, Version: 1}
	r.At = c.at(d.head())
	var body []grammar.Clause
	if d.correlation != nil {
		body = c.correlate()
	} else {
		body = c.event()
	}
	meta := c.meta()
	if c.diags.HasErrors() || body == nil {
		return nil
	}
	r.Clauses = append(r.Clauses, meta)
	for _, p := range c.params {
		r.Clauses = append(r.Clauses, p)
	}
	for _, f := range *c.declared {
		r.Clauses = append(r.Clauses, f)
	}
	r.Clauses = append(r.Clauses, body...)
	return r
}

// event makes the clauses of a rule about single events.
func (c *converter) event() []grammar.Clause {
	x, ok := c.detect()
	show := c.show()
	if !ok {
		return nil
	}
	out := []grammar.Clause{c.fromClause()}
	for _, d := range c.defs {
		out = append(out, d)
	}
	out = append(out, &grammar.Where{At: grammar.At{Span: x.Pos()}, X: x})
	if show != nil {
		out = append(out, show)
	}
	return out
}

func (c *converter) fromClause() *grammar.From {
	from := &grammar.From{At: c.at(c.doc.logsourceAt)}
	at := c.at(c.doc.logsourceAt)
	for _, class := range c.source.from.Classes() {
		p := pathOf(class)
		p.At = at
		from.Classes = append(from.Classes, p)
	}
	for _, s := range c.source.from.Sources() {
		from.Sources = append(from.Sources, grammar.Name{At: at, Text: s})
	}
	return from
}

// detect says the detection of the document, with what its log source and the filters add; definitions are left in defs.
func (c *converter) detect() (grammar.Expr, bool) {
	if !c.resolve() {
		c.dryRun()
		return nil, false
	}
	var parts []grammar.Expr
	for _, w := range append(slices.Clone(c.source.where), c.source.conds...) {
		parts = append(parts, c.sourceCondition(w))
	}
	x := c.selected(c.doc)
	if x == nil {
		return nil, false
	}
	parts = append(parts, x)
	for _, f := range c.Collection.filters {
		if !c.filterCovers(f, c.doc) {
			continue
		}
		if f.broken { // reported there; without it the rule would find what its owner excluded
			return nil, false
		}
		y := c.filtered(f)
		if y == nil {
			return nil, false
		}
		parts = append(parts, y)
	}
	return join("and", parts), !c.diags.HasErrors()
}

// dryRun looks for the faults of selections that do not depend on the log source.
func (c *converter) dryRun() {
	for _, s := range c.doc.selections {
		c.dry(s.node, 2)
	}
}

func (c *converter) dry(n *yaml.Node, depth int) {
	n = c.deref(n, depth)
	if n == nil {
		return
	}
	if n.Kind == yaml.SequenceNode {
		for _, x := range n.Content {
			c.dry(x, depth+1)
		}
		return
	}
	entries, ok := c.mapping(n, depth)
	if !ok {
		return
	}
	for _, e := range entries {
		field, _, _ := strings.Cut(e.key, "|")
		m, _ := c.modifiers(e.at, field)
		if whole := c.deref(e.value, depth+1); whole != nil {
			c.readValues(e, whole, m, depth+1)
		}
	}
}

// sourceCondition is a condition of the log source.
func (c *converter) sourceCondition(w taxonomy.Condition) grammar.Expr {
	n := c.doc.logsourceAt
	g := &atoms{c: c, t: &fieldTest{key: n, name: w.Field, field: taxonomy.Field{Name: w.Field}, typ: c.typeOf(w.Field), mods: &modifiers{}}}
	var xs []grammar.Expr
	for _, v := range w.Values {
		x, ok := g.literal(n, v)
		if !ok {
			c.fault(diag.SigmaSource, n, fmt.Sprintf("the log source asks for `%s` in `%s`, which is no %s", v, w.Field, g.t.typ), "correct the mapping file")
			return nil
		}
		xs = append(xs, x)
	}
	return c.compare(n, n, w.Field, "==", xs, false)
}

// selected says the conditions over the selections of a document.
func (c *converter) selected(d *document) grammar.Expr {
	uses := map[int]int{}
	for _, co := range d.conditions {
		walkCond(co.cond, func(x cond) {
			switch x := x.(type) {
			case *condName:
				i, _ := d.selection(x.name)
				uses[i]++
			case *condOf:
				for _, i := range d.matching(x.pattern) {
					uses[i]++
				}
			case *condNot, *condJoin:
			}
		})
	}
	total := 0
	bodies := make([]grammar.Expr, len(d.selections))
	names := make([]string, len(d.selections))
	ok := true
	for i, s := range d.selections {
		if uses[i] == 0 {
			c.unused(s)
			continue
		}
		total += uses[i]
		bodies[i] = c.selection(s.node, 2)
		ok = ok && bodies[i] != nil
		names[i] = c.defName(s.name, names[:i])
	}
	if !ok {
		return nil
	}
	inline := total == 1
	if !inline {
		for i, s := range d.selections {
			if bodies[i] != nil {
				c.defs = append(c.defs, &grammar.Def{At: c.at(s.at), Name: grammar.Name{At: c.at(s.at), Text: names[i]}, Body: bodies[i]})
			}
		}
	}
	var all []grammar.Expr
	for _, co := range d.conditions {
		all = append(all, c.condExpr(d, co, co.cond, func(i int, at grammar.At) grammar.Expr {
			if inline {
				return bodies[i]
			}
			p := pathOf(names[i])
			p.At = at
			return &grammar.PathExpr{At: at, Path: p}
		}))
	}
	return join("or", all)
}

// unused looks at a selection that no condition asks for.
func (c *converter) unused(s selection) {
	c.diags = append(c.diags, diag.New(diag.SigmaOdd, c.text.span(s.at), fmt.Sprintf("no condition asks for the selection `%s`", s.name), "name it in the condition, or take it out"))
}

// defName is the name of a selection's definition.
func (c *converter) defName(name string, taken []string) string {
	n := identifier(c.prefix + name)
	for slices.Contains(taken, n) || slices.ContainsFunc(c.defs, func(d *grammar.Def) bool { return d.Name.Text == n }) {
		n += "_"
	}
	return n
}

// condExpr says a condition; leaf says a selection.
func (c *converter) condExpr(d *document, co condition, x cond, leaf func(int, grammar.At) grammar.Expr) grammar.Expr {
	switch x := x.(type) {
	case *condName:
		i, _ := d.selection(x.name)
		return leaf(i, c.span(c.text.part(co.node, x.from, x.to)))
	case *condNot:
		return not(c.condExpr(d, co, x.x, leaf))
	case *condOf:
		at := c.span(c.text.part(co.node, x.from, x.to))
		var xs []grammar.Expr
		for _, i := range d.matching(x.pattern) {
			xs = append(xs, leaf(i, at))
		}
		if x.all {
			return join("and", xs)
		}
		return join("or", xs)
	case *condJoin:
		var xs []grammar.Expr
		for _, y := range x.xs {
			xs = append(xs, c.condExpr(d, co, y, leaf))
		}
		return join(x.op, xs)
	}
	return nil
}

// selection says what stands under a name; nil means that a fault was reported.
func (c *converter) selection(n *yaml.Node, depth int) grammar.Expr {
	n = c.deref(n, depth)
	if n == nil {
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		return c.fieldsOf(n, depth)
	case yaml.SequenceNode:
		return c.alternatives(n, depth)
	case yaml.ScalarNode:
		if isNull(n) {
			c.fault(diag.SigmaForm, n, "the selection is empty", "write fields with values under it, or a list of keywords")
			return nil
		}
		return c.keywordList([]*yaml.Node{n}, n)
	case yaml.DocumentNode, yaml.AliasNode:
	}
	return nil
}

func (c *converter) fieldsOf(n *yaml.Node, depth int) grammar.Expr {
	before := len(c.diags)
	entries, _ := c.mapping(n, depth)
	if len(c.diags) > before || c.over {
		return nil
	}
	if len(entries) == 0 {
		c.fault(diag.SigmaForm, n, "the selection is empty", "write fields with values under it, or a list of keywords")
		return nil
	}
	ok := true
	var xs []grammar.Expr
	for _, e := range entries {
		x := c.item(e, depth+1)
		ok = ok && x != nil
		xs = append(xs, x)
	}
	if !ok {
		return nil
	}
	return join("and", xs)
}

// alternatives are the elements of a list: maps, keywords, or lists of them.
func (c *converter) alternatives(n *yaml.Node, depth int) grammar.Expr {
	items := c.items(n, depth)
	if c.over {
		return nil
	}
	if len(items) == 0 {
		c.fault(diag.SigmaForm, n, "the selection is an empty list", "write fields with values under it, or a list of keywords")
		return nil
	}
	ok := true
	var xs []grammar.Expr
	var words []*yaml.Node
	for _, x := range items {
		if x.Kind == yaml.ScalarNode {
			words = append(words, x)
			continue
		}
		y := c.selection(x, depth+1)
		ok = ok && y != nil
		xs = append(xs, y)
	}
	if len(words) > 0 {
		y := c.keywordList(words, n)
		ok = ok && y != nil
		xs = append(xs, y)
	}
	if !ok {
		return nil
	}
	return join("or", xs)
}

func (c *converter) keywordList(nodes []*yaml.Node, at *yaml.Node) grammar.Expr {
	m := &modifiers{at: at}
	ok := true
	var values []value
	for _, n := range nodes {
		v := c.scalar(n)
		if v.kind == badScalar || !c.transform(&v, m) {
			ok = false
			continue
		}
		values = append(values, v)
	}
	x := c.keywords(at, m, values)
	if !ok {
		return nil
	}
	return x
}
