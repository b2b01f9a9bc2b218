package interp

import (
	"slices"
	"testing"
	"time"

	"github.com/onerule/onerule/backends/native"
)

// TestDocumented holds the examples of the page "Kibana Query Language" on documents of our own: the numbers of those that
// each finds.
func TestDocumented(t *testing.T) {
	types := map[string]string{
		"@timestamp": "date", "http.request.method": "keyword", "http.request.referrer": "keyword", "http.request.body.content": "text",
		"http.response.bytes": "long", "http.response.status_code": "long", "code": "keyword", "datastream.type": "keyword", "datastream.dataset": "keyword",
		"user": "nested", "user.first": "keyword", "user.last": "keyword", "deep": "nested", "deep.names": "nested", "deep.names.first": "keyword", "deep.names.last": "keyword",
	}
	docs := []string{
		`{"@timestamp":"2024-03-31T11:00:00Z","http":{"request":{"method":"GET","referrer":"https://example.com","body":{"content":"a null pointer exception"}},
			"response":{"bytes":9999,"status_code":200}},"code":"404","user":[{"first":"John","last":"Smith"},{"first":"Alice","last":"White"}]}`,
		`{"@timestamp":"2024-03-10T00:00:00Z","http":{"request":{"method":"POST","body":{"content":"the pointer is null, Hello"}},"response":{"bytes":10000,"status_code":400}},
			"code":"400","datastream":{"type":"logs"},"user":[{"first":"Alice","last":"Smith"}]}`,
		`{"@timestamp":"2024-03-17T12:00:00Z","http":{"request":{"method":"DELETE"},"response":{"bytes":20000,"status_code":404}},"code":"1404","datastream":{"dataset":"logs"},
			"deep":[{"names":[{"first":"John","last":"Smith"},{"first":"Alice","last":"White"}]}]}`,
		`{"@timestamp":"2024-03-17T11:59:59.999Z","http":{"request":{"method":""}},"code":"get","deep":[{"names":[{"first":"Alice"}]},{"names":[{"last":"White"}]}]}`,
		`{"@timestamp":"2024-03-31T11:00:00Z","http":{"request":{"method":"get"},"response":{"bytes":20001}}}`,
		`{"@timestamp":"2024-03-31T11:00:00Z"}`,
	}
	in := native.Input{Now: time.Date(2024, 3, 31, 12, 0, 0, 0, time.UTC), Tables: []native.Table{{Name: "t", Types: types}}}
	for _, d := range docs {
		in.Tables[0].Rows = append(in.Tables[0].Rows, decode(t, d))
	}
	for _, c := range []struct {
		query string
		want  []int
	}{
		{`http.request.method: *`, []int{0, 1, 2, 3, 4}},
		{`http.request.method: GET`, []int{0}},
		{`http.request.method: get`, []int{4}},
		{`Hello`, []int{1}},
		{`http.request.body.content: null pointer`, []int{0, 1}},
		{`http.request.body.content: "null pointer"`, []int{0}},
		{`http.request.body.content: "pointer null"`, nil},
		{`http.request.body.content: NULL`, []int{0, 1}},
		{`http.request.referrer: "https://example.com"`, []int{0}},
		{`http.request.referrer: https\://example.com`, []int{0}},
		{`http.response.bytes < 10000`, []int{0}},
		{`http.response.bytes > 10000 and http.response.bytes <= 20000`, []int{2}},
		{`@timestamp < now-2w`, []int{1, 3}},
		{`@timestamp >= now-2w/d`, []int{0, 2, 3, 4, 5}},
		{`code: 4*`, []int{0, 1}},
		{`code: *4*`, []int{0, 1, 2}},
		{`NOT http.request.method: GET`, []int{1, 2, 3, 4, 5}},
		{`not code: 4*`, []int{2, 3, 4, 5}},
		{`http.request.method: GET OR http.response.status_code: 400`, []int{0, 1}},
		{`http.request.method: GET AND http.response.status_code: 400`, nil},
		{"(http.request.method: GET AND http.response.status_code: 200) OR\n(http.request.method: POST AND http.response.status_code: 400)", []int{0, 1}},
		{`http.request.method: (GET OR POST OR DELETE)`, []int{0, 1, 2}},
		{`http.request.method: (GET or POST) and not http.response.status_code: 200`, []int{1}},
		{`http.request.method: GET or http.request.method: POST and http.response.status_code: 404`, []int{0}},
		{`datastream.*: logs`, []int{1, 2}},
		{`datastream.*: *`, []int{1, 2}},
		{`user:{ first: "Alice" and last: "White" }`, []int{0}},
		{`user:{ first: "Alice" } and user:{ last: "Smith" }`, []int{0, 1}},
		{`user:{ first: "John" or last: "White" }`, []int{0}},
		{`not user:{ first: "Alice" }`, []int{2, 3, 4, 5}},
		{`deep.names:{ first: "Alice" and last: "White" }`, []int{2}},
		{`deep:{ names:{ first: "Alice" and last: "White" } }`, []int{2}},
		{`deep:{ names:{ first: "Alice" } and names:{ last: "White" } }`, []int{2}},
		{`deep.names:{ first: "Alice" } and deep.names:{ last: "White" }`, []int{2, 3}},
	} {
		out, ds := runQuery(t, c.query, in)
		if ds.HasErrors() {
			t.Errorf("%s: %v", c.query, ds)
			continue
		}
		var got []int
		for _, m := range out.Matches {
			got = append(got, m.Row)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s finds %v, want %v", c.query, got, c.want)
		}
	}
}
