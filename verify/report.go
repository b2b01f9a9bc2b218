package verify

import (
	"fmt"
	"io"
	"strings"
)

// Reports are the writers of reports by format.
var Reports = map[string]func(io.Writer, []*Result) error{
	"text": WriteText,
}

// WriteText writes one line for each rule and language, and every disagreement in full.
func WriteText(w io.Writer, results []*Result) error {
	var b strings.Builder
	counts := map[Status]int{}
	for _, r := range results {
		counts[r.Status]++
		fmt.Fprintf(&b, "%-9s %-8s %s", r.Status, r.Backend.Lang, r.Rule.Name)
		if r.Status == Refused || r.Status == Failed {
			b.WriteByte('\n')
			continue
		}
		fmt.Fprintf(&b, "  %s, %d events, %d findings, decisive %d/%d", r.Output.Fidelity.Kind, r.Cases, r.Findings, r.Coverage.Decisive, r.Coverage.Leaves)
		if len(r.Output.Fidelity.Assumptions) > 0 {
			fmt.Fprintf(&b, ", assumes %s", strings.Join(r.Output.Fidelity.Assumptions, " "))
		}
		if len(r.Doubts) > 0 {
			fmt.Fprintf(&b, ", doubts %s", strings.Join(r.Doubts, " "))
		}
		if len(r.Unrealised) > 0 {
			fmt.Fprintf(&b, ", %d test events that this telemetry cannot carry", len(r.Unrealised))
		}
		b.WriteByte('\n')
		for _, d := range r.Disagreements {
			writeDisagreement(&b, r, d)
		}
	}
	fmt.Fprintf(&b, "%d agree, %d disagree, %d refused, %d failed\n", counts[Agrees], counts[Disagrees], counts[Refused], counts[Failed])
	_, err := io.WriteString(w, b.String())
	return err
}

func writeDisagreement(b *strings.Builder, r *Result, d Disagreement) {
	fmt.Fprintf(b, "    %s (%s): %s\n", d.Case.Name, d.Blame, d.Why)
	fmt.Fprintf(b, "      rule %v, bound rule %v, %s %v\n", d.Want, d.Bound, r.Backend.Lang, d.Got)
	fmt.Fprintf(b, "      event %s\n", jsonText(d.Native))
	if d.Leaf != "" {
		fmt.Fprintf(b, "      condition %s\n", d.Leaf)
	}
	if d.Piece != "" {
		fmt.Fprintf(b, "      printed as %s\n", d.Piece)
	}
}
