// Package judge asks Microsoft's own Kusto parser and binder about queries. It is for tests: the parser is the npm package
// @kusto/language-service-next, installed by `npm ci` in this folder; without it the tests are skipped.
package judge

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Schema gives the columns of tables: table -> column -> Kusto type.
type Schema map[string]map[string]string

// Query is a text to judge. ID names it in the verdict.
type Query struct {
	ID    string `json:"id"`
	Query string `json:"query"`
}

// Diagnostic is a fault that the parser or binder finds.
type Diagnostic struct {
	Severity, Code, Message string
	Start, Length           int
}

// Column is a column of the result as the binder sees it.
type Column struct{ Name, Type string }

// Verdict is the answer for one query. Columns is nil when the query gives no table.
type Verdict struct {
	ID          string
	Diagnostics []Diagnostic
	Columns     []Column
}

// Errors gives the messages of severity Error.
func (v Verdict) Errors() []string {
	var out []string
	for _, d := range v.Diagnostics {
		if d.Severity == "Error" {
			out = append(out, d.Message)
		}
	}
	return out
}

// dir is the folder of this package in the source tree.
func dir() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(file)
}

// Check judges queries against a schema, and skips the test when the parser is not installed.
func Check(tb testing.TB, schema Schema, queries []Query) map[string]Verdict {
	tb.Helper()
	if _, err := os.Stat(filepath.Join(dir(), "node_modules", "@kusto")); err != nil {
		tb.Skip("Microsoft's Kusto parser is not installed: run `npm ci` in backends/kusto/judge")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		tb.Skip("node is not installed; Microsoft's Kusto parser needs it")
	}
	s, err := sessionFor(node, schema)
	if err != nil {
		tb.Fatal(err)
	}
	out := map[string]Verdict{}
	for _, q := range queries {
		v, err := s.ask(q)
		if err != nil {
			tb.Fatalf("the judge failed on %s: %v", q.ID, err)
		}
		out[v.ID] = v
	}
	if len(out) != len(queries) {
		tb.Fatalf("%d queries have %d names", len(queries), len(out))
	}
	return out
}
