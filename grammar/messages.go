package grammar

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/onerule/onerule/diag"
)

// describe names a token in a message.
func describe(t lexer.Token) string {
	text := "`" + clip(firstLine(t.Value)) + "`"
	switch {
	case t.EOF():
		return "the end of the clause"
	case t.Type == kindString:
		return "the text " + text
	case t.Type == kindNumber:
		return "the number " + text
	case t.Type == kindDuration:
		return "the duration " + text
	}
	return text
}

func firstLine(s string) string {
	if i := strings.IndexFunc(s, isControl); i >= 0 {
		return strings.TrimRight(s[:i], "\r") + "…"
	}
	return s
}

// noOperand reports a token that starts no operand.
func noOperand(t lexer.Token) diag.Diagnostic {
	switch {
	case t.EOF():
		return fault(diag.SyntaxMissing, spanOf(t), "a condition is missing", "it belongs here",
			"write a condition, such as `process.name == \"cmd.exe\"`")
	case t.Value == "*":
		return fault(diag.SyntaxUnexpected, spanOf(t), "a wildcard stands outside of quotes", "a text is meant",
			"write `like \"*text*\"`; to ask for any value, write `exists f`")
	case t.Value == "{":
		return fault(diag.SyntaxList, spanOf(t), "a brace does not belong into a condition", "found `{`",
			"a list of values stands in square brackets: `[\"a\", \"b\"]`")
	}
	return fault(diag.SyntaxUnexpected, spanOf(t), describe(t)+" does not fit here", "expected a field, a value or a condition",
		"a condition compares a field with a value: `process.name == \"cmd.exe\"`")
}

// reservedField reports a word of the language that stands where a field belongs.
func reservedField(t lexer.Token) diag.Diagnostic {
	return fixed(fault(diag.SyntaxReserved, spanOf(t), "`"+t.Value+"` is a word of the language", "not the name of a field",
		"for a field of that name, put it in back-quotes: `"+t.Value+"`"), spanOf(t), "`"+t.Value+"`")
}

// reservedName reports a word of the language that stands where a new name belongs.
func reservedName(t lexer.Token, what string) diag.Diagnostic {
	return fault(diag.SyntaxReserved, spanOf(t), "`"+t.Value+"` is a word of the language", "it cannot be "+what,
		"choose another name, such as `"+t.Value+"_1`")
}

// plainName reports a name with signs that only field names may have.
func plainName(t lexer.Token, what string) diag.Diagnostic {
	clean := strings.Map(func(r rune) rune {
		if r < 0x80 && isNamePart(byte(r)) {
			return r
		}
		return '_'
	}, t.Value)
	clean = strings.Trim(clean, "_")
	if !isPlainName(clean) || IsReserved(clean) {
		clean = "name_" + clean
	}
	return fault(diag.SyntaxName, spanOf(t), "`"+clip(t.Value)+"` cannot be "+what, "letters, digits and `_` make a name",
		"write `"+clip(clean)+"`")
}
