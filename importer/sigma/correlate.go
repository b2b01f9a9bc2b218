package sigma

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/schema"
)

// member is one rule that a correlation names, in the words of the rule language.
type member struct {
	ref  reference
	doc  *document
	name string // of its step, definition and aggregate
	conv *converter
	x    grammar.Expr
}

// correlate makes the clauses of a correlation; nil means that faults were reported.
func (c *converter) correlate() []grammar.Clause {
	k := c.doc.correlation
	members, ok := c.members()
	if !ok {
		return nil
	}
	info := corrKinds[k.kind]
	keys, ok := c.keys(members)
	if !ok {
		return nil
	}
	switch {
	case info.aggregate != "":
		return c.counted(members, keys, info)
	case info.ordered:
		return c.steps(members, keys, true)
	}
	return c.temporal(members, keys)
}

// scopeName is the name of the scope that a correlation counts in.
const scopeName = "found"

// members finds the rules and says their detections.
func (c *converter) members() ([]*member, bool) {
	k := c.doc.correlation
	ok := true
	var out []*member
	for _, ref := range k.refs {
		d := c.target(ref)
		if d == nil {
			ok = false
			continue
		}
		out = append(out, &member{ref: ref, doc: d})
	}
	for i, m := range out {
		m.name = c.memberName(m.doc, out[:i])
		prefix := ""
		if len(out) > 1 {
			prefix = m.name + "_"
		}
		m.conv = c.on(m.doc, prefix)
		m.conv.defs = c.defs // so that names stay different
		x, good := m.conv.detect()
		m.conv.defs = m.conv.defs[len(c.defs):]
		c.take(m.conv)
		if m.x = x; !good {
			ok = false
		}
	}
	return out, ok && len(out) > 0
}

// isTitle reports whether a rule that was read has a text as its title.
func (c *converter) isTitle(text string) bool {
	for _, f := range c.files {
		if slices.ContainsFunc(f.docs, func(d *document) bool { return d.correlation == nil && strings.EqualFold(d.title, text) }) {
			return true
		}
	}
	return false
}

// target finds the rule of a reference.
func (c *converter) target(ref reference) *document {
	docs := c.find(c.doc, ref.text)
	switch {
	case len(docs) == 0:
		var known []string
		for key := range c.byName {
			known = append(known, key)
		}
		slices.Sort(known)
		help := diag.Suggestion("rule", ref.text, known)
		if c.isTitle(ref.text) {
			help = "that is a title: give the rule a `name`, and write it here"
		}
		if help == "" {
			help = "a rule is named by its `id` or its `name`; read its file together with this one"
		}
		c.fault(diag.SigmaCorrelation, ref.node, fmt.Sprintf("no rule that was read has the id or name `%s`", ref.text), help)
		return nil
	case len(docs) > 1:
		d := diag.New(diag.SigmaCorrelation, c.text.span(ref.node), fmt.Sprintf("several rules have the name `%s`", ref.text), "name the rule by its id")
		for _, x := range docs[:2] {
			d.Related = append(d.Related, diag.Label{Span: x.file.text.span(x.head()), Text: "one of them"})
		}
		c.diags = append(c.diags, d)
		return nil
	case docs[0].correlation != nil:
		c.fault(diag.SigmaCannot, ref.node, fmt.Sprintf("`%s` is a correlation itself", ref.text), "a rule looks at events, not at findings of another rule: write one correlation over the detection rules")
		return nil
	case docs[0].broken:
		c.fault(diag.SigmaCorrelation, ref.node, fmt.Sprintf("the rule `%s` has faults", ref.text), "they are reported at the rule")
		return nil
	}
	return docs[0]
}

// memberName is a name for the step of a rule: no word of the language, and not the beginning of a field's name.
func (c *converter) memberName(d *document, others []*member) string {
	base := d.name
	if base == "" {
		base = strings.ToLower(d.title)
	}
	n := identifier(base)
	if len(n) > 40 {
		n = strings.TrimRight(n[:40], "_")
	}
	for schema.HasFieldsUnder(n) || n == scopeName || slices.ContainsFunc(others, func(m *member) bool { return m.name == n }) {
		n += "_"
	}
	return n
}

