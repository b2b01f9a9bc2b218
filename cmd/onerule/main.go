// Command onerule compiles detection rules to the query languages of Splunk, Elastic, Microsoft Sentinel and Datadog, and
// proves on events that all of them find the same things.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
)

// Exit codes, a contract with scripts.
const (
	exitOK       = 0
	exitFindings = 1 // findings about rules: a fault, a failed test, a refused target, a disagreement
	exitUsage    = 2 // usage, or input that cannot be read
	exitInternal = 3 // a fault of ours
)

// exitError ends the program with a code; its message was printed already.
type exitError struct{ code int }

func (e exitError) Error() string { return fmt.Sprintf("exit %d", e.code) }

func main() { os.Exit(run()) }

// run executes the command line and returns the exit code. A panic is a fault of ours and says so.
func run() (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(os.Stderr, "internal error: %v\n\nThis is a fault of onerule. Please report it with the rule and the command.\n%s", r, debug.Stack())
			code = exitInternal
		}
	}()
	err := newRoot().Execute()
	var exit exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return exit.code
	}
	fmt.Fprintf(os.Stderr, "onerule: %v\n", err)
	return exitUsage
}
