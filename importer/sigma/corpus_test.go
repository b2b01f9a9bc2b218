package sigma

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir/lower"
)

// corpora is where public rules lie beside the module, when they do.
const corpora = "../../../shared/corpora"

// corpusFiles reads the Sigma files under a folder of the corpora.
func corpusFiles(t testing.TB, folder string) (names []string, texts [][]byte) {
	t.Helper()
	root := filepath.Join(corpora, folder)
	if _, err := os.Stat(root); err != nil {
		t.Skipf("the corpus %s is not there", folder)
	}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".yml" {
			return err
		}
		text, err := os.ReadFile(name)
		if err == nil && IsSigma(text) {
			rel, _ := filepath.Rel(root, name)
			names, texts = append(names, rel), append(texts, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names, texts
}

// imported is what became of a file.
type imported struct {
	name  string
	text  string
	file  *grammar.File
	diags diag.List
	rules int
}

// importAll reads, converts and lowers files as one collection.
func importAll(names []string, texts [][]byte, opts Options) []imported {
	files := make([]*File, len(names))
	out := make([]imported, len(names))
	for i := range names {
		out[i].name, out[i].text = names[i], string(texts[i])
		files[i], out[i].diags = Parse(names[i], texts[i])
	}
	opts.Places = true
	col := NewCollection(files, opts)
	for i, f := range files {
		g, diags := col.Convert(f)
		out[i].file = g
		out[i].diags = append(out[i].diags, diags...)
		rules, diags := lower.Rules(g, lower.Options{})
		out[i].rules = len(rules)
		out[i].diags = append(out[i].diags, diags...).Sort()
	}
	return out
}

// Every file of the corpora becomes rules that mean something, or has a fault with a place.
func TestCorpus(t *testing.T) {
	for _, folder := range []string{"sigma", "auth0"} {
		t.Run(folder, func(t *testing.T) {
			names, texts := corpusFiles(t, folder)
			ok, reasons := 0, map[string][]string{}
			for _, f := range importAll(names, texts, Options{}) {
				if f.rules == 0 && !f.diags.HasErrors() {
					t.Errorf("%s: neither rules nor faults", f.name)
				}
				if !f.diags.HasErrors() {
					ok++
					continue
				}
				for _, d := range f.diags {
					if !d.Span.Start.IsValid() {
						t.Errorf("%s: a fault without a place: %s", f.name, d.Brief())
					}
					if d.Severity == diag.Error {
						key := string(d.Code) + " " + d.Title
						if d.Code == diag.SigmaField || d.Code == diag.SigmaSource {
							key = string(d.Code)
						}
						reasons[key] = append(reasons[key], f.name+" "+d.Title)
					}
				}
			}
			t.Logf("%d of %d files", ok, len(names))
			if !testing.Verbose() {
				return
			}
			var keys []string
			for k := range reasons {
				keys = append(keys, k)
			}
			slices.SortFunc(keys, func(a, b string) int { return len(reasons[b]) - len(reasons[a]) })
			for _, k := range keys {
				fmt.Printf("%5d %s\n        %s\n", len(reasons[k]), k, strings.Join(reasons[k][:min(3, len(reasons[k]))], "\n        "))
			}
		})
	}
}
