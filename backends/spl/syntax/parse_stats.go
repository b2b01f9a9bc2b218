package syntax

import (
	"fmt"
	"strings"
)

func statsStage(kind StatsKind) parseFunc {
	return func(p *parser, start int, name string) Stage {
		st := &Stats{Kind: kind, Options: p.options()}
		for {
			st.Aggs = append(st.Aggs, p.aggsOrOptions(&st.Options)...)
			if !p.keyword("by") {
				break
			}
			st.By = append(st.By, p.byList()...)
		}
		if len(st.Aggs) == 0 && !hasMacro(st.Options) {
			p.fail(start, p.pos, "no aggregate", fmt.Sprintf("`%s` has no aggregate", name), "write at least one, such as `count`")
		}
		st.Span = p.span(start)
		return st
	}
}

// aggsOrOptions passes aggregates up to BY; streamstats in the wild has options among them.
func (p *parser) aggsOrOptions(opts *[]Arg) []Agg {
	var aggs []Agg
	for {
		p.skipCommas()
		switch {
		case p.atEnd() || p.isKeyword("by"):
			return aggs
		case p.optionAhead():
			*opts = append(*opts, p.option())
		default:
			aggs = append(aggs, p.agg())
		}
	}
}

func hasMacro(args []Arg) bool {
	for _, a := range args {
		if a.Macro != nil {
			return true
		}
	}
	return false
}

func tstatsStage(p *parser, start int, name string) Stage {
	st := &Tstats{Metrics: name == "mstats"}
	clauses := []string{"from", "where", "by", "groupby"}
	for {
		p.skipCommas()
		switch {
		case p.atEnd():
			if len(st.Aggs) == 0 {
				p.fail(start, p.pos, "no aggregate", fmt.Sprintf("`%s` has no aggregate", name), "write at least one, such as `count`")
			}
			st.Span = p.span(start)
			return st
		case p.keyword("from"):
			st.From = p.fromClause()
		case p.keyword("where"):
			p.skip()
			if p.atEnd() || p.stopWord([]string{"by", "groupby"}) {
				p.fail(p.pos, p.pos+1, "here", "the condition is missing after `where`", "write a search expression")
			}
			st.Where = p.searchExpr([]string{"by", "groupby"})
		case p.keyword("by"), p.keyword("groupby"):
			st.By = append(st.By, p.byList("from", "where")...)
		case p.optionAhead():
			st.Options = append(st.Options, p.option())
		case p.peek() == '`':
			at := p.pos
			m := p.macro()
			st.Options = append(st.Options, Arg{Macro: m, Span: p.span(at)})
		case p.stopWord(clauses):
			p.fail(p.pos, p.pos+1, "here", "unexpected "+p.here(), "write the clauses in the order aggregates FROM WHERE BY")
		default:
			st.Aggs = append(st.Aggs, p.agg())
		}
	}
}

// fromClause passes `datamodel=Model.Dataset` of tstats.
func (p *parser) fromClause() string {
	p.skip()
	at := p.pos
	if !p.keyword("datamodel") {
		p.fail(at, at+1, "here", fmt.Sprintf("unexpected %s after `from`", p.here()), "write `datamodel=` and the model's name; namespaces are not supported")
	}
	p.accept('=')
	return p.nameItem("the data model's name")
}

func chartStage(p *parser, start int, name string) Stage {
	st := &Chart{Time: name == "timechart"}
	for {
		p.skipCommas()
		at := p.pos
		switch {
		case p.atEnd():
			if len(st.Aggs) == 0 {
				p.fail(start, p.pos, "no aggregate", fmt.Sprintf("`%s` has no aggregate", name), "write at least one, such as `count`")
			}
			st.Span = p.span(start)
			return st
		case p.keyword("over"):
			name := p.nameItem("a field")
			st.Over = &By{Name: name, Span: p.span(at)}
			for p.skip(); p.optionAhead(); p.skip() {
				st.Over.Options = append(st.Over.Options, p.option())
			}
		case p.keyword("by"):
			st.By = append(st.By, p.byList("over", "where")...)
		case p.keyword("where"):
			st.Where = p.seriesWhere()
		case p.optionAhead():
			st.Options = append(st.Options, p.option())
		default:
			st.Aggs = append(st.Aggs, p.agg())
		}
	}
}

// seriesWhere passes what follows `where` in chart and timechart.
func (p *parser) seriesWhere() *SeriesWhere {
	p.skip()
	w := &SeriesWhere{Agg: p.agg()}
	p.skip()
	if w.Op = strings.ToLower(p.word()); w.Op == "in" || w.Op == "notin" {
		p.pos += len(w.Op)
	} else if w.Op = p.compareOp(); w.Op != "<" && w.Op != ">" {
		p.fail(p.pos, p.pos+1, "here", "a comparison is missing after the aggregate", "write `where max in top5` or `where sum > 100`")
	}
	p.skip()
	w.Value = strings.ToLower(p.bare(","))
	if w.Value == "" {
		p.fail(p.pos, p.pos+1, "here", "nothing to compare with", "write a number, topN or bottomN")
	}
	return w
}

