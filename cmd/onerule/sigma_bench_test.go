package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/internal/ndjson"
	"github.com/onerule/onerule/internal/workspace"
)

// BenchmarkRunSigma runs the public Windows rules on a real log, from bytes to findings, beside decoding alone; -cpu 1,2 compares
// one core with two.
func BenchmarkRunSigma(b *testing.B) {
	const log = "../../../shared/corpora/events/empire_wmic_add_user_backdoor.ndjson.gz"
	if _, err := os.Stat(log); err != nil {
		b.Skip("the corpus of event logs is not there")
	}
	rules := workspace.Load([]string{sigmaCorpus + "/rules/windows"}, "").Rules
	events := 0
	b.Run("decode only", func(b *testing.B) {
		for b.Loop() {
			events = decodeOnly(b, log)
		}
		b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
	for _, n := range []int{1, 10, 100, 1000, len(rules)} {
		b.Run(fmt.Sprintf("%d rules", n), func(b *testing.B) {
			some := rules[:0:0]
			for i := range n {
				some = append(some, rules[i*len(rules)/n])
			}
			r, err := newRunner(some, "", engine.Options{Lateness: engine.DefaultLateness})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.file(io.Discard, log, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func decodeOnly(b *testing.B, log string) int {
	reader, err := ndjson.Open(log, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	for n := 0; ; n++ {
		if _, err := reader.Next(); errors.Is(err, io.EOF) {
			return n
		} else if err != nil {
			b.Fatal(err)
		}
	}
}
