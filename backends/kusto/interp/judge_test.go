package interp

import (
	"fmt"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/kusto/judge"
	"github.com/onerule/onerule/backends/native"
)

// TestColumnsAgreeWithMicrosoft runs the examples of the documentation and compares the names and types of the columns with
// those that Microsoft's binder gives.
func TestColumnsAgreeWithMicrosoft(t *testing.T) {
	var queries []judge.Query
	outs := map[string]native.Output{}
	for i, c := range readCorpus[docCase](t, "docs.ndjson") {
		id := fmt.Sprintf("%s#%d", c.Page, i)
		out, err := answer(c.Query, native.Input{})
		if err != nil {
			continue
		}
		outs[id] = out
		queries = append(queries, judge.Query{ID: id, Query: c.Query})
	}
	for i, c := range readCorpus[tableCase](t, "tables.ndjson") {
		id := fmt.Sprintf("%s#%d", c.Name, i)
		if out, err := answer(c.Query, native.Input{}); err == nil {
			outs[id] = out
			queries = append(queries, judge.Query{ID: id, Query: c.Query})
		}
	}
	for id, v := range judge.Check(t, nil, queries) {
		// The columns of some plugins depend on the rows, and the binder adds match_id to every scan, which the page does not.
		if v.Errors() != nil || len(v.Columns) == 0 {
			continue
		}
		var want, got []string
		for _, c := range v.Columns {
			want = append(want, c.Name+":"+c.Type)
		}
		for _, c := range outs[id].Columns {
			got = append(got, c.Name+":"+c.Type)
		}
		if n := len(want); strings.HasPrefix(id, "scan-operator") && n > 0 && want[n-1] == "match_id:long" {
			want = want[:n-1]
		}
		if strings.Join(want, ", ") != strings.Join(got, ", ") {
			t.Errorf("%s:\n want %v\n  got %v", id, want, got)
		}
	}
}
