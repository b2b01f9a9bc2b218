package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
)

func irCmd() *cobra.Command {
	var f targetFlags
	var after, bound string
	cmd := &cobra.Command{
		Use:   "ir PATH…",
		Short: "Print the intermediate form of rules",
		Long: `Prints what the rules mean, in the intermediate form. --after NAME runs the passes up to that one:
` + passDocs() + `
--bound LANG prints the rule on the native telemetry of a language, as its query is made from.`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			if after != "" && bound != "" {
				return usage("--after and --bound exclude each other", "binding runs all passes")
			}
			if after != "" {
				if err := checkWord("pass", after, passNames()); err != nil {
					return err
				}
			}
			if bound != "" {
				if err := checkLang(bound); err != nil {
					return err
				}
			}
			ws, err := load(cmd, args, f.given)
			if err != nil {
				return err
			}
			opts, err := f.options(ws)
			if err != nil {
				return err
			}
			diags := ws.Diags
			for _, r := range ws.Rules {
				diags = append(diags, printIR(cmd.OutOrStdout(), r, after, bound, opts)...)
			}
			printDiags(cmd, ws, diags.Sort())
			return exitOf(diags)
		},
	}
	cmd.Flags().StringVar(&after, "after", "", "stop behind this pass: "+strings.Join(passNames(), ", "))
	cmd.Flags().StringVar(&bound, "bound", "", "bind to the telemetry of this language: "+strings.Join(languageNames(), ", "))
	complete(cmd, "after", passNames)
	complete(cmd, "bound", languageNames)
	f.registerCompile(cmd)
	return cmd
}

func passNames() []string {
	var out []string
	for _, p := range pass.Pipeline {
		out = append(out, p.Name)
	}
	return out
}

func passDocs() string {
	var b strings.Builder
	for _, p := range pass.Pipeline {
		fmt.Fprintf(&b, "  %-10s %s\n", p.Name, p.Doc)
	}
	return b.String()
}

func printIR(w io.Writer, r *ir.Rule, after, bound string, opts all.Options) diag.List {
	if bound == "" {
		fmt.Fprint(w, ir.Print(passed(r, after)))
		return nil
	}
	b, _ := all.Lookup(bound)
	out, diags := all.Prepare(r, b, opts, func(*ir.Bound) *backends.Level { return nil })
	if out.Bound == nil {
		return diags
	}
	fmt.Fprint(w, ir.PrintBound(out.Bound))
	return diags
}

// passed returns the rule behind a pass of the pipeline; "" is before all of them.
func passed(r *ir.Rule, after string) *ir.Rule {
	out := *r
	out.Alts = append([]ir.Alt(nil), r.Alts...)
	if after == "" {
		return &out
	}
	for _, p := range pass.Pipeline {
		out.Where = p.Run(out.Where)
		for i := range out.Alts {
			out.Alts[i].Where = p.Run(out.Alts[i].Where)
		}
		if p.Name == after {
			break
		}
	}
	return &out
}
