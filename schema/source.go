package schema

import (
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"gopkg.in/yaml.v3"
)

// Source is where events come from, in the words of rules (`on windows`).
type Source struct {
	Name  string
	Title string
	// Classes lists the event classes that the source has, sorted.
	Classes []string
	// Covers lists, for a general class, those classes of the source whose events are also events of the general one: an
	// account creation in CloudTrail is an API call too. An event names its most special class.
	Covers map[string][]string
	// Lacks says, by platform, why nothing supplies the source's events to it.
	Lacks map[string]string
}

// Class is a kind of event, in the words of rules (`from process.start`).
type Class struct {
	Name string
	Doc  string
	// Fields lists the fields that events of the class usually carry, most telling first; witnesses and `onerule fields` start from them.
	Fields []string
}

//go:embed sources.yaml
var sourcesYAML []byte

type sourcesFile struct {
	Classes map[string]struct {
		Doc    string   `yaml:"doc"`
		Fields []string `yaml:"fields"`
	} `yaml:"classes"`
	Sources map[string]struct {
		Title   string              `yaml:"title"`
		Classes []string            `yaml:"classes"`
		Covers  map[string][]string `yaml:"covers"`
		Lacks   map[string]string   `yaml:"lacks"`
	} `yaml:"sources"`
}

type sourceIndex struct {
	sources []Source
	classes []Class
}

var loadSources = sync.OnceValue(func() sourceIndex {
	var f sourcesFile
	if err := yaml.Unmarshal(sourcesYAML, &f); err != nil {
		panic(fmt.Sprintf("schema/sources.yaml: %v", err)) // embedded data, checked by tests
	}
	var ix sourceIndex
	for name, c := range f.Classes {
		ix.classes = append(ix.classes, Class{Name: name, Doc: c.Doc, Fields: c.Fields})
	}
	for name, s := range f.Sources {
		slices.Sort(s.Classes)
		ix.sources = append(ix.sources, Source{Name: name, Title: s.Title, Classes: s.Classes, Covers: s.Covers, Lacks: s.Lacks})
	}
	slices.SortFunc(ix.classes, func(a, b Class) int { return compareString(a.Name, b.Name) })
	slices.SortFunc(ix.sources, func(a, b Source) int { return compareString(a.Name, b.Name) })
	return ix
})

func compareString(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Sources returns all sources, sorted by name.
func Sources() []Source { return loadSources().sources }

// Classes returns all event classes, sorted by name.
func Classes() []Class { return loadSources().classes }

// LookupSource returns the source of that name.
func LookupSource(name string) (Source, bool) {
	for _, s := range Sources() {
		if s.Name == name {
			return s, true
		}
	}
	return Source{}, false
}

// LookupClass returns the event class of that name.
func LookupClass(name string) (Class, bool) {
	for _, c := range Classes() {
		if c.Name == name {
			return c, true
		}
	}
	return Class{}, false
}

// Covers reports whether every event of the class special of a source is also an event of the class general: they are the
// same class, or the source says so.
func Covers(source, general, special string) bool {
	if general == special {
		return true
	}
	s, ok := LookupSource(source)
	return ok && slices.Contains(s.Covers[general], special)
}

// systems are the sources that are operating systems of hosts.
var systems = []string{"linux", "macos", "windows"}

// OnSeveralSystems reports whether hosts of several operating systems have events of the class.
func OnSeveralSystems(class string) bool {
	n := 0
	for _, s := range Sources() {
		if slices.Contains(systems, s.Name) && slices.Contains(s.Classes, class) {
			n++
		}
	}
	return n > 1
}
