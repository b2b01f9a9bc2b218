package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/internal/ndjson"
	"github.com/onerule/onerule/ir"
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
witnesses made from the rules and on --events, and compares with the reference evaluator.

The exit code is 1 when a query finds something else than its rule, when a query cannot be run, and when a platform is left
without the rule: none of its languages that were asked for carries it. A refusal by one language does not count where another
language of the same platform carries the rule; nor do platforms that the rule leaves out with "targets" in its meta.
--target and --lang say what is asked for.`,
		ValidArgsFunction: completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkWord("report", report, verify.ReportFormats); err != nil {
				return err
			}
			if err := checkBinding(as); err != nil {
				return err
			}
			ws, err := load(cmd, args, f.given)
			if err != nil {
				return err
			}
			bs, err := f.backends(ws)
			if err != nil {
				return err
			}
			opts := verify.Options{As: as}
			if opts.Compile, err = f.options(ws); err != nil {
				return err
			}
			printDiags(cmd, ws, ws.Diags)
			end, err := readEvents(cmd, ws.Rules, files, &opts)
			if err != nil {
				return err
			}
			bar := newProgress(cmd.ErrOrStderr(), "verify", len(ws.Rules)*len(bs))
			opts.Progress = bar.step
			results := verify.All(ws.Rules, bs, opts)
			bar.done()
			if err := writeTo(cmd.OutOrStdout(), out, func(w io.Writer) error { return verify.WriteReport(w, report, results, version()) }); err != nil {
				return err
			}
			if report == "text" {
				printDiags(cmd, ws, verify.Reasons(results))
			}
			return worse(worse(worse(exitOf(ws.Diags), end), findingsIf(verify.Failing(results))), exitOf(internalFaults(verify.Reasons(results))))
		},
	}
	f.register(cmd)
	cmd.Flags().StringArrayVar(&files, "events", nil, "NDJSON file of native events to compare on as well; - is standard input")
	registerAs(cmd, &as)
	cmd.Flags().StringVar(&report, "report", verify.ReportFormats[0], "text, json, junit, html, sarif or github")
	complete(cmd, "report", fixed(verify.ReportFormats...))
	cmd.Flags().StringVar(&out, "out", "", "write the report to a file")
	return cmd
}

// readEvents reads the native events of files into the options. Broken lines, and events that several bindings read
// differently, are reported and left out; end says so.
func readEvents(cmd *cobra.Command, rules []*ir.Rule, files []string, opts *verify.Options) (end, err error) {
	if len(files) == 0 {
		return nil, nil
	}
	reader, err := newRunner(rules, opts.As, engine.Options{})
	if err != nil {
		return nil, err
	}
	total, unbound := 0, 0
	for _, name := range files {
		events, faults, err := ndjson.ReadFile(name, cmd.InOrStdin())
		if err != nil {
			return nil, unreadable("events", name, err)
		}
		for _, e := range events {
			readings, ambiguous, err := reader.readings(name, e)
			if err != nil {
				return nil, err
			}
			total++
			if ambiguous != nil {
				faults = append(faults, *ambiguous)
				continue
			}
			taken := false
			for _, x := range readings {
				if canonical := x.canonical(); reader.takes(canonical) {
					taken = true
					opts.Events = append(opts.Events, verify.FileEvent{Name: fmt.Sprintf("%s:%d", name, e.Line), Object: e.Object, Canonical: canonical})
				}
			}
			if !taken {
				unbound++
			}
		}
		printDiags(cmd, nil, faults.Sort())
		end = worse(end, exitOf(faults))
	}
	noteEvents(cmd, total, unbound)
	return end, nil
}
