package diag

import (
	"cmp"
	"slices"
	"strings"
)

// ApplyFixes applies the fixes of the diagnostics of one file to its text, and returns the new text and how many
// diagnostics were fixed. A fix that touches text which an earlier fix has changed is left for the next round: check the
// new text again and apply again until nothing is fixed.
func ApplyFixes(file, text string, list List) (string, int) {
	type fix struct{ edits []Edit }
	var fixes []fix
	for _, d := range list {
		edits := slices.Clone(d.Fix)
		slices.SortStableFunc(edits, func(a, b Edit) int { return cmp.Compare(a.Span.Start.Offset, b.Span.Start.Offset) })
		if len(edits) > 0 && fits(file, text, edits) {
			fixes = append(fixes, fix{edits})
		}
	}
	slices.SortStableFunc(fixes, func(a, b fix) int {
		return cmp.Compare(a.edits[0].Span.Start.Offset, b.edits[0].Span.Start.Offset)
	})
	var b strings.Builder
	at, fixed := 0, 0
	for _, f := range fixes {
		if fixed > 0 && f.edits[0].Span.Start.Offset <= at {
			continue
		}
		for _, e := range f.edits {
			b.WriteString(text[at:e.Span.Start.Offset])
			b.WriteString(e.New)
			at = e.Span.End.Offset
		}
		fixed++
	}
	b.WriteString(text[at:])
	return b.String(), fixed
}

// fits reports whether sorted edits are all in the file, in its text, and do not overlap.
func fits(file, text string, edits []Edit) bool {
	at := 0
	for _, e := range edits {
		if e.Span.File != file || !e.Span.IsValid() || e.Span.Start.Offset < at || e.Span.End.Offset < e.Span.Start.Offset || e.Span.End.Offset > len(text) {
			return false
		}
		at = e.Span.End.Offset
	}
	return true
}
