// Package interp runs SPL text on native events: the tree of package syntax over [native.Table]s, with the meaning that
// Splunk's manuals give it. It is an independent witness: it knows nothing of rules or of how queries are made.
//
// # Events
//
// A row of a table is one event. Its JSON is extracted as with KV_MODE=json: nested objects become dotted names, an array
// under `a` becomes the multivalue field `a{}`, objects in it `a{}.b`; flat keys stay; booleans are the texts true and
// false. A name that already holds `{}`, and a field whose type in [native.Table].Types is "multivalue", takes an array's
// elements as its values.
//
// _time is read from Input.Timestamp, else from the first of timeFields that can be read as a time. _raw is the event's own
// `_raw`, else its JSON text with sorted keys. `index=` compares the event's `index`, else the name of its table; events of
// a table without a name, or named "stdin" or "-", fit every index. Tables that the query uses as lookups hold no events.
// Events arrive newest first, equal times in input order; events without a time come last.
//
// # Results
//
// A query of per-event commands alone gives the fields of the events in sorted order, `_time` included when known and
// `_raw` only where the event has one. Other queries give the columns in the order in which the commands made them.
package interp
