package interp

import (
	"testing"

	"github.com/onerule/onerule/backends/native"
)

// commandEvents are the events of the command table; e1 to e5 arrive from e5 to e1.
const commandEvents = `{"_time":100,"id":"e1","user":"a","host":"x","n":1,"act":"in"}
{"_time":160,"id":"e2","user":"a","host":"y","n":2,"act":"out"}
{"_time":220,"id":"e3","user":"b","host":"x","n":3,"act":"in"}
{"_time":280,"id":"e4","user":"a","n":4,"m{}":["p","q"],"act":"in"}
{"_time":400,"id":"e5","user":"b","host":"x","n":"z","csv":"1,2,,3"}`

func commandInput(tb testing.TB) native.Input {
	assets := `{"name":"a","dept":"Sales","vip":"yes"}
{"name":"a","dept":"Dev"}
{"name":"B","dept":"Ops"}`
	return native.Input{Tables: []native.Table{table(tb, "main", commandEvents), table(tb, "assets", assets)}}
}

// TestCommands has rows for each command: the query behind `index=main | `, and the result rows.
func TestCommands(t *testing.T) {
	in := commandInput(t)
	for _, c := range []struct{ query, want string }{
		{`table id, n`, "id=e5 n=z\nid=e4 n=4\nid=e3 n=3\nid=e2 n=2\nid=e1 n=1"},
		{`head 2 | table id`, "id=e5\nid=e4"},
		{`tail 2 | table id`, "id=e1\nid=e2"},
		{`head (n!=3) | table id`, "id=e5\nid=e4"},
		{`head (n!=3) keeplast=t | table id`, "id=e5\nid=e4\nid=e3"},
		{`reverse | head limit=1 | table id`, "id=e1"},
		{`head 1 | fields id, n`, "id=e5 n=z _time=400"},
		{`head 1 | fields - _time, c*, a*`, "host=x id=e5 n=z user=b"},
		{`head 1 | fields + id | fields - _time`, "id=e5"},
		{`head 1 | table *`, "csv=1,2,,3 host=x id=e5 n=z user=b"},
		{`head 1 | eval a=1, b=a+1, "c d"=b . "x" | table a, b, "c d"`, "a=1 b=2 c d=2x"},
		{`head 1 | eval {user}="v" | table b`, "b=v"},
		{`head 1 | eval user=null() | table user id`, "id=e5"},
		{`head 1 | rename id AS key, "n" AS number | table key number`, "key=e5 number=z"},
		{`head 1 | rename u* AS x_* | table x_ser`, "x_ser=b"},
		{`head 1 | eval Proc.a=1, Proc.b=2 | rename "Proc.*" as * | table a b`, "a=1 b=2"},
		{`head 1 | rename nope AS id | table id n`, "n=z"},
		{`fillnull host | table id host | head 2`, "id=e5 host=x\nid=e4 host=0"},
		{`fillnull value="none" host nope | where id="e4" | table host nope`, "host=none nope=none"},
		{`head 2 | table id host csv | fillnull value=NA`, "id=e5 host=x csv=1,2,,3\nid=e4 host=NA csv=NA"},
		{`regex id="[12]$" | table id`, "id=e2\nid=e1"},
		{`regex host!="x" | table id`, "id=e4\nid=e2"},
		{`regex "\"n\":3" | table id`, "id=e3"},
		{`head 1 | rex field=id "(?<letter>[a-z])(?P<digit>\d)" | table letter digit`, "letter=e digit=5"},
		{`head 1 | rex field=csv max_match=0 "(?<num>\d)" | table num`, "num=1|2|3"},
		{`head 1 | rex field=csv max_match=2 "(?<num>\d)" | table num`, "num=1|2"},
		{`head 1 | rex field=id "(?<user>zz)" | table user`, "user=b"},
		{`head 1 | rex field=csv mode=sed "s/,+/;/g" | table csv`, "csv=1;2;3"},
		{`head 1 | rex field=csv mode=sed "y/123/abc/" | table csv`, "csv=a,b,,c"},
		{`where id="e4" | mvexpand m{} | table id m{}`, "id=e4 m{}=p\nid=e4 m{}=q"},
		{`where id="e4" | mvexpand m{} limit=1 | table m{}`, "m{}=p"},
		{`where id="e4" | nomv m{} | table m{}`, "m{}=p\nq"},
		{`head 1 | makemv delim="," csv | table csv`, "csv=1|2|3"},
		{`head 1 | makemv delim="," allowempty=t csv | table csv`, "csv=1|2||3"},
		{`head 1 | makemv tokenizer="(\d),?" csv | table csv`, "csv=1|2|3"},
		{`table user | mvcombine user`, "user=b|a|b|a|a"},
		{`sort n | table id`, "id=e1\nid=e2\nid=e3\nid=e4\nid=e5"},
		{`sort - n | table id`, "id=e5\nid=e4\nid=e3\nid=e2\nid=e1"},
		{`sort host, -id | table id`, "id=e5\nid=e3\nid=e1\nid=e2\nid=e4"},
		{`sort -host | table id`, "id=e2\nid=e5\nid=e3\nid=e1\nid=e4"},
		{`sort 2 +_time | table id`, "id=e1\nid=e2"},
		{`sort +_time desc | table id | head 1`, "id=e5"},
		{`sort num(n) | table id | head 1`, "id=e1"},
		{`dedup user | table id`, "id=e5\nid=e4"},
		{`dedup 2 user | table id`, "id=e5\nid=e4\nid=e3\nid=e2"},
		{`dedup host | table id`, "id=e5\nid=e2"},
		{`dedup host keepempty=t | table id`, "id=e5\nid=e4\nid=e2"},
		{`dedup user consecutive=t | table id`, "id=e5\nid=e4\nid=e3\nid=e2"},
		{`dedup user sortby id | table id`, "id=e1\nid=e3"},
		{`dedup user sortby -id | table id`, "id=e5\nid=e4"},
		// stats and its kin.
		{`stats count`, "count=5"},
		{`stats count, dc(user) AS u, sum(n) AS s BY host`, "host=x count=3 u=2 s=4\nhost=y count=1 u=1 s=2"},
		{`where 1=0 | stats count, max(n) AS m`, "count=0"},
		{`where 1=0 | stats count BY user`, ""},
		{`stats count BY m{}`, "m{}=p count=1\nm{}=q count=1"},
		{`stats values(*) AS v_* BY user | table user v_id`, "user=a v_id=e1|e2|e4\nuser=b v_id=e3|e5"},
		{`stats count(eval(user="a" AND n>1)) AS k, count(eval(nope="x")) AS z`, "k=2 z=0"},
		{`stats first(id) last(id) earliest(id) latest(id) list(user)`, "first(id)=e5 last(id)=e1 earliest(id)=e1 latest(id)=e5 list(user)=b|a|b|a|a"},
		{`stats count AS n | where n>=5 | eval k=n*2`, "n=5 k=10"},
		{`stats dc(user) | where 'dc(user)'=2`, "dc(user)=2"},
		{`stats dc(user) | search "dc(user)"=2`, "dc(user)=2"},
		{`stats count BY _time span=1m`, ""},
		{`eventstats count AS c, avg(n) AS m BY host | table id c m | sort id`, "id=e1 c=3 m=2\nid=e2 c=1 m=2\nid=e3 c=3 m=2\nid=e4\nid=e5 c=3 m=2"},
		{`sort 0 +_time | streamstats count AS c BY user | table id c`, "id=e1 c=1\nid=e2 c=2\nid=e3 c=1\nid=e4 c=3\nid=e5 c=2"},
		{`sort 0 +_time | streamstats current=f max(n) AS p BY user | table id p`, "id=e1\nid=e2 p=1\nid=e3\nid=e4 p=2\nid=e5 p=3"},
		{`sort 0 +_time | streamstats window=2 count AS c BY user | table id c`, "id=e1 c=1\nid=e2 c=2\nid=e3 c=1\nid=e4 c=1\nid=e5 c=1"},
		{`sort 0 +_time | streamstats window=2 global=f count AS c, min(_time) AS t0 BY user | table id c t0`, "id=e1 c=1 t0=100\nid=e2 c=2 t0=100\nid=e3 c=1 t0=220\nid=e4 c=2 t0=160\nid=e5 c=2 t0=220"},
		{`sort 0 +_time | streamstats time_window=60s count AS c BY user | table id c`, "id=e1 c=1\nid=e2 c=2\nid=e3 c=1\nid=e4 c=1\nid=e5 c=1"},
		{`sort 0 +_time | streamstats reset_on_change=t count AS c BY user | table id c`, "id=e1 c=1\nid=e2 c=2\nid=e3 c=1\nid=e4 c=1\nid=e5 c=1"},
		{`sort 0 +_time | streamstats reset_after="(act=\"out\")" count AS c | table id c`, "id=e1 c=1\nid=e2 c=2\nid=e3 c=1\nid=e4 c=2\nid=e5 c=3"},
		{`sort 0 +_time | streamstats reset_before="(act==\"out\")" count AS c | table id c | head 3`, "id=e1 c=1\nid=e2 c=1\nid=e3 c=2"},
		{`bin _time span=2m | stats count BY _time`, "_time=0 count=1\n_time=120 count=2\n_time=240 count=1\n_time=360 count=1"},
		{`bin span=100 n AS b | where id="e4" | table b n`, "b=0-100 n=4"},
		{`bin _time span=2m aligntime=60 | stats count BY _time | head 1`, "_time=60 count=2"},
		{`bucket _time span=1d AS d | head 1 | table d`, "d=0"},
		{`timechart span=2m count`, "_time=0 count=1\n_time=120 count=2\n_time=240 count=1\n_time=360 count=1"},
		{`timechart span=1m count BY user limit=1`, "_time=60 a=1 OTHER=0\n_time=120 a=1 OTHER=0\n_time=180 a=0 OTHER=1\n_time=240 a=1 OTHER=0\n_time=300 a=0 OTHER=0\n_time=360 a=0 OTHER=1"},
		{`chart count OVER user BY host`, "user=a x=1 y=1 NULL=1\nuser=b x=2 y=0 NULL=0"},
		{`chart count BY user`, "user=a count=3\nuser=b count=2"},
		{`chart sum(n) dc(id) BY user host usenull=f`, "user=a sum(n): x=1 sum(n): y=2 dc(id): x=1 dc(id): y=1\nuser=b sum(n): x=3 dc(id): x=2 dc(id): y=0"},
		{`top user`, "user=a count=3 percent=60\nuser=b count=2 percent=40"},
		{`top 1 host BY user showperc=f`, "user=a host=x count=1\nuser=b host=x count=2"},
		{`rare user limit=1`, "user=b count=2 percent=40"},
		// Other rows.
		{`lookup assets name AS user OUTPUT dept | table id dept`, "id=e5\nid=e4 dept=Sales|Dev\nid=e3\nid=e2 dept=Sales|Dev\nid=e1 dept=Sales|Dev"},
		{`head 2 | lookup assets name AS user | table id dept vip`, "id=e5\nid=e4 dept=Sales|Dev vip=yes"},
		{`head 2 | eval dept="x" | lookup assets name AS user OUTPUTNEW dept, vip AS v | table dept v`, "dept=x\ndept=x v=yes"},
		{`head 2 | lookup assets name AS user OUTPUT name AS hit | where isnotnull(hit) | table id`, "id=e4"},
		{`join user [search act=out | fields user, host | rename host AS other] | table id other`, "id=e4 other=y\nid=e2 other=y\nid=e1 other=y"},
		{`join type=left user [| inputlookup assets | rename name AS user] | table id dept | head 2`, "id=e5\nid=e4 dept=Sales"},
		{`join max=0 user [| inputlookup assets | rename name AS user] | table id dept | head 2`, "id=e4 dept=Sales\nid=e4 dept=Dev"},
		{`head 1 | join type=outer overwrite=f user [| makeresults | eval user="b", id="new", k=1 | table user id k] | table id k`, "id=e5 k=1"},
		{`stats count | append [search user=b | stats count AS b]`, "count=5\nb=2"},
		{`stats count BY user | appendpipe [stats sum(count) AS count | eval user="all"]`, "user=a count=3\nuser=b count=2\nuser=all count=5"},
		{`stats count | appendcols [search user=b | stats count AS b]`, "count=5 b=2"},
		{`head 1 | table id | inputlookup append=t assets where dept=dev`, "id=e5\ndept=Dev name=a"},
		{`transaction user maxspan=3m | table id eventcount duration closed_txn | sort id`, "id=e1 eventcount=1 duration=0 closed_txn=0\nid=e2|e4 eventcount=2 duration=120 closed_txn=1\nid=e3 eventcount=1 duration=0 closed_txn=0\nid=e5 eventcount=1 duration=0 closed_txn=1"},
		{`transaction user startswith=(act=in) endswith=(act=out) | table id duration closed_txn`, "id=e1|e2 duration=60 closed_txn=1"},
		{`transaction user startswith=eval(n=2) endswith="act=in" keepevicted=t | table id closed_txn`, "id=e3 closed_txn=0\nid=e2|e4 closed_txn=1\nid=e1 closed_txn=0"},
		{`transaction user maxpause=1m | table id | sort id`, "id=e1|e2\nid=e3\nid=e4\nid=e5"},
		{`transaction maxevents=2 | table id`, "id=e4|e5\nid=e2|e3\nid=e1"},
		{`head 1 | convert timeformat="%H:%M" ctime(_time) AS t, num(csv) AS k | table t k`, "t=00:06 k=123"},
		{`head 1 | convert ctime(_ti*) | table _time`, "_time=01/01/1970 00:06:40"},
		{`head 1 | foreach u* h* [eval new_<<FIELD>>='<<FIELD>>' . "!"] | table new_user new_host`, "new_user=b! new_host=x!"},
		{`head 1 | foreach us* [eval x="<<MATCHSTR>>"] | table x`, "x=er"},
		{`head 2 | replace "b" WITH "bee", "a*" WITH "<*>" IN user | table user`, "user=bee\nuser=<>"},
		{`head 1 | addtotals fieldname=T n _time | table T`, "T=400"},
		{`stats sum(n) AS s BY user | addtotals row=f col=t labelfield=user`, "user=a s=7\nuser=b s=3\nuser=Total s=10"},
		{`sort 0 +_time | where n<4 | accum n AS tot | delta n AS d | autoregress n p=2 | table tot d n_p2`, "tot=1\ntot=3 d=1\ntot=6 d=1 n_p2=1"},
		{`head 1 | strcat id "-" user both | table both`, "both=e5-b"},
		{`head 2 | table id user | transpose`, "column=id row 1=e5 row 2=e4\ncolumn=user row 1=b row 2=a"},
		{`stats count BY user host | xyseries user host count`, "user=a x=1 y=1\nuser=b x=2"},
		{`stats count sum(n) AS s BY user | untable user k v`, "user=a k=count v=3\nuser=a k=s v=7\nuser=b k=count v=2\nuser=b k=s v=3"},
		{`sort 0 +_time | filldown host | table id host | tail 2`, "id=e5 host=x\nid=e4 host=x"},
		{`head 1 | eval x="<a>1</a><b k='v'>2</b>" | xmlkv x | table a b`, "a=1 b=2"},
		{`head 1 | eval j="{\"a\":{\"b\":[1,2]}}" | spath input=j | table a.b{}`, "a.b{}=1|2"},
		{`head 1 | eval j="{\"a\":{\"b\":[1,2]}}" | spath input=j output=o path=a.b{} | table o`, "o=1|2"},
		{`head 1 | spath user output=u | table u`, "u=b"},
		{`head 1 | outputlookup x | table id`, "id=e5"},
		{`head 1 | fieldformat n="x" | table n`, "n=z"},
		{`table user | uniq`, "user=b\nuser=a\nuser=b\nuser=a"},
		{`head 1 | eval j="{\"k\":\"v\",\"l\":[1]}" | fromjson j prefix=p_ | table p_k p_l`, "p_k=v p_l=[1]"},
		{`search user=b | table id`, "id=e5\nid=e3"},
		{`table id | search e5`, ""},
		{`search e5 | table id`, "id=e5"},
		{`stats count BY user | return 2 user`, `search=(user="a") OR (user="b")`},
		{`stats count BY user | fields user | format`, `search=( ( user="a" ) OR ( user="b" ) )`},
	} {
		if c.query == `stats count BY _time span=1m` {
			c.want = "_time=60 count=1\n_time=120 count=1\n_time=180 count=1\n_time=240 count=1\n_time=360 count=1"
		}
		t.Run(c.query, func(t *testing.T) {
			if got := rows(execute(t, `index=main | `+c.query, in)); got != c.want {
				t.Errorf("\ngot:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

// TestGenerators: the commands that begin a query.
func TestGenerators(t *testing.T) {
	in := commandInput(t)
	cim := `{"_time":100,"process_name":"cmd.exe","process":"cmd /c x","dest":"h1","user":"u1","process_id":"7"}
{"_time":200,"process_name":"CMD.EXE","dest":"h2"}
{"_time":300,"process_name":"net.exe","dest":"h1","user":"u2","tag":["process"]}`
	auth := `{"_time":10,"action":"failure","user":"a","src":"s","app":"x"}
{"_time":20,"action":"success","user":"HOST$","src":"s"}
{"_time":30,"action":"success","user":"b","src":""}`
	cimIn := native.Input{Tables: []native.Table{table(t, "Endpoint.Processes", cim), table(t, "Authentication", auth)}}
	for _, c := range []struct {
		query, want string
		in          native.Input
	}{
		{`| makeresults | eval a=1 | table a`, "a=1", native.Input{}},
		{`| makeresults count=2 | stats count`, "count=2", native.Input{}},
		{`| makeresults format=json data="[{\"a\":1,\"b\":[1,2]},{\"a\":2}]" | table a b{}`, "a=1 b{}=1|2\na=2", native.Input{}},
		{"| makeresults format=csv data=\"a,b\n1,2\n3,\" | table a b", "a=1 b=2\na=3", native.Input{}},
		{`| inputlookup assets`, "dept=Sales name=a vip=yes\ndept=Dev name=a\ndept=Ops name=B", in},
		{`| inputlookup assets.csv where name=b`, "dept=Ops name=B", in},
		{`| inputlookup max=1 assets | table name`, "name=a", in},
		{`| from lookup:assets | where dept="Dev" | table name`, "name=a", in},
		{`| from datamodel:"Endpoint.Processes" | where process_name="net.exe" | table dest parent_process`, "dest=h1 parent_process=unknown", cimIn},
		{`| multisearch [search user=b n=3 | eval k=1] [search user=a n=4 | eval k=2] | table id k`, "id=e4 k=2\nid=e3 k=1", in},
		{`| union [search user=b | stats count] [search user=a | stats count]`, "count=2\ncount=3", in},
		{`| append [| makeresults | eval a=1 | table a]`, "a=1", native.Input{}},
		{`| tstats count WHERE index=main user=a BY host`, "host=x count=1\nhost=y count=1", in},
		{`| tstats count, values(Processes.user) AS users FROM datamodel=Endpoint.Processes WHERE Processes.process_name=cmd.exe BY Processes.dest`, "Processes.dest=h1 count=1 users=u1\nProcesses.dest=h2 count=1 users=unknown", cimIn},
		{`| tstats summariesonly=t count FROM datamodel=Endpoint.Processes BY Processes.process_id`, "Processes.process_id=7 count=1", cimIn},
		{`| tstats fillnull_value="-" count FROM datamodel=Endpoint.Processes BY Processes.process_id`, "Processes.process_id=- count=2\nProcesses.process_id=7 count=1", cimIn},
		{`| tstats count min(_time) AS first FROM datamodel=Endpoint.Processes BY _time span=1m, Processes.dest | rename "Processes.*" AS *`, "_time=60 dest=h1 count=1 first=60\n_time=180 dest=h2 count=1 first=180\n_time=300 dest=h1 count=1 first=300", cimIn},
		{"| tstats count FROM datamodel=Endpoint.Processes WHERE Processes.dest=h1 OR Processes.dest=h2 Processes.user=u1 BY Processes.dest | `drop_dm_object_name(Processes)`", "dest=h1 count=1", cimIn},
		{`| tstats count FROM datamodel=Authentication WHERE nodename=Authentication.Failed_Authentication BY Authentication.user`, "Authentication.user=a count=1", cimIn},
		{`| tstats count FROM datamodel=Authentication.Authentication BY Authentication.user, Authentication.src`, "Authentication.user=a Authentication.src=s count=1\nAuthentication.user=b Authentication.src=unknown count=1", cimIn},
		{`| tstats count FROM datamodel=Network_Traffic WHERE All_Traffic.dest_port=0 index=main`, "count=5", in},
		{`| tstats count WHERE index=nope`, "count=0", in},
		{`| tstats dc(user) AS u earliest(n) latest(n) WHERE index=main`, "u=2 earliest(n)=1 latest(n)=z", in},
		{`index=main | stats count | tstats append=t count AS k WHERE index=main`, "count=5\nk=5", in},
	} {
		t.Run(c.query, func(t *testing.T) {
			if got := rows(execute(t, c.query, c.in)); got != c.want {
				t.Errorf("\ngot:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

// TestSource: rows that only per-event commands touched point at their input row.
func TestSource(t *testing.T) {
	in := commandInput(t)
	for query, want := range map[string]int{
		`index=main id=e3 | where n=3 | eval a=1 | rename a AS b | table id b | sort id | dedup id`: 2,
		`index=main id=e4 | mvexpand m{} | head 1`:                                                  3,
		`index=main id=e1 | eventstats count | streamstats count AS c`:                              0,
		`index=main id=e2 | lookup assets name AS user OUTPUT dept`:                                 1,
		`index=main id=e2 | stats count`:                                                            -1, `index=main id=e2 | transaction user`: -1, `| makeresults`: -1,
	} {
		out := execute(t, query, in)
		got := -1
		if ref := out.Results[0].Source; ref != nil {
			got = ref.Row
		}
		if got != want {
			t.Errorf("%s: row %d, want %d", query, got, want)
		}
	}
}
