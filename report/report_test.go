package report

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/internal/workspace"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/pack"
	"github.com/onerule/onerule/verify"
)

func shipped(t testing.TB) []*ir.Rule {
	t.Helper()
	ws := workspace.Load([]string{filepath.Join("..", "rules")}, "")
	if ws.Diags.HasErrors() {
		t.Fatal(ws.Diags.Err())
	}
	return ws.Rules
}

func pageOf(t testing.TB, rules []*ir.Rule, results []*verify.Result) string {
	t.Helper()
	data, err := HTML(pack.New(rules, all.Backends, pack.Options{Version: "v1"}), results)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// All rules are in the page, with all queries, and nothing comes from elsewhere.
func TestPage(t *testing.T) {
	rules := shipped(t)
	text := pageOf(t, rules, nil)
	checkHTML(t, text)
	visible := plainText(text)
	for _, r := range rules {
		if !strings.Contains(text, `<details class="rule" id="`+r.Name+`"`) || !strings.Contains(visible, r.Meta.Title) {
			t.Errorf("%s is not in the page", r.Name)
		}
	}
	p := pack.New(rules, all.Backends, pack.Options{})
	for _, f := range p.Files {
		if strings.HasPrefix(f.Path, "queries/") && !strings.Contains(visible, strings.TrimRight(string(f.Data), "\n")) {
			t.Errorf("the query %s is not in the page", f.Path)
		}
	}
	for _, c := range p.Manifest.Coverage() {
		if !strings.Contains(text, `data-technique="`+c.ID+`"`) {
			t.Errorf("the technique %s is not in the page", c.ID)
		}
	}
	for _, bad := range []string{"<link", "src=", "@import", "url(", "ZgotmplZ", "fetch("} {
		if strings.Contains(text, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
}

// hostile are texts that mean something to HTML, to templates, or to whoever reads them.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'; --`, "line\nbreak\r\n", "tab\tnull\x00bell\a", `%s %d %n $HOME ${x} {{.}} {{template "x"}}`, "]]>", "<!--", "</style></script></pre></code>", "\u202e\u2028",
	strings.Repeat("very long ", 3000), "\xff\xfe", "javascript:alert(1)",
}

func TestHostileTexts(t *testing.T) {
	for i, h := range hostile {
		checkHostile(t, fmt.Sprint(i), h)
	}
}

func checkHostile(t *testing.T, name, h string) {
	t.Helper()
	p, diags := ir.ParsePred("p", "(eq (field process.pid) [1])")
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	r := &ir.Rule{
		Name: "hostile", Version: 1, File: h, From: []ir.ClassOn{{Class: "process.start", Source: "windows"}},
		Where: &ir.And{Xs: []ir.Pred{p, &ir.Keyword{Op: ir.Contains, Text: strings.ToValidUTF8(h, "?")}}},
		Meta: ir.Meta{
			ID: h, Title: h, Status: h, Severity: h, Description: h, Triage: h, Attack: []string{h}, Authors: []string{h}, References: []string{h, "https://example.org/" + h}, Tags: []string{h}, FalsePositives: []string{h},
		},
		Allow: []ir.Allow{{Level: "widen", On: []string{h}, Why: h}},
	}
	text := pageOf(t, []*ir.Rule{r}, nil)
	checkHTML(t, text)
	scripts, images := strings.Count(text, "<script"), strings.Count(text, "<img")
	if scripts != 1 || images != 0 || strings.Contains(text, `href="javascript:`) {
		t.Errorf("%s: %d scripts, %d images\n%.200s", name, scripts, images, h)
	}
	if want := strings.Join(strings.Fields(strings.ToValidUTF8(h, "")), " "); want != "" && !strings.ContainsAny(h, "\x00\a\u202e\u2028") && utf8.ValidString(h) && !strings.Contains(strings.Join(strings.Fields(plainText(text)), " "), want) {
		t.Errorf("%s: the title is not in the page", name)
	}
}

func FuzzHostileTexts(f *testing.F) {
	for _, h := range hostile {
		f.Add(h)
	}
	f.Fuzz(func(t *testing.T, h string) { checkHostile(t, "fuzz", h) })
}

// void are the elements that have no end tag.
var void = []string{"meta", "input", "br", "img", "link", "hr"}

var codeBlocks = regexp.MustCompile(`(?s)<(script|style)>.*?</(script|style)>`)

// checkHTML reads the page as XML once the elements without end tags are closed: every tag must be closed where it was opened,
// every & escaped, every id unique and every reference to one known.
func checkHTML(t testing.TB, text string) {
	t.Helper()
	if !strings.HasPrefix(text, "<!DOCTYPE html>") {
		t.Error("no doctype")
	}
	text = codeBlocks.ReplaceAllString(text, "")
	for _, v := range void {
		text = regexp.MustCompile(`<`+v+`\b([^>]*)>`).ReplaceAllString(text, "<"+v+"$1/>")
	}
	// Browsers take control characters as they are, and a query may need them; XML does not.
	text = strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return '?'
		}
		return r
	}, text)
	dec := xml.NewDecoder(strings.NewReader(text))
	dec.Entity = xml.HTMLEntity
	ids, targets := map[string]bool{}, []string{}
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the page is not well formed: %v", err)
		}
		e, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range e.Attr {
			switch {
			case strings.HasPrefix(a.Name.Local, "on"), a.Name.Local == "style":
				t.Errorf("<%s> has %s", e.Name.Local, a.Name.Local)
			case a.Name.Local == "id":
				if ids[a.Value] {
					t.Errorf("the id %s is there twice", a.Value)
				}
				ids[a.Value] = true
			case a.Name.Local == "aria-labelledby", a.Name.Local == "href" && strings.HasPrefix(a.Value, "#"):
				targets = append(targets, strings.TrimPrefix(a.Value, "#"))
			}
		}
	}
	for _, id := range targets {
		if !ids[id] {
			t.Errorf("nothing has the id %s", id)
		}
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

func plainText(text string) string {
	return html.UnescapeString(tags.ReplaceAllString(codeBlocks.ReplaceAllString(text, ""), ""))
}

// The colours change nothing of a text.
func TestHighlight(t *testing.T) {
	for _, tt := range []struct{ lang, text, want string }{
		{"kusto", `T | where a == "x" and f(3)`, `T <i class="o">|</i> <i class="k">where</i> a <i class="o">=</i><i class="o">=</i> <i class="s">&#34;x&#34;</i> <i class="k">and</i> <i class="f">f</i>(<i class="n">3</i>)`},
		{"spl", `index=a | stats count by b`, `index<i class="o">=</i>a <i class="o">|</i> <i class="k">stats</i> count <i class="k">by</i> b`},
		{"eql", `process where a : "x*"`, `process <i class="k">where</i> a <i class="o">:</i> <i class="s">&#34;x*&#34;</i>`},
		{"kibana", `a: "b" or not c: d*`, `a<i class="o">:</i> <i class="s">&#34;b&#34;</i> <i class="k">or</i> <i class="k">not</i> c<i class="o">:</i> d*`},
		{"esql", "FROM a | WHERE b RLIKE \"\"\"x\"y\"\"\" // c", `<i class="k">FROM</i> a <i class="o">|</i> <i class="k">WHERE</i> b <i class="k">RLIKE</i> <i class="s">&#34;&#34;&#34;x&#34;y&#34;&#34;&#34;</i> <i class="c">// c</i>`},
		{"datadog", `@a.b:x AND -c:"d"`, `@a.b<i class="o">:</i>x <i class="k">AND</i> -c<i class="o">:</i><i class="s">&#34;d&#34;</i>`},
		{"secl", `exec.file.name in ["a"]`, `exec.file.name <i class="k">in</i> [<i class="s">&#34;a&#34;</i>]`},
		{"json", `{"a": [1, true, "b"]}`, `{<i class="f">&#34;a&#34;</i><i class="o">:</i> [<i class="n">1</i>, <i class="k">true</i>, <i class="s">&#34;b&#34;</i>]}`},
		{"conf", "# x\nsearch = a", "<i class=\"c\"># x</i>\n<i class=\"f\">search</i> <i class=\"o\">=</i> a"},
		{"cobol", `<a>`, `&lt;a&gt;`},
	} {
		if got := Highlight(tt.lang, tt.text); got != tt.want {
			t.Errorf("%s: %s\ngot  %s\nwant %s", tt.lang, tt.text, got, tt.want)
		}
	}
	for _, b := range all.Backends {
		if _, ok := languages[b.Lang]; !ok {
			t.Errorf("%s has no colours", b.Lang)
		}
	}
}

func FuzzHighlight(f *testing.F) {
	for _, h := range hostile {
		f.Add("kusto", h)
	}
	f.Add("esql", `a """ b`)
	f.Add("yaml", "a: 'b\n# c")
	f.Fuzz(func(t *testing.T, lang, text string) {
		if got := html.UnescapeString(tags.ReplaceAllString(Highlight(lang, text), "")); got != html.UnescapeString(html.EscapeString(text)) {
			t.Errorf("%s: %q became %q", lang, text, got)
		}
		var b strings.Builder
		for _, k := range tokens(lang, text) {
			b.WriteString(k.text)
		}
		if b.String() != text {
			t.Errorf("%s: %q was cut into %q", lang, text, b.String())
		}
	})
}

func BenchmarkHTML(b *testing.B) {
	p := pack.New(shipped(b), all.Backends, pack.Options{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := HTML(p, nil); err != nil {
			b.Fatal(err)
		}
	}
}
