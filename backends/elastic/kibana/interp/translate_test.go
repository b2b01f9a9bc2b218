package interp

import (
	"testing"

	"github.com/onerule/onerule/backends/elastic/kibana/syntax"
	"github.com/onerule/onerule/backends/elastic/lucene/dsl"
	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/backends/native"
)

func TestTranslate(t *testing.T) {
	const one = `"minimum_should_match":1,"should":[`
	is := func(leaf string) string { return `{"bool":{` + one + leaf + `]}}` }
	tests := []struct{ query, want string }{
		{`f:"v"`, is(`{"term":{"f":{"value":"v"}}}`)},
		{`f:v`, is(`{"term":{"f":{"value":"v"}}}`)},
		{`w:"v"`, is(`{"match_phrase":{"w":"v"}}`)},
		{`w:v`, is(`{"match":{"w":"v"}}`)},
		{`zz:"v"`, is(`{"match_phrase":{"zz":"v"}}`)},
		{`f:a*b`, is(`{"wildcard":{"f":{"value":"a*b"}}}`)},
		{`f:*\\x\*?*`, is(`{"wildcard":{"f":{"value":"*\\\\x\\*\\?*"}}}`)},
		{`w:*a b*`, is(`{"query_string":{"fields":["w"],"query":"*a b*"}}`)},
		{`f:*`, is(`{"exists":{"field":"f"}}`)},
		{`d:"2024-01"`, is(`{"range":{"d":{"gte":"2024-01","lte":"2024-01","time_zone":"Zulu"}}}`)},
		{`d:1704067200000`, is(`{"range":{"d":{"gte":"1704067200000","lte":"1704067200000"}}}`)},
		{`d > now-1d`, is(`{"range":{"d":{"gt":"now-1d","time_zone":"Zulu"}}}`)},
		{`n >= 5`, is(`{"range":{"n":{"gte":"5"}}}`)},
		{`b:true`, is(`{"match":{"b":true}}`)},
		{`n:5`, is(`{"match":{"n":"5"}}`)},
		{`*:*`, `{"match_all":{}}`},
		{`x and y`, `{"bool":{"filter":[{"multi_match":{"lenient":true,"query":"x","type":"best_fields"}},{"multi_match":{"lenient":true,"query":"y","type":"best_fields"}}]}}`},
		{`"x y"`, `{"multi_match":{"lenient":true,"query":"x y","type":"phrase"}}`},
		{`x*`, `{"query_string":{"query":"x*"}}`},
		{`not f:v`, `{"bool":{"must_not":[` + is(`{"term":{"f":{"value":"v"}}}`) + `]}}`},
		{`f:(a or not b)`, `{"bool":{` + one + is(`{"term":{"f":{"value":"a"}}}`) + `,{"bool":{"must_not":[` + is(`{"term":{"f":{"value":"b"}}}`) + `]}}]}}`},
		{`o:{ a:"x" }`, `{"nested":{"path":"o","query":` + is(`{"term":{"o.a":{"value":"x"}}}`) + `,"score_mode":"none"}}`},
		{`o.*:"x"`, is(`{"nested":{"path":"o","query":{"term":{"o.a":{"value":"x"}}},"score_mode":"none"}},` +
			`{"nested":{"path":"o","query":{"term":{"o.b":{"value":"x"}}},"score_mode":"none"}},` +
			`{"nested":{"path":"o.in","query":{"term":{"o.in.z":{"value":"x"}}},"score_mode":"none"}}`)},
		{`zz*:"x"`, is(`{"match_phrase":{"zz*":"x"}}`)},
	}
	view, err := mapping.NewView([]native.Table{{Name: "t", Types: testTypes}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		n, diags := syntax.Parse("q", tt.query)
		if diags.HasErrors() {
			t.Fatalf("%s: %v", tt.query, diags)
		}
		q, faults := Translate(n, view, Options{})
		if len(faults) > 0 {
			t.Errorf("%s: %v", tt.query, faults)
			continue
		}
		if got, err := dsl.JSON(q); err != nil || string(got) != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.query, got, tt.want)
		}
	}
}
