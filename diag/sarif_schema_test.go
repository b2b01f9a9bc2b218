package diag

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// sarifSchema returns the JSON schema of SARIF 2.1.0 by OASIS, as the module go-sarif carries it: in a constant of its package.
func sarifSchema(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		t.Skip("the module go-sarif, which carries the schema of SARIF, is not in the module cache")
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, "pkg", "report", "v210", "sarif", "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			part, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			text += part
		}
		return true
	})
	return text
}

// checkSARIFSchema validates a log against the vendor's schema, formats included.
func checkSARIFSchema(t *testing.T, schema *jsonschema.Schema, log []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(log))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Errorf("%v\n%s", err, log)
	}
}

func TestSARIFSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(sarifSchema(t)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	_, list := sample()
	every := List{}
	for _, e := range Registry {
		every = append(every, Diagnostic{Code: e.Code, Severity: e.Code.Severity(), Title: "t"})
	}
	for name, l := range map[string]List{"sample": list, "nothing": nil, "every code": every} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := WriteSARIF(&out, l, "1.2.3"); err != nil {
				t.Fatal(err)
			}
			checkSARIFSchema(t, schema, out.Bytes())
		})
	}
	bad := strings.NewReader(`{"version": "2.1.0", "runs": [{"results": [{"level": "fatal"}]}]}`)
	v, err := jsonschema.UnmarshalJSON(bad)
	if err != nil {
		t.Fatal(err)
	}
	if schema.Validate(v) == nil {
		t.Error("the schema takes anything")
	}
}
