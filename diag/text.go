package diag

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// TextOptions says how [WriteText] writes.
type TextOptions struct {
	// Source returns the text of a file, nil when it is not at hand: then places are named but not shown.
	Source func(file string) *Source
	// Color switches ANSI colours on.
	Color bool
	// Width is the number of columns for source text; 0 means 120.
	Width int
}

// WriteText writes diagnostics for people: title, place, the line with a caret, notes and help. Diagnostics with the same
// code and title are one cause: the first is shown, the places of the others are listed.
func WriteText(w io.Writer, list List, opt TextOptions) error {
	if opt.Width <= 0 {
		opt.Width = 120
	}
	r := textRenderer{opt: opt}
	for i, group := range foldCauses(list) {
		if i > 0 {
			r.b.WriteByte('\n')
		}
		r.diagnostic(group[0], group[1:])
	}
	_, err := io.WriteString(w, r.b.String())
	return err
}

// foldCauses groups diagnostics of one cause, in the order of their first.
func foldCauses(list List) [][]Diagnostic {
	type cause struct {
		code  Code
		title string
	}
	var out [][]Diagnostic
	index := map[cause]int{}
	for _, d := range list {
		c := cause{d.Code, d.Title}
		i, ok := index[c]
		if !ok {
			i = len(out)
			index[c] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], d)
	}
	return out
}

// Summary counts a list in words: "2 errors, 1 warning". It is "" for an empty list.
func Summary(list List) string {
	counts := map[Severity]int{}
	for _, d := range list {
		counts[d.Severity]++
	}
	var parts []string
	for _, s := range []Severity{Error, Warning, Note} {
		switch n := counts[s]; n {
		case 0:
		case 1:
			parts = append(parts, "1 "+s.String())
		default:
			parts = append(parts, fmt.Sprintf("%d %ss", n, s))
		}
	}
	return strings.Join(parts, ", ")
}

// textRenderer writes one diagnostic after the other into b.
type textRenderer struct {
	opt    TextOptions
	b      strings.Builder
	gutter int // columns of the largest line number
}

// style is an ANSI colour sequence.
type style string

const (
	bold    style = "\x1b[1m"
	red     style = "\x1b[1;31m"
	yellow  style = "\x1b[1;33m"
	cyan    style = "\x1b[1;36m"
	blue    style = "\x1b[1;34m"
	noStyle style = "\x1b[0m"
)

func severityStyle(s Severity) style {
	switch s {
	case Error:
		return red
	case Warning:
		return yellow
	case Note:
		return cyan
	}
	return bold
}

func (r *textRenderer) put(st style, text string) {
	if !r.opt.Color || text == "" {
		r.b.WriteString(text)
		return
	}
	r.b.WriteString(string(st) + text + string(noStyle))
}

func (r *textRenderer) diagnostic(d Diagnostic, also []Diagnostic) {
	st := severityStyle(d.Severity)
	r.put(st, d.Severity.String()+"["+string(d.Code)+"]")
	r.put(bold, ": "+visible(d.Title))
	r.b.WriteByte('\n')
	r.gutter = gutterWidth(d)
	r.place("-->", d.Span)
	marks := marksOf(d)
	r.snippets(d.Span.File, marks, st)
	for _, file := range otherFiles(d) {
		var there []mark
		for _, m := range marks {
			if m.span.File == file {
				there = append(there, m)
			}
		}
		r.place(":::", there[0].span)
		r.snippets(file, there, st)
	}
	for _, n := range d.Notes {
		r.remark("note", n)
	}
	for _, h := range d.Help {
		r.remark("help", h)
	}
	if len(also) > 0 {
		r.remark("also", places(also))
	}
	if _, ok := Explain(string(d.Code)); ok {
		r.remark("more", "onerule explain "+string(d.Code))
	}
}

