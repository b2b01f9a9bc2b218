package interp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// corpus is half of the tests of the open matcher in vectordotdev/vrl, beside the module.
const corpus = "../../../../../shared/corpora/conformance/datadog/vrl_search.ndjson"

type conformCase struct {
	Name  string          `json:"name"`
	Query string          `json:"query"`
	Event json.RawMessage `json:"event"`
	Want  bool            `json:"want"`
}

func readCorpus(t *testing.T) []conformCase {
	data, err := os.ReadFile(filepath.FromSlash(corpus))
	if err != nil {
		t.Skipf("the conformance corpus is absent: %v", err)
	}
	var out []conformCase
	s := bufio.NewScanner(bytes.NewReader(data))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var c conformCase
		if err := json.Unmarshal(s.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// TestConformance runs the corpus with the vendor's documented behaviour, against the ledger of the points where VRL differs from
// the vendor's page, and with the VRL switches, where nothing may differ.
func TestConformance(t *testing.T) {
	cases := readCorpus(t)
	data, err := os.ReadFile("testdata/vrl_ledger.json")
	if err != nil {
		t.Fatal(err)
	}
	ledger := map[string]string{}
	if err := json.Unmarshal(data, &ledger); err != nil {
		t.Fatal(err)
	}
	passed := 0
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			row := event(t, string(c.Event))
			got, _ := matches(t, c.Query, row, nil, nil)
			reason, known := ledger[c.Name]
			switch {
			case got == c.Want && known:
				t.Errorf("passes, but is in the ledger: %s", reason)
			case got != c.Want && !known:
				t.Errorf("%s on %s is %v, want %v", c.Query, c.Event, got, c.Want)
			case got == c.Want:
				passed++
			}
			if got, _ := matches(t, c.Query, row, nil, VRL()); got != c.Want {
				t.Errorf("with the VRL switches %s on %s is %v, want %v", c.Query, c.Event, got, c.Want)
			}
			delete(ledger, c.Name)
		})
	}
	for name := range ledger {
		t.Errorf("the ledger names %s, which is not in the corpus", name)
	}
	t.Logf("%d of %d with the documented behaviour, the rest in the ledger", passed, len(cases))
}