// keys finds the fields to group by: for each key, one field for each rule.
func (c *converter) keys(members []*member) ([][]string, bool) {
	k := c.doc.correlation
	ok := true
	var out [][]string
	for _, n := range k.groupBy {
		row, good := c.key(n, members)
		ok = ok && good
		out = append(out, row)
	}
	for _, a := range k.aliases {
		if !slices.ContainsFunc(k.groupBy, func(n *yaml.Node) bool { return n.Value == a.name }) {
			c.diags = append(c.diags, diag.New(diag.SigmaOdd, c.text.span(a.at), fmt.Sprintf("nothing is grouped by the alias `%s`", a.name), "name it in `group-by`, or take it out"))
		}
	}
	return out, ok
}

func (c *converter) key(n *yaml.Node, members []*member) ([]string, bool) {
	k := c.doc.correlation
	i := slices.IndexFunc(k.aliases, func(a alias) bool { return a.name == n.Value })
	row := make([]string, len(members))
	for j, m := range members {
		field, at := n.Value, n
		if i >= 0 {
			e, ok := lookup(k.aliases[i].fields, m.ref.text)
			if !ok {
				c.corrFault(k.aliases[i].at, fmt.Sprintf("the alias `%s` has no field for the rule `%s`", n.Value, m.ref.text), "add it: `"+m.ref.text+": a_field`")
				return nil, false
			}
			field, at = e.value.Value, e.value
		}
		f, ok := c.fieldOf(at, field, m)
		if !ok {
			return nil, false
		}
		row[j] = f
	}
	if i >= 0 {
		return row, c.aliasRules(k.aliases[i], members)
	}
	return row, true
}

// aliasRules reports rules of an alias that the correlation does not name.
func (c *converter) aliasRules(a alias, members []*member) bool {
	ok := true
	for _, e := range a.fields {
		if !slices.ContainsFunc(members, func(m *member) bool { return m.ref.text == e.key }) {
			var names []string
			for _, m := range members {
				names = append(names, m.ref.text)
			}
			help := diag.Suggestion("rule", e.key, names)
			if help == "" {
				help = "the rules are " + strings.Join(names, ", ")
			}
			c.corrFault(e.at, fmt.Sprintf("the alias `%s` names `%s`, which is not among the rules", a.name, e.key), help)
			ok = false
		}
	}
	return ok
}

// fieldOf is what a field of a member's log source is here; it must be one.
func (c *converter) fieldOf(n *yaml.Node, field string, m *member) (string, bool) {
	c.source = m.conv.source // the fields are those of the rule's log source
	fs, ok := c.fields(n, field)
	c.source = nil
	if !ok {
		return "", false
	}
	if len(fs) != 1 || fs[0].Name == "" {
		c.fault(diag.SigmaCannot, n, fmt.Sprintf("`%s` is several fields here", field), "group by a field that is one")
		return "", false
	}
	return fs[0].Name, true
}

// sameFrom reports whether all rules look at the same events.
func sameFrom(members []*member) bool {
	first := members[0].conv.source.from.String()
	return !slices.ContainsFunc(members, func(m *member) bool { return m.conv.source.from.String() != first })
}

// keyExprs are the keys of a rule, which must be the same for all of them.
func (c *converter) keyExprs(keys [][]string) ([]grammar.Expr, bool) {
	var out []grammar.Expr
	for i, row := range keys {
		n := c.doc.correlation.groupBy[i]
		for _, f := range row[1:] {
			if f != row[0] {
				c.fault(diag.SigmaCannot, n, fmt.Sprintf("`%s` is `%s` for one rule and `%s` for another", n.Value, row[0], f), "events of one count are grouped by one field; `temporal` can join different ones")
				return nil, false
			}
		}
		if slices.ContainsFunc(out, func(x grammar.Expr) bool {
			return strings.Join(x.(*grammar.PathExpr).Path.Segments, ".") == row[0]
		}) {
			c.diags = append(c.diags, diag.New(diag.SigmaOdd, c.text.span(n), fmt.Sprintf("`%s` is the same field as one before it", n.Value), "take it out"))
			continue
		}
		out = append(out, c.path(n, row[0]))
	}
	return out, true
}

