package schema

import (
	"strconv"
	"strings"
)

// Derivation computes canonical values from one native text. Forward is total and pure. Inverse makes a native text whose
// forward image is the given values (the first, for a scalar field); ok is false when there is none.
// The rewriting of predicates on a derived field stands in ir/pass, one row for each derivation.
type Derivation struct {
	Name    string
	Doc     string
	Forward func(native string) []string
	Inverse func(canonical []string) (native string, ok bool)
}

// Derivations lists all derivations, sorted by name.
var Derivations = []Derivation{
	{
		Name: "after_at", Doc: "the text behind the last @ (the domain of user@domain); missing when there is no @",
		Forward: func(s string) []string {
			if i := strings.LastIndexByte(s, '@'); i >= 0 {
				return []string{s[i+1:]}
			}
			return nil
		},
		Inverse: func(c []string) (string, bool) { return "x@" + c[0], !strings.Contains(c[0], "@") },
	},
	{
		Name: "after_backslash", Doc: `the text behind the last backslash (the user of DOMAIN\user), the whole text when there is none`,
		Forward: func(s string) []string { return []string{s[strings.LastIndexByte(s, '\\')+1:]} },
		Inverse: func(c []string) (string, bool) { return c[0], !strings.Contains(c[0], `\`) },
	},
	{
		Name: "basename_posix", Doc: "the last segment of a path with slashes",
		Forward: func(s string) []string { return []string{s[strings.LastIndexByte(s, '/')+1:]} },
		Inverse: func(c []string) (string, bool) { return "/usr/bin/" + c[0], !strings.Contains(c[0], "/") },
	},
	{
		Name: "basename_windows", Doc: "the last segment of a path with backslashes",
		Forward: func(s string) []string { return []string{s[strings.LastIndexByte(s, '\\')+1:]} },
		Inverse: func(c []string) (string, bool) { return `C:\Windows\System32\` + c[0], !strings.Contains(c[0], `\`) },
	},
	{
		Name: "before_at", Doc: "the text before the last @ (the user of user@domain), the whole text when there is none",
		Forward: func(s string) []string {
			if i := strings.LastIndexByte(s, '@'); i >= 0 {
				return []string{s[:i]}
			}
			return []string{s}
		},
		Inverse: func(c []string) (string, bool) { return c[0], !strings.Contains(c[0], "@") },
	},
	{
		Name: "before_backslash", Doc: `the text before the last backslash (the domain of DOMAIN\user); missing when there is none`,
		Forward: func(s string) []string {
			if i := strings.LastIndexByte(s, '\\'); i >= 0 {
				return []string{s[:i]}
			}
			return nil
		},
		Inverse: func(c []string) (string, bool) { return c[0] + `\user`, true },
	},
	{
		Name: "before_slash", Doc: "the text before the last slash (the directory of a path); missing when there is none",
		Forward: func(s string) []string {
			if i := strings.LastIndexByte(s, '/'); i >= 0 {
				return []string{s[:i]}
			}
			return nil
		},
		Inverse: func(c []string) (string, bool) { return c[0] + "/x", true },
	},
	{
		Name: "common_name", Doc: "the first common name of a distinguished name (eve of CN=eve,OU=Users,DC=corp), with the characters that must be escaped unescaped; missing when the text begins otherwise",
		Forward: commonName,
		Inverse: func(c []string) (string, bool) {
			return "CN=" + EscapeName(c[0]) + ",CN=Users,DC=corp,DC=example", c[0] != ""
		},
	},
	{
		Name: "extension", Doc: "the text behind the last dot of the last segment of a path; missing when there is no dot",
		Forward: func(s string) []string {
			s = s[strings.LastIndexAny(s, `/\`)+1:]
			if i := strings.LastIndexByte(s, '.'); i >= 0 {
				return []string{s[i+1:]}
			}
			return nil
		},
		Inverse: func(c []string) (string, bool) { return "x." + c[0], !strings.ContainsAny(c[0], `./\`) },
	},
	{
		Name: "hash_imphash", Doc: "the IMPHASH of a list such as MD5=…,IMPHASH=…; missing when it is not listed",
		Forward: hashOf("IMPHASH"), Inverse: hashList("IMPHASH"),
	},
	{
		Name: "hash_md5", Doc: "the MD5 of a list such as MD5=…,SHA256=…; missing when it is not listed",
		Forward: hashOf("MD5"), Inverse: hashList("MD5"),
	},
	{
		Name: "hash_sha1", Doc: "the SHA1 of a list such as SHA1=…,MD5=…; missing when it is not listed",
		Forward: hashOf("SHA1"), Inverse: hashList("SHA1"),
	},
	{
		Name: "hash_sha256", Doc: "the SHA256 of a list such as MD5=…,SHA256=…; missing when it is not listed",
		Forward: hashOf("SHA256"), Inverse: hashList("SHA256"),
	},
	{
		Name: "hex", Doc: "the decimal text of a hexadecimal number such as 0x1a2c, in lower case and without leading zeros; missing when the text is not one",
		Forward: func(s string) []string {
			digits, _ := strings.CutPrefix(s, "0x")
			n, err := strconv.ParseInt(digits, 16, 64)
			if err != nil || n < 0 || s != hexText(n) {
				return nil
			}
			return []string{strconv.FormatInt(n, 10)}
		},
		Inverse: func(c []string) (string, bool) {
			n, err := strconv.ParseInt(c[0], 10, 64)
			return hexText(n), err == nil && n >= 0
		},
	},
	{
		Name: "json_text", Doc: `the text in a JSON string that needs no escapes (Admins of "Admins" with its quotes); missing when the text is something else`,
		Forward: func(s string) []string {
			if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' || strings.ContainsAny(s[1:len(s)-1], `"\`) {
				return nil
			}
			return []string{s[1 : len(s)-1]}
		},
		Inverse: func(c []string) (string, bool) { return `"` + c[0] + `"`, !strings.ContainsAny(c[0], `"\`) },
	},
	{
		Name: "posix_args", Doc: "the words of a command line, split as a shell splits words (blanks, quotes, backslashes)",
		Forward: ShellWords, Inverse: joinShellWords,
	},
	{
		Name: "registry_data", Doc: "the data of a registry value as Sysmon writes it: DWORD (0x00000001) and QWORD (0x00000000-0x00000001) as a decimal number, anything else as it is",
		Forward: registryData,
		Inverse: func(c []string) (string, bool) { return c[0], registryData(c[0])[0] == c[0] },
	},
	{
		Name: "registry_hive", Doc: "the short name of the hive at the beginning of a registry path (HKLM, HKU, HKCU, HKCR, HKCC); missing when it begins with none",
		Forward: func(s string) []string {
			hive, _ := cutHive(s)
			if hive == "" {
				return nil
			}
			return []string{hive}
		},
		Inverse: func(c []string) (string, bool) {
			hive, _ := cutHive(c[0])
			return c[0] + `\SOFTWARE\x`, hive != "" && hive == c[0]
		},
	},
	{
		Name: "registry_key", Doc: "the key in a registry path of a value, between the hive and the last backslash; missing when there is no hive or no key",
		Forward: func(s string) []string {
			hive, rest := cutHive(s)
			i := strings.LastIndexByte(rest, '\\')
			if hive == "" || i < 0 {
				return nil
			}
			return []string{rest[:i]}
		},
		Inverse: func(c []string) (string, bool) { return `HKLM\` + c[0] + `\x`, true },
	},
	{
		Name: "registry_path", Doc: `a registry path with the short name of its hive: HKLM\… for HKEY_LOCAL_MACHINE\…`,
		Forward: func(s string) []string {
			if hive, rest := cutHive(s); hive != "" {
				if strings.Contains(s, `\`) {
					hive += `\`
				}
				return []string{hive + rest}
			}
			return []string{s}
		},
		Inverse: func(c []string) (string, bool) {
			if long, ok := longHive(c[0]); ok {
				return long, true
			}
			hive, _ := cutHive(c[0])
			return c[0], hive == ""
		},
	},
	{
		Name: "windows_args", Doc: "the arguments of a command line, split as CommandLineToArgvW does",
		Forward: CommandLineToArgv, Inverse: joinWindowsArgs,
	},
}

// LookupDerivation returns the derivation of that name.
func LookupDerivation(name string) (*Derivation, bool) {
	for i := range Derivations {
		if Derivations[i].Name == name {
			return &Derivations[i], true
		}
	}
	return nil, false
}
