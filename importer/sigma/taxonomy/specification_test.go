package taxonomy

import (
	"os"
	"strings"
	"testing"
)

// TestSpecification asks for every log source and every field that Sigma documents (testdata/specification.txt).
func TestSpecification(t *testing.T) {
	data, err := os.ReadFile("testdata/specification.txt")
	if err != nil {
		t.Fatal(err)
	}
	sources, fields := 0, 0
	for line := range strings.Lines(string(data)) {
		name, list, ok := strings.Cut(strings.TrimSpace(line), ":")
		if strings.HasPrefix(line, "#") || !ok {
			continue
		}
		name, refused := strings.CutPrefix(name, "!")
		keys := strings.Split(name, "/")
		for i, k := range keys {
			keys[i] = strings.TrimPrefix(k, "-")
		}
		l := Logsource{Product: keys[0], Category: keys[1], Service: keys[2]}
		sources++
		s, err := Find(l)
		if refused != (err != nil) {
			t.Errorf("%s: %v", l, err)
		}
		if err != nil {
			continue
		}
		for _, f := range strings.Fields(list) {
			fields++
			if _, known := s.Field(f); !known {
				t.Errorf("%s has no field %s", l, f)
			}
		}
	}
	t.Logf("%d log sources, %d fields", sources, fields)
}
