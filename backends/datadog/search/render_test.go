package search

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
		{`(eq $name ["4624"])`, `@evt.name:"4624"`, "native"},
		{`(not (eq $name ["4624"]))`, `-@evt.name:"4624"`, "native"},
		{`(eq $name ["a" "4624"])`, `@evt.name:("a" OR "A" OR "4624")`, "native"},
		{`(not (eq $name ["ab" "4624"]))`, `-@evt.name:("ab" OR "aB" OR "Ab" OR "AB" OR "4624")`, "native"},
		{`(eq $name ["net.exe"])`, `@evt.name:"net.exe"`, "narrower"},
		{`(not (eq $name ["net.exe"]))`, `-@evt.name:"net.exe"`, "wider"},
		{`(eq.cs $name ["net.exe"])`, `@evt.name:"net.exe"`, "native"},
		{`(eq.cs $name ["a" "b" "a"])`, `@evt.name:("a" OR "b")`, "native"},
		{`(not (eq.cs $name ["net.exe" "cmd.exe"]))`, `-@evt.name:("net.exe" OR "cmd.exe")`, "native"},
		{`(eq.cs $name ["C:\\Windows\\cmd.exe"])`, `@evt.name:C\:\\Windows\\cmd.exe`, "native"},
		{`(eq.cs $name ["say \"hi\""])`, `@evt.name:say\ \"hi\"`, "native"},
		{`(eq.cs $name ["a*b?c"])`, `@evt.name:"a*b?c"`, "native"},
		{`(eq.cs $name ["null"])`, `@evt.name:"null"`, "assume json-null"},
		{`(contains.cs $name ["Net User"])`, `@evt.name:*Net\ User*`, "assume one-line"},
		{`(contains $name ["\\\\"])`, `@evt.name:*\\\\*`, "assume one-line"},
		{`(contains $name ["/ad"])`, `@evt.name:(*/ad* OR */aD* OR */Ad* OR */AD*)`, "assume one-line"},
		{`(not (contains $name ["/ad"]))`, `-@evt.name:(*/ad* OR */aD* OR */Ad* OR */AD*)`, "assume one-line"},
		{`(contains $name ["powershell"])`, `@evt.name:*powershell*`, "narrower one-line"},
		{`(not (contains $name ["powershell"]))`, `-@evt.name:*powershell*`, "wider one-line"},
		{`(contains.cs $name ["a*b"])`, `@evt.name:*a*b*`, "wider one-line"},
		{`(starts.cs $name ["C:\\Temp\\"])`, `@evt.name:C\:\\Temp\\*`, "assume one-line"},
		{`(ends.cs $name ["\\net.exe"])`, `@evt.name:*\\net.exe`, "assume one-line"},
		{`(ends.cs $name ["@corp.example"])`, `@evt.name:*@corp.example`, "assume one-line"},
		{`(like.cs $name ["C:\\*\\Temp\\*.exe"])`, `@evt.name:C\:\*\\Temp\*.exe`, "native"},
		{`(like.cs $name ["C:\\\\*\\\\Temp\\\\*.exe"])`, `@evt.name:C\:\\*\\Temp\\*.exe`, "assume one-line"},
		{`(not (like $name ["/a*b"]))`, `-@evt.name:(/a*b OR /a*B OR /A*b OR /A*B)`, "assume one-line"},
		{`(not (starts.cs $name ["a b" "c"]))`, `-@evt.name:(a\ b* OR c*)`, "assume one-line"},
		{`(not (ends $name [".js"]))`, `-@evt.name:(*.js OR *.jS OR *.Js OR *.JS)`, "assume one-line"},
		{`(ends $name ["Ä"])`, `@evt.name:(*Ä OR *ä)`, "assume one-line"},
		{`(not (matches $name ["^(a|b)"]))`, `-@evt.name:(a* OR b*)`, "assume one-line"},
		{`(like.cs $name ["a?c"])`, `@evt.name:a*c`, "wider one-line"},
		{`(not (like.cs $name ["a?c*d"]))`, `-@evt.name:a*c*d`, "narrower one-line"},
		{`(like $name ["Net*Use"])`, `@evt.name:Net*Use`, "narrower one-line"},
		{`(matches $name ["^(net|net1)\\.exe$"])`, `@evt.name:("net.exe" OR "net1.exe")`, "native"},
		{`(matches $name ["(?i)/ad{1,2}$"])`, `@evt.name:(*/AD OR */Ad OR */ADD OR */ADd OR */AdD OR */Add OR */aD OR */ad OR */aDD OR */aDd OR */adD OR */add)`, "assume one-line"},
		{`(matches $name ["a.*b"])`, `@evt.name:*a*b*`, "assume one-line"},
		{`(matches $name ["^[^a]x|foo"])`, `@evt.name:(*x* OR *foo*)`, "wider one-line"},
		{`(eq $pid [5 -5])`, `@process.pid:(5 OR "-5")`, "native"},
		{`(not (eq $pid [5]))`, `-@process.pid:5`, "native"},
		{`(eq $load [5.5])`, `@load:[5.5 TO 5.5]`, "assume facet"},
		{`(ge $pid [5])`, `@process.pid:>=5`, "assume facet"},
		{`(not (le $pid [-5]))`, `-@process.pid:<=-5`, "assume facet"},
		{`(gt $pid [5])`, `@process.pid:>5`, "assume facet"},
		{`(le $pid [5])`, `@process.pid:<=5`, "assume facet"},
		{`(not (eq $load [1.0]))`, `-@load:[1 TO 1]`, "assume facet"},
		{`(not (ge $seen [@2026-03-02T08:00:00.000Z]))`, `-@seen:>=1772438400000`, "assume facet"},
		{`(not (eq $ip [ip:10.0.0.1]))`, `-@network.client.ip:"10.0.0.1"`, "assume ip-text"},
		{`(not (cidr $ip ["2001:db8:1::/48"]))`, `-@network.client.ip:2001\:db8\:1\:*`, "assume ip-text"},
		{`(lt $load [0.25])`, `@load:<0.25`, "assume facet"},
		{`(eq $seen [@2026-03-02T08:00:00.000Z])`, `@seen:[1772438400000 TO 1772438400000]`, "assume facet"},
		{`(ge $seen [@2026-03-02T08:00:00.000Z])`, `@seen:>=1772438400000`, "assume facet"},
		{`(eq $on [true])`, `@elevated:true`, "native"},
		{`(not (eq $on [false]))`, `-@elevated:false`, "native"},
		{`(eq $ip [ip:10.0.0.1])`, `@network.client.ip:"10.0.0.1"`, "assume ip-text"},
		{`(eq $ip [ip:2001:db8::1])`, `@network.client.ip:"2001:db8::1"`, "assume ip-text"},
		{`(cidr $ip ["10.0.0.0/8" "192.168.0.0/16"])`, `@network.client.ip:(10.* OR 192.168.*)`, "assume ip-text"},
		{`(not (cidr $ip ["10.16.0.0/14"]))`, `-@network.client.ip:(10.16.* OR 10.17.* OR 10.18.* OR 10.19.*)`, "assume ip-text"},
		{`(cidr $ip ["0.0.0.0/0"])`, `@network.client.ip:*.*`, "assume ip-text"},
		{`(cidr $ips ["2001:db8::/32"])`, `@host.ip:2001\:db8\:*`, "assume ip-text"},
		{`(cidr $ip ["::/0"])`, `@network.client.ip:*\:*`, "assume ip-text"},
		{`(cidr $ip ["10.0.0.252/30"])`, `@network.client.ip:("10.0.0.252" OR "10.0.0.253" OR "10.0.0.254" OR "10.0.0.255")`, "assume ip-text"},
		{`(ge (values $args) [1])`, `@process.args:*`, "assume json-null no-empty one-line"},
		{`(eq (values $args) [0])`, `-@process.args:*`, "assume json-null no-empty one-line"},
		{`(not (lt (values $args) [1]))`, `@process.args:*`, "assume json-null no-empty one-line"},
		{`(ge (values $args) [0])`, `*`, "assume json-null no-empty one-line"},
		{`(lt (values $args) [0])`, `-*`, "assume json-null no-empty one-line"},
		{`(exists $name)`, `@evt.name:*`, "assume json-null no-empty one-line"},
		{`(not (exists $pid))`, `-@process.pid:*`, "assume json-null"},
		{`(empty $name)`, `-@evt.name:*`, "assume json-null no-empty one-line"},
		{`(not (empty $name))`, `@evt.name:*`, "assume json-null no-empty one-line"},
		{`(any e $args (and (starts.cs (elem e keyword) ["p"]) (ends.cs (elem e keyword) ["q"])))`, `@process.args:p*q`, "assume one-line"},
		{`(any e $args (and (starts.cs (elem e keyword) ["aba"]) (ends.cs (elem e keyword) ["ab"])))`, `(@process.args:aba*ab OR @process.args:"abab")`, "assume one-line"},
		{`(any e $args (and (starts (elem e keyword) ["power"]) (ends (elem e keyword) ["shell"])))`, `@process.args:power*shell`, "narrower one-line"},
		{`(any e $args (and (starts.cs (elem e keyword) ["p"]) (contains.cs (elem e keyword) ["q"])))`, `@process.args:p* AND @process.args:*q*`, "wider one-line"},
		{`(not (any e $args (and (starts.cs (elem e keyword) ["p"]) (ends.cs (elem e keyword) ["q"]))))`, `-@process.args:p*q`, "assume one-line"},
		{`(not (any e $args (and (starts.cs (elem e keyword) ["p"]) (contains.cs (elem e keyword) ["q"]))))`, `-(@process.args:p* AND @process.args:*q*)`, "narrower one-line"},
		{`(any e $args (and (eq.cs (elem e keyword) ["/add" "-x"]) (not (starts (elem e keyword) ["-"]))))`, `@process.args:"/add"`, "native"},
		{`(any e $args (not (eq.cs (elem e keyword) ["p"])))`, `@process.args:*`, "wider json-null no-empty one-line"},
		{`(any e $ips (and (cidr (elem e ip) ["10.0.0.0/8"]) (not (eq (elem e ip) [ip:10.0.0.1]))))`, `@host.ip:10.*`, "wider ip-text"},
		{`(any x $target (and (eq.cs (elem x keyword type) ["User"]) (contains.cs (elem x keyword alternateId) ["admin"])))`, `@target.type:"User" AND @target.alternateId:*admin*`, "wider one-line"},
		{`(all e $args (not (starts.cs (elem e keyword) ["-"])))`, `@process.args:* AND -@process.args:\-*`, "assume json-null no-empty one-line"},
		{`(not (all e $args (and (not (starts.cs (elem e keyword) ["-"])) (not (eq.cs (elem e keyword) ["x"])))))`, `-(@process.args:* AND -@process.args:\-* AND -@process.args:"x")`, "assume json-null no-empty one-line"},
		{`true`, `*`, "native"},
		{`false`, `-*`, "native"},
		{`(and (eq.cs $service ["a"]) (or (eq.cs $name ["b"]) (not (and (eq.cs $user ["c"]) (exists $pid)))))`, `service:"a" AND (@evt.name:"b" OR -@usr.name:"c" OR -@process.pid:*)`, "assume json-null"},
		{`(eq $name ["NOT"])`, `@evt.name:("NOT" OR "NOt" OR "NoT" OR "Not" OR "nOT" OR "nOt" OR "noT" OR "not")`, "native"},
		{`(starts.cs $name ["AND"])`, `@evt.name:AND*`, "assume one-line"},
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

