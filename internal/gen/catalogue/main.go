// Command catalogue writes schema/zz_catalogue.txt from schema/catalogue/*.yaml. It runs in the folder schema, by go generate.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A file of the catalogue gives each field either its type or its type with a description.
type file struct {
	Fields map[string]yaml.Node `yaml:"fields"`
}

type field struct {
	Type string `yaml:"type"`
	Doc  string `yaml:"doc"`
}

func main() {
	log.SetFlags(0)
	paths, err := filepath.Glob("catalogue/*.yaml")
	if err != nil {
		log.Fatal(err)
	}
	var lines []string
	seen := map[string]string{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			log.Fatal(err)
		}
		var f file
		if err := yaml.Unmarshal(data, &f); err != nil {
			log.Fatalf("%s: %v", path, err)
		}
		for name, node := range f.Fields {
			if old, ok := seen[name]; ok {
				log.Fatalf("%s: field %s is in %s already", path, name, old)
			}
			seen[name] = path
			var fd field
			if node.Kind == yaml.ScalarNode {
				fd.Type = node.Value
			} else if err := node.Decode(&fd); err != nil {
				log.Fatalf("%s: %s: %v", path, name, err)
			}
			if strings.ContainsAny(name+fd.Type+fd.Doc, "\t\n") {
				log.Fatalf("%s: %s holds a tab or a newline", path, name)
			}
			lines = append(lines, strings.TrimRight(fmt.Sprintf("%s\t%s\t%s", name, fd.Type, fd.Doc), "\t"))
		}
	}
	slices.Sort(lines)
	if err := os.WriteFile("zz_catalogue.txt", []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		log.Fatal(err)
	}
}
