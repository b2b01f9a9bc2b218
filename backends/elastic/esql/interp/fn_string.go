package interp

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// maxText is the longest text that CONCAT, REPEAT and SPACE make.
const maxText = 1 << 20

// stringFunctions is the table of the page "ES|QL string functions". They take single values and count code points.
var stringFunctions = []function{
	{name: "bit_length", min: 1, max: 1, doc: "bits of the UTF-8 text", bind: textTo(tInt, func(s string) (any, error) { return int64(len(s)) * 8, nil })},
	{name: "byte_length", min: 1, max: 1, doc: "bytes of the UTF-8 text", bind: textTo(tInt, func(s string) (any, error) { return int64(len(s)), nil })},
	{name: "concat", min: 2, max: -1, doc: "joins texts", bind: bindConcat},
	{name: "contains", min: 2, max: 2, doc: "whether a text holds another", bind: textTest(strings.Contains)},
	{name: "ends_with", min: 2, max: 2, doc: "whether a text ends with another", bind: textTest(strings.HasSuffix)},
	{name: "from_base64", min: 1, max: 1, doc: "decodes base64", bind: textTo(tKeyword, fromBase64)},
	{name: "hash", min: 2, max: 2, doc: "HASH(algorithm, text) in hexadecimal", bind: bindHash},
	{name: "left", min: 2, max: 2, doc: "the first characters", bind: bindEnd(func(r []rune, n int) []rune { return r[:n] })},
	{name: "length", min: 1, max: 1, doc: "number of code points", bind: textTo(tInt, func(s string) (any, error) { return int64(utf8.RuneCountInString(s)), nil })},
	{name: "locate", min: 2, max: 3, doc: "position of a text from 1, 0 when it is not there", bind: bindLocate},
	{name: "ltrim", min: 1, max: 1, doc: "without leading white space", bind: textTo(tKeyword, func(s string) (any, error) { return strings.TrimLeftFunc(s, isJavaSpace), nil })},
	{name: "md5", min: 1, max: 1, doc: "MD5 in hexadecimal", bind: textTo(tKeyword, func(s string) (any, error) { return digest("md5", s) })},
	{name: "repeat", min: 2, max: 2, doc: "a text several times", bind: bindRepeat},
	{name: "replace", min: 3, max: 3, doc: "REPLACE(text, regular expression of Java, replacement)", bind: bindReplace},
	{name: "reverse", min: 1, max: 1, doc: "the characters backwards, combined ones kept together", bind: textTo(tKeyword, func(s string) (any, error) { return reverse(s), nil })},
	{name: "right", min: 2, max: 2, doc: "the last characters", bind: bindEnd(func(r []rune, n int) []rune { return r[len(r)-n:] })},
	{name: "rtrim", min: 1, max: 1, doc: "without trailing white space", bind: textTo(tKeyword, func(s string) (any, error) { return strings.TrimRightFunc(s, isJavaSpace), nil })},
	{name: "sha1", min: 1, max: 1, doc: "SHA-1 in hexadecimal", bind: textTo(tKeyword, func(s string) (any, error) { return digest("sha-1", s) })},
	{name: "sha256", min: 1, max: 1, doc: "SHA-256 in hexadecimal", bind: textTo(tKeyword, func(s string) (any, error) { return digest("sha-256", s) })},
	{name: "space", min: 1, max: 1, doc: "a number of blanks", bind: bindSpace},
	{name: "split", min: 2, max: 2, doc: "splits at a one-byte delimiter into several values", bind: bindSplit},
	{name: "starts_with", min: 2, max: 2, doc: "whether a text begins with another", bind: textTest(strings.HasPrefix)},
	{name: "substring", min: 2, max: 3, doc: "SUBSTRING(text, start from 1, length); a negative start counts from the end", bind: bindSubstring},
	{name: "to_ascii", alias: []string{"ascii"}, min: 1, max: 1, doc: "with escapes for all characters beyond ASCII", bind: textTo(tKeyword, toASCII)},
	{name: "to_base64", min: 1, max: 1, doc: "encodes base64", bind: textTo(tKeyword, func(s string) (any, error) { return base64.StdEncoding.EncodeToString([]byte(s)), nil })},
	{name: "to_lower", min: 1, max: 1, doc: "lower case of each value", bind: bindCaseOf(func(s string) string { return cases.Lower(language.Und).String(s) }, 'A', 'Z')},
	{name: "to_upper", min: 1, max: 1, doc: "upper case of each value", bind: bindCaseOf(func(s string) string { return cases.Upper(language.Und).String(s) }, 'a', 'z')},
	{name: "trim", min: 1, max: 1, doc: "without white space at the ends", bind: textTo(tKeyword, func(s string) (any, error) { return strings.TrimFunc(s, isJavaSpace), nil })},
	{name: "url_decode", min: 1, max: 1, doc: "decodes %XX and +", bind: textTo(tKeyword, urlDecode)},
	{name: "url_encode", min: 1, max: 1, doc: "encodes for a form: blanks become +", bind: textTo(tKeyword, func(s string) (any, error) { return javaURLEncode(s), nil })},
	{name: "url_encode_component", min: 1, max: 1, doc: "encodes for a URI component: blanks become %20", bind: textTo(tKeyword, func(s string) (any, error) { return strings.ReplaceAll(javaURLEncode(s), "+", "%20"), nil })},
}

