package syntax

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// The forms that the lowering prints, one for each operator.
func TestPrintOperators(t *testing.T) {
	f := Field("f")
	tests := []struct {
		name string
		tree Node
		want string
	}{
		{"==", Is(f, String("v")), `f:"v"`},
		{"== caseless", Is(Field("f.caseless"), String("v")), `f.caseless:"v"`},
		{"!=", Negate(Is(f, String("v"))), `not f:"v"`},
		{"in", AnyOf(f, String("a"), String("b")), `f:("a" or "b")`},
		{"in of one", AnyOf(f, String("a")), `f:"a"`},
		{"not in", Negate(AnyOf(f, String("a"), String("b"))), `not f:("a" or "b")`},
		{"contains", Is(f, Contains("v")), `f:*v*`},
		{"starts_with", Is(f, StartsWith("v")), `f:v*`},
		{"ends_with", Is(f, EndsWith("v")), `f:*v`},
		{"like", Is(f, Glob(Text("a"), Star(), Text("b"), Star(), Text("c"))), `f:a*b*c`},
		{"keyword", Either(Is(f, Contains("k")), Is(Field("g"), Contains("k"))), `f:*k* or g:*k*`},
		{"in_cidr", Is(Field("ip"), String("10.0.0.0/8")), `ip:"10.0.0.0/8"`},
		{"in_cidr v6", Negate(Is(Field("ip"), String("2001:db8::/32"))), `not ip:"2001:db8::/32"`},
		{"number ==", Is(Field("n"), Int(5)), `n:5`},
		{"number in", AnyOf(Field("n"), Int(1), Int(2)), `n:(1 or 2)`},
		{"negative number", Is(Field("n"), Int(-5)), `n:-5`},
		{"number >=", Compare(Field("n"), Gte, Int(5)), `n >= 5`},
		{"not number >=", Negate(Compare(Field("n"), Gte, Int(5))), `not n >= 5`},
		{"date", Compare(Field("d"), Gte, String("2024-01-01T00:00:00.000Z")), `d >= "2024-01-01T00:00:00.000Z"`},
		{"boolean", Is(Field("b"), Bool(true)), `b:true`},
		{"exists", Exists(f), `f:*`},
		{"missing", Negate(Exists(f)), `not f:*`},
		{"empty string", Is(f, String("")), `f:""`},
		{"empty", Either(Negate(Exists(f)), Is(f, String(""))), `not f:* or f:""`},
		{"not empty", Both(Exists(f), Negate(Is(f, String("")))), `f:* and not f:""`},
		{"true", All(), `*:*`},
		{"false", Either(), `not *:*`},
		{"true again", Both(), `*:*`},
		{"and, or", Both(Either(Exists(f), Exists(Field("g"))), Exists(Field("h"))), `(f:* or g:*) and h:*`},
		{"or, and", Either(Both(Exists(f), Exists(Field("g"))), Exists(Field("h"))), `(f:* and g:*) or h:*`},
		{"not and", Negate(Both(Exists(f), Exists(Field("g")))), `not (f:* and g:*)`},
		{"not not", Negate(Negate(Exists(f))), `not (not f:*)`},
		{"all over numbers", Both(Exists(Field("na")), Negate(Compare(Field("na"), Lt, Int(5)))), `na:* and not na < 5`},
		{"same element, overlaps", Either(Is(Field("a"), Glob(Text("p"), Star(), Text("q"))), Is(Field("a"), String("pq"))), `a:p*q or a:"pq"`},
		{"objects", InObject(Field("o"), Both(Is(Field("a"), String("x")), Is(Field("b"), String("y")))), `o:{ a:"x" and b:"y" }`},
		{"list of mixed kinds", Is(f, &ValueAnd{Parts: []Value{String("a"), &ValueNot{Part: &ValueOr{Parts: []Value{Bare("b"), EndsWith("c")}}}}}), `f:("a" and not (b or *c))`},
		{"list of not", Is(f, &ValueNot{Part: String("a")}), `f:(not "a")`},
		{"field with a blank", Is(Field("a b"), String("v")), `"a b":"v"`},
		{"field with a colon", Exists(Field("a:b")), `"a:b":*`},
		{"field that is a keyword", Is(Field("not"), String("v")), `not:"v"`},
		{"field not in a range", Compare(Field("not"), Lt, Int(5)), `"not" < 5`},
		{"field that ends in not in a range", Compare(Field("cannot"), Lt, Int(5)), `"cannot" < 5`},
		{"field pattern that ends in not in a range", Compare(FieldPattern(Star(), Text("not")), Lt, Int(5)), `*\u006eot < 5`},
		{"field null", Exists(Field("null")), `"null":*`},
		{"field with a star", Exists(Field("a*")), `"a*":*`},
		{"field pattern", Exists(FieldPattern(Text("a."), Star())), `a.*:*`},
		{"free", &Free{Value: String("k")}, `"k"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Print(tt.tree)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
			checkPrint(t, tt.tree)
		})
	}
}

func TestEscapes(t *testing.T) {
	f := Field("f")
	tests := []struct {
		value Value
		want  string
	}{
		{String(`C:\Temp "x"*`), `"C:\\Temp \"x\"*"`},
		{String("a\nb\rc\td\x1f\x00\x7f"), `"a\nb\rc\td\u001f\u0000\u007f"`},
		{String(" a "), `" a "`},
		{String("null"), `"null"`},
		{String("a or b"), `"a or b"`},
		{String("*"), `"*"`},
		{String(`\`), `"\\"`},
		{String("10.0.0.0/8"), `"10.0.0.0/8"`},
		{Contains(`\():<>"*{}?`), `*\\\(\)\:\<\>\"\*\{\}?*`},
		{Contains("a\nb\rc\td\x1f"), `*a\nb\rc\td\u001f*`},
		{Contains(" or "), `* \or *`},
		{Contains("a and b or c"), `*a \and b \or c*`},
		{Contains("cannot do"), `*can\u006eot do*`},
		{Contains("NOT x"), `*\u004eOT x*`},
		{Contains("not\u00a0x"), "*\\u006eot\u00a0x*"},
		{Contains("nothing"), `*nothing*`},
		{Contains("x or"), `*x or*`},
		{EndsWith("x or"), `*x \or`},
		{EndsWith("cannot"), `*can\u006eot`},
		{Contains("or x"), `*or x*`},
		{Contains("a or or b"), `*a \or \or b*`},
		{Contains("a\tor b"), `*a\tor b*`},
		{Contains("a\u00a0and b"), "*a\u00a0\\and b*"},
		{StartsWith("C:\\Windows\\"), `C\:\\Windows\\*`},
		{EndsWith(`\cmd.exe`), `*\\cmd.exe`},
		{Glob(Text("a "), Star(), Text(" b")), `a * b`},
		{Glob(Star(), Star()), `**`},
		{Bare("2024-01-01T00:00:00Z"), `2024-01-01T00\:00\:00Z`},
		{Bare("foo bar"), `foo bar`},
		{Bare("a*"), `a\*`},
	}
	for _, tt := range tests {
		got, err := Print(Is(f, tt.value))
		if err != nil {
			t.Errorf("%s: %v", dumpValue(tt.value), err)
			continue
		}
		if want := "f:" + tt.want; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		checkPrint(t, Is(f, tt.value))
		checkPrint(t, Both(Is(f, tt.value), Is(f, tt.value)))
		checkPrint(t, Is(f, &ValueOr{Parts: []Value{tt.value, tt.value}}))
	}
}

func TestUnprintable(t *testing.T) {
	for _, v := range []Value{
		StartsWith(" a"), StartsWith("\ta"), StartsWith("\u3000a"), EndsWith("a "), EndsWith("a\n"), Glob(Text("a")), Glob(),
		Bare(""), Bare("null"), Bare("true"), Bare("false"), Bare(" a"), Bare("\ufeffa"),
		Contains("@kuery-wildcard@"), Glob(Text("@kuery-wildcard"), Star()), String("\xff"), Contains("\xff"), Bare("\xff"),
		&ValueOr{Parts: []Value{String("a")}}, &ValueAnd{},
	} {
		var unprintable *UnprintableError
		if err := Printable(v); !errors.As(err, &unprintable) {
			t.Errorf("%s: %v", dumpValue(v), err)
		}
	}
	if err := Printable(Contains(" a ")); err != nil {
		t.Errorf("blanks between the stars: %v", err)
	}
	if _, err := Print(Exists(FieldPattern(Text(" a"), Star()))); err == nil {
		t.Error("a field pattern with a leading blank is printed")
	}
	deep := Node(Exists(Field("f")))
	for range maxNesting + 2 {
		deep = Negate(deep)
	}
	if _, err := Print(deep); err == nil {
		t.Error("a tree deeper than the parser's limit is printed")
	}
}

var anyText = rapid.OneOf(
	rapid.String(),
	rapid.StringOfN(rapid.SampledFrom([]rune(" \t\n\u00a0\u3000ornotadOR*\\\"(){}:<>u006e.x")), 0, 14, -1),
	rapid.SampledFrom([]string{"not x", "a or b", "x and ", " not", "null", "true", "", "@kuery-wildcard@", `\not`, `C:\temp\*`}),
)

func genAtom() *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0, 1:
			return String(anyText.Draw(t, "text"))
		case 2:
			return Bare(anyText.Draw(t, "text"))
		case 3:
			return Bool(rapid.Bool().Draw(t, "bool"))
		}
		return Glob(genParts(t)...)
	}).Filter(func(v Value) bool { return Printable(v) == nil })
}

