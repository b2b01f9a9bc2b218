package grammar

import (
	"strconv"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/onerule/onerule/diag"
)

type lexerToken = lexer.Token

func stringNode(t lexer.Token) *String {
	return &String{At: At{spanOf(t)}, Value: decode(t.Value), Raw: t.Value}
}

// stringText is the text of an optional string.
func stringText(t lexer.Token) string {
	if t.Value == "" {
		return ""
	}
	return decode(t.Value)
}

// name makes a Name that parameters, lists, definitions, scopes, steps and rules may have.
func (r *reader) name(n name, what string) Name {
	if !isPlainName(n.Tok.Value) {
		r.faults.add(plainName(n.Tok, what))
	}
	return anyName(n.Tok)
}

// anyName makes a Name of sources, targets and entity kinds, which may have `-`.
func anyName(t lexer.Token) Name { return Name{At{spanOf(t)}, t.Value} }

func names(ns []name) []Name {
	out := make([]Name, len(ns))
	for i, n := range ns {
		out[i] = anyName(n.Tok)
	}
	return out
}

func sources(ns []source) []Name {
	out := make([]Name, len(ns))
	for i, n := range ns {
		out[i] = anyName(n.Tok)
	}
	return out
}

func pathNode(p path) *Path {
	return &Path{At: At{spanOf(p.Tok)}, Segments: pathSegments(p.Tok.Value)}
}

func paths(ps []path) []*Path {
	out := make([]*Path, len(ps))
	for i, p := range ps {
		out[i] = pathNode(p)
	}
	return out
}

func keys(ks []key) []Expr {
	if len(ks) == 0 {
		return nil
	}
	out := make([]Expr, len(ks))
	for i, k := range ks {
		out[i] = k
	}
	return out
}

// duration makes a Duration; nil when the token is absent.
func duration(t lexer.Token) *Duration {
	if t.Value == "" {
		return nil
	}
	v, _ := parseDuration(t.Value)
	return &Duration{At: At{spanOf(t)}, Value: v, Text: t.Value}
}

// count reads a whole number of at least lo.
func (r *reader) count(t lexer.Token, lo int, what string) int {
	n, err := strconv.Atoi(t.Value)
	if err != nil || n < lo {
		r.faults.add(fault(diag.SyntaxNumber, spanOf(t), what+" is a whole number from "+strconv.Itoa(lo), "`"+clip(t.Value)+"`",
			"write a whole number from "+strconv.Itoa(lo)))
		return lo
	}
	return n
}
