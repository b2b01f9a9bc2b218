package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/schema"
)

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "onerule",
		Short:         "One detection rule, every query language, proved to find the same",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(checkCmd(), execCmd(), queryCmd(), runCmd(), testCmd(), verifyCmd())
	return root
}

// printDiags renders diagnostics to standard error.
func printDiags(cmd *cobra.Command, ws *workspace.Workspace, l diag.List) {
	writeDiags(cmd.ErrOrStderr(), ws, l)
}

func writeDiags(w io.Writer, ws *workspace.Workspace, l diag.List) {
	source := func(string) *diag.Source { return nil }
	if ws != nil {
		source = ws.Source
	}
	diag.WriteText(w, l, diag.TextOptions{Source: source, Color: colored(w)})
}

// colored reports whether a stream takes colours: a terminal, without NO_COLOR.
func colored(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// exitOf returns the exit code that a list of diagnostics calls for.
func exitOf(l diag.List) error {
	code := exitOK
	for _, d := range l {
		switch {
		case d.Severity != diag.Error:
		case strings.HasPrefix(string(d.Code), "E08"):
			return exitError{exitUsage}
		default:
			code = exitFindings
		}
	}
	if code == exitOK {
		return nil
	}
	return exitError{code}
}

// worse returns the graver of two ends of a command.
func worse(a, b error) error {
	code := func(err error) int {
		if e, ok := err.(exitError); ok {
			return e.code
		}
		return exitOK
	}
	if code(b) > code(a) {
		return b
	}
	return a
}

// targetFlags are the flags of every command that compiles.
type targetFlags struct {
	targets, langs, allow, bind []string
	paramFile                   string
}

func (f *targetFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&f.targets, "target", nil, "platforms: splunk, elastic, sentinel, datadog (default: the project file's, or all)")
	cmd.Flags().StringSliceVar(&f.langs, "lang", nil, "languages: "+strings.Join(schema.Languages, ", ")+" (default: all of the targets)")
	cmd.Flags().StringSliceVar(&f.allow, "allow", nil, "accept outputs that widen or narrow the rule")
	cmd.Flags().StringArrayVar(&f.bind, "bind", nil, "SOURCE=BINDING: the telemetry to use for a source")
	cmd.Flags().StringVar(&f.paramFile, "param-file", "", "YAML file with parameter values: rule, name, value")
}

// backends returns the languages that the flags and the project file choose.
func (f *targetFlags) backends(ws *workspace.Workspace) ([]*backends.Backend, error) {
	targets := f.targets
	if len(targets) == 0 && len(f.langs) == 0 {
		targets = ws.Config.Targets
	}
	for _, t := range targets {
		if len(all.OnPlatform(t)) == 0 {
			return nil, unknownWord("target", t, platformNames())
		}
	}
	for _, l := range f.langs {
		if err := checkLang(l); err != nil {
			return nil, err
		}
	}
	var out []*backends.Backend
	for _, b := range all.Backends {
		if (len(targets) == 0 || slices.Contains(targets, b.Platform)) && (len(f.langs) == 0 || slices.Contains(f.langs, b.Lang)) {
			out = append(out, b)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no language of the targets %s is among %s", strings.Join(targets, ", "), strings.Join(f.langs, ", "))
	}
	return out, nil
}

func platformNames() []string {
	var out []string
	for _, p := range schema.Platforms {
		out = append(out, p.Name)
	}
	return out
}

// checkLang refuses names that are no language; "kql" names two in the wild.
func checkLang(lang string) error {
	if _, ok := all.Lookup(lang); ok {
		return nil
	}
	if strings.EqualFold(lang, "kql") {
		return fmt.Errorf("`kql` names two languages: `kibana` is the Kibana Query Language, `kusto` the one of Microsoft Sentinel")
	}
	return unknownWord("language", lang, schema.Languages)
}

func unknownWord(kind, word string, known []string) error {
	if near, ok := diag.Nearest(word, known); ok {
		return fmt.Errorf("there is no %s `%s`; a similar name exists: `%s`", kind, word, near)
	}
	return fmt.Errorf("there is no %s `%s`; there are %s", kind, word, strings.Join(known, ", "))
}

// options returns how rules are compiled.
func (f *targetFlags) options(ws *workspace.Workspace) (all.Options, error) {
	opts := all.Options{Bind: map[string][]string{}}
	for source, names := range ws.Config.Bindings {
		opts.Bind[source] = names
	}
	given := map[string][]string{}
	for _, b := range f.bind {
		source, name, ok := strings.Cut(b, "=")
		if !ok {
			return opts, fmt.Errorf("--bind takes SOURCE=BINDING, not `%s`", b)
		}
		if _, ok := schema.LookupSource(source); !ok {
			return opts, fmt.Errorf("--bind: there is no source `%s`", source)
		}
		if !slices.Contains(schema.BindingNames(), name) {
			return opts, unknownWord("binding", name, schema.BindingNames())
		}
		given[source] = append(given[source], name)
	}
	for source, names := range given {
		opts.Bind[source] = names
	}
	for _, a := range append(slices.Clone(ws.Config.Allow), f.allow...) {
		switch a {
		case "widen":
			opts.Consent.Widen = true
		case "narrow":
			opts.Consent.Narrow = true
		default:
			return opts, unknownWord("level", a, []string{"widen", "narrow"})
		}
	}
	return opts, nil
}
