package interp

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// ipFunctions: IPv4 and IPv6 addresses as text. What does not parse gives null.
var ipFunctions = []*function{
	{name: "ipv4_is_in_range", sig: "string string", ret: "bool", doc: "whether an IPv4 address lies in a range", fn: func(c *call, a []any) any {
		return inIPRange(c.x, a[0].(string), a[1].(string), false)
	}},
	{name: "ipv4_is_in_any_range", sig: "string strdyn strdyn*", ret: "bool", doc: "whether an IPv4 address lies in one of several ranges", fn: func(c *call, a []any) any { return inAnyRange(c, a, false) }},
	{name: "ipv6_is_in_range", sig: "string string", ret: "bool", doc: "whether an address lies in a range", fn: func(c *call, a []any) any {
		return inIPRange(c.x, a[0].(string), a[1].(string), true)
	}},
	{name: "ipv6_is_in_any_range", sig: "string strdyn strdyn*", ret: "bool", doc: "whether an address lies in one of several ranges", fn: func(c *call, a []any) any { return inAnyRange(c, a, true) }},
	{name: "ipv4_is_match", sig: "string string int?", ret: "bool", doc: "whether two IPv4 addresses agree under the shorter mask", fn: func(c *call, a []any) any {
		if v, ok := ip4Compare(c, a); ok {
			return v == 0
		}
		return nil
	}},
	{name: "ipv4_compare", sig: "string string int?", ret: "long", doc: "order of two IPv4 addresses under the shorter mask", fn: func(c *call, a []any) any {
		if v, ok := ip4Compare(c, a); ok {
			return v
		}
		return nil
	}},
	{name: "ipv6_is_match", sig: "string string int?", ret: "bool", doc: "whether two addresses agree under the shorter mask", fn: func(c *call, a []any) any {
		if v, ok := ip6Compare(c, a); ok {
			return v == 0
		}
		return nil
	}},
	{name: "ipv6_compare", sig: "string string int?", ret: "long", doc: "order of two addresses under the shorter mask", fn: func(c *call, a []any) any {
		if v, ok := ip6Compare(c, a); ok {
			return v
		}
		return nil
	}},
	{name: "ipv4_is_private", sig: "string", ret: "bool", doc: "whether an IPv4 address is of a private network", fn: isPrivateIP4},
	{name: "ipv4_netmask_suffix", sig: "string", ret: "long", doc: "length of the mask", fn: func(c *call, a []any) any {
		if p, ok := parseIP4(a[0].(string)); ok {
			return int64(p.bits)
		}
		return nil
	}},
	{name: "parse_ipv4", sig: "string", ret: "long", doc: "IPv4 address as a number", fn: func(c *call, a []any) any {
		if p, ok := parseIP4(a[0].(string)); ok {
			return int64(p.masked())
		}
		return nil
	}},
	{name: "parse_ipv4_mask", sig: "string int", ret: "long", doc: "IPv4 address under a mask as a number", fn: func(c *call, a []any) any {
		p, ok := parseIP4(a[0].(string))
		n := a[1].(int64)
		if !ok || n < 0 || n > 32 {
			return nil
		}
		p.bits = min(p.bits, int(n))
		return int64(p.masked())
	}},
	{name: "parse_ipv6", sig: "string", ret: "string", doc: "address in its full IPv6 form", fn: func(c *call, a []any) any {
		if p, ok := parseIP6(a[0].(string)); ok {
			return p.Masked().Addr().StringExpanded()
		}
		return nil
	}},
	{name: "parse_ipv6_mask", sig: "string int", ret: "string", doc: "address under a mask in its full IPv6 form", fn: func(c *call, a []any) any {
		p, ok := parseIP6(a[0].(string))
		n := a[1].(int64)
		if !ok || n < 0 || n > 128 {
			return nil
		}
		return netip.PrefixFrom(p.Addr(), min(p.Bits(), int(n))).Masked().Addr().StringExpanded()
	}},
	{name: "format_ipv4", sig: "any int?", ret: "string", doc: "IPv4 address of a number or text under a mask", fn: func(c *call, a []any) any {
		p, ok := ip4Of(a[0])
		if !ok {
			return ""
		}
		if c.n > 1 {
			n := a[1].(int64)
			if n < 0 || n > 32 {
				return ""
			}
			p.bits = min(p.bits, int(n))
		}
		return ip4Text(p.masked())
	}},
	{name: "format_ipv4_mask", sig: "any int?", ret: "string", doc: "IPv4 network of a number or text in CIDR form", fn: func(c *call, a []any) any {
		p, ok := ip4Of(a[0])
		if !ok {
			return ""
		}
		if c.n > 1 {
			n := a[1].(int64)
			if n < 0 || n > 32 {
				return ""
			}
			p.bits = min(p.bits, int(n))
		}
		return fmt.Sprintf("%s/%d", ip4Text(p.masked()), p.bits)
	}},
	{name: "ipv4_range_to_cidr_list", sig: "string string", ret: "dynamic", doc: "networks that cover a range of addresses", fn: rangeToCIDR},
	{name: "has_ipv4", sig: "strdyn string", ret: "bool", nulls: true, doc: "whether a text holds an IPv4 address", fn: func(c *call, a []any) any {
		return hasIP4(asString(a[0]), a[1].(string), false)
	}},
	{name: "has_ipv4_prefix", sig: "strdyn string", ret: "bool", nulls: true, doc: "whether a text holds an IPv4 address that begins with a prefix", fn: func(c *call, a []any) any {
		return hasIP4(asString(a[0]), a[1].(string), true)
	}},
	{name: "has_any_ipv4", sig: "strdyn strdyn strdyn*", ret: "bool", nulls: true, doc: "has_ipv4 for one of several addresses", fn: func(c *call, a []any) any { return hasAnyIP4(a, false) }},
	{name: "has_any_ipv4_prefix", sig: "strdyn strdyn strdyn*", ret: "bool", nulls: true, doc: "has_ipv4_prefix for one of several prefixes", fn: func(c *call, a []any) any { return hasAnyIP4(a, true) }},
}

