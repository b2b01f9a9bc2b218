package syntax

import "strings"

// stage prints one command with its name.
func (p *printer) stage(st Stage) {
	if name := st.Command(); name != "" {
		p.WriteString(name)
	}
	switch st := st.(type) {
	case *Search:
		p.WriteByte(' ')
		p.searchTop(st.Expr)
	case *Where:
		p.WriteByte(' ')
		p.expr(st.Cond)
	case *Eval:
		p.assigns(st.Assigns)
	case *Fields:
		if st.Minus {
			p.WriteString(" -")
		}
		p.names(" ", st.Names)
	case *Table:
		p.names(" ", st.Names)
	case *Rename:
		p.aliases(" ", st.Pairs)
	case *Stats:
		p.args(st.Options)
		p.aggs(st.Aggs)
		p.by(" BY ", st.By)
	case *Tstats:
		p.tstats(st)
	case *Chart:
		p.args(st.Options)
		p.aggs(st.Aggs)
		if st.Over != nil {
			p.by(" OVER ", []By{*st.Over})
		}
		p.by(" BY ", st.By)
		if w := st.Where; w != nil {
			p.WriteString(" where")
			p.aggs([]Agg{w.Agg})
			p.WriteString(" " + w.Op + " " + w.Value)
		}
	case *Top:
		p.after(st.Limit)
		p.args(st.Options)
		p.names(" ", st.Names)
		p.names(" BY ", st.By)
	case *Bin:
		p.args(st.Options)
		p.names(" ", []string{st.Name})
		p.as(st.As)
	case *Sort:
		p.after(st.Limit)
		p.sortKeys(st.Keys)
		if st.Reverse {
			p.WriteString(" desc")
		}
	case *Dedup:
		p.after(st.Count)
		p.names(" ", st.Names)
		p.args(st.Options)
		if len(st.SortBy) > 0 {
			p.WriteString(" sortby")
			p.sortKeys(st.SortBy)
		}
	case *Head:
		p.after(st.Count)
		p.args(st.Options)
		if st.Cond != nil {
			p.WriteString(" (")
			p.expr(st.Cond)
			p.WriteByte(')')
		}
	case *Regex:
		p.WriteByte(' ')
		if st.Field != "" {
			p.WriteString(quoteName(st.Field))
			if st.Negate {
				p.WriteByte('!')
			}
			p.WriteByte('=')
		}
		p.pattern(st.Pattern)
	case *Rex:
		p.args(st.Options)
		p.WriteByte(' ')
		p.pattern(st.Pattern)
	case *Plain:
		p.args(st.Args)
	case *Raw:
		p.after(st.Text)
	case *MacroStage:
		p.macro(st.Macro)
		p.after(st.Rest)
	case *Lookup, *Inputlookup, *Join, *Append, *Union, *Transaction, *Convert, *Foreach, *From, *Replace:
		p.joinStage(st)
	}
}

// joinStage prints the commands that bring other rows in, and the rest of the typed ones.
func (p *printer) joinStage(st Stage) {
	switch st := st.(type) {
	case *Lookup:
		p.args(st.Options)
		p.names(" ", []string{st.Table})
		p.aliases(" ", st.Inputs)
		switch st.Mode {
		case OutputAll:
		case Output:
			p.aliases(" OUTPUT ", st.Outputs)
		case OutputNew:
			p.aliases(" OUTPUTNEW ", st.Outputs)
		}
	case *Inputlookup:
		p.args(st.Options)
		p.names(" ", []string{st.Table})
		if st.Where != nil {
			p.WriteString(" where ")
			p.searchTop(st.Where)
		}
	case *Join:
		p.args(st.Options)
		p.names(" ", st.Names)
		p.sub(st.Sub)
	case *Append:
		p.args(st.Options)
		p.sub(st.Sub)
	case *Union:
		p.args(st.Options)
		p.names(" ", st.Datasets)
		for _, q := range st.Subs {
			p.sub(q)
		}
	case *Transaction:
		p.names(" ", st.Names)
		p.args(st.Options)
		p.condition(" startswith=", st.StartsWith)
		p.condition(" endswith=", st.EndsWith)
	case *Convert:
		p.args(st.Options)
		for _, c := range st.Calls {
			p.WriteString(" " + c.Func + "(" + quoteName(c.Name) + ")")
			p.as(c.As)
		}
	case *Foreach:
		p.names(" ", st.Names)
		p.args(st.Options)
		p.WriteString(" [" + st.Body + "]")
	case *From:
		p.WriteString(" " + st.Kind + `:"` + escapeSearch(st.Name, false) + `"`)
	case *Replace:
		for i, pair := range st.Pairs {
			if i > 0 {
				p.WriteByte(',')
			}
			p.WriteString(` "` + escapeSearch(pair.From, false) + `" WITH "` + escapeSearch(pair.To, false) + `"`)
		}
		p.names(" IN ", st.In)
	case *Bin, *Chart, *Dedup, *Eval, *Fields, *Head, *MacroStage, *Plain, *Raw, *Regex, *Rename, *Rex, *Search, *Sort, *Stats, *Table, *Top, *Tstats, *Where:
	}
}

func (p *printer) after(text string) {
	if text != "" {
		p.WriteString(" " + text)
	}
}

