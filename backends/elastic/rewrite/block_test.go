package rewrite

import (
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

func TestOnBlocks(t *testing.T) {
	level := OnBlocks(func(ir.Pred, bool) backends.Level { return backends.Exactly() })
	for block, want := range map[string]backends.Kind{
		"::/0": backends.Widen, "::/64": backends.Widen, "::ffff:0:0/95": backends.Widen,
		"2001:db8::/32": backends.Native, "::1/128": backends.Native, "10.0.0.0/8": backends.Native, "::ffff:10.0.0.0/104": backends.Native,
	} {
		p := &ir.Cmp{Op: ir.InCIDR, L: &ir.Field{Name: "source.ip", Type: schema.IP}, R: []schema.Value{schema.String("2001:db8::/32"), schema.String(block)}}
		if got := level(p, false).Kind; got != want {
			t.Errorf("%s is %s, expected %s", block, got, want)
		}
		if got := level(p, true).Kind; want == backends.Widen && got != backends.Narrow {
			t.Errorf("not %s is %s", block, got)
		}
	}
}
