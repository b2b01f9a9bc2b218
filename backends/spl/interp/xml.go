package interp

import (
	"encoding/xml"
	"strings"
)

// element is one element of an XML text.
type element struct {
	name     string
	attrs    []xml.Attr
	children []*element
	text     string
}

// parseXML reads an XML text; nil where it is none.
func parseXML(s string) *element {
	if !strings.HasPrefix(strings.TrimSpace(s), "<") {
		return nil
	}
	dec := xml.NewDecoder(strings.NewReader(s))
	dec.Strict = false
	root := &element{}
	open := []*element{root}
	for {
		tok, err := dec.Token()
		if err != nil {
			if len(root.children) == 0 {
				return nil
			}
			return root
		}
		top := open[len(open)-1]
		switch t := tok.(type) {
		case xml.StartElement:
			e := &element{name: t.Name.Local, attrs: t.Attr}
			top.children = append(top.children, e)
			if open = append(open, e); len(open) > maxJSONDepth {
				return nil
			}
		case xml.EndElement:
			if len(open) > 1 {
				open = open[:len(open)-1]
			}
		case xml.CharData:
			top.text += string(t)
		}
	}
}

// value is an element's own text.
func (e *element) value() string { return strings.TrimSpace(e.text) }

// findXML returns what a path leads to: elements by name, one of several by its number from 1, an attribute by {@name}.
func findXML(e *element, steps []string) []string {
	if len(steps) == 0 {
		if v := e.value(); v != "" || len(e.children) == 0 {
			return []string{v}
		}
		return nil
	}
	if attr, ok := strings.CutPrefix(steps[0], "{@"); ok {
		for _, a := range e.attrs {
			if a.Name.Local == strings.TrimSuffix(attr, "}") {
				return []string{a.Value}
			}
		}
		return nil
	}
	number, rest := 0, steps[1:]
	if len(rest) > 0 && strings.HasPrefix(rest[0], "{") && !strings.HasPrefix(rest[0], "{@") {
		if n, ok := parseNumber(strings.Trim(rest[0], "{}")); ok {
			number = int(n)
		}
		rest = rest[1:]
	}
	var out []string
	n := 0
	for _, c := range e.children {
		if c.name != steps[0] {
			continue
		}
		if n++; number == 0 || n == number {
			out = append(out, findXML(c, rest)...)
		}
	}
	return out
}

// eachXML calls f with the path and text of every leaf and every attribute.
func eachXML(e *element, path string, f func(path, text string)) {
	for _, a := range e.attrs {
		f(path+"{@"+a.Name.Local+"}", a.Value)
	}
	if v := e.value(); v != "" && path != "" {
		f(path, v)
	}
	for _, c := range e.children {
		name := c.name
		if path != "" {
			name = path + "." + name
		}
		eachXML(c, name, f)
	}
}

// structured is the values at a path of JSON or XML text.
func (r *run) structured(doc, path string) value {
	if x := parseXML(doc); x != nil {
		var out []value
		for _, s := range findXML(x, splitPath(path)) {
			out = append(out, fieldText(s))
		}
		return r.listValue(out)
	}
	return r.jsonPath(doc, path)
}
