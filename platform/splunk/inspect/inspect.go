// Package inspect judges the archive of a Splunk app by the rules that Splunk publishes for apps: the checks of AppInspect that
// concern an app of saved searches, and the specifications of the .conf files. It reads the archive only, and shares no code with
// what writes it.
package inspect

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Fault is something that Splunk, or its vetting of apps, would not take.
type Fault struct {
	// Check is the rule's name, Path the file inside of the archive, Line its line, 0 for the whole file.
	Check, Path string
	Line        int
	Message     string
	// Warning marks what the vetting of apps only warns of.
	Warning bool
}

// String is one line.
func (f Fault) String() string {
	if f.Line > 0 {
		return fmt.Sprintf("%s:%d: %s (%s)", f.Path, f.Line, f.Message, f.Check)
	}
	return fmt.Sprintf("%s: %s (%s)", f.Path, f.Message, f.Check)
}

// maxSize is the most that is read of an archive: Splunk Cloud takes 128 MB of a private app.
const maxSize = 128 << 20

// inspection is one run.
type inspection struct {
	faults []Fault
	// id is the archive's folder; files are the app's, by their path in it.
	id    string
	files map[string][]byte
	confs map[string]*confFile
}

func (x *inspection) fault(check, file string, line int, format string, args ...any) {
	x.faults = append(x.faults, Fault{Check: check, Path: file, Line: line, Message: fmt.Sprintf(format, args...)})
}

// Archive returns what is wrong with a .spl file, in the order of its files; nothing when Splunk would take it.
func Archive(data []byte) []Fault {
	x := &inspection{files: map[string][]byte{}, confs: map[string]*confFile{}}
	if len(data) > maxSize {
		x.fault("size", "", 0, "the archive has more than 128 MB")
	}
	if !x.unpack(data) {
		return x.faults
	}
	var names []string
	for name := range x.files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if strings.HasSuffix(name, ".conf") || strings.HasSuffix(name, ".meta") {
			x.confs[name] = x.parse(name, x.files[name])
		}
	}
	x.app()
	x.manifest()
	x.meta()
	x.macros()
	x.searches()
	x.lookups(names)
	return x.faults
}

// unpack reads the archive; false when there is nothing more to judge.
func (x *inspection) unpack(data []byte) bool {
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		x.fault("archive", "", 0, "no gzip file: %v", err)
		return false
	}
	r := tar.NewReader(io.LimitReader(zip, maxSize))
	seen := map[string]bool{}
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			x.fault("archive", "", 0, "no tar file: %v", err)
			return false
		}
		x.entry(h, seen)
		if h.Typeflag != tar.TypeReg {
			continue
		}
		text, err := io.ReadAll(r)
		if err != nil {
			x.fault("archive", h.Name, 0, "the file ends early: %v", err)
			return false
		}
		_, name, _ := strings.Cut(h.Name, "/")
		x.files[name] = text
	}
	if x.id == "" {
		x.fault("archive", "", 0, "the archive is empty")
		return false
	}
	return true
}

