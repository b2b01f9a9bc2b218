package search

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

// short writes (f NAME) for the fields that the tests use.
var short = strings.NewReplacer(
	"$name", "(native attributes.evt.name keyword)",
	"$user", "(native attributes.usr.name keyword)",
	"$args", "(native attributes.process.args keyword[])",
	"$service", "(native service keyword)",
	"$pid", "(native attributes.process.pid long)",
	"$load", "(native attributes.load double)",
	"$ports", "(native attributes.ports long[])",
	"$ips", "(native attributes.host.ip ip[])",
	"$ip", "(native attributes.network.client.ip ip)",
	"$seen", "(native attributes.seen date)",
	"$on", "(native attributes.elevated boolean)",
	"$target", "(native attributes.target[] keyword[])",
	"$message", "(native message keyword)",
	"$odd", `(native "attributes.Key Path" keyword)`,
)

// parse reads a condition; dates are measures.
func parse(t testing.TB, text string) ir.Pred {
	t.Helper()
	p, diags := ir.ParsePred("test", short.Replace(text))
	if diags.HasErrors() {
		t.Fatalf("%s: %v", text, diags)
	}
	for _, f := range ir.FieldsOf(p) {
		if f.Name == "attributes.seen" {
			f.Native.Vendor = "measure"
		}
	}
	return pass.Canonical(p)
}

func bound(parts ...ir.Pred) *ir.Bound {
	b := &ir.Bound{Rule: &ir.Rule{Name: "test"}, Platform: "datadog"}
	for _, p := range parts {
		b.Parts = append(b.Parts, ir.Part{
			Binding: &schema.Binding{Name: "test", Platform: "datadog"}, Class: &schema.BoundClass{Class: "test"}, Select: &ir.Const{Value: true}, Where: p,
		})
	}
	return b
}

// level is a level in a few words: "narrower one-line".
func level(f backends.Fidelity) string {
	return strings.Join(append([]string{f.Kind.String()}, f.Assumptions...), " ")
}

// TestPrinted holds the printed text of each construct, positive and negated, against expectations written by hand.
func TestPrinted(t *testing.T) {
	for _, c := range []struct{ rule, want, level string }{
		// text
		{`(eq $name ["4624"])`, `@evt.name:"4624"`, "native"},
	} {
		p := parse(t, c.rule)
		f := Backend.Check(bound(p))
		q, diags := Backend.Render(bound(p))
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		if q.Text != c.want || level(f) != c.level {
			t.Errorf("%s\n got %s  [%s]\nwant %s  [%s]", c.rule, q.Text, level(f), c.want, c.level)
		}
	}
}

func TestDump(t *testing.T) {
	for _, r := range strings.Split(strings.TrimSpace(dump), "\n") {
		p := parse(t, r)
		f := Backend.Check(bound(p))
		if f.Kind == backends.Refuse {
			for _, l := range f.Leaves {
				t.Logf("%s\n    REFUSED %s | %s", r, l.Level.Why, l.Level.Instead)
			}
			continue
		}
		q, _ := Backend.Render(bound(p))
		t.Logf("%s\n    %s   [%s]", r, q.Text, level(f))
	}
}

var _ = diag.Error

const dump = `
(eq $name ["4624"])
(not (eq $name ["4624"]))
(eq $name ["a" "4624"])
(not (eq $name ["ab" "4624"]))
(eq $name ["net.exe"])
(not (eq $name ["net.exe"]))
(eq.cs $name ["net.exe"])
(not (eq.cs $name ["net.exe" "cmd.exe"]))
(eq.cs $name ["C:\\Windows\\cmd.exe"])
(eq.cs $name ["say \"hi\""])
(eq.cs $name ["a*b?c"])
(eq.cs $name ["null"])
(contains.cs $name ["Net User"])
(contains $name ["\\\\"])
(contains $name ["/ad"])
(not (contains $name ["/ad"]))
(contains $name ["powershell"])
(not (contains $name ["powershell"]))
(contains.cs $name ["a*b"])
(starts.cs $name ["C:\\Temp\\"])
(starts.cs $name ["@x"])
(ends.cs $name ["\\net.exe"])
(ends.cs $name ["@corp.example"])
(like.cs $name ["C:\\*\\Temp\\*.exe"])
(like.cs $name ["a?c"])
(not (like.cs $name ["a?c*d"]))
(like $name ["Net*Use"])
(matches $name ["^(net|net1)\\.exe$"])
(matches $name ["(?i)/ad{1,2}$"])
(matches $name ["[0-9]{4}x"])
(matches $name ["a.*b"])
(matches $name ["^.{3}$"])
(matches $name ["^[^a]x|foo"])
(eq $name [""])
(eq $pid [5 -5])
(not (eq $pid [5]))
(eq $load [5.5])
(ge $pid [5])
(not (le $pid [-5]))
(lt $load [0.25])
(eq $ports [80])
(eq $seen [@2026-03-02T08:00:00.000Z])
(ge $seen [@2026-03-02T08:00:00.000Z])
(eq $on [true])
(not (eq $on [false]))
(eq $ip [ip:10.0.0.1])
(eq $ip [ip:2001:db8::1])
(cidr $ip ["10.0.0.0/8" "192.168.0.0/16"])
(not (cidr $ip ["10.16.0.0/14"]))
(cidr $ip ["0.0.0.0/0"])
(cidr $ips ["2001:db8::/32"])
(cidr $ip ["2001:db8::/33"])
(cidr $ip ["::/0"])
(cidr $ip ["10.0.0.252/30"])
(ge (length $name) [3])
(ge (values $args) [2])
(ge (values $args) [1])
(eq (values $args) [0])
(eq (hour $seen) [3])
(eq (& $pid 4) [0])
(gt (+ $pid 3) [4])
(rel.eq $name $user)
(rel.lt $pid $ports)
(exists $name)
(not (exists $pid))
(empty $name)
(not (empty $name))
(any e $args (and (starts.cs (elem e keyword) ["p"]) (ends.cs (elem e keyword) ["q"])))
(not (any e $args (and (starts.cs (elem e keyword) ["p"]) (ends.cs (elem e keyword) ["q"]))))
(any e $args (and (eq.cs (elem e keyword) ["/add" "-x"]) (not (starts (elem e keyword) ["-"]))))
(any e $args (not (eq.cs (elem e keyword) ["p"])))
(any e $ips (and (cidr (elem e ip) ["10.0.0.0/8"]) (not (eq (elem e ip) [ip:10.0.0.1]))))
(any e $ports (and (gt (elem e long) [5]) (lt (elem e long) [9])))
(any e $args (and (rel.eq (elem e keyword) $user) (eq.cs (elem e keyword) ["a"])))
(any x $target (and (eq.cs (elem x keyword type) ["User"]) (contains.cs (elem x keyword alternateId) ["admin"])))
(all e $args (not (starts.cs (elem e keyword) ["-"])))
(not (all e $args (and (not (starts.cs (elem e keyword) ["-"])) (not (eq.cs (elem e keyword) ["x"])))))
(all e $args (starts.cs (elem e keyword) ["-"]))
(all x $target (eq.cs (elem x keyword type) ["User"]))
true
false
(and (eq.cs $service ["a"]) (or (eq.cs $name ["b"]) (not (and (eq.cs $user ["c"]) (exists $pid)))))
(contains.cs $message ["x"])
(eq.cs $odd ["x"])
(eq.cs $name ["a\tb"])
(eq $name ["NOT"])
(starts.cs $name ["AND"])
`
