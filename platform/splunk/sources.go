package splunk

import (
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform/splunk/conf"
	"github.com/onerule/onerule/schema"
)

// sourceMacro begins the names of the macros that say where the events of a binding are.
const sourceMacro = "onerule_source_"

// sources puts a macro in the place of the term that finds a source, as in `sourcetype="OktaIM2:log"`, in the base search of
// a document: there the customer names the indexes. The macro's definition is the term itself, so nothing changes meanwhile.
func sources(doc *conf.SavedSearch, b *ir.Bound) {
	q, diags := syntax.Parse("search", doc.Search)
	if diags.HasErrors() || len(q.Stages) == 0 {
		return // it was printed by us; verify says what is wrong with it
	}
	base, ok := q.Stages[0].(*syntax.Search)
	if !ok {
		return
	}
	for _, p := range b.Parts {
		name, term := source(p)
		if term == nil || calls(doc, name) {
			continue
		}
		definition := syntax.PrintSearch(term)
		expr, found := replaced(base.Expr, definition, syntax.MacroS(name))
		if !found && oneSource(b, name) { // the term is not in the base search, as an index is not
			expr, found = syntax.AndS(syntax.MacroS(name), base.Expr), p.Class.TableField == "index"
		}
		if !found {
			continue
		}
		base.Expr = expr
		doc.Macros = append(doc.Macros, conf.Macro{Name: name, Definition: definition, Description: oneLine("Where the events are: " + p.Binding.Title)})
		doc.Search = syntax.PrintLine(q)
	}
}

// oneSource reports whether all parts are found by one macro.
func oneSource(b *ir.Bound, name string) bool {
	return !slices.ContainsFunc(b.Parts, func(p ir.Part) bool { other, _ := source(p); return other != name })
}

func calls(doc *conf.SavedSearch, name string) bool {
	return slices.ContainsFunc(doc.Macros, func(m conf.Macro) bool { return m.Name == name })
}

// source returns the term that finds the events of a part's source, and the name of its macro: the class is part of the name
// where the classes of a binding are found by different terms.
func source(p ir.Part) (string, syntax.SearchExpr) {
	if p.Binding == nil || p.Class == nil {
		return "", nil
	}
	name := sourceMacro + macroName(strings.TrimPrefix(p.Binding.Name, "splunk_"))
	for _, path := range []string{"sourcetype", "source", "index", "tag", "eventtype"} {
		i := slices.IndexFunc(p.Class.Select, func(c schema.Condition) bool { return c.Native.Path == path })
		if i < 0 {
			continue
		}
		term := found(p.Class.Select[i])
		if term == nil {
			continue
		}
		for _, other := range p.Binding.Classes {
			if !slices.ContainsFunc(other.Select, func(c schema.Condition) bool { return sameTerm(found(c), term) }) {
				return name + "_" + macroName(p.Class.Class), term
			}
		}
		return name, term
	}
	if c := p.Class; c.TableField == "index" && searchable(c.TableKey) {
		return name, syntax.Eq(c.TableField, c.TableKey)
	}
	return "", nil
}

// found is a condition of selection as the base search has it; nil for one that finds no source.
func found(c schema.Condition) syntax.SearchExpr {
	if c.Missing || c.Mask != 0 || len(c.Values) == 0 {
		return nil
	}
	values := slices.Clone(c.Values)
	for i, v := range values {
		if !searchable(v) {
			return nil
		}
		if c.Prefix {
			values[i] = v + "*"
		}
	}
	return syntax.OneOf(c.Native.Path, values...)
}

func searchable(v string) bool {
	_, ok := syntax.Searchable(v)
	return ok
}

func sameTerm(a, b syntax.SearchExpr) bool {
	return a != nil && b != nil && syntax.PrintSearch(a) == syntax.PrintSearch(b)
}

// replaced puts a term in the place of others that print as `text`, where a row must fit them or one of them may do.
func replaced(x syntax.SearchExpr, text string, by syntax.SearchExpr) (syntax.SearchExpr, bool) {
	done := false
	each := func(terms []syntax.SearchExpr) []syntax.SearchExpr {
		out := slices.Clone(terms)
		for i := range out {
			var one bool
			out[i], one = replaced(out[i], text, by)
			done = done || one
		}
		return out
	}
	switch x := x.(type) {
	case *syntax.SearchAnd:
		return &syntax.SearchAnd{Terms: each(x.Terms), Span: x.Span}, done
	case *syntax.SearchOr:
		return &syntax.SearchOr{Terms: each(x.Terms), Span: x.Span}, done
	case *syntax.Compare, *syntax.In:
		if syntax.PrintSearch(x) == text {
			return by, true
		}
	case *syntax.SearchNot, *syntax.Keyword, *syntax.TimeTerm, *syntax.Subsearch, *syntax.MacroTerm:
	}
	return x, false
}

// macroName keeps the characters that a macro's name may have.
func macroName(s string) string {
	return strings.Map(func(c rune) rune {
		if c < 0x80 && (c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z') {
			return c
		}
		return '_'
	}, s)
}
