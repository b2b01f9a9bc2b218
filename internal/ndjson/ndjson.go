// Package ndjson reads events: one JSON object a line, plain or gzip; also JSON objects that are spread over lines, and an array
// of them. A broken line is reported with its number and the
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
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/schema"
)

// MaxLine is the longest line in bytes that is read; a longer one is a fault of that line.
const MaxLine = 16 << 20

// hopeless is the length of a line after which the stream is no NDJSON, and reading ends.
const hopeless = 1 << 30

// errHopeless is the fault of such a stream.
var errHopeless = errors.New("a line goes on for more than 1 GiB, so this is no file of one JSON object a line")

// maxFaults is how many broken lines of one file are reported; then reading goes on silently to a closing count.
const maxFaults = 20

// Event is one object (numbers are json.Number), the number of the line on which it begins, and its bytes on one line.
type Event struct {
	Line   int
	Offset int // of the line's first byte in the stream, after decompression
	Object map[string]any
	Raw    []byte
}

// Reader reads the events of one stream.
type Reader struct {
	name  string
	file  *os.File // nil for a stream that somebody else closes
	r     *bufio.Reader
	line  int
	next  int // offset of the next line
	noted int // offset behind the last line that was noted
	// spread says that the objects of the stream are spread over lines, or stand in an array.
	spread bool
	// blank says that nothing came yet; begins is the offset of the current line of a spread stream.
	blank  bool
	begins int
	faults int
	twice  int // lines with a key that stands twice
	diags  diag.List
}

// NewReader returns a reader; name is the file's name in diagnostics. Gzip is recognised by its first bytes.
func NewReader(name string, in io.Reader) (*Reader, error) {
	r := &Reader{name: name, r: bufio.NewReaderSize(in, 1<<20), blank: true}
	if head, err := r.r.Peek(2); err == nil && head[0] == 0x1f && head[1] == 0x8b {
		gz, err := gzip.NewReader(r.r)
		if err != nil {
			return nil, &fs.PathError{Op: "gzip", Path: name, Err: err}
		}
		r.r = bufio.NewReaderSize(gz, 1<<20)
	}
	return r, nil
}

// Next returns the next event; io.EOF ends the stream. Other errors are faults of reading itself.
func (r *Reader) Next() (Event, error) {
	for {
		l, err := r.Line()
		if err != nil {
			return Event{}, err
		}
		x := l.Read()
		r.Note(&x)
		if x.OK {
			return x.Event, nil
		}
	}
}

// Line is a line that was not read as an event yet.
type Line struct {
	number, start, size int
	col                 int // how far from the beginning of its line an object of a spread stream begins
	raw                 []byte
}

// Line returns the next line; io.EOF ends the stream. Lines may be read as events in any order, and by several goroutines;
// what they come to is given back to [Reader.Note] in their order. Where the first line opens an object that goes on, or an
// array, each object is taken for a line.
func (r *Reader) Line() (Line, error) {
	if r.spread {
		return r.object()
	}
	raw, size, err := r.readLine()
	if err != nil {
		return Line{}, err // io.EOF, or a fault of reading: a truncated gzip stream, say
	}
	r.line++
	if r.blank && opens(raw) {
		r.spreadOver(raw)
		r.begins = r.next
		return r.object()
	}
	r.blank = r.blank && len(bytes.TrimSpace(raw)) == 0
	l := Line{number: r.line, start: r.next, size: size, raw: raw}
	r.next += size
	return l, nil
}

// Size is the number of bytes of the line.
func (l Line) Size() int { return l.size }

// Waiting reports whether the stream has nothing at hand, so that the next line may have to be waited for.
func (r *Reader) Waiting() bool { return r.r.Buffered() == 0 }

// Reading is what a line came to: an event when it is OK, else a fault or, for an empty line, nothing.
type Reading struct {
	Event Event
	OK    bool
	line  Line
	fault *fault
	// twice is a key that stands twice in one object, at the byte twiceAt.
	twice    string
	twiceAt  int
	repeated bool
}

type fault struct {
	col  int
	why  string
	text []byte
}

// Read reads the line as an event.
func (l Line) Read() Reading {
	x := Reading{line: l}
	if l.size > MaxLine {
		x.fault = &fault{1, fmt.Sprintf("it is longer than %d MiB", MaxLine>>20), nil}
		return x
	}
	text := bytes.TrimSpace(l.raw)
	if l.number == 1 {
		text = bytes.TrimPrefix(text, bom)
	}
	if len(text) == 0 {
		return x
	}
	obj, col, why := decode(text)
	if why != "" {
		x.fault = &fault{col, why, text}
		return x
	}
	x.twice, x.twiceAt, x.repeated = schema.RepeatedKey(text)
	if bytes.IndexByte(text, '\n') >= 0 {
		var one bytes.Buffer
		if json.Compact(&one, text) == nil {
			text = one.Bytes()
		}
	}
	x.OK, x.Event = true, Event{Line: l.number, Offset: l.start, Object: obj, Raw: text}
	return x
}

