package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/schema"
)

// textOrJSON are the formats of most commands.
var textOrJSON = []string{"text", "json"}

// registerFormat adds --format with the first of the formats as the default.
func registerFormat(cmd *cobra.Command, format *string, formats []string) {
	last := len(formats) - 1
	cmd.Flags().StringVar(format, "format", formats[0], strings.Join(formats[:last], ", ")+" or "+formats[last])
	complete(cmd, "format", fixed(formats...))
}

// writeJSON writes a value as indented JSON.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

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

// cell returns a cell as JSON takes it: dates as text in UTC, with as many digits of the second as they have, at least
// three; numbers that JSON lacks (NaN, infinity) as text.
func cell(v any) any {
	switch v := v.(type) {
	case time.Time:
		if v.Nanosecond()%1e6 == 0 {
			return v.UTC().Format(schema.TimeLayout)
		}
		return v.UTC().Format("2006-01-02T15:04:05.000000000Z")
	case json.Number:
		if !json.Valid([]byte(v)) {
			return string(v)
		}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = cell(x)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = cell(x)
		}
		return out
	}
	return v
}
