package interp

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// TestDiagnostics checks code, place, title and help of faults.
func TestDiagnostics(t *testing.T) {
	for _, c := range []struct {
		query       string
		code        diag.Code
		line, col   int
		title, help string
	}{
		{"Ev | where Knid == 'x'", diag.KustoRun, 1, 12, "no column or variable is named `Knid`", "`Kind`"},
		{"Evv | count", diag.KustoRun, 1, 1, "no table is named `Evv`", "`Ev`"},
		{"Ev\n| where tolowr(Kind) == 'x'", diag.KustoUnknown, 2, 9, "there is no function `tolowr`", "`tolower`"},
		{"Ev | summarise count()", diag.KustoUnknown, 1, 6, "there is no operator `summarise`", "`summarize`"},
		{"Ev | where substring(Kind) == 'x'", diag.KustoRun, 1, 12, "`substring` needs at least 2 arguments", "substring("},
		{"Ev | where strlen(N) > 1", diag.KustoRun, 1, 19, "argument 1 of `strlen` is of type long; it must be a string or dynamic value", "tostring"},
		{"Ev | where ago(5) > now()", diag.KustoRun, 1, 16, "argument 1 of `ago` is of type long; it must be a timespan", "totimespan"},
		{"Ev | where Kind + 'x' == 'y'", diag.KustoRun, 1, 12, "`+` is not defined between string and string", "strcat"},
		{"Ev | where Kind < 'x'", diag.KustoRun, 1, 12, "`<` is not defined between string and string", "strcmp"},
		{"Ev | where Kind.x == 'y'", diag.KustoRun, 1, 12, "which has no members", "parse_json"},
		{"Ev | evaluate python('x')", diag.KustoUnknown, 1, 15, "the plugin `python` is not supported", ""},
		{"Ev | invoke FileProfile('SHA1', 1000)", diag.KustoUnknown, 1, 13, "there is no function `FileProfile`", ""},
		{"workspace('x').T | count", diag.KustoRun, 1, 1, "tables of other clusters", "name the table"},
		{"Ev | union print x = 1", diag.KustoSyntax, 1, 12, "`print` cannot stand here", "parentheses"},
		{"Ev | where M between (true .. 5)", diag.KustoRun, 1, 12, "`between` is not defined", ""},
		{"Ev | where extract('(', 1, Kind) == ''", diag.KustoRun, 1, 20, "regular expression is not valid", "look-around"},
		{"externaldata(a:string)['https://x']", diag.KustoRun, 1, 1, "externaldata reads files", "table"},
		{"Ev | where matches regex 'x'", diag.KustoSyntax, 1, 12, "unexpected `matches`", ""},
		{"Ev | where Kind == 'x", diag.KustoSyntax, 1, 20, "not closed", "quote"},
		{"", diag.KustoSyntax, 1, 1, "the query is empty", "table"},
		{"print int(x)", diag.KustoSyntax, 1, 7, "`x` is not a int", "toint"},
		{"Ev | where Kind like 'x'", diag.KustoSyntax, 1, 17, "`like` is not supported", "contains"},
		{"Ev | where a AND b", diag.KustoSyntax, 1, 14, "`AND` is not an operator", "`and`"},
	} {
		_, err := answer(c.query, evInput(t))
		var d diag.Diagnostic
		if !errors.As(err, &d) {
			t.Errorf("%s: no fault", c.query)
			continue
		}
		if d.Code != c.code || d.Span.Start.Line != c.line || d.Span.Start.Col != c.col || !strings.Contains(d.Title, c.title) {
			t.Errorf("%s: %s at %d:%d %q", c.query, d.Code, d.Span.Start.Line, d.Span.Start.Col, d.Title)
		}
		if !strings.Contains(strings.Join(d.Help, "\n"), c.help) {
			t.Errorf("%s: help %q", c.query, d.Help)
		}
	}
}

// TestAllFaults: one run reports all faults that can be found.
func TestAllFaults(t *testing.T) {
	p, diags := Language.Compile("q", "Ev | where Knid == 'x' and Nn > 5 | project Kez")
	if p == nil {
		t.Fatal(diags)
	}
	_, diags = p.Run(evInput(t))
	if len(diags) != 3 {
		t.Errorf("want 3 faults, got %v", diags)
	}
	_, diags = Language.Compile("q", "print nofun(1), othr(2) | frobnicate | where")
	if len(diags) < 2 {
		t.Errorf("want both faults of the syntax, got %v", diags)
	}
}

