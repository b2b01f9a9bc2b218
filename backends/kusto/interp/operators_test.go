package interp

import (
	"testing"
)

// TestRowOperators covers where, extend, project and their kin, with the names that Microsoft's binder gives.
func TestRowOperators(t *testing.T) {
	runCases(t, []testCase{
		{Query: `Ev | where Key == "a" | where N > 0 | project Key, N`, Want: `["a",5]`},
		{Query: `Ev | take 1 | extend N = N + 1, X = N | project N, X`, Want: `[6,5]`},
		{Query: `Ev | extend a = 1, c = a + 1`, Fault: "no column or variable is named `a`"},
		{Query: `Ev | take 1 | project D.x, D.l[0], tolower(Key), bin(N, 2) | getschema | project ColumnName, ColumnType`, Want: lines(`["D_x","dynamic"]`, `["D_l_0","dynamic"]`, `["Column1","string"]`, `["N","long"]`), Lax: true},
		{Query: `Ev | project-away K*, D, Arr, Nums, G, T, TimeGenerated, Ip | getschema | summarize make_list(ColumnName)`, Want: `[["M","N","Ok","R","User"]]`},
		{Query: `Ev | project-keep User, K* | getschema | summarize make_list(ColumnName)`, Want: `[["Key","Kind","User"]]`},
		{Query: `Ev | project Key, N | project-rename Who = Key | getschema | summarize make_list(ColumnName)`, Want: `[["Who","N"]]`},
		{Query: `print b1=1, a2=1, a10=1, z=1 | project-reorder z, a* granny-asc | getschema | summarize make_list(ColumnName)`, Want: `[["z","a2","a10","b1"]]`},
		{Query: `print b1=1, a2=1, a10=1 | project-reorder a* asc | getschema | summarize make_list(ColumnName)`, Want: `[["a10","a2","b1"]]`},
		{Query: `Ev | distinct Key`, Want: lines(`["a"]`, `["b"]`, `["B"]`)},
		{Query: `Ev | project Key | distinct *`, Want: lines(`["a"]`, `["b"]`, `["B"]`)},
		{Query: `Ev | distinct D`, Fault: "dynamic"},
		{Query: `Ev | count`, Want: `[4]`},
		{Query: `Ev | take 2 | count as Rows | getschema | project ColumnName`, Want: `["Rows"]`},
		{Query: `Ev | sort by N | project N`, Want: lines(`[5]`, `[-3]`, `[null]`, `[null]`)},
		{Query: `Ev | sort by N asc | project N`, Want: lines(`[null]`, `[null]`, `[-3]`, `[5]`)},
		{Query: `Ev | sort by N asc nulls last | project N`, Want: lines(`[-3]`, `[5]`, `[null]`, `[null]`)},
		{Query: `Ev | order by N desc nulls first, Key asc | project N, Key`, Want: lines(`[null,"B"]`, `[null,"b"]`, `[5,"a"]`, `[-3,"a"]`)},
		{Query: `Ev | top 1 by N | project N`, Want: `[5]`},
		{Query: `Ev | top 2 by Key asc | project Key`, Want: lines(`["B"]`, `["a"]`)},
		{Query: `print 1, a=2, "x"`, Want: `[1,2,"x"]`},
		{Query: `range x from 1 to 3 step 1`, Want: lines(`[1]`, `[2]`, `[3]`)},
		{Query: `range x from 3 to 1 step -1`, Want: lines(`[3]`, `[2]`, `[1]`)},
		{Query: `range t from datetime(2024-01-01) to datetime(2024-01-02) step 12h | count`, Want: `[3]`},
		{Query: `datatable(a:long, b:string)[1, "x", 2, "y"] | project b, a`, Want: lines(`["x",1]`, `["y",2]`)},
		{Query: `Ev | as X | where Key == "b" | union (X | where Key == "B") | project Key`, Want: lines(`["b"]`, `["B"]`), Lax: true},
	})
	runCases(t, []testCase{
		{Query: `Ev | project Key | render table`, Want: lines(`["a"]`, `["a"]`, `["b"]`, `["B"]`)},
		{Query: `Ev | project Key | consume`, Want: ``},
		{Query: `Ev | project Key, N | top-nested 1 of Key by count()`, Want: `["a",2]`},
		{Query: `Ev | top-nested 1 of Key with others="rest" by c=count(), top-nested 1 of Kind by max(N)`, Want: lines(`["a",2,"fail",5]`, `["rest",2,"",null]`)},
		{Query: `Ev | top-hitters 1 of Key`, Want: `["a",2]`},
		{Query: `Ev | sample-distinct 2 of Key | count`, Want: `[2]`},
		{Query: `Ev | sample 2 | count`, Want: `[2]`},
		{Query: `Ev | search "eve" | project Key`, Want: lines(`["a"]`, `["a"]`)},
		{Query: `search in (Ev) Kind:"fail" and N == 5 | project $table, Key`, Want: `["Ev","a"]`},
		{Query: `search kind=case_sensitive in (Ev) "eve" | count`, Want: `[1]`},
		{Query: `search in (Ev) "fai*" | count`, Want: `[2]`},
		{Query: `find in (Ev) where Key == "b" project Key, Kind`, Want: `["Ev","b","fail"]`},
		{Query: `Ev | where * has "eve" | count`, Want: `[2]`},
		{Query: `Ev | where * == "eve" | count`, Want: `[1]`},
	})
}

