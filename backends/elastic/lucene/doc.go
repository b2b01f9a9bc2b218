// Package lucene is the part of Lucene that the Elastic languages share: regular expressions (EQL regex, ES|QL RLIKE,
// Query DSL regexp), wildcard patterns, and ASCII case folding. Everything works on code points and on whole values.
//
// Sources: the page "Regular expression syntax" of the Elasticsearch reference, the grammar in the documentation of
// Lucene's RegExp class, and the documentation of Lucene's WildcardQuery.
package lucene
