package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/backends/all"
)

func capsCmd() *cobra.Command {
	var langs []string
	var format string
	cmd := &cobra.Command{
		Use:               "caps",
		Short:             "Show what each language can say, what outputs assume, and where vendors leave doubt",
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkWord("format", format, capsFormats); err != nil {
				return err
			}
			bs, err := lookupAll(langs)
			if err != nil {
				return err
			}
			if len(bs) == 0 {
				bs = all.Backends
			}
			m, w := all.NewMatrix(bs), cmd.OutOrStdout()
			switch format {
			case "json":
				return writeJSON(w, m)
			case "markdown":
				return m.WriteMarkdown(w)
			}
			return m.WriteText(w)
		},
	}
	cmd.Flags().StringSliceVar(&langs, "lang", nil, "languages: "+strings.Join(languageNames(), ", ")+" (default: all)")
	complete(cmd, "lang", languageNames)
	registerFormat(cmd, &format, capsFormats)
	return cmd
}

var capsFormats = []string{"text", "json", "markdown"}
