package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/backends/native"
	splinterp "github.com/onerule/onerule/backends/spl/interp"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/ndjson"
	"github.com/onerule/onerule/internal/workspace"
)

type execFlags struct {
	lang, mapping, queryFile, now string
	tables, doubts, macros        []string
	in                            native.Input
}

func execCmd() *cobra.Command {
	var f execFlags
	cmd := &cobra.Command{
		Use:   "exec --lang LANG [QUERY]",
		Short: "Run a query of a vendor's language on native events",
		Long: `Runs the text of a query with our interpreter of the language and prints one JSON object a line: each result row, each
matching event, or for EQL sequences and samples the join keys and events of each.

Events come from --table NAME=FILE (NDJSON, plain or gzip; repeat it for several tables), or from standard input as the one table.
A query that starts with - stands behind --, so that it is not taken for a flag: onerule exec --lang datadog -- '-status:error'
A query that does not parse or cannot run ends with exit code 2.`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.lang, "lang", "", "language of the query: "+strings.Join(languageNames(), ", "))
	fl.StringArrayVar(&f.tables, "table", nil, "NAME=FILE: events as a table")
	fl.StringVar(&f.mapping, "mapping", "", "JSON file: field to type (Elasticsearch mapping types, Kusto types), or table to such an object")
	fl.StringVar(&f.queryFile, "query-file", "", "read the query from a file")
	fl.StringVar(&f.in.Timestamp, "timestamp", "", "time field (EQL: @timestamp; SPL: the source of _time)")
	fl.StringVar(&f.in.Category, "category", "", "EQL category field (event.category)")
	fl.StringVar(&f.in.Tiebreaker, "tiebreaker", "", "EQL tiebreaker field")
	fl.IntVar(&f.in.Size, "size", 0, "most EQL results")
	fl.IntVar(&f.in.MaxSamplesPerKey, "max-samples-per-key", 0, "most EQL samples per join key")
	fl.StringArrayVar(&f.doubts, "doubt", nil, "NAME=on|off: set a doubt switch")
	fl.StringArrayVar(&f.macros, "macro", nil, "NAME=DEFINITION or NAME(ARG,ARG)=DEFINITION: a search macro of SPL; $ARG$ in the definition is the argument")
	fl.StringVar(&f.now, "now", "", "the instant that now() answers, RFC 3339 (default: the latest event)")
	complete(cmd, "lang", languageNames)
	complete(cmd, "doubt", f.doubtWords)
	_ = cmd.MarkFlagFilename("mapping", "json") // fails for unknown flags only
	return cmd
}

// doubtWords lists what --doubt takes, for the language given before it.
func (f *execFlags) doubtWords() []string {
	var out []string
	if b, ok := all.Lookup(f.lang); ok {
		for _, d := range b.Language.Doubts {
			out = append(out, d.Name+"=on", d.Name+"=off")
		}
	}
	return out
}

func (f *execFlags) run(cmd *cobra.Command, args []string) error {
	if f.lang == "" {
		return usage("exec needs --lang", "the languages are "+strings.Join(languageNames(), ", "))
	}
	if err := checkLang(f.lang); err != nil {
		return err
	}
	b, _ := all.Lookup(f.lang)
	query, name, err := f.query(args)
	if err != nil {
		return err
	}
	if err := errors.Join(f.setDoubts(b.Language), f.setNow()); err != nil {
		return err
	}
	ws := &workspace.Workspace{Sources: map[string]*diag.Source{name: diag.NewSource(name, query)}}
	prog, diags, err := f.compile(b.Language, name, query)
	if err != nil {
		return err
	}
	if diags.HasErrors() {
		printDiags(cmd, ws, diags)
		return exitError{exitUsage}
	}
	raw, broken, err := f.load(cmd.InOrStdin())
	if err != nil {
		return err
	}
	out, more := prog.Run(f.in)
	for _, w := range out.Warnings {
		fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s\n", w)
	}
	diags = append(append(diags, broken...), more...)
	printDiags(cmd, ws, diags)
	if !more.HasErrors() {
		if err := printOutput(cmd.OutOrStdout(), out, raw); err != nil {
			return err
		}
	}
	if diags.HasErrors() {
		return exitError{exitUsage} // nothing here is about rules
	}
	return nil
}

