package syntax

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// corpusDir is where the public rules lie beside the module; the tests over them are skipped without it.
func corpusDir(tb testing.TB) string {
	tb.Helper()
	dir := filepath.Join("..", "..", "..", "..", "shared", "corpora", "splunk")
	if _, err := os.Stat(dir); err != nil {
		tb.Skip("no rule corpus beside the module (../shared/corpora/splunk)")
	}
	return dir
}

// searches returns the search texts of the corpus by file, relative to the corpus.
func searches(tb testing.TB, dir string) map[string]string {
	tb.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(filepath.Join(dir, "detections"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yml" {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var doc struct{ Search string }
		if err := yaml.Unmarshal(raw, &doc); err != nil {
			return err
		}
		if doc.Search != "" {
			rel, _ := filepath.Rel(filepath.Join(dir, "detections"), path)
			texts[filepath.ToSlash(rel)] = doc.Search
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return texts
}

// macros returns the macro definitions of the corpus.
func macros(tb testing.TB, dir string) Macros {
	tb.Helper()
	defs := Macros{}
	files, err := filepath.Glob(filepath.Join(dir, "macros", "*.yml"))
	if err != nil {
		tb.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		var doc struct {
			Name, Definition string
			Arguments        []string
		}
		if err := yaml.Unmarshal(raw, &doc); err != nil {
			tb.Fatal(err)
		}
		name := doc.Name
		if len(doc.Arguments) > 0 {
			name += "(" + strings.Join(doc.Arguments, ",") + ")"
		}
		defs[name] = doc.Definition
	}
	return defs
}
