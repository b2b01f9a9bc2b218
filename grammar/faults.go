package grammar

import (
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// maxFaults bounds the diagnostics of one file: beyond it, the text is hardly a rule.
const maxFaults = 1000

// faults collects the diagnostics of one file.
type faults struct {
	list diag.List
	full bool
}

func (f *faults) add(ds ...diag.Diagnostic) {
	for _, d := range ds {
		if len(f.list) == maxFaults {
			if !f.full {
				f.full = true
				f.list = append(f.list, fault(diag.SyntaxTooLarge, d.Span, "the file has too many faults",
					"the rest is not listed", "check that the file holds rules"))
			}
			return
		}
		f.list = append(f.list, d)
	}
}

// fault builds a diagnostic of which every part is filled.
func fault(code diag.Code, span diag.Span, title, label string, help ...string) diag.Diagnostic {
	for i := range help {
		help[i] = shorten(help[i], 400)
	}
	return diag.Diagnostic{Code: code, Severity: code.Severity(), Title: shorten(title, 120), Span: span, Label: shorten(label, 80), Help: help}
}

// shorten cuts the middle out of a message that quotes a very long word.
func shorten(s string, most int) string {
	if len(s) <= most || utf8.RuneCountInString(s) <= most {
		return s
	}
	r := []rune(s)
	return string(r[:most/2]) + "…" + string(r[len(r)-most/2+1:])
}

// fixed adds the edit that repairs the fault.
func fixed(d diag.Diagnostic, span diag.Span, text string) diag.Diagnostic {
	d.Fix = append(d.Fix, diag.Edit{Span: span, New: text})
	return d
}
