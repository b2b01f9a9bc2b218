package interp

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/native"
)

// webEvents are events of a web server, as the manuals' examples use them.
const webEvents = `{"_time":"2024-01-01T00:00:10Z","host":"www1","sourcetype":"access_combined","status":200,"action":"view","clientip":"10.0.0.1","bytes":100,"user":"ann","method":"GET","referer":"http://a.com"}
{"_time":"2024-01-01T00:00:20Z","host":"www1","sourcetype":"access_combined","status":404,"action":"purchase","clientip":"10.0.0.2","bytes":200,"user":"bob","method":"POST"}
{"_time":"2024-01-01T00:01:10Z","host":"www2","sourcetype":"access_combined","status":500,"action":"purchase","clientip":"192.168.1.5","bytes":300,"user":"ann","method":"GET"}
{"_time":"2024-01-01T00:02:10Z","host":"www2","sourcetype":"access_combined","status":200,"action":"view","clientip":"10.0.0.1","bytes":50,"user":"Ann","method":"GET"}
{"_time":"2024-01-01T00:05:10Z","host":"www3","sourcetype":"access_combined","status":200,"action":"addtocart","clientip":"10.0.0.3","bytes":"-","method":"GET"}`

func webInput(tb testing.TB) native.Input {
	return native.Input{Tables: []native.Table{
		table(tb, "main", webEvents),
		table(tb, "users", `{"uid":"ann","dept":"Sales"}`+"\n"+`{"uid":"bob","dept":"Dev"}`),
		table(tb, "iplocation", `{"ip":"192.168.0.0/16","City":"Near","Country":"Home"}`+"\n"+`{"ip":"192.168.1.0/24","City":"Here","Country":"Home"}`),
		table(tb, "metrics", `{"_time":"2024-01-01T00:00:10Z","index":"metrics","metric_name":"cpu.usage","_value":10,"dim":"a"}`+"\n"+
			`{"_time":"2024-01-01T00:00:20Z","index":"metrics","metric_name:cpu.usage":30,"metric_name:mem.usage":7,"dim":"a"}`),
	}}
}

// docRow is a query, what Splunk's manuals say that it gives, and the page that says so: SR is the Search Reference, SM the
// Search Manual.
type docRow struct{ page, query, want string }

// searchRows are about the search command against where and eval.
var searchRows = []docRow{
	{"SR search: field-value pairs ignore case in values", `index=main user="Ann" | stats count`, "count=3"},
	{"SR where: comparisons are case-sensitive", `index=main | where user="Ann" | stats count`, "count=1"},
	{"SM != and NOT: != needs the field", `index=main user!=ann | table user`, "user=bob"},
	{"SM != and NOT: NOT takes events without the field", `index=main NOT user=ann | table host`, "host=www3\nhost=www1"},
	{"SM Boolean expressions: in search OR before AND", `index=main status=200 OR status=404 action=view | stats count`, "count=2"},
	{"SM Boolean expressions: in where AND before OR", `index=main | where status=200 OR status=404 AND action="view" | stats count`, "count=3"},
	{"SR search: IN, with wildcards", `index=main status IN (404, 5*) | table status`, "status=500\nstatus=404"},
	{"SR search: NOT field IN", `index=main NOT status IN (200, 404) | table status`, "status=500"},
	{"SR search: comparison as numbers", `index=main status>=404 | stats count`, "count=2"},
	{"SR search: CIDR", `index=main clientip="10.0.0.0/8" | stats count`, "count=4"},
	{"SM Wildcards", `index=main status=2* | stats count`, "count=3"},
	{"SM Wildcards: ? is itself", `index=main user=a?n | stats count`, "count=0"},
	{"SM CASE and TERM", `index=main user=CASE(Ann) | stats count`, "count=1"},
	{"SR search: phrase in the raw text", `index=main "purchase" | stats count`, "count=2"},
	{"SR search: a comparison with a field's name is with a text", `index=main host=user | stats count`, "count=0"},
	{"SR where: an unquoted word is a field", `index=main | where host=www1 | stats count`, "count=0"},
	{"SR where: like", `index=main | where clientip LIKE "192.168.%" | table host`, "host=www2"},
	{"SR where: cidrmatch and a condition", `index=main | where cidrmatch("10.0.0.0/24", clientip) OR status=500 | stats count`, "count=5"},
	{"SM Time modifiers: exact time", `index=main earliest="01/01/2024:00:01:00" latest="01/01/2024:00:03:00" | stats count`, "count=2"},
	{"SM Time modifiers: relative time", `index=main earliest=-3m latest=now | table host`, "host=www2"},
	{"SM Subsearches: implied format", `index=main [search index=main status=404 | fields host] | stats count`, "count=2"},
	{"SR return: field and value", `index=main [search index=main status=404 | return clientip] | table host`, "host=www1"},
	{"SR return: $ gives the value alone", `index=main status=[search index=main | stats max(status) as m | return $m] | table host`, "host=www2"},
	{"SM Subsearches: time bounds from a subsearch", `index=main [search index=main status=500 | eval latest=_time | return latest] | stats count`, "count=2"},
	{"SR format", `index=main | stats count by host action | head 2 | fields host action | format`, `search=( ( host="www1" AND action="purchase" ) OR ( host="www1" AND action="view" ) )`},
	{"SR format: own texts", `| makeresults | eval a="1",b="2" | fields - _time | format "[" "[" "&&" "]" "||" "]"`, `search=[ [ a="1" && b="2" ] ]`},
	{"SR format: several values", `| makeresults | eval a=split("1,2",",") | table a | format mvsep="mv"`, `search=( ( ( a="1" mv a="2" ) ) )`},
	{"SR format: nothing", `| makeresults | where 1=2 | format emptystr="none"`, `search=none`},
	{"KM default fields", `index=main date_hour=0 date_wday=monday | stats count`, "count=5"},
}

