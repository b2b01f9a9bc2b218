package interp

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/native"
)

var stepTypes = map[string]string{"@timestamp": "date", "k": "keyword", "k2": "keyword", "x": "keyword", "n": "long", "d": "double", "tie": "long", "ip": "ip"}

// stream makes events of a compact notation: "a1@0 b1@5" is x=a k=1 at 0 s, x=b k=1 at 5 s; x may be several letters, one
// value each, and "a@0" has no k. Row numbers follow the order given.
func stream(t testing.TB, text string) native.Input {
	t.Helper()
	var lines []string
	for _, word := range strings.Fields(text) {
		head, at, _ := strings.Cut(word, "@")
		letters := strings.TrimRight(head, "0123456789")
		var xs []string
		for _, c := range letters {
			xs = append(xs, fmt.Sprintf("%q", c))
		}
		for i, x := range xs {
			xs[i] = `"` + strings.Trim(x, "'") + `"`
		}
		line := `{"x":[` + strings.Join(xs, ",") + `]`
		if key := head[len(letters):]; key != "" {
			line += `,"k":"` + key + `"`
		}
		var seconds float64
		if _, err := fmt.Sscan(at, &seconds); err != nil {
			t.Fatal(word)
		}
		lines = append(lines, line+fmt.Sprintf(`,"@timestamp":%d}`, 1_700_000_000_000+int64(seconds*1000)))
	}
	return input(table(t, stepTypes, lines...))
}

// TestSequence holds streams against sequences.
func TestSequence(t *testing.T) {
	const ab = `[any where x == "a"] [any where x == "b"]`
	for _, c := range []struct{ name, stream, query, want string }{
		{"pair", "a1@0 b1@1", `sequence by k ` + ab, "0,1"},
		{"other key", "a1@0 b2@1", `sequence by k ` + ab, ""},
		{"order", "b1@0 a1@1", `sequence by k ` + ab, ""},
		{"input order does not count", "b1@5 a1@1", `sequence by k ` + ab, "1,0"},
		{"newer replaces older", "a1@0 a1@1 b1@2", `sequence by k ` + ab, "1,2"},
		{"consumed", "a1@0 b1@1 b1@2", `sequence by k ` + ab, "0,1"},
		{"both keys", "a1@0 a2@1 b2@2 b1@3", `sequence by k ` + ab, "1,2 0,3"},
		{"no key", "a1@0 b2@1", `sequence ` + ab, "0,1"},
		{"missing key", "a@0 b@1", `sequence by k ` + ab, ""},
		{"optional missing key", "a@0 b@1 a1@2 b@3", `sequence by ?k ` + ab, "0,1"},
		{"optional unmapped key", "a1@0 b1@1", `sequence by ?zz, k ` + ab, "0,1"},
		{"unmapped key", "a1@0 b1@1", `sequence by zz ` + ab, "fault: no mapping and no event has the field `zz`"},
		{"maxspan met", "a1@0 b1@5", `sequence by k with maxspan=5s ` + ab, "0,1"},
		{"maxspan exceeded by 1 ms", "a1@0 b1@5.001", `sequence by k with maxspan=5s ` + ab, ""},
		{"maxspan from the first", "a1@0 b1@3 c1@6", `sequence by k with maxspan=5s ` + ab + ` [any where x == "c"]`, ""},
		{"maxspan drops the newest only", "a1@0 b1@9 b1@10", `sequence by k with maxspan=5s ` + ab, ""},
		{"equal times follow the input", "a1@1 b1@1", `sequence by k ` + ab, "0,1"},
		{"equal times, other way", "b1@1 a1@1", `sequence by k ` + ab, ""},
		{"one event, two stages", "ab1@0", `sequence by k ` + ab, ""},
		{"one event ends one and begins another", "a1@0 ab1@1 b1@2", `sequence by k ` + ab, "0,1 1,2"},
		{"same stage twice", "a1@0 a1@1 a1@2", `sequence by k [any where x == "a"] [any where x == "a"]`, "0,1 1,2"},
		{"runs", "a1@0 a1@1 a1@2 a1@3", `sequence by k [any where x == "a"] with runs=3`, "0,1,2 1,2,3"},
		{"runs and another", "a1@0 a1@1 b1@2", `sequence by k [any where x == "a"] with runs=2 [any where x == "b"]`, "0,1,2"},
		{"runs=1", "a1@0 b1@2", `sequence by k [any where x == "a"] with runs=1 [any where x == "b"]`, "0,1"},
		{"runs in a window", "a1@0 a1@4 a1@6 a1@8", `sequence by k with maxspan=4s [any where x == "a"] with runs=3`, "1,2,3"},
		{"until between", "a1@0 u1@1 b1@2", `sequence by k ` + ab + ` until [any where x == "u"]`, ""},
		{"until before", "u1@0 a1@1 b1@2", `sequence by k ` + ab + ` until [any where x == "u"]`, "1,2"},
		{"until after", "a1@0 b1@1 u1@2", `sequence by k ` + ab + ` until [any where x == "u"]`, "0,1"},
		{"until of another key", "a1@0 u2@1 b1@2", `sequence by k ` + ab + ` until [any where x == "u"]`, "0,2"},
		{"until is the first event", "au1@0 b1@1", `sequence by k ` + ab + ` until [any where x == "u"]`, ""},
		{"until is the last event", "a1@0 bu1@1", `sequence by k ` + ab + ` until [any where x == "u"]`, "0,1"},
		{"until then anew", "a1@0 u1@1 a1@2 b1@3", `sequence by k ` + ab + ` until [any where x == "u"]`, "2,3"},
		{"unfinished", "a1@0", `sequence by k ` + ab, ""},
		{"three stages, lossy", "a1@0 b1@1 a1@2 b1@3 c1@4", `sequence by k ` + ab + ` [any where x == "c"]`, "2,3,4"},
		{"head", "a1@0 b1@1 a1@2 b1@3 a1@4 b1@5", `sequence by k ` + ab + ` | head 2`, "0,1 2,3"},
		{"tail", "a1@0 b1@1 a1@2 b1@3 a1@4 b1@5", `sequence by k ` + ab + ` | tail 1`, "4,5"},
		{"key types", "a1@0 b1@1", `sequence [any where true] by k [any where true] by n`, "fault: the join keys `k` (keyword) and `n` (long) can never be equal"},
	} {
		if got := groups(c.query, stream(t, c.stream)); got != c.want {
			t.Errorf("%s: %s over %s\n got %q\nwant %q", c.name, c.query, c.stream, got, c.want)
		}
	}
}

