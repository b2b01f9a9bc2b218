package sigma

import (
	"net/netip"
	"strconv"
	"strings"
)

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
