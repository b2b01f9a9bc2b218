package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// progress shows how far a command is, on a terminal only and only when it takes more than a second.
type progress struct {
	mu      sync.Mutex
	w       io.Writer // nil when nobody watches
	label   string
	total   int
	count   int
	started time.Time
	last    time.Time // of the last drawing
	now     func() time.Time
}

const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
	progressWidth = 30
)

func newProgress(w io.Writer, label string, total int) *progress {
	p := &progress{label: label, total: total, now: time.Now}
	if isTerminal(underlying(w)) {
		p.w = w
	}
	p.started = p.now()
	return p
}

// step counts one piece of work; several goroutines may call it.
func (p *progress) step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
	now := p.now()
	if p.w == nil || now.Sub(p.started) < progressAfter || now.Sub(p.last) < progressEvery {
		return
	}
	p.last = now
	filled := progressWidth * p.count / max(p.total, 1)
	fmt.Fprintf(p.w, "\r%s [%s%s] %d/%d", p.label, strings.Repeat("#", filled), strings.Repeat(".", progressWidth-filled), p.count, p.total)
}

// done takes the bar away.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w != nil && !p.last.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	p.w = nil
}
