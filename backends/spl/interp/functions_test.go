package interp

import (
	"testing"

	"github.com/onerule/onerule/backends/native"
)

// fnEvent is the event of the function table.
const fnEvent = `{"_time":1704110400.5,"s":"AbC","e":"","n":5,"f":2.5,"neg":-3,"t":"4688","w":"a b","p":"C:\\Windows\\x.exe","m{}":["b","a","b"],"k{}":["1","10","9"],"ip":"10.1.2.3","six":"2001:db8::1","b":true,"z":null,"u":"ÄÖ","hex":"0x1f","js":"{\"a\":{\"b\":[1,{\"c\":\"x\"}]}}","d":"2024-01-02 03:04:05"}`

// functionRows are expression and result, default doubts. Every function has a row.
var functionRows = []struct{ expr, want string }{
	// Conditions.
	{`if(n=5,"y","n")`, "y"},
	{`if(nope=5,"y","n")`, "n"},
	{`if(n="5","y","n")`, "y"},
	{`case(n=1,"a",n=5,"b",true(),"c")`, "b"},
	{`case(n=1,"a")`, "null"},
	{`case(nope=1,"a",true(),"c")`, "c"},
	{`validate(n=5,"five",n=6,"six")`, "six"},
	{`validate(n=5,"five")`, "null"},
	{`coalesce(nope,null(),e,"x")`, ""},
	{`coalesce(nope,"x")`, "x"},
	{`nullif(n,5)`, "null"},
	{`nullif(n,6)`, "5"},
	{`null()`, "null"},
	{`tostring(true())`, "True"},
	{`tostring(false())`, "False"},
	{`tostring(isnull(nope))`, "True"},
	{`tostring(isnull(e))`, "False"},
	{`tostring(isnotnull(z))`, "True"},
	{`tostring(isnum(n))`, "True"},
	{`tostring(isnum(t))`, "True"},
	{`tostring(isnum("5"))`, "False"},
	{`tostring(isnum(s))`, "False"},
	{`tostring(isint(f))`, "False"},
	{`tostring(isint(n))`, "True"},
	{`tostring(isstr(s))`, "True"},
	{`tostring(isbool(isnull(s)))`, "True"},
	{`typeof(n)`, "Number"},
	{`typeof("5")`, "String"},
	{`typeof(nope)`, "Invalid"},
	{`typeof(n=5)`, "Boolean"},
	{`if(like(s,"A%"),1,0)`, "1"},
	{`if(like(s,"a%"),1,0)`, "0"},
	{`if(like(s,"A_C"),1,0)`, "1"},
	{`if(like(s,"A"),1,0)`, "0"},
	{`if(like(p,"C:\%"),1,0)`, "1"},
	{`if(p LIKE "%\\x.exe",1,0)`, "1"},
	{`if(like(nope,"%"),1,0)`, "0"},
	{`if(in(s,"abc","AbC"),1,0)`, "1"},
	{`if(in(s,"abc","A*"),1,0)`, "0"},
	{`if(n IN (4,5),1,0)`, "1"},
	{`if(t IN ("4688"),1,0)`, "1"},
	{`if(match(s,"bC$"),1,0)`, "1"},
	{`if(match(s,"bc"),1,0)`, "0"},
	{`if(match(s,"(?i)bc"),1,0)`, "1"},
	{`if(match(p,"^C:\\\\W"),1,0)`, "1"},
	{`if(match(n,"^\d$"),1,0)`, "1"},
	{`if(match(w,"(?<!x)b(?!c)"),1,0)`, "1"},
	{`if(cidrmatch("10.0.0.0/8",ip),1,0)`, "1"},
	{`if(cidrmatch("10.2.0.0/16",ip),1,0)`, "0"},
	{`if(cidrmatch("2001:db8::/32",six),1,0)`, "1"},
	{`if(cidrmatch("10.0.0.0/8",s),1,0)`, "0"},
	{`if(searchmatch("s=abc n=5"),1,0)`, "1"},
	{`if(searchmatch("s=x OR n=6"),1,0)`, "0"},
	// Texts.
	{`lower(s)`, "abc"},
	{`upper(s)`, "ABC"},
	{`lower(u)`, "äö"},
	{`lower(nope)`, "null"},
	{`lower('m{}')`, "b|a|b"},
	{`len(u)`, "2"},
	{`len(e)`, "0"},
	{`len(n)`, "1"},
	{`trim("  x\t")`, "x"},
	{`trim("xxaxx","x")`, "a"},
	{`ltrim("xxaxx","x")`, "axx"},
	{`rtrim(w,"b")`, "a "},
	{`substr(s,2)`, "bC"},
	{`substr(s,-2,1)`, "b"},
	{`substr(s,1,2)`, "Ab"},
	{`substr(s,9)`, ""},
	{`replace(s,"[A-Z]","x")`, "xbx"},
	{`replace(p,"^(?:.*\\\\)?(.*)$","\1")`, "x.exe"},
	{`replace(p,"(?:.*\\\)?(.*)","\1")`, "x.exe"},
	{`replace(w,"(a) (b)","\2-\1")`, "b-a"},
	{`replace("abc","","-")`, "-a-b-c-"},
	{`replace(s,"zz","y")`, "AbC"},
	{`urldecode("a%20b")`, "a b"},
	{`tonumber("12.5")`, "12.5"},
	{`tonumber(s)`, "null"},
	{`tonumber(" ".n)`, "null"},
	{`tonumber(hex,16)`, "31"},
	{`tonumber("ff",16)`, "255"},
	{`tonumber("12",3)`, "5"},
	{`tostring(n)`, "5"},
	{`tostring(15,"hex")`, "0xF"},
	{`tostring(1234567.891,"commas")`, "1,234,567.89"},
	{`tostring(93784,"duration")`, "1+02:03:04"},
	{`tostring(61,"duration")`, "00:01:01"},
	{`tostring(9,"binary")`, "1001"},
	{`printf("%05.1f|%s|%d|%x%%", f, s, n, 255)`, "002.5|AbC|5|ff%"},
	// Numbers.
	{`abs(neg)`, "3"},
	{`ceiling(f)`, "3"},
	{`ceil(f)`, "3"},
	{`floor(f)`, "2"},
	{`round(f)`, "3"},
	{`round(2.675,2)`, "2.68"},
	{`round(neg/2)`, "-1"},
	{`round(1234,-2)`, "1200"},
	{`sqrt(16)`, "4"},
	{`sqrt(neg)`, "nan"},
	{`ln(0)`, "-inf"},
	{`pow(2,10)`, "1024"},
	{`exp(0)`, "1"},
	{`ln(1)`, "0"},
	{`log(100)`, "2"},
	{`log(8,2)`, "3"},
	{`floor(pi()*100)`, "314"},
	{`sin(0)`, "0"},
	{`cos(0)`, "1"},
	{`tan(0)`, "0"},
	{`asin(0)`, "0"},
	{`acos(1)`, "0"},
	{`atan(0)`, "0"},
	{`atan2(0,1)`, "0"},
	{`hypot(3,4)`, "5"},
	{`exact(2*0.25)`, "0.5"},
	{`max(1,n,3)`, "5"},
	{`max(1,"a")`, "a"},
	{`min(n,neg,"a")`, "-3"},
	{`max(nope,2)`, "2"},
	{`sum(1,n,"x")`, "6"},
	{`avg(1,3)`, "2"},
	{`bit_and(6,3)`, "2"},
	{`bit_or(6,3)`, "7"},
	{`bit_xor(6,3)`, "5"},
	{`bit_shift_left(1,4)`, "16"},
	{`bit_shift_right(16,4)`, "1"},
	// Several values.
	{`mvcount('m{}')`, "3"},
	{`mvcount(s)`, "1"},
	{`mvcount(nope)`, "null"},
	{`mvindex('m{}',0)`, "b"},
	{`mvindex('m{}',-1)`, "b"},
	{`mvindex('m{}',0,1)`, "b|a"},
	{`mvindex('m{}',7)`, "null"},
	{`mvindex(s,0)`, "AbC"},
	{`mvindex('m{}',-2,-1)`, "a|b"},
	{`mvappend(s,nope,'m{}')`, "AbC|b|a|b"},
	{`mvdedup('m{}')`, "b|a"},
	{`mvsort('m{}')`, "a|b|b"},
	{`mvsort('k{}')`, "1|10|9"},
	{`mvjoin('m{}',"-")`, "b-a-b"},
	{`mvreverse('k{}')`, "9|10|1"},
	{`mvzip('m{}','k{}')`, "b,1|a,10|b,9"},
	{`mvzip('m{}',s,":")`, "b:AbC"},
	{`mvrange(1,7,2)`, "1|3|5"},
	{`mvrange(1,3)`, "1|2"},
	{`mvrange(0,120,"1m")`, "0|60"},
	{`split("a,b,,c",",")`, "a|b||c"},
	{`split(p,"\\")`, "C:|Windows|x.exe"},
	{`split("abc","")`, "a|b|c"},
	{`mvfind('m{}',"^a")`, "1"},
	{`mvfind('m{}',"b")`, "0"},
	{`mvfind('m{}',"x")`, "null"},
	{`mvfind(s,"C")`, "0"},
	{`mvfilter('m{}'="b")`, "b|b"},
	{`mvfilter(match('m{}',"a") AND NOT match('m{}',"x"))`, "a"},
	{`mvfilter(tonumber('k{}')>=9)`, "10|9"},
	{`mvfilter('m{}'="z")`, "null"},
	{`mvfilter(nope="z")`, "null"},
	{`mvmap('k{}','k{}'*2)`, "2|20|18"},
	{`mvmap(n,n+1)`, "6"},
	{`mvmap(nope,1)`, "null"},
	// Times.
	{`now()`, "1704110400.5"},
	{`time()`, "1704110400.5"},
	{`relative_time(_time,"@d")`, "1704067200"},
	{`relative_time(1704110400,"-1d@d+2h")`, "1703988000"},
	{`relative_time(0,"+1mon")`, "2678400"},
	{`relative_time(1704110400,"@w0")`, "1703980800"},
	{`strftime(_time,"%Y-%m-%dT%H:%M:%S.%3N%z %a %j")`, "2024-01-01T12:00:00.500+0000 Mon 001"},
	{`strftime(0,"%s %H")`, "0 00"},
	{`strftime(s,"%Y")`, "null"},
	{`strptime(d,"%Y-%m-%d %H:%M:%S")`, "1704164645"},
	{`strptime("02/Jan/2024:03:04:05 +0100","%d/%b/%Y:%H:%M:%S %z")`, "1704161045"},
	{`strptime("x","%Y")`, "null"},
	{`strptime("3:04 PM","%I:%M %p")`, "1704121440"},
	{`strptime("03:04 PM","%I:%M %p")`, "1704121440"},
	{`strptime("Jan 5 00:00","%b %d %H:%M")`, "1704412800"},
	// Data.
	{`md5("a")`, "0cc175b9c0f1b6a831c399e269772661"},
	{`sha1("a")`, "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"},
	{`substr(sha256("a"),1,8)`, "ca978112"},
	{`substr(sha512("a"),1,8)`, "1f40fc92"},
	{`tostring(json_valid(js))`, "True"},
	{`json_extract(js,"a.b{1}.c")`, "x"},
	{`json_extract(js,"a.b{0}")`, "1"},
	{`json_extract(js,"a.b")`, `[1,{"c":"x"}]`},
	{`spath(js,"a.b{}.c")`, "x"},
	{`json_extract(js,"q")`, "null"},
	{`ipmask("255.255.0.0",ip)`, "10.1.0.0"},
	// JSON (Search Reference, JSON functions). Keys keep their order.
	{`json_object("k2","v","k1",json_array(1,"x",true(),null()))`, `{"k2":"v","k1":[1,"x",true,null]}`},
	{`json_object("n",n,"js",js)`, `{"n":5,"js":"{\"a\":{\"b\":[1,{\"c\":\"x\"}]}}"}`},
	{`json_array()`, `[]`},
	{`json_array('m{}')`, `[["b","a","b"]]`},
	{`json("{\"a\" : 1 }")`, `{"a":1}`},
	{`json("{a}")`, "null"},
	{`json_keys(js)`, `["a"]`},
	{`json_keys("[1]")`, "null"},
	{`json_entries("{\"a\":1}")`, `[{"key":"a","value":1}]`},
	{`json_set(js,"a.b{0}",2,"a.d","y")`, `{"a":{"b":[2,{"c":"x"}],"d":"y"}}`},
	{`json_set("{}","x.y",json_array(1))`, `{"x":{"y":[1]}}`},
	{`json_set_exact("{\"a\":1}","a.b",2)`, `{"a":1,"a.b":2}`},
	{`json_append("{\"a\":[1]}","a",json_array(2,3))`, `{"a":[1,[2,3]]}`},
	{`json_extend("{\"a\":[1]}","a",json_array(2,3))`, `{"a":[1,2,3]}`},
	{`json_delete("{\"a\":1,\"b\":{\"c\":1,\"d\":2}}","a","b.c")`, `{"b":{"d":2}}`},
	{`if(json_has_key_exact(js,"a"),1,0)`, "1"},
	{`if(json_has_key_exact(js,"b"),1,0)`, "0"},
	{`json_extract_exact("{\"a.b\":1}","a.b")`, "1"},
	{`json_extract_exact(js,"a.b")`, "null"},
	{`json_extract(js,"a.b{0}","a.b{1}.c")`, `[1,"x"]`},
	{`json_extract("[{\"n\":1},{\"n\":2}]","{}.n")`, `[1,2]`},
	{`json_array_to_mv("[1,\"x\",{\"y\":2}]")`, `1|x|{"y":2}`},
	{`json_array_to_mv("[\"x\"]",true())`, `"x"`},
	{`mv_to_json_array('k{}')`, `["1","10","9"]`},
	{`mv_to_json_array('k{}',true())`, `[1,10,9]`},
	{`tojson(s)`, `"AbC"`},
	{`tojson(n)`, `5`},
	{`if(isarray(json_array(1)),1,0)`, "1"},
	{`if(isobject(json_object("a",1)) AND NOT isobject("{}"),1,0)`, "1"},
	{`toarray(s)`, `["AbC"]`},
	{`toobject("{\"a\": 1}")`, `{"a":1}`},
	// Newer conversions.
	{`toint("3.9")`, "3"},
	{`toint("ff",16)`, "255"},
	{`todouble("3.5")`, "3.5"},
	{`if(tobool("true") AND NOT tobool(0),1,0)`, "1"},
	{`tomv("[1,2]")`, "1|2"},
	{`if(isdouble(f) AND NOT isdouble(n),1,0)`, "1"},
	{`if(ismv('m{}') AND NOT ismv(s),1,0)`, "1"},
	{`commands("search foo | stats count | sort count")`, "search|stats|sort"},
	// Numbers: what is written keeps its decimals, round gives as many as it is asked for, products keep significant digits.
	{`1.50`, "1.50"},
	{`.5`, "0.5"},
	{`1e20`, "100000000000000000000"},
	{`1/3`, "0.3333333333333333"},
	{`.1+.2`, "0.30000000000000004"},
	{`round(5,2)`, "5.00"},
	{`round(50,1)."%"`, "50.0%"},
	{`round(2.555,2)`, "2.56"},
	{`round(16.275,2)`, "16.27"},
	{`round(21.275,2)`, "21.28"},
	{`round(-4.5)`, "-4"},
	{`round(-4.51)`, "-5"},
	{`2.1*1024`, "2150"},
	{`2.1000*1024`, "2150.4"},
	{`2.10000*1024.10`, "2150.61"},
	{`0.014*0.230`, "0.0032"},
	{`exact(2.1)*1024`, "2150.4"},
	{`sigfig(1.00*1111)`, "1110"},
	{`sigfig(2.5+1.25)`, "3.8"},
	{`tostring(round(4,2),"commas")`, "4.00"},
	{`tostring(12345.6789,"commas")`, "12,345.68"},
	{`printf("%'d",1234567)`, "1,234,567"},
	{`printf("%*d|%-5s|%+08.3f",5,1,"ab",3.14159)`, "    1|ab   |+003.142"},
	{`printf("%c%s%%",s,n)`, "A5%"},
	{`printf("%5000d",1)`, "null"},
	{`round(sinh(1),4)`, "1.1752"},
	{`round(cosh(1),4)`, "1.5431"},
	{`round(tanh(1),4)`, "0.7616"},
	{`round(asinh(1),4)`, "0.8814"},
	{`round(acosh(2),4)`, "1.3170"},
	{`round(atanh(0.5),4)`, "0.5493"},
	{`bit_not(5,7)`, "2"},
	{`strftime(0,"%::z %Ez %g")`, "+00:00:00 +0 70"},
	// Operators.
	{`1+2*3`, "7"},
	{`(1+2)*3`, "9"},
	{`7%4`, "3"},
	{`7/0`, "null"},
	{`7%0`, "null"},
	{`1/4`, "0.25"},
	{`-n`, "-5"},
	{`n-neg`, "8"},
	{`s-1`, "null"},
	{`"a"+"b"`, "ab"},
	{`s+n`, "AbC5"},
	{`n+t`, "4693"},
	{`"5"+1`, "51"},
	{`n.t`, "54688"},
	{`s."-".n`, "AbC-5"},
	{`s.nope`, "null"},
	{`nope+1`, "null"},
	{`if(n=5 AND s="AbC",1,0)`, "1"},
	{`if(s="abc",1,0)`, "0"},
	{`if(n>4 OR nope=1,1,0)`, "1"},
	{`if(NOT nope=1,1,0)`, "0"},
	{`if(n=5 XOR f=2.5,1,0)`, "0"},
	{`if(t=4688,1,0)`, "1"},
	{`if(t="4688",1,0)`, "1"},
	{`if(f=2.50,1,0)`, "1"},
	{`if(f="2.50",1,0)`, "0"},
	{`if(s!="x",1,0)`, "1"},
	{`if(nope!="x",1,0)`, "0"},
	{`if('m{}'="a",1,0)`, "1"},
	{`if(z="null",1,0)`, "1"},
	{`if(b="true",1,0)`, "1"},
	{`if("a"<"b",1,0)`, "1"},
	{`if("B"<"a",1,0)`, "1"},
	{`if(n<10,1,0)`, "1"},
	{`"C:\temp"`, "C:\temp"},
	{`"a\\b\"c\d"`, `a\b"c\d`},
}

