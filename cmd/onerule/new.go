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
var kinds = []string{"event", "count", "first_seen", "baseline"}

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
			text, err := s.text(args[0])
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

// text returns a rule of a kind, with two tests.
func (s starter) text(kind string) ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
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
%s}
`, s.name, s.id, s.class, s.source, s.body(kind))
	out, diags := grammar.Format("new", []byte(text))
	if err := diags.Err(); err != nil {
		return nil, usagef("`%s` cannot be the name of a rule", s.name)
	}
	return out, nil
}

// body returns what a rule of a kind says behind `from`.
func (s starter) body(kind string) string {
	field, hit, miss := s.example()
	key, one := s.key(field)
	event := fmt.Sprintf("{ %s: %s, %s: %s }", field, hit, key, one)
	switch kind {
	case "count":
		return fmt.Sprintf(`  where %s == %s
  tumbling 1h
  count per %s as per_key { n = count() }
  when per_key.n >= 3
  schedule every 1h delay 5m
  emit { show per_key.n }

  test "three in an hour" { 3 x every 1m %s } expect 1 where per_key.n == 3
  test "two in an hour" { 2 x every 1m %s } expect 0
`, field, hit, key, event, event)
	case "first_seen":
		return fmt.Sprintf(`  first_seen %s per %s { every 1h  history 13d }
  schedule every 1h delay 5m

  test "a new value" { %s } expect 1
  test "a known value" {
    history { %s }
    now { at 2d %s }
  } expect 0
`, field, key, event, event, event)
	case "baseline":
		return fmt.Sprintf(`  where %s == %s
  tumbling 1h
  measure n = count() per %s
  baseline of n { learn 1d  own when history >= 12 buckets  population otherwise }
  when n >= 10 and n > baseline.mean + 3 * max(baseline.stddev, 1)
  schedule every 1h delay 5m
  emit { show n, baseline.mean, baseline.scope }

  test "far more than before" {
    history { 24 x every 1h %s }
    now { at 24h 12 x every 1m %s }
  } expect 1
  test "as always" {
    history { 24 x every 1h %s }
    now { at 24h %s }
  } expect 0
`, field, hit, key, event, event, event, event)
	}
	return fmt.Sprintf(`  where %s == %s

  test "what it must find" { %s: %s } expect 1
  test "what it must not find" { %s: %s } expect 0
`, field, hit, field, hit, field, miss)
}

// key returns a field of the class that events are grouped by, other than the one given, with a value.
func (s starter) key(not string) (field, value string) {
	c, _ := schema.LookupClass(s.class)
	for _, k := range [][2]string{{"source.ip", `"203.0.113.7"`}, {"host.name", `"one-host"`}, {"user.name", `"one-user"`}} {
		if k[0] != not && slices.Contains(c.Fields, k[0]) {
			return k[0], k[1]
		}
	}
	return "event.provider", `"one"`
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
