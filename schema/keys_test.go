package schema

import (
	"fmt"
	"strings"
	"testing"
)

func TestRepeatedKey(t *testing.T) {
	var many strings.Builder
	for i := range 100 {
		fmt.Fprintf(&many, `"k%d": {"k%d": 1}, `, i, i)
	}
	for _, tt := range []struct {
		text, key string
		offset    int
	}{
		{`{"a": 1, "b": 2}`, "", 0},
		{`{"a": 1, "a": 2}`, "a", 9},
		{`{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}, "a", "a"]}`, "", 0},
		{`{"x": {"a": "a", "b": {"c": 1}, "a" : null}}`, "a", 32},
		{`{"a": "\"b\": 1", "b": 2}`, "", 0},
		{`{"\u0061": 1, "a": 2}`, "a", 14},
		{`{"": 1, "": 2}`, "", 8},
		{`{"a": 1} {"a": 2}`, "", 0},
		{`{` + many.String() + `"z": 1}`, "", 0},
		{`{` + many.String() + `"k7": 1}`, "k7", 1 + many.Len()},
		{`"a": }}]["`, "", 0},
		{`{"a\`, "", 0},
	} {
		key, offset, found := RepeatedKey([]byte(tt.text))
		if key != tt.key || offset != tt.offset || found != (tt.offset > 0) {
			t.Errorf("%.60s: %q at %d, %v", tt.text, key, offset, found)
		}
	}
}

func BenchmarkRepeatedKey(b *testing.B) {
	line := []byte(`{"@timestamp": "2026-01-05T10:00:00Z", "process": {"name": "net.exe", "args": ["net", "user", "eve", "/add"], "parent": {"name": "cmd.exe"}}, "host": {"name": "ws1", "os": {"type": "windows"}}, "user": {"name": "amira", "domain": "CORP"}}`)
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		RepeatedKey(line)
	}
}
