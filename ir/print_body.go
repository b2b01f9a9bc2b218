package ir

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// kindName is the word for the rule's kind in the text form.
func (r *Rule) kindName() string {
	switch r.Body.(type) {
	case *Count:
		return "count"
	case *FirstSeen:
		return "first_seen"
	case *Baseline:
		return "baseline"
	case *Sequence:
		if r.Body.(*Sequence).Ordered {
			return "sequence"
		}
		return "together"
	case *Absence:
		return "absence"
	case nil:
	}
	return "event"
}

// writeBody writes the columns and the body, one line for each part. Durations are milliseconds.
func writeBody(b *strings.Builder, r *Rule) {
	for _, k := range r.Keys {
		b.WriteString("  key " + keyText(k) + "\n")
	}
	for _, t := range r.Args {
		b.WriteString("  arg " + termText(t) + "\n")
	}
	for i, p := range r.Conds {
		b.WriteString("  cond ")
		writePred(b, p, 2)
		b.WriteString("\n")
		if i < len(r.CondFrom) {
			for _, c := range r.CondFrom[i] {
				b.WriteString("    of " + c.Class + " " + c.Source + "\n")
			}
		}
	}
	switch x := r.Body.(type) {
	case *Count:
		fmt.Fprintf(b, "  window %s %s %s %s\n", x.Window.Kind, msText(x.Window.Size), msText(x.Window.Every), msText(x.Window.Max))
		for _, s := range x.Scopes {
			b.WriteString("  scope " + symbol(s.Name) + " " + indexText(s.Keys) + "\n")
			for _, a := range s.Aggs {
				b.WriteString("    agg " + aggText(a) + "\n")
			}
		}
		b.WriteString("  per " + indexText(x.Per) + "\n")
		b.WriteString("  when " + CondText(x.When) + "\n")
	case *FirstSeen:
		fmt.Fprintf(b, "  first_seen %d every %s history %s warmup %s\n", x.Value, msText(x.Every), msText(x.History), msText(x.Warmup))
		b.WriteString("  per " + indexText(x.Per) + "\n")
	case *Baseline:
		fmt.Fprintf(b, "  measure %s bucket %s\n", aggText(x.Measure), msText(x.Bucket))
		fmt.Fprintf(b, "  baseline learn %s own %d population %v\n", msText(x.Learn), x.Own, x.Population)
		b.WriteString("  per " + indexText(x.Per) + "\n")
		b.WriteString("  when " + CondText(x.When) + "\n")
	case *Sequence:
		writeSequence(b, x)
	case *Absence:
		fmt.Fprintf(b, "  expect %d key %d window %s grace %s\n", x.Min, x.Key, msText(x.Window), msText(x.Grace))
		words := make([]string, len(x.Expected))
		for i, v := range x.Expected {
			words[i] = valueText(v)
		}
		b.WriteString("  in [" + strings.Join(words, " ") + "]\n")
	case nil:
	}
}

func writeSequence(b *strings.Builder, x *Sequence) {
	fmt.Fprintf(b, "  within %s\n", msText(x.Within))
	b.WriteString("  per " + indexText(x.Per) + "\n")
	for _, s := range x.Steps {
		fmt.Fprintf(b, "  step %s %s %d %s %d\n", symbol(s.Name), s.Kind, s.Cond, indexText(s.Keys), s.Repeat)
	}
	for _, c := range x.Cross {
		b.WriteString("  cross " + crossText(c) + "\n")
	}
}

func crossText(c Cross) string {
	text := "(rel." + opText(c.Op, c.Cased) + " " + stepText(c.L) + " " + stepText(c.R) + ")"
	if c.Negated {
		return "(not " + text + ")"
	}
	return text
}

func stepText(v StepValue) string {
	return "(step " + strconv.Itoa(v.Step) + " " + strconv.Itoa(v.Arg) + ")"
}

func msText(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func indexText(xs []int) string {
	words := make([]string, len(xs))
	for i, x := range xs {
		words[i] = strconv.Itoa(x)
	}
	return "[" + strings.Join(words, " ") + "]"
}

func keyText(k Key) string {
	if k.Fold {
		return "(fold " + termText(k.Term) + ")"
	}
	return termText(k.Term)
}

// aggText writes an aggregate: name, function, argument and condition by index (-1 for none), percent.
func aggText(a Agg) string {
	return fmt.Sprintf("%s %s %d %d %s", symbol(a.Name), a.Func, a.Arg, a.Where, numText(a.Percent))
}

func numText(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// CondText returns the text form of a condition over aggregates.
func CondText(c Cond) string {
	list := func(head string, xs ...Cond) string {
		words := []string{head}
		for _, x := range xs {
			words = append(words, CondText(x))
		}
		return "(" + strings.Join(words, " ") + ")"
	}
	switch c := c.(type) {
	case *CondAnd:
		return list("and", c.Xs...)
	case *CondOr:
		return list("or", c.Xs...)
	case *CondNot:
		return list("not", c.X)
	case *CondCmp:
		return "(" + c.Op.Info().Name + " " + NumText(c.L) + " " + NumText(c.R) + ")"
	}
	return ""
}

// NumText returns the text form of a number.
func NumText(n Num) string {
	switch n := n.(type) {
	case *NumLit:
		if n.Param != "" {
			return "(param " + symbol(n.Param) + " " + numText(n.Value) + ")"
		}
		return numText(n.Value)
	case *NumAgg:
		return "(agg " + strconv.Itoa(n.Scope) + " " + strconv.Itoa(n.Agg) + ")"
	case *NumBase:
		return "(base " + n.What.String() + ")"
	case *NumStep:
		return stepText(n.StepValue)
	case *NumArith:
		return "(" + string(n.Op) + " " + NumText(n.X) + " " + NumText(n.Y) + ")"
	case *NumCall:
		words := []string{n.Func.String()}
		for _, x := range n.Args {
			words = append(words, NumText(x))
		}
		return "(" + strings.Join(words, " ") + ")"
	}
	return ""
}
