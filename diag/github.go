package diag

import (
	"fmt"
	"io"
	"strings"
)

// WriteGitHub writes diagnostics as workflow commands of GitHub Actions, one a line; they become annotations of a pull
// request. Source: docs.github.com, "Workflow commands for GitHub Actions".
func WriteGitHub(w io.Writer, list List) error {
	for _, d := range list {
		if _, err := io.WriteString(w, githubLine(d)); err != nil {
			return err
		}
	}
	return nil
}

func githubLine(d Diagnostic) string {
	command := map[Severity]string{Error: "error", Warning: "warning", Note: "notice"}[d.Severity]
	var properties []string
	add := func(key, value string) {
		properties = append(properties, key+"="+githubProperty.Replace(value))
	}
	if d.Span.File != "" {
		add("file", d.Span.File)
	}
	if d.Span.IsValid() {
		add("line", fmt.Sprint(d.Span.Start.Line))
		add("endLine", fmt.Sprint(d.Span.End.Line))
		add("col", fmt.Sprint(d.Span.Start.Col))
		if d.Span.Start.Line == d.Span.End.Line {
			add("endColumn", fmt.Sprint(max(d.Span.End.Col, d.Span.Start.Col)))
		}
	}
	add("title", string(d.Code))
	return "::" + command + " " + strings.Join(properties, ",") + "::" + githubData.Replace(message(d)) + "\n"
}

// message is the whole diagnostic as plain text, without place.
func message(d Diagnostic) string {
	lines := []string{d.Title}
	if d.Label != "" {
		lines[0] += ": " + d.Label
	}
	for _, n := range d.Notes {
		lines = append(lines, "note: "+n)
	}
	for _, h := range d.Help {
		lines = append(lines, "help: "+h)
	}
	return strings.Join(lines, "\n")
}

// GitHub's runner reads %25, %0D and %0A in messages, and %3A and %2C in properties.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
