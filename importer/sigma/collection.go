package sigma

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/importer/sigma/taxonomy"
	"github.com/onerule/onerule/schema"
)

// Options say how rules are read.
type Options struct {
	// Sources choose between what a log source may be here: names of sources, or `CLASS on SOURCE`. The first that is an
	// alternative wins; without any, the taxonomy's order does.
	Sources []string
	// Maps are mapping files and pipelines, applied in order of their priority.
	Maps []*Map
	// KeepUnknownFields writes fields that nothing here has under their own names, with a remark.
	KeepUnknownFields bool
	// Places gives the parts of rules the places of the Sigma text, for messages. A tree that is to be printed has none.
	Places bool
}

// Collection is the files that are read together: correlations and filters name rules of other files.
type Collection struct {
	files   []*File
	opts    Options
	names   map[*document]string // of the rules that are made
	silent  map[*document]bool   // building blocks of correlations alone
	byName  map[string][]*document
	filters []*filter
}

// NewCollection brings files together. Filters of all of them apply to all rules.
func NewCollection(files []*File, opts Options) *Collection {
	c := &Collection{files: files, opts: opts, names: map[*document]string{}, silent: map[*document]bool{}, byName: map[string][]*document{}}
	for _, f := range files {
		c.filters = append(c.filters, f.filters...)
		for _, d := range f.docs {
			for _, key := range []string{d.id, d.name} {
				if key != "" {
					c.byName[key] = append(c.byName[key], d)
				}
			}
		}
	}
	for _, f := range files {
		for _, d := range f.docs {
			if d.correlation == nil || d.generate {
				continue
			}
			for _, ref := range d.correlation.refs {
				for _, target := range c.find(d, ref.text) {
					c.silent[target] = true
				}
			}
		}
	}
	c.name()
	return c
}

// find returns the documents that an id or name stands for: those of the same file first.
func (c *Collection) find(from *document, ref string) []*document {
	all := c.byName[ref]
	var own []*document
	for _, d := range all {
		if d.file == from.file && d != from {
			own = append(own, d)
		}
	}
	if len(own) > 0 {
		return own
	}
	return slices.DeleteFunc(slices.Clone(all), func(d *document) bool { return d == from })
}

// name gives the rules their names: that of the file, where it makes one rule; then `name`, then the title.
func (c *Collection) name() {
	taken := map[string]*document{}
	sorted := slices.Clone(c.files)
	slices.SortStableFunc(sorted, func(a, b *File) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range sorted {
		made := slices.DeleteFunc(slices.Clone(f.docs), func(d *document) bool { return c.silent[d] })
		for _, d := range made {
			base := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(f.Name), ".yml"), ".yaml")
			if len(made) > 1 {
				base = d.name
				if base == "" {
					base = strings.ToLower(d.title)
				}
			}
			n := identifier(base)
			for i := 2; taken[n] != nil; i++ {
				n = identifier(base)
				switch {
				case i == 2 && len(d.id) >= 8:
					n = identifier(n + "_" + d.id[:8])
				default:
					n = fmt.Sprintf("%s_%d", n, i)
				}
			}
			taken[n] = d
			c.names[d] = n
		}
	}
}

// Convert makes the rules of one file of the collection. It may be called from several goroutines at once.
func (c *Collection) Convert(f *File) (*grammar.File, diag.List) {
	out := &grammar.File{Name: f.Name}
	var diags diag.List
	for _, d := range f.docs {
		if d.broken || c.silent[d] {
			continue
		}
		x := &converter{reader: &reader{text: f.text}, Collection: c, doc: d}
		rule := x.rule()
		if rule != nil && !x.diags.HasErrors() {
			out.Items = append(out.Items, rule)
		}
		diags = append(diags, x.diags...)
	}
	for _, fl := range f.filters {
		if !fl.broken {
			diags = append(diags, c.checkFilter(fl)...)
		}
	}
	return out, diags.Sort()
}

// RuleName returns the name of the rule that the document at an index of the file makes, "" when it makes none.
func (c *Collection) RuleNames(f *File) []string {
	var out []string
	for _, d := range f.docs {
		if n := c.names[d]; n != "" {
			out = append(out, n)
		}
	}
	return out
}

