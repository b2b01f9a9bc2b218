package interp

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// table decodes events, one JSON object a line; without @timestamp they get one, a second apart.
func table(t testing.TB, types map[string]string, lines ...string) native.Table {
	t.Helper()
	out := native.Table{Name: "test", Types: types}
	for i, line := range lines {
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber()
		var row native.Row
		if err := d.Decode(&row); err != nil {
			t.Fatal(line, err)
		}
		if _, ok := row["@timestamp"]; !ok {
			row["@timestamp"] = json.Number(fmt.Sprint(1_700_000_000_000 + i*1000))
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// input is an input of one table that asks for all results.
func input(tab native.Table) native.Input {
	return native.Input{Tables: []native.Table{tab}, Size: 1000}
}

func run1(query string, in native.Input) (native.Output, diag.List) {
	p, diags := Language.Compile("test", query)
	if diags.HasErrors() {
		return native.Output{}, diags
	}
	return p.Run(in)
}

// matches runs an event query and returns the matching rows as "0 2", or the first fault.
func matches(query string, in native.Input) string {
	out, diags := run1(query, in)
	if diags.HasErrors() {
		return "fault: " + diags[0].Title
	}
	var got []string
	for _, m := range out.Matches {
		got = append(got, fmt.Sprint(m.Row))
	}
	return strings.Join(got, " ")
}

// groups runs a sequence or sample and returns "0,1 2,-,3" with "-" for a missing event.
func groups(query string, in native.Input) string {
	out, diags := run1(query, in)
	if diags.HasErrors() {
		return "fault: " + diags[0].Title
	}
	var got []string
	for _, g := range out.Groups {
		var ids []string
		for _, e := range g.Events {
			if e == nil {
				ids = append(ids, "-")
				continue
			}
			ids = append(ids, fmt.Sprint(e.Row))
		}
		got = append(got, strings.Join(ids, ","))
	}
	return strings.Join(got, " ")
}

// check is one row of a table test: a condition or whole query, and the rows that match.
type check struct{ query, want string }

// checkAll runs conditions as `any where …`, and texts that begin with a category as they are.
func checkAll(t *testing.T, in native.Input, checks []check) {
	t.Helper()
	for _, c := range checks {
		query := c.query
		if !strings.Contains(query, " where ") {
			query = "any where " + query
		}
		if got := matches(query, in); got != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.query, got, c.want)
		}
	}
}

// with switches doubts for an input.
func with(in native.Input, on bool, doubts ...native.Doubt) native.Input {
	in.Doubts = map[string]bool{}
	for _, d := range doubts {
		in.Doubts[d.Name] = on
	}
	return in
}
