package arm

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// texts are made of pieces that mean something to templates.
var texts = rapid.Custom(func(t *rapid.T) string {
	piece := rapid.OneOf(rapid.SampledFrom([]string{"[", "]", "[[", "]]", "'", "''", "parameters('workspace')", "concat(", ")", ",", "{{", "}}", "\"", "\\", "\n", "\t", "\x00", "\u2028", "<b>", " ", "é", "e\u0301", "\U0001F600"}), rapid.String())
	return strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), "")
})

// TestLiteral: what a template means is the text that was to be written.
func TestLiteral(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a": "a", "[a": "[a", "a]": "a]", "[a]": "[[a]", "[]": "[[]", "[": "[", "[a] b": "[a] b", "[[a": "[concat('[[a')]", "[[a]": "[concat('[[a]')]", "[['a'": "[concat('[[''a''')]",
	} {
		if got := Literal(text); got != want {
			t.Errorf("%q is written %q, not %q", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := texts.Draw(t, "text")
		if back, err := Evaluate(Literal(s), nil); err != nil || back != s {
			t.Fatalf("%q is written %q and read %q, %v", s, Literal(s), back, err)
		}
	})
}

// FuzzEvaluate: no value of a template makes the reader panic, and what Literal writes is read back.
func FuzzEvaluate(f *testing.F) {
	for _, s := range []string{"[concat('a', string(parameters('p')))]", "[concat('a'", "[concat('']", "[[x]", "[x]", "[concat()]", "[concat('a' 'b')]", "[concat(string(parameters('q')))]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, err := Evaluate(s, map[string]int64{"p": 5})
		if err != nil {
			return
		}
		if back, err := Evaluate(Literal(text), nil); err != nil || back != text {
			t.Fatalf("%q is read %q, then %q (%v)", s, text, back, err)
		}
	})
}

// TestTexts: every text of a rule is read back, from a resource by itself and from a template.
func TestTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rule()
		r.Name = Name("9f1d8a60-52b7-4c4e-8d2a-6c1e0b7f3a11")
		p := &r.Properties
		p.DisplayName = "x" + texts.Draw(t, "name")
		p.Description = texts.Draw(t, "description")
		p.Query = "let n = 3;\nlet m = -4;\nT | where a == " + texts.Draw(t, "query")
		p.AlertDetailsOverride = &AlertDetails{DisplayNameFormat: strings.ReplaceAll(texts.Draw(t, "format"), "{{", "")}
		data, err := r.Encode()
		if err != nil {
			return // too long
		}
		back, err := Decode(data)
		if err != nil || !reflect.DeepEqual(back, r) {
			t.Fatalf("%v\n%s\n%+v\n%+v", err, data, back, r)
		}
		in := &Template{Description: texts.Draw(t, "about"), Version: "1.0.0.0", Workspace: texts.Draw(t, "workspace"), Entries: []Entry{{
			Rule: r, Comment: texts.Draw(t, "comment"), Knobs: []Knob{{Let: "n", Name: "a_n", Doc: texts.Draw(t, "doc"), Value: 3}, {Let: "m", Name: "a_m", Value: -4}},
		}}}
		if data, err = in.Encode(); err != nil {
			t.Fatal(err)
		}
		out, err := DecodeTemplate(data)
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		in.Entries[0].Knobs = nil // they are values of the query again
		if !reflect.DeepEqual(out, in) {
			t.Fatalf("%s\n%+v\n%+v", data, out, in)
		}
	})
}

// TestDecodeTemplate checks that nothing unknown is read.
func TestDecodeTemplate(t *testing.T) {
	r := rule()
	r.Name = Name("9f1d8a60-52b7-4c4e-8d2a-6c1e0b7f3a11")
	r.Properties.Query = "let n = 3;\nT"
	data, err := (&Template{Version: "1.0.0.0", Entries: []Entry{{Rule: r, Knobs: []Knob{{Let: "n", Name: "p", Value: 3}}}}}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"unknown property":  strings.Replace(string(data), `"severity"`, `"risk": 1, "severity"`, 1),
		"something behind":  string(data) + "{}",
		"unknown parameter": strings.Replace(string(data), `parameters('p')`, `parameters('q')`, 1),
		"unknown function":  strings.Replace(string(data), `string(parameters('p'))`, `base64(parameters('p'))`, 1),
		"other type":        strings.Replace(string(data), `"int"`, `"string"`, 1),
		"out of range":      strings.Replace(string(data), "PT5M", "PT1M", 1),
		"no workspace":      strings.Replace(string(data), `"workspace": {`, `"space": {`, 1),
	} {
		if _, err := DecodeTemplate([]byte(text)); text == string(data) || err == nil {
			t.Errorf("%s is read", name)
		}
	}
	for name, knobs := range map[string][]Knob{
		"two of one name": {{Let: "n", Name: "p", Value: 3}, {Let: "n", Name: "p", Value: 3}},
		"no such let":     {{Let: "m", Name: "p", Value: 3}},
		"other value":     {{Let: "n", Name: "p", Value: 4}},
		"workspace":       {{Let: "n", Name: "workspace", Value: 3}},
	} {
		if _, err := (&Template{Entries: []Entry{{Rule: r, Knobs: knobs}}}).Encode(); err == nil {
			t.Errorf("%s is written", name)
		}
	}
}

// TestSplit: no template has more than the limits allow, and all rules are in one.
func TestSplit(t *testing.T) {
	r := rule()
	r.Name = Name("9f1d8a60-52b7-4c4e-8d2a-6c1e0b7f3a11")
	many := func(n int, query string, knobs int) []Entry {
		out := make([]Entry, n)
		for i := range out {
			x := *r
			x.Properties.Query = query
			for k := range knobs {
				name := "r" + strings.Repeat("x", i) + string(rune('a'+k))
				out[i].Knobs = append(out[i].Knobs, Knob{Let: string(rune('a' + k)), Name: name, Value: 1})
			}
			out[i].Rule = &x
		}
		return out
	}
	for _, c := range []struct {
		entries []Entry
		parts   int
	}{{nil, 0}, {many(1, "T", 0), 1}, {many(801, "T", 0), 2}, {many(300, strings.Repeat("\"", 9999), 0), 3}, {many(200, "let a = 1;\nlet b = 1;\nT", 2), 2}} {
		parts := Split(c.entries)
		n := 0
		for _, p := range parts {
			n += len(p)
			if _, err := (&Template{Version: "1.0.0.0", Entries: p}).Encode(); err != nil {
				t.Error(err)
			}
		}
		if n != len(c.entries) || len(parts) != c.parts {
			t.Errorf("%d entries are in %d templates with %d", len(c.entries), len(parts), n)
		}
	}
}

// TestExpression: a query whose quotes and parameters make too long an expression is no expression.
func TestExpression(t *testing.T) {
	r := rule()
	r.Name = Name("9f1d8a60-52b7-4c4e-8d2a-6c1e0b7f3a11")
	for query, fits := range map[string]bool{"let a = 1;\nT": true, "let a = 1;\n" + strings.Repeat("'", 9980): true} {
		r.Properties.Query = query
		e := Entry{Rule: r, Knobs: []Knob{{Let: "a", Name: "p", Value: 1}}}
		if err := e.Check(); (err == nil) != fits {
			t.Errorf("%.20q: %v", query, err)
		}
		e.Knobs[0].Name = strings.Repeat("p", MaxExpression)
		if err := e.Check(); err == nil {
			t.Error("an expression that is too long is written")
		}
	}
}
