package syntax

import (
	"strings"
	"unicode"
)

// Print writes a query. Every AND and OR is written, every OR stands in parentheses, every AND inside another operator too;
// negation is a leading minus. A nil tree is the empty query. Print(Parse(text)) reads back as the same tree.
func Print(n Node) string {
	var b strings.Builder
	if n != nil {
		printNode(&b, n, false)
	}
	return b.String()
}

// printNode writes a node; inner says that it stands inside another operator or a sign.
func printNode(b *strings.Builder, n Node, inner bool) {
	switch n := n.(type) {
	case *And:
		if inner {
			b.WriteByte('(')
		}
		printItems(b, n.Items, " AND ")
		if inner {
			b.WriteByte(')')
		}
	case *Or:
		b.WriteByte('(')
		printItems(b, n.Items, " OR ")
		b.WriteByte(')')
	case *Not:
		b.WriteByte('-')
		if x, ok := n.X.(*Not); ok {
			b.WriteByte('(')
			printNode(b, x, false)
			b.WriteByte(')')
			return
		}
		printNode(b, n.X, true)
	case *Match:
		printField(b, n.Field)
		if w, ok := n.Value.(Word); ok && n.Field.Kind == FieldNone {
			printFreeWord(b, w)
			return
		}
		printValue(b, n.Value)
	case *Group:
		printField(b, n.Field)
		if _, ok := n.X.(*Or); ok {
			printNode(b, n.X, false)
			return
		}
		b.WriteByte('(')
		printNode(b, n.X, false)
		b.WriteByte(')')
	case *Presence:
		if n.Missing {
			b.WriteString("_missing_:")
		} else {
			b.WriteString("_exists_:")
		}
		writeFieldName(b, n.Field)
	case *CIDR:
		b.WriteString("CIDR(")
		writeFieldName(b, n.Field)
		for _, block := range n.Blocks {
			b.WriteString(", ")
			b.WriteString(block)
		}
		b.WriteByte(')')
	}
}

func printItems(b *strings.Builder, items []Node, sep string) {
	for i, item := range items {
		if i > 0 {
			b.WriteString(sep)
		}
		printNode(b, item, true)
	}
}

func printField(b *strings.Builder, f Field) {
	if f.Kind == FieldNone {
		return
	}
	writeFieldName(b, f)
	b.WriteByte(':')
}

func writeFieldName(b *strings.Builder, f Field) {
	switch f.Kind {
	case FieldNone:
	case FieldFullText:
		b.WriteByte('*')
	case FieldAttribute:
		b.WriteByte('@')
		writeName(b, f.Name)
	case FieldPlain:
		writeName(b, f.Name)
	}
}

func printValue(b *strings.Builder, v Value) {
	switch v := v.(type) {
	case Word:
		for _, p := range v.Pieces {
			switch p.Kind {
			case Text:
				writeEscaped(b, p.Text)
			case Star:
				b.WriteByte('*')
			case Question:
				b.WriteByte('?')
			}
		}
	case Phrase:
		b.WriteByte('"')
		b.WriteString(v.Raw)
		b.WriteByte('"')
	case Compare:
		b.WriteString(string(v.Op))
		writeOperand(b, v.Operand)
	case Range:
		open, closing := byte('['), byte(']')
		if v.Exclusive {
			open, closing = '{', '}'
		}
		b.WriteByte(open)
		printBound(b, v.Low)
		b.WriteString(" TO ")
		printBound(b, v.High)
		b.WriteByte(closing)
	}
}

func printBound(b *strings.Builder, e Bound) {
	switch {
	case e.Open:
		b.WriteByte('*')
	case e.Quoted:
		b.WriteByte('"')
		b.WriteString(e.Raw)
		b.WriteByte('"')
	default:
		writeOperand(b, e.Raw)
	}
}

// writeOperand writes a number bare, with its sign, and any other text escaped.
func writeOperand(b *strings.Builder, text string) {
	if rest, ok := strings.CutPrefix(text, "-"); ok && IsNumber(rest) {
		b.WriteString(text)
		return
	}
	writeEscaped(b, text)
}

// special lists the characters that the vendor's page asks to escape. A single & or | is escaped as part of && and ||.
const special = "+-=&|><!(){}[]^\"“”~*?:\\#"

// writeEscaped writes the text of a value.
func writeEscaped(b *strings.Builder, text string) {
	for _, r := range text {
		if strings.ContainsRune(special, r) || unicode.IsSpace(r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
}

// writeName writes a field name: as a value, but a hyphen inside stays bare (@detail-type).
func writeName(b *strings.Builder, name string) {
	for i, r := range name {
		if (r != '-' || i == 0) && strings.ContainsRune(special, r) || unicode.IsSpace(r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
}

// printFreeWord writes a word without field: one that would read as an operator or as an attribute gets a backslash.
func printFreeWord(b *strings.Builder, w Word) {
	text, literal := w.Literal()
	if literal && (text == "AND" || text == "OR" || text == "NOT") || len(w.Pieces) > 0 && strings.HasPrefix(w.Pieces[0].Text, "@") {
		b.WriteByte('\\')
	}
	printValue(b, w)
}
