package secl

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/difftest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/irgen"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

// TestTotal demands a row for each construct, and a builder for each that is not always refused.
func TestTotal(t *testing.T) {
	for _, table := range []backends.Table{Backend.Table, agent{windows: true, event: "exec"}.table()} {
		for _, c := range backends.Constructs {
			r, ok := table[c]
			if !ok || r.Summary == "" || r.Level == nil {
				t.Errorf("no row for %s", c)
			}
			if refused := r.Summary == "refused"; refused == (builder(c) != nil) {
				t.Errorf("%s: the summary says %q, builder %v", c, r.Summary, builder(c) != nil)
			}
		}
		if len(table) != len(backends.Constructs) {
			t.Errorf("%d rows for %d constructs", len(table), len(backends.Constructs))
		}
	}
	for _, r := range rows {
		if (r.why == "") != (builder(r.construct) != nil) || (r.why == "") != (r.instead == "") {
			t.Errorf("%s: a refusal needs a reason and an advice, another row none", r.construct)
		}
	}
}

func text(t testing.TB, b *ir.Bound) string {
	t.Helper()
	q, diags := Backend.Render(b)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return q.Text
}

// found runs an expression on one event.
func found(t testing.TB, query, event string) bool {
	t.Helper()
	prog, diags := Backend.Language.Compile("query", query)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", query, diags)
	}
	dec := json.NewDecoder(strings.NewReader(event))
	dec.UseNumber()
	var row native.Row
	if err := dec.Decode(&row); err != nil {
		t.Fatal(err)
	}
	out, diags := prog.Run(native.Input{Tables: []native.Table{{Name: "events", Rows: []native.Row{row}}}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return len(out.Matches) == 1
}

func join(bs ...*ir.Bound) *ir.Bound {
	out := *bs[0]
	for _, b := range bs[1:] {
		out.Parts = append(out.Parts, b.Parts...)
	}
	return &out
}

// TestParts: parts on one type of event are joined by ||; a test of the event stands where the condition reads nothing of it.
func TestParts(t *testing.T) {
	b := join(on("linux", "exec", parse(t, `(or (eq.cs $comm ["a"]) (eq.cs $parent ["b"]))`)), on("linux", "exec", parse(t, `(and (eq.cs $comm ["c"]) (eq.cs $parent ["d"]))`)),
		on("linux", "exec", parse(t, `(eq.cs $parent ["e"])`)))
	want := `exec.comm == "a" || process.parent.file.name == "b" || (exec.comm == "c" && process.parent.file.name == "d") || ((exec.pid == 0 || exec.pid != 0) && process.parent.file.name == "e")`
	if got := text(t, b); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestEventGuard: an expression that reads no field of its event gets a test that always holds on events of the type, and only there.
func TestEventGuard(t *testing.T) {
	for event, want := range map[string]string{
		"exec":              `exec.pid == 0 || exec.pid != 0`,
		"open":              `open.flags == 0 || open.flags != 0`,
		"connect":           `connect.addr.port == 0 || connect.addr.port != 0`,
		"dns":               `dns.question.type == 0 || dns.question.type != 0`,
		"rename":            `rename.file.inode == 0 || rename.file.inode != 0`,
		"mount":             `mount.fs_type == "" || mount.fs_type != ""`,
		"create":            `create.file.name == "" || create.file.name != ""`,
		"set_key_value":     `set.registry.key_name == "" || set.registry.key_name != ""`,
		"unload_module":     `unload_module.name == "" || unload_module.name != ""`,
		"load_module":       `load_module.file.inode == 0 || load_module.file.inode != 0`,
		"change_permission": `change_permission.new_sd == "" || change_permission.new_sd != ""`,
	} {
		got := text(t, on("linux", event, &ir.Const{Value: true}))
		if got != want {
			t.Errorf("%s: got %s, want %s", event, got, want)
		}
		if !found(t, got, `{"event": {"type": "`+event+`"}}`) || found(t, got, `{"event": {"type": "other"}}`) {
			t.Errorf("%s: %s does not tell events of the type", event, got)
		}
		if never := text(t, on("linux", event, &ir.Const{})); found(t, never, `{"event": {"type": "`+event+`"}}`) {
			t.Errorf("%s: %s finds an event", event, never)
		}
	}
}

// TestNoCommonExpression: rules that have no single expression, and the advice.
func TestNoCommonExpression(t *testing.T) {
	exec := on("linux", "exec", parse(t, `(eq.cs $comm ["a"])`))
	element := parse(t, `(any e $anc (and (starts.cs (elem e keyword) ["p"]) (not (contains.cs (elem e keyword) ["q"]))))`)
	for _, c := range []struct {
		name        string
		b           *ir.Bound
		title, help string
	}{
		{"types of events", join(on("linux", "open", parse(t, `(eq.cs $parent ["a"])`)), exec), "an agent expression reads one type of event, and this rule reads exec, open", "split the rule: one for each type of event"},
		{"systems", join(on("windows", "exec", parse(t, `(eq.cs $comm ["a"])`)), exec), "an agent expression runs on one operating system, and this rule is for linux, windows", "split the rule: one for each system"},
		{"a field of another event", on("linux", "open", parse(t, `(eq.cs $comm ["a"])`)), "fields of other types of events than open occur in the condition", "correct the binding, or split the rule"},
		{"no type of event", on("linux", "", parse(t, `(eq.cs $parent ["a"])`)), "agents take no expression that reads nothing of its event, and the telemetry names no type of event", "choose a binding that names it"},
		{"an element under or", on("linux", "exec", &ir.Or{Xs: []ir.Pred{element, parse(t, `(eq.cs $comm ["a"])`)}}), "an agent expression holds one condition on one element of a list, which must hold for the whole rule", "split the rule, or ask the conditions on the elements by themselves"},
		{"an element in one part", join(exec, on("linux", "exec", element)), "an agent expression holds one condition on one element of a list, which must hold for the whole rule", "split the rule, or ask the conditions on the elements by themselves"},
		{"two elements", on("linux", "exec", &ir.And{Xs: []ir.Pred{element, element}}), "an agent expression holds one condition on one element of a list, which must hold for the whole rule", "split the rule, or ask the conditions on the elements by themselves"},
	} {
		q, diags := Backend.Render(c.b)
		if q.Text != "" || len(diags) != 1 || diags[0].Code != diag.CannotSay || diags[0].Title != "Datadog agent SECL cannot say this: "+c.title || len(diags[0].Help) != 1 || diags[0].Help[0] != c.help {
			t.Errorf("%s: %q %v", c.name, q.Text, diags)
		}
	}
}

// TestOneElement: conditions on one element of a list of objects are said by a register, and found on one element only.
func TestOneElement(t *testing.T) {
	s := difftest.Setup{Backend: &Backend, Table: "exec", Fields: []schema.NativeField{{Path: "process.ancestors[]", Type: schema.Keyword, Array: true}}}
	object := func(text string) schema.Event {
		var o map[string]any
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		if err := dec.Decode(&o); err != nil {
			t.Fatal(err)
		}
		return schema.Event{Object: o}
	}
	events := []schema.Event{
		object(`{"exec": {"pid": 1}, "process": {"ancestors": [{"comm": "git", "argv": ["clone", "x"], "pid": 7}]}}`),
		object(`{"exec": {"pid": 1}, "process": {"ancestors": [{"comm": "git", "argv": ["x"]}, {"comm": "sh", "argv": ["clone"]}]}}`),
		object(`{"exec": {"pid": 1}, "process": {"ancestors": [{"comm": "sh"}, {"argv": ["clone"]}, {"comm": "git"}, {"comm": "git", "argv": ["clone"]}]}}`),
		object(`{"exec": {"pid": 1}, "process": {"ancestors": []}}`),
		object(`{"exec": {"pid": 1}}`),
		object(`{"exec": {"pid": 1}, "process": {"ancestors": [{}]}}`),
		object(`{"exec": {"pid": 1}, "process": {"ancestors": [{"comm": "GIT", "argv": [], "pid": 8}]}}`),
	}
	for rule, want := range map[string]backends.Kind{
		`(any x $list (and (eq.cs (elem x keyword comm) ["git"]) (eq.cs (elem x keyword argv) ["clone"])))`:                                                        backends.Rewrite,
		`(any x $list (and (eq (elem x keyword comm) ["git"]) (not (eq.cs (elem x keyword argv) ["clone"]))))`:                                                     backends.Rewrite,
		`(any x $list (and (eq (elem x keyword comm) ["git"]) (or (gt (elem x long pid) [7]) (starts (elem x keyword argv) ["c"]))))`:                              backends.Rewrite,
		`(not (any x $list (and (eq.cs (elem x keyword comm) ["git"]) (eq.cs (elem x keyword argv) ["clone"]))))`:                                                  backends.Narrow,
		`(and (exists (native exec.pid long)) (any x $list (and (eq.cs (elem x keyword comm) ["git"]) (eq.cs (elem x keyword argv) ["clone"]))))`:                  backends.Refuse,
		`(and (ge (native exec.pid long) [1]) (any x $list (and (eq.cs (elem x keyword comm) ["git"]) (not (contains.cs (elem x keyword file.path) ["/tmp/"])))))`: backends.Widen,
	} {
		p := pass.Canonical(parse(t, rule))
		if got := s.Compare(t, p, events); got != want {
			t.Errorf("%s is %s, want %s", rule, got, want)
		}
	}
}

// TestBits: the bits of a selecting condition are printed by their names.
func TestBits(t *testing.T) {
	b := on("linux", "open", parse(t, `(eq.cs $parent ["a"])`))
	flags := schema.NativeField{Path: "open.flags", Type: schema.Long}
	for _, c := range []struct {
		mask  int64
		names []string
		want  string
	}{
		{64, []string{"O_CREAT"}, `open.flags & O_CREAT != 0 && process.parent.file.name == "a"`},
		{64 | 1 | 2, []string{"O_CREAT", "O_WRONLY", "O_RDWR"}, `open.flags & (O_CREAT | O_WRONLY | O_RDWR) != 0 && process.parent.file.name == "a"`},
		{64, []string{"O_TRUNC"}, `open.flags & 64 != 0 && process.parent.file.name == "a"`},
		{64, []string{"NOTHING"}, `open.flags & 64 != 0 && process.parent.file.name == "a"`},
	} {
		b.Parts[0].Class.Select = []schema.Condition{{Native: flags, Mask: c.mask, Values: c.names}}
		bits := &ir.Arith{Op: '&', X: pass.NativeField(flags, pass.NoSpan), Y: &ir.Lit{Value: schema.Int(c.mask)}, Type: schema.Long}
		b.Parts[0].Select = &ir.Not{X: &ir.Cmp{Op: ir.Eq, L: bits, R: []schema.Value{schema.Int(0)}}}
		if got := text(t, b); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		if f := Backend.Check(b); level(f) != "assume set" {
			t.Errorf("level %s", level(f))
		}
	}
	q := text(t, b)
	for event, want := range map[string]bool{
		`{"open": {"flags": 577}, "process": {"parent": {"file": {"name": "a"}}}}`: true,
		`{"open": {"flags": 1}, "process": {"parent": {"file": {"name": "a"}}}}`:   false,
		`{"open": {"flags": 64}}`: false,
	} {
		if found(t, q, event) != want {
			t.Errorf("%s on %s", q, event)
		}
	}
}

// TestTypes: the interpreter is told the agent's own types.
func TestTypes(t *testing.T) {
	b := on("linux", "exec", &ir.Const{Value: true})
	c := b.Parts[0].Class
	for _, f := range []schema.NativeField{
		{Path: "exec.file.name", Type: schema.Keyword},
		{Path: "process.ancestors[].pid", Type: schema.Long, Array: true},
		{Path: "connect.addr.ip", Type: schema.IP},
		{Path: "process.is_kworker", Type: schema.Boolean},
		{Path: "exec.nothing", Type: schema.Keyword},
	} {
		c.Mappings = append(c.Mappings, schema.Mapping{Field: schema.Field{Name: f.Path, Type: f.Type}, Native: f})
	}
	got := Backend.Types(b.Parts[0])
	want := map[string]string{"exec.file.name": "string", "process.ancestors.pid": "int", "connect.addr.ip": "IP/CIDR", "process.is_kworker": "bool"}
	if len(got) != len(want) {
		t.Errorf("got %v", got)
	}
	for path, typ := range want {
		if got[path] != typ {
			t.Errorf("%s is %q, want %q", path, got[path], typ)
		}
	}
}

// TestEscapes: any text, looked for whole and as a beginning, an end and a piece, is found, and only there.
func TestEscapes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, other := irgen.Text(t, "text"), irgen.Text(t, "other")
		for _, op := range []ir.Op{ir.Eq, ir.StartsWith, ir.EndsWith, ir.Contains} {
			for _, cased := range []bool{true, false} {
				f := schema.NativeField{Path: "exec.args", Type: schema.Keyword, EmptyMissing: true}
				b := on("linux", "exec", &ir.Cmp{Op: op, Cased: cased, L: pass.NativeField(f, diag.Span{}), R: []schema.Value{schema.String(s)}})
				if k := Backend.Check(b).Kind; k > backends.Rewrite {
					t.Fatalf("%q is %s", s, k)
				}
				q, _ := Backend.Render(b)
				prog, diags := Backend.Language.Compile("query", q.Text)
				if diags.HasErrors() {
					t.Fatalf("%s: %v", q.Text, diags)
				}
				for _, v := range []string{s, strings.ToUpper(s), s + other, other + s, other + s + other, other} {
					want := ir.Compare(op, cased, schema.String(v), schema.String(s))
					out, _ := prog.Run(native.Input{Tables: []native.Table{{Rows: []native.Row{{"exec": map[string]any{"args": v}}}}}})
					if got := len(out.Matches) == 1; got != want {
						t.Fatalf("%s on %q: %v", q.Text, v, got)
					}
				}
			}
		}
	})
}