func genParts(t *rapid.T) []Part {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Part {
		if rapid.Bool().Draw(t, "star") {
			return Star()
		}
		return Text(anyText.Draw(t, "text"))
	}), 1, 5).Draw(t, "parts")
}

func genValue(depth int) *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		kind := rapid.IntRange(0, 5).Draw(t, "kind")
		if depth == 0 {
			kind = 0
		}
		parts := func() []Value { return rapid.SliceOfN(genValue(depth-1), 2, 3).Draw(t, "parts") }
		switch kind {
		case 3:
			return &ValueAnd{Parts: parts()}
		case 4:
			return &ValueOr{Parts: parts()}
		case 5:
			return &ValueNot{Part: genValue(depth-1).Draw(t, "part")}
		}
		return genAtom().Draw(t, "atom")
	})
}

func genName() *rapid.Generator[Name] {
	return rapid.Custom(func(t *rapid.T) Name {
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			n := FieldPattern(genParts(t)...)
			if n.IsPattern() && Printable(Glob(n.Parts...)) == nil {
				return n
			}
		case 1:
			return Field(anyText.Draw(t, "name"))
		}
		return Field(rapid.SampledFrom([]string{"f", "process.name", "@timestamp", "not", "cannot", "or"}).Draw(t, "name"))
	})
}

