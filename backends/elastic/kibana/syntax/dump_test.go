package syntax

import (
	"fmt"
	"strings"
)

// dump writes a tree without its spans, as (op part …): q"…" quoted, w"…" a word, p"…" a pattern with ‹*› for a star.
func dump(n Node) string {
	switch n := n.(type) {
	case *And:
		return "(and" + dumpAll(n.Parts) + ")"
	case *Or:
		return "(or" + dumpAll(n.Parts) + ")"
	case *Not:
		return "(not " + dump(n.Part) + ")"
	case *Match:
		return "(: " + dumpName(n.Field) + " " + dumpValue(n.Value) + ")"
	case *Range:
		return "(" + string(n.Op) + " " + dumpName(n.Field) + " " + dumpValue(n.Value) + ")"
	case *Free:
		return "(free " + dumpValue(n.Value) + ")"
	case *Nested:
		return "(nested " + dumpName(n.Path) + " " + dump(n.Query) + ")"
	}
	return "?"
}

func dumpAll(parts []Node) string {
	s := ""
	for _, p := range parts {
		s += " " + dump(p)
	}
	return s
}

func dumpName(n Name) string {
	if n.Null {
		return "NULL"
	}
	return dumpParts(n.Parts)
}

func dumpParts(parts []Part) string {
	s := ""
	for _, p := range parts {
		if p.Star {
			s += "‹*›"
		} else {
			s += p.Text
		}
	}
	if s == "" || strings.ContainsAny(s, " \t\r\n()\"") {
		return fmt.Sprintf("%q", s)
	}
	return s
}

func dumpValue(v Value) string {
	list := func(op string, parts []Value) string {
		s := "(" + op
		for _, p := range parts {
			s += " " + dumpValue(p)
		}
		return s + ")"
	}
	switch v := v.(type) {
	case *Literal:
		switch v.Kind {
		case Quoted:
			return fmt.Sprintf("q%q", v.Text)
		case Word:
			return fmt.Sprintf("w%q", v.Text)
		case True, False, Null:
			return strings.ToUpper(v.Text)
		}
	case *Pattern:
		return fmt.Sprintf("p%q", dumpParts(v.Parts))
	case *ValueAnd:
		return list("and", v.Parts)
	case *ValueOr:
		return list("or", v.Parts)
	case *ValueNot:
		return list("not", []Value{v.Part})
	}
	return "?"
}
