package interp

import (
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/datadog/secl/fields"
	"github.com/onerule/onerule/backends/datadog/secl/syntax"
	"github.com/onerule/onerule/diag"
)

// pair compiles two operands and gives a variable the type of the other side. single says that a variable is one value, not a list.
func (c *compiler) pair(x, y syntax.Expr, single bool) (a, b operand, ok bool) {
	a, ok = c.compile(x)
	b, ok2 := c.compile(y)
	if !ok || !ok2 {
		return a, b, false
	}
	switch {
	case a.variable != "" && b.variable != "":
		a, b = c.typed(a, fields.String, true), c.typed(b, fields.String, single)
	case a.variable != "":
		a = c.typed(a, b.typ, true)
	case b.variable != "":
		b = c.typed(b, a.typ, single)
	}
	return a, b, true
}

// compare compiles x op y. A test with several values on a side is true when some pair fits; != and !~ are its negation.
func (c *compiler) compare(x *syntax.Compare) (operand, bool) {
	a, b, ok := c.pair(x.X, x.Y, true)
	if !ok {
		return operand{}, false
	}
	for _, v := range []operand{a, b} {
		if v.values {
			c.fault(v.span, "a list stands beside `"+string(x.Op)+"`", "use in or not in")
			return operand{}, false
		}
	}
	if a.typ != b.typ {
		c.fault(b.span, "a "+a.describe()+" is compared with a "+b.describe(), "compare values of one kind")
		return operand{}, false
	}
	test, ok := c.positive(x, a, b)
	if !ok {
		return operand{}, false
	}
	if x.Op == syntax.NotEqual || x.Op == syntax.NotMatches {
		return boolean(x.Span, func(c *context) bool { return !test(c) }), true
	}
	return boolean(x.Span, test), true
}

// positive is the test without the negation that != and !~ add.
func (c *compiler) positive(x *syntax.Compare, a, b operand) (func(*context) bool, bool) {
	equality := x.Op == syntax.Equal || x.Op == syntax.NotEqual
	switch a.typ {
	case fields.String:
		if x.Op == syntax.Matches || x.Op == syntax.NotMatches {
			if len(b.lits) != 1 {
				c.fault(b.span, "`"+string(x.Op)+"` needs a text written down", "compare fields with == or !=")
				return nil, false
			}
			if b.lits[0].kind == scalar {
				b = c.literals(b.span, literal{wild, b.lits[0].text})
			}
			return c.textTest(a, b)
		}
		if equality {
			return c.textTest(a, b)
		}
	case fields.Int:
		if x.Op != syntax.Matches && x.Op != syntax.NotMatches {
			return numberTest(x.Op, a, b), true
		}
	case fields.Bool:
		if equality {
			return anyPair(a.bools, b.bools, func(_ *context, m, n bool) bool { return m == n }), true
		}
	case fields.IP:
		if equality {
			return anyPair(a.addrs, b.addrs, func(_ *context, m, n netip.Prefix) bool { return overlap(m, n) }), true
		}
	}
	c.fault(x.Span, "`"+string(x.Op)+"` does not compare "+a.typ.String()+" values", "use == or !=")
	return nil, false
}

// anyPair is true when some value of a and some value of b fit.
func anyPair[T any](a, b func(*context) []T, fit func(c *context, m, n T) bool) func(*context) bool {
	return func(c *context) bool {
		right := b(c)
		for _, m := range a(c) {
			for _, n := range right {
				c.spend(0)
				if fit(c, m, n) {
					return true
				}
			}
		}
		return false
	}
}

func numberTest(op syntax.CompareOp, a, b operand) func(*context) bool {
	holds := func(_ *context, m, n int64) bool {
		switch op {
		case syntax.Equal, syntax.NotEqual:
			return m == n
		case syntax.Greater:
			return m > n
		case syntax.GreaterEqual:
			return m >= n
		case syntax.Less:
			return m < n
		case syntax.LessEqual:
			return m <= n
		case syntax.Matches, syntax.NotMatches:
		}
		return false
	}
	order := op != syntax.Equal && op != syntax.NotEqual
	if !order || !b.duration || a.calculated || a.duration {
		return anyPair(a.ints, b.ints, holds)
	}
	// a time against a duration: its age
	return anyPair(a.ints, b.ints, func(c *context, at, limit int64) bool {
		now, ok := c.clock()
		if !ok {
			c.warn("an age is tested, but neither the event nor the input has a time: it does not fit")
			return false
		}
		return holds(c, now-at, limit)
	})
}

