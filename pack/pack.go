// Package pack builds what is deployed: the platforms' own rules, the queries of rules in the chosen languages, a manifest that
// says of each what it promises, a layer of what is covered, and what changed since an earlier pack. Building touches no file;
// [Pack.Write] puts a finished pack in the place of the last one.
package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/parallel"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
)

// Options say how a pack is built.
type Options struct {
	Compile all.Options
	// Version is the version of the program, for the manifest.
	Version string
	// Name and PackVersion are the pack's own; "" means [DefaultName] and [DefaultVersion].
	Name, PackVersion string
	// Settings are those of the platforms, by the platform's name.
	Settings map[string]map[string]string
	// Progress, when set, is called after each rule and language, by several goroutines.
	Progress func()
}

// What a pack is called when nothing else is said.
const (
	DefaultName    = "onerule"
	DefaultVersion = "1.0.0"
)

// Pack is a finished pack.
type Pack struct {
	Manifest Manifest
	// Files are the outputs without the manifest, sorted by path.
	Files []File
	// Diags says why targets were refused, and which outputs are not exact.
	Diags diag.List

	rules []*ir.Rule
}

// File is one output; Path has slashes and is relative to the pack's folder.
type File = platform.File

// New builds the outputs of the rules. The same rules give the same pack, whatever their order.
func New(rules []*ir.Rule, langs []*backends.Backend, opts Options) *Pack {
	rules = slices.Clone(rules)
	slices.SortStableFunc(rules, func(a, b *ir.Rule) int { return strings.Compare(a.Name, b.Name) })
	p := &Pack{Manifest: newManifest(opts), rules: rules}
	outs := make([]built, len(rules)*len(langs))
	parallel.Each(len(outs), func(i int) {
		if r, b := rules[i/len(langs)], langs[i%len(langs)]; r.For(b.Platform) {
			outs[i] = build(r, b, opts.Compile)
		}
		if opts.Progress != nil {
			opts.Progress()
		}
	})
	rows := make([]Rule, len(rules))
	parallel.Each(len(rules), func(i int) { rows[i] = manifestRule(rules[i]) })
	for i := range rules {
		p.rule(&rows[i], outs[i*len(langs):(i+1)*len(langs)])
	}
	p.Manifest.Rules = append(p.Manifest.Rules, rows...)
	p.platforms(outs, opts)
	p.navigator()
	p.finish()
	return p
}

// rule adds the outputs and refusals of one rule.
func (p *Pack) rule(row *Rule, outs []built) {
	for _, x := range outs {
		if x.out == nil { // the rule is not for this platform
			continue
		}
		if !x.out.OK() {
			refusal := manifestRefusal(x.out, x.diags)
			refusal.Carried = carried(outs, x.out.Backend.Platform)
			p.Manifest.Refused = append(p.Manifest.Refused, refusal)
			if refusal.Carried {
				continue
			}
		}
		p.Diags = append(p.Diags, x.diags...)
		if x.out.OK() {
			row.Outputs = append(row.Outputs, p.output(x))
		}
	}
}

// output adds the files of one output and returns its entry: the platform's own rule, where there is one, and the query, where
// it says more than which events are selected.
func (p *Pack) output(x built) Output {
	b, name := x.out.Backend, x.out.Rule.Name
	query := File{Path: queryPath(name, b), Data: []byte(x.out.Query.Text + "\n"), Rule: name}
	if x.art == nil {
		p.Files = append(p.Files, query)
		return manifestOutput(x.out, query)
	}
	o := manifestOutput(x.out, query)
	o.Type = x.art.Type
	whole := x.out.Rule.Body == nil || b.RenderBody != nil
	if whole {
		p.Files = append(p.Files, query)
	}
	if x.packed { // the platform makes the files; see platforms
		if !whole {
			o.Path, o.SHA256 = "", ""
		}
		return o
	}
	doc := File{Path: documentPath(name, b), Data: x.document, Rule: name}
	p.Files = append(p.Files, doc)
	o.Path, o.SHA256 = doc.Path, hash(doc.Data)
	if whole {
		o.Query = query.Path
	}
	return o
}

// Add adds files that are made of a finished pack, a report say.
func (p *Pack) Add(files ...File) {
	p.Files = append(p.Files, files...)
	p.finish()
}

// finish sorts what was made and lists it.
func (p *Pack) finish() {
	slices.SortFunc(p.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	p.collisions()
	p.Diags = p.Diags.Sort()
	p.Manifest.list(p.Files)
}

// collisions reports outputs that are one file where upper and lower case are the same.
func (p *Pack) collisions() {
	seen := map[string]string{}
	for _, f := range p.Files {
		key := strings.ToLower(f.Path)
		if other, ok := seen[key]; ok {
			p.Diags = append(p.Diags, diag.New(diag.BadOutput, diag.Span{}, fmt.Sprintf("%s and %s are one file on systems that ignore case", other, f.Path), "rename one of the rules"))
		}
		seen[key] = f.Path
	}
}

// carried reports whether some language of a platform has a query.
func carried(outs []built, platform string) bool {
	return slices.ContainsFunc(outs, func(x built) bool { return x.out != nil && x.out.OK() && x.out.Backend.Platform == platform })
}

// Refused counts the targets (rules on platforms) that have no query in any language of the platform.
func (p *Pack) Refused() int {
	targets := map[[2]string]bool{}
	for _, r := range p.Manifest.Refused {
		if !r.Carried {
			targets[[2]string{r.Rule, r.Platform}] = true
		}
	}
	return len(targets)
}

// Counts returns how many rules of platforms there are to be deployed, and how many queries stand by themselves.
func (p *Pack) Counts() (artefacts, queries int) {
	for _, r := range p.Manifest.Rules {
		for _, o := range r.Outputs {
			if o.deployed() {
				artefacts++
			}
		}
	}
	for _, f := range p.Files {
		if strings.HasPrefix(f.Path, queryFolder+"/") {
			queries++
		}
	}
	return artefacts, queries
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Rules returns the rules that the pack was built of, in the order of the manifest.
func (p *Pack) Rules() []*ir.Rule { return p.rules }
