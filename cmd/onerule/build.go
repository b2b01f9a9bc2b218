package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/atomicfile"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/pack"
	page "github.com/onerule/onerule/report"
	"github.com/onerule/onerule/verify"
)

// buildFlags are the flags of build.
type buildFlags struct {
	targetFlags
	out, since       string
	keepGoing, prove bool
}

func buildCmd() *cobra.Command {
	var f buildFlags
	cmd := &cobra.Command{
		Use:   "build [PATH…] --out DIR",
		Short: "Write what is deployed: platform rules, queries, manifest, report",
		Long: `Writes a pack: the platforms' own rules, queries/RULE/RULE.EXT for each rule and language, manifest.json with what each output
promises and which languages refused a rule, and why, coverage/navigator.json for the ATT&CK Navigator, and report/index.html. A
rule that no language of a platform carries gives exit code 1; the others are written. With --verify every output is proved first,
and the manifest and the report say how.

When the folder holds an earlier pack, or --since names one, CHANGELOG.md and changes.json say what changed by meaning; a rule
whose meaning changed under the same version is a warning (W1601).

The folder is replaced as a whole, and only when the build succeeded. A folder that holds files which no earlier build wrote is
left alone. Rules with faults end the build before anything is written, unless --keep-going leaves them out.`,
		ValidArgsFunction: completeRules,
		RunE:              f.run,
	}
	f.register(cmd)
	cmd.Flags().StringVar(&f.out, "out", "", "folder for the pack")
	cmd.Flags().StringVar(&f.since, "since", "", "folder of an earlier pack, for the changelog (default: the one in --out)")
	_ = errors.Join(cmd.MarkFlagDirname("out"), cmd.MarkFlagDirname("since")) // they fail for unknown flags only
	cmd.Flags().BoolVar(&f.keepGoing, "keep-going", false, "leave out rules with faults, and build the others")
	cmd.Flags().BoolVar(&f.prove, "verify", false, "prove the outputs, and keep the proof in the manifest and the report")
	return cmd
}

func (f *buildFlags) run(cmd *cobra.Command, args []string) error {
	if f.out == "" {
		return usage("build needs --out DIR", "name the folder that is to hold the pack")
	}
	ws, err := load(cmd, args, f.given)
	if err != nil {
		return err
	}
	bs, err := f.backends(ws)
	if err != nil {
		return err
	}
	opts, err := f.packOptions(ws)
	if err != nil {
		return err
	}
	earlier, err := readEarlier(f.out, f.since)
	if err != nil {
		return err
	}
	if ws.Diags.HasErrors() && !f.keepGoing {
		printDiags(cmd, ws, ws.Diags)
		fmt.Fprintln(cmd.ErrOrStderr(), "note: nothing was written; --keep-going leaves rules with faults out")
		return exitOf(ws.Diags)
	}
	p := buildPack(cmd, ws.Rules, bs, opts)
	var results []*verify.Result
	if f.prove {
		results = proveAll(cmd, ws.Rules, bs, opts)
		p.Prove(results)
	}
	stale, err := finishPack(p, earlier, results)
	if err != nil {
		return err
	}
	diags := slices.Concat(ws.Diags, p.Diags, disagreements(results), stale).Sort()
	printDiags(cmd, ws, diags)
	if hasCode(diags, diag.BadOutput) {
		return exitError{exitUsage}
	}
	if err := writePack(p, f.out); err != nil {
		return err
	}
	artefacts, queries := p.Counts()
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %s, %s, %s refused\n", f.out, plural(len(p.Manifest.Rules), "rule", "rules"), plural(artefacts, "artefact", "artefacts"),
		plural(queries, "query", "queries"), plural(p.Refused(), "target", "targets"))
	return worse(exitOf(diags), findingsIf(p.Refused() > 0 || failing(results)))
}

// packOptions returns how a pack is built.
func (f *targetFlags) packOptions(ws *workspace.Workspace) (pack.Options, error) {
	c := ws.Config.Pack
	opts := pack.Options{Version: version(), Name: c.Name, PackVersion: c.Version, Settings: c.Settings}
	var err error
	opts.Compile, err = f.options(ws)
	return opts, err
}

// readEarlier reads the pack to compare with: that of --since, which must be one, or that in the folder of --out.
func readEarlier(out, since string) (*pack.Earlier, error) {
	dir := since
	if dir == "" {
		dir = out
	}
	e, err := pack.Read(dir)
	switch {
	case err == nil:
		return e, nil
	case since == "":
		return nil, nil // writing says what is wrong with the folder
	}
	return nil, noPack("since", since, err)
}

func noPack(flag, dir string, err error) error {
	title := "--" + flag + ": " + workspace.Reason(err)
	if errors.Is(err, pack.ErrNoPack) {
		title = "--" + flag + ": the folder holds no pack that this version can read"
	}
	return commandFault{diag.New(diag.Unreadable, diag.Span{File: dir}, title, "name a folder that `onerule build` wrote")}
}

func buildPack(cmd *cobra.Command, rules []*ir.Rule, bs []*backends.Backend, opts pack.Options) *pack.Pack {
	bar := newProgress(cmd.ErrOrStderr(), "build", len(rules)*len(bs))
	defer bar.done()
	opts.Progress = bar.step
	return pack.New(rules, bs, opts)
}

func proveAll(cmd *cobra.Command, rules []*ir.Rule, bs []*backends.Backend, opts pack.Options) []*verify.Result {
	bar := newProgress(cmd.ErrOrStderr(), "verify", len(rules)*len(bs))
	defer bar.done()
	return verify.All(rules, bs, verify.Options{Compile: opts.Compile, Progress: bar.step})
}

// disagreements are the faults that only proving shows; refusals are those of the build.
func disagreements(results []*verify.Result) diag.List {
	var out diag.List
	for _, r := range results {
		if r.Status == verify.Disagrees || r.Status == verify.Failed {
			out = append(out, verify.Findings([]*verify.Result{r})...)
		}
	}
	return out
}

func failing(results []*verify.Result) bool {
	for _, r := range results {
		if r.Status == verify.Disagrees || r.Status == verify.Failed {
			return true
		}
	}
	return false
}

// finishPack adds what tells about the pack: the changes since an earlier one, and the report. The list warns of versions that
// should have changed.
func finishPack(p *pack.Pack, earlier *pack.Earlier, results []*verify.Result) (diag.List, error) {
	var stale diag.List
	if earlier != nil {
		d, err := p.Changes(earlier)
		if err != nil {
			return nil, err
		}
		stale = p.Stale(d)
	}
	html, err := page.HTML(p, results)
	if err != nil {
		return nil, err
	}
	p.Add(pack.File{Path: pack.ReportName, Data: html})
	return stale, nil
}

func writePack(p *pack.Pack, dir string) error {
	err := p.Write(dir)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, atomicfile.ErrForeign):
		return commandFault{diag.New(diag.BadOutput, diag.Span{File: dir}, "the folder holds files that no build wrote", "nothing was changed; name a new or empty folder with --out, or the folder of an earlier build")}
	}
	return outputFault(dir, err)
}

func hasCode(l diag.List, c diag.Code) bool {
	for _, d := range l {
		if d.Code == c {
			return true
		}
	}
	return false
}

// plural writes a number with its word.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