// TestSummarize covers groups, defaults and names (page summarize-operator, reference 3.2).
func TestSummarize(t *testing.T) {
	runCases(t, []testCase{
		{Query: `Ev | summarize count() by Key`, Want: lines(`["a",2]`, `["b",1]`, `["B",1]`)},
		{Query: `Ev | where false | summarize count(), sum(N), avg(N), make_set(Key), max(N), stdev(N), dcount(Key), min(Key)`, Want: `[0,0,null,[],null,0,0,""]`},
		{Query: `Ev | where false | summarize count() by Key`, Want: ``},
		{Query: `Ev | summarize by Key`, Want: lines(`["a"]`, `["b"]`, `["B"]`)},
		{Query: `Ev | summarize count() by N`, Want: lines(`[5,1]`, `[-3,1]`, `[null,2]`)},
		{Query: `Ev | summarize count() by N | count`, Want: `[2]`, Doubts: map[string]bool{"kusto-null-groups": false}},
		{Query: `Ev | summarize sum(N), avg(N), min(N), max(N), countif(N > 0), sumif(N, N > 0), avgif(N, N > 0), minif(N, N > 0), maxif(N, N < 0)`, Want: `[2,1,-3,5,1,5,5,5,-3]`},
		{Query: `Ev | summarize dcount(User), count_distinct(User), count_distinctif(User, isnotempty(User)), dcountif(User, Ok)`, Want: `[3,3,2,1]`},
		{Query: `Ev | summarize dcount(User), make_set(User)`, Want: `[2,["Eve","eve"]]`, Doubts: map[string]bool{"kusto-empty-string-counted": false}},
		{Query: `Ev | summarize make_list(N), make_list_with_nulls(N), make_set(Key), make_set_if(Key, N > 0), make_list(Key, 1)`, Want: `[[5,-3],[5,-3,null,null],["a","b","B"],["a"],["a"]]`},
		{Query: `Ev | summarize arg_max(TimeGenerated, Key, N)`, Want: `["2024-05-01T10:02:00Z","B",null]`},
		{Query: `Ev | project TimeGenerated, Key, N | summarize arg_min(N, *) by Key`, Want: lines(`["a",-3,"2024-05-01T10:00:30Z"]`, `["b",null,"2024-05-01T10:01:00Z"]`, `["B",null,"2024-05-01T10:02:00Z"]`)},
		{Query: `Ev | summarize (First, Who) = arg_min(TimeGenerated, User)`, Want: `["2024-05-01T10:00:00Z","Eve"]`},
		{Query: `Ev | summarize take_any(User)`, Want: `["Eve"]`},
		{Query: `Ev | where Key == "a" | summarize take_any(User)`, Want: `["eve"]`, Doubts: map[string]bool{"kusto-ties-take-last": true}},
		{Query: `datatable(x:real)[2, 4, 4, 4, 5, 5, 7, 9] | summarize stdev(x), stdevp(x), variance(x), variancep(x)`, Want: `[2.138089935299395,2,4.571428571428571,4]`},
		{Query: `print x=5 | summarize stdev(x)`, Want: `[0]`},
		{Query: `print x=5 | summarize stdev(x), count()`, Want: `["NaN",1]`, Doubts: map[string]bool{"kusto-stdev-of-one-is-zero": false}},
		{Query: `range x from 1 to 100 step 1 | summarize percentile(x, 50), percentiles(x, 5, 99), percentiles_array(x, 10, 20)`, Want: `[50,5,99,[10,20]]`},
		{Query: `Ev | summarize n = count() by Win = bin(TimeGenerated, 1m)`, Want: lines(`["2024-05-01T10:00:00Z",2]`, `["2024-05-01T10:01:00Z",1]`, `["2024-05-01T10:02:00Z",1]`)},
		{Query: `Ev | summarize c = count() by D`, Fault: "dynamic"},
		{Query: `Ev | summarize N`, Fault: "outside an aggregate"},
		{Query: `Ev | extend count()`, Fault: "outside summarize"},
		{Query: `Ev | summarize round(avg(N), 1), tostring(make_set(Key)), max(N) - min(N)`, Want: `[1,"[\"a\",\"b\",\"B\"]",8]`},
		{Query: `Ev | summarize make_bag(D)`, Want: `[{"l":[1,2],"n":7,"x":"Ab"}]`},
		{Query: `datatable(a:long)[1,2,3] | summarize binary_all_or(a), binary_all_and(a), binary_all_xor(a)`, Want: `[3,0,0]`},
		{Query: `datatable(a:real, b:real)[1,2, 2,4, 3,6] | summarize covariance(a,b), covariancep(a,b)`, Want: `[2,1.3333333333333333]`},
	})
}

