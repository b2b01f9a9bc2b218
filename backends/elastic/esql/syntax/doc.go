// Package syntax is the text of Elastic ES|QL as a tree, in both directions: [Parse] reads a query, [Print] writes one.
// It alone knows quoting, escapes and precedence; whoever makes queries builds the tree and prints it.
//
// Sources: the pages "Basic ES|QL syntax", "ES|QL commands", "ES|QL operators", "ES|QL time spans" of the Elasticsearch
// reference, stack 9.x. Keywords and function names are case-insensitive, field names are not.
package syntax

// MaxDepth is how deeply expressions may nest: parentheses, calls, signs and NOT.
const MaxDepth = 200

// MaxLength is the longest query in bytes; Elasticsearch refuses longer statements too.
const MaxLength = 1_000_000

// MaxNodes bounds the expressions of one query, so that walking a tree never needs more stack than Go has.
const MaxNodes = 60_000
