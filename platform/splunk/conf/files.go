package conf

import (
	"fmt"
	"slices"
	"strings"
)

// The headers of the two files of an app.
const (
	searchesHeader = "# Saved searches, one for each rule. Changes belong into local/savedsearches.conf.\n"
	macrosHeader   = "# Search macros: where a source's events are, and the parameters of rules. Changes belong into local/macros.conf.\n"
)

// EncodeFiles returns savedsearches.conf and macros.conf of an app with these searches; nil where there is nothing for it. A macro
// that several searches call stands there once; two of one name that differ are an error, and so are two searches of one name.
func EncodeFiles(searches []*SavedSearch) (searchesConf, macrosConf []byte, err error) {
	var macros []Macro
	seen := map[string]bool{}
	for _, s := range searches {
		if key := strings.ToLower(s.Name); seen[key] {
			return nil, nil, fmt.Errorf("there are two saved searches [%s]", s.Name)
		} else {
			seen[key] = true
		}
		text, err := s.Stanza()
		if err != nil {
			return nil, nil, err
		}
		searchesConf = slices.Concat(searchesConf, []byte("\n"), text)
		for _, m := range s.Macros {
			switch i := slices.IndexFunc(macros, func(o Macro) bool { return o.Name == m.Name }); {
			case i < 0:
				macros = append(macros, m)
			case macros[i] != m:
				return nil, nil, fmt.Errorf("the macro %s has two definitions, `%s` and `%s`", m.Name, macros[i].Definition, m.Definition)
			}
		}
	}
	slices.SortFunc(macros, func(a, b Macro) int { return strings.Compare(a.Name, b.Name) })
	if searchesConf != nil {
		searchesConf = slices.Concat([]byte(searchesHeader), searchesConf)
	}
	if len(macros) > 0 {
		if macrosConf, err = macroStanzas(macros); err != nil {
			return nil, nil, err
		}
		macrosConf = slices.Concat([]byte(macrosHeader+"\n"), macrosConf)
	}
	return searchesConf, macrosConf, nil
}

// DecodeFiles reads what EncodeFiles wrote. Each search has the macros that its text calls, in the order of their names.
func DecodeFiles(searchesConf, macrosConf []byte) ([]*SavedSearch, error) {
	stanzas, err := read(string(searchesConf))
	if err != nil {
		return nil, fmt.Errorf("savedsearches.conf: %w", err)
	}
	macros, err := decodeMacros(string(macrosConf))
	if err != nil {
		return nil, fmt.Errorf("macros.conf: %w", err)
	}
	var out []*SavedSearch
	for _, st := range stanzas {
		s, err := decodeStanza(st)
		if err != nil {
			return nil, fmt.Errorf("savedsearches.conf: %w", err)
		}
		for _, m := range macros {
			if strings.Contains(s.Search, "`"+m.Name+"`") {
				s.Macros = append(s.Macros, m)
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// Section is a stanza of any .conf file.
type Section struct {
	Name     string
	Settings [][2]string
}

// Write returns a .conf file. Settings without a value are left out.
func Write(comment string, sections []Section) ([]byte, error) {
	var b strings.Builder
	b.WriteString(comment)
	for _, s := range sections {
		b.WriteByte('\n')
		out := stanza{name: s.Name, values: map[string]string{}}
		for _, kv := range s.Settings {
			if kv[1] != "" {
				out.set(kv[0], kv[1])
			}
		}
		if err := out.write(&b); err != nil {
			return nil, err
		}
	}
	return []byte(b.String()), nil
}
