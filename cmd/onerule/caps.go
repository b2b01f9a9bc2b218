package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/backends/all"
	platforms "github.com/onerule/onerule/platform/all"
)

func capsCmd() *cobra.Command {
	var langs []string
	var format string
	cmd := &cobra.Command{
		Use:               "caps",
		Short:             "Show what each language can say, what outputs assume, and where vendors leave doubt",
		Long:              "Shows what each language can say of one event, what outputs assume, and where vendors leave doubt; without --lang also what\neach platform makes of rules over several events (not in the JSON form).",
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
				if err := m.WriteMarkdown(w); err != nil || len(langs) > 0 {
					return err
				}
				return platforms.WriteMarkdown(w)
			}
			if err := m.WriteText(w); err != nil || len(langs) > 0 {
				return err
			}
			return platforms.WriteText(w)
		},
	}
	cmd.Flags().StringSliceVar(&langs, "lang", nil, "languages: "+strings.Join(languageNames(), ", ")+" (default: all)")
	complete(cmd, "lang", languageNames)
	registerFormat(cmd, &format, capsFormats)
	return cmd
}

var capsFormats = []string{"text", "json", "markdown"}
