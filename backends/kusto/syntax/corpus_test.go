package syntax

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/corpora"
)

// corpusQueries reads the queries of the shared conformance corpora, which lie beside the module.
func corpusQueries(tb testing.TB) map[string]string {
	tb.Helper()
	out := map[string]string{}
	for _, name := range []string{"docs.ndjson", "scalars.ndjson", "tables.ndjson"} {
		f, err := os.Open(corpora.Path(tb, "conformance", "kusto", name))
		if err != nil {
			tb.Fatal(err)
		}
		sc := bufio.NewScanner(f)
		sc.Buffer(nil, 16<<20)
		for n := 0; sc.Scan(); n++ {
			var row struct{ Page, Name, Query string }
			if err := json.Unmarshal(sc.Bytes(), &row); err != nil {
				tb.Fatal(err)
			}
			out[name+"/"+row.Page+row.Name+"#"+string(rune('a'+n%26))+itoa(n)] = row.Query
		}
		f.Close()
	}
	return out
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

// TestCorpusRoundTrip parses every query of the corpora, prints it, and parses that to the same text again.
func TestCorpusRoundTrip(t *testing.T) {
	for id, q := range corpusQueries(t) {
		t.Run(id, func(t *testing.T) {
			tree, diags := Parse("q", q)
			if diags.HasErrors() {
				for _, d := range diags {
					if d.Code != diag.KustoUnknown { // graph operators, reduce and declare pattern are not read
						t.Fatalf("%v\n%s", diags, q)
					}
				}
				return
			}
			checkRoundTrip(t, tree)
		})
	}
}

// checkRoundTrip asserts that the printed text parses to the same tree and is a fixpoint.
func checkRoundTrip(t *testing.T, tree *Query) {
	t.Helper()
	text := Print(tree)
	again, diags := Parse("printed", text)
	if diags.HasErrors() {
		t.Fatalf("the printed text does not parse: %v\n%s", diags, text)
	}
	if a, b := dump(tree), dump(again); a != b {
		t.Fatalf("the trees differ\n%s\n--- %s\n--- %s", text, a, b)
	}
	if second := Print(again); second != text {
		t.Fatalf("printing is no fixpoint:\n%s\n---\n%s", text, second)
	}
}
