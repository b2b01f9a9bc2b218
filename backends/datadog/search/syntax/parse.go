package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// Parse reads a query. file names the text in diagnostics. The tree is nil when there is a fault, or when the text is blank,
// which matches every log. Negation binds to the next clause, AND (also unwritten) binds before OR.
func Parse(file, text string) (Node, diag.List) {
	p := &parser{scanner: newScanner(file, text)}
	if !utf8.ValidString(text) {
		off := 0
		for r, n := rune(0), 0; off < len(text); off += n {
			if r, n = utf8.DecodeRuneInString(text[off:]); r == utf8.RuneError && n == 1 {
				break
			}
		}
		src := diag.NewSource(file, text)
		return nil, diag.List{diag.New(diag.DatadogSyntax, src.Span(off, off+1), "the query is not valid UTF-8", "save the text as UTF-8")}
	}
	p.blanks()
	if p.i >= len(p.src) {
		return nil, nil
	}
	var n Node
	if p.peek() != ')' {
		n = p.or()
	}
	for p.i < len(p.src) && !p.full() {
		start := p.here()
		p.next()
		p.fault(p.span(start), "a closing parenthesis has no opening one", "remove it, or add the opening one")
		p.blanks()
		if p.i < len(p.src) && p.peek() != ')' {
			p.or()
		}
	}
	if p.faults.HasErrors() {
		return nil, p.faults.Sort()
	}
	return n, p.faults
}

type parser struct {
	*scanner
	depth   int
	stopped bool // too deep: what is found after that says nothing new
	faults  diag.List
}

func (p *parser) fault(span diag.Span, title string, help ...string) {
	if p.stopped {
		return
	}
	p.faults = append(p.faults, diag.New(diag.DatadogSyntax, span, title, help...))
}

// full reports that enough faults were found; the rest of the text is then dropped.
func (p *parser) full() bool {
	if len(p.faults) >= maxFaults {
		p.i = len(p.src)
		return true
	}
	return false
}

// enter counts a level of nesting; ok is false, with a fault, when there are too many.
func (p *parser) enter() bool {
	p.depth++
	if p.depth <= maxDepth {
		return true
	}
	start := p.here()
	p.next()
	p.faults = append(p.faults, diag.New(diag.DatadogLimit, p.span(start), "the query nests deeper than 200 levels", "split the query"))
	p.i = len(p.src)
	p.stopped = true
	return false
}

func (p *parser) or() Node {
	first := p.and()
	items := []Node{first}
	for {
		p.blanks()
		start := p.here()
		if !p.operator("OR", "||") {
			break
		}
		if p.endOfItems() {
			p.fault(p.span(start), "nothing follows the operator OR", "write the second clause, or remove OR")
			break
		}
		items = append(items, p.and())
	}
	if len(items) == 1 {
		return first
	}
	return &Or{Items: items, Span: join(items)}
}

func (p *parser) and() Node {
	first := p.unary()
	items := []Node{first}
	for !p.full() {
		p.blanks()
		start := p.here()
		if p.operator("AND", "&&") {
			if p.endOfItems() {
				p.fault(p.span(start), "nothing follows the operator AND", "write the second clause, or remove AND")
				break
			}
		} else if p.i >= len(p.src) || p.peek() == ')' || p.atOr() {
			break
		}
		items = append(items, p.unary())
	}
	if len(items) == 1 {
		return first
	}
	return &And{Items: items, Span: join(items)}
}

func join(items []Node) diag.Span {
	var s diag.Span
	for _, n := range items {
		if n != nil {
			s = s.Join(n.Pos())
		}
	}
	return s
}

func (p *parser) operator(word, sign string) bool {
	if p.has(sign) {
		p.i += len(sign)
	} else if !p.keyword(word) {
		return false
	}
	p.blanks()
	return true
}

func (p *parser) atOr() bool {
	at := p.i
	ok := p.has("||") || p.keyword("OR")
	p.i = at
	return ok
}

func (p *parser) endOfItems() bool { return p.i >= len(p.src) || p.peek() == ')' }

// unary reads a clause with its sign. A + has no effect.
func (p *parser) unary() Node {
	start := p.here()
	plus := false
	switch {
	case p.keyword("NOT"):
	case p.has("-"):
		p.next()
	case p.has("+"):
		p.next()
		plus = true
	default:
		return p.clause()
	}
	p.blanks()
	at := p.here()
	if p.has("-") || p.has("+") || p.keyword("NOT") {
		if p.i == at.Offset {
			p.next()
		}
		p.fault(p.span(start), "two signs stand before one clause", "for a double negation write -(-x)")
		p.blanks()
	}
	if p.endOfItems() {
		p.fault(p.span(start), "the sign has no clause behind it", "write the clause that it stands for")
		return nil
	}
	x := p.clause()
	if plus {
		return x
	}
	return &Not{X: x, Span: p.span(start)}
}

// clause reads one clause with or without field.
func (p *parser) clause() Node {
	start := p.here()
	switch r := p.peek(); {
	case r == '(':
		return p.parens()
	case r == '"', r == '[', r == '{', r == '<', r == '>':
		v, ok := p.value(start)
		if !ok {
			return nil
		}
		return &Match{Value: v, Span: p.span(start)}
	case r == ')':
		p.fault(p.span(start), "a clause is missing before the closing parenthesis", "write a clause")
		return nil
	case p.has("&&"), p.has("||"), p.keyword("AND"), p.keyword("OR"):
		if p.i == start.Offset {
			p.i += 2
		}
		p.fault(p.span(start), "the operator has no clause before it", "write the first clause, or quote the word to search for it")
		p.blanks()
		if p.endOfItems() || p.full() {
			return nil
		}
		return p.clause()
	case r == '=' || strings.ContainsRune(endsWord, r):
		p.badCharacter(start, r)
		return nil
	}
	return p.wordClause(start)
}

