package interp

import (
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/backends/spl/syntax"
	"github.com/onerule/onerule/diag"
)

// Language is SPL as text that can be run.
var Language = native.Language{
	Name:   "spl",
	Doubts: sortedDoubts(),
	Compile: func(file, text string) (native.Program, diag.List) {
		return CompileOptions(file, text, Options{})
	},
	Reprint: func(file, text string) (string, diag.List) {
		q, diags := syntax.Parse(file, text)
		if diags.HasErrors() {
			return "", diags
		}
		return syntax.Print(q), diags
	},
}

// Options are the knowledge objects around a query: what macros.conf and transforms.conf hold.
type Options struct {
	// Macros are expanded by text before the query is parsed.
	Macros syntax.Macros
	// Lookups says how lookups match; a lookup that is absent here is a table of its own name that matches exactly.
	Lookups map[string]Lookup
}

// Lookup is a lookup definition (transforms.conf.spec). Its rows are the native table Table.
type Lookup struct {
	// Table is the name of the native table; "" is the lookup's own name.
	Table string
	// CaseInsensitive is case_sensitive_match=false.
	CaseInsensitive bool
	// MatchType gives WILDCARD or CIDR per column; other columns match exactly.
	MatchType map[string]string
	// MaxMatches is the number of matches used for one event; 0 is 100.
	MaxMatches int
	// MinMatches is how many matches there must be before DefaultMatch fills the rest.
	MinMatches   int
	DefaultMatch string
}

// CompileWith is Language.Compile with search macros; the key is a macro's name with its parameters, as in "ctime(field)".
func CompileWith(file, text string, macros map[string]string) (native.Program, diag.List) {
	return CompileOptions(file, text, Options{Macros: macros})
}

// CompileOptions is Language.Compile with macros and lookup definitions.
func CompileOptions(file, text string, o Options) (native.Program, diag.List) {
	macros := syntax.Macros{}
	for k, v := range builtinMacros {
		macros[k] = v
	}
	for k, v := range o.Macros {
		macros[k] = v
	}
	q, diags := syntax.ParseWith(file, text, macros)
	if diags.HasErrors() {
		return nil, diags
	}
	k := &compiler{
		file: file, lookups: o.Lookups, macros: macros, diags: diags,
		used: map[string]bool{}, regexes: newRegexCache(),
	}
	main := k.query(q, true)
	k.noteFirstWord(q)
	if k.diags.HasErrors() {
		return nil, k.diags.Sort()
	}
	return &program{main: main, lookups: k.used, regexes: k.regexes, warnings: k.warnings, steps: maxSteps}, k.diags.Sort()
}

// builtinMacros are macros that Splunk's own apps ship and that shipped rules take for granted.
var builtinMacros = syntax.Macros{
	"drop_dm_object_name(dm_object_name)": `rename "$dm_object_name$.*" as *`,
	"comment(text)":                       "",
}