func topStage(p *parser, start int, name string) Stage {
	st := &Top{Rare: name == "rare"}
	for {
		p.skipCommas()
		switch {
		case p.atEnd():
			if len(st.Names) == 0 {
				p.fail(start, p.pos, "no field", fmt.Sprintf("`%s` names no field", name), "name the fields to count")
			}
			st.Span = p.span(start)
			return st
		case p.optionAhead():
			st.Options = append(st.Options, p.option())
		case p.keyword("by"):
			st.By = append(st.By, p.names("a field")...)
		case isDigit(p.peek()) && st.Limit == "" && len(st.Names) == 0:
			st.Limit = p.bare(",")
		default:
			st.Names = append(st.Names, p.nameItem("a field"))
		}
	}
}

func binStage(p *parser, start int, _ string) Stage {
	st := &Bin{}
	for {
		p.skipCommas()
		switch {
		case p.atEnd():
			if st.Name == "" {
				p.fail(start, p.pos, "no field", "`bin` names no field", "name the field to bin, such as `_time`")
			}
			st.Span = p.span(start)
			return st
		case p.optionAhead():
			st.Options = append(st.Options, p.option())
		case p.isKeyword("as") && st.Name != "" && st.As == "":
			p.pos += 2
			st.As = p.nameItem("the name after `as`")
		case st.Name == "":
			st.Name = p.nameItem("a field")
		default:
			p.fail(p.pos, p.pos+1, "not expected here", fmt.Sprintf("unexpected %s: `bin` takes one field", p.here()), "use one `bin` for each field")
		}
	}
}

func sortStage(p *parser, start int, _ string) Stage {
	st := &Sort{}
	p.skip()
	if isDigit(p.peek()) {
		if w := p.word(); strings.Trim(w, "0123456789") == "" {
			st.Limit = w
			p.pos += len(w)
		}
	} else if strings.EqualFold(p.word(), "limit") && p.optionAhead() {
		st.Limit = p.option().Value
	}
	st.Keys, st.Reverse = p.sortKeys()
	if len(st.Keys) == 0 {
		p.fail(start, p.pos, "no field", "`sort` names no field", "name the fields to sort by")
	}
	st.Span = p.span(start)
	return st
}

// sortKeys passes `±field, …` and a last `desc`. A sign with a blank behind it holds for the unsigned fields that follow.
func (p *parser) sortKeys() (keys []SortKey, reverse bool) {
	desc := false
	for {
		p.skipCommas()
		if p.atEnd() || p.peek() == '[' {
			return keys, reverse
		}
		if len(keys) > 0 && (p.isKeyword("desc") || p.isKeyword("d")) {
			save := p.pos
			p.pos += len(p.word())
			if p.atEnd() {
				return keys, true
			}
			p.pos = save
		}
		key := SortKey{Desc: desc}
		if c := p.peek(); c == '-' || c == '+' {
			p.pos++
			key.Desc = c == '-'
			if isSpace(p.peek()) {
				desc = key.Desc
				p.skip()
			}
		}
		if w := strings.ToLower(p.word()); sortFuncs[w] && p.peekAt(len(w)) == '(' {
			p.pos += len(w) + 1
			key.Func = w
			key.Name = p.nameItem("a field")
			p.expect(')', "after "+w+"(…")
		} else {
			key.Name = p.nameItem("a field")
		}
		keys = append(keys, key)
	}
}

var sortFuncs = map[string]bool{"auto": true, "ip": true, "num": true, "str": true}

func dedupStage(p *parser, start int, _ string) Stage {
	st := &Dedup{}
	p.skip()
	if w := p.word(); w != "" && strings.Trim(w, "0123456789") == "" {
		st.Count = w
		p.pos += len(w)
	}
	for {
		p.skipCommas()
		switch {
		case p.atEnd():
			if len(st.Names) == 0 {
				p.fail(start, p.pos, "no field", "`dedup` names no field", "name the fields whose combinations are kept once")
			}
			st.Span = p.span(start)
			return st
		case p.optionAhead():
			st.Options = append(st.Options, p.option())
		case p.keyword("sortby"):
			st.SortBy, _ = p.sortKeys()
		default:
			st.Names = append(st.Names, p.nameItem("a field"))
		}
	}
}

func headStage(p *parser, start int, name string) Stage {
	st := &Head{Tail: name == "tail"}
	for {
		p.skipCommas()
		switch {
		case p.atEnd():
			st.Span = p.span(start)
			return st
		case p.optionAhead() && headOptions[strings.ToLower(p.word())]:
			st.Options = append(st.Options, p.option())
		case st.Count == "" && st.Cond == nil && p.word() != "" && strings.Trim(p.word(), "0123456789") == "":
			st.Count = p.word()
			p.pos += len(st.Count)
		case st.Cond == nil && !st.Tail:
			st.Cond = p.expr()
		default:
			return st
		}
	}
}

var headOptions = map[string]bool{"limit": true, "null": true, "keeplast": true}
