package syntax

import (
	"strings"
)

// typedLit reads the literal of a typed token such as datetime(2024-01-01).
func (p *parser) typedLit(t token) Expr {
	loc := p.from(t)
	text := strings.TrimSpace(t.text)
	if len(text) >= 2 && (text[0] == '"' || text[0] == '\'') && text[len(text)-1] == text[0] {
		text = strings.TrimSpace(text[1 : len(text)-1])
	}
	if strings.EqualFold(text, "null") {
		return &NullLit{Loc: loc, Type: t.typ}
	}
	switch t.typ {
	case TypeBool:
		switch strings.ToLower(text) {
		case "true":
			return &BoolLit{Loc: loc, Value: true}
		case "false":
			return &BoolLit{Loc: loc, Value: false}
		}
		if n, ok := ParseInteger(text); ok {
			return &BoolLit{Loc: loc, Value: n != 0}
		}
	case TypeInt:
		if n, ok := ParseInteger(text); ok && n == int64(int32(n)) {
			return &IntLit{Loc: loc, Value: int32(n)}
		}
	case TypeLong:
		if n, ok := ParseInteger(text); ok {
			return &LongLit{Loc: loc, Value: n}
		}
	case TypeReal:
		if f, ok := ParseReal(text); ok {
			return &RealLit{Loc: loc, Value: f}
		}
	case TypeDecimal:
		if isPlainNumber(text) {
			return &DecimalLit{Loc: loc, Text: text}
		}
	case TypeDatetime:
		if text == "" {
			return &Call{Loc: loc, Name: "now"}
		}
		if ticks, ok := ParseDatetime(text); ok {
			return &DatetimeLit{Loc: loc, Ticks: ticks}
		}
	case TypeTimespan:
		if ticks, ok := ParseTimespan(text); ok {
			return &TimespanLit{Loc: loc, Ticks: ticks}
		}
	case TypeGUID:
		if g, ok := ParseGUID(text); ok {
			return &GUIDLit{Loc: loc, Value: g}
		}
	case NoType, TypeString, TypeDynamic:
	}
	p.report(t, "`"+text+"` is not a "+t.typ.String(), literalHelp[t.typ])
	return &NullLit{Loc: loc, Type: t.typ}
}

var literalHelp = map[Type]string{
	TypeBool:     "write true or false",
	TypeInt:      "ints are 32-bit whole numbers; to convert a value use toint(…)",
	TypeLong:     "longs are 64-bit whole numbers; to convert a value use tolong(…)",
	TypeReal:     "to convert a value use toreal(…)",
	TypeDecimal:  "to convert a value use todecimal(…)",
	TypeDatetime: "write datetime(2024-01-31T10:00:00Z); to convert a value use todatetime(…)",
	TypeTimespan: "write time(1.02:03:04) or 5m; to convert a value use totimespan(…)",
	TypeGUID:     "write guid(01234567-89ab-cdef-0123-456789abcdef); to convert a value use toguid(…)",
}

func (p *parser) dynamicLit() Expr {
	t := p.advance()
	p.expect("(", "after dynamic")
	v := p.jsonValue()
	p.expect(")", "after the value of dynamic")
	return &DynamicLit{Loc: p.from(t), Value: v}
}

// jsonValue reads the value of dynamic(…): JSON, in which other Kusto literals may stand.
func (p *parser) jsonValue() Expr {
	t := p.tok()
	switch {
	case t.kind == tokString:
		return p.stringLit()
	case t.is("-") || t.is("+"):
		p.advance()
		if x := p.signed(t); x != nil {
			return x
		}
	case t.kind == tokLong || t.kind == tokReal || t.kind == tokTimespan:
		p.advance()
		return p.number(t, p.from(t))
	case t.kind == tokTyped:
		p.advance()
		return p.typedLit(t)
	case t.is("["):
		return p.jsonArray()
	case t.is("{"):
		return p.jsonBag()
	case t.kind == tokName:
		if b, ok := boolWords[t.text]; ok {
			p.advance()
			return &BoolLit{Loc: p.from(t), Value: b}
		}
		if t.text == "null" {
			p.advance()
			return &NullLit{Loc: p.from(t), Type: TypeDynamic}
		}
		if t.text == "dynamic" && p.peek(1).is("(") {
			return p.dynamicLit().(*DynamicLit).Value
		}
	}
	p.fail(p.tok(), "expected a literal inside dynamic(…), found "+p.tok().describe(), "use pack_array(…) or bag_pack(…) for computed values")
	return nil
}

