package syntax

import (
	"fmt"
	"strings"
)

func lookupStage(p *parser, start int, _ string) Stage {
	st := &Lookup{Options: p.options()}
	p.need("the lookup's name", "lookup")
	st.Table = p.nameItem("the lookup's name")
	st.Inputs = p.aliases("output", "outputnew")
	switch {
	case p.keyword("outputnew"):
		st.Mode = OutputNew
	case p.keyword("output"):
		st.Mode = Output
	}
	if st.Mode != OutputAll {
		if st.Outputs = p.aliases(); len(st.Outputs) == 0 {
			p.need("a field", "OUTPUT")
		}
	}
	if len(st.Inputs) == 0 {
		p.fail(start, p.pos, "no field to match", "`lookup` names no field to match", "write `lookup TABLE column AS field`")
	}
	st.Span = p.span(start)
	return st
}

// aliases passes `name [AS as], …` up to a stop word.
func (p *parser) aliases(stop ...string) []Alias {
	var list []Alias
	for {
		p.skipCommas()
		if !p.nameAhead() || p.stopWord(stop) {
			return list
		}
		at := p.pos
		a := Alias{Name: p.nameItem("a field")}
		end := p.pos
		if p.keyword("as") {
			a.As = p.nameItem("the name after `AS`")
			end = p.pos
		}
		p.pos = end
		a.Span = p.span(at)
		list = append(list, a)
	}
}

func inputlookupStage(p *parser, start int, _ string) Stage {
	st := &Inputlookup{}
	for {
		p.skip()
		switch {
		case p.atEnd():
			if st.Table == "" {
				p.need("the lookup's name", "inputlookup")
			}
			st.Span = p.span(start)
			return st
		case p.optionAhead():
			st.Options = append(st.Options, p.option())
		case st.Table != "" && p.keyword("where"):
			st.Where = p.searchExpr(nil)
		case st.Table == "":
			st.Table = p.nameItem("the lookup's name")
		default:
			p.fail(p.pos, p.pos+1, "not expected here", fmt.Sprintf("unexpected %s after the lookup's name", p.here()), "filter with `where`, or end the command with `|`")
		}
	}
}

func joinStage(p *parser, start int, _ string) Stage {
	st := &Join{}
	for {
		p.skipCommas()
		switch {
		case p.atEnd():
			if st.Sub == nil {
				p.need("a subsearch in brackets", "join")
			}
			st.Span = p.span(start)
			return st
		case p.peek() == '[' && st.Sub == nil:
			st.Sub = p.subsearch()
		case p.optionAhead():
			st.Options = append(st.Options, p.option())
		case p.nameAhead():
			st.Names = append(st.Names, p.nameItem("a field"))
		default:
			p.fail(p.pos, p.pos+1, "not expected here", fmt.Sprintf("unexpected %s in `join`", p.here()), "join takes options, fields and one subsearch")
		}
	}
}

func appendStage(p *parser, start int, name string) Stage {
	st := &Append{Name: name, Options: p.options()}
	p.need("a subsearch in brackets", name)
	st.Sub = p.subsearch()
	st.Options = append(st.Options, p.options()...)
	st.Span = p.span(start)
	return st
}

func unionStage(p *parser, start int, name string) Stage {
	st := &Union{Multi: name == "multisearch"}
	for {
		p.skipCommas()
		switch {
		case p.atEnd():
			if len(st.Subs)+len(st.Datasets) == 0 {
				p.need("a subsearch in brackets", name)
			}
			st.Span = p.span(start)
			return st
		case p.peek() == '[':
			st.Subs = append(st.Subs, p.subsearch())
		case p.optionAhead():
			st.Options = append(st.Options, p.option())
		default:
			st.Datasets = append(st.Datasets, p.nameItem("a dataset"))
		}
	}
}

func transactionStage(p *parser, start int, _ string) Stage {
	st := &Transaction{}
	for {
		p.skipCommas()
		switch {
		case p.atEnd():
			st.Span = p.span(start)
			return st
		case p.optionAhead():
			switch strings.ToLower(p.word()) {
			case "startswith":
				st.StartsWith = p.condition()
			case "endswith":
				st.EndsWith = p.condition()
			default:
				st.Options = append(st.Options, p.option())
			}
		default:
			st.Names = append(st.Names, p.nameItem("a field"))
		}
	}
}

// condition passes the filter of startswith or endswith: (search), eval(…), "search" or a word.
func (p *parser) condition() *Condition {
	p.pos += len(p.word())
	p.skip()
	p.pos++
	p.skip()
	if strings.EqualFold(p.word(), "eval") {
		p.pos += len("eval")
		p.expect('(', "after eval")
		x := p.expr()
		p.expect(')', "after eval(…")
		return &Condition{Eval: x}
	}
	if p.peek() == '"' {
		return p.quotedCondition()
	}
	return &Condition{Search: p.searchPrimary(nil)}
}

