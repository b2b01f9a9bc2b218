package diag

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	fields := []string{"process.name", "process.parent.name", "process.command_line", "user.name", "user.id", "host.name"}
	words := []string{"contains", "starts_with", "ends_with", "like", "matches", "in", "in_cidr", "where", "when"}
	tests := []struct {
		word       string
		candidates []string
		want       string
	}{
		{"process.nmae", fields, "process.name"},
		{"process.comand_line", fields, "process.command_line"},
		{"Process.Name", fields, "process.name"},
		{"user.nam", fields, "user.name"},
		{"url.full", fields, ""},
		{"startswith", words, "starts_with"},
		{"STARTS-WITH", words, "starts_with"},
		{"contain", words, "contains"},
		{"matchs", words, "matches"},
		{"wehre", words, "where"},
		{"wen", words, "when"},
		{"on", words, ""},
		{"in", words, ""},
		{"", words, ""},
		{"___", words, ""},
		{strings.Repeat("x", 1000), words, ""},
		{"contains", []string{"contains"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.word, func(t *testing.T) {
			got, ok := Nearest(tt.word, tt.candidates)
			if got != tt.want || ok != (tt.want != "") {
				t.Errorf("Nearest(%q) = %q, %v; want %q", tt.word, got, ok, tt.want)
			}
		})
	}
}

func TestNear(t *testing.T) {
	names := []string{"tail", "total", "toTal", "tally", "tail", "rail", "head"}
	for _, tt := range []struct {
		word string
		most int
		want string
	}{
		{"tial", 3, "[tail]"},
		{"Tail", 1, "[tail]"},
		{"tall", 9, "[tail tally]"},
		{"tottal", 9, "[toTal total]"},
		{"tottal", 1, "[toTal]"},
		{"tail", 9, "[rail]"},
		{"te", 9, "[]"},
		{"", 9, "[]"},
		{strings.Repeat("t", 65), 9, "[]"},
		{strings.Repeat("t", 500), 9, "[]"},
	} {
		if got := fmt.Sprint(Near(tt.word, names, tt.most)); got != tt.want {
			t.Errorf("near %q are %s, want %s", tt.word, got, tt.want)
		}
	}
	if names[0] != "tail" {
		t.Error("the candidates are in another order")
	}
}

func TestSuggestion(t *testing.T) {
	if got, want := Suggestion("operator", "contain", []string{"contains"}), "an operator with a similar name exists: `contains`"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Suggestion("field", "zzz", []string{"contains"}); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

// One edit in a word of five letters or more always leads back to the word.
func TestNearestFindsOneEdit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-z]{5,20}`).Draw(t, "word")
		i := rapid.IntRange(0, len(word)-1).Draw(t, "at")
		broken := word[:i] + word[i+1:]
		if rapid.Bool().Draw(t, "insert") {
			broken = word[:i] + "q" + word[i:]
		}
		if broken == word {
			t.Skip("no edit")
		}
		if got, ok := Nearest(broken, []string{word}); !ok || got != word {
			t.Fatalf("Nearest(%q, %q) = %q, %v", broken, word, got, ok)
		}
	})
}

func TestEditDistanceIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := []rune(rapid.StringMatching(`[abc]{0,8}`).Draw(t, "a"))
		b := []rune(rapid.StringMatching(`[abc]{0,8}`).Draw(t, "b"))
		x, y := editDistance(a, b, 100), editDistance(b, a, 100)
		if x != y || (x == 0) != (string(a) == string(b)) {
			t.Fatalf("distance(%q,%q) = %d, reverse %d", string(a), string(b), x, y)
		}
	})
}

// A name that is a whole part of others is answered with them, if they are few.
func TestSuggestionOfParts(t *testing.T) {
	names := []string{"splunk_sysmon", "elastic_sysmon", "sysmonitor_x", "elastic_defend"}
	for word, want := range map[string]string{
		"sysmon":        "names with this part are `splunk_sysmon`, `elastic_sysmon`",
		"Sysmon":        "names with this part are `splunk_sysmon`, `elastic_sysmon`",
		"splunk_sysmn":  "a binding with a similar name exists: `splunk_sysmon`",
		"sysm":          "",
		"":              "",
		"elastic_defen": "a binding with a similar name exists: `elastic_defend`",
	} {
		if got := Suggestion("binding", word, names); got != want {
			t.Errorf("%q: %q", word, got)
		}
	}
	many := make([]string, 20)
	for i := range many {
		many[i] = "splunk_" + strings.Repeat("x", i+1)
	}
	if got := Suggestion("binding", "splunk", many); strings.Contains(got, "part") {
		t.Error(got)
	}
}
