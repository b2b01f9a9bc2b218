package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/verify"
)

func testCmd() *cobra.Command {
	var f targetFlags
	var through []string
	var coverage bool
	cmd := &cobra.Command{
		Use:   "test [PATH…]",
		Short: "Run the tests inside the rules",
		Long:  "Runs the tests inside the rules on the reference evaluator, and with --through also as printed queries in the interpreters of the languages.",
		RunE: func(cmd *cobra.Command, args []string) error {
			ws := workspace.Load(args, f.paramFile)
			opts, err := f.options(ws)
			if err != nil {
				return err
			}
			var langs []*backends.Backend
			for _, l := range through {
				if err := checkLang(l); err != nil {
					return err
				}
				b, _ := all.Lookup(l)
				langs = append(langs, b)
			}
			printDiags(cmd, ws, ws.Diags)
			failed := exitOf(ws.Diags)
			passed, failures, untested := 0, 0, 0
			for _, r := range ws.Rules {
				if len(r.Tests) == 0 {
					untested++
				}
				for _, res := range verify.Tests(r, langs, opts) {
					if res.OK() {
						passed++
						continue
					}
					failures++
					fmt.Fprintf(cmd.OutOrStdout(), "FAIL %s: %s%s\n%s", r.Name, res.Name, inLanguage(res.Lang), indent(res.Detail))
				}
				if coverage {
					c, err := verify.TestCoverage(r)
					if err != nil {
						return err
					}
					fmt.Fprintf(cmd.OutOrStdout(), "%s: its tests decide %d of %d conditions both ways\n", r.Name, c.Decisive, c.Leaves)
					for _, u := range c.Undecided {
						fmt.Fprintf(cmd.OutOrStdout(), "    %s\n", u)
					}
				}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d passed, %d failed, %d rules without tests\n", passed, failures, untested)
			if failures > 0 {
				failed = worse(failed, exitError{exitFindings})
			}
			return failed
		},
	}
	f.register(cmd)
	cmd.Flags().StringSliceVar(&through, "through", nil, "also run the tests as queries of these languages")
	cmd.Flags().BoolVar(&coverage, "coverage", false, "say which conditions the tests never decide")
	return cmd
}

func inLanguage(lang string) string {
	if lang == "" {
		return ""
	}
	return " (as " + lang + ")"
}

func indent(s string) string {
	if s == "" {
		return ""
	}
	return "    " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ") + "\n"
}
