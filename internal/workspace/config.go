package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/schema"
)

// ConfigName is the project file of a rule repository.
const ConfigName = "onerule.yaml"

// Config is the project file: everything in it is optional, and flags win over it.
type Config struct {
	// Targets are the platforms to build for.
	Targets []string
	// Bindings names the bindings to use by source.
	Bindings map[string][]string
	// Allow lists the inexact levels that outputs may have: widen, narrow.
	Allow []string
	// Sigma says how Sigma rules are read.
	Sigma SigmaConfig
	// Pack says what a build is called, and how platforms make their part of it.
	Pack PackConfig

	// params gives parameters their values, by rule and name.
	params map[string]map[string][]string
	given  []givenParam
}

// givenParam is a parameter value with its place.
type givenParam struct {
	rule, name string
	span       diag.Span
}

// configKeys are the keys of the project file.
var configKeys = []string{"allow", "bindings", "pack", "params", "sigma", "targets"}

// findConfig looks for the project file in a folder and those above it, up to the first that holds a .git.
func findConfig(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	rel := dir
	for range 40 {
		if _, err := os.Lstat(filepath.Join(rel, ConfigName)); err == nil {
			return filepath.Join(rel, ConfigName)
		}
		if _, err := os.Stat(filepath.Join(rel, ".git")); err == nil || filepath.Dir(abs) == abs {
			return ""
		}
		abs, rel = filepath.Dir(abs), filepath.Join(rel, "..")
	}
	return ""
}

// configOf returns the project file of the paths, "" when there is none. Paths of several projects are a fault.
func (ws *Workspace) configOf(paths []string) string {
	var found []string
	seen := map[string]bool{}
	for _, p := range paths {
		if name := findConfig(folder(p)); name != "" && !seen[absolute(name)] {
			seen[absolute(name)] = true
			found = append(found, name)
		}
	}
	slices.Sort(found)
	switch len(found) {
	case 0:
		return ""
	case 1:
		return found[0]
	}
	ws.fault(diag.BadConfig, found[1], fmt.Sprintf("the paths belong to two projects, of %s and of %s", found[0], found[1]), "call onerule once for each project")
	return found[0]
}

// loadConfig reads the project file of the paths, then the parameter file, whose values win.
func (ws *Workspace) loadConfig(paths []string, paramFile string) {
	defer func() { ws.configBroken = ws.Diags.HasErrors() }()
	ws.Config.params = map[string]map[string][]string{}
	if name := ws.configOf(paths); name != "" {
		if doc := ws.readYAML(name); doc != nil {
			ws.readConfig(doc)
		}
	}
	if paramFile != "" {
		if doc := ws.readYAML(paramFile); doc != nil {
			ws.readParams(doc)
		}
	}
}

func (ws *Workspace) readConfig(doc *yamlDoc) {
	for _, e := range doc.mapping(doc.root, "the project file", "keys such as `targets`") {
		switch e.key {
		case "targets":
			ws.Config.Targets = doc.words(e.value, "targets", "target", platformNames())
		case "allow":
			ws.Config.Allow = doc.words(e.value, "allow", "level", []string{"narrow", "widen"})
		case "bindings":
			ws.readBindings(doc, e.value)
		case "pack":
			ws.readPack(doc, e.value)
		case "params":
			ws.readParams(&yamlDoc{ws: ws, name: doc.name, src: doc.src, root: e.value})
		case "sigma":
			ws.readSigma(&yamlDoc{ws: ws, name: doc.name, src: doc.src, root: e.value})
		default:
			doc.unknown(e.at, "key", e.key, configKeys)
		}
	}
}

func (ws *Workspace) readBindings(doc *yamlDoc, n *yaml.Node) {
	ws.Config.Bindings = map[string][]string{}
	var sources []string
	for _, s := range schema.Sources() {
		sources = append(sources, s.Name)
	}
	for _, e := range doc.mapping(n, "`bindings`", "sources, each with a list of bindings") {
		if !slices.Contains(sources, e.key) {
			doc.unknown(e.at, "source", e.key, sources)
			continue
		}
		names := doc.words(e.value, e.key, "binding", schema.BindingNames())
		for _, name := range names {
			if b, ok, err := schema.LookupBinding(name); ok && err == nil && b.Source != e.key {
				doc.fault(e.value, fmt.Sprintf("`%s` is a binding of %s, not of %s", name, b.Source, e.key), "put it under `"+b.Source+"`")
			}
		}
		ws.Config.Bindings[e.key] = names
	}
}

// readParams reads rule, name, value.
func (ws *Workspace) readParams(doc *yamlDoc) {
	for _, rule := range doc.mapping(doc.root, "the parameters", "rules, each with names and values") {
		if ws.Config.params[rule.key] == nil {
			ws.Config.params[rule.key] = map[string][]string{}
		}
		for _, p := range doc.mapping(rule.value, "`"+rule.key+"`", "names of parameters with values") {
			values, ok := doc.values(p.value)
			if !ok {
				doc.fault(p.value, fmt.Sprintf("the value of `%s` is neither a single value nor a list of values", p.key), "write `"+p.key+": 20`, or a list of texts")
				continue
			}
			ws.Config.params[rule.key][p.key] = values
			ws.Config.given = append(ws.Config.given, givenParam{rule.key, p.key, doc.span(p.at)})
		}
	}
}

func platformNames() []string {
	var out []string
	for _, p := range schema.Platforms {
		out = append(out, p.Name)
	}
	return out
}

// ConfigBroken reports whether the project file or the parameter file could not be read or understood.
func (ws *Workspace) ConfigBroken() bool { return ws.configBroken }

// checkParams reports values for parameters that their rule does not have. Of rules that are not loaded nothing is known.
func (ws *Workspace) checkParams() {
	declared := ws.paramNames()
	for _, g := range ws.Config.given {
		names, ok := declared[g.rule]
		if !ok || slices.Contains(names, g.name) {
			continue
		}
		d := diag.New(diag.BadConfig, g.span, fmt.Sprintf("rule `%s` has no parameter `%s`", g.rule, g.name), parameterHelp(g.name, names))
		ws.Diags = append(ws.Diags, d)
		ws.configBroken = true
	}
}

func parameterHelp(name string, names []string) string {
	if help := diag.Suggestion("parameter", name, names); help != "" {
		return help
	}
	if len(names) == 0 {
		return "the rule has none: take the value out"
	}
	return "its parameters are " + strings.Join(names, ", ")
}
