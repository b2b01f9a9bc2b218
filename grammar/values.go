package grammar

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/onerule/onerule/diag"
)

// valueForms says which literals a place takes beside texts, numbers, durations, booleans and lists.
type valueForms struct {
	words   bool // bare words, as in meta blocks
	null    bool
	objects bool // `{ … }` as an element of a list
	element bool // an element of a list
}

func parseValue(lex *lexer.PeekingLexer) (value, error) {
	p := newExprParser(lex)
	x := p.value(valueForms{})
	return x, p.result()
}

func parseTestValue(lex *lexer.PeekingLexer) (testValue, error) {
	p := newExprParser(lex)
	x := p.value(valueForms{null: true, objects: true})
	return x, p.result()
}

func parseMetaValue(lex *lexer.PeekingLexer) (metaValue, error) {
	p := newExprParser(lex)
	x := p.value(valueForms{words: true})
	return x, p.result()
}

// value reads a literal or a list of literals.
func (p *exprParser) value(forms valueForms) Expr {
	t := p.peek()
	switch t.Type {
	case kindString, kindNumber, kindDuration:
		return p.literal(p.next())
	case kindName, kindPath, kindKeyword:
		return p.wordValue(t, forms)
	case kindVar:
		p.next()
		p.report(fault(diag.SyntaxUnexpected, spanOf(t), "`"+t.Value+"` does not fit here", "expected a literal",
			"write the value itself: parameters stand in conditions"))
		return p.bad(spanOf(t))
	case kindPunct:
		switch {
		case t.Value == "[":
			item := forms
			item.element = true
			return p.list(func() Expr { return p.value(item) })
		case t.Value == "{" && forms.objects && forms.element:
			forms.element = false
			return p.object(forms)
		case t.Value == "{" && forms.objects:
			p.report(fault(diag.SyntaxTest, spanOf(t), "an object as the value of a field", "objects stand in lists only",
				"write the fields of the object with dots: `process.parent.name: \"cmd.exe\"`"))
			p.object(forms)
			return p.bad(spanOf(t))
		case t.Value == "-":
			p.next()
			n := p.peek()
			if n.Type != kindNumber {
				p.report(fault(diag.SyntaxUnexpected, spanOf(n), describe(n)+" does not fit here", "expected a number after `-`", "write a number"))
				p.skip()
				return p.bad(spanOf(t))
			}
			x := p.literal(p.next())
			return &Unary{At: p.from(spanOf(t)), Op: "-", X: x}
		}
	case lexer.EOF:
	}
	if t.Type == kindJunk {
		p.next()
		return p.bad(spanOf(t))
	}
	if t.EOF() {
		p.report(fault(diag.SyntaxMissing, spanOf(t), "a value is missing", "it belongs here", valueHelp(forms)))
		return p.bad(spanOf(t))
	}
	p.report(fault(diag.SyntaxUnexpected, spanOf(t), describe(t)+" does not fit here", "expected a value", valueHelp(forms)))
	p.skip()
	return p.bad(spanOf(t))
}

func valueHelp(forms valueForms) string {
	if forms.words {
		return "a value is a text in quotes, a number, a word, or a list of these in square brackets"
	}
	return "a value is a text in quotes, a number, a duration, `true`, `false`, or a list of these in square brackets"
}

// wordValue reads a value that is a word.
func (p *exprParser) wordValue(t lexer.Token, forms valueForms) Expr {
	low := t.Value
	if lc := strings.ToLower(t.Value); t.Type == kindName && isConstant(lc) {
		low = lc
		p.report(wordCase(t, low))
	}
	p.next()
	at := At{spanOf(t)}
	switch {
	case low == "true" || low == "false":
		return &Bool{At: at, Value: low == "true"}
	case low == "null" && forms.null:
		return &Null{at}
	case low == "null":
		p.report(fault(diag.SyntaxNull, at.Span, "`null` is not a value", "it makes a field missing in a test event only", valueHelp(forms)))
		return p.bad(at.Span)
	case forms.words:
		return &PathExpr{At: at, Path: &Path{At: at, Segments: pathSegments(t.Value)}}
	}
	p.report(fixed(fault(diag.SyntaxUnexpected, at.Span, "the text `"+clip(t.Value)+"` has no quotes", "expected a value",
		"write `\""+clip(t.Value)+"\"`"), at.Span, quote(t.Value)))
	return p.bad(at.Span)
}

// object reads `{ field: value, … }`, an element of an array of objects.
func (p *exprParser) object(forms valueForms) Expr {
	open := p.next()
	o := &Object{}
	for !p.stopped {
		t := p.peek()
		if t.EOF() || t.Type == kindPunct && t.Value == "}" {
			break
		}
		path, ok := p.fieldName()
		if !ok {
			p.report(fault(diag.SyntaxUnexpected, spanOf(t), describe(t)+" does not fit here", "expected a field", fieldHelp))
			p.skip()
		} else if c := p.peek(); !p.accept(":") {
			p.report(fault(diag.SyntaxUnexpected, spanOf(c), "`:` is missing after "+describe(t), "found "+describe(c), fieldHelp))
			p.skip()
		} else {
			v := p.value(forms)
			o.Fields = append(o.Fields, TestField{At: p.from(spanOf(t)), Path: path.Path, Value: v})
		}
		if !p.accept(",") {
			break
		}
	}
	p.closeWith("}", open, "object")
	o.At = p.from(spanOf(open))
	o.open = spanOf(open)
	o.close = diag.Span{File: o.Span.File, Start: before(o.Span.End), End: o.Span.End}
	return o
}

// before is the position of the one-byte sign that ends at p.
func before(p diag.Pos) diag.Pos {
	return diag.Pos{Offset: p.Offset - 1, Line: p.Line, Col: p.Col - 1}
}

// fieldHelp shows the fields of a test event.
const fieldHelp = "the fields of an event are written `process.name: \"net.exe\", process.args: [\"net\", \"user\"]`"
