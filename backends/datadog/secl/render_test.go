package secl

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

// short writes (f NAME) for the fields that the tests use.
var short = strings.NewReplacer(
	"$name", "(native exec.file.name keyword)",
	"$path", "(native exec.file.path keyword)",
	"$comm", "(native exec.comm keyword)",
	"$args", "(native exec.args keyword)",
	"$argv", "(native exec.argv[] keyword[])",
	"$ancpath", "(native process.ancestors[].file.path keyword[])",
	"$ancpid", "(native process.ancestors[].pid long[])",
	"$anc", "(native process.ancestors[].comm keyword[])",
	"$parent", "(native process.parent.file.name keyword)",
	"$pid", "(native exec.pid long)",
	"$uid", "(native exec.uid long)",
	"$created", "(native exec.created_at date)",
	"$started", "(native process.parent.created_at date)",
	"$kworker", "(native process.is_kworker boolean)",
	"$thread", "(native process.is_thread boolean)",
	"$cmdline", "(native exec.cmdline keyword)",
	"$ip", "(native process.user_session.ssh_client_ip ip)",
	"$list", "(native process.ancestors[] keyword[])",
	"$odd", "(native exec.file.nam keyword)",
	"$wrong", "(native exec.pid keyword)",
	"$load", "(native exec.pid double)",
)

// parse reads a condition whose texts are as the bindings have them: an empty one is missing.
func parse(t testing.TB, text string) ir.Pred {
	t.Helper()
	p, diags := ir.ParsePred("test", short.Replace(text))
	if diags.HasErrors() {
		t.Fatalf("%s: %v", text, diags)
	}
	for _, f := range ir.FieldsOf(p) {
		f.Native.EmptyMissing = true
	}
	return pass.Canonical(p)
}

// on makes a bound rule with one part on a type of event.
func on(source, event string, p ir.Pred) *ir.Bound {
	return &ir.Bound{Rule: &ir.Rule{Name: "test"}, Platform: "datadog", Parts: []ir.Part{{
		Binding: &schema.Binding{Name: "test", Platform: "datadog", Source: source}, Class: &schema.BoundClass{Class: "test", Table: event},
		Select: &ir.Const{Value: true}, Where: p,
	}}}
}

// level is a level in a few words: "narrower agent-paths".
func level(f backends.Fidelity) string {
	return strings.Join(append([]string{f.Kind.String()}, f.Assumptions...), " ")
}

func TestDump(t *testing.T) {
	for _, r := range strings.Split(strings.TrimSpace(dump), "\n") {
		source, rule, _ := strings.Cut(r, " ")
		b := on(source, "exec", parse(t, rule))
		f := Backend.Check(b)
		if f.Kind == backends.Refuse {
			for _, l := range f.Leaves {
				t.Logf("%s\n    REFUSED %s | %s", r, l.Level.Why, l.Level.Instead)
			}
			continue
		}
		q, ds := Backend.Render(b)
		if ds.HasErrors() {
			t.Logf("%s\n    RENDER %s | %s", r, ds[0].Title, ds[0].Help)
			continue
		}
		t.Logf("%s\n    %s   [%s]", r, q.Text, level(f))
	}
}

