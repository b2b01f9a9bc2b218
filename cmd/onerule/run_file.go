package main

import (
	"errors"
	"io"
	"runtime"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/internal/ndjson"
	"github.com/onerule/onerule/internal/parallel"
)

// batch is lines that are read and asked about together, and what they came to.
type batch struct {
	lines    []ndjson.Line
	readings []ndjson.Reading
	answers  []answer
	// err is why there are no more lines.
	err    error
	failed *parallel.Panic
	done   chan struct{}
}

// maxBatch and maxBytes are how many lines are asked about together, and how long they may be.
const (
	maxBatch = 256
	maxBytes = 1 << 20
)

// file runs the rules on one stream. Lines are read and asked about on all cores, a few batches at a time, and told in their
// order: what is kept in memory does not grow with the stream.
func (r *runner) file(w io.Writer, name string, stdin io.Reader) (diag.List, error) {
	reader, err := ndjson.Open(name, stdin)
	if err != nil {
		return nil, unreadable("events", name, err)
	}
	defer func() { _ = reader.Close() }() // only read
	var told teller
	told.runner, told.w, told.reader, told.live = r, w, reader, name == "-"
	err = told.all(r.batches(reader))
	if err != nil && !errors.Is(err, io.EOF) {
		var read readFault
		if errors.As(err, &read) {
			err = unreadable("events", name, read.error)
		}
		return reader.Diags(), err
	}
	return append(reader.Diags(), told.ambiguous...).Sort(), nil
}

// readFault is a fault of reading the stream.
type readFault struct{ error }

// batches starts to read, and returns the batches in order, each of which is done when it says so. After stop
// nothing more is sent; a read of the stream that waits is not waited for.
func (r *runner) batches(reader *ndjson.Reader) (ordered <-chan *batch, stop func()) {
	cores := runtime.GOMAXPROCS(0)
	work, out, quit := make(chan *batch), make(chan *batch, 2*cores), make(chan struct{})
	for range cores {
		go func() {
			worker := r.events.Worker()
			for b := range work {
				b.failed = parallel.Try(func() {
					for _, l := range b.lines {
						x := l.Read()
						var a answer
						if x.OK {
							a = r.ask(worker, reader.Name(), x.Event)
						}
						b.readings, b.answers = append(b.readings, x), append(b.answers, a)
					}
				})
				close(b.done)
			}
		}()
	}
	go func() {
		defer close(out)
		defer close(work)
		for {
			b := readBatch(reader)
			select {
			case out <- b:
			case <-quit:
				return
			}
			select {
			case work <- b:
			case <-quit:
				return
			}
			if b.err != nil {
				return
			}
		}
	}()
	return out, func() { close(quit) }
}

// readBatch reads lines until there are enough, or until the next one would have to be waited for.
func readBatch(reader *ndjson.Reader) *batch {
	b := &batch{done: make(chan struct{})}
	for size := 0; len(b.lines) < maxBatch && size < maxBytes; {
		l, err := reader.Line()
		if err != nil {
			b.err = err
			return b
		}
		b.lines, size = append(b.lines, l), size+l.Size()
		if reader.Waiting() {
			return b
		}
	}
	return b
}

// teller tells what the lines of a stream came to.
type teller struct {
	runner    *runner
	w         io.Writer
	reader    *ndjson.Reader
	live      bool
	ambiguous diag.List
}

// all tells the batches in order. The error is what ended the stream: io.EOF, a [readFault], or a failure of an answer.
func (t *teller) all(ordered <-chan *batch, stop func()) error {
	defer stop()
	for b := range ordered {
		<-b.done
		if b.failed != nil {
			panic(b.failed)
		}
		if err := t.batch(b); err != nil {
			return err
		}
		if errors.Is(b.err, io.EOF) {
			return io.EOF
		}
		if b.err != nil {
			return readFault{b.err}
		}
	}
	return io.EOF
}

func (t *teller) batch(b *batch) error {
	for i := range b.readings {
		t.reader.Note(&b.readings[i])
		if !b.readings[i].OK {
			continue
		}
		a := &b.answers[i]
		found, err := t.runner.tell(t.w, a)
		if err != nil {
			return err
		}
		if a.ambiguous != nil && len(t.ambiguous) < maxAmbiguous {
			t.ambiguous = append(t.ambiguous, *a.ambiguous)
		}
		if out, ok := t.w.(*output); ok && t.live && found {
			_ = out.Flush() // somebody waits for it; a failure is kept and reported at the end
		}
	}
	return nil
}

// maxAmbiguous is how many events without a clear binding are reported for one file.
const maxAmbiguous = 20