// TestJoins covers the kinds, the suffixes and the default that loses rows (page join-operator, reference 3.3).
func TestJoins(t *testing.T) {
	l := `let L = datatable(k:string, v:long)["a", 1, "a", 2, "b", 3, "c", 4]; let R = datatable(k:string, v:long)["a", 10, "a", 20, "b", 30, "d", 40]; `
	runCases(t, []testCase{
		{Query: l + `L | join (R) on k`, Want: lines(`["a",1,"a",10]`, `["a",1,"a",20]`, `["b",3,"b",30]`)},
		{Query: l + `L | join kind=innerunique (R) on k | count`, Want: `[3]`},
		{Query: l + `L | join kind=innerunique (R) on k`, Want: lines(`["a",2,"a",10]`, `["a",2,"a",20]`, `["b",3,"b",30]`), Doubts: map[string]bool{"kusto-innerunique-takes-last": true}},
		{Query: l + `L | join kind=inner (R) on k | count`, Want: `[5]`},
		{Query: l + `L | join kind=leftouter (R) on k | where k == "c"`, Want: `["c",4,"",null]`},
		{Query: l + `L | join kind=rightouter (R) on k | where k1 == "d"`, Want: `["",null,"d",40]`},
		{Query: l + `L | join kind=fullouter (R) on k | count`, Want: `[7]`},
		{Query: l + `L | join kind=leftsemi (R) on k`, Want: lines(`["a",1]`, `["a",2]`, `["b",3]`)},
		{Query: l + `L | join kind=rightsemi (R) on k`, Want: lines(`["a",10]`, `["a",20]`, `["b",30]`)},
		{Query: l + `L | join kind=leftanti (R) on k`, Want: `["c",4]`},
		{Query: l + `L | join kind=anti (R) on $left.k == $right.k`, Want: `["c",4]`},
		{Query: l + `L | join kind=rightanti (R) on k`, Want: `["d",40]`},
		{Query: l + `L | lookup (R) on k`, Want: lines(`["a",1,10]`, `["a",1,20]`, `["a",2,10]`, `["a",2,20]`, `["b",3,30]`, `["c",4,null]`)},
		{Query: l + `L | lookup kind=inner (R | project k, w = v) on k | count`, Want: `[5]`},
		{Query: `Ev | join kind=inner (Ev) on N | count`, Want: `[2]`},
		{Query: `Ev | join kind=inner (Ev) on N | count `, Want: `[6]`, Doubts: map[string]bool{"kusto-null-keys-join": true}},
		{Query: `Ev | join kind=inner (Ev | project Key = tolower(Key)) on Key | count`, Want: `[6]`},
		{Query: `Ev | join kind=inner (Ev | project N = Key) on N`, Fault: "types"},
		{Query: `Ev | join kind=inner (Ev) on D`, Fault: "dynamic", Lax: true},
		{Query: `Ev | join kind=outer (Ev) on Key`, Fault: "no join kind", Lax: true},
		{Query: `Ev | join kind=inner (Ev) on Kez`, Fault: "no column `Kez`"},
		{Query: `Ev | join kind=inner (Ev) on $left.N > $right.N`, Fault: "equality"},
	})
}

