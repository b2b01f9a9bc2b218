// Package sigma reads detection rules in the Sigma format (specification 2.1, and what is left of version 1) and says them
// in the rule language. A rule that cannot be said is refused with its place and reason, never bent. What the specification
// leaves open is decided in DECISIONS.md; what log sources and fields are called here is package taxonomy.
//
// [Parse] reads one file. [NewCollection] brings files together, because correlations and filters name rules of other
// files; [Collection.Convert] gives the rules of one file.
package sigma
