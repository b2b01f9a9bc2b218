package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onerule/onerule/backends/all"
	"github.com/onerule/onerule/backends/native"
	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/ndjson"
	"github.com/onerule/onerule/internal/workspace"
)

type execFlags struct {
	lang, mapping, queryFile, now string
	tables, doubts                []string
	in                            native.Input
}

func execCmd() *cobra.Command {
	var f execFlags
	cmd := &cobra.Command{
		Use:   "exec --lang LANG [QUERY]",
		Short: "Run a query of a vendor's language on native events",
		Long: `Runs the text of a query with our interpreter of the language and prints one JSON object a line: each result row, each
matching event, or for EQL sequences and samples the join keys and events of each.

Events come from --table NAME=FILE (NDJSON, plain or gzip; repeat it for several tables), or from standard input as the one table.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.lang, "lang", "", "language of the query")
	fl.StringArrayVar(&f.tables, "table", nil, "NAME=FILE: events as a table")
	fl.StringVar(&f.mapping, "mapping", "", "JSON file: field to type (Elasticsearch mapping types, Kusto types), or table to such an object")
	fl.StringVar(&f.queryFile, "query-file", "", "read the query from a file")
	fl.StringVar(&f.in.Timestamp, "timestamp", "", "time field (EQL: @timestamp; SPL: the source of _time)")
	fl.StringVar(&f.in.Category, "category", "", "EQL category field (event.category)")
	fl.StringVar(&f.in.Tiebreaker, "tiebreaker", "", "EQL tiebreaker field")
	fl.IntVar(&f.in.Size, "size", 0, "most EQL results")
	fl.IntVar(&f.in.MaxSamplesPerKey, "max-samples-per-key", 0, "most EQL samples per join key")
	fl.StringArrayVar(&f.doubts, "doubt", nil, "NAME=on|off: set a doubt switch")
	fl.StringVar(&f.now, "now", "", "the instant that now() answers, RFC 3339 (default: the latest event)")
	return cmd
}

func (f *execFlags) run(cmd *cobra.Command, args []string) error {
	if f.lang == "" {
		return errors.New("exec needs --lang")
	}
	if err := checkLang(f.lang); err != nil {
		return err
	}
	b, _ := all.Lookup(f.lang)
	query, name, err := f.query(args)
	if err != nil {
		return err
	}
	ws := &workspace.Workspace{Sources: map[string]*diag.Source{name: diag.NewSource(name, query)}}
	if err := f.setDoubts(b.Language); err != nil {
		return err
	}
	if err := f.setNow(); err != nil {
		return err
	}
	prog, diags := b.Language.Compile(name, query)
	if diags.HasErrors() {
		printDiags(cmd, ws, diags)
		return exitOf(diags)
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
	return exitOf(diags)
}

func (f *execFlags) query(args []string) (text, name string, err error) {
	switch {
	case f.queryFile != "" && len(args) > 0:
		return "", "", errors.New("give the query as an argument or with --query-file, not both")
	case f.queryFile != "":
		data, err := readable("query-file", f.queryFile)
		return strings.TrimRight(string(data), "\n"), f.queryFile, err
	case len(args) == 1:
		return args[0], "query", nil
	}
	return "", "", errors.New("exec needs a query, as an argument or with --query-file")
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
			return fmt.Errorf("--doubt takes NAME=on or NAME=off, not `%s`", d)
		}
		known := false
		for _, n := range names {
			known = known || n == name
		}
		if !known {
			return unknownWord("doubt", name, names)
		}
		f.in.Doubts[name] = state == "on"
	}
	return nil
}

// load reads the tables. raw holds the lines of the events, to print matches as they came.
func (f *execFlags) load(stdin io.Reader) (raw [][][]byte, broken diag.List, err error) {
	specs := f.tables
	if len(specs) == 0 {
		if file, ok := stdin.(*os.File); ok {
			if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
				return nil, nil, nil // a terminal: the query makes its own rows, or finds none
			}
		}
		specs = []string{"stdin=-"}
	}
	for _, spec := range specs {
		name, file, ok := strings.Cut(spec, "=")
		if !ok || name == "" {
			return nil, nil, fmt.Errorf("--table takes NAME=FILE, not `%s`", spec)
		}
		events, faults, err := ndjson.ReadFile(file)
		if err != nil {
			return nil, nil, fmt.Errorf("--table %s: %w", spec, err)
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
	data, err := readable("mapping", f.mapping)
	if err != nil {
		return err
	}
	common, byTable, err := parseMapping(data)
	if err != nil {
		return fmt.Errorf("--mapping %s: %w", f.mapping, err)
	}
	for i := range f.in.Tables {
		types := map[string]string{}
		for k, v := range common {
			types[k] = v
		}
		for k, v := range byTable[f.in.Tables[i].Name] {
			types[k] = v
		}
		f.in.Tables[i].Types = types
	}
	return nil
}

// parseMapping reads {"field": "type"}, {"field": {"type": …}} (kept as JSON text for mappings with parameters), or
// {"table": {"field": "type"}}.
func parseMapping(data []byte) (common map[string]string, byTable map[string]map[string]string, err error) {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(data, &top); err != nil {
		return nil, nil, fmt.Errorf("it is no JSON object of field to type: %w", err)
	}
	common, byTable = map[string]string{}, map[string]map[string]string{}
	for k, v := range top {
		var s string
		if json.Unmarshal(v, &s) == nil {
			common[k] = s
			continue
		}
		var inner map[string]json.RawMessage
		if err := json.Unmarshal(v, &inner); err != nil {
			return nil, nil, fmt.Errorf("%q is neither a type nor an object", k)
		}
		if isTypeObject(inner) {
			common[k] = string(v)
			continue
		}
		byTable[k], _, err = parseMapping(v)
		if err != nil {
			return nil, nil, err
		}
	}
	return common, byTable, nil
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
		return fmt.Errorf("--now takes an instant such as 2026-01-05T00:00:00Z, not `%s`", f.now)
	}
	f.in.Now = t
	return nil
}
