package all

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/internal/parallel"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
)

// shapes are conditions of usual detection rules on their events; {n} is a number that differs from rule to rule.
var shapes = []struct{ from, where string }{
	{"process.start on windows", `process.name in ["net{n}.exe", "net1.exe"] and not process.parent.name == "p{n}.exe" and any arg in process.args: arg == "user{n}" and any arg in process.args: arg in ["/ad", "/add"]`},
	{"process.start on windows", `process.command_line contains "\\temp{n}\\" and (process.executable ends_with "\\cmd{n}.exe" or process.executable ends_with "\\powershell.exe")`},
	{"process.start on windows", `process.command_line like "*-enc{n}*http?://*" and not user.name in ["svc{n}", "SYSTEM"]`},
	{"process.start on windows", `process.command_line matches '(?i)reg(\.exe)?\s+add\s+hk(lm|cu)\\soft{n}' and process.pid > {n}`},
	{"process.start on linux", `process.name in cased ["useradd{n}", "adduser"] and any arg in process.args: arg in cased ["-o", "--uid={n}"]`},
	{"process.start on linux", `process.executable starts_with "/tmp/x{n}/" or process.parent.executable starts_with cased "/dev/shm/{n}"`},
	{"process.start on macos", `process.name == "sysadminctl" and process.command_line contains "-addUser u{n}"`},
	{"iam.login on okta", `event.outcome == "failure" and user.name ends_with "@{n}.example.com" and not source.ip in_cidr ["10.{n}.0.0/16", "192.168.0.0/16"]`},
	{"iam.key.create on aws", `event.action == "CreateAccessKey" and event.outcome == "success" and exists user.target.name and not user.target.name == "svc{n}"`},
	{"iam.login on entra", `event.outcome == "success" and source.ip in_cidr "203.0.{n}.0/24" and user.name contains "admin{n}"`},
}

// manyRules returns the texts of n rules, each a file.
func manyRules(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		s := shapes[i%len(shapes)]
		texts[i] = fmt.Sprintf(`rule generated_%d v1 {
  meta {
    title = "Generated %d"
    severity = low
    attack = [T1136.001]
    description = """
      One of many.
      """
  }
  from %s
  where %s
  schedule every 5m delay 4m
  test "nothing" { event.action: "none" } expect 0
}
`, i, i, s.from, strings.ReplaceAll(s.where, "{n}", strconv.Itoa(i%250)))
	}
	return texts
}

func parse(text string) *ir.Rule {
	file, diags := grammar.Parse("bench.rule", []byte(text))
	rules, more := lower.Rules(file, lower.Options{})
	if diags = append(diags, more...); diags.HasErrors() || len(rules) != 1 {
		panic(fmt.Sprintf("%s\n%v", text, diags))
	}
	return rules[0]
}

// TestShapes keeps the benchmark honest: each shape is carried by some languages, and each language carries some shapes.
func TestShapes(t *testing.T) {
	carried := map[string]int{}
	for i, text := range manyRules(len(shapes)) {
		r, queries := parse(text), 0
		for _, b := range Backends {
			if out, _ := Compile(r, b, Options{}); out.OK() {
				queries++
				carried[b.Lang]++
			}
		}
		if queries == 0 {
			t.Errorf("no language carries %s", shapes[i].where)
		}
	}
	for _, b := range Backends {
		if carried[b.Lang] == 0 {
			t.Errorf("%s carries no shape", b.Lang)
		}
	}
	t.Log(carried)
}

// BenchmarkCompile takes one rule to each language, and 1,000 rules from text to all languages.
func BenchmarkCompile(b *testing.B) {
	text, err := os.ReadFile("../../rules/windows/user_account_creation.rule")
	if err != nil {
		b.Fatal(err)
	}
	r := parse(string(text))
	for _, target := range Backends {
		b.Run(target.Lang, func(b *testing.B) { benchmarkOne(b, r, target) })
	}
	texts := manyRules(1000)
	b.Run("1000 rules", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			parallel.Each(len(texts), func(i int) {
				r := parse(texts[i])
				for _, target := range Backends {
					Compile(r, target, Options{})
				}
			})
		}
	})
}

func benchmarkOne(b *testing.B, r *ir.Rule, target *backends.Backend) {
	b.ReportAllocs()
	for b.Loop() {
		Compile(r, target, Options{})
	}
}
