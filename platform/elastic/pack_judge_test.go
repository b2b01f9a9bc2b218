package elastic_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	languages "github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/internal/corpora"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/platform"
	platforms "github.com/onerule/onerule/platform/all"
	"github.com/onerule/onerule/platform/elastic"
	"github.com/onerule/onerule/platform/elastic/check"
)

// readers prints what Python's readers of TOML make of the files on its standard input, one JSON text a line: tomllib is in its
// library, and pytoml is what detection-rules loads its rules with.
const readers = `
import json, sys, importlib
found = {}
for name in ("tomllib", "pytoml"):
    try:
        found[name] = importlib.import_module(name)
    except ImportError:
        pass
for line in sys.stdin:
    text = json.loads(line)
    print(json.dumps({name: m.loads(text)["rule"] for name, m in found.items()}))
`

// TestReaders: the readers of other languages read the files as ours does, hostile texts included.
func TestReaders(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	arts := artefactsOf(t, rulesFolder, testFolder)
	for i, s := range hostileTexts {
		r := *arts[0].Rule
		r.Name += string(rune('a'+i/26)) + string(rune('a'+i%26))
		r.Meta = ir.Meta{Title: s, Description: s, Triage: s, License: s, Authors: []string{s}, References: []string{s, s}, Tags: []string{s}, FalsePositives: []string{s}}
		if a, _ := platforms.Build(&r, &elastic.Platform, "", languages.Options{}); a != nil {
			arts = append(arts, a)
		}
	}
	files, _ := packOf(arts, nil)
	files = slices.DeleteFunc(files, func(f platform.File) bool { return f.Rule == "" })
	var in bytes.Buffer
	for _, f := range files {
		line, _ := json.Marshal(string(f.Data))
		in.Write(append(line, '\n'))
	}
	cmd := exec.Command(python, "-c", readers)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = &in, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	dec := json.NewDecoder(bytes.NewReader(out))
	counts := map[string]int{}
	for _, f := range files {
		var read map[string]map[string]any
		if err := dec.Decode(&read); err != nil {
			t.Fatal(err)
		}
		ours, _ := check.TOML(f.Data)
		for name, m := range read {
			counts[name]++
			x, _ := json.Marshal(ours)
			if y, _ := json.Marshal(m); !bytes.Equal(x, y) {
				t.Errorf("%s reads %s as\n%s\nand not\n%s", name, f.Path, y, x)
			}
		}
	}
	if len(counts) == 0 {
		t.Skip("this Python has neither tomllib nor pytoml")
	}
	t.Log(counts)
}

// TestPackSchemas holds the TOML files against the schemas that elastic/detection-rules makes of its own checks.
func TestPackSchemas(t *testing.T) {
	folder := corpora.Shared(t, "schemas", "kibana-rules")
	compiler := jsonschema.NewCompiler()
	files, _ := packOf(artefactsOf(t, rulesFolder, testFolder), nil)
	n := 0
	for _, f := range files {
		if f.Rule == "" {
			continue
		}
		m, _ := check.TOML(f.Data)
		schema, err := compiler.Compile(filepath.Join(folder, "9.5."+m["type"].(string)+".json"))
		if err != nil {
			t.Fatal(err)
		}
		data, _ := json.Marshal(m)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(data)))
		if err == nil {
			err = schema.Validate(v)
		}
		if err != nil {
			t.Errorf("%s: %v", f.Path, err)
		}
		n++
	}
	t.Logf("%d files", n)
}
