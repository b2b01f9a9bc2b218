package main

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/onerule/onerule/internal/atomicfile"
)

// output is standard output: buffered, and it keeps the first failure, so that commands may print without looking at
// each error; run reports it.
type output struct {
	under io.Writer
	buf   *bufio.Writer
	err   error
}

func newOutput(w io.Writer) *output { return &output{under: w, buf: bufio.NewWriterSize(w, 1<<16)} }

// Write never fails: the failure is kept for Flush.
func (o *output) Write(p []byte) (int, error) {
	if o.err == nil {
		_, o.err = o.buf.Write(p)
	}
	return len(p), nil
}

// Flush writes what is buffered and returns the first failure.
func (o *output) Flush() error {
	if o.err == nil {
		o.err = o.buf.Flush()
	}
	return o.err
}

// messageWriter is standard error: results that were printed before a message come out before it.
type messageWriter struct {
	out *output
	w   io.Writer
}

func (m messageWriter) Write(p []byte) (int, error) {
	_ = m.out.Flush() // kept by output, and reported at the end
	return m.w.Write(p)
}

// underlying returns the stream behind a writer of ours.
func underlying(w io.Writer) io.Writer {
	switch w := w.(type) {
	case *output:
		return w.under
	case messageWriter:
		return w.w
	}
	return w
}

// isTerminal reports whether somebody watches a stream.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull) // a character device that nobody watches
	return err != nil || !os.SameFile(info, null)
}

// colored reports whether a stream takes colours: a terminal, without NO_COLOR (https://no-color.org).
func colored(w io.Writer) bool { return os.Getenv("NO_COLOR") == "" && isTerminal(underlying(w)) }

// writeTo writes a result to a file, or to standard output when no file is named. A file appears only when it is complete.
func writeTo(stdout io.Writer, file string, write func(io.Writer) error) error {
	if file == "" || file == "-" {
		return write(stdout)
	}
	err := atomicfile.Write(file, func(f *os.File) error {
		w := bufio.NewWriterSize(f, 1<<16)
		return errors.Join(write(w), w.Flush())
	})
	if err != nil {
		return outputFault(file, err)
	}
	return nil
}

// writeNew is writeTo for files that a user goes on with: one that is there already is left alone.
func writeNew(stdout io.Writer, file string, write func(io.Writer) error) error {
	if file != "" && file != "-" {
		if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
			return outputFault(file, errors.Join(err, errors.New("the file exists already")))
		}
	}
	return writeTo(stdout, file, write)
}
