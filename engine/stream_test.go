package engine_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/internal/ndjson"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

func parse(t testing.TB, kind, body string) *ir.Rule {
	t.Helper()
	r, diags := ir.Parse("r", "ir 1\nrule \"r\" v1 "+kind+" {\nfrom process.start windows\nwhere (exists (field source.ip))\n"+body+"\n}")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return r
}

const minute = 60_000

// Bodies over source.ip and user.name, with windows of a minute.
var bodies = map[string]string{
	"tumbling": "key (field source.ip)\nwindow tumbling 60000 0 0\nscope s [0]\nagg n count -1 -1 0\nper [0]\nwhen (ge (agg 0 0) 1000000)",
	"levels": "key (field source.ip)\ncond (eq (field event.outcome) [\"failure\"])\nwindow tumbling 60000 0 0\n" +
		"scope s [0]\nagg n count -1 -1 0\nagg bad count -1 0 0\nscope all []\nagg n count -1 -1 0\nper [0]\nwhen (ge (/ (agg 0 1) (agg 1 0)) 1)",
	"hopping":   "key (field source.ip)\nwindow window 60000 10000 0\nscope s [0]\nagg n count -1 -1 0\nper [0]\nwhen (ge (agg 0 0) 1000000)",
	"sliding":   "key (field source.ip)\nwindow sliding 60000 0 0\nscope s [0]\nagg n count -1 -1 0\nper [0]\nwhen (ge (agg 0 0) 1000000)",
	"distinct":  "key (field source.ip)\narg (field user.name)\nwindow tumbling 60000 0 0\nscope s [0]\nagg d distinct 0 -1 0\nper [0]\nwhen (ge (agg 0 0) 1000000)",
	"slidingd":  "key (field source.ip)\narg (field user.name)\nwindow sliding 60000 0 0\nscope s [0]\nagg d distinct 0 -1 0\nper [0]\nwhen (ge (agg 0 0) 1000000)",
	"session":   "key (field source.ip)\nwindow session 60000 0 600000\nscope s [0]\nagg n count -1 -1 0\nper [0]\nwhen (ge (agg 0 0) 1000000)",
	"baseline":  "key (field source.ip)\nmeasure n count -1 -1 0 bucket 60000\nbaseline learn 300000 own 2 population true\nper [0]\nwhen (gt (agg 0 0) (+ 1000000 (base mean)))",
	"firstseen": "key (field user.name)\nkey (field source.ip)\nfirst_seen 1 every 60000 history 240000 warmup 120000\nper [0]",
}

func kindOf(name string) string {
	switch name {
	case "baseline":
		return name
	case "firstseen":
		return "first_seen"
	}
	return "count"
}

// event is one of many: its address and user follow from a number.
func event(i int, millis int64) *schema.Event {
	return &schema.Event{ID: strconv.Itoa(i), Source: "windows", Class: "process.start", Millis: millis, Object: map[string]any{
		"source.ip": fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255), "user.name": "user" + strconv.Itoa(i%997), "process.name": "net.exe",
		"event.outcome": []string{"success", "failure"}[i%2],
	}}
}

