package interp

import (
	"fmt"
	"testing"

	"github.com/onerule/onerule/backends/native"
)

// TestFunctions folds calls of constants: the examples of the function reference, and edges.
func TestFunctions(t *testing.T) {
	for _, c := range []struct {
		expression string
		want       string
	}{
		{`add(4, 5)`, "9"},
		{`add(4, 0.5)`, "4.5"},
		{`add(null, 4)`, "<nil>"},
		{`4 + -2`, "2"},
		{`subtract(10, 2)`, "8"},
		{`subtract(2, null)`, "<nil>"},
		{`1 - 0.25`, "0.75"},
		{`multiply(0.5, 2)`, "1"},
		{`multiply(-2, -2)`, "4"},
		{`multiply(-4611686018427387904, 2)`, "-9223372036854775808"},
		{`divide(4, 3)`, "1"},
		{`divide(-4, 3)`, "-1"},
		{`divide(4, 0.5)`, "8"},
		{`4 / 3.0 > 1.33`, "true"},
		{`divide(4, null)`, "<nil>"},
		{`modulo(10, 6)`, "4"},
		{`modulo(10, -6)`, "4"},
		{`modulo(-10, -6)`, "-4"},
		{`modulo(10, 0.5)`, "0"},
		{`modulo(10.5, 3)`, "0"},
		{`-9223372036854775807 - 1`, "-9223372036854775808"},
		{`+5`, "5"},
		{`- -5`, "5"},
		{`between("C:\\Windows\\System32\\cmd.exe", "System32\\", ".exe")`, "cmd"},
		{`between~("C:\\Windows\\System32\\cmd.exe", "system32\\", ".EXE")`, "cmd"},
		{`between("C:\\Windows\\System32\\cmd.exe", "\\", "\\", false)`, "Windows"},
		{`between("C:\\Windows\\System32\\cmd.exe", "\\", "\\", true)`, `Windows\System32`},
		{`between("", "a", "b")`, ""},
		{`between("", "", "")`, ""},
		{`between("abc", "a", "c", null)`, "<nil>"},
		{`between("axa", "a", "a")`, "x"},
		{`cidrMatch("192.168.152.12", "192.168.0.0/16")`, "true"},
		{`cidrMatch("192.168.152.12", "10.0.0.0/8", "10.128.0.0/9")`, "false"},
		{`cidrMatch("192.168.152.12", "10.0.0.0/8", "192.168.152.12")`, "true"},
		{`cidrMatch("::1", "::1")`, "true"},
		{`cidrMatch("10.1.1.1", "0.0.0.0/0")`, "true"},
		{`cidrMatch("::ffff:10.1.1.1", "10.6.48.157/8")`, "true"},
		{`cidrMatch("fe80::1", "10.0.0.0/8")`, "false"},
		{`cidrMatch(null, "10.0.0.0/8")`, "<nil>"},
		{`cidrMatch("10.0.0.1", null)`, "<nil>"},
		{`cidrMatch("10.0.0.256", "10.0.0.0/8")`, "<nil>"},
		{`concat("process is ", "regsvr32.exe")`, "process is regsvr32.exe"},
		{`concat("a", " ", 42.5, " ", true)`, "a 42.5 true"},
		{`concat("a", null)`, "<nil>"},
		{`concat(1.0)`, "1.0"},
		{`concat(1e10)`, "1.0E10"},
		{`concat(0.0001)`, "1.0E-4"},
		{`endsWith("regsvr32.exe", ".exe")`, "true"},
		{`endsWith("regsvr32.exe", ".EXE")`, "false"},
		{`endsWith("", "")`, "true"},
		{`endsWith~("regsvr32.exe", ".EXE")`, "true"},
		{`endswith("", null)`, "<nil>"},
		{`indexOf("subdomain.example.com", "d")`, "3"},
		{`indexOf("subdomain.example.com", "D")`, "<nil>"},
		{`indexOf("subdomain.example.com", ".", 10)`, "17"},
		{`indexOf("subdomain.example.com", ".", -6)`, "9"},
		{`indexOf("", "")`, "0"},
		{`indexOf("subdomain.example.com", "", 9)`, "9"},
		{`indexOf("subdomain.example.com", "", -6)`, "0"},
		{`indexOf("subdomain.example.com", ".", 30)`, "<nil>"},
		{`indexOf("abc", "", 4)`, "<nil>"},
		{`indexOf("abc", "", 3)`, "3"},
		{`indexOf~("subdomain", "D")`, "3"},
		{`indexOf("ä😀b", "b")`, "3"},
		{`indexOf("aäb", "ä")`, "1"},
		{`length("explorer.exe")`, "12"},
		{`length("")`, "0"},
		{`length(null)`, "<nil>"},
		{`length("ä")`, "1"},
		{`length("😀")`, "2"},
		{`number("1337")`, "1337"},
		{`number("42.5")`, "42.5"},
		{`number("deadbeef", 16)`, "3735928559"},
		{`number("0xdeadbeef")`, "3735928559"},
		{`number("0xdeadbeef", 16)`, "3735928559"},
		{`number("+1337")`, "1337"},
		{`number("-1337")`, "-1337"},
		{`number("  1337  ")`, "1337"},
		{`number(null, 16)`, "<nil>"},
		{`number("0xdeadbeef", null)`, "3735928559"},
		{`number("1337", null)`, "1337"},
		{`number("-0x10")`, "-16"},
		{`startsWith("regsvr32.exe", "regsvr32")`, "true"},
		{`startsWith("", "")`, "true"},
		{`STARTSWITH~("ABC", "ab")`, "true"},
		{`string(42)`, "42"},
		{`string(true)`, "true"},
		{`string(1 == 1)`, "true"},
		{`string(9223372036854775808)`, "9.223372036854776E18"},
		{`stringContains("start regsvr32.exe", "start ")`, "true"},
		{`stringContains("", "")`, "false"},
		{`stringContains("a", "")`, "false"},
		{`stringContains~("abc", "B")`, "true"},
		{`stringContains("abc", null)`, "<nil>"},
		{`substring("start regsvr32.exe", 6)`, "regsvr32.exe"},
		{`substring("start regsvr32.exe", 6, 14)`, "regsvr32"},
		{`substring("start regsvr32.exe", -4, -1)`, ".ex"},
		{`substring("abc", 5)`, ""},
		{`substring("abc", 2, 1)`, ""},
		{`substring("äöü", 1, 2)`, "ö"},
		{`substring("x😀y", 3)`, "y"},
		{`substring("abc", 0, 99)`, "abc"},
		// Null inside an expression is three-valued.
		{`null == null`, "true"},
		{`null != null`, "false"},
		{`1 == null`, "false"},
		{`null > 1`, "<nil>"},
		{`null == (1 > null)`, "true"},
		{`(not (null > 1)) == null`, "true"},
		{`(null > 1 and false) == null`, "false"},
		{`(null > 1 or true) == null`, "false"},
		{`(null > 1 and true) == null`, "true"},
		{`null in (1, 2)`, "<nil>"},
		{`1 in (null, 1)`, "true"},
		{`1 not in (null, 2)`, "true"},
		{`null : "x"`, "<nil>"},
		{`"ABC" : ("x*", "a?c")`, "true"},
		{`"abc" regex "a.*"`, "true"},
		{`"b" > "a"`, "true"},
		{`"é" : "É"`, "false"},
	} {
		got, diags := fold(t, c.expression, nil)
		switch {
		case diags.HasErrors():
			t.Errorf("%s: %s", c.expression, diags[0].Title)
		case fmt.Sprint(got) != c.want:
			t.Errorf("%s is %v, want %s", c.expression, got, c.want)
		}
	}
}

