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
		Long:              "Shows what each language can say of one event, what outputs assume, and where vendors leave doubt;\nwithout --lang also what each platform makes of rules over several events.",
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
				out := capsJSON{Matrix: m}
				if len(langs) == 0 {
					out.Several = platforms.Rows()
					for _, p := range platforms.Platforms {
						out.Platforms = append(out.Platforms, p.Name)
					}
				}
				return writeJSON(w, out)
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

// capsJSON is the JSON form; schema/caps.json describes it.
type capsJSON struct {
	all.Matrix
	// Platforms and Several are absent when languages were asked for.
	Platforms []string        `json:"platforms,omitempty"`
	Several   []platforms.Row `json:"several_events,omitempty"`
}

var capsFormats = []string{"text", "json", "markdown"}
