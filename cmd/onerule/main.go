// Command onerule compiles detection rules to the query languages of Splunk, Elastic, Microsoft Sentinel and Datadog, and
// proves on events that all of them find the same things.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/internal/parallel"
)

// Exit codes, a contract with scripts.
const (
	exitOK       = 0
	exitFindings = 1 // findings about rules: a fault, a failed test, a refused target, a disagreement
	exitUsage    = 2 // usage, or input that cannot be read
	exitInternal = 3 // a fault of ours
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run executes a command line and returns the exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return execute(newRoot(), args, stdin, stdout, stderr)
}

// execute is run on a tree of commands. A panic is a fault of ours and says so.
func execute(root *cobra.Command, args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	out := newOutput(stdout)
	messages := messageWriter{out: out, w: stderr}
	defer func() {
		if r := recover(); r != nil {
			internalError(messages, r)
			code = exitInternal
		}
	}()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(out)
	root.SetErr(messages)
	cmd, err := root.ExecuteC()
	if failed := out.Flush(); failed != nil {
		err = worse(err, outputFault("standard output", failed))
	}
	return report(messages, cmd, err)
}

// internalError tells the user about a panic; one of a worker carries the worker's stack.
func internalError(w io.Writer, r any) {
	text, stack := fmt.Sprint(r), string(debug.Stack())
	if p, ok := r.(*parallel.Panic); ok {
		text, stack = fmt.Sprint(p.Value), string(p.Stack)
	}
	fmt.Fprintf(w, "internal error: %s\n\nThis is a fault of onerule, not of the rule. Please report it with the command, the rule and these lines.\nonerule %s\n%s", text, version(), stack)
}