// converter makes one rule.
type converter struct {
	*reader
	*Collection
	doc *document
	// source is what the log source of doc is here.
	source *source
	// params are the list parameters that placeholders became, in order.
	params []*grammar.Param
	// prefix stands before the names of definitions, "" for the rule itself.
	prefix string
	defs   []*grammar.Def
}

// source is a log source with the mapping files applied.
type source struct {
	taxonomy *taxonomy.Source // nil when a mapping file gives all
	from     taxonomy.From
	where    []taxonomy.Condition
	conds    []taxonomy.Condition // added by pipelines
	log      taxonomy.Logsource
	steps    []*step
}

// on is a converter for another document of the same rule, with the defs and parameters of this one.
func (c *converter) on(d *document, prefix string) *converter {
	return &converter{reader: &reader{text: d.file.text}, Collection: c.Collection, doc: d, prefix: prefix}
}

// take brings the results of a converter for another document in.
func (c *converter) take(o *converter) {
	c.diags = append(c.diags, o.diags...)
	c.defs = append(c.defs, o.defs...)
	for _, p := range o.params {
		if !slices.ContainsFunc(c.params, func(q *grammar.Param) bool { return q.Name.Text == p.Name.Text }) {
			c.params = append(c.params, p)
		}
	}
}

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
	g := &atoms{c: c, t: &fieldTest{key: n, name: w.Field, field: taxonomy.Field{Name: w.Field}, typ: typeOf(w.Field), mods: &modifiers{}}}
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

// resolve finds what the log source is here.
func (c *converter) resolve() bool {
	d := c.doc
	ls := d.logsource
	s := &source{log: ls}
	given := false
	for _, m := range c.opts.Maps {
		for _, st := range m.steps {
			if !st.applies(s.log) {
				continue
			}
			s.steps = append(s.steps, st)
			if st.from != nil {
				s.from, given = *st.from, true
			}
			if st.change != nil {
				s.log = *st.change
			}
			s.conds = append(s.conds, st.where...)
		}
	}
	t, err := taxonomy.Find(s.log)
	switch {
	case err == nil:
		s.taxonomy = t
		s.where = t.Where
		if !given {
			s.from = c.choose(t.From)
		} else {
			s.where = nil
		}
	case !given:
		c.unmapped(err)
		return false
	}
	if given && !c.knownFrom(s.from) {
		return false
	}
	c.source = s
	return true
}

func (c *converter) knownFrom(f taxonomy.From) bool {
	for _, class := range f.Classes() {
		for _, on := range f.Sources() {
			src, ok := schema.LookupSource(on)
			if !ok || !slices.Contains(src.Classes, class) {
				c.fault(diag.SigmaSource, c.doc.logsourceAt, fmt.Sprintf("the mapping file names `%s`, which is not in the catalogue", f), "`onerule fields` lists sources and classes")
				return false
			}
		}
	}
	return true
}

// choose picks the alternative that --source names.
func (c *converter) choose(froms []taxonomy.From) taxonomy.From {
	for _, want := range c.opts.Sources {
		for _, f := range froms {
			if f.String() == want || slices.Contains(f.Sources(), want) {
				return f
			}
		}
	}
	return froms[0]
}

func (c *converter) unmapped(err error) {
	d := diag.New(diag.SigmaSource, c.text.span(c.doc.logsourceAt), "the log source "+logsourceText(c.doc.logsource)+" is not known here")
	d.Notes = []string{err.Error()}
	if u, ok := err.(*taxonomy.Unmapped); ok && len(u.Near) > 0 {
		var near []string
		for _, l := range u.Near[:min(len(u.Near), 4)] {
			near = append(near, logsourceText(l))
		}
		d.Help = append(d.Help, "log sources with similar names are "+strings.Join(near, ", "))
	}
	d.Help = append(d.Help, "a mapping file says what it is here: `onerule import sigma --map FILE`")
	c.diags = append(c.diags, d)
}

// logsourceText names a log source as people do.
func logsourceText(l taxonomy.Logsource) string {
	var parts []string
	for _, p := range []string{l.Product, l.Category, l.Service} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return "`" + strings.Join(parts, "/") + "`"
}

