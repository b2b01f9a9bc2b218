package interp

import (
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/native"
)

// doubtRows show for each doubt a query whose answer depends on it.
var doubtRows = []struct{ name, query, on, off string }{
	{"spl-mv-not-equal", `f{}!=a | table id`, "id=1", ""},
	{"spl-three-valued", `index=main | where NOT nope="x" | table id`, "", "id=1"},
	{"spl-eval-any-value", `index=main | where 'f{}'="b" | table id`, "id=1", ""},
	{"spl-empty-is-value", `e=* | table id`, "id=1", ""},
	{"spl-numeric-text", `index=main | where one=oneDot | table id`, "id=1", ""},
	{"spl-text-order", `index=main | where s>5 | table id`, "id=1", ""},
	{"spl-stdev-one-zero", `index=main | stats stdev(n) AS s | table s`, "s=0", ""},
	{"spl-empty-stats-row", `index=none | stats count`, "count=0", ""},
	{"spl-time-window-closed", `| makeresults count=2 | streamstats count AS i | eval _time=i*60 | streamstats time_window=60s count AS c | where i=2 | table c`, "c=2", "c=1"},
	{"spl-time-window-by-group", `| makeresults count=2 | streamstats count AS i | eval _time=i | streamstats time_window=60s count AS c BY i | where i=2 | table c`, "c=1", "c=2"},
	{"spl-reset-all-groups", `| makeresults count=3 | streamstats count AS i | eval k=if(i=2,"b","a") | streamstats reset_after="(i=2)" count AS c BY k | where i=3 | table c`, "c=1", "c=2"},
	{"spl-cidr-text-false", `index=main | where NOT cidrmatch("10.0.0.0/8",s) | table id`, "id=1", ""},
	{"spl-unicode-fold", `u="ÄB" | table id`, "id=1", ""},
	{"spl-pcre-utf", `index=main | where match(u,"^.b$") | table id`, "id=1", ""},
	{"spl-dot-all", `index=main | where match(lines,"a.b") | table id`, "id=1", ""},
	{"spl-control-escapes", `index=main | eval n=len("a\tb") | table n`, "n=3", "n=4"},
	{"spl-like-escape", `index=main | where like(pct,"100\%") | table id`, "id=1", ""},
	{"spl-lone-backslash", `bs="C\*" | table id`, "", "id=1"},
	{"spl-rename-clears", `index=main | rename nope AS s | table id s`, "id=1", "id=1 s=abc"},
	{"spl-count-values", `index=main | stats count(f{}) AS c dc(f{}) AS d`, "c=2 d=2", "c=1 d=1"},
	{"spl-eventstats-null-by", `index=main | eventstats count BY nope | table id`, "id=1", ""},
	{"spl-regex-not-missing", `index=main | regex nope!="x" | table id`, "id=1", ""},
	{"spl-empty-subsearch-none", `index=main [search index=none | fields id] | table id`, "", "id=1"},
	{"spl-search-single-quotes", `s='abc' | table id`, "", "id=1"},
	{"spl-arithmetic-precision", `index=main | eval a=8.250*0.2, b=8.250*0.20, c=round(8.250*0.200,4), d=round(8.250*exact(0.2),4), e=exact(8.250*0.5) | table a b c d e`, "a=2 b=1.7 c=1.6500 d=1.6500 e=4.125", "a=1.6500000000000001 b=1.6500000000000001 c=1.6500 d=1.6500 e=4.125"},
	{"spl-latest-exclusive", `index=main latest=50 | table id`, "", "id=1"},
	{"spl-concat-null", `index=main | eval x="a" . nope | table id x`, "id=1", "id=1 x=a"},
	{"spl-json-null-text", `z=* | table id`, "id=1", ""},
	{"spl-max-text-above", `index=main | eval x=max(n,s) | table x`, "x=abc", "x=5"},
	{"spl-minmax-text", `index=main | stats max(mix{}) AS m`, "m=abc", "m=7"},
	{"spl-inner-wildcard", `bs="*C*:*x*" | table id`, "id=1", ""},
	{"spl-fillnull-creates", `index=main | fillnull value=x nope | table id nope`, "id=1 nope=x", "id=1"},
	{"spl-transaction-end-opens", `| makeresults count=2 | streamstats count AS i | eval _time=100-i | transaction endswith=eval(i=2) keepevicted=t | table i`, "i=2", "i=1\ni=2"},
	{"spl-split-by-field", `index=main | eval x=mvcount(split(s,substr(s,2,1))) | table x`, "x=2", "x=1"},
	{"spl-lookup-clears", `index=main | lookup t k AS s OUTPUT u | table id u`, "id=1", "id=1 u=äb"},
}

