package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
)

// sigmaCorpus is where the public rules with events lie beside the module, when they do.
const sigmaCorpus = "../../../shared/corpora/sigma"

// regression is what an info file of the corpus says about the events beside it.
type regression struct {
	Rules []struct {
		ID string `yaml:"id"`
	} `yaml:"rule_metadata"`
	Tests []struct {
		Count *int   `yaml:"match_count"`
		Path  string `yaml:"path"`
	} `yaml:"regression_tests_info"`
}

// TestSigmaRegression: `run` finds in the events of the corpus what their info files say.
func TestSigmaRegression(t *testing.T) {
	if _, err := os.Stat(sigmaCorpus); err != nil {
		t.Skip("the corpus of Sigma rules is not there")
	}
	ws := workspace.Load([]string{sigmaCorpus}, "")
	byID := map[string]*ir.Rule{}
	for _, r := range ws.Rules {
		byID[r.Meta.ID] = r
	}
	tested, absent := 0, 0
	err := filepath.WalkDir(filepath.Join(sigmaCorpus, "regression_data"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "info.yml" {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var info regression
		if err := yaml.Unmarshal(text, &info); err != nil {
			return err
		}
		for _, test := range info.Tests {
			file := filepath.Join(filepath.Dir(name), strings.TrimSuffix(filepath.Base(test.Path), filepath.Ext(test.Path))+".json")
			for _, m := range info.Rules {
				rule := byID[m.ID]
				if rule == nil {
					absent++
					continue
				}
				found := findingsIn(t, rule, file)
				if test.Count != nil && found != *test.Count || test.Count == nil && found == 0 {
					t.Errorf("%s finds %d in %s", rule.Name, found, file)
				}
				tested++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if tested < 100 || absent > 1 {
		t.Errorf("%d tests, and %d of rules that are not there", tested, absent)
	}
}

// findingsIn is the number of findings that `run` prints.
func findingsIn(t *testing.T, rule *ir.Rule, file string) int {
	t.Helper()
	r, err := newRunner([]*ir.Rule{rule}, "", engine.Options{Lateness: engine.DefaultLateness})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	diags, err := r.file(&out, file, nil)
	if err != nil || len(diags) > 0 {
		t.Fatalf("%s: %v %v", file, diags, err)
	}
	return len(slices.Collect(bytes.Lines(out.Bytes())))
}
