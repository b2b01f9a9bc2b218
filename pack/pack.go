// Package pack builds what is deployed: the queries of rules in the chosen languages, and a manifest that says of each what
// it promises. Building touches no file; [Pack.Write] puts a finished pack in the place of the last one.
package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/parallel"
	"github.com/onerule/onerule/ir"
)

// Options say how a pack is built.
type Options struct {
	Compile all.Options
	// Version is the version of the program, for the manifest.
	Version string
	// Progress, when set, is called after each rule and language, by several goroutines.
	Progress func()
}

// Pack is a finished pack.
type Pack struct {
	Manifest Manifest
	// Files are the outputs without the manifest, sorted by path.
	Files []File
	// Diags says why targets were refused, and which outputs are not exact.
	Diags diag.List
}

// File is one output; Path has slashes and is relative to the pack's folder.
type File struct {
	Path string
	Data []byte
}

// New builds the queries of the rules. The same rules give the same pack, whatever their order.
func New(rules []*ir.Rule, langs []*backends.Backend, opts Options) *Pack {
	rules = slices.Clone(rules)
	slices.SortStableFunc(rules, func(a, b *ir.Rule) int { return strings.Compare(a.Name, b.Name) })
	outs := make([]built, len(rules)*len(langs))
	parallel.Each(len(outs), func(i int) {
		if r, b := rules[i/len(langs)], langs[i%len(langs)]; r.For(b.Platform) {
			outs[i] = build(r, b, opts.Compile)
		}
		if opts.Progress != nil {
			opts.Progress()
		}
	})
	p := &Pack{Manifest: newManifest(opts.Version)}
	for i, r := range rules {
		row := manifestRule(r)
		for n := range langs {
			x := outs[i*len(langs)+n]
			out, diags := x.out, x.diags
			if out == nil { // the rule is not for this platform
				continue
			}
			if !out.OK() {
				refusal := manifestRefusal(out, diags)
				refusal.Carried = carried(outs[i*len(langs):(i+1)*len(langs)], out.Backend.Platform)
				p.Manifest.Refused = append(p.Manifest.Refused, refusal)
				if refusal.Carried {
					continue
				}
			}
			p.Diags = append(p.Diags, diags...)
			if !out.OK() {
				continue
			}
			row.Outputs = append(row.Outputs, p.output(x))
		}
		p.Manifest.Rules = append(p.Manifest.Rules, row)
	}
	slices.SortFunc(p.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	p.collisions()
	p.Diags = p.Diags.Sort()
	return p
}

// output adds the files of one output and returns its entry: the platform's own rule, where there is one, and the query, where
// it says more than which events are selected.
func (p *Pack) output(x built) Output {
	b := x.out.Backend
	query := File{Path: queryPath(x.out.Rule.Name, b), Data: []byte(x.out.Query.Text + "\n")}
	if x.art == nil {
		p.Files = append(p.Files, query)
		return manifestOutput(x.out, query)
	}
	doc := File{Path: documentPath(x.out.Rule.Name, b), Data: x.document}
	p.Files = append(p.Files, doc)
	o := manifestOutput(x.out, doc)
	o.Type = x.art.Type
	if b.RenderBody != nil {
		p.Files = append(p.Files, query)
		o.Query = query.Path
	}
	return o
}

// queryPath is where the query of a rule goes. The language is named where several share an extension.
func queryPath(rule string, b *backends.Backend) string {
	ext := b.Extension
	for _, other := range all.Backends {
		if other.Lang != b.Lang && other.Extension == b.Extension {
			ext = b.Lang + "." + b.Extension
		}
	}
	return path.Join("queries", rule, rule+"."+ext)
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

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
