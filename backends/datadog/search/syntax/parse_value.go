package syntax

import (
	"net/netip"
	"strings"

	"github.com/onerule/onerule/diag"
)

// value reads a value without parentheses; start is where its clause began.
func (p *parser) value(start diag.Pos) (Value, bool) {
	at := p.here()
	switch r := p.peek(); r {
	case '"':
		return p.phrase(at)
	case '[', '{':
		return p.rangeValue(at)
	case '<', '>':
		return p.compare(at)
	case '-', '+', '!', ':', '^', '~', '=', ')', ']', '}':
		p.next()
		fix := "write `\\" + string(r) + "`, or put the value in double quotes"
		if r == '-' {
			fix += "; to negate, put the - before the field"
		}
		p.fault(p.span(at), "a value begins with `"+string(r)+"`", fix)
		p.skipClause()
		return nil, false
	}
	w, ok := p.word()
	if !ok {
		p.fault(p.span(start), "the query ends with a backslash", "write the character that it stands before, or `\\\\` for a backslash")
		return nil, false
	}
	if r := p.peek(); p.i < len(p.src) && strings.ContainsRune(endsWord, r) && r != ')' {
		here := p.here()
		p.next()
		p.fault(p.span(here), "the character `"+string(r)+"` stands unescaped in a value", "write `\\"+string(r)+"`, or put the value in double quotes")
		p.skipClause()
		return nil, false
	}
	if len(w.Pieces) == 0 {
		p.next()
		p.fault(p.span(at), "a value is missing", "write a value")
		p.skipClause()
		return nil, false
	}
	return w, true
}

func (p *parser) phrase(at diag.Pos) (Value, bool) {
	p.next()
	raw, ok := p.quoted()
	if !ok {
		p.fault(p.span(at), "a quotation mark is not closed", "add the closing quotation mark")
		return nil, false
	}
	if !p.atEnd() {
		here := p.here()
		p.skipClause()
		p.fault(p.span(here), "text stands directly behind a quoted value",
			"wildcards do not work beside quotes: write the value without quotes, with a backslash before each blank and special character")
		return nil, false
	}
	return Phrase{Raw: raw}, true
}

func (p *parser) compare(at diag.Pos) (Value, bool) {
	op := CompareOp(p.next())
	if p.peek() == '=' {
		p.next()
		op += "="
	}
	w, ok := p.word()
	operand, literal := w.Literal()
	if !ok || !literal || operand == "" || !p.atEnd() {
		p.skipClause()
		p.fault(p.span(at), "the comparison `"+string(op)+"` has no number directly behind it", "write the number without blank and without quotes, as in >=5")
		return nil, false
	}
	return Compare{Op: op, Operand: operand}, true
}

func (p *parser) rangeValue(at diag.Pos) (Value, bool) {
	exclusive := p.next() == '{'
	p.blanks()
	low, ok := p.bound(at)
	if !ok {
		return nil, false
	}
	p.blanks()
	if !p.has("TO") {
		p.skipClause()
		p.fault(p.span(at), "a range has no `TO`", "write [low TO high]")
		return nil, false
	}
	p.i += len("TO")
	p.blanks()
	high, ok := p.bound(at)
	if !ok {
		return nil, false
	}
	p.blanks()
	closing := p.next()
	if closing != ']' && closing != '}' {
		p.fault(p.span(at), "a range is not closed", "write [low TO high]")
		p.skipClause()
		return nil, false
	}
	if exclusive != (closing == '}') {
		p.fault(p.span(at), "a range opens and closes with different brackets", "write [low TO high], or two comparisons joined by AND")
		return nil, false
	}
	if !p.atEnd() {
		here := p.here()
		p.skipClause()
		p.fault(p.span(here), "text stands directly behind a range", "write AND, OR or a blank between them")
		return nil, false
	}
	return Range{Low: low, High: high, Exclusive: exclusive}, true
}

