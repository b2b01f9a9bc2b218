package sigma

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
)

// Limits of a file. The longest rules in public have some thousand values.
const (
	MaxFile   = 8 << 20
	maxDepth  = 40
	maxNodes  = 500_000
	maxValues = 50_000
)

// reader reads the documents of one file and keeps what is wrong with them.
type reader struct {
	*text
	diags diag.List
	nodes int // visited so far
	over  bool
	// tagged are the lists and maps whose tags were reported.
	tagged map[*yaml.Node]bool
}

func (r *reader) fault(code diag.Code, n *yaml.Node, title string, help ...string) {
	r.diags = append(r.diags, diag.New(code, r.span(n), title, help...))
}

// streams returns the roots of the documents of a file; a fault ends the file.
func (r *reader) streams() (roots []*yaml.Node) {
	if !r.readable() {
		return nil
	}
	defer func() {
		if p := recover(); p != nil { // the YAML library gives up on some texts by a panic
			r.diags = append(r.diags, diag.New(diag.SigmaYAML, diag.Span{File: r.name}, fmt.Sprintf("the file is no YAML: %v", p), "check it with a YAML linter"))
			roots = nil
		}
	}()
	dec := yaml.NewDecoder(strings.NewReader(r.src))
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return roots
		}
		if err != nil {
			r.syntax(err)
			return roots
		}
		if doc.Kind == yaml.DocumentNode && len(doc.Content) > 0 {
			if root := doc.Content[0]; root.Kind != yaml.ScalarNode || root.Tag != "!!null" {
				roots = append(roots, root)
			}
		}
	}
}

// readable reports a file that is no text in UTF-8.
func (r *reader) readable() bool {
	bad := func(at int, title, label, help string) bool {
		d := diag.New(diag.SigmaYAML, r.between(at, at+1), title, help)
		d.Label = label
		r.diags = append(r.diags, d)
		return false
	}
	switch {
	case len(r.src) > MaxFile:
		return bad(0, fmt.Sprintf("the file has %d bytes", len(r.src)), "", "a file of Sigma rules has at most 8 MiB here: split it")
	case strings.HasPrefix(r.src, "\xFF\xFE"), strings.HasPrefix(r.src, "\xFE\xFF"):
		return bad(0, "the file is encoded in UTF-16", "its first bytes say so", "save the file as UTF-8")
	}
	if i := strings.IndexByte(r.src, 0); i >= 0 {
		return bad(i, "the file holds a NUL byte", "this is no text", "check that the file is a Sigma rule, saved as UTF-8")
	}
	if utf8.ValidString(r.src) {
		return true
	}
	i := 0
	for i < len(r.src) {
		c, size := utf8.DecodeRuneInString(r.src[i:])
		if c == utf8.RuneError && size == 1 {
			break
		}
		i += size
	}
	return bad(i, fmt.Sprintf("the byte %#02x is not UTF-8", r.src[i]), "unreadable from here", "save the file as UTF-8")
}