// textTo is a function of one text.
func textTo(t typ, f func(s string) (any, error)) func(k *call) *expr {
	return func(k *call) *expr {
		if !k.wants(strings_) {
			return nil
		}
		return k.one1(t, func(x any) (any, error) {
			k.r.spend(len(x.(string)) / 32)
			return f(x.(string))
		})
	}
}

// textTest is a test of a text with another.
func textTest(f func(s, t string) bool) func(k *call) *expr {
	return func(k *call) *expr {
		if !k.wants(strings_) {
			return nil
		}
		return k.two(tBool, func(x, y any) (any, error) { return f(x.(string), y.(string)), nil })
	}
}

// isJavaSpace is Java's Character.isWhitespace: Unicode spaces without the no-break ones, and the control characters
// that separate.
func isJavaSpace(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', 0x1c, 0x1d, 0x1e, 0x1f:
		return true
	case 0xa0, 0x2007, 0x202f, 0x85:
		return false
	}
	return unicode.IsSpace(r)
}

func bindConcat(k *call) *expr {
	if !k.wants(strings_) {
		return nil
	}
	return k.all(tKeyword, func(xs []any) (any, error) {
		n := 0
		for _, x := range xs {
			n += len(x.(string))
		}
		if n > maxText {
			return nil, illegal("concatenating more than [%d] bytes is not supported", maxText)
		}
		k.r.spend(n / 32)
		var b strings.Builder
		for _, x := range xs {
			b.WriteString(x.(string))
		}
		return b.String(), nil
	})
}

func fromBase64(s string) (any, error) {
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding} {
		if b, err := enc.DecodeString(s); err == nil {
			return strings.ToValidUTF8(string(b), "\ufffd"), nil
		}
	}
	return nil, illegal("Illegal base64 character or length")
}

// digest is the hash of a text by Java's name of the algorithm.
func digest(algorithm, s string) (any, error) {
	b := []byte(s)
	switch strings.ToLower(algorithm) {
	case "md5":
		h := md5.Sum(b)
		return hex.EncodeToString(h[:]), nil
	case "sha", "sha-1", "sha1":
		h := sha1.Sum(b)
		return hex.EncodeToString(h[:]), nil
	case "sha-224":
		h := sha256.Sum224(b)
		return hex.EncodeToString(h[:]), nil
	case "sha-256":
		h := sha256.Sum256(b)
		return hex.EncodeToString(h[:]), nil
	case "sha-384":
		h := sha512.Sum384(b)
		return hex.EncodeToString(h[:]), nil
	case "sha-512":
		h := sha512.Sum512(b)
		return hex.EncodeToString(h[:]), nil
	case "sha-512/224":
		h := sha512.Sum512_224(b)
		return hex.EncodeToString(h[:]), nil
	case "sha-512/256":
		h := sha512.Sum512_256(b)
		return hex.EncodeToString(h[:]), nil
	}
	return nil, &failure{"java.security.NoSuchAlgorithmException", algorithm + " MessageDigest not available"}
}

func bindHash(k *call) *expr {
	if !k.wants(strings_) {
		return nil
	}
	if s, ok := k.args[0].val.(string); ok && k.args[0].konst {
		if _, err := digest(s, ""); err != nil {
			return k.wrong(k.args[0].span, "the hash algorithm [%s] is not available", s)
		}
	}
	return k.two(tKeyword, func(x, y any) (any, error) { return digest(x.(string), y.(string)) })
}

// bindEnd is LEFT and RIGHT; a negative length is taken as 0, a long one as all.
func bindEnd(cut func(r []rune, n int) []rune) func(k *call) *expr {
	return func(k *call) *expr {
		if !k.want(0, strings_) || !k.want(1, wholes) {
			return nil
		}
		return k.two(tKeyword, func(x, y any) (any, error) {
			r := []rune(x.(string))
			n := max(0, min(y.(int64), int64(len(r))))
			return string(cut(r, int(n))), nil
		})
	}
}

func bindLocate(k *call) *expr {
	if !k.want(0, strings_) || !k.want(1, strings_) || len(k.args) == 3 && !k.want(2, wholes) {
		return nil
	}
	return k.all(tInt, func(xs []any) (any, error) {
		s, sub := xs[0].(string), xs[1].(string)
		skip := 0
		if len(xs) == 3 {
			skip = startIndex(xs[2].(int64), utf8.RuneCountInString(s))
		}
		rest := s
		for i := 0; i < skip && rest != ""; i++ {
			_, size := utf8.DecodeRuneInString(rest)
			rest = rest[size:]
		}
		i := strings.Index(rest, sub)
		if i < 0 {
			return int64(0), nil
		}
		return int64(1 + utf8.RuneCountInString(s[:len(s)-len(rest)+i])), nil
	})
}

