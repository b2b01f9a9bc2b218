package interp

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/native"
)

// anyArguments are values of every type, one and several, as constants and as columns.
var anyArguments = []string{
	"NULL", "TRUE", "[TRUE, FALSE]", "0", "1", "-3", "2147483647", "[1, 2]", "9223372036854775807", "[3000000000, 1]", "18446744073709551615", "TO_UL([1, 2])",
	"1.5", "-0.0", "1e308", "[0.5, 2.5]", `""`, `"a"`, `"ab"`, `"day"`, `"year"`, `"yyyy-MM-dd"`, `"asc"`, `"md5"`, `"2024-01-01"`, `"1.1.1.1"`, `"10.0.0.0/8"`,
	`["a", "b"]`, `["day", "hour"]`, `["10.0.0.0/8", "x"]`, `"{\"a\": [1]}"`, `"$.a[0]"`, `"("`, `"\\"`, `"%"`, `"é😀"`,
	"NOW()", `[NOW(), TO_DATETIME(0)]`, `TO_DATE_NANOS("2024-01-01")`, `TO_IP("1.1.1.1")`, `TO_IP(["1.1.1.1", "::1"])`, `TO_VERSION("1.2")`, `TO_VERSION(["1", "2"])`,
	"1 day", "2 hours", "3 months", "-1 week", "a", "b", "c", "d", "e", "f", "g", "h", "i", "n", "t", "@timestamp",
}

// anyTable has a column of each type, with one, several and no values.
func anyTable(t testing.TB) native.Input {
	types := map[string]string{
		"@timestamp": "date", "a": "keyword", "b": "long", "c": "double", "d": "boolean", "e": "ip", "f": "version", "g": "unsigned_long",
		"h": "date_nanos", "i": "integer", "n": "date", "t": "text",
	}
	return native.Input{Tables: []native.Table{events(t, "any", types,
		`{"@timestamp": "2024-01-01", "a": "day", "b": 1, "c": 0.5, "d": true, "e": "1.1.1.1", "f": "1.2", "g": 7, "h": "2024-01-01", "i": 3, "n": "1999-12-31", "t": "some text"}`,
		`{"@timestamp": "2024-01-02", "a": ["x", "", "é"], "b": [1, -9223372036854775808], "c": [1e308, -1], "d": [true, false], "e": ["::1", "1.1.1.1"], "f": ["1", "x"],
			"g": [18446744073709551615, 0], "h": ["2024-01-01", "2262-01-01"], "i": [0, 2147483647], "n": ["1900-01-01", "2024-01-01"], "t": ["a b", "c"]}`,
		`{}`)}}
}

// TestCallsNeverPanic calls every function with arguments of all kinds: the answer is rows or faults.
func TestCallsNeverPanic(t *testing.T) {
	in := anyTable(t)
	type callable struct {
		name     string
		min, max int
		agg      bool
	}
	var all []callable
	for _, n := range slices.Sorted(maps.Keys(names.scalar)) {
		if n != "kql" {
			all = append(all, callable{n, names.scalar[n].min, names.scalar[n].max, false})
		}
	}
	for _, n := range slices.Sorted(maps.Keys(names.agg)) {
		all = append(all, callable{n, names.agg[n].min, names.agg[n].max, true})
	}
	rapid.Check(t, func(rt *rapid.T) {
		f := rapid.SampledFrom(all).Draw(rt, "function")
		most := f.max
		if most < 0 {
			most = f.min + 3
		}
		args := rapid.SliceOfN(rapid.SampledFrom(anyArguments), f.min, most).Draw(rt, "arguments")
		text := fmt.Sprintf("%s(%s)", f.name, strings.Join(args, ", "))
		for _, q := range []string{"FROM any | EVAL x = " + text, "FROM any | STATS x = " + text + " BY b", "FROM any | STATS c = COUNT(*) BY x = " + text, "FROM any | WHERE " + text} {
			if f.agg && !strings.Contains(q, "STATS x") {
				continue
			}
			run := func() {
				defer func() {
					if e := recover(); e != nil {
						rt.Fatalf("%s: %v", q, e)
					}
				}()
				if out, ds := exec(q, in); ds.HasErrors() && (out.Results != nil || out.Columns != nil) {
					rt.Fatalf("%s: results and errors", q)
				}
			}
			run()
		}
	})
}

// TestOperatorsNeverPanic does the same for operators and casts.
func TestOperatorsNeverPanic(t *testing.T) {
	in := anyTable(t)
	forms := []string{
		"%s + %s", "%s - %s", "%s * %s", "%s / %s", "%s %% %s", "%s == %s", "%s != %s", "%s < %s", "%s >= %s", "%s IN (%s, 1)", "%s NOT IN (%s)",
		"%s LIKE %s", "%s RLIKE %s", "%s AND %s", "%s OR NOT %s", "%s IS NULL AND %s IS NOT NULL", "%[1]s::int", "%[1]s::keyword", "%[1]s::date", "%[1]s::ip", "%[1]s::version",
		"%[1]s::unsigned_long", "%[1]s::double", "%[1]s::boolean", "%[1]s::date_nanos", "%[1]s::date_period", "%[1]s::time_duration", "%[1]s::long", "-(%[1]s)", "NOT %[1]s",
		"%[1]s LIKE (\"a*\", \"?\")", "%[1]s RLIKE (\"a.*\", \"b\")", "a : %s", "b : %s",
	}
	rapid.Check(t, func(rt *rapid.T) {
		form := rapid.SampledFrom(forms).Draw(rt, "form")
		x, y := rapid.SampledFrom(anyArguments).Draw(rt, "x"), rapid.SampledFrom(anyArguments).Draw(rt, "y")
		var text string
		if strings.Count(form, "%s") == 1 && !strings.Contains(form, "[1]") {
			text = fmt.Sprintf(form, x)
		} else if strings.Contains(form, "[1]") {
			text = fmt.Sprintf(form, x)
		} else {
			text = fmt.Sprintf(form, x, y)
		}
		for _, q := range []string{"FROM any | EVAL x = " + text, "FROM any | WHERE " + text, "FROM any | SORT " + text, "FROM any | STATS x = COUNT(*) WHERE " + text} {
			func() {
				defer func() {
					if e := recover(); e != nil {
						rt.Fatalf("%s: %v", q, e)
					}
				}()
				exec(q, in)
			}()
		}
	})
}