// textTest compares texts: a literal with values, or values with values.
func (c *compiler) textTest(a, b operand) (func(*context) bool, bool) {
	switch {
	case len(b.lits) > 0 && len(a.lits) == 0:
	case len(a.lits) > 0 && len(b.lits) == 0:
		a, b = b, a
	case len(a.lits) > 0: // two literals: the left one is the value
		value := []string{a.lits[0].text}
		a.texts, a.field = func(*context) []string { return value }, nil
	default:
		f := foldOf(a, b)
		return anyPair(a.texts, b.texts, func(c *context, m, n string) bool {
			c.spend(len(m))
			return sameText(m, n, f.fold(c))
		}), true
	}
	match, ok := c.literalTest(a, b)
	if !ok {
		return nil, false
	}
	texts := a.texts
	return func(c *context) bool {
		for _, s := range texts(c) {
			c.spend(len(s))
			if match(c, s) {
				return true
			}
		}
		return false
	}, true
}

// folding says when case is ignored.
type folding struct{ always, onWindows, paths bool }

func (f folding) fold(c *context) bool { return f.always || f.onWindows && c.windows }

func foldOf(values ...operand) folding {
	var f folding
	for _, v := range values {
		if v.field == nil {
			continue
		}
		switch v.field.Compare {
		case fields.Exact, fields.Extension:
		case fields.Fold:
			f.always = true
		case fields.Path:
			f.onWindows, f.paths = true, true
		case fields.Name:
			f.onWindows = true
		}
	}
	return f
}

