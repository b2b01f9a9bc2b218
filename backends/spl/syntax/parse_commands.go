package syntax

import (
	"fmt"
	"strings"
)

// parseFunc parses what follows a command's name; start is where the name began, name is in lower case.
type parseFunc func(p *parser, start int, name string) Stage

// commands is the one list of commands that have a grammar here. Plain ones take options and words alone.
var commands map[string]parseFunc

func init() {
	commands = map[string]parseFunc{
		"search": searchStage, "where": whereStage, "eval": evalStage, "fieldformat": evalStage,
		"fields": fieldsStage, "table": tableStage, "rename": renameStage,
		"stats": statsStage(PlainStats), "eventstats": statsStage(Eventstats), "streamstats": statsStage(Streamstats),
		"tstats": tstatsStage, "mstats": tstatsStage, "chart": chartStage, "timechart": chartStage,
		"top": topStage, "rare": topStage, "bin": binStage, "bucket": binStage, "discretize": binStage,
		"sort": sortStage, "dedup": dedupStage, "head": headStage, "tail": headStage,
		"regex": regexStage, "rex": rexStage, "lookup": lookupStage, "inputlookup": inputlookupStage,
		"join": joinStage, "append": appendStage, "appendpipe": appendStage, "appendcols": appendStage,
		"union": unionStage, "multisearch": unionStage, "transaction": transactionStage, "convert": convertStage,
		"foreach": foreachStage, "from": fromStage, "replace": replaceStage,
	}
	for _, name := range plainCommands {
		commands[name] = plainStage
	}
}

var plainCommands = []string{
	"accum", "addcoltotals", "addinfo", "addtotals", "autoregress", "datamodel", "delta", "eventcount", "expand", "extract",
	"fieldsummary", "filldown", "fillnull", "format", "fromjson", "gentimes", "highlight", "iconify", "iplocation", "kv",
	"localop", "makecontinuous", "makemv", "makeresults", "mvcombine", "mvexpand", "nomv", "noop", "outputcsv", "outputlookup",
	"rangemap", "redistribute", "return", "reverse", "set", "spath", "strcat", "tojson", "transpose", "trendline", "uniq",
	"untable", "xmlkv", "xyseries",
}

// rawCommands are names of Splunk commands without a grammar here; they are kept as text.
var rawCommands = map[string]bool{
	"abstract": true, "analyzefields": true, "anomalies": true, "anomalousvalue": true, "anomalydetection": true, "apply": true,
	"arules": true, "associate": true, "audit": true, "awssnsalert": true, "bucketdir": true, "cluster": true, "cofilter": true,
	"collect": true, "concurrency": true, "contingency": true, "correlate": true, "ctable": true,
	"datamodelsimple": true, "dbinspect": true, "dbxquery": true, "delete": true, "diff": true, "erex": true,
	"findtypes": true, "fit": true, "folderize": true, "gauge": true, "geom": true,
	"geomfilter": true, "geostats": true, "history": true, "inputcsv": true, "kmeans": true,
	"kvform": true, "loadjob": true, "localize": true, "map": true, "mcatalog": true,
	"mcollect": true, "metadata": true, "metasearch": true, "meventcollect": true, "mpreview": true, "multikv": true,
	"outlier": true, "outputtext": true, "overlap": true, "pivot": true, "predict": true,
	"relevancy": true, "reltime": true, "require": true, "rest": true, "rtorder": true, "run": true, "savedsearch": true,
	"script": true, "scrub": true, "searchtxn": true, "selfjoin": true, "sendalert": true, "sendemail": true,
	"setfields": true, "sichart": true, "sirare": true, "sistats": true, "sitimechart": true, "sitop": true, "summary": true,
	"tags": true, "timewrap": true, "tscollect": true, "typeahead": true, "typelearner": true, "typer": true,
	"walklex": true, "x11": true, "xpath": true, "xsdisplayconcept": true,
}

// Commands returns the names of all commands known to exist, for suggestions.
func Commands() []string {
	names := make([]string, 0, len(commands)+len(rawCommands))
	for n := range commands {
		names = append(names, n)
	}
	for n := range rawCommands {
		names = append(names, n)
	}
	return names
}

func whereStage(p *parser, start int, _ string) Stage {
	p.need("a condition", "where")
	x := p.expr()
	return &Where{Cond: x, Span: p.span(start)}
}

// need fails when the stage ends here.
func (p *parser) need(what, command string) {
	if p.atEnd() {
		p.fail(p.pos, p.pos+1, "here", fmt.Sprintf("%s is missing after `%s`", what, command), "write it, or remove the command")
	}
}

func evalStage(p *parser, start int, name string) Stage {
	st := &Eval{Format: name == "fieldformat"}
	for {
		p.skipCommas()
		if p.atEnd() {
			break
		}
		st.Assigns = append(st.Assigns, p.assign(name))
		p.skip()
		if !p.atEnd() && p.peek() != ',' {
			p.wantEnd("an assignment of `" + name + "`")
		}
	}
	if len(st.Assigns) == 0 {
		p.need("an assignment", name)
	}
	st.Span = p.span(start)
	return st
}

