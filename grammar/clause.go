package grammar

import (
	"errors"
	"regexp"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/onerule/onerule/diag"
)

// parseAs runs one production over the tokens of one clause; nil when they do not fit it, which is then reported, or when
// the scanner reported a fault among them.
func parseAs[P any](r *reader, f form, chunk []token) *P {
	if len(chunk) == 0 {
		return nil
	}
	tree, list := parseTokens[P](f, chunk)
	bad := map[int]bool{} // offsets of tokens that the scanner reported
	for i := range chunk {
		if chunk[i].bad {
			bad[chunk[i].Pos.Offset] = true
		}
	}
	limit := r.guessFrom(chunk)
	for _, d := range list {
		at := d.Span.Start.Offset
		if at < limit && !bad[at] && !(len(list) == 1 && afterJunk(chunk, d)) {
			r.faults.add(d)
		}
	}
	if len(bad) > 0 {
		return nil
	}
	return tree
}

// guessFrom is the offset behind which a clause cannot be trusted: the first string of a line with a string that is not
// closed (which quotes belong together is not known), or its start, if the file was not read to the end in this clause.
func (r *reader) guessFrom(chunk []token) int {
	if r.lost && r.cur().EOF() {
		return chunk[0].Pos.Offset
	}
	first := 0 // the first string of the current line
	for i := range chunk {
		if chunk[i].nl {
			first = i
		}
		if chunk[first].Type != kindString {
			first = i
		}
		if chunk[i].unclosedString() {
			return chunk[first].Pos.Offset
		}
	}
	return maxOffset
}

func parseTokens[P any](f form, chunk []token) (*P, diag.List) {
	peeker, err := lexer.Upgrade(&feed{tokens: chunk, end: endToken(&chunk[len(chunk)-1])})
	if err != nil {
		return nil, translate(f, chunk, err)
	}
	production, err := participle.ParserForProduction[P](parser())
	if err != nil {
		return nil, translate(f, chunk, err)
	}
	tree, err := production.ParseFromLexer(peeker)
	if err == nil {
		return tree, nil
	}
	return nil, translate(f, chunk, err)
}

// afterJunk reports whether a fault stands at or right after a token without meaning, which has been reported: then it
// has the same cause.
func afterJunk(chunk []token, d diag.Diagnostic) bool {
	for i := range chunk {
		if chunk[i].Type == kindJunk {
			return d.Span.Start.Offset >= chunk[i].Pos.Offset
		}
	}
	return false
}

// unreadable reports whether a token of the clause has no meaning, which has been reported.
func unreadable(chunk []token) bool {
	for i := range chunk {
		if chunk[i].Type == kindJunk || chunk[i].unclosedString() {
			return true
		}
	}
	return false
}

// unclosedString reports a string that runs to the end of its line because its closing quote is missing.
func (t *token) unclosedString() bool {
	if t.Type != kindString || !t.bad || t.odd {
		return false
	}
	v := t.Value
	if strings.HasPrefix(v, `"""`) {
		return len(v) < len(`""""""`) || !strings.HasSuffix(v, `"""`)
	}
	return len(v) < 2 || v[len(v)-1] != v[0] || v[0] == '"' && endsInEscape(v)
}

