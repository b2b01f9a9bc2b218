package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// The bar appears after one second, is drawn ten times a second at most, and is taken away.
func TestProgress(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	p := &progress{w: &b, label: "verify", total: 4, now: func() time.Time { return now }, started: now}
	p.step()
	if b.Len() > 0 {
		t.Errorf("drawn at once: %q", b.String())
	}
	now = now.Add(2 * time.Second)
	p.step()
	p.step()
	if got, want := b.String(), "\rverify [###############...............] 2/4"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	now = now.Add(time.Second)
	p.step()
	if !strings.HasSuffix(b.String(), "[##############################] 4/4") {
		t.Errorf("got %q", b.String())
	}
	p.done()
	p.step()
	if !strings.HasSuffix(b.String(), "4/4\r\x1b[K") {
		t.Errorf("not taken away: %q", b.String())
	}
}

// Without a terminal nothing is drawn.
func TestProgressWithoutTerminal(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b, "verify", 1)
	p.started = p.started.Add(-time.Hour)
	p.step()
	p.done()
	if b.Len() > 0 {
		t.Errorf("drawn: %q", b.String())
	}
}