// memberDefs gives each of several rules a definition, and returns how the rules are then named in conditions.
func (c *converter) memberDefs(members []*member) []grammar.Expr {
	out := make([]grammar.Expr, len(members))
	for i, m := range members {
		if _, named := m.x.(*grammar.PathExpr); len(members) == 1 || named {
			out[i] = m.x
			continue
		}
		n := m.name
		for slices.ContainsFunc(c.defs, func(d *grammar.Def) bool { return d.Name.Text == n }) {
			n += "_"
		}
		at := c.at(m.ref.node)
		c.defs = append(c.defs, &grammar.Def{At: at, Name: grammar.Name{At: at, Text: n}, Body: m.x})
		p := pathOf(n)
		p.At = at
		out[i] = &grammar.PathExpr{At: at, Path: p}
	}
	return out
}

// head are the clauses of a count rule before its count: what events take part.
func (c *converter) countHead(members []*member, xs []grammar.Expr) []grammar.Clause {
	var out []grammar.Clause
	for i, m := range members {
		if !slices.ContainsFunc(members[:i], func(o *member) bool { return o.conv.source.from.String() == m.conv.source.from.String() }) {
			out = append(out, m.conv.fromClause())
		}
	}
	for _, d := range c.defs {
		out = append(out, d)
	}
	x := join("or", xs)
	return append(out, &grammar.Where{At: grammar.At{Span: x.Pos()}, X: x}, &grammar.Window{At: c.at(c.doc.correlation.spanAt), Kind: grammar.Sliding, Size: c.timespan()})
}

func (c *converter) timespan() *grammar.Duration {
	k := c.doc.correlation
	d := duration(k.timespan)
	if k.spanText != "" {
		d.Text = k.spanText
	}
	d.At = c.at(k.spanAt)
	return d
}

// countOf is the count clause of one scope.
func (c *converter) countOf(keys []grammar.Expr, aggs []grammar.Agg) *grammar.Count {
	at := c.at(c.doc.correlation.at)
	return &grammar.Count{At: at, Total: len(keys) == 0, Per: keys, As: grammar.Name{At: at, Text: scopeName}, Aggs: aggs}
}

// apart makes rules of different events countable together: each condition says which events it is about. It refuses rules of
// which one event may be in the way of both.
func (c *converter) apart(members []*member, what string) bool {
	if sameFrom(members) {
		return true
	}
	for i, m := range members {
		for _, o := range members[:i] {
			if !sameFrom([]*member{m, o}) && overlap([]*member{m, o}, make([]bool, 2)) {
				c.fault(diag.SigmaCannot, c.doc.correlation.kindAt, fmt.Sprintf("%s looks at events that may be both `%s` and `%s`", what, o.conv.source.from, m.conv.source.from),
					"an event counts once, for one rule: make a correlation for each log source")
				return false
			}
		}
	}
	for _, m := range members {
		var guards []grammar.Expr
		if slices.ContainsFunc(members, func(o *member) bool {
			return !slices.Equal(o.conv.source.from.Sources(), m.conv.source.from.Sources())
		}) {
			guards = append(guards, c.isOne(m, schema.SourceField, m.conv.source.from.Sources()))
		}
		if slices.ContainsFunc(members, func(o *member) bool { return !sameFrom([]*member{o, m}) && shareSource(o, m) }) {
			guards = append(guards, c.isOne(m, schema.ClassField, m.conv.source.from.Classes()))
		}
		m.x = join("and", append(guards, m.x))
	}
	return true
}

func shareSource(a, b *member) bool {
	return slices.ContainsFunc(a.conv.source.from.Sources(), func(s string) bool { return slices.Contains(b.conv.source.from.Sources(), s) })
}

