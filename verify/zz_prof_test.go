package verify

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/lower"
)

func TestZZProf(t *testing.T) {
	var rules []*ir.Rule
	filepath.Walk("../rules", func(p string, info os.FileInfo, err error) error {
		if filepath.Ext(p) == ".rule" {
			text, _ := os.ReadFile(p)
			f, d := grammar.Parse(p, text)
			if d.HasErrors() {
				t.Log(p, d.Err())
				return nil
			}
			rs, d := lower.Rules(f, lower.Options{})
			if d.HasErrors() {
				t.Log(p, d.Err())
				return nil
			}
			rules = append(rules, rs...)
		}
		return nil
	})
	var total time.Duration
	per := map[string]time.Duration{}
	for _, b := range all.Backends {
		for _, r := range rules {
			start := time.Now()
			res := Rule(r, b, Options{})
			d := time.Since(start)
			total += d
			per[b.Lang] += d
			fmt.Printf("%-8s %-45s %-9s cases %5d outside %4d finds %4d cov %d/%d doubts %v %v\n", b.Lang, r.Name, res.Status, res.Cases, res.OutsideAssumptions, res.Findings, res.Coverage.Decisive, res.Coverage.Leaves, len(b.Language.Doubts), d.Round(time.Millisecond))
		}
	}
	fmt.Println(total, per)
}
