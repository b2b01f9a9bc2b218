package interp

import (
	"fmt"
	"strings"
)

// toASCII writes characters beyond ASCII, and the control characters for which Java has letters, as escapes. A backslash
// stays as it is (page "TO_ASCII" and its example).
func toASCII(s string) (any, error) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= ' ' && r < 0x7f:
			b.WriteByte(byte(r))
		case strings.ContainsRune("\n\t\r\b\f", r):
			b.WriteString(map[rune]string{'\n': `\n`, '\t': `\t`, '\r': `\r`, '\b': `\b`, '\f': `\f`}[r])
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String(), nil
}