// endsInEscape reports whether the last quote of a `"…"` literal belongs to an escape.
func endsInEscape(v string) bool {
	n := 0
	for i := len(v) - 2; i > 0 && v[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}

// translate turns the error of a production into diagnostics in the user's words.
func translate(f form, chunk []token, err error) diag.List {
	var inner *exprFaults
	if errors.As(err, &inner) {
		return inner.list
	}
	var unexpected *participle.UnexpectedTokenError
	if !errors.As(err, &unexpected) {
		return diag.List{fault(diag.SyntaxUnexpected, spanOf(chunk[0].Token), f.name+" is not complete", err.Error(), f.help()...)}
	}
	t, wanted := unexpected.Unexpected, expectation(unexpected.Message())
	if d, ok := nameFault(t, wanted); ok {
		return diag.List{d}
	}
	if len(wanted) == 0 && t.Type == kindKeyword && t.Pos == chunk[0].Pos {
		return diag.List{reservedName(t, "a name here")}
	}
	title := describe(t) + " does not fit into " + f.name
	code := diag.SyntaxUnexpected
	if t.EOF() {
		title, code = f.name+" is not complete", diag.SyntaxMissing
	}
	label := "expected " + strings.Join(wanted, " or ")
	if len(wanted) == 0 {
		label = "nothing more fits here"
	}
	d := fault(code, spanOf(t), title, label, f.help()...)
	if len(wanted) == 1 && (wanted[0] == "`:`" || wanted[0] == "`=`") && (t.Value == ":" || t.Value == "=" || t.Value == "==") {
		d = fixed(d, spanOf(t), strings.Trim(wanted[0], "`"))
		d.Help = append([]string{"write " + wanted[0]}, d.Help...)
	}
	if near, ok := diag.Nearest(t.Value, quotedWords(wanted)); ok && t.Type == kindName {
		d.Help = append([]string{"a word with a similar name belongs here: `" + near + "`"}, d.Help...)
	}
	return diag.List{d}
}

// help shows how the part is written.
func (f form) help() []string {
	forms := strings.Split(f.pattern, " | ")
	text := "the form is `" + forms[0] + "`"
	for i, alternative := range forms[1:] {
		if i == len(forms)-2 {
			text += " or `" + alternative + "`"
			continue
		}
		text += ", `" + alternative + "`"
	}
	return []string{text, "for instance `" + f.example + "`"}
}

// nameFault has the message for a reserved word where a name or field belongs, and for a name where a text belongs.
func nameFault(t lexer.Token, wanted []string) (diag.Diagnostic, bool) {
	if len(wanted) != 1 {
		return diag.Diagnostic{}, false
	}
	switch wanted[0] {
	case wantName:
		if t.Type == kindKeyword {
			return reservedName(t, "a name here"), true
		}
		if t.Type == kindPath {
			return plainName(t, "a name here"), true
		}
	case wantPath, wantKey:
		if t.Type == kindKeyword {
			return reservedField(t), true
		}
	case wantString:
		if t.Type == kindName || t.Type == kindPath {
			return fixed(fault(diag.SyntaxUnexpected, spanOf(t), "the text `"+clip(t.Value)+"` has no quotes", "expected a text in quotes",
				"write `\""+clip(t.Value)+"\"`"), spanOf(t), quote(t.Value)), true
		}
	case wantDuration:
		if t.Type == kindNumber {
			return fault(diag.SyntaxDuration, spanOf(t), "a duration needs a unit", "a number without unit", durationHelp), true
		}
	}
	return diag.Diagnostic{}, false
}

// What a production may want, in a user's words.
const (
	wantName     = "a name"
	wantPath     = "a field"
	wantKey      = "a field or a function of a field"
	wantString   = "a text in quotes"
	wantDuration = "a duration"
)

// wants maps the parts of participle's notation to words.
var wants = map[string]string{
	"<name>": wantName, "<path>": wantPath, "<string>": wantString, "<number>": "a number", "<duration>": wantDuration, "<var>": "`$name`",
	"Name": wantName, "Path": wantPath, "Key": wantKey, "Condition": "a condition", "Value": "a value", "TestValue": "a value", "MetaValue": "a value",
	"Timing": "a setting with its duration",
}

var notationPart = regexp.MustCompile(`"[^"]+"|<\w+>|\w+`)

// expectation reads what participle expected from its message: the first part of the production that is left, in the
// notation of `parser.String()`. Alternatives in parentheses are listed.
func expectation(message string) []string {
	_, rest, ok := strings.Cut(message, "(expected ")
	if !ok {
		return nil
	}
	rest = firstPart(strings.TrimSuffix(rest, ")"))
	if rest == `(<name> | <path>)` {
		return []string{wantPath}
	}
	var out []string
	for _, alternative := range strings.Split(strings.Trim(rest, "()?*"), " | ") {
		part := notationPart.FindString(alternative)
		switch {
		case part == "":
		case part[0] == '"':
			out = append(out, "`"+strings.Trim(part, `"`)+"`")
		case wants[part] != "":
			out = append(out, wants[part])
		}
	}
	return out
}

// firstPart returns the first element of a sequence in participle's notation, a parenthesis as a whole.
func firstPart(s string) string {
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case quoted:
		case s[i] == '(':
			depth++
		case s[i] == ')':
			depth--
		case s[i] == ' ' && depth == 0:
			return s[:i]
		}
	}
	return s
}

// quotedWords returns the words among the expectations.
func quotedWords(wanted []string) []string {
	var out []string
	for _, w := range wanted {
		if strings.HasPrefix(w, "`") {
			out = append(out, strings.Trim(w, "`"))
		}
	}
	return out
}