// compile compiles the query, with the macros of --macro where the language has macros.
func (f *execFlags) compile(l native.Language, name, query string) (native.Program, diag.List, error) {
	if len(f.macros) == 0 {
		prog, diags := l.Compile(name, query)
		return prog, diags, nil
	}
	if l.Name != splinterp.Language.Name {
		return nil, nil, usagef("--macro belongs to --lang %s", splinterp.Language.Name)
	}
	macros := map[string]string{}
	for _, m := range f.macros {
		signature, definition, ok := strings.Cut(m, "=")
		if open, close := strings.IndexByte(signature, '('), strings.HasSuffix(signature, ")"); !ok || open == 0 || signature == "" || (open > 0) != close {
			return nil, nil, usagef("--macro takes NAME=DEFINITION or NAME(ARG,ARG)=DEFINITION, not `%s`", m)
		}
		macros[strings.ReplaceAll(signature, " ", "")] = definition
	}
	prog, diags := splinterp.CompileWith(name, query, macros)
	return prog, diags, nil
}

func (f *execFlags) query(args []string) (text, name string, err error) {
	switch {
	case f.queryFile != "" && len(args) > 0:
		return "", "", usage("the query is given twice", "give it as an argument or with --query-file")
	case f.queryFile != "":
		data, err := readSmall("query-file", f.queryFile)
		return strings.TrimRight(string(data), "\n"), f.queryFile, err
	case len(args) == 1:
		return args[0], "query", nil
	}
	return "", "", usage("exec needs a query", "give it as an argument or with --query-file")
}

// maxSmall bounds the files that flags name, events excepted.
const maxSmall = 8 << 20

// readSmall reads a file that a flag names.
func readSmall(flag, name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, unreadable(flag, name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSmall+1))
	if err == nil && len(data) > maxSmall {
		err = errors.New("the file is larger than 8 MiB")
	}
	if err != nil {
		return nil, unreadable(flag, name, err)
	}
	return data, nil
}

func (f *execFlags) setDoubts(l native.Language) error {
	f.in.Doubts = map[string]bool{}
	var names []string
	for _, d := range l.Doubts {
		names = append(names, d.Name)
	}
	for _, d := range f.doubts {
		name, state, _ := strings.Cut(d, "=")
		if state != "on" && state != "off" {
			return usagef("--doubt takes NAME=on or NAME=off, not `%s`", d)
		}
		if err := checkWord("doubt", name, names); err != nil {
			return err
		}
		f.in.Doubts[name] = state == "on"
	}
	return nil
}

// load reads the tables. raw holds the lines of the events, to print matches as they came.
func (f *execFlags) load(stdin io.Reader) (raw [][][]byte, broken diag.List, err error) {
	specs := f.tables
	if len(specs) == 0 {
		if isTerminal(stdin) {
			return nil, nil, nil // the query makes its own rows, or finds none
		}
		specs = []string{"=-"} // the one table: a table without a name is found under every name
	}
	for _, spec := range specs {
		name, file, ok := strings.Cut(spec, "=")
		if !ok || name == "" && len(f.tables) > 0 {
			return nil, nil, usagef("--table takes NAME=FILE, not `%s`", spec)
		}
		if slices.ContainsFunc(f.in.Tables, func(t native.Table) bool { return t.Name == name }) {
			return nil, nil, usagef("there are two tables `%s`", name)
		}
		events, faults, err := ndjson.ReadFile(file, stdin)
		if err != nil {
			return nil, nil, unreadable("table "+name, file, err)
		}
		broken = append(broken, faults...)
		t := native.Table{Name: name}
		var lines [][]byte
		for _, e := range events {
			t.Rows = append(t.Rows, e.Object)
			lines = append(lines, e.Raw)
		}
		f.in.Tables = append(f.in.Tables, t)
		raw = append(raw, lines)
	}
	return raw, broken, f.loadMapping()
}