// TestUnion covers schemas that differ (page union-operator).
func TestUnion(t *testing.T) {
	runCases(t, []testCase{
		{Query: `union (print a=1), (print a="x") | getschema | summarize make_list(ColumnName)`, Want: `[["a_long","a_string"]]`},
		{Query: `union (print a=1), (print b="x")`, Want: lines(`[1,""]`, `[null,"x"]`)},
		{Query: `union kind=inner (print a=1, b=2), (print a=3)`, Want: lines(`[1]`, `[3]`), Lax: true},
		{Query: `union withsource=T (print a=1), Ev | summarize count() by T`, Want: lines(`["union_arg0",1]`, `["Ev",4]`)},
		{Query: `union isfuzzy=true Ev, Missing | count`, Want: `[4]`, Lax: true},
		{Query: `union Ev, Missing | count`, Fault: "no table is named `Missing`"},
		{Query: `union E* | count`, Want: `[4]`},
		{Query: `Ev | union (Ev | where Key == "b") | count`, Want: `[5]`},
	})
}

// TestExpand covers mv-expand and mv-apply (pages mv-expand-operator, mv-apply-operator, reference 1.3).
func TestExpand(t *testing.T) {
	runCases(t, []testCase{
		{Query: `Ev | mv-expand Arr | project Key, Arr`, Want: lines(`["a","net"]`, `["a","USER"]`, `["b","x"]`, `["B",null]`)},
		{Query: `print d=dynamic({"a":1,"b":2}) | mv-expand d`, Want: lines(`[{"a":1}]`, `[{"b":2}]`)},
		{Query: `print d=dynamic({"a":1,"b":2}) | mv-expand kind=array d`, Want: lines(`[["a",1]]`, `[["b",2]]`)},
		{Query: `print a=dynamic([1,2,3]), b=dynamic(["x"]) | mv-expand with_itemindex=i a to typeof(long), b`, Want: lines(`[1,"x",0]`, `[2,null,1]`, `[3,null,2]`)},
		{Query: `print a=dynamic([1,"x",2.5]) | mv-expand a to typeof(long)`, Want: lines(`[1]`, `[null]`, `[2]`)},
		{Query: `print a=dynamic([1,"x"]) | mv-expand a to typeof(string)`, Want: lines(`[""]`, `["x"]`)},
		{Query: `print a=dynamic([1,"x"]) | mv-expand a to typeof(string) `, Want: lines(`["1"]`, `["x"]`), Doubts: map[string]bool{"kusto-mvexpand-typeof-converts": true}},
		{Query: `print a=dynamic("s") | mv-expand a`, Want: `["s"]`},
		{Query: `print a=dynamic("s") | mv-expand a `, Want: ``, Doubts: map[string]bool{"kusto-mvexpand-scalar-row": false}},
		{Query: `print a=range(1, 200, 1) | mvexpand a | count`, Want: `[128]`},
		{Query: `print a=range(1, 200, 1) | mv-expand a limit 5 | count`, Want: `[5]`},
		{Query: `Ev | mv-expand Key`, Fault: "cannot be expanded"},
		{Query: `Ev | mv-apply e = Arr to typeof(string) on (where e startswith "u") | project Key, e`, Want: `["a","USER"]`},
		{Query: `Ev | mv-apply e = Arr to typeof(string) on (summarize n = count()) | project Key, n`, Want: lines(`["a",2]`, `["b",1]`, `["B",1]`)},
		{Query: `Ev | mv-apply e = Arr to typeof(string) on (summarize n = count()) | project Key, n `, Want: lines(`["a",2]`, `["a",0]`, `["b",1]`, `["B",1]`), Doubts: map[string]bool{"kusto-mvapply-empty-summarizes": true}},
		{Query: `Ev | where Key == "a" | mv-apply Nums to typeof(long) on (top 1 by Nums) | project Nums`, Want: lines(`[5]`, `[null]`)},
	})
}

