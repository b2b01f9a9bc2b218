package interp

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// naivePart is one term of the naive model: a letter, and whether it is to be missing.
type naivePart struct {
	letter  string
	missing bool
}

// partial is a pending sequence of the naive model: the rows of its events.
type partial []int

// naive is the documented algorithm ("How sequence queries handle matches", SequenceMatcher) written plainly over events in
// order of time: each stage has one pending sequence, the newest; a stage takes the one before it; a missing event is
// looked for when a sequence is complete. The result is the rows of each sequence, "-" for a missing event.
func naive(steps []step, order []int, parts []naivePart, span int, until string) []string {
	var stages []string
	for _, p := range parts {
		if !p.missing {
			stages = append(stages, p.letter)
		}
	}
	pending := make([]partial, len(stages))
	var out []string
	for at, row := range order {
		for i := len(stages) - 1; i >= 0; i-- {
			if !strings.Contains(steps[row].name, stages[i]) {
				continue
			}
			next := partial{row}
			if i > 0 {
				prev := pending[i-1]
				if prev == nil {
					continue
				}
				pending[i-1] = nil
				if span > 0 && steps[row].at-steps[prev[0]].at > span || killed(steps, order[:at], prev, until) {
					continue
				}
				next = append(slices.Clone(prev), row)
			}
			if i < len(stages)-1 {
				pending[i] = next
				continue
			}
			if text, ok := finish(steps, order, parts, next, span); ok {
				out = append(out, text)
			}
		}
	}
	return out
}

// killed says whether an until event lies between the last event of a pending sequence, included, and now.
func killed(steps []step, before []int, prev partial, until string) bool {
	from := slices.Index(before, prev[len(prev)-1])
	return until != "" && slices.ContainsFunc(before[from:], func(row int) bool { return strings.Contains(steps[row].name, until) })
}

// finish checks the missing events of a complete sequence. At the ends it tries all windows of the length of maxspan, by
// half seconds; between events the instants are strict.
func finish(steps []step, order []int, parts []naivePart, rows partial, span int) (string, bool) {
	first, last := steps[rows[0]].at, steps[rows[len(rows)-1]].at
	var words, ends []string
	var before, after bool
	k := 0
	for _, p := range parts {
		switch {
		case !p.missing:
			words = append(words, fmt.Sprint(rows[k]))
			k++
			continue
		case k == 0:
			before = true
			ends = append(ends, p.letter)
		case k == len(rows):
			after = true
			ends = append(ends, p.letter)
		default:
			from, to := steps[rows[k-1]].at, steps[rows[k]].at
			for _, row := range order {
				if strings.Contains(steps[row].name, p.letter) && steps[row].at > from && steps[row].at < to {
					return "", false
				}
			}
		}
		words = append(words, "-")
	}
	if !before && !after {
		return strings.Join(words, ","), true
	}
	for start := 2 * (last - span); start <= 2*first; start++ { // windows [start, start + span] that hold the sequence
		if !before && start != 2*first || !after && start != 2*(last-span) {
			continue // only one end is looked at: the window begins or ends with the sequence
		}
		clean := !slices.ContainsFunc(order, func(row int) bool {
			t := 2 * steps[row].at
			outside := t < 2*first && before || t > 2*last && after
			hit := slices.ContainsFunc(ends, func(letter string) bool { return strings.Contains(steps[row].name, letter) })
			return outside && hit && t >= start && t <= start+2*span
		})
		if clean {
			return strings.Join(words, ","), true
		}
	}
	return "", false
}

// drawQuery draws a sequence: letters, missing ones among them, a span, until, and its text.
func drawQuery(t *rapid.T) (parts []naivePart, span int, until, text string) {
	parts = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) naivePart {
		return naivePart{rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "letter"), rapid.IntRange(0, 3).Draw(t, "missing") == 0}
	}), 2, 5).Draw(t, "parts")
	if !slices.ContainsFunc(parts, func(p naivePart) bool { return !p.missing }) {
		parts[0].missing = false
	}
	// Missing terms of one end must be the same letter: with several, the page does not say which of them share a window.
	for i := 1; i < len(parts); i++ {
		if parts[i].missing && parts[i-1].missing {
			parts[i].letter = parts[i-1].letter
		}
	}
	if head, tail := parts[0], &parts[len(parts)-1]; head.missing && tail.missing {
		for i := len(parts) - 1; parts[i].missing; i-- {
			parts[i].letter = head.letter
		}
	}
	span = rapid.IntRange(0, 6).Draw(t, "span")
	if span == 0 && slices.ContainsFunc(parts, func(p naivePart) bool { return p.missing }) {
		span = 1
	}
	until = rapid.SampledFrom([]string{"", "u"}).Draw(t, "until")
	text = "sequence by k"
	if span > 0 {
		text += fmt.Sprintf(" with maxspan=%ds", span)
	}
	for i := 0; i < len(parts); {
		n := 1
		for i+n < len(parts) && parts[i+n] == parts[i] {
			n++
		}
		sign := ""
		if parts[i].missing {
			sign = "!"
		}
		text += fmt.Sprintf(" %s[any where x == %q]", sign, parts[i].letter)
		if n > 1 {
			text += fmt.Sprintf(" with runs=%d", n)
		}
		i += n
	}
	if until != "" {
		text += ` until [any where x == "u"]`
	}
	return parts, span, until, text
}

// TestSequenceIsTheAlgorithm: every sequence of the machine is one of the naive algorithm, and the other way round, in the
// order in which they are complete.
func TestSequenceIsTheAlgorithm(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := drawSteps(rt)
		parts, span, until, query := drawQuery(rt)
		if len(parts) == 1 || len(steps) == 0 {
			return
		}
		order := make([]int, len(steps))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return steps[a].at - steps[b].at })
		var want []string
		for _, key := range []string{"1", "2"} {
			own := slices.DeleteFunc(slices.Clone(order), func(row int) bool { return steps[row].key != key })
			want = append(want, naive(steps, own, parts, span, until)...)
		}
		got := strings.Fields(groups(query, stepInput(t, steps)))
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			rt.Fatalf("%s over %v\n got %v\nwant %v", query, steps, got, want)
		}
	})
}
