package interp

import (
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends/datadog/secl/syntax"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

func event(t testing.TB, text string) native.Row {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var row native.Row
	if err := d.Decode(&row); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return row
}

func matches(t testing.TB, expr string, row native.Row, doubts map[string]bool) (bool, []string) {
	t.Helper()
	p, ds := Language.Compile("expr", expr)
	if ds.HasErrors() {
		t.Fatalf("%s: %v", expr, ds)
	}
	out, ds := p.Run(native.Input{Tables: []native.Table{{Name: "events", Rows: []native.Row{row}}}, Doubts: doubts})
	if ds.HasErrors() {
		t.Fatalf("%s: %v", expr, ds)
	}
	return len(out.Matches) == 1, out.Warnings
}

var events = map[string]string{
	"exec": `{"event":{"type":"exec","timestamp":1700000010000000000,"origin":"ebpf"},
		"exec":{"file":{"path":"/usr/sbin/useradd","name":"useradd","mode":33261,"extension":".sh"},"comm":"useradd","args":"-D -m eve","argv":["-D","-m","eve"],
			"args_flags":["D","m"],"tty_name":"pts0","uid":0,"gid":1000,"created_at":1700000008000000000,"envp":["A=b"]},
		"process":{"parent":{"comm":"bash"},"is_kworker":false,"ancestors":[
			{"comm":"git","argv":["clone","x"],"pid":10,"file":{"path":"/usr/bin/git","name":"git"},"is_kworker":true},
			{"comm":"bash","argv":["-c"],"pid":100,"file":{"path":"/opt/x/bash.sh","name":"bash.sh"}},
			{"comm":"init","pid":200}]},
		"container":{"id":"abc"},"variables":{"seen":["-D -m eve","x"],"n":5,"flag":true}}`,
	"open":    `{"event.type":"open","open.file.path":"/etc/cron.d/a","open.file.name":"a","open.flags":577,"open.retval":-13,"process.file.path":"/bin/sh"}`,
	"named":   `{"open":{"flags":"O_WRONLY|O_CREAT","file":{"name":"x"}}}`,
	"v4":      `{"connect":{"addr":{"ip":"192.168.0.1","port":443,"hostname":["a.example.com","b.org"],"is_public":true}}}`,
	"v6":      `{"connect.addr.ip":"2001:0:eab:dead::a0:abcd:4e"}`,
	"flows":   `{"network_flow_monitor":{"flows":[{"source":{"port":10,"ip":"192.168.0.1"},"l4_protocol":6},{"source":{"port":100,"ip":"192.169.0.1"},"l4_protocol":17},{"source":{"port":200},"l4_protocol":1}]}}`,
	"dns":     `{"event.type":"dns","dns.question.name":"Evil.COM","dns.question.type":28,"network.destination.port":53}`,
	"win":     `{"event":{"type":"exec","os":"windows"},"exec":{"file":{"path":"C:\\Windows\\System32\\CMD.EXE","name":"CMD.EXE"},"cmdline":"CMD /c Net User"}}`,
	"exit":    `{"exit.comm":"sh","exit.code":1,"exit.cause":"SIGNALED"}`,
	"nothing": `{"event.type":"exec"}`,
	"allAB":   `{"exec.argv":["ab","ab"]}`,
	"someAB":  `{"exec.argv":["ab","abc"]}`,
}

var rows = []struct {
	expr, event string
	want        bool
}{
	// texts (operators.md 1.1)
	{`exec.file.name == "useradd"`, "exec", true},
	{`exec.file.name == "USERADD"`, "exec", false},
	{`exec.file.name != "useradd"`, "exec", false},
	{`exec.file.name == r"(?i)^USERADD$"`, "exec", true},
	{`exec.file.name != r"(?i)^USERADD$"`, "exec", false},
	{`exec.file.name in ["passwd", "useradd"]`, "exec", true},
	{`exec.file.name not in ["passwd", "useradd"]`, "exec", false},
	{`exec.file.name in ["user*"]`, "exec", false},
	{`exec.file.name in [~"user*"]`, "exec", true},
	{`exec.file.name in [r"(?i)^passwd$", r"(?i)^USERADD$"]`, "exec", true},
	{`exec.file.name in [r"^(?i:x)$", "nnn"]`, "exec", false},
	{`exec.file.name == r"serad"`, "exec", true}, // unanchored
	{`exec.file.name == r"^serad"`, "exec", false},
	{`r".*add" == exec.file.name`, "exec", true},
	{`exec.file.name == ~"*add"`, "exec", true},
	{`exec.file.name == ~"*ser*"`, "exec", true},
	{`exec.file.name == ~"ser*"`, "exec", false},
	{`exec.file.name =~ "user*"`, "exec", true},
	{`exec.file.name == "user*"`, "exec", false},
	{`exec.file.name !~ "user*"`, "exec", false},
	{`exec.file.name !~ "x*"`, "exec", true},
	{`exec.comm != "" && exec.comm == exec.file.name`, "exec", true},
	{`exec.comm == exec.args`, "exec", false},
	{`!(exec.comm != "" && exec.comm == exec.file.name)`, "exec", false},
	{`(exec.comm == r"(?i)zzz" || exec.args == r"(?i)EVE")`, "exec", true}, // keyword
	{`exec.args == r"(?s)^.{3,}$"`, "exec", true},                          // length(f) >= 3
	{`exec.args != r"(?s)^.{3,}$"`, "exec", false},
	{`exec.file.extension == "sh"`, "exec", true},
	{`exec.file.extension == ".sh"`, "exec", true},
	{`exec.file.extension in ["sh", "py"]`, "exec", true},
	// presence and emptiness
	{`exec.tty_name != ""`, "exec", true},
	{`exec.tty_name == ""`, "exec", false},
	{`exec.tty_name == ""`, "nothing", true},
	{`exec.tty_name != ""`, "nothing", false},
	{`exec.uid == 0`, "nothing", true},
	{`exec.argv == ""`, "nothing", false},
	{`exec.argv not in ["x"]`, "nothing", true},
	// lists: any element; negation is none
	{`exec.argv == "eve"`, "exec", true},
	{`exec.argv in ["eve", "bob"]`, "exec", true},
	{`exec.argv != "eve"`, "exec", false},
	{`exec.argv not in ["bob"]`, "exec", true},
	{`"eve" in exec.argv`, "exec", true},
	{`"bob" not in exec.argv`, "exec", true},
	{`~"ev*" in exec.argv`, "exec", true},
	{`exec.argv == r"^e" && exec.argv == r"m$"`, "exec", true}, // two elements
	{`exec.argv == "eve" && exec.argv not in [r"(?s)^(?:$|[^e])"]`, "exec", false},
	{`exec.args_flags in ["D"] && exec.args_flags in ["m"]`, "exec", true},
	{`exec.argv in exec.args_flags`, "exec", false},
	{`exec.args_flags not in exec.argv`, "exec", true},
	// numbers, masks, constants
	{`exec.uid == 0`, "exec", true},
	{`exec.uid != exec.gid`, "exec", true},
	{`exec.uid in [1, 0]`, "exec", true},
	{`exec.uid not in [1, 2]`, "exec", true},
	{`exec.gid >= 1000`, "exec", true},
	{`!(exec.gid >= 1000)`, "exec", false},
	{`exec.gid < 1000`, "exec", false},
	{`exec.gid > 999 and exec.gid <= 1000`, "exec", true},
	{`open.flags & (O_CREAT|O_WRONLY) > 0`, "open", true},
	{`open.flags & O_CREAT == O_CREAT`, "named", true},
	{`open.flags & O_TRUNC > 0`, "named", false},
	{`open.retval in [ EPERM, EACCES ]`, "open", true},
	{`open.retval == -13`, "open", true},
	{`exec.file.mode & S_IXUSR > 0`, "exec", true},
	{`exit.cause == SIGNALED && exit.code == 1`, "exit", true},
	{`dns.question.type == AAAA`, "dns", true},
	{`connect.addr.port == 443 && connect.addr.is_public`, "v4", true},
	{`!connect.addr.is_public`, "v4", false},
	{`connect.addr.is_public == true`, "v4", true},
	{`connect.addr.is_public in [ false ]`, "v4", false},
	{`connect.addr.hostname == ~"*.example.com"`, "v4", true},
	{`connect.addr.hostname.length == 5`, "v4", true},
	{`exec.file.name.length == 7 && process.ancestors.length == 3`, "exec", true},
	// literals, precedence, arithmetic
	{`exec.uid == 0 && 111 != 555`, "exec", true},
	{`exec.uid == 0 && --3 == 3 && 3 ^ 3 == 0 && ^0 == -1`, "exec", true},
	{`exec.uid == 0 && 1 == 1 & 1 && 0 != 3 & 1`, "exec", true},
	{`exec.uid == 0 && (1 + 2 == 5 - 2) && 1 - 2 + 3 - (1 - 4) - (1 - 5) == 9`, "exec", true},
	{`exec.uid == 0 && 10s + 40s == 50s`, "exec", true},
	{`exec.uid == 0 && "a" in ["a", "b"] && 4 not in [3, 2] && "test" == "test"`, "exec", true},
	{`exec.uid == 1 && true || true`, "exec", false}, // right to left: uid == 1 && (true || true)
	{`(exec.uid == 1 && true) || true`, "exec", true},
	{`false || exec.uid == 0 && true`, "exec", true},
	{`not true && exec.uid == 0`, "exec", false},
	{`not (true && exec.uid == 1)`, "exec", true},
	{`(exec.uid == 0) == (exec.gid == 1000)`, "exec", true},
	{"exec.uid == 0 && # why\n exec.gid == 1000 // so", "exec", true},
	// ages: the event's time less the field
	{`exec.created_at < 5s`, "exec", true},
	{`exec.created_at < 2s`, "exec", false},
	{`exec.created_at <= 2s`, "exec", true},
	{`exec.created_at > 1s`, "exec", true},
	{`event.timestamp - exec.created_at + 3s <= 5s`, "exec", true},
	{`event.timestamp - exec.created_at + 3s <= 4s`, "exec", false},
	// variables
	{`exec.args in ${seen}`, "exec", true},
	{`exec.comm not in ${seen}`, "exec", true},
	{`exec.args not in ${unknown}`, "exec", true},
	{`${n} == 5 && exec.uid == 0`, "exec", true},
	{`${flag} && exec.uid == 0`, "exec", true},
	{`${other} || exec.uid == 1`, "exec", false},
	{`exec.uid == ${unknown}`, "exec", true},
	{`exec.file.path == "/usr/sbin/${exec.comm}"`, "exec", true},
	{`exec.file.path == "/usr/sbin/%{exec.comm}"`, "exec", true},
	{`%{exec.comm} == "useradd"`, "exec", true},
	{`exec.comm == "${seen}"`, "exec", false},
	// addresses
	{`connect.addr.ip == 192.168.0.1`, "v4", true},
	{`connect.addr.ip == 127.0.0.1`, "v4", false},
	{`connect.addr.ip == ::ffff:192.168.0.1`, "v4", true},
	{`connect.addr.ip in 192.168.4.0/16`, "v4", true},
	{`connect.addr.ip in 192.168.4.0/24`, "v4", false},
	{`connect.addr.ip not in 192.168.4.0/24`, "v4", true},
	{`connect.addr.ip in 0.0.0.0/0`, "v4", true},
	{`connect.addr.ip in ::1/0`, "v4", false},
	{`connect.addr.ip in ::ffff:192.168.4.0/112`, "v4", true},
	{`connect.addr.ip in ::ffff:192.168.4.0/120`, "v4", false},
	{`connect.addr.ip in [10.0.0.0/8]`, "v4", false},
	{`connect.addr.ip not in [10.0.0.0/8]`, "v4", true},
	{`connect.addr.ip in [10.0.0.1, 192.168.4.1/16]`, "v4", true},
	{`connect.addr.ip in 0.0.0.0/0`, "v6", false},
	{`connect.addr.ip in ::1/0`, "v6", true},
	{`connect.addr.ip in [2001:0:eab:dead::/64]`, "v6", true},
	{`connect.addr.ip not in 2001:0:0eab:dead::a0:0:0/112`, "v6", true},
	{`network_flow_monitor.flows.source.ip in 192.168.0.0/16`, "flows", true},
	{`network_flow_monitor.flows.source.ip not in 192.168.0.0/16`, "flows", false},
	{`network_flow_monitor.flows.source.ip allin 192.168.0.0/16`, "flows", false},
	{`network_flow_monitor.flows.source.ip allin 192.168.0.0/8`, "flows", true},
	{`network_flow_monitor.flows.source.ip allin [192.168.0.0/8, 0.0.0.0/0]`, "flows", true},
	{`network_flow_monitor.flows.source.ip allin [192.168.0.0/8, 1.0.0.0/8]`, "flows", false},
	{`192.0.0.0/8 allin network_flow_monitor.flows.source.ip`, "flows", true},
	{`192.168.0.16/16 in 192.168.1.1/8 && network_flow_monitor.flows.length == 3`, "flows", true},
	// lists of objects: unbound, and bound by a register
	{`process.ancestors.comm == "git" && exec.uid == 0`, "exec", true},
	{`process.ancestors.comm != "git" && exec.uid == 0`, "exec", false},
	{`process.ancestors.comm not in ["sshd"] && exec.uid == 0`, "exec", true},
	{`process.ancestors.comm == "git" && process.ancestors.argv in ["-c"] && exec.uid == 0`, "exec", true},
	{`process.ancestors[A].comm == "git" && process.ancestors[A].argv in ["-c"] && exec.uid == 0`, "exec", false},
	{`process.ancestors[A].comm == "git" && process.ancestors[A].argv in ["clone"] && exec.uid == 0`, "exec", true},
	{`process.ancestors[A].comm != "git" && exec.uid == 0`, "exec", true}, // some element differs
	{`process.ancestors[A].comm not in ["git"] && exec.uid == 0`, "exec", true},
	{`process.ancestors[A].comm !~ "g*" && exec.uid == 0`, "exec", true},
	{`process.ancestors[A].comm == "git" && process.ancestors.comm == "bash" && exec.uid == 0`, "exec", true},
	{`process.ancestors[A].comm == "git" && process.ancestors.comm != "bash" && exec.uid == 0`, "exec", false},
	{`process.ancestors.file.path == ~"/opt/**" && exec.uid == 0`, "exec", true},
	{`process.ancestors.file.name == "" && exec.uid == 0`, "exec", true}, // init has no file
	{`process.ancestors[A].is_kworker == true && process.ancestors[A].comm == "git" && exec.uid == 0`, "exec", true},
	{`network_flow_monitor.flows[A].source.port == 10`, "flows", true},
	{`network_flow_monitor.flows[A].source.port != 10`, "flows", true},
	{`network_flow_monitor.flows.source.port != 10`, "flows", false},
	{`network_flow_monitor.flows[A].source.port > 200`, "flows", false},
	{`network_flow_monitor.flows[A].source.port < 100`, "flows", true},
	{`9999 > network_flow_monitor.flows[A].source.port`, "flows", true},
	{`10 > network_flow_monitor.flows[A].source.port`, "flows", false},
	{`10 in network_flow_monitor.flows[A].source.port`, "flows", true},
	{`10 not in network_flow_monitor.flows[A].source.port`, "flows", true},
	{`network_flow_monitor.flows[A].source.port == 10 && network_flow_monitor.flows[A].l4_protocol == IP_PROTO_UDP`, "flows", false},
	{`network_flow_monitor.flows[A].source.port == 100 && network_flow_monitor.flows[A].l4_protocol == IP_PROTO_UDP`, "flows", true},
	{`network_flow_monitor.flows.source.port == 10 && network_flow_monitor.flows.l4_protocol == IP_PROTO_UDP`, "flows", true},
	// every element: exists and not any that does not fit (operators.md 1.3)
	{`(network_flow_monitor.flows.source.port >= 10 && !(network_flow_monitor.flows.source.port < 10))`, "flows", true},
	{`(network_flow_monitor.flows.source.port >= 11 && !(network_flow_monitor.flows.source.port < 11))`, "flows", false},
	{`(exec.argv == "ab" && exec.argv not in [r"(?s)^(?:$|[^a]|a(?:$|[^b]|b.))"])`, "allAB", true},
	{`(exec.argv == "ab" && exec.argv not in [r"(?s)^(?:$|[^a]|a(?:$|[^b]|b.))"])`, "someAB", false},
	{`(exec.argv == r"^ab" && exec.argv not in [r"(?s)^(?:$|[^a]|a(?:$|[^b]))"])`, "someAB", true},
	// the event's own process has two names
	{`process.comm == "useradd" && exec.uid == 0`, "exec", true},
	{`exec.container.id == "abc" && container.id == "abc" && process.container.id == "abc"`, "exec", true},
	{`process.parent.comm == "bash" && exec.uid == 0`, "exec", true},
	{`open.filename == "/etc/cron.d/a" && process.file.path == "/bin/sh"`, "open", true},
	// event types
	{`open.file.name == ""`, "exec", false},
	{`open.file.name != "zzz"`, "exec", false},
	{`network.destination.port == 53`, "dns", true},
	{`network.destination.port == 53`, "open", false},
	// case
	{`dns.question.name == "evil.com"`, "dns", true},
	{`dns.question.name in [~"*.com"]`, "dns", true},
	{`exec.file.path == "c:\windows\system32\cmd.exe"`, "win", true},
	{`exec.file.path == ~"c:\windows\**"`, "win", true},
	{`exec.file.path == ~"c:/windows/*"`, "win", false},
	{`exec.file.path == r"(?i)^c:\\windows\\.*\\cmd\.exe$"`, "win", true},
	{`exec.file.path == r"system32\\cmd"`, "win", true},
	{`exec.file.path == r"(?-i:cmd)"`, "win", false},
	{`exec.file.path in [r"/cmd", "c:/windows/system32/cmd.exe"]`, "win", true},
	{`exec.file.path in [r"/cmd"]`, "win", false},
	{`exec.file.name == "cmd.exe"`, "win", true},
	{`exec.cmdline =~ "*net user*"`, "win", true},
	{`exec.cmdline == r"net\s+user"`, "win", true},
}

func TestRows(t *testing.T) {
	for _, c := range rows {
		t.Run(c.expr+" "+c.event, func(t *testing.T) {
			row := event(t, events[c.event])
			if got, ws := matches(t, c.expr, row, nil); got != c.want {
				t.Fatalf("got %v, want %v; %q", got, c.want, ws)
			}
			out, ds := Language.Reprint("expr", c.expr)
			if ds.HasErrors() {
				t.Fatal(ds)
			}
			if got, _ := matches(t, out, row, nil); got != c.want {
				t.Fatalf("printed again as %s it answers %v", out, got)
			}
		})
	}
}

// TestPathGlobs: a pattern on a .path field works element by element; plain text is equality.
func TestPathGlobs(t *testing.T) {
	for _, c := range []struct {
		glob, path string
		want       bool
	}{
		{"/usr/bin/c$t/test/*", "/usr/bin/c$t", false},
		{"/usr/bin/c$t/*", "/usr/bin/c$t", false},
		{"/usr/bin/c$t*", "/usr/bin/c$t", true},
		{"/usr/bin/c*", "/usr/bin/c$t", true},
		{"/usr/bin/l*", "/usr/bin/c$t", false},
		{"/usr/bin/**", "/usr/bin/c$t", true},
		{"/usr/**", "/usr/bin/c$t", true},
		{"/**", "/usr/bin/c$t", true},
		{"/etc/**", "/usr/bin/c$t", false},
		{"/*", "/usr/bin/c$t", false},
		{"*/*", "/usr/bin/c$t", false},
		{"/*/*/*", "/usr/bin/c$t", true},
		{"*/bin/*", "/usr/bin/c$t", true},
		{"*/bin", "/usr/bin/c$t", false},
		{"/usr/*/c$t", "/usr/bin/c$t", true},
		{"/usr/*/bin/*", "/usr/bin/c$t", false},
		{"/opt/*", "/opt/a/b", false},
		{"/opt/**", "/opt/a/b", true},
		{"/opt/**", "/opt", false},
		{"*/abc/*", "/1/abc/2", true},
		{"/tmp/test/*st*", "/tmp/test/ast", true},
		{"/tmp/test/*st*", "/tmp/test", false},
		{"/tmp/*/test789", "/tmp/test/test", false},
		{"**", "/tmp/test/ast", true},
		{"/var/run/*", "abc", false},
		{"*/*/http*", "/var/log/httpd", true},
		{"*b*", "abc", true},
		{"*d*", "abc", false},
		{"/a/**/token", "/a/b/c/token", true},
		{"/a/**/token", "/a/token", true},
		{"/a/**/token", "/a/b/c/tokens", false},
		{"/a/**/token", "/b/c/token", false},
		{"**/token", "/a/b/token", true},
		{"/etc/**.conf", "/etc/a.conf", true},
		{"/etc/**.conf", "/etc/a/b.conf", false},
		{"/opt/*", "", false},
		{"**", "", false},
		{"/opt/a", "/opt/a", true},
		{"/a/b/**/b/c", "/a/b/c", true},
	} {
		row := native.Row{"open.file.path": c.path}
		if got, _ := matches(t, `open.file.path == ~"`+c.glob+`"`, row, nil); got != c.want {
			t.Errorf("%s on %q is %v, want %v", c.glob, c.path, got, c.want)
		}
	}
}

func TestDoubts(t *testing.T) {
	covered := map[string]bool{}
	for _, c := range []struct {
		doubt       native.Doubt
		expr, event string
		on, off     bool
	}{
		{DoubtAllInTexts, `exec.argv allin ["a"]`, `{"exec.argv":["a","b"]}`, false, true},
		{DoubtGlobInner, `open.file.path == ~"/a/**/c"`, `{"open.file.path":"/a/b/c"}`, true, false},
		{DoubtPatternAnchored, `open.file.name == ~"*abc"`, `{"open.file.name":"xabcd"}`, false, true},
		{DoubtPatternBacktrack, `open.file.name == ~"*.sh"`, `{"open.file.name":"a.sh.sh"}`, true, false},
		{DoubtPatternNewline, `open.file.name == ~"a*b"`, `{"open.file.name":"a\nb"}`, true, false},
		{DoubtRegisterEmpty, `process.ancestors[A].comm != "x" && exec.uid == 0`, `{"exec.uid":0}`, true, false},
		{DoubtTextRaw, `open.file.name == "a\\b"`, `{"open.file.name":"a\\\\b"}`, true, false},
		{DoubtZeroUnset, `open.flags == 0`, `{"open.file.name":"x"}`, true, false},
	} {
		covered[c.doubt.Name] = true
		row := event(t, c.event)
		for _, on := range []bool{true, false} {
			want := c.off
			if on {
				want = c.on
			}
			if got, _ := matches(t, c.expr, row, map[string]bool{c.doubt.Name: on}); got != want {
				t.Errorf("%s=%v: %s on %s is %v, want %v", c.doubt.Name, on, c.expr, c.event, got, want)
			}
		}
	}
	if !sort.SliceIsSorted(Language.Doubts, func(i, j int) bool { return Language.Doubts[i].Name < Language.Doubts[j].Name }) {
		t.Error("the switches are not sorted by name")
	}
	for _, d := range Language.Doubts {
		if !covered[d.Name] || d.Doc == "" {
			t.Errorf("the switch %s has no row here or no text", d.Name)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		expr, title string
		code        diag.Code
		help        string
	}{
		{`exec.file.nam == "x"`, "the agent has no field, constant or macro `exec.file.nam`", diag.SECLUnknown, "`exec.file.name`"},
		{`exec`, "the agent has no field, constant or macro `exec`", diag.SECLUnknown, "an event type alone"},
		{`exec.file.path in SHELLS`, "the agent has no field, constant or macro `SHELLS`", diag.SECLUnknown, "macros of a policy file"},
		{`exec.file.name`, "a condition is expected, but this is a text", diag.SECLRun, "compare it"},
		{`exec.uid`, "a condition is expected, but this is a number", diag.SECLRun, "compare it"},
		{`exec.file.name == 3`, "a text is compared with a number", diag.SECLRun, "one kind"},
		{`exec.uid == "0"`, "a number is compared with a text", diag.SECLRun, "one kind"},
		{`(exec.uid == 0) == "x"`, "a boolean is compared with a text", diag.SECLRun, "one kind"},
		{`exec.file.name > "a"`, "`>` does not compare text values", diag.SECLRun, "== or !="},
		{`exec.uid =~ 5`, "`=~` does not compare number values", diag.SECLRun, "== or !="},
		{`exec.comm =~ exec.args`, "`=~` needs a text written down", diag.SECLRun, "=="},
		{`exec.uid in ["0"]`, "a number is looked for in a list (text)", diag.SECLRun, "one kind"},
		{`exec.comm in exec.args`, "no list stands behind `in`, but a text", diag.SECLRun, "[value"},
		{`fim.write.file.path == "/x"`, "the agent has no field, constant or macro `fim.write.file.path`", diag.SECLUnknown, "one rule for each"},
		{`exec.retval == 1`, "the agent has no field, constant or macro `exec.retval`", diag.SECLUnknown, ""},
		{`open.retval in [ EPERM, true ]`, "the list mixes kinds of values", diag.SECLRun, "one kind"},
		{`exec.comm == "a" && open.file.name == "b"`, "an expression reads one event type, but `open.file.name` and `exec.comm` belong to different ones", diag.SECLRun, "two rules"},
		{`open.file.name == "b" && network.size > 1`, "an expression reads one event type, but `network.size` and `open.file.name` belong to different ones", diag.SECLRun, "two rules"},
		{`process.ancestors[_].comm == "a"`, "the register `_` is not allowed", diag.SECLRun, "letter"},
		{`process.ancestors[A].comm == "a" && process.ancestors[B].comm == "b"`, "an expression may use one register on one list", diag.SECLRun, "process.ancestors[A]"},
		{`process.ancestors[].comm == "a"`, "`process.ancestors[].comm` has brackets that hold no register", diag.SECLRun, "list[A].field"},
		{`process[A].comm == "a"`, "`process` is no list whose elements a register can name", diag.SECLRun, "process.ancestors"},
		{`open.file.path == r"x"`, "a regular expression is compared with the path `open.file.path`", diag.SECLRun, "pattern"},
		{`exec.file.path == "usr/bin"`, "`usr/bin` is no absolute path without detours", diag.SECLRun, "begin with /"},
		{`exec.file.path == "/usr/bin/"`, "`/usr/bin/` is no absolute path without detours", diag.SECLRun, "begin with /"},
		{`exec.file.path == ~"/a/../b"`, "`/a/../b` is no absolute path without detours", diag.SECLRun, "begin with /"},
		{`open.file.path == ~"*"`, "`*` is no absolute path without detours", diag.SECLRun, "begin with /"},
		{`open.file.path == ~"/**/a/**"`, "`**` stands twice in a path pattern", diag.SECLRun, "once"},
		{`exec.file.name == ~"**x"`, "`**` stands in a pattern of a field that is no path", diag.SECLRun, "one star"},
		{`exec.file.name == r"a("`, "the regular expression does not compile: error parsing regexp: missing closing ): `a(`", diag.SECLRun, "RE2"},
		{`connect.addr.ip == 0.0.0.0`, "`0.0.0.0` is no address that the agent takes", diag.SECLRun, "0.0.0.0/0"},
		{`process.ancestors.is_kworker && exec.uid == 0`, "a condition is expected, but this is a list (boolean)", diag.SECLRun, "== true"},
		{`exec.args + 1 == 2`, "a number is expected, but this is a text", diag.SECLRun, "numbers only"},
		{`%{exec.nothing} == "x"`, "the agent has no field, constant or macro `exec.nothing`", diag.SECLUnknown, ""},
	} {
		_, ds := Language.Compile("expr", c.expr)
		if len(ds) != 1 || ds[0].Title != c.title || ds[0].Code != c.code || !strings.Contains(strings.Join(ds[0].Help, "; "), c.help) || !ds[0].Span.IsValid() || len(ds[0].Help) == 0 {
			t.Errorf("%s:\n got %+v\nwant %s %q", c.expr, ds, c.code, c.title)
		}
	}
	if _, ds := Language.Compile("expr", `exec.nam == "a" && exec.com == "b"`); len(ds) != 2 {
		t.Errorf("two unknown fields give %v", ds)
	}
}

// TestRegexpOnWindowsPath: agents on Windows take a regular expression on a path, agents on Linux do not.
func TestRegexpOnWindowsPath(t *testing.T) {
	p, ds := Language.Compile("expr", `exec.pid == 1 && exec.file.path == r"x"`)
	if ds.HasErrors() {
		t.Fatal(ds)
	}
	for os, want := range map[string]string{"windows": "", "linux": "agents on Linux refuse a regular expression on the path `exec.file.path`"} {
		row := native.Row{"event.type": "exec", "event.os": os, "exec.pid": json.Number("2")}
		_, ds := p.Run(native.Input{Tables: []native.Table{{Rows: []native.Row{row}}}})
		got := ""
		if len(ds) > 0 {
			got = ds[0].Title
		}
		if got != want {
			t.Errorf("%s: %v", os, ds)
		}
	}
}

func TestMacros(t *testing.T) {
	macros := map[string]string{"SHELLS": `[ "/bin/sh", "/bin/bash" ]`, "IS_SHELL": `exec.file.path in SHELLS`, "X_FLAGS": `S_IXUSR|S_IXGRP`, "LOOP": `LOOP == 1`}
	run := func(expr, path string) bool {
		p, ds := Compile("expr", expr, macros)
		if ds.HasErrors() {
			t.Fatalf("%s: %v", expr, ds)
		}
		row := native.Row{"exec.file.path": path, "exec.file.mode": json.Number("72")}
		out, _ := p.Run(native.Input{Tables: []native.Table{{Rows: []native.Row{row}}}})
		return len(out.Matches) == 1
	}
	for _, c := range []struct {
		expr, path string
		want       bool
	}{
		{`exec.file.path in SHELLS`, "/bin/sh", true},
		{`exec.file.path not in SHELLS`, "/bin/sh", false},
		{`IS_SHELL`, "/bin/bash", true},
		{`!IS_SHELL`, "/bin/cat", true},
		{`exec.file.mode & X_FLAGS > 0`, "/bin/sh", true},
	} {
		if got := run(c.expr, c.path); got != c.want {
			t.Errorf("%s on %s is %v", c.expr, c.path, got)
		}
	}
	if _, ds := Compile("expr", `LOOP`, macros); len(ds) == 0 || ds[0].Code != diag.SECLRun {
		t.Errorf("a macro that uses itself gives %v", ds)
	}
	if _, ds := Compile("expr", `A`, map[string]string{"A": "[ 1"}); !ds.HasErrors() {
		t.Error("a broken macro is accepted")
	}
}

func TestWarnings(t *testing.T) {
	for _, c := range []struct{ expr, event, part string }{
		{`process.comm == "x"`, `{}`, "names no event type"},
		{`open.file.name == ~"*.sh"`, `{"open.file.name":"a.sh.sh"}`, "later agents do not match"},
		{`open.flags == 1`, `{"open.flags":"many"}`, "which is no number"},
		{`connect.addr.is_public`, `{"connect.addr.is_public":"maybe"}`, "which is no boolean"},
		{`connect.addr.ip in 10.0.0.0/8`, `{"connect.addr.ip":"here"}`, "which is no address"},
		{`exec.created_at < 5s`, `{"exec.created_at":5}`, "neither the event nor the input has a time"},
	} {
		if _, ws := matches(t, c.expr, event(t, c.event), nil); !strings.Contains(strings.Join(ws, "\n"), c.part) {
			t.Errorf("%s on %s warns %q, not of %q", c.expr, c.event, ws, c.part)
		}
	}
}

func TestTimesTablesAndBudget(t *testing.T) {
	rows := []native.Row{
		event(t, `{"event.type":"exec","event.timestamp":"2024-01-01T00:00:00Z","exec.created_at":"2023-12-31T23:59:58Z"}`),
		event(t, `{"event.type":"exec","exec.created_at":"2023-12-31T23:59:58Z"}`),
		event(t, `{"event.type":"open"}`),
	}
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	run := func(expr string, in native.Input) string {
		p, ds := Language.Compile("expr", expr)
		if ds.HasErrors() {
			t.Fatal(ds)
		}
		out, _ := p.Run(in)
		return fmt.Sprint(out.Matches)
	}
	tables := []native.Table{{Rows: rows}, {Rows: rows[:1]}}
	if got := run(`exec.created_at < 3s`, native.Input{Tables: tables}); got != "[{0 0} {0 1} {1 0}]" {
		t.Errorf("ages against the largest event time: %s", got)
	}
	if got := run(`exec.created_at < 3s`, native.Input{Tables: tables, Now: at.Add(time.Hour)}); got != "[{0 0} {1 0}]" {
		t.Errorf("ages against a given time: %s", got)
	}
	if got := run(`exec.uid == 0`, native.Input{Tables: tables, From: at, To: at.Add(time.Second)}); got != "[{0 0} {1 0}]" {
		t.Errorf("the time picker: %s", got)
	}
	p, _ := Language.Compile("expr", `exec.args == ~"*x*"`)
	p.(*program).budget = 10
	row := native.Row{"exec.args": strings.Repeat("y", 1000)}
	if _, ds := p.Run(native.Input{Tables: []native.Table{{Rows: []native.Row{row}}}}); len(ds) != 1 || ds[0].Code != diag.SECLLimit {
		t.Errorf("the budget: %v", ds)
	}
}

// TestVendorLikeRules runs expressions of the shape of the vendor's default policy.
func TestVendorLikeRules(t *testing.T) {
	created := `exec.file.name in ["useradd", "newusers", "adduser"] && exec.tty_name != "" && process.ancestors.file.path not in ["/usr/bin/apt", "/usr/bin/dpkg"] && exec.args_flags not in ["R"]`
	throttled := created + ` && (event.origin != "ebpf" || (exec.args == "" || exec.args not in ${cgroup.rtl_args}))`
	for expr, want := range map[string]bool{
		created:   true,
		throttled: true,
		strings.Replace(created, `["R"]`, `["D"]`, 1):               false,
		strings.Replace(created, `"/usr/bin/apt"`, `~"/opt/**"`, 1): false,
		`(open.flags & O_CREAT > 0) && exec.uid == 0`:               false,
	} {
		if strings.HasPrefix(expr, "(open") {
			if _, ds := Language.Compile("expr", expr); !ds.HasErrors() {
				t.Error("two event types in one rule are accepted")
			}
			continue
		}
		if got, _ := matches(t, expr, event(t, events["exec"]), nil); got != want {
			t.Errorf("%s is %v", expr, got)
		}
	}
}

// TestStarMatchIsTheRegexp compares the pattern walk with the regular expression that a pattern means.
func TestStarMatchIsTheRegexp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.StringMatching(`[ab*]{0,7}`).Draw(t, "pattern")
		s := rapid.StringMatching(`[abAB]{0,9}`).Draw(t, "text")
		fold := rapid.Bool().Draw(t, "fold")
		re := "^" + strings.ReplaceAll(regexp.QuoteMeta(p), `\*`, ".*") + "$"
		if fold {
			re = "(?i)" + re
		}
		if got, want := starMatch(p, s, fold), regexp.MustCompile(re).MatchString(s); got != want {
			t.Fatalf("%q on %q is %v, want %v", p, s, got, want)
		}
		if pieceByPiece(p, s, fold, true) && !starMatch(p, s, fold) {
			t.Fatalf("the walk of later agents finds more: %q on %q", p, s)
		}
	})
}

