// Package app is a Splunk app that holds saved searches: the files of its folder, and the archive that Splunk installs.
package app

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/onerule/onerule/internal/plainjson"
	"github.com/onerule/onerule/platform/splunk/conf"
)

// App is an app with saved searches and the macros that they call. Sources: app.conf.spec, default.meta.spec, and the app.manifest
// of Splunk's Packaging Toolkit.
type App struct {
	// ID is the name of the app's folder.
	ID string
	// Version is semantic: 1.4.0, 1.4.0-beta.2.
	Version string
	// Label is the app's name in Splunk Web, of 5 to 80 characters; Description has at most 200.
	Label, Author, Description string
	Searches                   []*conf.SavedSearch
	// Readme is README.md.
	Readme []byte
}

// File is a file of an app; Path is relative to the app's folder.
type File struct {
	Path string
	Data []byte
}

// The limits of app.conf.spec.
const (
	MinLabel       = 5
	MaxLabel       = 80
	MaxDescription = 200
)

var (
	idForm      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._]*$`)
	versionForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
	// reserved are the names that no folder has on some systems.
	reserved = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[1-9]|lpt[1-9])$`)
)

// Check says what of the app's own texts app.conf does not take.
func (a *App) Check() error {
	switch {
	case !idForm.MatchString(a.ID) || strings.HasSuffix(a.ID, ".") || reserved.MatchString(a.ID):
		return fmt.Errorf("%q is no id of an app: it has letters, digits, dots and _, and is no name that a system reserves", a.ID)
	case !versionForm.MatchString(a.Version):
		return fmt.Errorf("%q is no version of an app: write 1.4.0", a.Version)
	case utf8.RuneCountInString(a.Label) < MinLabel || utf8.RuneCountInString(a.Label) > MaxLabel:
		return fmt.Errorf("the label of an app has %d to %d characters: %q", MinLabel, MaxLabel, a.Label)
	case strings.HasPrefix(strings.ToLower(a.Label), "splunk"):
		return fmt.Errorf("the label of an app does not begin with Splunk: %q", a.Label)
	case utf8.RuneCountInString(a.Description) > MaxDescription:
		return fmt.Errorf("the description of an app has at most %d characters", MaxDescription)
	}
	return nil
}

// build is the number that has to change with the version.
func (a *App) build() string {
	m := versionForm.FindStringSubmatch(a.Version)
	n := 0
	for _, part := range m[1:4] {
		x, _ := strconv.Atoi(part)
		n = n*1000 + min(x, 999)
	}
	return strconv.Itoa(max(n, 1))
}

// meta is metadata/default.meta: everybody reads, administrators (sc_admin in Splunk Cloud) write, and other apps see what is in
// the app, as Enterprise Security has to.
const meta = `# Who may read and change what is in the app.
[]
access = read : [ * ], write : [ admin, sc_admin ]
export = system
`

// Files returns the files of the app's folder, sorted by path.
func (a *App) Files() ([]File, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	app, err := a.appConf()
	if err != nil {
		return nil, err
	}
	manifest, err := a.manifest()
	if err != nil {
		return nil, err
	}
	searches, macros, err := conf.EncodeFiles(a.Searches)
	if err != nil {
		return nil, err
	}
	out := []File{{"README.md", a.Readme}, {"app.manifest", manifest}, {"default/app.conf", app}, {"metadata/default.meta", []byte(meta)}}
	if macros != nil {
		out = append(out, File{"default/macros.conf", macros})
	}
	if searches != nil {
		out = append(out, File{"default/savedsearches.conf", searches})
	}
	slices.SortFunc(out, func(x, y File) int { return strings.Compare(x.Path, y.Path) })
	return out, nil
}

// appConf is default/app.conf.
func (a *App) appConf() ([]byte, error) {
	return conf.Write("# About the app.\n", []conf.Section{
		{Name: "package", Settings: [][2]string{{"id", a.ID}, {"check_for_updates", "0"}}},
		{Name: "id", Settings: [][2]string{{"name", a.ID}, {"version", a.Version}}},
		{Name: "install", Settings: [][2]string{{"is_configured", "0"}, {"state", "enabled"}, {"build", a.build()}}},
		{Name: "launcher", Settings: [][2]string{{"author", a.Author}, {"description", a.Description}, {"version", a.Version}}},
		{Name: "ui", Settings: [][2]string{{"is_visible", "0"}, {"label", a.Label}}},
	})
}

// The app.manifest of the Packaging Toolkit.
type (
	manifest struct {
		SchemaVersion string `json:"schemaVersion"`
		Info          info   `json:"info"`
	}
	info struct {
		Title       string   `json:"title"`
		ID          appID    `json:"id"`
		Author      []author `json:"author"`
		Description string   `json:"description"`
	}
	appID struct {
		Group   *string `json:"group"`
		Name    string  `json:"name"`
		Version string  `json:"version"`
	}
	author struct {
		Name    string  `json:"name"`
		Email   *string `json:"email"`
		Company *string `json:"company"`
	}
)

func (a *App) manifest() ([]byte, error) {
	return plainjson.Indented(manifest{"1.0.0", info{a.Label, appID{nil, a.ID, a.Version}, []author{{Name: a.Author}}, a.Description}})
}
