package platformtest

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sebdah/goldie/v2"

	"github.com/onerule/onerule/platform"
)

// Data is what a file of a pack holds.
func Data(t T, files []platform.File, path string) []byte {
	t.Helper()
	i := slices.IndexFunc(files, func(f platform.File) bool { return f.Path == path })
	if i < 0 {
		t.Fatalf("there is no %s", path)
	}
	return files[i].Data
}

// Golden holds the files of a pack, but for archives, against those in golden/packs, which has no others. It is called in the
// folder of a platform.
func Golden(t *testing.T, platform string, files []platform.File) {
	t.Helper()
	dir := filepath.Join("..", "..", "golden", "packs", platform)
	g := goldie.New(t, goldie.WithFixtureDir(dir), goldie.WithNameSuffix(""), goldie.WithDiffEngine(goldie.Simple))
	claimed := map[string]bool{}
	for _, f := range files {
		if !strings.HasSuffix(f.Path, ".spl") {
			g.Assert(t, f.Path, f.Data)
			claimed[filepath.Join(dir, filepath.FromSlash(f.Path))] = true
		}
	}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !claimed[name] {
			t.Errorf("%s is in no pack: remove it", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
