package search

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/search/syntax"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

// addressTests writes blocks of addresses as tests of their text: log search has CIDR(), but the vendor's page does not list
// detection rules among the places where it works. A canonical address begins with whole octets, or with whole groups that are not 0.
func addressTests(f syntax.Field, values []schema.Value) (tests []*syntax.Match, level backends.Level) {
	for _, v := range values {
		block, err := ir.ParseCIDR(v.String())
		if err != nil {
			return nil, backends.Refused("`"+v.String()+"` is no block of addresses", "correct it")
		}
		globs := v6Globs(block)
		if block.Addr().Is4() {
			globs = v4Globs(block)
		}
		if globs == nil {
			return nil, backends.Refused("log search tells addresses by their text only, and the text of addresses in "+block.String()+" does not begin alike", "use a block of 16, 32, 48 … bits without a group of zeros, or leave this language out")
		}
		for _, g := range globs {
			m, err := syntax.Glob(f, g...)
			if err != nil {
				return nil, backends.Refused("log search cannot spell an address: "+reason(err), "leave this language out")
			}
			tests = append(tests, m)
		}
	}
	return tests, backends.Assuming("ip-text")
}

// v4Globs returns one glob for each value of the octet in which the block ends: at most 128.
func v4Globs(block netip.Prefix) [][]syntax.Piece {
	if block.Bits() == 0 {
		return [][]syntax.Piece{{syntax.Any(), syntax.Lit("."), syntax.Any()}}
	}
	octets := block.Addr().As4()
	whole, rest := block.Bits()/8, block.Bits()%8
	last := 1
	if rest > 0 {
		last = 1 << (8 - rest)
		whole++
	}
	var out [][]syntax.Piece
	for i := range last {
		parts := make([]string, whole)
		for j := range parts {
			parts[j] = strconv.Itoa(int(octets[j]))
		}
		parts[whole-1] = strconv.Itoa(int(octets[whole-1]) + i)
		text := strings.Join(parts, ".")
		if whole == 4 {
			out = append(out, []syntax.Piece{syntax.Lit(text)})
		} else {
			out = append(out, []syntax.Piece{syntax.Lit(text + "."), syntax.Any()})
		}
	}
	return out
}

// v6Globs returns the glob of a block that ends behind a whole group and has no group of zeros; nil for others.
func v6Globs(block netip.Prefix) [][]syntax.Piece {
	switch {
	case block.Bits() == 0:
		return [][]syntax.Piece{{syntax.Any(), syntax.Lit(":"), syntax.Any()}}
	case block.Bits() == 128:
		return [][]syntax.Piece{{syntax.Lit(block.Addr().String())}}
	case block.Bits()%16 != 0:
		return nil
	}
	bytes := block.Addr().As16()
	text := ""
	for i := range block.Bits() / 16 {
		group := uint64(bytes[2*i])<<8 | uint64(bytes[2*i+1])
		if group == 0 {
			return nil
		}
		text += strconv.FormatUint(group, 16) + ":"
	}
	return [][]syntax.Piece{{syntax.Lit(text), syntax.Any()}}
}
