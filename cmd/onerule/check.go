package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/atomicfile"
	"github.com/onerule/onerule/internal/workspace"
)

// checkFormats are the formats of diagnostics.
var checkFormats = []string{"text", "json", "sarif", "github"}

func checkCmd() *cobra.Command {
	var f targetFlags
	var format, since string
	var fix bool
	cmd := &cobra.Command{
		Use:   "check [PATH…]",
		Short: "Report the faults of rules",
		Long: `Reports every fault of the rules: text that does not parse, names that do not exist, types that do not go together.
With --target or --lang also what those languages cannot say, and telemetry that lacks a field.
With --fix faults that have one sure remedy are corrected in the files first. With --since, which names a pack or a folder of
rules, also rules whose meaning changed since then under the same version.`,
		ValidArgsFunction: completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkWord("format", format, checkFormats); err != nil {
				return err
			}
			ws, err := load(cmd, args, f.given)
			for round := 0; err == nil && fix && round < maxRounds; round++ {
				fixed, failed := applyFixes(cmd, ws)
				if failed != nil || fixed == 0 {
					err = failed
					break
				}
				ws, err = load(cmd, args, f.given)
			}
			if err != nil {
				return err
			}
			diags := ws.Diags
			if len(f.targets)+len(f.langs) > 0 {
				more, err := f.diagnose(ws)
				if err != nil {
					return err
				}
				diags = append(diags, more...).Sort()
			}
			if since != "" {
				stale, err := f.stale(cmd, ws, since)
				if err != nil {
					return err
				}
				diags = append(diags, stale...).Sort()
			}
			if err := reportDiags(cmd, ws, diags, format); err != nil {
				return err
			}
			return exitOf(diags)
		},
	}
	f.register(cmd)
	registerFormat(cmd, &format, checkFormats)
	cmd.Flags().StringVar(&since, "since", "", "pack or rules to compare versions and meanings with")
	cmd.Flags().BoolVar(&fix, "fix", false, "correct what has one sure remedy")
	return cmd
}

// maxRounds bounds the rounds of --fix: a fix may uncover another fault.
const maxRounds = 10

// applyFixes corrects the files and returns how many faults it fixed.
func applyFixes(cmd *cobra.Command, ws *workspace.Workspace) (int, error) {
	total := 0
	for _, name := range slices.Sorted(maps.Keys(ws.Sources)) {
		text, fixed := diag.ApplyFixes(name, ws.Sources[name].Text, ws.Diags)
		if fixed == 0 {
			continue
		}
		if err := atomicfile.WriteFile(name, []byte(text)); err != nil {
			return 0, outputFault(name, err)
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "note: %s: fixed %d\n", name, fixed)
		total += fixed
	}
	return total, nil
}

// diagnose compiles the rules for the chosen languages and returns what was said about it.
func (f *targetFlags) diagnose(ws *workspace.Workspace) (diag.List, error) {
	bs, err := f.backends(ws)
	if err != nil {
		return nil, err
	}
	opts, err := f.options(ws)
	if err != nil {
		return nil, err
	}
	var out diag.List
	for _, r := range ws.Rules {
		for _, b := range bs {
			if r.For(b.Platform) {
				_, diags := all.Try(r, b, opts)
				out = append(out, diags...)
			}
		}
	}
	return out, nil
}

// reportDiags writes diagnostics as the result of a command, in one of the formats.
func reportDiags(cmd *cobra.Command, ws *workspace.Workspace, l diag.List, format string) error {
	switch format {
	case "json":
		return diag.WriteJSON(cmd.OutOrStdout(), l)
	case "sarif":
		return diag.WriteSARIF(cmd.OutOrStdout(), l, version())
	case "github":
		return diag.WriteGitHub(cmd.OutOrStdout(), l)
	}
	printDiags(cmd, ws, l)
	return nil
}
