package workspace

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/importer/sigma"
	"github.com/onerule/onerule/internal/parallel"
	"github.com/onerule/onerule/ir/lower"
)

// sigmaExtensions are the endings of files that may hold Sigma rules.
var sigmaExtensions = []string{".yml", ".yaml"}

func isYAML(name string) bool { return slices.Contains(sigmaExtensions, filepath.Ext(name)) }

// holdsSigma reports whether a file of a folder is one of Sigma rules: other YAML lies in the same folders.
func holdsSigma(name string) bool {
	if !isYAML(name) || filepath.Base(name) == ConfigName {
		return false
	}
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()                          // only read
	text, err := io.ReadAll(io.LimitReader(f, sigma.MaxFile)) // one that is larger is reported when it is read
	return err == nil && sigma.IsSigma(text)
}

// SigmaConfig says how Sigma rules are read; it is the part `sigma` of the project file.
type SigmaConfig struct {
	// Source chooses between what a log source may be here; Map and Filter name files.
	Source, Map, Filter []string
	// KeepUnknownFields keeps fields that nothing here has under their own names, as declared fields.
	KeepUnknownFields bool
}

// over returns the configuration with what it leaves open taken from another.
func (c SigmaConfig) over(base SigmaConfig) SigmaConfig {
	or := func(own, other []string) []string {
		if len(own) > 0 {
			return own
		}
		return other
	}
	return SigmaConfig{
		Source: or(c.Source, base.Source), Map: or(c.Map, base.Map), Filter: or(c.Filter, base.Filter),
		KeepUnknownFields: c.KeepUnknownFields || base.KeepUnknownFields,
	}
}

// sigmaKeys are the keys of `sigma` in the project file.
var sigmaKeys = []string{"filter", "keep_unknown_fields", "map", "source"}

// readSigma reads the part `sigma` of the project file. Files in it are named from the folder of the project file.
func (ws *Workspace) readSigma(doc *yamlDoc) {
	for _, e := range doc.mapping(doc.root, "`sigma`", "keys such as `source`") {
		if e.key == "keep_unknown_fields" {
			if err := e.value.Decode(&ws.Config.Sigma.KeepUnknownFields); err != nil {
				doc.fault(e.value, "`keep_unknown_fields` is true or false", "write `keep_unknown_fields: true`")
			}
			continue
		}
		values, ok := doc.values(e.value)
		if !ok {
			doc.fault(e.value, "`"+e.key+"` takes a list of texts", "write `"+e.key+": [a, b]`")
			continue
		}
		files := make([]string, len(values))
		for i, v := range values {
			files[i] = filepath.Join(filepath.Dir(doc.name), filepath.FromSlash(v))
		}
		switch e.key {
		case "source":
			ws.Config.Sigma.Source = values
		case "map":
			ws.Config.Sigma.Map = files
		case "filter":
			ws.Config.Sigma.Filter = files
		default:
			doc.unknown(e.at, "key", e.key, sigmaKeys)
		}
	}
}

// sigmaOptions reads the mapping files that a configuration names.
func (ws *Workspace) sigmaOptions(c SigmaConfig) sigma.Options {
	opts := sigma.Options{Sources: c.Source, KeepUnknownFields: c.KeepUnknownFields, Places: true}
	for _, name := range c.Map {
		text, diags := ReadRule(name)
		ws.Diags = append(ws.Diags, diags...)
		if text == nil {
			ws.configBroken = true
			continue
		}
		ws.Sources[name] = diag.NewSource(name, string(text))
		m, diags := sigma.ParseMap(name, text)
		ws.Diags = append(ws.Diags, diags...)
		ws.configBroken = ws.configBroken || diags.HasErrors()
		opts.Maps = append(opts.Maps, m)
	}
	sigma.SortMaps(opts.Maps)
	return opts
}

// filters reads the files of filters that a configuration names, beside those under the paths.
func (ws *Workspace) filters(c SigmaConfig) []*sigma.File {
	var out []*sigma.File
	for _, name := range c.Filter {
		text, diags := ReadRule(name)
		ws.Diags = append(ws.Diags, diags...)
		if text == nil {
			ws.configBroken = true
			continue
		}
		ws.Sources[name] = diag.NewSource(name, string(text))
		f, diags := sigma.Parse(name, text)
		ws.Diags = append(ws.Diags, diags...)
		out = append(out, f)
	}
	return out
}

