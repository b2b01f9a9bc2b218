package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/schema"
)

// marshal writes JSON without HTML escapes, on one line.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("JSON: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// rowJSON writes a result row as an object with its columns in order.
func rowJSON(cols []native.Column, cells []any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, c := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := marshal(cols[i].Name)
		if err != nil {
			return nil, err
		}
		val, err := marshal(cell(c))
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(val)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// cell returns a cell as JSON takes it: dates as text in UTC, with as many digits of the second as they have, at least three.
func cell(v any) any {
	switch v := v.(type) {
	case time.Time:
		if v.Nanosecond()%1e6 == 0 {
			return v.UTC().Format(schema.TimeLayout)
		}
		return v.UTC().Format("2006-01-02T15:04:05.000000000Z")
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = cell(x)
		}
		return out
	}
	return v
}
