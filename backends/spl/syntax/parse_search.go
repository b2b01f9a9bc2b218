package syntax

import (
	"fmt"
	"strings"

	"github.com/onerule/onerule/diag"
)

// searchStage parses what follows the word `search`.
func searchStage(p *parser, start int, _ string) Stage { return p.search(start) }

func (p *parser) search(start int) Stage {
	if p.atEnd() {
		all := &Keyword{Value: Value{Text: "*"}, Span: p.span(p.pos)}
		return &Search{Expr: all, Span: p.span(start)}
	}
	x := p.searchExpr(nil)
	return &Search{Expr: x, Span: p.span(start)}
}

// searchExpr parses a search expression: NOT binds tightest, then OR, then AND and juxtaposition (Search Manual, Boolean
// expressions). It ends before a word of stop, in any case, at its outermost level.
func (p *parser) searchExpr(stop []string) SearchExpr {
	p.enter()
	defer p.leave()
	p.skip()
	start := p.pos
	var terms []SearchExpr
	for {
		p.skipCommas()
		if p.atEnd() || p.peek() == ')' || p.stopWord(stop) {
			break
		}
		if p.exactWord("AND") {
			p.needOperands(start, len(terms) > 0, "AND", stop)
			continue
		}
		terms = append(terms, p.searchOr(stop))
		p.checkChain(len(terms))
	}
	switch len(terms) {
	case 0:
		p.fail(p.pos, p.pos+1, "here", "a search term is missing before "+p.here(), "write a term such as `field=value`")
	case 1:
		return terms[0]
	}
	return &SearchAnd{Terms: terms, Span: p.span(start)}
}

// needOperands fails when the operator just passed lacks an operand on either side.
func (p *parser) needOperands(start int, left bool, op string, stop []string) {
	if !left {
		p.fail(p.pos-len(op), p.pos, "nothing on its left", fmt.Sprintf("`%s` has nothing on its left", op), fmt.Sprintf("write a term before it, or quote it to look for the word: \"%s\"", op))
	}
	p.skip()
	if p.atEnd() || p.peek() == ')' || p.stopWord(stop) {
		p.fail(p.pos-len(op), p.pos, "nothing on its right", fmt.Sprintf("`%s` has nothing on its right", op), "write a term after it")
	}
}

func (p *parser) checkChain(n int) {
	if n > maxChain {
		p.report(diag.SPLLimit, p.pos, p.pos+1, "here", fmt.Sprintf("more than %d operators in a row", maxChain), "write long lists with IN, or use a lookup")
		panic(bailout{})
	}
}

func (p *parser) stopWord(stop []string) bool {
	for _, w := range stop {
		if p.isKeyword(w) {
			return true
		}
	}
	return false
}

// exactWord passes the word w if it stands here in exactly this case, as a whole bare word.
func (p *parser) exactWord(w string) bool {
	p.skip()
	if p.word() != w || !p.isKeyword(w) {
		return false
	}
	p.pos += len(w)
	return true
}

func (p *parser) searchOr(stop []string) SearchExpr {
	start := p.pos
	terms := []SearchExpr{p.searchNot(stop)}
	for p.exactWord("OR") {
		p.needOperands(start, true, "OR", stop)
		terms = append(terms, p.searchNot(stop))
		p.checkChain(len(terms))
	}
	if len(terms) == 1 {
		return terms[0]
	}
	return &SearchOr{Terms: terms, Span: p.span(start)}
}

func (p *parser) searchNot(stop []string) SearchExpr {
	p.skip()
	start := p.pos
	if p.exactWord("NOT") {
		p.enter()
		defer p.leave()
		p.needOperands(start, true, "NOT", stop)
		x := p.searchNot(stop)
		return &SearchNot{X: x, Span: p.span(start)}
	}
	return p.searchPrimary(stop)
}