// TestMemory streams events with ever new keys, a thousand a minute: what is held does not grow with the stream.
func TestMemory(t *testing.T) {
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			e, err := engine.New(parse(t, kindOf(name), body), engine.Options{Lateness: 10 * time.Second})
			if err != nil {
				t.Fatal(err)
			}
			var early uint64
			const n = 120_000
			for i := range n {
				e.Push(event(i, int64(i)*minute/1000))
				if i == n/6 {
					early = heap()
				}
			}
			if late := heap(); late > early+4<<20 {
				t.Errorf("%d KiB after %d events, %d KiB after %d", early>>10, n/6, late>>10, n)
			}
			e.Close()
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestLateness: an event as late as is allowed takes part with all others of its time, a millisecond later it is counted.
func TestLateness(t *testing.T) {
	body := "window sliding 60000 0 0\nscope s []\nagg n count -1 -1 0\nper []\nwhen (ge (agg 0 0) 2)"
	push := func(times ...int64) (text string, late int) {
		e, err := engine.New(parse(t, "count", body), engine.Options{Lateness: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		var fs []engine.Finding
		for i, ms := range times {
			fs = append(fs, e.Push(event(i, ms))...)
		}
		for _, f := range append(fs, e.Close()...) {
			text += fmt.Sprintf("%d:%s ", f.Time, f.Event)
		}
		return text, e.Late()
	}
	for _, tt := range []struct {
		times []int64
		want  string
		late  int
	}{
		{[]int64{5000, 6000, 5000}, "5000:0 ", 0},
		{[]int64{5000, 6001, 5000}, "6001:1 ", 1},
		{[]int64{5000, 6000, 5001, 5000}, "5000:0 ", 0},
		{[]int64{6000, 5500, 5200, 5400}, "5400:3 ", 0},
	} {
		if got, late := push(tt.times...); got != tt.want || late != tt.late {
			t.Errorf("%v: %q and %d late, want %q and %d", tt.times, got, late, tt.want, tt.late)
		}
	}
}

// Findings come as soon as they are settled, not at the end.
func TestSettled(t *testing.T) {
	e, err := engine.New(parse(t, "count", strings.Replace(bodies["tumbling"], "1000000", "1", 1)), engine.Options{Lateness: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		at   int64
		want int
	}{{0, 0}, {minute, 0}, {minute + 999, 0}, {minute + 1000, 1}, {5 * minute, 1}} {
		if got := len(e.Push(event(1, tt.at))); got != tt.want {
			t.Errorf("at %d: %d findings, want %d", tt.at, got, tt.want)
		}
	}
	if got := len(e.Close()); got != 1 {
		t.Errorf("%d findings at the end", got)
	}
	// The clock goes on with events that are none of the rule's.
	other := event(2, 10*minute)
	other.Class = "file.create"
	if e, err = engine.New(e0(t), engine.Options{}); err != nil {
		t.Fatal(err)
	}
	if n := len(e.Push(event(1, 0))) + len(e.Push(other)); n != 1 {
		t.Errorf("%d findings", n)
	}
}

func e0(t *testing.T) *ir.Rule {
	return parse(t, "count", strings.Replace(bodies["tumbling"], "1000000", "1", 1))
}

// BenchmarkPush streams events of 100,000 addresses, 10,000 a second, a tenth of them up to two seconds late.
func BenchmarkPush(b *testing.B) {
	pool := make([]*schema.Event, 100_000)
	for i := range pool {
		pool[i] = event(i, 0)
	}
	for _, name := range []string{"event", "tumbling", "levels", "hopping", "distinct", "sliding", "slidingd", "session", "baseline", "firstseen"} {
		b.Run(name, func(b *testing.B) {
			r := parse(b, "event", "")
			if name != "event" {
				r = parse(b, kindOf(name), bodies[name])
			}
			e, err := engine.New(r, engine.Options{Lateness: 5 * time.Second})
			if err != nil {
				b.Fatal(err)
			}
			random := rand.New(rand.NewPCG(1, 2))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				ev := *pool[random.IntN(len(pool))]
				ev.Millis = int64(i / 10)
				if i%10 == 0 {
					ev.Millis -= random.Int64N(2000)
				}
				e.Push(&ev)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(heap())/(1<<20), "heap-MiB")
			e.Close()
		})
	}
}

// BenchmarkDecode is what reading the same events from NDJSON costs, for comparison.
func BenchmarkDecode(b *testing.B) {
	line := `{"@timestamp":"2026-01-05T00:00:00.000Z","event.outcome":"failure","process.name":"net.exe","source.ip":"10.1.2.3","user.name":"user17"}` + "\n"
	b.ReportAllocs()
	r, err := ndjson.NewReader("e", strings.NewReader(""))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err = r.Next(); err != nil {
			if r, err = ndjson.NewReader("e", strings.NewReader(strings.Repeat(line, 10_000))); err != nil {
				b.Fatal(err)
			}
			if _, err = r.Next(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
