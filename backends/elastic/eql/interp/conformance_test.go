package interp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/corpora"
)

// suiteCase is one line of suite.ndjson.
type suiteCase struct {
	Suite, File, Name, Query string
	Indices                  []string
	IDField                  string `json:"id_field"`
	CategoryField            string `json:"category_field"`
	TimestampField           string `json:"timestamp_field"`
	TiebreakerField          string `json:"tiebreaker_field"`
	Expected                 [][]json.Number
	JoinKeys                 []any `json:"join_keys"`
	Size                     int
	MaxSamplesPerKey         int `json:"max_samples_per_key"`
}

// readLines decodes an ndjson file.
func readLines[T any](t testing.TB, path string) []T {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []T
	scanner := bufio.NewScanner(bytes.NewReader(data))
	scanner.Buffer(nil, 1<<24)
	for scanner.Scan() {
		var v T
		d := json.NewDecoder(bytes.NewReader(scanner.Bytes()))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatal(path, err)
		}
		list = append(list, v)
	}
	return list
}

func readJSON(t testing.TB, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(path, err)
	}
}

// TestConformance runs the half of Elasticsearch's own suite that lies beside the module. The ledger holds the cases that
// cannot pass, with the reason.
func TestConformance(t *testing.T) {
	dir := corpora.Path(t, "conformance", "eql")
	types := map[string]map[string]string{}
	readJSON(t, filepath.Join(dir, "mapping.json"), &types)
	ledger := map[string]string{}
	readJSON(t, "testdata/conformance_ledger.json", &ledger)
	// mapping.json has types only; the suite's index gives this field a null_value.
	types["extra"]["optional_field_default_null"] = `{"type": "keyword", "null_value": "NULL"}`
	tables := map[string]native.Table{}
	passed, total := 0, 0
	for _, c := range readLines[suiteCase](t, filepath.Join(dir, "suite.ndjson")) {
		name := c.Suite + "/" + c.Name
		t.Run(name, func(t *testing.T) {
			total++
			in := native.Input{
				Timestamp: c.TimestampField, Category: c.CategoryField, Tiebreaker: c.TiebreakerField,
				Size: c.Size, MaxSamplesPerKey: c.MaxSamplesPerKey,
			}
			if c.Size == 0 {
				in.Size = -1 // the suite asks for no results; 0 means the default to us
			}
			for _, index := range c.Indices {
				if _, ok := tables[index]; !ok {
					tables[index] = native.Table{
						Name: index, Types: types[index],
						Rows: readLines[native.Row](t, filepath.Join(dir, "data", index+".ndjson")),
					}
				}
				in.Tables = append(in.Tables, tables[index])
			}
			fault := runCase(c, in)
			checkLedger(t, ledger, name, fault)
			if fault == "" {
				passed++
			}
		})
	}
	t.Logf("%d of %d pass", passed, total)
}

func checkLedger(t *testing.T, ledger map[string]string, name, fault string) {
	t.Helper()
	reason, known := ledger[name]
	switch {
	case known && fault == "":
		t.Errorf("passes now; remove it from the ledger (%s)", reason)
	case !known && fault != "":
		t.Error(fault)
	}
}

// runCase returns what is wrong with the answer, "" for nothing.
func runCase(c suiteCase, in native.Input) string {
	p, diags := Language.Compile(c.Name, c.Query)
	if diags.HasErrors() {
		return diags[0].Brief()
	}
	out, diags := p.Run(in)
	if diags.HasErrors() {
		return diags[0].Brief()
	}
	id := func(ref *native.Ref) string {
		if ref == nil {
			return "-1"
		}
		return fmt.Sprint(in.Tables[ref.Table].Rows[ref.Row][c.IDField])
	}
	var got []string
	for _, m := range out.Matches {
		got = append(got, id(&m))
	}
	var keys []string
	for _, g := range out.Groups {
		for _, e := range g.Events {
			got = append(got, id(e))
		}
		for _, k := range g.JoinKeys {
			keys = append(keys, keyName(k))
		}
	}
	if !oneOf(c.Expected, got) {
		return fmt.Sprintf("got %v, want %v", got, c.Expected)
	}
	want := []string{}
	for _, k := range c.JoinKeys {
		want = append(want, keyName(k))
	}
	if c.JoinKeys != nil && strings.Join(keys, "|") != strings.Join(want, "|") {
		return fmt.Sprintf("join keys %v, want %v", keys, want)
	}
	return ""
}

func keyName(k any) string {
	if k == nil {
		return "null"
	}
	return fmt.Sprint(k)
}

func oneOf(lists [][]json.Number, got []string) bool {
	for _, list := range lists {
		want := make([]string, len(list))
		for i, n := range list {
			want[i] = n.String()
		}
		if strings.Join(want, ",") == strings.Join(got, ",") {
			return true
		}
	}
	return false
}

// functionCase is one line of string_functions.ndjson: an expression of constants and its value.
type functionCase struct {
	Function, Expression string
	Expected             any
	VerifierFailure      bool `json:"verifier_failure"`
}

// TestFunctionConformance folds the constant expressions that Elasticsearch took from Endgame's tests.
func TestFunctionConformance(t *testing.T) {
	dir := corpora.Path(t, "conformance", "eql")
	ledger := map[string]string{}
	readJSON(t, "testdata/functions_ledger.json", &ledger)
	for _, c := range readLines[functionCase](t, filepath.Join(dir, "string_functions.ndjson")) {
		t.Run(c.Expression, func(t *testing.T) {
			got, diags := fold(t, c.Expression, nil)
			fault := ""
			switch {
			case c.VerifierFailure && !diags.HasErrors():
				fault = fmt.Sprintf("gives %v, want an error", got)
			case !c.VerifierFailure && diags.HasErrors():
				fault = diags[0].Brief()
			case !c.VerifierFailure && fmt.Sprint(got) != fmt.Sprint(c.Expected):
				fault = fmt.Sprintf("gives %v, want %v", got, c.Expected)
			}
			checkLedger(t, ledger, c.Expression, fault)
		})
	}
}

// fold evaluates an expression of constants.
func fold(t testing.TB, expression string, doubts map[string]bool) (value, diag.List) {
	t.Helper()
	x, diags := syntax.ParseExpr("test", expression)
	if diags.HasErrors() {
		t.Fatal(diags[0].Brief())
	}
	r := newRun(&program{query: &syntax.Query{}}, native.Input{Doubts: doubts})
	r.index, _ = newIndex(native.Input{})
	n := (&atom{r: r}).value(x)
	if !n.isConst && len(r.diags) == 0 {
		t.Fatalf("%s is no constant", expression)
	}
	return n.val, r.diags
}
