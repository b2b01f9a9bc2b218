package syntax

import (
	"math"
	"strconv"
	"strings"
)

// prec is how tightly an expression holds together as text.
func prec(x Expr) int {
	switch x := x.(type) {
	case *Binary:
		return opRows[x.Op].prec
	case *List, *Between:
		return precEquality
	case *Unary:
		return precUnary
	case *LongLit:
		if x.Value < 0 {
			return precUnary
		}
	case *RealLit:
		if x.Value < 0 || x.Value == 0 && math.Signbit(x.Value) {
			return precUnary
		}
	case *TimespanLit:
		if x.Ticks < 0 {
			return precUnary
		}
	case *Pipeline:
		return precLowest
	case *ArrayLit, *BagLit, *BoolLit, *Call, *Datatable, *DatetimeLit, *DecimalLit, *DynamicLit, *ExternalData, *GUIDLit, *Index, *IntLit, *Lambda,
		*Name, *NullLit, *Path, *Star, *StringLit, *TypeofLit, *Wildcard:
	}
	return precPostfix
}

// expr writes an expression, in parentheses when it is looser than min.
func (p *printer) expr(x Expr, min int) {
	if p.over {
		return
	}
	if _, ok := x.(*Pipeline); ok {
		if min == precLowest {
			p.tabular(x)
			return
		}
		p.block(x)
		return
	}
	if prec(x) < min {
		p.write("(")
		p.bare(x)
		p.write(")")
		return
	}
	p.bare(x)
}

func (p *printer) bare(x Expr) {
	switch x := x.(type) {
	case *Name:
		p.write(QuoteName(x.Name))
	case *Wildcard:
		p.write(x.Pattern)
	case *Star:
		p.write("*")
	case *BoolLit, *IntLit, *LongLit, *RealLit, *DecimalLit, *StringLit, *DatetimeLit, *TimespanLit, *GUIDLit, *NullLit:
		p.write(literalText(x))
	case *DynamicLit:
		p.write("dynamic(")
		p.json(x.Value)
		p.write(")")
	case *ArrayLit, *BagLit: // only inside dynamic; a stray one is made whole
		p.write("dynamic(")
		p.json(x)
		p.write(")")
	case *TypeofLit:
		p.typeof(x)
	case *Unary:
		p.unary(x)
	case *Binary:
		p.binary(x)
	case *List:
		p.list(x)
	case *Between:
		p.between(x)
	case *Call:
		p.call(x)
	case *Path:
		p.path(x)
	case *Index:
		p.expr(x.X, precPostfix)
		p.write("[")
		p.index(x.I)
		p.write("]")
	case *Datatable:
		p.datatable(x)
	case *ExternalData:
		p.externalData(x)
	case *Lambda:
		p.lambda(x)
	case *Pipeline:
		p.block(x)
	}
}

// literalText writes a scalar literal.
func literalText(x Expr) string {
	switch x := x.(type) {
	case *BoolLit:
		return strconv.FormatBool(x.Value)
	case *IntLit:
		return "int(" + strconv.Itoa(int(x.Value)) + ")"
	case *LongLit:
		return strconv.FormatInt(x.Value, 10)
	case *RealLit:
		return realText(x.Value)
	case *DecimalLit:
		return "decimal(" + x.Text + ")"
	case *StringLit:
		if x.Hidden {
			return "h" + QuoteString(x.Value)
		}
		return QuoteString(x.Value)
	case *DatetimeLit:
		return "datetime(" + datetimeText(x.Ticks) + ")"
	case *TimespanLit:
		return timespanText(x.Ticks)
	case *GUIDLit:
		return "guid(" + x.Value + ")"
	case *NullLit:
		return x.Type.String() + "(null)"
	case *ArrayLit, *BagLit, *Between, *Binary, *Call, *Datatable, *DynamicLit, *ExternalData, *Index, *Lambda, *List, *Name, *Path, *Pipeline,
		*Star, *TypeofLit, *Unary, *Wildcard:
	}
	return ""
}

