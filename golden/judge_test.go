package golden

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
)

// The vendors' own parsers judge what we print. Their verdicts are kept as hashes of the texts that they accepted, so that a
// text no judge has seen fails the test also where the judge is not installed; `npm ci` in a judge folder installs it, and
// GOLDIE_UPDATE=1 writes the ledger.

// judgedQuery is a printed query with the rule and the column types that its tables have by the bindings.
type judgedQuery struct {
	id, text string
	types    map[string]map[string]string
	// declared are the columns that the rule declares: they are taken for granted, though the vendor's tables lack them.
	declared []string
}

func printed(t *testing.T, lang string) []judgedQuery {
	t.Helper()
	b, ok := all.Lookup(lang)
	if !ok {
		t.Fatalf("no language %s", lang)
	}
	var out []judgedQuery
	for _, dir := range []string{filepath.Join("..", "rules"), filepath.Join("..", "verify", "testdata")} {
		ws := workspace.Load([]string{dir}, "")
		for _, r := range ws.Rules {
			c, _ := all.Compile(r, b, all.Options{Consent: backends.Consent{Widen: true, Narrow: true}})
			if c.OK() {
				out = append(out, judgedQuery{id: r.Name, text: c.Query.Text, types: tableTypes(b, c.Bound), declared: declaredColumns(r)})
			}
		}
	}
	if len(out) == 0 {
		t.Fatalf("no rule is printed as %s", lang)
	}
	return out
}

func declaredColumns(r *ir.Rule) []string {
	var out []string
	for _, f := range r.Fields {
		column, _, _ := strings.Cut(f.Name, ".")
		out = append(out, column)
	}
	return out
}

func tableTypes(b *backends.Backend, bound *ir.Bound) map[string]map[string]string {
	types := map[string]map[string]string{}
	for _, p := range bound.Parts {
		if types[p.Class.Table] == nil {
			types[p.Class.Table] = map[string]string{}
		}
		for column, typ := range b.Types(p) {
			types[p.Class.Table][column] = typ
		}
	}
	return types
}

// TestKustoJudge holds every printed Kusto query against Microsoft's parser and binder: syntax, names and types.
func TestKustoJudge(t *testing.T) {
	folder := filepath.Join("..", "backends", "kusto", "judge")
	checkLedger(t, "kusto", printed(t, "kusto"), installed(folder), func(qs []judgedQuery) map[string]string {
		tables := map[string]map[string]string{}
		for _, q := range qs {
			for name, columns := range q.types {
				if tables[name] == nil {
					tables[name] = map[string]string{}
				}
				for c, typ := range columns {
					tables[name][c] = typ
				}
			}
		}
		vendorTables(t, tables)
		for _, q := range qs {
			for name, columns := range q.types {
				for _, c := range q.declared {
					tables[name][c] = columns[c]
				}
			}
		}
		schema := filepath.Join(t.TempDir(), "schema.json")
		data, err := json.Marshal(tables)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(schema, data, 0o600); err != nil {
			t.Fatal(err)
		}
		verdicts := map[string]string{}
		ask(t, folder, []string{"judge.js", schema}, qs, func(line []byte) {
			var answer struct {
				ID          string `json:"id"`
				Diagnostics []struct{ Severity, Code, Message string }
			}
			if err := json.Unmarshal(line, &answer); err != nil {
				t.Fatal(err)
			}
			verdicts[answer.ID] = ""
			for _, d := range answer.Diagnostics {
				if d.Severity == "Error" {
					verdicts[answer.ID] += d.Code + " " + d.Message + "; "
				}
			}
		})
		return verdicts
	})
}

// vendorTables replaces what our bindings say about a table by what Microsoft says, where the schemas lie beside the
// module: a column that the vendor does not have is then an error of the judge.
func vendorTables(t *testing.T, tables map[string]map[string]string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "shared", "schemas", "sentinel-tables.json"))
	if err != nil {
		t.Log("the vendor's table schemas are not beside the module: the bindings' own types are judged")
		return
	}
	var vendor map[string]map[string]string
	if err := json.Unmarshal(data, &vendor); err != nil {
		t.Fatal(err)
	}
	for name := range tables {
		if columns, ok := vendor[name]; ok {
			tables[name] = columns
		}
	}
}

func installed(folder string) bool {
	if _, err := exec.LookPath("node"); err != nil {
		return false
	}
	_, err := os.Stat(filepath.Join(folder, "node_modules"))
	return err == nil
}

// ask sends queries to a judge, one JSON object a line, and hands over its answers.
func ask(t *testing.T, folder string, args []string, qs []judgedQuery, answer func([]byte)) {
	t.Helper()
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, q := range qs {
		if err := enc.Encode(map[string]string{"id": q.id, "query": q.text}); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("node", args...)
	cmd.Dir = folder
	cmd.Stdin = &in
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("judge: %v\n%s", err, stderr.String())
	}
	sc := bufio.NewScanner(bytes.NewReader(out))
	sc.Buffer(nil, 16<<20)
	for sc.Scan() {
		answer(sc.Bytes())
	}
}

// checkLedger asks the judge when it is there, and compares the hashes of the texts with the ledger.
func checkLedger(t *testing.T, lang string, qs []judgedQuery, there bool, judge func([]judgedQuery) map[string]string) {
	t.Helper()
	name := filepath.Join("judged", lang+".txt")
	old, err := os.ReadFile(name)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	hashes := make([]string, len(qs))
	for i, q := range qs {
		sum := sha256.Sum256([]byte(q.text))
		hashes[i] = hex.EncodeToString(sum[:])
	}
	if there {
		verdicts := judge(qs)
		for _, q := range qs {
			if v, ok := verdicts[q.id]; !ok || v != "" {
				t.Errorf("%s: %s\n%s", q.id, v, q.text)
			}
		}
		if os.Getenv("GOLDIE_UPDATE") != "" && !t.Failed() {
			sorted := slices.Compact(slices.Sorted(slices.Values(hashes)))
			if err := os.WriteFile(name, []byte(strings.Join(sorted, "\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
	} else {
		t.Logf("the judge of %s is not installed: only the ledger of texts it has accepted is checked", lang)
	}
	known := map[string]bool{}
	for line := range strings.Lines(string(old)) {
		known[strings.TrimSpace(line)] = true
	}
	for i, q := range qs {
		if !known[hashes[i]] {
			t.Errorf("%s: no judge has seen this text; run `npm ci` in the judge's folder and GOLDIE_UPDATE=1 go test ./golden\n%s", q.id, q.text)
		}
	}
	if len(known) > 0 && t.Failed() {
		t.Logf("%d texts are in %s", len(known), name)
	}
}
