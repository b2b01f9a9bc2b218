package main

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/diag"
)

//go:embed schema/*.json
var schemaFiles embed.FS

func schemaCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "schema [NAME]",
		Short:             "Print the JSON Schema of an output",
		Long:              "Prints the JSON Schema (draft 2020-12) of an output of onerule; without a name, the names there are.",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeOne(schemaNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				fmt.Fprintln(cmd.OutOrStdout(), strings.Join(schemaNames(), "\n"))
				return nil
			}
			if err := checkWord("schema", args[0], schemaNames()); err != nil {
				return err
			}
			data, err := readSchema(args[0])
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(data)
			return err
		},
	}
}

// readSchema returns the schema of that name; the one of diagnostics stands beside what writes them.
func readSchema(name string) ([]byte, error) {
	if name == checkSchema {
		return diag.Schema, nil
	}
	return schemaFiles.ReadFile("schema/" + name + ".json")
}

// checkSchema is the name of the schema of diagnostics.
const checkSchema = "check"

func schemaNames() []string {
	entries, err := fs.ReadDir(schemaFiles, "schema")
	if err != nil {
		panic(err) // embedded
	}
	out := []string{checkSchema}
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".json"))
	}
	slices.Sort(out)
	return out
}
