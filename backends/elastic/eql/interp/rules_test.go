package interp

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/native"
)

// ruleQueries returns the query text of every public rule whose language is eql, by path. All but one quote style are
// literal strings in the corpus; the escapes of the other are those of JSON.
func ruleQueries(t testing.TB) map[string]string {
	t.Helper()
	root := corpus(t, "elastic")
	queries := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".toml") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), "\nlanguage = \"eql\"\n") {
			return err
		}
		if _, rest, ok := strings.Cut(string(text), "\nquery = '''"); ok {
			body, _, _ := strings.Cut(rest, "'''")
			queries[filepath.Base(path)] = body
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return queries
}

// TestPublicRulesCompile compiles every public rule: no function, constant or pattern of theirs is unknown to us.
func TestPublicRulesCompile(t *testing.T) {
	queries := ruleQueries(t)
	if len(queries) < 500 {
		t.Fatalf("found only %d rules", len(queries))
	}
	for path, text := range queries {
		if _, diags := Language.Compile(path, text); diags.HasErrors() {
			t.Error(diags[0].Brief())
		}
	}
}

// windowsEvents returns events of the shared corpora.
func windowsEvents(t testing.TB, limit int) []native.Row {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(corpus(t, "events"), "*.ndjson.gz"))
	var rows []native.Row
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(z)
		d.UseNumber()
		for len(rows) < limit {
			var row native.Row
			if d.Decode(&row) != nil {
				break
			}
			rows = append(rows, row)
		}
		f.Close()
	}
	return rows
}
