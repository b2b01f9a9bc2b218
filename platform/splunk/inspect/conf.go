package inspect

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"strings"
	"unicode/utf8"
)

// confFile is a .conf file as Splunk reads it: a line that ends in a backslash goes on in the next one, a line that begins with
// # or ; is a comment, a stanza's name stands between the first [ and the last ].
type confFile struct{ stanzas []*stanza }

type stanza struct {
	name     string
	line     int
	settings []entry
}

type entry struct {
	key, value string
	line       int
}

func (c *confFile) stanza(name string) *stanza {
	for _, s := range c.stanzas {
		if s.name == name {
			return s
		}
	}
	return nil
}

// get returns a setting; the line is that of the stanza where the setting is missing.
func (c *confFile) get(name, key string) (value string, line int, ok bool) {
	s := c.stanza(name)
	if s == nil {
		return "", 0, false
	}
	for _, e := range s.settings {
		if e.key == key {
			return e.value, e.line, true
		}
	}
	return "", s.line, false
}

var keyForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.:-]*$`)

// parse reads a file and judges its form.
func (x *inspection) parse(name string, data []byte) *confFile {
	c := &confFile{}
	if !utf8.Valid(data) {
		x.fault("utf-8", name, 0, "the file is not in UTF-8")
	}
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		x.fault("utf-8", name, 1, "the file begins with a byte order mark")
	}
	for i, b := range data {
		if b < ' ' && b != '\n' && b != '\t' || b == 0x7f {
			x.fault("characters", name, 1+bytes.Count(data[:i], []byte("\n")), "the control character %#x", b)
			break
		}
	}
	if len(data) > 0 && data[len(data)-1] != '\n' {
		x.fault("syntax", name, 0, "the last line does not end")
	}
	lines := strings.Split(string(data), "\n")
	var at *stanza
	for i := 0; i < len(lines); i++ {
		first, text := i+1, lines[i]
		for continues(text) {
			if text != strings.TrimRight(text, " \t") {
				x.fault("syntax", name, i+1, "white space behind the backslash at the end of the line")
			}
			if i++; i >= len(lines) || i == len(lines)-1 && lines[i] == "" {
				x.fault("syntax", name, i, "the file ends in a backslash")
				break
			}
			if strings.TrimSpace(lines[i]) == "" {
				x.fault("syntax", name, i+1, "an empty line inside of a value")
			}
			text = strings.TrimRight(text, " \t")
			text = text[:len(text)-1] + "\n" + lines[i]
		}
		at = x.line(c, at, name, first, text)
	}
	return c
}

func continues(line string) bool { return strings.HasSuffix(strings.TrimRight(line, " \t"), `\`) }

// line judges one logical line, and returns the stanza that the next one is in.
func (x *inspection) line(c *confFile, at *stanza, name string, n int, text string) *stanza {
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "", trimmed[0] == '#', trimmed[0] == ';':
		return at
	case trimmed[0] == '[':
		end := strings.LastIndexByte(trimmed, ']')
		if end < 0 || end != len(trimmed)-1 || strings.ContainsAny(trimmed[1:end], "[]\n") {
			x.fault("syntax", name, n, "no name of a stanza: %.60q", trimmed)
		}
		s := &stanza{name: strings.Trim(trimmed, "[]"), line: n}
		if s.name != strings.TrimSpace(s.name) || s.name == "" && !strings.HasSuffix(name, ".meta") {
			x.fault("syntax", name, n, "a stanza without a name, or one with blanks around it")
		}
		if c.stanza(s.name) != nil {
			x.fault("twice", name, n, "there are two stanzas [%s]", s.name)
		}
		if s.name == "default" {
			x.fault("default", name, n, "[default] is about all stanzas of the file")
		}
		c.stanzas = append(c.stanzas, s)
		return s
	}
	key, value, ok := strings.Cut(text, "=")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	if !ok || !keyForm.MatchString(key) {
		x.fault("syntax", name, n, "no setting: %.60q", text)
		return at
	}
	if at == nil {
		x.fault("syntax", name, n, "%s stands before the first stanza", key)
		return at
	}
	for _, e := range at.settings {
		if e.key == key {
			x.fault("twice", name, n, "%s is there twice", key)
		}
	}
	if value == "" {
		x.fault("empty", name, n, "%s has no value", key)
	}
	at.settings = append(at.settings, entry{key, value, n})
	return at
}

// csv judges a lookup.
func (x *inspection) csv(name string, data []byte) {
	if !strings.HasSuffix(name, ".csv") {
		x.fault("lookup", name, 0, "a lookup is a .csv file")
		return
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil || len(rows) == 0 {
		x.fault("lookup", name, 0, "no table with a header: %v", err)
	}
}
