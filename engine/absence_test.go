package engine_test

import (
	"fmt"
	"testing"

	"github.com/onerule/onerule/engine"
	"github.com/onerule/onerule/ir"
)

// Windows are judged when their grace is over, by what had arrived; what comes later is counted.
func TestAbsenceSettled(t *testing.T) {
	const body = "key (field user.name)\nexpect 1 key 0 window 60000 grace 10000\nin [\"user1\" \"user2\"]"
	push := func(o engine.Options, events ...[3]int64) (text string, late int) {
		e, err := engine.New(parse(t, "absence", body), o)
		if err != nil {
			t.Fatal(err)
		}
		show := func(fs []engine.Finding) {
			for _, f := range fs {
				text += fmt.Sprintf("%d:%s ", f.From/minute, f.Key[0])
			}
		}
		for _, ev := range events {
			show(e.PushAt(event(int(ev[0]), ev[1]), ev[2]))
			text += "| "
		}
		show(e.Close())
		return text, e.Late()
	}
	for _, tt := range []struct {
		name   string
		o      engine.Options
		events [][3]int64 // user, happens, arrives
		want   string
		late   int
	}{
		{"at the end of the grace it is not over", engine.Options{}, [][3]int64{{1, 0, 0}, {3, 70_000, 0}}, "| | 0:user2 ", 0},
		{"a millisecond later it is", engine.Options{}, [][3]int64{{1, 0, 0}, {3, 70_001, 0}}, "| 0:user2 | ", 0},
		{"in the grace", engine.Options{}, [][3]int64{{1, 0, 0}, {3, 70_000, 0}, {2, 59_999, 0}}, "| | | ", 0},
		{"after the grace", engine.Options{}, [][3]int64{{1, 0, 0}, {3, 70_001, 0}, {2, 59_999, 0}}, "| 0:user2 | | ", 1},
		{"it says when it arrives", engine.Options{}, [][3]int64{{1, 0, 0}, {2, 59_999, 70_001}}, "| 0:user2 | ", 1},
		{"the first window is not whole", engine.Options{}, [][3]int64{{1, 1, 0}, {3, 130_000, 0}}, "| | 1:user1 1:user2 ", 0},
		{"the range is known", engine.Options{Range: engine.Range{From: 0, To: 120_000}}, [][3]int64{{1, 1, 0}, {2, 60_000, 0}, {2, 120_000, 0}}, "| | 0:user2 | 1:user1 ", 0},
		{"nothing comes", engine.Options{Range: engine.Range{From: 0, To: 60_000}}, nil, "0:user1 0:user2 ", 0},
		{"no time is known", engine.Options{}, nil, "", 0},
	} {
		if got, late := push(tt.o, tt.events...); got != tt.want || late != tt.late {
			t.Errorf("%s: %q and %d late, want %q and %d", tt.name, got, late, tt.want, tt.late)
		}
	}
	// Other rules judge by when events happen.
	e, err := engine.New(&ir.Rule{From: []ir.ClassOn{{Class: "process.start", Source: "windows"}}, Where: &ir.Const{Value: true}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if fs := e.PushAt(event(1, 5), 70); len(fs) != 1 || fs[0].Time != 5 {
		t.Errorf("%v", fs)
	}
}

// A finding of a sequence comes with its last event, one that waits when the wait is over.
func TestStepsSettled(t *testing.T) {
	body := "key (field user.name)\ncond (eq (field process.name) [\"a\"])\ncond (eq (field process.name) [\"b\"])\nwithin 60000\nper [0]\nstep a event 0 [0] 1\nstep b %s 1 [0] 1\n"
	for _, tt := range []struct {
		kind  string
		times []int64
		names string
		want  string
	}{
		{"event", []int64{0, 10, 11, 12}, "abxb", "| | 10 | | "},
		{"event", []int64{0, 10}, "ab", "| | 10 "},
		{"missing", []int64{0, 60_000, 60_001}, "axx", "| | 60000 | "},
		{"missing", []int64{0, 60_002}, "ax", "| 60000 | "},
		{"missing", []int64{0, 60_000, 60_002}, "abx", "| | | "},
		{"missing", []int64{0}, "a", "| 60000 "},
	} {
		e, err := engine.New(parse(t, "sequence", fmt.Sprintf(body, tt.kind)), engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		show := func(fs []engine.Finding) {
			for _, f := range fs {
				got += fmt.Sprintf("%d ", f.Time)
			}
		}
		for i, at := range tt.times {
			ev := event(1, at)
			ev.Object["process.name"] = tt.names[i : i+1]
			show(e.Push(ev))
			got += "| "
		}
		show(e.Close())
		if got != tt.want {
			t.Errorf("%s %v %s: %q, want %q", tt.kind, tt.times, tt.names, got, tt.want)
		}
	}
}

// A silence that one event ends far in the future is told of a bounded number of windows; what comes behind it is told again.
func TestAbsenceFarFuture(t *testing.T) {
	e, err := engine.New(parse(t, "absence", "key (field user.name)\nexpect 1 key 0 window 60000 grace 0\nin [\"user1\"]"), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const far = 1_000_000_000 * minute // the year 3871
	n := len(e.Push(event(1, 0)))
	n += len(e.Push(event(1, far)))
	if n != 9_999 || e.Skipped() != 1_000_000_000-1-10_000 { // the first window had an event
		t.Errorf("%d found, %d skipped", n, e.Skipped())
	}
	if n := len(e.Push(event(1, far+3*minute+1))); n != 3 { // of the four windows that are over since, one had an event
		t.Errorf("%d found behind it, want 3", n)
	}
	if n := len(e.Push(event(1, minute))); n != 0 || e.Late() != 1 {
		t.Errorf("%d found, %d late", n, e.Late())
	}
}
