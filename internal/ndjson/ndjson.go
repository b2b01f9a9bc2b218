// Package ndjson reads events: one JSON object a line, plain or gzip. A broken line is reported with its number and the
// others are used.
package ndjson

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/onerule/onerule/diag"
)

// MaxLine is the longest line in bytes that is read; a longer one is a fault of that line.
const MaxLine = 16 << 20

// maxFaults is how many broken lines of one file are reported; then reading goes on silently to a closing count.
const maxFaults = 20

// Event is one line: the object (numbers are json.Number), the line's number and its bytes.
type Event struct {
	Line   int
	Object map[string]any
	Raw    []byte
}

// Reader reads the events of one stream.
type Reader struct {
	name   string
	r      *bufio.Reader
	line   int
	faults int
	diags  diag.List
}

// NewReader returns a reader; name is the file's name in diagnostics. Gzip is recognised by its first bytes.
func NewReader(name string, in io.Reader) (*Reader, error) {
	r := &Reader{name: name, r: bufio.NewReaderSize(in, 1<<20)}
	if head, err := r.r.Peek(2); err == nil && head[0] == 0x1f && head[1] == 0x8b {
		gz, err := gzip.NewReader(r.r)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r.r = bufio.NewReaderSize(gz, 1<<20)
	}
	return r, nil
}

// Next returns the next event; io.EOF ends the stream. Other errors are faults of reading itself.
func (r *Reader) Next() (Event, error) {
	for {
		raw, tooLong, err := r.readLine()
		if err != nil {
			return Event{}, err
		}
		r.line++
		if tooLong {
			r.fault(1, fmt.Sprintf("the line is longer than %d MiB", MaxLine>>20))
			continue
		}
		trimmed := bytes.TrimSpace(raw)
		if r.line == 1 {
			trimmed = bytes.TrimPrefix(trimmed, []byte("\ufeff"))
		}
		if len(trimmed) == 0 {
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(trimmed))
		dec.UseNumber()
		var obj map[string]any
		if err := dec.Decode(&obj); err != nil || obj == nil {
			r.fault(column(err), explain(err))
			continue
		}
		if dec.InputOffset() != int64(len(trimmed)) && len(bytes.TrimSpace(trimmed[dec.InputOffset():])) > 0 {
			r.fault(int(dec.InputOffset())+1, "something follows the JSON object")
			continue
		}
		return Event{Line: r.line, Object: obj, Raw: trimmed}, nil
	}
}

// Diags returns the faults of the lines read so far.
func (r *Reader) Diags() diag.List {
	out := r.diags
	if r.faults > maxFaults {
		out = append(out, diag.Diagnostic{Code: diag.BrokenLine, Severity: diag.Error, Span: diag.Span{File: r.name}, Title: fmt.Sprintf("%d more lines are broken", r.faults-maxFaults)})
	}
	return out
}

func (r *Reader) fault(col int, why string) {
	if r.faults++; r.faults > maxFaults {
		return
	}
	at := diag.Pos{Line: r.line, Col: col}
	r.diags = append(r.diags, diag.New(diag.BrokenLine, diag.Span{File: r.name, Start: at, End: at}, "the line is no event: "+why, "each line holds one JSON object; the other lines are used"))
}

func column(err error) int {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return max(int(syntax.Offset), 1)
	case errors.As(err, &typ):
		return 1
	}
	return 1
}

func explain(err error) string {
	var typ *json.UnmarshalTypeError
	switch {
	case err == nil:
		return "it is null"
	case errors.As(err, &typ):
		return "it is a JSON " + typ.Value + ", not an object"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends in the middle"
	}
	return err.Error()
}

// readLine returns a line without its end. The bytes are valid until the next call of Next of nobody: they are a copy.
func (r *Reader) readLine() (line []byte, tooLong bool, err error) {
	for {
		chunk, err := r.r.ReadSlice('\n')
		if !tooLong {
			line = append(line, chunk...)
			if len(line) > MaxLine {
				line, tooLong = nil, true
			}
		}
		switch {
		case err == nil:
			return line, tooLong, nil
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && (len(line) > 0 || tooLong):
			return line, tooLong, nil
		}
		return nil, false, err
	}
}

// ReadFile reads all events of a file; "-" is standard input. The error is one of opening or reading the file.
func ReadFile(name string) ([]Event, diag.List, error) {
	in := os.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		defer f.Close()
		in = f
	}
	r, err := NewReader(name, in)
	if err != nil {
		return nil, nil, err
	}
	var out []Event
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, r.Diags(), nil
		}
		if err != nil {
			return out, r.Diags(), fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, e)
	}
}
