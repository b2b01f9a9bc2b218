package sigma

import (
	"sort"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
)

// text is the text of a file with the places of its lines.
type text struct {
	name, src string
	lines     []int // offsets of line starts
}

const bom = "\uFEFF"

func newText(name, src string) *text {
	t := &text{name: name, src: src, lines: []int{0}}
	if strings.HasPrefix(src, bom) {
		t.lines[0] = len(bom)
	}
	for i := 0; i < len(src); i++ {
		if src[i] == '\n' {
			t.lines = append(t.lines, i+1)
		}
	}
	return t
}

// line returns the text of a line that counts from 1, without its end.
func (t *text) line(n int) string {
	if n < 1 || n > len(t.lines) {
		return ""
	}
	end := len(t.src)
	if n < len(t.lines) {
		end = t.lines[n] - 1
	}
	return strings.TrimSuffix(t.src[t.lines[n-1]:end], "\r")
}

// offset is that of a line and column, both from 1; columns count code points.
func (t *text) offset(line, col int) int {
	if line < 1 {
		return 0
	}
	if line > len(t.lines) {
		return len(t.src)
	}
	at := t.lines[line-1]
	for ; col > 1 && at < len(t.src) && t.src[at] != '\n'; col-- {
		_, size := utf8.DecodeRuneInString(t.src[at:])
		at += size
	}
	return at
}

// pos is the place of an offset.
func (t *text) pos(offset int) diag.Pos {
	offset = max(t.lines[0], min(offset, len(t.src)))
	i := sort.SearchInts(t.lines, offset+1) - 1
	return diag.Pos{Offset: offset, Line: i + 1, Col: utf8.RuneCountInString(t.src[t.lines[i]:offset]) + 1}
}

// between is the place from one offset to another.
func (t *text) between(from, to int) diag.Span {
	return diag.Span{File: t.name, Start: t.pos(from), End: t.pos(max(to, from))}
}

// lineSpan is the place of what a line holds.
func (t *text) lineSpan(n int) diag.Span {
	n = max(1, min(n, len(t.lines)))
	l := t.line(n)
	indent := len(l) - len(strings.TrimLeft(l, " \t"))
	from := t.lines[n-1] + indent
	return t.between(from, from+max(1, len(strings.TrimSpace(l))))
}

// start is the offset of a node's own text, behind an anchor or tag.
func (t *text) start(n *yaml.Node) int {
	at := t.offset(n.Line, n.Column)
	for at < len(t.src) && (t.src[at] == '&' || t.src[at] == '!') {
		rest := t.src[at:]
		word := strings.IndexAny(rest, " \t\r\n")
		if word < 0 {
			break
		}
		at += word + len(rest[word:]) - len(strings.TrimLeft(rest[word:], " \t"))
	}
	return at
}

// span is the place of a scalar, and of the first character of anything else.
func (t *text) span(n *yaml.Node) diag.Span {
	if n == nil || n.Line == 0 {
		return diag.Span{File: t.name}
	}
	at := t.start(n)
	return t.between(at, at+t.width(n, at))
}

// width is the number of bytes of a scalar on its first line, at least 1.
func (t *text) width(n *yaml.Node, at int) int {
	rest := t.src[min(at, len(t.src)):]
	if i := strings.IndexAny(rest, "\r\n"); i >= 0 {
		rest = rest[:i]
	}
	w := 1
	switch {
	case n.Kind == yaml.AliasNode:
		w = len(n.Value) + 1
	case n.Kind != yaml.ScalarNode:
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		w = quotedWidth(rest)
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
	case strings.HasPrefix(rest, n.Value):
		w = len(n.Value)
	default:
		w = len(strings.TrimRight(rest, " \t"))
	}
	if rest == "" {
		return 0
	}
	return max(1, min(w, len(rest)))
}

// quotedWidth is the length of a quoted text at the start of a line's rest.
func quotedWidth(s string) int {
	if s == "" {
		return 0
	}
	q := s[0]
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && q == '"':
			i++
		case s[i] == q && q == '\'' && i+1 < len(s) && s[i+1] == '\'':
			i++
		case s[i] == q:
			return i + 1
		}
	}
	return len(s)
}

// part is the place of the bytes [from, to) of a scalar's value, or of the whole scalar where its text is not written as is.
func (t *text) part(n *yaml.Node, from, to int) diag.Span {
	if n == nil || n.Kind != yaml.ScalarNode || n.Style&(yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 || strings.Contains(n.Value, "'") {
		return t.span(n)
	}
	at := t.start(n)
	if n.Style&yaml.SingleQuotedStyle != 0 {
		at++
	}
	if !strings.HasPrefix(t.src[min(at, len(t.src)):], n.Value) {
		return t.span(n)
	}
	return t.between(at+from, at+max(to, from+1))
}
