package ir

import (
	"strconv"
	"strings"

	"github.com/onerule/onerule/schema"
)

// TextVersion is the version of the text form, printed in its first line.
const TextVersion = 1

// Print returns the text form of the rule's meaning: sources, conditions and alternatives, without metadata and tests.
// [Parse] reads it back.
func Print(r *Rule) string {
	var b strings.Builder
	b.WriteString("ir " + strconv.Itoa(TextVersion) + "\nrule " + strconv.Quote(r.Name) + " v" + strconv.Itoa(r.Version) + " " + r.kindName() + " {\n")
	for _, f := range r.Fields {
		b.WriteString("  field " + symbol(f.Name) + " " + typeText(f.Type, f.Array) + "\n")
	}
	for _, c := range r.From {
		b.WriteString("  from " + c.Class + " " + c.Source + "\n")
	}
	b.WriteString("  where ")
	writePred(&b, r.Where, 2)
	b.WriteString("\n")
	for _, a := range r.Alts {
		b.WriteString("  alt " + a.Binding + " ")
		writePred(&b, a.Where, 2)
		b.WriteString("\n")
	}
	writeBody(&b, r)
	b.WriteString("}\n")
	return b.String()
}

// PrintPred returns the text form of a predicate on one line.
func PrintPred(p Pred) string {
	var b strings.Builder
	writePred(&b, p, -1)
	return b.String()
}

// lineWidth is where a predicate in a rule is broken into one line per member.
const lineWidth = 100

// writePred writes a predicate; indent -1 means one line.
func writePred(b *strings.Builder, p Pred, indent int) {
	if indent >= 0 {
		if line := PrintPred(p); len(line)+indent <= lineWidth {
			b.WriteString(line)
			return
		}
	}
	list := func(head string, xs []Pred) {
		b.WriteString("(" + head)
		for _, x := range xs {
			if indent < 0 {
				b.WriteByte(' ')
				writePred(b, x, -1)
				continue
			}
			b.WriteString("\n" + strings.Repeat(" ", indent+2))
			writePred(b, x, indent+2)
		}
		b.WriteByte(')')
	}
	switch p := p.(type) {
	case *And:
		list("and", p.Xs)
	case *Or:
		list("or", p.Xs)
	case *Not:
		list("not", []Pred{p.X})
	case *Quant:
		list(p.Kind.String()+" "+p.Var+" "+termText(p.Over), []Pred{p.Body})
	case *Const:
		b.WriteString(strconv.FormatBool(p.Value))
	case *Cmp:
		b.WriteString("(" + opText(p.Op, p.Cased) + " " + termText(p.L) + " [")
		for i, v := range p.R {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(valueText(v))
		}
		b.WriteString("])")
	case *Rel:
		b.WriteString("(rel." + opText(p.Op, p.Cased) + " " + termText(p.L) + " " + termText(p.R) + ")")
	case *Exists:
		b.WriteString("(exists " + termText(p.F) + ")")
	case *Empty:
		b.WriteString("(empty " + termText(p.F) + ")")
	case *Keyword:
		b.WriteString("(keyword " + opText(p.Op, p.Cased) + " " + strconv.Quote(p.Text) + ")")
	}
}

// TermText returns the text form of a term.
func TermText(t Term) string { return termText(t) }

func opText(op Op, cased bool) string {
	if cased {
		return op.Info().Name + ".cs"
	}
	return op.Info().Name
}

func termText(t Term) string {
	switch t := t.(type) {
	case *Field:
		if t.Native == nil {
			return "(field " + symbol(t.Name) + ")"
		}
		return "(native " + symbol(t.Name) + " " + typeText(t.Type, t.Array) + spellingText(t.Native.Spelling) + ")"
	case *Elem:
		s := "(elem " + t.Var + " " + t.Type.String()
		if t.Sub != "" {
			s += " " + symbol(t.Sub)
		}
		return s + ")"
	case *Lit:
		return valueText(t.Value)
	case *Arith:
		return "(" + string(t.Op) + " " + termText(t.X) + " " + termText(t.Y) + ")"
	case *Call:
		return "(" + t.Func.String() + " " + termText(t.X) + ")"
	}
	return ""
}

func typeText(t schema.Type, array bool) string {
	if array {
		return t.String() + "[]"
	}
	return t.String()
}

func spellingText(s schema.Spelling) string {
	switch {
	case s.Lower:
		return " lower"
	case len(s.Fixed) > 0:
		parts := make([]string, len(s.Fixed))
		for i, f := range s.Fixed {
			parts[i] = strconv.Quote(f)
		}
		return " [" + strings.Join(parts, " ") + "]"
	}
	return ""
}

// symbol writes a name bare when it is made of the usual characters, else quoted.
func symbol(name string) string {
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("._@-[]", r):
		default:
			return strconv.Quote(name)
		}
	}
	if name == "" || name[0] == '[' {
		return strconv.Quote(name)
	}
	return name
}

// valueText writes a literal so that its type can be read off: text quoted, longs plain, doubles with a point or an
// exponent, booleans, dates behind @, addresses behind ip:.
func valueText(v schema.Value) string {
	switch v.Type() {
	case schema.Keyword, schema.Text:
		return strconv.Quote(v.Str())
	case schema.Double:
		s := v.String()
		if !strings.ContainsAny(s, ".eE") {
			s += ".0"
		}
		return s
	case schema.Date:
		return "@" + v.String()
	case schema.IP:
		return "ip:" + v.String()
	case schema.Long, schema.Boolean, schema.Invalid:
	}
	return v.String()
}
