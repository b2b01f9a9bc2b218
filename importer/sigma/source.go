package sigma

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/importer/sigma/taxonomy"
	"github.com/onerule/onerule/schema"
)

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
	var u *taxonomy.Unmapped
	misplaced := c.misplaced()
	if errors.As(err, &u) && len(u.Near) > 0 && misplaced == nil {
		var near []string
		for _, l := range u.Near[:min(len(u.Near), 4)] {
			near = append(near, logsourceText(l))
		}
		d.Help = append(d.Help, "log sources with similar names are "+strings.Join(near, ", "))
	}
	d.Help = append(d.Help, misplaced...)
	d.Help = append(d.Help, "a mapping file says what it is here: `onerule import sigma --map FILE`")
	c.diags = append(c.diags, d)
}

// misplaced says where a part of the log source belongs, when it is known in another place.
func (c *converter) misplaced() []string {
	l := c.doc.logsource
	known := func(l taxonomy.Logsource) bool {
		_, err := taxonomy.Find(l)
		return err == nil
	}
	switch {
	case l.Category == "" && l.Service != "" && known(taxonomy.Logsource{Product: l.Product, Category: l.Service}):
		return []string{fmt.Sprintf("`%s` is a category: write `category: %s`", l.Service, l.Service)}
	case l.Service == "" && l.Category != "" && known(taxonomy.Logsource{Product: l.Product, Service: l.Category}):
		return []string{fmt.Sprintf("`%s` is a service: write `service: %s`", l.Category, l.Category)}
	case l.Product != "" && l.Service == "" && l.Category != "" && known(taxonomy.Logsource{Product: "windows", Service: l.Product}) && known(taxonomy.Logsource{Product: "windows", Category: l.Category}):
		return []string{fmt.Sprintf("`%s` is a service of Windows: write `product: windows`", l.Product)}
	}
	return nil
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
		if !ok && c.opts.KeepUnknownFields && sayable(s) {
			f, ok = c.declare(n, sigma, s), true
		}
		if !ok {
			c.unknownField(n, sigma, s)
			return nil, false
		}
		out = append(out, f)
	}
	return out, true
}

// sayable reports whether a field's name can be written in a rule: parts between dots, none of them empty.
func sayable(name string) bool {
	return !slices.Contains(strings.Split(name, "."), "") && !strings.ContainsFunc(name, func(r rune) bool { return r == '`' || unicode.IsControl(r) })
}

func (c *converter) field(s string, mapped bool) (taxonomy.Field, bool) {
	if t := c.source.taxonomy; t != nil {
		if f, ok := t.Field(s); ok {
			return f, true
		}
		mapped = mapped || t.Names
	}
	if c.declaration(s) != nil {
		return taxonomy.Field{Name: s}, true
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
	plain, notes := plainName(sigma)
	var help []string
	if mapped != sigma {
		title = fmt.Sprintf("the mapping file makes `%s` of `%s`, which is no field here", mapped, sigma)
		if near, ok := schema.NearestField(mapped); ok {
			help = append(help, "a field with a similar name exists: `"+near+"`")
		}
	} else if t := c.source.taxonomy; t != nil {
		if _, ok := t.Field(plain); ok {
			help = append(help, "write `"+plain+"`")
		} else if near := t.Near(plain); near != "" {
			help = append(help, "a field with a similar name exists: `"+near+"`")
		}
	}
	if len(help) == 0 {
		help = append(help, "a mapping file gives its name here (`fields: {"+sigma+": a.field}`), with --map; --keep-unknown-fields keeps it as it is")
	}
	d := diag.New(diag.SigmaField, c.text.part(n, 0, len(sigma)), title, help...)
	d.Label, d.Notes = "not known here", notes
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
