// Package grammar turns rule text into a syntax tree and back. It knows the form of the language, not its meaning:
// names, types and meaning are decided by ir/lower. The parse tree of the parser library stays private; the tree here is
// what the rest of the program sees. spec.md describes the language, canonical.rule shows all of it.
package grammar

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
)

// Parse reads the text of a rule file. It reports every fault of the file, and returns every item that has a readable
// head; an item with a fault inside says so ([Rule.Broken]). The file is never nil.
func Parse(name string, text []byte) (*File, diag.List) {
	file := &File{Name: name}
	if d, ok := unreadableText(name, text); ok {
		return file, diag.List{d}
	}
	f := &faults{}
	r := &reader{faults: f}
	r.toks, file.Comments = read(name, string(text), f)
	end := r.toks[len(r.toks)-1].Pos.Offset
	r.lost = end < len(text) || len(r.toks) > 1 && r.toks[len(r.toks)-2].unclosedString()
	file.Items = r.file()
	list := f.list.Sort()
	markBroken(file, list)
	return file, withoutEchoes(list)
}

// withoutEchoes drops the faults on a line that holds a character which nobody sees: it cuts a word or a sign in two, and what
// the parser says about the pieces is no fault of the author's.
func withoutEchoes(list diag.List) diag.List {
	unseen := map[int]bool{}
	for _, d := range list {
		if isUnseen(d) {
			unseen[d.Span.Start.Line] = true
		}
	}
	if len(unseen) == 0 {
		return list
	}
	return slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return unseen[d.Span.Start.Line] && !isUnseen(d) })
}

// markBroken marks the rules and tune blocks that hold a fault.
func markBroken(file *File, list diag.List) {
	holds := func(s diag.Span) bool {
		i := sort.Search(len(list), func(i int) bool { return list[i].Span.Start.Offset >= s.Start.Offset })
		return i < len(list) && list[i].Span.Start.Offset <= s.End.Offset
	}
	for _, it := range file.Items {
		switch it := it.(type) {
		case *Rule:
			it.Broken = it.Broken || holds(it.Span)
		case *Tune:
			it.Broken = it.Broken || holds(it.Span)
		case *Import, *Def, *ListDecl:
		}
	}
}

// unreadableText reports a file that is no text in UTF-8, or too large to be a rule file.
func unreadableText(name string, text []byte) (diag.Diagnostic, bool) {
	at := func(offset int) diag.Span {
		start := diag.NewSource(name, string(text)).Pos(offset)
		return diag.Span{File: name, Start: start, End: diag.Pos{Offset: start.Offset + 1, Line: start.Line, Col: start.Col + 1}}
	}
	if len(text) > maxSize {
		return fault(diag.SyntaxTooLarge, diag.Span{File: name}, fmt.Sprintf("the file has %d bytes", len(text)), "",
			"a rule file has at most 8 MiB: split it"), true
	}
	if bytes.HasPrefix(text, []byte{0xFF, 0xFE}) || bytes.HasPrefix(text, []byte{0xFE, 0xFF}) {
		return fault(diag.SyntaxEncoding, at(0), "the file is encoded in UTF-16", "its first bytes say so", "save the file as UTF-8"), true
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return fault(diag.SyntaxEncoding, at(i), "the file holds a NUL byte", "this is no text", "check that the file is a rule, saved as UTF-8"), true
	}
	if utf8.Valid(text) {
		return diag.Diagnostic{}, false
	}
	i := 0
	for i < len(text) {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		i += size
	}
	return fault(diag.SyntaxEncoding, at(i), fmt.Sprintf("the byte %#02x is not UTF-8", text[i]), "the text is unreadable from here",
		"save the file as UTF-8"), true
}
