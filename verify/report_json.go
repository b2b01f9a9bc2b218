package verify

import (
	"encoding/json"
	"io"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/diag"
)

// The types of the JSON report; cmd/onerule/schema/verify.json describes them.
type (
	jsonReport struct {
		Summary Counts       `json:"summary"`
		Results []jsonResult `json:"results"`
	}
	jsonResult struct {
		Rule        string   `json:"rule"`
		ID          string   `json:"id,omitempty"`
		Version     int      `json:"version"`
		Title       string   `json:"title,omitempty"`
		File        string   `json:"file"`
		Line        int      `json:"line"`
		Lang        string   `json:"lang"`
		Platform    string   `json:"platform"`
		Status      Status   `json:"status"`
		Level       string   `json:"level"`
		Assumptions []string `json:"assumptions"`
		Doubts      []string `json:"doubts"`
		Query       string   `json:"query,omitempty"`
		Events      int      `json:"events"`
		Findings    int      `json:"findings"`
		Outside     int      `json:"outside_assumptions"`
		Unrealised  []string `json:"unrealised"`
		Coverage    struct {
			Leaves    int      `json:"leaves"`
			Decisive  int      `json:"decisive"`
			Undecided []string `json:"undecided"`
			Bounds    []string `json:"bounds"`
		} `json:"coverage"`
		Inexact       []jsonLeaf          `json:"inexact"`
		Disagreements []jsonDisagreement  `json:"disagreements"`
		Diagnostics   []jsonNamedSeverity `json:"diagnostics"`
	}
	jsonLeaf struct {
		Condition   string   `json:"condition"`
		Construct   string   `json:"construct"`
		Negated     bool     `json:"negated"`
		Level       string   `json:"level"`
		Assumptions []string `json:"assumptions"`
		Why         string   `json:"why,omitempty"`
		Instead     string   `json:"instead,omitempty"`
		Line        int      `json:"line,omitempty"`
	}
	jsonDisagreement struct {
		Case      string           `json:"case"`
		Origin    Origin           `json:"origin"`
		Blame     string           `json:"blame"`
		Why       string           `json:"why"`
		Rule      bool             `json:"rule"`
		Bound     bool             `json:"bound"`
		Query     bool             `json:"query"`
		Event     map[string]any   `json:"event,omitempty"`
		Finding   string           `json:"finding,omitempty"`
		Events    []map[string]any `json:"events,omitempty"`
		Condition string           `json:"condition,omitempty"`
		Text      string           `json:"text,omitempty"`
	}
	jsonNamedSeverity struct {
		Severity string `json:"severity"`
		diag.Diagnostic
	}
)

// WriteJSON writes the results as one JSON object.
func WriteJSON(w io.Writer, results []*Result) error {
	report := jsonReport{Summary: Count(results), Results: []jsonResult{}}
	for _, r := range results {
		report.Results = append(report.Results, resultJSON(r))
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(report)
}

func resultJSON(r *Result) jsonResult {
	out := jsonResult{
		Rule: r.Rule.Name, ID: r.Rule.Meta.ID, Version: r.Rule.Version, Title: r.Rule.Meta.Title, File: r.Rule.File, Line: r.Rule.Span.Start.Line,
		Lang: r.Backend.Lang, Platform: r.Backend.Platform, Status: r.Status, Level: r.Output.Fidelity.Kind.String(),
		Assumptions: list(r.Output.Fidelity.Assumptions), Doubts: list(r.Doubts), Query: r.Output.Query.Text,
		Events: r.Cases, Findings: r.Findings, Outside: r.OutsideAssumptions, Unrealised: list(r.Unrealised),
		Inexact: []jsonLeaf{}, Disagreements: []jsonDisagreement{}, Diagnostics: []jsonNamedSeverity{},
	}
	out.Coverage.Leaves, out.Coverage.Decisive, out.Coverage.Undecided = r.Coverage.Leaves, r.Coverage.Decisive, list(r.Coverage.Undecided)
	out.Coverage.Bounds = list(r.Coverage.Bounds)
	for _, l := range r.Output.Fidelity.Leaves {
		out.Inexact = append(out.Inexact, leafJSON(l))
	}
	for _, d := range r.Disagreements {
		out.Disagreements = append(out.Disagreements, jsonDisagreement{
			Case: d.Case.Name, Origin: d.Case.Origin, Blame: d.Blame, Why: d.Why, Rule: d.Want, Bound: d.Bound, Query: d.Got,
			Event: d.Native, Finding: d.Finding, Events: d.Stream, Condition: d.Leaf, Text: d.Piece,
		})
	}
	for _, d := range r.Diags {
		out.Diagnostics = append(out.Diagnostics, jsonNamedSeverity{d.Severity.String(), d})
	}
	return out
}

func leafJSON(l backends.LeafLevel) jsonLeaf {
	return jsonLeaf{
		Condition: l.Text, Construct: string(l.Construct), Negated: l.Negated, Level: l.Level.Kind.String(),
		Assumptions: list(l.Level.Assumptions), Why: l.Level.Why, Instead: l.Level.Instead, Line: l.Span.Start.Line,
	}
}

// list is a list that JSON writes as [] when it is empty.
func list(in []string) []string {
	if in == nil {
		return []string{}
	}
	return in
}
