package fields

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed constants.txt
var constantText string

var constants = sync.OnceValue(func() map[string]int64 {
	out, err := readConstants(constantText)
	if err != nil {
		panic(err) // a fault of the file, which TestConstants reads
	}
	return out
})

// readConstants reads lines of a name and a number. What begins with # is a comment.
func readConstants(text string) (map[string]int64, error) {
	out := map[string]int64{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, number, _ := strings.Cut(line, " ")
		value, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no name with a number", line)
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("%s stands twice", name)
		}
		out[name] = value
	}
	return out, nil
}

// ConstantValue finds the value of a named number.
func ConstantValue(name string) (int64, bool) {
	v, ok := constants()[name]
	return v, ok
}

// ConstantNames lists the named numbers, sorted.
func ConstantNames() []string { return slices.Sorted(maps.Keys(constants())) }