// TestSerialized covers window functions, which need an order (page window-functions).
func TestSerialized(t *testing.T) {
	s := `datatable(k:string, t:datetime, v:long)["a", datetime(2024-01-01 00:00), 1, "a", datetime(2024-01-01 00:05), 2, "b", datetime(2024-01-01 00:06), 3, "b", datetime(2024-01-01 01:00), 3] | sort by k asc, t asc `
	runCases(t, []testCase{
		{Query: s + `| project v, prev(v), next(v), prev(v, 2, 9), prev(k)`, Want: lines(`[1,null,2,9,""]`, `[2,1,3,9,"a"]`, `[3,2,3,1,"a"]`, `[3,3,null,2,"b"]`)},
		{Query: s + `| project row_number(), row_cumsum(v, k != prev(k)), row_rank_dense(v), row_rank_min(v)`, Want: lines(`[1,1,1,1]`, `[2,3,2,2]`, `[3,3,3,3]`, `[4,6,3,3]`)},
		{Query: s + `| project row_window_session(t, 1h, 10m, k != prev(k))`, Want: lines(`["2024-01-01T00:00:00Z"]`, `["2024-01-01T00:00:00Z"]`, `["2024-01-01T00:06:00Z"]`, `["2024-01-01T01:00:00Z"]`)},
		{Query: s + `| where v != 2 | extend p = prev(v) | where p == 1 | project v`, Want: `[3]`},
		{Query: `Ev | extend prev(N)`, Fault: "fixed order", Lax: true},
		{Query: `Ev | serialize rn = row_number() | summarize max(rn)`, Want: `[4]`},
	})
}

// TestSequences runs the sliding window, sequence, until and absence of reference 4.5 to 4.8.
func TestSequences(t *testing.T) {
	stream := func(kinds string) string {
		s := `let Ev2 = datatable(TimeGenerated:datetime, Key:string, Kind:string, Id:long)[`
		for i, c := range kinds {
			s += `datetime(2024-01-01 00:0` + string(rune('0'+i)) + `), "k", "` + string(c) + `", ` + string(rune('0'+i)) + `, `
		}
		return s + `]; `
	}
	scan := `Ev2 | where Kind in ("a", "b") and isnotempty(Key) | partition hint.strategy=native by Key (sort by TimeGenerated asc | scan with_match_id=m declare (ATime:datetime) with (step a output=none: Kind == "a" => ATime = TimeGenerated; step b: Kind == "b" and TimeGenerated > a.TimeGenerated and TimeGenerated - a.TimeGenerated <= 5m => ATime = a.ATime;)) | project m, Id, ATime`
	until := `Ev2 | where Kind in ("a", "b", "c") and isnotempty(Key) | partition hint.strategy=native by Key (sort by TimeGenerated asc | scan with_match_id=m declare (Armed:bool=false, ATime:datetime) with (step s1 output=none: Kind == "a" or Kind == "c" => Armed = (Kind == "a"), ATime = TimeGenerated; step s2: Kind == "b" and s1.Armed and TimeGenerated - s1.TimeGenerated <= 5m => Armed = true, ATime = s1.ATime;)) | summarize arg_min(TimeGenerated, *) by Key, m | project Id`
	runCases(t, []testCase{
		{Name: "scan aab", Query: stream("aab") + scan, Want: `[0,2,"2024-01-01T00:01:00Z"]`},
		{Name: "scan abb", Query: stream("abb") + scan, Want: lines(`[0,1,"2024-01-01T00:00:00Z"]`, `[0,2,"2024-01-01T00:00:00Z"]`)},
		{Name: "scan abab", Query: stream("abab") + scan, Want: lines(`[0,1,"2024-01-01T00:00:00Z"]`, `[1,3,"2024-01-01T00:02:00Z"]`)},
		{Name: "until acb", Query: stream("acb") + until, Want: ``},
		{Name: "until acab", Query: stream("acab") + until, Want: `[3]`},
		{Name: "until abcb", Query: stream("abcb") + until, Want: `[1]`},
		{Name: "sliding", Query: stream("aaxaa") + `Ev2 | where Kind == "a" | sort by Key asc, TimeGenerated asc | extend t0 = prev(TimeGenerated, 2), k0 = prev(Key, 2) | where k0 == Key and TimeGenerated - t0 <= 3m | project Id`, Want: lines(`[3]`, `[4]`)},
		{Name: "grid", Query: stream("aaxaa") + `Ev2 | where Kind == "a" | extend w = range(bin(TimeGenerated, 1m) - 1m, bin(TimeGenerated, 1m), 1m) | mv-expand w to typeof(datetime) | summarize n = count() by Key, w | where n >= 2 | project w`, Want: lines(`["2024-01-01T00:00:00Z"]`, `["2024-01-01T00:03:00Z"]`)},
		{Name: "absence", Query: stream("ab") + `Ev2 | where Kind == "a" | project Key, AId = Id, ATime = TimeGenerated | join kind=leftouter (Ev2 | where Kind == "z" | project Key, BTime = TimeGenerated) on Key | summarize Followed = countif(BTime > ATime and BTime - ATime <= 10m) by AId, Key, ATime | where Followed == 0 | project AId`, Want: `[0]`},
		{Name: "output last", Query: `range x from 1 to 4 step 1 | scan declare (n:long=0) with (step s output=last: true => n = s.n + x;)`, Want: `[4,10]`},
		{Name: "output last of a series that goes on", Query: `datatable(t:long, e:string)[1, "a", 2, "a", 3, "b", 4, "a"] | sort by t asc | scan with_match_id=m with (step a output=last: e == "a"; step b: e == "b";)`, Want: lines(`[2,"a",0]`, `[3,"b",0]`, `[4,"a",1]`)},
		{Name: "scan order", Query: `Ev | scan with (step s: true;)`, Fault: "fixed order", Lax: true},
	})
}