func realText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "real(nan)"
	case math.IsInf(f, 1):
		return "real(+inf)"
	case math.IsInf(f, -1):
		return "real(-inf)"
	}
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// json writes the value of dynamic(…).
func (p *printer) json(x Expr) {
	switch x := x.(type) {
	case *ArrayLit:
		p.write("[")
		for i, e := range x.Elems {
			if i > 0 {
				p.write(", ")
			}
			p.json(e)
		}
		p.write("]")
	case *BagLit:
		p.write("{")
		for i, k := range x.Keys {
			if i > 0 {
				p.write(", ")
			}
			p.write(QuoteJSONKey(k) + ": ")
			p.json(x.Values[i])
		}
		p.write("}")
	case *DynamicLit:
		p.json(x.Value)
	case *NullLit:
		if x.Type == TypeDynamic {
			p.write("null")
			return
		}
		p.write(literalText(x))
	case *TimespanLit:
		if x.Ticks < 0 { // a sign may stand before numbers only
			p.write("time(" + timespanText(x.Ticks) + ")")
			return
		}
		p.write(literalText(x))
	case *Between, *Binary, *BoolLit, *Call, *Datatable, *DatetimeLit, *DecimalLit, *ExternalData, *GUIDLit, *Index, *IntLit, *Lambda, *List,
		*LongLit, *Name, *Path, *Pipeline, *RealLit, *Star, *StringLit, *TypeofLit, *Unary, *Wildcard:
		p.write(literalText(x))
	}
}

// QuoteJSONKey writes a key of a bag; it is a string literal like any other.
func QuoteJSONKey(k string) string { return QuoteString(k) }

func (p *printer) typeof(x *TypeofLit) {
	p.write("typeof(")
	switch {
	case x.Type != NoType:
		p.write(x.Type.String())
	default:
		p.rowSchema(x.Star, x.Columns)
	}
	p.write(")")
}

func (p *printer) rowSchema(star bool, cols []Column) {
	if star {
		p.write("*")
		if len(cols) > 0 {
			p.write(", ")
		}
	}
	p.columnList(cols)
}

func (p *printer) unary(x *Unary) {
	if x.Minus {
		p.write("-")
	} else {
		p.write("+")
	}
	if leadsWithNumber(x.X) { // a sign before a number would become part of it
		p.write("(")
		p.bare(x.X)
		p.write(")")
		return
	}
	p.expr(x.X, precPostfix)
}

// leadsWithNumber reports whether the text of an expression that holds tightly begins with a number.
func leadsWithNumber(x Expr) bool {
	for {
		switch y := x.(type) {
		case *LongLit, *RealLit, *TimespanLit:
			return true
		case *Path:
			x = y.X
		case *Index:
			x = y.X
		case *Call:
			if y.On == nil {
				return false
			}
			x = y.On
		case nil, *ArrayLit, *BagLit, *Between, *Binary, *BoolLit, *Datatable, *DatetimeLit, *DecimalLit, *DynamicLit, *ExternalData, *GUIDLit, *IntLit,
			*Lambda, *List, *Name, *NullLit, *Pipeline, *Star, *StringLit, *TypeofLit, *Unary, *Wildcard:
			return false
		}
	}
}

func (p *printer) binary(x *Binary) {
	pr := opRows[x.Op].prec
	left := pr + 1
	if chains(pr) {
		left = pr
	}
	p.expr(x.L, left)
	if x.Op == Colon {
		p.write(":")
	} else {
		p.write(" " + x.Op.String() + " ")
	}
	if s, ok := x.R.(*StringLit); ok && x.Op == MatchesRegex && !s.Hidden {
		p.write(QuoteRegex(s.Value))
		return
	}
	p.expr(x.R, pr+1)
}

func (p *printer) list(x *List) {
	p.expr(x.X, precEquality+1)
	p.write(" " + x.Op.String() + " (")
	p.exprs(x.Items)
	p.write(")")
}

func (p *printer) between(x *Between) {
	p.expr(x.X, precEquality+1)
	if x.Not {
		p.write(" !between (")
	} else {
		p.write(" between (")
	}
	p.expr(x.Lo, precOr)
	p.write(" .. ")
	p.expr(x.Hi, precOr)
	p.write(")")
}

// regexArgs gives the argument that holds a regular expression, by function.
var regexArgs = map[string]int{
	"extract": 0, "extract_all": 0, "extractall": 0, "replace_regex": 1, "replace": 0,
	"trim": 0, "trim_start": 0, "trim_end": 0, "indexof_regex": 1,
}

