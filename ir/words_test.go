package ir_test

import (
	"strings"
	"testing"

	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

func TestWords(t *testing.T) {
	for _, tt := range []struct{ pred, want string }{
		{`(eq (field process.name) ["net.exe"])`, `process.name == "net.exe"`},
		{`(eq.cs (field process.name) ["a" "b"])`, `process.name in cased ["a", "b"]`},
		{`(not (eq (field process.name) ["a"]))`, `process.name != "a"`},
		{`(not (eq.cs (field process.name) ["a" "b"]))`, `process.name not in cased ["a", "b"]`},
		{`(not (contains (field process.name) ["a" "b"]))`, `not process.name contains ["a", "b"]`},
		{`(ends (field process.executable) ["\\net.exe"])`, `process.executable ends_with '\net.exe'`},
		{`(eq (field process.executable) ["it's \\ \t \u200b"])`, `process.executable == "it's \\ \t \u{200B}"`},
		{`(ge (field process.pid) [-5])`, `process.pid >= -5`},
		{`(eq (field process.pid) [5.0])`, `process.pid == 5.0`},
		{`(cidr (field source.ip) ["10.0.0.0/8"])`, `source.ip in_cidr "10.0.0.0/8"`},
		{`(eq (field source.ip) [ip:10.0.0.1])`, `source.ip == "10.0.0.1"`},
		{`(gt (field @timestamp) [@2026-01-02T03:04:05.678Z])`, `@timestamp > "2026-01-02T03:04:05.678Z"`},
		{`(eq (field process.code_signature.valid) [true])`, `process.code_signature.valid == true`},
		{`(and (exists (field user.name)) (or (empty (field host.name)) (keyword contains "x")))`, `exists user.name and (empty host.name or keyword "x")`},
		{`(or (and true false) (not (and true (and true))))`, `true and false or not (true and true)`},
		{`(and)`, `true`},
		{`(or)`, `false`},
		{`(not (not (exists (field user.name))))`, `not not exists user.name`},
		{`(any a (field process.args) (and (eq (elem a keyword) ["x"]) (not (like (elem a keyword) ["*y"]))))`, `any a in process.args: (a == "x" and not a like "*y")`},
		{`(not (any a (field process.args) (not (starts (elem a keyword) ["/"]))))`, `none a in process.args: not a starts_with "/"`},
		{`(all a (field process.args) (not (not (eq (elem a keyword) ["x"]))))`, `all a in process.args: (not a != "x")`},
		{`(any t (native target keyword[]) (eq (elem t keyword user.name) ["x"]))`, `any t in target: t.user.name == "x"`},
		{`(any t (field process.args) (any u (field process.args) (eq (elem u keyword) ["x"])))`, `any t in process.args: (any u in process.args: u == "x")`},
		{`(rel.eq (field source.ip) (field destination.ip))`, `source.ip == destination.ip`},
		{`(not (rel.eq.cs (field user.name) (field user.target.name)))`, `user.name != cased user.target.name`},
		{`(gt (length (field process.command_line)) [1000])`, `length(process.command_line) > 1000`},
		{`(lt (- (field event.end) (field event.start)) [300000])`, `event.end - event.start < 300000`},
		{`(lt (* (+ (field process.pid) 1) (- 2 (- 3 (field process.pid)))) [3])`, `(process.pid + 1) * (2 - (3 - process.pid)) < 3`},
		{"(eq (native \"a`b.0x.c-d.e-1\" keyword) [\"x\"])", "`a``b`.0x.c-d.`e-1` == \"x\""},
	} {
		p, diags := ir.ParsePred("test", tt.pred)
		if diags.HasErrors() {
			t.Errorf("%s: %v", tt.pred, diags.Err())
			continue
		}
		if got := ir.Words(p); got != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.pred, got, tt.want)
		}
	}
}

// Names in conditions are written as the formatter writes them, reserved words included.
func TestWordsOfFields(t *testing.T) {
	for _, f := range schema.Fields() {
		field := &ir.Field{Name: f.Name, Type: f.Type}
		want := "exists " + grammar.FormatPath(strings.Split(f.Name, "."))
		if got := ir.Words(&ir.Exists{F: field}); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
