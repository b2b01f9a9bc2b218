package main

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/workspace"
)

// compileDefaults are the options of a compilation without flags.
var compileDefaults = all.Options{}

var pageExample = regexp.MustCompile("(?s)\n## (Wrong|Right)\n\n```(\\w+)\n(.*?)```")

// The wrong example of a page has the fault that the page is about, in some language; the right one has it in none. Codes
// of what is wrong outside of rules, and those that need several files, are left to the scripts.
func TestPagesTellTheTruth(t *testing.T) {
	severalFiles := []diag.Code{diag.ImportFault, diag.TuneStale, diag.SameID, diag.BadList, diag.StaleVersion}
	for _, e := range diag.Registry {
		c := string(e.Code)
		if !(c >= "E0200" && c < "E0600" || c >= "E1000" && e.Code != diag.SigmaMap) || slices.Contains(severalFiles, e.Code) {
			continue
		}
		page, _ := diag.Explain(c)
		examples := pageExample.FindAllStringSubmatch(page, -1)
		if len(examples) != 2 {
			t.Errorf("%s: %d examples", c, len(examples))
			continue
		}
		for _, ex := range examples {
			file := map[string]string{"rule": "a.rule", "sigma": "a.yml"}[ex[2]]
			if file == "" {
				t.Errorf("%s: the example is %s, not rule text", c, ex[2])
				continue
			}
			codes := codesOf(t, file, ex[3])
			if wrong := ex[1] == "Wrong"; slices.Contains(codes, e.Code) != wrong {
				t.Errorf("%s: the example under %s has the faults %v\n%s", c, ex[1], codes, ex[3])
			}
		}
	}
}

// codesOf returns the codes of all that is said about a text, in every language.
func codesOf(t *testing.T, file, text string) []diag.Code {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	ws := workspace.Load([]string{file}, "")
	diags := slices.Clone(ws.Diags)
	for _, r := range ws.Rules {
		for _, b := range all.Backends {
			_, ds := all.Compile(r, b, compileDefaults)
			diags = append(diags, ds...)
		}
	}
	var out []diag.Code
	for _, d := range diags {
		if !slices.Contains(out, d.Code) {
			out = append(out, d.Code)
		}
	}
	return out
}
