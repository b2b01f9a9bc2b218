package diag

import (
	"encoding/json"
	"io"
)

// jsonReport is what [WriteJSON] writes; diagnostics.schema.json describes it.
type jsonReport struct {
	Diagnostics []jsonDiagnostic `json:"diagnostics"`
	Errors      int              `json:"errors"`
	Warnings    int              `json:"warnings"`
}

type jsonDiagnostic struct {
	Severity string `json:"severity"`
	Diagnostic
}

// WriteJSON writes diagnostics as one JSON object, indented, in the order of the list.
func WriteJSON(w io.Writer, list List) error {
	report := jsonReport{Diagnostics: make([]jsonDiagnostic, len(list))}
	for i, d := range list {
		report.Diagnostics[i] = jsonDiagnostic{d.Severity.String(), d}
		switch d.Severity {
		case Error:
			report.Errors++
		case Warning:
			report.Warnings++
		case Note:
		}
	}
	return writeIndented(w, report)
}

func writeIndented(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
