package interp

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends/native"
)

// bindJSON is JSON_EXTRACT: dots and brackets lead to a value; strings come without quotes, objects and arrays as JSON as
// it is written; null is null without a warning, a path that leads nowhere null with one.
func bindJSON(k *call) *expr {
	if !k.want(0, strings_|types(tSource)) || !k.want(1, strings_) {
		return nil
	}
	return k.two(tKeyword, func(x, y any) (any, error) {
		var raw []byte
		switch v := x.(type) {
		case string:
			raw = []byte(v)
		case native.Row:
			raw, _ = json.Marshal(v)
		}
		k.r.spend(len(raw) / 16)
		steps, err := jsonPath(y.(string))
		if err != nil {
			return nil, err
		}
		if !json.Valid(raw) {
			return nil, illegal("invalid JSON input")
		}
		return extractJSON(raw, steps, y.(string))
	})
}

// jsonStep is a key, or an index when key is not set.
type jsonStep struct {
	key   string
	isKey bool
	index int
}

// jsonPath takes "a.b[0]['c.d']" apart; a leading $ is the whole.
func jsonPath(p string) ([]jsonStep, error) {
	bad := func() error { return illegal("Invalid JSON path [%s]", p) }
	rest := strings.TrimPrefix(p, "$")
	if rest != p {
		rest = strings.TrimPrefix(rest, ".")
	}
	var out []jsonStep
	for rest != "" {
		switch {
		case rest[0] == '.':
			if len(out) == 0 || len(rest) == 1 {
				return nil, bad()
			}
			rest = rest[1:]
			if rest[0] == '.' || rest[0] == '[' {
				return nil, bad()
			}
		case rest[0] == '[':
			end := strings.IndexByte(rest, ']')
			if end > 1 && (rest[1] == '\'' || rest[1] == '"') {
				if end = strings.Index(rest[2:], string(rest[1])+"]"); end < 0 {
					return nil, bad()
				}
				out = append(out, jsonStep{key: rest[2 : end+2], isKey: true})
				rest = rest[end+4:]
				continue
			}
			if end < 0 {
				return nil, bad()
			}
			n, err := strconv.Atoi(rest[1:end])
			if err != nil || n < 0 {
				return nil, bad()
			}
			out = append(out, jsonStep{index: n})
			rest = rest[end+1:]
		default:
			n := strings.IndexAny(rest, ".[")
			if n < 0 {
				n = len(rest)
			}
			out = append(out, jsonStep{key: rest[:n], isKey: true})
			rest = rest[n:]
		}
	}
	return out, nil
}

// extractJSON walks to the value; with repeated keys the first one counts.
func extractJSON(raw []byte, steps []jsonStep, path string) (any, error) {
	lost := illegal("path [%s] does not exist", path)
	for _, s := range steps {
		raw = []byte(strings.TrimSpace(string(raw)))
		if len(raw) == 0 || s.isKey && raw[0] != '{' || !s.isKey && raw[0] != '[' {
			return nil, lost
		}
		next := jsonChild(raw, s)
		if next == nil {
			return nil, lost
		}
		raw = next
	}
	text := strings.TrimSpace(string(raw))
	switch {
	case text == "null":
		return nil, nil
	case strings.HasPrefix(text, `"`):
		var s string
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			return nil, illegal("invalid JSON input")
		}
		return s, nil
	}
	return text, nil
}

// jsonChild is the raw text of a member of an object or array.
func jsonChild(raw []byte, s jsonStep) []byte {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	if _, err := d.Token(); err != nil {
		return nil
	}
	for i := 0; d.More(); i++ {
		if s.isKey {
			key, err := d.Token()
			if err != nil {
				return nil
			}
			var v json.RawMessage
			if d.Decode(&v) != nil {
				return nil
			}
			if key == s.key {
				return v
			}
			continue
		}
		var v json.RawMessage
		if d.Decode(&v) != nil {
			return nil
		}
		if i == s.index {
			return v
		}
	}
	return nil
}
