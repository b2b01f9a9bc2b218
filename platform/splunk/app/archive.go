package app

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/onerule/onerule/internal/plainjson"
	"github.com/onerule/onerule/platform/splunk/conf"
)

// maxArchive is how much Splunk Cloud takes of a private app, and here the most that is read, unpacked.
const maxArchive = 128 << 20

// Archive returns the app as a .spl file: a gzipped tar of one folder. The same app gives the same bytes.
func (a *App) Archive() ([]byte, error) {
	files, err := a.Files()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	zip, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	w := tar.NewWriter(zip)
	for _, dir := range folders(files) {
		if err := w.WriteHeader(header(path.Join(a.ID, dir)+"/", tar.TypeDir, 0o755, 0)); err != nil {
			return nil, err
		}
	}
	for _, f := range files {
		if err := w.WriteHeader(header(path.Join(a.ID, f.Path), tar.TypeReg, 0o644, len(f.Data))); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.Data); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(w.Close(), zip.Close()); err != nil {
		return nil, err
	}
	if b.Len() > maxArchive {
		return nil, fmt.Errorf("the archive has %d MB, and Splunk Cloud takes 128", b.Len()>>20)
	}
	return b.Bytes(), nil
}

// header is the same for all files but for what has to differ.
func header(name string, kind byte, mode int64, size int) *tar.Header {
	return &tar.Header{Name: name, Typeflag: kind, Mode: mode, Size: int64(size), ModTime: time.Unix(0, 0).UTC(), Format: tar.FormatUSTAR}
}

// folders are the folders of files, the app's own ("") first.
func folders(files []File) []string {
	out := []string{""}
	for _, f := range files {
		if dir := path.Dir(f.Path); dir != "." && !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	slices.Sort(out)
	return out
}

// Unpack returns the id and the files of an archive.
func Unpack(archive []byte) (id string, files []File, err error) {
	zip, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return "", nil, err
	}
	r := tar.NewReader(io.LimitReader(zip, maxArchive))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return id, files, nil
		}
		if err != nil {
			return "", nil, err
		}
		top, rest, _ := strings.Cut(h.Name, "/")
		if id == "" {
			id = top
		}
		if top != id || strings.Contains("/"+rest+"/", "/../") {
			return "", nil, fmt.Errorf("%s is not in the folder %s", h.Name, id)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return "", nil, err
		}
		files = append(files, File{rest, data})
	}
}

// Read returns the app of an archive that Archive wrote.
func Read(archive []byte) (*App, error) {
	id, files, err := Unpack(archive)
	if err != nil {
		return nil, err
	}
	data := map[string][]byte{}
	for _, f := range files {
		data[f.Path] = f.Data
	}
	var m manifest
	if err := plainjson.Strict(data["app.manifest"], &m); err != nil {
		return nil, fmt.Errorf("app.manifest: %w", err)
	}
	a := &App{ID: id, Version: m.Info.ID.Version, Label: m.Info.Title, Description: m.Info.Description, Readme: data["README.md"]}
	if len(m.Info.Author) > 0 {
		a.Author = m.Info.Author[0].Name
	}
	a.Searches, err = conf.DecodeFiles(data["default/savedsearches.conf"], data["default/macros.conf"])
	return a, err
}
