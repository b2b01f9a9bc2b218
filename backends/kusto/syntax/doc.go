// Package syntax is the text of Microsoft Kusto queries (the language of Azure Data Explorer, Microsoft Sentinel and
// Defender advanced hunting) as a tree: lexer, parser, typed constructors and printer.
//
// The grammar follows grammar/Kql.g4 and grammar/KqlTokens.g4 of microsoft/Kusto-Query-Language. [Print] alone knows
// quoting, escaping and precedence; whatever it prints parses back to the same tree.
package syntax
