package interp

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/onerule/onerule/backends/datadog/secl/fields"
)

// number reads a number: JSON number, decimal text, constant names joined by |, or for a time an RFC 3339 text.
func number(v any, isTime bool) (int64, bool) {
	switch v := v.(type) {
	case json.Number:
		return parseInt(v.String())
	case string:
		if isTime {
			if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
				return at.UnixNano(), true
			}
		}
		if n, ok := parseInt(v); ok {
			return n, true
		}
		sum := int64(0)
		for _, name := range strings.Split(v, "|") {
			n, ok := fields.ConstantValue(strings.TrimSpace(name))
			if !ok {
				return 0, false
			}
			sum |= n
		}
		return sum, true
	}
	return 0, false
}

func parseInt(s string) (int64, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	if u, err := strconv.ParseUint(s, 10, 64); err == nil {
		return int64(u), true // masks of 64 bits
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<63 {
		return 0, false
	}
	return int64(f), true
}