// TestConcurrent: with the doubt off, events at one instant are not in order, and the earlier pending sequence is kept.
func TestConcurrent(t *testing.T) {
	const ab = `sequence by k [any where x == "a"] [any where x == "b"]`
	for _, c := range []struct{ stream, on, off string }{
		{"a1@1 b1@1", "0,1", ""},
		{"a1@0 a1@1 b1@1", "1,2", "0,2"},
		{"a1@0 a1@1 b1@1 b1@2", "1,2", "0,2 1,3"},
		{"a1@0 b1@1 b1@1", "0,1", "0,1"},
	} {
		in := stream(t, c.stream)
		if got := groups(ab, in); got != c.on {
			t.Errorf("%s: on %q, want %q", c.stream, got, c.on)
		}
		if got := groups(ab, with(in, false, doubtImplicitOrder)); got != c.off {
			t.Errorf("%s: off %q, want %q", c.stream, got, c.off)
		}
	}
}

// TestTiebreaker: events at one instant are ordered by the tiebreaker, those without one last.
func TestTiebreaker(t *testing.T) {
	in := input(table(t, stepTypes, `{"@timestamp":0,"x":"b"}`, `{"@timestamp":0,"x":"a","tie":2}`, `{"@timestamp":0,"x":"b","tie":1}`))
	const ab = `sequence [any where x == "a"] [any where x == "b"]`
	if got := groups(ab, in); got != "1,2" {
		t.Error(got)
	}
	in.Tiebreaker = "tie"
	if got := groups(ab, in); got != "1,0" {
		t.Error(got)
	}
}

// TestKeys: array keys give one chain per value, several array keys their product; keys are shown as JSON.
func TestKeys(t *testing.T) {
	in := input(table(t, stepTypes,
		`{"x":"a","k":["u","v","u"],"k2":["s","t"],"n":5,"ip":"10.0.0.1"}`,
		`{"x":"b","k":["v","w","u"],"k2":"t","d":5.0,"ip":"::ffff:10.0.0.1"}`))
	out, diags := run1(`sequence by k, k2 [any where x == "a"] by n, ip, ?zz, @timestamp [any where x == "b"] by d, ip, ?zz, ?zz`, in)
	if diags.HasErrors() {
		t.Fatal(diags[0].Brief())
	}
	if len(out.Groups) != 0 {
		t.Error("a timestamp equals null")
	}
	out, diags = run1(`sequence by k, k2 [any where x == "a"] by n, ip, ?zz [any where x == "b"] by d, ip, ?zz`, in)
	if diags.HasErrors() {
		t.Fatal(diags[0].Brief())
	}
	var keys []string
	for _, g := range out.Groups {
		text, _ := json.Marshal(g.JoinKeys)
		keys = append(keys, string(text))
	}
	if got, want := strings.Join(keys, " "), `["v","t",5,"10.0.0.1",null] ["u","t",5,"10.0.0.1",null]`; got != want {
		t.Errorf("keys %s, want %s", got, want)
	}
}

