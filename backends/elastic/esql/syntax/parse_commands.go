package syntax

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
)

// sourceWords and stageWords are the commands that are read; the words of commands of two words come first.
var (
	sourceWords = []string{"from", "row"}
	stageWords  = []string{
		"dissect", "drop", "enrich", "eval", "fork", "grok", "inline", "inlinestats", "keep", "limit", "lookup", "mv_expand",
		"rename", "sample", "sort", "stats", "where",
	}
)

// source reads a source command; the cursor is on its word.
func (p *parser) source(word string, start diag.Pos) Command {
	switch word {
	case "from":
		return p.from(start)
	case "row":
		p.advance()
		return p.row(start)
	}
	return nil
}

// stage reads a processing command; the cursor is behind its word. It is the one dispatch over command words.
func (p *parser) stage(word string, start diag.Pos) Command {
	switch word {
	case "dissect":
		return p.dissect(start)
	case "drop":
		return p.drop(start)
	case "enrich":
		return p.enrich(start)
	case "eval":
		return p.eval(start)
	case "fork":
		return p.fork(start)
	case "grok":
		return p.grok(start)
	case "inline":
		return p.inline(start)
	case "inlinestats":
		return p.inlineStats(start)
	case "keep":
		return p.keep(start)
	case "limit":
		return p.limit(start)
	case "lookup":
		return p.lookup(start)
	case "mv_expand":
		return p.mvExpand(start)
	case "rename":
		return p.rename(start)
	case "sample":
		return p.sample(start)
	case "sort":
		return p.sort(start)
	case "stats":
		return p.stats(start)
	case "where":
		return p.where(start)
	}
	return nil
}

// unsupported are commands of Elasticsearch that this package does not read, with the reason.
var unsupported = map[string]string{
	"ts":                "time series data streams are no event data",
	"promql":            "it holds another language",
	"show":              "it tells about a cluster, not about events",
	"explain":           "it tells about a plan, not about events",
	"metrics_info":      "it tells about a cluster, not about events",
	"ts_info":           "it tells about a cluster, not about events",
	"change_point":      "its statistics are not documented well enough to repeat them",
	"completion":        "it asks a language model, so its answer cannot be repeated",
	"rerank":            "it asks a language model, so its answer cannot be repeated",
	"fuse":              "it works on search scores, which are not computed here",
	"mmr":               "it works on vectors, which are not supported",
	"highlight":         "it works on analysed text, which is not supported",
	"insist":            "it changes the mapping",
	"uri_parts":         "it is not implemented",
	"user_agent":        "it needs a database of user agents",
	"ip_location":       "it needs a database of addresses",
	"registered_domain": "it needs the public suffix list",
}

// CommandWords lists the commands that can be read, sorted.
func CommandWords() []string {
	var out []string
	for _, w := range append(slices.Clone(sourceWords), stageWords...) {
		switch w {
		case "inline":
			w = "inline stats"
		case "lookup":
			w = "lookup join"
		case "inlinestats":
			continue
		}
		out = append(out, strings.ToUpper(w))
	}
	slices.Sort(out)
	return out
}

// command reads one stage; the first one of a query is a source.
func (p *parser) command(first bool) Command {
	start := p.tok.start
	if p.tok.kind != tIdent {
		p.failAt("expected a command", p.instead())
	}
	word := strings.ToLower(p.tok.text)
	isSource, isStage := slices.Contains(sourceWords, word), slices.Contains(stageWords, word)
	reason, isKnown := unsupported[word]
	switch {
	case first && isSource:
		return p.source(word, start)
	case !first && isStage:
		p.advance()
		return p.stage(word, start)
	case isKnown:
		p.fail(diag.New(diag.ESQLUnknown, p.here(), "the command "+strings.ToUpper(word)+" is not supported",
			reason+"; take the command out to check the rest"))
	case first && isStage:
		p.failAt("a query begins with FROM or ROW", "put a source in front: FROM index | "+p.tok.text+" …")
	case isSource:
		p.failAt("the source " + strings.ToUpper(word) + " stands only at the beginning of a query")
	}
	d := diag.New(diag.ESQLUnknown, p.here(), "there is no command "+p.tok.text)
	table := stageWords
	if first {
		table = sourceWords
	}
	if near := diag.Near(word, table, 1); len(near) > 0 {
		d.Help = []string{"a command with a similar name exists: " + strings.ToUpper(near[0])}
	} else {
		d.Help = []string{"the commands are " + strings.Join(CommandWords(), ", ")}
	}
	p.fail(d)
	return nil
}

