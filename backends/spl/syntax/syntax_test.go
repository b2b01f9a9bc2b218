package syntax

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/onerule/onerule/diag"
)

var spanType = reflect.TypeFor[diag.Span]()

// strip sets every span inside x to zero.
func strip(x reflect.Value) {
	switch k := x.Kind(); {
	case k == reflect.Pointer, k == reflect.Interface:
		if !x.IsNil() {
			strip(x.Elem())
		}
	case k == reflect.Slice:
		for i := range x.Len() {
			strip(x.Index(i))
		}
	case k == reflect.Struct:
		if x.Type() == spanType {
			x.SetZero()
			return
		}
		for i := range x.NumField() {
			strip(x.Field(i))
		}
	default:
	}
}

// sameTree reports whether two queries are equal but for spans.
func sameTree(a, b *Query) bool {
	strip(reflect.ValueOf(a))
	strip(reflect.ValueOf(b))
	return reflect.DeepEqual(a, b)
}

// roundTrip parses, prints, parses and prints again.
func roundTrip(text string, macros Macros) error {
	q, diags := ParseWith("q", text, macros)
	if diags.HasErrors() {
		return diags[0]
	}
	printed := Print(q)
	again, diags := Parse("q", printed)
	if diags.HasErrors() {
		return fmt.Errorf("the print does not parse: %w\n%s", diags[0], printed)
	}
	if twice := Print(again); twice != printed {
		return fmt.Errorf("the print changes:\n%s\n%s", printed, twice)
	}
	if !sameTree(q, again) {
		return fmt.Errorf("the print is another tree: %s", printed)
	}
	return nil
}

