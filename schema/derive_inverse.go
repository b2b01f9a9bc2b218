package schema

import (
	"strconv"
	"strings"
)

// inverseTexts returns native texts that may give the wanted values, by derivation; the caller tries them in order.
func inverseTexts(wanted map[string][]string) []string {
	var out []string
	joined := func(left, sep, right string) {
		if l, r := wanted[left], wanted[right]; len(l) == 1 && len(r) == 1 {
			out = append(out, l[0]+sep+r[0])
		}
	}
	joined("before_backslash", `\`, "after_backslash")
	joined("before_backslash", `\`, "basename_windows")
	joined("before_slash", "/", "basename_posix")
	joined("before_at", "@", "after_at")
	if dir, ext := wanted["before_backslash"], wanted["extension"]; len(dir) == 1 && len(ext) == 1 {
		out = append(out, dir[0]+`\x.`+ext[0])
	}
	if dir, ext := wanted["before_slash"], wanted["extension"]; len(dir) == 1 && len(ext) == 1 {
		out = append(out, dir[0]+`/x.`+ext[0])
	}
	if s := joinRegistry(wanted); s != "" {
		out = append(out, s)
	}
	if s := joinHashes(wanted); s != "" {
		out = append(out, s)
	}
	for i := range Derivations {
		if vals := wanted[Derivations[i].Name]; len(vals) > 0 {
			if s, ok := Derivations[i].Inverse(vals); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

// joinRegistry makes a registry path of those of its parts that are wanted.
func joinRegistry(wanted map[string][]string) string {
	parts := []string{"HKLM", "SOFTWARE", "x"}
	found := 0
	for i, d := range []string{"registry_hive", "registry_key", "after_backslash"} {
		if v := wanted[d]; len(v) == 1 {
			parts[i] = v[0]
			found++
		}
	}
	if found < 2 {
		return ""
	}
	return strings.Join(parts, `\`)
}

// hashOf reads one hash of a list NAME=VALUE,… as Sysmon writes it. A name that stands there twice gives two values.
func hashOf(name string) func(string) []string {
	return func(s string) []string {
		var out []string
		for part := range strings.SplitSeq(s, ",") {
			if n, v, ok := strings.Cut(part, "="); ok && equalFold(n, name) {
				out = append(out, v)
			}
		}
		return out
	}
}

func hashList(name string) func([]string) (string, bool) {
	return func(c []string) (string, bool) { return name + "=" + c[0], !strings.Contains(c[0], ",") }
}

// joinHashes lists all wanted hashes, in the order in which Sysmon does.
func joinHashes(wanted map[string][]string) string {
	var parts []string
	for _, h := range []string{"SHA1", "MD5", "SHA256", "IMPHASH"} {
		if v := wanted["hash_"+strings.ToLower(h)]; len(v) == 1 {
			parts = append(parts, h+"="+v[0])
		}
	}
	if len(parts) < 2 {
		return ""
	}
	return strings.Join(parts, ",")
}

// commonName reads the value of a leading CN= up to the first comma that no backslash precedes, when exactly the characters
// that must be are escaped. Source: RFC 4514, section 2.4; Microsoft Learn, "Distinguished Names".
func commonName(s string) []string {
	if len(s) < 3 || !equalFold(s[:3], "CN=") {
		return nil
	}
	var b strings.Builder
	i := 3
	for ; i < len(s) && s[i] != ','; i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	if name := b.String(); name != "" && EscapeName(name) == s[3:i] {
		return []string{name}
	}
	return nil
}

// EscapeName escapes a value of a distinguished name.
func EscapeName(s string) string {
	var b strings.Builder
	for i, r := range s {
		edge := r == ' ' && (i == 0 || i == len(s)-1) || r == '#' && i == 0
		if edge || strings.ContainsRune(`,+"\<>;=`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func hexText(n int64) string { return "0x" + strconv.FormatInt(n, 16) }

// equalFold compares texts ignoring the case of ASCII letters alone: no other letter is equal to one of them.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lowerASCII(a[i]) != lowerASCII(b[i]) {
			return false
		}
	}
	return true
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
