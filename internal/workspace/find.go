package workspace

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
)

// Extension is the ending of rule files.
const Extension = ".rule"

// MaxFile is the largest rule file; the largest list file is ten times as large.
const MaxFile = 8 << 20

// foundFile is a rule file and the folder that its imports and lists must stay inside.
type foundFile struct{ name, root string }

// find lists the rule files under the paths, each once, sorted.
func (ws *Workspace) find(paths []string) []foundFile {
	var out []foundFile
	for _, p := range paths {
		names, diags := allFiles(p)
		ws.Diags = append(ws.Diags, diags...)
		root := rootOf(p)
		for _, n := range names {
			out = append(out, foundFile{n, root})
		}
	}
	slices.SortStableFunc(out, func(a, b foundFile) int { return strings.Compare(a.name, b.name) })
	seen := map[string]bool{}
	return slices.DeleteFunc(out, func(f foundFile) bool {
		key := absolute(f.name)
		dup := seen[key]
		seen[key] = true
		return dup
	})
}

func absolute(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		return abs
	}
	return name
}

// Files lists the rule files of one path: the file itself, or those in the folder, sorted. Sigma rules are not among them.
func Files(p string) ([]string, diag.List) {
	isRule := func(name string) bool { return filepath.Ext(name) == Extension }
	return walk(p, isRule, isRule, ruleWords)
}

// allFiles is Files with Sigma rules.
func allFiles(p string) ([]string, diag.List) {
	isRule := func(name string) bool { return filepath.Ext(name) == Extension }
	return walk(p, func(name string) bool { return isRule(name) || holdsSigma(name) }, func(name string) bool { return isRule(name) || isYAML(name) }, ruleWords)
}

// fileWords say which files are looked for.
type fileWords struct{ other, otherHelp, none, noneHelp, missing string }

var (
	ruleWords = fileWords{
		"it is no rule file: its name does not end in " + Extension, "name a rule file, or a folder with rule files",
		"the folder has no rule files", "rule files end in .rule; `onerule new event` writes one to start from",
		"name a rule file, or a folder with rule files (the default is `rules`)",
	}
	sigmaWords = fileWords{
		"it is no Sigma file: its name does not end in .yml or .yaml", "name a Sigma file, or a folder with Sigma files",
		"the folder has no Sigma files", "Sigma files end in .yml and hold a key `detection`, `correlation` or `filter`", "name a Sigma file, or a folder with Sigma files",
	}
)

// walk lists the files of one path: the file itself when its name is accepted, or those in the folder that are, sorted.
func walk(p string, accept, named func(string) bool, words fileWords) ([]string, diag.List) {
	var diags diag.List
	fault := func(file, title string, help ...string) {
		diags = append(diags, diag.New(diag.Unreadable, diag.Span{File: file}, title, help...))
	}
	info, err := os.Stat(p)
	if err != nil {
		fault(p, Reason(err), words.missing)
		return nil, diags
	}
	if info.Mode().IsRegular() && !named(p) {
		fault(p, words.other, words.otherHelp)
		return nil, diags
	}
	if !info.IsDir() {
		return []string{filepath.Clean(p)}, nil
	}
	var out []string
	err = filepath.WalkDir(p+string(filepath.Separator), func(name string, d fs.DirEntry, err error) error { // the separator follows a link
		if err != nil {
			fault(name, Reason(err), "the other files are used")
			return fs.SkipDir
		}
		if !d.IsDir() && accept(name) {
			out = append(out, filepath.Clean(name))
		}
		return nil
	})
	if err != nil {
		fault(p, Reason(err))
	}
	if len(out) == 0 {
		fault(p, words.none, words.noneHelp)
	}
	slices.Sort(out)
	return out, diags
}

// Reason says in plain words why a file cannot be read.
func Reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file or folder"
	case errors.Is(err, fs.ErrPermission):
		return "it may not be read"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum):
		return "the compressed data (gzip) is damaged or cut off"
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// ReadRule reads a rule file; the text is nil when it cannot be read, and the list then says why.
func ReadRule(name string) ([]byte, diag.List) {
	bad := func(title string, help ...string) ([]byte, diag.List) {
		return nil, diag.List{diag.New(diag.Unreadable, diag.Span{File: name}, title, help...)}
	}
	info, err := os.Stat(name)
	if err != nil {
		return bad(Reason(err))
	}
	if !info.Mode().IsRegular() {
		return bad("it is no regular file", "name a rule file")
	}
	if info.Size() > MaxFile {
		return bad(fmt.Sprintf("the file has %d bytes, a rule file has at most %d", info.Size(), MaxFile), "split it into several files")
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return bad(Reason(err))
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return bad("the file is empty", "`onerule new event --out FILE` writes a rule to start from")
	}
	return text, nil
}
