package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/internal/ndjson"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/schema"
)

func runCmd() *cobra.Command {
	var files []string
	var as, paramFile string
	cmd := &cobra.Command{
		Use:   "run [PATH…] --events FILE",
		Short: "Find what the rules find in a stream of events",
		Long: `Runs the rules on native events with the reference evaluator and prints one JSON object for each finding.
The exit code is 0 with and without findings.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(files) == 0 {
				return errors.New("run needs --events FILE, or - for standard input")
			}
			ws := workspace.Load(args, paramFile)
			printDiags(cmd, ws, ws.Diags)
			r, err := newRunner(ws, as)
			if err != nil {
				return err
			}
			end := exitOf(ws.Diags)
			w := bufio.NewWriter(cmd.OutOrStdout())
			for _, f := range files {
				faults, err := r.file(w, f)
				printDiags(cmd, nil, faults)
				end = worse(end, exitOf(faults))
				if err != nil {
					return errors.Join(err, w.Flush())
				}
			}
			if r.unbound > 0 {
				fmt.Fprintf(cmd.ErrOrStderr(), "note: %d of %d events are of no telemetry that the rules look at\n", r.unbound, r.total)
			}
			return errors.Join(w.Flush(), end)
		},
	}
	cmd.Flags().StringArrayVar(&files, "events", nil, "NDJSON file of native events, plain or gzip; - is standard input")
	cmd.Flags().StringVar(&as, "as", "", "read every event as one of this binding, instead of by the selecting conditions of all bindings")
	cmd.Flags().StringVar(&paramFile, "param-file", "", "YAML file with parameter values: rule, name, value")
	return cmd
}

// runner evaluates rules on native events.
type runner struct {
	rules          []*eval.Rule
	bindings       []*schema.Binding
	total, unbound int
}

func newRunner(ws *workspace.Workspace, as string) (*runner, error) {
	r := &runner{}
	sources := map[string]bool{}
	for _, rule := range ws.Rules {
		e, err := eval.New(rule)
		if err != nil {
			return nil, err
		}
		r.rules = append(r.rules, e)
		for _, c := range rule.From {
			sources[c.Source] = true
		}
	}
	names := schema.BindingNames()
	if as != "" {
		if _, ok, err := schema.LookupBinding(as); !ok {
			return nil, errors.Join(unknownWord("binding", as, names), err)
		}
		names = []string{as}
	}
	for _, n := range names {
		b, _, err := schema.LookupBinding(n)
		if err != nil {
			return nil, err
		}
		if as != "" || sources[b.Source] {
			r.bindings = append(r.bindings, b)
		}
	}
	return r, nil
}

func (r *runner) file(w io.Writer, name string) (diag.List, error) {
	in := os.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("--events: %w", err)
		}
		defer f.Close()
		in = f
	}
	reader, err := ndjson.NewReader(name, in)
	if err != nil {
		return nil, fmt.Errorf("--events: %w", err)
	}
	var ambiguous diag.List
	for {
		ev, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return append(reader.Diags(), ambiguous...), nil
		}
		if err != nil {
			return reader.Diags(), fmt.Errorf("--events %s: %w", name, err)
		}
		r.total++
		d, err := r.event(w, name, ev)
		if err != nil {
			return reader.Diags(), err
		}
		if d != nil && len(ambiguous) < 20 {
			ambiguous = append(ambiguous, *d)
		}
	}
}

// event prints the findings of one event. An event that bindings read as different classes or sources is ambiguous.
func (r *runner) event(w io.Writer, file string, ev ndjson.Event) (*diag.Diagnostic, error) {
	id := file + ":" + strconv.Itoa(ev.Line)
	var canonical []schema.Event
	for _, b := range r.bindings {
		if e, ok := b.ToCanonical(id, ev.Object); ok {
			canonical = append(canonical, e)
		}
	}
	if len(canonical) == 0 {
		r.unbound++
		return nil, nil
	}
	for _, e := range canonical[1:] {
		if e.Source != canonical[0].Source || e.Class != canonical[0].Class {
			at := diag.Pos{Line: ev.Line, Col: 1}
			d := diag.New(diag.NoBinding, diag.Span{File: file, Start: at, End: at},
				fmt.Sprintf("the event could be of %s (%s on %s) or of %s (%s on %s)", canonical[0].Binding, canonical[0].Class, canonical[0].Source, e.Binding, e.Class, e.Source), "say which with --as BINDING")
			return &d, nil
		}
	}
	for _, rule := range r.rules {
		for i := range canonical {
			if !rule.Match(&canonical[i]) {
				continue
			}
			if err := printFinding(w, rule, &canonical[i], ev); err != nil {
				return nil, err
			}
			break // one event is one finding, however many bindings can read it
		}
	}
	return nil, nil
}

type finding struct {
	Rule     string         `json:"rule"`
	ID       string         `json:"id,omitempty"`
	Version  int            `json:"version"`
	Severity string         `json:"severity,omitempty"`
	Event    string         `json:"event"`
	Time     string         `json:"time"`
	Binding  string         `json:"binding"`
	Entities []entity       `json:"entities,omitempty"`
	Show     map[string]any `json:"show,omitempty"`
}

type entity struct {
	Kind  string `json:"kind"`
	Field string `json:"field"`
	Value any    `json:"value"`
}

func printFinding(w io.Writer, r *eval.Rule, e *schema.Event, ev ndjson.Event) error {
	f := finding{
		Rule: r.Name, ID: r.Meta.ID, Version: r.Version, Severity: r.Meta.Severity,
		Event: e.ID, Time: schema.DateMillis(e.Millis).String(), Binding: e.Binding,
	}
	for _, en := range r.Emit.Entities {
		for _, v := range e.Values(en.Field.Name, en.Field.Type) {
			f.Entities = append(f.Entities, entity{Kind: en.Kind, Field: en.Field.Name, Value: v.JSON()})
		}
	}
	for _, s := range r.Emit.Show {
		if x, ok := e.Object[s.Name]; ok {
			if f.Show == nil {
				f.Show = map[string]any{}
			}
			f.Show[s.Name] = x
		}
	}
	line, err := marshal(f)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
