package ndjson

import (
	"bytes"
	"reflect"
	"testing"
)

// FuzzNext: any stream gives events and diagnostics; the lines that gave events, alone, give the same events and no diagnostic.
func FuzzNext(f *testing.F) {
	for _, s := range []string{"{}", "\ufeff{\"a\": 18446744073709551616}\r\n\n[1]\n{\"a\": 1} {}", "{\n\"a\": 1\n}", `{"a": nope}`, "{\"a\": \"\xff\"}", "\x1f\x8b\x08", `{"a": 1e999, "a": {"b": [null]}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		events, err := drain(data)
		if err != nil {
			return // a gzip stream that is none
		}
		var lines [][]byte
		for _, e := range events {
			lines = append(lines, e.Raw)
		}
		again, err := drain(bytes.Join(lines, []byte("\n")))
		if err != nil || len(again) != len(events) {
			t.Fatalf("%d events, from their own lines %d: %v", len(events), len(again), err)
		}
		for i := range events {
			if !reflect.DeepEqual(events[i].Object, again[i].Object) {
				t.Fatalf("line %d: %v, read alone %v", events[i].Line, events[i].Object, again[i].Object)
			}
		}
	})
}

func drain(data []byte) ([]Event, error) {
	r, err := NewReader("f", bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	events, _, err := r.all()
	return events, err
}
