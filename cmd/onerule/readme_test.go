package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadme executes the console blocks of README.md: a line that begins with `$ ` is a command, the lines behind it are
// its output, where a line `...` stands for any lines. `onerule` is the binary built from this tree.
func TestReadme(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(bin, "onerule"), ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	commands := 0
	for _, block := range consoleBlocks(string(text)) {
		for _, c := range block {
			commands++
			cmd := exec.Command("sh", "-c", c.command)
			cmd.Dir = root
			cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "NO_COLOR=1", "TMPDIR="+t.TempDir())
			out, _ := cmd.CombinedOutput() // some commands of the tour end with a finding
			if !fitsOutput(c.output, lines(string(out))) {
				t.Errorf("$ %s\nREADME says:\n%s\nit prints:\n%s", c.command, strings.Join(c.output, "\n"), out)
			}
		}
	}
	if commands < 5 {
		t.Errorf("only %d commands were found in README.md", commands)
	}
}

type consoleCommand struct {
	command string
	output  []string
}

func consoleBlocks(text string) [][]consoleCommand {
	var blocks [][]consoleCommand
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "```console":
			inside = true
			blocks = append(blocks, nil)
		case line == "```":
			inside = false
		case inside && strings.HasPrefix(line, "$ "):
			last := &blocks[len(blocks)-1]
			*last = append(*last, consoleCommand{command: line[2:]})
		case inside && len(blocks[len(blocks)-1]) > 0:
			block := blocks[len(blocks)-1]
			c := &block[len(block)-1]
			c.output = append(c.output, line)
		}
	}
	return blocks
}

func lines(s string) []string {
	s = strings.TrimRight(s, "\n")
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// fitsOutput matches lines with `...` standing for any lines.
func fitsOutput(want, got []string) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	if want[0] != "..." {
		return len(got) > 0 && strings.TrimRight(got[0], " ") == strings.TrimRight(want[0], " ") && fitsOutput(want[1:], got[1:])
	}
	for i := range len(got) + 1 {
		if fitsOutput(want[1:], got[i:]) {
			return true
		}
	}
	return false
}
