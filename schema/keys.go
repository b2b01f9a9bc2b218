package schema

import (
	"bytes"
	"encoding/json"
)

// RepeatedKey finds the first key that stands twice in one object of a JSON text, and the offset of its second place. JSON
// readers differ there; ours takes the last value. The text must be valid JSON: it may hold several values.
func RepeatedKey(text []byte) (key string, offset int, found bool) {
	var keys [][]byte        // of all open objects, one after the other
	var open []int           // for each open bracket: where its keys start, -1 for an array
	seen := map[int]keySet{} // of objects with many keys, by where their keys start
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{':
			open = append(open, len(keys))
		case '[':
			open = append(open, -1)
		case '}', ']':
			if len(open) == 0 {
				return "", 0, false
			}
			if start := open[len(open)-1]; start >= 0 {
				keys = keys[:start]
				delete(seen, start)
			}
			open = open[:len(open)-1]
		case '"':
			end := stringEnd(text, i)
			if len(open) > 0 && open[len(open)-1] >= 0 && isKey(text[end:]) {
				start, k := open[len(open)-1], plainKey(text[i:end])
				if repeated(keys[start:], k, seen, start) {
					return string(k), i, true
				}
				keys = append(keys, k)
			}
			i = end - 1
		}
	}
	return "", 0, false
}

// keySet holds the keys of a large object.
type keySet map[string]bool

// fewKeys is up to where looking through the keys is faster than a set.
const fewKeys = 32

func repeated(keys [][]byte, k []byte, seen map[int]keySet, start int) bool {
	if len(keys) < fewKeys {
		for _, o := range keys {
			if bytes.Equal(o, k) {
				return true
			}
		}
		return false
	}
	set := seen[start]
	if set == nil {
		set = keySet{}
		for _, o := range keys {
			set[string(o)] = true
		}
		seen[start] = set
	}
	if set[string(k)] {
		return true
	}
	set[string(k)] = true
	return false
}

// stringEnd is where the string that starts at i ends, behind its quote.
func stringEnd(text []byte, i int) int {
	for j := i + 1; j < len(text); j++ {
		switch text[j] {
		case '\\':
			j++
		case '"':
			return j + 1
		}
	}
	return len(text)
}

// isKey reports whether a colon follows.
func isKey(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return len(rest) > 0 && rest[0] == ':'
}

// plainKey is the text of a string, its escapes resolved.
func plainKey(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return bytes.Trim(quoted, `"`)
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return quoted
	}
	return []byte(s)
}