func (p *parser) badCharacter(start diag.Pos, r rune) {
	p.next()
	span := p.span(start)
	switch r {
	case '!':
		p.fault(span, "`!` does not negate", "write `-` or `NOT` before the clause; `\\!` is the character itself")
	case ':':
		p.fault(span, "a colon has no field name before it", "write the field directly before the colon; `\\:` is the character itself")
	default:
		p.fault(span, "the character `"+string(r)+"` has a meaning of its own here", "write `\\"+string(r)+"`, or put the value in double quotes")
	}
	p.skipClause()
}

// parens reads ( … ).
func (p *parser) parens() Node {
	open := p.here()
	if !p.enter() {
		return nil
	}
	defer func() { p.depth-- }()
	p.next()
	opening := p.span(open)
	p.blanks()
	if p.peek() == ')' {
		p.next()
		p.fault(p.span(open), "the parentheses are empty", "write a clause inside, or remove them")
		return nil
	}
	if p.i >= len(p.src) {
		p.fault(opening, "a parenthesis is not closed", "add the closing one")
		return nil
	}
	n := p.or()
	p.blanks()
	if p.peek() != ')' {
		if !p.full() {
			p.fault(opening, "a parenthesis is not closed", "add the closing one")
		}
		return n
	}
	p.next()
	if !p.atEnd() && p.peek() != '(' {
		at := p.here()
		p.skipClause()
		p.fault(p.span(at), "text stands directly behind a closing parenthesis", "write AND, OR or a blank between them")
	}
	return n
}

// atEnd reports that a clause ends here: at a blank, an operator sign, a closing parenthesis or the end of the text.
func (p *parser) atEnd() bool {
	r := p.peek()
	return r < 0 || unicode.IsSpace(r) || r == ')' || p.has("&&") || p.has("||")
}

// wordClause reads a clause that begins with an unquoted word: a field and its value, a function, or free text.
func (p *parser) wordClause(start diag.Pos) Node {
	w, ok := p.word()
	if !ok {
		p.fault(p.span(start), "the query ends with a backslash", "write the character that it stands before, or `\\\\` for a backslash")
		return nil
	}
	end := p.i
	switch r := p.peek(); {
	case r == ':':
		return p.fieldClause(start, w)
	case r == '(':
		return p.function(start, w)
	case p.i < len(p.src) && strings.ContainsRune(endsWord, r) && r != ')':
		p.badCharacter(p.here(), r)
		return nil
	}
	if text := p.src[start.Offset:end]; strings.HasPrefix(text, "@") {
		p.fault(p.span(start), "the attribute `"+text+"` has no value", "write `"+text+":value`; `"+text+":*` tests that it exists")
		return nil
	}
	return &Match{Value: w, Span: p.span(start)}
}

// fieldClause reads the value after "field:".
func (p *parser) fieldClause(start diag.Pos, w Word) Node {
	f, ok := p.field(start, w)
	p.next() // the colon
	p.blanks()
	if !ok {
		p.skipClause()
		return nil
	}
	if p.endOfItems() {
		p.fault(p.span(start), "the field `"+f.String()+"` has no value", "write a value behind the colon; `*` tests that the field exists")
		return nil
	}
	if f.Kind == FieldPlain && (f.Name == "_exists_" || f.Name == "_missing_") {
		return p.presence(start, f.Name == "_missing_")
	}
	if p.peek() == '(' {
		x := p.parens()
		if x == nil {
			return nil
		}
		return &Group{Field: f, X: x, Span: p.span(start)}
	}
	v, ok := p.value(start)
	if !ok {
		return nil
	}
	return &Match{Field: f, Value: v, Span: p.span(start)}
}

// field turns the word before a colon into a field.
func (p *parser) field(start diag.Pos, w Word) (Field, bool) {
	if w.IsStar() {
		return Field{Kind: FieldFullText}, true
	}
	name, ok := w.Literal()
	switch {
	case !ok:
		p.fault(p.span(start), "a field name has a wildcard", "write the whole field name")
		return Field{}, false
	case strings.HasPrefix(name, "#"):
		p.faults = append(p.faults, diag.New(diag.DatadogUnknown, p.span(start), "`"+name+"` is a calculated field, which the interpreter does not know",
			"test the attributes that it is made from"))
		return Field{}, false
	case strings.ContainsAny(name, "[]"):
		p.fault(p.span(start), "a field name has an index", "arrays are searched element by element without an index")
		return Field{}, false
	case name == "@":
		p.fault(p.span(start), "the attribute has no name", "write the name behind the @")
		return Field{}, false
	case strings.HasPrefix(name, "@"):
		return Field{Kind: FieldAttribute, Name: name[1:]}, true
	}
	return Field{Kind: FieldPlain, Name: name}, true
}

// presence reads the field name behind _exists_: or _missing_:.
func (p *parser) presence(start diag.Pos, missing bool) Node {
	at := p.here()
	w, ok := p.word()
	name, literal := w.Literal()
	if !ok || !literal || name == "" || name == "@" {
		p.skipClause()
		p.fault(p.span(at), "a field name is missing", "write the name of one field, such as @usr.id")
		return nil
	}
	if r := p.peek(); p.i < len(p.src) && strings.ContainsRune(endsWord, r) && r != ')' {
		p.badCharacter(p.here(), r)
		return nil
	}
	f := Field{Kind: FieldPlain, Name: name}
	if strings.HasPrefix(name, "@") {
		f = Field{Kind: FieldAttribute, Name: name[1:]}
	}
	return &Presence{Field: f, Missing: missing, Span: p.span(start)}
}
