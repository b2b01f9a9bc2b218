package grammar

import (
	"os"
	"strings"
	"testing"
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
	text, err := os.ReadFile("spec.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []specBlock
	var cur *specBlock
	for i, line := range strings.Split(string(text), "\n") {
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
