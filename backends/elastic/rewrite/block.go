package rewrite

import (
	"net/netip"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
)

// mapped is the first of the IPv4 addresses as IPv6 ones.
var mapped = netip.MustParseAddr("::ffff:0.0.0.0")

// OnBlocks wraps the level of a language for `in_cidr` with IPv6 blocks: Elasticsearch keeps an IPv4 address as the one in
// ::ffff:0:0/96, so a block that holds those holds IPv4 addresses too. Source: Elasticsearch Reference, field type ip, and
// Lucene's InetAddressPoint, which encodes IPv4 addresses as mapped ones.
func OnBlocks(level func(ir.Pred, bool) backends.Level) func(ir.Pred, bool) backends.Level {
	return func(p ir.Pred, negated bool) backends.Level {
		if c, ok := p.(*ir.Cmp); ok {
			for _, v := range c.R {
				if b, err := ir.ParseCIDR(v.Str()); err == nil && b.Addr().Is6() && b.Contains(mapped) {
					return backends.Wider("an IPv4 address lies in " + v.Str() + " for Elasticsearch, which keeps it as ::ffff:…").FlipIf(negated)
				}
			}
		}
		return level(p, negated)
	}
}
