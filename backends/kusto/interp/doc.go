// Package interp runs Kusto queries on tables of native events, as Azure Data Explorer, Microsoft Sentinel and Defender
// advanced hunting would. It is written from Microsoft's documentation (learn.microsoft.com/kusto/query) and knows nothing of rules.
//
// A query is parsed, bound against the tables of the input (names and types are checked as the service's binder checks
// them) and run. [Language] is the way in.
package interp
