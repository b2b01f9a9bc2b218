package main

import (
	"fmt"
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
		Use:   "onerule",
		Short: "One detection rule, every query language, proved to find the same",
		Long: `OneRule compiles detection rules to the query languages of Splunk, Elastic, Microsoft Sentinel and Datadog, and proves on
events that all of them find the same things.

PATH is a rule file or a folder with rule files; without one it is the folder "rules".

Exit codes: 0 fine; 1 findings about rules (a fault, a failed test, a refused target, a disagreement);
2 usage, or input that cannot be read; 3 a fault of onerule itself.`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetHelpCommand(helpCmd())
	root.AddCommand(buildCmd(), capsCmd(), checkCmd(), diffCmd(), execCmd(), explainCmd(), fieldsCmd(), fmtCmd(), importCmd(), irCmd(), newCmd(), queryCmd(), runCmd(), schemaCmd(),
		testCmd(), verifyCmd(), versionCmd())
	return root
}

// helpCmd is cobra's own, but for a command that does not exist it fails.
func helpCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, _, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			return c.Help()
		},
	}
}

// load reads the rules of a command. A project or parameter file that cannot be understood ends the command: everything
// else would follow from a guess.
func load(cmd *cobra.Command, paths []string, given workspace.Given) (*workspace.Workspace, error) {
	ws := given.Load(paths)
	if !ws.ConfigBroken() {
		return ws, nil
	}
	printDiags(cmd, ws, ws.Diags)
	return nil, exitError{exitUsage}
}

// targetFlags are the flags of every command that compiles.
type targetFlags struct {
	targets, langs, allow, bind []string
	given                       workspace.Given
}

// register adds the flags that choose languages, and those of registerCompile.
func (f *targetFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringSliceVar(&f.targets, "target", nil, "platforms: "+strings.Join(platformNames(), ", ")+" (default: the project file's, or all)")
	fl.StringSliceVar(&f.langs, "lang", nil, "languages: "+strings.Join(languageNames(), ", ")+" (default: all of the targets)")
	complete(cmd, "target", platformNames)
	complete(cmd, "lang", languageNames)
	f.registerCompile(cmd)
}

// registerCompile adds the flags that say how rules are compiled.
func (f *targetFlags) registerCompile(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringSliceVar(&f.allow, "allow", nil, "accept outputs that widen or narrow the rule")
	fl.StringArrayVar(&f.bind, "bind", nil, "SOURCE=BINDING: the telemetry to use for a source")
	registerGiven(cmd, &f.given)
	complete(cmd, "allow", func() []string { return levels })
	complete(cmd, "bind", bindWords)
}

// registerGiven adds the flags of every command that reads rules.
func registerGiven(cmd *cobra.Command, g *workspace.Given) {
	cmd.Flags().StringVar(&g.ParamFile, "param-file", "", "YAML file with parameter values: rule, name, value")
	_ = cmd.MarkFlagFilename("param-file", "yaml", "yml") // fails for unknown flags only
	registerSigma(cmd, &g.Sigma)
}

// registerSigma adds the flags that say how Sigma rules are read.
func registerSigma(cmd *cobra.Command, c *workspace.SigmaConfig) {
	fl := cmd.Flags()
	fl.StringArrayVar(&c.Source, "source", nil, "Sigma: source, or CLASS on SOURCE, to take where a log source may be several")
	fl.StringArrayVar(&c.Map, "map", nil, "Sigma: mapping file or pipeline; may be given several times")
	fl.StringArrayVar(&c.Filter, "filter", nil, "Sigma: file of filters that apply to the rules; may be given several times")
	fl.BoolVar(&c.KeepUnknownFields, "keep-unknown-fields", false, "Sigma: keep fields that nothing here has, as declared fields under their own names")
	_ = cmd.MarkFlagFilename("map", "yml", "yaml")
	_ = cmd.MarkFlagFilename("filter", "yml", "yaml")
}

// levels are the words of --allow.
var levels = []string{"narrow", "widen"}

