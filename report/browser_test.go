package report

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestBrowser opens the page in a Chromium without a window: it draws on a desktop and on a phone, light and dark, its filters
// work, and it asks for nothing from elsewhere. CHROMIUM names the program where it is not found by itself, CHROMIUM_FLAGS further
// flags, SCREENSHOTS a folder that keeps the pictures.
func TestBrowser(t *testing.T) {
	program := os.Getenv("CHROMIUM")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless_shell"} {
		if found, err := exec.LookPath(name); program == "" && err == nil {
			program = found
		}
	}
	if program == "" {
		t.Skip("no Chromium on this machine; the variable CHROMIUM may name one")
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "index.html")
	rules := shipped(t)
	if err := os.WriteFile(name, []byte(pageOf(t, rules, nil)), 0o644); err != nil {
		t.Fatal(err)
	}
	b := startBrowser(t, program, dir)
	var target struct{ TargetID string }
	b.call("", "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var session struct{ SessionID string }
	b.call("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session)
	b.session = session.SessionID
	for _, domain := range []string{"Page", "Runtime", "Network", "Log"} {
		b.call(b.session, domain+".enable", nil, nil)
	}
	for _, look := range []struct {
		name          string
		width, height int
		scheme        string
	}{{"desktop", 1400, 1000, "light"}, {"desktop-dark", 1400, 1000, "dark"}, {"phone", 390, 1200, "light"}} {
		t.Run(look.name, func(t *testing.T) {
			b.t = t
			b.call(b.session, "Emulation.setDeviceMetricsOverride", map[string]any{"width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": look.width < 500}, nil)
			b.call(b.session, "Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": look.scheme}}}, nil)
			b.call(b.session, "Page.navigate", map[string]any{"url": "file://" + filepath.ToSlash(name)}, nil)
			b.until("document.readyState === 'complete' && !document.querySelector('form.filters').hidden")
			checkPageInBrowser(t, b, len(rules))
			b.picture(t, look.name)
		})
	}
	for _, event := range b.events {
		if strings.Contains(event, `"Network.requestWillBeSent"`) && !strings.Contains(event, `"url":"file:`) || strings.Contains(event, `"Runtime.exceptionThrown"`) || strings.Contains(event, `"Log.entryAdded"`) {
			t.Errorf("the page said or asked: %.400s", event)
		}
	}
}

// checkPageInBrowser uses the page: nothing is wider than the window, opening shows queries, and the filters count rightly.
func checkPageInBrowser(t *testing.T, b *browser, rules int) {
	t.Helper()
	for _, tt := range []struct{ script, want string }{
		{"document.querySelector('#count').textContent", fmt.Sprintf("%d rules", rules)},
		{"document.querySelector('#expand').click(); document.querySelectorAll('details.rule[open]').length", fmt.Sprint(rules)},
		{"document.documentElement.scrollWidth <= innerWidth", "true"},
		{"document.querySelector('details.rule .card pre').getClientRects().length > 0", "true"},
		{"(function () { var s = document.querySelector('#search'); s.value = 'qqzzxx'; s.dispatchEvent(new Event('input')); return document.querySelector('#nothing').hidden })()", "false"},
		{"(function () { var s = document.querySelector('#search'); s.value = ''; s.dispatchEvent(new Event('input')); var c = document.querySelector('.tech'); c.click(); return String(document.querySelectorAll('details.rule:not([hidden])').length === Number(c.querySelector('b').textContent)) })()", "true"},
		{"document.querySelector('.tech').click(); document.querySelector('#count').textContent", fmt.Sprintf("%d rules", rules)},
		{"(function () { var s = document.querySelector('#platform'); s.value = 'splunk'; s.dispatchEvent(new Event('change')); return document.querySelectorAll('details.rule:not([hidden]) .card:not([hidden]):not([data-platform=splunk])').length })()", "0"},
		{"(function () { var s = document.querySelector('#platform'); s.value = ''; s.dispatchEvent(new Event('change')); document.querySelector('#expand').click(); document.querySelectorAll('details.rule')[0].open = true; return 'done' })()", "done"},
	} {
		if got := b.evaluate(tt.script); got != tt.want {
			t.Errorf("%s\nis %s, want %s", tt.script, got, tt.want)
		}
	}
}