// TestFunctionDoubts shows what the doubts about functions change.
func TestFunctionDoubts(t *testing.T) {
	for _, c := range []struct {
		expression string
		doubt      native.Doubt
		on, off    string
	}{
		{`between("abc", "x", "c")`, doubtBetweenMiss, "<nil>", ""},
		{`between("abc", "a", "x", true)`, doubtBetweenMiss, "<nil>", ""},
		{`length("😀")`, doubtLengthUTF16, "2", "1"},
		{`substring("x😀y", 2)`, doubtLengthUTF16, "\ufffdy", "y"},
		{`indexOf("😀b", "b")`, doubtLengthUTF16, "2", "1"},
		{`10.5 % 3`, doubtModuloReal, "0", "1.5"},
		{`startsWith~("Äa", "ä")`, doubtFunctionFold, "true", "false"},
		{`number("x")`, doubtNumberText, "fault", "<nil>"},
		{`number("")`, doubtNumberText, "fault", "<nil>"},
		{`number("0x")`, doubtNumberText, "fault", "<nil>"},
		{`number("inf")`, doubtNumberText, "fault", "<nil>"},
		{`number("1_0")`, doubtNumberText, "fault", "<nil>"},
		{`number("9", 8)`, doubtNumberText, "fault", "<nil>"},
		{`number("1", 99)`, doubtNumberText, "fault", "<nil>"},
		{`"É" : "é"`, doubtFoldUnicode, "true", "false"},
	} {
		for on, want := range map[bool]string{true: c.on, false: c.off} {
			v, diags := fold(t, c.expression, map[string]bool{c.doubt.Name: on})
			got := fmt.Sprint(v)
			if diags.HasErrors() {
				got = "fault"
			}
			if got != want {
				t.Errorf("%s with %s=%t is %s, want %s", c.expression, c.doubt.Name, on, got, want)
			}
		}
	}
}

