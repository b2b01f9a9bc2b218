package interp

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// TestCompileFaults gives code, title and a part of the help of what a query gets wrong.
func TestCompileFaults(t *testing.T) {
	for _, c := range []struct {
		query string
		code  diag.Code
		title string
		help  string
	}{
		{`* | wher a=1`, diag.SPLUnknown, "unknown command `wher`", "`where`"},
		{`* | where lenn(a)>1`, diag.SPLUnknown, "unknown function `lenn`", "`len`"},
		{`* | eval x=random()`, diag.SPLUnknown, "unknown function `random`", "test"},
		{`* | stats cuont(a)`, diag.SPLUnknown, "unknown aggregate `cuont`", "`count`"},
		{`* | streamstats windw=2 count`, diag.SPLUnknown, "unknown option of streamstats `windw`", "`window`"},
		{"`sysmn` a=1", diag.SPLUnknown, "unknown macro `sysmn`", "`sysmon`"},
		{"* | `sysmon(1)`", diag.SPLUnknown, "macro `sysmon` takes other arguments: `sysmon`", "arguments"},
		{`* | map search="a=1"`, diag.SPLUnknown, "the command `map` is not supported by this interpreter", "join"},
		{`* | apply model`, diag.SPLUnknown, "the command `apply` is not supported by this interpreter", "model"},
		{`* | stats per_hour(a)`, diag.SPLSyntax, "`per_hour` stands in a command that does not take it", "timechart"},
		{`* | bin a span=12log10`, diag.SPLSyntax, "`12log10` is no logarithmic span", "base"},
		{`* | set diff [search a]`, diag.SPLSyntax, "`set` stands inside a pipeline", "begins"},
		{`* | format "(" ")"`, diag.SPLSyntax, "`format` takes six texts, and here are 2", "AND"},
		{`* | rangemap field=a low=x-y`, diag.SPLSyntax, "`x-y` is no range", "low=0-9"},
		{`* | trendline sma1(a)`, diag.SPLSyntax, "`sma1(a)` is no trend", "sma5"},
		{`* | foreach mode=all a [eval x=1]`, diag.SPLSyntax, "`foreach` has no mode `all`", "multivalue"},
		{`* | anomalydetection a`, diag.SPLUnknown, "the command `anomalydetection` is not supported by this interpreter", ""},
		{`* | convert foo(a)`, diag.SPLUnknown, "unknown conversion `foo`", ""},
		{`starthoursago=1`, diag.SPLUnknown, "the time modifier `starthoursago` is not supported by this interpreter", "earliest"},
		{`* | where match(a,"(")`, diag.SPLSyntax, "regular expression: a parenthesis is not closed", "backslash"},
		{`* | where match(a,"(?R)")`, diag.SPLUnknown, "regular expression: recursion or a callout is not supported", ""},
		{`* | rex "a"`, diag.SPLSyntax, "the regular expression of `rex` names no group", "?<field>"},
		{`* | regex "[z"`, diag.SPLSyntax, "regular expression: a [ is not closed", ""},
		{`* | eval x=(a=1)`, diag.SPLSyntax, "a condition cannot be assigned to `x`", "if("},
		{`* | eval x=isnull(a)`, diag.SPLSyntax, "a condition cannot be assigned to `x`", "if("},
		{`* | where 5`, diag.SPLSyntax, "where needs a condition, and this is a value", ""},
		{`* | where a="x" AND "y"`, diag.SPLSyntax, "AND needs a condition, and this is a value", ""},
		{`* | where 1="a"`, diag.SPLSyntax, "`=` compares values of different types", ""},
		{`* | where len(a=1)>2`, diag.SPLSyntax, "`len` takes values, and this is a condition", ""},
		{`* | eval x=if(a=1,2)`, diag.SPLSyntax, "`if` takes 3 arguments, and here are 2", "if(condition"},
		{`* | eval x=case(a=1,2,3)`, diag.SPLSyntax, "`case` needs pairs of a condition and a value", "true()"},
		{`* | eval x=tonumber("abc")`, diag.SPLSyntax, "`tonumber` cannot read the text \"abc\"", ""},
		{`* | eval x=mvfilter(a=b)`, diag.SPLSyntax, "the condition of `mvfilter` must name exactly one field", ""},
		{`* | where cidrmatch(ip,"x") OR cidrmatch("ip",x)`, diag.SPLSyntax, "`ip` is no address block", "first"},
		{`* | stats count BY a*`, diag.SPLSyntax, "the BY clause of `stats` takes no wildcards", ""},
		{`* | stats dc`, diag.SPLSyntax, "`dc` needs a field", "dc(field)"},
		{`* | rename a* AS b`, diag.SPLSyntax, "the two names of a rename have different numbers of wildcards", ""},
		{`* | bin _time span=5x`, diag.SPLSyntax, "`5x` is no span", ""},
		{`* | head x | tail y`, diag.SPLSyntax, "unexpected `y` after `tail`", ""},
		{`* | join type=full a [search b]`, diag.SPLSyntax, "`join` has no type `full`", "left"},
		{`* | join a [stats count]`, diag.SPLSyntax, "`stats` has no rows to work on", "search"},
		{`| stats count`, diag.SPLSyntax, "`stats` has no rows to work on", "search"},
		{`* | makeresults`, diag.SPLSyntax, "`makeresults` stands inside a pipeline", "begins"},
		{`* | inputlookup t`, diag.SPLSyntax, "`inputlookup` stands inside a pipeline", "append"},
		{`| multisearch [search a] [search b | stats count]`, diag.SPLSyntax, "`stats` cannot stand inside `multisearch`", ""},
		{`* | foreach a* [evl x=1]`, diag.SPLUnknown, "inside foreach: unknown command `evl`", "`eval`"},
		{`* | streamstats reset_after="(a=" count`, diag.SPLSyntax, "inside reset_after: an expression is missing at the end of the query", ""},
		{`* | transaction name=logins`, diag.SPLUnknown, "a transaction type of transactiontypes.conf is not supported by this interpreter", "write its options"},
		{`earliest=tomorrow`, diag.SPLSyntax, "`tomorrow` is no time", "-24h@h"},
	} {
		t.Run(c.query, func(t *testing.T) {
			_, diags := CompileWith("q", c.query, map[string]string{"sysmon": "sourcetype=x"})
			if !diags.HasErrors() {
				t.Fatal("no fault found")
			}
			d := diags[0]
			if d.Code != c.code || d.Title != c.title {
				t.Errorf("%s %q, want %s %q", d.Code, d.Title, c.code, c.title)
			}
			if !strings.Contains(strings.Join(d.Help, "\n"), c.help) {
				t.Errorf("help %q, want %q", d.Help, c.help)
			}
			if !d.Span.IsValid() {
				t.Error("no place")
			}
		})
	}
}

