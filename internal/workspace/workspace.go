// Package workspace finds rule files, reads them, and gives the rules in them: what every command starts with. Faults of
// one file leave the others usable.
package workspace

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
)

// Extension is the ending of rule files.
const Extension = ".rule"

// MaxFile is the largest rule file, and the largest list file is ten times as large.
const MaxFile = 8 << 20

// Workspace is what was found under some paths.
type Workspace struct {
	Config  Config
	Files   []*grammar.File
	Rules   []*ir.Rule // sorted by file and place
	Diags   diag.List
	Sources map[string]*diag.Source // texts by file name, for rendering diagnostics
}

// Load reads the rules under the paths; no path means "rules". It never fails as a whole: what is wrong is in Diags, where
// codes E08 are faults of reading (exit 2) and others faults of rules (exit 1).
func Load(paths []string, paramFile string) *Workspace {
	ws := &Workspace{Sources: map[string]*diag.Source{}}
	if len(paths) == 0 {
		paths = []string{"rules"}
	}
	ws.loadConfig(paths[0], paramFile)
	names := ws.find(paths)
	texts := make([][]byte, len(names))
	files := make([]*grammar.File, len(names))
	lists := make([]diag.List, len(names))
	each(len(names), func(i int) {
		texts[i], lists[i] = readRule(names[i])
		if texts[i] != nil {
			files[i], lists[i] = grammar.Parse(names[i], texts[i])
		}
	})
	for i, name := range names {
		ws.Diags = append(ws.Diags, lists[i]...)
		if texts[i] != nil {
			ws.Sources[name] = diag.NewSource(name, string(texts[i]))
			ws.Files = append(ws.Files, files[i])
		}
	}
	ws.lower(paths)
	ws.Diags = ws.Diags.Sort()
	return ws
}

// each runs f for 0 to n-1 on all cores.
func each(n int, f func(int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(n, 8) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

func (ws *Workspace) fault(code diag.Code, file, title string, help ...string) {
	ws.Diags = append(ws.Diags, diag.New(code, diag.Span{File: file}, title, help...))
}

// find lists the rule files under the paths, each once, sorted.
func (ws *Workspace) find(paths []string) []string {
	var out []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			ws.fault(diag.Unreadable, p, reason(err), "name a rule file, or a folder with rule files (the default is `rules`)")
			continue
		}
		if !info.IsDir() {
			out = append(out, filepath.Clean(p))
			continue
		}
		before := len(out)
		err = filepath.WalkDir(p, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				ws.fault(diag.Unreadable, name, reason(err))
				return fs.SkipDir
			}
			if !d.IsDir() && filepath.Ext(name) == Extension {
				out = append(out, filepath.Clean(name))
			}
			return nil
		})
		if err != nil {
			ws.fault(diag.Unreadable, p, reason(err))
		}
		if len(out) == before {
			ws.fault(diag.Unreadable, p, "the folder has no rule files", "rule files end in .rule; `onerule new event` writes one to start from")
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file or folder"
	case errors.Is(err, fs.ErrPermission):
		return "it may not be read"
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

func readRule(name string) ([]byte, diag.List) {
	bad := func(title, help string) ([]byte, diag.List) {
		return nil, diag.List{diag.New(diag.Unreadable, diag.Span{File: name}, title, help)}
	}
	info, err := os.Stat(name)
	if err != nil {
		return bad(reason(err), "")
	}
	if !info.Mode().IsRegular() {
		return bad("it is no regular file", "name a rule file")
	}
	if info.Size() > MaxFile {
		return bad(fmt.Sprintf("the file has %d bytes, a rule file has at most %d", info.Size(), MaxFile), "split it into several files")
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return bad(reason(err), "")
	}
	return text, nil
}

// lower gives the files their meaning and looks at the whole: tune blocks, names and ids that stand twice.
func (ws *Workspace) lower(paths []string) {
	im := &importer{root: root(paths), files: map[string]*grammar.File{}}
	for _, f := range ws.Files {
		im.files[f.Name] = f
	}
	opts := lower.Options{Import: im.file, ReadList: im.list, Params: ws.Config.params}
	rules := make([][]*ir.Rule, len(ws.Files))
	lists := make([]diag.List, len(ws.Files))
	each(len(ws.Files), func(i int) { rules[i], lists[i] = lower.Rules(ws.Files[i], opts) })
	for i := range ws.Files {
		ws.Rules = append(ws.Rules, rules[i]...)
		ws.Diags = append(ws.Diags, lists[i]...)
	}
	for _, f := range ws.Files {
		if slices.ContainsFunc(f.Items, func(i grammar.Item) bool { _, ok := i.(*grammar.Tune); return ok }) {
			ws.Diags = append(ws.Diags, lower.TuneAll(f, ws.Rules, opts)...)
		}
	}
	for name, text := range im.texts {
		if ws.Sources[name] == nil {
			ws.Sources[name] = diag.NewSource(name, text)
		}
	}
	ws.unique()
}

// unique reports rules of one name or id: reports, packs and platforms tell rules apart by them.
func (ws *Workspace) unique() {
	slices.SortStableFunc(ws.Rules, func(a, b *ir.Rule) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Span.Start.Offset, b.Span.Start.Offset))
	})
	names, ids := map[string]*ir.Rule{}, map[string]*ir.Rule{}
	twice := func(code diag.Code, r, first *ir.Rule, title, help string) {
		d := diag.New(code, r.Span, title, help)
		d.Related = []diag.Label{{Span: first.Span, Text: "the other rule"}}
		ws.Diags = append(ws.Diags, d)
	}
	var kept []*ir.Rule
	for _, r := range ws.Rules {
		if first := names[r.Name]; first != nil {
			twice(diag.DuplicateName, r, first, fmt.Sprintf("two rules are named `%s`", r.Name), "give one of them another name")
			continue
		}
		names[r.Name] = r
		if first := ids[r.Meta.ID]; first != nil && r.Meta.ID != "" {
			twice(diag.SameID, r, first, fmt.Sprintf("two rules have the id %s", r.Meta.ID), "give one of them a new id with `uuidgen`")
			continue
		}
		ids[r.Meta.ID] = r
		kept = append(kept, r)
	}
	ws.Rules = kept
}

// Source returns the text of a file for the renderer, nil when it was not read.
func (ws *Workspace) Source(name string) *diag.Source { return ws.Sources[name] }

// Select returns the rules of that name; an empty name means all.
func (ws *Workspace) Select(name string) []*ir.Rule {
	if name == "" {
		return ws.Rules
	}
	i := slices.IndexFunc(ws.Rules, func(r *ir.Rule) bool { return r.Name == name })
	if i < 0 {
		return nil
	}
	return ws.Rules[i : i+1]
}