// fields returns what a Sigma field is here; a mapping file may make several of one.
func (c *converter) fields(n *yaml.Node, sigma string) ([]taxonomy.Field, bool) {
	if c.source == nil {
		return nil, false
	}
	names := []string{sigma}
	for _, st := range c.source.steps {
		var next []string
		for _, s := range names {
			next = append(next, st.names(s)...)
		}
		names = next
	}
	var out []taxonomy.Field
	for _, s := range names {
		f, ok := c.field(s, s != sigma)
		if !ok && c.opts.KeepUnknownFields {
			c.diags = append(c.diags, diag.New(diag.SigmaOdd, c.text.span(n), fmt.Sprintf("`%s` is kept under its own name: nothing here has it", sigma), "give its name here in a mapping file with --map"))
			f, ok = taxonomy.Field{Name: s}, true
		}
		if !ok {
			c.unknownField(n, sigma, s)
			return nil, false
		}
		out = append(out, f)
	}
	return out, true
}

func (c *converter) field(s string, mapped bool) (taxonomy.Field, bool) {
	if t := c.source.taxonomy; t != nil {
		if f, ok := t.Field(s); ok {
			return f, true
		}
		mapped = mapped || t.Names
	}
	if _, ok := schema.Lookup(s); ok && (mapped || c.source.taxonomy == nil) {
		return taxonomy.Field{Name: s}, true
	}
	return taxonomy.Field{}, false
}

func (c *converter) unknownField(n *yaml.Node, sigma, mapped string) {
	title := fmt.Sprintf("%s has no field `%s` here", logsourceText(c.source.log), sigma)
	if strings.TrimSpace(sigma) == "" {
		title = "a field has no name"
	}
	var help []string
	if mapped != sigma {
		title = fmt.Sprintf("the mapping file makes `%s` of `%s`, which is no field here", mapped, sigma)
		if near, ok := schema.NearestField(mapped); ok {
			help = append(help, "a field with a similar name exists: `"+near+"`")
		}
	} else if t := c.source.taxonomy; t != nil {
		if near := t.Near(sigma); near != "" {
			help = append(help, "a field with a similar name exists: `"+near+"`")
		}
	}
	if len(help) == 0 {
		help = append(help, "a mapping file gives its name here (`fields: {"+sigma+": a.field}`), with --map")
	}
	d := diag.New(diag.SigmaField, c.text.part(n, 0, len(sigma)), title, help...)
	d.Label = "not known here"
	c.diags = append(c.diags, d)
}

// parameter makes a list parameter of a placeholder.
func (c *converter) parameter(n *yaml.Node, placeholder string) string {
	p := identifier(placeholder)
	if !slices.ContainsFunc(c.params, func(q *grammar.Param) bool { return q.Name.Text == p }) {
		c.params = append(c.params, &grammar.Param{At: c.at(n), Name: grammar.Name{At: c.at(n), Text: p}, Type: grammar.Name{At: c.at(n), Text: "list"}, Doc: "Sigma's placeholder %" + placeholder + "%"})
	}
	return p
}

// placeholderValues are what mapping files say about a placeholder.
func (c *converter) placeholderValues(name string) ([]string, bool) {
	for _, m := range c.opts.Maps {
		if v, ok := m.Placeholders[name]; ok {
			return v, true
		}
	}
	return nil, false
}

// show makes `emit { show … }` of the fields that the rule wants displayed.
func (c *converter) show() grammar.Clause {
	e, ok := lookup(c.doc.entries, "fields")
	if !ok || c.source == nil {
		return nil
	}
	var shown []grammar.Expr
	seen := map[string]bool{}
	for _, n := range c.items(e.value, 1) {
		f, ok := c.field(n.Value, false)
		switch {
		case ok && f.Name == "" || seen[f.Name]:
			continue
		case !ok:
			c.diags = append(c.diags, diag.New(diag.SigmaOdd, c.text.span(n), fmt.Sprintf("`%s` is not shown: %s has no such field here", n.Value, logsourceText(c.source.log)), "a mapping file gives its name here"))
			continue
		}
		seen[f.Name] = true
		shown = append(shown, c.path(n, f.Name))
	}
	if len(shown) == 0 {
		return nil
	}
	return &grammar.Emit{At: c.at(e.at), Items: []grammar.EmitItem{{At: c.at(e.value), Shown: shown}}}
}
