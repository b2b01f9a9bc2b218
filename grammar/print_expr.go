package grammar

import "github.com/onerule/onerule/diag"

// breaks reports whether an expression takes several lines whatever its width: its author broke it at a place where a
// break is kept, it holds a comment, or a text of several lines.
func (p *printer) breaks(x Expr) bool {
	if b, ok := p.broken[x]; ok {
		return b
	}
	b := p.commentsIn(x.Pos()) || p.partBreaks(x)
	p.broken[x] = b
	return b
}

func (p *printer) partBreaks(x Expr) bool {
	switch x := x.(type) {
	case *Binary:
		return p.chainBreaks(x)
	case *Unary:
		return p.breaks(x.X)
	case *Compare:
		return p.breaks(x.X) || p.breaks(x.Y)
	case *Quant:
		return p.breaks(x.Body)
	case *Call:
		return p.anyBreaks(x.Args)
	case *List:
		return x.Span.Start.Line != x.Span.End.Line || p.anyBreaks(x.Items)
	case *Object:
		return x.Span.Start.Line != x.Span.End.Line || p.fieldsBreak(x.Fields)
	case *Paren:
		return p.breaks(x.X)
	case *String:
		return isBlockString(x)
	case *Keyword:
		return false
	case *Presence, *PathExpr, *VarRef, *Number, *Bool, *Null, *Duration:
		return false
	}
	return false
}

func (p *printer) anyBreaks(xs []Expr) bool {
	for _, x := range xs {
		if p.breaks(x) {
			return true
		}
	}
	return false
}

func (p *printer) fieldsBreak(fields []TestField) bool {
	for i := range fields {
		if p.breaks(fields[i].Value) {
			return true
		}
	}
	return false
}

// chainBreaks reports whether the author broke a chain at one of its operators, or a member takes several lines.
func (p *printer) chainBreaks(x *Binary) bool {
	members := chainOf(x)
	for i, m := range members {
		if p.breaks(m.x) {
			return true
		}
		if i == 0 || !isChain(x.Op) || !m.opSpan.IsValid() {
			continue
		}
		before, after := members[i-1].x.Pos(), m.x.Pos()
		if before.IsValid() && m.opSpan.Start.Line > before.End.Line || after.Start.Line > m.opSpan.End.Line {
			return true
		}
	}
	return false
}

// expr writes an expression; the lines that it is broken into start at level hang, the elements of brackets one level
// deeper than the line of the bracket.
func (p *printer) expr(x Expr, min, hang int) {
	if precOf(x) < min {
		p.expr(&Paren{X: x}, 0, hang)
		return
	}
	if !p.breaks(x) {
		f := &flat{max: p.room()}
		f.expr(x)
		if !f.full {
			p.write(string(f.b))
			return
		}
	}
	p.brokenExpr(x, hang)
}

// withReserve runs a part of the printing that n more columns follow.
func (p *printer) withReserve(n int, f func()) {
	outer := p.reserve
	p.reserve = n
	f()
	p.reserve = outer
}

func (p *printer) brokenExpr(x Expr, hang int) {
	switch x := x.(type) {
	case *Binary:
		p.chain(x, hang)
	case *Unary:
		p.write(x.Op)
		if x.Op == "not" {
			p.write(" ")
		}
		p.expr(x.X, precOf(x), hang)
	case *Compare:
		p.expr(x.X, precAdd, hang)
		p.write(compareOp(x))
		p.expr(x.Y, precAdd, hang)
	case *Quant:
		p.write(quantHead(x))
		p.expr(x.Body, bodyPrec(x.Body), hang)
	case *Call:
		p.write(x.Func.Text, "(")
		for i, a := range x.Args {
			if i > 0 {
				p.write(", ")
			}
			p.expr(a, 0, hang)
		}
		p.write(")")
	case *List:
		p.list(x)
	case *Object:
		p.fields(x.braces, x.Fields)
	case *Paren:
		p.paren(x)
	case *String:
		p.text(x)
	case *Presence, *Keyword, *PathExpr, *VarRef, *Number, *Bool, *Null, *Duration:
		p.write(oneLine(x))
	}
}

