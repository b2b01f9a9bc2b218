package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/internal/ndjson"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/schema"
	"github.com/onerule/onerule/verify"
)

func verifyCmd() *cobra.Command {
	var f targetFlags
	var files []string
	var as, report, out string
	cmd := &cobra.Command{
		Use:   "verify [PATH…]",
		Short: "Prove that the queries find what the rules mean",
		Long: `Compiles the rules, runs the printed queries in the interpreters of their languages on the events of the rules' tests, on
witnesses made from the rules and on --events, and compares with the reference evaluator.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			ws := workspace.Load(args, f.paramFile)
			bs, err := f.backends(ws)
			if err != nil {
				return err
			}
			opts := verify.Options{As: as}
			if opts.Compile, err = f.options(ws); err != nil {
				return err
			}
			if as != "" {
				if _, ok, err := schema.LookupBinding(as); !ok {
					return errors.Join(unknownWord("binding", as, schema.BindingNames()), err)
				}
			}
			end := exitOf(ws.Diags)
			printDiags(cmd, ws, ws.Diags)
			for _, name := range files {
				events, faults, err := ndjson.ReadFile(name)
				if err != nil {
					return fmt.Errorf("--events: %w", err)
				}
				printDiags(cmd, nil, faults)
				end = worse(end, exitOf(faults))
				for _, e := range events {
					opts.Events = append(opts.Events, verify.FileEvent{Name: fmt.Sprintf("%s:%d", name, e.Line), Object: e.Object})
				}
			}
			results := verify.All(ws.Rules, bs, opts)
			if err := writeReport(cmd.OutOrStdout(), report, out, results); err != nil {
				return err
			}
			if report == "text" {
				for _, r := range results {
					if r.Status != verify.Agrees {
						printDiags(cmd, ws, r.Diags)
					}
				}
			}
			if verify.Failing(results) {
				end = worse(end, exitError{exitFindings})
			}
			return end
		},
	}
	f.register(cmd)
	cmd.Flags().StringArrayVar(&files, "events", nil, "NDJSON file of native events to compare on as well")
	cmd.Flags().StringVar(&as, "as", "", "the events are of this binding")
	cmd.Flags().StringVar(&report, "report", "text", "text, json, junit or html")
	cmd.Flags().StringVar(&out, "out", "", "write the report to a file")
	return cmd
}

func writeReport(stdout io.Writer, format, out string, results []*verify.Result) error {
	write, ok := verify.Reports[format]
	if !ok {
		return unknownWord("report", format, []string{"text", "json", "junit", "html"})
	}
	if out == "" {
		return write(stdout, results)
	}
	f, err := os.Create(out)
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return errors.Join(write(f, results), f.Close())
}
