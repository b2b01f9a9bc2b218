package sigma

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// yamlLine finds the line in a message of the YAML library, which has no other place for it.
var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntax reports text that is no YAML. The library tells a line that is near the fault; the trap is looked for there.
func (r *reader) syntax(err error) {
	line, message := 0, err.Error()
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		message = m[2]
		line, _ = strconv.Atoi(m[1])
	}
	if d, ok := r.trap(line, message); ok {
		r.diags = append(r.diags, d)
		return
	}
	span := diag.Span{File: r.name}
	if line > 0 {
		span = r.lineSpan(line)
	}
	d := diag.New(diag.SigmaYAML, span, "the file is no YAML: "+message, "check the indentation, quotes and brackets of this line and of those beside it")
	r.diags = append(r.diags, d)
}

// trap looks for the mistake behind a message of the YAML library in the lines around the one that it names.
func (r *reader) trap(line int, message string) (diag.Diagnostic, bool) {
	find := func(lo, hi int, look func(string) (from, to int, ok bool)) (diag.Span, bool) {
		for n := max(1, lo); n <= min(hi, len(r.lines)); n++ {
			if from, to, ok := look(r.line(n)); ok {
				return r.between(r.lines[n-1]+from, r.lines[n-1]+to), true
			}
		}
		return diag.Span{}, false
	}
	made := func(span diag.Span, title, label string, help ...string) (diag.Diagnostic, bool) {
		d := diag.New(diag.SigmaYAML, span, title, help...)
		d.Label = label
		return d, true
	}
	if span, ok := find(line-1, line+2, tabIndent); ok {
		d, _ := made(span, "a line is indented by a tab", "a tab", "YAML takes blanks alone: write four blanks for each level")
		d.Fix = []diag.Edit{{Span: span, New: "    "}}
		return d, true
	}
	if span, ok := find(line-1, line+2, oddSpace); ok {
		return made(span, "a line is indented by something else than blanks", fmt.Sprintf("%U", []rune(r.src[span.Start.Offset:])[0]), "write blanks: YAML takes nothing else")
	}
	if name, ok := strings.CutPrefix(message, "unknown anchor '"); ok {
		name, _, _ = strings.Cut(name, "'")
		if i := strings.Index(r.src, "*"+name); i >= 0 {
			return made(r.between(i, i+1+len(name)), "a value without quotes begins with `*`", "YAML looks for the anchor `&"+name+"`", "put the value in single quotes")
		}
	}
	switch {
	case strings.Contains(message, "unknown escape"):
		if span, ok := find(line-1, line+1, badEscape); ok {
			return made(span, "a backslash stands in double quotes", "no escape of YAML", "put the value in single quotes, in which a backslash is itself")
		}
	case strings.Contains(message, "expected ',' or"):
		if span, ok := find(line-1, line+3, openBracket); ok {
			return made(span, "a bracket is not closed", "opened here", "close it; a list may also stand on lines that begin with `- `")
		}
	case strings.Contains(message, "expected key"), strings.Contains(message, "block mapping"), strings.Contains(message, "expected '-' indicator"):
		if n := r.oddIndent(); n > 0 {
			return made(r.lineSpan(n), "a line is indented like none of those that it belongs to", "", "indent it like the lines of its own level, or deeper than the line before")
		}
	}
	switch {
	case strings.Contains(message, "mapping values are not allowed"):
		if span, ok := find(line-1, line+1, secondColon); ok {
			return made(span, "a value without quotes holds `: `", "YAML reads a second key here", "put the value in single quotes")
		}
	case strings.Contains(message, "cannot start any token"), strings.Contains(message, "alphabetic or numeric character"), strings.Contains(message, "did not find expected"), strings.Contains(message, "unknown anchor"):
		if span, ok := find(line-1, line+2, signStart); ok {
			sign := r.src[span.Start.Offset : span.Start.Offset+1]
			return made(span, fmt.Sprintf("a value without quotes begins with `%s`", sign), "means something else to YAML", "put the value in single quotes")
		}
		if span, ok := find(line-2, line+2, quoteEnds); ok {
			return made(span, "the quotes are closed before the value ends", "something follows", "write `''` for a single quote inside of single quotes")
		}
	}
	if strings.Contains(message, "unexpected end of stream") || strings.Contains(message, "quoted scalar") {
		if span, ok := find(1, len(r.lines), quoteOpen); ok {
			return made(span, "a quote is not closed", "opened here", closeQuote(r.src[span.Start.Offset]))
		}
	}
	if strings.Contains(message, "<document start>") { // the library counts from zero here
		n := line
		if strings.TrimSpace(r.line(n+1)) != "" {
			n++
		}
		return made(r.lineSpan(n), "something follows the end of the document", "", "take it out, or begin the next document with a line `---`")
	}
	return diag.Diagnostic{}, false
}

