package interp

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// parseFunctions take strings apart.
var parseFunctions = []*function{
	{name: "extract_json extractjson", sig: "string! string type?", ret: "string", doc: "value at a path of JSON text", bind: bindTyped(2, tStr), fn: func(c *call, a []any) any {
		v, ok := decodeJSON(a[1].(string))
		if !ok {
			return nil
		}
		v, ok = lookPath(v, a[0].(string))
		if !ok {
			return nil
		}
		return v
	}},
	{name: "parse_csv", sig: "strdyn", ret: "dynamic", naming: nameFirst, doc: "fields of a line of CSV", fn: func(c *call, a []any) any { return parseCSV(asString(a[0])) }},
	{name: "parse_xml", sig: "strdyn", ret: "dynamic", naming: nameFirst, doc: "XML text as a bag", fn: func(c *call, a []any) any { return parseXML(asString(a[0])) }},
	{name: "parse_url parseurl", sig: "string", ret: "dynamic", doc: "parts of a URL", fn: func(c *call, a []any) any { return parseURL(a[0].(string)) }},
	{name: "parse_urlquery parseurlquery", sig: "string", ret: "dynamic", doc: "parameters of a URL's query", fn: func(c *call, a []any) any {
		b := newBag()
		b.set("Query Parameters", queryParams(strings.TrimPrefix(a[0].(string), "?")))
		return b
	}},
	{name: "parse_path", sig: "string", ret: "dynamic", doc: "parts of a file path", fn: func(c *call, a []any) any { return parsePath(a[0].(string)) }},
	{name: "parse_version", sig: "string", ret: "decimal", doc: "version as a number that compares like it", fn: parseVersion},
	{name: "parse_command_line", sig: "text string", ret: "dynamic", doc: "arguments of a command line", fn: func(c *call, a []any) any {
		if !strings.EqualFold(a[1].(string), "windows") {
			return nil
		}
		return windowsArgs(a[0].(string))
	}},
}

func parseCSV(s string) any {
	r := csv.NewReader(strings.NewReader(s))
	r.LazyQuotes = true
	r.FieldsPerRecord = -1
	rec, err := r.Read()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return []any{}
		}
		return nil
	}
	out := make([]any, len(rec))
	for i, f := range rec {
		out[i] = f
	}
	return out
}

// parseXML makes bags of elements: attributes are @name, text is #text, repeated elements are arrays (parse-xml-function).
func parseXML(s string) any {
	d := xml.NewDecoder(strings.NewReader(s))
	d.Strict = false
	root := newBag()
	type level struct {
		name string
		bag  *bag
		text strings.Builder
	}
	stack := []*level{{bag: root}}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || len(stack) > maxJSONDepth {
			return nil
		}
		switch t := tok.(type) {
		case xml.StartElement:
			l := &level{name: xmlName(t.Name), bag: newBag()}
			for _, a := range t.Attr {
				l.bag.set("@"+xmlName(a.Name), a.Value)
			}
			stack = append(stack, l)
		case xml.CharData:
			stack[len(stack)-1].text.Write(t)
		case xml.EndElement:
			l := stack[len(stack)-1]
			if len(stack) < 2 {
				return nil
			}
			stack = stack[:len(stack)-1]
			addElement(stack[len(stack)-1].bag, l.name, elementValue(l.bag, l.text.String()))
		}
	}
	if len(stack) != 1 || len(root.keys) == 0 {
		return nil
	}
	return root
}

func xmlName(n xml.Name) string { return n.Local }

// elementValue is the text of an element without attributes or children, else its bag.
func elementValue(b *bag, s string) any {
	blank := strings.TrimSpace(s) == ""
	switch {
	case len(b.keys) == 0 && blank:
		return nil
	case len(b.keys) == 0:
		return s
	case !blank:
		b.set("#text", strings.TrimSpace(s))
	}
	return b
}

func addElement(b *bag, name string, v any) {
	have, ok := b.vals[name]
	if !ok {
		b.set(name, v)
		return
	}
	if l, isList := have.([]any); isList {
		b.vals[name] = append(l, v)
		return
	}
	b.vals[name] = []any{have, v}
}