// quotedCondition passes a search expression in double quotes.
func (p *parser) quotedCondition() *Condition {
	start := p.pos
	text := strings.ReplaceAll(p.quoted('"'), `\"`, `"`)
	here := p.span(start)
	whole := segment{orig: here.Start.Offset, end: here.End.Offset, fixed: true}
	sub := &parser{src: &source{name: p.src.name, text: text, segs: []segment{whole}, pos: p.src.pos}, text: text, depth: p.depth}
	var x SearchExpr
	ok := sub.guard(func() {
		x = sub.searchExpr(nil)
		sub.wantEnd("the search expression")
	})
	if !ok {
		p.diags = append(p.diags, sub.diags...)
		panic(bailout{})
	}
	return &Condition{Search: x}
}

func convertStage(p *parser, start int, _ string) Stage {
	st := &Convert{Options: p.options()}
	for {
		p.skipCommas()
		if p.atEnd() {
			break
		}
		if p.optionAhead() {
			st.Options = append(st.Options, p.option())
			continue
		}
		at := p.pos
		w := p.word()
		p.pos += len(w)
		if w == "" || p.peek() != '(' || p.eof() {
			p.fail(at, p.pos+1, "here", fmt.Sprintf("unexpected %s in `convert`", p.here()), "convert takes function(field), such as ctime(_time)")
		}
		p.pos++
		c := ConvertCall{Func: strings.ToLower(w), Name: p.nameItem("a field")}
		p.expect(')', "after "+w+"(…")
		end := p.pos
		if p.keyword("as") {
			c.As = p.nameItem("the name after `as`")
			end = p.pos
		}
		p.pos = end
		c.Span = p.span(at)
		st.Calls = append(st.Calls, c)
	}
	if len(st.Calls) == 0 {
		p.need("a conversion", "convert")
	}
	st.Span = p.span(start)
	return st
}

func foreachStage(p *parser, start int, _ string) Stage {
	st := &Foreach{}
	for {
		p.skipCommas()
		switch {
		case p.atEnd():
			p.need("a subpipeline in brackets", "foreach")
		case p.peek() == '[':
			open := p.pos
			p.pos++
			p.inSub++
			depth := p.depth
			body := p.bracketText(open)
			p.depth = depth
			p.inSub--
			st.Body = body
			st.Span = p.span(start)
			return st
		case p.optionAhead():
			st.Options = append(st.Options, p.option())
		default:
			st.Names = append(st.Names, p.nameItem("a field"))
		}
	}
}

// bracketText passes text up to the bracket that closes the one at open, and returns it trimmed.
func (p *parser) bracketText(open int) string {
	start, depth := p.pos, 0
	for !p.eof() {
		switch p.peek() {
		case '\\':
			p.pos++
		case '"':
			p.quoted('"')
			continue
		case '[':
			depth++
		case ']':
			if depth == 0 {
				p.pos++
				return strings.TrimSpace(p.text[start : p.pos-1])
			}
			depth--
		}
		p.pos++
	}
	p.pos = len(p.text)
	p.fail(open, open+1, "opened here", "a bracket is not closed", "close it with `]`")
	return ""
}

func fromStage(p *parser, start int, _ string) Stage {
	p.need("a dataset", "from")
	st := &From{Kind: strings.ToLower(p.word())}
	p.pos += len(st.Kind)
	if st.Kind == "" {
		p.fail(p.pos, p.pos+1, "here", fmt.Sprintf("unexpected %s after `from`", p.here()), "write `from datamodel:NAME` or `from lookup:NAME`")
	}
	p.skip()
	if p.peek() == ':' || p.peek() == '=' {
		p.pos++
	}
	st.Name = p.nameItem("the dataset's name")
	st.Span = p.span(start)
	return st
}

func replaceStage(p *parser, start int, _ string) Stage {
	st := &Replace{}
	for {
		p.skipCommas()
		if p.atEnd() || len(st.Pairs) > 0 && p.keyword("in") {
			break
		}
		pair := ReplacePair{From: p.nameItem("the value to replace")}
		if !p.keyword("with") {
			p.fail(p.pos, p.pos+1, "here", "`WITH` is missing", "replace takes pairs: value WITH value")
		}
		pair.To = p.nameItem("the value after `WITH`")
		st.Pairs = append(st.Pairs, pair)
	}
	if len(st.Pairs) == 0 {
		p.need("a pair of values", "replace")
	}
	st.In = p.names("a field")
	st.Span = p.span(start)
	return st
}
