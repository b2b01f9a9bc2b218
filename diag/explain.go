package diag

import (
	"embed"
	"slices"
	"strings"
)

//go:embed explain/*.md
var explainPages embed.FS

// Explain returns the page of a code, in Markdown: what the fault is, a text that has it and one that has not.
func Explain(code string) (string, bool) {
	page, err := explainPages.ReadFile("explain/" + strings.ToUpper(code) + ".md")
	if err != nil {
		return "", false
	}
	return string(page), true
}

// Entry is a row of the registry of codes.
type Entry struct {
	Code  Code
	Title string // the kind of fault, a few words
	Line  string // what it means, one sentence
}

// Lookup returns the entry of a code.
func Lookup(c Code) (Entry, bool) {
	i := slices.IndexFunc(Registry, func(e Entry) bool { return e.Code == c })
	if i < 0 {
		return Entry{}, false
	}
	return Registry[i], true
}
