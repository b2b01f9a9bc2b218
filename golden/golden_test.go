// Package golden holds what the shipped rules print in every language, side by side: golden/rules/<rule>/query.<language>,
// or refused.<language>.txt with the reason. Update with GOLDIE_UPDATE=1 go test ./golden, and read the difference.
package golden

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sebdah/goldie/v2"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/workspace"
)

func TestRules(t *testing.T) {
	ws := workspace.Load([]string{filepath.Join("..", "rules")}, "")
	if ws.Diags.HasErrors() {
		t.Fatal(ws.Diags.Err())
	}
	claimed := map[string]bool{}
	for _, r := range ws.Rules {
		t.Run(r.Name, func(t *testing.T) {
			for _, b := range all.Backends {
				out, diags := all.Compile(r, b, all.Options{})
				name, text := "query", out.Query.Text+"\n"
				if !out.OK() {
					name, text = "refused", refusal(ws, diags)
				}
				g := goldie.New(t, goldie.WithFixtureDir(filepath.Join("rules", r.Name)), goldie.WithNameSuffix("."+b.Lang), goldie.WithDiffEngine(goldie.Simple))
				g.Assert(t, name, []byte(text+levelLine(out)))
				claimed[filepath.Join("rules", r.Name, name+"."+b.Lang)] = true
			}
		})
	}
	unclaimed(t, claimed)
}

// levelLine says behind a query what it promises.
func levelLine(out *all.Output) string {
	if !out.OK() {
		return ""
	}
	line := "-- " + out.Fidelity.Kind.String()
	if out.Fidelity.Kind == backends.Assume || len(out.Fidelity.Assumptions) > 0 {
		line += ": " + strings.Join(out.Fidelity.Assumptions, ", ")
	}
	return line + "\n"
}

func refusal(ws *workspace.Workspace, diags diag.List) string {
	var b strings.Builder
	diag.WriteText(&b, diags, diag.TextOptions{Source: ws.Source})
	return strings.ReplaceAll(b.String(), "../rules/", "rules/")
}

// unclaimed finds files of rules or languages that are gone.
func unclaimed(t *testing.T, claimed map[string]bool) {
	t.Helper()
	err := filepath.WalkDir("rules", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if claimed[p] {
			return nil
		}
		if os.Getenv("GOLDIE_UPDATE") != "" {
			return os.Remove(p)
		}
		t.Errorf("%s belongs to no rule and language: remove it, or update with GOLDIE_UPDATE=1", p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
