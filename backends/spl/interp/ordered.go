package interp

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// node is a JSON value whose objects keep the order of their keys: nil, bool, json.Number, string, []node or *object.
type node any

// object is a JSON object in the order in which it was written.
type object struct {
	keys []string
	vals map[string]node
}

func newObject() *object { return &object{vals: map[string]node{}} }

func (o *object) set(key string, v node) {
	if _, has := o.vals[key]; !has {
		o.keys = append(o.keys, key)
	}
	o.vals[key] = v
}

func (o *object) remove(key string) {
	if _, has := o.vals[key]; !has {
		return
	}
	delete(o.vals, key)
	for i, k := range o.keys {
		if k == key {
			o.keys = append(o.keys[:i:i], o.keys[i+1:]...)
			return
		}
	}
}

// errJSON says that a text is no JSON, or is nested too deeply.
var errJSON = errors.New("no JSON")

const maxJSONDepth = 200

// parseJSON reads a text that is one JSON value.
func parseJSON(s string) (node, error) {
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	v, err := readNode(dec, 0)
	if err != nil {
		return nil, err
	}
	if dec.More() || strings.TrimSpace(s[dec.InputOffset():]) != "" {
		return nil, errJSON
	}
	return v, nil
}

func readNode(dec *json.Decoder, depth int) (node, error) {
	tok, err := dec.Token()
	if err != nil || depth > maxJSONDepth {
		return nil, errJSON
	}
	delim, ok := tok.(json.Delim)
	if !ok {
		return tok, nil
	}
	if delim == '[' {
		list := []node{}
		for dec.More() {
			e, err := readNode(dec, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, e)
		}
		_, err = dec.Token()
		return list, err
	}
	o := newObject()
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, errJSON
		}
		e, err := readNode(dec, depth+1)
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		o.set(name, e)
	}
	_, err = dec.Token()
	return o, err
}

// writeJSON appends the compact text of a node.
func writeJSON(b *strings.Builder, v node) {
	switch v := v.(type) {
	case []node:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, e)
		}
		b.WriteByte(']')
	case *object:
		b.WriteByte('{')
		for i, k := range v.keys {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(jsonText(k) + ":")
			writeJSON(b, v.vals[k])
		}
		b.WriteByte('}')
	default:
		b.WriteString(jsonText(v))
	}
}

// jsonText is a scalar as JSON.
func jsonText(v any) string {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return "null"
	}
	return strings.TrimSuffix(buf.String(), "\n")
}

func nodeText(v node) string {
	var b strings.Builder
	writeJSON(&b, v)
	return b.String()
}

// toNode is a value of eval as JSON. Text that JSON functions made stays JSON; other text is a string.
func toNode(v value) node {
	switch v.kind {
	case number:
		if s := v.text(); jsonNumber(strings.SplitN(strings.ToLower(s), "e", 2)[0]) {
			return json.Number(s)
		}
		return json.Number(formatNumber(v.num))
	case boolean:
		return v.num != 0
	case text:
		if v.json {
			if n, err := parseJSON(v.str); err == nil {
				return n
			}
		}
		return v.str
	case multi:
		list := make([]node, len(v.list))
		for i, e := range v.list {
			list[i] = toNode(e)
		}
		return list
	case null:
	}
	return nil
}

// fromNode is JSON as a value of eval: scalars as they are, objects and arrays as JSON text.
func fromNode(n node) value {
	switch n := n.(type) {
	case nil:
		return value{}
	case string:
		return fieldText(n)
	case bool:
		if n {
			return fieldText("true")
		}
		return fieldText("false")
	case json.Number:
		x, ok := parseNumber(n.String())
		if !ok {
			return fieldText(n.String())
		}
		return value{kind: number, num: x, str: n.String(), origin: field}
	}
	return jsonValueOf(n)
}

// jsonValueOf is a value that holds JSON text.
func jsonValueOf(n node) value {
	return value{kind: text, str: nodeText(n), origin: field, json: true}
}
