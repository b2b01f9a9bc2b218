package querystring

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxNesting is the deepest nesting of parentheses.
const maxNesting = 200

// Options of a query_string query that change how it is read.
type Options struct {
	// DefaultAnd is default_operator AND.
	DefaultAnd bool
}

// Parse reads a query. The node is nil for a query of white space, which finds nothing. The error is an [*Error].
func Parse(text string, o Options) (Node, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	if !utf8.ValidString(text) {
		return nil, &Error{0, "the query is not valid UTF-8"}
	}
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, options: o}
	n, err := p.query(Field{Default: true})
	if err != nil {
		return nil, err
	}
	if p.peek(0) != tokEOF {
		return nil, p.unexpected()
	}
	return n, nil
}

type parser struct {
	tokens  []token
	pos     int
	depth   int
	options Options
}

func (p *parser) peek(n int) kind { return p.tokens[min(p.pos+n, len(p.tokens)-1)].kind }

func (p *parser) next() token {
	t := p.tokens[p.pos]
	if t.kind != tokEOF {
		p.pos++
	}
	return t
}

func (p *parser) accept(k kind) bool {
	if p.peek(0) != k {
		return false
	}
	p.next()
	return true
}

func (p *parser) unexpected() error {
	t := p.tokens[p.pos]
	if t.kind == tokEOF {
		return &Error{t.at, "the query ends where a term is needed"}
	}
	return &Error{t.at, fmt.Sprintf("`%s` cannot stand here", t.text)}
}

// query reads clauses up to the end or a closing parenthesis.
func (p *parser) query(field Field) (Node, error) {
	var clauses []Clause
	var single Node
	for first := true; first || p.peek(0) != tokEOF && p.peek(0) != tokRParen; first = false {
		if p.isMultiTerm() {
			n, err := p.multiTerm(field)
			if err != nil {
				return nil, err
			}
			occur := Should
			if p.options.DefaultAnd {
				occur = Must
			}
			clauses = append(clauses, Clause{occur, n})
			if first {
				single = n
			}
			continue
		}
		and, or := false, false
		if !first {
			and = p.accept(tokAnd)
			or = !and && p.accept(tokOr)
		}
		occur, modified := p.modifier()
		n, err := p.clause(field)
		if err != nil {
			return nil, err
		}
		clauses = p.place(clauses, n, occur, modified, and, or)
		if first && !modified {
			single = n
		}
	}
	if len(clauses) == 1 && single != nil {
		return single, nil
	}
	return &Bool{Clauses: clauses}, nil
}

func (p *parser) modifier() (occur Occur, modified bool) {
	switch {
	case p.accept(tokPlus):
		return Must, true
	case p.accept(tokMinus), p.accept(tokNot):
		return MustNot, true
	}
	return Should, false
}

// place adds a clause: AND makes the clause before it and the new one required, unless they are prohibited; with the
// default operator AND everything is required unless OR stands beside it.
func (p *parser) place(clauses []Clause, n Node, occur Occur, modified, and, or bool) []Clause {
	if k := len(clauses) - 1; k >= 0 && clauses[k].Occur != MustNot {
		if and {
			clauses[k].Occur = Must
		}
		if or && p.options.DefaultAnd {
			clauses[k].Occur = Should
		}
	}
	switch {
	case occur == MustNot:
	case p.options.DefaultAnd:
		occur = Must
		if or {
			occur = Should
		}
	case and:
		occur = Must
	case !modified:
		occur = Should
	}
	return append(clauses, Clause{occur, n})
}

// afterMultiTerm holds the tokens that take the term before them out of a run of terms.
var afterMultiTerm = []kind{tokColon, tokStar, tokFuzzy, tokCaret, tokAnd, tokOr}

func (p *parser) isMultiTerm() bool {
	return p.peek(0) == tokTerm && p.peek(1) == tokTerm && !slices.Contains(afterMultiTerm, p.peek(2))
}

func (p *parser) multiTerm(field Field) (Node, error) {
	text := p.next().text
	for p.peek(0) == tokTerm && !slices.Contains(afterMultiTerm, p.peek(1)) {
		text += " " + p.next().text
	}
	plain, err := p.unescape(text)
	return &Term{field, plain}, err
}

func (p *parser) clause(field Field) (Node, error) {
	if (p.peek(0) == tokTerm || p.peek(0) == tokStar) && p.peek(1) == tokColon {
		name, err := p.unescape(p.next().text)
		if err != nil {
			return nil, err
		}
		p.next()
		field = Field{Name: name}
	}
	if p.peek(0) != tokLParen {
		return p.term(field)
	}
	if p.depth++; p.depth > maxNesting {
		return nil, &Error{p.tokens[p.pos].at, "the query is nested more than 200 deep"}
	}
	open := p.next()
	n, err := p.query(field)
	p.depth--
	if err != nil {
		return nil, err
	}
	if !p.accept(tokRParen) {
		return nil, &Error{open.at, "`(` is not closed"}
	}
	p.boost()
	return n, nil
}