// TestPeerDefect1NoPrecedence: && and || have no precedence in SECL, so every mix stands in parentheses.
func TestPeerDefect1NoPrecedence(t *testing.T) {
	q := text(t, on("linux", "exec", parse(t, `(or (and (eq.cs $comm ["a"]) (eq.cs $args ["b"])) (eq.cs $name ["c"]))`)))
	if want := `(exec.comm == "a" && exec.args == "b") || exec.file.name == "c"`; q != want {
		t.Errorf("got  %s\nwant %s", q, want)
	}
	if !found(t, q, `{"exec": {"file": {"name": "c"}}}`) {
		t.Error("the second side is not found alone")
	}
	q = text(t, on("linux", "exec", parse(t, `(not (or (contains.cs $args [" -n "]) (contains.cs $args [" /n "])))`)))
	if want := `exec.args != r" -n " && exec.args != r" /n "`; q != want {
		t.Errorf("got  %s\nwant %s", q, want)
	}
}

// TestPeerDefect6CaseIsIgnored: a comparison that ignores case says so, also on agents that mind it.
func TestPeerDefect6CaseIsIgnored(t *testing.T) {
	q := text(t, on("linux", "exec", parse(t, `(eq $comm ["Kworker"])`)))
	for value, want := range map[string]bool{"kWORKER": true, "Kworker": true, "\u212Aworker": false, "kworkers": false} {
		if found(t, q, `{"exec": {"comm": "`+value+`"}}`) != want {
			t.Errorf("%s on %s is not %v", q, value, want)
		}
	}
}

