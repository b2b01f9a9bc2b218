// Package syntax is Elasticsearch EQL as text and as a tree: [Parse] reads a query, [Print] writes one, and the two are
// inverse to each other up to spans and layout.
//
// The grammar is that of the "EQL syntax reference" of Elasticsearch 8.19/9.x: event queries, sequences (with until,
// runs and missing events), samples, and the pipes head and tail. Forms that only Endgame EQL has (single quotes,
// ?"raw" strings, join, child of, the pipes count, filter, sort, unique) are recognised and refused with help.
//
// A lowering builds trees with the constructors of build.go and calls Print; quoting, escaping, back-quoting of names
// and parentheses are known here alone.
package syntax
