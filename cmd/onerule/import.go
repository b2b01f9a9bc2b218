package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/atomicfile"
	"github.com/onerule/onerule/internal/workspace"
)

func importCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import FORMAT PATH… --out DIR",
		Short: "Write rules of another format as rule files",
		Long:  "Reads rules of another format and writes them as rule files. The formats are: sigma.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("import needs a format", "write `onerule import sigma PATH… --out DIR`")
			}
			return unknownWord("format", args[0], []string{"sigma"})
		},
	}
	cmd.AddCommand(importSigmaCmd())
	return cmd
}

// sigmaImport holds the flags of `import sigma`.
type sigmaImport struct {
	config workspace.SigmaConfig
	out    string
	force  bool
}

func importSigmaCmd() *cobra.Command {
	var f sigmaImport
	cmd := &cobra.Command{
		Use:   "sigma PATH… --out DIR",
		Short: "Write Sigma rules as rule files",
		Long: `Reads Sigma rules, correlations and filters (files that end in .yml, or folders with such files) and writes each file's rules as
a rule file, in the same folders below DIR. A rule with a fault is left out and reported; the exit code is then 1. A file that
exists already with another text is left alone, unless --force replaces it.

Log sources and fields get their names here. --source chooses where a log source may be several things (a source, or
"CLASS on SOURCE"); --map names a mapping file, or a processing pipeline of pySigma as far as it maps fields and log sources.
Fields without a name here are faults; --keep-unknown-fields keeps them as fields that the rule declares.
Other commands take Sigma files directly, with the same flags; the project file has them under "sigma".`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("import sigma needs files", "name a Sigma file, or a folder with Sigma files")
			}
			if f.out == "" {
				return usage("import needs --out DIR", "name the folder that is to hold the rule files")
			}
			return f.run(cmd, args)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.out, "out", "", "folder for the rule files")
	fl.BoolVar(&f.force, "force", false, "replace rule files that exist with another text")
	_ = cmd.MarkFlagDirname("out") // fails for unknown flags only
	registerSigma(cmd, &f.config)
	return cmd
}

func (f *sigmaImport) run(cmd *cobra.Command, args []string) error {
	im := workspace.ImportSigma(args, f.config)
	documents, files, rules := 0, 0, 0
	for _, x := range im.Files {
		documents += x.Documents
		if x.Text == nil {
			continue
		}
		name := filepath.Join(f.out, x.Out)
		old, err := os.ReadFile(name)
		if err == nil && !bytes.Equal(old, x.Text) && !f.force {
			im.Diags = append(im.Diags, diag.New(diag.BadOutput, diag.Span{File: name}, "the file exists already with another text", "it was left alone; --force replaces it"))
			continue
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), atomicfile.WriteFile(name, x.Text)); err != nil {
			return outputFault(name, err)
		}
		files, rules = files+1, rules+x.Rules
	}
	im.Diags = im.Diags.Sort()
	printDiags(cmd, &workspace.Workspace{Sources: im.Sources}, im.Diags)
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %d documents of Sigma, %d rules in %d files\n", f.out, documents, rules, files)
	return exitOf(im.Diags)
}
