package sigma

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/importer/sigma/taxonomy"
	"github.com/onerule/onerule/schema"
)

// testExists is `exists: true`.
func (c *converter) testExists(t *fieldTest) grammar.Expr {
	if len(t.values) != 1 || t.values[0].kind != boolScalar {
		c.fault(diag.SigmaValue, t.whole, "`exists` takes true or false", "write `"+t.name+"|exists: true`, without quotes")
		return nil
	}
	names := []string{t.field.Name}
	if t.field.Kind == taxonomy.Hashes {
		names = hashNames(t.field)
	}
	var xs []grammar.Expr
	for _, n := range names {
		f := c.path(t.key, n)
		xs = append(xs, &grammar.Presence{At: f.At, Op: "exists", X: f})
	}
	x := join("or", xs)
	if t.values[0].text == "true" {
		return x
	}
	return not(x)
}

// wingOps are the operators for modifiers that ask for a part of a text, and for none.
var wingOps = map[string]string{"": "==", "contains": "contains", "startswith": "starts_with", "endswith": "ends_with"}

// testFieldref compares with another field of the event, or looks for its text in the first one.
func (c *converter) testFieldref(t *fieldTest) grammar.Expr {
	if t.mods.wing != "" && !t.typ.IsString() {
		c.fault(diag.SigmaValue, t.key, fmt.Sprintf("`%s` goes with text, and `%s` is %s here (`%s`)", t.mods.wing, t.name, typeWord(t.typ), t.field.Name), "use `fieldref` alone")
		return nil
	}
	var xs []grammar.Expr
	for _, v := range t.values {
		if v.kind != textScalar {
			c.fault(diag.SigmaValue, v.node, "`fieldref` takes the name of a field", "write the other field's name")
			return nil
		}
		targets, ok := c.fields(v.node, v.text)
		if !ok {
			return nil
		}
		for _, other := range targets {
			if other.Kind == taxonomy.Hashes || t.field.Kind == taxonomy.Hashes || other.Name == "" || t.field.Name == "" {
				c.fault(diag.SigmaCannot, v.node, fmt.Sprintf("`%s` and `%s` cannot be compared with each other", t.name, v.text), "they are several fields here")
				return nil
			}
			ot := c.typeOf(other.Name)
			if ot.IsString() != t.typ.IsString() || !ot.IsString() && ot != t.typ && !(ot.IsNumber() && t.typ.IsNumber()) {
				c.fault(diag.SigmaValue, v.node, fmt.Sprintf("`%s` (%s) cannot be compared with `%s` (%s)", t.name, t.typ, v.text, ot), "compare fields of one type")
				return nil
			}
			f, o := c.path(t.key, t.field.Name), c.path(v.node, other.Name)
			xs = append(xs, &grammar.Compare{At: grammar.At{Span: f.Span.Join(o.Span)}, Op: wingOps[t.mods.wing], OpSpan: f.Span, Cased: t.mods.cased && t.typ.IsString(), X: f, Y: o})
		}
	}
	if t.mods.all {
		return join("and", xs)
	}
	return join("or", xs)
}

// testCIDR is an address in a block. A field that holds addresses as text is compared with the texts of the block's addresses.
func (c *converter) testCIDR(t *fieldTest) grammar.Expr {
	ok := true
	if t.typ != schema.IP && (!t.typ.IsString() || t.field.Kind != taxonomy.Plain) {
		c.fault(diag.SigmaValue, t.key, fmt.Sprintf("`cidr` goes with addresses, and `%s` is %s here (`%s`)", t.name, typeWord(t.typ), t.field.Name), "leave the entry out")
		ok = false
	}
	g := &atoms{c: c, t: t}
	for _, v := range t.values {
		if !c.checkBlock(v) {
			ok = false
			continue
		}
		as := []atom{{"in_cidr", c.str(v.node, strings.TrimSpace(v.text)), v.node}}
		if t.typ != schema.IP {
			as = c.blockText(t, v)
		}
		ok = ok && as != nil
		g.values = append(g.values, as)
	}
	if !ok {
		return nil
	}
	return g.expr()
}

// blockText compares the text of addresses with a block: those of IPv4 also as IPv6 writes them.
func (c *converter) blockText(t *fieldTest, v value) []atom {
	globs, ok := blockGlobs(netip.MustParsePrefix(strings.TrimSpace(v.text)))
	if !ok {
		c.fault(diag.SigmaCannot, v.node, fmt.Sprintf("`%s` holds addresses as text here (`%s`), and those of this block have no text in common", t.name, t.field.Name), "write a block that ends between two groups, or the addresses themselves")
		return nil
	}
	var as []atom
	for _, s := range globs {
		op, operand := parsePattern(s).form()
		as = append(as, atom{op, c.str(v.node, operand), v.node})
	}
	return as
}

