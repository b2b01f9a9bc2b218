package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/verify"
)

// testFormats are the formats of test results.
var testFormats = []string{"text", "json", "junit", "sarif", "github"}

func testCmd() *cobra.Command {
	var f targetFlags
	var through []string
	var coverage bool
	var format string
	cmd := &cobra.Command{
		Use:               "test [PATH…]",
		Short:             "Run the tests inside the rules",
		Long:              "Runs the tests inside the rules on the reference evaluator, and with --through also as printed queries in the interpreters of the languages.",
		ValidArgsFunction: completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkWord("format", format, testFormats); err != nil {
				return err
			}
			langs, err := lookupAll(through)
			if err != nil {
				return err
			}
			ws, err := load(cmd, args, f.given)
			if err != nil {
				return err
			}
			opts, err := f.options(ws)
			if err != nil {
				return err
			}
			printDiags(cmd, ws, ws.Diags)
			results := verify.AllTests(ws.Rules, langs, opts)
			report := testReport{rules: ws.Rules, results: results, coverage: coverage}
			if err := report.write(cmd.OutOrStdout(), format); err != nil {
				return err
			}
			internal := internalFaults(failures(results))
			printDiags(cmd, ws, internal)
			return worse(worse(exitOf(ws.Diags), findingsIf(len(failures(results)) > 0)), exitOf(internal))
		},
	}
	f.registerCompile(cmd)
	cmd.Flags().StringSliceVar(&through, "through", nil, "also run the tests as queries of these languages: "+strings.Join(languageNames(), ", "))
	complete(cmd, "through", languageNames)
	cmd.Flags().BoolVar(&coverage, "coverage", false, "say which conditions the tests never decide")
	registerFormat(cmd, &format, testFormats)
	return cmd
}

func lookupAll(langs []string) ([]*backends.Backend, error) {
	var out []*backends.Backend
	for _, l := range langs {
		if err := checkLang(l); err != nil {
			return nil, err
		}
		b, _ := all.Lookup(l)
		out = append(out, b)
	}
	return out, nil
}

func failures(results []*verify.TestResult) diag.List {
	var out diag.List
	for _, r := range results {
		if !r.OK() {
			out = append(out, r.Diagnostic())
		}
	}
	return out.Sort()
}

// testReport is what test prints.
type testReport struct {
	rules    []*ir.Rule
	results  []*verify.TestResult
	coverage bool
}

func (t testReport) write(w io.Writer, format string) error {
	switch format {
	case "json":
		return t.json(w)
	case "junit":
		return verify.WriteTestsJUnit(w, t.results)
	case "sarif":
		return diag.WriteSARIF(w, failures(t.results), version())
	case "github":
		return diag.WriteGitHub(w, failures(t.results))
	}
	return t.text(w)
}

func (t testReport) text(w io.Writer) error {
	passed, failed, skipped := 0, 0, 0
	for _, r := range t.results {
		switch {
		case r.Skipped != "":
			skipped++
			fmt.Fprintf(w, "skip %s: %s\n%s", r.Rule.Name, r.Name(), indent(r.Skipped))
		case r.OK():
			passed++
		default:
			failed++
			fmt.Fprintf(w, "FAIL %s: %s\n    %s\n%s", r.Rule.Name, r.Name(), r.Failure(), indent(r.Detail))
		}
	}
	if t.coverage {
		for _, r := range t.rules {
			if err := coverageText(w, r); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(w, "%d passed, %d failed, %d skipped, %d rules without tests\n", passed, failed, skipped, t.untested())
	return nil
}

func coverageText(w io.Writer, r *ir.Rule) error {
	c, err := verify.TestCoverage(r)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: its tests decide %d of %d conditions both ways\n", r.Name, c.Decisive, c.Leaves)
	for _, u := range c.Undecided {
		fmt.Fprintf(w, "    %s\n", u)
	}
	return nil
}

func (t testReport) untested() int {
	n := 0
	for _, r := range t.rules {
		if len(r.Tests) == 0 {
			n++
		}
	}
	return n
}

// The types of the JSON form; schema/test.json describes them.
type (
	testsJSON struct {
		Passed   int            `json:"passed"`
		Failed   int            `json:"failed"`
		Skipped  int            `json:"skipped"`
		Untested int            `json:"rules_without_tests"`
		Tests    []testJSON     `json:"tests"`
		Coverage []coverageJSON `json:"coverage,omitempty"`
	}
	testJSON struct {
		Rule    string `json:"rule"`
		Name    string `json:"name"`
		File    string `json:"file"`
		Line    int    `json:"line"`
		Lang    string `json:"lang,omitempty"`
		Status  string `json:"status"`
		Expect  int    `json:"expect"`
		AtLeast bool   `json:"at_least"`
		Got     int    `json:"got"`
		Reason  string `json:"reason,omitempty"`
		Detail  string `json:"detail,omitempty"`
	}
	coverageJSON struct {
		Rule      string   `json:"rule"`
		Leaves    int      `json:"leaves"`
		Decisive  int      `json:"decisive"`
		Undecided []string `json:"undecided"`
	}
)

func (t testReport) json(w io.Writer) error {
	out := testsJSON{Untested: t.untested(), Tests: []testJSON{}}
	for _, r := range t.results {
		j := testJSON{
			Rule: r.Rule.Name, Name: r.Test.Name, File: r.Test.Span.File, Line: r.Test.Span.Start.Line, Lang: r.Lang,
			Expect: r.Test.Expect, AtLeast: r.Test.AtLeast, Got: r.Got,
		}
		switch {
		case r.Skipped != "":
			j.Status, j.Reason = "skipped", r.Skipped
			out.Skipped++
		case r.OK():
			j.Status = "passed"
			out.Passed++
		default:
			j.Status, j.Reason, j.Detail = "failed", r.Failure(), r.Detail
			out.Failed++
		}
		out.Tests = append(out.Tests, j)
	}
	if t.coverage {
		for _, r := range t.rules {
			c, err := verify.TestCoverage(r)
			if err != nil {
				return err
			}
			out.Coverage = append(out.Coverage, coverageJSON{Rule: r.Name, Leaves: c.Leaves, Decisive: c.Decisive, Undecided: append([]string{}, c.Undecided...)})
		}
	}
	return writeJSON(w, out)
}

func indent(s string) string {
	if s == "" {
		return ""
	}
	return "    " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ") + "\n"
}
