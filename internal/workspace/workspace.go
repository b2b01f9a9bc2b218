// Package workspace finds rule files, reads them, and gives the rules in them: what every command starts with. Faults of
// one file leave the others usable.
package workspace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/importer/sigma"
	"github.com/onerule/onerule/internal/parallel"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
)

// Workspace is what was found under some paths.
type Workspace struct {
	Config  Config
	Files   []*grammar.File
	Rules   []*ir.Rule // sorted by file and place
	Diags   diag.List
	Sources map[string]*diag.Source // texts by file name, for rendering diagnostics

	configBroken bool
}

// Given is what a command was told beside its paths; it wins over the project file.
type Given struct {
	// ParamFile names a file with values of parameters, "" for none.
	ParamFile string
	// Sigma says how Sigma rules are read; what it leaves empty the project file says.
	Sigma SigmaConfig
}

// Load reads the rules under the paths with nothing given but a parameter file; see [Given.Load].
func Load(paths []string, paramFile string) *Workspace {
	return Given{ParamFile: paramFile}.Load(paths)
}

// Load reads the rules under the paths; no path means "rules". It never fails as a whole: what is wrong is in Diags, where
// codes E08 are faults of reading (exit 2) and others faults of rules (exit 1). The order of the paths changes nothing.
func (g Given) Load(paths []string) *Workspace {
	ws := &Workspace{Sources: map[string]*diag.Source{}}
	if len(paths) == 0 {
		paths = []string{"rules"}
	}
	ws.loadConfig(paths, g.ParamFile)
	ws.Config.Sigma = g.Sigma.over(ws.Config.Sigma)
	found := ws.find(paths)
	texts := make([][]byte, len(found))
	files := make([]*grammar.File, len(found))
	lists := make([]diag.List, len(found))
	read := make([]*sigma.File, len(found))
	parallel.Each(len(found), func(i int) {
		switch texts[i], lists[i] = ReadRule(found[i].name); {
		case texts[i] == nil:
		case isYAML(found[i].name):
			read[i], lists[i] = sigma.Parse(found[i].name, texts[i])
		default:
			files[i], lists[i] = grammar.Parse(found[i].name, texts[i])
		}
	})
	ws.convert(read, files)
	im := newImporter()
	for i, f := range found {
		ws.Diags = append(ws.Diags, lists[i]...)
		if texts[i] != nil {
			ws.Sources[f.name] = diag.NewSource(f.name, string(texts[i]))
			ws.Files = append(ws.Files, files[i])
			im.add(files[i], f.root)
		}
	}
	ws.checkParams()
	ws.lower(im)
	ws.Diags = ws.Diags.Sort()
	return ws
}

func (ws *Workspace) fault(code diag.Code, file, title string, help ...string) {
	ws.Diags = append(ws.Diags, diag.New(code, diag.Span{File: file}, title, help...))
}

// lower gives the files their meaning and looks at the whole: tune blocks, names and ids that stand twice.
func (ws *Workspace) lower(im *importer) {
	opts := lower.Options{Import: im.file, ReadList: im.list, Params: ws.Config.params, Tunes: ws.tunes()}
	rules := make([][]*ir.Rule, len(ws.Files))
	lists := make([]diag.List, len(ws.Files))
	parallel.Each(len(ws.Files), func(i int) { rules[i], lists[i] = lower.Rules(ws.Files[i], opts) })
	for i := range ws.Files {
		ws.Rules = append(ws.Rules, rules[i]...)
		ws.Diags = append(ws.Diags, lists[i]...)
	}
	declared := ws.declared()
	for _, f := range ws.Files {
		if slices.ContainsFunc(f.Items, func(i grammar.Item) bool { _, ok := i.(*grammar.Tune); return ok }) {
			var diags diag.List
			ws.Rules, diags = lower.TuneAll(f, ws.Rules, declared, opts)
			ws.Diags = append(ws.Diags, diags...)
		}
	}
	for name, text := range im.texts {
		if ws.Sources[name] == nil {
			ws.Sources[name] = diag.NewSource(name, text)
		}
	}
	ws.unique()
}

// tunes returns the tune blocks of all files.
func (ws *Workspace) tunes() []*grammar.Tune {
	var out []*grammar.Tune
	for _, f := range ws.Files {
		for _, item := range f.Items {
			if t, ok := item.(*grammar.Tune); ok {
				out = append(out, t)
			}
		}
	}
	return out
}

// declared returns the names of all rules of the files, also of those with faults.
func (ws *Workspace) declared() []string {
	var out []string
	for _, f := range ws.Files {
		for _, item := range f.Items {
			if r, ok := item.(*grammar.Rule); ok {
				out = append(out, r.Name.Text)
			}
		}
	}
	return out
}

// paramNames returns the names of the parameters of each rule.
func (ws *Workspace) paramNames() map[string][]string {
	out := map[string][]string{}
	for _, f := range ws.Files {
		for _, item := range f.Items {
			r, ok := item.(*grammar.Rule)
			if !ok || r.Broken {
				continue
			}
			out[r.Name.Text] = append(out[r.Name.Text], []string{}...)
			for _, c := range r.Clauses {
				if p, ok := c.(*grammar.Param); ok {
					out[r.Name.Text] = append(out[r.Name.Text], p.Name.Text)
				}
			}
		}
	}
	return out
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
			twice(diag.SameID, r, first, fmt.Sprintf("two rules have the id %s", r.Meta.ID), "give one of them a new id; `onerule new event` and `uuidgen` make one")
			continue
		}
		ids[r.Meta.ID] = r
		kept = append(kept, r)
	}
	ws.Rules = kept
}

// Source returns the text of a file for the renderer, nil when it was not read.
func (ws *Workspace) Source(name string) *diag.Source { return ws.Sources[name] }

// Rule returns the rule of that name.
func (ws *Workspace) Rule(name string) (*ir.Rule, bool) {
	i := slices.IndexFunc(ws.Rules, func(r *ir.Rule) bool { return r.Name == name })
	if i < 0 {
		return nil, false
	}
	return ws.Rules[i], true
}

// Names returns the names of the rules.
func (ws *Workspace) Names() []string {
	out := make([]string, len(ws.Rules))
	for i, r := range ws.Rules {
		out[i] = r.Name
	}
	return out
}
