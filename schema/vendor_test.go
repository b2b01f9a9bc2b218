package schema

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// vendorFile finds a file of the shared facts beside the module and skips the test when it is not there.
func vendorFile(t *testing.T, name string) []byte {
	t.Helper()
	path := filepath.Join("..", "..", "shared", "schemas", name)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("the vendors' schemas are not beside the module: %v", err)
	}
	return data
}

// parserTables gives, for a parser function that a Sentinel binding reads, the table that has its columns.
var parserTables = map[string]string{
	"_Im_Authentication": "ASimAuthenticationEventLogs", "_Im_FileEvent": "ASimFileEventLogs", "_Im_ProcessCreate": "ASimProcessEventLogs",
	"_Im_Dns": "ASimDnsActivityLogs", "_Im_NetworkSession": "ASimNetworkSessionLogs",
	"_Im_RegistryEvent": "ASimRegistryEventLogs", "_Im_WebSession": "ASimWebSessionLogs", "_Im_UserManagement": "ASimUserManagementActivityLogs",
}

// kustoType is the column type that follows from a field's own type.
func kustoType(f NativeField) string {
	if f.Vendor != "" && !f.JSON {
		return f.Vendor
	}
	switch {
	case f.JSON:
		return "string"
	case strings.ContainsAny(f.Path, ".["), f.Array:
		return "dynamic"
	}
	switch f.Type {
	case Long:
		return "long"
	case Double:
		return "real"
	case Boolean:
		return "bool"
	case Date:
		return "datetime"
	case Keyword, Text, IP, Invalid:
	}
	return "string"
}

// TestSentinelColumns checks every column that a Sentinel binding reads against the vendor's list of tables.
func TestSentinelColumns(t *testing.T) {
	var tables map[string]map[string]string
	if err := json.Unmarshal(vendorFile(t, "sentinel-tables.json"), &tables); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, b := range allBindings(t) {
		if b.Platform != "sentinel" {
			continue
		}
		for i := range b.Classes {
			c := &b.Classes[i]
			table := c.Table
			if p, ok := parserTables[table]; ok {
				table = p
			}
			columns, ok := tables[table]
			if !ok && b.Source == "ticket" {
				continue // our own form, in a table that the reader makes
			}
			if !ok {
				t.Errorf("%s: %s: the vendor lists no table %q", b.Name, c.Class, c.Table)
				continue
			}
			for _, f := range classNatives(b, c) {
				column, _, dotted := strings.Cut(stripMarks(f.Path), ".")
				want, got := kustoType(f), columns[column]
				if dotted && !f.JSON {
					want = "dynamic"
				}
				if got != want {
					t.Errorf("%s: %s: %s.%s is of type %q, the binding says %q", b.Name, c.Class, c.Table, column, got, want)
				}
				checked++
			}
		}
	}
	t.Logf("%d columns", checked)
}

// classNatives lists the native fields that a class of a binding reads, the time and the conditions among them.
func classNatives(b *Binding, c *BoundClass) []NativeField {
	out := []NativeField{b.Time}
	for _, cond := range c.Select {
		out = append(out, cond.Native)
	}
	for i := range c.Mappings {
		out = append(out, c.Mappings[i].Natives()...)
	}
	return out
}

func allBindings(t *testing.T) []*Binding {
	t.Helper()
	var out []*Binding
	for _, name := range BindingNames() {
		b, _, err := LookupBinding(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

// elasticPrefixes begin the fields of Elastic's own packages that are outside of the common schema.
var elasticPrefixes = []string{
	"auth0.logs.", "aws.cloudtrail.", "azure.", "bitbucket.audit.", "fortinet.", "gcp.audit.", "github.", "google_workspace.", "kubernetes.audit.", // integrations
	"o365.audit.", "okta.", "opencanary.", "zeek.", "iis.access.",
	"winlog.", "powershell.", "auditd.", "system.auth.", // operating systems
	"user.filesystem.", "user.owner.", "user.saved.", "user.terminal", // the Auditd Logs integration
	"process.Ext.", "file.Ext.", "data_stream.", // Elastic Defend, all data streams
}

// TestElasticFields checks that every field that an Elastic binding reads is in the common schema, or of a package's own.
func TestElasticFields(t *testing.T) {
	checked := 0
	for _, b := range allBindings(t) {
		if b.Platform != "elastic" {
			continue
		}
		for i := range b.Classes {
			for _, f := range classNatives(b, &b.Classes[i]) {
				path := stripMarks(f.Path)
				checked++
				if slices.ContainsFunc(elasticPrefixes, func(p string) bool { return strings.HasPrefix(path, p) }) {
					continue
				}
				if c, ok := Lookup(path); !ok {
					t.Errorf("%s: %s: %s is in no schema", b.Name, b.Classes[i].Class, path)
				} else if c.Type != f.Type && f.Vendor == "" {
					t.Errorf("%s: %s: %s is %s, the binding says %s", b.Name, b.Classes[i].Class, path, c.Type, f.Type)
				}
			}
		}
	}
	t.Logf("%d fields", checked)
}