func (p *printer) call(x *Call) {
	if x.On != nil {
		p.expr(x.On, precPostfix)
		p.write(".")
	}
	if isWord(x.Name) && !boolWord(x.Name) && !notOperands[x.Name] {
		p.write(x.Name)
	} else {
		p.write("[" + escaped(x.Name, '\'') + "]")
	}
	p.write("(")
	re, hasRegex := regexArgs[x.Name]
	for i, a := range x.Args {
		if i > 0 {
			p.write(", ")
		}
		if len(a.Names) == 1 {
			p.write(QuoteName(a.Names[0]) + " = ")
		}
		if s, ok := a.Expr.(*StringLit); ok && hasRegex && i == re && !s.Hidden {
			p.write(QuoteRegex(s.Value))
			continue
		}
		p.argument(a.Expr, len(x.Args) == 1)
	}
	p.write(")")
}

func boolWord(s string) bool { _, ok := boolWords[s]; return ok }

// argument writes an argument; a sole pipeline, as in materialize(T | …), needs no parentheses of its own.
func (p *printer) argument(x Expr, sole bool) {
	pipe, ok := x.(*Pipeline)
	if !ok || !sole {
		p.expr(x, precOr)
		return
	}
	if p.flat {
		p.pipeline(pipe)
		return
	}
	if p.try(inlineWidth, func(t *printer) { t.pipeline(pipe) }) {
		return
	}
	p.indent++
	p.newline()
	p.pipeline(pipe)
	p.indent--
	p.newline()
}

func (p *printer) path(x *Path) {
	p.expr(x.X, precPostfix)
	if isBareName(x.Name) && !strings.HasPrefix(x.Name, "$") {
		p.write("." + x.Name)
		return
	}
	p.write("[" + QuoteString(x.Name) + "]")
}

// index writes an index; anything but a constant, a name or a call is parenthesised, as the vendor's page asks
// (scalar-data-types/dynamic).
func (p *printer) index(x Expr) {
	switch x.(type) {
	case *Name, *Call, *LongLit, *StringLit, *Path:
		p.expr(x, precOr)
		return
	case *ArrayLit, *BagLit, *Between, *Binary, *BoolLit, *Datatable, *DatetimeLit, *DecimalLit, *DynamicLit, *ExternalData, *GUIDLit, *Index,
		*IntLit, *Lambda, *List, *NullLit, *Pipeline, *RealLit, *Star, *TimespanLit, *TypeofLit, *Unary, *Wildcard:
	}
	p.write("(")
	p.expr(x, precOr)
	p.write(")")
}

func (p *printer) datatable(x *Datatable) {
	p.write("datatable")
	p.columns(x.Columns)
	p.write(" [")
	n := len(x.Columns)
	multi := !p.flat && len(x.Values) > n
	if multi {
		p.indent++
	}
	for i, v := range x.Values {
		switch {
		case i > 0 && multi && i%n == 0:
			p.write(",")
			p.newline()
		case i > 0:
			p.write(", ")
		case multi:
			p.newline()
		}
		p.expr(v, precUnary)
	}
	if multi {
		p.indent--
		p.newline()
	}
	p.write("]")
}

func (p *printer) externalData(x *ExternalData) {
	p.write("externaldata")
	p.columns(x.Columns)
	p.write(" [")
	p.exprs(x.URIs)
	p.write("]")
	if len(x.Props) > 0 {
		p.write(" with ")
		p.props(x.Props)
	}
}

func (p *printer) lambda(x *Lambda) {
	if x.View {
		p.write("view ")
	}
	p.write("(")
	for i, a := range x.Params {
		if i > 0 {
			p.write(", ")
		}
		p.write(QuoteName(a.Name) + ":")
		switch {
		case a.AnyCols:
			p.write("(*)")
		case a.Type == NoType:
			p.columns(a.Columns)
		default:
			p.write(a.Type.String())
			if a.Default != nil {
				p.write(" = ")
				p.expr(a.Default, precUnary)
			}
		}
	}
	p.write(") ")
	p.braces(x.Body)
}