func genNode(depth int) *rapid.Generator[Node] {
	return rapid.Custom(func(t *rapid.T) Node {
		kind := rapid.IntRange(0, 8).Draw(t, "kind")
		if depth == 0 {
			kind %= 4
		}
		sub := func() Node { return genNode(depth-1).Draw(t, "part") }
		switch kind {
		case 0:
			return &Free{Value: genAtom().Draw(t, "free").(Atom)}
		case 1:
			op := rapid.SampledFrom([]RangeOp{Lt, Lte, Gt, Gte}).Draw(t, "op")
			return Compare(genName().Draw(t, "field"), op, genAtom().Draw(t, "bound").(Atom))
		case 4:
			return &And{Parts: []Node{sub(), sub()}}
		case 5:
			return &Or{Parts: []Node{sub(), sub(), sub()}}
		case 6:
			return Negate(sub())
		case 7:
			return InObject(genName().Draw(t, "path"), sub())
		}
		return Is(genName().Draw(t, "field"), genValue(2).Draw(t, "value"))
	})
}

func TestPrintParseProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := genNode(3).Draw(t, "query")
		text, err := Print(n)
		if err != nil {
			t.Fatalf("%s: %v", dump(n), err)
		}
		again, diags := Parse("q", text)
		if diags.HasErrors() {
			t.Fatalf("%s: %v", text, diags[0])
		}
		if got, want := dump(again), dump(n); got != want {
			t.Fatalf("%s\n got %s\nwant %s", text, got, want)
		}
	})
}

// Any string is read back from its quoted form, and from its pattern where that can be written.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "a", `\`, `"`, "a or b", "cannot do", " x", "\n", "\u00a0not ", "@kuery-wildcard@", "\xff", "é😀"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, v := range []Value{String(s), Bare(s), Contains(s), StartsWith(s), EndsWith(s)} {
			text, err := Print(Both(Is(Field(s), v), Is(Field("f"), v)))
			if err != nil {
				if _, quoted := v.(*Literal); quoted && v.(*Literal).Kind == Quoted && utf8.ValidString(s) {
					t.Fatalf("%q cannot be quoted: %v", s, err)
				}
				continue
			}
			n, diags := Parse("q", text)
			if diags.HasErrors() {
				t.Fatalf("%s: %v", text, diags[0])
			}
			for i, part := range n.(*And).Parts {
				m := part.(*Match)
				if got, want := dumpValue(m.Value), dumpValue(v); got != want {
					t.Fatalf("%s: part %d is %s, want %s", text, i, got, want)
				}
			}
			if name := n.(*And).Parts[0].(*Match).Field; name.Null || name.IsPattern() || name.Text() != s {
				t.Fatalf("%s: the field is %q, want %q", text, name.Text(), s)
			}
		}
	})
}

func TestTextOfParts(t *testing.T) {
	if got := Glob(Text("a"), Text("b"), Star(), Text("")).Text(); got != "ab*" {
		t.Error(got)
	}
	if got := len(Glob(Text("a"), Text("b")).Parts); got != 1 {
		t.Errorf("%d parts", got)
	}
}

var benchQuery = `event.category:process and host.os.type:windows and process.name:("cmd.exe" or "powershell.exe" or *shell*) and ` +
	strings.Repeat(`not process.args:(*\\temp\\* and not "-enc") and `, 5) + `process.pid >= 5`

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if n, _ := Parse("q", benchQuery); n == nil {
			b.Fatal("no tree")
		}
	}
}

func BenchmarkPrint(b *testing.B) {
	n, diags := Parse("q", benchQuery)
	if diags.HasErrors() {
		b.Fatal(diags[0])
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Print(n); err != nil {
			b.Fatal(err)
		}
	}
}
