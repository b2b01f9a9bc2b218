package spl

import (
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// addressShape fits every address; what stands in the place of one in a log, such as `-`, does not.
const addressShape = `^[0-9A-Fa-f:.]+\z`

// makeKeys decides by which fields the search groups, and computes those that the event does not hold as they are needed.
// With filled, a missing value becomes the empty text, which is no value of a key either: then no command has to say what
// it does with rows that lack a field.
func (x *body) makeKeys(used []int, filled bool) {
	x.keys = make([]column, len(x.rule.Keys))
	for _, k := range used {
		c := column{typ: ir.TermType(x.rule.Keys[k].Term), array: keyArray(x.bound, k), fold: x.rule.Keys[k].Fold, filled: filled}
		value := x.byPart(func(p ir.Part) syntax.Expr { return keyValue(p.Keys[k], c.array) })
		if f, ok := value.(*syntax.Field); ok && !filled {
			c.name = f.Name
			x.keys[k] = c
			continue
		}
		if filled {
			value = syntax.Fn("coalesce", value, syntax.S(""))
		}
		var native bool
		if c.name, native = x.keyName(k); !native || x.conditions[c.name] { // else the field itself may change: nothing else reads it
			c.name = x.fresh(c.name)
		}
		x.eval(c.name, value)
		x.keys[k] = c
	}
}

// keyName is the readable name of a key: that of the native field, or of the canonical one where the parts have several.
// native says that it is exactly a native field's.
func (x *body) keyName(k int) (name string, native bool) {
	for i, p := range x.bound.Parts {
		f, ok := p.Keys[k].Term.(*ir.Field)
		if !ok || i > 0 && fieldName(f) != name {
			if c, ok := x.rule.Keys[k].Term.(*ir.Field); ok {
				return strings.ReplaceAll(c.Name, ".", "_"), false
			}
			return "key", false
		}
		name = fieldName(f)
	}
	plain := strings.ReplaceAll(name, "{}", "")
	return plain, plain == name
}

// keyValue is the value that a part gives to a key.
func keyValue(k ir.Key, array bool) syntax.Expr {
	f, ok := k.Term.(*ir.Field)
	if !ok {
		return syntax.S(k.Term.(*ir.Lit).Value.String())
	}
	x, each := field(f), field(f)
	switch {
	case k.Fold:
		each = syntax.Fn("lower", x)
	case f.Type.IsNumber():
		each = syntax.Fn("tonumber", x)
	}
	if f.Array && each != x {
		if _, plain := each.(*syntax.Field); !plain {
			each = syntax.Fn("mvmap", x, each)
		}
	}
	if array && f.Array { // an event is in a group once, however often it has the value
		return syntax.Fn("mvdedup", each)
	}
	return each
}

// present are the conditions that the keys of a row are values of keys.
func (x *body) present(keys []int) []syntax.Expr {
	var out []syntax.Expr
	for _, k := range keys {
		c := x.keys[k]
		f := syntax.F(c.name)
		switch {
		case c.typ == schema.IP:
			out = append(out, syntax.Fn("match", f, syntax.S(addressShape)))
		case c.typ.IsString():
			out = append(out, syntax.Op("!=", f, syntax.S("")))
		case c.typ.IsNumber() && c.filled:
			out = append(out, syntax.Fn("isnotnull", syntax.Fn("tonumber", f)))
		case c.filled:
			out = append(out, syntax.Op("!=", f, syntax.S("")))
		}
	}
	return out
}

// expand makes a row for each value of the keys that have several.
func (x *body) expand(keys []int) {
	for _, k := range keys {
		if x.keys[k].array {
			x.keys[k].array = false // it was: now each row has one value
			x.add(syntax.Command("mvexpand", syntax.Word(x.keys[k].name)))
		}
	}
}

// readable is a condition in the words that an engineer would use, where they mean the same as the expressions of [where].
func readable(p ir.Pred) syntax.Expr {
	switch p := p.(type) {
	case *ir.And:
		return and(readables(p.Xs)...)
	case *ir.Or:
		return syntax.OrE(readables(p.Xs)...)
	case *ir.Not:
		if c, ok := p.X.(*ir.Cmp); ok && plainWords(c) {
			return syntax.OrE(syntax.Fn("isnull", field(c.L.(*ir.Field))), syntax.NotE(oneOfWords(c)))
		}
	case *ir.Cmp:
		if plainWords(p) {
			return oneOfWords(p)
		}
	case *ir.Const, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return where(p)
}

func readables(ps []ir.Pred) []syntax.Expr {
	out := make([]syntax.Expr, len(ps))
	for i, p := range ps {
		out[i] = readable(p)
	}
	return out
}

// plainWords reports whether a comparison asks whether a scalar text is one of some words: the literals are ASCII and none
// looks like a number, so eval compares texts.
func plainWords(c *ir.Cmp) bool {
	f, ok := c.L.(*ir.Field)
	if !ok || c.Op != ir.Eq || f.Array || !f.Type.IsString() || !c.Cased && !searchText(c) {
		return false
	}
	for _, v := range c.R {
		s := v.Str()
		if s == "" || !(s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z') || strings.EqualFold(s, "nan") || strings.HasPrefix(strings.ToLower(s), "inf") {
			return false
		}
		for i := range len(s) {
			if s[i] < 0x20 || s[i] >= 0x7f {
				return false
			}
		}
	}
	return true
}

func oneOfWords(c *ir.Cmp) syntax.Expr {
	x := field(c.L.(*ir.Field))
	args := []syntax.Expr{x}
	if !c.Cased {
		args[0] = syntax.Fn("lower", x)
	}
	for _, v := range c.R {
		s := v.Str()
		if !c.Cased {
			s = strings.ToLower(s)
		}
		args = append(args, syntax.S(s))
	}
	if len(args) == 2 {
		return eq(args[0], args[1])
	}
	return syntax.Fn("in", args...)
}
