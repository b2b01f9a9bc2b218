package schema

import (
	"encoding/json"
	"strconv"
)

// Plain returns a JSON object in the form that reading JSON with json.Number gives: numbers of Go become json.Number.
func Plain(obj map[string]any) map[string]any {
	out := make(map[string]any, len(obj))
	for k, v := range obj {
		out[k] = plainValue(v)
	}
	return out
}

func plainValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return Plain(v)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = plainValue(x)
		}
		return out
	case int64:
		return json.Number(strconv.FormatInt(v, 10))
	case int:
		return json.Number(strconv.Itoa(v))
	case float64:
		return json.Number(strconv.FormatFloat(v, 'g', -1, 64))
	}
	return v
}

// DefaultMillis is the time of events that nobody gave a time: 2026-01-05T00:00:00Z, a Monday.
const DefaultMillis = 1767571200000
