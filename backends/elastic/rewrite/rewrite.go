// Package rewrite holds what the lowerings of EQL and ES|QL share: regular expressions in Lucene's syntax, and the
// mapping types of a binding's fields. Interpreters do not import it.
package rewrite

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pattern"
	"github.com/onerule/onerule/schema"
)

// MaxRegexp is the longest regular expression that Elasticsearch takes by default (index.max_regex_length).
const MaxRegexp = 1000

// Types returns the Elasticsearch mapping types of the native fields of a part, by dotted path.
func Types(p ir.Part) map[string]string {
	types := map[string]string{}
	for _, f := range p.Natives() {
		if root, ok := strings.CutPrefix(f.Vendor, flattened); ok {
			types[root] = "flattened"
		} else if f.Path != "" {
			types[unmarked(f.Path)] = typeName(f)
		}
	}
	return types
}

// Path returns the name of a native field as Elasticsearch maps it: arrays leave no mark in it.
func Path(f *ir.Field) string { return unmarked(f.Name) }

func unmarked(path string) string { return strings.ReplaceAll(path, "[]", "") }

// caseless marks a vendor type whose field has a sub-field .caseless with a lower-casing normalizer, as Elastic Defend maps
// names, paths and command lines.
const caseless = ".caseless"

// Caseless reports whether the field has a sub-field .caseless.
func Caseless(f *ir.Field) bool {
	return f.Native != nil && strings.HasSuffix(f.Native.Vendor, caseless)
}

// Keyword reports whether the field is mapped as keyword and nothing else: Kibana sends wildcard queries to such fields only.
func Keyword(f *ir.Field) bool {
	if f.Native == nil {
		return true
	}
	v := strings.TrimSuffix(f.Native.Vendor, caseless)
	return v == "keyword" || v == "" && f.Type == schema.Keyword
}

// Analysed reports whether a predicate compares text that the index keeps as words, not as a whole.
func Analysed(p ir.Pred) (name string, ok bool) {
	switch p.(type) {
	case *ir.Exists, *ir.Const:
		return "", false
	case *ir.And, *ir.Cmp, *ir.Empty, *ir.Keyword, *ir.Not, *ir.Or, *ir.Quant, *ir.Rel:
	}
	for _, f := range ir.FieldsOf(p) {
		vendor := ""
		if f.Native != nil {
			vendor = f.Native.Vendor
		}
		if vendor == "text" || vendor == "match_only_text" || vendor == "" && f.Type == schema.Text {
			return f.Name, true
		}
	}
	return "", false
}

// flattened begins the vendor type of a key of a flattened field, whose path follows it.
const flattened = "flattened "

// RefuseFlattened returns the table with every row refusing keys of flattened fields, which EQL and ES|QL do not know as
// fields (elasticsearch issues 101985 and 105637).
func RefuseFlattened(t backends.Table, language string) backends.Table {
	return refuse(t, func(p ir.Pred) (backends.Level, bool) {
		for _, f := range ir.FieldsOf(p) {
			if f.Native != nil && strings.HasPrefix(f.Native.Vendor, flattened) {
				return backends.Refused("`"+f.Name+"` is a key of a flattened field, and "+language+" reads none", "use Kibana's query language"), true
			}
		}
		return backends.Level{}, false
	})
}

// RefuseAnalysed returns the table with every row refusing analysed text, for the reason given.
func RefuseAnalysed(t backends.Table, why string) backends.Table {
	return refuse(t, func(p ir.Pred) (backends.Level, bool) {
		name, ok := Analysed(p)
		return backends.Refused("`"+name+"` is analysed text: "+why, "use ES|QL, which reads the whole text, or another field"), ok
	})
}

// refuse returns the table with every row at the level that refused gives, where it gives one.
func refuse(t backends.Table, refused func(ir.Pred) (backends.Level, bool)) backends.Table {
	out := backends.Table{}
	for c, row := range t {
		level := row.Level
		row.Level = func(p ir.Pred, negated bool) backends.Level {
			if l, ok := refused(p); ok {
				return l
			}
			return level(p, negated)
		}
		out[c] = row
	}
	return out
}

func typeName(f schema.NativeField) string {
	if base, ok := strings.CutSuffix(f.Vendor, caseless); ok {
		return `{"type": "` + base + `", "fields": {"caseless": {"type": "keyword", "normalizer": "lowercase"}}}`
	}
	if f.Vendor != "" {
		return f.Vendor
	}
	switch f.Type {
	case schema.Text:
		return "text"
	case schema.Long:
		return "long"
	case schema.Double:
		return "double"
	case schema.Boolean:
		return "boolean"
	case schema.Date:
		return "date"
	case schema.IP:
		return "ip"
	case schema.Keyword, schema.Invalid:
	}
	return "keyword"
}