// places lists where the same fault stands again.
func places(also []Diagnostic) string {
	const most = 6
	var parts []string
	for _, d := range also[:min(most, len(also))] {
		parts = append(parts, visible(placeText(d.Span)))
	}
	text := "at " + strings.Join(parts, ", ")
	if n := len(also) - most; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

func placeText(s Span) string {
	if !s.IsValid() {
		return s.File
	}
	return fmt.Sprintf("%s:%d:%d", s.File, s.Start.Line, s.Start.Col)
}

// gutterWidth is the width of the largest line number that a diagnostic shows.
func gutterWidth(d Diagnostic) int {
	last := max(d.Span.Start.Line, d.Span.End.Line)
	for _, l := range d.Related {
		last = max(last, l.Span.Start.Line, l.Span.End.Line)
	}
	return len(fmt.Sprint(max(last, 1)))
}

func (r *textRenderer) place(arrow string, s Span) {
	if text := placeText(s); text != "" {
		r.put(blue, strings.Repeat(" ", r.gutter+1)+arrow)
		r.b.WriteString(" " + visible(text) + "\n")
	}
}

func (r *textRenderer) remark(kind, text string) {
	indent := strings.Repeat(" ", r.gutter+1)
	r.put(blue, indent+"= ")
	r.put(bold, kind+":")
	hanging := "\n" + indent + strings.Repeat(" ", len("= "+kind+": "))
	r.b.WriteString(" " + strings.ReplaceAll(visibleLines(text), "\n", hanging) + "\n")
}

// mark is a marked range on one line, with the text beside it.
type mark struct {
	span    Span
	label   string
	primary bool
	opens   bool // the range goes on on later lines
	closes  bool // the range comes from earlier lines
}

// marksOf collects the places of a diagnostic; a range of several lines becomes a mark on its first and on its last line.
func marksOf(d Diagnostic) []mark {
	var out []mark
	add := func(s Span, label string, primary bool) {
		if !s.IsValid() {
			return
		}
		if s.End.Line <= s.Start.Line {
			out = append(out, mark{span: s, label: label, primary: primary})
			return
		}
		first, last := s, s
		first.End = s.Start
		last.Start = s.End
		out = append(out, mark{span: first, primary: primary, opens: true}, mark{span: last, label: label, primary: primary, closes: true})
	}
	add(d.Span, d.Label, true)
	for _, l := range d.Related {
		add(l.Span, l.Text, false)
	}
	return out
}

// otherFiles lists the files of related places that are not the file of the diagnostic itself.
func otherFiles(d Diagnostic) []string {
	var out []string
	for _, l := range d.Related {
		if l.Span.IsValid() && l.Span.File != d.Span.File && !slices.Contains(out, l.Span.File) {
			out = append(out, l.Span.File)
		}
	}
	return out
}

// snippets shows the marked lines of one file.
func (r *textRenderer) snippets(file string, marks []mark, st style) {
	if r.opt.Source == nil {
		return
	}
	src := r.opt.Source(file)
	if src == nil {
		return
	}
	var here []mark
	for _, m := range marks {
		if m.span.File == file {
			here = append(here, m)
		}
	}
	slices.SortStableFunc(here, func(a, b mark) int { return cmp.Compare(a.span.Start.Line, b.span.Start.Line) })
	previous := 0
	for len(here) > 0 {
		line := here[0].span.Start.Line
		n := 1
		for n < len(here) && here[n].span.Start.Line == line {
			n++
		}
		if previous > 0 && line > previous+1 {
			r.put(blue, "...\n")
		}
		r.line(src.Line(line), line, here[:n], st)
		previous, here = line, here[n:]
	}
}

// line shows one source line and its marks.
func (r *textRenderer) line(text string, number int, marks []mark, st style) {
	slices.SortStableFunc(marks, func(a, b mark) int {
		if a.primary != b.primary && a.primary {
			return -1
		}
		if a.primary != b.primary {
			return 1
		}
		return 0
	})
	v := newView(text, marks[0].span.Start.Col, r.opt.Width)
	r.put(blue, fmt.Sprintf("%*d | ", r.gutter, number))
	r.b.WriteString(strings.TrimRight(v.text, " ") + "\n")
	for _, m := range marks {
		from, to := v.column(m.span.Start.Col), v.column(m.span.End.Col)
		switch {
		case m.opens:
			to = v.end()
		case m.closes:
			from = min(v.indent, to)
		}
		to = max(to, from+1)
		sign, colour := "-", blue
		if m.primary {
			sign, colour = "^", st
		}
		r.put(blue, strings.Repeat(" ", r.gutter)+" | ")
		text := strings.Repeat(sign, to-from)
		if m.label != "" {
			text += " " + visible(m.label)
		}
		r.b.WriteString(strings.Repeat(" ", from))
		r.put(colour, text)
		r.b.WriteByte('\n')
	}
}
