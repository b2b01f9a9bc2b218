package interp

import "strings"

// A version value orders as Elasticsearch's version field does (page "Version field type"): the numeric parts by size,
// a pre-release before its release, pre-release parts as semantic versioning says; text that is no version comes last, in
// the order of its bytes. Build metadata decides ties only.

type parsedVersion struct {
	valid bool
	main  []string // digits without leading zeros
	pre   []string
	isPre bool
	build string
}

// parseVersion takes `1.2.3-pre.1+build` apart.
func parseVersion(s string) parsedVersion {
	var v parsedVersion
	rest := s
	if i := strings.IndexByte(rest, '+'); i >= 0 {
		v.build, rest = rest[i+1:], rest[:i]
		if v.build == "" {
			return parsedVersion{}
		}
	}
	if i := strings.IndexByte(rest, '-'); i >= 0 {
		v.isPre = true
		v.pre, rest = strings.Split(rest[i+1:], "."), rest[:i]
	}
	for _, p := range strings.Split(rest, ".") {
		if p == "" || strings.Trim(p, "0123456789") != "" {
			return parsedVersion{}
		}
		v.main = append(v.main, p)
	}
	for _, p := range v.pre {
		if p == "" || strings.Trim(p, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "" {
			return parsedVersion{}
		}
	}
	v.valid = true
	return v
}

func compareVersions(a, b string) int {
	x, y := parseVersion(a), parseVersion(b)
	switch {
	case !x.valid && !y.valid:
		return strings.Compare(a, b)
	case !x.valid:
		return 1
	case !y.valid:
		return -1
	}
	for i := 0; i < len(x.main) && i < len(y.main); i++ {
		if c := compareDigits(x.main[i], y.main[i]); c != 0 {
			return c
		}
	}
	// a shorter main part ends with a mark that sorts before further parts
	if len(x.main) != len(y.main) {
		return boolInt(len(x.main) > len(y.main)) - boolInt(len(x.main) < len(y.main))
	}
	if x.isPre != y.isPre {
		return boolInt(y.isPre) - boolInt(x.isPre)
	}
	for i := 0; i < len(x.pre) && i < len(y.pre); i++ {
		if c := comparePre(x.pre[i], y.pre[i]); c != 0 {
			return c
		}
	}
	if len(x.pre) != len(y.pre) {
		return boolInt(len(x.pre) > len(y.pre)) - boolInt(len(x.pre) < len(y.pre))
	}
	return strings.Compare(x.build, y.build)
}

// compareDigits orders digit strings by value; on equal value fewer leading zeros come first.
func compareDigits(a, b string) int {
	x, y := strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(x) != len(y) {
		return boolInt(len(x) > len(y)) - boolInt(len(x) < len(y))
	}
	if c := strings.Compare(x, y); c != 0 {
		return c
	}
	return boolInt(len(a) > len(b)) - boolInt(len(a) < len(b))
}

// comparePre orders pre-release parts: numbers by size and before words.
func comparePre(a, b string) int {
	na, nb := strings.Trim(a, "0123456789") == "", strings.Trim(b, "0123456789") == ""
	switch {
	case na && nb:
		return compareDigits(a, b)
	case na != nb:
		return boolInt(nb) - boolInt(na)
	}
	return strings.Compare(a, b)
}
