package interp

import (
	"fmt"
	"testing"

	"github.com/onerule/onerule/backends/native"
)

// FuzzRun: no query makes the interpreter panic or run on, whatever the doubts are, and a second run gives the same.
func FuzzRun(f *testing.F) {
	for _, c := range functionRows {
		f.Add(`index=main | eval x=`+c.expr, uint64(0))
	}
	for _, c := range operatorRows {
		f.Add(`index=main `+c.positive[0], uint64(1))
	}
	for i, s := range []string{
		`index=main | stats count, dc(f), values(*) AS * BY g, a{} | eventstats avg(count) AS m | streamstats window=2 global=f sum(m) | sort -count | head 3`,
		`index=main | transaction f startswith=(n=1) maxspan=5m | timechart span=1m count BY f | untable _time a b`,
		`[search f=* | fields f | format] | join type=left f [search g=* | rename g AS f] | append [| makeresults] | appendpipe [stats count]`,
		`index=main | rex field=f max_match=0 "(?<x>.)" | mvexpand x | dedup 2 x sortby -x | top x BY f | foreach * [eval <<FIELD>>=lower('<<FIELD>>')]`,
		`| tstats count FROM datamodel=Web WHERE Web.url=* BY _time span=1h Web.src | rename "Web.*" AS * | convert ctime(_time) | replace "a*" WITH "*b" | transpose`,
		`index=main f=[search * | return $f] | foreach mode=json_array f [eval x=<<ITEM>>] | eval j=json_set(f,"a{}.b",json_array(f,1)), k=json_extract(f,"{}.a"), l=lookup("t",json_object("a",f),json_array("b")), p=printf("%'*.*f",f,g,f), s=sigfig(f*1.5) | rex field=f mode=sed "s/a/b/3" | format "a" "b" "c" "d" "e" "f"`,
		`index=main | bin f bins=3 | bin g span=2log3 | bin _time minspan=1h | timechart eval(avg(f)+count(g)) per_hour(f) by g where max in top2 | trendline ema3(f) | rangemap field=f a=-1--1 | fieldsummary | tojson | extract pairdelim="," kvdelim=":" | addcoltotals | makecontinuous f span=2 | set union [search a] [search b]`,
		`index=main | spath input=f | makemv delim="" f | mvcombine f | bin n span=3 | chart sum(n) OVER f BY g | fillnull | addtotals col=t | xyseries a b c`,
	} {
		f.Add(s, uint64(i)*7919)
	}
	tab := table(f, "main", operatorsJoined())
	f.Fuzz(func(t *testing.T, query string, mask uint64) {
		p, diags := Language.Compile("q", query)
		if diags.HasErrors() {
			return
		}
		p.(*program).steps = 200000
		in := native.Input{Tables: []native.Table{tab}, Doubts: map[string]bool{}}
		for i, d := range Language.Doubts {
			in.Doubts[d.Name] = d.Default != (mask>>i&1 == 1)
		}
		out, diags := p.Run(in)
		again, diags2 := p.Run(in)
		if diags.HasErrors() != diags2.HasErrors() || fmt.Sprint(rows(out)) != fmt.Sprint(rows(again)) {
			t.Fatalf("%s: two runs differ:\n%s\n%s", query, rows(out), rows(again))
		}
		for _, res := range out.Results {
			if len(res.Cells) != len(out.Columns) {
				t.Fatalf("%d cells for %d columns", len(res.Cells), len(out.Columns))
			}
		}
	})
}

// benchTable makes n events of a process table.
func benchTable(n int) native.Table {
	t := native.Table{Name: "win"}
	for i := range n {
		t.Rows = append(t.Rows, native.Row{
			"_time": float64(1700000000 + i), "EventCode": "1", "Image": fmt.Sprintf(`C:\Windows\System32\prog%d.exe`, i%50), "User": fmt.Sprintf("user%d", i%100),
			"CommandLine": fmt.Sprintf("prog%d.exe -x %d", i%50, i), "Computer": "host", "ProcessId": float64(i), "Hashes": map[string]any{"MD5": "abc", "SHA256": "def"}, "tags": []any{"a", "b"},
		})
	}
	return t
}

func benchmarkQuery(b *testing.B, query string) {
	p, diags := Language.Compile("q", query)
	if diags.HasErrors() {
		b.Fatal(brief(diags))
	}
	in := native.Input{Tables: []native.Table{benchTable(10000)}}
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		if _, diags := p.Run(in); diags.HasErrors() {
			b.Fatal(brief(diags))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10000, "ns/event")
}

func BenchmarkSearch(b *testing.B) {
	benchmarkQuery(b, `index=win EventCode=1 (Image="*\\prog7.exe" OR Image="*\\prog8.exe") NOT User IN ("user1", "user2")`)
}

func BenchmarkWhereMatch(b *testing.B) {
	benchmarkQuery(b, `index=win | where match(CommandLine,"(?i)-X\\s+\\d+7\\z") AND (isnull(User) OR NOT match(User,"(?i)^user9\\z"))`)
}

func BenchmarkStats(b *testing.B) {
	benchmarkQuery(b, `index=win | bin _time span=5m | stats count AS n, dc(Image) AS d, count(eval(User="user1")) AS m BY _time, User | where n>=2`)
}

func BenchmarkStreamstats(b *testing.B) {
	benchmarkQuery(b, `index=win | sort 0 +_time | streamstats window=20 global=f count AS c, min(_time) AS t0 BY User | where c=20 AND _time-t0<=3000`)
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Language.Compile("q", `index=win EventCode=1 | where match(CommandLine,"(?i)-x") | stats count AS n BY User | where n>5`)
	}
}
