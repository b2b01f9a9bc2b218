package interp

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash/adler32"
	"hash/crc32"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/backends/kusto/syntax"
)

// encodingFunctions change the coding of strings.
var encodingFunctions = []*function{
	{name: "base64_encode_tostring base64_encodestring", sig: "string", ret: "string", doc: "base64 of a string's UTF-8", fn: func(c *call, a []any) any {
		return base64.StdEncoding.EncodeToString([]byte(a[0].(string)))
	}},
	{name: "base64_decode_tostring base64_decodestring", sig: "string", ret: "string", doc: "string of base64; null when it is not UTF-8", fn: func(c *call, a []any) any {
		b, ok := decode64(a[0].(string))
		if !ok || !utf8.Valid(b) {
			return nil
		}
		return string(b)
	}},
	{name: "base64_decode_toarray", sig: "string", ret: "dynamic", doc: "bytes of base64", fn: func(c *call, a []any) any {
		b, ok := decode64(a[0].(string))
		if !ok {
			return nil
		}
		out := make([]any, len(b))
		for i, v := range b {
			out[i] = int64(v)
		}
		return out
	}},
	{name: "base64_encode_fromarray", sig: "dyn", ret: "string", doc: "base64 of bytes", fn: func(c *call, a []any) any {
		l, ok := array(a[0])
		if !ok {
			return nil
		}
		b := make([]byte, len(l))
		for i, v := range l {
			n, ok := v.(int64)
			if !ok || n < 0 || n > 255 {
				return nil
			}
			b[i] = byte(n)
		}
		return base64.StdEncoding.EncodeToString(b)
	}},
	{name: "base64_decode_toguid", sig: "string", ret: "guid", doc: "guid of base64", fn: func(c *call, a []any) any {
		b, ok := decode64(a[0].(string))
		if !ok || len(b) != 16 {
			return nil
		}
		swapGUID(b)
		g, _ := syntax.ParseGUID(hex.EncodeToString(b))
		return guid(g)
	}},
	{name: "base64_encode_fromguid", sig: "guid", ret: "string", doc: "base64 of a guid", fn: func(c *call, a []any) any {
		b, err := hex.DecodeString(strings.ReplaceAll(string(a[0].(guid)), "-", ""))
		if err != nil {
			return nil
		}
		swapGUID(b)
		return base64.StdEncoding.EncodeToString(b)
	}},
	{name: "url_encode", sig: "string", ret: "string", doc: "URL with reserved characters escaped, blanks as +", fn: func(c *call, a []any) any {
		return percentEncode(a[0].(string), "-_.!*()", "+")
	}},
	{name: "url_encode_component", sig: "string", ret: "string", doc: "URL with reserved characters escaped, blanks as %20", fn: func(c *call, a []any) any {
		return percentEncode(a[0].(string), "-_.~", "%20")
	}},
	{name: "url_decode", sig: "string", ret: "string", doc: "URL with escapes resolved", fn: func(c *call, a []any) any { return urlDecode(a[0].(string)) }},
	{name: "zlib_compress_to_base64_string", sig: "string", ret: "string", doc: "string compressed with zlib", fn: func(c *call, a []any) any {
		s := a[0].(string)
		sum := binary.BigEndian.AppendUint32(nil, adler32.Checksum([]byte(s)))
		return base64.StdEncoding.EncodeToString(slices.Concat([]byte{0x78, 0x01}, deflated(s), sum))
	}},
	{name: "gzip_compress_to_base64_string", sig: "string", ret: "string", doc: "string compressed with gzip", fn: func(c *call, a []any) any {
		s := a[0].(string)
		sum := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(s)))
		sum = binary.LittleEndian.AppendUint32(sum, uint32(len(s)))
		head := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff} // no name, no time, no system
		return base64.StdEncoding.EncodeToString(slices.Concat(head, deflated(s), sum))
	}},
	{name: "zlib_decompress_from_base64_string", sig: "string", ret: "string", doc: "string decompressed with zlib", fn: func(c *call, a []any) any {
		return decompress(c, a[0].(string), func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) })
	}},
	{name: "gzip_decompress_from_base64_string", sig: "string", ret: "string", doc: "string decompressed with gzip", fn: func(c *call, a []any) any {
		return decompress(c, a[0].(string), func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) })
	}},
	{name: "punycode_from_string", sig: "string", ret: "string", doc: "Punycode of a string", fn: func(c *call, a []any) any { return punyEncode(a[0].(string)) }},
	{name: "punycode_to_string", sig: "string", ret: "string", doc: "string of Punycode", fn: func(c *call, a []any) any {
		if s, ok := punyDecode(a[0].(string)); ok {
			return s
		}
		return nil
	}},
	{name: "punycode_domain_from_string", sig: "string", ret: "string", doc: "domain in Punycode", fn: func(c *call, a []any) any {
		return mapLabels(a[0].(string), func(l string) (string, bool) {
			if isASCII(l) {
				return l, true
			}
			return "xn--" + punyEncode(l), true
		})
	}},
	{name: "punycode_domain_to_string", sig: "string", ret: "string", doc: "domain of Punycode", fn: func(c *call, a []any) any {
		return mapLabels(a[0].(string), func(l string) (string, bool) {
			if rest, ok := strings.CutPrefix(l, "xn--"); ok {
				return punyDecode(rest)
			}
			return l, true
		})
	}},
}

