package hcl_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/onerule/onerule/internal/terraformtest"
	"github.com/onerule/onerule/platform/hcl"
)

var pieces = []string{
	"$", "${", "$${", "%", "%{", "%%{", "{", "}", "var.x", "\"", "\\", "\n", "\t", "\r", "é", "e\u0301", "\U0001F600", "<", "\u0007", "if true", "~}", "\\${",
}

// TestQuote: any text is read back, in the normal form that terraform gives texts.
func TestQuote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.OneOf(rapid.SampledFrom(pieces), rapid.String())
		text := strings.Join(rapid.SliceOfN(piece, 0, 7).Draw(t, "pieces"), "")
		got, err := hcl.Unquote(hcl.Quote(text), nil)
		if err != nil || got != norm.NFC.String(text) || hcl.Kept(text) != (got == text) {
			t.Fatalf("%q is written %q and read %q (%v)", text, hcl.Quote(text), got, err)
		}
	})
}

func TestUnquote(t *testing.T) {
	got, err := hcl.Unquote("a ${var.n} b $${var.n}", map[string]string{"n": "3"})
	if err != nil || got != "a 3 b ${var.n}" {
		t.Errorf("%q, %v", got, err)
	}
	for _, text := range []string{"${var.m}", "${local.n}", "%{ if true }", `${"x"}`} {
		if got, err := hcl.Unquote(text, map[string]string{"n": "3"}); err == nil {
			t.Errorf("%q is read %q", text, got)
		}
	}
}

// TestTerraformEscapes: terraform itself, where it is installed, reads any mixture of its own marks as the text that was meant.
func TestTerraformEscapes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	texts, values := map[string]string{}, map[string]any{}
	for i := range 400 {
		var b strings.Builder
		for range 1 + r.IntN(7) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		name := fmt.Sprint("t", i)
		texts[name], values[name] = b.String(), hcl.Quote(b.String())
	}
	got := terraformtest.Outputs[string](t, nil, values)
	for name, text := range texts {
		if got[name] != norm.NFC.String(text) {
			t.Errorf("%q is written %q and read %q", text, values[name], got[name])
		}
	}
}
