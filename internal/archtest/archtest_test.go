// Package archtest holds the import table of the project as a test: a new edge between packages is a reviewed line here.
package archtest

import (
	"encoding/json"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/onerule/onerule"

// allowed lists, for each package (a trailing /... covers what lies below, * is one segment), the packages of ours that it
// may import besides those below itself. The first row that fits counts.
var allowed = []struct {
	pkg string
	may []string
}{
	{"diag", nil},
	{"schema", []string{"diag"}},
	{"grammar", []string{"diag"}},
	{"ir/pattern", nil},
	{"ir", []string{"schema", "diag", "ir/pattern"}},
	{"ir/pass", []string{"ir", "schema", "diag", "ir/pattern"}},
	{"ir/lower", []string{"grammar", "ir", "schema", "diag", "ir/pattern"}},
	{"ir/irgen", []string{"ir", "schema"}},
	{"ir/chain", []string{"ir", "schema"}},
	{"eval", []string{"ir", "ir/chain", "schema", "diag", "ir/pattern"}},
	{"engine", []string{"ir", "ir/chain", "schema", "diag", "ir/pattern"}},

	// Interpreters and what they stand on know nothing of rules.
	{"backends/native", []string{"diag"}},
	{"backends/elastic/lucene/...", []string{"diag", "backends/native", "backends/elastic/lucene", "backends/elastic/lucene/...", "backends/elastic/mapping"}},
	{"backends/elastic/mapping", []string{"diag", "backends/native", "backends/elastic/lucene"}},
	{"backends/elastic/*/interp", []string{"diag", "backends/native", "backends/elastic/lucene", "backends/elastic/lucene/...", "backends/elastic/mapping", ".../syntax"}},
	// KQL() inside ES|QL is Kibana's own language.
	{"backends/elastic/esql/interp", []string{"diag", "backends/native", "backends/elastic/lucene", "backends/elastic/lucene/...", "backends/elastic/mapping", ".../syntax", "backends/elastic/kibana/interp"}},
	{"backends/spl/interp/pcre", nil},
	{"backends/datadog/secl/fields", []string{"diag"}},
	{"backends/datadog/secl/syntax", []string{"diag", "backends/datadog/secl/fields"}},
	{"backends/datadog/secl/interp", []string{"diag", "backends/native", "backends/datadog/secl/syntax", "backends/datadog/secl/fields"}},
	{"backends/datadog/*/interp", []string{"diag", "backends/native", ".../syntax"}},
	{"backends/spl/interp", []string{"diag", "backends/native", "backends/spl/syntax", "backends/spl/interp/pcre"}},
	{"backends/*/interp", []string{"diag", "backends/native", ".../syntax"}},
	{"backends/*/syntax", []string{"diag"}},
	{"backends/*/*/syntax", []string{"diag"}},

	{"backends/*/judge", nil},
	{"backends/*/*/judge", nil},
	{"backends", []string{"backends/native", "ir", "schema", "diag", "ir/pattern"}},
	{"backends/elastic/rewrite", []string{"backends", "ir", "schema", "ir/pattern"}},
	{"backends/elastic/*", []string{"backends", "backends/native", "ir", "schema", "diag", "ir/pattern", "backends/elastic/rewrite", "backends/elastic/lucene", "backends/elastic/mapping", "./..."}},
	{"backends/datadog/*", []string{"backends", "backends/native", "ir", "schema", "diag", "ir/pattern", "./..."}},
	{"backends/spl", []string{"backends", "backends/native", "ir", "schema", "diag", "ir/pattern", "./..."}},
	{"backends/kusto", []string{"backends", "backends/native", "ir", "schema", "diag", "ir/pattern", "./..."}},
	{"backends/all", []string{"internal/parallel", "backends", "backends/...", "ir", "ir/pass", "schema", "diag"}},

	{"platform/schedule", []string{"backends/native", "diag"}},
	{"platform/hcl", nil},
	{"platform/all", []string{"backends", "backends/all", "platform", "platform/...", "ir", "schema", "diag"}},
	{"platform/splunk/conf", []string{"internal/plainjson"}},
	{"platform/splunk/app", []string{"platform/splunk/conf", "internal/plainjson"}},
	{"platform/splunk/inspect", nil},
	{"platform/splunk/run", []string{"backends/native", "backends/spl/interp", "platform/schedule", "platform/splunk/conf", "diag"}},
	{"platform/sentinel/arm", []string{"internal/plainjson"}},
	{"platform/sentinel/content", []string{"platform/sentinel/arm"}},
	{"platform/sentinel/terraform", []string{"platform/sentinel/arm", "platform/hcl", "internal/plainjson"}},
	{"platform/sentinel/defender", []string{"internal/plainjson"}},
	{"platform/sentinel/check", nil},
	{"platform/sentinel/run", []string{"backends/native", "backends/kusto/interp", "platform/schedule", "platform/sentinel/arm", "diag"}},
	{"platform/elastic/rule", []string{"internal/plainjson"}},
	{"platform/elastic/toml", []string{"platform/elastic/rule"}},
	{"platform/elastic/check", nil},
	{"platform/elastic/run", []string{"backends/native", "backends/elastic/*/interp", "backends/elastic/eql/syntax", "backends/elastic/mapping", "platform/schedule", "platform/elastic/rule", "diag"}},
	{"platform/datadog/api", []string{"platform/hcl", "internal/plainjson"}},
	{"platform/datadog/run", []string{"backends/native", "backends/datadog/*/interp", "platform/schedule", "platform/datadog/api", "diag"}},
	{"platform/*/run", []string{"backends/native", "backends/*/interp", "backends/*/*/interp", "platform/schedule", "platform/*", "diag"}},
	{"platform", []string{"backends", "backends/native", "platform/schedule", "ir", "diag"}},
	{"platform/*", []string{"backends", "backends/...", "platform", "platform/schedule", "ir", "schema", "diag", "./..."}},
	{"verify", []string{"platform", "platform/all", "platform/schedule", "internal/parallel", "backends", "backends/native", "backends/all", "eval", "ir", "ir/pass", "ir/pattern", "schema", "diag"}},
	{"pack", []string{"platform", "platform/all", "internal/parallel", "internal/plainjson", "internal/atomicfile", "backends", "backends/all", "ir", "ir/pattern", "schema", "diag", "verify"}},
	{"report", []string{"pack", "verify", "backends", "backends/all", "ir", "diag"}},
	{"importer/sigma/taxonomy", []string{"schema", "diag"}},
	{"importer/sigma", []string{"importer/sigma/taxonomy", "grammar", "schema", "diag"}},
	{"internal/parallel", nil},
	{"internal/atomicfile", nil},
	{"internal/plainjson", nil},
	{"golden", nil},
	{"internal/ndjson", []string{"diag", "schema"}},
	{"internal/workspace", []string{"internal/parallel", "importer/sigma", "importer/sigma/taxonomy", "grammar", "ir", "ir/lower", "schema", "diag"}},
	{"internal/terraformtest", nil},
	{"internal/corpora", nil},
	{"internal/platformtest", []string{"backends", "backends/native", "eval", "grammar", "ir", "ir/lower", "ir/pass", "ir/pattern", "platform", "platform/schedule", "schema", "verify"}},
	{"internal/difftest", []string{"backends", "backends/native", "eval", "ir", "ir/irgen", "ir/pass", "schema"}},
	{"internal/...", []string{"..."}},
	{"cmd/...", []string{"..."}},
}

func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	seen := 0
	for dec.More() {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		seen++
		check(t, strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/"), p.Imports)
	}
	if seen < 10 {
		t.Fatalf("go list gave %d packages", seen)
	}
}

func check(t *testing.T, pkg string, imports []string) {
	i := slices.IndexFunc(allowed, func(r struct {
		pkg string
		may []string
	},
	) bool {
		return fits(r.pkg, pkg)
	})
	if i < 0 {
		t.Errorf("package %s has no row in the import table", pkg)
		return
	}
	for _, imp := range imports {
		rel, ours := strings.CutPrefix(imp, module+"/")
		if !ours || strings.HasPrefix(rel, "internal/") && strings.HasPrefix(pkg, "internal/") {
			continue
		}
		if !slices.ContainsFunc(allowed[i].may, func(m string) bool { return permits(m, pkg, rel) }) {
			t.Errorf("%s imports %s, which its row in the import table does not allow", pkg, rel)
		}
	}
}

// fits reports whether a row is about the package.
func fits(row, pkg string) bool {
	if base, ok := strings.CutSuffix(row, "/..."); ok {
		return pkg == base || strings.HasPrefix(pkg, base+"/")
	}
	ok, err := path.Match(row, pkg)
	return ok && err == nil
}

// permits reports whether an entry of a row allows an import. "..." is everything, ".../syntax" the syntax package beside
// the importing one, "./..." everything below it.
func permits(entry, pkg, imp string) bool {
	switch {
	case entry == "...":
		return true
	case entry == "./...":
		return strings.HasPrefix(imp, pkg+"/")
	case strings.HasPrefix(entry, ".../"):
		return imp == path.Dir(pkg)+strings.TrimPrefix(entry, "...")
	}
	return fits(entry, imp)
}
