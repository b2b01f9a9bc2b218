// Package mapping is what an Elasticsearch index knows about its fields: their types, how the JSON of a document becomes
// the values that are indexed, and how a value in a query is read for a type. It is shared by the interpreters of the
// Elastic languages; it knows no query language.
//
// # Fields
//
// [New] reads a flat map from field to type, as `exec --mapping` and [native.Table.Types] give it. The type is a word such
// as "keyword", or a JSON object with "type" and parameters: ignore_above, normalizer, fields, path (alias), analyzer,
// format, null_value, scaling_factor, value (constant_keyword), coerce, index, doc_values, enabled. A field whose parent
// is a scalar field is a multi-field of it: with "process.name": "keyword", "process.name.text": "text" reads process.name.
//
// # Fields without a mapping
//
// [Mapping.Infer] adds the fields that documents have and the mapping lacks, by the rule of the data streams with ECS
// mappings: strings become keyword with ignore_above 1024, whole numbers long, other numbers float, booleans boolean, and
// @timestamp date. Dates in other fields are not detected, and addresses are keyword unless the mapping says ip. Unlike in
// an index the order of the documents does not matter: the type is one that all values fit. A field that no mapping and
// no document has is unmapped: [Mapping.Lookup] does not find it.
//
// # Values
//
// A constant_keyword with a value in its mapping has it in every document; without one, each document has what it holds,
// because a table may stand for several indices.
//
// Nested objects and dotted keys are the same, and where both occur their values are joined. Arrays are flattened, null is
// skipped. A value that the field's type cannot hold is left out and counted; an index would refuse the document.
package mapping
