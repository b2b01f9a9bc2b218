// Package judge serves tests: it hands out the kuery queries of public detection rules, and asks an older release of
// Kibana's own parser and translator what it makes of a query. Both lie outside of the module's sources; tests skip where
// they are absent. `npm ci` in this folder installs the parser.
package judge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root returns the folder of the module.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod in any folder above")
		}
		dir = up
	}
}

var (
	kueryRule  = regexp.MustCompile(`(?m)^(?:threat_)?language = "kuery"$`)
	tomlString = regexp.MustCompile(`(?ms)^(?:threat_)?query = (?:'''\n?(.*?)'''|"""\n?(.*?)"""|"((?:[^"\\]|\\.)*)"|'([^'\n]*)')`)
)

// Rules returns the kuery queries of the public Elastic rules beside the module, by file name; it skips the test if they
// are not there.
func Rules(t testing.TB) map[string]string {
	t.Helper()
	dir := filepath.Join(root(t), "..", "shared", "corpora", "elastic")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the public Elastic rules are not beside the module")
	}
	queries := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".toml") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil || !kueryRule.Match(data) {
			return err
		}
		rule := string(data)[max(0, strings.Index(string(data), "\n[rule]\n")):]
		for i, m := range tomlString.FindAllStringSubmatch(rule, -1) {
			text := m[1] + m[4]
			if basic := m[2] + m[3]; basic != "" {
				text = unescape(basic)
			}
			name := filepath.Base(path)
			if i > 0 {
				name += fmt.Sprintf("#%d", i+1)
			}
			queries[name] = text
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return queries
}

// unescape resolves the escapes of a TOML basic string, as far as rules use them.
func unescape(s string) string {
	s = regexp.MustCompile(`\\[ \t]*\n\s*`).ReplaceAllString(s, "")
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n", `\t`, "\t", `\r`, "\r").Replace(s)
}

// Verdict is what Kibana says of a query: the Query DSL, or the first line of its error.
type Verdict struct {
	ID    int    `json:"id"`
	OK    bool   `json:"ok"`
	DSL   any    `json:"dsl"`
	Error string `json:"error"`
}

// Ask returns a verdict for each query, in order; it skips the test if node or the parser is not installed.
func Ask(t testing.TB, queries []string) []Verdict {
	t.Helper()
	dir := filepath.Join(root(t), "backends", "elastic", "kibana", "judge")
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		t.Skip("Kibana's parser is not installed: npm ci in backends/elastic/kibana/judge")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	var in, out, problems bytes.Buffer
	enc := json.NewEncoder(&in)
	for i, q := range queries {
		if err := enc.Encode(map[string]any{"id": i, "query": q}); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(node, filepath.Join(dir, "judge.js"))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &problems
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, problems.String())
	}
	verdicts := make([]Verdict, 0, len(queries))
	for dec := json.NewDecoder(&out); dec.More(); {
		var v Verdict
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		verdicts = append(verdicts, v)
	}
	if len(verdicts) != len(queries) {
		t.Fatalf("%d verdicts on %d queries", len(verdicts), len(queries))
	}
	return verdicts
}
