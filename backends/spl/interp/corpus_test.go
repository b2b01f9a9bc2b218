package interp

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/internal/corpora"
)

// TestCorpus compiles every search of the corpus with its macros, and runs it on a few events, also with every doubt
// switched. testdata/corpus-ledger.txt lists the searches that do not compile, with the reason, which must be the first
// diagnostic.
func TestCorpus(t *testing.T) {
	texts := corpora.Searches(t)
	defs := corpora.Macros(t)
	known := corpora.Ledger(t, filepath.Join("testdata", "corpus-ledger.txt"))
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
