package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/internal/workspace"
)

func runCmd() *cobra.Command {
	var files []string
	var as string
	var given workspace.Given
	lateness := engine.DefaultLateness
	cmd := &cobra.Command{
		Use:   "run [PATH…] --events FILE",
		Short: "Find what the rules find in a stream of events",
		Long: `Runs the rules on native events and prints one JSON object for each finding. Rules over several events take the files one
after the other as one stream in the order of time, up to --lateness; events that come later than that take no part, and are counted.
A sequence or together rule finds a key at most once in each interval of its schedule (every 5m unless it says otherwise), as platforms do.
The exit code is 0 with and without findings. A broken line is reported and the others are used; the exit code is then 2.`,
		ValidArgsFunction: completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(files) == 0 {
				return usage("run needs events", "name a file with --events FILE, or - for standard input")
			}
			if lateness < 0 {
				return usage("--lateness is a length of time", "write --lateness 10m, say")
			}
			if err := checkBinding(as); err != nil {
				return err
			}
			ws, err := load(cmd, args, given)
			if err != nil {
				return err
			}
			printDiags(cmd, ws, ws.Diags)
			return runEvents(cmd, ws, files, as, engine.Options{Lateness: lateness})
		},
	}
	cmd.Flags().DurationVar(&lateness, "lateness", lateness, "for rules over several events: how much older than the newest one an event may be")
	cmd.Flags().StringArrayVar(&files, "events", nil, "NDJSON file of native events, plain or gzip; - is standard input")
	registerAs(cmd, &as)
	registerGiven(cmd, &given)
	return cmd
}

func runEvents(cmd *cobra.Command, ws *workspace.Workspace, files []string, as string, opts engine.Options) error {
	r, err := newRunner(ws.Rules, as, opts)
	if err != nil {
		return err
	}
	end := exitOf(ws.Diags)
	for _, f := range files {
		faults, err := r.file(cmd.OutOrStdout(), f, cmd.InOrStdin())
		printDiags(cmd, nil, faults)
		end = worse(end, exitOf(faults))
		if err != nil {
			return err
		}
	}
	if err := r.end(cmd.OutOrStdout()); err != nil {
		return err
	}
	noteEvents(cmd, r.total, r.unbound)
	r.noteUnused(cmd)
	return end
}

// noteUnused says how many events rules over several events could not use.
func (r *runner) noteUnused(cmd *cobra.Command) {
	for _, s := range r.streams {
		if n := s.engine.Late(); n > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "note: %s came too late for `%s`, more than %s after newer ones; sort the events by time, or give a longer --lateness\n", eventsText(n), s.rule.Name, r.opts.Lateness)
		}
	}
	for _, s := range r.streams {
		if n := s.engine.Skipped(); n > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "note: `%s` does not tell of %d windows of a long silence that one event ended; look whether its time is right\n", s.rule.Name, n)
		}
	}
	if r.timeless > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "note: %s without a time that can be read took no part in rules over several events\n", eventsText(r.timeless))
	}
}

func eventsText(n int) string {
	if n == 1 {
		return "1 event"
	}
	return strconv.Itoa(n) + " events"
}

// noteEvents says how many of the events given were of no use.
func noteEvents(cmd *cobra.Command, total, unbound int) {
	switch {
	case total == 0:
		fmt.Fprintln(cmd.ErrOrStderr(), "note: there are no events")
	case unbound > 0:
		fmt.Fprintf(cmd.ErrOrStderr(), "note: %d of %d events are of no telemetry that the rules look at\n", unbound, total)
	}
}

// registerAs adds --as.
func registerAs(cmd *cobra.Command, as *string) {
	cmd.Flags().StringVar(as, "as", "", "read every event as one of this binding, instead of by the selecting conditions of all bindings")
	complete(cmd, "as", bindingNames)
}