func (p *parser) searchPrimary(stop []string) SearchExpr {
	start := p.pos
	switch p.peek() {
	case '(':
		p.pos++
		x := p.searchExpr(nil)
		p.skip()
		if p.peek() != ')' || p.eof() {
			p.fail(start, start+1, "opened here", "a parenthesis is not closed", "close it with `)`")
		}
		p.pos++
		return x
	case '[':
		q := p.subsearch()
		return &Subsearch{Query: q, Span: p.span(start)}
	case '`':
		m := p.macro()
		return &MacroTerm{Macro: m, Span: p.span(start)}
	case '=', '<', '>':
		p.fail(start, start+1, "here", fmt.Sprintf("%s has no field on its left", p.here()), "write a field name before it")
	}
	if p.peek() == '!' && p.peekAt(1) == '=' {
		p.fail(start, start+2, "here", "`!=` has no field on its left", "write a field name before it")
	}
	if p.isKeyword("AND") && p.word() == "AND" || p.isKeyword("OR") && p.word() == "OR" {
		w := p.word()
		p.fail(start, start+len(w), "here", fmt.Sprintf("`%s` has nothing on its left", w), fmt.Sprintf("write a term before it, or quote it to look for the word: \"%s\"", w))
	}
	return p.searchTerm(start)
}

// searchTerm parses a comparison, an IN list, TERM(…), CASE(…), a time modifier or a keyword.
func (p *parser) searchTerm(start int) SearchExpr {
	if v, ok := p.wrapped(); ok {
		return &Keyword{Value: v, Span: p.span(start)}
	}
	name, quoted := "", p.peek() == '"'
	if quoted {
		name = p.quoted('"')
	} else {
		name = p.fieldWord()
	}
	if name == "" && !quoted {
		p.fail(p.pos, p.pos+1, "here", "unexpected "+p.here()+" in a search", "quote it if it is text to look for")
	}
	end := p.pos
	p.skip()
	op := p.compareOp()
	switch {
	case op != "":
		return p.comparison(start, name, quoted, op)
	case p.word() == "IN" && p.listFollows():
		field, _ := unescapeSearch(name)
		p.pos += 2
		values := p.valueList(field)
		return &In{Field: field, Values: values, Span: p.span(start)}
	case p.word() == "NOT" && p.notInFollows():
		field, _ := unescapeSearch(name)
		values := p.valueList(field)
		return &SearchNot{X: &In{Field: field, Values: values, Span: p.span(start)}, Span: p.span(start)}
	}
	p.pos = end
	if field, value, ok := strings.Cut(name, "::"); ok && !quoted && bareName(field) && value != "" {
		v, lone := unescapeSearch(value)
		return &Compare{Field: field, Op: "::", Value: Value{Text: v, Quoted: !bareValue(v), LoneBackslash: lone}, Span: p.span(start)}
	}
	text, lone := unescapeSearch(name)
	return &Keyword{Value: Value{Text: text, Quoted: quoted || !bareKeyword(text), LoneBackslash: lone}, Span: p.span(start)}
}

// fieldWord passes a bare word that may turn out to be a field name: `!` stops it only before `=`.
func (p *parser) fieldWord() string {
	start := p.pos
	for {
		p.bareWord("()=<>!,", true)
		if p.peek() != '!' || p.eof() || p.peekAt(1) == '=' {
			return p.text[start:p.pos]
		}
		p.pos++
	}
}

func (p *parser) compareOp() string {
	for _, op := range []string{"!=", "<=", ">=", "==", "=", "<", ">"} {
		if strings.HasPrefix(p.text[p.pos:], op) {
			p.pos += len(op)
			if op == "==" {
				return "="
			}
			return op
		}
	}
	return ""
}

// listFollows reports whether a parenthesis follows the word IN at the place.
func (p *parser) listFollows() bool {
	i := p.pos + 2
	for i < len(p.text) && isSpace(p.text[i]) {
		i++
	}
	return i < len(p.text) && p.text[i] == '('
}

// notInFollows passes `NOT IN` if that and a list stand here: `f NOT IN (a, b)` is `NOT f IN (a, b)`.
func (p *parser) notInFollows() bool {
	save := p.pos
	p.pos += len("NOT")
	p.skip()
	if p.pos > save+len("NOT") && p.word() == "IN" && p.listFollows() {
		p.pos += len("IN")
		return true
	}
	p.pos = save
	return false
}

