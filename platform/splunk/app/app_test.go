package app

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/platform/splunk/conf"
)

func search(name, text string, macros ...conf.Macro) *conf.SavedSearch {
	return &conf.SavedSearch{
		Name: name, Search: text, Cron: "*/5 * * * *", Earliest: "-5m@m", Latest: "now", Severity: 4, Label: "label", Macros: macros,
		Notable: conf.Notable{Title: "t", Description: "d", Domain: "threat", Severity: "low"},
	}
}

func sample() *App {
	return &App{ID: "soc", Version: "1.2.3", Label: "SOC rules", Author: "SOC", Description: "Rules", Readme: []byte("# SOC\n"), Searches: []*conf.SavedSearch{
		search("a", "`m` x=1 | stats count", conf.Macro{Name: "m", Definition: "index=a"}),
		search("b", "`m` `n`", conf.Macro{Name: "m", Definition: "index=a"}, conf.Macro{Name: "n", Definition: `y="\\"`, Description: "d"}),
	}}
}

// TestArchive: what is read is what was written, and the same app gives the same bytes.
func TestArchive(t *testing.T) {
	data, err := sample().Archive()
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := sample().Archive(); !bytes.Equal(data, again) {
		t.Error("two archives of one app differ")
	}
	got, err := Read(data)
	if err != nil || !reflect.DeepEqual(got, sample()) {
		t.Fatalf("%v\n%+v", err, got)
	}
	files, _ := sample().Files()
	var names []string
	for _, f := range files {
		names = append(names, f.Path)
	}
	if want := []string{"README.md", "app.manifest", "default/app.conf", "default/macros.conf", "default/savedsearches.conf", "metadata/default.meta"}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

// TestCheck: what app.conf does not take is said.
func TestCheck(t *testing.T) {
	for _, tc := range []struct {
		change func(a *App)
		want   string
	}{
		{func(a *App) { a.ID = "a b" }, "no id"},
		{func(a *App) { a.ID = "a." }, "no id"},
		{func(a *App) { a.ID = "Com1" }, "no id"},
		{func(a *App) { a.ID = "../a" }, "no id"},
		{func(a *App) { a.Version = "1.0" }, "no version"},
		{func(a *App) { a.Version = "01.0.0" }, "no version"},
		{func(a *App) { a.Label = "abcd" }, "5 to 80"},
		{func(a *App) { a.Label = strings.Repeat("é", 81) }, "5 to 80"},
		{func(a *App) { a.Label = "splunk things" }, "begin with Splunk"},
		{func(a *App) { a.Description = strings.Repeat("x", 201) }, "200"},
		{func(a *App) { a.Author = "a\\" }, "backslash"},
		{func(a *App) { a.Searches[1].Name = "A" }, "two saved searches"},
		{func(a *App) { a.Searches[1].Macros[0].Definition = "index=b" }, "two definitions"},
	} {
		a := sample()
		tc.change(a)
		if _, err := a.Archive(); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v, expected %q", err, tc.want)
		}
	}
	for version, want := range map[string]string{"0.0.0": "1", "0.0.1": "1", "1.2.3": "1002003", "1.2.3-rc.1": "1002003", "12.1000.5": "12999005"} {
		if got := (&App{Version: version}).build(); got != want {
			t.Errorf("build of %s is %s, expected %s", version, got, want)
		}
	}
}

// TestTexts draws searches and macros: they come out of the archive as they went in, or are refused.
func TestTexts(t *testing.T) {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("ab |=\"\\[]#;\n$%`'é\t\x00")), 1, 20, -1)
	kept := 0
	rapid.Check(t, func(t *rapid.T) {
		a := sample()
		a.Searches[0].Search, a.Searches[0].Name, a.Searches[1].Macros[1].Definition = "`m` "+text.Draw(t, "search"), text.Draw(t, "name"), text.Draw(t, "definition")
		a.Searches[1].Notable.DrillDowns = []conf.DrillDown{{Name: "n", Search: text.Draw(t, "drill-down")}}
		if strings.Contains(a.Searches[0].Search, "`n`") {
			t.Skip("calls the other macro")
		}
		data, err := a.Archive()
		if err != nil {
			t.Skip(err)
		}
		got, err := Read(data)
		if err != nil || !reflect.DeepEqual(got, a) {
			t.Fatalf("%v\n%+v\n%+v", err, got.Searches[0], a.Searches[0])
		}
		kept++
	})
	if kept == 0 {
		t.Error("all texts were refused")
	}
}

// FuzzRead checks that no bytes break the reader.
func FuzzRead(f *testing.F) {
	data, _ := sample().Archive()
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		if a, err := Read(data); err == nil && a == nil {
			t.Error("neither an app nor an error")
		}
	})
}
