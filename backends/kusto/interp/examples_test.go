package interp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/kusto/judge"
	"github.com/onerule/onerule/backends/native"
)

// example is a query on its own data with the columns and rows that its page of the documentation leads to.
type example struct {
	page, query, columns, rows string
	lax                        bool
}

// readExamples reads testdata/examples.txt: "=== page" (with " lax" when Microsoft's offline binder does not know the query),
// the query, "---", the columns, and the rows as JSON.
func readExamples(tb testing.TB) []example {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "examples.txt"))
	if err != nil {
		tb.Fatal(err)
	}
	var out []example
	for _, block := range strings.Split("\n"+string(b), "\n=== ")[1:] {
		head, rest, _ := strings.Cut(block, "\n")
		query, answer, ok := strings.Cut(rest, "\n---\n")
		if !ok {
			tb.Fatalf("the example %q has no answer", head)
		}
		columns, rows, _ := strings.Cut(strings.TrimSpace(answer), "\n")
		page, lax := strings.CutSuffix(head, " lax")
		out = append(out, example{page, query, columns, rows, lax})
	}
	return out
}

func columnLine(cols []native.Column) string {
	var parts []string
	for _, c := range cols {
		parts = append(parts, c.Name+":"+c.Type)
	}
	return strings.Join(parts, " ")
}

// TestExamples runs queries on the documented behaviour of operators, functions and plugins: their values, the names that
// columns get by themselves, types, and order.
func TestExamples(t *testing.T) {
	examples := readExamples(t)
	if len(examples) < 90 {
		t.Fatalf("only %d examples", len(examples))
	}
	var queries []judge.Query
	for _, x := range examples {
		queries = append(queries, judge.Query{ID: x.query, Query: x.query})
		t.Run(x.page, func(t *testing.T) {
			out, err := answer(x.query, native.Input{})
			if err != nil {
				t.Fatal(err)
			}
			if got := columnLine(out.Columns); got != x.columns {
				t.Errorf("%s\n got columns %s\nwant columns %s", x.query, got, x.columns)
			}
			if got := shown(out); got != x.rows {
				t.Errorf("%s\n got %s\nwant %s", x.query, got, x.rows)
			}
		})
	}
	t.Run("judge", func(t *testing.T) {
		verdicts := judge.Check(t, nil, queries)
		for _, x := range examples {
			if errs := verdicts[x.query].Errors(); errs != nil && !x.lax {
				t.Errorf("%s: Microsoft's parser says %v", x.query, errs)
			}
		}
	})
}
