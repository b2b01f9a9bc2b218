package inspect

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/internal/corpora"
)

// member is one file of an archive; a name that ends in a slash is a folder.
type member struct {
	name string
	data string
	mode int64
	kind byte
}

func archive(t testing.TB, members []member) []byte {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	w := tar.NewWriter(zip)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Mode: m.mode, Typeflag: m.kind, Size: int64(len(m.data))}
		if m.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if strings.HasSuffix(m.name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if h.Typeflag == tar.TypeSymlink {
			h.Linkname, h.Size, m.data = "/etc/passwd", 0, ""
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(m.data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	appConf = "# The app of this test, of one search.\n[package]\nid = soc\ncheck_for_updates = 0\n[id]\nname = soc\nversion = 1.0.0\n[install]\nbuild = 1\n" +
		"[launcher]\nauthor = a\ndescription = d\nversion = 1.0.0\n[ui]\nlabel = SOC rules\n"
	metaConf   = "[]\naccess = read : [ * ], write : [ admin, sc_admin ]\nexport = system\n"
	macrosConf = "[m]\ndefinition = index=a\niseval = 0\n"
	savedConf  = "[one]\nsearch = `m` a=1 \\\n| stats count\ndisabled = 0\nenableSched = 1\ncron_schedule = */5 * * * *\ndispatch.earliest_time = -5m@m\ndispatch.latest_time = now\n" +
		"alert.suppress = 1\nalert.suppress.fields = a\nalert.suppress.period = 1h\nalert.digest_mode = 1\n" +
		"action.correlationsearch.label = One\naction.correlationsearch.annotations = {\"mitre_attack\":[\"T1110\"]}\n" +
		"action.notable = 1\naction.notable.param.rule_title = One\naction.notable.param.rule_description = Two\n" +
		"action.notable.param.drilldown_searches = [{\"name\":\"n\",\"search\":\"`m` a=\\\"$a$\\\"\",\"earliest_offset\":\"$info_min_time$\",\"latest_offset\":\"now\"}]\n" +
		"action.risk = 1\naction.risk.param._risk_message = m\naction.risk.param._risk = [{\"risk_object_field\":\"a\",\"risk_object_type\":\"user\",\"risk_score\":5}]\n"
	manifestFile = `{"schemaVersion":"1.0.0","info":{"title":"SOC rules","id":{"group":null,"name":"soc","version":"1.0.0"}}}`
)

func good() []member {
	return []member{
		{name: "soc/", mode: 0o755},
		{name: "soc/default/", mode: 0o755},
		{name: "soc/default/app.conf", data: appConf, mode: 0o644},
		{name: "soc/default/macros.conf", data: macrosConf, mode: 0o644},
		{name: "soc/default/savedsearches.conf", data: savedConf, mode: 0o644},
		{name: "soc/metadata/default.meta", data: metaConf, mode: 0o644},
		{name: "soc/app.manifest", data: manifestFile, mode: 0o644},
		{name: "soc/README.md", data: "# SOC\n", mode: 0o644},
		{name: "soc/lookups/a.csv", data: "a,b\n1,2\n", mode: 0o644},
	}
}

// TestGood: an app that is right has no fault.
func TestGood(t *testing.T) {
	for _, f := range Archive(archive(t, good())) {
		t.Error(f)
	}
}

// TestFaults: each thing that Splunk would not take is seen, and named.
func TestFaults(t *testing.T) {
	const app, saved, macros = "soc/default/app.conf", "soc/default/savedsearches.conf", "soc/default/macros.conf"
	add := func(m member) func([]member) []member { return func(ms []member) []member { return append(ms, m) } }
	change := func(name, from, to string) func([]member) []member {
		return func(ms []member) []member {
			i := slices.IndexFunc(ms, func(m member) bool { return m.name == name })
			if !strings.Contains(ms[i].data, from) {
				t.Fatalf("%s has no %q", name, from)
			}
			ms[i].data = strings.Replace(ms[i].data, from, to, 1)
			return ms
		}
	}
	for _, tc := range []struct {
		check string
		edit  func([]member) []member
	}{
		{"local", add(member{name: "soc/local/app.conf", mode: 0o644})},
		{"local", add(member{name: "soc/metadata/local.meta", mode: 0o644})},
		{"hidden", add(member{name: "soc/.git", mode: 0o644})},
		{"hidden", add(member{name: "soc/__MACOSX/a", mode: 0o644})},
		{"hidden", add(member{name: "soc/default/._app.conf", mode: 0o644})},
		{"one-folder", add(member{name: "other/a", mode: 0o644})},
		{"one-folder", add(member{name: "a", mode: 0o644})},
		{"name", add(member{name: "soc/../a", mode: 0o644})},
		{"name", add(member{name: "soc/readme.md", mode: 0o644})},
		{"nested", add(member{name: "soc/a.tar.gz", mode: 0o644})},
		{"executable", add(member{name: "soc/bin/a.py", mode: 0o644})},
		{"permissions", add(member{name: "soc/a.txt", mode: 0o755})},
		{"permissions", add(member{name: "soc/a/", mode: 0o777})},
		{"links", add(member{name: "soc/a", mode: 0o644, kind: tar.TypeSymlink})},
		{"lookup", add(member{name: "soc/lookups/b.csv", data: "a,b\n1\n", mode: 0o644})},
		{"lookup", add(member{name: "soc/lookups/b.txt", mode: 0o644})},
		{"app.conf", func(ms []member) []member {
			return slices.DeleteFunc(ms, func(m member) bool { return m.name == app })
		}},
		{"meta", func(ms []member) []member {
			return slices.DeleteFunc(ms, func(m member) bool { return m.name == "soc/metadata/default.meta" })
		}},
		{"id", change(app, "id = soc", "id = other")},
		{"version", change(app, "version = 1.0.0", "version = 1.0")},
		{"version", change(app, "version = 1.0.0", "version = 1.0.1")},
		{"updates", change(app, "check_for_updates = 0", "check_for_updates = 1")},
		{"label", change(app, "SOC rules", "SOC")},
		{"label", change(app, "SOC rules", "Splunk rules")},
		{"description", change(app, "description = d", "description = "+strings.Repeat("d", 201))},
		{"app.conf", change(app, "build = 1", "build = 0")},
		{"app.conf", change(app, "author = a\n", "")},
		{"triggers", change(app, "[ui]", "[triggers]\nreload.savedsearches = simple\n[ui]")},
		{"manifest", change("soc/app.manifest", `"name":"soc"`, `"name":"sos"`)},
		{"manifest", change("soc/app.manifest", `"version":"1.0.0"`, `"version":"1.0.1"`)},
		{"manifest", change("soc/app.manifest", `{`, ``)},
		{"meta", change("soc/metadata/default.meta", ", sc_admin", "")},
		{"meta", change("soc/metadata/default.meta", "admin, sc_admin", "*, sc_admin")},
		{"meta", change("soc/metadata/default.meta", "export = system", "export = none")},
		{"macro", change(macros, "[m]", "[m n]")},
		{"macro", change(macros, "[m]", "[n]")},
		{"empty", change(macros, "index=a", "")},
		{"all-indexes", change(macros, "index=a", "index=*")},
		{"setting", change(macros, "iseval", "isevil")},
		{"all-indexes", change(saved, "a=1", "index = \"*\" a=1")},
		{"all-indexes", change(saved, "a=1", "index IN (*) a=1")},
		{"search", change(saved, "a=1", "(a=1")},
		{"search", change(saved, "a=1", `a="1`)},
		{"command", change(saved, "stats count", "delete")},
		{"syntax", change(saved, "a=1 \\\n", "a=1 \\ \n")},
		{"syntax", change(saved, "a=1 \\\n", "a=1 \\\n\n")},
		{"syntax", change(saved, "a=1 \\\n", "a=1 \n")},
		{"syntax", change(saved, "[one]", "[o]ne]")},
		{"syntax", change(saved, "[one]", "[one")},
		{"syntax", change(saved, "\"risk_score\":5}]\n", "\"risk_score\":5}]\\\n")},
		{"syntax", change(saved, "\"risk_score\":5}]\n", "\"risk_score\":5}]")},
		{"characters", change(saved, "a=1", "a=\x00")},
		{"characters", change(saved, "a=1", "a=1\r")},
		{"utf-8", change(saved, "a=1", "a=\xff")},
		{"utf-8", change(saved, "[one]", "\ufeff[one]")},
		{"twice", change(saved, "disabled = 0", "disabled = 0\ndisabled = 1")},
		{"twice", change(saved, "[one]", "[one]\nsearch = a\n[one]")},
		{"twice", change(saved, "[one]", "[ONE]\nsearch = a\n[one]")},
		{"default", change(saved, "[one]", "[default]\ndisabled = 1\n[one]")},
		{"name-length", change(saved, "[one]", "["+strings.Repeat("x", 100)+"]")},
		{"setting", change(saved, "disabled = 0", "disabled = 0\ndispatch.earliest = 1")},
		{"action", change(saved, "disabled = 0", "disabled = 0\naction.email.to = a@example.com")},
		{"action", change(saved, "disabled = 0", "disabled = 0\naction.script.filename = a.sh")},
		{"value", change(saved, "disabled = 0", "disabled = no")},
		{"value", change(saved, "*/5 * * * *", "*/5 * * *")},
		{"value", change(saved, "*/5 * * * *", "*/5 * * * MON")},
		{"value", change(saved, "*/5 * * * *", "60 * * * *")},
		{"value", change(saved, "-5m@m", "5 minutes")},
		{"cron", change(saved, "*/5 * * * *", "*/4 * * * *")},
		{"real-time", change(saved, "-5m@m", "rt-5m")},
		{"schedule", change(saved, "dispatch.earliest_time = -5m@m\n", "")},
		{"schedule", change(saved, "enableSched = 1", "enableSched = 0")},
		{"throttling", change(saved, "alert.suppress.period = 1h\n", "")},
		{"throttling", change(saved, "alert.suppress = 1\n", "alert.suppress = 0\n")},
		{"throttling", change(saved, "fields = a\n", "fields = a, b\n")},
		{"notable", change(saved, "action.notable.param.rule_description = Two\n", "")},
		{"annotations", change(saved, "T1110", "T111")},
		{"value", change(saved, `{"mitre_attack":["T1110"]}`, `["T1110"]`)},
		{"risk", change(saved, `"risk_score":5`, `"risk_score":0`)},
		{"risk", change(saved, `"risk_object_type":"user"`, `"risk_object_type":"person"`)},
		{"risk", change(saved, "action.risk.param._risk_message = m\n", "")},
		{"drill-down", change(saved, "$a$", "$a")},
		{"drill-down", change(saved, "$a$", "$a{}$")},
		{"drill-down", change(saved, `"latest_offset":"now"`, `"latest_offset":""`)},
		{"macro", change(saved, "\"search\":\"`m`", "\"search\":\"`x`")},
	} {
		faults := Archive(archive(t, tc.edit(good())))
		if !slices.ContainsFunc(faults, func(f Fault) bool { return f.Check == tc.check }) {
			t.Errorf("no fault %s: %v", tc.check, faults)
		}
	}
	for _, data := range [][]byte{nil, []byte("x"), archive(t, nil)} {
		if f := Archive(data); len(f) != 1 || f[0].Check != "archive" {
			t.Errorf("%v", f)
		}
	}
}

// TestSpecifications: the settings that we know are in Splunk's own specification, or are those of Enterprise Security.
func TestSpecifications(t *testing.T) {
	name := corpora.Shared(t, "schemas", "splunk-conf", "savedsearches.conf.spec")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	spec := "\n" + string(text)
	for key := range known {
		if strings.HasPrefix(key, "action.correlationsearch") || strings.HasPrefix(key, "action.notable") || strings.HasPrefix(key, "action.risk") {
			continue
		}
		if !strings.Contains(spec, "\n"+key+" =") {
			t.Errorf("%s is not in the specification", key)
		}
	}
}

// FuzzArchive checks that no .conf file breaks the reader.
func FuzzArchive(f *testing.F) {
	f.Add(savedConf)
	f.Add("[a]\nb = \\")
	f.Add("[")
	f.Fuzz(func(t *testing.T, text string) {
		ms := good()
		ms[4].data = text
		Archive(archive(t, ms))
	})
}
