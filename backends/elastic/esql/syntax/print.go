package syntax

import "strings"

// Print writes a query in the one canonical form: keywords in upper case, one command a line, as few parentheses as the
// precedence of operators allows. Parsing the text gives the same tree, places aside.
func Print(q *Query) string {
	var w writer
	for _, s := range q.Settings {
		w.add("SET ", quoteSegment(s.Name), " = ")
		w.expr(s.Value, precOr)
		w.add(";\n")
	}
	w.pipe(q.Commands, "\n")
	return w.String()
}

// PrintExpr writes one expression.
func PrintExpr(x Expr) string {
	var w writer
	w.expr(x, precOr)
	return w.String()
}

type writer struct{ strings.Builder }

func (w *writer) add(parts ...string) {
	for _, p := range parts {
		w.WriteString(p)
	}
}

func (w *writer) pipe(cs []Command, sep string) {
	for i, c := range cs {
		if i > 0 {
			w.add(sep, "| ")
		}
		w.command(c)
	}
}

// command is the one dispatch over commands.
func (w *writer) command(c Command) {
	switch c := c.(type) {
	case *From:
		w.from(c)
	case *Row:
		w.add("ROW ")
		w.fields(c.Fields)
	case *Where:
		w.add("WHERE ")
		w.expr(c.Cond, precOr)
	case *Eval:
		w.eval(c)
	case *Stats:
		w.stats(c)
	case *Keep:
		w.add("KEEP ")
		w.patterns(c.Names)
	case *Drop:
		w.add("DROP ")
		w.patterns(c.Names)
	case *Rename:
		w.add("RENAME ")
		for i, p := range c.Pairs {
			w.comma(i)
			w.add(quotePattern(p.Old.Text), " AS ", quotePattern(p.New.Text))
		}
	case *Sort:
		w.sort(c)
	case *Limit:
		w.limit(c)
	case *MvExpand:
		w.add("MV_EXPAND ", QuoteName(c.Name.Text))
	case *Dissect:
		w.add("DISSECT ")
		w.expr(c.Input, precCast)
		w.add(" ", Quote(c.Pattern.Value))
		if c.Separator != nil {
			w.add(" APPEND_SEPARATOR = ", Quote(c.Separator.Value))
		}
	case *Grok:
		w.add("GROK ")
		w.expr(c.Input, precCast)
		for i, p := range c.Patterns {
			if i > 0 {
				w.add(",")
			}
			w.add(" ", Quote(p.Value))
		}
	case *Enrich:
		w.enrich(c)
	case *LookupJoin:
		w.add("LOOKUP JOIN ", quoteIndex(c.Index), " ON ")
		w.list(c.On, precOr)
	case *Sample:
		w.add("SAMPLE ")
		w.expr(c.Probability, precOr)
	case *Fork:
		w.add("FORK")
		for _, b := range c.Branches {
			w.add("\n  (")
			w.pipe(b, " ")
			w.add(")")
		}
	}
}

func (w *writer) comma(i int) {
	if i > 0 {
		w.add(", ")
	}
}

func (w *writer) from(c *From) {
	w.add("FROM ")
	for i, p := range c.Patterns {
		w.comma(i)
		if p.Sub != nil {
			w.add("(")
			w.pipe(p.Sub, " ")
			w.add(")")
			continue
		}
		w.add(quoteIndex(p.Text))
	}
	for i, m := range c.Metadata {
		if i == 0 {
			w.add(" METADATA ")
		}
		w.comma(i)
		w.add(QuoteName(m.Text))
	}
}

func (w *writer) fields(fs []Field) {
	for i, f := range fs {
		w.comma(i)
		w.field(f)
	}
}

// field leaves the name out when the text of the value would give the same name.
func (w *writer) field(f Field) {
	var body writer
	body.expr(f.Value, precOr)
	if f.Where != nil {
		body.add(" WHERE ")
		body.expr(f.Where, precOr)
	}
	implicit := body.String()
	if c, ok := f.Value.(*Column); ok && f.Where == nil {
		implicit = c.Name
	}
	if f.Name != implicit && f.Name != "" {
		w.add(QuoteName(f.Name), " = ")
	}
	w.add(body.String())
}

func (w *writer) eval(c *Eval) {
	var fields writer
	fields.fields(c.Fields)
	if len(c.Fields) == 1 || fields.Len() <= longLine {
		w.add("EVAL ", fields.String())
		return
	}
	w.add("EVAL")
	for i, f := range c.Fields {
		if i > 0 {
			w.add(",")
		}
		w.add("\n    ")
		w.field(f)
	}
}

// longLine is the length from which the columns of a STATS or EVAL stand in lines of their own.
const longLine = 140

func (w *writer) stats(c *Stats) {
	var aggs, by writer
	aggs.fields(c.Aggs)
	by.fields(c.By)
	if c.Inline {
		w.add("INLINE ")
	}
	w.add("STATS")
	switch {
	case len(c.Aggs) > 1 && aggs.Len()+by.Len() > longLine:
		for i, f := range c.Aggs {
			if i > 0 {
				w.add(",")
			}
			w.add("\n    ")
			w.field(f)
		}
		if len(c.By) > 0 {
			w.add("\n  BY ", by.String())
		}
		return
	case len(c.Aggs) > 0:
		w.add(" ", aggs.String())
	}
	if len(c.By) > 0 {
		w.add(" BY ", by.String())
	}
}

func (w *writer) patterns(ps []NamePattern) {
	for i, p := range ps {
		w.comma(i)
		for j, piece := range p.Pieces {
			if j > 0 {
				w.add("*")
			}
			switch {
			case p.Literal():
				w.add(QuoteName(piece))
			case piece != "":
				w.add(quotePiece(piece, j > 0, j < len(p.Pieces)-1))
			}
		}
	}
}

func (w *writer) sort(c *Sort) {
	w.add("SORT ")
	for i, k := range c.Keys {
		w.comma(i)
		w.expr(k.Expr, precOr)
		switch k.Order {
		case Asc:
			w.add(" ASC")
		case Desc:
			w.add(" DESC")
		case OrderDefault:
		}
		switch k.Nulls {
		case NullsFirst:
			w.add(" NULLS FIRST")
		case NullsLast:
			w.add(" NULLS LAST")
		case NullsDefault:
		}
	}
}

func (w *writer) limit(c *Limit) {
	w.add("LIMIT ")
	w.expr(c.Count, precOr)
	if len(c.By) > 0 {
		w.add(" BY ")
		w.list(c.By, precOr)
	}
}

func (w *writer) enrich(c *Enrich) {
	w.add("ENRICH ", quoteIndex(c.Policy))
	if c.On != nil {
		w.add(" ON ", quotePattern(c.On.Text))
	}
	for i, f := range c.With {
		if i == 0 {
			w.add(" WITH ")
		}
		w.comma(i)
		if f.New != "" {
			w.add(quotePattern(f.New), " = ")
		}
		w.add(quotePattern(f.Old.Text))
	}
}
