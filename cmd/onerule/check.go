package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/workspace"
)

func checkCmd() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "check [PATH…]",
		Short: "Report the faults of rules",
		RunE: func(cmd *cobra.Command, args []string) error {
			ws := workspace.Load(args, "")
			if err := reportDiags(cmd, ws, ws.Diags, format); err != nil {
				return err
			}
			return exitOf(ws.Diags)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json, sarif or github")
	return cmd
}

// reportDiags writes diagnostics as the result of a command, in one of the formats.
func reportDiags(cmd *cobra.Command, ws *workspace.Workspace, l diag.List, format string) error {
	switch format {
	case "text":
		writeDiags(cmd.ErrOrStderr(), ws, l)
		return nil
	case "json":
		return diag.WriteJSON(cmd.OutOrStdout(), l)
	case "sarif":
		return diag.WriteSARIF(cmd.OutOrStdout(), l, version())
	case "github":
		return diag.WriteGitHub(cmd.OutOrStdout(), l)
	}
	return unknownWord("format", format, []string{"text", "json", "sarif", "github"})
}

// readable opens a file for a flag, with a message that names the flag.
func readable(flag, name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", flag, err)
	}
	return data, nil
}
