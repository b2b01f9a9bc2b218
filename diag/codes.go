package diag

// Code names one kind of fault. Numbers are never reused. E01 syntax, E02 names, E03 types and meaning, E04 capability,
// E05 bindings and native fields, E06 build and pack, E07 text of a target language, E08 files and events, E09 tests and
// verification, W1 lint.
type Code string

// Severity is the severity that the code's first letter gives: E an error, W a warning.
func (c Code) Severity() Severity {
	if len(c) > 0 && c[0] == 'W' {
		return Warning
	}
	return Error
}

// The codes. Each has a page diag/explain/<code>.md.
const (
	// Target languages: text that does not parse (…1), a name that the language or our interpreter lacks (…2), a query
	// that cannot run on the given tables (…3), a limit of ours that keeps time and memory bounded (…4).
	SPLSyntax      Code = "E0701"
	SPLUnknown     Code = "E0702"
	SPLRun         Code = "E0703"
	SPLLimit       Code = "E0704"
	EQLSyntax      Code = "E0711"
	EQLUnknown     Code = "E0712"
	EQLRun         Code = "E0713"
	EQLLimit       Code = "E0714"
	KibanaSyntax   Code = "E0721"
	KibanaUnknown  Code = "E0722"
	KibanaRun      Code = "E0723"
	KibanaLimit    Code = "E0724"
	ESQLSyntax     Code = "E0731"
	ESQLUnknown    Code = "E0732"
	ESQLRun        Code = "E0733"
	ESQLLimit      Code = "E0734"
	KustoSyntax    Code = "E0741"
	KustoUnknown   Code = "E0742"
	KustoRun       Code = "E0743"
	KustoLimit     Code = "E0744"
	DatadogSyntax  Code = "E0751"
	DatadogUnknown Code = "E0752"
	DatadogRun     Code = "E0753"
	DatadogLimit   Code = "E0754"
	SECLSyntax     Code = "E0761"
	SECLUnknown    Code = "E0762"
	SECLRun        Code = "E0763"
	SECLLimit      Code = "E0764"
)
