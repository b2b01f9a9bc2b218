package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pmezard/go-difflib/difflib"
	"github.com/spf13/cobra"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/internal/atomicfile"
	"github.com/onerule/onerule/internal/workspace"
)

// formatter is the command fmt with its flags.
type formatter struct {
	list, diff, write bool
	w                 io.Writer
	differs           bool
	diags             diag.List
	ws                workspace.Workspace // holds the texts, for the renderer
}

func fmtCmd() *cobra.Command {
	f := &formatter{}
	cmd := &cobra.Command{
		Use:   "fmt [-l|-d|-w] [PATH…]",
		Short: "Write rules in the one canonical form",
		Long: `Formats rules. Without a flag the result goes to standard output; - reads standard input.
With -l or -d the exit code is 1 when a file is not in canonical form, unless -w puts it there. A file with faults is left alone.`,
		ValidArgsFunction: completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.w = cmd.OutOrStdout()
			return f.run(cmd, args)
		},
	}
	cmd.Flags().BoolVarP(&f.list, "list", "l", false, "list the files that are not in canonical form")
	cmd.Flags().BoolVarP(&f.diff, "diff", "d", false, "show what would change")
	cmd.Flags().BoolVarP(&f.write, "write", "w", false, "write the canonical form to the files")
	return cmd
}

func (f *formatter) run(cmd *cobra.Command, args []string) error {
	f.ws.Sources = map[string]*diag.Source{}
	if len(args) == 0 {
		args = []string{"rules"}
	}
	seen := map[string]bool{}
	for _, path := range args {
		if path == "-" {
			if err := f.stdin(cmd.InOrStdin()); err != nil {
				return err
			}
			continue
		}
		names, diags := workspace.Files(path)
		f.diags = append(f.diags, diags...)
		for _, name := range names {
			if seen[name] {
				continue
			}
			seen[name] = true
			text, diags := workspace.ReadRule(name)
			f.diags = append(f.diags, diags...)
			if text == nil {
				continue
			}
			if err := f.file(name, text, func(out []byte) error { return atomicfile.WriteFile(name, out) }); err != nil {
				return err
			}
		}
	}
	f.diags = f.diags.Sort()
	printDiags(cmd, &f.ws, f.diags)
	return worse(exitOf(f.diags), findingsIf(f.differs && !f.write && (f.list || f.diff)))
}

func (f *formatter) stdin(in io.Reader) error {
	if f.write {
		return usage("-w cannot write to standard input", "leave -w out: the result goes to standard output")
	}
	text, err := io.ReadAll(io.LimitReader(in, workspace.MaxFile+1))
	if err == nil && len(text) > workspace.MaxFile {
		err = errors.New("the text is larger than 8 MiB")
	}
	if err != nil {
		return commandFault{diag.New(diag.Unreadable, diag.Span{File: "standard input"}, workspace.Reason(err))}
	}
	return f.file("standard input", text, nil)
}

// file formats one text. Nothing is printed or written for a text with faults.
func (f *formatter) file(name string, text []byte, write func([]byte) error) error {
	out, diags := grammar.Format(name, text)
	f.diags = append(f.diags, diags...)
	f.ws.Sources[name] = diag.NewSource(name, string(text))
	if diags.HasErrors() {
		return nil
	}
	same := bytes.Equal(text, out)
	f.differs = f.differs || !same
	if f.list && !same {
		fmt.Fprintln(f.w, name)
	}
	if f.diff && !same {
		if err := writeDiff(f.w, name, text, out); err != nil {
			return err
		}
	}
	if f.write && !same {
		if err := write(out); err != nil {
			f.diags = append(f.diags, diag.New(diag.BadOutput, diag.Span{File: name}, "it cannot be written: "+workspace.Reason(err), "the file is as it was; make it writable"))
		}
	}
	if !f.list && !f.diff && !f.write {
		_, err := f.w.Write(out)
		return err
	}
	return nil
}

func writeDiff(w io.Writer, name string, before, after []byte) error {
	return difflib.WriteUnifiedDiff(w, difflib.UnifiedDiff{
		A: diffLines(before), B: diffLines(after), FromFile: name, ToFile: name + " (formatted)", Context: 3,
	})
}

// diffLines cuts a text into lines with their ends; a last line without one is marked as diff and patch know it.
func diffLines(text []byte) []string {
	lines := strings.SplitAfter(string(text), "\n")
	last := len(lines) - 1
	if lines[last] == "" {
		return lines[:last]
	}
	lines[last] += "\n\\ No newline at end of file\n"
	return lines
}
