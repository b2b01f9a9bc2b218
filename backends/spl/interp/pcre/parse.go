package pcre

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error is a fault of a pattern; Offset is its byte in the pattern.
type Error struct {
	Offset int
	Text   string
	// Unsupported says that PCRE has the construct and this package does not.
	Unsupported bool
}

// Error is the fault in words.
func (e *Error) Error() string { return e.Text }

const (
	maxNesting = 200
	maxRepeat  = 65535
)

type flags struct{ fold, multi, dotAll, extended, ungreedy bool }

type parser struct {
	in     string
	pos    int
	flags  flags
	groups int
	names  map[string]int
	order  []string // group names by number, "" for unnamed
	refs   []nameRef
	depth  int
}

type nameRef struct {
	name   string
	offset int
	node   *backrefNode
}

// backrefNode is a named back-reference until its group is known.
type backrefNode struct {
	backref
}

func (*backrefNode) node() {}

func (p *parser) fail(offset int, format string, args ...any) {
	panic(&Error{Offset: offset, Text: fmt.Sprintf(format, args...)})
}

func (p *parser) unsupported(offset int, what string) {
	panic(&Error{Offset: offset, Text: what + " is not supported", Unsupported: true})
}

func (p *parser) more() bool { return p.pos < len(p.in) }

func (p *parser) next() rune {
	r, n := utf8.DecodeRuneInString(p.in[p.pos:])
	p.pos += n
	return r
}

func (p *parser) has(s string) bool {
	if strings.HasPrefix(p.in[p.pos:], s) {
		p.pos += len(s)
		return true
	}
	return false
}

// alternation parses up to `)` or the end. Flags set inside hold to its end.
func (p *parser) alternation() node {
	p.depth++
	if p.depth > maxNesting {
		p.fail(p.pos, "the expression is nested deeper than %d levels", maxNesting)
	}
	saved := p.flags
	var items []node
	for {
		items = append(items, p.sequence())
		if !p.has("|") {
			break
		}
	}
	p.flags = saved
	p.depth--
	if len(items) == 1 {
		return items[0]
	}
	return alternate{items}
}

func (p *parser) sequence() node {
	var items []node
	for p.more() {
		if c := p.in[p.pos]; c == '|' || c == ')' {
			break
		}
		if p.skipExtended() {
			continue
		}
		x, ok := p.atom()
		if !ok {
			continue
		}
		items = append(items, p.quantified(x))
	}
	if len(items) == 1 {
		return items[0]
	}
	return concat{items}
}

// skipExtended passes white space and #-comments under (?x).
func (p *parser) skipExtended() bool {
	if !p.flags.extended {
		return false
	}
	c := p.in[p.pos]
	if c == ' ' || c >= '\t' && c <= '\r' {
		p.pos++
		return true
	}
	if c != '#' {
		return false
	}
	end := strings.IndexByte(p.in[p.pos:], '\n')
	if end < 0 {
		end = len(p.in) - p.pos - 1
	}
	p.pos += end + 1
	return true
}

// quantified parses the quantifiers behind x.
func (p *parser) quantified(x node) node {
	for p.more() && p.skipExtended() {
	}
	at := p.pos
	min, max, ok := p.quantifier()
	if !ok {
		return x
	}
	if _, isKeep := x.(keep); isKeep {
		p.fail(at, "nothing to repeat")
	}
	r := repeat{x: x, min: min, max: max, lazy: p.flags.ungreedy}
	switch {
	case p.has("?"):
		r.lazy = !r.lazy
	case p.has("+"):
		r.possessive, r.lazy = true, false
	}
	if p.more() && strings.IndexByte("*+?", p.in[p.pos]) >= 0 {
		p.fail(p.pos, "nothing to repeat")
	}
	return r
}

func (p *parser) quantifier() (min, max int, ok bool) {
	switch {
	case p.has("*"):
		return 0, -1, true
	case p.has("+"):
		return 1, -1, true
	case p.has("?"):
		return 0, 1, true
	}
	if !p.more() || p.in[p.pos] != '{' {
		return 0, 0, false
	}
	end := strings.IndexByte(p.in[p.pos:], '}')
	if end < 0 {
		return 0, 0, false
	}
	body := p.in[p.pos+1 : p.pos+end]
	lo, hi, comma := strings.Cut(body, ",")
	if !digits(lo) || comma && hi != "" && !digits(hi) {
		return 0, 0, false // a literal brace
	}
	min = p.count(lo)
	switch {
	case !comma:
		max = min
	case hi == "":
		max = -1
	default:
		if max = p.count(hi); max < min {
			p.fail(p.pos, "the numbers of {%s} are out of order", body)
		}
	}
	p.pos += end + 1
	return min, max, true
}