func (p *parser) bound(at diag.Pos) (Bound, bool) {
	if p.peek() == '"' {
		p.next()
		raw, ok := p.quoted()
		if !ok {
			p.fault(p.span(at), "a quotation mark is not closed", "add the closing quotation mark")
		}
		return Bound{Quoted: true, Raw: raw}, ok
	}
	w, ok := p.word()
	if w.IsStar() {
		return Bound{Open: true}, true
	}
	text, literal := w.Literal()
	if !ok || !literal || text == "" {
		p.skipClause()
		p.fault(p.span(at), "an end of a range is no number, text or `*`", "write [low TO high]; `*` leaves an end open")
		return Bound{}, false
	}
	return Bound{Raw: text}, true
}

// function reads CIDR(@f, block, …); every other name before a parenthesis is unknown.
func (p *parser) function(start diag.Pos, w Word) Node {
	name, _ := w.Literal()
	if name != "CIDR" {
		p.faults = append(p.faults, unknownFunction(p.span(start), name))
		p.depth++ // the arguments are skipped, whatever they hold
		p.skipParens()
		p.depth--
		return nil
	}
	p.next()
	parts, ok := p.arguments(start)
	if !ok {
		return nil
	}
	field := strings.TrimSpace(parts[0])
	if len(field) < 2 || field[0] != '@' {
		p.fault(p.span(start), "the first argument of CIDR is no attribute", "write CIDR(@network.client.ip, 10.0.0.0/8)")
		return nil
	}
	c := &CIDR{Field: Field{Kind: FieldAttribute, Name: unescape(field[1:])}, Span: p.span(start)}
	for _, b := range parts[1:] {
		block := strings.Trim(strings.TrimSpace(b), `"`)
		if _, err := ParseBlock(block); err != nil {
			p.fault(p.span(start), "`"+block+"` is no address block", "write a block such as 10.0.0.0/8 or 2001:db8::/32")
			continue
		}
		c.Blocks = append(c.Blocks, block)
	}
	if len(parts) == 1 {
		p.fault(p.span(start), "CIDR has no address block", "write CIDR(@network.client.ip, 10.0.0.0/8)")
	}
	return c
}

func (p *parser) arguments(start diag.Pos) ([]string, bool) {
	end := strings.IndexByte(p.src[p.i:], ')')
	if end < 0 {
		p.i = len(p.src)
		p.fault(p.span(start), "a parenthesis is not closed", "add the closing one")
		return nil, false
	}
	parts := strings.Split(p.src[p.i:p.i+end], ",")
	p.i += end + 1
	return parts, true
}

func (p *parser) skipParens() {
	level := 0
	for p.i < len(p.src) {
		switch p.next() {
		case '\\':
			p.next()
		case '(':
			level++
		case ')':
			if level--; level == 0 {
				return
			}
		}
	}
}

func unknownFunction(span diag.Span, name string) diag.Diagnostic {
	d := diag.New(diag.DatadogUnknown, span, "log search has no function `"+name+"`")
	if strings.EqualFold(name, "cidr") || len(name) >= 3 && len(name) <= 6 && strings.HasPrefix(strings.ToUpper(name), "CI") {
		d.Help = append(d.Help, "the function CIDR exists, in capitals")
		return d
	}
	d.Help = append(d.Help, "the only function is CIDR; to search for the word, put a blank before the parenthesis")
	return d
}

// ParseBlock reads an address block. A bare address is a block of one address; host bits are cleared, and a block inside
// ::ffff:0:0/96 becomes its IPv4 form.
func ParseBlock(text string) (netip.Prefix, error) {
	pre, err := netip.ParsePrefix(text)
	if err != nil {
		addr, err2 := netip.ParseAddr(text)
		if err2 != nil || addr.Zone() != "" {
			return netip.Prefix{}, err
		}
		pre = netip.PrefixFrom(addr, addr.BitLen())
	}
	if a := pre.Addr(); a.Is4In6() && pre.Bits() >= 96 {
		pre = netip.PrefixFrom(a.Unmap(), pre.Bits()-96)
	}
	return pre.Masked(), nil
}
