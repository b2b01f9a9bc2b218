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
	root  string
	mu    sync.Mutex
	files map[string]*grammar.File
	texts map[string]string
}

// root is the folder that imports must stay inside: that of the first path, or the nearest one above it with a project file.
func root(paths []string) string {
	dir := paths[0]
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	if c := findConfig(dir); c != "" {
		return filepath.Dir(c)
	}
	return dir
}

// resolve returns the path of a file named in another one.
func (im *importer) resolve(from, path string) (string, error) {
	if filepath.IsAbs(path) || strings.Contains(path, `\`) {
		return "", errors.New("the path is not relative, with slashes")
	}
	full := filepath.Join(filepath.Dir(from), filepath.FromSlash(path))
	real, err := filepath.EvalSymlinks(full)
	if err != nil {
		return "", errors.New(reason(err))
	}
	top, err := filepath.EvalSymlinks(im.root)
	if err != nil {
		return "", errors.New(reason(err))
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
	text, diags := readRule(name)
	if text == nil {
		return nil, errors.New(diags[0].Title)
	}
	f, diags := grammar.Parse(name, text)
	if diags.HasErrors() {
		return nil, fmt.Errorf("it has faults: %w", diags.Err())
	}
	if im.texts == nil {
		im.texts = map[string]string{}
	}
	im.files[name], im.texts[name] = f, string(text)
	return f, nil
}

func (im *importer) list(from, path string) ([]byte, error) {
	name, err := im.resolve(from, path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, errors.New(reason(err))
	}
	if !info.Mode().IsRegular() || info.Size() > 10*MaxFile {
		return nil, fmt.Errorf("it is no file of at most %d bytes", 10*MaxFile)
	}
	return os.ReadFile(name)
}
