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

// TestPrinted holds the printed text of each construct, positive and negated, against expectations written by hand.
func TestPrinted(t *testing.T) {
	for _, c := range []struct{ source, rule, want, level string }{
		{"linux", `(eq $name ["7z"])`, `exec.file.name == r"(?i)^7z$"`, "rewrite"},
		{"linux", `(eq $name ["net.exe"])`, `exec.file.name == r"(?i)^net\.exe$"`, "rewrite"},
		{"linux", `(not (eq $name ["useradd"]))`, `exec.file.name != r"(?i)^u(?-i:[Ss])eradd$"`, "rewrite"},
		{"linux", `(eq $name ["useradd" "adduser"])`, `exec.file.name in [r"(?i)^u(?-i:[Ss])eradd$", r"(?i)^addu(?-i:[Ss])er$"]`, "rewrite"},
		{"linux", `(not (eq $name ["123" "adduser"]))`, `exec.file.name not in ["123", r"(?i)^addu(?-i:[Ss])er$"]`, "rewrite"},
		{"linux", `(eq.cs $name ["useradd"])`, `exec.file.name == "useradd"`, "native"},
		{"linux", `(not (eq.cs $name ["useradd" "adduser"]))`, `exec.file.name not in ["useradd", "adduser"]`, "native"},
		{"linux", `(eq.cs $comm ["a\"b\\c*"])`, `exec.comm == r"^a\x22b\\c\*$"`, "rewrite"},
		{"linux", `(eq.cs $comm ["${x}"])`, `exec.comm == r"^\$\{x\}$"`, "rewrite"},
		{"linux", `(eq.cs $comm ["a\nb😀"])`, `exec.comm == r"^a\x0ab\x{1f600}$"`, "rewrite"},
		{"linux", `(eq $comm ["Ämter"])`, `exec.comm == r"(?i)^(?-i:[Ää])mter$"`, "rewrite"},
		{"linux", `(eq $comm ["" "a"])`, `exec.comm == r"(?i)^a$"`, "rewrite"},
		{"linux", `(contains $args ["-o /tmp"])`, `exec.args == r"(?i)-o /tmp"`, "rewrite"},
		{"linux", `(not (contains.cs $args ["-o /tmp" "x"]))`, `exec.args not in [r"-o /tmp", r"x"]`, "rewrite"},
		{"linux", `(starts $args ["-D"])`, `exec.args == r"(?i)^-D"`, "rewrite"},
		{"linux", `(starts.cs $args ["-D"])`, `exec.args == r"^-D"`, "rewrite"},
		{"linux", `(not (starts.cs $args ["-D"]))`, `exec.args != r"^-D"`, "rewrite"},
		{"linux", `(ends $args ["add"])`, `exec.args == r"(?i)add$"`, "rewrite"},
		{"linux", `(ends.cs $args ["add"])`, `exec.args == r"add$"`, "rewrite"},
		{"linux", `(like $args ["a*b?c"])`, `exec.args == r"(?is)^a.*b.c$"`, "rewrite"},
		{"linux", `(not (like.cs $args ["a*b" "*x*y"]))`, `exec.args not in [r"(?s)^a.*b$", r"(?s)x.*y$"]`, "rewrite"},
		{"linux", `(matches $args ["/ad{1,2}$"])`, `exec.args == r"/ad{1,2}$"`, "rewrite"},
		{"linux", `(matches $args ["(?i)us[ae]r\\s+\\d"])`, `exec.args == r"[Uu][Ss][AEae][Rr][\x09\x0a\x0c\x0d ]+[0-9]"`, "rewrite"},
		{"linux", `(not (matches $args ["x*"]))`, `!(exec.args != "" && exec.args == r"x*")`, "rewrite"},
		{"linux", `(matches $argv ["x*"])`, `exec.argv == r"x*"`, "assume no-empty"},
		{"linux", `(eq.cs $argv ["sudo" "wheel"])`, `exec.argv in ["sudo", "wheel"]`, "native"},
		{"linux", `(not (eq.cs $argv ["sudo"]))`, `exec.argv != "sudo"`, "native"},
		{"linux", `(eq $path ["/usr/bin/7z"])`, `exec.file.path == "/usr/bin/7z"`, "narrower"},
		{"linux", `(eq $path ["/usr/sbin/useradd"])`, `exec.file.path == "/usr/sbin/useradd"`, "narrower"},
		{"linux", `(eq $path ["/bin/7"])`, `exec.file.path in ["/bin/7", "/biN/7", "/bIn/7", "/bIN/7", "/Bin/7", "/BiN/7", "/BIn/7", "/BIN/7"]`, "native"},
		{"linux", `(not (eq $path ["/usr/sbin/useradd"]))`, `exec.file.path != "/usr/sbin/useradd"`, "wider"},
		{"linux", `(eq.cs $path ["/usr/sbin/useradd"])`, `exec.file.path == "/usr/sbin/useradd"`, "native"},
		{"linux", `(starts.cs $path ["/opt/"])`, `exec.file.path == ~"/opt/**"`, "assume agent-paths"},
		{"linux", `(starts $path ["/opt/"])`, `exec.file.path in [~"/opt/**", ~"/opT/**", ~"/oPt/**", ~"/oPT/**", ~"/Opt/**", ~"/OpT/**", ~"/OPt/**", ~"/OPT/**"]`, "assume agent-paths"},
		{"linux", `(not (starts.cs $path ["/usr/bin/py"]))`, `exec.file.path not in [~"/usr/bin/py*", ~"/usr/bin/py*/**"]`, "assume agent-paths"},
		{"linux", `(ends $path ["/useradd"])`, `exec.file.name == r"(?i)^u(?-i:[Ss])eradd$"`, "assume agent-paths file-name"},
		{"linux", `(not (ends $path ["/useradd" ".sh"]))`, `exec.file.name not in [r"(?i)^u(?-i:[Ss])eradd$", r"(?i)\.(?-i:[Ss])h$"]`, "assume agent-paths file-name"},
		{"linux", `(ends.cs $path ["/useradd"])`, `exec.file.name == "useradd"`, "assume agent-paths file-name"},
		{"linux", `(ends.cs $path ["/sbin/useradd"])`, `exec.file.name == "useradd"`, "wider agent-paths file-name"},
		{"linux", `(not (ends.cs $path ["/sbin/useradd"]))`, `exec.file.name != "useradd"`, "narrower agent-paths file-name"},
		{"linux", `(contains.cs $path ["/tmp/"])`, `exec.file.path in [~"/tmp/**", ~"/*/tmp/**", ~"/*/*/tmp/**", ~"/*/*/*/tmp/**", ~"/*/*/*/*/tmp/**", ~"/*/*/*/*/*/tmp/**", ~"/*/*/*/*/*/*/tmp/**", ~"/*/*/*/*/*/*/*/tmp/**"]`, "narrower"},
		{"linux", `(like.cs $path ["/home/*/.ssh/id_*"])`, `exec.file.path == ~"/home/*/.ssh/id_*"`, "narrower"},
		{"linux", `(ge (length $path) [3])`, `exec.file.path.length >= 3`, "assume ascii"},
		{"linux", `(eq (length $path) [3])`, `exec.file.path.length == 3`, "assume ascii"},
		{"linux", `(exists $path)`, `exec.file.path != ""`, "native"},
		{"linux", `(exists $ancpath)`, `(exec.pid == 0 || exec.pid != 0) && process.ancestors.file.path.length > 0`, "native"},
		{"linux", `(ends.cs $ancpath ["/sh"])`, `(exec.pid == 0 || exec.pid != 0) && process.ancestors.file.name == "sh"`, "assume agent-paths file-name"},
		{"linux", `(eq $pid [5])`, `exec.pid == 5`, "native"},
		{"linux", `(eq $pid [0 5])`, `exec.pid in [0, 5]`, "assume set"},
		{"linux", `(not (eq $pid [1 2]))`, `exec.pid not in [1, 2]`, "native"},
		{"linux", `(ge $pid [5])`, `exec.pid >= 5`, "native"},
		{"linux", `(not (lt $pid [5]))`, `!(exec.pid < 5)`, "assume set"},
		{"linux", `(lt $pid [5])`, `exec.pid < 5`, "assume set"},
		{"linux", `(eq $created [@2026-03-02T08:00:00.000Z])`, `exec.created_at >= 1772438400000000000 && exec.created_at <= 1772438400000999999`, "rewrite"},
		{"linux", `(ge $created [@2026-03-02T08:00:00.000Z])`, `exec.created_at >= 1772438400000000000`, "rewrite"},
		{"linux", `(not (lt $created [@2026-03-02T08:00:00.000Z]))`, `!(exec.created_at <= 1772438399999999999)`, "assume set"},
		{"linux", `(eq $kworker [true])`, `(exec.pid == 0 || exec.pid != 0) && process.is_kworker`, "native"},
		{"linux", `(not (eq $kworker [true]))`, `(exec.pid == 0 || exec.pid != 0) && !process.is_kworker`, "native"},
		{"linux", `(eq $kworker [false])`, `(exec.pid == 0 || exec.pid != 0) && !process.is_kworker`, "assume set"},
		{"linux", `(eq $ip [ip:10.0.0.1])`, `(exec.pid == 0 || exec.pid != 0) && process.user_session.ssh_client_ip in [10.0.0.1/32]`, "native"},
		{"linux", `(cidr $ip ["10.0.0.0/8" "2001:db8::/32"])`, `(exec.pid == 0 || exec.pid != 0) && process.user_session.ssh_client_ip in [10.0.0.0/8, 2001:db8::/32]`, "native"},
		{"linux", `(not (cidr $ip ["10.0.0.0/8"]))`, `(exec.pid == 0 || exec.pid != 0) && process.user_session.ssh_client_ip not in [10.0.0.0/8]`, "native"},
		{"linux", `(ge (length $args) [3])`, `exec.args == r"(?s)^.{3,}$"`, "rewrite"},
		{"linux", `(not (eq (length $argv) [3 5]))`, `exec.argv not in [r"(?s)^.{3}$", r"(?s)^.{5}$"]`, "rewrite"},
		{"linux", `(lt (length $args) [1])`, `exec.args == r"[^\x00-\x{10FFFF}]"`, "rewrite"},
		{"linux", `(ge (values $argv) [1])`, `exec.argv == r"(?s)."`, "native"},
		{"linux", `(eq (values $argv) [0])`, `exec.argv != r"(?s)."`, "native"},
		{"linux", `(eq (& $pid 6) [0])`, `exec.pid & 6 == 0`, "assume set"},
		{"linux", `(not (eq (& $pid 6) [0]))`, `exec.pid & 6 != 0`, "assume set"},
		{"linux", `(rel.eq $comm $name)`, `exec.comm != "" && exec.comm == exec.file.name`, "narrower"},
		{"linux", `(rel.eq.cs $comm $name)`, `exec.comm != "" && exec.comm == exec.file.name`, "native"},
		{"linux", `(not (rel.eq.cs $comm $name))`, `!(exec.comm != "" && exec.comm == exec.file.name)`, "native"},
		{"linux", `(rel.eq.cs $argv $name)`, `exec.file.name != "" && exec.argv == exec.file.name`, "native"},
		{"linux", `(rel.eq $pid $uid)`, `exec.pid == exec.uid`, "assume set"},
		{"linux", `(rel.lt $pid $ancpid)`, `exec.pid < process.ancestors.pid`, "assume set"},
		{"linux", `(rel.eq $kworker $thread)`, `(exec.pid == 0 || exec.pid != 0) && process.is_kworker == process.is_thread`, "assume set"},
		{"linux", `(exists $comm)`, `exec.comm != ""`, "native"},
		{"linux", `(not (exists $comm))`, `exec.comm == ""`, "native"},
		{"linux", `(exists $argv)`, `exec.argv == r"(?s)."`, "native"},
		{"linux", `(exists $ip)`, `(exec.pid == 0 || exec.pid != 0) && process.user_session.ssh_client_ip in [0.0.0.0/0, ::/0]`, "rewrite"},
		{"linux", `(exists $ancpid)`, `(exec.pid == 0 || exec.pid != 0) && (process.ancestors.pid >= 0 || process.ancestors.pid < 0)`, "assume set"},
		{"linux", `(empty $comm)`, `exec.comm == ""`, "native"},
		{"linux", `(not (empty $argv))`, `exec.argv == r"(?s)."`, "native"},
		{"linux", `(any e $argv (and (starts (elem e keyword) ["p"]) (ends (elem e keyword) ["q"])))`, `exec.argv == r"(?is)^p.*q$"`, "rewrite"},
		{"linux", `(any e $argv (and (eq.cs (elem e keyword) ["-a" "b"]) (not (starts.cs (elem e keyword) ["-"]))))`, `exec.argv == "b"`, "native"},
		{"linux", `(any e $argv (not (eq.cs (elem e keyword) ["ab"])))`, `exec.argv == r"(?s)^(?:[^a]|a(?:$|[^b]|b.))"`, "rewrite"},
		{"linux", `(any e $argv (and (not (ends (elem e keyword) ["ks"])) (not (ends (elem e keyword) [".x"]))))`, `exec.argv == r"(?s)(?:[^SXsx]|(?:^|[^Kk])[Ss]|(?:^|[^.])[Xx])$"`, "rewrite"},
		{"linux", `(any e $argv (and (starts (elem e keyword) ["p"]) (contains (elem e keyword) ["q"])))`, `exec.argv == r"(?i)^p" && exec.argv == r"(?i)q"`, "wider"},
		{"linux", `(not (any e $argv (and (starts (elem e keyword) ["p"]) (contains (elem e keyword) ["q"]))))`, `!(exec.argv == r"(?i)^p" && exec.argv == r"(?i)q")`, "narrower"},
		{"linux", `(any e $anc (and (starts.cs (elem e keyword) ["p"]) (not (contains.cs (elem e keyword) ["q"]))))`, `(exec.pid == 0 || exec.pid != 0) && process.ancestors[A].comm != "" && process.ancestors[A].comm == r"^p" && process.ancestors[A].comm != r"q"`, "rewrite"},
		{"linux", `(not (any e $anc (and (starts.cs (elem e keyword) ["p"]) (not (contains.cs (elem e keyword) ["q"])))))`, `(exec.pid == 0 || exec.pid != 0) && process.ancestors.comm != r"^p"`, "narrower"},
		{"linux", `(any x $list (and (eq.cs (elem x keyword comm) ["git"]) (eq.cs (elem x keyword argv) ["clone"])))`, `(exec.pid == 0 || exec.pid != 0) && process.ancestors[A].comm == "git" && process.ancestors[A].argv == "clone"`, "rewrite"},
		{"linux", `(not (any x $list (and (eq.cs (elem x keyword comm) ["git"]) (eq.cs (elem x keyword argv) ["clone"]))))`, `(exec.pid == 0 || exec.pid != 0) && !(process.ancestors.comm == "git" && process.ancestors.argv == "clone")`, "narrower"},
		{"linux", `(any e $ancpid (and (gt (elem e long) [5]) (lt (elem e long) [9])))`, `(exec.pid == 0 || exec.pid != 0) && process.ancestors.pid in [6, 7, 8]`, "rewrite"},
		{"linux", `(any e $ancpid (and (gt (elem e long) [5]) (lt (elem e long) [900])))`, `(exec.pid == 0 || exec.pid != 0) && process.ancestors.pid >= 6 && process.ancestors.pid <= 899`, "wider"},
		{"linux", `(all e $ancpid (ge (elem e long) [5]))`, `(exec.pid == 0 || exec.pid != 0) && process.ancestors.pid >= 5 && !(process.ancestors.pid <= 4)`, "assume set"},
		{"linux", `(all e $argv (eq.cs (elem e keyword) ["ab"]))`, `exec.argv == r"(?s)." && exec.argv != r"(?s)^(?:[^a]|a(?:$|[^b]|b.))"`, "rewrite"},
		{"linux", `(all e $argv (starts (elem e keyword) ["-"]))`, `exec.argv == r"(?s)." && exec.argv != r"(?s)^(?:[^\-])"`, "rewrite"},
		{"linux", `(not (all e $argv (not (contains.cs (elem e keyword) ["x"]))))`, `!(exec.argv == r"(?s)." && exec.argv != r"x")`, "rewrite"},
		{"linux", `true`, `exec.pid == 0 || exec.pid != 0`, "native"},
		{"linux", `false`, `exec.pid == 0 && exec.pid != 0`, "rewrite"},
		{"linux", `(eq.cs $parent ["sshd"])`, `(exec.pid == 0 || exec.pid != 0) && process.parent.file.name == "sshd"`, "native"},
		{"linux", `(or (eq.cs $comm ["a"]) (and (eq.cs $parent ["b"]) (not (eq.cs $name ["c"]))))`, `exec.comm == "a" || (process.parent.file.name == "b" && exec.file.name != "c")`, "native"},
		{"windows", `(eq $name ["Cmd.exe"])`, `exec.file.name == r"(?i)^Cmd\.exe$"`, "rewrite"},
		{"windows", `(eq.cs $name ["Cmd.exe"])`, `exec.file.name == r"(?-i)^Cmd\.exe$"`, "rewrite"},
		{"windows", `(eq $path ["C:\\Windows\\System32\\cmd.exe"])`, `exec.file.path == r"(?i)^C:\\Window(?-i:[Ss])\\(?-i:[Ss])y(?-i:[Ss])tem32\\cmd\.exe$"`, "rewrite"},
		{"windows", `(ends $path ["\\cmd.exe"])`, `exec.file.path == r"(?i)\\cmd\.exe$"`, "rewrite"},
		{"windows", `(contains.cs $path ["\\Temp\\"])`, `exec.file.path == r"(?-i)\\Temp\\"`, "rewrite"},
		{"windows", `(eq $cmdline ["reg add"])`, `exec.cmdline == "reg add"`, "native"},
		{"windows", `(eq $cmdline ["net user"])`, `exec.cmdline == r"(?i)^net u(?-i:[Ss])er$"`, "rewrite"},
		{"windows", `(eq.cs $cmdline ["net user"])`, `exec.cmdline == r"(?-i)^net user$"`, "rewrite"},
		{"windows", `(not (contains $cmdline ["/add"]))`, `exec.cmdline != r"(?i)/add"`, "rewrite"},
		{"windows", `(matches $cmdline ["a[bc]"])`, `exec.cmdline == r"(?-i)a[bc]"`, "rewrite"},
		{"windows", `(rel.eq $name $parent)`, `exec.file.name != "" && exec.file.name == process.parent.file.name`, "assume fold"},
		{"windows", `(rel.eq.cs $name $parent)`, `exec.file.name != "" && exec.file.name == process.parent.file.name`, "wider"},
	} {
		b := on(c.source, "exec", parse(t, c.rule))
		f := Backend.Check(b)
		q, diags := Backend.Render(b)
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		if q.Text != c.want || level(f) != c.level {
			t.Errorf("%s %s\n got %s  [%s]\nwant %s  [%s]", c.source, c.rule, q.Text, level(f), c.want, c.level)
		}
	}
}