// ip4 is an IPv4 address with its mask.
type ip4 struct {
	addr uint32
	bits int
}

func mask4(bits int) uint32 {
	if bits <= 0 {
		return 0
	}
	return ^uint32(0) << (32 - min(bits, 32))
}

func (p ip4) masked() uint32 { return p.addr & mask4(p.bits) }

// parseIP4 reads a.b.c.d with an optional /n.
func parseIP4(s string) (ip4, bool) {
	s = strings.TrimSpace(s)
	addr, mask, has := strings.Cut(s, "/")
	p := ip4{bits: 32}
	if has {
		n, err := strconv.Atoi(mask)
		if err != nil || n < 0 || n > 32 || len(mask) > 2 {
			return p, false
		}
		p.bits = n
	}
	parts := strings.Split(addr, ".")
	if len(parts) != 4 {
		return p, false
	}
	for _, o := range parts {
		if o == "" || len(o) > 3 || strings.Trim(o, "0123456789") != "" {
			return p, false
		}
		n, _ := strconv.Atoi(o)
		if n > 255 {
			return p, false
		}
		p.addr = p.addr<<8 | uint32(n)
	}
	return p, true
}

func ip4Text(n uint32) string {
	return fmt.Sprintf("%d.%d.%d.%d", n>>24, n>>16&255, n>>8&255, n&255)
}

// ip4Of reads an address that is a text or a number.
func ip4Of(v any) (ip4, bool) {
	switch v := v.(type) {
	case int64:
		if v >= 0 && v <= 1<<32-1 {
			return ip4{uint32(v), 32}, true
		}
	case string:
		if p, ok := parseIP4(v); ok {
			return p, true
		}
		if n, err := strconv.ParseUint(v, 10, 32); err == nil {
			return ip4{uint32(n), 32}, true
		}
	}
	return ip4{}, false
}

// parseIP6 reads an IPv6 address, or an IPv4 one as ::ffff:a.b.c.d, with an optional mask.
func parseIP6(s string) (netip.Prefix, bool) {
	s = strings.TrimSpace(s)
	addr, mask, has := strings.Cut(s, "/")
	if p, ok := parseIP4(s); ok {
		return netip.PrefixFrom(mapped4(p), 96+p.bits), true
	}
	if rest, ok := strings.CutPrefix(s, "::"); ok { // ::192.168.1.1/24 is read as the IPv4 address (parse-ipv6-mask-function)
		if p, ok := parseIP4(rest); ok {
			return netip.PrefixFrom(mapped4(p), 96+p.bits), true
		}
	}
	a, err := netip.ParseAddr(addr)
	if err != nil || !a.Is6() {
		return netip.Prefix{}, false
	}
	bits := 128
	if has {
		n, err := strconv.Atoi(mask)
		if err != nil || n < 0 || n > 128 {
			return netip.Prefix{}, false
		}
		bits = n
	}
	return netip.PrefixFrom(a.WithZone(""), bits), true
}

// mapped4 is an IPv4 address as ::ffff:a.b.c.d.
func mapped4(p ip4) netip.Addr {
	b := netip.AddrFrom4([4]byte{byte(p.addr >> 24), byte(p.addr >> 16), byte(p.addr >> 8), byte(p.addr)})
	return netip.AddrFrom16(b.As16())
}

func inIPRange(x *exec, ip, rng string, v6 bool) any {
	if !v6 {
		a, ok := parseIP4(ip)
		r, ok2 := parseIP4(rng)
		if !ok || !ok2 {
			return nil
		}
		bits := min(a.bits, r.bits)
		return a.addr&mask4(bits) == r.addr&mask4(bits) && a.bits >= r.bits
	}
	a, ok := parseIP6(ip)
	r, ok2 := parseIP6(rng)
	if !ok || !ok2 {
		return nil
	}
	if !x.in.On(doubtIPv6TakesV4) && (!strings.Contains(ip, ":") || !strings.Contains(rng, ":")) {
		return nil
	}
	return a.Bits() >= r.Bits() && netip.PrefixFrom(a.Addr(), r.Bits()).Masked() == r.Masked()
}