// badEscape finds a backslash and letter in double quotes that are no escape of YAML.
func badEscape(l string) (from, to int, ok bool) {
	at := valueOf(l)
	if at >= len(l) || l[at] != '"' {
		return 0, 0, false
	}
	for i := at + 1; i+1 < len(l) && l[i] != '"'; i++ {
		if l[i] != '\\' {
			continue
		}
		if !strings.ContainsRune("0abt\tnvfre \"/\\N_LPxuU", rune(l[i+1])) {
			return i, i + 2, true
		}
		i++
	}
	return 0, 0, false
}

// openBracket finds a bracket of a line that is not closed on it.
func openBracket(l string) (from, to int, ok bool) {
	var open []int
	for i := 0; i < len(l); i++ {
		switch l[i] {
		case '\'', '"':
			i += quotedWidth(l[i:]) - 1
		case '[', '{':
			open = append(open, i)
		case ']', '}':
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
	if len(open) == 0 {
		return 0, 0, false
	}
	return open[0], open[0] + 1, true
}

// oddIndent finds the first line that goes back to a level which no line before it has; 0 when there is none.
func (r *reader) oddIndent() int {
	var levels []int
	for n := 1; n <= len(r.lines); n++ {
		l := r.line(n)
		text := strings.TrimLeft(l, " ")
		if text == "" || text[0] == '#' {
			continue
		}
		at := len(l) - len(text)
		for len(levels) > 0 && levels[len(levels)-1] > at {
			levels = levels[:len(levels)-1]
			if len(levels) == 0 || levels[len(levels)-1] < at {
				return n
			}
		}
		if len(levels) == 0 || levels[len(levels)-1] < at {
			levels = append(levels, at)
		}
		if strings.HasPrefix(text, "---") {
			levels = nil
		}
	}
	return 0
}

// tabIndent finds a tab among the white space that a line begins with.
func tabIndent(l string) (from, to int, ok bool) {
	white := l[:len(l)-len(strings.TrimLeft(l, " \t"))]
	i := strings.IndexByte(white, '\t')
	if i < 0 || len(white) == len(l) {
		return 0, 0, false
	}
	return i, len(white), true
}

// valueOf finds the value of a line: what stands behind the dash of a list and the colon of a key.
func valueOf(l string) int {
	at := len(l) - len(strings.TrimLeft(l, " "))
	for strings.HasPrefix(l[at:], "- ") {
		at += 2
		at += len(l[at:]) - len(strings.TrimLeft(l[at:], " "))
	}
	rest := l[at:]
	if i := strings.Index(rest, ": "); i >= 0 && !strings.HasPrefix(rest, "'") && !strings.HasPrefix(rest, "\"") {
		at += i + 2
		at += len(l[at:]) - len(strings.TrimLeft(l[at:], " "))
	}
	return at
}

func secondColon(l string) (from, to int, ok bool) {
	at := valueOf(l)
	if at >= len(l) || l[at] == '\'' || l[at] == '"' || l[at] == '#' {
		return 0, 0, false
	}
	i := strings.Index(l[at:], ": ")
	if i < 0 {
		return 0, 0, false
	}
	return at + i, at + i + 1, true
}

func signStart(l string) (from, to int, ok bool) {
	at := valueOf(l)
	if at >= len(l) || !strings.ContainsRune("*%@`&!", rune(l[at])) {
		return 0, 0, false
	}
	return at, len(strings.TrimRight(l, " ")), true
}

// oddSpace finds white space other than blanks before the text of a line.
func oddSpace(l string) (from, to int, ok bool) {
	for i, c := range l {
		switch {
		case c == ' ' || c == '\t':
		case unicode.IsSpace(c) || unicode.Is(unicode.Cf, c):
			return i, i + utf8.RuneLen(c), true
		default:
			return 0, 0, false
		}
	}
	return 0, 0, false
}

func closeQuote(quote byte) string {
	if quote == '"' {
		return "close it; write `\\\"` for a double quote inside of double quotes"
	}
	return "close it; write `''` for a single quote inside of single quotes"
}

func quoteEnds(l string) (from, to int, ok bool) {
	at := valueOf(l)
	if at >= len(l) || l[at] != '\'' && l[at] != '"' {
		return 0, 0, false
	}
	w := at + quotedWidth(l[at:])
	rest := strings.TrimLeft(l[w:], " ")
	if rest == "" || rest[0] == '#' || rest[0] == ':' || rest[0] == ',' || rest[0] == ']' || rest[0] == '}' {
		return 0, 0, false
	}
	return w, len(l), true
}

func quoteOpen(l string) (from, to int, ok bool) {
	at := valueOf(l)
	if at >= len(l) || l[at] != '\'' && l[at] != '"' {
		return 0, 0, false
	}
	if w := quotedWidth(l[at:]); w == len(l)-at && (w < 2 || l[len(l)-1] != l[at]) {
		return at, len(l), true
	}
	return 0, 0, false
}
