package search

import (
	"errors"
	"slices"
	"strings"

	"github.com/onerule/onerule/backends/datadog/search/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// plain are the reserved attributes that are compared as text and written without @.
// Source: docs.datadoghq.com/logs/explorer/search_syntax, "Reserved attributes".
var plain = []string{"host", "service", "source", "status", "trace_id"}

// fieldOf returns how a query names a native field: the path of a log event, in which custom attributes stand below
// `attributes` and reserved ones at the top. why is not empty when a query cannot compare the field.
func fieldOf(f *ir.Field) (field syntax.Field, why string) {
	path := pathOf(f.Name)
	name, custom := strings.CutPrefix(path, "attributes.")
	var err error
	switch {
	case custom:
		field, err = syntax.Attribute(name)
	case slices.Contains(plain, path):
		field, err = syntax.Plain(path)
	case path == "message":
		return field, "the message is searched by words, whose case and punctuation do not count"
	case path == "tags" || path == "timestamp":
		return field, "`" + path + "` is no attribute that a query compares"
	default:
		field, err = syntax.Attribute(path)
	}
	if err != nil {
		return field, "the name `" + path + "` cannot be written: " + reason(err)
	}
	return field, ""
}

// pathOf is the path of a native field without the marks of arrays.
func pathOf(path string) string { return strings.ReplaceAll(path, "[]", "") }

func reason(err error) string {
	var u *syntax.Unprintable
	if errors.As(err, &u) {
		return u.Why
	}
	return err.Error()
}

// measures are the facet types that compare as numbers. Source: docs.datadoghq.com/logs/explorer/facets, "Measures".
var measures = []string{"double", "integer", "long", "measure", "number"}

// isMeasure reports whether a field is a numeric facet: by what the binding says, else by its type.
func isMeasure(f *ir.Field) bool {
	if f.Native != nil && f.Native.Vendor != "" {
		return slices.Contains(measures, f.Native.Vendor)
	}
	return f.Type.IsNumber()
}

// Types returns the facet types of a part's native fields by path.
func types(p ir.Part) map[string]string {
	out := map[string]string{}
	for _, f := range p.Natives() {
		if f.Path != "" {
			out[pathOf(f.Path)] = facetType(f)
		}
	}
	return out
}

func facetType(f schema.NativeField) string {
	switch {
	case f.Vendor != "":
		return f.Vendor
	case f.Type == schema.Long:
		return "long"
	case f.Type == schema.Double:
		return "double"
	}
	return "string"
}

// FieldName returns how rules name a native field outside of queries, where they group by it or count its values. why is not
// empty when they cannot.
func FieldName(f *ir.Field) (name, why string) {
	field, why := fieldOf(f)
	if why != "" {
		return "", why
	}
	return field.String(), ""
}