// TestFunctionTable checks the rows of the function table against each other.
func TestFunctionTable(t *testing.T) {
	for i, f := range functions {
		if i > 0 && functions[i-1].name >= f.name && f.name != "string" && f.name != "subtract" {
			t.Errorf("%s is out of order", f.name)
		}
		if _, isOperator := operators[f.name]; isOperator == (f.call != nil) {
			t.Errorf("%s has two meanings, or none", f.name)
		}
		if f.doc == "" || len(f.params) == 0 || f.min == 0 {
			t.Errorf("%s is incomplete", f.name)
		}
		if findFunction(f.name) != &functions[i] {
			t.Errorf("%s is not found", f.name)
		}
	}
}

// TestEventErrors: errors that only an event can cause end the search.
func TestEventErrors(t *testing.T) {
	in := input(table(t, map[string]string{"@timestamp": "date", "n": "long", "s": "keyword"}, `{"n":0,"s":"x"}`, `{"n":2,"s":"7"}`))
	checkAll(t, in, []check{
		{`10 / n == 5`, "fault: a whole number is divided by zero"},
		{`10 % n == 0`, "fault: a whole number is divided by zero"},
		{`10.0 / n == 5`, "1"},
		{`n * 9223372036854775807 > 0`, "fault: 2 * 9223372036854775807 does not fit into 64 bits"},
		{`n + 9223372036854775807 > 0`, "fault: 2 + 9223372036854775807 does not fit into 64 bits"},
		{`number(s) == 7`, `fault: "x" is not a number`},
		{`n == 2 and number(s) == 7`, "1"},
	})
	checkAll(t, with(in, false, doubtNumberText), []check{{`number(s) == 7`, "1"}, {`number(s) == null`, "0"}})
}

// TestBooleanTests: a test compared with true or false, and != on the result of a function.
func TestBooleanTests(t *testing.T) {
	in := input(table(t, ecs, `{"process.name":"abc"}`, `{"process.name":"x"}`, `{}`, `{"process.name":["abc","x"]}`))
	checkAll(t, in, []check{
		{`startsWith(process.name, "a") == true`, "0 3"},
		{`startsWith(process.name, "a") == false`, "1 2"},
		{`startsWith(process.name, "a") != true`, "1 2"},
		{`false == startsWith(process.name, "a")`, "1 2"},
		{`(process.name == "x") == false`, "0 2"},
		{`length(process.name) != 3`, "1 3"},
		{`not length(process.name) == 3`, "1 2"},
		{`null == (process.name == "x")`, "2"},
		{`indexOf(process.name, "b") == null`, "1 2 3"},
		{`indexOf(process.name, "b") != null`, "0 3"},
	})
	checkAll(t, with(in, false, doubtBooleanEquals), []check{
		{`startsWith(process.name, "a") == false`, "1 3"},
		{`startsWith(process.name, "a") == true`, "0 3"},
	})
	checkAll(t, with(in, true, doubtFunctionNe), []check{{`length(process.name) != 3`, "1 2"}})
}
