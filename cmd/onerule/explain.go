package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
)

// explainFlags are the flags of explain.
type explainFlags struct {
	targetFlags
	events []string
	as     string
	format string
}

func explainCmd() *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain CODE | RULE|PATH…",
		Short: "Explain a code of a message, or what a rule does",
		Long: `explain CODE prints the page about a code, with a text that has the fault and one that has not.
explain RULE says what becomes of a rule in each language. RULE is a rule's name, in the folder "rules" or under a PATH that is given as well.
  --event FILE  each condition on each event: whether it is true, and the values seen
  --lang LANG   each condition in a language: how it is said, how exactly, and the query text of the condition alone`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeExplain,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	cmd.Flags().StringArrayVar(&f.events, "event", nil, "file with native events: NDJSON, or one JSON object; - is standard input")
	registerAs(cmd, &f.as)
	cmd.Flags().StringSliceVar(&f.langs, "lang", nil, "languages: "+strings.Join(languageNames(), ", "))
	complete(cmd, "lang", languageNames)
	registerFormat(cmd, &f.format, textOrJSON)
	f.registerCompile(cmd)
	return cmd
}

func completeExplain(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, e := range diag.Registry {
		if strings.HasPrefix(string(e.Code), strings.ToUpper(typed)) {
			out = append(out, cobra.CompletionWithDesc(string(e.Code), e.Title))
		}
	}
	return out, cobra.ShellCompDirectiveDefault
}

var codeForm = regexp.MustCompile(`^[EWew][0-9]{1,4}$`)

func (f *explainFlags) run(cmd *cobra.Command, args []string) error {
	if err := checkWord("format", f.format, textOrJSON); err != nil {
		return err
	}
	if len(args) == 1 && codeForm.MatchString(args[0]) {
		if _, err := os.Stat(args[0]); err != nil {
			return f.code(cmd.OutOrStdout(), strings.ToUpper(args[0]))
		}
	}
	if err := checkBinding(f.as); err != nil {
		return err
	}
	langs, err := lookupAll(f.langs)
	if err != nil {
		return err
	}
	ws, rules, err := f.rules(cmd, args)
	if err != nil {
		return err
	}
	opts, err := f.options(ws)
	if err != nil {
		return err
	}
	e := explainer{ws: ws, opts: opts, langs: langs, as: f.as}
	diags := slices.Clone(ws.Diags)
	if len(f.events) > 0 {
		more, err := e.read(f.events, cmd.InOrStdin())
		if err != nil {
			return err
		}
		diags = append(diags, more...)
	}
	answers := []*explainJSON{}
	for _, r := range rules {
		a, err := e.rule(r)
		if err != nil {
			return err
		}
		answers = append(answers, a)
	}
	diags = append(diags, e.internal...)
	printDiags(cmd, ws, diags)
	if f.format == "json" {
		err = writeJSON(cmd.OutOrStdout(), answers)
	} else {
		err = writeExplanations(cmd.OutOrStdout(), answers)
	}
	return worse(err, exitOf(diags))
}

// codeJSON is what explain CODE prints as JSON.
type codeJSON struct {
	Code  diag.Code `json:"code"`
	Title string    `json:"title"`
	Line  string    `json:"line"`
	Page  string    `json:"page"`
}

func (f *explainFlags) code(w io.Writer, code string) error {
	page, ok := diag.Explain(code)
	if !ok {
		var known []string
		for _, e := range diag.Registry {
			known = append(known, string(e.Code))
		}
		return unknownWord("code", code, known)
	}
	if f.format == "text" {
		_, err := io.WriteString(w, page)
		return err
	}
	e, _ := diag.Lookup(diag.Code(code))
	return writeJSON(w, codeJSON{e.Code, e.Title, e.Line, page})
}

// rules finds what is to be explained: arguments that are files or folders are searched, the others are names of rules.
func (f *explainFlags) rules(cmd *cobra.Command, args []string) (*workspace.Workspace, []*ir.Rule, error) {
	var paths, names []string
	for _, a := range args {
		if _, err := os.Stat(a); err == nil || filepath.Ext(a) == workspace.Extension {
			paths = append(paths, a)
		} else {
			names = append(names, a)
		}
	}
	if _, err := os.Stat("rules"); len(paths) == 0 && err != nil {
		return nil, nil, usage(fmt.Sprintf("`%s` is neither a code nor a file", names[0]), "name a code such as E0201, a rule file, or a rule and the folder it is in")
	}
	ws, err := load(cmd, paths, f.given)
	if err != nil {
		return nil, nil, err
	}
	if len(names) == 0 {
		return ws, ws.Rules, nil
	}
	var rules []*ir.Rule
	for _, n := range names {
		r, ok := ws.Rule(n)
		if !ok {
			printDiags(cmd, ws, ws.Diags)
			return nil, nil, unknownWord("rule", n, ws.Names())
		}
		rules = append(rules, r)
	}
	return ws, rules, nil
}
