package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	es, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range es {
		out = append(out, e.Name())
	}
	return out
}

func TestWriteKeepsOldOnFailure(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "f")
	if err := WriteFile(name, []byte("old")); err != nil {
		t.Fatal(err)
	}
	failure := errors.New("half way")
	err := Write(name, func(f *os.File) error {
		if _, err := f.WriteString("ne"); err != nil {
			t.Fatal(err)
		}
		return failure
	})
	if !errors.Is(err, failure) || read(t, name) != "old" || len(entries(t, dir)) != 1 {
		t.Errorf("err %v, content %q, folder %v", err, read(t, name), entries(t, dir))
	}
}

func TestWriteKeepsModeAndLink(t *testing.T) {
	dir := t.TempDir()
	name, link := filepath.Join(dir, "f"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(name, nil, 0o600), os.Chmod(name, 0o640), os.Symlink("f", link)); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o640 || read(t, name) != "new" {
		t.Errorf("%v %v %q", err, info.Mode(), read(t, name))
	}
	if l, err := os.Lstat(link); err != nil || l.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced")
	}
}

func TestWriteRefusesFolder(t *testing.T) {
	if err := WriteFile(t.TempDir(), nil); err == nil {
		t.Error("a folder was written to")
	}
	if err := WriteFile(filepath.Join(t.TempDir(), "no", "f"), nil); err == nil {
		t.Error("a file in a missing folder was written")
	}
}

func TestReplaceDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "out")
	fill := func(text string) func(string) error {
		return func(tmp string) error { return os.WriteFile(filepath.Join(tmp, text), []byte(text), 0o644) }
	}
	yes, no := func(string) bool { return true }, func(string) bool { return false }
	if err := ReplaceDir(dir, no, fill("one")); err != nil {
		t.Fatal(err)
	}
	if err := ReplaceDir(dir, yes, fill("two")); err != nil {
		t.Fatal(err)
	}
	if got := entries(t, dir); len(got) != 1 || got[0] != "two" {
		t.Errorf("the folder holds %v", got)
	}
	if err := ReplaceDir(dir, no, fill("three")); !errors.Is(err, ErrForeign) {
		t.Errorf("foreign folder: %v", err)
	}
	failure := errors.New("half way")
	if err := ReplaceDir(dir, yes, func(string) error { return failure }); !errors.Is(err, failure) {
		t.Errorf("failing fill: %v", err)
	}
	if got := entries(t, dir); len(got) != 1 || got[0] != "two" {
		t.Errorf("after failures the folder holds %v", got)
	}
	if got := entries(t, filepath.Dir(dir)); len(got) != 1 {
		t.Errorf("left behind: %v", got)
	}
}
