package grammar

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/diag"
)

// specBlock is a code block of spec.md: its language word, its text, and the line it starts on.
type specBlock struct {
	language string
	text     string
	line     int
}

// errorCases are the faulty files whose messages are golden.
const errorCases = "../golden/errors/E01*/*.rule"

func specBlocks(t testing.TB) []specBlock {
	t.Helper()
	return codeBlocks(readFile(t, "spec.md"))
}

// codeBlocks returns the fenced blocks of a Markdown text.
func codeBlocks(text string) []specBlock {
	var out []specBlock
	var cur *specBlock
	for i, line := range strings.Split(text, "\n") {
		switch {
		case cur == nil && strings.HasPrefix(line, "```"):
			cur = &specBlock{language: strings.TrimPrefix(line, "```"), line: i + 2}
		case cur != nil && line == "```":
			out = append(out, *cur)
			cur = nil
		case cur != nil:
			cur.text += line + "\n"
		}
	}
	return out
}

// asFile makes a whole file of a block.
func (b specBlock) asFile() string {
	kind, _, _ := strings.Cut(b.language, " ")
	switch kind {
	case "clause":
		return "rule r v1 {\n" + indentLines(b.text) + "}\n"
	case "condition":
		var out strings.Builder
		for line := range strings.Lines(b.text) {
			out.WriteString("  where " + line)
		}
		return "rule r v1 {\n" + out.String() + "}\n"
	}
	return b.text
}

func indentLines(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			line = "  " + line
		}
		out.WriteString(line)
	}
	return out.String()
}

func TestSpec(t *testing.T) {
	blocks := specBlocks(t)
	if len(blocks) < 40 {
		t.Fatalf("%d code blocks", len(blocks))
	}
	for _, b := range blocks {
		t.Run(fmt.Sprintf("line_%d", b.line), func(t *testing.T) {
			kind, code, faulty := strings.Cut(b.language, " ")
			if kind == "words" {
				words := strings.Fields(b.text)
				for _, w := range words {
					if !IsReserved(w) {
						t.Errorf("%s is not reserved", w)
					}
				}
				for _, w := range Reserved() {
					if !slices.Contains(words, w) {
						t.Errorf("%s is not listed", w)
					}
				}
				return
			}
			text := b.asFile()
			if faulty {
				if _, list := Parse("spec.rule", []byte(text)); !hasCode(list, diag.Code(code)) {
					t.Errorf("no %s among %v", code, list)
				}
				return
			}
			if got := mustFormat(t, text); got != text {
				t.Errorf("not canonical:\n%s", lineDiff(text, got))
			}
		})
	}
}
