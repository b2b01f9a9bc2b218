package diag

// Code names one kind of fault. Numbers are never reused. E01 syntax, E02 names, E03 types and meaning, E04 capability,
// E05 bindings and native fields, E06 build and pack, E07 text of a target language, E08 files and events, E09 tests and
// verification, E10 rules in the Sigma format, W lint: of E0401 is W1401, of E10 W10.
type Code string

// Severity is the severity that the code's first letter gives: E an error, W a warning.
func (c Code) Severity() Severity {
	if len(c) > 0 && c[0] == 'W' {
		return Warning
	}
	return Error
}

// The codes of rule text. Each code of this file has an entry in [Registry] and a page diag/explain/<code>.md.
const (
	// Rule text: the file as such, its words, its blocks, its conditions.
	SyntaxUnexpected Code = "E0101"
	SyntaxEncoding   Code = "E0102"
	SyntaxTooLarge   Code = "E0103"
	SyntaxNesting    Code = "E0104"
	SyntaxString     Code = "E0105"
	SyntaxEscape     Code = "E0106"
	SyntaxNumber     Code = "E0107"
	SyntaxDuration   Code = "E0108"
	SyntaxName       Code = "E0109"
	SyntaxCharacter  Code = "E0110"
	SyntaxComment    Code = "E0111"
	SyntaxBracket    Code = "E0112"
	SyntaxItem       Code = "E0113"
	SyntaxClause     Code = "E0114"
	SyntaxSameLine   Code = "E0115"
	SyntaxEntry      Code = "E0116"
	SyntaxOperator   Code = "E0117"
	SyntaxAssign     Code = "E0118"
	SyntaxWordCase   Code = "E0119"
	SyntaxReserved   Code = "E0120"
	SyntaxVersion    Code = "E0121"
	SyntaxMissing    Code = "E0122"
	SyntaxTwice      Code = "E0123"
	SyntaxQuantifier Code = "E0124"
	SyntaxNull       Code = "E0125"
	SyntaxList       Code = "E0126"
	SyntaxTest       Code = "E0127"
)

// The codes of target-language text.
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

	// The text form of the IR.
	IRSyntax Code = "E0131"

	// Bindings.
	NoTelemetry  Code = "E0501" // no binding for a class on a source
	NoField      Code = "E0502" // the telemetry lacks a field
	NoNativeForm Code = "E0503" // a condition on a computed field cannot be said about the native one
	NeverTrue    Code = "E0504" // the condition is false on every event of the telemetry

	// Capability.
	CannotSay      Code = "E0401"
	Inexact        Code = "E0402"
	InexactAllowed Code = "W1401"

	// Names.
	UnknownField   Code = "E0201"
	UnknownName    Code = "E0202" // a definition, parameter, list or variable
	UnknownSource  Code = "E0203"
	UnknownClass   Code = "E0204"
	DuplicateName  Code = "E0205"
	UnknownBinding Code = "E0206"
	ImportFault    Code = "E0207"
	DefCycle       Code = "E0208"
	UnknownMeta    Code = "E0209"
	UnknownTarget  Code = "E0210"
	TuneStale      Code = "E0211"

	// Types and meaning.
	TypeMismatch   Code = "E0301"
	NotPredicate   Code = "E0302"
	BadLiteral     Code = "E0303" // a regular expression, block, date or address that does not parse; an empty text to look for
	BadQuantifier  Code = "E0305"
	BadParam       Code = "E0306"
	BadMeta        Code = "E0307"
	ClauseMissing  Code = "E0308"
	ClauseConflict Code = "E0309"
	BadTest        Code = "E0310"
	BadList        Code = "E0311"
	SameID         Code = "E0312"
	BadWindow      Code = "E0313" // times of a window, a baseline or first_seen that do not go together
	BadSequence    Code = "E0314" // steps of a sequence that do not go together
	BadField       Code = "E0315" // a declared field that cannot be

	// Verification and tests of rules.
	VerifyFailed Code = "E0901" // the query of a rule could not be run
	Disagreement Code = "E0902"
	TestFailed   Code = "E0903"
	// InternalFault is a panic while a rule was lowered, compiled or verified; see Internal.
	InternalFault Code = "E0904"

	// Files and events.
	Unreadable Code = "E0801"
	BadConfig  Code = "E0802"
	BrokenLine Code = "E0803"
	NoBinding  Code = "E0804" // several bindings take an event and read it differently
	BadOutput  Code = "E0805"
	BadUsage   Code = "E0806"

	RepeatedKey Code = "W1803" // a JSON object has a key twice
)

// The codes of packs.
const (
	StaleVersion Code = "W1601" // the meaning of a rule changed, its version did not
)

// The codes of rules in the Sigma format.
const (
	SigmaYAML        Code = "E1001" // the file is no YAML, or YAML reads it as something else than its author meant
	SigmaForm        Code = "E1002" // a part of the document is missing or of another form than Sigma gives it
	SigmaCondition   Code = "E1003"
	SigmaModifier    Code = "E1004"
	SigmaValue       Code = "E1005" // a value does not go with its modifiers or its field
	SigmaSource      Code = "E1006" // a log source that nothing here is
	SigmaField       Code = "E1007" // a field that the log source does not have here
	SigmaCorrelation Code = "E1008"
	SigmaCannot      Code = "E1009" // Sigma has it, and the rule language cannot say it
	SigmaFilter      Code = "E1010"
	SigmaMap         Code = "E1011" // a mapping file or pipeline

	SigmaOdd Code = "W1001" // legal, and probably not what its author meant
)
