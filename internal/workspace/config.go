package workspace

import (
	"errors"
	"fmt"
	"io"
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
	Targets []string `yaml:"targets"`
	// Bindings names the bindings to use by source.
	Bindings map[string][]string `yaml:"bindings"`
	// Allow lists the inexact levels that outputs may have: widen, narrow.
	Allow []string `yaml:"allow"`
	// Params gives parameters their values, by rule and name.
	Params map[string]map[string]yaml.Node `yaml:"params"`

	params map[string]map[string]string
}

// findConfig looks for the project file in a folder and those above it, up to the first that holds a .git.
func findConfig(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	rel := dir
	for range 40 {
		if info, err := os.Stat(filepath.Join(rel, ConfigName)); err == nil && info.Mode().IsRegular() {
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

func (ws *Workspace) loadConfig(paths []string, paramFile string) {
	defer func() { ws.configBroken = ws.Diags.HasErrors() }()
	if name := ws.configOf(paths); name != "" {
		ws.readYAML(name, &ws.Config)
		ws.checkConfig(name)
	}
	given := map[string]map[string]yaml.Node{}
	if paramFile != "" {
		ws.readYAML(paramFile, &given)
	}
	ws.Config.params = map[string]map[string]string{}
	for _, m := range []map[string]map[string]yaml.Node{ws.Config.Params, given} {
		for rule, ps := range m {
			if ws.Config.params[rule] == nil {
				ws.Config.params[rule] = map[string]string{}
			}
			for k, n := range ps {
				ws.Config.params[rule][k] = nodeText(n)
			}
		}
	}
}

func nodeText(n yaml.Node) string {
	if n.Kind == yaml.SequenceNode {
		parts := make([]string, len(n.Content))
		for i, c := range n.Content {
			parts[i] = c.Value
		}
		return strings.Join(parts, ",")
	}
	return n.Value
}

// maxConfig bounds project and parameter files.
const maxConfig = 1 << 20

func (ws *Workspace) readYAML(name string, into any) {
	f, err := os.Open(name)
	if err != nil {
		ws.fault(diag.Unreadable, name, Reason(err))
		return
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err == nil && len(data) > maxConfig {
		err = errors.New("the file is larger than 1 MiB")
	}
	if err == nil {
		dec := yaml.NewDecoder(strings.NewReader(string(data)))
		dec.KnownFields(true)
		err = dec.Decode(into)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		ws.fault(diag.BadConfig, name, fmt.Sprintf("the file cannot be understood: %v", err), "see the README, Project file")
	}
}

func (ws *Workspace) checkConfig(name string) {
	var platforms []string
	for _, p := range schema.Platforms {
		platforms = append(platforms, p.Name)
	}
	for _, t := range ws.Config.Targets {
		if !slices.Contains(platforms, t) {
			ws.fault(diag.BadConfig, name, fmt.Sprintf("there is no target `%s`", t), "the targets are "+strings.Join(platforms, ", "))
		}
	}
	known := schema.BindingNames()
	for source, names := range ws.Config.Bindings {
		if _, ok := schema.LookupSource(source); !ok {
			ws.fault(diag.BadConfig, name, fmt.Sprintf("there is no source `%s`", source), "`onerule fields` lists the sources")
		}
		for _, n := range names {
			if !slices.Contains(known, n) {
				ws.fault(diag.BadConfig, name, fmt.Sprintf("there is no binding `%s`", n), "`onerule fields --source "+source+"` lists the bindings")
			}
		}
	}
	for _, a := range ws.Config.Allow {
		if a != "widen" && a != "narrow" {
			ws.fault(diag.BadConfig, name, fmt.Sprintf("`allow: %s` says nothing", a), "the levels are widen and narrow")
		}
	}
}

// ConfigBroken reports whether the project file or the parameter file could not be read or understood.
func (ws *Workspace) ConfigBroken() bool { return ws.configBroken }
