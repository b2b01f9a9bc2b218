package conf

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func sample() *SavedSearch {
	return &SavedSearch{
		Name: "OneRule - A - Rule", Search: `index=a x="1 | 2" [search b | return c] | where y>` + "`m`", Description: "What it is.",
		Cron: "*/5 * * * *", Earliest: "-10m@m", Latest: "now", Severity: 4, Label: "A",
		Suppress:    &Suppress{Fields: []string{"src", "user"}, Period: "1h"},
		Annotations: Annotations{MitreAttack: []string{"T1110"}, References: []string{"https://example.com/?a=1&b=<2>"}},
		Metadata:    Metadata{ID: "x", Version: "1"},
		Notable:     Notable{Title: "A", Domain: "access", Severity: "low", NextSteps: &NextSteps{1, "a\nb"}},
		Risk:        &Risk{Message: "A", Objects: []RiskObject{{Field: "src", Type: "other", Score: 3}, {ThreatField: "p", ThreatType: "process"}}},
		Macros:      []Macro{{"m", "3", "limit"}, {"n", "(-4)", ""}},
	}
}

func TestRoundTrip(t *testing.T) {
	s := sample()
	data, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(data)
	if err != nil || !reflect.DeepEqual(back, s) {
		t.Fatalf("%v\n%+v\n%+v\n%s", err, back, s, data)
	}
	if want := "search = index=a x=\"1 | 2\" [search b | return c] \\\n| where y>`m`\n"; !strings.Contains(string(data), want) {
		t.Errorf("the commands do not stand on lines of their own:\n%s", data)
	}
}

// TestStrict checks that what Encode does not write is not read.
func TestStrict(t *testing.T) {
	data, _ := sample().Encode()
	for _, tc := range []struct{ from, to, want string }{
		{"disabled = 0", "disabled = 0\nfoo = 1", "unknown setting foo"},
		{"disabled = 0", "disabled = perhaps", "is not 0 or 1"},
		{"disabled = 0\n", "", "disabled is missing"},
		{"disabled = 0", "disabled = 0\ndisabled = 1", "stands twice"},
		{"realtime_schedule = 0", "realtime_schedule = 1", `"1" is not 0`},
		{`"mitre_attack"`, `"mitre"`, "unknown field"},
		{"alert.suppress = 1", "alert.suppress = 0", "does not stand before it"},
		{"action.risk = 1\n", "", "does not stand before it"},
		{"iseval = 0\ndesc", "iseval = 1\ndesc", "iseval = 0"},
		{"definition = 3", "definition = 3\nargs = a", "unknown setting args"},
		{"[m]", "[n]", "two stanzas [n]"},
		{"[m]", "[m", "does not end in ]"},
		{"disabled = 0", "disabled", "is no setting"},
		{"# default/macros.conf", "[other]\nsearch = a\n# default/macros.conf", "2 saved searches"},
		{"search = index=a", "# search", "is no setting"},
	} {
		text := strings.Replace(string(data), tc.from, tc.to, 1)
		if text == string(data) {
			t.Fatalf("%q is not in the document", tc.from)
		}
		if _, err := Decode([]byte(text)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: %v, expected %q", tc.to, err, tc.want)
		}
	}
}

// TestNotWritten checks that values which a .conf file cannot hold are faults, not changed.
func TestNotWritten(t *testing.T) {
	for _, change := range []func(*SavedSearch){
		func(s *SavedSearch) { s.Name = "a]b" },
		func(s *SavedSearch) { s.Name = "" },
		func(s *SavedSearch) { s.Search = "" },
		func(s *SavedSearch) { s.Search = "a \n| b" },
		func(s *SavedSearch) { s.Description = `ends in \` },
		func(s *SavedSearch) { s.Description = " blank" },
		func(s *SavedSearch) { s.Label = "a\rb" },
		func(s *SavedSearch) { s.Macros[0].Definition = "" },
	} {
		s := sample()
		change(s)
		if data, err := s.Encode(); err == nil {
			t.Errorf("written:\n%s", data)
		}
	}
}

// TestTexts draws texts, and reads back what was written.
func TestTexts(t *testing.T) {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("ab |=\"\\[]#\n`%é")), 1, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		s := sample()
		s.Search, s.Description, s.Notable.Title = text.Draw(t, "search"), text.Draw(t, "description"), text.Draw(t, "title")
		s.Notable.NextSteps.Data = text.Draw(t, "steps")
		data, err := s.Encode()
		if err != nil {
			t.Skip()
		}
		if back, err := Decode(data); err != nil || !reflect.DeepEqual(back, s) {
			t.Fatalf("%v\n%+v\n%+v\n%s", err, back, s, data)
		}
	})
}

// FuzzDecode checks that no bytes break the reader, and that what it reads is written again.
func FuzzDecode(f *testing.F) {
	data, _ := sample().Encode()
	f.Add(data)
	f.Add([]byte("[a]\nsearch = \\"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Decode(data)
		if err != nil {
			return
		}
		if again, err := s.Encode(); err == nil {
			if _, err := Decode(again); err != nil {
				t.Fatalf("%v\n%s", err, again)
			}
		}
	})
}