func TestFunctions(t *testing.T) {
	for _, c := range functionRows {
		t.Run(c.expr, func(t *testing.T) {
			if got := value1(t, c.expr, fnEvent, nil); got != c.want {
				t.Errorf("%s = %q, want %q", c.expr, got, c.want)
			}
		})
	}
}

// TestEveryFunctionHasARow holds the table of functions and the rows above together.
func TestEveryFunctionHasARow(t *testing.T) {
	used := map[string]bool{}
	for _, c := range functionRows {
		for name := range functions {
			if containsCall(c.expr, name) {
				used[name] = true
			}
		}
	}
	for name, f := range functions {
		if !used[name] {
			t.Errorf("no row uses %s", name)
		}
		if f.doc == "" || f.call == nil && f.build == nil {
			t.Errorf("%s lacks a doc or an implementation", name)
		}
	}
}

func containsCall(expr, name string) bool {
	for i := 0; i+len(name) < len(expr); i++ {
		if expr[i:i+len(name)] == name && expr[i+len(name)] == '(' && (i == 0 || !isNameByte(expr[i-1])) {
			return true
		}
	}
	return name == "like" || name == "in" || name == "lookup" // lookup needs a table: TestDocumentation
}

func isNameByte(c byte) bool {
	return c == '_' || isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// aggregateRows are aggregate and result over aggEvents. Every aggregate has a row.
var aggregateRows = []struct{ agg, want string }{
	{"count", "5"},
	{"c", "5"},
	{"count(n)", "4"},
	{"count(m{})", "4"},
	{`count(eval(n>2))`, "2"},
	{`count(eval(s="a"))`, "2"},
	{"dc(s)", "3"},
	{"distinct_count(m{})", "2"},
	{"estdc(s)", "3"},
	{"values(s)", "A|a|b"},
	{"values(m{})", "x|y"},
	{"list(s)", "b|a|A|a"},
	{"sum(n)", "10"},
	{"sumsq(n)", "30"},
	{"avg(n)", "2.5"},
	{"mean(n)", "2.5"},
	{"sum(s)", "null"},
	{"round(stdev(n),6)", ""},
	{"stdevp(k)", "2"},
	{"varp(k)", "4"},
	{"var(n)", "1.6666666666666667"},
	{"min(n)", "1"},
	{"max(n)", "4"},
	{"max(mix)", "abc"},
	{"min(mix)", "10"},
	{"range(n)", "3"},
	{"first(s)", "b"},
	{"last(s)", "a"},
	{"earliest(s)", "a"},
	{"latest(s)", "b"},
	{"earliest_time(s)", "100"},
	{"latest_time(s)", "140"},
	{"rate(n)", "0.1"},
	{"estdc_error(n)", "0"},
	{"mode(s)", "a"},
	{"median(n)", "3"},
	{"perc50(n)", "3"},
	{"p100(n)", "4"},
	{"exactperc0(n)", "1"},
	{"sum(eval(n*2))", "20"},
	{"stdev(one)", "0"},
	{"max(nope)", "null"},
	{"avg(nope)", "null"},
	{"values(nope)", "null"},
}

const aggEvents = `{"_time":100,"n":1,"s":"a","k":2,"mix":"10"}
{"_time":110,"n":2,"s":"A","k":2,"mix":"9"}
{"_time":120,"n":3,"s":"a","k":6,"mix":"abc","m{}":["x","y"]}
{"_time":130,"n":4,"k":6,"m{}":["x","x"],"one":5}
{"_time":140,"s":"b"}`

func TestAggregates(t *testing.T) {
	used := map[string]bool{}
	in := native.Input{Tables: []native.Table{table(t, "main", aggEvents)}}
	for _, c := range aggregateRows {
		for name := range aggregates {
			used[name] = used[name] || c.agg == name || containsCall(c.agg, name)
		}
		if c.want == "" {
			continue
		}
		out := execute(t, "index=main | stats "+c.agg+" AS out", in)
		got := "null"
		if v := out.Results[0].Cells[0]; v != nil {
			got = cell(v)
		}
		if got != c.want {
			t.Errorf("%s = %s, want %s", c.agg, got, c.want)
		}
	}
	out := execute(t, "index=main | stats stdev(n) AS s | eval s=round(s,6)", in)
	if rows(out) != "s=1.290994" {
		t.Errorf("stdev: %s", rows(out))
	}
	for name := range aggregates {
		if !used[name] {
			t.Errorf("no row uses %s", name)
		}
	}
}
