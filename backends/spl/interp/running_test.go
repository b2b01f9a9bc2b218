package interp

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/native"
)

// hosts are the events of the pages about streamstats (SPL2 Search Reference), half a minute apart.
const hosts = `{"_time":30,"host":"x","action":"LOGON","bytes":100}
{"_time":60,"host":"y","action":"APP_START","bytes":200}
{"_time":90,"host":"x","action":"FILE_DOWNLOAD","bytes":400}
{"_time":120,"host":"x","action":"REBOOT","bytes":50}
{"_time":150,"host":"y","action":"LOGON","bytes":150}
{"_time":180,"host":"x","action":"LOGON","bytes":100}
{"_time":210,"action":"LOGON","bytes":"n/a"}`

// TestStreamstatsOptions has the results of every option, as one value a row; - is none.
func TestStreamstatsOptions(t *testing.T) {
	in := native.Input{Tables: []native.Table{table(t, "main", hosts)}}
	for _, c := range []struct{ options, want string }{
		// Pages: the running total, the moving average, reset after and before for both hosts, reset on change.
		{`sum(bytes) AS r`, "100 300 700 750 900 1000 1000"},
		{`window=3 avg(bytes) AS r | eval r=floor(r)`, "100 150 233 216 200 100 125"},
		{`reset_after="(action=\"REBOOT\")" sum(bytes) AS r BY host`, "100 200 500 550 150 100 -"},
		{`reset_before="(action=\"REBOOT\")" sum(bytes) AS r BY host`, "100 200 500 50 150 150 -"},
		{`reset_on_change=t sum(bytes) AS r BY host`, "100 200 400 450 150 100 -"},
		// current.
		{`current=f last(bytes) AS r`, "- 100 200 400 50 150 100"},
		{`current=f sum(bytes) AS r BY host`, "- - 100 500 200 550 -"},
		{`current=f window=1 last(bytes) AS r BY host global=f`, "- - 100 400 200 50 -"},
		{`current=f window=2 count AS r`, "0 1 2 2 2 2 2"},
		{`current=f max(eval(if(action="LOGON",_time,null()))) AS r`, "- 30 30 30 30 150 180"},
		// window and global: a shared window holds the rows of all groups.
		{`window=2 sum(bytes) AS r BY host`, "100 200 400 450 150 100 -"},
		{`window=2 global=f sum(bytes) AS r BY host`, "100 200 500 450 350 150 -"},
		{`window=0 sum(bytes) AS r BY host`, "100 200 500 550 350 650 -"},
		{`global=f sum(bytes) AS r BY host`, "100 200 500 550 350 650 -"},
		{`window=3 global=f count AS r BY host, action`, "1 1 1 1 1 2 -"},
		// time_window looks back where time grows, forward where it falls.
		{`time_window=1m count AS r`, "1 2 3 3 3 3 3"},
		{`time_window=59s count AS r`, "1 2 2 2 2 2 2"},
		{`time_window=1m sum(bytes) AS r BY host`, "100 200 500 450 150 150 -"},
		{`time_window=1m current=f count AS r`, "0 1 2 2 2 2 2"},
		{`time_window=2m window=2 count AS r`, "1 2 2 2 2 2 2"},
		// allnum: a field with a value that is no number has no numerical statistics from there on.
		{`allnum=t sum(bytes) AS r`, "100 300 700 750 900 1000 -"},
		{`allnum=f sum(bytes) AS r`, "100 300 700 750 900 1000 1000"},
		// resets see what the row itself has got, and forget it for the next one.
		{`reset_after="(r>=300)" sum(bytes) AS r`, "100 300 400 50 200 300 -"},
		{`reset_before="(bytes>=200)" reset_after="(action=\"REBOOT\")" sum(bytes) AS r`, "100 200 400 450 150 250 -"},
		{`reset_on_change=t window=2 count AS r BY host`, "1 1 1 2 1 1 -"},
		{`count AS r BY host reset_on_change=t`, "1 1 1 2 1 1 -"},
		// first and last pass over rows without the field, as values do.
		{`last(nope) AS r`, "- - - - - - -"},
		{`last(eval(if(host="y",bytes,null()))) AS r`, "- 200 200 200 150 150 150"},
		{`first(eval(if(host="y",bytes,null()))) AS r`, "- 200 200 200 200 200 200"},
		{`dc(host) AS r`, "1 2 2 2 2 2 2"},
	} {
		out := execute(t, `index=main | sort 0 +_time | streamstats `+c.options+` | table r`, in)
		var got []string
		for _, res := range out.Results {
			v := "-"
			if res.Cells[0] != nil {
				v = cell(res.Cells[0])
			}
			got = append(got, v)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("streamstats %s\n%s, want\n%s", c.options, s, c.want)
		}
	}
	forward := `index=main | sort 0 -_time | streamstats time_window=1m count AS r | reverse | table r`
	if got := strings.ReplaceAll(rows(execute(t, forward, in)), "\n", " "); got != "r=3 r=3 r=3 r=3 r=3 r=2 r=1" {
		t.Errorf("%s: %s", forward, got)
	}
}

