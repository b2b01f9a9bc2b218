package syntax

import (
	"strings"

	"github.com/onerule/onerule/diag"
)

// opParser reads an operator whose name has been read; t is the name's first token.
type opParser func(p *parser, t token) Operator

// opParsers holds the operators by name, aliases included.
var opParsers map[string]opParser

func init() {
	opParsers = map[string]opParser{
		"where": parseWhere, "filter": parseWhere,
		"extend": parseExtend, "project": parseProject, "project-away": parseAway, "project-keep": parseKeep,
		"project-rename": parseRename, "project-reorder": parseReorder, "project-by-names": parseByNames,
		"summarize": parseSummarize, "distinct": parseDistinct, "count": parseCount,
		"join": parseJoin, "lookup": parseLookup, "union": parseUnion,
		"mv-expand": parseMvExpand, "mvexpand": parseMvExpand, "mv-apply": parseMvApply, "mvapply": parseMvApply,
		"make-series": parseMakeSeries,
		"sort":        parseSort, "order": parseSort, "top": parseTop, "top-nested": parseTopNested, "top-hitters": parseTopHitters,
		"serialize": parseSerialize, "take": parseTake, "limit": parseTake, "sample": parseSample, "sample-distinct": parseSampleDistinct,
		"parse": parseParse, "parse-where": parseParse, "parse-kv": parseParseKv,
		"evaluate": parseEvaluate, "partition": parsePartition, "scan": parseScan, "search": parseSearch, "find": parseFind,
		"as": parseAs, "invoke": parseInvoke, "render": parseRender, "getschema": parseGetSchema, "consume": parseConsume,
		"print": parsePrint, "range": parseRange,
	}
}

// unsupportedOps holds operators of the language that this package does not read.
var unsupportedOps = words(`fork facet reduce make-graph graph-match graph-shortest-paths graph-to-table graph-mark-components
	graph-where-nodes graph-where-edges macro-expand execute-and-cache assert-schema`)

// sources are the operators that may begin a pipeline.
var sources = words("print range union search find evaluate")

// tabular reads a pipeline or, when no pipe follows, an expression.
func (p *parser) tabular() Expr {
	t := p.tok()
	defer func(outer bool) { p.searching = outer }(p.searching)
	var pipe *Pipeline
	var x Expr
	if word, _ := p.opWord(); sources[word] && p.sourceAhead(word) {
		pipe = &Pipeline{Ops: []Operator{p.operator()}}
	} else {
		x = p.expr()
		if !p.is("|") {
			return x
		}
		pipe = &Pipeline{Source: x}
	}
	pipe.Ops = append(pipe.Ops, p.pipes()...)
	pipe.Loc = p.from(t)
	return pipe
}

// sourceAhead tells the operator from a function or column of the same name: range(…) is a function.
func (p *parser) sourceAhead(word string) bool {
	n := p.peek(1)
	switch word {
	case "range":
		return n.kind == tokName || n.is("[")
	case "union":
		return n.kind == tokName || n.is("(") || n.is("*") || n.is("[")
	case "search", "find", "evaluate":
		return n.kind == tokName || n.is("(") || n.kind == tokString || n.is("*")
	}
	return n.kind != tokEOF && !n.is("|") && !n.is(")") && !n.is(",") && !n.is(";") && !n.is(".")
}

// pipes reads | op | op ….
func (p *parser) pipes() []Operator {
	var ops []Operator
	for p.is("|") {
		p.advance()
		ops = p.guardedOp(ops)
	}
	return ops
}

// guardedOp reads one operator; when it is faulty, reading goes on behind the next pipe.
func (p *parser) guardedOp(ops []Operator) []Operator {
	depth := p.tok().depth
	p.guard(func() {
		ops = append(ops, p.operator())
		if t := p.tok(); !p.is("|") && !p.is(")") && !p.is("}") && !p.is(";") && !p.is(",") && t.kind != tokEOF {
			p.unexpected("after this operator")
		}
	}, func() { p.skipTo(depth, "|", ";") })
	return ops
}

