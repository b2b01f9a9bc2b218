package taxonomy

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestCorpus asks for the log source and the fields of each public rule: each log source has a place or is refused with its
// reason, and each field has a name or stands in testdata/unknown.txt.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("../../../../shared/corpora/sigma/rules*")
	if err != nil || len(files) == 0 {
		t.Skip("no corpus beside the module")
	}
	refused, unknown := map[string]int{}, map[string]int{}
	rules, mapped, whole := 0, 0, 0
	for _, dir := range files {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".yml" {
				return err
			}
			rules++
			r := readRule(t, path)
			s, err := Find(r.logsource)
			var u *Unmapped
			if errors.As(err, &u) {
				if len(u.Missing) < 20 {
					t.Errorf("%s: %s: no reason: %q", path, r.logsource, u.Missing)
				}
				refused[r.logsource.String()+": "+u.Missing]++
				return nil
			}
			mapped++
			ok := true
			for f := range r.fields {
				if _, known := s.Field(f); !known {
					ok = false
					unknown[r.logsource.String()+" "+f]++
				}
			}
			if ok {
				whole++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d rules, %d with a log source that has a place, %d of these with all fields", rules, mapped, whole)
	for _, why := range slices.Sorted(maps.Keys(refused)) {
		t.Logf("refused %d: %s", refused[why], why)
	}
	known := ledger(t, "testdata/unknown.txt")
	for _, f := range slices.Sorted(maps.Keys(unknown)) {
		if !known[f] {
			t.Errorf("no name for %s (%d rules)", f, unknown[f])
		}
	}
	if mapped*100 < rules*97 {
		t.Errorf("only %d of %d log sources have a place", mapped, rules)
	}
}

func ledger(t *testing.T, name string) map[string]bool {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			known[line] = true
		}
	}
	return known
}

type corpusRule struct {
	logsource Logsource
	fields    map[string]bool
}

func readRule(t *testing.T, path string) corpusRule {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var y struct {
		Logsource struct{ Product, Category, Service string }
		Detection map[string]yaml.Node
	}
	if err := yaml.Unmarshal(data, &y); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	r := corpusRule{Logsource(y.Logsource), map[string]bool{}}
	for name, n := range y.Detection {
		if name != "condition" && name != "timeframe" {
			collectFields(&n, r.fields)
		}
	}
	return r
}

func collectFields(n *yaml.Node, out map[string]bool) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if name, _, _ := strings.Cut(n.Content[i].Value, "|"); name != "" {
				out[name] = true
			}
		}
	case yaml.SequenceNode, yaml.DocumentNode:
		for _, c := range n.Content {
			collectFields(c, out)
		}
	case yaml.ScalarNode, yaml.AliasNode: // no names
	}
}