func TestDoubts(t *testing.T) {
	in := native.Input{Tables: []native.Table{
		table(t, "main", `{"_time":50,"id":1,"f{}":["a","b"],"e":"","one":"1","oneDot":"1.0","s":"abc","n":5,"u":"äb","lines":"a\nb","pct":"100%","bs":"C:\\x","z":null,"mix{}":["7","abc"]}`),
		table(t, "t", `{"k":"q","u":"v"}`),
	}}
	seen := map[string]bool{}
	for _, c := range doubtRows {
		seen[c.name] = true
		for _, mode := range []struct {
			on   bool
			want string
		}{{true, c.on}, {false, c.off}} {
			in.Doubts = map[string]bool{c.name: mode.on}
			if got := rows(execute(t, c.query, in)); got != mode.want {
				t.Errorf("%s %v: %s: %q, want %q", c.name, mode.on, c.query, got, mode.want)
			}
		}
	}
	for _, d := range Language.Doubts {
		if !seen[d.Name] {
			t.Errorf("no row shows %s", d.Name)
		}
		if d.Doc == "" || !strings.HasPrefix(d.Name, "spl-") {
			t.Errorf("%+v", d)
		}
	}
	if !slices.IsSortedFunc(Language.Doubts, func(a, b native.Doubt) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("the doubts are not sorted")
	}
}

// TestSafeForms: the forms that the reference recommends give the same answer however each doubt is switched.
func TestSafeForms(t *testing.T) {
	events := `{"_time":1,"id":1,"f":"abc","n":5,"ip":"10.0.0.1","a{}":["x","y"],"key":"k"}
{"_time":2,"id":2,"f":"ABC","n":"7","ip":"::1","a{}":["q"],"key":"k"}
{"_time":3,"id":3,"g":"abc","n":"text","key":"k"}
{"_time":4,"id":4,"f":"x.y","n":12,"ip":"11.0.0.1"}`
	in := native.Input{Tables: []native.Table{table(t, "main", events)}, To: instant(100)}
	for _, query := range []string{
		`index=main f="abc"`, `index=main NOT f="abc"`, `index=main f IN ("abc", "x.y")`, `index=main a{}="x"`, `index=main NOT a{}="x"`, `index=main ip="10.0.0.0/8"`, `index=main f="*bc" NOT n="5"`, `index=main f=* NOT f=abc`,
		`index=main | where isnull(f) OR NOT match(f,"(?i)^abc\\z")`, `index=main | where isnotnull(mvfind('a{}',"(?i)^X\\z"))`, `index=main | where isnull(mvfilter(match('a{}',"(?i)^x")))`,
		`index=main | where coalesce(if(tonumber(n)>=6,1,0),0)=0`, `index=main | where coalesce(if(cidrmatch("10.0.0.0/8",ip),1,0),0)=0`, `index=main | where (isnotnull(f) AND isnotnull(g) AND lower("s".f)=lower("s".g))`,
		`index=main | where coalesce(mvcount(mvdedup('a{}')),0)>=2`, `index=main | where (_time%86400>=2 AND _time%86400<4)`,
		`index=main | bin _time span=5m | stats count AS n, dc(f) AS d, count(eval(lower(f)="abc")) AS m BY _time, key | where n>=2`,
		`index=main | sort 0 +_time | streamstats window=2 global=f count AS c, min(_time) AS t0 BY key | where c=2 AND _time-t0<=300`,
		`index=main | eval ta=if(f="abc",_time,null()), b=if(isnotnull(g),1,0) | where isnotnull(ta) OR b=1 | sort 0 +_time, -b | streamstats current=f max(ta) AS prevA BY key | where b=1 AND isnotnull(prevA) AND _time-prevA<=5`,
		`index=main | eval tb=if(isnotnull(g),_time,null()), a=if(f="abc",1,0) | sort 0 -_time, +a | streamstats current=f min(tb) AS nextB BY key | addinfo | where a=1 AND _time<=info_max_time-5 AND (isnull(nextB) OR nextB-_time>1)`,
	} {
		in.Doubts = nil
		want := rows(execute(t, query, in))
		for _, d := range Language.Doubts {
			in.Doubts = map[string]bool{d.Name: !d.Default}
			if got := rows(execute(t, query, in)); got != want {
				t.Errorf("%s depends on %s:\n%s\nand\n%s", query, d.Name, want, got)
			}
		}
	}
}
