package ndjson

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/diag"
)

func readAll(t *testing.T, in string) ([]Event, diag.List) {
	t.Helper()
	events, diags, err := ReadFile("-", strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	return events, diags
}

func TestBrokenLines(t *testing.T) {
	tests := []struct {
		name, line, why string
		col             int
	}{
		{"array", `[1]`, "it is a JSON array, not an object", 1},
		{"text", `"x"`, "it is a JSON string, not an object", 1},
		{"null", `null`, "it is null", 1},
		{"cut", `{"a": 1`, "it ends in the middle", 8},
		{"two", `{"a": 1} {"b": 2}`, "something follows the JSON object", 9},
		{"bytes", "{\"a\": \"\xff\"}", "it is not UTF-8", 8},
		{"word", `{"a": nope}`, "invalid character", 8},
		{"deep", strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000), "it nests more than 10,000 deep", 50001},
		{"long", `{"a": "` + strings.Repeat("x", MaxLine) + `"}`, "it is longer than 16 MiB", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			events, diags := readAll(t, "{\"n\": 1}\n\n"+tt.line+"\r\n{\"n\": 4}\n")
			if len(events) != 2 || events[0].Line != 1 || events[1].Line != 4 {
				t.Fatalf("events %v", events)
			}
			if len(diags) != 1 || diags[0].Code != diag.BrokenLine || diags[0].Span.Start.Line != 3 || !strings.Contains(diags[0].Title, "line 3 is no event: "+tt.why) {
				t.Fatalf("diagnostics %v", diags)
			}
			if diags[0].Span.Start.Col != tt.col {
				t.Errorf("column %d, want %d", diags[0].Span.Start.Col, tt.col)
			}
		})
	}
}

func TestManyBrokenLines(t *testing.T) {
	events, diags := readAll(t, strings.Repeat("x\n", 1000)+"{}")
	if len(events) != 1 || len(diags) != maxFaults+1 || diags[maxFaults].Title != fmt.Sprintf("%d more lines are broken", 1000-maxFaults) {
		t.Errorf("%d events, %d diagnostics, last %v", len(events), len(diags), diags[len(diags)-1])
	}
}

// Objects may be spread over lines, and stand in an array; faults have their true places.
func TestSpread(t *testing.T) {
	for _, tt := range []struct {
		in     string
		lines  []int // of the events
		faults []string
	}{
		{"[\n{\"a\": 1},\n{\"a\": 2}]", []int{2, 3}, nil},
		{"[{\"a\": 1}, {\"a\": [{\"b\": \"}\\\"{\"}]}]\n", []int{1, 1}, nil},
		{"\ufeff{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}{\"a\": 3}", []int{1, 4, 6}, nil},
		{"\n{\n\"a\": nope\n}\n{\"a\": 2}", []int{5}, []string{"3:7"}},
		{"{\n\"a\": 1}\n] no, \n {\"a\": 2}", []int{1, 4}, []string{"3:4"}},
		{"{\n\"a\": 1", nil, []string{"2:7"}},
		{"[]", nil, nil},
		{"[1, 2]", nil, []string{"1:2"}},
		{"{\n\"a\": 1, \"a\": 2}", []int{1}, []string{"2:9"}},
	} {
		events, diags := readAll(t, tt.in)
		var lines []int
		for _, e := range events {
			lines = append(lines, e.Line)
		}
		var faults []string
		for _, d := range diags {
			faults = append(faults, fmt.Sprintf("%d:%d", d.Span.Start.Line, d.Span.Start.Col))
		}
		if !slices.Equal(lines, tt.lines) || !slices.Equal(faults, tt.faults) {
			t.Errorf("%q: events on lines %v, faults at %v: %v", tt.in, lines, faults, diags)
		}
	}
}

func TestByteOrderMarkAndGzip(t *testing.T) {
	var zipped bytes.Buffer
	gz := gzip.NewWriter(&zipped)
	if _, err := io.WriteString(gz, "\ufeff{\"a\": 18446744073709551616}"); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	events, diags := readAll(t, zipped.String())
	if len(events) != 1 || len(diags) != 0 || fmt.Sprint(events[0].Object["a"]) != "18446744073709551616" {
		t.Errorf("%v %v", events, diags)
	}
	name := filepath.Join(t.TempDir(), "cut.gz")
	if err := os.WriteFile(name, zipped.Bytes()[:zipped.Len()-6], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ReadFile(name, nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a truncated gzip file gave %v", err)
	}
}

func TestUnreadable(t *testing.T) {
	for _, name := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none")} {
		if _, _, err := ReadFile(name, nil); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	line := `{"EventID": 1, "Image": "C:\\Windows\\System32\\net.exe", "CommandLine": "net user eve /add", "ParentImage": "C:\\Windows\\System32\\cmd.exe"}` + "\n"
	data := strings.Repeat(line, 1000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, diags, err := ReadFile("-", strings.NewReader(data)); err != nil || len(diags) > 0 {
			b.Fatal(err, diags)
		}
	}
}

// endless gives the same byte for ever.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestEndlessLine(t *testing.T) {
	if _, _, err := ReadAll("e", endless{}); !errors.Is(err, errHopeless) {
		t.Errorf("a line without end: %v", err)
	}
}