func (p *printer) sub(q *Query) {
	if q != nil {
		p.WriteByte(' ')
		p.brackets(q)
	}
}

func (p *printer) as(name string) {
	if name != "" {
		p.WriteString(" AS " + quoteName(name))
	}
}

func (p *printer) names(lead string, names []string) {
	for i, n := range names {
		if i == 0 {
			p.WriteString(lead)
		} else {
			p.WriteString(", ")
		}
		p.WriteString(quoteName(n))
	}
}

func (p *printer) aliases(lead string, list []Alias) {
	for i, a := range list {
		if i == 0 {
			p.WriteString(lead)
		} else {
			p.WriteString(", ")
		}
		p.WriteString(quoteName(a.Name))
		p.as(a.As)
	}
}

func (p *printer) assigns(list []Assign) {
	for i, a := range list {
		if i > 0 {
			p.WriteByte(',')
		}
		p.WriteByte(' ')
		if m, ok := a.Value.(*MacroExpr); ok && a.Name == "" {
			p.macro(m.Macro)
			continue
		}
		if a.Dynamic {
			p.WriteString("{" + a.Name + "}=")
		} else {
			p.WriteString(quoteTarget(a.Name) + "=")
		}
		p.expr(a.Value)
	}
}

// quoteTarget quotes the name that eval assigns to: in double quotes where it is not a plain word, which also works for
// names with a dot.
func quoteTarget(name string) string {
	if bareField(name) {
		return name
	}
	return `"` + escapeSearch(name, false) + `"`
}

// args prints options and words, each behind a blank.
func (p *printer) args(args []Arg) {
	for _, a := range args {
		p.WriteByte(' ')
		switch {
		case a.Macro != nil:
			p.macro(a.Macro)
			continue
		case a.Sub != nil:
			p.brackets(a.Sub)
			continue
		case a.Name != "":
			p.WriteString(a.Name + "=")
		}
		if a.Quoted || !bareArg(a) {
			p.WriteString(`"` + escapeSearch(a.Value, false) + `"`)
		} else {
			p.WriteString(a.Value)
		}
	}
}

// bareArg reports whether the value of an argument can be printed without quotes.
func bareArg(a Arg) bool {
	if a.Name != "" && a.Value == "," {
		return true
	}
	return a.Value != "" && !strings.ContainsAny(a.Value, " \t\n\r\f\v|\"`[],\\") && (a.Name != "" || !strings.Contains(a.Value, "="))
}

func (p *printer) aggs(aggs []Agg) {
	for i, a := range aggs {
		if i > 0 {
			p.WriteByte(',')
		}
		p.WriteByte(' ')
		switch {
		case a.Macro != nil:
			p.macro(a.Macro)
			continue
		case a.Eval != nil && a.Func == "eval":
			p.WriteString("eval(")
			p.expr(a.Eval)
			p.WriteByte(')')
		case a.Eval != nil:
			p.WriteString(a.Func + "(eval(")
			p.expr(a.Eval)
			p.WriteString("))")
		case a.Field != "":
			p.WriteString(a.Func + "(" + quoteAggField(a.Field) + ")")
		default:
			p.WriteString(a.Func)
		}
		p.as(a.As)
	}
}

// quoteAggField quotes the field of an aggregate where its bare form would not read back.
func quoteAggField(name string) string {
	if strings.ContainsAny(name, ")|\"`['\n\t\r\f\v\\") || strings.TrimSpace(name) != name || strings.HasPrefix(strings.ToLower(name), "eval") {
		return `"` + escapeSearch(name, false) + `"`
	}
	return name
}

func (p *printer) by(lead string, by []By) {
	for i, b := range by {
		if i == 0 {
			p.WriteString(lead)
		} else {
			p.WriteString(", ")
		}
		if b.Macro != nil {
			p.macro(b.Macro)
		} else {
			p.WriteString(quoteName(b.Name))
		}
		p.args(b.Options)
	}
}

func (p *printer) tstats(st *Tstats) {
	p.args(st.Options)
	p.aggs(st.Aggs)
	if st.From != "" {
		p.WriteString(" FROM datamodel=" + quoteName(st.From))
	}
	if st.Where != nil {
		p.WriteString(" WHERE ")
		p.searchTop(st.Where)
	}
	p.by(" BY ", st.By)
}

func (p *printer) sortKeys(keys []SortKey) {
	for i, k := range keys {
		if i > 0 {
			p.WriteByte(',')
		}
		p.WriteByte(' ')
		if k.Desc {
			p.WriteByte('-')
		} else {
			p.WriteByte('+')
		}
		if k.Func != "" {
			p.WriteString(k.Func + "(" + quoteName(k.Name) + ")")
		} else {
			p.WriteString(quoteName(k.Name))
		}
	}
}

// pattern prints a regular expression as an SPL string: every backslash doubled, every quote escaped.
func (p *printer) pattern(re string) { p.WriteString(`"` + escapeEval(re) + `"`) }

func (p *printer) condition(lead string, c *Condition) {
	switch {
	case c == nil:
	case c.Eval != nil:
		p.WriteString(lead + "eval(")
		p.expr(c.Eval)
		p.WriteByte(')')
	default:
		p.WriteString(lead + "(")
		p.searchTop(c.Search)
		p.WriteByte(')')
	}
}