func (p *parser) from(start diag.Pos) Command {
	c := &From{}
	p.advanceSource()
	for {
		c.Patterns = append(c.Patterns, p.indexPattern())
		if !p.punct(",") {
			break
		}
		p.advanceSource()
	}
	bracket := p.accept("[")
	if p.acceptWord("metadata") {
		for {
			c.Metadata = append(c.Metadata, p.name("a metadata field"))
			if !p.accept(",") {
				break
			}
		}
	} else if bracket {
		p.failAt("expected METADATA", p.instead())
	}
	if bracket {
		p.expect("]", "after the metadata fields")
	}
	c.Span = p.since(start)
	return c
}

// indexPattern reads an index name, a pattern or a sub-query.
func (p *parser) indexPattern() IndexPattern {
	start := p.tok.start
	switch {
	case p.tok.kind == tString, p.tok.kind == tIdent:
		text := p.tok.text
		p.advance()
		return IndexPattern{Span: p.since(start), Text: text}
	case p.punct("("):
		p.enter()
		defer func() { p.depth-- }()
		p.advance()
		sub := p.pipe(")")
		p.expect(")", "after the sub-query")
		return IndexPattern{Span: p.since(start), Sub: sub}
	}
	p.failAt("expected an index name", p.instead())
	return IndexPattern{}
}

func (p *parser) row(start diag.Pos) Command {
	f := p.fields(false)
	return &Row{Span: p.since(start), Fields: f}
}

func (p *parser) where(start diag.Pos) Command {
	x := p.expr()
	return &Where{Span: p.since(start), Cond: x}
}

func (p *parser) eval(start diag.Pos) Command {
	f := p.fields(false)
	return &Eval{Span: p.since(start), Fields: f}
}

// fields reads `a = x, y`; with filters, `a = x WHERE c`.
func (p *parser) fields(filters bool) []Field {
	var out []Field
	for {
		out = append(out, p.field(filters))
		if !p.accept(",") {
			return out
		}
	}
}

func (p *parser) field(filters bool) Field {
	start := p.tok.start
	f := Field{}
	named := false
	if p.tok.kind == tIdent || p.tok.kind == tQuoted {
		named = p.namedField(&f)
	}
	if !named {
		f.Value = p.expr()
	}
	if filters && p.acceptWord("where") {
		f.Where = p.expr()
	}
	f.Span = p.since(start)
	if !named {
		f.Name = p.lex.src[start.Offset:p.last.Offset]
		if c, ok := f.Value.(*Column); ok && f.Where == nil {
			f.Name = c.Name
		}
	}
	return f
}

// namedField reads `name = value` and reports whether the text is of that form.
func (p *parser) namedField(f *Field) bool {
	at, tok, last := p.lex.at, p.tok, p.last
	isName := false
	if p.tok.kind == tQuoted || !reserved(p.tok.text) {
		isName = true
		p.advance()
		for isName && p.punct(".") {
			p.advance()
			isName = p.tok.kind == tIdent && !reserved(p.tok.text) || p.tok.kind == tQuoted
			p.advance()
		}
		isName = isName && p.punct("=")
	}
	p.lex.at, p.tok, p.last = at, tok, last
	if !isName {
		return false
	}
	f.Name = p.name("a column name").Text
	p.advance()
	f.Value = p.expr()
	return true
}

func (p *parser) inline(start diag.Pos) Command {
	p.expectWord("STATS", "after INLINE")
	return p.inlineStats(start)
}

func (p *parser) inlineStats(start diag.Pos) Command {
	c := p.stats(start).(*Stats)
	c.Inline = true
	return c
}

func (p *parser) stats(start diag.Pos) Command {
	c := &Stats{}
	if !p.word("by") {
		c.Aggs = p.fields(true)
	}
	if p.acceptWord("by") {
		c.By = p.fields(false)
	}
	c.Span = p.since(start)
	return c
}

func (p *parser) sort(start diag.Pos) Command {
	c := &Sort{}
	for {
		from := p.tok.start
		k := SortKey{Expr: p.expr()}
		switch {
		case p.acceptWord("asc"):
			k.Order = Asc
		case p.acceptWord("desc"):
			k.Order = Desc
		}
		if p.acceptWord("nulls") {
			switch {
			case p.acceptWord("first"):
				k.Nulls = NullsFirst
			case p.acceptWord("last"):
				k.Nulls = NullsLast
			default:
				p.failAt("expected FIRST or LAST after NULLS", p.instead())
			}
		}
		k.Span = p.since(from)
		c.Keys = append(c.Keys, k)
		if !p.accept(",") {
			break
		}
	}
	c.Span = p.since(start)
	return c
}

func (p *parser) limit(start diag.Pos) Command {
	c := &Limit{Count: p.constant()}
	if p.acceptWord("by") {
		for {
			c.By = append(c.By, p.expr())
			if !p.accept(",") {
				break
			}
		}
	}
	c.Span = p.since(start)
	return c
}

func (p *parser) mvExpand(start diag.Pos) Command {
	n := p.name("a column name")
	return &MvExpand{Span: p.since(start), Name: n}
}