func bindRepeat(k *call) *expr {
	if !k.want(0, strings_) || !k.want(1, wholes) {
		return nil
	}
	return k.two(tKeyword, func(x, y any) (any, error) {
		s, n := x.(string), y.(int64)
		if n < 0 {
			return nil, illegal("Number parameter cannot be negative, found [%d]", n)
		}
		if len(s) > 0 && n > int64(maxText/len(s)) {
			return nil, illegal("Creating repeated strings with more than [%d] bytes is not supported", maxText)
		}
		k.r.spend(len(s) * int(n) / 32)
		return strings.Repeat(s, int(n)), nil
	})
}

func bindSpace(k *call) *expr {
	if !k.wants(wholes) {
		return nil
	}
	return k.one1(tKeyword, func(x any) (any, error) {
		n := x.(int64)
		if n < 0 {
			return nil, illegal("Number parameter cannot be negative, found [%d]", n)
		}
		if n > maxText {
			return nil, illegal("Creating strings longer than [%d] bytes is not supported", maxText)
		}
		k.r.spend(int(n) / 32)
		return strings.Repeat(" ", int(n)), nil
	})
}

func bindSplit(k *call) *expr {
	if !k.wants(strings_) {
		return nil
	}
	if s, ok := k.args[1].val.(string); ok && k.args[1].konst && len(s) != 1 {
		return k.wrong(k.args[1].span, "the delimiter of SPLIT is a single byte, found [%s]", s)
	}
	return k.two(tKeyword, func(x, y any) (any, error) {
		if len(y.(string)) != 1 {
			return nil, illegal("delimiter must be single byte for now")
		}
		parts := strings.Split(x.(string), y.(string))
		k.r.spend(len(parts))
		vs := make([]any, len(parts))
		for i, p := range parts {
			vs[i] = p
		}
		return collect(vs), nil
	})
}

// startIndex is the place of a start that counts from 1, or from the end when it is negative, in a text of n characters.
func startIndex(start int64, n int) int {
	switch {
	case start > 0:
		start--
	case start < 0:
		start += int64(n)
	}
	return int(max(0, min(start, int64(n))))
}

func bindSubstring(k *call) *expr {
	if !k.want(0, strings_) || !k.want(1, wholes) || len(k.args) == 3 && !k.want(2, wholes) {
		return nil
	}
	return k.all(tKeyword, func(xs []any) (any, error) {
		r := []rune(xs[0].(string))
		n := int64(len(r))
		start := int64(startIndex(xs[1].(int64), len(r)))
		end := n
		if len(xs) == 3 {
			length := xs[2].(int64)
			if length < 0 {
				return nil, illegal("Length parameter cannot be negative, found [%d]", length)
			}
			end = min(n, start+min(length, n))
		}
		return string(r[start:end]), nil
	})
}

// bindCaseOf is TO_LOWER and TO_UPPER, which map each value with the full Unicode case mapping, as Java does with the root
// locale; ASCII text goes a short way.
func bindCaseOf(f func(s string) string, from, to byte) func(k *call) *expr {
	return func(k *call) *expr {
		if !k.wants(strings_) {
			return nil
		}
		x := k.args[0]
		change := func(v any) any {
			s := v.(string)
			k.r.spend(len(s) / 32)
			ascii, hit := true, false
			for i := 0; i < len(s); i++ {
				ascii = ascii && s[i] < utf8.RuneSelf
				hit = hit || s[i] >= from && s[i] <= to
			}
			switch {
			case ascii && !hit:
				return s
			case ascii:
				b := []byte(s)
				for i, c := range b {
					if c >= from && c <= to {
						b[i] = c ^ 0x20
					}
				}
				return string(b)
			}
			return f(s)
		}
		return k.build(tKeyword, func(cells []any) any { return mapCell(x.eval(cells), change) })
	}
}

// reverse turns a text round and keeps marks, joiners and variation selectors behind their character.
func reverse(s string) string {
	var clusters []string
	start, joined := 0, false
	for i, r := range s {
		extend := unicode.Is(unicode.M, r) || r == 0x200d || r >= 0xfe00 && r <= 0xfe0f || r >= 0x1f3fb && r <= 0x1f3ff
		if i > start && !extend && !joined {
			clusters = append(clusters, s[start:i])
			start = i
		}
		joined = r == 0x200d
	}
	clusters = append(clusters, s[start:])
	var b strings.Builder
	for i := len(clusters) - 1; i >= 0; i-- {
		b.WriteString(clusters[i])
	}
	return b.String()
}

// javaURLEncode is Java's URLEncoder: letters, digits and . - * _ stay, a blank is +.
func javaURLEncode(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte(".-*_", c) >= 0:
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
		}
	}
	return b.String()
}

func urlDecode(s string) (any, error) {
	out, err := url.QueryUnescape(s)
	if err != nil {
		return nil, illegal("URLDecoder: Illegal hex characters in escape (%%) pattern")
	}
	return strings.ToValidUTF8(out, "\ufffd"), nil
}
