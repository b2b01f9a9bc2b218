package terraform

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
)

// TestTerraformEscapes: terraform itself, where it is installed, reads any mixture of its own marks as the text that was meant.
func TestTerraformEscapes(t *testing.T) {
	bin, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("terraform is not installed")
	}
	pieces := []string{"$", "${", "$${", "%", "%{", "%%{", "{", "}", "var.x", "\"", "\\", "\n", "\t", "\r", "é", "e\u0301", "\U0001F600", "<", "\u0007", "if true", "~}", "\\${"}
	r := rand.New(rand.NewPCG(1, 2))
	want, outputs := map[string]string{}, map[string]any{}
	for i := range 400 {
		var b strings.Builder
		for range 1 + r.IntN(7) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		name := fmt.Sprint("t", i)
		want[name] = b.String()
		outputs[name] = map[string]any{"value": escape(b.String())}
	}
	dir := t.TempDir()
	config, err := json.Marshal(map[string]any{"output": outputs})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf.json"), config, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	run := func(args ...string) []byte {
		cmd := exec.CommandContext(ctx, bin, args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("terraform %s: %v\n%s", args[0], err, out)
		}
		return out
	}
	run("init", "-input=false")
	run("apply", "-auto-approve", "-input=false")
	var got map[string]struct{ Value string }
	if err := json.Unmarshal(run("output", "-json"), &got); err != nil {
		t.Fatal(err)
	}
	for name, text := range want {
		if got[name].Value != norm.NFC.String(text) {
			t.Errorf("%q is written %q and read %q", text, escape(text), got[name].Value)
		}
	}
}