func (c *converter) checkBlock(v value) bool {
	text := strings.TrimSpace(v.text)
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		help := "write a block such as 10.0.0.0/8 or fe80::/10"
		if a, e := netip.ParseAddr(text); e == nil {
			help = fmt.Sprintf("for one address write `%s/%d`", text, a.BitLen())
		}
		c.fault(diag.SigmaValue, v.node, fmt.Sprintf("`%s` is no block of addresses", v.text), help)
		return false
	case p.Masked() != p:
		d := diag.New(diag.SigmaValue, c.text.span(v.node), fmt.Sprintf("`%s` names an address inside of its block", v.text), "the block is "+p.Masked().String())
		c.diags = append(c.diags, d)
		return false
	}
	return true
}

// testRegexp is a regular expression, searched anywhere, its case as written.
func (c *converter) testRegexp(t *fieldTest) grammar.Expr {
	if t.field.Kind == taxonomy.Keywords {
		return c.keywords(t.key, t.mods, t.values)
	}
	if t.field.Kind == taxonomy.Hashes || t.field.Kind == taxonomy.Mapped || !t.typ.IsString() {
		c.fault(diag.SigmaCannot, t.key, fmt.Sprintf("a regular expression is searched in `%s`, which is no text here", t.name), "write the values that are meant")
		return nil
	}
	var xs []grammar.Expr
	for _, v := range t.values {
		s, ok := c.regexp(t, v)
		if !ok {
			return nil
		}
		xs = append(xs, c.str(v.node, s))
	}
	if !t.mods.all {
		return c.compare(t.whole, t.key, t.field.Name, "matches", xs, false)
	}
	var each []grammar.Expr
	for i, x := range xs {
		each = append(each, c.compare(t.values[i].node, t.key, t.field.Name, "matches", []grammar.Expr{x}, false))
	}
	return join("and", each)
}

// regexp is the text of a regular expression with its flags.
func (c *converter) regexp(t *fieldTest, v value) (string, bool) {
	switch {
	case v.kind == nullScalar || v.kind == boolScalar:
		c.fault(diag.SigmaValue, v.node, "`re` takes a regular expression", "put it in single quotes")
		return "", false
	case v.text == "":
		c.fault(diag.SigmaValue, v.node, "the regular expression is empty", "every text fits it: write `exists: true` for a field that is there")
		return "", false
	case t.field.Kind == taxonomy.RegistryData && taxonomy.RegistryPart(v.text):
		c.fault(diag.SigmaCannot, v.node, fmt.Sprintf("a regular expression looks for a number in `%s`", t.name), "numbers of the registry are compared as a whole: write `DWORD (0x00000001)` without modifiers")
		return "", false
	}
	facts := scanRegexp(v.text)
	if facts.gap != "" {
		d := diag.New(diag.SigmaCannot, c.text.part(v.node, facts.from, facts.to), fmt.Sprintf("the regular expression has %s", facts.gap), "regular expressions are those of RE2 here, without word boundaries: write the cases out, or use several entries")
		c.diags = append(c.diags, d)
		return "", false
	}
	if at, why := badRegexp(v.text); why != "" {
		span := c.text.span(v.node)
		if at.to > at.from {
			span = c.text.part(v.node, at.from, at.to)
		}
		c.diags = append(c.diags, diag.New(diag.SigmaValue, span, "the regular expression does not parse: "+why, "write a backslash before brackets and other signs that are meant as text"))
		return "", false
	}
	flags := t.mods.flags
	if strings.Contains(flags, "m") {
		if facts.anchors {
			c.fault(diag.SigmaCannot, t.key, "`m` lets `^` and `$` fit at each line", "rules have no such mode: write `(\\n|^)` and `(\\n|$)`")
			return "", false
		}
		flags = strings.ReplaceAll(flags, "m", "") // without ^ and $ it means nothing
	}
	s := v.text
	switch t.mods.wing {
	case "startswith":
		s = `^(?:` + s + `)`
	case "endswith":
		s = `(?:` + s + `)$`
	}
	if flags != "" {
		s = "(?" + flags + ")" + s
	}
	return s, true
}

