package api

import (
	"fmt"
	"strconv"
	"strings"
)

// Condition is the condition of a case. The API's grammar has `>`, `>=`, `&&`, `||` and THEN; how && and || bind is not
// documented, so a condition joins its tests by one of them only. THEN is not written.
type Condition struct {
	Tests []Test
	// Any joins the tests by ||, otherwise by &&.
	Any bool
}

// Test compares the number of a query, by its name, with a constant.
type Test struct {
	Query string
	// OrEqual makes it >= rather than >.
	OrEqual bool
	Value   float64
}

// String returns the text of the condition.
func (c Condition) String() string {
	join := " && "
	if c.Any {
		join = " || "
	}
	texts := make([]string, len(c.Tests))
	for i, t := range c.Tests {
		op := " > "
		if t.OrEqual {
			op = " >= "
		}
		texts[i] = t.Query + op + strconv.FormatFloat(t.Value, 'f', -1, 64)
	}
	return strings.Join(texts, join)
}

// Holds asks the condition, given the numbers of the queries; a number that is missing fulfils no test.
func (c Condition) Holds(number func(query string) (float64, bool)) bool {
	for _, t := range c.Tests {
		n, ok := number(t.Query)
		holds := ok && (n > t.Value || t.OrEqual && n == t.Value)
		if holds == c.Any {
			return holds
		}
	}
	return !c.Any
}

// ParseCondition reads a condition.
func ParseCondition(text string) (Condition, error) {
	var c Condition
	words := strings.Fields(text)
	for i := 0; ; i += 4 {
		if i+3 > len(words) {
			return c, fmt.Errorf("the condition %q ends where a test (query > number) should stand", text)
		}
		t := Test{Query: words[i], OrEqual: words[i+1] == ">="}
		if !isLabel(t.Query) {
			return c, fmt.Errorf("the condition %q compares %q, which is no label of a query", text, t.Query)
		}
		if op := words[i+1]; op != ">" && op != ">=" {
			return c, fmt.Errorf("the condition %q has %q where > or >= should stand", text, op)
		}
		var err error
		if t.Value, err = strconv.ParseFloat(words[i+2], 64); err != nil || !plainNumber(words[i+2]) {
			return c, fmt.Errorf("the condition %q compares with %q, which is no number", text, words[i+2])
		}
		c.Tests = append(c.Tests, t)
		if i+3 == len(words) {
			return c, nil
		}
		any := words[i+3] == "||"
		switch {
		case !any && words[i+3] != "&&":
			return c, fmt.Errorf("the condition %q has %q where && or || should stand", text, words[i+3])
		case len(c.Tests) > 1 && any != c.Any:
			return c, fmt.Errorf("the condition %q mixes && and ||, and how they bind is not documented", text)
		}
		c.Any = any
	}
}

// plainNumber allows digits with at most one point between them.
func plainNumber(s string) bool {
	whole, part, point := strings.Cut(s, ".")
	return isDigits(whole) && (!point || isDigits(part))
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// isLabel reports whether a condition can call a query so: lower-case letters, digits and underscores, a letter first.
func isLabel(s string) bool {
	for i, c := range []byte(s) {
		if (c < 'a' || c > 'z') && c != '_' && (c < '0' || c > '9' || i == 0) {
			return false
		}
	}
	return s != "" && s[0] != '_'
}

// Label makes a label of a name.
func Label(name string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(name) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' {
			b.WriteRune(c)
		} else {
			b.WriteByte('_')
		}
	}
	s := strings.TrimLeft(b.String(), "_")
	if s == "" || s[0] <= '9' {
		s = "q" + s
	}
	return s
}

// Literal keeps a text from being read as a template: braces in pairs are templates of messages. A text that holds the end of a
// raw block is written as several.
// Source: docs.datadoghq.com/security/notifications/variables, "Raw format".
func Literal(text string) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	half := len(rawEnd) / 2
	return rawBegin + strings.ReplaceAll(text, rawEnd, rawEnd[:half]+rawEnd+rawBegin+rawEnd[half:]) + rawEnd
}

// Rendered is what a message shows, as far as [Literal] wrote it.
func Rendered(message string) string {
	var b strings.Builder
	for {
		before, rest, raw := strings.Cut(message, rawBegin)
		b.WriteString(before)
		if !raw {
			return b.String()
		}
		inside, after, _ := strings.Cut(rest, rawEnd)
		b.WriteString(inside)
		message = after
	}
}

const (
	rawBegin = "{{{{raw}}}}"
	rawEnd   = "{{{{/raw}}}}"
)
