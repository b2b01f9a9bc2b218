package sigma

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/importer/sigma/taxonomy"
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
	taken, next := map[string]bool{}, map[string]int{}
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
			n, first := identifier(base), 2
			if taken[n] && len(d.id) >= 8 {
				n, first = identifier(n+"_"+d.id[:8]), 3
			}
			stem := identifier(base)
			for i := max(first, next[stem]); taken[n]; i++ {
				n, next[stem] = fmt.Sprintf("%s_%d", stem, i), i+1
			}
			taken[n] = true
			c.names[d] = n
		}
	}
}

// Convert makes the rules of one file of the collection. It may be called from several goroutines at once.
func (c *Collection) Convert(f *File) (*grammar.File, diag.List) {
	out := &grammar.File{Name: f.Name}
	var diags diag.List
	for _, d := range f.docs {
		if d.broken || c.silent[d] && d.correlation == nil { // what a correlation asks of correlations is refused, in a circle too
			continue
		}
		x := &converter{reader: &reader{text: f.text}, Collection: c, doc: d, declared: new([]*grammar.FieldDecl)}
		rule := x.rule()
		if rule != nil && !x.diags.HasErrors() && !c.silent[d] {
			out.Items = append(out.Items, rule)
		}
		diags = append(diags, x.diags...)
	}
	for _, fl := range f.filters {
		if !fl.broken {
			diags = append(diags, c.checkFilter(fl)...)
		}
	}
	return out, few(f.Name, diags.Sort())
}

// RuleNames returns the names of the rules that the documents of a file make.
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
	// declared are the fields that nothing here has, shared by all documents of the rule.
	declared *[]*grammar.FieldDecl
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
	return &converter{reader: &reader{text: d.file.text}, Collection: c.Collection, doc: d, declared: c.declared, prefix: prefix}
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