// TestMissingEvents holds streams against missing events.
func TestMissingEvents(t *testing.T) {
	const (
		a, b, c, m = `[any where x == "a"] `, `[any where x == "b"] `, `[any where x == "c"] `, `![any where x == "m"] `
		by         = `sequence by k with maxspan=10s `
	)
	for _, row := range []struct{ name, stream, query, want string }{
		{"trailing, none", "a1@0", by + a + m, "0,-"},
		{"trailing, within", "a1@0 m1@5", by + a + m, ""},
		{"trailing, at the end of the span", "a1@0 m1@10", by + a + m, ""},
		{"trailing, after", "a1@0 m1@10.001", by + a + m, "0,-"},
		{"trailing, same instant", "a1@0 m1@0", by + a + m, "0,-"},
		{"trailing, other key", "a1@0 m2@5", by + a + m, "0,-"},
		{"trailing after two", "a1@0 b1@8 m1@9", by + a + b + m, ""},
		{"leading, none", "a1@20", by + m + a, "-,0"},
		{"leading, within", "m1@15 a1@20", by + m + a, ""},
		{"leading, at the span", "m1@10 a1@20", by + m + a, ""},
		{"leading, before", "m1@9.999 a1@20", by + m + a, "-,1"},
		{"leading, same instant", "m1@20 a1@20", by + m + a, "-,1"},
		{"middle, none", "a1@0 b1@5", by + a + m + b, "0,-,1"},
		{"middle, between", "a1@0 m1@3 b1@5", by + a + m + b, ""},
		{"middle, at the edges", "a1@0 m1@0 m1@5 b1@5", by + a + m + b, "0,-,3"},
		{"middle, other key", "a1@0 m2@3 b1@5", by + a + m + b, "0,-,2"},
		{"both ends, room", "m1@0 a1@10 m1@20.001", by + m + a + m, "-,1,-"},
		{"both ends, no room", "m1@10 a1@15 m1@20", by + m + a + m, ""},
		{"both ends, one side free", "m1@10 a1@15", by + m + a + m, "-,1,-"},
		{"lossy", "a1@0 b1@1 a1@2 m1@3 b1@4 c1@5", by + a + m + b + c, ""},
		{"runs of a missing event", "a1@0 b1@5", by + a + `![any where x == "m"] with runs=2 ` + b, "0,-,-,1"},
		{"until applies too", "a1@0 u1@1 b1@2", by + a + m + b + `until [any where x == "u"]`, ""},
	} {
		if got := groups(row.query, stream(t, row.stream)); got != row.want {
			t.Errorf("%s: %s over %s\n got %q\nwant %q", row.name, row.query, row.stream, got, row.want)
		}
	}
	in := stream(t, "a@0 m@1")
	query := `sequence by ?k with maxspan=10s ` + a + m
	if got := groups(query, in); got != "" {
		t.Error("null keys: ", got)
	}
	if got := groups(query, with(in, false, doubtMissingNullKey)); got != "0,-" {
		t.Error("null keys, doubt off: ", got)
	}
}

// TestSample: order does not count, documents differ, keys come in order, null first.
func TestSample(t *testing.T) {
	const ab = `[any where x == "a"] [any where x == "b"]`
	for _, c := range []struct{ name, stream, query, want string }{
		{"order", "b1@5 a1@0", `sample by k ` + ab, "1,0"},
		{"one document twice", "ab1@0", `sample by k ` + ab, ""},
		{"different documents", "ab1@0 a1@1", `sample by k ` + ab, "1,0"},
		{"one per key", "a2@0 a2@1 b2@2 b2@3 a1@4 b1@5", `sample by k ` + ab, "4,5 0,2"},
		{"missing key", "a@0 b@1", `sample by k ` + ab, ""},
		{"optional key", "a@0 b@1 a1@2 b1@3", `sample by ?k ` + ab, "0,1 2,3"},
		{"no time needed", "a1@0 b1@0", `sample by k ` + ab, "0,1"},
	} {
		if got := groups(c.query, stream(t, c.stream)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	in := stream(t, "a1@0 a1@1 b1@2 b1@3 a2@4 b2@5")
	in.MaxSamplesPerKey = 3
	if got := groups(`sample by k `+ab, in); got != "0,2 0,3 1,2 4,5" {
		t.Error("three per key: ", got)
	}
	in.Size = 2
	if got := groups(`sample by k `+ab, in); got != "0,2 0,3" {
		t.Error("size: ", got)
	}
	if got := groups(`sample by k `+ab, with(stream(t, "ab1@0"), false, doubtSampleDistinct)); got != "0,0" {
		t.Error("doubt off: ", got)
	}
	tab := table(t, stepTypes, `{"x":"a","k":"1"}`, `{"x":"b","k":"1"}`)
	for _, row := range tab.Rows {
		delete(row, "@timestamp")
	}
	tab.Types = map[string]string{"x": "keyword", "k": "keyword"}
	if got := groups(`sample by k `+ab, input(tab)); got != "0,1" {
		t.Error("without a timestamp: ", got)
	}
}