func (p *parser) comparison(start int, name string, quoted bool, op string) SearchExpr {
	p.skip()
	if !quoted && op == "=" {
		if lower := strings.ToLower(name); timeModifiers[lower] {
			v := p.value(name)
			return &TimeTerm{Name: lower, Value: v.Text, Span: p.span(start)}
		}
	}
	field, _ := unescapeSearch(name)
	if p.peek() == '[' && !p.eof() {
		q := p.subsearch()
		return &Subsearch{Field: field, Op: op, Query: q, Span: p.span(start)}
	}
	v := p.value(field)
	return &Compare{Field: field, Op: op, Value: v, Span: p.span(start)}
}

// timeModifiers are the names that search reads as time bounds (Search Reference, search; Time modifiers).
var timeModifiers = map[string]bool{
	"earliest": true, "latest": true, "_index_earliest": true, "_index_latest": true, "index_earliest": true, "index_latest": true,
	"starttime": true, "endtime": true, "starttimeu": true, "endtimeu": true, "timeformat": true,
	"startdaysago": true, "enddaysago": true, "starthoursago": true, "endhoursago": true, "startminutesago": true,
	"endminutesago": true, "startmonthsago": true, "endmonthsago": true, "daysago": true, "hoursago": true, "minutesago": true,
}

// value parses what stands right of a comparison operator.
func (p *parser) value(field string) Value {
	if v, ok := p.wrapped(); ok {
		return v
	}
	if p.peek() == '"' {
		text, lone := unescapeSearch(p.quoted('"'))
		return Value{Text: text, Quoted: true, LoneBackslash: lone}
	}
	start := p.pos
	p.bareWord("(),", true)
	if p.pos == start {
		p.fail(p.pos, p.pos+1, "here", fmt.Sprintf("a value is missing for `%s`", field), "write a value; quote it when it has spaces or punctuation")
	}
	text, lone := unescapeSearch(p.text[start:p.pos])
	return Value{Text: text, Quoted: !bareValue(text), LoneBackslash: lone}
}

// wrapped parses CASE(v) or TERM(v).
func (p *parser) wrapped() (Value, bool) {
	w := p.word()
	if w != "CASE" && w != "TERM" || p.peekAt(4) != '(' {
		return Value{}, false
	}
	p.pos += 5
	p.skip()
	v := Value{Wrap: w}
	if p.peek() == '"' {
		v.Text, v.LoneBackslash = unescapeSearch(p.quoted('"'))
		v.Quoted = true
	} else {
		start := p.pos
		for p.pos < len(p.text) && p.peek() != ')' && p.peek() != '|' && p.peek() != '"' && !(p.peek() == ']' && p.inSub > 0) {
			if p.peek() == '\\' && p.pos+1 < len(p.text) {
				p.pos++
			}
			p.pos++
		}
		p.pos = min(p.pos, len(p.text))
		v.Text, v.LoneBackslash = unescapeSearch(strings.TrimSpace(p.text[start:p.pos]))
		v.Quoted = !bareValue(v.Text)
	}
	p.expect(')', "after "+w+"(…")
	return v, true
}

// valueList parses `(v, v, …)`; blanks separate values too.
func (p *parser) valueList(field string) []Value {
	p.expect('(', "after IN")
	open := p.pos - 1
	var values []Value
	for {
		p.skipCommas()
		if p.atEnd() {
			p.fail(open, open+1, "opened here", "a list of values is not closed", "close it with `)`")
		}
		if p.peek() == ')' {
			break
		}
		if p.peek() == '`' {
			values = append(values, Value{Macro: p.macro()})
			continue
		}
		values = append(values, p.value(field))
	}
	p.pos++
	if len(values) == 0 {
		p.fail(open, p.pos, "empty", "the list of values is empty", "write at least one value")
	}
	return values
}
