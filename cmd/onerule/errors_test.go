package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/diag"
)

// errorCases is where the faults that `check` reports stand, one folder for each code: NAME.rule (NAME.yml for Sigma), or a folder NAME for a
// fault that takes several files, and beside it NAME.txt, the whole message. A first line `// check ARG…` adds arguments.
// The E01 cases belong to package grammar.
const errorCases = "../../golden/errors"

// TestErrorMessages compares the message of every case with its golden file.
func TestErrorMessages(t *testing.T) {
	root, err := filepath.Abs(errorCases)
	if err != nil {
		t.Fatal(err)
	}
	claimed := map[string]bool{}
	for _, code := range errorCodes(t, root) {
		entries, err := os.ReadDir(filepath.Join(root, code))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			name := strings.TrimSuffix(strings.TrimSuffix(e.Name(), ".rule"), ".yml")
			if !e.IsDir() && name == e.Name() {
				continue
			}
			golden := filepath.Join(root, code, name+".txt")
			claimed[golden] = true
			t.Run(code+"/"+name, func(t *testing.T) {
				got := checkCase(t, root, code, e)
				if !strings.Contains(got, "["+code+"]") {
					t.Errorf("no %s among\n%s", code, got)
				}
				compareGolden(t, golden, got)
			})
		}
	}
	goldens, err := filepath.Glob(filepath.Join(root, "*", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range goldens {
		if !claimed[g] && !strings.HasPrefix(filepath.Base(filepath.Dir(g)), "E01") {
			t.Errorf("%s belongs to no case", g)
		}
	}
}

// errorCodes lists the folders whose cases are ours.
func errorCodes(t *testing.T, root string) []string {
	t.Helper()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "E01") {
			out = append(out, e.Name())
		}
	}
	return out
}

// checkCase returns what `check` writes to standard error, run in the folder of the case.
func checkCase(t *testing.T, root, code string, e os.DirEntry) string {
	t.Helper()
	dir, path, main := filepath.Join(root, code), e.Name(), e.Name()
	if e.IsDir() {
		dir, path, main = filepath.Join(dir, e.Name()), ".", "main.rule"
	}
	t.Chdir(dir)
	t.Setenv("NO_COLOR", "1")
	args := []string{"check"}
	if text, err := os.ReadFile(main); err == nil {
		if line, ok := strings.CutPrefix(firstLine(string(text)), "// check "); ok {
			args = append(args, strings.Fields(line)...)
		}
	}
	var out, messages bytes.Buffer
	got := run(append(args, path), strings.NewReader(""), &out, &messages)
	if want := wantExit(code); got != want {
		t.Errorf("exit code %d, want %d", got, want)
	}
	if out.Len() > 0 {
		t.Errorf("standard output: %s", out.String())
	}
	return messages.String()
}

func wantExit(code string) int {
	switch {
	case strings.HasPrefix(code, "W"):
		return exitOK
	case unreadableCode(diag.Code(code)):
		return exitUsage
	}
	return exitFindings
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	if os.Getenv("GOLDIE_UPDATE") != "" {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s says\n%s\ngot\n%s", name, want, got)
	}
}

// TestErrorCasesAreTotal demands a case for each code that `check` can report.
func TestErrorCasesAreTotal(t *testing.T) {
	have := errorCodes(t, errorCases)
	for _, e := range diag.Registry {
		c := string(e.Code)
		reachable := c >= "E0200" && c < "E0600" || strings.HasPrefix(c, "W") || c == "E0801" || c == "E0802"
		if reachable && !slices.Contains(have, c) {
			t.Errorf("no case for %s in golden/errors", c)
		}
	}
}
