package workspace

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/onerule/onerule/grammar"
)

// importer resolves what rule files name: other rule files and lists, inside the rule folder only.
type importer struct {
	mu    sync.Mutex
	files map[string]*grammar.File
	roots map[string]string // by file
	texts map[string]string // of files that were read because of an import
}

func newImporter() *importer {
	return &importer{files: map[string]*grammar.File{}, roots: map[string]string{}, texts: map[string]string{}}
}

func (im *importer) add(f *grammar.File, root string) {
	im.files[f.Name], im.roots[f.Name] = f, root
}

// rootOf is the folder that imports of files under a path must stay inside: that of the nearest project file, or the path's own.
func rootOf(path string) string {
	dir := folder(path)
	if c := findConfig(dir); c != "" {
		return filepath.Dir(c)
	}
	return dir
}

// folder is a path that is a folder, or the folder of a file.
func folder(path string) string {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return filepath.Dir(path)
	}
	return path
}

// resolve returns the path of a file named in another one.
func (im *importer) resolve(from, path string) (string, error) {
	if filepath.IsAbs(path) || strings.Contains(path, `\`) {
		return "", errors.New("it is no path from this file, with slashes")
	}
	full := filepath.Join(filepath.Dir(from), filepath.FromSlash(path))
	real, err := filepath.EvalSymlinks(full)
	if err != nil {
		return "", errors.New(Reason(err))
	}
	top, err := filepath.EvalSymlinks(im.rootFor(from))
	if err != nil {
		return "", errors.New(Reason(err))
	}
	absTop, err1 := filepath.Abs(top)
	absReal, err2 := filepath.Abs(real)
	if err := errors.Join(err1, err2); err != nil {
		return "", err
	}
	rel, err := filepath.Rel(absTop, absReal)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", errors.New("it lies outside of the rule folder")
	}
	return filepath.Clean(full), nil
}

func (im *importer) file(from, path string) (*grammar.File, error) {
	name, err := im.resolve(from, path)
	if err != nil {
		return nil, err
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	if f, ok := im.files[name]; ok {
		return f, nil
	}
	text, diags := ReadRule(name)
	if text == nil {
		return nil, errors.New(diags[0].Title)
	}
	f, diags := grammar.Parse(name, text)
	if diags.HasErrors() {
		return nil, fmt.Errorf("it has faults: %w", diags.Err())
	}
	im.texts[name] = string(text)
	im.add(f, im.roots[from])
	return f, nil
}

func (im *importer) rootFor(from string) string {
	im.mu.Lock()
	defer im.mu.Unlock()
	if root, ok := im.roots[from]; ok {
		return root
	}
	return filepath.Dir(from)
}

func (im *importer) list(from, path string) ([]byte, error) {
	name, err := im.resolve(from, path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, errors.New(Reason(err))
	}
	if !info.Mode().IsRegular() || info.Size() > 10*MaxFile {
		return nil, fmt.Errorf("it is no file of at most %d bytes", 10*MaxFile)
	}
	return os.ReadFile(name)
}
