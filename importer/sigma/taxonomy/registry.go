package taxonomy

import (
	"regexp"
	"strconv"
	"strings"
)

var registryNumber = regexp.MustCompile(`(?i)^(?:DWORD \(0x([0-9a-f]{8})\)|QWORD \(0x([0-9a-f]{8})-0x([0-9a-f]{8})\))$`)

// RegistryValue returns the value of registry data here of a value that a Sigma rule compares for equality: numbers, which
// Sysmon writes as `DWORD (0x00000001)`, are decimal text here whatever sensor saw them. All other text stays.
func RegistryValue(s string) string {
	m := registryNumber.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	n, err := strconv.ParseUint(m[1]+m[2]+m[3], 16, 64)
	if err != nil {
		return s
	}
	return strconv.FormatUint(n, 10)
}

// RegistryPart reports whether text that a Sigma rule looks for inside of registry data (contains, startswith, endswith, a
// wildcard, a regular expression) is about Sysmon's way of writing numbers, which values here do not have.
func RegistryPart(s string) bool {
	s = strings.ToUpper(s)
	return strings.Contains(s, "DWORD") || strings.Contains(s, "QWORD") || strings.Contains(s, "(0X")
}