// Search returns a Lucene expression, which always fits the whole value, for an expression that fits somewhere in it. ok is
// false when an anchor stands where Lucene cannot say it, and when the expression fits nothing.
func Search(n pattern.Node) (re string, ok bool) {
	alternatives := []pattern.Node{n}
	if a, is := n.(*pattern.Alternate); is {
		alternatives = a.Xs
	}
	out := make([]string, 0, len(alternatives))
	for _, alt := range alternatives {
		xs := []pattern.Node{alt}
		if c, is := alt.(*pattern.Concat); is {
			xs = c.Xs
		}
		before, after := ".*", ".*"
		for len(xs) > 0 && isBegin(xs[0]) {
			before, xs = "", xs[1:]
		}
		for len(xs) > 0 && isEnd(xs[len(xs)-1]) {
			after, xs = "", xs[:len(xs)-1]
		}
		body, ok := Lucene(pattern.Seq(xs...))
		if !ok {
			return "", false
		}
		if before != "" || after != "" {
			if _, is := pattern.Seq(xs...).(*pattern.Alternate); is {
				body = "(" + body + ")"
			}
		}
		out = append(out, before+body+after)
	}
	return strings.Join(out, "|"), true
}

func isBegin(n pattern.Node) bool { _, ok := n.(*pattern.Begin); return ok }
func isEnd(n pattern.Node) bool   { _, ok := n.(*pattern.End); return ok }

// Lucene prints an expression without anchors in Lucene's syntax, with every operator of RegExp.ALL escaped where it is
// meant as a character. Sources: Elasticsearch reference, "Regular expression syntax"; Lucene javadoc, RegExp.
func Lucene(n pattern.Node) (re string, ok bool) {
	var b strings.Builder
	ok = printNode(&b, n, 0)
	return b.String(), ok
}

func printNode(b *strings.Builder, n pattern.Node, prec int) bool {
	open := func(p int) func() {
		if prec > p {
			b.WriteByte('(')
			return func() { b.WriteByte(')') }
		}
		return func() {}
	}
	switch n := n.(type) {
	case *pattern.Runes:
		if prec == 2 && utf8.RuneCountInString(n.Text) > 1 {
			defer open(1)()
		}
		b.WriteString(Quote(n.Text))
		return true
	case *pattern.Class:
		return printClass(b, n)
	case *pattern.Concat:
		defer open(1)()
		if len(n.Xs) == 0 {
			b.WriteString("()")
		}
		for _, x := range n.Xs {
			if !printNode(b, x, 1) {
				return false
			}
		}
		return true
	case *pattern.Alternate:
		defer open(0)()
		for i, x := range n.Xs {
			if i > 0 {
				b.WriteByte('|')
			}
			if !printNode(b, x, 1) {
				return false
			}
		}
		return true
	case *pattern.Repeat:
		defer open(1)()
		if !printNode(b, n.X, 2) {
			return false
		}
		b.WriteString(pattern.Quantifier(n))
		return true
	case *pattern.Begin, *pattern.End:
	}
	return false
}

// Quote returns the Lucene expression of a plain text.
func Quote(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(`.?+*|{}[]()"\#@&<>~`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func printClass(b *strings.Builder, c *pattern.Class) bool {
	switch {
	case len(c.Ranges) == 0:
		return false
	case len(c.Ranges) == 1 && c.Ranges[0] == pattern.Range{Lo: 0, Hi: unicode.MaxRune}:
		b.WriteByte('.')
		return true
	}
	ranges, negated := c.Ranges, ""
	if c.Ranges[len(c.Ranges)-1].Hi == unicode.MaxRune {
		ranges, negated = pattern.Complement(c.Ranges), "^"
	}
	b.WriteString("[" + negated)
	for _, r := range ranges {
		classRune(b, r.Lo)
		if r.Hi > r.Lo {
			b.WriteByte('-')
			classRune(b, r.Hi)
		}
	}
	b.WriteByte(']')
	return true
}

func classRune(b *strings.Builder, r rune) {
	if strings.ContainsRune(`\][^-"`, r) {
		b.WriteByte('\\')
	}
	b.WriteRune(r)
}

// Element returns a Lucene expression for the values that satisfy the body of a quantifier over text: conjunction is &,
// negation ~. ok is false when the body asks for anything but text operators on the element.
func Element(body ir.Pred, name string) (re string, ok bool) {
	switch p := body.(type) {
	case *ir.And:
		return joinElements(p.Xs, name, "&")
	case *ir.Or:
		return joinElements(p.Xs, name, "|")
	case *ir.Not:
		re, ok = Element(p.X, name)
		return "~(" + re + ")", ok
	case *ir.Cmp:
		return elementTest(p, name)
	case *ir.Const, *ir.Rel, *ir.Exists, *ir.Empty, *ir.Quant, *ir.Keyword:
	}
	return "", false
}

func joinElements(xs []ir.Pred, name, op string) (string, bool) {
	parts := make([]string, len(xs))
	for i, x := range xs {
		re, ok := Element(x, name)
		if !ok {
			return "", false
		}
		parts[i] = "(" + re + ")"
	}
	return strings.Join(parts, op), true
}

func elementTest(p *ir.Cmp, name string) (string, bool) {
	if e, ok := p.L.(*ir.Elem); !ok || e.Var != name || e.Sub != "" || !e.Type.IsString() {
		return "", false
	}
	alts := make([]string, len(p.R))
	for i, v := range p.R {
		node, ok := ir.TextPattern(p.Op, p.Cased, v.Str())
		if !ok {
			return "", false
		}
		re, ok := Search(node)
		if !ok {
			return "", false
		}
		alts[i] = re
	}
	return strings.Join(alts, "|"), true
}
