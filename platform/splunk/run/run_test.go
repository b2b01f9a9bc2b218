package run

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/platform/schedule"
	"github.com/onerule/onerule/platform/splunk/conf"
)

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func TestCron(t *testing.T) {
	for _, tc := range []struct {
		cron  string
		first string // the first three times from Monday 00:00:30 on
	}{
		{"* * * * *", "02 00:01, 02 00:02, 02 00:03"},
		{"*/20 * * * *", "02 00:20, 02 00:40, 02 01:00"},
		{"4-59/20 * * * *", "02 00:04, 02 00:24, 02 00:44"},
		{"5,7 3 * * *", "02 03:05, 02 03:07, 03 03:05"},
		{"0 1-23/6 * * *", "02 01:00, 02 07:00, 02 13:00"},
		{"0 0 * * 4", "05 00:00, 12 00:00, 19 00:00"},
		{"0 0 * * 7", "08 00:00, 15 00:00, 22 00:00"},
		{"0 0 10 * 4", "05 00:00, 10 00:00, 12 00:00"}, // day or weekday
		{"0 12 31 3 *", "31 12:00"},
	} {
		c, err := parseCron(tc.cron)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, at := range c.times(monday.Add(30*time.Second), monday.AddDate(0, 1, 0)) {
			if i < 3 {
				got = append(got, at.Format("02 15:04"))
			}
		}
		if s := strings.Join(got, ", "); s != tc.first {
			t.Errorf("%s: %s, expected %s", tc.cron, s, tc.first)
		}
	}
	for _, bad := range []string{"", "* * * *", "60 * * * *", "a * * * *", "5-2 * * * *", "*/0 * * * *", "1-x * * * *", "* * * * MON"} {
		if _, err := parseCron(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestRelative(t *testing.T) {
	at := monday.Add(12*time.Hour + 34*time.Minute + 56*time.Second)
	for text, want := range map[string]string{"now": "12:34:56", "-64m@m": "11:30:00", "-2h@h": "10:00:00", "-90s@s": "12:33:26", "@m": "12:34:00", "-3h": "09:34:56", "+1m@m": "12:35:00"} {
		if got, err := relative(at, text); err != nil || got.Format(time.TimeOnly) != want {
			t.Errorf("%s: %v %v, expected %s", text, got, err, want)
		}
	}
	for _, bad := range []string{"-", "-5", "-5x", "@y", "yesterday", "rt-5m"} {
		if _, err := relative(at, bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestRun checks what a run sees: the events of its range that can be searched when it starts.
func TestRun(t *testing.T) {
	doc := &conf.SavedSearch{Name: "s", Search: "kind=`k` | addinfo | table id, info_min_time, info_max_time", Cron: "*/10 * * * *", Earliest: "-12m@m", Latest: "-2m@m", Macros: []conf.Macro{{Name: "k", Definition: "a"}}}
	var in schedule.Input
	table := native.Table{Name: "main"}
	var arrives []int64
	add := func(id string, at, late time.Duration) {
		when := monday.Add(at)
		table.Rows = append(table.Rows, native.Row{"_time": when.Format("2006-01-02T15:04:05.000Z"), "id": id, "kind": "a", "index": "main"})
		arrives = append(arrives, when.Add(late).UnixMilli())
	}
	add("before the end", 8*time.Minute-time.Millisecond, 0)
	add("at the end", 8*time.Minute, 0)
	add("late", 9*time.Minute, 20*time.Minute)
	add("a little late", 7*time.Minute, 3*time.Minute+20*time.Second)
	in.Tables, in.Arrives, in.From, in.To = []native.Table{table}, [][]int64{arrives}, monday, monday.Add(time.Hour)
	for _, tc := range []struct {
		phase time.Duration
		want  string
	}{
		{0, "00:10:00 before the end 1772409480 1772410080, 00:20:00 at the end 1772410080 1772410680"},
		{37 * time.Second, "00:10:00 before the end 1772409480 1772410080, 00:10:00 a little late 1772409480 1772410080, 00:20:00 at the end 1772410080 1772410680"},
		{3 * time.Minute, "00:13:00 at the end 1772409660 1772410260, 00:13:00 before the end 1772409660 1772410260, 00:13:00 a little late 1772409660 1772410260"},
	} {
		in.Phase = tc.phase
		if starts := Starts(doc, in); len(starts) != 7-min(1, int(tc.phase/time.Second)) || !strings.HasPrefix(starts[1].Format(time.TimeOnly), tc.want[:6]) && !strings.HasPrefix(starts[0].Format(time.TimeOnly), tc.want[:6]) {
			t.Errorf("phase %s: it starts at %v", tc.phase, starts)
		}
		fs, diags := Run(doc, in)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		var got []string
		for _, f := range fs {
			got = append(got, fmt.Sprintf("%s %v %v %v", f.At.Format(time.TimeOnly), f.Columns["id"], f.Columns["info_min_time"], f.Columns["info_max_time"]))
			if row := in.Tables[0].Rows[f.Events[0].Row]; row["id"] != f.Columns["id"] {
				t.Errorf("the finding about %v refers to %v", f.Columns["id"], row["id"])
			}
		}
		if s := strings.Join(got, ", "); s != tc.want {
			t.Errorf("phase %s:\n%s, expected\n%s", tc.phase, s, tc.want)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, change := range []func(*conf.SavedSearch){
		func(d *conf.SavedSearch) { d.Cron = "* *" },
		func(d *conf.SavedSearch) { d.Earliest = "rt" },
		func(d *conf.SavedSearch) { d.Latest = "rt" },
		func(d *conf.SavedSearch) { d.Search = "a | nonsense" },
		func(d *conf.SavedSearch) { d.Macros = nil },
	} {
		doc := &conf.SavedSearch{Name: "s", Search: "a | eval b=`m`", Cron: "* * * * *", Earliest: "-1m@m", Latest: "now", Macros: []conf.Macro{{Name: "m", Definition: "1"}}}
		if _, diags := Run(doc, schedule.Input{From: monday, To: monday.Add(time.Minute)}); diags.HasErrors() {
			t.Fatal(diags)
		}
		change(doc)
		if _, diags := Run(doc, schedule.Input{From: monday, To: monday.Add(time.Minute)}); !diags.HasErrors() {
			t.Errorf("%+v runs", doc)
		}
	}
	disabled := &conf.SavedSearch{Name: "s", Search: "*", Cron: "* * * * *", Earliest: "-1m@m", Latest: "now", Disabled: true}
	in := schedule.Input{Tables: []native.Table{{Rows: []native.Row{{"_time": "2026-03-02T00:00:10.000Z"}}}}, From: monday, To: monday.Add(time.Hour)}
	if fs, _ := Run(disabled, in); len(fs) > 0 {
		t.Errorf("a disabled search finds %v", fs)
	}
}
