package interp

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/kusto/judge"
	"github.com/onerule/onerule/backends/native"
)

// onlyWeReject are faults that Microsoft's offline binder leaves to the service: the order of rows, keys that are dynamic
// (documented on the pages of the operators), values of constants, and what this interpreter does not have.
var onlyWeReject = []string{
	"in a fixed order", "dynamic", "is not between 0 and 100", "must be constants", "must be a constant", "aggregates of one value", "is not valid", "`reduce` is not supported", "is not a value",
	"must be a whole number", "no column or variable is named",
}

// onlyTheyReject are faults about the form of dynamic literals, which are no types here, and count(x) of a value that is no
// bool, which the documentation counts.
var onlyTheyReject = []string{"must be a dynamic array", "must be a dynamic bag", "of type bool expected", "of type string expected", "of type int expected", "of type real expected", "must be a number", "operand types string and dynamic", "Column name expected", "is already declared"}

func oneOf(list []string, text string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(text, s) })
}

func sortedColumns[T any](list []T, show func(T) string) string {
	var out []string
	for _, c := range list {
		out = append(out, show(c))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// TestBinderAgrees compares what this interpreter and Microsoft's binder accept, and the columns that they see, on generated
// pipelines.
func TestBinderAgrees(t *testing.T) {
	const prefix = "let f = (T:(Key:string)) { T | extend Key2 = Key }; "
	in := evInput(t)
	s := newShapes(1234)
	var queries []judge.Query
	for i := range 2500 {
		queries = append(queries, judge.Query{ID: fmt.Sprint(i), Query: prefix + s.table() + " | " + s.fill(pick(s.r, operatorShapes...))})
	}
	verdicts := judge.Check(t, judge.Schema{"Ev": evTypes}, queries)
	both := 0
	for _, q := range queries {
		text := strings.TrimPrefix(q.Query, prefix)
		v := verdicts[q.ID]
		out, err := answer(q.Query, in)
		theirs := strings.Join(v.Errors(), "; ")
		switch {
		case err != nil && theirs == "":
			if !oneOf(onlyWeReject, err.Error()) {
				t.Errorf("%s\n only we say %v", text, err)
			}
		case err == nil && theirs != "":
			if !oneOf(onlyTheyReject, theirs) {
				t.Errorf("%s\n only Microsoft says %s", text, theirs)
			}
		case err == nil:
			both++
			// The columns of plugins depend on the rows; the binder adds match_id to every scan, which the page does not, and
			// gives union kind=inner all columns, where the page keeps those that all tables have.
			if strings.Contains(text, "evaluate") || strings.Contains(text, "union kind=inner") || strings.Contains(text, "scan ") || strings.Contains(text, "top-nested") {
				continue
			}
			ours := sortedColumns(out.Columns, func(c native.Column) string { return c.Name + ":" + c.Type })
			want := sortedColumns(v.Columns, func(c judge.Column) string { return c.Name + ":" + c.Type })
			if ours != want {
				t.Errorf("%s\n our columns %s\n Microsoft's %s", text, ours, want)
			}
		}
	}
	if both < 800 {
		t.Errorf("only %d queries ran", both)
	}
}
