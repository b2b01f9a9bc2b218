package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// Limits that keep time and stack bounded whatever the text is.
const (
	maxDepth = 200     // nesting of brackets, parentheses and subsearches
	maxText  = 4 << 20 // bytes of a query after macro expansion
	maxChain = 10000   // operators in a row at one level
	maxDiags = 100     // faults reported
)

// parser reads one text. Its scanning methods look at the bytes directly: what a token is depends on the grammar that asks.
type parser struct {
	src   *source
	text  string
	pos   int
	depth int
	// inSub counts the brackets around pos: only inside some does `]` end a word.
	inSub int
	diags diag.List
}

// bailout ends the parse of one stage; the fault is in parser.diags already. It never leaves this package.
type bailout struct{}

func (p *parser) report(code diag.Code, start, end int, label, title string, help ...string) {
	if len(p.diags) >= maxDiags {
		return
	}
	d := diag.New(code, p.src.span(start, end), title, help...)
	d.Label = label
	p.diags = append(p.diags, d)
}

// fail reports a syntax fault at start..end and ends the parse of the stage.
func (p *parser) fail(start, end int, label, title string, help ...string) {
	p.report(diag.SPLSyntax, start, end, label, title, help...)
	panic(bailout{})
}

// enter counts one level of nesting; the caller defers leave.
func (p *parser) enter() {
	p.depth++
	if p.depth > maxDepth {
		p.report(diag.SPLLimit, p.pos, p.pos+1, "level 201", fmt.Sprintf("nesting is deeper than %d levels", maxDepth),
			"split the query, or write long lists with IN")
		panic(bailout{})
	}
}

func (p *parser) leave() { p.depth-- }

func (p *parser) span(start int) diag.Span { return p.src.span(start, p.pos) }

func (p *parser) eof() bool { return p.pos >= len(p.text) }

// peek is the byte at the place, 0 at the end.
func (p *parser) peek() byte {
	if p.eof() {
		return 0
	}
	return p.text[p.pos]
}

func (p *parser) peekAt(n int) byte {
	if p.pos+n >= len(p.text) {
		return 0
	}
	return p.text[p.pos+n]
}

// skip passes white space; comments were blanked out before parsing.
func (p *parser) skip() {
	for !p.eof() && isSpace(p.text[p.pos]) {
		p.pos++
	}
}

// skipCommas passes white space and commas, which separate the items of most lists.
func (p *parser) skipCommas() {
	for !p.eof() && (isSpace(p.text[p.pos]) || p.text[p.pos] == ',') {
		p.pos++
	}
}

// atEnd reports, after white space, whether the stage ends here: end of text, `|`, or `]` inside brackets.
func (p *parser) atEnd() bool {
	p.skip()
	return p.eof() || p.peek() == '|' || p.peek() == ']' && p.inSub > 0
}

// accept passes c, after white space, if it stands here.
func (p *parser) accept(c byte) bool {
	p.skip()
	if p.peek() != c || p.eof() {
		return false
	}
	p.pos++
	return true
}

// expect passes c or fails.
func (p *parser) expect(c byte, where string) {
	if !p.accept(c) {
		p.fail(p.pos, p.pos+1, "here", fmt.Sprintf("`%c` is missing %s", c, where), fmt.Sprintf("insert `%c`", c))
	}
}

// here names what stands at the place, for messages.
func (p *parser) here() string {
	if p.eof() {
		return "the end of the query"
	}
	end := p.pos
	for end < len(p.text) && isWordByte(p.text[end]) {
		end++
	}
	if end == p.pos {
		_, n := utf8.DecodeRuneInString(p.text[p.pos:])
		end += n
	}
	return "`" + p.text[p.pos:end] + "`"
}

// word returns the letters, digits and underscores at the place without passing them.
func (p *parser) word() string {
	end := p.pos
	for end < len(p.text) && isWordByte(p.text[end]) {
		end++
	}
	return p.text[p.pos:end]
}

// keyword passes the word w, in any case, if it stands here as a whole word.
func (p *parser) keyword(w string) bool {
	p.skip()
	if !strings.EqualFold(p.word(), w) {
		return false
	}
	p.pos += len(w)
	return true
}

// isKeyword reports whether the word at the place is w in any case and stands alone: what follows it ends a bare word.
func (p *parser) isKeyword(w string) bool {
	got := p.word()
	if !strings.EqualFold(got, w) {
		return false
	}
	next := p.peekAt(len(got))
	return next == 0 || isSpace(next) || strings.IndexByte("()[]|,\"'`", next) >= 0
}

// quoted passes a text in quotes q and returns what stands between them, escapes untouched. A backslash hides the byte
// after it.
func (p *parser) quoted(q byte) string {
	start := p.pos
	for i := p.pos + 1; i < len(p.text); i++ {
		switch p.text[i] {
		case '\\':
			i++
		case q:
			p.pos = i + 1
			return p.text[start+1 : i]
		}
	}
	p.pos = len(p.text)
	kind := "a quoted string"
	if q == '\'' {
		kind = "a quoted field name"
	}
	p.fail(start, start+1, "opened here", kind+" is not closed", fmt.Sprintf("close it with `%c`; a `%c` inside is written `\\%c`", q, q, q))
	return ""
}

// bare passes a bare word: up to white space or one of the stop bytes. Quotes, backticks, brackets and pipes always stop.
func (p *parser) bare(stops string) string { return p.bareWord(stops, false) }

// bareWord is bare; with escapes a backslash takes the quote or backslash behind it into the word.
func (p *parser) bareWord(stops string, escapes bool) string {
	start := p.pos
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		if isSpace(c) || c == '|' || c == '"' || c == '`' || c == '[' || c == ']' && p.inSub > 0 {
			break
		}
		if strings.IndexByte(stops, c) >= 0 {
			break
		}
		if escapes && c == '\\' && (p.peekAt(1) == '\\' || p.peekAt(1) == '"') {
			p.pos++
		}
		p.pos++
	}
	return p.text[start:p.pos]
}

// macro passes a macro call in backticks.
func (p *parser) macro() *Macro {
	start := p.pos
	end := strings.IndexByte(p.text[p.pos+1:], '`')
	if end < 0 {
		p.pos = len(p.text)
		p.fail(start, start+1, "opened here", "a macro call is not closed", "close it with a backtick")
	}
	body := p.text[p.pos+1 : p.pos+1+end]
	p.pos += end + 2
	name, args := splitMacro(body)
	if name == "" {
		p.fail(start, p.pos, "no name here", "a macro call has no name", "write `name` or `name(arguments)` between backticks")
	}
	return &Macro{Name: name, Args: args, Span: p.span(start)}
}

// splitMacro splits `name(a, "b,c")` into its name and arguments.
func splitMacro(body string) (name string, args []string) {
	body = strings.TrimSpace(body)
	open := strings.IndexByte(body, '(')
	if open < 0 || !strings.HasSuffix(body, ")") {
		return body, nil
	}
	name = strings.TrimSpace(body[:open])
	inner := body[open+1 : len(body)-1]
	if strings.TrimSpace(inner) == "" {
		return name, nil
	}
	depth, from, quote := 0, 0, false
	for i := 0; i < len(inner); i++ {
		switch c := inner[i]; {
		case c == '\\':
			i++
		case c == '"':
			quote = !quote
		case quote:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			args = append(args, strings.TrimSpace(inner[from:i]))
			from = i + 1
		}
	}
	return name, append(args, strings.TrimSpace(inner[from:]))
}
