package grammar

import (
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// lineWidth is the width that lines are broken at, where the language allows a break.
const lineWidth = 120

// Format rewrites the text of a rule file in the canonical form. A file with faults is not changed: the list says why.
func Format(name string, text []byte) ([]byte, diag.List) {
	file, list := Parse(name, text)
	if list.HasErrors() {
		return nil, list
	}
	return Print(file), list
}

// Print writes a tree in the canonical form. Trees made by programs need no spans: where the author's line breaks would
// count, the printer then breaks lines that are too long and no others.
func Print(f *File) []byte {
	p := &printer{comments: f.Comments, broken: map[Expr]bool{}}
	for i, it := range f.Items {
		if i > 0 && (isBlockItem(it) || isBlockItem(f.Items[i-1])) {
			p.wantBlank = true
		}
		p.entry(it.Pos(), p.itemLimit(f, i), func() { p.item(it) })
	}
	p.leading(maxOffset)
	if len(p.buf) > 0 {
		p.buf = append(p.buf, '\n')
	}
	return p.buf
}

func isBlockItem(it Item) bool {
	switch it.(type) {
	case *Rule, *Tune:
		return true
	case *Import, *Def, *ListDecl:
		return false
	}
	return false
}

// itemLimit is where the item after i starts.
func (p *printer) itemLimit(f *File, i int) int {
	if i+1 < len(f.Items) {
		return limitOf(f.Items[i+1].Pos())
	}
	return maxOffset
}

// maxOffset is behind every comment.
const maxOffset = int(^uint(0) >> 1)

// limitOf is the offset that comments of the thing before must not pass.
func limitOf(next diag.Span) int {
	if !next.IsValid() {
		return maxOffset
	}
	return next.Start.Offset
}

// printer writes canonical text. Comments wait in source order, and are written at the first place behind them where a
// comment can stand: on lines of their own before an entry, a list element or a member of a condition, or at the end of
// the line of one.
type printer struct {
	buf       []byte
	lineStart int // where the current line starts in buf
	level     int // indentation of the current line
	indent    int // indentation of the entries of the current block
	comments  []Comment
	nextC     int
	lastLine  int  // source line that the last thing ended on, 0 if unknown
	fresh     bool // right after `{`: no blank line here
	wantBlank bool // a blank line belongs before the next thing
	reserve   int  // columns that what follows on the line will take
	broken    map[Expr]bool
}

func (p *printer) write(parts ...string) {
	for _, s := range parts {
		if i := strings.LastIndexByte(s, '\n'); i >= 0 {
			p.lineStart = len(p.buf) + i + 1
		}
		p.buf = append(p.buf, s...)
	}
}

// newline starts a line at a level of indentation.
func (p *printer) newline(level int) {
	if len(p.buf) > 0 {
		p.buf = append(p.buf, '\n')
	}
	p.lineStart = len(p.buf)
	p.level = level
	p.buf = append(p.buf, indentation(level)...)
}

func indentation(level int) string { return strings.Repeat("  ", level) }

// room is the number of columns left on the line.
func (p *printer) room() int {
	return lineWidth - utf8.RuneCount(p.buf[p.lineStart:]) - p.reserve
}

// gap writes the blank line that stands before the thing at a source line, if any.
func (p *printer) gap(line int) {
	blank := p.wantBlank || line > 0 && p.lastLine > 0 && line-p.lastLine > 1
	if blank && !p.fresh && len(p.buf) > 0 {
		p.buf = append(p.buf, '\n')
	}
	p.wantBlank, p.fresh = false, false
}

// leading writes the comments before an offset, each on a line of its own.
func (p *printer) leading(offset int) {
	for p.nextC < len(p.comments) && p.comments[p.nextC].Span.Start.Offset < offset {
		c := p.comments[p.nextC]
		p.nextC++
		p.gap(c.Span.Start.Line)
		p.newline(p.indent)
		p.write(c.Text)
		p.lastLine = max(p.lastLine, c.Span.Start.Line)
	}
}

// trailing writes the comment at the end of the line of a thing that ends at end; limit is where the next thing starts.
func (p *printer) trailing(end diag.Pos, limit int) {
	if p.nextC >= len(p.comments) || !end.IsValid() {
		return
	}
	c := p.comments[p.nextC]
	at := c.Span.Start
	if at.Offset < limit && (at.Line == end.Line || at.Offset < end.Offset) {
		p.nextC++
		p.write(" ", c.Text)
	}
}

// entry writes one item, clause or entry of a block on a line of its own, with its comments.
func (p *printer) entry(span diag.Span, limit int, body func()) {
	if span.IsValid() {
		p.leading(span.Start.Offset)
	}
	p.gap(span.Start.Line)
	p.newline(p.indent)
	body()
	p.trailing(span.End, limit)
	p.lastLine = max(p.lastLine, span.End.Line)
	if !span.IsValid() {
		p.lastLine = 0
	}
}

// commentsIn reports whether comments that are not yet written stand inside a span.
func (p *printer) commentsIn(s diag.Span) bool {
	if !s.IsValid() {
		return false
	}
	lo, hi := 0, len(p.comments)
	for lo < hi {
		mid := (lo + hi) / 2
		if p.comments[mid].Span.Start.Offset < s.Start.Offset {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo < len(p.comments) && p.comments[lo].Span.Start.Offset < s.End.Offset
}

// span is the place of a block, from `{` to `}`.
func (b braces) span() diag.Span { return b.open.Join(b.close) }

// block writes ` {`, the entries on lines of their own, and `}`. first is where the first entry starts.
func (p *printer) block(b braces, first diag.Span, entries func()) {
	p.write(" {")
	limit := limitOf(first)
	if b.close.IsValid() {
		limit = min(limit, b.close.Start.Offset)
	}
	if b.open.IsValid() {
		p.trailing(b.open.End, limit)
	}
	level := p.level
	outer := p.indent
	p.indent = level + 1
	p.lastLine, p.fresh, p.wantBlank = b.open.End.Line, true, false
	entries()
	if b.close.IsValid() {
		p.leading(b.close.Start.Offset)
	}
	p.indent = outer
	p.newline(level)
	p.write("}")
	p.lastLine, p.fresh, p.wantBlank = b.close.End.Line, false, false
}

// blockOf writes a block whose entries have places; oneLine is the whole block on one line, "" if it needs several.
func blockOf[T any](p *printer, b braces, entries []T, place func(*T) diag.Span, oneLine string, entry func(*T)) {
	if oneLine != "" && !p.commentsIn(b.span()) && utf8.RuneCountInString(oneLine) <= p.room() {
		p.write(" ", oneLine)
		return
	}
	var first diag.Span
	if len(entries) > 0 {
		first = place(&entries[0])
	}
	p.block(b, first, func() {
		for i := range entries {
			limit := maxOffset
			if b.close.IsValid() {
				limit = b.close.Start.Offset
			}
			if i+1 < len(entries) {
				limit = min(limit, limitOf(place(&entries[i+1])))
			}
			p.entry(place(&entries[i]), limit, func() { entry(&entries[i]) })
		}
	})
}

// wrapped writes words with blanks between them, and starts a line, one level deeper, before a word that does not fit.
// Callers end each word but the last with a comma, so that the break continues the clause.
func (p *printer) wrapped(words []string) {
	level := p.level + 1
	for i, w := range words {
		switch {
		case i == 0:
		case utf8.RuneCountInString(w)+1 > p.room():
			p.newline(level)
		default:
			p.write(" ")
		}
		p.write(w)
	}
	p.level = level - 1
}