func (p *parser) assign(command string) Assign {
	start := p.pos
	a := Assign{}
	if p.peek() == '{' {
		end := strings.IndexByte(p.text[p.pos:], '}')
		if end < 0 {
			p.fail(start, start+1, "opened here", "a `{` is not closed", "write `{field}=…` to assign to the field that `field` names")
		}
		a.Name, a.Dynamic = strings.TrimSpace(p.text[p.pos+1:p.pos+end]), true
		p.pos += end + 1
		if c := p.peek(); !p.eof() && c != '=' && !isSpace(c) { // {field}_more=…
			a.Name, a.Dynamic = "{"+a.Name+"}"+p.nameItem("the rest of the name"), false
		}
	} else if p.peek() == '`' {
		m := p.macro()
		a.Value = &MacroExpr{Macro: m, Span: p.span(start)}
		a.Span = p.span(start)
		return a
	} else {
		a.Name = p.nameItem("the name of the field to assign")
	}
	p.skip()
	if p.peek() != '=' || p.eof() {
		p.fail(p.pos, p.pos+1, "here", fmt.Sprintf("`=` is missing after `%s`", a.Name), fmt.Sprintf("%s takes assignments: field = expression", command))
	}
	p.pos++
	a.Value = p.expr()
	a.Span = p.span(start)
	return a
}

func fieldsStage(p *parser, start int, _ string) Stage {
	st := &Fields{}
	p.skip()
	if c := p.peek(); c == '-' || c == '+' {
		st.Minus = c == '-'
		p.pos++
	}
	if st.Names = p.names("a field"); len(st.Names) == 0 {
		p.need("a field", "fields")
	}
	st.Span = p.span(start)
	return st
}

func tableStage(p *parser, start int, _ string) Stage {
	st := &Table{Names: p.names("a field")}
	if len(st.Names) == 0 {
		p.need("a field", "table")
	}
	st.Span = p.span(start)
	return st
}

func renameStage(p *parser, start int, _ string) Stage {
	st := &Rename{}
	for {
		p.skipCommas()
		if p.atEnd() {
			break
		}
		at := p.pos
		a := Alias{Name: p.nameItem("the field to rename")}
		if !p.keyword("as") {
			p.fail(p.pos, p.pos+1, "here", fmt.Sprintf("`AS` is missing after `%s`", a.Name), "rename takes pairs: old AS new")
		}
		a.As = p.nameItem("the new name after `AS`")
		a.Span = p.span(at)
		st.Pairs = append(st.Pairs, a)
	}
	if len(st.Pairs) == 0 {
		p.need("a pair of names", "rename")
	}
	st.Span = p.span(start)
	return st
}

func regexStage(p *parser, start int, _ string) Stage {
	st := &Regex{}
	p.need("a regular expression", "regex")
	if p.peek() == '"' {
		save := p.pos
		p.quoted('"')
		p.skip()
		c := p.peek()
		p.pos = save
		if c != '=' && c != '!' {
			st.Pattern = p.pattern()
			st.Span = p.span(start)
			return st
		}
		st.Field = p.nameItem("a field")
	} else {
		st.Field = p.fieldWord()
	}
	p.skip()
	switch op := p.compareOp(); op {
	case "=":
	case "!=":
		st.Negate = true
	case "":
		if st.Field == "" {
			p.fail(p.pos, p.pos+1, "here", "a regular expression is missing before "+p.here(), "write it in double quotes")
		}
		st.Pattern, st.Field = st.Field, ""
		st.Span = p.span(start)
		return st
	default:
		p.fail(p.pos-len(op), p.pos, "here", fmt.Sprintf("`regex` has no operator `%s`", op), "use = or !=")
	}
	p.skip()
	st.Pattern = p.pattern()
	st.Span = p.span(start)
	return st
}

// pattern passes a regular expression, quoted or bare, and takes the string escapes off: `\\` and `\"` alone, so that
// `\n` and `\|` reach the expression as they are.
func (p *parser) pattern() string {
	if p.peek() == '"' && !p.eof() {
		return UnescapeEval(p.quoted('"'), false)
	}
	start := p.pos
	for !p.eof() && !isSpace(p.peek()) && p.peek() != '|' {
		p.pos++
	}
	if start == p.pos {
		p.fail(p.pos, p.pos+1, "here", "a regular expression is missing", "write it in double quotes")
	}
	return UnescapeEval(p.text[start:p.pos], false)
}

func rexStage(p *parser, start int, _ string) Stage {
	st := &Rex{}
	found := false
	for {
		p.skipCommas()
		switch {
		case p.atEnd():
			if !found {
				p.need("a regular expression", "rex")
			}
			st.Span = p.span(start)
			return st
		case p.optionAhead():
			st.Options = append(st.Options, p.option())
		case found:
			p.fail(p.pos, p.pos+1, "not expected here", fmt.Sprintf("unexpected %s: `rex` takes one regular expression", p.here()), "use one `rex` for each expression; a quote inside is written `\\\"`")
		default:
			st.Pattern = p.pattern()
			found = true
		}
	}
}