func (p *parser) jsonArray() Expr {
	t := p.advance()
	a := &ArrayLit{}
	for !p.is("]") {
		a.Elems = append(a.Elems, p.jsonValue())
		if !p.accept(",") {
			break
		}
	}
	p.expect("]", "after the elements")
	a.Loc = p.from(t)
	return a
}

func (p *parser) jsonBag() Expr {
	t := p.advance()
	b := &BagLit{}
	for !p.is("}") {
		k := p.tok()
		if k.kind != tokString {
			p.fail(k, "expected a key in quotes, found "+k.describe())
		}
		key := p.stringLit().(*StringLit).Value
		p.expect(":", "after a key")
		b.Keys = append(b.Keys, key)
		b.Values = append(b.Values, p.jsonValue())
		if !p.accept(",") {
			break
		}
	}
	p.expect("}", "after the properties")
	b.Loc = p.from(t)
	return b
}

// typeofLit reads typeof(string), typeof(a:long, b:string), typeof(*, a:long).
func (p *parser) typeofLit() Expr {
	t := p.advance()
	p.expect("(", "after typeof")
	x := &TypeofLit{}
	if p.tok().kind == tokName && !p.peek(1).is(":") {
		x.Type = p.typeName()
	} else {
		x.Star, x.Columns = p.rowSchema()
	}
	p.expect(")", "after the type")
	x.Loc = p.from(t)
	return x
}

// rowSchema reads *, a:long, b:string up to the closing parenthesis.
func (p *parser) rowSchema() (star bool, cols []Column) {
	for !p.is(")") {
		if p.accept("*") {
			star = true
		} else {
			cols = append(cols, p.column(false))
		}
		if !p.accept(",") {
			break
		}
	}
	return star, cols
}

func (p *parser) datatable() Expr {
	t := p.advance()
	p.params()
	d := &Datatable{Columns: p.columns(false)}
	p.expect("[", "before the values of datatable")
	for !p.is("]") {
		d.Values = append(d.Values, p.datatableValue())
		if !p.accept(",") {
			break
		}
	}
	p.expect("]", "after the values of datatable")
	d.Loc = p.from(t)
	if n := len(d.Columns); n > 0 && len(d.Values)%n != 0 {
		p.report(t, "the datatable's values do not fill its rows", "each row has one value per column")
	}
	return d
}

// datatableValue reads a literal; a sign is part of it.
func (p *parser) datatableValue() Expr {
	t := p.tok()
	x := p.unary()
	switch x.(type) {
	case *BoolLit, *IntLit, *LongLit, *RealLit, *DecimalLit, *StringLit, *DatetimeLit, *TimespanLit, *GUIDLit, *NullLit, *DynamicLit:
	case *ArrayLit, *BagLit, *Between, *Binary, *Call, *Datatable, *ExternalData, *Index, *Lambda, *List, *Name, *Path, *Pipeline, *Star, *TypeofLit,
		*Unary, *Wildcard:
		if c, ok := x.(*Call); !ok || c.Name != "now" {
			p.report(t, "a datatable holds literals only", "compute with extend after the datatable")
		}
	}
	return x
}

func (p *parser) externalData() Expr {
	t := p.advance()
	e := &ExternalData{Columns: p.columns(false)}
	p.expect("[", "before the addresses of externaldata")
	for !p.is("]") {
		e.URIs = append(e.URIs, p.expr())
		if !p.accept(",") {
			break
		}
	}
	p.expect("]", "after the addresses of externaldata")
	if p.is("with") && p.peek(1).is("(") {
		p.advance()
		e.Props = p.props()
	}
	e.Loc = p.from(t)
	return e
}
