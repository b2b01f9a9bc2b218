package syntax

import "strings"

// Print returns the canonical text of a query: on one line up to three stages, else a line for each, values quoted, every
// mix of AND and OR and of concatenation and arithmetic in parentheses.
func Print(q *Query) string {
	p := &printer{}
	p.query(q, true)
	return p.String()
}

// PrintExpr returns the canonical text of an eval expression.
func PrintExpr(x Expr) string {
	p := &printer{}
	p.expr(x)
	return p.String()
}

// PrintSearch returns the canonical text of a search expression.
func PrintSearch(x SearchExpr) string {
	p := &printer{}
	p.searchTop(x)
	return p.String()
}

// PrintLine returns the text of a query on one line, whatever its length.
func PrintLine(q *Query) string {
	p := &printer{oneLine: true}
	p.query(q, true)
	return p.String()
}

type printer struct {
	strings.Builder
	oneLine bool
}

// maxOneLine is the longest query in stages that is printed on one line.
const maxOneLine = 3

// query prints stages; top is false inside brackets, where the word `search` is not implied.
func (p *printer) query(q *Query, top bool) {
	for i, st := range q.Stages {
		s, isSearch := st.(*Search)
		switch {
		case i > 0 && top && !p.oneLine && len(q.Stages) > maxOneLine:
			p.WriteString("\n| ")
		case i > 0:
			p.WriteString(" | ")
		case isSearch && top:
			p.searchTop(s.Expr)
			continue
		case top:
			p.WriteString("| ")
		case generating(st):
			p.WriteString("| ")
		}
		p.stage(st)
	}
}

// generating reports whether a command makes rows of its own: in brackets it is written behind a pipe, as is a command that
// is not known, whose name would read as a word to look for.
func generating(st Stage) bool {
	if _, unknown := st.(*Raw); unknown {
		return true
	}
	switch st.Command() {
	case "tstats", "mstats", "inputlookup", "makeresults", "from", "union", "multisearch", "eventcount", "gentimes", "set", "datamodel":
		return true
	}
	return false
}

func (p *printer) searchTop(x SearchExpr) {
	and, ok := x.(*SearchAnd)
	if !ok {
		p.search(x, false)
		return
	}
	for i, t := range and.Terms {
		if i > 0 {
			p.WriteByte(' ')
		}
		p.search(t, true)
	}
}

// search prints an expression; inside says that it stands among others, so that AND and OR need parentheses.
func (p *printer) search(x SearchExpr, inside bool) {
	switch x := x.(type) {
	case *SearchAnd:
		p.joined(x.Terms, " AND ", inside)
	case *SearchOr:
		p.joined(x.Terms, " OR ", inside)
	case *SearchNot:
		p.WriteString("NOT ")
		p.search(x.X, true)
	case *Compare:
		p.WriteString(quoteName(x.Field))
		p.WriteString(x.Op)
		p.value(x.Value)
	case *In:
		p.WriteString(quoteName(x.Field))
		p.WriteString(" IN (")
		for i, v := range x.Values {
			if i > 0 {
				p.WriteString(", ")
			}
			p.value(v)
		}
		p.WriteByte(')')
	case *Keyword:
		p.keyword(x.Value)
	case *TimeTerm:
		p.WriteString(x.Name)
		p.WriteByte('=')
		p.value(Value{Text: x.Value})
	case *Subsearch:
		if x.Op != "" {
			p.WriteString(quoteName(x.Field) + x.Op)
		}
		p.brackets(x.Query)
	case *MacroTerm:
		p.macro(x.Macro)
	}
}

func (p *printer) joined(terms []SearchExpr, op string, paren bool) {
	if paren {
		p.WriteByte('(')
	}
	for i, t := range terms {
		if i > 0 {
			p.WriteString(op)
		}
		p.search(t, true)
	}
	if paren {
		p.WriteByte(')')
	}
}

func (p *printer) keyword(v Value) {
	if v.Wrap == "" && !v.Quoted && !bareKeyword(v.Text) {
		v.Quoted = true
	}
	p.value(v)
}

// bareKeyword reports whether a word can stand bare as a search term of its own.
func bareKeyword(text string) bool {
	switch text {
	case "AND", "OR", "NOT", "IN":
		return false
	}
	return bareValue(text) && !strings.ContainsAny(text, "=<>") && !strings.Contains(text, "::") &&
		!strings.HasPrefix(text, "search") && !reserved[strings.ToLower(text)]
}

// bareValue reports whether a value can be printed without quotes.
func bareValue(text string) bool {
	return text != "" && text[0] != '=' && !strings.ContainsAny(text, " \t\n\r\f\v|`[](),")
}

