package interp

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anyArguments are constants and fields of every type, with one, several and no values.
var anyArguments = []string{
	"null", "true", "false", "0", "1", "-3", "2.5", "1e308", "9223372036854775807", "-9223372036854775808", `""`, `"a"`, `"0x1F"`, `"10.0.0.0/8"`, `"1.1.1.1"`, `"ä😀"`,
	`"""C:\x"""`, `"2024-01-01"`, "k", "n", "x", "b", "ip", "d", "v", "t", "?zz", "u", "@timestamp", "n + 1", "length(k)", "k == null", "string(n)",
}

// TestCallsNeverPanic calls functions and operators with arguments of all kinds: the answer is events or faults.
func TestCallsNeverPanic(t *testing.T) {
	types := map[string]string{"@timestamp": "date", "k": "keyword", "n": "long", "x": "double", "b": "boolean", "ip": "ip", "d": "date", "v": "version", "t": "text", "u": "unsigned_long"}
	in := input(table(t, types,
		`{"k":"a","n":1,"x":0.5,"b":true,"ip":"1.1.1.1","d":"2024-01-01","v":"1.2","t":"some text","u":7}`,
		`{"k":["","b","ä"],"n":[-9223372036854775808,0],"x":[1e308,-1],"b":[true,false],"ip":["::1","10.1.1.1"],"d":["1900-01-01","2024-01-01"],"v":["1","x"],"u":[18446744073709551615,0]}`,
		`{}`))
	calls := []string{
		"add(%s, %s)", "subtract(%s, %s)", "multiply(%s, %s)", "divide(%s, %s)", "modulo(%s, %s)", "between(%s, %s, %s)", "between~(%s, %s, %s, %s)", "cidrMatch(%s, %s)",
		"cidrMatch(%s, %s, %s)", "concat(%s)", "concat(%s, %s, %s)", "endsWith(%s, %s)", "endsWith~(%s, %s)", "indexOf(%s, %s)", "indexOf~(%s, %s, %s)", "length(%s)",
		"number(%s)", "number(%s, %s)", "startsWith(%s, %s)", "startsWith~(%s, %s)", "string(%s)", "stringContains(%s, %s)", "stringContains~(%s, %s)", "substring(%s, %s)",
		"substring(%s, %s, %s)", "%s + %s", "%s - %s", "%s * %s", "%s / %s", "%s %% %s", "%s",
	}
	tests := []string{"%s", "not (%s)", "%s == null", "%s != 1", "%s == \"a\"", "%s > 0", "%s in (1, 2)", "%s : \"a*\"", "%s like~ (\"?\", \"b\")", "%s regex \"a.*\"", "%s <= \"2024\"", "%s == true"}
	rapid.Check(t, func(rt *rapid.T) {
		call := rapid.SampledFrom(calls).Draw(rt, "call")
		args := make([]any, strings.Count(strings.ReplaceAll(call, "%%", ""), "%s"))
		for i := range args {
			args[i] = rapid.SampledFrom(anyArguments).Draw(rt, "argument")
		}
		condition := fmt.Sprintf(rapid.SampledFrom(tests).Draw(rt, "test"), fmt.Sprintf(call, args...))
		for _, q := range []string{"any where " + condition, "sequence by ?k [any where " + condition + "] [any where true]", "sample by ?k [any where true] [any where " + condition + "]"} {
			func() {
				defer func() {
					if e := recover(); e != nil {
						rt.Fatalf("%s: %v", q, e)
					}
				}()
				if out, ds := run1(q, in); ds.HasErrors() && (out.Matches != nil || out.Groups != nil) {
					rt.Fatalf("%s: results and errors", q)
				}
			}()
		}
	})
}