// sessions are the events of users' sessions.
const sessions = `{"_time":100,"id":"e1","user":"u","act":"login","ip":"1"}
{"_time":110,"id":"e2","user":"u","act":"view","page":"p"}
{"_time":120,"id":"e3","user":"v","act":"login","ip":"2"}
{"_time":130,"id":"e4","user":"u","act":"logout","page":"p"}
{"_time":200,"id":"e5","user":"u","act":"login","ip":"1"}
{"_time":210,"id":"e6","user":"u","act":"view","page":"q"}
{"_time":400,"id":"e7","user":"v","act":"logout"}
{"_time":410,"id":"e8","act":"view"}`

// TestTransaction has rows for each option of transaction.
func TestTransaction(t *testing.T) {
	in := native.Input{Tables: []native.Table{table(t, "main", sessions)}}
	for _, c := range []struct{ options, fields, want string }{
		// Fields: events with the same value; without startswith all are put out (Search Reference).
		{`user`, "id eventcount duration closed_txn", "id=e3|e7 eventcount=2 duration=280 closed_txn=0\nid=e1|e2|e4|e5|e6 eventcount=5 duration=110 closed_txn=0"},
		// maxspan: all lie within less than it; maxpause: no pause is longer.
		{`user maxspan=30s`, "id closed_txn", "id=e7 closed_txn=1\nid=e5|e6 closed_txn=1\nid=e3 closed_txn=0\nid=e2|e4 closed_txn=1\nid=e1 closed_txn=0"},
		{`user maxspan=31s`, "id closed_txn", "id=e7 closed_txn=1\nid=e5|e6 closed_txn=1\nid=e3 closed_txn=0\nid=e1|e2|e4 closed_txn=0"},
		{`user maxspan=-1 maxpause=20s`, "id closed_txn", "id=e7 closed_txn=1\nid=e5|e6 closed_txn=1\nid=e3 closed_txn=0\nid=e1|e2|e4 closed_txn=0"},
		{`user maxpause=19s`, "id", "id=e7\nid=e5|e6\nid=e4\nid=e3\nid=e1|e2"},
		{`user maxevents=2`, "id closed_txn", "id=e5|e6 closed_txn=1\nid=e3|e7 closed_txn=1\nid=e2|e4 closed_txn=1\nid=e1 closed_txn=0"},
		{`user maxevents=-1`, "eventcount", "eventcount=2\neventcount=5"},
		// startswith closes a transaction, since events come from the newest to the oldest.
		{`user startswith="login"`, "id closed_txn", "id=e5|e6 closed_txn=1\nid=e3|e7 closed_txn=1\nid=e1|e2|e4 closed_txn=1"},
		{`user startswith=(act="view") keepevicted=t`, "id closed_txn", "id=e6 closed_txn=1\nid=e3|e7 closed_txn=0\nid=e2|e4|e5 closed_txn=1\nid=e1 closed_txn=0"},
		// endswith begins a new one; without startswith none of the conditions closes it, and all are put out.
		{`user endswith=eval(act="logout")`, "id closed_txn", "id=e3|e7 closed_txn=0\nid=e1|e2|e4 closed_txn=0"},
		{`user endswith=(act=view)`, "id", "id=e4|e5|e6\nid=e1|e2"},
		// Both.
		{`user startswith="login" endswith="logout"`, "id duration closed_txn", "id=e3|e7 duration=280 closed_txn=1\nid=e1|e2|e4 duration=30 closed_txn=1"},
		{`user startswith="login" endswith="logout" maxspan=5m`, "id", "id=e3|e7\nid=e1|e2|e4"},
		{`user startswith="login" endswith="logout" maxspan=1m`, "id", "id=e1|e2|e4"},
		{`user startswith="login" endswith="logout" maxspan=1m keepevicted=t`, "id closed_txn", "id=e7 closed_txn=0\nid=e1|e2|e4 closed_txn=1"},
		{`user startswith="login" endswith="view" keepevicted=t`, "id closed_txn", "id=e5|e6 closed_txn=1\nid=e1|e2 closed_txn=1"},
		{`user startswith=(act=login ip=2) endswith=(act=view) keepevicted=t`, "id closed_txn", "id=e4|e5|e6 closed_txn=0\nid=e1|e2 closed_txn=0"},
		{`user startswith="login" endswith="logout" keeporphans=t`, "id _txn_orphan", "id=e8 _txn_orphan=1\nid=e6 _txn_orphan=1\nid=e5 _txn_orphan=1\nid=e3|e7\nid=e1|e2|e4"},
		// Several fields: an event joins when no field contradicts and one agrees; connected=f drops the latter.
		{`user ip`, "id", "id=e3|e7\nid=e1|e2|e4|e5|e6"},
		{`ip page`, "id", "id=e6\nid=e3\nid=e2|e4\nid=e1|e5"},
		{`ip page connected=f`, "id", "id=e2|e3|e4\nid=e1|e5|e6"},
		// Rendering.
		{`user startswith="login" endswith="logout" maxspan=1m`, "act ip page", "act=login|logout|view ip=1 page=p"},
		{`user startswith="login" endswith="logout" maxspan=1m mvlist=t`, "act ip page", "act=login|view|logout ip=1|NULL|NULL page=NULL|p|p"},
		{`user startswith="login" endswith="logout" maxspan=1m mvlist=t nullstr="-"`, "ip", "ip=1|-|-"},
		{`user startswith="login" endswith="logout" maxspan=1m mvlist="act,ip" delim=","`, "act ip page", "act=login|view|logout ip=1|NULL|NULL page=p"},
		{`user startswith="login" endswith="logout" maxspan=1m mvraw=t | eval n=mvcount(_raw)`, "n", "n=3"},
		{`user startswith="login" endswith="logout" maxspan=1m | eval n=mvcount(_raw), t=_time`, "n t", "n=1 t=100"},
		// The least recently used ones are evicted.
		{`user maxopentxn=1 keepevicted=t`, "id closed_txn", "id=e7 closed_txn=0\nid=e4|e5|e6 closed_txn=0\nid=e3 closed_txn=0\nid=e1|e2 closed_txn=0"},
		{`user maxopentxn=1`, "id", "id=e1|e2"},
		{`user maxopenevents=3`, "id", "id=e3\nid=e1|e2"},
		{`maxevents=3`, "id", "id=e6|e7|e8\nid=e3|e4|e5\nid=e1|e2"},
	} {
		if got := rows(execute(t, `index=main | transaction `+c.options+` | table `+c.fields, in)); got != c.want {
			t.Errorf("transaction %s\n%s\nwant\n%s", c.options, got, c.want)
		}
	}
}
