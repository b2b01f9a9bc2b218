package schema

import (
	"strings"
)

// Derivation computes canonical values from one native text. Forward is total and pure. Inverse makes a native text whose
// forward image is the given values (the first, for a scalar field); ok is false when there is none.
// The rewriting of predicates on a derived field stands in ir/pass, one row for each derivation.
type Derivation struct {
	Name    string
	Doc     string
	Forward func(native string) []string
	Inverse func(canonical []string) (native string, ok bool)
}

// Derivations lists all derivations, sorted by name.
var Derivations = []Derivation{
	{
		Name: "after_at", Doc: "the text behind the last @ (the domain of user@domain); missing when there is no @",
		Forward: func(s string) []string {
			if i := strings.LastIndexByte(s, '@'); i >= 0 {
				return []string{s[i+1:]}
			}
			return nil
		},
		Inverse: func(c []string) (string, bool) { return "x@" + c[0], !strings.Contains(c[0], "@") },
	},
	{
		Name: "after_backslash", Doc: `the text behind the last backslash (the user of DOMAIN\user), the whole text when there is none`,
		Forward: func(s string) []string { return []string{s[strings.LastIndexByte(s, '\\')+1:]} },
		Inverse: func(c []string) (string, bool) { return c[0], !strings.Contains(c[0], `\`) },
	},
	{
		Name: "basename_posix", Doc: "the last segment of a path with slashes",
		Forward: func(s string) []string { return []string{s[strings.LastIndexByte(s, '/')+1:]} },
		Inverse: func(c []string) (string, bool) { return "/usr/bin/" + c[0], !strings.Contains(c[0], "/") },
	},
	{
		Name: "basename_windows", Doc: "the last segment of a path with backslashes",
		Forward: func(s string) []string { return []string{s[strings.LastIndexByte(s, '\\')+1:]} },
		Inverse: func(c []string) (string, bool) { return `C:\Windows\System32\` + c[0], !strings.Contains(c[0], `\`) },
	},
	{
		Name: "before_at", Doc: "the text before the last @ (the user of user@domain), the whole text when there is none",
		Forward: func(s string) []string {
			if i := strings.LastIndexByte(s, '@'); i >= 0 {
				return []string{s[:i]}
			}
			return []string{s}
		},
		Inverse: func(c []string) (string, bool) { return c[0], !strings.Contains(c[0], "@") },
	},
	{
		Name: "before_backslash", Doc: `the text before the last backslash (the domain of DOMAIN\user); missing when there is none`,
		Forward: func(s string) []string {
			if i := strings.LastIndexByte(s, '\\'); i >= 0 {
				return []string{s[:i]}
			}
			return nil
		},
		Inverse: func(c []string) (string, bool) { return c[0] + `\user`, true },
	},
	{
		Name: "posix_args", Doc: "the words of a command line, split as a shell splits words (blanks, quotes, backslashes)",
		Forward: ShellWords, Inverse: joinShellWords,
	},
	{
		Name: "windows_args", Doc: "the arguments of a command line, split as CommandLineToArgvW does",
		Forward: CommandLineToArgv, Inverse: joinWindowsArgs,
	},
}

// LookupDerivation returns the derivation of that name.
func LookupDerivation(name string) (*Derivation, bool) {
	for i := range Derivations {
		if Derivations[i].Name == name {
			return &Derivations[i], true
		}
	}
	return nil, false
}

// inverseTexts returns native texts that may give the wanted values, by derivation; the caller tries them in order.
func inverseTexts(wanted map[string][]string) []string {
	var out []string
	joined := func(left, sep, right string) {
		if l, r := wanted[left], wanted[right]; len(l) == 1 && len(r) == 1 {
			out = append(out, l[0]+sep+r[0])
		}
	}
	joined("before_backslash", `\`, "after_backslash")
	joined("before_at", "@", "after_at")
	for i := range Derivations {
		if vals := wanted[Derivations[i].Name]; len(vals) > 0 {
			if s, ok := Derivations[i].Inverse(vals); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

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
		if a == "" || strings.ContainsAny(a, "\"\t\n ") && (i == 0 && strings.Contains(a, `"`)) || strings.HasSuffix(a, `\`) && strings.Contains(a, " ") {
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