// Note keeps the diagnostics of a line.
func (r *Reader) Note(x *Reading) {
	r.noted = x.line.start + x.line.size
	switch {
	case x.fault != nil:
		r.fault(x.line, x.fault)
	case x.repeated:
		r.repeated(x)
	}
}

// repeated warns of a key that stands twice in an object of a line.
func (r *Reader) repeated(x *Reading) {
	if r.twice++; r.twice > maxFaults {
		return
	}
	pos := x.line.pos(x.twiceAt)
	r.diags = append(r.diags, diag.New(diag.RepeatedKey, diag.Span{File: r.name, Start: pos, End: pos}, fmt.Sprintf("line %d has the key %q twice in one object", x.line.number, x.twice), "the last value counts"))
}

// decode reads one JSON object. A line that is none gives a column, counted in bytes from 1, and the reason.
func decode(line []byte) (obj map[string]any, col int, why string) {
	if !utf8.Valid(line) {
		return nil, 1 + firstInvalid(line), "it is not UTF-8"
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	if err := dec.Decode(&obj); err != nil || obj == nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, len(line) + 1, explain(err)
		}
		return nil, column(err), explain(err)
	}
	if end := dec.InputOffset(); len(bytes.TrimSpace(line[end:])) > 0 {
		return nil, int(end) + 1, "something follows the JSON object"
	}
	return obj, 0, ""
}

func firstInvalid(line []byte) int {
	i := 0
	for i < len(line) {
		r, size := utf8.DecodeRune(line[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return i
}

// Diags returns the faults of the lines read so far.
func (r *Reader) Diags() diag.List {
	out := r.diags
	if r.faults > maxFaults {
		out = append(out, diag.Diagnostic{Code: diag.BrokenLine, Severity: diag.Error, Span: diag.Span{File: r.name, Start: diag.Pos{Offset: r.noted}}, Title: fmt.Sprintf("%d more lines are broken", r.faults-maxFaults)})
	}
	if r.twice > maxFaults {
		out = append(out, diag.New(diag.RepeatedKey, diag.Span{File: r.name, Start: diag.Pos{Offset: r.noted}}, fmt.Sprintf("%d more lines have a key twice in one object", r.twice-maxFaults)))
	}
	return out
}

func (r *Reader) fault(l Line, f *fault) {
	if r.faults++; r.faults > maxFaults {
		return
	}
	at := l.pos(f.col - 1)
	help := "each line holds one JSON object; the other lines are used"
	if text := string(f.text); text == "{" || text == "{}," || text == "}" {
		help = "write each object on one line: jq -c ."
	}
	r.diags = append(r.diags, diag.New(diag.BrokenLine, diag.Span{File: r.name, Start: at, End: at}, fmt.Sprintf("line %d is no event: %s", at.Line, f.why), help))
}

func column(err error) int {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return max(int(syntax.Offset), 1)
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
	case strings.HasSuffix(err.Error(), "exceeded max depth"): // encoding/json has no error value for it
		return "it nests more than 10,000 deep"
	}
	return err.Error()
}

// readLine returns the next line; the bytes are a copy. Of a line that is too long nothing is kept.
func (r *Reader) readLine() (line []byte, size int, err error) {
	for {
		chunk, err := r.r.ReadSlice('\n')
		if size += len(chunk); size <= MaxLine {
			line = append(line, chunk...)
		} else {
			line = nil
		}
		switch {
		case err == nil:
			return line, size, nil
		case errors.Is(err, bufio.ErrBufferFull) && size > hopeless:
			return nil, 0, errHopeless
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && size > 0:
			return line, size, nil
		}
		return nil, 0, err
	}
}

// Open opens a file for reading events; "-" is the stream given as standard input. The reader must be closed.
func Open(name string, stdin io.Reader) (*Reader, error) {
	if name == "-" {
		return NewReader("standard input", stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	r, err := NewReader(name, f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r.file = f
	return r, nil
}

// Close closes the file that [Open] opened.
func (r *Reader) Close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}

// Name is the stream's name in diagnostics.
func (r *Reader) Name() string { return r.name }

// ReadFile reads all events of a file; "-" is standard input. The error is one of opening or reading the file.
func ReadFile(name string, stdin io.Reader) ([]Event, diag.List, error) {
	r, err := Open(name, stdin)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = r.Close() }() // it was only read
	return r.all()
}

// ReadAll reads all events of a stream; name is its name in diagnostics.
func ReadAll(name string, in io.Reader) ([]Event, diag.List, error) {
	r, err := NewReader(name, in)
	if err != nil {
		return nil, nil, err
	}
	return r.all()
}

func (r *Reader) all() ([]Event, diag.List, error) {
	var out []Event
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, r.Diags(), nil
		}
		if err != nil {
			return out, r.Diags(), err
		}
		out = append(out, e)
	}
}