// TestBuiltTextsMatch: what Text and Exactly print finds the text it was made from and no other, under every switch.
func TestBuiltTextsMatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, other := rapid.String().Draw(t, "text"), rapid.String().Draw(t, "other")
		var sides []syntax.Expr
		if s, err := syntax.Text(v); err == nil {
			sides = append(sides, s)
		}
		if r, err := syntax.Exactly(v); err == nil {
			sides = append(sides, r)
		}
		for _, side := range sides {
			expr := `open.file.name == ` + syntax.Print(side)
			p, ds := Language.Compile("expr", expr)
			if ds.HasErrors() {
				t.Fatalf("%s: %v", expr, ds)
			}
			for _, value := range []string{v, other} {
				for _, d := range append([]native.Doubt{{Name: "-"}}, Language.Doubts...) {
					row := native.Row{"open.file.name": value}
					out, _ := p.Run(native.Input{Tables: []native.Table{{Rows: []native.Row{row}}}, Doubts: map[string]bool{d.Name: !d.Default}})
					if (len(out.Matches) == 1) != (value == v) {
						t.Fatalf("%s on %q with %s flipped is %v", expr, value, d.Name, out.Matches)
					}
				}
			}
		}
	})
}

func FuzzRun(f *testing.F) {
	for _, c := range rows {
		f.Add(c.expr, events[c.event])
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		var row native.Row
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if d.Decode(&row) != nil || row == nil {
			return
		}
		p, ds := Language.Compile("expr", expr)
		if ds.HasErrors() {
			return
		}
		in := native.Input{Tables: []native.Table{{Rows: []native.Row{row}}}, Doubts: map[string]bool{}}
		p.Run(in)
		for _, d := range Language.Doubts {
			in.Doubts[d.Name] = !d.Default
		}
		if _, ds := p.Run(in); ds.HasErrors() && ds[0].Code != diag.SECLLimit {
			t.Fatalf("%q compiles but does not run: %v", expr, ds)
		}
	})
}

func BenchmarkRun(b *testing.B) {
	row := event(b, events["exec"])
	rows := make([]native.Row, 1000)
	for i := range rows {
		rows[i] = row
	}
	p, ds := Language.Compile("expr", `exec.file.name in ["useradd", "adduser"] && exec.tty_name != "" && process.ancestors.file.path not in ["/usr/bin/apt", ~"/srv/**"] && exec.args == r"(?i)eve"`)
	if ds.HasErrors() {
		b.Fatal(ds)
	}
	in := native.Input{Tables: []native.Table{{Rows: rows}}}
	b.ReportAllocs()
	for b.Loop() {
		p.Run(in)
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "events/s")
}
