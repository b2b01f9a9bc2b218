package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

func (p *parser) invalidUTF8() {
	for i, r := range p.text {
		if r != utf8.RuneError {
			continue
		}
		if _, n := utf8.DecodeRuneInString(p.text[i:]); n == 1 {
			p.fail(i, i+1, "the query is not valid UTF-8", "save the query as UTF-8")
			return
		}
	}
}

// recover skips to where the parse can go on: before a connective, or a closing parenthesis or brace that something
// inside opened. At the top there is none to stop at.
func (p *parser) recover(top bool) {
	depth := 0
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		switch {
		case c == '"':
			if _, end := scanQuoted(p.text, p.pos); end >= 0 {
				p.pos = end
				continue
			}
		case c == '\\':
			p.pos++
		case c == '(' || c == '{':
			depth++
		case c == ')' || c == '}':
			if depth == 0 && !top {
				return
			}
			depth = max(depth-1, 0)
		case depth == 0 && (connective(p.text, p.pos, "or") >= 0 || connective(p.text, p.pos, "and") >= 0):
			return
		}
		p.pos++
	}
	p.pos = min(p.pos, len(p.text))
}

// skipPart goes to the end of a part that cannot be read, after it was reported.
func (p *parser) skipPart() { p.recover(len(p.open) == 0) }

func (p *parser) doubleNot(first, second int) {
	p.fail(second, second+3, "`not` stands twice", "write `not (not …)`, or leave both out")
	p.diags[len(p.diags)-1].Related = []diag.Label{{Span: p.span(first, first+3), Text: "the first `not`"}}
	p.skipPart()
}

// missingExpression reports that no query stands at p.pos.
func (p *parser) missingExpression() {
	defer p.skipPart()
	if p.badStart() {
		return
	}
	if p.pos == len(p.text) {
		if len(p.open) > 0 {
			return // the parenthesis that is not closed is the fault
		}
		p.fail(p.pos, p.pos, "the query ends where a condition is needed", "add a condition such as `field:value`, or remove the last `and`, `or` or `not`")
		return
	}
	switch c := p.text[p.pos]; c {
	case ')', '}':
		if len(p.open) > 0 {
			p.fail(p.pos, p.pos+1, fmt.Sprintf("a condition is missing before `%c`", c), "add a condition such as `field:value`, or remove the parentheses")
			return
		}
		p.stray()
	case ':', '<', '>':
		p.fail(p.pos, p.pos+1, fmt.Sprintf("the field name before `%c` is missing", c), "write `field:value`; a value that begins with this character needs quotes or a backslash")
	default:
		p.fail(p.pos, p.pos+1, fmt.Sprintf("`%c` cannot stand here", c), "put the value into quotes, or a backslash before the character")
	}
}

func (p *parser) missingValue() {
	defer p.skipPart()
	if p.badStart() {
		return
	}
	if p.pos == len(p.text) {
		if len(p.open) > 0 {
			return
		}
		p.fail(p.pos, p.pos, "the value is missing", "write `field:value`, or `field:*` to ask whether the field exists")
		return
	}
	switch c := p.text[p.pos]; c {
	case '{':
		p.fail(p.pos, p.pos+1, "`{` cannot stand in a list of values", "put the value into quotes, or a backslash before `{`")
	default:
		p.fail(p.pos, p.pos+1, fmt.Sprintf("the value before `%c` is missing", c), "put a value that holds this character into quotes, or a backslash before it")
	}
}

func (p *parser) missingBound(at int, op RangeOp) {
	defer p.skipPart()
	if p.badStart() {
		return
	}
	if p.pos < len(p.text) && p.text[p.pos] == '(' {
		p.fail(p.pos, p.pos+1, fmt.Sprintf("`%s` takes one value, not a list", op), "write one comparison for each value and join them with `or`")
		return
	}
	p.fail(at, at+len(op), fmt.Sprintf("the value after `%s` is missing", op), "write a number, a date or text; a `<` or `>` that belongs to a value needs quotes or a backslash")
}

