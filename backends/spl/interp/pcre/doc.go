// Package pcre matches Perl-compatible regular expressions as Splunk's regex, rex, match and replace do: leftmost, first
// alternative first, by backtracking. It is written from pcre2pattern(3), and exists because Go's regexp has another
// meaning for `$`, for the white space class and for classes under (?i), and has neither look-around nor back-references.
//
// Without (*UCP), as Splunk is believed to run it, \d \w \s \b are ASCII. Not there, and refused: recursion, conditionals,
// callouts, verbs, branch reset, \p, \X, \C.
package pcre