// TestSeries covers make-series: bins without events are filled, the end is exclusive.
func TestSeries(t *testing.T) {
	d := `datatable(t:datetime, u:string)[datetime(2024-01-01 01:00), "a", datetime(2024-01-03 01:00), "a", datetime(2024-01-03 02:00), "a", datetime(2024-01-04), "b"] `
	runCases(t, []testCase{
		{Query: d + `| make-series c = count() default=0 on t from datetime(2024-01-01) to datetime(2024-01-04) step 1d by u`, Want: `["a",[1,0,2],["2024-01-01T00:00:00.0000000Z","2024-01-02T00:00:00.0000000Z","2024-01-03T00:00:00.0000000Z"]]`},
		{Query: d + `| make-series c = count() on t step 1d by u | project u, c`, Want: lines(`["a",[1,0,2]]`, `["b",[1]]`)},
		{Query: d + `| where u == "a" | make-series c = count() on t in range(datetime(2024-01-01), datetime(2024-01-04), 1d) | project c`, Want: `[[1,0,2,0]]`},
		{Query: d + `| make-series c = count() on t from datetime(2024-01-01) to datetime(2024-01-05) step 1d | extend st = series_stats_dynamic(c) | project st.avg, st.stdev, st.len`, Want: `[1,0.816496580927726,4]`},
		{Query: d + `| take 0 | make-series kind=nonempty c = count() default=7 on t from datetime(2024-01-01) to datetime(2024-01-03) step 1d | project c`, Want: `[[7,7]]`},
	})
}

