package schema

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/onerule/onerule/diag"
)

//go:generate go run github.com/onerule/onerule/internal/gen/catalogue

// The index is written by internal/gen/catalogue from catalogue/*.yaml: sorted lines "name<TAB>type", where a type that
// ends in [] is an array. It is searched as text, so that a process that needs three fields parses three lines.
//
//go:embed zz_catalogue.txt
var catalogueText string

// ECSVersion is the pinned version of the Elastic Common Schema whose names and types the catalogue holds.
const ECSVersion = "9.5.0-dev"

// Lookup returns the catalogue's field of that name.
func Lookup(name string) (Field, bool) {
	lo, hi := 0, len(catalogueText)
	for lo < hi {
		mid := (lo + hi) / 2
		start := strings.LastIndexByte(catalogueText[:mid], '\n') + 1
		end := len(catalogueText)
		if i := strings.IndexByte(catalogueText[start:], '\n'); i >= 0 {
			end = start + i
		}
		f := parseCatalogueLine(catalogueText[start:end])
		switch {
		case f.Name == name:
			return f, true
		case f.Name < name:
			lo = end + 1
		default:
			hi = start
		}
	}
	return Field{}, false
}

func parseCatalogueLine(line string) Field {
	name, typ, _ := strings.Cut(line, "\t")
	typ, doc, _ := strings.Cut(typ, "\t")
	typ, array := strings.CutSuffix(typ, "[]")
	t, _ := ParseType(typ)
	return Field{Name: name, Type: t, Array: array, Doc: doc}
}

// Fields returns the whole catalogue, sorted by name.
var Fields = sync.OnceValue(func() []Field {
	lines := strings.Split(strings.TrimRight(catalogueText, "\n"), "\n")
	fields := make([]Field, len(lines))
	for i, l := range lines {
		fields[i] = parseCatalogueLine(l)
	}
	return fields
})

// HasFieldsUnder reports whether the catalogue has fields below the name, so that it may be an array of objects.
func HasFieldsUnder(name string) bool { return strings.Contains(catalogueText, "\n"+name+".") }

// NearestField returns the field whose name is most like the given one: a slip of the pen, or the one field that ends in
// the given segments (`process_name`, `command_line`).
func NearestField(name string) (string, bool) {
	names := make([]string, 0, 4096)
	for _, f := range Fields() {
		names = append(names, f.Name)
	}
	if near, ok := diag.Nearest(name, names); ok {
		return near, true
	}
	best := ""
	dotted := strings.ReplaceAll(strings.ToLower(name), "_", ".")
	for _, n := range names {
		if strings.HasSuffix(n, "."+strings.ToLower(name)) || strings.ReplaceAll(n, "_", ".") == dotted {
			if best == "" || len(n) < len(best) {
				best = n
			}
		}
	}
	return best, best != ""
}
