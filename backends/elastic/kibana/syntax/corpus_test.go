package syntax

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// corpusDir is where the public rules lie beside the module; they are no part of it.
const corpusDir = "../../../../../shared/corpora/elastic"

var (
	kueryRule  = regexp.MustCompile(`(?m)^(?:threat_)?language = "kuery"$`)
	tomlString = regexp.MustCompile(`(?ms)^(?:threat_)?query = (?:'''\n?(.*?)'''|"""\n?(.*?)"""|"((?:[^"\\]|\\.)*)"|'([^'\n]*)')`)
)

// corpusQueries returns the kuery queries of the public rules, by file name.
func corpusQueries(t testing.TB) map[string]string {
	t.Helper()
	if _, err := os.Stat(corpusDir); err != nil {
		t.Skip("the public Elastic rules are not beside the module: " + corpusDir)
	}
	queries := map[string]string{}
	err := filepath.WalkDir(corpusDir, func(path string, d fs.DirEntry, err error) error {
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
				text = unescapeTOML(basic)
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

func unescapeTOML(s string) string {
	s = regexp.MustCompile(`\\[ \t]*\n\s*`).ReplaceAllString(s, "")
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n", `\t`, "\t", `\r`, "\r").Replace(s)
}

// corpusLedger holds the queries of the corpus that are known not to parse, with the reason.
var corpusLedger = map[string]string{}

func TestCorpus(t *testing.T) {
	queries := corpusQueries(t)
	if len(queries) < 400 {
		t.Fatalf("only %d queries found", len(queries))
	}
	for name, text := range queries {
		t.Run(name, func(t *testing.T) {
			n, diags := Parse(name, text)
			reason, known := corpusLedger[name]
			switch failed := diags.HasErrors(); {
			case failed && !known:
				t.Fatalf("%v", diags[0])
			case !failed && known:
				t.Fatalf("in the ledger (%s), and parses", reason)
			case failed:
				return
			}
			checkPrint(t, n)
		})
	}
	t.Logf("%d queries", len(queries))
}

// checkPrint demands that the printed tree is read back as the same tree, and that print is a fixpoint.
func checkPrint(t testing.TB, n Node) {
	t.Helper()
	text, err := Print(n)
	if err != nil {
		t.Fatal(err)
	}
	again, diags := Parse("printed", text)
	if diags.HasErrors() {
		t.Fatalf("%s\nis not read back: %v", text, diags[0])
	}
	if got, want := dump(again), dump(n); got != want {
		t.Fatalf("%s\nis read back as %s, want %s", text, got, want)
	}
	if second, err := Print(again); err != nil || second != text {
		t.Fatalf("printed again:\n%s\nfirst:\n%s (%v)", second, text, err)
	}
}

func BenchmarkParseCorpus(b *testing.B) {
	queries := corpusQueries(b)
	size := 0
	for _, q := range queries {
		size += len(q)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		for _, q := range queries {
			Parse("q", q)
		}
	}
}
