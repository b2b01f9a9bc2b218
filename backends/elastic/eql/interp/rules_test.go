package interp

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/onerule/onerule/backends/elastic/eql/syntax"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/internal/corpora"
)

// TestPublicRulesCompile compiles every public rule: no function, constant or pattern of theirs is unknown to us.
func TestPublicRulesCompile(t *testing.T) {
	queries := corpora.Queries(t, "eql")
	if len(queries) < 500 {
		t.Fatalf("found only %d rules", len(queries))
	}
	for path, text := range queries {
		if _, diags := Language.Compile(path, text); diags.HasErrors() {
			t.Error(diags[0].Brief())
		}
	}
}

// windowsEvents returns events of the shared corpora.
func windowsEvents(t testing.TB, limit int) []native.Row {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(corpora.Path(t, "events"), "*.ndjson.gz"))
	var rows []native.Row
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(z)
		d.UseNumber()
		for len(rows) < limit {
			var row native.Row
			if d.Decode(&row) != nil {
				break
			}
			rows = append(rows, row)
		}
		f.Close()
	}
	return rows
}

// ecsTypes reads the field types of ECS, which lies beside the module.
func ecsTypes(t testing.TB) map[string]string {
	t.Helper()
	data, err := os.ReadFile(corpora.Shared(t, "schemas", "ecs_flat.yml"))
	if err != nil {
		t.Fatal(err)
	}
	types, name := map[string]string{}, ""
	for _, line := range strings.Split(string(data), "\n") {
		if key, ok := strings.CutSuffix(line, ":"); ok && !strings.HasPrefix(line, " ") {
			name = strings.Trim(key, `'"`)
		}
		if typ, ok := strings.CutPrefix(line, "  type: "); ok {
			types[name] = typ
		}
	}
	if len(types) < 1000 {
		t.Fatalf("read only %d fields of ECS", len(types))
	}
	return types
}

// beyondECS are the types of fields of the vendor's packages that are not strings.
var beyondECS = map[string]string{
	"process.Ext.relative_file_creation_time": "double", "process.Ext.relative_file_name_modify_time": "double",
	"dll.Ext.relative_file_creation_time": "double", "dll.Ext.relative_file_name_modify_time": "double",
	"process.parent.Ext.real.pid": "long", "file.Ext.windows.zone_identifier": "long", "file.Ext.entropy": "double",
	"problemchild.prediction": "long", "problemchild.prediction_probability": "double", "blocklist_label": "long",
	"google_workspace.drive.owner_is_team_drive": "boolean", "azure.signinlogs.properties.device_detail.is_managed": "boolean",
	"flow.final": "boolean", "kibana.alert.risk_score": "float",
}

// TestPublicRulesTyped runs every public rule over one event with the mapping of ECS: real rules pass our type checks.
func TestPublicRulesTyped(t *testing.T) {
	ecs := ecsTypes(t)
	for path, text := range corpora.Queries(t, "eql") {
		p, diags := Language.Compile(path, text)
		if diags.HasErrors() {
			t.Error(diags[0].Brief())
			continue
		}
		types := map[string]string{"@timestamp": "date", "event.category": "keyword"}
		for name := range fieldNames(p.(*program).query) {
			types[name] = "keyword"
			if typ, ok := ecs[name]; ok {
				types[name] = typ
			}
			if typ, ok := beyondECS[name]; ok {
				types[name] = typ
			}
		}
		out, diags := p.Run(native.Input{Tables: []native.Table{{Types: types, Rows: []native.Row{{"@timestamp": "2024-01-01T00:00:00Z"}}}}})
		if diags.HasErrors() {
			t.Error(diags[0].Brief())
		}
		for _, w := range out.Warnings {
			if strings.Contains(w, "is compared with") {
				t.Error(path, w)
			}
		}
	}
}

// fieldNames lists the fields of a query.
func fieldNames(q *syntax.Query) map[string]bool {
	names := map[string]bool{}
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch k := v.Kind(); {
		case k == reflect.Pointer, k == reflect.Interface:
			if f, ok := v.Interface().(*syntax.Field); ok && f != nil {
				names[f.Name] = true
				return
			}
			if !v.IsNil() {
				walk(v.Elem())
			}
		case k == reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case k == reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		}
	}
	walk(reflect.ValueOf(q))
	return names
}
