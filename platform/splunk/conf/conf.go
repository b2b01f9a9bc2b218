// Package conf is the form in which Splunk keeps a rule: a saved search (savedsearches.conf) and the search macros that its
// text calls (macros.conf).
package conf

import (
	"fmt"
	"slices"
	"strings"
)

// stanza is one section of a .conf file.
type stanza struct {
	name   string
	keys   []string
	values map[string]string
}

func (s *stanza) set(key, value string) {
	s.keys = append(s.keys, key)
	s.values[key] = value
}

// write prints a stanza. A line break inside of a value stands behind a backslash, as .conf files continue a value.
func (s *stanza) write(b *strings.Builder) error {
	if s.name == "" || strings.ContainsAny(s.name, "[]\r\n") {
		return fmt.Errorf("%q is no name of a stanza", s.name)
	}
	fmt.Fprintf(b, "[%s]\n", s.name)
	for _, k := range s.keys {
		v := s.values[k]
		for _, line := range strings.Split(v, "\n") {
			if strings.HasSuffix(line, `\`) || strings.Contains(line, "\r") {
				return fmt.Errorf("%s of %s: a line of a .conf file cannot end in a backslash or hold a carriage return", k, s.name)
			}
			if strings.ContainsFunc(line, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
				return fmt.Errorf("%s of %s: a .conf file cannot hold control characters", k, s.name)
			}
		}
		if strings.TrimSpace(v) != v || v == "" {
			return fmt.Errorf("%s of %s: a value of a .conf file has no blanks at its ends and is not empty", k, s.name)
		}
		fmt.Fprintf(b, "%s = %s\n", k, strings.ReplaceAll(v, "\n", "\\\n"))
	}
	return nil
}

// read parses the stanzas of a .conf file. A comment is a line that begins with #.
func read(text string) ([]*stanza, error) {
	var out []*stanza
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '[':
			name, ok := strings.CutSuffix(line[1:], "]")
			if !ok {
				return nil, fmt.Errorf("line %d: the name of the stanza does not end in ]", i+1)
			}
			if slices.ContainsFunc(out, func(s *stanza) bool { return s.name == name }) {
				return nil, fmt.Errorf("line %d: there are two stanzas [%s]", i+1, name)
			}
			out = append(out, &stanza{name: name, values: map[string]string{}})
			continue
		}
		key, value, ok := strings.Cut(lines[i], "=")
		if !ok || len(out) == 0 {
			return nil, fmt.Errorf("line %d: %q is no setting of a stanza", i+1, lines[i])
		}
		for strings.HasSuffix(value, `\`) && i+1 < len(lines) {
			i++
			value = strings.TrimSuffix(value, `\`) + "\n" + lines[i]
		}
		s := out[len(out)-1]
		key = strings.TrimSpace(key)
		if _, twice := s.values[key]; twice {
			return nil, fmt.Errorf("line %d: %s stands twice in [%s]", i+1, key, s.name)
		}
		s.set(key, strings.TrimSpace(value))
	}
	return out, nil
}

// breakPipes puts each command of a search on a line of its own.
func breakPipes(search string) string {
	var b strings.Builder
	quoted, depth := false, 0
	for i := 0; i < len(search); i++ {
		c := search[i]
		switch {
		case c == '\\' && i+1 < len(search):
			b.WriteByte(c)
			i++
			c = search[i]
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == '|' && depth == 0 && strings.HasSuffix(b.String(), " "):
			b.WriteByte('\n')
		}
		b.WriteByte(c)
	}
	return b.String()
}

// joinPipes is the inverse of breakPipes.
func joinPipes(text string) string { return strings.ReplaceAll(text, " \n|", " |") }
