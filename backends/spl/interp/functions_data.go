package interp

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"strings"

	"github.com/onerule/onerule/diag"
)

// timeFunctions are the date and time functions; times are UTC.
var timeFunctions = []function{
	{name: "now", min: 0, max: 0, typ: numType, doc: "now(): when the search began", call: func(r *run, _ []value) value { return timeValue(r.now()) }},
	{name: "time", min: 0, max: 0, typ: numType, doc: "time(): as now(), so that answers do not depend on the clock", call: func(r *run, _ []value) value { return timeValue(r.now()) }},
	{name: "relative_time", min: 2, max: 2, typ: numType, doc: `relative_time(time, "-1d@d")`, call: func(r *run, a []value) value {
		t, ok := a[0].number()
		if !ok {
			return value{}
		}
		sec, ok := relativeTime(t, a[1].text())
		if !ok {
			r.fault(diag.SPLRun, diag.Span{}, "`"+a[1].text()+"` is no time modifier", "write one such as -24h@h")
			return value{}
		}
		return timeValue(sec)
	}},
	{name: "strftime", min: 2, max: 2, typ: strType, doc: `strftime(time, "%Y-%m-%d")`, call: func(_ *run, a []value) value {
		t, ok := a[0].number()
		if !ok || t > 1e11 || t < -1e11 {
			return value{}
		}
		return fieldText(strftime(t, a[1].text()))
	}},
	{name: "strptime", min: 2, max: 2, typ: numType, doc: `strptime(text, "%Y-%m-%d"): null where the text does not fit`, call: func(r *run, a []value) value {
		sec, ok := strptimeOn(a[0].text(), a[1].text(), r.now())
		if !ok {
			return value{}
		}
		return timeValue(sec)
	}},
}

// dataFunctions are the cryptographic functions, and those on JSON and addresses.
var dataFunctions = []function{
	digest("md5", func(b []byte) []byte { s := md5.Sum(b); return s[:] }),
	digest("sha1", func(b []byte) []byte { s := sha1.Sum(b); return s[:] }),
	digest("sha256", func(b []byte) []byte { s := sha256.Sum256(b); return s[:] }),
	digest("sha512", func(b []byte) []byte { s := sha512.Sum512(b); return s[:] }),
	{name: "spath", min: 2, max: 2, doc: "spath(text, path): the values at a path of JSON or XML text", call: func(r *run, a []value) value {
		return r.structured(a[0].text(), a[1].text())
	}},
	{name: "ipmask", min: 2, max: 2, typ: strType, doc: "ipmask(mask, address)", call: func(_ *run, a []value) value {
		mask, err := netip.ParseAddr(a[0].text())
		ip, err2 := netip.ParseAddr(a[1].text())
		if err != nil || err2 != nil || !mask.Is4() || !ip.Is4() {
			return value{}
		}
		m, b := mask.As4(), ip.As4()
		for i := range b {
			b[i] &= m[i]
		}
		return textValue(netip.AddrFrom4(b).String())
	}},
}

func digest(name string, f func([]byte) []byte) function {
	return function{name: name, min: 1, max: 1, typ: strType, doc: name + "(text): in hexadecimal", call: func(_ *run, a []value) value {
		return textValue(hex.EncodeToString(f([]byte(a[0].text()))))
	}}
}

// jsonPath is the value at a path of JSON text: names joined by dots, `{}` all elements of an array, `{0}` one.
func (r *run) jsonPath(doc, path string) value {
	if strings.Count(path, ".") > maxJSONDepth {
		return value{}
	}
	dec := json.NewDecoder(strings.NewReader(doc))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return value{}
	}
	var out []value
	for _, found := range walkJSON(v, splitPath(path)) {
		out = append(out, r.jsonValue(found).values()...)
	}
	return r.listValue(out)
}

// jsonValue is a JSON value as a field: a scalar, or the text of an object or array.
func (r *run) jsonValue(v any) value {
	switch v.(type) {
	case map[string]any, []any:
		e := event{native: map[string]any{"v": v}}
		return fieldText(strings.TrimSuffix(strings.TrimPrefix(e.rawText(), `{"v":`), "}"))
	}
	s, ok := r.scalar(v)
	if !ok {
		return value{}
	}
	return s
}

// splitPath splits "a.b{}.c{1}" into a, b, {}, c, {1}.
func splitPath(path string) []string {
	var steps []string
	for _, part := range strings.Split(path, ".") {
		name := part
		var braces []string
		for {
			open := strings.LastIndexByte(name, '{')
			if open < 0 || !strings.HasSuffix(name, "}") {
				break
			}
			braces = append([]string{name[open:]}, braces...)
			name = name[:open]
		}
		if name != "" {
			steps = append(steps, name)
		}
		steps = append(steps, braces...)
	}
	return steps
}

func walkJSON(v any, steps []string) []any {
	if len(steps) == 0 {
		return []any{v}
	}
	step := steps[0]
	if strings.HasPrefix(step, "{") {
		list, ok := v.([]any)
		if !ok {
			return nil
		}
		if step == "{}" {
			var out []any
			for _, e := range list {
				out = append(out, walkJSON(e, steps[1:])...)
			}
			return out
		}
		n, ok := parseNumber(strings.Trim(step, "{}"))
		if i := int(n); ok && i >= 0 && i < len(list) {
			return walkJSON(list[i], steps[1:])
		}
		return nil
	}
	obj, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	// A key may itself hold dots: try the longest run of steps first.
	for n := len(steps); n > 0; n-- {
		key := strings.Join(steps[:n], ".")
		if found, has := obj[key]; has {
			return walkJSON(found, steps[n:])
		}
	}
	return nil
}