func (f *execFlags) loadMapping() error {
	if f.mapping == "" {
		return nil
	}
	data, err := readSmall("mapping", f.mapping)
	if err != nil {
		return err
	}
	common, byTable, err := parseMapping(data)
	if err != nil {
		return commandFault{diag.New(diag.Unreadable, diag.Span{File: f.mapping}, fmt.Sprintf("--mapping: %v", err), `write {"field": "type", …}, or {"table": {"field": "type", …}, …}`)}
	}
	for i := range f.in.Tables {
		types := map[string]string{}
		maps.Copy(types, common)
		maps.Copy(types, byTable[f.in.Tables[i].Name])
		f.in.Tables[i].Types = types
	}
	return nil
}

// parseMapping reads {"field": "type"}, {"field": {"type": …}} (kept as JSON text for mappings with parameters), or
// {"table": {"field": "type"}}.
func parseMapping(data []byte) (common map[string]string, byTable map[string]map[string]string, err error) {
	common, tables, err := parseTypes(data)
	if err != nil {
		return nil, nil, fmt.Errorf("it is no JSON object of field to type: %w", err)
	}
	byTable = map[string]map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		types, rest, err := parseTypes(tables[name])
		if err != nil {
			return nil, nil, fmt.Errorf("%q is neither a type nor an object of field to type", name)
		}
		for _, field := range slices.Sorted(maps.Keys(rest)) {
			return nil, nil, fmt.Errorf("%q of %q is neither a type nor an object with one", field, name)
		}
		byTable[name] = types
	}
	return common, byTable, nil
}

// parseTypes reads an object of field to type; rest holds the values that are no types.
func parseTypes(data []byte) (types map[string]string, rest map[string]json.RawMessage, err error) {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(data, &top); err != nil {
		return nil, nil, err
	}
	types, rest = map[string]string{}, map[string]json.RawMessage{}
	for k, v := range top {
		var s string
		var inner map[string]json.RawMessage
		switch {
		case json.Unmarshal(v, &s) == nil:
			types[k] = s
		case json.Unmarshal(v, &inner) == nil && isTypeObject(inner):
			types[k] = string(v)
		default:
			rest[k] = v
		}
	}
	return types, rest, nil
}

// isTypeObject tells a field's type object ({"type": "keyword", "ignore_above": 256}) from a table with a field called type.
func isTypeObject(o map[string]json.RawMessage) bool {
	var s string
	if json.Unmarshal(o["type"], &s) != nil {
		return false
	}
	for k := range o {
		switch k {
		case "type", "ignore_above", "normalizer", "fields", "path", "value", "properties", "format", "scaling_factor":
		default:
			return false
		}
	}
	return true
}

func printOutput(w io.Writer, out native.Output, raw [][][]byte) error {
	bw := bufio.NewWriter(w)
	for _, r := range out.Results {
		line, err := rowJSON(out.Columns, r.Cells)
		if err != nil {
			return err
		}
		bw.Write(line)
		bw.WriteByte('\n')
	}
	for _, m := range out.Matches {
		bw.Write(raw[m.Table][m.Row])
		bw.WriteByte('\n')
	}
	for _, g := range out.Groups {
		obj := struct {
			JoinKeys []any             `json:"join_keys"`
			Events   []json.RawMessage `json:"events"`
		}{JoinKeys: g.JoinKeys, Events: []json.RawMessage{}}
		if obj.JoinKeys == nil {
			obj.JoinKeys = []any{}
		}
		for _, e := range g.Events {
			if e == nil {
				obj.Events = append(obj.Events, json.RawMessage("null"))
				continue
			}
			obj.Events = append(obj.Events, raw[e.Table][e.Row])
		}
		line, err := marshal(obj)
		if err != nil {
			return err
		}
		bw.Write(line)
		bw.WriteByte('\n')
	}
	return bw.Flush()
}

func (f *execFlags) setNow() error {
	if f.now == "" {
		return nil
	}
	t, err := time.Parse(time.RFC3339, f.now)
	if err != nil {
		return usagef("--now takes an instant such as 2026-01-05T00:00:00Z, not `%s`", f.now)
	}
	f.in.Now = t
	return nil
}
