package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// Parse reads a query. file names the text in diagnostics. On faults the tree holds the commands that could be read, and
// the list has one diagnostic for each faulty command.
func Parse(file, text string) (*Query, diag.List) {
	p := &parser{lex: newLexer(file, text)}
	if len(text) > MaxLength {
		end := diag.Pos{Offset: 0, Line: 1, Col: 1}
		return &Query{}, diag.List{diag.New(diag.ESQLLimit, p.lex.span(end, end),
			"the query is longer than "+strconv.Itoa(MaxLength)+" bytes",
			"Elasticsearch refuses such statements too; move long lists into a lookup index")}
	}
	if i := invalidUTF8(text); i >= 0 {
		src := diag.NewSource(file, text)
		return &Query{}, diag.List{diag.New(diag.ESQLSyntax, src.Span(i, i+1), "the query is not valid UTF-8")}
	}
	q := p.query()
	return q, p.faults.Sort()
}

func invalidUTF8(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// parser holds one token of look-ahead. A fault inside a command ends that command: fail panics with bail, command
// recovers.
type parser struct {
	lex    *lexer
	tok    token
	last   diag.Pos // end of the token before tok
	faults diag.List
	depth  int
	nodes  int
}

type bail struct{}

func (p *parser) fail(d diag.Diagnostic) {
	p.faults = append(p.faults, d)
	panic(bail{})
}

// failAt reports a fault at the current token; a token that is itself faulty reports its own fault.
func (p *parser) failAt(title string, help ...string) {
	if p.tok.kind == tBad {
		p.fail(*p.tok.fault)
	}
	p.fail(diag.New(diag.ESQLSyntax, p.here(), title, help...))
}

func (p *parser) here() diag.Span { return p.lex.span(p.tok.start, p.tok.end) }

// since is the span from a start to the last token read.
func (p *parser) since(start diag.Pos) diag.Span { return p.lex.span(start, p.last) }

func (p *parser) advance() {
	p.last = p.tok.end
	p.tok = p.lex.next()
}

// advanceSource reads the next token as an index name.
func (p *parser) advanceSource() {
	p.last = p.tok.end
	p.tok = p.lex.source()
}

// projecting reads names until f is done; the look-ahead is read again on both ends.
func (p *parser) projecting(f func()) {
	p.lex.project = true
	p.lex.at = p.tok.start
	p.tok = p.lex.next()
	f()
	p.lex.project = false
	p.lex.at = p.tok.start
	p.tok = p.lex.next()
}

// rescanSource reads the current token again, as an index name.
func (p *parser) rescanSource() {
	p.lex.at = p.tok.start
	p.tok = p.lex.source()
}

func (p *parser) punct(s string) bool { return p.tok.kind == tPunct && p.tok.text == s }

// word reports whether the current token is the keyword, in any case.
func (p *parser) word(w string) bool { return p.tok.kind == tIdent && strings.EqualFold(p.tok.text, w) }

// accept moves over a punctuation mark if it is next.
func (p *parser) accept(s string) bool {
	if !p.punct(s) {
		return false
	}
	p.advance()
	return true
}

// acceptWord moves over a keyword if it is next.
func (p *parser) acceptWord(w string) bool {
	if !p.word(w) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(s, where string) {
	if !p.accept(s) {
		p.failAt("expected "+s+" "+where, p.instead())
	}
}

func (p *parser) expectWord(w, where string) {
	if !p.acceptWord(w) {
		p.failAt("expected "+w+" "+where, p.instead())
	}
}

// instead says what was found.
func (p *parser) instead() string {
	switch p.tok.kind {
	case tEOF:
		return "the query ends here"
	case tString:
		return "here stands a string"
	case tQuoted:
		return "here stands the name `" + p.tok.text + "`"
	case tIdent, tInt, tDec, tParam, tPunct, tBad:
	}
	return "here stands " + p.tok.text
}

// query reads settings and the pipe.
func (p *parser) query() *Query {
	p.advance()
	q := &Query{}
	start := p.tok.start
	for p.word("set") {
		if !p.try(func() { q.Settings = append(q.Settings, p.setting()) }) {
			p.skipPast(";")
		}
	}
	if p.tok.kind == tEOF {
		p.faults = append(p.faults, diag.New(diag.ESQLSyntax, p.here(), "the query is empty", "begin with FROM or ROW"))
		return q
	}
	q.Commands = p.pipe("")
	q.Span = p.since(start)
	return q
}

// pipe reads commands up to the end of the query or to the closing mark.
func (p *parser) pipe(closing string) []Command {
	var out []Command
	for first := true; ; first = false {
		p.try(func() {
			c := p.command(first && closing != ")fork")
			if c != nil {
				out = append(out, c)
			}
			if p.tok.kind != tEOF && !p.punct("|") && !(closing != "" && p.punct(")")) {
				p.failAt("expected | or the end of the query", p.instead())
			}
		})
		for !p.punct("|") && p.tok.kind != tEOF && !(closing != "" && p.punct(")")) {
			p.advance()
		}
		if !p.accept("|") {
			return out
		}
	}
}

// try runs f and reports whether it went through without a fault.
func (p *parser) try(f func()) (ok bool) {
	depth := p.depth
	defer func() {
		if r := recover(); r != nil {
			if _, isBail := r.(bail); !isBail {
				panic(r)
			}
			p.depth = depth
			p.lex.project = false
			ok = false
		}
	}()
	f()
	return true
}

func (p *parser) skipPast(mark string) {
	for p.tok.kind != tEOF && !p.punct(mark) {
		p.advance()
	}
	p.accept(mark)
}

func (p *parser) setting() Setting {
	start := p.tok.start
	p.advance()
	s := Setting{Name: p.identifier("the name of a setting")}
	p.expect("=", "after the name of a setting")
	s.Value = p.constant()
	s.Span = p.since(start)
	p.expect(";", "after a setting")
	return s
}

// identifier reads one bare or quoted name segment.
func (p *parser) identifier(what string) string {
	if p.tok.kind != tIdent && p.tok.kind != tQuoted {
		p.failAt("expected "+what, p.instead())
	}
	t := p.tok.text
	p.advance()
	return t
}

// str reads a string literal.
func (p *parser) str(what string) Str {
	if p.tok.kind != tString {
		p.failAt("expected "+what+" as a string", p.instead())
	}
	s := Str{Span: p.here(), Value: p.tok.text}
	p.advance()
	return s
}

// name reads a dotted column name.
func (p *parser) name(what string) Name {
	start := p.tok.start
	text := p.segment(what)
	for p.punct(".") {
		p.advance()
		text += "." + p.segment(what)
	}
	if p.tok.kind == tDec && strings.HasPrefix(p.tok.text, ".") && p.tok.start == p.last {
		p.failAt("a segment of a name that begins with a digit stands in backquotes",
			"write `"+text+p.tok.text+"`")
	}
	return Name{Span: p.since(start), Text: text}
}

func (p *parser) segment(what string) string {
	if p.tok.kind == tIdent && reserved(p.tok.text) {
		p.failAt("expected "+what, "here stands the keyword "+p.tok.text+"; as a name it stands in backquotes: `"+p.tok.text+"`")
	}
	if p.tok.kind == tInt || p.tok.kind == tDec {
		p.failAt("expected "+what, p.instead()+"; a name that begins with a digit stands in backquotes")
	}
	return p.identifier(what)
}

// keywords are the words of expressions that cannot be bare names.
var keywords = map[string]bool{
	"and": true, "asc": true, "by": true, "desc": true, "false": true, "first": true, "in": true, "is": true, "last": true,
	"like": true, "not": true, "null": true, "nulls": true, "on": true, "or": true, "rlike": true, "true": true,
	"where": true, "with": true,
}

func reserved(word string) bool { return keywords[strings.ToLower(word)] }