// entry judges the name and the permissions of a member.
func (x *inspection) entry(h *tar.Header, seen map[string]bool) {
	name := strings.TrimSuffix(h.Name, "/")
	if path.Clean("/" + name)[1:] != name || strings.Contains(name, `\`) {
		x.fault("name", h.Name, 0, "the path is not clean")
	}
	if seen[strings.ToLower(name)] {
		x.fault("name", h.Name, 0, "the file is there twice, where case is ignored")
	}
	seen[strings.ToLower(name)] = true
	top, rest, _ := strings.Cut(name, "/")
	if x.id == "" {
		x.id = top
	}
	if top != x.id {
		x.fault("one-folder", h.Name, 0, "an archive has one folder, %s", x.id)
	}
	if rest == "" && h.Typeflag != tar.TypeDir {
		x.fault("one-folder", h.Name, 0, "a file beside the app's folder")
	}
	for _, part := range strings.Split(name, "/") {
		if strings.HasPrefix(part, ".") || part == "__MACOSX" || part == "Thumbs.db" || strings.HasSuffix(part, "~") {
			x.fault("hidden", h.Name, 0, "%s does not belong into an app", part)
		}
	}
	switch folder, _, _ := strings.Cut(rest, "/"); {
	case folder == "local" || rest == "metadata/local.meta":
		x.fault("local", h.Name, 0, "local settings are the customer's")
	case folder == "bin":
		x.fault("executable", h.Name, 0, "the app holds no programs")
	}
	mode := h.FileInfo().Mode().Perm()
	switch h.Typeflag {
	case tar.TypeDir:
		if mode != 0o755 && mode != 0o700 {
			x.fault("permissions", h.Name, 0, "a folder has the permissions %o instead of 755", mode)
		}
	case tar.TypeReg:
		if mode != 0o644 && mode != 0o600 {
			x.fault("permissions", h.Name, 0, "a file has the permissions %o instead of 644", mode)
		}
		ext := strings.ToLower(path.Ext(name))
		if slices.Contains([]string{".tar", ".gz", ".tgz", ".zip", ".spl", ".7z", ".rar"}, ext) {
			x.fault("nested", h.Name, 0, "an archive in the archive")
		}
		if slices.Contains([]string{".exe", ".dll", ".so", ".sh", ".bat", ".ps1", ".py", ".pyc", ".jar"}, ext) {
			x.fault("executable", h.Name, 0, "a program")
		}
	default:
		x.fault("links", h.Name, 0, "a link or device")
	}
}

var (
	idForm      = regexp.MustCompile(`^[A-Za-z0-9._]+$`)
	versionForm = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
	deviceNames = regexp.MustCompile(`(?i)^(CON|PRN|AUX|NUL|COM[1-9]|LPT[1-9])$`)
	wholeForm   = regexp.MustCompile(`^[1-9][0-9]*$`)
)

// app judges default/app.conf.
func (x *inspection) app() {
	const file = "default/app.conf"
	c := x.confs[file]
	if c == nil {
		x.fault("app.conf", file, 0, "the file is missing")
		return
	}
	need := func(stanza, key string) string {
		v, line, ok := c.get(stanza, key)
		if !ok || v == "" {
			x.fault("app.conf", file, line, "[%s] %s is missing", stanza, key)
		}
		return v
	}
	id := need("package", "id")
	if id != x.id {
		x.fault("id", file, 0, "the id %q is not the name of the folder, %q", id, x.id)
	}
	if !idForm.MatchString(id) || strings.HasSuffix(id, ".") || deviceNames.MatchString(id) {
		x.fault("id", file, 0, "%q is no id", id)
	}
	if v, line, ok := c.get("package", "check_for_updates"); !ok || v != "0" && v != "false" {
		x.fault("updates", file, line, "a private app does not ask Splunkbase for updates")
	}
	version := need("id", "version")
	if !versionForm.MatchString(version) {
		x.fault("version", file, 0, "%q is no semantic version", version)
	}
	if need("launcher", "version") != version || need("id", "name") != id {
		x.fault("version", file, 0, "[id] and [launcher] or [package] do not agree")
	}
	if build := need("install", "build"); !wholeForm.MatchString(build) {
		x.fault("app.conf", file, 0, "build is %q, no positive number", build)
	}
	label := need("ui", "label")
	if n := utf8.RuneCountInString(label); n < 5 || n > 80 || strings.HasPrefix(strings.ToLower(label), "splunk") {
		x.fault("label", file, 0, "the label %q has not 5 to 80 characters, or begins with Splunk", label)
	}
	if utf8.RuneCountInString(need("launcher", "description")) > 200 {
		x.fault("description", file, 0, "the description has more than 200 characters")
	}
	need("launcher", "author")
	if st := c.stanza("triggers"); st != nil {
		x.fault("triggers", file, st.line, "reload triggers are for .conf files of the app's own")
	}
}

// manifest judges app.manifest, which an app may have.
func (x *inspection) manifest() {
	const file = "app.manifest"
	data, ok := x.files[file]
	if !ok {
		return
	}
	var m struct {
		SchemaVersion string
		Info          struct {
			Title string
			ID    struct{ Name, Version string }
		}
	}
	if err := json.Unmarshal(data, &m); err != nil {
		x.fault("manifest", file, 0, "no JSON: %v", err)
		return
	}
	if m.SchemaVersion == "" || m.Info.ID.Name != x.id {
		x.fault("manifest", file, 0, "schemaVersion is missing, or the name %q is not the app's", m.Info.ID.Name)
	}
	if c := x.confs["default/app.conf"]; c != nil {
		if v, _, _ := c.get("id", "version"); v != m.Info.ID.Version {
			x.fault("manifest", file, 0, "the version %q is not that of app.conf, %q", m.Info.ID.Version, v)
		}
	}
}

// meta judges metadata/default.meta.
func (x *inspection) meta() {
	const file = "metadata/default.meta"
	c := x.confs[file]
	if c == nil {
		x.fault("meta", file, 0, "the file is missing: nobody but the owner could write, or other apps see the macros")
		return
	}
	for _, st := range c.stanzas {
		v, line, ok := c.get(st.name, "access")
		if !ok {
			continue
		}
		_, write, found := strings.Cut(v, "write")
		if !found || !strings.Contains(write, "sc_admin") {
			x.fault("meta", file, line, "[%s] gives no role, or not sc_admin, the right to write", st.name)
		}
		if strings.Contains(write, "*") {
			x.fault("meta", file, line, "[%s] lets everybody write", st.name)
		}
	}
	if v, line, _ := c.get("", "export"); v != "system" {
		x.fault("meta", file, line, "the app's objects are not exported, so Enterprise Security does not see them")
	}
}

// lookups judges the files of lookups: comma-separated, each row as long as the first.
func (x *inspection) lookups(names []string) {
	for _, name := range names {
		if strings.HasPrefix(name, "lookups/") {
			x.csv(name, x.files[name])
		}
	}
}
