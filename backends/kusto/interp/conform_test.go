package interp

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/internal/corpora"
)

// readCorpus reads an NDJSON file of the corpora; the test is skipped when it is absent.
func readCorpus[T any](tb testing.TB, name string) []T {
	tb.Helper()
	f, err := os.Open(corpora.Path(tb, "conformance", "kusto", name))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var out []T
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 16<<20)
	for sc.Scan() {
		var v T
		if err := json.Unmarshal(sc.Bytes(), &v); err != nil {
			tb.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// answer compiles and runs a query.
func answer(query string, in native.Input) (native.Output, error) {
	p, diags := Language.Compile("query", query)
	if diags.HasErrors() {
		return native.Output{}, diags.Err()
	}
	out, diags := p.Run(in)
	return out, diags.Err()
}

// judgeCase fails when a case that is not in the ledger fails, or one that is passes.
func judgeCase(t *testing.T, ledger map[string]string, id, fault string) {
	t.Helper()
	reason, known := ledger[id]
	switch {
	case fault != "" && !known:
		t.Errorf("%s: %s", id, fault)
	case fault == "" && known:
		t.Errorf("%s passes, but the ledger says: %s", id, reason)
	}
}

var (
	orderingOp = regexp.MustCompile(`\b(sort|order)\s+by|\btop\b|\bserialize\b`)
	mixingOp   = regexp.MustCompile(`\b(partition|summarize|join|union|distinct|lookup)\b`)
)

// isOrdered reports whether the rows of a query come in an order: it sorts, and nothing after that loses the order.
func isOrdered(query string) bool {
	all := orderingOp.FindAllStringIndex(query, -1)
	return len(all) > 0 && !mixingOp.MatchString(query[all[len(all)-1][1]:]) && !strings.Contains(query, "partition")
}

type docCase struct {
	Page, Query string
	Columns     []string
	Rows        [][]string
}

// TestDocumentation runs the examples of Microsoft's documentation and compares the printed answers.
func TestDocumentation(t *testing.T) {
	ledger := corpora.Ledger(t, filepath.Join("testdata", "conformance.ledger"))
	seen := map[string]int{}
	for _, c := range readCorpus[docCase](t, "docs.ndjson") {
		page := strings.TrimSuffix(c.Page, ".md")
		seen[page]++
		id := fmt.Sprintf("docs/%s#%d", page, seen[page])
		out, err := answer(c.Query, native.Input{})
		fault := ""
		if err != nil {
			fault = err.Error()
		} else {
			fault = compareOutput(out, c.Columns, c.Rows, isOrdered(c.Query))
		}
		judgeCase(t, ledger, id, fault)
	}
}

type scalarCase struct {
	File, Name, Query string
	LastLine          string `json:"last_line"`
}

// TestScalars runs single-value expectations of an independent engine.
func TestScalars(t *testing.T) {
	ledger := corpora.Ledger(t, filepath.Join("testdata", "conformance.ledger"))
	for _, c := range readCorpus[scalarCase](t, "scalars.ndjson") {
		id := "scalars/" + c.Name
		out, err := answer(c.Query, native.Input{})
		fault := ""
		switch {
		case err != nil:
			fault = err.Error()
		case len(out.Results) == 0:
			if c.LastLine != "" {
				fault = "no rows"
			}
		default:
			cells := out.Results[len(out.Results)-1].Cells
			want := strings.Split(c.LastLine, ",")
			if len(cells) == 1 {
				want = []string{c.LastLine}
			}
			for i, v := range cells {
				if i >= len(want) || !sameCell(want[i], v, out.Columns[i].Type) {
					fault = fmt.Sprintf("want %q, got %v", c.LastLine, cells)
				}
			}
		}
		judgeCase(t, ledger, id, fault)
	}
}

type tableCase struct {
	Name, Query string
	Columns     []struct{ Name, Type string }
	RowsText    []string `json:"rows_text"`
}

// TestTables runs table expectations of an independent engine.
func TestTables(t *testing.T) {
	ledger := corpora.Ledger(t, filepath.Join("testdata", "conformance.ledger"))
	for _, c := range readCorpus[tableCase](t, "tables.ndjson") {
		id := "tables/" + c.Name
		out, err := answer(c.Query, native.Input{})
		fault := ""
		if err != nil {
			fault = err.Error()
		} else {
			fault = compareTable(out, c)
		}
		judgeCase(t, ledger, id, fault)
	}
}

func compareTable(out native.Output, c tableCase) string {
	if len(out.Columns) != len(c.Columns) {
		return fmt.Sprintf("columns: want %v, got %v", c.Columns, out.Columns)
	}
	for i, w := range c.Columns {
		if g := out.Columns[i]; g.Name != w.Name || g.Type != w.Type {
			return fmt.Sprintf("columns: want %v, got %v", c.Columns, out.Columns)
		}
	}
	var rows [][]string
	var names []string
	for _, w := range c.Columns {
		names = append(names, w.Name)
	}
	for _, r := range c.RowsText {
		cells := strings.Split(r, "; ")
		if len(cells) != len(names) {
			cells = strings.Split(r, ";")
		}
		rows = append(rows, cells)
	}
	return compareOutput(out, names, rows, isOrdered(c.Query))
}
