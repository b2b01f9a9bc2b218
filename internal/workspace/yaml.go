package workspace

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
)

// maxConfig bounds project and parameter files.
const maxConfig = 1 << 20

// yamlDoc is a YAML file that is read by hand, so that each fault has its place and speaks of what the user wrote.
type yamlDoc struct {
	ws   *Workspace
	name string
	src  *diag.Source
	root *yaml.Node // nil for an empty file
}

// yamlEntry is one entry of a mapping.
type yamlEntry struct {
	key       string
	at, value *yaml.Node
}

// readYAML reads a file; nil means that a fault was reported.
func (ws *Workspace) readYAML(name string) *yamlDoc {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() { // a pipe would wait for ever
		ws.fault(diag.Unreadable, name, "it is no regular file", "name a file that can be read")
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		ws.fault(diag.Unreadable, name, Reason(err), "name a file that can be read")
		return nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	switch {
	case err != nil:
		ws.fault(diag.Unreadable, name, Reason(err), "name a file that can be read")
		return nil
	case len(data) > maxConfig:
		ws.fault(diag.BadConfig, name, "the file is larger than 1 MiB", "project and parameter files are small; events and rules go elsewhere")
		return nil
	}
	doc := &yamlDoc{ws: ws, name: name, src: diag.NewSource(name, string(data))}
	ws.Sources[name] = doc.src
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	var top, second yaml.Node
	if err := dec.Decode(&top); err != nil {
		if !errors.Is(err, io.EOF) {
			doc.syntax(err)
			return nil
		}
		return doc
	}
	if dec.Decode(&second) == nil {
		doc.fault(&second, "the file holds several documents", "keep one of them")
	}
	doc.root = top.Content[0]
	return doc
}

// yamlLine finds the line in a message of the parser, which has no other place for it.
var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

func (d *yamlDoc) syntax(err error) {
	span, text := diag.Span{File: d.name}, err.Error()
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		text = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			at := diag.Pos{Line: n, Col: 1}
			span.Start, span.End = at, at
		}
	}
	d.ws.Diags = append(d.ws.Diags, diag.New(diag.BadConfig, span, "the file is no YAML: "+text, "check the indentation and the brackets of this line and those before it"))
}

func (d *yamlDoc) fault(n *yaml.Node, title string, help ...string) {
	d.ws.Diags = append(d.ws.Diags, diag.New(diag.BadConfig, d.span(n), title, help...))
}

func (d *yamlDoc) unknown(n *yaml.Node, kind, word string, known []string) {
	help := diag.Suggestion(kind, word, known)
	switch {
	case help != "":
	case len(known) > 20:
		help = "`onerule fields` lists what there is"
	default:
		help = "there are " + strings.Join(known, ", ")
	}
	d.fault(n, fmt.Sprintf("there is no %s `%s`", kind, word), help)
}

// span is the place of a scalar, and the first character of anything else.
func (d *yamlDoc) span(n *yaml.Node) diag.Span {
	if n == nil || n.Line == 0 {
		return diag.Span{File: d.name}
	}
	start := diag.Pos{Line: n.Line, Col: n.Column, Offset: d.offset(n.Line, n.Column)}
	width := 1
	if n.Kind == yaml.ScalarNode && !strings.Contains(n.Value, "\n") {
		width = max(len([]rune(n.Value)), 1)
	}
	end := diag.Pos{Line: n.Line, Col: n.Column + width, Offset: start.Offset + width}
	return diag.Span{File: d.name, Start: start, End: end}
}

// offset is that of a line and column, near enough to sort by: YAML counts columns in characters.
func (d *yamlDoc) offset(line, col int) int {
	at := 0
	for range line - 1 {
		i := strings.IndexByte(d.src.Text[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	return at + col - 1
}

// mapping returns the entries of a mapping; nothing at all is an empty one.
func (d *yamlDoc) mapping(n *yaml.Node, what, wanted string) []yamlEntry {
	if n == nil || n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		d.fault(n, what+" must hold "+wanted, "see the README, Project file")
		return nil
	}
	var out []yamlEntry
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case k.Kind != yaml.ScalarNode:
			d.fault(k, "a key is a single word here", "see the README, Project file")
		case slices.ContainsFunc(out, func(e yamlEntry) bool { return e.key == k.Value }):
			d.fault(k, fmt.Sprintf("`%s` is given twice", k.Value), "keep one of them")
		default:
			out = append(out, yamlEntry{k.Value, k, v})
		}
	}
	return out
}

// words reads a list of words out of a closed set; one word is a list too.
func (d *yamlDoc) words(n *yaml.Node, key, kind string, known []string) []string {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	var out []string
	for _, x := range items {
		switch {
		case x.Kind != yaml.ScalarNode || x.Tag == "!!null":
			d.fault(x, fmt.Sprintf("`%s` takes a list of names", key), fmt.Sprintf("write `%s: [%s]`, say", key, known[0]))
		case !slices.Contains(known, x.Value):
			d.unknown(x, kind, x.Value, known)
		default:
			out = append(out, x.Value)
		}
	}
	return out
}

// values are the texts of a scalar, or of the scalars of a list.
func (d *yamlDoc) values(n *yaml.Node) ([]string, bool) {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	out := make([]string, len(items))
	for i, x := range items {
		if x.Kind != yaml.ScalarNode || x.Tag == "!!null" {
			return nil, false
		}
		out[i] = x.Value
	}
	return out, true
}
