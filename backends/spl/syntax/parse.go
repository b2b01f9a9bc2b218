package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// Parse parses a query as Splunk's search bar takes it: without a leading pipe the word `search` is implied. Macros stay
// calls. file names the text in diagnostics. The tree is usable only if the list has no errors.
func Parse(file, text string) (*Query, diag.List) { return ParseWith(file, text, nil) }

// ParseWith parses after expanding the given macros; calls of other macros stay.
func ParseWith(file, text string, macros Macros) (*Query, diag.List) {
	p, ok := newParser(file, text, macros)
	if !ok {
		return &Query{}, p.diags
	}
	q := p.query(true)
	if !p.eof() {
		p.guard(func() { p.fail(p.pos, p.pos+1, "closes nothing", "a `]` closes nothing", "remove it") })
	}
	return q, p.diags.Sort()
}

// ParseExpr parses an eval expression that stands alone, such as the text of streamstats' reset_after.
func ParseExpr(file, text string) (Expr, diag.List) {
	p, ok := newParser(file, text, nil)
	if !ok {
		return nil, p.diags
	}
	var x Expr
	p.guard(func() {
		x = p.expr()
		p.wantEnd("the expression")
	})
	return x, p.diags
}

// ParseSearch parses a search expression that stands alone, such as the result of a subsearch.
func ParseSearch(file, text string) (SearchExpr, diag.List) {
	p, ok := newParser(file, text, nil)
	if !ok {
		return nil, p.diags
	}
	var x SearchExpr
	p.guard(func() {
		x = p.searchExpr(nil)
		p.wantEnd("the search expression")
	})
	return x, p.diags
}

func newParser(file, text string, macros Macros) (*parser, bool) {
	p := &parser{src: newSource(file, text)}
	if !utf8.ValidString(text) {
		at := 0
		for r, n := utf8.DecodeRuneInString(text); r != utf8.RuneError || n != 1; r, n = utf8.DecodeRuneInString(text[at:]) {
			at += n
		}
		p.report(diag.SPLSyntax, at, at+1, "here", "the query is not valid UTF-8", "save it as UTF-8")
		return p, false
	}
	clean := blankComments(text)
	p.src.text = clean
	if len(macros) > 0 {
		src, diags := expand(file, clean, macros)
		p.src = src
		if p.diags = diags; diags.HasErrors() {
			return p, false
		}
	}
	p.text = p.src.text
	if len(p.text) > maxText {
		p.report(diag.SPLLimit, 0, 0, "", fmt.Sprintf("the query is longer than %d bytes", maxText), "use a lookup for long lists")
		return p, false
	}
	return p, true
}

// guard runs f and stops the bail-out of a fault there; it reports whether f ran to its end.
func (p *parser) guard(f func()) (ok bool) {
	depth, sub := p.depth, p.inSub
	defer func() {
		if r := recover(); r != nil {
			if _, mine := r.(bailout); !mine {
				panic(r)
			}
			p.depth, p.inSub = depth, sub
		}
	}()
	f()
	return true
}

// query parses stages up to the end of the text or the closing bracket. implied says that the first stage is a search
// unless it begins with a pipe.
func (p *parser) query(implied bool) *Query {
	p.skip()
	start := p.pos
	q := &Query{}
	first := true
	for {
		p.skip()
		piped := false
		if p.peek() == '|' && !p.eof() {
			p.pos++
			piped = true
			p.skip()
		}
		if p.atEnd() && (p.eof() || p.peek() == ']') {
			if piped && !first {
				p.guard(func() {
					p.fail(p.pos-1, p.pos, "nothing follows", "the query ends with a pipe", "remove the pipe or add a command")
				})
			}
			break
		}
		var st Stage
		ok := p.guard(func() {
			st = p.stage(first && implied && !piped)
			p.wantEnd("`" + cmdTitle(st) + "`")
		})
		if ok {
			q.Stages = append(q.Stages, st)
		} else {
			p.recover()
		}
		first = false
	}
	if len(q.Stages) == 0 && !p.diags.HasErrors() {
		p.report(diag.SPLSyntax, start, start, "", "the query is empty", "write a search, such as `index=main`")
	}
	q.Span = p.span(start)
	return q
}

func cmdTitle(st Stage) string {
	if name := st.Command(); name != "" {
		return name
	}
	return "the macro"
}

// wantEnd fails unless the stage ends here.
func (p *parser) wantEnd(what string) {
	if p.atEnd() {
		return
	}
	title := fmt.Sprintf("unexpected %s after %s", p.here(), what)
	help := "end the command here with `|`, or remove what follows"
	if p.peek() == ')' {
		title, help = "a `)` closes nothing", "remove it, or add the missing `(`"
	}
	if p.peek() == ']' {
		title, help = "a `]` closes nothing", "remove it, or add the missing `[`"
	}
	p.fail(p.pos, p.pos+1, "not expected here", title, help)
}

