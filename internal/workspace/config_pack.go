package workspace

import (
	"fmt"
	"regexp"
	"slices"

	"gopkg.in/yaml.v3"
)

// PackConfig is the part of the project file about builds.
type PackConfig struct {
	// Name and Version are the pack's; "" where the project file does not say.
	Name, Version string
	// Settings are those of platforms, by platform and name.
	Settings map[string]map[string]string
}

var (
	packName    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)
	packVersion = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})$`)
)

// readPack reads the name and version of the pack, and a mapping of settings for each platform.
func (ws *Workspace) readPack(doc *yamlDoc, n *yaml.Node) {
	ws.Config.Pack.Settings = map[string]map[string]string{}
	for _, e := range doc.mapping(n, "`pack`", "`name`, `version`, and platforms with settings") {
		switch {
		case e.key == "name":
			ws.Config.Pack.Name = packWord(doc, e, packName, "a name is an ASCII letter, then letters, digits and _, 80 at most")
		case e.key == "version":
			ws.Config.Pack.Version = packWord(doc, e, packVersion, "a version has three numbers: 1.4.0")
		case slices.Contains(platformNames(), e.key):
			settings := map[string]string{}
			for _, s := range doc.mapping(e.value, "`"+e.key+"`", "names of settings with values") {
				values, ok := doc.values(s.value)
				if !ok || len(values) != 1 {
					doc.fault(s.value, fmt.Sprintf("the value of `%s` is no single value", s.key), "write `"+s.key+": main`, say")
					continue
				}
				settings[s.key] = values[0]
			}
			ws.Config.Pack.Settings[e.key] = settings
		default:
			doc.unknown(e.at, "key", e.key, append([]string{"name", "version"}, platformNames()...))
		}
	}
}

func packWord(doc *yamlDoc, e yamlEntry, form *regexp.Regexp, help string) string {
	values, ok := doc.values(e.value)
	if !ok || len(values) != 1 || !form.MatchString(values[0]) {
		doc.fault(e.value, fmt.Sprintf("that is no %s of a pack", e.key), help)
		return ""
	}
	return values[0]
}
