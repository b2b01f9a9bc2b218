package secl

import (
	"strings"
	"unicode"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/secl/fields"
	"github.com/onerule/onerule/backends/datadog/secl/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
)

// text says a comparison of text with literals.
func (a agent) text(c *ir.Cmp, t target) (syntax.Expr, backends.Level) {
	if t.path {
		return pathText(c, t)
	}
	level := backends.Exactly()
	var items []syntax.Expr
	fitsEmpty := false
	for _, v := range c.R {
		n, ok := ir.TextPattern(c.Op, c.Cased, v.Str())
		switch {
		case !ok:
			return nil, backends.Refused("a literal of the condition cannot be read", "correct it")
		case c.Op == ir.Eq && v.Str() == "" && t.blank:
			return nil, backends.Refused("agents cannot tell an empty text from a missing one", "use `empty f`, or leave the empty text out")
		case c.Op == ir.Eq && v.Str() == "":
			continue // it is missing, and never equal
		}
		fitsEmpty = fitsEmpty || pattern.MatchesEmpty(n) && matches(c, v.Str(), "")
		if c.Op == ir.Eq && plainText(v.Str(), c.Cased, t) {
			if s, err := syntax.Text(v.Str()); err == nil {
				items = append(items, s)
				continue
			}
		}
		level = backends.Rewritten("a regular expression")
		re := literalRegexp(c.Op, c.Cased, v.Str(), t.folds)
		if c.Op == ir.Matches {
			re = nodeRegexp(n, t.folds)
		}
		items = append(items, regularExpression(re))
	}
	switch {
	case len(items) == 0:
		return nil, backends.Refused("agents cannot tell an empty text from a missing one, so nothing equals it", "use `empty f`")
	case !fitsEmpty:
		return t.is(items...), level
	case t.list:
		return emptyInList(t, t.is(items...), level)
	}
	x := syntax.All(t.notEmpty(), t.is(items...))
	if t.blank {
		level = level.With("no-empty")
	}
	return x, level
}

// emptyInList is the level of an expression that fits "" on a list, where no guard can leave out the elements that are "".
func emptyInList(t target, x syntax.Expr, level backends.Level) (syntax.Expr, backends.Level) {
	if t.field.Iterator != "" {
		return nil, backends.Refused("the expression fits an empty text, and so does an element that lacks the field", "write an expression that does not fit an empty text")
	}
	return x, level.With("no-empty")
}

// matches reports whether one literal of a comparison fits a text.
func matches(c *ir.Cmp, literal, text string) bool {
	n, ok := ir.TextPattern(c.Op, c.Cased, literal)
	if !ok {
		return false
	}
	re, err := pattern.Compile(n)
	return err == nil && re.MatchString(text)
}

// plainText reports whether "…" compares a text as the rule does. The agent puts a dot before an extension, and turns
// backslashes in paths on Windows.
func plainText(v string, cased bool, t target) bool {
	switch {
	case t.field.Compare == fields.Extension || t.field.Compare == fields.Path && !t.path:
		return false
	case !folding(v):
		return true
	case cased:
		return !t.folds
	}
	// agents fold as Unicode does, also k and s with their partners beyond ASCII
	return t.field.Compare == fields.Fold && !strings.ContainsFunc(v, func(r rune) bool {
		return r >= 0x80 && unicode.SimpleFold(r) != r || strings.ContainsRune("kKsS", r)
	})
}
