package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/internal/workspace"
)

func queryCmd() *cobra.Command {
	var f targetFlags
	cmd := &cobra.Command{
		Use:   "query PATH… --lang LANG",
		Short: "Print the query text of rules in one language",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(f.langs) != 1 {
				return fmt.Errorf("query takes one --lang")
			}
			ws := workspace.Load(args, f.paramFile)
			bs, err := f.backends(ws)
			if err != nil {
				return err
			}
			opts, err := f.options(ws)
			if err != nil {
				return err
			}
			diags := ws.Diags
			for i, r := range ws.Rules {
				out, ds := all.Compile(r, bs[0], opts)
				diags = append(diags, ds...)
				if !out.OK() {
					continue
				}
				if len(ws.Rules) > 1 {
					printSeparator(cmd.OutOrStdout(), i, r.Name)
				}
				fmt.Fprintln(cmd.OutOrStdout(), out.Query.Text)
			}
			printDiags(cmd, ws, diags.Sort())
			return exitOf(diags)
		},
	}
	f.register(cmd)
	return cmd
}

// printSeparator names the rule before its query when there are several; every language here takes no such line, so that
// nobody runs several queries as one by accident.
func printSeparator(w io.Writer, i int, name string) {
	if i > 0 {
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "==> %s <==\n", name)
}