// browser is a Chromium that is spoken to through pipes: messages are JSON, each with a NUL behind it.
type browser struct {
	t       *testing.T
	out     *os.File
	replies chan string
	next    int
	session string
	events  []string
}

func startBrowser(t *testing.T, program, dir string) *browser {
	t.Helper()
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--user-data-dir=" + filepath.Join(dir, "profile")}
	cmd := exec.Command(program, append(args, strings.Fields(os.Getenv("CHROMIUM_FLAGS"))...)...)
	cmd.ExtraFiles = []*os.File{theirIn, theirOut}
	if err := cmd.Start(); err != nil {
		t.Skipf("%s does not run here: %v", program, err)
	}
	_, _ = theirIn.Close(), theirOut.Close()
	t.Cleanup(func() {
		_, _ = cmd.Process.Kill(), cmd.Wait()
		_, _ = ourOut.Close(), ourIn.Close()
	})
	b := &browser{t: t, out: ourOut, replies: make(chan string, 10_000)}
	go func() {
		defer close(b.replies)
		r := bufio.NewReader(ourIn)
		for {
			text, err := r.ReadString(0)
			if err != nil {
				return
			}
			b.replies <- strings.TrimSuffix(text, "\x00")
		}
	}()
	return b
}

// call sends a command and waits for its reply; what comes in between is kept.
func (b *browser) call(session, method string, params map[string]any, result any) {
	b.t.Helper()
	b.next++
	message := map[string]any{"id": b.next, "method": method, "params": params}
	if params == nil {
		message["params"] = map[string]any{}
	}
	if session != "" {
		message["sessionId"] = session
	}
	text, err := json.Marshal(message)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.out.Write(append(text, 0)); err != nil {
		b.t.Fatal(err)
	}
	deadline := time.After(time.Minute)
	for {
		select {
		case reply, ok := <-b.replies:
			if !ok {
				b.t.Fatalf("%s: the browser ended", method)
			}
			var head struct {
				ID     int
				Error  *struct{ Message string }
				Result json.RawMessage
			}
			if err := json.Unmarshal([]byte(reply), &head); err != nil {
				b.t.Fatal(err)
			}
			if head.ID != b.next {
				b.events = append(b.events, reply)
				continue
			}
			if head.Error != nil {
				b.t.Fatalf("%s: %s", method, head.Error.Message)
			}
			if result != nil {
				if err := json.Unmarshal(head.Result, result); err != nil {
					b.t.Fatal(err)
				}
			}
			return
		case <-deadline:
			b.t.Fatalf("%s: no answer in a minute", method)
		}
	}
}

func (b *browser) evaluate(script string) string {
	b.t.Helper()
	var out struct {
		Result           struct{ Value any }
		ExceptionDetails *struct{ Text string }
	}
	b.call(b.session, "Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true}, &out)
	if out.ExceptionDetails != nil {
		return out.ExceptionDetails.Text
	}
	return fmt.Sprint(out.Result.Value)
}

func (b *browser) until(script string) {
	b.t.Helper()
	for range 300 {
		if b.evaluate(script) == "true" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.t.Fatalf("never true: %s", script)
}

// picture draws what the window shows; a page that draws nothing is a small picture.
func (b *browser) picture(t *testing.T, name string) {
	t.Helper()
	var shot struct{ Data string }
	b.call(b.session, "Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil || len(data) < 20_000 {
		t.Errorf("a picture of %d bytes: %v", len(data), err)
	}
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), data, 0o644); err != nil {
			t.Error(err)
		}
	}
}
