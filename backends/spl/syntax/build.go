package syntax

import (
	"strconv"
	"strings"
)

// The functions of this file build trees by hand, as a lowering does. They take Go values; the printer quotes and escapes.

// Pipeline returns a query of the given stages.
func Pipeline(stages ...Stage) *Query { return &Query{Stages: stages} }

// Eq is `field="value"`: string equality that ignores case, `*` in value being a wildcard. Use [Searchable] to learn
// whether the search command can say what is meant.
func Eq(field, value string) *Compare { return Cmp(field, "=", value) }

// Cmp is `field op "value"`; op is one of = != < <= > >=.
func Cmp(field, op, value string) *Compare {
	return &Compare{Field: field, Op: op, Value: Value{Text: value, Quoted: true}}
}

// Exists is `field=*`.
func Exists(field string) *Compare {
	return &Compare{Field: field, Op: "=", Value: Value{Text: "*"}}
}

// OneOf is `field IN ("a", "b")`; one value gives `field="a"`.
func OneOf(field string, values ...string) SearchExpr {
	if len(values) == 1 {
		return Eq(field, values[0])
	}
	in := &In{Field: field}
	for _, v := range values {
		in.Values = append(in.Values, Value{Text: v, Quoted: true})
	}
	return in
}

// Phrase is a quoted phrase looked for in _raw.
func Phrase(text string) *Keyword { return &Keyword{Value: Value{Text: text, Quoted: true}} }

// All is `*`, which every row fits; Nothing is `NOT *`.
func All() *Keyword { return &Keyword{Value: Value{Text: "*"}} }

// Nothing is `NOT *`, which no row fits.
func Nothing() *SearchNot { return &SearchNot{X: All()} }

// NotS is `NOT x`: rows without the fields of x pass.
func NotS(x SearchExpr) *SearchNot { return &SearchNot{X: x} }

// AndS joins terms by AND; one term is itself, none is [All]. Terms that are ANDs are taken apart.
func AndS(terms ...SearchExpr) SearchExpr {
	var flat []SearchExpr
	for _, t := range terms {
		if and, ok := t.(*SearchAnd); ok {
			flat = append(flat, and.Terms...)
		} else {
			flat = append(flat, t)
		}
	}
	switch len(flat) {
	case 0:
		return All()
	case 1:
		return flat[0]
	}
	return &SearchAnd{Terms: flat}
}

// OrS joins terms by OR; one term is itself, none is [Nothing]. Terms that are ORs are taken apart.
func OrS(terms ...SearchExpr) SearchExpr {
	var flat []SearchExpr
	for _, t := range terms {
		if or, ok := t.(*SearchOr); ok {
			flat = append(flat, or.Terms...)
		} else {
			flat = append(flat, t)
		}
	}
	switch len(flat) {
	case 0:
		return Nothing()
	case 1:
		return flat[0]
	}
	return &SearchOr{Terms: flat}
}

// CallMacro returns a macro call; each argument is text as it stands between the parentheses.
func CallMacro(name string, args ...string) *Macro { return &Macro{Name: name, Args: args} }

// MacroS is a macro as a search term.
func MacroS(name string, args ...string) *MacroTerm {
	return &MacroTerm{Macro: CallMacro(name, args...)}
}

// MacroE is a macro in an eval expression, such as a parameter's value.
func MacroE(name string, args ...string) *MacroExpr {
	return &MacroExpr{Macro: CallMacro(name, args...)}
}

// F is a field of an eval expression; the printer puts single quotes where they are needed. See [FieldPrintable].
func F(name string) *Field { return &Field{Name: name} }

// S is a string literal of an eval expression. A regular expression is given as the PCRE itself.
func S(value string) *Str { return &Str{Value: value} }

// Int is a whole number of an eval expression.
func Int(n int64) Expr {
	if n < 0 {
		return &Unary{Op: "-", X: &Num{Text: strings.TrimPrefix(strconv.FormatInt(n, 10), "-")}}
	}
	return &Num{Text: strconv.FormatInt(n, 10)}
}

// Float is a number of an eval expression, in plain decimals.
func Float(x float64) Expr {
	text := strconv.FormatFloat(x, 'f', -1, 64)
	if strings.HasPrefix(text, "-") {
		return &Unary{Op: "-", X: &Num{Text: text[1:]}}
	}
	return &Num{Text: text}
}

// Fn is a function call: Fn("mvfind", F("a"), S("^x")).
func Fn(name string, args ...Expr) *Call { return &Call{Name: name, Args: args} }

// Op is a binary operation of eval: = != < <= > >= LIKE . + - * / %.
func Op(op string, l, r Expr) *Binary { return &Binary{Op: op, L: l, R: r} }

// NotE is `NOT x` in eval.
func NotE(x Expr) *Unary { return &Unary{Op: "NOT", X: x} }

// AndE joins eval conditions by AND; one is itself, none is `1=1`.
func AndE(terms ...Expr) Expr { return joinLogic("AND", 1, terms) }

// OrE joins eval conditions by OR; one is itself, none is `1=0`.
func OrE(terms ...Expr) Expr { return joinLogic("OR", 0, terms) }

func joinLogic(op string, empty int64, terms []Expr) Expr {
	switch len(terms) {
	case 0:
		return Op("=", Int(1), Int(empty))
	case 1:
		return terms[0]
	}
	return &Logic{Op: op, Terms: terms}
}

// Opt is an option, `name=value`.
func Opt(name, value string) Arg {
	a := Arg{Name: name, Value: value}
	a.Quoted = !bareArg(a)
	return a
}

// Word is an argument that is a word.
func Word(value string) Arg {
	a := Arg{Value: value}
	a.Quoted = !bareArg(a)
	return a
}

// Command is a command whose arguments are options and words: Command("mvexpand", Word("f")).
func Command(name string, args ...Arg) *Plain { return &Plain{Name: name, Args: args} }

// Set is `eval name=value`.
func Set(name string, value Expr) Assign { return Assign{Name: name, Value: value} }

// Count is `count AS as`.
func Count(as string) Agg { return Agg{Func: "count", As: as} }

// CountIf is `count(eval(cond)) AS as`.
func CountIf(cond Expr, as string) Agg { return Agg{Func: "count", Eval: cond, As: as} }

// AggOf is `fn(field) AS as`.
func AggOf(fn, field, as string) Agg { return Agg{Func: fn, Field: field, As: as} }

// GroupBy lists BY fields.
func GroupBy(names ...string) []By {
	by := make([]By, len(names))
	for i, n := range names {
		by[i].Name = n
	}
	return by
}
