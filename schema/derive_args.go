package schema

import (
	"strings"
)

// CommandLineToArgv splits a Windows command line into arguments as CommandLineToArgvW documents it: the program name
// ends at the first blank outside quotes and knows no backslash escapes; in arguments 2n backslashes before a quote give n
// backslashes and toggle quoting, 2n+1 give n and a literal quote, and "" inside quotes gives one quote.
// Source: Microsoft Learn, "CommandLineToArgvW function (shellapi.h)", and "Parsing C command-line arguments".
func CommandLineToArgv(s string) []string {
	s = strings.TrimLeft(s, " \t")
	if s == "" {
		return nil
	}
	args := []string{}
	if s[0] == '"' {
		end := strings.IndexByte(s[1:], '"')
		if end < 0 {
			return []string{s[1:]}
		}
		args, s = append(args, s[1:1+end]), s[2+end:]
	} else {
		end := strings.IndexAny(s, " \t")
		if end < 0 {
			return []string{s}
		}
		args, s = append(args, s[:end]), s[end:]
	}
	for {
		s = strings.TrimLeft(s, " \t")
		if s == "" {
			return args
		}
		var arg string
		arg, s = nextWindowsArg(s)
		args = append(args, arg)
	}
}

func nextWindowsArg(s string) (arg, rest string) {
	var b strings.Builder
	quoted := false
	i := 0
	for i < len(s) {
		switch c := s[i]; {
		case c == '\\':
			n := 0
			for i+n < len(s) && s[i+n] == '\\' {
				n++
			}
			i += n
			if i >= len(s) || s[i] != '"' {
				b.WriteString(strings.Repeat(`\`, n))
				continue
			}
			b.WriteString(strings.Repeat(`\`, n/2))
			if n%2 == 1 {
				b.WriteByte('"')
				i++
			}
		case c == '"':
			if quoted && i+1 < len(s) && s[i+1] == '"' {
				b.WriteByte('"')
				i++
			} else {
				quoted = !quoted
			}
			i++
		case !quoted && (c == ' ' || c == '\t'):
			return b.String(), s[i:]
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String(), ""
}

func joinWindowsArgs(args []string) (string, bool) {
	for i, a := range args {
		if a == "" || strings.ContainsAny(a, "\"\t\n ") && (i == 0 && strings.Contains(a, `"`)) || strings.HasSuffix(a, `\`) && strings.ContainsAny(a, " \t\n") {
			return "", false
		}
	}
	quoted := make([]string, len(args))
	for i, a := range args {
		switch {
		case !strings.ContainsAny(a, " \t\n\""):
			quoted[i] = a
		case !strings.Contains(a, `"`):
			quoted[i] = `"` + a + `"`
		case !strings.Contains(a, `\`):
			quoted[i] = `"` + strings.ReplaceAll(a, `"`, `\"`) + `"`
		default:
			return "", false
		}
	}
	return strings.Join(quoted, " "), true
}

// ShellWords splits text into words as POSIX shells do: blanks separate, single quotes are literal, in double quotes a
// backslash escapes only $ ` " \ and newline. Nothing is expanded. An unclosed quote ends at the end of the text.
// Source: POSIX.1-2017, Shell Command Language, 2.2 Quoting.
func ShellWords(s string) []string {
	var words []string
	var b strings.Builder
	in := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\n':
			if in {
				words = append(words, b.String())
				b.Reset()
				in = false
			}
		case '\'':
			in = true
			end := strings.IndexByte(s[i+1:], '\'')
			if end < 0 {
				b.WriteString(s[i+1:])
				return append(words, b.String())
			}
			b.WriteString(s[i+1 : i+1+end])
			i += end + 1
		case '"':
			in = true
			i = shellDoubleQuoted(s, i+1, &b)
		case '\\':
			in = true
			if i+1 < len(s) {
				i++
				if s[i] != '\n' {
					b.WriteByte(s[i])
				}
			}
		default:
			in = true
			b.WriteByte(c)
		}
	}
	if in {
		words = append(words, b.String())
	}
	return words
}

// shellDoubleQuoted reads from just behind an opening quote and returns the index of the closing one.
func shellDoubleQuoted(s string, i int, b *strings.Builder) int {
	for ; i < len(s) && s[i] != '"'; i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("$`\"\\\n", s[i+1]) >= 0 {
			i++
			if s[i] == '\n' {
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return i
}

func joinShellWords(words []string) (string, bool) {
	quoted := make([]string, len(words))
	for i, w := range words {
		switch {
		case w != "" && !strings.ContainsAny(w, " \t\n'\"\\"):
			quoted[i] = w
		case !strings.Contains(w, "'"):
			quoted[i] = "'" + w + "'"
		default:
			return "", false
		}
	}
	return strings.Join(quoted, " "), true
}
