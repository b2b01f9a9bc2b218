// Package atomicfile writes files and folders so that nobody ever sees them half-written: the new content is made beside
// the old under another name, and takes its place when it is complete.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Write writes a file with a function. The file appears, or is replaced, only when the function succeeds; a file that is
// replaced keeps its permissions. What is no regular file (a device, a pipe) is written to directly.
func Write(name string, write func(*os.File) error) error {
	mode := fs.FileMode(0o644)
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target // keep the link, replace what it points to
	}
	if info, err := os.Stat(name); err == nil {
		switch {
		case info.IsDir():
			return &fs.PathError{Op: "write", Path: name, Err: errors.New("it is a folder")}
		case !info.Mode().IsRegular():
			return writeThrough(name, write)
		}
		mode = info.Mode().Perm()
		if err := writable(name); err != nil {
			return err
		}
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*.tmp")
	if err != nil {
		return describe(err, name)
	}
	err = errors.Join(write(f), f.Chmod(mode), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(describe(err, name), os.Remove(f.Name()))
	}
	return nil
}

// writable says no to a file that may not be written, although its folder would let it be replaced.
func writable(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

func writeThrough(name string, write func(*os.File) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// describe names the file that the user knows instead of the temporary one.
func describe(err error, name string) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return &fs.PathError{Op: pe.Op, Path: name, Err: pe.Err}
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		return &fs.PathError{Op: "write", Path: name, Err: le.Err}
	}
	return err
}

// WriteFile is [Write] for bytes that are there.
func WriteFile(name string, data []byte) error {
	return Write(name, func(f *os.File) error {
		_, err := f.Write(data)
		return err
	})
}

// ErrForeign is the error of [ReplaceDir] when the folder holds what was not written by us.
var ErrForeign = errors.New("the folder holds files that were not written by an earlier build")

// ReplaceDir fills a folder. fill writes into a new empty folder beside it; when fill succeeds, the new folder takes the
// place of the old one. ours decides about an old folder that is not empty: when it says no, nothing is touched and the error
// is [ErrForeign].
func ReplaceDir(dir string, ours func(dir string) bool, fill func(tmp string) error) error {
	dir = filepath.Clean(dir)
	if target, err := filepath.EvalSymlinks(dir); err == nil {
		dir = target
	}
	old, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case len(old) > 0 && !ours(dir):
		return ErrForeign
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+".*.tmp")
	if err != nil {
		return describe(err, dir)
	}
	err = errors.Join(fill(tmp), os.Chmod(tmp, 0o755))
	if err == nil {
		err = swap(tmp, dir)
	}
	if err != nil {
		return errors.Join(describe(err, dir), os.RemoveAll(tmp))
	}
	return nil
}

// swap puts tmp at the place of dir, which may be there already. Between the two renames there is no folder for a moment,
// but never a mixed one; when the second fails the old one comes back.
func swap(tmp, dir string) error {
	away := tmp + ".old"
	err := os.Rename(dir, away)
	if errors.Is(err, fs.ErrNotExist) {
		return os.Rename(tmp, dir)
	}
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, dir); err != nil {
		return errors.Join(err, os.Rename(away, dir))
	}
	if err := os.RemoveAll(away); err != nil {
		return fmt.Errorf("the new folder is in place, the old one could not be removed: %w", err)
	}
	return nil
}