var orderOps = map[string]string{"": "==", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

// testOrder compares numbers.
func (c *converter) testOrder(t *fieldTest) grammar.Expr {
	if !t.typ.IsNumber() {
		c.fault(diag.SigmaValue, t.key, fmt.Sprintf("`%s` goes with numbers, and `%s` is %s here (`%s`)", t.mods.compare, t.name, typeWord(t.typ), t.field.Name), "write the values that are meant as a list")
		return nil
	}
	x, ok := c.oneNumber(t)
	if !ok {
		return nil
	}
	return c.compare(t.whole, t.key, t.field.Name, orderOps[t.mods.compare], []grammar.Expr{x}, false)
}

func typeWord(t schema.Type) string {
	if t.IsString() {
		return "text"
	}
	return map[schema.Type]string{schema.Long: "a number", schema.Double: "a number", schema.Boolean: "true or false", schema.Date: "a time", schema.IP: "an address"}[t]
}

// oneNumber is the one number that a comparison takes.
func (c *converter) oneNumber(t *fieldTest) (grammar.Expr, bool) {
	word := t.mods.compare
	if word == "" {
		word = t.mods.unit
	}
	if len(t.values) != 1 {
		c.fault(diag.SigmaValue, t.whole, fmt.Sprintf("`%s` takes one number", word), "keep the one that decides")
		return nil, false
	}
	v := t.values[0]
	if v.kind != numberScalar {
		help := "write a number"
		if _, err := strconv.ParseFloat(v.text, 64); err == nil && v.kind == textScalar {
			help = "write the number without quotes"
		}
		c.fault(diag.SigmaValue, v.node, fmt.Sprintf("`%s` takes a number", word), help)
		return nil, false
	}
	return c.number(v.node, v.text), true
}

// unitRange is what each part of a time may be; a year is compared as the times in it.
var unitRange = map[string][2]int{"minute": {0, 59}, "hour": {0, 23}, "day": {1, 31}, "week": {1, 53}, "month": {1, 12}, "year": {1, 9998}}

// testUnit compares a part of a time, in UTC.
func (c *converter) testUnit(t *fieldTest) grammar.Expr {
	unit := t.mods.unit
	if t.typ != schema.Date {
		c.fault(diag.SigmaValue, t.key, fmt.Sprintf("`%s` goes with times, and `%s` is %s here (`%s`)", unit, t.name, typeWord(t.typ), t.field.Name), "use a field that holds a time")
		return nil
	}
	var ns []int
	var xs []grammar.Expr
	limits := unitRange[unit]
	if t.mods.compare == "lt" && unit != "year" {
		limits[1]++
	}
	for _, v := range t.values {
		n, err := strconv.Atoi(v.text)
		if v.kind != numberScalar || err != nil || n < limits[0] || n > limits[1] {
			c.fault(diag.SigmaValue, v.node, fmt.Sprintf("`%s` takes a number", unit), fmt.Sprintf("write a number from %d to %d, without quotes", limits[0], limits[1]))
			return nil
		}
		ns, xs = append(ns, n), append(xs, c.number(v.node, v.text))
	}
	if t.mods.compare != "" {
		if _, ok := c.oneNumber(t); !ok {
			return nil
		}
	}
	if unit == "year" {
		return c.years(t, ns)
	}
	op := orderOps[t.mods.compare]
	if len(xs) > 1 {
		op = "in"
	}
	f := c.path(t.key, t.field.Name)
	call := &grammar.Call{At: f.At, Func: name(unit), Args: []grammar.Expr{f}}
	return &grammar.Compare{At: f.At, Op: op, OpSpan: f.Span, X: call, Y: c.list(t.whole, xs)}
}

// years compares a time with the beginnings of years, which every language that compares times can.
func (c *converter) years(t *fieldTest, years []int) grammar.Expr {
	f := c.path(t.key, t.field.Name)
	edge := func(op string, year int) grammar.Expr {
		begin := c.str(t.values[0].node, fmt.Sprintf("%04d-01-01T00:00:00Z", year))
		return &grammar.Compare{At: f.At, Op: op, OpSpan: f.Span, X: f, Y: begin}
	}
	switch t.mods.compare {
	case "gt":
		return edge(">=", years[0]+1)
	case "gte":
		return edge(">=", years[0])
	case "lt":
		return edge("<", years[0])
	case "lte":
		return edge("<", years[0]+1)
	}
	var xs []grammar.Expr
	for _, y := range years {
		xs = append(xs, join("and", []grammar.Expr{edge(">=", y), edge("<", y+1)}))
	}
	return join("or", xs)
}
