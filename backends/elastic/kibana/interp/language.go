// Package interp runs the Kibana Query Language on documents. A query means what Kibana makes of it: it is translated to
// Elasticsearch's Query DSL (translate.go), with the data view that the tables are, and that is evaluated on the documents
// of each table by its own mapping (package dsl). Kibana's query has no source: all tables are searched.
//
// Sources: Kibana's own translation (package kbn-es-query) and the page "Kibana Query Language" for the first step, the
// Elasticsearch reference for the second. QUIRKS.md in the folder above lists what is surprising.
package interp

import (
	"errors"

	"github.com/onerule/onerule/backends/elastic/kibana/syntax"
	"github.com/onerule/onerule/backends/elastic/mapping"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
)

// Language is the Kibana Query Language.
var Language = native.Language{
	Name:    "kibana",
	Doubts:  []native.Doubt{DoubtFieldList, DoubtNumberWords},
	Compile: compile,
	Reprint: reprint,
}

// The doubts, in order of their names.
var (
	// DoubtFieldList says whether the detection engine hands Kibana the fields of the indices. It does since 8.x; without
	// them a pattern goes to query_string on every field, where blanks separate words, names with wildcards are not
	// expanded, and nested fields are not checked.
	DoubtFieldList = native.Doubt{
		Name: "kibana-field-list", Default: true,
		Doc: "Kibana knows the types of the fields; off: it does not, so that patterns are query strings on keyword fields too, and field names with `*` match nothing",
	}
	// DoubtNumberWords is a contradiction of the vendor: the page on the language shows status_code:400 401 404 as a query
	// for several numbers, while a match query on a numeric field takes its text as one number and fails.
	DoubtNumberWords = native.Doubt{
		Name: "kibana-number-words", Default: false,
		Doc: "an unquoted value with blanks on a numeric field means any of its numbers; off: it is no number, and the search fails",
	}
)

func compile(file, text string) (native.Program, diag.List) {
	tree, diags := syntax.Parse(file, text)
	if diags.HasErrors() {
		return nil, diags
	}
	return &program{tree: tree, reader: &mapping.Reader{}}, diags
}

func reprint(file, text string) (string, diag.List) {
	tree, diags := syntax.Parse(file, text)
	if diags.HasErrors() {
		return "", diags
	}
	out, err := syntax.Print(tree)
	var unprintable *syntax.UnprintableError
	if errors.As(err, &unprintable) {
		return "", append(diags, diag.New(diag.KibanaSyntax, tree.At(), unprintable.Error(), "put the value into quotes"))
	}
	return out, diags
}
