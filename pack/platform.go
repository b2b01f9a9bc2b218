package pack

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/parallel"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	platforms "github.com/onerule/onerule/platform/all"
)

// platforms lets each platform make its part of the pack, and tells the outputs of the manifest where they are.
func (p *Pack) platforms(outs []built, opts Options) {
	for _, target := range platforms.Platforms {
		if target.Pack == nil {
			continue
		}
		chosen := p.choose(target, outs)
		if len(chosen) == 0 {
			continue
		}
		in := platform.Pack{
			Name: p.Manifest.Pack.Name, Version: p.Manifest.Pack.Version, OneRule: opts.Version, Artefacts: chosen, Settings: opts.Settings[target.Name],
		}
		var files []File
		var diags diag.List
		if failed := parallel.Try(func() { files, diags = target.Pack(in) }); failed != nil {
			files, diags = nil, diag.List{diag.Internal(diag.Span{}, "making the pack of "+target.Name, failed.Value, failed.Stack)}
		}
		p.Diags = append(p.Diags, diags...)
		p.place(target.Name, files)
		for _, a := range chosen {
			p.deploy(a, target.Name, files, diags)
		}
	}
}

// choose returns the artefacts that are deployed, one for each rule, in the order of rules: the first rule type that carries
// the rule exactly, or else the first that carries it.
func (p *Pack) choose(target *platform.Platform, outs []built) []*platform.Artefact {
	best := map[*ir.Rule]*platform.Artefact{}
	rank := func(a *platform.Artefact) int {
		n := slices.IndexFunc(target.Types, func(t platform.RuleType) bool { return t.Name == a.Type && t.Lang == a.Lang })
		if a.Fidelity.Kind == backends.Widen || a.Fidelity.Kind == backends.Narrow {
			n += len(target.Types)
		}
		return n
	}
	for _, x := range outs {
		if x.art == nil || x.out.Backend.Platform != target.Name {
			continue
		}
		if old := best[x.art.Rule]; old == nil || rank(x.art) < rank(old) {
			best[x.art.Rule] = x.art
		}
	}
	var chosen []*platform.Artefact
	for _, r := range p.rules {
		if a := best[r]; a != nil {
			chosen = append(chosen, a)
		}
	}
	return chosen
}

// place adds the files of a platform.
func (p *Pack) place(target string, files []File) {
	for _, f := range files {
		clean := path.Clean("/" + f.Path)[1:]
		if clean != f.Path || clean == "" || strings.Contains(clean, `\`) {
			p.Diags = append(p.Diags, diag.Internal(diag.Span{}, "making the pack of "+target, fmt.Sprintf("%q is no path in a folder", f.Path), nil))
			continue
		}
		f.Path = path.Join(target, f.Path)
		p.Files = append(p.Files, f)
		if row := p.Manifest.platform(target); f.Rule == "" {
			row.Bundles = append(row.Bundles, f.Path)
		}
	}
}

// deploy tells the output of an artefact which file it became. One that became none is refused, for the reasons given.
func (p *Pack) deploy(a *platform.Artefact, target string, files []File, diags diag.List) {
	i := slices.IndexFunc(p.Manifest.Rules, func(r Rule) bool { return r.Name == a.Rule.Name })
	outputs := p.Manifest.Rules[i].Outputs
	n := slices.IndexFunc(outputs, func(o Output) bool { return o.Lang == a.Lang })
	f := slices.IndexFunc(files, func(f File) bool { return f.Rule == a.Rule.Name })
	if f >= 0 {
		o := &outputs[n]
		o.Query = o.Path
		o.Path, o.SHA256 = path.Join(target, files[f].Path), hash(files[f].Data)
		return
	}
	refusal := Refusal{Rule: a.Rule.Name, Lang: a.Lang, Platform: target, Reasons: []Reason{}}
	for _, d := range diags {
		if d.Severity == diag.Error && (d.Span == (diag.Span{}) || inside(d.Span, a.Rule.Span)) {
			refusal.Reasons = append(refusal.Reasons, reason(d))
		}
	}
	if len(refusal.Reasons) == 0 {
		d := diag.Internal(a.Rule.Span, fmt.Sprintf("making the pack of %s with `%s`", target, a.Rule.Name), "the rule is missing, and no reason is given", nil)
		p.Diags = append(p.Diags, d)
		refusal.Reasons = append(refusal.Reasons, reason(d))
	}
	p.Manifest.Refused = append(p.Manifest.Refused, refusal)
	query := outputs[n].Path
	p.Manifest.Rules[i].Outputs = slices.Delete(outputs, n, n+1)
	p.Files = slices.DeleteFunc(p.Files, func(f File) bool { return f.Path == query })
}

func inside(s, of diag.Span) bool {
	return s.File == of.File && s.Start.Offset >= of.Start.Offset && s.Start.Offset <= of.End.Offset
}
