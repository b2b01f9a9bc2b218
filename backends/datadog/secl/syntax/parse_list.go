package syntax

import "strings"

// array reads what may stand behind in.
func (p *parser) array() Expr {
	t := p.cur()
	switch {
	case t.kind == address && strings.Contains(t.text, "/"), t.kind == variable, t.kind == fieldRef,
		t.kind == ident && t.text != "in" && t.text != "not" && t.text != "and" && t.text != "or":
		return p.primary()
	case p.is("["):
		return p.list()
	case t.kind == end:
		p.unexpected()
	default:
		p.fail(t.span, "no list stands behind the operator", "write [value, value], a block such as 10.0.0.0/8, a macro or a list field")
	}
	return nil
}

func (p *parser) list() Expr {
	open := p.next()
	l := &List{}
	for p.failed == nil {
		t := p.cur()
		if group(t.kind) == 0 {
			title, help := "a value is missing in the list", "write texts, numbers, addresses or names, with commas between them"
			if p.is("]") && len(l.Items) == 0 {
				title, help = "the list is empty", "write at least one value"
			}
			p.fail(open.span.Join(t.span), title, help)
			return nil
		}
		if len(l.Items) > 0 && groupOf(l.Items[0]) != group(t.kind) {
			p.fail(t.span, "the list mixes kinds of values", "a list holds texts (with patterns and regular expressions), or numbers, or addresses, or names")
			return nil
		}
		l.Items = append(l.Items, p.primary())
		if p.failed != nil {
			return nil
		}
		switch t := p.next(); {
		case t.kind == sign && t.text == "]":
			l.Span = open.span.Join(t.span)
			return l
		case t.kind == sign && t.text == ",":
		default:
			p.i = min(p.i, len(p.tokens)-1)
			p.fail(open.span, "the list is not closed", "write a comma between values and ] at the end")
		}
	}
	return nil
}

// group numbers the kinds of value that a list may not mix; 0 cannot stand in a list.
func group(k kind) int {
	switch k {
	case text, pattern, regex:
		return 1
	case number:
		return 2
	case address:
		return 3
	case ident:
		return 4
	case end, duration, variable, fieldRef, sign:
		return 0
	}
	return 0
}

func groupOf(x Expr) int {
	switch x.(type) {
	case *String, *Pattern, *Regexp:
		return 1
	case *Number:
		return 2
	case *Address:
		return 3
	case *Ident:
		return 4
	case *Arith, *Bits, *Compare, *Duration, *FieldRef, *List, *Logic, *Member, *Unary, *Variable:
	}
	return 0
}
