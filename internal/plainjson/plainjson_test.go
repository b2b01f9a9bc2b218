package plainjson_test

import (
	"encoding/json"
	"testing"

	"github.com/onerule/onerule/internal/plainjson"
)

type value struct {
	A string `json:"a"`
	B any    `json:"b"`
}

func TestEncode(t *testing.T) {
	v := value{A: "<&>\u2028", B: []int{1}}
	for want, f := range map[string]func(any) ([]byte, error){
		"{\"a\":\"<&>\\u2028\",\"b\":[1]}\n":                       plainjson.Line,
		"{\n  \"a\": \"<&>\\u2028\",\n  \"b\": [\n    1\n  ]\n}\n": plainjson.Indented,
	} {
		if got, err := f(v); err != nil || string(got) != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
	if got, err := plainjson.Line(func() {}); err == nil {
		t.Errorf("a function is %s", got)
	}
}

func TestStrict(t *testing.T) {
	var v value
	if err := plainjson.Strict([]byte(" {\"a\": \"x\", \"b\": 12345678901234567890}\n"), &v); err != nil || v.A != "x" || v.B != json.Number("12345678901234567890") {
		t.Errorf("%v: %+v", err, v)
	}
	for _, text := range []string{"", "{", `{"c": 1}`, `{"a": 1}`, `{"a": "x"} {}`, `{"a": "x"}}`, `{"a": "x"},`} {
		if err := plainjson.Strict([]byte(text), &v); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}
