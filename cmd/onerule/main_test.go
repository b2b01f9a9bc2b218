package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/internal/parallel"
)

// onerule runs a command line in this process.
func onerule(args ...string) (code int, stdout, stderr string) {
	var out, messages bytes.Buffer
	code = run(args, strings.NewReader(""), &out, &messages)
	return code, out.String(), messages.String()
}

// A panic is an internal error, exit code 3, also in a worker; what was printed before it comes out.
func TestPanicsAreInternalErrors(t *testing.T) {
	for name, f := range map[string]func(){
		"direct":  func() { panic("a fault of ours") },
		"worker":  func() { parallel.Each(10, func(int) { panic("a fault of ours") }) },
		"runtime": func() { var p *int; *p++ },
	} {
		t.Run(name, func(t *testing.T) {
			root := newRoot()
			root.AddCommand(&cobra.Command{Use: "boom", Run: func(cmd *cobra.Command, _ []string) {
				fmt.Fprint(cmd.OutOrStdout(), "before")
				f()
			}})
			var out, messages bytes.Buffer
			code := execute(root, []string{"boom"}, strings.NewReader(""), &out, &messages)
			if code != exitInternal || out.String() != "before" || !strings.HasPrefix(messages.String(), "internal error: ") || !strings.Contains(messages.String(), "main_test.go") {
				t.Errorf("exit code %d, %s", code, messages.String())
			}
		})
	}
}

type failingWriter struct{ after int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.after -= len(p); w.after < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

// Standard output that cannot be written is never taken for success.
func TestFailingOutput(t *testing.T) {
	for _, args := range [][]string{{"caps"}, {"version"}, {"fields", "--format", "json"}, {"--help"}} {
		var messages bytes.Buffer
		code := run(args, strings.NewReader(""), &failingWriter{after: 10}, &messages)
		if code != exitUsage || !strings.Contains(messages.String(), "E0805") || !strings.Contains(messages.String(), "no space left") {
			t.Errorf("%v: exit code %d, %s", args, code, messages.String())
		}
	}
}

// The graver end of two wins, the first of equals.
func TestWorse(t *testing.T) {
	findings, unread := exitError{exitFindings}, exitError{exitUsage}
	fault := usage("x")
	for _, tt := range []struct{ a, b, want error }{
		{nil, nil, nil},
		{nil, findings, findings},
		{findings, nil, findings},
		{findings, unread, unread},
		{unread, findings, unread},
		{fault, unread, fault},
		{findings, fault, fault},
	} {
		if got := worse(tt.a, tt.b); fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("worse(%v, %v) = %v", tt.a, tt.b, got)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if code, _, messages := onerule("check", "../../rules"); code != exitOK {
			b.Fatal(messages)
		}
	}
}
