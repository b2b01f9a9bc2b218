package ir

import (
	"strconv"
	"strings"
)

// PrintBound returns the text of a bound rule: for each part the binding, the class, the table, what selects the events,
// the condition, the columns and what the binding assumes. It is for reading; predicates are in the form that [ParsePred] reads.
func PrintBound(r *Bound) string {
	var b strings.Builder
	b.WriteString("ir " + strconv.Itoa(TextVersion) + "\nbound " + strconv.Quote(r.Rule.Name) + " v" + strconv.Itoa(r.Rule.Version) + " " + r.Platform + " {\n")
	for _, p := range r.Parts {
		b.WriteString("  part " + p.Binding.Name + " " + p.Class.Class)
		if p.Class.Table != "" {
			b.WriteString(" " + strconv.Quote(p.Class.Table))
		}
		b.WriteString("\n    select ")
		writePred(&b, p.Select, 4)
		b.WriteString("\n    where ")
		writePred(&b, p.Where, 4)
		b.WriteString("\n")
		for _, k := range p.Keys {
			b.WriteString("    key " + keyText(k) + "\n")
		}
		for _, t := range p.Args {
			b.WriteString("    arg " + termText(t) + "\n")
		}
		for _, c := range p.Conds {
			b.WriteString("    cond ")
			writePred(&b, c, 4)
			b.WriteString("\n")
		}
		if len(p.Assumptions) > 0 {
			b.WriteString("    assume " + strings.Join(p.Assumptions, " ") + "\n")
		}
	}
	b.WriteString("}\n")
	return b.String()
}