// TestRefused holds what cannot be said, and the words in which that is told.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ rule, why, instead string }{
		{`(starts.cs $name ["@x"])`, `log search cannot spell a literal: an unquoted value may not begin with @`, `write the condition with another literal or on another field`},
		{`(matches $name ["[0-9]{4}x"])`, `log search has no regular expressions, and this one stands for too many texts to write them out`, `use ==, starts_with, contains, ends_with or like`},
		{`(matches $name ["^.{3}$"])`, `log search has no regular expressions, and this one stands for too many texts to write them out`, `use ==, starts_with, contains, ends_with or like`},
		{`(eq $name [""])`, `whether log search stores an empty text is not settled`, "use `empty f`, or leave the empty text out"},
		{`(eq $ports [80])`, "whether log search compares the numbers of an array one by one is not settled, and `attributes.ports` may hold several", `compare another field, or leave this language out`},
		{`(cidr $ip ["2001:db8::/33"])`, `log search tells addresses by their text only, and the text of addresses in 2001:db8::/33 does not begin alike`, `use a block of 16, 32, 48 … bits without a group of zeros, or leave this language out`},
		{`(ge (length $name) [3])`, `log search does not count characters`, `leave this language out, or ask for a literal`},
		{`(ge (values $args) [2])`, `log search does not count the values of an attribute`, `compare with 0 or 1, or leave this language out`},
		{`(eq (hour $seen) [3])`, `log search has no date functions`, `leave this language out`},
		{`(eq (& $pid 4) [0])`, `log search has no bit operations`, `use a field that holds the names of the flags`},
		{`(gt (+ $pid 3) [4])`, `log search does not calculate; calculated fields exist in scheduled rules only`, `compare the field itself, or leave this language out`},
		{`(rel.eq $name $user)`, `log search compares an attribute with constants only; calculated fields, which compare two, exist in scheduled rules only`, `compare with a literal, or leave this language out`},
		{`(rel.lt $pid $ports)`, `log search compares an attribute with constants only; calculated fields, which compare two, exist in scheduled rules only`, `compare with a literal, or leave this language out`},
		{`(any e $ports (and (gt (elem e long) [5]) (lt (elem e long) [9])))`, "log search compares the elements of texts and addresses only, and those of `attributes.ports` are of type long", `ask each condition by itself if that is enough`},
		{`(any e $args (and (rel.eq (elem e keyword) $user) (eq.cs (elem e keyword) ["a"])))`, `log search compares an attribute with constants only; calculated fields, which compare two, exist in scheduled rules only`, `compare with a literal, or leave this language out`},
		{`(all e $args (starts.cs (elem e keyword) ["-"]))`, `log search says of all elements only that none of them fits something`, "turn the condition round with `none`, or leave this language out"},
		{`(all x $target (eq.cs (elem x keyword type) ["User"]))`, `log search flattens objects in arrays`, `ask the conditions of the fields by themselves if that is enough`},
		{`(contains.cs $message ["x"])`, `the message is searched by words, whose case and punctuation do not count`, `choose a binding that supplies the field as an attribute, or leave this language out`},
		{`(eq.cs $odd ["x"])`, "the name `attributes.Key Path` cannot be written: a field name may hold letters, digits, `_`, `.` and `-` only", `choose a binding that supplies the field as an attribute, or leave this language out`},
		{`(eq.cs $name ["a\tb"])`, `log search cannot spell a literal: control characters have no spelling`, `write the condition with another literal or on another field`},
	} {
		for _, negate := range []string{"", "not"} {
			rule := c.rule
			if negate != "" {
				rule = "(not " + rule + ")"
			}
			f := Backend.Check(bound(parse(t, rule)))
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