// operator reads one operator from its name on.
func (p *parser) operator() Operator {
	t := p.tok()
	word, n := p.opWord()
	f, ok := opParsers[word]
	if !ok {
		p.noSuchOp(t, word)
	}
	for ; n > 0; n-- {
		p.advance()
	}
	op := f(p, t)
	setLoc(op, p.from(t))
	return op
}

func (p *parser) noSuchOp(t token, word string) {
	if word == "" {
		p.fail(t, "expected an operator after the pipe, found "+t.describe(), "such as where, project, summarize")
	}
	title := "there is no operator `" + word + "`"
	if unsupportedOps[word] {
		title = "the operator `" + word + "` is not supported"
	}
	d := diag.New(diag.KustoUnknown, p.tokSpan(t), title)
	if !unsupportedOps[word] {
		var names []string
		for k := range opParsers {
			names = append(names, k)
		}
		if near := diag.Near(word, names, 1); len(near) > 0 {
			d.Help = append(d.Help, "an operator with a similar name exists: `"+near[0]+"`")
		}
	}
	p.diags = append(p.diags, d)
	panic(bailout{})
}

// paramNames are the words that may stand as name=value after an operator's name (Kql.g4, queryOperatorParameter).
var paramNames = words(`kind withsource with_source isfuzzy bagexpansion with_itemindex with_match_id with_step_name
	decodeblocks expandoutput bin_legacy nodes`)

// params reads kind=inner hint.strategy=shuffle ….
func (p *parser) params() []Param {
	var list []Param
	for {
		t := p.tok()
		if t.kind != tokName {
			return list
		}
		name := t.text
		switch {
		case name == "hint" && p.peek(1).is(".") && p.peek(2).kind == tokName && p.peek(3).is("="):
			name = "hint." + p.peek(2).text
			p.i += 4
		case (paramNames[name] || strings.HasPrefix(name, "__")) && p.peek(1).is("="):
			p.i += 2
		default:
			return list
		}
		v := p.paramValue()
		list = append(list, Param{Name: name, Value: v, At: p.from(t).At})
	}
}

func (p *parser) paramValue() Expr {
	t := p.tok()
	if t.kind == tokName {
		p.advance()
		if b, ok := boolWords[t.text]; ok {
			return &BoolLit{Loc: p.from(t), Value: b}
		}
		return &Name{Loc: p.from(t), Name: t.text}
	}
	if n := p.nameLen(); n > 1 {
		return &Name{Name: p.declName(""), Loc: p.from(t)}
	}
	return p.unary()
}

// take removes a parameter from a list and gives its word.
func takeParam(list []Param, name string) (string, []Param) {
	for i, q := range list {
		if q.Name == name {
			rest := append(append([]Param{}, list[:i]...), list[i+1:]...)
			return q.Word(), rest
		}
	}
	return "", list
}

// Word is the value of a parameter as a word: kind=inner gives inner.
func (q Param) Word() string {
	switch v := q.Value.(type) {
	case *Name:
		return v.Name
	case *StringLit:
		return v.Value
	case *BoolLit:
		if v.Value {
			return "true"
		}
		return "false"
	case *ArrayLit, *BagLit, *Between, *Binary, *Call, *Datatable, *DatetimeLit, *DecimalLit, *DynamicLit, *ExternalData, *GUIDLit, *Index, *IntLit,
		*Lambda, *List, *LongLit, *NullLit, *Path, *Pipeline, *RealLit, *Star, *TimespanLit, *TypeofLit, *Unary, *Wildcard:
	}
	return ""
}

// props reads (name = value, …) after with.
func (p *parser) props() []Param {
	p.expect("(", "after with")
	var list []Param
	for !p.is(")") {
		t := p.tok()
		q := Param{Name: p.declName("as a property")}
		p.expect("=", "after a property's name")
		q.Value = p.propValue()
		q.At = p.from(t).At
		list = append(list, q)
		if !p.accept(",") {
			break
		}
	}
	p.expect(")", "after the properties")
	return list
}

func (p *parser) propValue() Expr {
	t := p.tok()
	if t.kind == tokName && !p.peek(1).is("(") {
		return p.paramValue()
	}
	return p.expr()
}

func parseWhere(p *parser, t token) Operator { p.params(); return &Where{Pred: p.expr()} }

