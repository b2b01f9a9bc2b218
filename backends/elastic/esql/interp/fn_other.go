package interp

import (
	"net/netip"
	"strings"

	"github.com/onerule/onerule/backends/elastic/esql/syntax"
	"github.com/onerule/onerule/backends/elastic/mapping"
)

// otherFunctions is the table of the pages "ES|QL IP functions", "JSON functions" and "search functions".
var otherFunctions = []function{
	{name: "cidr_match", min: 2, max: -1, doc: "whether an address is in one of the blocks; a bare address is a block of one", bind: bindCIDR},
	{name: "ip_prefix", min: 3, max: 3, doc: "IP_PREFIX(address, bits of IPv4, bits of IPv6): the rest is zero", bind: bindIPPrefix},
	{name: "json_extract", min: 2, max: 2, doc: "JSON_EXTRACT(text, path): the value as text", bind: bindJSON},
	{
		name: "kql", min: 1, max: 1, options: []string{"boost"}, bind: bindKQL,
		doc: "whether the event matches a query of the Kibana Query Language; never null",
	},
	{
		name: "match", min: 2, max: 2, options: []string{"operator", "boost", "lenient"}, bind: bindMatch,
		doc: "full-text search in a field of the index: some value matches; never null",
	},
	{
		name: "match_phrase", min: 2, max: 2, options: []string{"boost"}, bind: bindMatchPhrase,
		doc: "full-text search for words side by side in a field of the index; never null",
	},
	{
		name: "multi_match", min: 2, max: -1, options: []string{"operator", "boost"}, bind: bindMultiMatch,
		doc: "MULTI_MATCH(text, field, field): full-text search in several fields; never null",
	},
	{
		name: "qstr", min: 1, max: 1, options: []string{"analyze_wildcard", "boost", "default_field", "default_operator", "lenient"}, bind: bindQSTR,
		doc: "full-text search in Lucene's query string syntax; never null",
	},
	{name: "network_direction", min: 3, max: 3, doc: "inbound, outbound, internal or external, by the internal networks", bind: bindDirection},
}

func bindCIDR(k *call) *expr {
	if !k.want(0, types(tIP)) {
		return nil
	}
	for i := 1; i < len(k.args); i++ {
		if !k.want(i, strings_) {
			return nil
		}
		for _, v := range list(k.args[i].val) {
			if _, err := parseBlock(v.(string)); err != nil {
				return k.wrong(k.args[i].span, "'%s' is not an IP string literal or a block", v)
			}
		}
	}
	blocks := map[string]netip.Prefix{}
	parse := func(s string) (netip.Prefix, error) {
		if p, ok := blocks[s]; ok {
			return p, nil
		}
		p, err := parseBlock(s)
		if err != nil {
			return p, illegal("'%s' is not an IP string literal.", s)
		}
		blocks[s] = p
		return p, nil
	}
	return k.build(tBool, func(cells []any) any {
		ip, ok := k.r.one(k.site, k.args[0].eval(cells))
		if !ok {
			return nil
		}
		hit, known := false, false
		for _, a := range k.args[1:] {
			for _, v := range list(a.eval(cells)) {
				p, err := parse(v.(string))
				if err != nil {
					k.r.warn(k.site, err)
					return nil
				}
				known = true
				hit = hit || mapping.InCIDR(p, ip.(netip.Addr))
			}
		}
		if !known {
			return nil
		}
		return hit
	})
}

// parseBlock reads a block; an address without a length is a block of one.
func parseBlock(s string) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		a, err := mapping.ParseIP(s)
		if err != nil {
			return netip.Prefix{}, err
		}
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return mapping.ParseCIDR(s)
}

func bindIPPrefix(k *call) *expr {
	if !k.want(0, types(tIP)) || !k.want(1, types(tInt)) || !k.want(2, types(tInt)) {
		return nil
	}
	return k.all(tIP, func(xs []any) (any, error) {
		ip, v4, v6 := xs[0].(netip.Addr), xs[1].(int64), xs[2].(int64)
		if v4 < 0 || v4 > 32 {
			return nil, illegal("Prefix length v4 must be in range [0, 32], found %d", v4)
		}
		if v6 < 0 || v6 > 128 {
			return nil, illegal("Prefix length v6 must be in range [0, 128], found %d", v6)
		}
		bits := v6
		if ip.Is4() {
			bits = v4
		}
		p, err := ip.Prefix(int(bits))
		if err != nil {
			return nil, illegal("%s", err.Error())
		}
		return p.Addr(), nil
	})
}

// namedNetworks are the words that NETWORK_DIRECTION knows beside blocks (page "Network direction processor").
var namedNetworks = map[string]func(a netip.Addr) bool{
	"loopback":                  netip.Addr.IsLoopback,
	"unicast":                   func(a netip.Addr) bool { return isUnicast(a) },
	"global_unicast":            func(a netip.Addr) bool { return isUnicast(a) },
	"multicast":                 netip.Addr.IsMulticast,
	"interface_local_multicast": netip.Addr.IsInterfaceLocalMulticast,
	"link_local_unicast":        netip.Addr.IsLinkLocalUnicast,
	"link_local_multicast":      netip.Addr.IsLinkLocalMulticast,
	"private":                   netip.Addr.IsPrivate,
	"unspecified":               netip.Addr.IsUnspecified,
	"public": func(a netip.Addr) bool {
		return !(a.IsPrivate() || a.IsLoopback() || a.IsUnspecified() || a.IsInterfaceLocalMulticast() || a.IsLinkLocalUnicast() ||
			a.IsLinkLocalMulticast())
	},
}

