// Package syntax turns the text of a Kibana Query Language query (kuery) into a tree and back. It follows the grammar of
// Kibana 8.12 and later, word for word; QUIRKS.md beside this package lists its traps.
//
// The tree keeps value lists, f:(a or b), as lists. The lowering builds trees with the constructors of build.go and prints
// them; quoting, escaping and precedence are known here alone.
package syntax
