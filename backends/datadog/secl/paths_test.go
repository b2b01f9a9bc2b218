package secl

import (
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/backends"
	"github.com/onerule/onerule/backends/datadog/secl/interp"
	"github.com/onerule/onerule/internal/difftest"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/ir/pass"
	"github.com/onerule/onerule/schema"
)

var segments = []string{"usr", "bin", "Py", "py3", "tmp", "a.sh", "a.sh.sh", ".ssh", "x*y", "é", "a b", `q"r`, "7", "sK", "..", "."}

// drawPath draws a path, mostly one that agents can send.
func drawPath(t *rapid.T) string {
	p := "/" + strings.Join(rapid.SliceOfN(rapid.SampledFrom(segments), 1, 4).Draw(t, "path"), "/")
	switch rapid.IntRange(0, 9).Draw(t, "odd") {
	case 0:
		return p[1:]
	case 1:
		return p + "/"
	case 2:
		return strings.ToUpper(p)
	}
	return p
}

// drawLiteral draws a literal that often fits some drawn path.
func drawLiteral(t *rapid.T, op ir.Op) string {
	p := drawPath(t)
	i := rapid.IntRange(0, len(p)-1).Draw(t, "cut")
	for i > 0 && p[i]&0xC0 == 0x80 {
		i--
	}
	switch op {
	case ir.StartsWith:
		return p[:i] + string([]rune(p[i:])[0])
	case ir.EndsWith:
		return p[i:]
	case ir.Contains:
		return rapid.SampledFrom([]string{p[i:], "/" + path.Base(p) + "/", path.Base(p), "/usr/bin/", "/"}).Draw(t, "piece")
	case ir.Like:
		return rapid.SampledFrom([]string{"*" + p[i:], p[:i] + "*" + path.Base(p), path.Dir(p) + "/*/x", "/*" + p, p + "?", "*/tmp/*"}).Draw(t, "glob")
	case ir.Eq, ir.Matches, ir.InCIDR, ir.Lt, ir.Le, ir.Gt, ir.Ge:
	}
	return p
}

func drawTest(t *rapid.T, l ir.Term) *ir.Cmp {
	c := &ir.Cmp{Op: rapid.SampledFrom([]ir.Op{ir.Eq, ir.StartsWith, ir.EndsWith, ir.Contains, ir.Like}).Draw(t, "op"), L: l, Cased: rapid.Bool().Draw(t, "cased")}
	for range rapid.IntRange(1, 2).Draw(t, "literals") {
		c.R = append(c.R, schema.String(drawLiteral(t, c.Op)))
	}
	return c
}

func drawPathRule(t *rapid.T, fields []*ir.Field, depth int) ir.Pred {
	f := rapid.SampledFrom(fields).Draw(t, "field")
	switch k := rapid.IntRange(0, 9).Draw(t, "node"); {
	case k == 0 && depth > 0:
		return &ir.Not{X: drawPathRule(t, fields, depth-1)}
	case k == 1 && depth > 0:
		return &ir.And{Xs: []ir.Pred{drawPathRule(t, fields, depth-1), drawPathRule(t, fields, depth-1)}}
	case k == 2 && depth > 0:
		return &ir.Or{Xs: []ir.Pred{drawPathRule(t, fields, depth-1), drawPathRule(t, fields, depth-1)}}
	case k == 3:
		return &ir.Exists{F: f}
	case k == 4:
		return &ir.Empty{F: f}
	case k == 5:
		op := rapid.SampledFrom([]ir.Op{ir.Eq, ir.Lt, ir.Ge}).Draw(t, "op")
		return &ir.Cmp{Op: op, L: &ir.Call{Func: ir.Length, X: f}, R: []schema.Value{schema.Int(rapid.Int64Range(0, 12).Draw(t, "length"))}}
	case k == 6 && f.Array:
		q := &ir.Quant{Kind: rapid.SampledFrom([]ir.QuantKind{ir.Any, ir.All}).Draw(t, "quantifier"), Var: "e", Over: f}
		leaf := func() ir.Pred {
			c := drawTest(t, &ir.Elem{Var: "e", Type: schema.Keyword})
			if rapid.Bool().Draw(t, "negated") {
				return &ir.Not{X: c}
			}
			return c
		}
		q.Body = &ir.And{Xs: []ir.Pred{leaf(), leaf()}}
		return q
	}
	return drawTest(t, f)
}

// TestPathsAgreeWithEval is the comparison with the evaluator for paths on Linux, which agents compare in a way of their own:
// random literals are hardly ever paths, so rules and events are drawn from paths here.
func TestPathsAgreeWithEval(t *testing.T) { runPaths(t, nil) }

// TestPathsAgreeUnderDoubts does the same with each switch turned round but one: agents of mid-2022 let text follow the last
// piece of a pattern, and no other form says what a glob says.
func TestPathsAgreeUnderDoubts(t *testing.T) {
	for _, d := range interp.Language.Doubts {
		if d.Name != interp.DoubtPatternAnchored.Name {
			t.Run(d.Name, func(t *testing.T) { runPaths(t, map[string]bool{d.Name: !d.Default}) })
		}
	}
}

func runPaths(t *testing.T, doubts map[string]bool) {
	s := difftest.Setup{Backend: &Backend, Table: "exec", Doubts: doubts, Fields: []schema.NativeField{
		{Path: "exec.file.path", Type: schema.Keyword, EmptyMissing: true},
		{Path: "process.ancestors[].file.path", Type: schema.Keyword, Array: true, EmptyMissing: true},
	}}
	fields := []*ir.Field{pass.NativeField(s.Fields[0], pass.NoSpan), pass.NativeField(s.Fields[1], pass.NoSpan)}
	counts := map[backends.Kind]int{}
	rapid.Check(t, func(t *rapid.T) {
		p := pass.Canonical(drawPathRule(t, fields, 2))
		events := make([]schema.Event, 8)
		for i := range events {
			object := map[string]any{}
			file := func() map[string]any {
				f := map[string]any{"path": drawPath(t)}
				switch rapid.IntRange(0, 9).Draw(t, "name") {
				case 0:
					f["name"] = "other"
				case 1:
					return map[string]any{}
				default:
					f["name"] = path.Base(f["path"].(string))
				}
				return f
			}
			if rapid.IntRange(0, 4).Draw(t, "has path") > 0 {
				object["exec"] = map[string]any{"file": file(), "pid": 1}
			}
			var ancestors []any
			for range rapid.IntRange(0, 3).Draw(t, "ancestors") {
				ancestors = append(ancestors, map[string]any{"file": file()})
			}
			if ancestors != nil {
				object["process"] = map[string]any{"ancestors": ancestors}
			}
			events[i] = schema.Event{Object: schema.Plain(object)}
		}
		counts[s.Compare(t, p, events)]++
	})
	t.Logf("levels drawn: %v", counts)
	if len(counts) < 2 { // rare levels may be absent from a hundred draws
		t.Errorf("only one level was drawn: %v", counts)
	}
}