func isUnicast(a netip.Addr) bool {
	return !a.IsUnspecified() && !a.IsLoopback() && !a.IsMulticast() && !a.IsLinkLocalUnicast() &&
		a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

func bindDirection(k *call) *expr {
	if !k.want(0, types(tIP)) || !k.want(1, types(tIP)) || !k.want(2, strings_) {
		return nil
	}
	return k.build(tKeyword, func(cells []any) any {
		src, ok1 := k.r.one(k.site, k.args[0].eval(cells))
		dst, ok2 := k.r.one(k.site, k.args[1].eval(cells))
		nets := list(k.args[2].eval(cells))
		if !ok1 || !ok2 || len(nets) == 0 {
			return nil
		}
		inside := func(ip netip.Addr) (bool, bool) {
			for _, n := range nets {
				if f := namedNetworks[n.(string)]; f != nil {
					if f(ip) {
						return true, true
					}
					continue
				}
				p, err := parseBlock(n.(string))
				if err != nil {
					k.r.warn(k.site, illegal("'%s' is not an IP string literal.", n))
					return false, false
				}
				if mapping.InCIDR(p, ip) {
					return true, true
				}
			}
			return false, true
		}
		s, okS := inside(src.(netip.Addr))
		d, okD := inside(dst.(netip.Addr))
		switch {
		case !okS || !okD:
			return nil
		case s && d:
			return "internal"
		case s:
			return "outbound"
		case d:
			return "inbound"
		}
		return "external"
	})
}

// matchOperator checks `field : "text"`.
func (c *checker) matchOperator(n *syntax.Match) *expr {
	if _, ok := typeByName(n.Type); !ok && n.Type != "" {
		return c.wrong(n.Span, "Unknown data type named [%s]", n.Type)
	}
	return c.match(n, c.expr(&n.Field), c.expr(n.Query), false) // a cast only chooses among types, the field is searched
}

func bindMatch(k *call) *expr {
	for _, key := range []string{"boost", "lenient"} {
		if x, ok := k.option(key); ok && key == "lenient" {
			if b, isBool := x.(*syntax.Bool); !isBool || !b.Value {
				return k.wrong(x.Pos(), "the option lenient of MATCH is only supported as true")
			}
		}
	}
	and, ok := k.andOption("operator")
	if !ok {
		return nil
	}
	x := k.args[0]
	if cast, ok := k.node.Args[0].(*syntax.Cast); ok { // a cast only chooses among types, the field is searched
		x = k.expr(cast.X)
	}
	return k.match(k.node, x, k.args[1], and)
}

// match makes a full-text search: on text fields some word of the query (with and: all words) is a word of a value; on
// other fields some value equals the query as a whole. Text that the field's type cannot hold matches nothing.
func (c *checker) match(n syntax.Expr, x, q *expr, and bool) *expr {
	if x.typ == tErr || q.typ == tErr {
		return &expr{typ: tErr, col: -1, span: n.Pos(), eval: func([]any) any { return nil }}
	}
	if x.field == nil {
		return c.notAField(n, x)
	}
	if !q.konst || q.val == nil {
		return c.wrong(q.span, "the text that is searched must be a constant, received [%s]", q.text)
	}
	fits := c.matchers(x, q, and)
	t := x.typ
	return c.make(n, tBool, []*expr{x}, func(cells []any) any {
		vs := list(x.eval(cells))
		for _, all := range fits {
			hit := false
			for _, v := range vs {
				hit = hit || all(searchValue(t, v))
			}
			if hit {
				return true
			}
		}
		return false
	})
}

// notAField reports a full-text search in something that is no field of an index.
func (c *checker) notAField(n syntax.Expr, x *expr) *expr {
	e := c.wrong(x.span, "[%s] cannot operate on [%s], which is not a field from an index mapping", c.sourceText(n.Pos()), x.text)
	d := &c.r.faults[len(c.r.faults)-1]
	d.Help = append(d.Help, "full-text search stands in a WHERE near FROM, before STATS and LIMIT, and on an unchanged field")
	return e
}

// matchers gives tests of which one must hold for a value.
func (c *checker) matchers(x, q *expr, and bool) []func(v mapping.Value) bool {
	var out []func(v mapping.Value) bool
	for _, v := range list(q.val) {
		text := textOf(q.typ, v)
		if x.typ != tText {
			if m, err := x.field.Term(text, mapping.Context{}); err == nil {
				out = append(out, m)
			}
			continue
		}
		words := x.field.Analyze(text)
		out = append(out, func(v mapping.Value) bool {
			have := map[string]bool{}
			for _, w := range x.field.Analyze(v.(string)) {
				have[w.Text] = true
			}
			n := 0
			for _, w := range words {
				if have[w.Text] {
					n++
				}
			}
			return n > 0 && (!and || n == len(words))
		})
	}
	return out
}

// searchValue is a value as package mapping holds it.
func searchValue(t typ, v any) mapping.Value {
	if dates.has(t) {
		return timeOf(t, v)
	}
	return v
}
