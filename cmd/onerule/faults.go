package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/workspace"
)

// exitError ends the program with a code; its message was printed already.
type exitError struct{ code int }

func (e exitError) Error() string { return fmt.Sprintf("exit %d", e.code) }

// commandFault ends the program with a diagnostic about the command itself: its words, its files, its output.
type commandFault struct{ diag.Diagnostic }

// usage is a fault in how the command was called.
func usage(title string, help ...string) error {
	return commandFault{diag.New(diag.BadUsage, diag.Span{}, title, help...)}
}

// usagef is [usage] with a format and without help.
func usagef(format string, args ...any) error { return usage(fmt.Sprintf(format, args...)) }

// unreadable says that a file named by a flag cannot be read.
func unreadable(flag, file string, err error) error {
	return commandFault{diag.New(diag.Unreadable, diag.Span{File: file}, fmt.Sprintf("--%s: %s", flag, workspace.Reason(err)), "name a file that can be read, or - for standard input")}
}

// outputFault says that a result cannot be written.
func outputFault(file string, err error) error {
	return commandFault{diag.New(diag.BadOutput, diag.Span{File: file}, "it cannot be written: "+workspace.Reason(err), "nothing was changed; choose another place with --out, or make room")}
}

// unknownWord says that there is nothing of that name, and names what is near or what there is.
func unknownWord(kind, word string, known []string) error {
	title := fmt.Sprintf("there is no %s `%s`", kind, word)
	if help := diag.Suggestion(kind, word, known); help != "" {
		return usage(title, help)
	}
	if len(known) > 20 {
		return usage(title)
	}
	return usage(title, "there are "+strings.Join(known, ", "))
}

// report tells the user how a command ended, and returns the exit code.
func report(w io.Writer, cmd *cobra.Command, err error) int {
	var exit exitError
	var fault commandFault
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return exit.code
	case !errors.As(err, &fault): // cobra's own: an unknown command or flag, a wrong number of arguments
		fault = commandFault{diag.New(diag.BadUsage, diag.Span{}, firstLine(err.Error()), hints(cmd, err.Error())...)}
	}
	writeDiags(w, nil, diag.List{fault.Diagnostic})
	return exitUsage
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// hints keeps cobra's suggestions of commands and says where to read more.
func hints(cmd *cobra.Command, message string) []string {
	var out []string
	for _, line := range strings.Split(message, "\n")[1:] {
		if word := strings.TrimSpace(line); word != "" && strings.HasPrefix(line, "\t") {
			out = append(out, fmt.Sprintf("a command with a similar name exists: `%s`", word))
		}
	}
	if cmd.Name() == "exec" && strings.HasPrefix(message, "unknown") && strings.Contains(message, "flag") {
		out = append(out, fmt.Sprintf("a query that starts with `-` stands behind `--`: `%s --lang datadog -- '-status:error'`", cmd.CommandPath()))
	}
	return append(out, fmt.Sprintf("`%s --help` shows how it is called", cmd.CommandPath()))
}

// printDiags renders diagnostics to standard error.
func printDiags(cmd *cobra.Command, ws *workspace.Workspace, l diag.List) {
	writeDiags(cmd.ErrOrStderr(), ws, l)
}

func writeDiags(w io.Writer, ws *workspace.Workspace, l diag.List) {
	source := func(string) *diag.Source { return nil }
	if ws != nil {
		source = ws.Source
	}
	_ = diag.WriteText(w, l, diag.TextOptions{Source: source, Color: colored(w)}) // there is no place left to complain to
}

// exitOf returns the exit code that a list of diagnostics calls for.
func exitOf(l diag.List) error {
	code := exitOK
	for _, d := range l {
		switch {
		case d.Severity != diag.Error:
		case d.Code == diag.InternalFault:
			code = exitInternal
		case unreadableCode(d.Code):
			code = max(code, exitUsage)
		default:
			code = max(code, exitFindings)
		}
	}
	if code == exitOK {
		return nil
	}
	return exitError{code}
}

// unreadableCode reports the codes of input that cannot be read at all, as opposed to rules that have a fault.
func unreadableCode(c diag.Code) bool {
	return strings.HasPrefix(string(c), "E08") || c == diag.SyntaxEncoding
}

// worse returns the graver of two ends of a command, the first of equals.
func worse(a, b error) error {
	if codeOf(b) > codeOf(a) {
		return b
	}
	return a
}

func codeOf(err error) int {
	var exit exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return exit.code
	}
	return exitUsage
}

// findingsIf is the end of a command that looked at rules.
func findingsIf(found bool) error {
	if found {
		return exitError{exitFindings}
	}
	return nil
}

// internalFaults are those of a list that are faults of ours.
func internalFaults(l diag.List) diag.List {
	return slices.DeleteFunc(slices.Clone(l), func(d diag.Diagnostic) bool { return d.Code != diag.InternalFault })
}