// TestAllCompileFaults: several faults are reported at once.
func TestAllCompileFaults(t *testing.T) {
	_, diags := Language.Compile("q", `* | eval x=foo(1), y=bar(2) | stats baz(a) BY b | qux`)
	if len(diags) != 4 {
		t.Errorf("%d faults: %s", len(diags), brief(diags))
	}
}

func TestRunFaults(t *testing.T) {
	in := native.Input{Tables: []native.Table{table(t, "main", `{"a":"x","s":"`+strings.Repeat("a", 40)+`b"}`)}}
	for _, c := range []struct {
		query string
		code  diag.Code
		title string
	}{
		{`| inputlookup nope`, diag.SPLRun, "no lookup table `nope` is given"},
		{`* | lookup nope a OUTPUT b`, diag.SPLRun, "no lookup table `nope` is given"},
		{`* | eval x=relative_time(1,a)`, diag.SPLRun, "`x` is no time modifier"},
		{`| makeresults count=3000000`, diag.SPLLimit, "makeresults makes too many rows"},
		{`| makeresults | eval x=mvrange(0,10000000)`, diag.SPLLimit, "a field grew beyond 1000000 values"},
		{`| makeresults | eval x="` + strings.Repeat("a", 1000) + `"` + strings.Repeat(" | eval x=x.x", 20), diag.SPLLimit, "a text grew beyond 16777216 bytes"},
		{`| makeresults | eval x=json_array("` + strings.Repeat("a", 1000) + `")` + strings.Repeat(" | eval x=json_array(x,x)", 20), diag.SPLLimit, "a text grew beyond 16777216 bytes"},
		{`| makeresults count=1000 | eval a=mvrange(0,9000) | mvexpand a`, diag.SPLLimit, "a command made more than 500000 rows"},
		{`* | where match(s,"(a+)+$")`, diag.SPLLimit, "a regular expression needs too many steps"},
		{`* | append [search * | eval search="a=(" | table search] | search [search * | eval search="a=(" | table search]`, diag.SPLRun, "the result of the subsearch is no search expression: a value is missing for `a`"},
	} {
		p, diags := Language.Compile("q", c.query)
		if diags.HasErrors() {
			t.Errorf("%s: %s", c.query, brief(diags))
			continue
		}
		start := time.Now()
		_, diags = p.Run(in)
		if len(diags) == 0 || diags[0].Code != c.code || diags[0].Title != c.title {
			t.Errorf("%.60s: %s, want %s", c.query, brief(diags), c.title)
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%.60s took %s", c.query, d)
		}
	}
}