// TestCompileWithoutTables: what does not depend on tables is checked when the query is compiled.
func TestCompileWithoutTables(t *testing.T) {
	for query, want := range map[string]string{
		"print strlen(5)": "argument 1 of `strlen`",
		"let x = 1; print y = x + 'a'; T | where a == 1": "`+` is not defined",
		"T | where a matches regex '('":                  "",
		"print 'a' matches regex '('":                    "not valid",
		"T | where foo(a)":                               "there is no function `foo`",
	} {
		_, diags := Language.Compile("q", query)
		got := ""
		if err := diags.Err(); err != nil {
			got = err.Error()
		}
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q", query, got)
		}
	}
}

// TestLimits: bad input ends in a diagnostic of the limit, soon.
func TestLimits(t *testing.T) {
	double := "print s='x'" + strings.Repeat(" | extend s = strcat(s, s, s, s)", 40)
	funcs := "let f0 = (x:long) { x };"
	for i := 1; i < 30; i++ {
		funcs += fmt.Sprintf("let f%d = (x:long) { f%d(x) + f%d(x) };", i, i-1, i-1)
	}
	for name, query := range map[string]string{
		"strings":   double,
		"rows":      "range x from 1 to 10000000000 step 1 | count",
		"product":   "range x from 1 to 100000 step 1 | extend k = 1 | join kind=inner (range y from 1 to 100000 step 1 | extend k = 1) on k | count",
		"functions": funcs + "print f29(1)",
		"arrays":    "print a = range(1, 1000000, 1) | mv-expand a | extend b = range(1, 1000, 1) | mv-expand b | count",
		"brackets":  "print " + strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300),
		"chain":     "print 1" + strings.Repeat("+1", 20000),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := answer(query, native.Input{})
			var d diag.Diagnostic
			if !errors.As(err, &d) || d.Code != diag.KustoLimit {
				t.Errorf("%v", err)
			}
			if took := time.Since(start); took > time.Minute {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// TestLongConditions: long lists and chains are no problem below the limit.
func TestLongConditions(t *testing.T) {
	or := "Ev | where Key == 'zz'" + strings.Repeat(" or Key == 'a'", 5000) + " | count"
	in := "Ev | where Key in~ ('x'" + strings.Repeat(", 'y'", 20000) + ", 'A') | count"
	for _, q := range []string{or, in} {
		out, err := answer(q, evInput(t))
		if err != nil || shown(out) != "[2]" {
			t.Errorf("%v %s", err, shown(out))
		}
	}
}

// TestSources: rows that only per-row operators touched name the input row they came from.
func TestSources(t *testing.T) {
	for query, want := range map[string]string{
		"Ev | where Key == 'b' | extend x = 1 | project x":                            "0:2",
		"Ev | sort by TimeGenerated desc | take 1":                                    "0:3",
		"Ev | mv-expand Arr | where Arr == 'USER' | project Key":                      "0:0",
		"Ev | mv-apply e = Arr to typeof(string) on (summarize h = count()) | take 1": "0:0",
		"Ev | join kind=leftanti (Ev | where Key == 'a') on Key | take 1":             "0:2",
		"union Ev | where Key == 'B'":                                                 "0:3",
		"Ev | parse Key with x 'b' * | where Key == 'b'":                              "0:2",
		"Ev | summarize count()":                                                      "none",
		"Ev | distinct Key | take 1":                                                  "none",
		"Ev | join kind=inner (Ev) on N | take 1":                                     "none",
		"Ev | partition hint.strategy=native by Key (where N > 0) | project Key":      "0:0",
		"Ev | sort by TimeGenerated asc | scan with (step s: Key == 'b';)":            "0:2",
		"print 1": "none",
	} {
		out, err := answer(query, evInput(t))
		if err != nil || len(out.Results) == 0 {
			t.Errorf("%s: %v, %d rows", query, err, len(out.Results))
			continue
		}
		got := "none"
		if s := out.Results[0].Source; s != nil {
			got = text(int64(s.Table)) + ":" + text(int64(s.Row))
		}
		if got != want {
			t.Errorf("%s: source %s, want %s", query, got, want)
		}
	}
}

// TestInput: tables, inferred types, names, now() and the time picker.
func TestInput(t *testing.T) {
	rows := rowsOf(t, `[{"TimeGenerated":"2024-01-01T00:00:00Z","a":1,"b":1.5,"c":true,"d":{"x":[1]},"e":"s","f":1,"g.h":"dot"},{"TimeGenerated":"2024-01-02T00:00:00Z","f":2.5,"b":2}]`)
	in := native.Input{Tables: []native.Table{{Rows: rows}}}
	for query, want := range map[string]string{
		"Any | getschema | project ColumnName, ColumnType": lines(`["TimeGenerated","datetime"]`, `["a","long"]`, `["b","real"]`, `["c","bool"]`, `["d","dynamic"]`, `["e","string"]`, `["f","real"]`, `["g.h","string"]`),
		"Any | where ['g.h'] == 'dot' | project d.x[0]":    `[1]`,
		"print now()": `["2024-01-02T00:00:00Z"]`,
		"Any | where TimeGenerated > ago(1h) | count": `[1]`,
	} {
		out, err := answer(query, in)
		if err != nil || shown(out) != want {
			t.Errorf("%s: %v\n got %s\nwant %s", query, err, shown(out), want)
		}
	}
	in.From, in.To = time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC), time.Date(2024, 1, 3, 0, 0, 0, 0, time.UTC)
	if out, err := answer("Any | count", in); err != nil || shown(out) != "[1]" {
		t.Errorf("time picker: %v %s", err, shown(out))
	}
	typed := native.Input{Tables: []native.Table{{
		Name: "T", Types: map[string]string{"EventID": "int", "LogonType": "string", "When": "datetime", "Absent": "long", "Extra": "dynamic"},
		Rows: rowsOf(t, `[{"EventID":"4624","LogonType":3,"When":"2024-01-01T00:00:00+01:00","Extra":"text"},{"EventID":"x","LogonType":{"a":1}}]`),
	}}}
	want := lines(`[4624,"3","2023-12-31T23:00:00Z",null,"text"]`, `[null,"{\"a\":1}",null,null,null]`)
	if out, err := answer("T | project EventID, LogonType, When, Absent, Extra", typed); err != nil || shown(out) != want {
		t.Errorf("typed: %v %s", err, shown(out))
	}
}

// TestParserTables: ASIM parsers and watchlists are tables of the input.
func TestParserTables(t *testing.T) {
	in := native.Input{Tables: []native.Table{
		{Name: "_Im_Dns", Types: map[string]string{"TimeGenerated": "datetime"}, Rows: rowsOf(t, `[{"TimeGenerated":"2024-01-01T00:00:00Z","DnsQuery":"a"},{"TimeGenerated":"2024-01-02T00:00:00Z","DnsQuery":"b"}]`)},
		{Name: "vips", Rows: rowsOf(t, `[{"SearchKey":"b"}]`)},
	}}
	out, err := answer("_Im_Dns(starttime=datetime(2024-01-02)) | where DnsQuery in ((_GetWatchlist('vips') | project SearchKey)) | project DnsQuery", in)
	if err != nil || shown(out) != `["b"]` {
		t.Errorf("%v %s", err, shown(out))
	}
	if _, err := answer("_Im_Dns(domain_has_any=dynamic(['a']))", in); err == nil || !strings.Contains(err.Error(), "only starttime and endtime") {
		t.Errorf("%v", err)
	}
}

// TestConcurrentRuns: a program may run many times at once.
func TestConcurrentRuns(t *testing.T) {
	p, diags := Language.Compile("q", "Ev | where Kind matches regex 'f.*' and Key in ('a', 'b') | summarize count() by Key")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	in := evInput(t)
	done := make(chan string)
	for i := 0; i < 8; i++ {
		go func() {
			out, diags := p.Run(in)
			if diags.HasErrors() {
				done <- diags.Err().Error()
				return
			}
			done <- shown(out)
		}()
	}
	for i := 0; i < 8; i++ {
		if got := <-done; got != lines(`["a",1]`, `["b",1]`) {
			t.Error(got)
		}
	}
}
