package sigma

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/importer/sigma/taxonomy"
)

func base64Text(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// matchFold compares a text with a pattern, without regard to the case of ASCII letters.
func matchFold(p pattern, s string) bool {
	s = strings.ToLower(s)
	var match func(p pattern, s string) bool
	match = func(p pattern, s string) bool {
		if len(p) == 0 {
			return s == ""
		}
		switch p[0].wild {
		case '*':
			for i := 0; i <= len(s); i++ {
				if match(p[1:], s[i:]) {
					return true
				}
			}
			return false
		case '?':
			return s != "" && match(p[1:], s[1:])
		}
		rest, ok := strings.CutPrefix(s, strings.ToLower(p[0].text))
		return ok && match(p[1:], rest)
	}
	return match(p, s)
}

// hashLength is the number of hexadecimal digits of a hash.
var hashLength = map[string]int{"md5": 32, "sha1": 40, "sha256": 64, "imphash": 32}

var hashPair = regexp.MustCompile(`(?i)^(md5|sha1|sha256|imphash)=(.*)$`)

func hashNames(f taxonomy.Field) []string {
	var out []string
	for _, n := range f.Hashes {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// testHashes reads what Sysmon joins to `SHA256=…,MD5=…`: each value names the hash that it is about.
func (c *converter) testHashes(t *fieldTest) grammar.Expr {
	var each []grammar.Expr
	type one struct {
		field, op string
		x         grammar.Expr
	}
	var flat []one
	for _, v := range t.values {
		switch v.kind {
		case nullScalar:
			var xs []grammar.Expr
			for _, n := range hashNames(t.field) {
				xs = append(xs, c.compare(t.whole, t.key, n, "missing", nil, false))
			}
			each = append(each, join("and", xs))
			continue
		case textScalar:
		case numberScalar, boolScalar, badScalar:
			c.fault(diag.SigmaValue, v.node, fmt.Sprintf("`%s` takes texts such as 'SHA256=…'", t.name), "put the value in single quotes")
			return nil
		}
		for _, p := range v.several {
			field, op, operand, ok := c.hash(t, v.node, p)
			if !ok {
				return nil
			}
			if t.mods.all {
				each = append(each, c.compare(v.node, t.key, field, op, []grammar.Expr{c.str(v.node, operand)}, false))
				continue
			}
			flat = append(flat, one{field, op, c.str(v.node, operand)})
		}
	}
	for len(flat) > 0 {
		first := flat[0]
		var xs []grammar.Expr
		flat = slices.DeleteFunc(flat, func(o one) bool {
			same := o.field == first.field && o.op == first.op
			if same {
				xs = append(xs, o.x)
			}
			return same
		})
		each = append(each, c.compare(t.whole, t.key, first.field, first.op, xs, false))
	}
	if t.mods.all {
		return join("and", each)
	}
	return join("or", each)
}

// hash finds which hash a value is about, and how it is compared.
func (c *converter) hash(t *fieldTest, n *yaml.Node, p pattern) (field, op, operand string, ok bool) {
	form, s := p.form()
	bad := func(title, help string) (string, string, string, bool) {
		c.fault(diag.SigmaValue, n, title, help)
		return "", "", "", false
	}
	if m := hashPair.FindStringSubmatch(s); m != nil && m[2] == "" && (form == "contains" || form == "starts_with") {
		if f, has := t.field.Hash(m[1]); has {
			return f, "exists", "", true
		}
	}
	if form == "like" || form == "exists" {
		return bad(fmt.Sprintf("`%s` is compared with wildcards inside", t.name), "each hash is a field of its own here: write values such as 'SHA256=' with the whole hash")
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, ","), ",")
	if strings.Contains(s, ",") {
		return bad(fmt.Sprintf("one value of `%s` holds several hashes", t.name), "write one hash in each value; with `|all` all of them must fit")
	}
	m := hashPair.FindStringSubmatch(s)
	if m == nil {
		for _, alg := range []string{"md5", "sha1", "sha256"} {
			if len(s) == hashLength[alg] && isHex(s) {
				if alg == "md5" {
					if _, both := t.field.Hash("imphash"); both {
						break
					}
				}
				if f, ok := t.field.Hash(alg); ok {
					return f, "==", s, true
				}
			}
		}
		return bad(fmt.Sprintf("the value does not say which hash of `%s` it is", t.name), "write `MD5=`, `SHA1=`, `SHA256=` or `IMPHASH=` before it")
	}
	alg := strings.ToLower(m[1])
	f, has := t.field.Hash(alg)
	if !has {
		return bad(fmt.Sprintf("`%s` has no %s here", t.name, m[1]), "its hashes are "+strings.Join(hashNames(t.field), ", "))
	}
	if !isHex(m[2]) || len(m[2]) > hashLength[alg] || m[2] == "" {
		return bad(fmt.Sprintf("`%s` is no %s hash", m[2], m[1]), fmt.Sprintf("it has %d hexadecimal digits", hashLength[alg]))
	}
	if len(m[2]) < hashLength[alg] {
		if form == "==" || form == "ends_with" {
			return bad(fmt.Sprintf("the %s hash has %d digits of %d", m[1], len(m[2]), hashLength[alg]), "write the whole hash, or `|contains` for its beginning")
		}
		return f, "starts_with", m[2], true
	}
	return f, "==", m[2], true
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdefABCDEF") == "" }

// prefixBlocks are the blocks of exactly those addresses whose text begins with s; none when s begins no address.
func prefixBlocks(s string) []netip.Prefix {
	if s == "" || len(s) > 20 {
		return nil
	}
	var out []netip.Prefix
	if strings.Trim(s, "0123456789.") == "" {
		out = append(out, v4Blocks(s)...)
	}
	if !strings.Contains(s, ".") {
		out = append(out, v6Blocks(strings.ToLower(s))...)
	}
	return out
}

// v4Blocks takes whole parts and the beginning of the next one.
func v4Blocks(s string) []netip.Prefix {
	parts := strings.Split(s, ".")
	if len(parts) > 4 {
		return nil
	}
	var octets [4]byte
	for i, p := range parts[:len(parts)-1] {
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil || strconv.FormatUint(n, 10) != p {
			return nil
		}
		octets[i] = byte(n)
	}
	last, bits := parts[len(parts)-1], 8*len(parts)
	if last == "" {
		return []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4(octets), bits-8)}
	}
	var out []netip.Prefix
	for n := range 256 {
		if strings.HasPrefix(strconv.Itoa(n), last) {
			octets[len(parts)-1] = byte(n)
			out = append(out, netip.PrefixFrom(netip.AddrFrom4(octets), bits))
		}
	}
	return out
}

// v6Blocks takes the beginning of the first group, or the whole group with its colon.
func v6Blocks(s string) []netip.Prefix {
	group, colon := strings.CutSuffix(s, ":")
	if group == "" || len(group) > 4 || !isHex(group) || group[0] == '0' {
		return nil
	}
	v, err := strconv.ParseUint(group, 16, 16)
	if err != nil {
		return nil
	}
	block := func(v uint64, bits int) netip.Prefix {
		var b [16]byte
		b[0], b[1] = byte(v>>8), byte(v)
		return netip.PrefixFrom(netip.AddrFrom16(b), bits)
	}
	if colon {
		return []netip.Prefix{block(v, 16)}
	}
	var out []netip.Prefix
	for digits := 4; digits >= len(group); digits-- {
		free := 4 * (digits - len(group))
		out = append(out, block(v<<free, 16-free))
	}
	return out
}

// blockGlobs are texts with wildcards that exactly the addresses of a block have; ok is false when there are none.
func blockGlobs(p netip.Prefix) (out []string, ok bool) {
	if p.Addr().Is4() {
		b := p.Addr().As4()
		full, rest := p.Bits()/8, p.Bits()%8
		head := ""
		for i := range full {
			head += strconv.Itoa(int(b[i])) + "."
		}
		texts := []string{strings.TrimSuffix(head, ".")}
		switch {
		case full < 4 && rest == 0:
			texts = []string{head + "*"}
			if full == 0 {
				texts = []string{"*.*.*.*"}
			}
		case full < 4:
			texts = nil
			for n := range 1 << (8 - rest) {
				x := head + strconv.Itoa(int(b[full])+n)
				if full < 3 {
					x += ".*"
				}
				texts = append(texts, x)
			}
		}
		for _, x := range texts {
			out = append(out, x, "::ffff:"+x)
		}
		return out, true
	}
	if p.Bits() == 128 {
		return []string{p.Addr().String()}, true
	}
	b := p.Addr().As16()
	full, rest := p.Bits()/16, p.Bits()%16
	if p.Bits() == 0 {
		return []string{"*:*"}, true
	}
	head := ""
	for i := range full {
		v := int(b[2*i])<<8 | int(b[2*i+1])
		if v == 0 { // several such groups are written as ::
			return nil, false
		}
		head += strconv.FormatInt(int64(v), 16) + ":"
	}
	if rest == 0 {
		return []string{head + "*"}, true
	}
	v := int(b[2*full])<<8 | int(b[2*full+1])
	if v>>12 == 0 { // a group without leading zeros has fewer digits
		return nil, false
	}
	digits := (rest + 3) / 4
	for n := range 1 << (4*digits - rest) {
		x := strconv.FormatInt(int64(v>>(16-4*digits)+n), 16)
		out = append(out, head+x+strings.Repeat("?", 4-digits)+":*")
	}
	return out, true
}

// placeholder names what is between two percent signs.
var placeholder = regexp.MustCompile(`%([A-Za-z0-9_]+)%`)

// expand finds the placeholders of a text.
func expand(p pattern) pattern {
	var out pattern
	for _, x := range p {
		if x.wild != 0 {
			out = append(out, x)
			continue
		}
		text := strings.ReplaceAll(x.text, `\%`, "\x00")
		for {
			m := placeholder.FindStringSubmatchIndex(text)
			if m == nil {
				break
			}
			if m[0] > 0 {
				out = append(out, part{text: strings.ReplaceAll(text[:m[0]], "\x00", "%")})
			}
			out = append(out, part{name: text[m[2]:m[3]]})
			text = text[m[1]:]
		}
		if text != "" {
			out = append(out, part{text: strings.ReplaceAll(text, "\x00", "%")})
		}
	}
	return out
}

// filled are the patterns with the values of placeholders put in; ok is false when a placeholder has none.
func (c *converter) filled(p pattern) (out []pattern, ok bool) {
	out = []pattern{nil}
	for _, x := range p {
		choices := []part{x}
		if x.name != "" {
			values, known := c.placeholderValues(x.name)
			if !known {
				return nil, false
			}
			choices = nil
			for _, s := range values {
				choices = append(choices, part{text: s})
			}
		}
		var next []pattern
		for _, head := range out {
			for _, y := range choices {
				next = append(next, appendText(head, y))
			}
		}
		out = next
	}
	return out, true
}

// placeholder says a text with placeholders: with the values that a mapping file gives, or as a list parameter.
func (g *atoms) placeholder(v value, p pattern) (as []atom, ok, done bool) {
	i := slices.IndexFunc(p, func(x part) bool { return x.name != "" })
	if i < 0 {
		return nil, false, false
	}
	c := g.c
	if filled, ok := c.filled(p); ok {
		for _, q := range filled {
			more, ok := g.pattern(v, q)
			if !ok {
				return nil, false, true
			}
			as = append(as, more...)
		}
		return as, true, true
	}
	inner := slices.DeleteFunc(slices.Clone(p), func(x part) bool { return x.wild == '*' })
	if len(inner) != 1 || len(p) > 1 && p[0].wild == 0 && p[len(p)-1].wild == 0 {
		c.fault(diag.SigmaCannot, v.node, fmt.Sprintf("the placeholder `%%%s%%` stands inside of a longer text", p[i].name), "give its values in a mapping file (`placeholders: {"+p[i].name+": [value]}`) with --map")
		return nil, false, true
	}
	op := "=="
	switch before, behind := p.starts(), p.ends(); {
	case before && behind:
		op = "contains"
	case before:
		op = "ends_with"
	case behind:
		op = "starts_with"
	}
	name := c.parameter(v.node, p[i].name)
	return []atom{{op, &grammar.VarRef{At: c.at(v.node), Name: name}, v.node}}, true, true
}
