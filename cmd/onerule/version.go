package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// version is the module version that the binary was built from, or the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel " + s.Value
		}
	}
	return "devel"
}

// versionInfo is what `version --format json` prints; schema/version.json describes it.
type versionInfo struct {
	Version   string   `json:"version"`
	Go        string   `json:"go"`
	Platform  string   `json:"platform"`
	ECS       string   `json:"ecs"`
	IR        int      `json:"ir"`
	Languages []string `json:"languages"`
}

func versionCmd() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:               "version",
		Short:             "Print the version",
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkWord("format", format, textOrJSON); err != nil {
				return err
			}
			v := versionInfo{Version: version(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, ECS: schema.ECSVersion, IR: ir.TextVersion, Languages: languageNames()}
			w := cmd.OutOrStdout()
			if format == "json" {
				return writeJSON(w, v)
			}
			fmt.Fprintf(w, "onerule %s\n%s %s\nElastic Common Schema %s, intermediate form %d\n", v.Version, v.Go, v.Platform, v.ECS, v.IR)
			return nil
		},
	}
	registerFormat(cmd, &format, textOrJSON)
	return cmd
}
