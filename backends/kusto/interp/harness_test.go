package interp

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/kusto/judge"
	"github.com/onerule/onerule/backends/native"
)

// evTypes is the schema of the table Ev that the tests query.
var evTypes = map[string]string{
	"TimeGenerated": "datetime", "Key": "string", "Kind": "string", "Ip": "string", "User": "string", "N": "long", "M": "int", "R": "real",
	"Ok": "bool", "Arr": "dynamic", "Nums": "dynamic", "D": "dynamic", "G": "guid", "T": "timespan",
}

// evRows are rows of Ev as JSON; absent fields are missing.
const evRows = `[
	{"TimeGenerated":"2024-05-01T10:00:00Z","Key":"a","Kind":"fail","Ip":"10.1.2.3","User":"Eve","N":5,"M":5,"R":1.5,"Ok":true,"Arr":["net","USER"],"Nums":[1,5],"D":{"x":"Ab","n":7,"l":[1,2]},"T":"00:05:00"},
	{"TimeGenerated":"2024-05-01T10:00:30Z","Key":"a","Kind":"ok","Ip":"::ffff:10.1.2.4","User":"eve","N":-3,"Ok":false,"Arr":[],"D":{}},
	{"TimeGenerated":"2024-05-01T10:01:00Z","Key":"b","Kind":"fail","Ip":"-","User":"","Arr":["x"]},
	{"TimeGenerated":"2024-05-01T10:02:00Z","Key":"B"}
]`

func evTable(tb testing.TB) native.Table {
	tb.Helper()
	return native.Table{Name: "Ev", Types: evTypes, Rows: rowsOf(tb, evRows)}
}

func rowsOf(tb testing.TB, text string) []native.Row {
	tb.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var rows []native.Row
	if err := d.Decode(&rows); err != nil {
		tb.Fatal(err)
	}
	return rows
}

func evInput(tb testing.TB) native.Input {
	return native.Input{Tables: []native.Table{evTable(tb)}, Now: time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)}
}

// shown writes the rows of an answer: JSON arrays, one a line.
func shown(out native.Output) string {
	var lines []string
	for _, r := range out.Results {
		b, _ := json.Marshal(r.Cells)
		lines = append(lines, string(b))
	}
	return strings.Join(lines, "\n")
}

// lines joins expected rows.
func lines(rows ...string) string { return strings.Join(rows, "\n") }

// testCase is a query and the rows it gives; Fault is a part of the diagnostic when it gives none.
type testCase struct {
	Name, Query, Want string
	Fault             string
	// Lax marks queries that Microsoft's offline parser judges otherwise than the service or its documentation.
	Lax bool
	// Doubts are switches that differ from their defaults.
	Doubts map[string]bool
}

// runCases runs the cases, and asks Microsoft's parser about the same queries: what runs here must bind there, and what does
// not bind here must not bind there.
func runCases(t *testing.T, cases []testCase) {
	t.Helper()
	var queries []judge.Query
	for _, c := range cases {
		name := c.Name
		if name == "" {
			name = c.Query
		}
		queries = append(queries, judge.Query{ID: name, Query: c.Query})
		t.Run(name, func(t *testing.T) {
			in := evInput(t)
			in.Doubts = c.Doubts
			out, err := answer(c.Query, in)
			if c.Fault != "" {
				if err == nil {
					t.Fatalf("no fault, but %s", shown(out))
				}
				if !strings.Contains(err.Error(), c.Fault) {
					t.Fatalf("the fault is %q, not %q", err, c.Fault)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := shown(out); got != c.Want {
				t.Errorf("%s\n got %s\nwant %s", c.Query, got, c.Want)
			}
		})
	}
	t.Run("judge", func(t *testing.T) {
		verdicts := judge.Check(t, judge.Schema{"Ev": evTypes}, queries)
		for i, c := range cases {
			if c.Lax {
				continue
			}
			errs := verdicts[queries[i].ID].Errors()
			if (errs != nil) != (c.Fault != "") {
				t.Errorf("%s: Microsoft's parser says %v", c.Query, errs)
			}
		}
	})
}

// values makes cases of print queries: expression and its value as JSON.
func values(pairs ...string) []testCase {
	var out []testCase
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, testCase{Query: "print " + pairs[i], Want: "[" + pairs[i+1] + "]"})
	}
	return out
}