// TestParse covers the kinds of parse (page parse-operator).
func TestParse(t *testing.T) {
	p := `print s="id=5 name=bob end" `
	runCases(t, []testCase{
		{Query: p + `| parse s with * "id=" id:long " name=" name " " *`, Want: `["id=5 name=bob end",5,"bob"]`},
		{Query: p + `| parse s with "id=" id:long " name=" name`, Want: `["id=5 name=bob end",5,"bob end"]`},
		{Query: p + `| parse s with * "nothing=" x:long " " y`, Want: `["id=5 name=bob end",null,""]`},
		{Query: p + `| parse s with * "id=" id:long " name=" n:long " " rest`, Want: `["id=5 name=bob end",null,null,""]`},
		{Query: p + `| parse kind=relaxed s with * "id=" id:long " name=" n:long " " rest`, Want: `["id=5 name=bob end",5,null,"end"]`},
		{Query: p + `| parse kind=regex s with "i.=" id:long "[ ]name=" name " " rest`, Want: `["id=5 name=bob end",5,"bob","end"]`},
		{Query: p + `| parse kind=regex flags=i s with * "NAME=" name " end"`, Want: `["id=5 name=bob end","bob"]`},
		{Query: p + `| parse-where s with * "nothing=" x " " *`, Want: ``},
		{Query: `print s="a=1, b = two" | parse-kv s as (a:long, b:string, c:real) with (pair_delimiter=",", kv_delimiter="=")`, Want: `["a=1, b = two",1,"two",null]`},
		{Query: `print s="k: 'v x'; n: 5" | parse-kv s as (k:string, n:long) with (pair_delimiter=";", kv_delimiter=":", quote="'")`, Want: `["k: 'v x'; n: 5","v x",5]`},
	})
}

// TestLets covers variables, functions and their scopes (page let-statement).
func TestLets(t *testing.T) {
	runCases(t, []testCase{
		{Query: `let n = 5; let T = Ev | where N == n; T | project N`, Want: `[5]`},
		{Query: `let f = (x:long, y:long = 10) { x + y }; Ev | where N == 5 | project f(N), f(1, 2), f(y = 1, x = 1)`, Want: `[15,3,2]`},
		{Query: `let f = (t:(Key:string), k:string) { t | where Key == k | count }; f(Ev, "a")`, Want: `[2]`},
		{Query: `let f = (t:(*)) { t | count }; Ev | invoke f()`, Want: `[4]`},
		{Query: `let f = () { let a = 2; let b = a * 3; b + 1 }; print f()`, Want: `[7]`},
		{Query: `let c = toscalar(Ev | summarize max(N)); Ev | where N == c | project Key`, Want: `["a"]`},
		{Query: `let m = materialize(Ev | summarize c = count() by Key); m | join kind=inner (m) on Key | count`, Want: `[3]`},
		{Query: `let keys = Ev | where Kind == "ok" | distinct Key; Ev | where Key in (keys) | count`, Want: `[2]`},
		{Query: `Ev | where Key in ((Ev | where N == 5 | project Key)) | count`, Want: `[2]`},
		{Query: `let x = 1; let x = 2; print x`, Fault: "given twice"},
		{Query: `let f = (x:long) { Ev | where N == x | count }; Ev | extend y = toscalar(f(N))`, Fault: "no column or variable is named `N`", Lax: true},
		{Query: `set query_bin_auto_size=1m; Ev | summarize count() by bin_auto(TimeGenerated) | count`, Want: `[3]`},
		{Query: `declare query_parameters(k:string = "b"); Ev | where Key == k | count`, Want: `[1]`},
		{Query: `let v = view () { Ev | where Key == "b" }; union v | count`, Want: `[1]`},
		{Query: `Ev | where column_ifexists("Nope", "") == "" | count`, Want: `[4]`},
		{Query: `Ev | extend N2 = column_ifexists("N", 0) | where N2 == 5 | count`, Want: `[1]`},
	})
}

// TestPlugins covers the plugins that are known.
func TestPlugins(t *testing.T) {
	runCases(t, []testCase{
		{Query: `Ev | project Key, D | where Key == "a" | evaluate bag_unpack(D)`, Want: lines(`["a",[1,2],7,"Ab"]`, `["a",null,null,""]`)},
		{Query: `Ev | project Key, Kind | evaluate pivot(Kind)`, Want: lines(`["a",0,1,1]`, `["b",0,1,0]`, `["B",1,0,0]`)},
		{Query: `Ev | where Key == "b" | project Key, Kind | evaluate narrow()`, Want: lines(`[0,"Key","b"]`, `[0,"Kind","fail"]`)},
		{Query: `Ev | evaluate autocluster()`, Fault: "plugin `autocluster`", Lax: true},
	})
}
