package interp

import (
	"testing"
	"time"

	"github.com/onerule/onerule/backends/native"
)

// TestIngestionTime checks that ingestion_time() is when a row arrived, where the input says so, also behind operators that keep rows.
func TestIngestionTime(t *testing.T) {
	table := evTable(t)
	at := func(minute int) int64 { return time.Date(2024, 5, 1, 11, minute, 0, 0, time.UTC).UnixMilli() }
	table.Arrives = []int64{at(1), at(2), at(3), at(4)}
	for query, want := range map[string]string{
		`Ev | where ingestion_time() <= datetime(2024-05-01 11:02) | count`:                                                           `[2]`,
		`Ev | where Kind == "fail" | extend Late = ingestion_time() - TimeGenerated | project Late`:                                   "[\"01:01:00\"]\n[\"01:02:00\"]",
		`Ev | where Key == "a" | where ingestion_time() > datetime(2024-05-01 11:01) | summarize n = count() by t = ingestion_time()`: `["2024-05-01T11:02:00Z",1]`,
	} {
		p, diags := Language.Compile("q", query)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		out, diags := p.Run(native.Input{Tables: []native.Table{table}})
		if got := shown(out); diags.HasErrors() || got != want {
			t.Errorf("%s\n%s\n%v", query, got, diags)
		}
	}
	p, _ := Language.Compile("q", `Ev | where ingestion_time() == TimeGenerated | count`)
	if out, _ := p.Run(evInput(t)); shown(out) != `[4]` {
		t.Errorf("without times of arrival: %s", shown(out))
	}
}
