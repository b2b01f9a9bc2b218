package diag

import (
	"io"
	"net/url"
	"slices"
	"strings"
)

// The part of SARIF 2.1.0 (OASIS Standard, 27 March 2020) that diagnostics need; section numbers are of that document.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct { // 3.14
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"` // 3.14.17
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct { // 3.19
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct { // 3.49
		ID      string            `json:"id"`
		Short   sarifText         `json:"shortDescription"`
		Full    sarifText         `json:"fullDescription"`
		Help    *sarifText        `json:"help,omitempty"`
		Default map[string]string `json:"defaultConfiguration"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifResult struct { // 3.27
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
		Fixes     []sarifFix      `json:"fixes,omitempty"`
	}
	sarifLocation struct { // 3.28
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct { // 3.29
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct { // 3.30; columns count code points, see columnKind
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
	sarifFix struct { // 3.55
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted sarifText   `json:"insertedContent"`
	}
)

// WriteSARIF writes diagnostics as a SARIF 2.1.0 log; version is the version of the program, "" leaves it out.
func WriteSARIF(w io.Writer, list List, version string) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "onerule", Version: version, Rules: []sarifRule{}}
	index := map[Code]int{}
	for _, c := range codesOf(list) {
		index[c] = len(run.Tool.Driver.Rules)
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, ruleOf(c))
	}
	for _, d := range list {
		run.Results = append(run.Results, resultOf(d, index[d.Code]))
	}
	return writeIndented(w, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

// codesOf lists the codes in use, sorted.
func codesOf(list List) []Code {
	var codes []Code
	for _, d := range list {
		codes = append(codes, d.Code)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func ruleOf(c Code) sarifRule {
	rule := sarifRule{ID: string(c), Short: sarifText{Text: string(c)}, Full: sarifText{Text: string(c)}, Default: map[string]string{"level": sarifLevel(c.Severity())}}
	if e, ok := Lookup(c); ok {
		rule.Short.Text, rule.Full.Text = e.Title, e.Line
	}
	if page, ok := Explain(string(c)); ok {
		rule.Help = &sarifText{Text: page, Markdown: page}
	}
	return rule
}

func sarifLevel(s Severity) string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	case Note:
		return "note"
	}
	return "none"
}

func resultOf(d Diagnostic, rule int) sarifResult {
	r := sarifResult{RuleID: string(d.Code), RuleIndex: rule, Level: sarifLevel(d.Severity), Message: sarifText{Text: message(d)}}
	if d.Span.File != "" {
		r.Locations = []sarifLocation{{Physical: physical(d.Span)}}
	}
	for _, l := range d.Related {
		r.Related = append(r.Related, sarifLocation{Physical: physical(l.Span), Message: &sarifText{Text: l.Text}})
	}
	if len(d.Fix) > 0 {
		fix := sarifFix{Description: sarifText{Text: strings.Join(append([]string{d.Title}, d.Help...), "; ")}}
		for _, e := range d.Fix {
			fix.Changes = append(fix.Changes, sarifChange{
				Artifact:     sarifArtifact{fileURI(e.Span.File)},
				Replacements: []sarifReplacement{{Deleted: region(e.Span), Inserted: sarifText{Text: e.New}}},
			})
		}
		r.Fixes = []sarifFix{fix}
	}
	return r
}

func physical(s Span) sarifPhysical {
	p := sarifPhysical{Artifact: sarifArtifact{fileURI(s.File)}}
	if s.IsValid() {
		r := region(s)
		p.Region = &r
	}
	return p
}

func region(s Span) sarifRegion {
	return sarifRegion{s.Start.Line, s.Start.Col, max(s.End.Line, s.Start.Line), max(s.End.Col, 1)}
}

// fileURI writes a path as a relative URI reference.
func fileURI(file string) string {
	u := url.URL{Path: strings.ReplaceAll(file, `\`, "/")}
	return u.String()
}
