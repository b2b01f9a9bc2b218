package syntax

import "strings"

// list writes expressions with commas.
func (w *writer) list(xs []Expr, min int) {
	for i, x := range xs {
		w.comma(i)
		w.expr(x, min)
	}
}

// prec is how strongly an expression binds as a whole.
func prec(x Expr) int {
	switch x := x.(type) {
	case *Binary:
		return binaryPrec[x.Op]
	case *Unary:
		if x.Op == Not {
			return precNot
		}
		return precSign
	case *In, *IsNull, *Like, *RLike, *Match:
		return precCompare
	case *Cast:
		return precCast
	case *Num:
		if strings.HasPrefix(x.Text, "-") {
			return precSign
		}
		return precAtom
	case *Null, *Bool, *Str, *TimeSpan, *List, *Column, *Glob, *Regex, *Call:
		return precAtom
	}
	return precAtom
}

// expr writes an expression, in parentheses when it binds weaker than its place needs.
func (w *writer) expr(x Expr, min int) {
	if prec(x) < min {
		w.add("(")
		w.bare(x)
		w.add(")")
		return
	}
	w.bare(x)
}

// bare is the one dispatch over expressions.
func (w *writer) bare(x Expr) {
	switch x := x.(type) {
	case *Null:
		w.add("NULL")
	case *Bool:
		if x.Value {
			w.add("TRUE")
		} else {
			w.add("FALSE")
		}
	case *Num:
		w.add(x.Text)
	case *Str:
		w.add(Quote(x.Value))
	case *Glob:
		w.add(Quote(x.Text))
	case *Regex:
		w.add(Quote(x.Text))
	case *TimeSpan:
		w.add(x.Count, " ", x.Unit)
	case *List:
		w.add("[")
		w.list(x.Items, precOr)
		w.add("]")
	case *Column:
		w.add(QuoteName(x.Name))
	case *Unary:
		w.unary(x)
	case *Binary:
		w.binary(x)
	case *In:
		w.expr(x.X, precAdd)
		w.add(notWord(x.Not), " IN (")
		w.list(x.Items, precAdd)
		w.add(")")
	case *IsNull:
		w.expr(x.X, precAdd)
		w.add(" IS", notWord(x.Not), " NULL")
	case *Like:
		w.expr(x.X, precAdd)
		w.add(notWord(x.Not), " LIKE ")
		w.likePatterns(x.Patterns)
	case *RLike:
		w.expr(x.X, precAdd)
		w.add(notWord(x.Not), " RLIKE ")
		w.likePatterns(x.Patterns)
	case *Match:
		w.match(x)
	case *Call:
		w.call(x)
	case *Cast:
		w.expr(x.X, precCast)
		w.add("::", x.Type)
	}
}

func notWord(not bool) string {
	if not {
		return " NOT"
	}
	return ""
}

// unary keeps a minus apart from a following minus or number, which would otherwise be read as one number.
func (w *writer) unary(x *Unary) {
	if x.Op == Not {
		w.add("NOT ")
		w.expr(x.X, precNot)
		return
	}
	w.add("-")
	if n, ok := x.X.(*Num); ok && !strings.HasPrefix(n.Text, "-") {
		w.add("(", n.Text, ")")
		return
	}
	w.expr(x.X, precSign)
}

// binary: operators of one level associate to the left; comparisons do not associate.
func (w *writer) binary(x *Binary) {
	p := binaryPrec[x.Op]
	left := p
	if p == precCompare {
		left = precAdd
	}
	w.expr(x.X, left)
	w.add(" ", x.Op.String(), " ")
	w.expr(x.Y, p+1)
}

func (w *writer) likePatterns(ps []Expr) {
	if len(ps) == 1 {
		w.expr(ps[0], precAtom)
		return
	}
	w.add("(")
	w.list(ps, precAdd)
	w.add(")")
}

func (w *writer) match(x *Match) {
	w.add(QuoteName(x.Field.Name))
	if x.Type != "" {
		w.add("::", x.Type)
	}
	w.add(" : ")
	w.expr(x.Query, precOr)
}

func (w *writer) call(x *Call) {
	w.add(quoteCall(x.Name), "(")
	if x.Star {
		w.add("*")
	}
	w.list(x.Args, precOr)
	if x.Options != nil {
		w.add(", {")
		for i, o := range x.Options {
			w.comma(i)
			w.add(Quote(o.Key), ": ")
			w.expr(o.Value, precOr)
		}
		w.add("}")
	}
	w.add(")")
}