// backends returns the languages that the flags and the project file choose.
func (f *targetFlags) backends(ws *workspace.Workspace) ([]*backends.Backend, error) {
	targets := f.targets
	if len(targets) == 0 && len(f.langs) == 0 {
		targets = ws.Config.Targets
	}
	for _, t := range targets {
		if !slices.Contains(platformNames(), t) {
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
		return nil, usagef("no language of the targets %s is among %s", strings.Join(targets, ", "), strings.Join(f.langs, ", "))
	}
	return out, nil
}

// one returns the one language that --lang names.
func (f *targetFlags) one(command string) (*backends.Backend, error) {
	if len(f.langs) != 1 {
		return nil, usage(command+" takes one --lang", "the languages are "+strings.Join(languageNames(), ", "))
	}
	if err := checkLang(f.langs[0]); err != nil {
		return nil, err
	}
	b, _ := all.Lookup(f.langs[0])
	return b, nil
}

func platformNames() []string {
	var out []string
	for _, p := range schema.Platforms {
		if len(all.OnPlatform(p.Name)) > 0 {
			out = append(out, p.Name)
		}
	}
	return out
}

func languageNames() []string {
	var out []string
	for _, b := range all.Backends {
		out = append(out, b.Lang)
	}
	return out
}

// checkLang refuses names that are no language; "kql" names two in the wild.
func checkLang(lang string) error {
	if _, ok := all.Lookup(lang); ok {
		return nil
	}
	if strings.EqualFold(lang, "kql") {
		return usage("`kql` names two languages", "`kibana` is the Kibana Query Language", "`kusto` is the Kusto Query Language of Microsoft Sentinel")
	}
	return unknownWord("language", lang, languageNames())
}

// options returns how rules are compiled.
func (f *targetFlags) options(ws *workspace.Workspace) (all.Options, error) {
	opts := all.Options{Bind: map[string][]string{}}
	for source, names := range ws.Config.Bindings {
		opts.Bind[source] = names
	}
	given := map[string][]string{}
	for _, b := range f.bind {
		source, name, err := parseBind(b)
		if err != nil {
			return opts, err
		}
		if err := f.used(ws, name); err != nil {
			return opts, err
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
			return opts, unknownWord("level", a, levels)
		}
	}
	return opts, nil
}

// used makes sure that a binding named by --bind is one of a language that the flags choose: another one would change nothing.
func (f *targetFlags) used(ws *workspace.Workspace, name string) error {
	b, _, err := schema.LookupBinding(name)
	if err != nil {
		return err
	}
	bs, err := f.backends(ws)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(bs, func(x *backends.Backend) bool { return x.Platform == b.Platform && b.Speaks(x.Lang) }) {
		return nil
	}
	return usage(fmt.Sprintf("--bind: `%s` is telemetry of %s, and no language of it is asked for", name, b.Platform), "choose a binding of the target; `onerule fields --source "+b.Source+"` lists them")
}

// parseBind reads SOURCE=BINDING.
func parseBind(text string) (source, name string, err error) {
	source, name, ok := strings.Cut(text, "=")
	if !ok {
		return "", "", usage(fmt.Sprintf("--bind takes SOURCE=BINDING, not `%s`", text), "write --bind windows=splunk_sysmon, say; `onerule fields --source windows` lists the bindings")
	}
	if _, ok := schema.LookupSource(source); !ok {
		return "", "", unknownWord("source", source, sourceNames())
	}
	b, ok, err := schema.LookupBinding(name)
	if err != nil {
		return "", "", err
	}
	if !ok {
		return "", "", unknownBinding(name, source)
	}
	if b.Source != source {
		return "", "", usagef("`%s` is a binding of %s, not of %s", name, b.Source, source)
	}
	return source, name, nil
}

// checkBinding refuses names for --as that are no binding.
func checkBinding(name string) error {
	if name == "" {
		return nil
	}
	_, ok, err := schema.LookupBinding(name)
	if err != nil || ok {
		return err
	}
	return unknownBinding(name, "")
}

// unknownBinding says that there is no binding of that name; source is the one that it is wanted for, "" when any will do.
func unknownBinding(name, source string) error {
	help := diag.Suggestion("binding", name, schema.BindingNames())
	switch {
	case help != "":
	case source != "":
		help = "`onerule fields --source " + source + "` lists the bindings of " + source
	default:
		help = "`onerule fields --source NAME` lists the bindings of a source"
	}
	return usage(fmt.Sprintf("there is no binding `%s`", name), help)
}

func sourceNames() []string {
	var out []string
	for _, s := range schema.Sources() {
		out = append(out, s.Name)
	}
	return out
}

// checkWord refuses a word of a flag that is not one of a closed set.
func checkWord(kind, word string, known []string) error {
	if slices.Contains(known, word) {
		return nil
	}
	return unknownWord(kind, word, known)
}
