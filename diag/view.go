package diag

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// view is a source line as a terminal shows it: tabs expanded, invisible characters replaced, cut around a place if it is
// long. It maps columns of the file to columns of the screen.
type view struct {
	text   string
	starts []int // the screen column of each character of the line, and of its end, before cutting
	cut    int   // screen columns cut away on the left
	lead   int   // columns that stand for the cut part
	last   int   // the last screen column that is shown
	indent int   // where the text of the line starts on the screen
}

// tabStop is the width of a tab.
const tabStop = 4

// newView lays out a line; col is the place that must be seen.
func newView(line string, col, most int) view {
	var cells []string
	var starts []int
	at := 0
	indent := -1
	for _, r := range line {
		starts = append(starts, at)
		cell, n := cellOf(r, at)
		if indent < 0 && r != ' ' && r != '\t' {
			indent = at
		}
		cells = append(cells, cell)
		at += n
	}
	starts = append(starts, at)
	v := view{starts: starts, last: at, indent: max(indent, 0)}
	if at <= most {
		v.text = strings.Join(cells, "")
		return v
	}
	v.window(cells, col, most)
	return v
}

// window keeps the part of a long line around a column.
func (v *view) window(cells []string, col, most int) {
	focus := v.starts[max(0, min(col-1, len(v.starts)-1))]
	from := max(0, focus-most/3)
	total := v.starts[len(v.starts)-1]
	from = max(0, min(from, total-most))
	first, end := 0, len(cells)
	for first < len(cells) && v.starts[first] < from {
		first++
	}
	for end > first && v.starts[end] > v.starts[first]+most {
		end--
	}
	var b strings.Builder
	if first > 0 {
		b.WriteString("…")
		v.lead = 1
	}
	for _, c := range cells[first:end] {
		b.WriteString(c)
	}
	if end < len(cells) {
		b.WriteString("…")
	}
	v.text = b.String()
	v.cut = v.starts[first]
	v.last = v.starts[end]
	v.indent = max(0, v.indent-v.cut) + v.lead
}

// column is the screen column of a column of the file.
func (v *view) column(col int) int {
	i := max(0, min(col-1, len(v.starts)-1))
	at := v.starts[i]
	if extra := col - 1 - i; extra > 0 && extra < 2 {
		at += extra
	}
	return max(v.cut, min(at, v.last)) - v.cut + v.lead
}

// end is the screen column behind the line.
func (v *view) end() int { return v.last - v.cut + v.lead }

// cellOf is how a character is shown at a screen column, and how wide.
func cellOf(r rune, at int) (cell string, n int) {
	switch {
	case r == '\t':
		n = tabStop - at%tabStop
		return strings.Repeat(" ", n), n
	case invisible(r):
		return string(utf8.RuneError), 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return string(r), 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return string(r), 2
	case width.Neutral, width.EastAsianAmbiguous, width.EastAsianNarrow, width.EastAsianHalfwidth:
		return string(r), 1
	}
	return string(r), 1
}

// invisible reports characters that a terminal obeys instead of showing: control characters and those that change the
// direction of text.
func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || r == utf8.RuneError
}

// visible makes a text safe for one line of a terminal.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if invisible(r) {
			return utf8.RuneError
		}
		return r
	}, s)
}

// visibleLines is visible for texts that may have line ends.
func visibleLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = visible(strings.ReplaceAll(lines[i], "\t", "    "))
	}
	return strings.Join(lines, "\n")
}