// parseURL gives all parts as text, "" for those that are absent (parse-url-function).
func parseURL(s string) any {
	b := newBag()
	var scheme, host, port, path, user, pass, query, fragment string
	rest := s
	if sch, after, ok := strings.Cut(rest, "://"); ok {
		scheme, rest = sch, after
	}
	rest, fragment, _ = strings.Cut(rest, "#")
	rest, query, _ = strings.Cut(rest, "?")
	if scheme != "" {
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			rest, path = rest[:i], rest[i:]
		}
		if i := strings.LastIndexByte(rest, '@'); i >= 0 {
			user, pass, _ = strings.Cut(rest[:i], ":")
			rest = rest[i+1:]
		}
		host = rest
		if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.HasSuffix(rest, "]") {
			host, port = rest[:i], rest[i+1:]
		}
	} else {
		path = rest
	}
	for _, kv := range [][2]string{{"Scheme", scheme}, {"Host", host}, {"Port", port}, {"Path", path}, {"Username", user}, {"Password", pass}} {
		b.set(kv[0], kv[1])
	}
	b.set("Query Parameters", queryParams(query))
	b.set("Fragment", fragment)
	return b
}

func queryParams(q string) *bag {
	b := newBag()
	if q == "" {
		return b
	}
	for _, p := range strings.Split(q, "&") {
		k, v, _ := strings.Cut(p, "=")
		if _, has := b.vals[k]; !has && k != "" {
			b.set(k, v)
		}
	}
	return b
}

// parsePath cuts a path of either system (parse-path-function).
func parsePath(s string) any {
	b := newBag()
	scheme, rest := "", s
	if sch, after, ok := strings.Cut(rest, "://"); ok {
		scheme, rest = sch, after
	}
	root := ""
	switch {
	case len(rest) >= 2 && rest[1] == ':':
		root = rest[:2]
	case scheme != "":
		root = strings.SplitN(rest, "/", 2)[0]
	}
	sep := `\`
	if strings.Contains(rest, "/") && !strings.Contains(rest, `\`) {
		sep = "/"
	}
	dir, file := "", rest
	if i := strings.LastIndex(rest, sep); i >= 0 {
		dir, file = rest[:i], rest[i+1:]
	}
	stream := ""
	if f, st, ok := strings.Cut(file, ":"); ok && f != "" && root != file {
		file, stream = f, st
	}
	ext := ""
	if i := strings.LastIndexByte(file, '.'); i > 0 {
		ext = file[i+1:]
	}
	name := dir
	if i := strings.LastIndex(dir, sep); i >= 0 {
		name = dir[i+1:]
	}
	for _, kv := range [][2]string{{"Scheme", scheme}, {"RootPath", root}, {"DirectoryPath", dir}, {"DirectoryName", name}, {"Filename", file}, {"Extension", ext}, {"AlternateDataStreamName", stream}} {
		b.set(kv[0], kv[1])
	}
	return b
}

// parseVersion gives up to four parts eight digits each (parse-version-function).
func parseVersion(c *call, a []any) any {
	parts := strings.Split(a[0].(string), ".")
	if len(parts) > 4 || a[0] == "" {
		return nil
	}
	out := ""
	for i := 0; i < 4; i++ {
		p := "0"
		if i < len(parts) {
			p = parts[i]
		}
		if p == "" || len(p) > 8 || strings.Trim(p, "0123456789") != "" {
			return nil
		}
		out += strings.Repeat("0", 8-len(p)) + p
	}
	d, ok := parseDecimal(out)
	if !ok {
		return nil
	}
	return d
}

// windowsArgs cuts a command line by the rules of CommandLineToArgvW.
func windowsArgs(s string) any {
	out := []any{}
	i := 0
	blank := func() bool { return i < len(s) && (s[i] == ' ' || s[i] == '\t') }
	for {
		for blank() {
			i++
		}
		if i >= len(s) {
			break
		}
		var b strings.Builder
		quoted := false
		for i < len(s) && (quoted || !blank()) {
			n := 0
			for i+n < len(s) && s[i+n] == '\\' {
				n++
			}
			switch {
			case n > 0 && i+n < len(s) && s[i+n] == '"':
				b.WriteString(strings.Repeat(`\`, n/2))
				i += n
				if n%2 == 1 {
					b.WriteByte('"')
					i++
				}
			case n > 0:
				b.WriteString(s[i : i+n])
				i += n
			case s[i] == '"':
				if quoted && i+1 < len(s) && s[i+1] == '"' {
					b.WriteByte('"')
					i++
				} else {
					quoted = !quoted
				}
				i++
			default:
				b.WriteByte(s[i])
				i++
			}
		}
		out = append(out, b.String())
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
