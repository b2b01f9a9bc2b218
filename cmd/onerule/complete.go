package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/schema"
)

// complete offers words for a flag in shell completion; for a flag that takes a list, behind each comma again.
func complete(cmd *cobra.Command, flag string, words func() []string) {
	list := cmd.Flag(flag).Value.Type() == "stringSlice"
	err := cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := ""
		if i := strings.LastIndexByte(typed, ','); list && i >= 0 {
			before = typed[:i+1]
		}
		var out []string
		for _, w := range words() {
			if strings.HasPrefix(before+w, typed) {
				out = append(out, before+w)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // the flag was registered twice or never
	}
}

// fixed is complete's list of words that are known from the start.
func fixed(words ...string) func() []string { return func() []string { return words } }

// completeRules offers rule files, Sigma files and folders for arguments.
func completeRules(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{strings.TrimPrefix(workspace.Extension, "."), "yml", "yaml"}, cobra.ShellCompDirectiveFilterFileExt
}

// completeOne offers words for the first argument.
func completeOne(words func() []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var out []string
		for _, w := range words() {
			if strings.HasPrefix(w, typed) {
				out = append(out, w)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// bindWords lists SOURCE=BINDING for every binding.
func bindWords() []string {
	var out []string
	for _, n := range schema.BindingNames() {
		if b, ok, err := schema.LookupBinding(n); ok && err == nil {
			out = append(out, b.Source+"="+n)
		}
	}
	return out
}
