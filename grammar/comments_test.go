package grammar

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Comments and line breaks at any place where the language allows them survive formatting, the tree with them.
func TestCommentsSurvive(t *testing.T) {
	canonical := readFile(t, "canonical.rule")
	var parts []string
	for part := range strings.SplitSeq(canonical, "\n}\n") {
		parts = append(parts, part+"\n}\n")
	}
	parts = parts[:len(parts)-1]
	parsed := 0
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(parts).Draw(t, "part")
		if rapid.Bool().Draw(t, "generated") {
			text = string(Print(generator{t}.file()))
		}
		toks, _ := read("c", text, &faults{})
		for i := range rapid.IntRange(1, 4).Draw(t, "comments") {
			at := rapid.IntRange(0, len(toks)-1).Draw(t, "at")
			insert := fmt.Sprintf(" // comment %d\n", i)
			if rapid.IntRange(0, 2).Draw(t, "kind") == 0 {
				insert = rapid.SampledFrom([]string{"\n", "\n\n\n", " \n"}).Draw(t, "break")
			}
			off := toks[at].Pos.Offset
			text = text[:off] + insert + text[off:]
			toks, _ = read("c", text, &faults{})
		}
		if _, list := Parse("c", []byte(text)); len(list) > 0 {
			return // a clause may not break there
		}
		parsed++
		mustFormat(t, text)
	})
	if parsed == 0 {
		t.Error("no text parsed")
	}
}