// isOne is the condition that the event's class or source is one of the names.
func (c *converter) isOne(m *member, field string, names []string) grammar.Expr {
	at := m.ref.node
	var texts []grammar.Expr
	for _, n := range names {
		texts = append(texts, c.str(at, n))
	}
	f := c.path(at, field)
	op := "in"
	if len(texts) == 1 {
		op = "=="
	}
	return &grammar.Compare{At: f.At, Op: op, OpSpan: f.Span, X: f, Y: c.list(at, texts)}
}

// counted makes event_count and the value_… types: a sliding window, so that no boundary cuts a group in two.
func (c *converter) counted(members []*member, keys [][]string, info corrKind) []grammar.Clause {
	k := c.doc.correlation
	per, ok := c.keyExprs(keys)
	if !ok || !c.apart(members, "`"+k.kind+"`") {
		return nil
	}
	call := &grammar.Call{At: c.at(k.kindAt), Func: grammar.Name{At: c.at(k.kindAt), Text: info.aggregate}}
	aggName := map[string]string{"count": "events", "distinct": "different", "sum": "sum", "avg": "mean", "median": "median", "percentile": "percentile"}[info.aggregate]
	if info.needs {
		arg, ok := c.counts(members, k)
		if !ok {
			return nil
		}
		call.Args = append(call.Args, arg)
		if info.aggregate == "percentile" {
			call.Args = append(call.Args, &grammar.Number{At: c.at(k.condition.at), Text: k.condition.percentile})
		}
	}
	out := c.countHead(members, c.memberDefs(members))
	at := c.at(k.at)
	out = append(out, c.countOf(per, []grammar.Agg{{At: at, Name: grammar.Name{At: at, Text: aggName}, Call: call}}))
	var xs []grammar.Expr
	for _, b := range k.condition.bounds {
		xs = append(xs, c.boundOn(scopeName+"."+aggName, b))
	}
	return append(out, &grammar.When{At: c.at(k.condition.at), X: join("and", xs)}, c.emitShow(scopeName+"."+aggName))
}

func (c *converter) emitShow(names ...string) *grammar.Emit {
	item := grammar.EmitItem{}
	for _, n := range names {
		item.Shown = append(item.Shown, &grammar.PathExpr{Path: pathOf(n)})
	}
	return &grammar.Emit{Items: []grammar.EmitItem{item}}
}

// counts is the field whose values are looked at.
func (c *converter) counts(members []*member, k *correlation) (grammar.Expr, bool) {
	if len(k.condition.fields) > 1 {
		c.fault(diag.SigmaCannot, k.condition.fields[1], "combinations of several fields are counted", "different values of one field can be counted: name one, and group by the other")
		return nil, false
	}
	n := k.condition.fields[0]
	field, declared := "", len(*c.declared)
	for _, m := range members {
		f, ok := c.fieldOf(n, n.Value, m)
		if !ok {
			return nil, false
		}
		if field != "" && f != field {
			c.fault(diag.SigmaCannot, n, fmt.Sprintf("`%s` is `%s` for one rule and `%s` for another", n.Value, field, f), "make a correlation for each log source")
			return nil, false
		}
		field = f
	}
	if len(*c.declared) > declared && k.kind != "value_count" {
		c.declaration(field).Type.Text = schema.Double.String()
	}
	if t := c.typeOf(field); k.kind != "value_count" && !t.IsNumber() {
		c.corrFault(n, fmt.Sprintf("`%s` takes a field of numbers, and `%s` is %s here (`%s`)", k.kind, n.Value, typeWord(t), field), "count its different values with value_count")
		return nil, false
	}
	return c.path(n, field), true
}

func (c *converter) boundOn(agg string, b bound) grammar.Expr {
	op := map[string]string{"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "==", "neq": "!="}[b.word]
	at := c.at(b.node)
	p := pathOf(agg)
	p.At = at
	return &grammar.Compare{At: at, Op: op, OpSpan: at.Span, X: &grammar.PathExpr{At: at, Path: p}, Y: c.number(b.node, b.text)}
}
