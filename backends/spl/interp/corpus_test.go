package interp

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/backends/spl/syntax"
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
func macros(tb testing.TB, dir string) syntax.Macros {
	tb.Helper()
	defs := syntax.Macros{}
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

// TestCorpus compiles every search of the corpus with its macros, and runs it on a few events, also with every doubt
// switched. testdata/corpus-ledger.txt lists the searches that do not compile, with the reason, which must be the first
// diagnostic.
func TestCorpus(t *testing.T) {
	dir := corpusDir(t)
	texts := searches(t, dir)
	defs := macros(t, dir)
	known := ledger(t, filepath.Join("testdata", "corpus-ledger.txt"))
	in := native.Input{Tables: []native.Table{table(t, "main", operatorsJoined())}}
	flipped := map[string]bool{}
	for _, d := range Language.Doubts {
		flipped[d.Name] = !d.Default
	}
	good := 0
	for file, text := range texts {
		name := strings.TrimSuffix(filepath.Base(file), ".yml")
		withFilter := maps.Clone(defs)
		withFilter[name+"_filter"] = "search *"
		p, diags := CompileWith(file, text, withFilter)
		reason, listed := known[file]
		switch {
		case !diags.HasErrors() && listed:
			t.Errorf("%s is in the ledger and compiles", file)
		case diags.HasErrors() && !listed:
			t.Errorf("%s: %s", file, brief(diags))
		case diags.HasErrors() && diags[0].Title != reason:
			t.Errorf("%s: %q, and the ledger says %q", file, diags[0].Title, reason)
		}
		if diags.HasErrors() {
			continue
		}
		good++
		for _, doubts := range []map[string]bool{nil, flipped} {
			in.Doubts = doubts
			if _, diags := p.Run(in); diags.HasErrors() && !strings.HasPrefix(diags[0].Title, "no lookup table") {
				t.Errorf("%s: %s", file, brief(diags))
			}
		}
	}
	t.Logf("%d of %d searches compile and run", good, len(texts))
}

// ledger reads lines of `case<TAB>reason`.
func ledger(tb testing.TB, file string) map[string]string {
	tb.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	known := map[string]string{}
	for _, line := range strings.Split(string(raw), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, ok := strings.Cut(line, "\t")
		if !ok || reason == "" {
			tb.Fatalf("%s: no reason in %q", file, line)
		}
		known[name] = reason
	}
	return known
}