// TestPrint gives the canonical form of each construct.
func TestPrint(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		// Search expressions: OR before AND, NOT before both.
		{`a=1 b=2`, `a=1 b=2`},
		{`a=1 AND b=2`, `a=1 b=2`},
		{`a=1 b=2 OR c=3 d=4`, `a=1 (b=2 OR c=3) d=4`},
		{`A=1 OR A=2 B=3`, `(A=1 OR A=2) B=3`},
		{`(A=1 OR (A=2 B=3))`, `A=1 OR (A=2 AND B=3)`},
		{`NOT a=1 b=2`, `NOT a=1 b=2`},
		{`NOT (a=1 b=2)`, `NOT (a=1 AND b=2)`},
		{`NOT(a=1 OR b=2)`, `NOT (a=1 OR b=2)`},
		{`NOT NOT a=1`, `NOT NOT a=1`},
		{`a=1 OR NOT b=2 OR c=3`, `a=1 OR NOT b=2 OR c=3`},
		{`search index=main`, `index=main`},
		{`| search index=main`, `index=main`},
		{`search=5`, `"search"=5`},
		{`index=main | search`, `index=main | search *`},
		{`and or not`, `"and" "or" "not"`},
		// Comparisons, values and names.
		{`result_id = 4720`, `result_id=4720`},
		{`a!=1 a>=2 a<=3 a<4 a>5`, `a!=1 a>=2 a<=3 a<4 a>5`},
		{`a==1`, `a=1`},
		{`f IN(a,"b c" d*)`, `f IN (a, "b c", d*)`},
		{`NOT f IN (a)`, `NOT f IN (a)`},
		{`"user.name"=x user.name=y`, `user.name=x user.name=y`},
		{`"a b"="c d"`, `"a b"="c d"`},
		{`a{}.b=1`, `a{}.b=1`},
		{`f="C:\Windows\\x"`, `f="C:\\Windows\\x"`},
		{`f=C:\\Windows\x`, `f=C:\\Windows\\x`},
		{`f="a\"b|c\|d"`, `f="a\"b|c|d"`},
		{`f="C:\\*" g="C:\*"`, `f="C:\\*" g="C:\*"`},
		{`f=* "*x*" *y* foo`, `f=* "*x*" *y* foo`},
		{`f=CASE(Ab) TERM(10.0.0.1) CASE("a b")`, `f=CASE(Ab) TERM(10.0.0.1) CASE("a b")`},
		{`sourcetype::foo`, `sourcetype::foo`},
		{`earliest=-1h@h latest=now x=1`, `earliest=-1h@h latest=now x=1`},
		{"`sysmon` EventCode=1 `m(a, \"b,c\")`", "`sysmon` EventCode=1 `m(a, \"b,c\")`"},
		{"x=1 ```note | \"``` y=2", `x=1 y=2`},
		{`x=1 [search a=1 | fields b] OR y=2`, `x=1 ([search a=1 | fields b] OR y=2)`},
		{`[|inputlookup t | fields b]`, `[| inputlookup t | fields b]`},
		{`[user=1]`, `[search user=1]`},
		// Eval: AND before OR before XOR; in any case.
		{`* | where a=1 or b==2 and not c!=3`, `* | where a=1 OR (b=2 AND NOT c!=3)`},
		{`* | where a=1 XOR b=2 OR c=3`, `* | where a=1 XOR (b=2 OR c=3)`},
		{`* | where NOT (a=1 AND b=2)`, `* | where NOT (a=1 AND b=2)`},
		{`* | where (a=1 AND b=2) AND c=3`, `* | where (a=1 AND b=2) AND c=3`},
		{`* | where x IN ("a", "b") AND y in(1,2) AND in(z, "c")`, `* | where x IN ("a", "b") AND y IN (1, 2) AND in(z, "c")`},
		{`* | where p like "%a%" OR LIKE (p, "b%")`, `* | where p LIKE "%a%" OR like(p, "b%")`},
		{`* | eval x = 1 + 2 * 3 - (4 - 5) % 2`, `* | eval x=1+2*3-(4-5)%2`},
		{`* | eval x = (1 + 2) * 3 / (4 * 5)`, `* | eval x=(1+2)*3/(4*5)`},
		{`* | eval x="a".b."c" + d`, `* | eval x=("a" . b . "c")+d`},
		{`* | eval x=-1, y=- a, z=2--3`, `* | eval x=-1, y=-a, z=2--3`},
		{`* | eval 'a.b'=1, "c d"=2, {e}=3, f=.5`, `* | eval "a.b"=1, "c d"=2, {e}=3, f=.5`},
		{`* | eval x=ISNOTNULL('a{}.b') , y=1`, ""},
		{`* | eval x="\\\)" . "a\tb" . "\""`, `* | eval x="\\\\)" . "a\tb" . "\""`},
		{`* | eval x=if(match(p,"(?i)^C:\\\\x\.exe"),1,0)`, `* | eval x=if(match(p, "(?i)^C:\\\\x\\.exe"), 1, 0)`},
		{`* | where count > 5 AND 'dc(user)'>=2`, `* | where count>5 AND 'dc(user)'>=2`},
		// Commands.
		{`* | stats count min(_time) as firstTime, values(*) as * by a, "b c" d.e`, `* | stats count, min(_time) AS firstTime, values(*) AS * BY a, "b c", d.e`},
		{`* | stats count(eval(action="x" AND b>1)) AS n dc(user)`, `* | stats count(eval(action="x" AND b>1)) AS n, dc(user)`},
		{`* | streamstats window=2 global=f current=f max(ta) AS p BY k`, `* | streamstats window=2 global=f current=f max(ta) AS p BY k`},
		{`* | streamstats reset_after="(a==\"x\")" count`, `* | streamstats reset_after="(a==\"x\")" count`},
		{"| tstats `summariesonly` count from datamodel=Endpoint.Processes where Processes.a=1 OR Processes.a=2 Processes.b=3 by Processes.dest _time span=1h", "| tstats `summariesonly` count FROM datamodel=Endpoint.Processes WHERE (Processes.a=1 OR Processes.a=2) Processes.b=3 BY Processes.dest, _time span=1h"},
		{`* | rename a as b, "x.*" AS *, c AS "d e"`, `* | rename a AS b, x.* AS *, c AS "d e"`},
		{`* | fields - a, b*  c`, `* | fields - a, b*, c`},
		{`* | fields + a`, `* | fields a`},
		{`* | table a "b c",d`, `* | table a, "b c", d`},
		{`* | sort - count, user`, `* | sort -count, -user`},
		{`* | sort -count user`, `* | sort -count, +user`},
		{`* | sort 0 +_time, -num(b) desc`, `* | sort 0 +_time, -num(b) desc`},
		{`* | dedup 2 a b keepempty=t sortby -_time`, `* | dedup 2 a, b keepempty=t sortby -_time`},
		{`* | head 5 | tail | head limit=3 | head (a>1)`, `* | head 5 | tail | head limit=3 | head (a>1)`},
		{`* | regex f!="a\.b" | regex "x"`, `* | regex f!="a\\.b" | regex "x"`},
		{`* | rex field=f max_match=0 "(?<g>\d+)\\\\x"`, `* | rex field=f max_match=0 "(?<g>\\d+)\\\\x"`},
		{`* | bucket _time as t span=10m`, `* | bin span=10m _time AS t`},
		{`* | lookup local=t T k as f OUTPUTNEW a as b c`, `* | lookup local=t T k AS f OUTPUTNEW a AS b, c`},
		{`| inputlookup append=t T where a=b`, `| inputlookup append=t T where a=b`},
		{`* | join type=left a b [| inputlookup T]`, `* | join type=left a, b [| inputlookup T]`},
		{`* | append [search x=1] | appendpipe [stats count]`, `* | append [search x=1] | appendpipe [stats count]`},
		{`| multisearch [search a=1] [search b=2]`, `| multisearch [search a=1] [search b=2]`},
		{`* | transaction a startsWith=(x=1) endswith=eval(y=2) maxspan=5m`, `* | transaction a maxspan=5m startswith=(x=1) endswith=eval(y=2)`},
		{`* | transaction a startswith="x=1 OR y"`, `* | transaction a startswith=(x=1 OR y)`},
		{`* | convert timeformat="%F %T" ctime(a) as b ctime(*Time)`, `* | convert timeformat="%F %T" ctime(a) AS b ctime(*Time)`},
		{`* | foreach a* [ eval <<FIELD>> = if('<<FIELD>>'="x",null(),1) ]`, `* | foreach a* [eval <<FIELD>> = if('<<FIELD>>'="x",null(),1)]`},
		{`| from datamodel Risk.All_Risk`, `| from datamodel:"Risk.All_Risk"`},
		{`* | replace "a*" with b in c`, `* | replace "a*" WITH "b" IN c`},
		{`* | timechart span=1h limit=0 count by host useother=f`, `* | timechart span=1h limit=0 count BY host useother=f`},
		{`* | chart dc(a) over b by c`, `* | chart dc(a) OVER b BY c`},
		{`* | chart eval(round(avg(a)/max(b),2)) as r by c`, `* | chart eval(round(avg(a)/max(b), 2)) AS r BY c`},
		{`* | timechart count by h WHERE max IN Top5 useother=f`, `* | timechart useother=f count BY h where max in top5`},
		{`* | chart sum(a) by b, c where sum(a) > 10`, `* | chart sum(a) BY b, c where sum(a) > 10`},
		{`* | convert ctime(a) timeformat="%F"`, `* | convert timeformat="%F" ctime(a)`},
		{`a=1 status NOT IN (200, 5*) b`, `a=1 NOT status IN (200, 5*) b`},
		{`* | eval n_{host}=1, {a}_b=2, {c}=3`, `* | eval "n_{host}"=1, "{a}_b"=2, {c}=3`},
		{`* | where !isnull(a) AND b!=1`, `* | where NOT isnull(a) AND b!=1`},
		{`* | where a NOT IN (1, 2) AND b=1`, `* | where NOT a IN (1, 2) AND b=1`},
		{`status>=[search a=1 | return $m] b=2`, `status>=[search a=1 | return $m] b=2`},
		{`| set diff [search a] [| makeresults]`, `| set diff [search a] [| makeresults]`},
		{`* | append [| gentimes start=-2]`, `* | append [| gentimes start=-2]`},
		{`* | trendline sma5(a) AS b`, `* | trendline sma5(a) AS b`},
		{`* | top 5 a b by c`, `* | top 5 a, b BY c`},
		{`| makeresults count=3 | mvexpand a limit=2 | makemv delim="," b | fillnull value="" c`, `| makeresults count=3 | mvexpand a limit=2 | makemv delim="," b | fillnull value="" c`},
		{`* | anomalydetection "count" action=annotate`, `* | anomalydetection "count" action=annotate`},
		{"* | `ctime(firstTime)` | `m` x=1", "* | `ctime(firstTime)` | `m` x=1"},
		{`* | STATS COUNT BY a`, `* | stats count BY a`},
	} {
		t.Run(c.in, func(t *testing.T) {
			q, diags := Parse("q", c.in)
			if c.want == "" {
				// A condition where a value is wanted is a fault of meaning, not of syntax.
				c.want = `* | eval x=isnotnull('a{}.b'), y=1`
			}
			if diags.HasErrors() {
				t.Fatal(diags[0])
			}
			if got := PrintLine(q); got != c.want {
				t.Errorf("printed\n%s\nwant\n%s", got, c.want)
			}
			if err := roundTrip(c.in, nil); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestFaults gives the title and place of each fault.
func TestFaults(t *testing.T) {
	for _, c := range []struct{ in, at, title string }{
		{``, "1:1", "the query is empty"},
		{`| `, "1:1", "the query is empty"},
		{`a=1 |`, "1:5", "the query ends with a pipe"},
		{`a=1 | | stats count`, "1:7", "a command is missing before `|`"},
		{`a="x`, "1:3", "a quoted string is not closed"},
		{`(a=1`, "1:1", "a parenthesis is not closed"},
		{`a=1)`, "1:4", "a `)` closes nothing"},
		{`a=`, "1:3", "a value is missing for `a`"},
		{`=1`, "1:1", "`=` has no field on its left"},
		{`AND a=1`, "1:1", "`AND` has nothing on its left"},
		{`a=1 OR`, "1:5", "`OR` has nothing on its right"},
		{`NOT`, "1:1", "`NOT` has nothing on its right"},
		{`f IN ()`, "1:6", "the list of values is empty"},
		{`f IN (a`, "1:6", "a list of values is not closed"},
		{"`m", "1:1", "a macro call is not closed"},
		{`[search a=1`, "1:1", "a subsearch is not closed"},
		{`* | where`, "1:10", "a condition is missing after `where`"},
		{`* | where a=1 b=2`, "1:15", "unexpected `b` after `where`"},
		{`* | where a=1=2`, "1:14", "comparisons cannot be chained"},
		{`* | where a{}.b=1`, "1:12", "unexpected `{` after `where`"},
		{`* | where match(a,"x"`, "1:16", "a parenthesis is not closed"},
		{`* | where 2xx=1`, "1:11", "`2xx` is neither a number nor a name"},
		{`* | where a AND`, "1:16", "an expression is missing at the end of the query"},
		{`* | eval a`, "1:11", "`=` is missing after `a`"},
		{`* | stats by a`, "1:5", "`stats` has no aggregate"},
		{`* | stats count by`, "1:19", "a field is missing after `by`"},
		{`* | stats sum(a*b`, "1:14", "the parenthesis of `sum` is not closed"},
		{`* | rename a b`, "1:14", "`AS` is missing after `a`"},
		{`* | rex "a" "b"`, "1:13", "unexpected `\"`: `rex` takes one regular expression"},
		{`* | join a`, "1:11", "a subsearch in brackets is missing after `join`"},
		{`* | bin span=1h`, "1:5", "`bin` names no field"},
		{"a=1 | where \xff", "1:13", "the query is not valid UTF-8"},
		{strings.Repeat("(", 300) + "a" + strings.Repeat(")", 300), "1:201", "nesting is deeper than 200 levels"},
		{"* | where " + strings.Repeat("NOT ", 300) + "a", "1:810", "nesting is deeper than 200 levels"},
		{strings.Repeat("[search ", 300), "1:801", "nesting is deeper than 200 levels"},
		{"* | eval x=1" + strings.Repeat("+1", 20000), "1:20013", "more than 10000 operators in a row"},
	} {
		name := c.in[:min(len(c.in), 30)]
		t.Run(name, func(t *testing.T) {
			_, diags := Parse("q", c.in)
			if !diags.HasErrors() {
				t.Fatal("no fault found")
			}
			d := diags[0]
			if at := fmt.Sprintf("%d:%d", d.Span.Start.Line, d.Span.Start.Col); d.Title != c.title || at != c.at {
				t.Errorf("%s %q, want %s %q", at, d.Title, c.at, c.title)
			}
			if d.Code != diag.SPLSyntax && d.Code != diag.SPLLimit {
				t.Errorf("code %s", d.Code)
			}
			if len(d.Help) == 0 {
				t.Error("no help")
			}
		})
	}
}

// TestAllFaults: one faulty stage does not hide the next.
func TestAllFaults(t *testing.T) {
	_, diags := Parse("q", `a=1 | where b= | eval c | stats count`)
	if len(diags) != 2 {
		t.Errorf("%d faults, want 2: %v", len(diags), diags)
	}
}

func TestMacros(t *testing.T) {
	defs := Macros{
		"sysmon":      `(sourcetype=a OR sourcetype=b)`,
		"ctime(f)":    `convert timeformat="%F" ctime($f$)`,
		"two(a, b)":   `x=$a$ y="$b$"`,
		"loop":        "`loop` OR a=1",
		"nested(v)":   "`two($v$, z)` | `ctime(t)`",
		"quoted":      "\"`sysmon`\"",
		"commented":   "a=1 ```x=2```",
		"unparen":     `a=1 OR a=2`,
		"overload":    `n=0`,
		"overload(x)": `n=$x$`,
	}
	for _, c := range []struct{ in, want string }{
		{"`sysmon` EventCode=1", `(sourcetype=a OR sourcetype=b) EventCode=1`},
		{"* | `ctime(firstTime)`", `* | convert timeformat="%F" ctime(firstTime)`},
		{"`two(1, \"p q\")`", `x=1 y="p q"`},
		{"`nested(7)`", `x=7 y="z" | convert timeformat="%F" ctime(t)`},
		{"`quoted`", "\"`sysmon`\""},
		{"\"`sysmon`\"", "\"`sysmon`\""},
		{"`commented`", `a=1`},
		{"`unparen` b=3", `(a=1 OR a=2) b=3`},
		{"`overload` `overload(4)`", `n=0 n=4`},
		{"`unknown(1)` `sysmon`", "`unknown(1)` (sourcetype=a OR sourcetype=b)"},
	} {
		q, diags := ParseWith("q", c.in, defs)
		if diags.HasErrors() {
			t.Errorf("%s: %v", c.in, diags[0])
			continue
		}
		if got := Print(q); got != c.want {
			t.Errorf("%s: printed\n%s\nwant\n%s", c.in, got, c.want)
		}
	}
	_, diags := ParseWith("q", "`loop`", defs)
	if len(diags) == 0 || diags[0].Code != diag.SPLLimit {
		t.Errorf("a macro that calls itself: %v", diags)
	}
}

// TestMacroSpans: places inside an expansion are those of the call, and places behind it are right.
func TestMacroSpans(t *testing.T) {
	_, diags := ParseWith("q", "a=1 `m` | eval b", Macros{"m": "x=1 y=2 z=3"})
	if len(diags) != 1 || diags[0].Span.Start.Col != 17 {
		t.Errorf("%v", diags)
	}
	_, diags = ParseWith("q", "a=1 | `m` | head", Macros{"m": "eval b c"})
	if len(diags) != 1 || diags[0].Span.Start.Col != 7 {
		t.Errorf("%v", diags)
	}
}

func TestSearchable(t *testing.T) {
	for _, v := range []string{"", "a*b", "a\nb", "10.0.0.0/8", "2001:db8::/32", "\xff"} {
		if _, ok := Searchable(v); ok {
			t.Errorf("%q is searchable", v)
		}
	}
	for _, v := range []string{"a", "a?b", `C:\x`, `"`, "4688", "10.0.0.1", "a b", "é"} {
		if why, ok := Searchable(v); !ok {
			t.Errorf("%q is not searchable: %s", v, why)
		}
	}
}

// TestBuild prints trees made by hand.
func TestBuild(t *testing.T) {
	q := Pipeline(
		&Search{Expr: AndS(Eq("index", "win"), OneOf("EventCode", "1", "2"), NotS(Eq("User", `a"\b`)), OrS(Exists("x"), Nothing()))},
		&Where{Cond: AndE(OrE(Fn("isnull", F("a.b")), NotE(Fn("match", F("a.b"), S(`(?i)^`+RegexQuote(`C:\x.exe "1"`)+`\z`)))), Op(">=", Fn("tonumber", F("n")), Int(-5)))},
		&Eval{Assigns: []Assign{Set("w", Op("*", Fn("floor", Op("/", F("_time"), Int(300))), Int(300)))}},
		&Stats{Aggs: []Agg{Count("n"), CountIf(Op("=", F("a"), S("x")), "m"), AggOf("dc", "user.name", "users")}, By: GroupBy("w", "src.ip")},
		Command("mvexpand", Word("f"), Opt("limit", "5")),
		&Where{Cond: Op(">", Fn("exact", Op("/", F("n"), F("m"))), Float(0.5))},
	)
	want := `index="win" EventCode IN ("1", "2") NOT User="a\"\\b" (x=* OR NOT *)` +
		` | where (isnull('a.b') OR NOT match('a.b', "(?i)^C:\\\\x\\.exe \"1\"\\z")) AND tonumber(n)>=-5` +
		` | eval w=floor(_time/300)*300` +
		` | stats count AS n, count(eval(a="x")) AS m, dc(user.name) AS users BY w, src.ip` +
		` | mvexpand f limit=5 | where exact(n/m)>0.5`
	if got := PrintLine(q); got != want {
		t.Errorf("printed\n%s\nwant\n%s", got, want)
	}
	if err := roundTrip(want, nil); err != nil {
		t.Error(err)
	}
	if got := PrintExpr(AndE()) + PrintExpr(OrE()) + PrintSearch(AndS()) + PrintSearch(OrS()); got != "1=11=0*NOT *" {
		t.Errorf("empty joins: %s", got)
	}
}

// TestPrintLines checks that a long query has a line for each stage, a short one and one inside of brackets one line.
func TestPrintLines(t *testing.T) {
	for in, want := range map[string]string{
		`a=1 | head 5 | tail`:                              `a=1 | head 5 | tail`,
		`a=1 | head 5 | tail | head 3`:                     "a=1\n| head 5\n| tail\n| head limit=3",
		`a=1 [search b=1 | head 5 | tail | head 3] | tail`: `a=1 [search b=1 | head 5 | tail | head limit=3] | tail`,
	} {
		q, diags := Parse("q", in)
		if diags.HasErrors() {
			t.Fatal(diags[0])
		}
		if got := strings.ReplaceAll(Print(q), "head 3", "head limit=3"); got != want {
			t.Errorf("printed\n%s\nwant\n%s", got, want)
		}
	}
}