func (p *printer) value(v Value) {
	if v.Macro != nil {
		p.macro(v.Macro)
		return
	}
	body := escapeSearch(v.Text, v.LoneBackslash)
	if v.Quoted || !bareValue(v.Text) {
		body = `"` + body + `"`
	}
	if v.Wrap != "" {
		body = v.Wrap + "(" + body + ")"
	}
	p.WriteString(body)
}

func (p *printer) macro(m *Macro) {
	p.WriteByte('`')
	p.WriteString(m.Name)
	if len(m.Args) > 0 {
		p.WriteByte('(')
		p.WriteString(strings.Join(m.Args, ", "))
		p.WriteByte(')')
	}
	p.WriteByte('`')
}

func (p *printer) brackets(q *Query) {
	p.WriteByte('[')
	p.query(q, false)
	p.WriteByte(']')
}

// expr prints an eval expression without parentheses around the whole.
func (p *printer) expr(x Expr) {
	switch x := x.(type) {
	case *Num:
		p.WriteString(x.Text)
	case *Str:
		p.WriteByte('"')
		if x.Body != "" {
			p.WriteString(x.Body)
		} else {
			p.WriteString(escapeEval(x.Value))
		}
		p.WriteByte('"')
	case *Field:
		p.WriteString(quoteField(x.Name))
	case *Call:
		p.WriteString(x.Name)
		p.list(x.Args)
	case *Unary:
		p.WriteString(x.Op)
		if x.Op == "NOT" {
			p.WriteByte(' ')
		}
		p.operand(x.X, x.Op == "NOT" && comparison(x.X))
	case *Binary:
		p.binary(x)
	case *Logic:
		for i, t := range x.Terms {
			if i > 0 {
				p.WriteString(" " + x.Op + " ")
			}
			p.operand(t, notOrComparison(t))
		}
	case *InList:
		p.operand(x.X, arithmetic(x.X))
		p.WriteString(" IN ")
		p.list(x.List)
	case *MacroExpr:
		p.macro(x.Macro)
	case *SubExpr:
		p.brackets(x.Query)
	}
}

func (p *printer) list(xs []Expr) {
	p.WriteByte('(')
	for i, x := range xs {
		if i > 0 {
			p.WriteString(", ")
		}
		p.expr(x)
	}
	p.WriteByte(')')
}

// operand prints x, in parentheses unless it is simple or bare says that its place needs none.
func (p *printer) operand(x Expr, bare bool) {
	if bare || simple(x) {
		p.expr(x)
		return
	}
	p.WriteByte('(')
	p.expr(x)
	p.WriteByte(')')
}

func simple(x Expr) bool {
	switch x := x.(type) {
	case *Num, *Str, *Field, *Call, *MacroExpr, *SubExpr:
		return true
	case *Unary:
		_, number := x.X.(*Num)
		return number && x.Op == "-"
	case *Binary, *Logic, *InList:
	}
	return false
}

func comparison(x Expr) bool {
	switch x := x.(type) {
	case *InList:
		return true
	case *Binary:
		return !isArithmetic(x.Op)
	case *Num, *Str, *Field, *Call, *Unary, *Logic, *MacroExpr, *SubExpr:
	}
	return false
}

func notOrComparison(x Expr) bool {
	u, ok := x.(*Unary)
	return ok && u.Op == "NOT" || comparison(x)
}

func arithmetic(x Expr) bool {
	b, ok := x.(*Binary)
	return ok && isArithmetic(b.Op)
}

func isArithmetic(op string) bool { return len(op) == 1 && strings.Contains(".+-*/%", op) }

// level ranks the arithmetic operators for printing; concatenation never mixes with others without parentheses.
func level(op string) int {
	switch op {
	case ".":
		return 1
	case "+", "-":
		return 2
	case "*", "/", "%":
		return 3
	}
	return 0
}

func (p *printer) binary(x *Binary) {
	if !isArithmetic(x.Op) {
		p.operand(x.L, arithmetic(x.L))
		if x.Op == "LIKE" {
			p.WriteString(" LIKE ")
		} else {
			p.WriteString(x.Op)
		}
		p.operand(x.R, arithmetic(x.R))
		return
	}
	l, r := x.L, x.R
	p.operand(l, p.bareOperand(l, level(x.Op), true))
	if x.Op == "." {
		p.WriteString(" . ")
	} else {
		p.WriteString(x.Op)
	}
	p.operand(r, p.bareOperand(r, level(x.Op), false))
}

// bareOperand reports whether an operand of an operator of the given level needs no parentheses.
func (p *printer) bareOperand(x Expr, lv int, left bool) bool {
	b, ok := x.(*Binary)
	if !ok || !isArithmetic(b.Op) {
		return false
	}
	in := level(b.Op)
	if in == 1 || lv == 1 {
		return left && in == lv
	}
	return in > lv || left && in == lv
}
