package interp

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/native"
)

// manyEvents is a table of n events like those of Ev.
func manyEvents(n int) native.Input {
	t := native.Table{Name: "Ev", Types: evTypes}
	start := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		t.Rows = append(t.Rows, native.Row{
			"TimeGenerated": start.Add(time.Duration(i) * time.Second), "Key": fmt.Sprintf("k%d", i%61), "Kind": []string{"fail", "ok", "other"}[i%3],
			"Ip": fmt.Sprintf("10.%d.%d.%d", i%3, i%200, i%250), "User": fmt.Sprintf("User%d", i%41), "N": json.Number(fmt.Sprint(i % 50)),
			"Arr": []any{"a", fmt.Sprintf("b%d", i%7)}, "D": map[string]any{"x": "Ab", "n": json.Number(fmt.Sprint(i % 5))},
		})
	}
	return native.Input{Tables: []native.Table{t}, Now: start.Add(24 * time.Hour)}
}

func BenchmarkRun(b *testing.B) {
	in := manyEvents(10_000)
	for name, query := range map[string]string{
		"where":     `Ev | where Kind =~ "FAIL" and User contains "er1" and N >= 10`,
		"has_any":   `Ev | where User has_any ("user1", "user2", "user3") or D.x == "Ab"`,
		"regex":     `Ev | where Ip matches regex @"^10\.[01]\..*5$"`,
		"ip":        `Ev | where ipv4_is_in_any_range(Ip, "10.1.0.0/16", "192.168.0.0/16")`,
		"summarize": `Ev | where Kind == "fail" | summarize Count = count(), Users = dcount(User), Set = make_set(Ip, 100) by Key, bin(TimeGenerated, 10m) | where Count > 2`,
		"join":      `Ev | where Kind == "fail" | summarize F = count() by Key | join kind=inner (Ev | where Kind == "ok" | summarize S = count() by Key) on Key`,
		"mv-apply":  `Ev | mv-apply e = Arr to typeof(string) on (where e startswith "b" | take 1)`,
		"sort-prev": `Ev | sort by Key asc, TimeGenerated asc | extend P = prev(Kind), Same = Key == prev(Key) | where Same and P == "fail" and Kind == "ok"`,
		"scan":      `Ev | partition by Key (sort by TimeGenerated asc | scan with_match_id=m with (step a: Kind == "fail"; step b: Kind == "ok" and TimeGenerated - a.TimeGenerated < 1h;))`,
	} {
		b.Run(name, func(b *testing.B) {
			p, diags := Language.Compile("q", query)
			if diags.HasErrors() {
				b.Fatal(diags)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, diags := p.Run(in); diags.HasErrors() {
					b.Fatal(diags)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	query := `let w = 1h; Ev | where TimeGenerated > ago(1d) and Kind in~ ("a", "b") and Ip !startswith "10." | extend x = extract(@"(\d+)", 1, User) | summarize c = count(), s = make_set(Ip) by Key, bin(TimeGenerated, w) | where c > 5`
	b.ReportAllocs()
	for b.Loop() {
		if _, diags := Language.Compile("q", query); diags.HasErrors() {
			b.Fatal(diags)
		}
	}
}