// decode64 reads base64 with its padding.
func decode64(s string) ([]byte, bool) {
	b, err := base64.StdEncoding.DecodeString(s)
	return b, err == nil
}

// swapGUID turns the first three fields of a GUID between byte orders.
func swapGUID(b []byte) {
	b[0], b[1], b[2], b[3] = b[3], b[2], b[1], b[0]
	b[4], b[5] = b[5], b[4]
	b[6], b[7] = b[7], b[6]
}

// percentEncode escapes every byte that is neither alphanumeric nor in safe.
func percentEncode(s, safe, blank string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(safe, c) >= 0:
			b.WriteByte(c)
		case c == ' ':
			b.WriteString(blank)
		default:
			b.WriteString("%" + hex.EncodeToString([]byte{c}))
		}
	}
	return b.String()
}

// urlDecode resolves what can be resolved and keeps the rest.
func urlDecode(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if v, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				b.Write(v)
				i += 2
				continue
			}
		}
		if s[i] == '+' {
			b.WriteByte(' ')
			continue
		}
		b.WriteByte(s[i])
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

func decompress(c *call, s string, open func(io.Reader) (io.Reader, error)) any {
	b, ok := decode64(s)
	if !ok {
		return nil
	}
	r, err := open(bytes.NewReader(b))
	if err != nil {
		return nil
	}
	out, err := io.ReadAll(io.LimitReader(r, maxString+1))
	c.x.spend(len(out))
	if err != nil || !utf8.Valid(out) {
		return nil
	}
	return string(out)
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

func mapLabels(s string, f func(string) (string, bool)) any {
	labels := strings.Split(s, ".")
	for i, l := range labels {
		out, ok := f(l)
		if !ok {
			return nil
		}
		labels[i] = out
	}
	return strings.Join(labels, ".")
}

// maxPuny bounds the length of what is coded: its labels are short, and the algorithm is quadratic.
const maxPuny = 10_000

// Punycode, RFC 3492.
const (
	punyBase, punyTMin, punyTMax  = 36, 1, 26
	punySkew, punyDamp            = 38, 700
	punyInitialBias, punyInitialN = 72, 128
	punyDigits                    = "abcdefghijklmnopqrstuvwxyz0123456789"
)

func punyAdapt(delta, n int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / n
	k := 0
	for delta > (punyBase-punyTMin)*punyTMax/2 {
		delta /= punyBase - punyTMin
		k += punyBase
	}
	return k + (punyBase-punyTMin+1)*delta/(delta+punySkew)
}

func punyThreshold(k, bias int) int { return min(max(k-bias, punyTMin), punyTMax) }

func punyEncode(s string) string {
	if len(s) > maxPuny {
		return ""
	}
	var b strings.Builder
	runes := []rune(s)
	for _, r := range runes {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		}
	}
	basic := b.Len()
	if basic > 0 {
		b.WriteByte('-')
	}
	n, delta, bias, h := punyInitialN, 0, punyInitialBias, basic
	for h < len(runes) {
		next := 0x110000
		for _, r := range runes {
			if int(r) >= n && int(r) < next {
				next = int(r)
			}
		}
		delta += (next - n) * (h + 1)
		n = next
		for _, r := range runes {
			if int(r) < n {
				delta++
			}
			if int(r) != n {
				continue
			}
			q := delta
			for k := punyBase; ; k += punyBase {
				t := punyThreshold(k, bias)
				if q < t {
					break
				}
				b.WriteByte(punyDigits[t+(q-t)%(punyBase-t)])
				q = (q - t) / (punyBase - t)
			}
			b.WriteByte(punyDigits[q])
			bias = punyAdapt(delta, h+1, h == basic)
			delta = 0
			h++
		}
		delta++
		n++
	}
	return b.String()
}

func punyDecode(s string) (string, bool) {
	var out []rune
	if i := strings.LastIndexByte(s, '-'); i >= 0 {
		if !isASCII(s[:i]) {
			return "", false
		}
		out, s = []rune(s[:i]), s[i+1:]
	}
	n, i, bias := punyInitialN, 0, punyInitialBias
	for s != "" {
		old, w := i, 1
		for k := punyBase; ; k += punyBase {
			if s == "" {
				return "", false
			}
			d := strings.IndexByte(punyDigits, strings.ToLower(s[:1])[0])
			s = s[1:]
			if d < 0 || i > 1<<40 || w > 1<<40 {
				return "", false
			}
			i += d * w
			t := punyThreshold(k, bias)
			if d < t {
				break
			}
			w *= punyBase - t
		}
		bias = punyAdapt(i-old, len(out)+1, old == 0)
		n += i / (len(out) + 1)
		i %= len(out) + 1
		if n > 0x10ffff {
			return "", false
		}
		out = append(out[:i], append([]rune{rune(n)}, out[i:]...)...)
		i++
	}
	return string(out), true
}

// deflated compresses with deflate. A text that does not become smaller is stored as it is, as on the pages of the functions.
func deflated(s string) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err != nil {
		return nil
	}
	if _, err = io.WriteString(w, s); err == nil {
		err = w.Close()
	}
	if n := len(s); err != nil || n+5 <= b.Len() && n <= math.MaxUint16 {
		return append([]byte{1, byte(n), byte(n >> 8), ^byte(n), ^byte(n >> 8)}, s...)
	}
	return b.Bytes()
}
