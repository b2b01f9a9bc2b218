package rewrite

import (
	"testing"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

func TestFlattened(t *testing.T) {
	key := schema.NativeField{Path: "a.flat.granted", Type: schema.Keyword, Vendor: "flattened a.flat"}
	plain := schema.NativeField{Path: "a.name", Type: schema.Keyword}
	part := ir.Part{
		Binding: &schema.Binding{Time: schema.NativeField{Path: "@timestamp", Type: schema.Date}},
		Class:   &schema.BoundClass{Mappings: []schema.Mapping{{Native: key}, {Native: plain}}},
	}
	types := Types(part)
	if types["a.flat"] != "flattened" || types["a.name"] != "keyword" || len(types) != 3 {
		t.Errorf("%v", types)
	}
	table := RefuseFlattened(backends.Table{backends.HasValue: {
		Level: func(ir.Pred, bool) backends.Level { return backends.Exactly() },
	}}, "EQL")
	for _, f := range []schema.NativeField{key, plain} {
		level := table[backends.HasValue].Level(&ir.Exists{F: &ir.Field{Name: f.Path, Native: &f}}, false)
		if refused := level.Kind == backends.Refuse; refused != (f.Path == key.Path) {
			t.Errorf("%s: %+v", f.Path, level)
		}
	}
}
