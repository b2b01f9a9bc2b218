package sigma

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
)

// What YAML accepts without a word, and nobody means.

var (
	lostModifier = regexp.MustCompile(`^([^\s|:]+)((?:\|[a-z0-9]+)+)`)
	lostField    = regexp.MustCompile(`^([^\s|:]+):`)
)

// lostColon reports a text without quotes among keywords that is a field with its value, but for the blank behind the colon.
func (c *converter) lostColon(n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode || n.Style != 0 {
		return false
	}
	if m := lostModifier.FindStringSubmatch(n.Value); m != nil {
		words := strings.Split(m[2][1:], "|")
		if _, ok := modifierWords[words[0]]; !ok {
			return false
		}
		c.fault(diag.SigmaYAML, n, fmt.Sprintf("`%s` has no `: ` behind it", m[0]), lostColonHelp(n.Value[len(m[0]):], m[0]))
		return true
	}
	if m := lostField.FindStringSubmatch(n.Value); m != nil && c.source != nil && c.source.taxonomy != nil {
		if _, ok := c.source.taxonomy.Field(m[1]); ok {
			c.fault(diag.SigmaYAML, n, fmt.Sprintf("`%s` has no `: ` behind it", m[1]), lostColonHelp(n.Value[len(m[1]):], m[1]))
			return true
		}
	}
	return false
}

// lostColonHelp says what to write for a key with what stands behind it.
func lostColonHelp(rest, key string) string {
	value := strings.TrimFunc(rest, func(r rune) bool { return r == ':' || unicode.IsSpace(r) })
	if rest = strings.TrimPrefix(rest, ":"); rest != "" {
		if r := []rune(rest)[0]; r != ' ' && unicode.IsSpace(r) {
			return fmt.Sprintf("%U is no blank to YAML: write `%s: %s` with a plain one", r, key, value)
		}
	}
	if value == "" {
		return fmt.Sprintf("write `%s: a value`; a keyword that is meant so stands in single quotes", key)
	}
	return fmt.Sprintf("write `%s: %s`; a keyword that is meant so stands in single quotes", key, value)
}

// lostDash reports a value without quotes that begins with a dash on a line of its own, which is no entry of a list, and
// remarks on one that goes on in the next line.
func (r *reader) lostDash(key, n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode || n.Style != 0 || n.Value == "" {
		return false
	}
	folded := !strings.HasPrefix(r.src[min(r.start(n), len(r.src)):], n.Value)
	if n.Line > key.Line && strings.HasPrefix(n.Value, "-") && n.ShortTag() == "!!str" {
		title := fmt.Sprintf("`%s` is no list", key.Value)
		r.fault(diag.SigmaYAML, n, title, "write a blank behind each `-`; a text that begins with one stands in single quotes")
		return true
	}
	if folded {
		r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(n), "the value goes on in the next line", "YAML joins the lines by a blank: put the value on one line, or in single quotes if that is meant"))
	}
	return false
}

// noValue reports a key without a value where one must be; it returns false where null may be meant, which it remarks on.
func (r *reader) noValue(e entry, m *modifiers) bool {
	line := r.line(e.at.Line)
	behind := ""
	if i := r.start(e.at) + len(e.at.Value) - r.lines[e.at.Line-1]; e.at.Style == 0 && i <= len(line) {
		behind = strings.TrimSpace(strings.TrimPrefix(line[max(i, 0):], ":"))
	}
	if len(behind) > 1 && strings.ContainsRune("#&", rune(behind[0])) && behind[1] != ' ' && behind[1] != '#' {
		what := map[byte]string{'#': "begins a comment", '&': "names an anchor"}[behind[0]]
		from := r.lines[e.at.Line-1] + strings.LastIndex(line, behind)
		d := diag.New(diag.SigmaYAML, r.between(from, from+len(behind)), fmt.Sprintf("a value without quotes begins with `%s`", behind[:1]), "put the value in single quotes")
		d.Label = "to YAML it " + what
		r.diags = append(r.diags, d)
		return true
	}
	if len(m.words) > 0 && !m.has("neq") {
		r.fault(diag.SigmaValue, e.at, fmt.Sprintf("`%s` has no value", e.key), "write it behind the colon, or on lines below that are indented deeper")
		return true
	}
	r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(e.at), fmt.Sprintf("`%s` has no value, which asks for a missing field", e.key), "write `null` if that is meant; else the value is missing, or not indented"))
	return false
}

// listKeys hold lists, textKeys texts, as the specification has it; other tools refuse what is something else.
var (
	listKeys = []string{"references", "tags", "falsepositives", "fields", "scope", "related"}
	textKeys = []string{"title", "name", "author", "description", "license"}
)

// shape remarks on metadata that is read here, but has not the shape that Sigma gives it.
func (r *reader) shape(e entry) {
	n := e.value
	switch {
	case isNull(n):
	case slices.Contains(listKeys, e.key) && n.Kind == yaml.ScalarNode:
		r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(n), fmt.Sprintf("`%s` is no list", e.key), "other tools refuse it: write each entry on a line of its own that begins with `- `"))
	case e.key == "author" && n.Kind == yaml.SequenceNode:
		r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(n), "`author` is a list", "other tools refuse it: write one text, with commas between several names"))
	case slices.Contains(textKeys, e.key) && n.Kind == yaml.ScalarNode && n.ShortTag() != "!!str":
		r.diags = append(r.diags, diag.New(diag.SigmaOdd, r.span(n), fmt.Sprintf("YAML does not read `%s` as text", n.Value), "other tools refuse it: put it in single quotes"))
	}
}

// plainName leaves out of a name what is not to be seen, and says what that was, and which letters only look like others.
func plainName(s string) (plain string, notes []string) {
	var b strings.Builder
	for i, c := range s {
		switch {
		case c < unicode.MaxASCII && !unicode.IsControl(c):
			b.WriteRune(c)
			continue
		case unicode.IsLetter(c):
			b.WriteRune(c)
			if foreignLetter(s, i) {
				notes = append(notes, fmt.Sprintf("`%c` is %U, which looks like another letter", c, c))
			}
			continue
		case unicode.Is(unicode.Cf, c), unicode.IsSpace(c), unicode.IsControl(c):
			notes = append(notes, fmt.Sprintf("the name holds %U, which is not to be seen", c))
			continue
		}
		b.WriteRune(c)
	}
	return b.String(), notes
}

// foreignLetter reports a letter of another script among letters of ASCII.
func foreignLetter(s string, at int) bool {
	c := []rune(s[at:])[0]
	return !unicode.Is(unicode.Latin, c) && strings.ContainsFunc(s, func(r rune) bool { return r <= unicode.MaxASCII && unicode.IsLetter(r) })
}
