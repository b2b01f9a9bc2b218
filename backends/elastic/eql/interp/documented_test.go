package interp

import "testing"

// TestDocumented holds the examples of the pages "EQL syntax reference" and "EQL function reference" on events of our own.
func TestDocumented(t *testing.T) {
	words := input(table(t, map[string]string{"@timestamp": "date", "f": "keyword"},
		`{"f":"doc"}`, `{"f":"docs"}`, `{"f":"document"}`, `{"f":"DOS"}`, `{"f":"adoc"}`, `{"f":"asciidoc"}`, `{"f":"disc"}`, `{"f":"DOC"}`,
		`{"f":"DOCS"}`, `{"f":"DisC"}`, `{"f":"Value-1"}`, `{"f":"VALUE2"}`, `{}`))
	checkAll(t, words, []check{
		{`f : "doc*"`, "0 1 2 7 8"},
		{`f : "*doc"`, "0 4 5 7"},
		{`f : "d*c"`, "0 6 7 9"},
		{`f like "DOC*"`, "7 8"},
		{`f like "D*C"`, "7 9"},
		{`f : "doc?"`, "1 8"},
		{`f : "?doc"`, "4"},
		{`f : "d?c"`, "0 7"},
		{`f like "DOC?"`, "8"},
		{`f like "D?c"`, ""},
		{`f : ("doc?", "a*", "VALUE-?")`, "1 4 5 8 10"},
		{`f like ("doc", "Value-*", "VAL?")`, "0 10"},
		{`f like~ ("value-*", "value2", "val?")`, "10 11"},
		{`f in ("Value-1", "VALUE2", "VAL3")`, "10 11"},
		{`f in ("value-1", "doc*")`, ""},
		{`f in~ ("value-1", "value2", "val3")`, "10 11"},
		{`f not in ("doc", "docs", "document", "DOS", "adoc", "asciidoc", "disc")`, "7 8 9 10 11 12"},
		{`f not in~ ("value-1", "value2", "DOC")`, "1 2 3 4 5 6 8 9 12"},
		{`f regex "VALUE[^Z].?"`, "11"},
		{`f regex~ "value[^z].?"`, "10 11"},
		{`f regex ("[vV]alue-[0-9]", "VALUE[^2].?", "VAL3")`, "10"},
		{`f regex~ ("value-[0-9]", "value[^2].?", "val3")`, "10"},
		{`?g != null`, ""},
		{`f == null`, "12"},
		{`f > "DO" and f < "DOD"`, "7 8"},
		{`f == """doc"""`, "0"},
		{`f == "d\u{6F}c"`, "0"},
		{`f == "\u{0000006f}"`, ""},
	})
	process := input(table(t, map[string]string{
		"@timestamp": "date", "event.category": "keyword", "process.args_count": "long", "process.parent.args_count": "long",
		"file.path": "keyword", "file.name": "keyword", "file.extension": "keyword", "url.domain": "keyword", "source.address": "ip", "my-field": "keyword", "6f": "keyword", "m`y": "keyword",
	},
		`{"event":{"category":"process"},"process":{"args_count":4,"parent":{"args_count":2}},"file":{"path":"C:\\Windows\\System32\\cmd.exe","name":"regsvr32.exe","extension":".exe"},
			"url":{"domain":"subdomain.example.com"},"source":{"address":"192.168.152.12"},"my-field":"v"}`,
		`{"event":{"category":"process"},"process":{"args_count":3},"6f":"v"}`,
		`{"event":{"category":"6event-category"},"m`+"`"+`y":"v"}`))
	for _, c := range []check{
		{`process where divide(4, process.args_count) == 1`, "0 1"},
		{`process where divide(4.0, process.args_count) == 1`, "0"},
		{`process where ( 4 / process.args_count ) == 1`, "0 1"},
		{`process where ( 4.0 / process.args_count ) == 1`, "0"},
		{`any where add(process.args_count, 0.5) == 4.5`, "0"},
		{`any where add(process.args_count, process.parent.args_count) == 6`, "0"},
		{`any where add(process.args_count, process.parent.args_count) == null`, "1 2"},
		{`any where not add(process.args_count, process.parent.args_count) == 6`, "1 2"},
		{`any where divide(process.args_count, 3.0) > 1.3 and divide(process.args_count, 3.0) < 1.34`, "0"},
		{`any where multiply(process.args_count, 0.5) == 2`, "0"},
		{`any where between(file.path, "System32\\", ".exe") == "cmd"`, "0"},
		{`any where between(file.path, "system32\\", ".exe") == "cmd"`, ""},
		{`any where between~(file.path, "system32\\", ".exe") == "cmd"`, "0"},
		{`any where between(file.path, "\\", "\\", true) == "Windows\\System32"`, "0"},
		{`any where cidrMatch(source.address, "10.0.0.0/8", "192.168.0.0/16")`, "0"},
		{`any where cidrMatch(source.address, "10.0.0.0/8", "10.128.0.0/9")`, ""},
		{`any where concat(file.name, " ", process.args_count) == "regsvr32.exe 4"`, "0"},
		{`any where endsWith("regsvr32.exe", file.extension)`, "0"},
		{`any where endsWith("ntdll.dll", file.name)`, ""},
		{`any where indexOf(url.domain, ".", 10) == 17`, "0"},
		{`any where indexOf(url.domain, "D") == null`, "0 1 2"},
		{`any where indexOf~(url.domain, "D") == 3`, "0"}, // the page says 4 here, and 3 for the same letter above it
		{`any where length(file.name) == 12`, "0"},
		{`any where modulo(process.args_count, 3) == 1`, "0"},
		{`any where stringContains~(file.name, "SVR")`, "0"},
		{`any where substring(file.name, -4) == ".exe"`, "0"},
		{"any where `my-field` == \"v\"", "0"},
		{"any where `6f` == \"v\"", "1"},
		{"any where `m``y` == \"v\"", "2"},
		{`"6event-category" where true`, "2"},
		{`"""6event-category""" where true`, "2"},
		{`process where true`, "0 1"},
	} {
		if got := matches(c.query, process); got != c.want {
			t.Errorf("%s is %q, want %q", c.query, got, c.want)
		}
	}
}
