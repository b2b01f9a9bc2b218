package schema

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// hives gives for each spelling of a hive at the beginning of a registry path its short name: the names of the registry
// editor and their abbreviations.
// Source: Microsoft Learn, "Predefined Keys".
var hives = []struct{ long, short string }{
	{"HKEY_CLASSES_ROOT", "HKCR"},
	{"HKEY_CURRENT_CONFIG", "HKCC"},
	{"HKEY_CURRENT_USER", "HKCU"},
	{"HKEY_LOCAL_MACHINE", "HKLM"},
	{"HKEY_USERS", "HKU"},
	{"HKCR", "HKCR"},
	{"HKCC", "HKCC"},
	{"HKCU", "HKCU"},
	{"HKLM", "HKLM"},
	{"HKU", "HKU"},
}

// cutHive splits a registry path into the short name of its hive and what follows the hive; hive is "" when there is none.
func cutHive(path string) (hive, rest string) {
	for _, h := range hives {
		if len(path) >= len(h.long) && equalFold(path[:len(h.long)], h.long) {
			switch tail := path[len(h.long):]; {
			case tail == "":
				return h.short, ""
			case tail[0] == '\\':
				return h.short, tail[1:]
			}
		}
	}
	return "", path
}

// HiveNames returns the names of the hives that a registry path may begin with, in both spellings, by short name.
func HiveNames() map[string][]string {
	out := map[string][]string{}
	for _, h := range hives {
		out[h.short] = append(out[h.short], h.long)
	}
	return out
}

// longHive writes a path that begins with the short name of a hive with the hive's long name.
func longHive(path string) (string, bool) {
	for _, h := range hives {
		if tail, ok := strings.CutPrefix(path, h.short); ok && (tail == "" || tail[0] == '\\') {
			return h.long + tail, true
		}
	}
	return "", false
}

var registryNumber = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:DWORD \(0x([0-9a-f]{8})\)|QWORD \(0x([0-9a-f]{8})-0x([0-9a-f]{8})\))$`)
})

// RegistryNumber is the regular expression of a number in the form that the derivation registry_data reads.
const RegistryNumber = `(?:DWORD \(0x[0-9a-f]{8}\)|QWORD \(0x[0-9a-f]{8}-0x[0-9a-f]{8}\))`

func registryData(s string) []string {
	m := registryNumber().FindStringSubmatch(s)
	if m == nil {
		return []string{s}
	}
	n, err := strconv.ParseUint(m[1]+m[2]+m[3], 16, 64)
	if err != nil {
		return []string{s}
	}
	return []string{strconv.FormatUint(n, 10)}
}
