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

// TestCorpus parses every search of the corpus, prints it, and parses the print to the same tree: as written, and with the
// corpus's macros expanded. testdata/corpus-ledger.txt lists the searches that fail, with the reason.
func TestCorpus(t *testing.T) {
	dir := corpusDir(t)
	texts := searches(t, dir)
	if len(texts) < 1000 {
		t.Fatalf("only %d searches found", len(texts))
	}
	defs := macros(t, dir)
	defs["drop_dm_object_name(X)"] = `rename "$X$.*" as *`
	known := ledger(t, filepath.Join("testdata", "corpus-ledger.txt"))
	for _, mode := range []struct {
		name   string
		macros Macros
	}{{"as written", nil}, {"macros expanded", defs}} {
		t.Run(mode.name, func(t *testing.T) {
			good := 0
			for file, text := range texts {
				err := roundTrip(text, mode.macros)
				switch _, listed := known[file]; {
				case err == nil && listed:
					t.Errorf("%s is in the ledger and passes", file)
				case err != nil && !listed:
					t.Errorf("%s: %v", file, err)
				}
				if err == nil {
					good++
				}
			}
			t.Logf("%d of %d searches parse, print and parse to the same tree", good, len(texts))
		})
	}
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