// inAnyRange is true when one range holds the address; null only when none does and something does not parse.
func inAnyRange(c *call, a []any, v6 bool) any {
	var result any = false
	for _, v := range flatten(a[1:]) {
		switch inIPRange(c.x, a[0].(string), asString(v), v6) {
		case true:
			return true
		case nil:
			result = nil
		}
	}
	return result
}

// flatten gives the elements of arrays and the other values as they are.
func flatten(a []any) []any {
	var out []any
	for _, v := range a {
		if l, ok := v.([]any); ok {
			out = append(out, l...)
			continue
		}
		out = append(out, v)
	}
	return out
}

func ip4Compare(c *call, a []any) (int64, bool) {
	x, ok := parseIP4(a[0].(string))
	y, ok2 := parseIP4(a[1].(string))
	if !ok || !ok2 {
		return 0, false
	}
	bits := min(x.bits, y.bits)
	if c.n > 2 {
		n := a[2].(int64)
		if n < 0 || n > 32 {
			return 0, false
		}
		bits = min(bits, int(n))
	}
	p, q := x.addr&mask4(bits), y.addr&mask4(bits)
	switch {
	case p < q:
		return -1, true
	case p > q:
		return 1, true
	}
	return 0, true
}

func ip6Compare(c *call, a []any) (int64, bool) {
	x, ok := parseIP6(a[0].(string))
	y, ok2 := parseIP6(a[1].(string))
	if !ok || !ok2 {
		return 0, false
	}
	bits := min(x.Bits(), y.Bits())
	if c.n > 2 {
		n := a[2].(int64)
		if n < 0 || n > 128 {
			return 0, false
		}
		bits = min(bits, int(n))
	}
	p, q := netip.PrefixFrom(x.Addr(), bits).Masked().Addr(), netip.PrefixFrom(y.Addr(), bits).Masked().Addr()
	return int64(p.Compare(q)), true
}

// privateRanges are those of RFC 1918; loopback and link-local addresses are not private (ipv4-is-private-function).
var privateRanges = []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"}

func isPrivateIP4(c *call, a []any) any {
	p, ok := parseIP4(a[0].(string))
	if !ok {
		return nil
	}
	for _, r := range privateRanges {
		n, _ := parseIP4(r)
		if p.bits >= n.bits && p.addr&mask4(n.bits) == n.addr {
			return true
		}
	}
	return false
}

// rangeToCIDR covers first … last by the largest networks.
func rangeToCIDR(c *call, a []any) any {
	x, ok := parseIP4(a[0].(string))
	y, ok2 := parseIP4(a[1].(string))
	if !ok || !ok2 {
		return nil
	}
	first, last := uint64(x.addr), uint64(y.addr)
	out := []any{}
	for first <= last {
		bits := 32
		for bits > 0 {
			size := uint64(1) << (33 - bits)
			if first%size != 0 || first+size-1 > last {
				break
			}
			bits--
		}
		out = append(out, fmt.Sprintf("%s/%d", ip4Text(uint32(first)), bits))
		first += uint64(1) << (32 - bits)
	}
	return out
}

// hasIP4 looks for an address that is delimited by characters that are not alphanumeric. A prefix ends in a dot, or is a whole
// address (has-ipv4-prefix-function).
func hasIP4(s, ip string, prefix bool) bool {
	if prefix {
		if parts := strings.Count(ip, "."); !strings.HasSuffix(ip, ".") && parts != 3 || parts == 0 {
			return false
		}
		whole := ip
		for strings.Count(whole, ".") < 3 {
			whole += "0."
		}
		if strings.HasSuffix(whole, ".") {
			whole += "0"
		}
		if _, ok := parseIP4(whole); !ok || strings.Contains(ip, "/") {
			return false
		}
	} else if _, ok := parseIP4(ip); !ok || strings.Contains(ip, "/") {
		return false
	}
	for _, found := range addressesIn(s) {
		if found == ip || prefix && strings.HasPrefix(found, ip) {
			return true
		}
	}
	return false
}

// addressesIn gives the IPv4 addresses of a text: runs of digits and dots between characters that are not alphanumeric.
func addressesIn(s string) []string {
	var out []string
	alnum := terms{}.alnum
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return !alnum(r) && r != '.' }) {
		word = strings.Trim(word, ".")
		if _, ok := parseIP4(word); ok {
			out = append(out, word)
		}
	}
	return out
}

func hasAnyIP4(a []any, prefix bool) any {
	for _, v := range flatten(a[1:]) {
		if hasIP4(asString(a[0]), asString(v), prefix) {
			return true
		}
	}
	return false
}
