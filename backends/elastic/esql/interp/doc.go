// Package interp runs ES|QL text over native events as Elasticsearch would, without knowing anything of rules: typed
// columns, three-valued logic, single-value functions that give null with a warning on several values, and the
// verification errors of the analyzer. Where the vendor's pages leave something open, see QUIRKS.md one folder up.
//
// A query is parsed once ([Language].Compile) and checked against the tables at each run, because the types of its
// columns come with them. The reading order is language.go, load.go (events to columns), check.go (tree to typed
// expressions), stage.go (commands), then the fn_ and agg_ files, which are tables of functions.
package interp