// literalTest makes the test of one value of a against the literals of b.
func (c *compiler) literalTest(a, b operand) (func(*context, string) bool, bool) {
	f := foldOf(a)
	glob := a.field != nil && a.field.Compare == fields.Path
	var plain, windows []textMatcher
	for _, l := range b.lits {
		if a.field != nil && !c.checkLiteral(*a.field, l, b.span) {
			return nil, false
		}
		if a.field != nil && a.field.Compare == fields.Extension && l.kind != regular && !strings.HasPrefix(l.text, ".") {
			l.text = "." + l.text
		}
		m, err := c.matcher(l, glob)
		if err != nil {
			c.fault(b.span, "the regular expression does not compile: "+err.Error(), "use RE2 syntax")
			return nil, false
		}
		plain = append(plain, m)
		if l.kind != regular {
			l.text = strings.ReplaceAll(l.text, `\`, "/")
		}
		if m, err = c.matcher(l, glob); err == nil {
			windows = append(windows, m)
		}
	}
	return func(c *context, s string) bool {
		matchers, slashed := plain, s
		if f.paths && c.windows {
			matchers, slashed = windows, strings.ReplaceAll(s, `\`, "/")
		}
		fold := f.fold(c)
		for i, m := range matchers {
			value := slashed
			if b.lits[i].kind == regular {
				value = s // a regular expression sees the path as it is
			}
			if m(c, value, fold) {
				return true
			}
		}
		return false
	}, true
}

const pathHelp = "write a pattern such as ~\"/usr/bin/*\" or ~\"/opt/**\", or test the .name field"

// checkLiteral refuses what the agent refuses at compile time.
func (c *compiler) checkLiteral(f fields.Field, l literal, span diag.Span) bool {
	switch {
	case f.Compare != fields.Path:
		if l.kind == wild && strings.Contains(l.text, "**") {
			c.fault(span, "`**` stands in a pattern of a field that is no path", "write one star; `**` belongs to path fields")
			return false
		}
		return true
	case l.kind == regular && f.OS&fields.Windows == 0:
		c.fault(span, "a regular expression is compared with the path `"+f.Name+"`", pathHelp)
		return false
	case l.kind == regular: // agents on Windows take it
		if c.notOnLinux == nil {
			d := diag.New(diag.SECLRun, span, "agents on Linux refuse a regular expression on the path `"+f.Name+"`", pathHelp)
			c.notOnLinux = &d
		}
		return true
	case l.text == "" || f.OS&fields.Windows != 0 && windowsPath(l.text):
		return true
	case l.text == "*" || l.text != path.Clean(l.text) || l.text[0] != '/' && l.text[0] != '*' || slices.Contains(strings.Split(l.text, "/"), ".."):
		c.fault(span, "`"+l.text+"` is no absolute path without detours", "begin with / (or, in a pattern, with *), and write neither .. nor a / at the end")
		return false
	}
	return c.checkGlob(l, span)
}

// windowsPath reports whether a path is written as on Windows, where the agent does not check it.
func windowsPath(s string) bool {
	return strings.Contains(s, `\`) || len(s) > 1 && s[1] == ':'
}

func (c *compiler) checkGlob(l literal, span diag.Span) bool {
	deep := 0
	for _, e := range strings.Split(l.text, "/") {
		if e == "**" {
			deep++
		}
	}
	if l.kind == wild && deep > 1 {
		c.fault(span, "`**` stands twice in a path pattern", "write it once")
		return false
	}
	return true
}

// member compiles x in list.
func (c *compiler) member(x *syntax.Member) (operand, bool) {
	a, b, ok := c.pair(x.X, x.List, false)
	if !ok {
		return operand{}, false
	}
	block := b.typ == fields.IP && !b.list
	if !b.values && !b.list && !block {
		c.fault(b.span, "no list stands behind `"+string(x.Op)+"`, but a "+b.describe(), "write [value, value], or use ==")
		return operand{}, false
	}
	if a.values {
		c.fault(a.span, "a list stands before `"+string(x.Op)+"`", "write a field or a single value")
		return operand{}, false
	}
	if a.typ != b.typ {
		c.fault(b.span, "a "+a.describe()+" is looked for in a "+b.describe(), "compare values of one kind")
		return operand{}, false
	}
	test, ok := c.contained(x.Op, a, b)
	if !ok {
		return operand{}, false
	}
	if x.Op == syntax.NotIn {
		return boolean(x.Span, func(c *context) bool { return !test(c) }), true
	}
	return boolean(x.Span, test), true
}

// contained is the test without the negation of not in.
func (c *compiler) contained(op syntax.MemberOp, a, b operand) (func(*context) bool, bool) {
	all := op == syntax.AllIn
	switch a.typ {
	case fields.IP:
		// allin on several addresses: each of them is in each block
		if all && (a.list || b.list) {
			return allPairs(a.addrs, b.addrs, overlap), true
		}
		return anyPair(a.addrs, b.addrs, func(_ *context, m, n netip.Prefix) bool { return overlap(m, n) }), true
	case fields.Int:
		if all && c.allInTexts.On() && a.list {
			return everyIn(a.ints, b.ints), true
		}
		return anyPair(a.ints, b.ints, func(_ *context, m, n int64) bool { return m == n }), true
	case fields.Bool:
		return anyPair(a.bools, b.bools, func(_ *context, m, n bool) bool { return m == n }), true
	case fields.String:
		if all && c.allInTexts.On() && a.list && len(b.lits) > 0 {
			match, ok := c.literalTest(a, b)
			if !ok {
				return nil, false
			}
			texts := a.texts
			return func(c *context) bool {
				return !slices.ContainsFunc(texts(c), func(s string) bool { return !match(c, s) })
			}, true
		}
		return c.textTest(a, b)
	}
	panic("a type has no meaning here")
}

func allPairs[T any](a, b func(*context) []T, fit func(m, n T) bool) func(*context) bool {
	return func(c *context) bool {
		right := b(c)
		for _, m := range a(c) {
			for _, n := range right {
				c.spend(0)
				if !fit(m, n) {
					return false
				}
			}
		}
		return true
	}
}

func everyIn(a, b func(*context) []int64) func(*context) bool {
	return func(c *context) bool {
		right := b(c)
		return !slices.ContainsFunc(a(c), func(m int64) bool { return !slices.Contains(right, m) })
	}
}

// unescape reads a text as Go does, for agents that did; a text that does not read so stays as typed.
func unescape(raw string) string {
	if s, err := strconv.Unquote(`"` + raw + `"`); err == nil {
		return s
	}
	return raw
}