// badStart reports an atom at p.pos that begins and cannot be read: an open quote, a bad escape, a `not`.
func (p *parser) badStart() bool {
	if p.pos >= len(p.text) {
		return false
	}
	switch {
	case p.text[p.pos] == '"':
		p.openQuote()
	case p.text[p.pos] == '\\':
		p.badEscape()
	case negation(p.text, p.pos) >= 0:
		p.fail(p.pos, p.pos+3, "`not` cannot stand here", "put the list of values into parentheses: `field:(not value)`", "to search for the word, put it into quotes")
	default:
		return false
	}
	return true
}

func (p *parser) openQuote() {
	p.fail(p.pos, p.pos+1, "the closing quote is missing", `end the value with "; a quote inside a value is written \"`)
	p.pos = len(p.text)
	p.stopped = true
}

func (p *parser) badEscape() {
	_, n := utf8.DecodeRuneInString(p.text[p.pos+1:])
	end := p.pos + 1 + n
	p.fail(p.pos, end, fmt.Sprintf("`%s` is not an escape", p.text[p.pos:end]),
		`a literal backslash is written \\`, `without quotes the escapes are \t \r \n \uXXXX, \or, \and, and a backslash before one of \ ( ) : < > " * { }`)
}

// leftover reports what stands at p.pos, after a complete part, and belongs to nothing.
func (p *parser) leftover() {
	at := p.pos
	rest := p.text[at:]
	switch {
	case rest[0] == ')' || rest[0] == '}':
		p.stray()
		p.pos++
	case rest[0] == '\\':
		p.badEscape()
		p.pos++
	case rest[0] == ':':
		p.fail(at, at+1, "`:` stands inside a value", `put the value into quotes, or write \:`, "two conditions need `and` or `or` between them")
	case rest[0] == '<' || rest[0] == '>':
		p.fail(at, at+1, fmt.Sprintf("`%c` stands inside a value", rest[0]), fmt.Sprintf(`put the value into quotes, or write \%c`, rest[0]))
	case rest[0] == '{':
		p.fail(at, at+1, "`{` stands inside a value", `put the value into quotes, or write \{`)
	case negation(p.text, at) >= 0 && at > 0 && spaceAt(p.text, at-1) == 0:
		p.fail(at, at+3, "`not` before white space ends the value, even inside a word", `put the value into quotes, or write the first letter as \u006e`)
	case rest[0] == '"' && scanFails(rest):
		p.openQuote()
	default:
		p.fail(at, at+len(firstWord(rest)), fmt.Sprintf("`and` or `or` is missing before `%s`", firstWord(rest)),
			"put white space on both sides of `and` and `or`", "text in quotes ends at the closing quote: a quote inside is written \\\"")
	}
}

func scanFails(s string) bool {
	_, end := scanQuoted(s, 0)
	return end < 0
}

func firstWord(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n\u00a0():{}<>", r) })
	switch {
	case end < 0:
		end = len(s)
	case end == 0:
		end = 1
	}
	if end > 40 {
		end = 40
		for !utf8.RuneStart(s[end]) {
			end--
		}
	}
	return s[:end]
}

// stray reports a closing parenthesis or brace at p.pos that closes nothing, or the wrong thing.
func (p *parser) stray() {
	c := p.text[p.pos]
	if n := len(p.open); n > 0 {
		p.fail(p.pos, p.pos+1, fmt.Sprintf("`%c` does not close the `%c` that is open", c, p.text[p.open[n-1]]), "close them in the reverse order")
		p.diags[len(p.diags)-1].Related = []diag.Label{{Span: p.span(p.open[n-1], p.open[n-1]+1), Text: "opened here"}}
		return
	}
	p.fail(p.pos, p.pos+1, fmt.Sprintf("`%c` closes nothing", c), fmt.Sprintf(`remove it, or write \%c if it belongs to a value`, c))
}

// unclosed reports the innermost opening parenthesis or brace at the end of the text.
func (p *parser) unclosed() {
	at := p.open[len(p.open)-1]
	c := p.text[at]
	p.fail(at, at+1, fmt.Sprintf("`%c` is not closed", c), fmt.Sprintf(`close it, or write \%c if it belongs to a value`, c))
}
