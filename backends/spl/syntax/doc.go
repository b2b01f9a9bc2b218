// Package syntax is the Search Processing Language (SPL 1) as text: a tree of whole pipelines, a parser, a printer, and
// the textual expansion of search macros.
//
// Three grammars live in one query and are kept apart: search expressions (after `search`, before the first pipe, after
// tstats' WHERE; OR binds tighter than AND there), eval expressions (after `where`, `eval`, inside count(eval(…)); AND
// binds tighter than OR), and the argument list that each command has of its own.
//
// The printer alone knows quoting, escaping and precedence: a node holds the Go value that is meant, and
// Parse(Print(q)) is q but for spans. Sources: Splunk Search Reference 10.0 and Search Manual 9.3-10.0, as noted at each
// rule in QUIRKS.md.
package syntax
