package verify

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
)

// ReportFormats lists the formats of [WriteReport].
var ReportFormats = []string{"text", "json", "junit", "html", "sarif", "github"}

// WriteReport writes the results in one of the formats; version is that of the program, for SARIF.
func WriteReport(w io.Writer, format string, results []*Result, version string) error {
	switch format {
	case "text":
		return WriteText(w, results)
	case "json":
		return WriteJSON(w, results)
	case "junit":
		return WriteJUnit(w, results)
	case "html":
		return WriteHTML(w, results)
	case "sarif":
		return diag.WriteSARIF(w, Findings(results), version)
	case "github":
		return diag.WriteGitHub(w, Findings(results))
	}
	return fmt.Errorf("there is no report format %q", format)
}

// WriteText writes one line for each rule and language, and every disagreement in full.
func WriteText(w io.Writer, results []*Result) error {
	var b strings.Builder
	langs, names := widths(results)
	for _, r := range results {
		fmt.Fprintf(&b, "%-9s %-*s %-*s  %s\n", r.Status, langs, r.Backend.Lang, names, r.Rule.Name, r.Outcome())
		for _, d := range r.Disagreements {
			writeDisagreement(&b, r, d)
		}
	}
	c := Count(results)
	fmt.Fprintf(&b, "%d agree, %d disagree, %d refused, %d failed\n", c.Agrees, c.Disagrees, c.Refused, c.Failed)
	_, err := io.WriteString(w, b.String())
	return err
}

// widths are those of the longest language name and the longest rule name, within reason.
func widths(results []*Result) (langs, names int) {
	for _, r := range results {
		langs, names = max(langs, len(r.Backend.Lang)), max(names, min(len(r.Rule.Name), 60))
	}
	return langs, names
}

// Outcome says in one line what was found out: the level and the figures, or why there is no query.
func (r *Result) Outcome() string {
	if r.Status == Refused || r.Status == Failed {
		return r.Reason()
	}
	parts := []string{
		r.Output.Fidelity.Kind.String(), count(r.Cases, "event"), count(r.Findings, "finding"),
		fmt.Sprintf("decisive %d/%d", r.Coverage.Decisive, r.Coverage.Leaves),
	}
	if r.Status == Agrees && r.Findings == 0 {
		parts = append(parts, "NOTHING PROVED: no event was a finding")
	}
	if a := r.Output.Fidelity.Assumptions; len(a) > 0 {
		parts = append(parts, "assumes "+strings.Join(a, " "))
	}
	if len(r.Doubts) > 0 {
		parts = append(parts, "doubts "+strings.Join(r.Doubts, " "))
	}
	if len(r.Coverage.Bounds) > 0 {
		parts = append(parts, "not all was tried: "+strings.Join(r.Coverage.Bounds, "; "))
	}
	if n := len(r.Unrealised); n > 0 {
		parts = append(parts, count(n, "test event")+" that this telemetry cannot carry")
	}
	return strings.Join(parts, ", ")
}

// Reason is the first fault that keeps the result from agreeing, "" when there is none.
func (r *Result) Reason() string {
	i := slices.IndexFunc(r.Diags, func(d diag.Diagnostic) bool { return d.Severity == diag.Error })
	if i < 0 {
		return ""
	}
	return fmt.Sprintf("%s: %s", r.Diags[i].Code, firstLine(r.Diags[i].Title))
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// Counts are the numbers of results by outcome.
type Counts struct {
	Agrees    int `json:"agrees"`
	Disagrees int `json:"disagrees"`
	Refused   int `json:"refused"`
	Failed    int `json:"failed"`
}

// Count counts the results by outcome.
func Count(results []*Result) Counts {
	var c Counts
	for _, r := range results {
		switch r.Status {
		case Agrees:
			c.Agrees++
		case Disagrees:
			c.Disagrees++
		case Refused:
			c.Refused++
		case Failed:
			c.Failed++
		}
	}
	return c
}

func writeDisagreement(b *strings.Builder, r *Result, d Disagreement) {
	fmt.Fprintf(b, "    %s (%s): %s\n", d.Case.Name, d.Blame, d.Why)
	fmt.Fprintf(b, "      %s\n", answersText(r, d))
	if d.Finding != "" {
		fmt.Fprintf(b, "      finding %s\n", d.Finding)
	}
	for _, e := range d.events() {
		fmt.Fprintf(b, "      event %s\n", jsonText(e))
	}
	if d.Detail != "" {
		fmt.Fprintf(b, "      %s\n", strings.ReplaceAll(strings.TrimRight(d.Detail, "\n"), "\n", "\n      "))
	}
	if d.Leaf != "" {
		fmt.Fprintf(b, "      condition %s\n", d.Leaf)
	}
	if d.Piece != "" {
		fmt.Fprintf(b, "      printed as %s\n", strings.ReplaceAll(d.Piece, "\n", "\n        "))
	}
}

// events are the event of the disagreement, or those of its stream.
func (d Disagreement) events() []map[string]any {
	if d.Finding != "" {
		return d.Stream
	}
	return []map[string]any{d.Native}
}

// answersText says what the three witnesses answer.
func answersText(r *Result, d Disagreement) string {
	return fmt.Sprintf("the rule %s, the bound rule %s, %s %s", answer(d.Want), answer(d.Bound), r.Backend.Lang, answer(d.Got))
}

func answer(found bool) string {
	if found {
		return "finds it"
	}
	return "does not find it"
}