func TestWarnings(t *testing.T) {
	in := native.Input{Tables: []native.Table{table(t, "main", `{"_time":1,"a":"x"}
{"_time":2,"a":"("}`)}}
	for query, want := range map[string]string{
		`makeresults | eval a=1`:                    "written behind a pipe",
		`* | outputlookup t`:                        "not written",
		`* | sort 0 +_time | transaction a`:         "newest to the oldest",
		`* | where match("x", a)`:                   "regular expression",
		`| makeresults count=20000 | sort _time`:    "sort keeps 10000",
		`[| makeresults count=10001 | eval a="x"] `: "cut off",
	} {
		out := execute(t, query, in)
		if !strings.Contains(strings.Join(out.Warnings, "\n"), want) {
			t.Errorf("%s: warnings %q, want %q", query, out.Warnings, want)
		}
	}
}

func TestLookupDefinitions(t *testing.T) {
	in := native.Input{Tables: []native.Table{
		table(t, "main", `{"id":1,"p":"C:\\Tools\\x.EXE","ip":"10.1.1.1"}
{"id":2,"p":"other","ip":"8.8.8.8"}
{"id":3,"ip":"10.1.1.2"}`),
		table(t, "paths", `{"pattern":"*.exe","net":"10.0.0.0/8","label":"first"}
{"pattern":"c:\\tools\\*","net":"10.0.0.0/8","label":"second"}`),
	}}
	run := func(query string, l Lookup) string {
		p, diags := CompileOptions("q", query, Options{Lookups: map[string]Lookup{"bad": l}})
		if diags.HasErrors() {
			t.Fatal(brief(diags))
		}
		out, diags := p.Run(in)
		if diags.HasErrors() {
			t.Fatal(brief(diags))
		}
		return rows(out)
	}
	query := `index=main | lookup bad pattern AS p, net AS ip OUTPUT label | table id label`
	wild := map[string]string{"pattern": "WILDCARD", "net": "CIDR"}
	for _, c := range []struct {
		l    Lookup
		want string
	}{
		{Lookup{Table: "paths", MatchType: wild, CaseInsensitive: true}, "id=1 label=first|second\nid=2\nid=3"},
		{Lookup{Table: "paths", MatchType: wild}, "id=1\nid=2\nid=3"},
		{Lookup{Table: "paths", MatchType: wild, CaseInsensitive: true, MaxMatches: 1}, "id=1 label=first\nid=2\nid=3"},
		{Lookup{Table: "paths", MatchType: wild, CaseInsensitive: true, MinMatches: 1, DefaultMatch: "none"}, "id=1 label=first|second\nid=2 label=none\nid=3"},
		{Lookup{Table: "paths"}, "id=1\nid=2\nid=3"},
	} {
		if got := run(query, c.l); got != c.want {
			t.Errorf("%+v:\n%s\nwant\n%s", c.l, got, c.want)
		}
	}
}

func TestMacroOption(t *testing.T) {
	p, diags := CompileWith("q", "`src` id=1 | `ct(_time)`", map[string]string{"src": "index=main OR index=other", "ct(f)": `convert timeformat="%F" ctime($f$)`})
	if diags.HasErrors() {
		t.Fatal(brief(diags))
	}
	out, _ := p.Run(native.Input{Tables: []native.Table{table(t, "main", `{"_time":0,"id":1}
{"_time":1,"id":2}`)}})
	if got := rows(out); got != "_time=1970-01-01 id=1" {
		t.Errorf("%s", got)
	}
}

func TestReprint(t *testing.T) {
	got, diags := Language.Reprint("q", "a=1   b=2 | stats  count by c")
	if diags.HasErrors() || got != "a=1 b=2 | stats count BY c" {
		t.Errorf("%q %v", got, diags)
	}
	if _, diags := Language.Reprint("q", "(a"); !diags.HasErrors() {
		t.Error("a fault passes")
	}
}

// TestConcurrentRuns: a program may be run many times at once and leaves its input as it is.
func TestConcurrentRuns(t *testing.T) {
	in := native.Input{Tables: []native.Table{table(t, "main", operatorsJoined())}}
	p, diags := Language.Compile("q", `index=main | eval x=replace(f,"(?i)a",g), y=1 | rex field=f "(?<z>.)" | stats count BY x, z | sort 0 x`)
	if diags.HasErrors() {
		t.Fatal(brief(diags))
	}
	first, _ := p.Run(in)
	want := rows(first)
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			out, _ := p.Run(in)
			if got := rows(out); got != want {
				t.Errorf("another answer: %s", got)
			}
		}()
	}
	wg.Wait()
	if _, ok := in.Tables[0].Rows[0]["y"]; ok {
		t.Error("the input was changed")
	}
}

func operatorsJoined() string { return strings.Join(operatorEvents, "\n") }