// convert makes rules of the Sigma files among the files read; the others stay as they are.
func (ws *Workspace) convert(read []*sigma.File, files []*grammar.File) {
	var all []*sigma.File
	for _, f := range read {
		if f != nil {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		return
	}
	opts := ws.sigmaOptions(ws.Config.Sigma)
	col := sigma.NewCollection(append(all, ws.filters(ws.Config.Sigma)...), opts)
	lists := make([]diag.List, len(read))
	parallel.Each(len(read), func(i int) {
		if read[i] != nil {
			files[i], lists[i] = col.Convert(read[i])
		}
	})
	for _, l := range lists {
		ws.Diags = append(ws.Diags, l...)
	}
}

// Imported is one Sigma file in the words of the rule language.
type Imported struct {
	// Name is the Sigma file, Out the path of the rule file from the folder of results.
	Name, Out string
	// Text is the rule file; nil when nothing of the file could be said.
	Text []byte
	// Documents and Rules are how many the Sigma file holds, and how many rules were made of it.
	Documents, Rules int
}

// Import is what became of Sigma files.
type Import struct {
	Files   []Imported
	Diags   diag.List
	Sources map[string]*diag.Source
}

// ImportSigma reads the Sigma rules under the paths and prints them as rule files. Rules with faults are left out; a rule that
// lacks the values of a placeholder alone is written, as a parameter without default.
func ImportSigma(paths []string, c SigmaConfig) *Import {
	ws := &Workspace{Sources: map[string]*diag.Source{}}
	opts := ws.sigmaOptions(c)
	var names, outs []string
	seen := map[string]bool{}
	for _, p := range paths {
		found, diags := walk(p, holdsSigma, isYAML, sigmaWords)
		ws.Diags = append(ws.Diags, diags...)
		for _, n := range found {
			if key := absolute(n); !seen[key] {
				seen[key] = true
				names, outs = append(names, n), append(outs, outName(p, n))
			}
		}
	}
	im := &Import{Sources: ws.Sources}
	read := make([]*sigma.File, len(names))
	lists := make([]diag.List, len(names))
	texts := make([][]byte, len(names))
	parallel.Each(len(names), func(i int) {
		if texts[i], lists[i] = ReadRule(names[i]); texts[i] != nil {
			read[i], lists[i] = sigma.Parse(names[i], texts[i])
		}
	})
	var all []*sigma.File
	for i, f := range read {
		if f != nil {
			all = append(all, f)
			ws.Sources[names[i]] = diag.NewSource(names[i], string(texts[i]))
		}
	}
	all = append(all, ws.filters(c)...)
	placed := sigma.NewCollection(all, opts)
	opts.Places = false
	plain := sigma.NewCollection(all, opts)
	im.Files = make([]Imported, len(names))
	parallel.Each(len(names), func(i int) {
		im.Files[i] = Imported{Name: names[i], Out: outs[i]}
		if read[i] != nil {
			im.Files[i].Documents = read[i].Documents()
			lists[i] = append(lists[i], im.Files[i].print(placed, plain, read[i])...)
		}
	})
	for _, l := range lists {
		ws.Diags = append(ws.Diags, l...)
	}
	distinct(im.Files)
	im.Diags = ws.Diags.Sort()
	return im
}

// print makes the text of one file: of those rules that mean something.
func (im *Imported) print(placed, plain *sigma.Collection, f *sigma.File) diag.List {
	tree, diags := placed.Convert(f)
	ok := map[string]bool{}
	for i, item := range tree.Items {
		one := &grammar.File{Name: tree.Name, Items: tree.Items[i : i+1]}
		_, faults := lower.Rules(one, lower.Options{})
		good := true
		for _, d := range faults {
			if d.Code == diag.BadParam {
				d.Severity = diag.Warning
				d.Help = []string{"the rule is written with the parameter; give it a value in onerule.yaml, or in a file with --param-file"}
			}
			good = good && d.Severity != diag.Error
			diags = append(diags, d)
		}
		if r, is := item.(*grammar.Rule); is {
			ok[r.Name.Text] = good
		}
	}
	tree, _ = plain.Convert(f)
	tree.Items = slices.DeleteFunc(tree.Items, func(i grammar.Item) bool {
		r, is := i.(*grammar.Rule)
		return is && !ok[r.Name.Text]
	})
	if im.Rules = len(tree.Items); im.Rules > 0 {
		im.Text = grammar.Print(tree)
	}
	return diags
}

// outName is where the rules of a file go: under the same folders as below its path.
func outName(path, name string) string {
	rel, err := filepath.Rel(folder(path), name)
	if err != nil || strings.HasPrefix(rel, "..") {
		rel = filepath.Base(name)
	}
	return strings.TrimSuffix(rel, filepath.Ext(rel)) + Extension
}

// distinct gives files that would have one name different ones.
func distinct(files []Imported) {
	taken := map[string]bool{}
	for i := range files {
		out := files[i].Out
		for taken[strings.ToLower(out)] {
			out = strings.TrimSuffix(out, Extension) + "_" + Extension
		}
		taken[strings.ToLower(out)] = true
		files[i].Out = out
	}
}
