package pack

import (
	"fmt"
	"path"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/parallel"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	platforms "github.com/onerule/onerule/platform/all"
)

// built is a rule in one language.
type built struct {
	out *all.Output
	// art is the platform's own rule; nil when refused, and for an event rule of a platform that makes no pack.
	art      *platform.Artefact
	document []byte
	// packed says that the platform makes the files of its rules by itself.
	packed bool
	diags  diag.List
}

// build compiles a rule for a language: to the platform's own rule, which alone carries the meaning of a rule over several
// events; an event rule of a platform that makes no pack to a query.
func build(r *ir.Rule, b *backends.Backend, opts all.Options) (x built) {
	p, ok := platforms.Lookup(b.Platform)
	if r.Body == nil && (!ok || p.Pack == nil) {
		x.out, x.diags = all.Try(r, b, opts)
		return x
	}
	failed := parallel.Try(func() { x = artefact(r, b, p, opts) })
	if failed != nil {
		x = built{out: refused(r, b)}
		x.diags = diag.List{diag.Internal(r.Span, fmt.Sprintf("making the %s rule of `%s`", b.Platform, r.Name), failed.Value, failed.Stack)}
	}
	return x
}

func refused(r *ir.Rule, b *backends.Backend) *all.Output {
	return &all.Output{Rule: r, Backend: b, Fidelity: backends.Fidelity{Kind: backends.Refuse}}
}

func artefact(r *ir.Rule, b *backends.Backend, p *platform.Platform, opts all.Options) built {
	x := built{out: refused(r, b)}
	if p == nil {
		x.diags = diag.List{diag.New(diag.CannotSay, r.Span, fmt.Sprintf("%s carries no rules over several events", b.Platform), "leave this target out")}
		return x
	}
	if x.art, x.diags = platforms.Build(r, p, b.Lang, opts); x.art == nil {
		return x
	}
	data, err := x.art.Document.Encode()
	if err != nil {
		x.art, x.diags = nil, append(x.diags, diag.New(diag.CannotSay, r.Span, fmt.Sprintf("the rule does not fit into the form of %s: %v", b.Platform, err), "change what is named"))
		return x
	}
	x.document, x.packed = data, p.Pack != nil
	x.out = &all.Output{Rule: r, Backend: b, Bound: x.art.Bound, Fidelity: x.art.Fidelity, Query: x.art.Query}
	return x
}

// The folders of a pack besides those of the platforms.
const (
	queryFolder    = "queries"
	documentFolder = "rules"
)

// queryPath is where the query of a rule goes. The language is named where several share an extension.
func queryPath(rule string, b *backends.Backend) string {
	ext := b.Extension
	for _, other := range all.Backends {
		if other.Lang != b.Lang && other.Extension == b.Extension {
			ext = b.Lang + "." + b.Extension
		}
	}
	return path.Join(queryFolder, rule, rule+"."+ext)
}

// documentExtensions are the file name extensions of the platforms' rules.
var documentExtensions = map[string]string{"splunk": "conf", "elastic": "ndjson", "sentinel": "json", "datadog": "json"}

// documentPath is where the platform's own rule goes; the language is named where the platform has several.
func documentPath(rule string, b *backends.Backend) string {
	name := rule + "." + documentExtensions[b.Platform]
	if len(all.OnPlatform(b.Platform)) > 1 {
		name = rule + "." + b.Lang + "." + documentExtensions[b.Platform]
	}
	return path.Join(documentFolder, b.Platform, name)
}
