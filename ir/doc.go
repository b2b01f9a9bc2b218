// Package ir is what a rule means. It is the final word on meaning: grammar/spec.md says how a rule is written, this page
// says when it is true. internal/conform has a portable script for each line here.
//
// # Events
//
// An event is a JSON object. Nested objects and dotted keys are the same; when both occur, their values are joined. An
// event has an id, a source, a class and a time that no query reads but @timestamp. A field is missing, or holds one or
// more scalar values; null, [] and an absent key are missing. Order and repeats of values do not matter. An array of
// objects flattens to one set of values for each leaf, which loses what belonged together; `any x in f: (…)` on such a
// field keeps it, where the telemetry's binding declares the array.
//
// Values are read by the catalogue's type of the field: keyword takes the text of any JSON scalar; long takes whole
// numbers and decimal texts; double numbers; boolean true and false; date RFC 3339 text or epoch milliseconds, cut to
// milliseconds, UTC; ip an address without port or zone, where a v4-mapped address is the IPv4 one. What does not convert
// is missing.
//
// # Two values
//
// A predicate is true or false on every event; there is no third value.
//
//	comparison with a missing field      false
//	not P                                true exactly when P is false
//	f != v, f not in […]                 not (f == v), not (f in […]): true when f is missing
//	exists f                             f has a value, "" included
//	empty f                              f is missing, or all its values are ""
//
// # Several values
//
// A comparison of a field means that some value fits, and a list on the right that some literal fits. `any x in f: P` is
// true when P is true of some value; `all` when f has a value and P is true of every one, so it is false on a missing
// field; `none` is not any. A comparison of two fields holds when some pair of their values fits, so it is false when one
// is missing; contains, starts_with and ends_with look for the right field's value in the left one's.
//
// # Text
//
// Text is a sequence of code points, without normalization. Unless `cased` stands behind the operator, letters are
// compared by simple case folding, except that an ASCII letter never equals a non-ASCII one: k and U+212A, s and U+017F
// differ. A glob fits the whole text: * is any text, ? one code point, \ makes the next *, ? or \ plain. A regular
// expression is searched anywhere, its case as written; the syntax is RE2 without \C, \b, \B, (?m) and \p; \d, \w, \s are
// ASCII, . is any code point but a newline. The empty text is a value. Every text, the empty one too, contains it, begins and
// ends with it: looking for it as a literal is a fault, and a field that holds it on the right makes the comparison true.
//
// # Numbers, times, addresses
//
// Longs compare as integers, a long with a double as doubles. The difference of two times is a number of milliseconds; a
// quotient is a double, and by zero there is none. minute, hour, weekday (1 is
// Monday), day (of the month), week (of the year, ISO 8601) and month are those of UTC. in_cidr asks whether
// the address lies in the block; an IPv4 address lies in no IPv6 block.
//
// # Rules
//
// An event rule finds each event that is of one of its classes on one of its sources and fulfils its condition; `alt on B`
// replaces the condition on events of the binding B. The identity of a finding is the event's id.
//
// # Rules over several events
//
// The events of such a rule are those that an event rule with its classes, sources and condition would find. An event has
// one time, @timestamp, in milliseconds; it may arrive later, which changes when a platform can know of it, not what is true.
//
// Groups. A key is a field, compared by code points, or fold(field), compared by the simple fold. An event with a missing
// key belongs to no group; the empty text is no key. An event with several values of a key belongs to one group for each
// (for several keys, one for each combination).
//
// count. The findings' keys K are those of `emit per`, or of the scope that has the most; every scope's keys are among
// them. In each window, for each tuple of K that some event of the window has, each scope's aggregates are taken over the
// events of the window that have the tuple's values of that scope's keys, whether or not they have the others; a finding
// is a tuple for which `when` is true.
//
//	tumbling T            [k·T, (k+1)·T) for whole k, from 1970-01-01 UTC on. Finding: (window, tuple)
//	window T every S      for each k the events in [k·S−T, k·S). Finding: (window, tuple)
//	sliding T             at the time t of each event of a tuple, the events in (t−T, t], all those at t among them.
//	                      Finding: (tuple, t) where `when` is true at t, and the tuple's time before t lies T or more
//	                      back, or `when` was not true then
//	session gap G max M   the events of a tuple in order of time; a new session begins at distance ≥ G from the event
//	                      before, or ≥ M from the session's first. At each time t the session's events up to t.
//	                      Finding: (tuple, t) where `when` is true at t and was not at the time before t of the session
//
// Windows without events of a tuple give nothing, so `when n == 0` is never true there. A session window has one scope.
//
// Aggregates: rows of [Aggs]. `where` behind an aggregate says which events take part. Each different value of an array
// counts. In `when`, a comparison with a missing number is false, a division by zero and what is too large for a double are
// missing, `not` is plain negation.
//
// baseline. See [Baseline]: the window's own events never take part in what it is compared with. Finding: (window, tuple).
//
// first_seen. See [FirstSeen]. Finding: (tuple, value, time of the first event).
//
// sequence, together. The steps may look at events of different classes; the rule's events are those of any step, and a step's
// condition is false on events of other classes. See [Sequence] for what a chain is, when it is void, and which one is told.
//
//	order        each step's events are strictly later than those of the step before; in together in any order
//	one event    takes one step of a chain at most; it may belong to the chains of several tuples, one for each value of its keys
//	repeat       so many events of the step; they may share a time, and others may stand between
//	span         the last event at most `within` after the first, that included
//	comparisons  of two steps read the last event of each; of equal times any may be the last
//	missing      no event strictly between the neighbours; at the end none behind the last event up to t(first)+within, when the
//	             chain is judged, and dated; in together none that could have stood with the chain in one span
//	until        no event from t(first) on and before the time of the chain
//
// Finding: (tuple, time of its first chain in the evaluated range), one for each range: many chains are one finding.
//
// absence. See [Absence]. Finding: (window, value). In a test the windows from that of the first event to that of the last are judged,
// whole; `arrives` says when an event can be known of.
//
// The evaluated range [from, to) says which findings are asked for, by the start of their window (by the tick, for
// `window T every S`) or by their time; events before it take part as history.
//
// # Form
//
// Predicates and terms are sealed sets of nodes ([Pred], [Term]); a row of [Ops] is all there is to an operator. [Print]
// and [Parse] are the text form, [Verify] what a well-formed rule is. Passes (ir/pass) return new trees and keep the
// meaning, which tests check on random predicates and events.
package ir
