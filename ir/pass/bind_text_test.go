package pass

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/eval"
	"github.com/onerule/onerule/ir"
	"github.com/onerule/onerule/schema"
)

func TestRewriterNames(t *testing.T) {
	var have, want []string
	for _, r := range rewriters {
		have = append(have, r.derivation)
	}
	for _, d := range schema.Derivations {
		want = append(want, d.Name)
	}
	if !slices.Equal(have, want) {
		t.Errorf("the rewriters are not those of the derivations in order\n%v\n%v", have, want)
	}
}

// pieces are what the native texts of the test are made of: what some derivation looks at, and plain text.
var pieces = []string{
	"a", "B", "b", "eve", "1", "0", "26", " ", ".", "/", `\`, "@", ",", "=", "#", `\,`, `\ `, "-", "(", ")", `"`, "x.exe", "Users",
	"CN=", "cn=", "CN=eve", ",CN=Users", "MD5=", "md5=", "SHA1=", "SHA256=", "IMPHASH=", "0x", "0x1a", "1A", `"eve"`,
	"HKLM", "HKU", "hklm", "HKEY_LOCAL_MACHINE", "HKEY_USERS", "hkey_users", "HKEY_CURRENT_USER", "HK", `HKLM\`, `HKEY_LOCAL_MACHINE\`, `HKEY_USERS\`, `\Run`,
	"DWORD (0x0000001a)", "DWORD (0x", "QWORD (0x00000001-0x00000000)", "QWORD (0x00000000-0x0000001a)", "4294967296", "0000001a)",
}

// beginnings are what native texts begin with that have a derived value, by the beginning of the derivation's name.
var beginnings = map[string][]string{
	"common_name": {"CN=", "cn=", `CN=\ `, `CN=\#`},
	"hash_":       {"MD5=", "SHA1=", "SHA256=", "IMPHASH=", "md5=1,IMPHASH="},
	"registry_":   {`HKLM\`, `HKEY_LOCAL_MACHINE\`, `HKEY_USERS\`, `hkey_users\`, `HKEY_CURRENT_USER\`, `HKCU\Users\`, `HKU`, "HKEY_CLASSES_ROOT"},
	"hex":         {"0x1", "0x"},
	"json_text":   {`"`},
}

func drawNative(t *rapid.T, derivation string) string {
	text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 6).Draw(t, "native"), "")
	for begin, texts := range beginnings {
		if strings.HasPrefix(derivation, begin) && rapid.Bool().Draw(t, "begins") {
			return rapid.SampledFrom(texts).Draw(t, "beginning") + text
		}
	}
	return text
}

// drawLiteral takes a piece of one of the texts, so that comparisons are often true, or of another text.
func drawLiteral(t *rapid.T, derivation string, values []string) string {
	v := drawNative(t, derivation)
	if len(values) > 0 && rapid.IntRange(0, 3).Draw(t, "from") > 0 {
		v = rapid.SampledFrom(values).Draw(t, "value")
	}
	if n := len(v); n > 0 && rapid.Bool().Draw(t, "cut") {
		from := rapid.IntRange(0, n-1).Draw(t, "begin")
		v = v[from:rapid.IntRange(from, n).Draw(t, "end")]
	}
	if rapid.Bool().Draw(t, "upper") {
		v = strings.ToUpper(v)
	}
	return v
}

// TestRewriters compares each rewriting with the comparison of the derived value itself.
func TestRewriters(t *testing.T) {
	for _, rw := range rewriters {
		if rw.assumption != "" {
			continue
		}
		d, _ := schema.LookupDerivation(rw.derivation)
		t.Run(d.Name, func(t *testing.T) {
			said := 0
			rapid.Check(t, func(t *rapid.T) {
				native := drawNative(t, d.Name)
				if twice(d.Name, native) {
					t.Skip("a list of hashes names each once")
				}
				values := d.Forward(native)
				p := &ir.Cmp{
					Op:    rapid.SampledFrom([]ir.Op{ir.Eq, ir.StartsWith, ir.EndsWith, ir.Contains, ir.Like}).Draw(t, "op"),
					Cased: rapid.Bool().Draw(t, "cased"),
				}
				text := drawLiteral(t, d.Name, append([]string{native}, values...))
				lit := schema.String(text)
				if d.Name == "hex" && p.Op != ir.Eq {
					t.Skip("a number")
				}
				if p.Op == ir.Like && rapid.Bool().Draw(t, "wild") {
					text = rapid.SampledFrom([]string{"*" + text, text + "*", "*" + text + "*"}).Draw(t, "glob")
					lit = schema.String(text)
				}
				f := NativeField(schema.NativeField{Path: "x", Type: schema.Keyword}, diag.Span{})
				got, ok := rw.cmp(f, p, text)
				if !ok {
					return
				}
				said++
				match, err := ir.Matcher(p.Op, p.Cased, []schema.Value{lit})
				if err != nil {
					t.Fatal(err)
				}
				want := slices.ContainsFunc(values, func(v string) bool { return match(schema.String(v)) })
				if have := holds(t, got, native); have != want {
					t.Errorf("%s(%q) = %q; %s %q (cased %v) is %v, the rewriting %s is %v", d.Name, native, values, p.Op, text, p.Cased, want, ir.PrintPred(got), have)
				}
				if have := holds(t, rw.exists(f, diag.Span{}), native); have != (len(values) > 0) {
					t.Errorf("%s(%q) = %q, but exists is %v", d.Name, native, values, have)
				}
			})
			if said == 0 {
				t.Error("nothing could be said")
			}
		})
	}
}

func twice(derivation, native string) bool {
	name, ok := strings.CutPrefix(derivation, "hash_")
	return ok && strings.Count(strings.ToLower(native), name+"=") > 1
}

func holds(t *rapid.T, p ir.Pred, native string) bool {
	t.Helper()
	r, err := eval.Pred(p)
	if err != nil {
		t.Fatal(err)
	}
	return r.Holds(p, &schema.Event{Object: map[string]any{"x": native}})
}