// text writes a string, of several lines if it has them.
func (p *printer) text(s *String) {
	if isBlockString(s) {
		literal, _ := blockString(s.Value, indentation(p.level+1))
		p.write(literal)
		return
	}
	if s.Raw != "" && decode(s.Raw) == s.Value {
		p.write(s.Raw)
		return
	}
	p.write(quote(s.Value))
}

// chain writes the members of a chain. `and` and `or` start a line each.
func (p *printer) chain(x *Binary, hang int) {
	members := chainOf(x)
	for i, m := range members {
		last := i == len(members)-1
		reserve := 0
		if last {
			reserve = p.reserve
		}
		switch {
		case i == 0:
		case !isChain(x.Op):
			p.write(" ", m.op, " ")
		default:
			p.trailing(members[i-1].x.Pos().End, limitOf(m.x.Pos()))
			p.commentLines(m.x.Pos(), hang)
			p.newline(hang)
			p.write(m.op, " ")
		}
		p.withReserve(reserve, func() { p.expr(m.x, m.min, hang+1) })
	}
}

// commentLines writes the comments before a place on lines of their own.
func (p *printer) commentLines(before diag.Span, level int) {
	if !before.IsValid() {
		return
	}
	p.commentsBefore(before.Start.Offset, level)
}

func (p *printer) commentsBefore(offset, level int) {
	for p.nextC < len(p.comments) && p.comments[p.nextC].Span.Start.Offset < offset {
		p.newline(level)
		p.write(p.comments[p.nextC].Text)
		p.nextC++
	}
}

// paren writes a parenthesis over several lines.
func (p *printer) paren(x *Paren) {
	base := p.level
	p.write("(")
	close := maxOffset
	if x.Span.IsValid() {
		close = x.Span.End.Offset - 1
		p.trailing(x.Span.Start, limitOf(x.X.Pos()))
	}
	p.commentLines(x.X.Pos(), base+1)
	p.newline(base + 1)
	p.withReserve(0, func() { p.expr(x.X, 0, base+1) })
	if x.Span.IsValid() {
		p.trailing(x.X.Pos().End, close)
		p.commentsBefore(close, base+1)
	}
	p.newline(base)
	p.write(")")
}

// list writes a list with each element on a line of its own.
func (p *printer) list(x *List) {
	places := make([]diag.Span, len(x.Items))
	for i, it := range x.Items {
		places[i] = it.Pos()
	}
	p.elements("[", "]", x.Span, places, func(i int) { p.expr(x.Items[i], 0, p.level+1) })
}

// fields writes the fields of an event or object, each on a line of its own.
func (p *printer) fields(b braces, fields []TestField) {
	places := make([]diag.Span, len(fields))
	for i := range fields {
		places[i] = fields[i].Span
	}
	p.elements("{", "}", b.span(), places, func(i int) {
		p.write(FormatPath(fields[i].Path.Segments), ": ")
		p.expr(fields[i].Value, 0, p.level+1)
	})
}

// elements writes what stands between brackets, one element on a line, each with a comma.
func (p *printer) elements(open, close string, span diag.Span, places []diag.Span, element func(i int)) {
	base := p.level
	p.write(open)
	end := maxOffset
	if span.IsValid() {
		end = span.End.Offset - 1
		first := end
		if len(places) > 0 {
			first = min(end, limitOf(places[0]))
		}
		p.trailing(span.Start, first)
	}
	for i, place := range places {
		p.commentLines(place, base+1)
		p.newline(base + 1)
		p.withReserve(1, func() { element(i) })
		p.level = base + 1
		p.write(",")
		limit := end
		if i+1 < len(places) {
			limit = min(end, limitOf(places[i+1]))
		}
		p.trailing(place.End, limit)
	}
	if span.IsValid() {
		p.commentsBefore(end, base+1)
	}
	p.newline(base)
	p.write(close)
}
