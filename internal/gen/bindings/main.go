// Command bindings writes schema/zz_bindings.txt from schema/bindings/*/*.yaml. It runs in the folder schema, by go generate,
// after the catalogue is written.
package main

import (
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onerule/onerule/schema"
)

func main() {
	log.SetFlags(0)
	paths, err := filepath.Glob("bindings/*/*.yaml")
	if err != nil {
		log.Fatal(err)
	}
	var lines []string
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			log.Fatal(err)
		}
		b, err := schema.ParseBinding(path, data)
		if err != nil {
			log.Fatal(err)
		}
		line, err := schema.IndexLine(b)
		if err != nil {
			log.Fatalf("%s: %v", path, err)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	if err := os.WriteFile("zz_bindings.txt", []byte(strings.Join(lines, "")), 0o644); err != nil {
		log.Fatal(err)
	}
}