// boost reads ^2, which changes the score alone.
func (p *parser) boost() bool {
	if p.peek(0) != tokCaret {
		return false
	}
	p.next()
	p.next()
	return true
}

// suffix reads a boost and a fuzziness in either order.
func (p *parser) suffix() (fuzzy string, has bool) {
	boosted := p.boost()
	if p.peek(0) == tokFuzzy {
		fuzzy, has = p.next().text[1:], true
	}
	if !boosted {
		p.boost()
	}
	return fuzzy, has
}

func (p *parser) term(field Field) (Node, error) {
	t := p.tokens[p.pos]
	switch t.kind {
	case tokTerm, tokBareOper:
		p.next()
		text := t.text
		if t.kind == tokBareOper {
			text = text[:1]
		}
		plain, err := p.unescape(text)
		if err != nil {
			return nil, err
		}
		if edits, ok := p.suffix(); ok {
			return &Fuzzy{field, plain, edits}, nil
		}
		return &Term{field, plain}, nil
	case tokStar, tokWild:
		p.next()
		p.suffix()
		return &Wildcard{field, t.text}, nil
	case tokPrefix:
		p.next()
		p.suffix()
		plain, err := p.unescape(t.text[:len(t.text)-1])
		return &Prefix{field, plain}, err
	case tokRegexp:
		p.next()
		p.suffix()
		return &Regexp{field, t.text[1 : len(t.text)-1]}, nil
	case tokQuoted:
		p.next()
		plain, err := p.unescape(t.text[1 : len(t.text)-1])
		slop := 0
		if text, ok := p.suffix(); ok {
			if v, err := strconv.ParseFloat(text, 32); err == nil && v >= 0 && v < 1e6 {
				slop = int(v)
			}
		}
		return &Phrase{field, plain, slop}, err
	case tokRangeIn, tokRangeEx:
		return p.ranged(field)
	case tokEOF, tokAnd, tokOr, tokNot, tokPlus, tokMinus, tokLParen, tokRParen, tokColon, tokCaret, tokFuzzy, tokNumber, tokRangeTo, tokRangeInEnd, tokRangeExEnd, tokRangeQuoted, tokRangeGoop:
	}
	return nil, p.unexpected()
}

func (p *parser) ranged(field Field) (Node, error) {
	r := &Range{Field: field, LowIncluded: p.next().kind == tokRangeIn}
	var err error
	if r.Low, err = p.bound(); err != nil {
		return nil, err
	}
	if !p.accept(tokRangeTo) {
		return nil, &Error{p.tokens[p.pos].at, "`TO` is missing in the range"}
	}
	if r.High, err = p.bound(); err != nil {
		return nil, err
	}
	switch end := p.next(); {
	case end.kind == tokRangeInEnd:
		r.HighIncluded = true
	case end.kind == tokRangeExEnd:
	default:
		return nil, &Error{end.at, "the closing bracket of the range is missing"}
	}
	p.boost()
	return r, nil
}

func (p *parser) bound() (*string, error) {
	t := p.next()
	text := t.text
	switch {
	case t.kind == tokRangeQuoted:
		text = text[1 : len(text)-1]
	case t.kind == tokRangeGoop, t.kind == tokRangeTo:
		if text == "*" {
			return nil, nil
		}
	default:
		return nil, &Error{t.at, "a bound of the range is missing"}
	}
	plain, err := p.unescape(text)
	if plain == "*" { // quoted or escaped, it is open all the same
		return nil, err
	}
	return &plain, err
}

// unescape drops the backslashes and resolves \uXXXX.
func (p *parser) unescape(s string) (string, error) {
	if !strings.Contains(s, `\`) {
		return s, nil
	}
	at := p.tokens[max(p.pos-1, 0)].at
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch {
		case i == len(s):
			return "", &Error{at, "a term cannot end with a backslash"}
		case s[i] != 'u':
			b.WriteByte(s[i])
		case i+5 > len(s):
			return "", &Error{at, "the escape \\u needs four hexadecimal digits"}
		default:
			v, err := strconv.ParseUint(s[i+1:i+5], 16, 16)
			if err != nil {
				return "", &Error{at, "the escape \\u needs four hexadecimal digits"}
			}
			b.WriteRune(rune(v))
			i += 4
		}
	}
	return b.String(), nil
}