func parseExtend(p *parser, t token) Operator { return &Extend{Items: p.items()} }

// endOfOp reports whether the operator ends here.
func (p *parser) endOfOp() bool {
	t := p.tok()
	return t.kind == tokEOF || t.is("|") || t.is(")") || t.is("}") || t.is(";")
}

func parseProject(p *parser, t token) Operator {
	if p.endOfOp() {
		return &Project{}
	}
	return &Project{Items: p.items()}
}

func parseAway(p *parser, t token) Operator { return &ProjectAway{Columns: p.patterns()} }

func parseKeep(p *parser, t token) Operator { return &ProjectKeep{Columns: p.patterns()} }

// patterns reads names and wildcards.
func (p *parser) patterns() []Expr {
	list := []Expr{p.pattern()}
	for p.accept(",") {
		list = append(list, p.pattern())
	}
	return list
}

func (p *parser) pattern() Expr {
	t := p.tok()
	next := p.peek(1)
	if t.is("*") || t.kind == tokName && next.is("*") && p.adjacent(0) {
		return p.wildcard()
	}
	return &Name{Name: p.declName("of a column"), Loc: p.from(t)}
}

func parseRename(p *parser, t token) Operator {
	r := &ProjectRename{Items: p.items()}
	for _, it := range r.Items {
		if _, ok := it.Expr.(*Name); len(it.Names) != 1 || !ok {
			p.diags = append(p.diags, diag.New(diag.KustoSyntax, it.At, "project-rename needs new = old", "to compute a column use extend"))
		}
	}
	return r
}

func parseReorder(p *parser, t token) Operator {
	r := &ProjectReorder{}
	for {
		c := ReorderColumn{Column: p.pattern()}
		switch w, n := p.opWord(); w {
		case "asc", "desc", "granny-asc", "granny-desc":
			c.Order = w
			p.i += n
		}
		r.Columns = append(r.Columns, c)
		if !p.accept(",") {
			return r
		}
	}
}

func parseByNames(p *parser, t token) Operator { return &ProjectByNames{Names: p.exprs()} }

func parseSummarize(p *parser, t token) Operator {
	s := &Summarize{Params: p.params()}
	if !p.is("by") && !p.endOfOp() {
		s.Aggs = p.items()
	}
	if p.accept("by") {
		s.HasBy = true
		if !p.endOfOp() {
			s.By = p.items()
		}
	}
	return s
}

func parseDistinct(p *parser, t token) Operator {
	d := &Distinct{Params: p.params()}
	d.Columns = p.exprs()
	return d
}

func parseCount(p *parser, t token) Operator {
	c := &Count{}
	if p.accept("as") {
		c.As = p.declName("after as")
	}
	return c
}

func parseTake(p *parser, t token) Operator { p.params(); return &Take{N: p.expr()} }

func parseSample(p *parser, t token) Operator { return &Sample{N: p.expr()} }

func parseSampleDistinct(p *parser, t token) Operator {
	s := &SampleDistinct{N: p.expr()}
	p.expect("of", "after the number of values")
	s.Of = p.expr()
	return s
}

func parsePrint(p *parser, t token) Operator { return &PrintOp{Items: p.items()} }

func parseRange(p *parser, t token) Operator {
	r := &RangeOp{Column: p.declName("as the column of range")}
	p.expect("from", "after the column of range")
	r.From = p.expr()
	p.expect("to", "after the start of range")
	r.To = p.expr()
	p.expect("step", "after the end of range")
	r.Step = p.expr()
	return r
}

func parseGetSchema(p *parser, t token) Operator { return &GetSchema{} }

func parseConsume(p *parser, t token) Operator { return &Consume{Params: p.params()} }

func parseAs(p *parser, t token) Operator {
	return &As{Params: p.params(), Name: p.declName("after as")}
}

func parseInvoke(p *parser, t token) Operator {
	name := p.tok()
	x := p.postfix(p.primary())
	c, ok := x.(*Call)
	if !ok {
		p.fail(name, "invoke needs a function call", "write invoke f(…)")
	}
	return &Invoke{Call: c}
}
