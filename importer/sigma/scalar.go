package sigma

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
)

// scalarKind is what YAML takes a value for.
type scalarKind uint8

const (
	textScalar scalarKind = iota
	numberScalar
	boolScalar
	nullScalar
	badScalar // reported
)

// value is a value of a selection.
type value struct {
	node *yaml.Node
	kind scalarKind
	text string
	// several are the patterns that a text stands for: more than one behind windash or base64offset.
	several []pattern
}

var (
	decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)
	// leadingZero is no octal number either.
	leadingZero = regexp.MustCompile(`^0[0-7]*[89][0-9]*$`)
	clock       = regexp.MustCompile(`^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9]*)?$`)
	yamlFlags   = map[string]string{"yes": "true", "no": "false", "on": "true", "off": "false", "y": "true", "n": "false"}
)

// scalar reads one value. What YAML readers take for something else than what stands there is a fault, with its repair.
func (r *reader) scalar(n *yaml.Node) value {
	v := value{node: n, text: n.Value}
	if n.Style&(yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle|yaml.DoubleQuotedStyle) != 0 {
		if n.Style&yaml.DoubleQuotedStyle != 0 {
			r.escaped(n)
		}
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 && strings.HasSuffix(n.Value, "\n") {
			r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(n), "the text ends with the end of a line", "`|` and `>` keep it, and no field is likely to hold it: write `|-` or `>-`"))
		}
		return v
	}
	trap := func(title string) value {
		d := diag.New(diag.SigmaYAML, r.span(n), title, "put it in single quotes if it is text")
		d.Fix = []diag.Edit{{Span: r.span(n), New: "'" + strings.ReplaceAll(n.Value, "'", "''") + "'"}}
		r.diags = append(r.diags, d)
		v.kind = badScalar
		return v
	}
	switch n.ShortTag() {
	case "!!null":
		v.kind = nullScalar
	case "!!bool":
		v.kind, v.text = boolScalar, strings.ToLower(n.Value)
	case "!!timestamp":
		return trap(fmt.Sprintf("YAML reads `%s` as a date", n.Value))
	case "!!int", "!!float":
		v.kind = numberScalar
		if leadingZero.MatchString(n.Value) { // text to readers of YAML 1.1, a number to those of 1.2
			r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(n), fmt.Sprintf("some YAML readers take `%s` for the number %s", n.Value, strings.TrimLeft(n.Value, "0")), "put it in single quotes; it is read as text here"))
			v.kind = textScalar
			return v
		}
		if !decimal.MatchString(n.Value) {
			return trap(fmt.Sprintf("YAML reads `%s` as the number %s", n.Value, numberRead(n)))
		}
	case "!!str":
		if first, _ := utf8.DecodeRuneInString(n.Value); strings.ContainsRune("‘’‚“”„«»", first) {
			r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(n), fmt.Sprintf("the text begins with the typographic quote `%c`", first), "it is part of the text: YAML's quotes are `'` and `\"`; put the value in them if it is meant"))
		}
		if was, ok := yamlFlags[strings.ToLower(n.Value)]; ok && len(n.Value) > 1 {
			return trap(fmt.Sprintf("many YAML readers take `%s` for `%s`", n.Value, was))
		}
		if clock.MatchString(n.Value) {
			return trap(fmt.Sprintf("many YAML readers take `%s` for a number of seconds", n.Value))
		}
		if n.Value == "<<" || n.Value == "=" {
			return trap(fmt.Sprintf("`%s` without quotes has a meaning of its own in YAML", n.Value))
		}
	default:
		from := r.offset(n.Line, n.Column)
		d := diag.New(diag.SigmaYAML, r.between(from, from+max(1, len(n.Tag))), fmt.Sprintf("a value has the YAML tag `%s`", n.Tag), "take the tag out; text that begins with `!` stands in single quotes")
		if !strings.HasPrefix(r.src[from:], n.Tag) {
			d.Span = r.span(n)
		}
		r.diags = append(r.diags, d)
		v.kind = badScalar
	}
	return v
}

// numberRead is the number that YAML takes a scalar for.
func numberRead(n *yaml.Node) string {
	var i int64
	if n.Decode(&i) == nil {
		return strconv.FormatInt(i, 10)
	}
	var f float64
	if n.Decode(&f) == nil {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return "that it looks like"
}

// escaped remarks on control characters that double quotes made of a backslash and a letter.
func (r *reader) escaped(n *yaml.Node) {
	i := strings.IndexFunc(n.Value, unicode.IsControl)
	if i < 0 {
		return
	}
	letter, ok := map[byte]string{'\t': `\t`, '\n': `\n`, '\r': `\r`, '\b': `\b`, '\a': `\a`, '\f': `\f`, '\v': `\v`, 0: `\0`, 0x1b: `\e`}[n.Value[i]]
	if !ok {
		return
	}
	what := fmt.Sprintf("a text holds the control character %U", rune(n.Value[i]))
	r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(n), what, fmt.Sprintf("double quotes make it of `%s`: put a path or regular expression in single quotes", letter)))
}

// number returns the text of a number that text comparisons use; ok is false when it was reported.
func (r *reader) numberText(v value) (string, bool) {
	f, err := strconv.ParseFloat(v.text, 64)
	if err == nil && strings.Contains(v.text, ".") && strconv.FormatFloat(f, 'f', -1, 64) != v.text {
		d := diag.New(diag.SigmaYAML, r.span(v.node), fmt.Sprintf("YAML reads `%s` as the number %s", v.text, strconv.FormatFloat(f, 'f', -1, 64)), "put it in single quotes: the field holds text")
		d.Fix = []diag.Edit{{Span: r.span(v.node), New: "'" + v.text + "'"}}
		r.diags = append(r.diags, d)
		return "", false
	}
	return v.text, true
}
