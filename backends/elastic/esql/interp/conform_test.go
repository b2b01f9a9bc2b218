package interp

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/internal/corpora"
)

// conformCase is one line of the suite.
type conformCase struct {
	File, Name, Query string
	Columns           []struct{ Name, Type string }
	Rows              [][]string
	IgnoreOrder       bool `json:"ignore_order"`
}

func (c conformCase) id() string { return strings.TrimSuffix(c.File, ".csv-spec") + "/" + c.Name }

func readLines(t testing.TB, path string, f func(line []byte)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s := bufio.NewScanner(file)
	s.Buffer(nil, 1<<24)
	for s.Scan() {
		if len(s.Bytes()) > 0 {
			f(s.Bytes())
		}
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
}

func decodeRow(t testing.TB, line []byte) native.Row {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(line)))
	d.UseNumber()
	var row native.Row
	if err := d.Decode(&row); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	return row
}

// conformInput is the suite's data as tables.
func conformInput(t testing.TB, dir string) native.Input {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "mapping.json"))
	if err != nil {
		t.Fatal(err)
	}
	var types map[string]map[string]string
	if err := json.Unmarshal(raw, &types); err != nil {
		t.Fatal(err)
	}
	in := native.Input{Now: time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)}
	files, _ := filepath.Glob(filepath.Join(dir, "data", "*.ndjson"))
	slices.Sort(files)
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".ndjson")
		tab := native.Table{Name: name, Types: types[name]}
		readLines(t, f, func(line []byte) { tab.Rows = append(tab.Rows, decodeRow(t, line)) })
		in.Tables = append(in.Tables, tab)
	}
	return in
}

// readLedger reads "case: reason" lines.
func readLedger(t testing.TB, path string) map[string]string {
	t.Helper()
	out := map[string]string{}
	readLines(t, path, func(line []byte) {
		s := string(line)
		if strings.HasPrefix(s, "#") {
			return
		}
		id, reason, ok := strings.Cut(s, ": ")
		if !ok || reason == "" {
			t.Fatalf("ledger line without a reason: %s", s)
		}
		out[id] = reason
	})
	return out
}

func TestConformance(t *testing.T) {
	dir := corpora.Path(t, "conformance", "esql")
	in := conformInput(t, dir)
	ledger := readLedger(t, filepath.Join("testdata", "conformance.ledger"))
	total, passed := 0, 0
	seen := map[string]bool{}
	readLines(t, filepath.Join(dir, "suite.ndjson"), func(line []byte) {
		var c conformCase
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		total++
		seen[c.id()] = true
		fault := runCase(c, in)
		reason, listed := ledger[c.id()]
		switch {
		case fault == "" && listed:
			t.Errorf("%s passes now; take it out of the ledger (%s)", c.id(), reason)
		case fault == "":
			passed++
		case !listed:
			t.Errorf("%s: %s\n%s", c.id(), fault, c.Query)
		}
	})
	for id := range ledger {
		if !seen[id] {
			t.Errorf("the ledger names %s, which is not in the suite", id)
		}
	}
	t.Logf("%d of %d cases pass (%.1f %%)", passed, total, 100*float64(passed)/float64(total))
}

// runCase gives "" or what differs.
func runCase(c conformCase, in native.Input) string {
	p, ds := Language.Compile("", c.Query)
	if ds.HasErrors() {
		return fmt.Sprint("does not compile: ", ds)
	}
	out, ds := p.Run(in)
	if ds.HasErrors() {
		return fmt.Sprint("does not run: ", ds)
	}
	var want, got []string
	for _, x := range c.Columns {
		want = append(want, x.Name+":"+x.Type)
	}
	for _, x := range out.Columns {
		got = append(got, x.Name+":"+x.Type)
	}
	if !slices.Equal(want, got) {
		return fmt.Sprintf("columns %v, want %v", got, want)
	}
	if len(out.Results) != len(c.Rows) {
		return fmt.Sprintf("%d rows, want %d (%v)", len(out.Results), len(c.Rows), brief(out))
	}
	used := make([]bool, len(out.Results))
	for i, row := range c.Rows {
		found := false
		for j := range out.Results {
			if used[j] || !c.IgnoreOrder && j != i {
				continue
			}
			if sameRow(c, row, out.Results[j].Cells) {
				used[j], found = true, true
				break
			}
		}
		if !found {
			return fmt.Sprintf("row %d: want %v, have %v", i, row, brief(out))
		}
	}
	return ""
}

func brief(out native.Output) string {
	s := ""
	for i, r := range out.Results {
		if i == 6 {
			return s + "…"
		}
		s += fmt.Sprintln(r.Cells)
	}
	return s
}

func sameRow(c conformCase, want []string, got []any) bool {
	for i, w := range want {
		if !sameCell(c.Columns[i].Type, w, got[i]) {
			return false
		}
	}
	return true
}

func sameCell(kind, want string, got any) bool {
	if got == nil {
		return want == "null"
	}
	if strings.HasPrefix(want, "[") && strings.HasSuffix(want, "]") {
		parts := splitValues(want[1 : len(want)-1])
		list, ok := got.([]any)
		if !ok {
			list = []any{got}
		}
		if len(list) != len(parts) {
			return false
		}
		for i, p := range parts {
			if !sameValue(kind, p, list[i]) {
				return false
			}
		}
		return true
	}
	return sameValue(kind, strings.ReplaceAll(want, `\,`, ","), got)
}

func splitValues(s string) []string {
	var out []string
	cur := ""
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && s[i+1] == ',':
			cur += ","
			i++
		case s[i] == ',':
			out = append(out, strings.TrimSpace(cur))
			cur = ""
		default:
			cur += s[i : i+1]
		}
	}
	return append(out, strings.TrimSpace(cur))
}

func sameValue(kind, want string, got any) bool {
	switch g := got.(type) {
	case json.Number:
		if kind == "double" {
			a, err1 := strconv.ParseFloat(want, 64)
			b, err2 := g.Float64()
			return err1 == nil && err2 == nil && (a == b || math.Abs(a-b) <= 1e-9*math.Max(1, math.Max(math.Abs(a), math.Abs(b))))
		}
		return want == g.String()
	case time.Time:
		w, ok := parseISO(strings.ReplaceAll(want, " ", "T"))
		if kind == "date" {
			return ok && w.UnixMilli() == g.UnixMilli()
		}
		return ok && w.Equal(g)
	case bool:
		return want == strconv.FormatBool(g)
	case string:
		if kind == "ip" {
			a, err := netip.ParseAddr(want)
			return err == nil && a.Unmap().String() == g
		}
		return want == g
	}
	return false
}
