// Package terraformtest asks terraform itself how it reads the texts of a file.
package terraformtest

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Outputs returns what terraform makes of values in its JSON syntax, by their names: letters, digits and underscores. The values
// may read the variables, each of which has a default. The test is skipped where terraform is not installed; everything else
// that goes wrong is fatal.
func Outputs[T any](t *testing.T, variables, values map[string]any) map[string]T {
	t.Helper()
	bin, err := exec.LookPath("terraform")
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("terraform is not installed")
	} else if err != nil {
		t.Fatal(err)
	}
	outputs := map[string]any{}
	for name, v := range values {
		outputs[name] = map[string]any{"value": v}
	}
	config := map[string]any{"output": outputs}
	if len(variables) > 0 {
		config["variable"] = variables
	}
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	run := func(args ...string) []byte {
		t.Helper()
		cmd := exec.CommandContext(ctx, bin, args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
		out, err := cmd.Output()
		if err != nil {
			var exit *exec.ExitError
			errors.As(err, &exit)
			t.Fatalf("terraform %s: %v\n%s%s", args[0], err, out, stderr(exit))
		}
		return out
	}
	run("init", "-input=false", "-no-color")
	run("apply", "-auto-approve", "-input=false", "-no-color")
	var got map[string]struct{ Value T }
	if err := json.Unmarshal(run("output", "-json", "-no-color"), &got); err != nil {
		t.Fatal(err)
	}
	out := map[string]T{}
	for name := range values {
		x, ok := got[name]
		if !ok {
			t.Fatalf("terraform says nothing about %s", name)
		}
		out[name] = x.Value
	}
	return out
}

func stderr(err *exec.ExitError) []byte {
	if err == nil {
		return nil
	}
	return err.Stderr
}
