package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/atomicfile"
	"github.com/onerule/onerule/pack"
)

func buildCmd() *cobra.Command {
	var f targetFlags
	var out string
	var keepGoing bool
	cmd := &cobra.Command{
		Use:   "build [PATH…] --out DIR",
		Short: "Write the queries of rules and a manifest",
		Long: `Writes queries/RULE/RULE.EXT for each rule and language, and manifest.json with what each output promises and which languages
refused a rule, and why. A rule that no language of a platform carries gives exit code 1; the others are written.

The folder is replaced as a whole, and only when the build succeeded. A folder that holds files which no earlier build wrote is
left alone. Rules with faults end the build before anything is written, unless --keep-going leaves them out.`,
		ValidArgsFunction: completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" {
				return usage("build needs --out DIR", "name the folder that is to hold the pack")
			}
			ws, err := load(cmd, args, f.paramFile)
			if err != nil {
				return err
			}
			bs, err := f.backends(ws)
			if err != nil {
				return err
			}
			opts := pack.Options{Version: version()}
			if opts.Compile, err = f.options(ws); err != nil {
				return err
			}
			if ws.Diags.HasErrors() && !keepGoing {
				printDiags(cmd, ws, ws.Diags)
				fmt.Fprintln(cmd.ErrOrStderr(), "note: nothing was written; --keep-going leaves rules with faults out")
				return exitOf(ws.Diags)
			}
			bar := newProgress(cmd.ErrOrStderr(), "build", len(ws.Rules)*len(bs))
			opts.Progress = bar.step
			p := pack.New(ws.Rules, bs, opts)
			bar.done()
			diags := append(ws.Diags, p.Diags...).Sort()
			printDiags(cmd, ws, diags)
			if hasCode(diags, diag.BadOutput) {
				return exitError{exitUsage}
			}
			if err := writePack(p, out); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %d rules, %d queries, %d targets refused\n", out, len(p.Manifest.Rules), len(p.Files), p.Refused())
			return worse(exitOf(diags), findingsIf(p.Refused() > 0))
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&out, "out", "", "folder for the pack")
	_ = cmd.MarkFlagDirname("out") // fails for unknown flags only
	cmd.Flags().BoolVar(&keepGoing, "keep-going", false, "leave out rules with faults, and build the others")
	return cmd
}

func writePack(p *pack.Pack, dir string) error {
	err := p.Write(dir)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, atomicfile.ErrForeign):
		return commandFault{diag.New(diag.BadOutput, diag.Span{File: dir}, "the folder holds files that no build wrote", "nothing was changed; name a new or empty folder with --out, or the folder of an earlier build")}
	}
	return outputFault(dir, err)
}

func hasCode(l diag.List, c diag.Code) bool {
	for _, d := range l {
		if d.Code == c {
			return true
		}
	}
	return false
}
