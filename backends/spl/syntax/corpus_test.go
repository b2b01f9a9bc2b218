package syntax

import (
	"path/filepath"
	"testing"

	"github.com/onerule/onerule/internal/corpora"
)

// TestCorpus parses every search of the corpus, prints it, and parses the print to the same tree: as written, and with the
// corpus's macros expanded. testdata/corpus-ledger.txt lists the searches that fail, with the reason.
func TestCorpus(t *testing.T) {
	texts := corpora.Searches(t)
	if len(texts) < 1000 {
		t.Fatalf("only %d searches found", len(texts))
	}
	defs := corpora.Macros(t)
	defs["drop_dm_object_name(X)"] = `rename "$X$.*" as *`
	known := corpora.Ledger(t, filepath.Join("testdata", "corpus-ledger.txt"))
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
