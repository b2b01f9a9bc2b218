// Package corpora finds what others wrote and what tests are run on: rules, events and descriptions of formats, in the folder
// `shared` beside the module. They are no part of the project: tests are skipped where they are not there.
package corpora

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// Path is a file or folder below shared/corpora.
func Path(t testing.TB, parts ...string) string {
	t.Helper()
	return Shared(t, append([]string{"corpora"}, parts...)...)
}

// Shared is a file or folder beside the module.
func Shared(t testing.TB, parts ...string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no folder above the test has a go.mod")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(append([]string{filepath.Dir(dir), "shared"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("shared/%s is not beside the module", strings.Join(parts, "/"))
	}
	return path
}

// each reads the files of an extension below a folder; their names are relative to it.
func each(t testing.TB, dir, extension string, read func(name string, text []byte) error) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != extension {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return read(filepath.ToSlash(name), text)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Searches are the searches of Splunk's public rules, by file.
func Searches(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	each(t, Path(t, "splunk", "detections"), ".yml", func(name string, text []byte) error {
		var doc struct{ Search string }
		err := yaml.Unmarshal(text, &doc)
		if doc.Search != "" {
			out[name] = doc.Search
		}
		return err
	})
	return out
}

// Macros are the definitions of the macros in [Searches], by names as `name(a,b)`.
func Macros(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	each(t, Path(t, "splunk", "macros"), ".yml", func(_ string, text []byte) error {
		var doc struct {
			Name, Definition string
			Arguments        []string
		}
		err := yaml.Unmarshal(text, &doc)
		if len(doc.Arguments) > 0 {
			doc.Name += "(" + strings.Join(doc.Arguments, ",") + ")"
		}
		out[doc.Name] = doc.Definition
		return err
	})
	return out
}

// Queries are the queries of Elastic's public rules in a language, by file.
func Queries(t testing.TB, language string) map[string]string {
	t.Helper()
	out := map[string]string{}
	each(t, Path(t, "elastic"), ".toml", func(name string, text []byte) error {
		if query, ok := tomlQuery(string(text)); ok && strings.Contains(string(text), "\nlanguage = \""+language+"\"\n") {
			out[name] = query
		}
		return nil
	})
	return out
}

// tomlQuery is the value of the key `query`, a text in ”' (literal) or """ in several lines.
func tomlQuery(text string) (string, bool) {
	for _, quote := range []string{"'''", `"""`} {
		_, rest, ok := strings.Cut(text, "\nquery = "+quote)
		if !ok {
			continue
		}
		body, _, ok := strings.Cut(rest, quote)
		if quote == "'''" || !ok {
			return body, ok
		}
		return unescapeTOML(body), true
	}
	return "", false
}

// unescapeTOML reads the escapes of a basic string of TOML, which are those of JSON.
func unescapeTOML(s string) string {
	quoted := strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`, `\"`, `\"`, `\\`, `\\`, `"`, `\"`).Replace(s)
	var out string
	if json.Unmarshal([]byte(`"`+quoted+`"`), &out) != nil {
		return s
	}
	return out
}

// Ledger are the known exceptions of a test with their reasons: lines of `case<TAB>reason`, and comments behind #.
func Ledger(t testing.TB, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, ok := strings.Cut(line, "\t")
		if !ok || strings.TrimSpace(reason) == "" {
			t.Fatalf("%s: no reason in %q", file, line)
		}
		if _, twice := out[name]; twice {
			t.Fatalf("%s: %s stands twice", file, name)
		}
		out[name] = reason
	}
	return out
}
