// Package plainjson writes JSON that people read, without escapes for HTML, and reads what was written so.
package plainjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// Line returns a value as one line, which ends in a line feed.
func Line(v any) ([]byte, error) { return encode(v, "") }

// Indented returns a value in several lines.
func Indented(v any) ([]byte, error) { return encode(v, "  ") }

func encode(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Strict reads one value. A key that the type does not have is a fault, and so is what follows the value; numbers of no type are of
// [json.Number].
func Strict(data []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the end of the JSON")
	}
	return nil
}