// TestRefused holds what cannot be said, and the words in which that is told.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ source, rule, why, instead string }{
		{"linux", `(eq $comm [""])`, `agents cannot tell an empty text from a missing one, so nothing equals it`, "use `empty f`"},
		{"linux", `(matches $anc ["x*"])`, `the expression fits an empty text, and so does an element that lacks the field`, `write an expression that does not fit an empty text`},
		{"linux", `(eq.cs $path ["useradd"])`, "agents on Linux compare whole absolute paths, and patterns of their elements; \"useradd\" with `==` is neither", `use the name of the file (process.name), == with a whole path, or starts_with with a directory`},
		{"linux", `(starts.cs $path ["opt/"])`, "agents on Linux compare whole absolute paths, and patterns of their elements; \"opt/\" with `starts_with` is neither", `use the name of the file (process.name), == with a whole path, or starts_with with a directory`},
		{"linux", `(ends $path ["/"])`, `no path that agents see ends in /`, `use the name of the file (process.name), == with a whole path, or starts_with with a directory`},
		{"linux", `(contains.cs $path ["tmp"])`, "agents on Linux compare whole absolute paths, and patterns of their elements; \"tmp\" with `contains` is neither", `use the name of the file (process.name), == with a whole path, or starts_with with a directory`},
		{"linux", `(like.cs $path ["/home/?/x"])`, "agents on Linux compare whole absolute paths, and patterns of their elements; \"/home/?/x\" with `like` is neither", `use the name of the file (process.name), == with a whole path, or starts_with with a directory`},
		{"linux", `(matches $path ["x"])`, `agents on Linux take no regular expression on a path`, `use the name of the file (process.name), == with a whole path, or starts_with with a directory`},
		{"linux", `(eq $pid [5.5])`, `agents compare whole numbers only`, `compare with a whole number`},
		{"linux", `(ge (length $args) [2000])`, `agents count up to 1,000 characters`, `use a smaller length`},
		{"linux", `(ge (values $argv) [2])`, `agents do not count the values of a field`, `compare with 0 or 1, or leave this language out`},
		{"linux", `(eq (hour $created) [3])`, `agents have no date functions`, `leave this language out`},
		{"linux", `(gt (+ $pid 3) [4])`, `agents calculate with whole numbers and, before recent versions, with bits only`, `compare the field itself, or leave this language out`},
		{"linux", `(rel.lt $created $started)`, `agents compare times in nanoseconds, and the rule in milliseconds`, `compare with a literal, or leave this language out`},
		{"linux", `(exists $pid)`, `agents cannot tell a number that is missing from 0 or false`, `leave the condition out, or compare with a value`},
		{"linux", `(all e $argv (contains.cs (elem e keyword) ["x"]))`, `agents say what a text is not for ==, starts_with and ends_with only, with few literals`, "turn the condition round with `none`, or leave this language out"},
		{"linux", `(all x $list (eq.cs (elem x keyword comm) ["git"]))`, `agents say of one element of a list of objects that it fits, not of all`, "turn the condition round with `none`, or leave this language out"},
		{"linux", `(any e $argv (and (rel.eq (elem e keyword) $comm) (eq.cs (elem e keyword) ["a"])))`, `agents test an element against constants only`, `compare with a literal, or leave this language out`},
		{"linux", `(eq.cs $odd ["c"])`, "agents have no field `exec.file.nam`; a field with a similar name is `exec.file.name`", `choose a binding that supplies the field otherwise, or leave this language out`},
		{"linux", `(eq.cs $wrong ["c"])`, "`exec.pid` is a number for agents, and the rule reads it as keyword", `choose a binding that supplies the field otherwise, or leave this language out`},
		{"linux", `(eq $load [5.0])`, "`exec.pid` is a number for agents, and the rule reads it as double", `choose a binding that supplies the field otherwise, or leave this language out`},
	} {
		for _, negate := range []bool{false, true} {
			rule := c.rule
			if negate {
				rule = "(not " + rule + ")"
			}
			f := Backend.Check(on(c.source, "exec", parse(t, rule)))
			if f.Kind != backends.Refuse || len(f.Leaves) != 1 {
				t.Errorf("%s is %s", rule, f.Kind)
				continue
			}
			if l := f.Leaves[0].Level; l.Why != c.why || l.Instead != c.instead {
				t.Errorf("%s\n got %s\n     %s\nwant %s\n     %s", rule, l.Why, l.Instead, c.why, c.instead)
			}
		}
	}
}
