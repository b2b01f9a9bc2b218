package syntax

import (
	"fmt"
	"strings"
)

// nameItem passes a field or table name: in double or single quotes, or bare, where it may carry one pair of parentheses
// (`count(user)` is the column that stats makes without AS).
func (p *parser) nameItem(what string) string {
	p.skip()
	start := p.pos
	switch p.peek() {
	case '"':
		name, _ := unescapeSearch(p.quoted('"'))
		return name
	case '\'':
		return strings.NewReplacer(`\\`, `\`, `\'`, `'`).Replace(p.quoted('\''))
	}
	p.bare(",()=")
	if p.peek() == '(' && p.pos > start && !p.eof() {
		if end := strings.IndexAny(p.text[p.pos:], ")|[]`\n"); end > 0 && p.text[p.pos+end] == ')' {
			p.pos += end + 1
		}
	}
	if p.pos == start {
		p.fail(p.pos, p.pos+1, "here", fmt.Sprintf("%s is missing before %s", what, p.here()), "write a name; one with spaces or punctuation goes in double quotes")
	}
	return p.text[start:p.pos]
}

// nameAhead reports whether a name can begin here.
func (p *parser) nameAhead() bool {
	if p.atEnd() {
		return false
	}
	return strings.IndexByte("()[=<>`", p.peek()) < 0
}

// names passes a list of names, separated by blanks or commas, up to a stop word or the end.
func (p *parser) names(what string, stop ...string) []string {
	var names []string
	for {
		p.skipCommas()
		if !p.nameAhead() || p.stopWord(stop) || p.optionAhead() {
			return names
		}
		names = append(names, p.nameItem(what))
	}
}

// optionAhead reports whether `word =` stands here.
func (p *parser) optionAhead() bool {
	w := p.word()
	if w == "" {
		return false
	}
	i := p.pos + len(w)
	for i < len(p.text) && isSpace(p.text[i]) {
		i++
	}
	return i < len(p.text) && p.text[i] == '=' && (i+1 == len(p.text) || p.text[i+1] != '=')
}

// option passes `name=value`.
func (p *parser) option() Arg {
	start := p.pos
	a := Arg{Name: strings.ToLower(p.word())}
	p.pos += len(a.Name)
	p.skip()
	p.pos++
	p.skip()
	p.argValue(&a, ",")
	a.Span = p.span(start)
	return a
}

// argValue passes the value of an option, or a word.
func (p *parser) argValue(a *Arg, stops string) {
	if p.peek() == '"' && !p.eof() {
		a.Value, _ = unescapeSearch(p.quoted('"'))
		a.Quoted = true
		return
	}
	start := p.pos
	if p.peek() == ',' {
		p.pos++
	} else {
		p.bare(stops)
	}
	if p.pos == start {
		what := "an argument"
		if a.Name != "" {
			what = fmt.Sprintf("the value of `%s`", a.Name)
		}
		p.fail(p.pos, p.pos+1, "here", fmt.Sprintf("%s is missing before %s", what, p.here()), "write it; quote text with spaces or punctuation")
	}
	a.Value = p.text[start:p.pos]
	a.Quoted = !bareArg(*a)
}

// options passes the options, and macros, that stand here.
func (p *parser) options() []Arg {
	var opts []Arg
	for {
		p.skipCommas()
		switch {
		case p.atEnd():
			return opts
		case p.optionAhead():
			opts = append(opts, p.option())
		case p.peek() == '`':
			start := p.pos
			m := p.macro()
			opts = append(opts, Arg{Macro: m, Span: p.span(start)})
		default:
			return opts
		}
	}
}

// plainStage parses options, words, macros and subsearches in any order.
func plainStage(p *parser, start int, name string) Stage {
	st := &Plain{Name: name}
	for {
		p.skipCommas()
		if p.atEnd() {
			st.Span = p.span(start)
			return st
		}
		at := p.pos
		switch {
		case p.optionAhead():
			st.Args = append(st.Args, p.option())
		case p.peek() == '`':
			m := p.macro()
			st.Args = append(st.Args, Arg{Macro: m, Span: p.span(at)})
		case p.peek() == '[':
			q := p.subsearch()
			st.Args = append(st.Args, Arg{Sub: q, Span: p.span(at)})
		default:
			a := Arg{}
			p.argValue(&a, ",")
			a.Span = p.span(at)
			st.Args = append(st.Args, a)
		}
	}
}

// byList passes the fields of a BY clause; options after a field belong to it.
func (p *parser) byList(stop ...string) []By {
	var by []By
	for {
		p.skipCommas()
		start := p.pos
		switch {
		case p.atEnd() || p.stopWord(stop):
			if len(by) == 0 {
				p.fail(p.pos, p.pos+1, "here", "a field is missing after `by`", "name the fields to group by")
			}
			return by
		case p.peek() == '`':
			m := p.macro()
			by = append(by, By{Macro: m, Span: p.span(start)})
		case p.optionAhead() && len(by) > 0:
			last := &by[len(by)-1]
			last.Options = append(last.Options, p.option())
			last.Span = last.Span.Join(p.span(start))
		case p.nameAhead():
			name := p.nameItem("a field")
			by = append(by, By{Name: name, Span: p.span(start)})
		default:
			p.fail(p.pos, p.pos+1, "not expected here", fmt.Sprintf("unexpected %s after `by`", p.here()), "name the fields to group by, separated by blanks or commas")
		}
	}
}

func (p *parser) agg() Agg {
	start := p.pos
	if p.peek() == '`' {
		m := p.macro()
		return Agg{Macro: m, Span: p.span(start)}
	}
	w := p.word()
	if w == "" {
		p.fail(p.pos, p.pos+1, "here", "an aggregate is missing before "+p.here(), "write an aggregate such as `count` or `dc(user)`")
	}
	p.pos += len(w)
	a := Agg{Func: strings.ToLower(w)}
	end := p.pos
	if a.Func == "eval" && p.accept('(') { // an expression over aggregates, as chart takes it
		a.Eval = p.expr()
		p.expect(')', "after eval(…")
		end = p.pos
	} else if p.accept('(') {
		p.aggArg(&a, end)
		end = p.pos
	}
	p.pos = end
	if p.keyword("as") {
		a.As = p.nameItem("the name after `as`")
	} else {
		p.pos = end
	}
	a.Span = p.span(start)
	return a
}

// aggArg passes what stands between the parentheses of an aggregate, and the closing one.
func (p *parser) aggArg(a *Agg, open int) {
	p.skip()
	if strings.EqualFold(p.word(), "eval") {
		save := p.pos
		p.pos += len("eval")
		if p.accept('(') {
			a.Eval = p.expr()
			p.expect(')', "after eval(…")
			p.expect(')', "after "+a.Func+"(eval(…)")
			return
		}
		p.pos = save
	}
	if c := p.peek(); c == '"' || c == '\'' {
		a.Field = p.nameItem("a field")
	} else {
		start := p.pos
		for !p.eof() && strings.IndexByte(")|\"`[", p.peek()) < 0 {
			p.pos++
		}
		a.Field = strings.TrimSpace(p.text[start:p.pos])
	}
	p.skip()
	if p.peek() != ')' || p.eof() {
		p.fail(open, open+1, "opened here", fmt.Sprintf("the parenthesis of `%s` is not closed", a.Func), "close it with `)`; an expression inside needs eval(…)")
	}
	p.pos++
}
