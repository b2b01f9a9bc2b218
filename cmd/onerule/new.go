package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/grammar"
	"github.com/onerule/onerule/schema"
)

// kinds are the kinds of rules that `new` writes.
var kinds = []string{"event"}

func newCmd() *cobra.Command {
	var s starter
	var out string
	cmd := &cobra.Command{
		Use:   "new KIND",
		Short: "Write a rule to start from",
		Long: `Writes a rule that passes check, fmt and test, with a fresh id. KIND is ` + strings.Join(kinds, ", ") + `.
It goes to standard output, or to a new file with --out.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeOne(fixed(kinds...)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkWord("kind of rule", args[0], kinds); err != nil {
				return err
			}
			s.id = newUUID()
			text, err := s.event()
			if err != nil {
				return err
			}
			return writeNew(cmd.OutOrStdout(), out, func(w io.Writer) error {
				_, err := w.Write(text)
				return err
			})
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&s.name, "name", "my_rule", "name of the rule")
	fl.StringVar(&s.class, "class", "process.start", "event class that it looks at")
	fl.StringVar(&s.source, "source", "windows", "source of the events")
	fl.StringVar(&out, "out", "", "write to a new file")
	complete(cmd, "class", classNames)
	complete(cmd, "source", sourceNames)
	return cmd
}

// newUUID returns a random UUID (RFC 9562, version 4).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, says package crypto/rand
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// starter is what a rule to start from is made of.
type starter struct{ name, id, class, source string }

// event returns an event rule with one condition and two tests.
func (s starter) event() ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	field, hit, miss := s.example()
	text := fmt.Sprintf(`rule %s v1 {
  meta {
    id = "%s"
    title = "What the rule finds"
    status = experimental
    severity = low
    description = """
      What it means when the rule fires, and why it matters.
      """
    false_positives = ["What else looks the same"]
  }
  from %s on %s
  where %s == %s

  test "what it must find" { %s: %s } expect 1
  test "what it must not find" { %s: %s } expect 0
}
`, s.name, s.id, s.class, s.source, field, hit, field, hit, field, miss)
	out, diags := grammar.Format("new", []byte(text))
	if err := diags.Err(); err != nil {
		return nil, usagef("`%s` cannot be the name of a rule", s.name)
	}
	return out, nil
}

func (s starter) check() error {
	if err := checkWord("source", s.source, sourceNames()); err != nil {
		return err
	}
	if err := checkWord("event class", s.class, classNames()); err != nil {
		return err
	}
	if src, _ := schema.LookupSource(s.source); !slices.Contains(src.Classes, s.class) {
		return usage(fmt.Sprintf("%s has no events of the class `%s`", src.Title, s.class), "its classes are "+strings.Join(src.Classes, ", "))
	}
	return nil
}

// example returns the most telling text field of the class, with a value that the rule looks for and another one.
func (s starter) example() (field, hit, miss string) {
	known := map[string][2]string{
		"process.name":   {`"net.exe"`, `"notepad.exe"`},
		"event.outcome":  {`"failure"`, `"success"`},
		"event.action":   {`"the action"`, `"another action"`},
		"destination.ip": {`"198.51.100.7"`, `"198.51.100.8"`},
	}
	c, _ := schema.LookupClass(s.class)
	for _, name := range c.Fields {
		f, ok := schema.Lookup(name)
		if v, special := known[name]; special {
			return name, v[0], v[1]
		}
		if ok && f.Type.IsString() && !f.Array {
			return name, `"one value"`, `"another value"`
		}
	}
	return "host.name", `"one-host"`, `"another-host"`
}
