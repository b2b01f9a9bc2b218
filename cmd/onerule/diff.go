package main

import (
	"errors"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/pack"
)

// diffFormats are the formats of a comparison.
var diffFormats = []string{"text", "json", "github"}

func diffCmd() *cobra.Command {
	var f targetFlags
	var format string
	cmd := &cobra.Command{
		Use:   "diff BEFORE AFTER",
		Short: "Compare two packs or rule folders by meaning",
		Long: `Compares two packs, two folders of rules, or one of each: which rules are new, gone or renamed, which conditions changed what a
rule finds, what both versions find in the events of the rule's tests, and where the promise of a target changed.

Formatting, names of parameters and steps, and the order of conditions are no change. Titles and other texts are told, and are no
change by themselves. The exit code is 1 when something changed, 0 when nothing did.`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkWord("format", format, diffFormats); err != nil {
				return err
			}
			before, after, err := f.sides(cmd, args[0], args[1])
			if err != nil {
				return err
			}
			d := pack.Compare(before, after)
			if err := writeChanges(cmd.OutOrStdout(), d, after, format); err != nil {
				return err
			}
			if stale := pack.StaleVersions(before, after); format == "text" {
				printDiags(cmd, nil, stale)
			}
			return findingsIf(!d.Empty())
		},
	}
	f.register(cmd)
	registerFormat(cmd, &format, diffFormats)
	return cmd
}

func writeChanges(w io.Writer, d *pack.Diff, after pack.Side, format string) error {
	switch format {
	case "json":
		data, err := d.JSON()
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	case "github":
		return diag.WriteGitHub(w, pack.Diagnostics(d, after))
	}
	return d.WriteText(w)
}

// sides reads both sides of a comparison. Rules beside a pack are built for the languages that the pack was built for.
func (f *targetFlags) sides(cmd *cobra.Command, a, b string) (before, after pack.Side, err error) {
	first, err := readPack(a)
	if err != nil {
		return before, after, err
	}
	second, err := readPack(b)
	if err != nil {
		return before, after, err
	}
	if before, err = f.side(cmd, a, first, second); err != nil {
		return before, after, err
	}
	after, err = f.side(cmd, b, second, first)
	return before, after, err
}

// readPack reads the pack in a folder; nil when there is none.
func readPack(path string) (*pack.Earlier, error) {
	e, err := pack.Read(path)
	switch {
	case err == nil:
		return e, nil
	case errors.Is(err, pack.ErrNoPack), !isFolder(path):
		return nil, nil // rules; reading them says what is wrong
	}
	return nil, commandFault{diag.New(diag.Unreadable, diag.Span{File: path}, workspace.Reason(err), "name a pack, or rules")}
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// side returns one side: the manifest of a pack, or what the rules under a path are built to.
func (f *targetFlags) side(cmd *cobra.Command, path string, own, other *pack.Earlier) (pack.Side, error) {
	if own != nil {
		return pack.Side{Manifest: own.Manifest}, nil
	}
	ws, err := load(cmd, []string{path}, f.given)
	if err != nil {
		return pack.Side{}, err
	}
	if ws.Diags.HasErrors() {
		printDiags(cmd, ws, ws.Diags)
		return pack.Side{}, exitError{exitUsage} // there is nothing sound to compare
	}
	bs, err := f.backends(ws)
	if err != nil {
		return pack.Side{}, err
	}
	if other != nil && len(f.targets)+len(f.langs) == 0 {
		langs := other.Manifest.Languages()
		bs = slices.DeleteFunc(slices.Clone(all.Backends), func(b *backends.Backend) bool { return !slices.Contains(langs, b.Lang) })
	}
	opts, err := f.packOptions(ws)
	if err != nil {
		return pack.Side{}, err
	}
	return buildPack(cmd, ws.Rules, bs, opts).Side(), nil
}

// stale compares the rules with those of an earlier place, and returns warnings about versions.
func (f *targetFlags) stale(cmd *cobra.Command, ws *workspace.Workspace, since string) (diag.List, error) {
	earlier, err := readPack(since)
	if err != nil {
		return nil, err
	}
	before, err := (&targetFlags{given: f.given}).meaning(cmd, since, earlier)
	if err != nil {
		return nil, err
	}
	return pack.StaleVersions(before, pack.New(ws.Rules, nil, pack.Options{}).Side()), nil
}

// meaning is a side without outputs: enough to compare meanings.
func (f *targetFlags) meaning(cmd *cobra.Command, path string, own *pack.Earlier) (pack.Side, error) {
	if own != nil {
		return pack.Side{Manifest: own.Manifest}, nil
	}
	ws, err := load(cmd, []string{path}, f.given)
	if err != nil {
		return pack.Side{}, err
	}
	if ws.Diags.HasErrors() {
		printDiags(cmd, ws, ws.Diags)
		return pack.Side{}, exitError{exitUsage}
	}
	return pack.New(ws.Rules, nil, pack.Options{}).Side(), nil
}
