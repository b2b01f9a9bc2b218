package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"onerule": main}) }

// TestScript runs testdata/script/<command>_<case>.txtar. GOLDIE_UPDATE=1 writes what the commands print into the scripts.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("GOLDIE_UPDATE") != "",
		Condition:     condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"repeat": repeat,
			"sparse": sparse,
			"bytes":  writeBytes,
		},
	})
}

// condition knows [root] and [exists:FILE].
func condition(cond string) (bool, error) {
	if cond == "root" {
		return os.Getuid() == 0, nil
	}
	if name, ok := strings.CutPrefix(cond, "exists:"); ok {
		_, err := os.Stat(name)
		return err == nil, nil
	}
	return false, fmt.Errorf("unknown condition %q", cond)
}

// exits N COMMAND ARG…: the command ends with this exit code. Its output can be looked at as after exec.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// repeat FILE HEAD N TEXT TAIL: writes HEAD, TEXT n times, TAIL; texts are Go strings without quotes.
func repeat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: repeat FILE HEAD N TEXT TAIL")
	}
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	text := unquote(ts, args[1]) + strings.Repeat(unquote(ts, args[3]), n) + unquote(ts, args[4])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

func unquote(ts *testscript.TestScript, s string) string {
	out, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`)
	ts.Check(err)
	return out
}

// sparse FILE BYTES: makes a file of that size which takes no room.
func sparse(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sparse FILE BYTES")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), nil, 0o644))
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

// bytes FILE TEXT: writes a Go string without quotes, with \x and other escapes.
func writeBytes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: bytes FILE TEXT")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(unquote(ts, args[1])), 0o644))
}

// Every command has a script of a success and one of a wrong call.
func TestEveryCommandHasScripts(t *testing.T) {
	for _, cmd := range newRoot().Commands() {
		for _, which := range []string{"success", "usage"} {
			name := filepath.Join("testdata", "script", fmt.Sprintf("%s_%s.txtar", cmd.Name(), which))
			if _, err := os.Stat(name); err != nil {
				t.Error(err)
			}
		}
	}
}
