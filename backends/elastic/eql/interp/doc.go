// Package interp runs EQL queries on tables of events as Elasticsearch does, by its documentation: it is a witness that
// knows nothing of how a query was made.
//
// All tables are searched together, as the indices of an index pattern are. A field is mapped when one of them maps it or
// an event has it. Event queries fill Output.Matches, sequences and samples fill Output.Groups.
//
// # Conditions
//
// A condition is two-valued and existential: a test holds when some value of the field passes it, `not` is its plain
// complement, and each mention of a field looks for a value of its own (compile.go, compare.go). Inside one test, that is among
// the operands of functions and operators, a missing field is null and logic is three-valued.
//
// # Sequences
//
// One state machine per tuple of join keys, with one pending sequence per stage (sequence.go); missing events are checked
// afterwards (missing.go). Samples pick different events per key (sample.go).
//
// Behaviours that no source settles are the switches of doubts.go.
package interp
