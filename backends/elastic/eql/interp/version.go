package interp

import (
	"cmp"
	"strings"
)

// compareVersions orders values of the version type: by the rules of Semantic Versioning, all valid versions before all
// other strings, which are ordered as text ("Version field type" in the Elasticsearch reference).
func compareVersions(a, b string) int {
	x, xok := parseVersion(a)
	y, yok := parseVersion(b)
	switch {
	case xok && yok:
		return x.compare(y)
	case xok:
		return -1
	case yok:
		return 1
	}
	return cmp.Compare(a, b)
}

type semver struct {
	release []string // numbers without leading zeros
	pre     []string
	isPre   bool
	build   string
}

// parseVersion reads main.minor.patch…[-pre][+build]; the type accepts one number or more.
func parseVersion(s string) (semver, bool) {
	var v semver
	rest, build, hasBuild := strings.Cut(s, "+")
	if hasBuild && !validIdentifiers(build) {
		return v, false
	}
	v.build = build
	main, pre, hasPre := strings.Cut(rest, "-")
	if hasPre {
		if !validIdentifiers(pre) {
			return v, false
		}
		v.isPre, v.pre = true, strings.Split(pre, ".")
	}
	v.release = strings.Split(main, ".")
	for i, n := range v.release {
		if !isDigits(n) || len(n) > 1 && n[0] == '0' {
			return v, false
		}
		v.release[i] = n
	}
	return v, true
}

func validIdentifiers(s string) bool {
	for _, part := range strings.Split(s, ".") {
		if part == "" {
			return false
		}
		for i := 0; i < len(part); i++ {
			c := part[i]
			if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-') {
				return false
			}
		}
	}
	return true
}

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func (v semver) compare(w semver) int {
	for i := 0; i < max(len(v.release), len(w.release)); i++ {
		if c := compareDigits(part(v.release, i), part(w.release, i)); c != 0 {
			return c
		}
	}
	switch {
	case v.isPre && !w.isPre:
		return -1
	case !v.isPre && w.isPre:
		return 1
	}
	for i := 0; i < min(len(v.pre), len(w.pre)); i++ {
		if c := comparePre(v.pre[i], w.pre[i]); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(v.pre), len(w.pre)), cmp.Compare(len(v.release), len(w.release)), cmp.Compare(v.build, w.build))
}

func part(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "0"
}

func compareDigits(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// comparePre orders pre-release identifiers: numbers before words, numbers by value.
func comparePre(a, b string) int {
	x, y := isDigits(a), isDigits(b)
	switch {
	case x && y:
		return compareDigits(strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0"))
	case x:
		return -1
	case y:
		return 1
	}
	return cmp.Compare(a, b)
}
