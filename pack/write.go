package pack

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/onerule/onerule/internal/atomicfile"
)

// Write puts the pack into a folder, in the place of the pack that was there before. The folder changes only when all is
// written. A folder that holds anything that no manifest of ours lists is left alone: the error is [atomicfile.ErrForeign].
func (p *Pack) Write(dir string) error {
	manifest, err := p.Manifest.JSON()
	if err != nil {
		return err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	return atomicfile.ReplaceDir(dir, ours, func(tmp string) error {
		for _, f := range append([]File{{Path: ManifestName, Data: manifest}}, p.Files...) {
			name := filepath.Join(tmp, filepath.FromSlash(f.Path))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(name, f.Data, 0o644); err != nil {
				return err
			}
		}
		return nil
	})
}

// ours reports whether a folder holds an earlier pack and nothing else.
func ours(dir string) bool {
	data, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if err != nil {
		return false
	}
	var m Manifest
	if json.Unmarshal(data, &m) != nil || m.Format == 0 {
		return false
	}
	known := m.paths()
	foreign := false
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		if !known[filepath.ToSlash(rel)] {
			foreign = true
			return fs.SkipAll
		}
		return nil
	})
	return err == nil && !foreign
}
