package schema

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// corpusEvents reads the events of the files that match a pattern of the shared corpora, and skips the test when there are none.
func corpusEvents(t *testing.T, pattern string) []map[string]any {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "shared", "corpora", pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("no corpus %s beside the module", pattern)
	}
	var out []map[string]any
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var r io.Reader = bytes.NewReader(data)
		if strings.HasSuffix(file, ".gz") {
			if r, err = gzip.NewReader(r); err != nil {
				t.Fatal(err)
			}
		}
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 1<<24)
		for lines.Scan() {
			if e := decodeObject(lines.Text()); e != nil {
				out = append(out, e)
			}
		}
	}
	return out
}

func decodeObject(text string) map[string]any {
	var e map[string]any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if dec.Decode(&e) != nil {
		return nil
	}
	return e
}

// roundTrips counts, by class, the events that the bindings select, and checks that they (400 of a class) come back from their canonical form
// as the same canonical event. Events whose canonical form the telemetry cannot write again must be few: at most slack of them.
func roundTrips(t *testing.T, events []map[string]any, slack int, names ...string) map[string]int {
	t.Helper()
	counts := map[string]int{}
	bad := 0
	for _, name := range names {
		b, ok, err := LookupBinding(name)
		if !ok {
			t.Fatal(err)
		}
		for _, native := range events {
			e, ok := b.ToCanonical("x", native)
			if !ok {
				continue
			}
			counts[e.Class]++
			if counts[e.Class] > 400 {
				continue // enough of a kind
			}
			back, err := b.ToNative(e)
			if err == nil {
				again, _ := b.ToCanonical("x", reJSON(t, back))
				if again.Class == e.Class && reflect.DeepEqual(reJSON(t, again.Object), reJSON(t, e.Object)) {
					continue
				}
				t.Logf("%s: %s: round trip\n from %s\n back %s", name, e.Class, mustJSON(t, e.Object), mustJSON(t, again.Object))
			} else {
				t.Logf("%s: %s: %v", name, e.Class, err)
			}
			bad++
		}
	}
	if bad > slack {
		t.Errorf("%d events do not come back the same, at most %d are known to", bad, slack)
	}
	return counts
}

// TestWindowsCorpora converts real Windows events, in both directions.
func TestWindowsCorpora(t *testing.T) {
	counts := roundTrips(t, corpusEvents(t, "events/*.ndjson.gz"), 0, "raw_sysmon", "raw_security", "raw_powershell")
	t.Log(counts)
	for class, least := range map[string]int{"process.start": 90, "image.load": 2500, "registry.change": 1900, "iam.login": 50, "iam.user.create": 1, "iam.group.member_add": 1, "powershell.module": 480, "process.access": 4000, "network.connection": 100} {
		if counts[class] < least {
			t.Errorf("%d events of class %s, there are at least %d", counts[class], class, least)
		}
	}
}

// TestEvtxCorpora converts the events that come with Sigma rules.
func TestEvtxCorpora(t *testing.T) {
	root := filepath.Join("..", "..", "shared", "corpora", "sigma", "regression_data")
	var events []map[string]any
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		data, err := os.ReadFile(path)
		if e := decodeObject(string(data)); e != nil {
			events = append(events, e)
		}
		return err
	})
	if err != nil {
		t.Skipf("no corpus beside the module: %v", err)
	}
	counts := roundTrips(t, events, 0, "raw_sysmon_evtx", "raw_security_evtx", "raw_system_evtx", "raw_powershell_evtx")
	t.Log(len(events), counts)
	if counts["process.start"] < 50 {
		t.Errorf("%d process starts of %d events", counts["process.start"], len(events))
	}
}

// TestCloudCorpora converts real events of identity providers and clouds, in both directions.
func TestCloudCorpora(t *testing.T) {
	for _, c := range []struct {
		file, binding string
		slack         int
		least         map[string]int
	}{
		{"auth0_events", "raw_auth0", 0, map[string]int{"api.call": 30, "iam.mfa.change": 3, "iam.signup": 3}},
		{"okta_systemlog", "raw_okta", 0, map[string]int{"iam.login": 4, "iam.role.assign": 2, "iam.key.create": 1}},
		{"aws_cloudtrail", "raw_cloudtrail", 0, map[string]int{"api.call": 300, "iam.login": 10, "iam.user.create": 5, "iam.role.assign": 8}},
		{"azure_audit", "raw_entra", 0, map[string]int{"iam.login": 10, "iam.user.invite": 3, "iam.role.assign": 1}},
		{"amazon_eks_audit", "raw_kubernetes", 0, map[string]int{"api.call": 60, "iam.role.assign": 1, "iam.key.create": 5}},
	} {
		t.Run(c.binding, func(t *testing.T) {
			var events []map[string]any
			for _, e := range corpusEvents(t, "events/vendor/"+c.file+".ndjson") {
				if native, ok := e["event"].(map[string]any); ok {
					events = append(events, native)
				}
			}
			counts := roundTrips(t, events, c.slack, c.binding)
			t.Log(len(events), counts)
			for class, least := range c.least {
				if counts[class] < least {
					t.Errorf("%d events of class %s, there are at least %d", counts[class], class, least)
				}
			}
		})
	}
}
