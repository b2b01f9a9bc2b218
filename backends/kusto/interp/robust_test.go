package interp

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/kusto/syntax"
	"github.com/onerule/onerule/backends/native"
)

// oddValues are arguments of every type, with the values that tend to break functions.
var oddValues = map[string][]string{
	"string": {
		"''", "'a'", "'5'", "'-1'", "'10.1.2.3'", "'::ffff:10.1.2.3/129'", "'1.2.3.4/8'", "'é😀'", "'%zz+'", "'{\"a\":[1,{}]}'", "'https://a:b@h:99999/p?q=1#f'",
		"'2024-05-01T10:00:00Z'", "'yyyy-MM-dd [HH:mm]'", "'(a)(b)?'", "'('", "'Day'", "'right'", "'aGVsbG8='", "'H4sI'", "'<a b=\"1\"><c/></a>'", "'$.a[0]'", "'a,b;\"c'", "Kind", "User",
	},
	"long":     {"0", "1", "-1", "7", "65", "-9223372036854775807 - 1", "9223372036854775807", "N", "long(null)", "int(null)", "int(-2147483648)", "M", "100000"},
	"real":     {"0.0", "-1.5", "real(nan)", "real(+inf)", "real(-inf)", "1e300", "R", "real(null)", "decimal(1.5)", "decimal(null)"},
	"bool":     {"true", "false", "Ok", "bool(null)"},
	"datetime": {"datetime(0001-01-01)", "datetime(9999-12-31 23:59:59.9999999)", "TimeGenerated", "datetime(null)", "datetime(2024-02-29)"},
	"timespan": {"0s", "-1d", "1h", "T", "timespan(null)", "10675199d"},
	"guid":     {"G", "guid(01234567-89ab-cdef-0123-456789abcdef)"},
	"dynamic": {
		"dynamic(null)", "dynamic([])", "dynamic({})", "dynamic([1,2,3])", "dynamic([1.5,null,'a',[1],{'b':1}])", "dynamic(['a','B','a'])", "dynamic({'a':1,'b':[1,2]})", "dynamic(5)",
		"dynamic('x')", "Arr", "Nums", "D", "D.l", "parse_json('[1,2,')", "dynamic([5.0,-1.5,2.0,9.0,1.0,0.5])", "dynamic([true,false,true])", "dynamic([null,null])", "range(1,20,1)",
	},
}

func oddValue(r *rand.Rand, types ...string) string {
	if len(types) == 0 || r.IntN(12) == 0 {
		types = []string{"string", "long", "real", "bool", "datetime", "timespan", "guid", "dynamic"}
	}
	list := oddValues[types[r.IntN(len(types))]]
	return list[r.IntN(len(list))]
}

// typesFor gives the types that a parameter takes.
func typesFor(k kind) []string {
	var out []string
	for name := range oddValues {
		if t, ok := syntax.TypeByName(name); ok && k.takes(t) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func oddCall(r *rand.Rand, name string, f *function) string {
	n := f.least
	if extra := len(f.params) - f.least; extra > 0 {
		n += r.IntN(extra + 1)
	}
	if f.repeat {
		n += r.IntN(4)
	}
	args := make([]string, n)
	for i := range args {
		args[i] = oddValue(r, typesFor(f.paramAt(i).kind)...)
		for f.paramAt(i).constant && r.IntN(20) > 0 && args[i][0] >= 'A' && args[i][0] <= 'Z' {
			args[i] = oddValue(r, typesFor(f.paramAt(i).kind)...)
		}
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

// tryQuery runs a query; a fault is fine, a panic or a long run is not.
func tryQuery(t *testing.T, query string, in native.Input) (ok bool) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s\npanics: %v", query, p)
		}
	}()
	start := time.Now()
	_, err := answer(query, in)
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("%s\ntakes %v", query, took)
	}
	return err == nil
}

// TestOddArguments calls every function with values of all types, nulls and limits: nothing panics, and every function gives
// an answer for some of them.
func TestOddArguments(t *testing.T) {
	in := evInput(t)
	r := rand.New(rand.NewPCG(1, 2))
	var scalars, aggs []string
	for n := range functions {
		scalars = append(scalars, n)
	}
	for n := range aggregates {
		aggs = append(aggs, n)
	}
	slices.Sort(scalars)
	slices.Sort(aggs)
	for _, name := range scalars {
		works := 0
		for i := 0; i < 50 || works == 0 && i < 1000; i++ {
			query := "Ev | serialize | extend x = " + oddCall(r, name, functions[name])
			if tryQuery(t, query, in) {
				works++
			}
		}
		if works == 0 && !specialArguments[name] {
			t.Errorf("%s never gives an answer", name)
		}
	}
	for _, name := range aggs {
		works := 0
		for i := 0; i < 30 || works == 0 && i < 1000; i++ {
			call := oddCall(r, name, &aggregates[name].function)
			for _, query := range []string{"Ev | summarize x = " + call + " by Key", "Ev | where false | summarize " + call, fmt.Sprintf("Ev | make-series x = %s on N from -5 to 9 step 2", call)} {
				if tryQuery(t, query, in) {
					works++
				}
			}
		}
		if works == 0 && !specialArguments[name] {
			t.Errorf("%s never gives an answer", name)
		}
	}
}

// specialArguments are functions whose arguments are not just values, and those that depend on an option.
var specialArguments = map[string]bool{"column_names_of": true, "bin_auto": true}