// TestPeerDefect8UnanchoredExpression: a regular expression fits somewhere in the value.
func TestPeerDefect8UnanchoredExpression(t *testing.T) {
	q := text(t, on("linux", "exec", parse(t, `(matches $args ["-D"])`)))
	if !found(t, q, `{"exec": {"args": "useradd -D x"}}`) {
		t.Errorf("%s does not fit in the middle", q)
	}
}

// TestPeerDefect12OrderOfPieces: the pieces of a glob keep their order and their ends.
func TestPeerDefect12OrderOfPieces(t *testing.T) {
	q := text(t, on("linux", "exec", parse(t, `(like $args ["*password*.txt"])`)))
	for value, want := range map[string]bool{"my PASSWORD x.TXT": true, ".txt password": false, "password.txt.gz": false} {
		if found(t, q, `{"exec": {"args": "`+value+`"}}`) != want {
			t.Errorf("%s on %s is not %v", q, value, want)
		}
	}
}

// TestPeerDefect13IPv6: blocks of both families in one list.
func TestPeerDefect13IPv6(t *testing.T) {
	q := text(t, on("linux", "exec", parse(t, `(cidr $ip ["fc00::/7" "10.0.0.0/8"])`)))
	for value, want := range map[string]bool{"fd12::1": true, "10.1.2.3": true, "2001:db8::1": false, "11.0.0.1": false} {
		if found(t, q, `{"exec": {"pid": 1}, "process": {"user_session": {"ssh_client_ip": "`+value+`"}}}`) != want {
			t.Errorf("%s on %s is not %v", q, value, want)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	bd := on("linux", "exec", parse(b, `(and (eq $name ["useradd" "adduser"]) (not (ends $args [".sh"])) (or (contains.cs $argv ["-G"]) (cidr $ip ["10.16.0.0/12"])) (ge $pid [5]))`))
	b.ReportAllocs()
	for b.Loop() {
		if f := Backend.Check(bd); f.Kind > backends.Assume {
			b.Fatal(f.Kind)
		}
		if q, _ := Backend.Render(bd); q.Text == "" {
			b.Fatal("no expression")
		}
	}
}