// recover passes the rest of a stage that did not parse: to the next pipe outside quotes and brackets.
func (p *parser) recover() {
	depth := 0
	for ; !p.eof(); p.pos++ {
		switch p.text[p.pos] {
		case '\\':
			p.pos++
		case '"':
			end := p.pos + 1
			for end < len(p.text) && p.text[end] != '"' {
				if p.text[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(p.text) {
				end = len(p.text) - 1
			}
			p.pos = end
		case '[':
			depth++
		case ']':
			if depth == 0 && p.inSub > 0 {
				return
			}
			depth = max(0, depth-1)
		case '|':
			if depth == 0 {
				return
			}
		}
	}
	p.pos = min(p.pos, len(p.text))
}

// stage parses one command. implied says that what stands here is a search without the word `search`.
func (p *parser) stage(implied bool) Stage {
	start := p.pos
	if p.peek() == '`' && !implied {
		m := p.macro()
		return &MacroStage{Macro: m, Rest: p.rest(), Span: p.span(start)}
	}
	name := p.commandName()
	lower := strings.ToLower(name)
	if implied && !(lower == "search" && !p.operatorFollows()) {
		p.pos = start
		return p.search(start)
	}
	if name == "" {
		p.fail(p.pos, p.pos+1, "no command here", "a command is missing before "+p.here(), "write a command name, such as `where`")
	}
	if def, ok := commands[lower]; ok {
		return def(p, start, lower)
	}
	return p.raw(start, lower)
}

// commandName passes a word of letters, digits and underscores.
func (p *parser) commandName() string {
	w := p.word()
	p.pos += len(w)
	return w
}

// operatorFollows reports whether what follows a word makes it a field's name rather than a command's: a comparison
// operator, or more of the same word.
func (p *parser) operatorFollows() bool {
	if c := p.peek(); !p.eof() && !isSpace(c) && strings.IndexByte("()[]|,\"'`=!<>", c) < 0 {
		return true
	}
	save := p.pos
	p.skip()
	op := p.compareOp()
	p.pos = save
	return op != ""
}

// raw parses a command without a grammar of its own.
func (p *parser) raw(start int, name string) Stage {
	return &Raw{Name: name, Text: p.rest(), Span: p.span(start)}
}

// rest passes everything up to the end of the stage and returns it trimmed. Pipes inside quotes and brackets do not end it.
func (p *parser) rest() string {
	p.skip()
	start := p.pos
	p.recoverBalanced()
	return strings.TrimSpace(p.text[start:p.pos])
}

// recoverBalanced is recover that fails on an open quote or bracket.
func (p *parser) recoverBalanced() {
	open := []int{}
	for !p.eof() {
		switch p.text[p.pos] {
		case '\\':
			p.pos++
		case '"':
			p.quoted('"')
			continue
		case '`':
			p.macro()
			continue
		case '[':
			open = append(open, p.pos)
			if len(open)+p.depth > maxDepth {
				p.depth = maxDepth
				p.enter()
			}
		case ']':
			if len(open) == 0 {
				if p.inSub > 0 {
					return
				}
				p.fail(p.pos, p.pos+1, "closes nothing", "a `]` closes nothing", "remove it")
			}
			open = open[:len(open)-1]
		case '|':
			if len(open) == 0 {
				return
			}
		}
		p.pos++
	}
	p.pos = min(p.pos, len(p.text))
	if len(open) > 0 {
		p.fail(open[0], open[0]+1, "opened here", "a bracket is not closed", "close the subsearch with `]`")
	}
}

// subsearch parses `[ … ]`.
func (p *parser) subsearch() *Query {
	p.enter()
	defer p.leave()
	p.skip()
	open := p.pos
	p.expect('[', "before a subsearch")
	p.inSub++
	defer func() { p.inSub-- }()
	before := len(p.diags)
	p.skip()
	q := p.query(p.impliedInBrackets())
	p.skip()
	if p.peek() != ']' || p.eof() {
		if len(p.diags) > before {
			panic(bailout{})
		}
		p.fail(open, open+1, "opened here", "a subsearch is not closed", "close it with `]`")
	}
	p.pos++
	return q
}

// impliedInBrackets reports whether the subsearch that begins here lacks a command name: a word that no command bears, or
// something that no command begins with.
func (p *parser) impliedInBrackets() bool {
	if p.peek() == '|' || p.peek() == '`' {
		return false
	}
	w := strings.ToLower(p.word())
	if w == "" {
		return true
	}
	save := p.pos
	p.pos += len(w)
	field := p.operatorFollows()
	p.pos = save
	if field {
		return true
	}
	_, known := commands[w]
	return !known && !rawCommands[w]
}
