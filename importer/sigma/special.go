package sigma

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/importer/sigma/taxonomy"
)

func base64Text(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// matchFold compares a text with a pattern, without regard to the case of ASCII letters.
func matchFold(p pattern, s string) bool {
	s = strings.ToLower(s)
	var match func(p pattern, s string) bool
	match = func(p pattern, s string) bool {
		if len(p) == 0 {
			return s == ""
		}
		switch p[0].wild {
		case '*':
			for i := 0; i <= len(s); i++ {
				if match(p[1:], s[i:]) {
					return true
				}
			}
			return false
		case '?':
			return s != "" && match(p[1:], s[1:])
		}
		rest, ok := strings.CutPrefix(s, strings.ToLower(p[0].text))
		return ok && match(p[1:], rest)
	}
	return match(p, s)
}

// hashLength is the number of hexadecimal digits of a hash.
var hashLength = map[string]int{"md5": 32, "sha1": 40, "sha256": 64, "imphash": 32}

var hashPair = regexp.MustCompile(`(?i)^(md5|sha1|sha256|imphash)=(.*)$`)

func hashNames(f taxonomy.Field) []string {
	var out []string
	for _, n := range f.Hashes {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// testHashes reads what Sysmon joins to `SHA256=…,MD5=…`: each value names the hash that it is about.
func (c *converter) testHashes(t *fieldTest) grammar.Expr {
	var each []grammar.Expr
	type one struct {
		field, op string
		x         grammar.Expr
	}
	var flat []one
	for _, v := range t.values {
		switch v.kind {
		case nullScalar:
			var xs []grammar.Expr
			for _, n := range hashNames(t.field) {
				xs = append(xs, c.compare(t.whole, t.key, n, "missing", nil, false))
			}
			each = append(each, join("and", xs))
			continue
		case textScalar:
		case numberScalar, boolScalar, badScalar:
			c.fault(diag.SigmaValue, v.node, fmt.Sprintf("`%s` takes texts such as 'SHA256=…'", t.name), "put the value in single quotes")
			return nil
		}
		for _, p := range v.several {
			field, op, operand, ok := c.hash(t, v.node, p)
			if !ok {
				return nil
			}
			if t.mods.all {
				each = append(each, c.compare(v.node, t.key, field, op, []grammar.Expr{c.str(v.node, operand)}, false))
				continue
			}
			flat = append(flat, one{field, op, c.str(v.node, operand)})
		}
	}
	for len(flat) > 0 {
		first := flat[0]
		var xs []grammar.Expr
		flat = slices.DeleteFunc(flat, func(o one) bool {
			same := o.field == first.field && o.op == first.op
			if same {
				xs = append(xs, o.x)
			}
			return same
		})
		each = append(each, c.compare(t.whole, t.key, first.field, first.op, xs, false))
	}
	if t.mods.all {
		return join("and", each)
	}
	return join("or", each)
}

// hash finds which hash a value is about, and how it is compared.
func (c *converter) hash(t *fieldTest, n *yaml.Node, p pattern) (field, op, operand string, ok bool) {
	form, s := p.form()
	bad := func(title, help string) (string, string, string, bool) {
		c.fault(diag.SigmaValue, n, title, help)
		return "", "", "", false
	}
	if m := hashPair.FindStringSubmatch(s); m != nil && m[2] == "" && (form == "contains" || form == "starts_with") {
		if f, has := t.field.Hash(m[1]); has {
			return f, "exists", "", true
		}
	}
	if form == "like" || form == "exists" {
		return bad(fmt.Sprintf("`%s` is compared with wildcards inside", t.name), "each hash is a field of its own here: write values such as 'SHA256=' with the whole hash")
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, ","), ",")
	if strings.Contains(s, ",") {
		return bad(fmt.Sprintf("one value of `%s` holds several hashes", t.name), "write one hash in each value; with `|all` all of them must fit")
	}
	m := hashPair.FindStringSubmatch(s)
	if m == nil {
		for _, alg := range []string{"md5", "sha1", "sha256"} {
			if len(s) == hashLength[alg] && isHex(s) {
				if alg == "md5" {
					if _, both := t.field.Hash("imphash"); both {
						break
					}
				}
				if f, ok := t.field.Hash(alg); ok {
					return f, "==", s, true
				}
			}
		}
		return bad(fmt.Sprintf("the value does not say which hash of `%s` it is", t.name), "write `MD5=`, `SHA1=`, `SHA256=` or `IMPHASH=` before it")
	}
	alg := strings.ToLower(m[1])
	f, has := t.field.Hash(alg)
	if !has {
		return bad(fmt.Sprintf("`%s` has no %s here", t.name, m[1]), "its hashes are "+strings.Join(hashNames(t.field), ", "))
	}
	if !isHex(m[2]) || len(m[2]) > hashLength[alg] || m[2] == "" {
		return bad(fmt.Sprintf("`%s` is no %s hash", m[2], m[1]), fmt.Sprintf("it has %d hexadecimal digits", hashLength[alg]))
	}
	if len(m[2]) < hashLength[alg] {
		if form == "==" || form == "ends_with" {
			return bad(fmt.Sprintf("the %s hash has %d digits of %d", m[1], len(m[2]), hashLength[alg]), "write the whole hash, or `|contains` for its beginning")
		}
		return f, "starts_with", m[2], true
	}
	return f, "==", m[2], true
}

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdefABCDEF") == "" }
