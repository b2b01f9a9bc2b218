package schema

import (
	"encoding/json"
	"slices"
	"testing"
)

// FuzzConvert: a scalar is no value of a type, or a value whose JSON and text are read as the same value.
func FuzzConvert(f *testing.F) {
	for _, s := range []string{"", "net.exe", "42", "-0", "5e3", "1e400", "9223372036854775807", "true", "FALSE", "10.0.0.1", "::ffff:1.2.3.4", "fe80::1%eth0", "1767323045678", "2026-01-02T03:04:05.6789+02:00", "2026-01-02 03:04:05", "2026-01-02", "0x1A", "NaN"} {
		f.Add(s)
	}
	types := []Type{Keyword, Text, Long, Double, Boolean, Date, IP}
	f.Fuzz(func(t *testing.T, s string) {
		for _, typ := range types {
			for _, x := range []any{s, json.Number(s)} {
				v, ok := Convert(typ, x)
				if !ok {
					continue
				}
				if again, ok := Convert(typ, v.JSON()); !ok || again != v {
					t.Fatalf("%s %#v is %#v, and its JSON %#v is %#v, %v", typ, x, v, v.JSON(), again, ok)
				}
				if again, ok := FromText(typ, v.String()); !ok || again != v {
					t.Fatalf("%s %#v is %#v, and its text %q is %#v, %v", typ, x, v, v.String(), again, ok)
				}
			}
		}
	})
}

// FuzzCommandLine: arguments of a Windows command line that can be written as one come back from it.
func FuzzCommandLine(f *testing.F) {
	for _, s := range []string{`"C:\Program Files\a.exe" /x "y z" \"q\"`, `net user eve /add`, `a "b""c" d\\"e f"`, "a \"\t\\\\\"", `"`, ` \`, `a "" b`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { joins(t, s, CommandLineToArgv, joinWindowsArgs) })
}

// FuzzShellWords is the same for shells.
func FuzzShellWords(f *testing.F) {
	for _, s := range []string{`useradd -c 'Eve E' "x y" a\ b`, `"\$x\y"`, `a'b"c'"d"`, `''`, `\`, "'", "a\\\nb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { joins(t, s, ShellWords, joinShellWords) })
}

func joins(t *testing.T, s string, split func(string) []string, join func([]string) (string, bool)) {
	args := split(s)
	joined, ok := join(args)
	if !ok {
		return
	}
	if again := split(joined); !slices.Equal(again, args) {
		t.Fatalf("%q is %q, joined %q is %q", s, args, joined, again)
	}
}