// commandRows are about single commands.
var commandRows = []docRow{
	{"SR stats: count of events, of a field", `index=main | stats count, count(user), dc(user)`, "count=5 count(user)=4 dc(user)=3"},
	{"SR stats: rows without a BY field are left out", `index=main | stats count by user`, "user=Ann count=1\nuser=ann count=2\nuser=bob count=1"},
	{"SR stats: eval inside", `index=main | stats count(eval(status=404)) AS nf, sum(eval(if(status=200,1,0))) AS ok`, "nf=1 ok=3"},
	{"SR stats: wildcards", `index=main | stats sum(st*) as sum_* by method`, "method=GET sum_atus=1100\nmethod=POST sum_atus=404"},
	{"SR values: sorted and distinct, list: in order", `index=main | stats values(status) as v list(status) as l`, "v=200|404|500 l=200|200|500|404|200"},
	{"SR Aggregate functions: allnum", `index=main | stats allnum=t sum(bytes) as b sum(status) as s`, "s=1504"},
	{"SR first, last: in the order of the events", `index=main | stats first(action) last(action) earliest(action) latest(action)`, "first(action)=addtocart last(action)=view earliest(action)=view latest(action)=addtocart"},
	{"SR eventstats", `index=main | eventstats avg(status) as m by host | where status>m | table host m`, "host=www2 m=350\nhost=www1 m=302"},
	{"SR streamstats: window", `index=main | sort 0 _time | streamstats window=2 sum(status) as s | table s`, "s=200\ns=604\ns=904\ns=700\ns=400"},
	{"SR streamstats: current=f", `index=main | sort 0 _time | streamstats current=f last(status) as prev | head 2 | table status prev`, "status=200\nstatus=404 prev=200"},
	{"SR streamstats: reset_on_change", `index=main | sort 0 _time | streamstats count reset_on_change=t by action | table count`, "count=1\ncount=1\ncount=2\ncount=1\ncount=1"},
	{"SR streamstats: reset_after", `| makeresults count=4 | streamstats count as n | streamstats sum(n) as s reset_after="(s>=3)" | table s`, "s=1\ns=3\ns=3\ns=4"},
	{"SR bin: times", `index=main | bin _time span=2m | stats count by _time`, "_time=1704067200 count=3\n_time=1704067320 count=1\n_time=1704067440 count=1"},
	{"SR bin: numbers become ranges", `index=main | bin status span=100 | stats count by status`, "status=200-300 count=3\nstatus=400-500 count=1\nstatus=500-600 count=1"},
	{"SR bin: bins, powers of ten", `index=main | bin status bins=3 | stats count by status`, "status=200-300 count=3\nstatus=400-500 count=1\nstatus=500-600 count=1"},
	{"SR bin: logarithmic span", `| makeresults count=5 | streamstats count as n | bin n span=log2 | stats count by n`, "n=1-2 count=1\nn=2-4 count=2\nn=4-8 count=2"},
	{"SR bin: aligntime", `index=main | bin _time span=2m aligntime=1704067210 | stats count by _time | head 1`, "_time=1704067210 count=3"},
	{"SR rename: wildcards", `index=main | head 1 | rename *ip AS ip_* | table ip_*`, "ip_client=10.0.0.3"},
	{"SR dedup: most recent first", `index=main | dedup host | table host status`, "host=www3 status=200\nhost=www2 status=200\nhost=www1 status=404"},
	{"SR dedup: sortby decides which is kept", `index=main | dedup host sortby +_time | table host status`, "host=www1 status=200\nhost=www2 status=500\nhost=www3 status=200"},
	{"SR dedup: keepempty", `index=main | dedup user keepempty=t | stats count`, "count=4"},
	{"SR dedup: consecutive", `index=main | sort 0 _time | dedup action consecutive=t | table action`, "action=view\naction=purchase\naction=view\naction=addtocart"},
	{"SR sort: two numbers as numbers", `| makeresults format=csv data="v<NL>9.1<NL>10.1" | sort - v | table v`, "v=10.1\nv=9.1"},
	{"SR sort: other pairs as texts", `| makeresults format=csv data="v<NL>10.1.a<NL>9.1.a" | sort - v | table v`, "v=9.1.a\nv=10.1.a"},
	{"SR sort: str", `| makeresults format=csv data="v<NL>9<NL>10" | sort str(v) | table v`, "v=10\nv=9"},
	{"SR fillnull", `index=main | fillnull value=NULL user | stats count by user | head 2`, "user=Ann count=1\nuser=NULL count=1"},
	{"SR rex: named groups", `index=main | rex field=referer "http://(?<domain>[^/]+)" | stats count by domain`, "domain=a.com count=1"},
	{"SR rex: sed, nth match", `index=main | head 1 | rex field=clientip mode=sed "s/0/x/2" | table clientip`, "clientip=10.x.0.3"},
	{"SR rex: offset_field of one group", `index=main | head 1 | rex field=clientip "(?<tenchars>.{5})" offset_field=off | table off`, "off=0-4"},
	{"SR rex: offset_field of several", `index=main | head 1 | rex field=clientip "(?<a>\d+)\.(?<b>\d+)" offset_field=off | table off`, "off=a=0-1&b=3-3"},
	{"SR top: useother", `index=main | top limit=1 action useother=t`, "action=purchase count=2 percent=40\naction=OTHER count=3 percent=60"},
	{"SR rare", `index=main | rare limit=1 action showperc=f`, "action=addtocart count=1"},
	{"SR chart: eval over aggregates", `index=main | chart eval(sum(status)/count(status)) AS ratio BY method`, "method=GET ratio=275\nmethod=POST ratio=404"},
	{"SR chart: OVER and BY", `index=main | chart count over host by method`, "host=www1 GET=1 POST=1\nhost=www2 GET=2 POST=0\nhost=www3 GET=1 POST=0"},
	{"SR chart: where", `index=main | chart sum(status) over method by host where max in top1`, "method=GET www2=700 OTHER=400\nmethod=POST OTHER=404"},
	{"SR timechart: empty buckets", `index=main | timechart span=2m count`, "_time=1704067200 count=3\n_time=1704067320 count=1\n_time=1704067440 count=1"},
	{"SR timechart: per_minute", `index=main | timechart span=2m per_minute(status) as r`, "_time=1704067200 r=552\n_time=1704067320 r=100\n_time=1704067440 r=100"},
	{"SR timechart: automatic span", `index=main | timechart count | stats count as buckets sum(count) as events`, "buckets=61 events=5"},
	{"SR lookup: OUTPUT AS", `index=main | lookup users uid AS user OUTPUT dept AS department | stats count by department`, "department=Dev count=1\ndepartment=Sales count=2"},
	{"SR inputlookup: where", `| inputlookup users where dept=S* | table uid`, "uid=ann"},
	{"EF lookup", `index=main | eval d=json_extract(lookup("users",json_object("uid",user),json_array("dept")),"dept") | stats count by d`, "d=Dev count=1\nd=Sales count=2"},
	{"SR iplocation: unknown addresses add nothing", `index=main | iplocation clientip | table host City`, "host=www3\nhost=www2\nhost=www2 City=Here\nhost=www1\nhost=www1"},
	{"SR mstats", `| mstats avg(cpu.usage) as cpu max(mem.usage) as mem where index=metrics by dim`, "dim=a cpu=20 mem=7"},
	{"SR mstats: _value", `| mstats count(_value) as n where metric_name=cpu.* index=metrics`, "n=1"},
	{"SR tstats: data model", `| tstats count from datamodel=Web where Web.status IN (404,500) by Web.user`, "Web.user=ann count=1\nWeb.user=bob count=1"},
	{"SR join: left", `index=main | stats count by host | join type=left host [search index=main status=500 | stats count as errors by host] | table host errors`, "host=www1\nhost=www2 errors=1\nhost=www3"},
	{"SR appendpipe", `index=main | stats count by host | appendpipe [stats sum(count) as count | eval host="total"] | tail 1`, "host=total count=5"},
	{"SR set diff", `| set diff [search index=main | stats count by host | fields host] [search index=main status=200 host!=www1 | stats count by host | fields host]`, "host=www1"},
	{"SR xyseries, untable", `index=main | stats count by host method | xyseries host method count | untable host method count`, "host=www1 method=GET count=1\nhost=www1 method=POST count=1\nhost=www2 method=GET count=2\nhost=www3 method=GET count=1"},
	{"SR foreach: fields", `index=main | head 1 | foreach st* [eval <<FIELD>>_x2='<<FIELD>>'*2] | table status_x2`, "status_x2=400"},
	{"SR foreach: multivalue", `| makeresults | eval m=split("1,2,3",","), total=0 | foreach mode=multivalue m [eval total=total+<<ITEM>>] | table total`, "total=6"},
	{"SR foreach: json_array", `| makeresults | eval m="[\"a\",\"b\"]", s="" | foreach mode=json_array m [eval s=s.<<ITEM>>.<<ITER>>] | table s`, "s=a0b1"},
	{"SR spath: JSON arrays from 0", `| makeresults | eval j="{\"a\":[{\"b\":1},{\"b\":2}]}" | spath input=j output=x path=a{1}.b | table x`, "x=2"},
	{"SR spath: XML from 1, attributes", `| makeresults | eval x="<a><b id=\"1\">p</b><b id=\"2\">q</b></a>" | spath input=x output=y path=a.b{2} | spath input=x output=z path=a.b{@id} | table y z`, "y=q z=1|2"},
	{"SR extract", `| makeresults | eval _raw="a=1, b=\"x y\"; c=3" | extract pairdelim=",;" kvdelim="=" | table a b c`, "a=1 b=x y c=3"},
	{"SR transaction: orphans", `index=main | transaction host startswith=eval(status=200) endswith=eval(status=404) keeporphans=t | table host eventcount duration _txn_orphan`, "host=www3 _txn_orphan=1\nhost=www2 _txn_orphan=1\nhost=www2 _txn_orphan=1\nhost=www1 eventcount=2 duration=10"},
	{"SR rangemap", `index=main | rangemap field=status ok=200-299 client=400-499 default=server | stats count by range`, "range=client count=1\nrange=ok count=3\nrange=server count=1"},
	{"SR addcoltotals", `index=main | stats count by method | addcoltotals labelfield=method label=ALL`, "method=GET count=4\nmethod=POST count=1\nmethod=ALL count=5"},
	{"SR trendline", `| makeresults count=3 | streamstats count as n | trendline sma2(n) as s | table s`, "\ns=1.5\ns=2.5"},
	{"SR autoregress", `| makeresults count=3 | streamstats count as n | autoregress n p=1-2 | tail 1 | table n_p1 n_p2`, "n_p1=2 n_p2=1"},
	{"SR eventcount", `| eventcount index=main`, "count=5"},
	{"SR gentimes", `| gentimes start=01/01/2024 end=01/03/2024 | table starttime endtime`, "starttime=1704067200 endtime=1704153599\nstarttime=1704153600 endtime=1704239999"},
	{"SR makecontinuous", `index=main | stats count by _time | makecontinuous _time span=1m | stats count`, "count=7"},
	{"SR tojson", `index=main | head 1 | fields host status | tojson | table _raw`, `_raw={"host":"www3","status":200}`},
	{"SR fieldsummary", `index=main | fieldsummary status | table count distinct_count max mean min`, "count=5 distinct_count=3 max=500 mean=300.8 min=200"},
	{"SR makeresults: CSV", `| makeresults format=csv data="a,b<NL>1,\"x,y\"" | table a b`, "a=1 b=x,y"},
	{"SR makeresults: annotate", `| makeresults annotate=t | table splunk_server`, "splunk_server=localhost"},
	{"SR eval: names from values", `index=main | head 1 | eval {action}=1, n_{host}=2, {host}_m=3, a{}.b=4 | table addtocart n_www3 www3_m a{}.b`, "addtocart=1 n_www3=2 www3_m=3 a{}.b=4"},
	{"SR convert: memk", `| makeresults | eval a="2m", b="1.5g", c="7" | convert memk(*) | table a b c`, "a=2048 b=1572864 c=7"},
	{"SR streamstats: reset_before, options behind BY", `index=main | sort 0 _time | streamstats count by method reset_before="(status=500)" | table count`, "count=1\ncount=1\ncount=1\ncount=2\ncount=3"},
	{"SR mvfilter: !", `| makeresults | eval m=split("a.net,b.com",",") | eval n=mvfilter(!match(m,"net$")) | table n`, "n=b.com"},
	{"SR convert", `index=main | head 1 | convert ctime(_time) AS t timeformat="%H:%M:%S" | table t`, "t=00:05:10"},
}

// TestDocumentation runs queries of the kinds that the manuals show.
func TestDocumentation(t *testing.T) {
	in := webInput(t)
	for _, list := range [][]docRow{searchRows, commandRows} {
		for _, c := range list {
			t.Run(c.page, func(t *testing.T) {
				if got := rows(execute(t, newlines(c.query), in)); got != c.want {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.query, got, c.want)
				}
			})
		}
	}
}

// newlines puts newlines where a query shows <NL>.
func newlines(q string) string { return strings.ReplaceAll(q, "<NL>", "\n") }