func (p *parser) count(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n > maxRepeat {
		p.fail(p.pos, "the repeat count %s is too large", s)
	}
	return n
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// atom parses one item. ok is false for items that leave no node, such as (?i).
func (p *parser) atom() (x node, ok bool) {
	start := p.pos
	switch r := p.next(); r {
	case '(':
		return p.group(start)
	case '[':
		return p.class(start), true
	case '.':
		if p.flags.dotAll {
			return class{negate: true}, true
		}
		return class{set: []span{{'\n', '\n'}}, negate: true}, true
	case '^':
		if p.flags.multi {
			return assert{lineStart}, true
		}
		return assert{textStart}, true
	case '$':
		if p.flags.multi {
			return assert{lineEnd}, true
		}
		return assert{textEndLine}, true
	case '*', '+', '?':
		p.fail(start, "nothing to repeat")
	case '\\':
		return p.escape(start)
	default:
		return p.char(r), true
	}
	return nil, false
}

func (p *parser) char(r rune) node { return char{r: r, fold: p.flags.fold} }

// group parses what follows an opening parenthesis.
func (p *parser) group(start int) (node, bool) {
	if p.more() && p.in[p.pos] == '*' {
		p.unsupported(start, "a verb such as (*UTF)")
	}
	if !p.has("?") {
		p.groups++
		n := p.groups
		p.order = append(p.order, "")
		return group{n, p.closed(start)}, true
	}
	switch {
	case p.has("#"):
		end := strings.IndexByte(p.in[p.pos:], ')')
		if end < 0 {
			p.fail(start, "a comment is not closed")
		}
		p.pos += end + 1
		return nil, false
	case p.has(":"):
		return group{0, p.closed(start)}, true
	case p.has("="):
		return look{x: p.closed(start)}, true
	case p.has("!"):
		return look{x: p.closed(start), negate: true}, true
	case p.has("<="):
		return p.lookBehind(start, false), true
	case p.has("<!"):
		return p.lookBehind(start, true), true
	case p.has(">"):
		return atomic{p.closed(start)}, true
	case p.has("P="):
		return p.namedRef(start, p.until(")", start)), true
	case p.has("P<"), p.has("<"):
		return p.named(start, p.until(">", start)), true
	case p.has("'"):
		return p.named(start, p.until("'", start)), true
	case p.has("|"):
		p.unsupported(start, "branch reset (?|…)")
	case p.has("("):
		p.unsupported(start, "a conditional (?(…)…)")
	case p.has("R"), p.has("&"), p.has("P>"), p.more() && (isDigit(p.in[p.pos]) || p.in[p.pos] == '+'), p.has("C"):
		p.unsupported(start, "recursion or a callout")
	}
	return p.flagGroup(start)
}

func (p *parser) lookBehind(start int, negate bool) node {
	x := p.closed(start)
	items := []node{x}
	if alt, ok := x.(alternate); ok {
		items = alt.items
	}
	for _, item := range items {
		if _, ok := fixedLen(item); !ok {
			p.fail(start, "a look-behind must have a fixed length")
		}
	}
	return look{x: x, behind: true, negate: negate}
}

// closed parses up to the parenthesis that closes the one at start.
func (p *parser) closed(start int) node {
	x := p.alternation()
	if !p.has(")") {
		p.fail(start, "a parenthesis is not closed")
	}
	return x
}

func (p *parser) until(end string, start int) string {
	i := strings.Index(p.in[p.pos:], end)
	if i < 0 {
		p.fail(start, "a name is not closed by %s", end)
	}
	name := p.in[p.pos : p.pos+i]
	p.pos += i + len(end)
	for j := 0; j < len(name); j++ {
		if c := name[j]; !isWord(rune(c)) || j == 0 && isDigit(c) {
			p.fail(start, "a group name has letters, digits and underscores only, and does not begin with a digit: %q", name)
		}
	}
	if name == "" || len(name) > 128 {
		p.fail(start, "a group name is empty or too long")
	}
	return name
}

func (p *parser) named(start int, name string) node {
	if _, twice := p.names[name]; twice {
		p.fail(start, "two groups are named %q", name)
	}
	p.groups++
	n := p.groups
	p.names[name] = n
	p.order = append(p.order, name)
	return group{n, p.closed(start)}
}

func (p *parser) namedRef(start int, name string) node {
	x := &backrefNode{backref{fold: p.flags.fold}}
	p.refs = append(p.refs, nameRef{name, start, x})
	return x
}

// flagGroup parses (?imsx-imsx) and (?imsx-imsx:…).
func (p *parser) flagGroup(start int) (node, bool) {
	f, on := p.flags, true
	if p.has("^") {
		f = flags{}
	}
	for p.more() {
		switch c := p.next(); c {
		case 'i':
			f.fold = on
		case 'm':
			f.multi = on
		case 's':
			f.dotAll = on
		case 'x':
			f.extended = on
		case 'U':
			f.ungreedy = on
		case '-':
			on = false
		case ')':
			p.flags = f
			return nil, false
		case ':':
			saved := p.flags
			p.flags = f
			x := p.closed(start)
			p.flags = saved
			return group{0, x}, true
		default:
			p.fail(start, "(?%c is not understood", c)
		}
	}
	p.fail(start, "a parenthesis is not closed")
	return nil, false
}
