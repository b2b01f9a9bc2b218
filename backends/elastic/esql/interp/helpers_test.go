package interp

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// events makes a table of JSON objects, one a line.
func events(t testing.TB, name string, types map[string]string, lines ...string) native.Table {
	t.Helper()
	tab := native.Table{Name: name, Types: types}
	for _, l := range lines {
		tab.Rows = append(tab.Rows, decodeRow(t, []byte(l)))
	}
	return tab
}

// exec compiles and runs a query.
func exec(query string, in native.Input) (native.Output, diag.List) {
	p, ds := Language.Compile("q", query)
	if ds.HasErrors() {
		return native.Output{}, ds
	}
	return p.Run(in)
}

// table writes the rows of a result, cells joined by "|", rows by "; ".
func table(out native.Output) string {
	var rows []string
	for _, r := range out.Results {
		var cells []string
		for _, c := range r.Cells {
			cells = append(cells, cellText(c))
		}
		rows = append(rows, strings.Join(cells, "|"))
	}
	return strings.Join(rows, "; ")
}

func cellText(c any) string {
	switch c := c.(type) {
	case nil:
		return "null"
	case time.Time:
		return c.Format("2006-01-02T15:04:05.999999999Z")
	case json.Number:
		return c.String()
	case []any:
		var out []string
		for _, x := range c {
			out = append(out, cellText(x))
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	return fmt.Sprint(c)
}

// value is the one cell of `ROW x = expr`.
func value(t testing.TB, expr string) string {
	t.Helper()
	out, ds := exec("ROW x = "+expr, native.Input{Now: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)})
	if ds.HasErrors() {
		return "error: " + ds[0].Title
	}
	return table(out)
}

// matched runs `FROM e | WHERE cond` and gives the numbers of the events that stay.
func matched(t testing.TB, cond string, in native.Input) []int {
	t.Helper()
	out, ds := exec("FROM * METADATA _id | WHERE "+cond+" | LIMIT 10000", in)
	if ds.HasErrors() {
		t.Fatalf("%s: %v", cond, ds)
	}
	var ids []int
	for _, r := range out.Results {
		ids = append(ids, r.Source.Row)
	}
	return ids
}
