package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/backends/all"
)

func queryCmd() *cobra.Command {
	var f targetFlags
	cmd := &cobra.Command{
		Use:               "query PATH… --lang LANG",
		Short:             "Print the query text of rules in one language",
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := f.one("query")
			if err != nil {
				return err
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
			w, printed := cmd.OutOrStdout(), 0
			for _, r := range ws.Rules {
				out, ds := all.Try(r, b, opts)
				diags = append(diags, ds...)
				if !out.OK() {
					continue
				}
				if len(ws.Rules) > 1 {
					printSeparator(w, printed, r.Name)
				}
				printed++
				fmt.Fprintln(w, out.Query.Text)
			}
			printDiags(cmd, ws, diags.Sort())
			return exitOf(diags)
		},
	}
	cmd.Flags().StringSliceVar(&f.langs, "lang", nil, "language: "+strings.Join(languageNames(), ", "))
	complete(cmd, "lang", languageNames)
	f.registerCompile(cmd)
	return cmd
}

// printSeparator names the rule before its query when there are several; no language here takes such a line, so that
// nobody runs several queries as one by accident.
func printSeparator(w io.Writer, printed int, name string) {
	if printed > 0 {
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "==> %s <==\n", name)
}