const dump = `
linux (eq $name ["7z"])
linux (eq $name ["net.exe"])
linux (not (eq $name ["useradd"]))
linux (eq $name ["useradd" "adduser"])
linux (not (eq $name ["123" "adduser"]))
linux (eq.cs $name ["useradd"])
linux (not (eq.cs $name ["useradd" "adduser"]))
linux (eq.cs $comm ["a\"b\\c*"])
linux (eq.cs $comm ["${x}"])
linux (eq.cs $comm ["a\nb😀"])
linux (eq $comm ["Ämter"])
linux (eq $comm [""])
linux (eq $comm ["" "a"])
linux (contains $args ["-o /tmp"])
linux (not (contains.cs $args ["-o /tmp" "x"]))
linux (starts $args ["-D"])
linux (starts.cs $args ["-D"])
linux (not (starts.cs $args ["-D"]))
linux (ends $args ["add"])
linux (ends.cs $args ["add"])
linux (like $args ["a*b?c"])
linux (not (like.cs $args ["a*b" "*x*y"]))
linux (matches $args ["/ad{1,2}$"])
linux (matches $args ["(?i)us[ae]r\\s+\\d"])
linux (not (matches $args ["x*"]))
linux (matches $argv ["x*"])
linux (matches $anc ["x*"])
linux (eq.cs $argv ["sudo" "wheel"])
linux (not (eq.cs $argv ["sudo"]))
linux (eq $path ["/usr/bin/7z"])
linux (eq $path ["/usr/sbin/useradd"])
linux (eq $path ["/bin/7"])
linux (not (eq $path ["/usr/sbin/useradd"]))
linux (eq.cs $path ["/usr/sbin/useradd"])
linux (eq.cs $path ["useradd"])
linux (starts.cs $path ["/opt/"])
linux (starts $path ["/opt/"])
linux (not (starts.cs $path ["/usr/bin/py"]))
linux (starts.cs $path ["opt/"])
linux (ends $path ["/useradd"])
linux (not (ends $path ["/useradd" ".sh"]))
linux (ends.cs $path ["/useradd"])
linux (ends.cs $path ["/sbin/useradd"])
linux (not (ends.cs $path ["/sbin/useradd"]))
linux (ends $path ["/"])
linux (contains.cs $path ["/tmp/"])
linux (contains.cs $path ["tmp"])
linux (like.cs $path ["/home/*/.ssh/id_*"])
linux (like.cs $path ["/home/?/x"])
linux (matches $path ["x"])
linux (ge (length $path) [3])
linux (eq (length $path) [3])
linux (exists $path)
linux (exists $ancpath)
linux (ends.cs $ancpath ["/sh"])
linux (eq $pid [5])
linux (eq $pid [0 5])
linux (not (eq $pid [1 2]))
linux (ge $pid [5])
linux (not (lt $pid [5]))
linux (lt $pid [5])
linux (eq $pid [5.5])
linux (eq $created [@2026-03-02T08:00:00.000Z])
linux (ge $created [@2026-03-02T08:00:00.000Z])
linux (not (lt $created [@2026-03-02T08:00:00.000Z]))
linux (eq $kworker [true])
linux (not (eq $kworker [true]))
linux (eq $kworker [false])
linux (eq $ip [ip:10.0.0.1])
linux (cidr $ip ["10.0.0.0/8" "2001:db8::/32"])
linux (not (cidr $ip ["10.0.0.0/8"]))
linux (ge (length $args) [3])
linux (not (eq (length $argv) [3 5]))
linux (lt (length $args) [1])
linux (ge (length $args) [2000])
linux (ge (values $argv) [1])
linux (eq (values $argv) [0])
linux (ge (values $argv) [2])
linux (eq (hour $created) [3])
linux (gt (+ $pid 3) [4])
linux (eq (& $pid 6) [0])
linux (not (eq (& $pid 6) [0]))
linux (rel.eq $comm $name)
linux (rel.eq.cs $comm $name)
linux (not (rel.eq.cs $comm $name))
linux (rel.eq.cs $argv $name)
linux (rel.eq $pid $uid)
linux (rel.lt $pid $ancpid)
linux (rel.eq $kworker $thread)
linux (rel.lt $created $started)
linux (exists $comm)
linux (not (exists $comm))
linux (exists $argv)
linux (exists $pid)
linux (exists $ip)
linux (exists $ancpid)
linux (empty $comm)
linux (not (empty $argv))
linux (any e $argv (and (starts (elem e keyword) ["p"]) (ends (elem e keyword) ["q"])))
linux (any e $argv (and (eq.cs (elem e keyword) ["-a" "b"]) (not (starts.cs (elem e keyword) ["-"]))))
linux (any e $argv (not (eq.cs (elem e keyword) ["ab"])))
linux (any e $argv (and (not (ends (elem e keyword) ["ks"])) (not (ends (elem e keyword) [".x"]))))
linux (any e $argv (and (starts (elem e keyword) ["p"]) (contains (elem e keyword) ["q"])))
linux (not (any e $argv (and (starts (elem e keyword) ["p"]) (contains (elem e keyword) ["q"]))))
linux (any e $anc (and (starts.cs (elem e keyword) ["p"]) (not (contains.cs (elem e keyword) ["q"]))))
linux (not (any e $anc (and (starts.cs (elem e keyword) ["p"]) (not (contains.cs (elem e keyword) ["q"])))))
linux (or (eq.cs $comm ["a"]) (any e $anc (and (starts.cs (elem e keyword) ["p"]) (not (contains.cs (elem e keyword) ["q"])))))
linux (any x $list (and (eq.cs (elem x keyword comm) ["git"]) (eq.cs (elem x keyword argv) ["clone"])))
linux (not (any x $list (and (eq.cs (elem x keyword comm) ["git"]) (eq.cs (elem x keyword argv) ["clone"]))))
linux (any e $ancpid (and (gt (elem e long) [5]) (lt (elem e long) [9])))
linux (any e $ancpid (and (gt (elem e long) [5]) (lt (elem e long) [900])))
linux (all e $ancpid (ge (elem e long) [5]))
linux (all e $argv (eq.cs (elem e keyword) ["ab"]))
linux (all e $argv (starts (elem e keyword) ["-"]))
linux (not (all e $argv (not (contains.cs (elem e keyword) ["x"]))))
linux (all e $argv (contains.cs (elem e keyword) ["x"]))
linux (all x $list (eq.cs (elem x keyword comm) ["git"]))
linux (any e $argv (and (rel.eq (elem e keyword) $comm) (eq.cs (elem e keyword) ["a"])))
linux true
linux false
linux (eq.cs $parent ["sshd"])
linux (or (eq.cs $comm ["a"]) (and (eq.cs $parent ["b"]) (not (eq.cs $name ["c"]))))
linux (eq.cs $odd ["c"])
linux (eq.cs $wrong ["c"])
linux (eq $load [5.0])
windows (eq $name ["Cmd.exe"])
windows (eq.cs $name ["Cmd.exe"])
windows (eq $path ["C:\\Windows\\System32\\cmd.exe"])
windows (ends $path ["\\cmd.exe"])
windows (contains.cs $path ["\\Temp\\"])
windows (eq $cmdline ["reg add"])
windows (eq $cmdline ["net user"])
windows (eq.cs $cmdline ["net user"])
windows (not (contains $cmdline ["/add"]))
windows (matches $cmdline ["a[bc]"])
windows (rel.eq $name $parent)
windows (rel.eq.cs $name $parent)
`
