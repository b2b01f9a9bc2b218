package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// The files for those who use OneRule from elsewhere: their command lines must be ones that this version takes.

func readYAML(t *testing.T, name string, to any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, to); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// parses reports why a command line is none of ours: an unknown command, flag or number of arguments.
func parses(t *testing.T, from, line string) {
	t.Helper()
	args := strings.Fields(line)
	if len(args) == 0 || args[0] != "onerule" {
		t.Errorf("%s: %q does not begin with onerule", from, line)
		return
	}
	cmd, rest, err := newRoot().Find(args[1:])
	if err != nil || !cmd.HasParent() {
		t.Errorf("%s: %q: %v", from, line, err)
		return
	}
	if err := cmd.ParseFlags(rest); err != nil {
		t.Errorf("%s: %q: %v", from, line, err)
		return
	}
	if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
		t.Errorf("%s: %q: %v", from, line, err)
	}
	for flag, known := range map[string][]string{"format": slices.Concat(checkFormats, testFormats, diffFormats), "report": {"text", "json", "junit", "html", "sarif", "github"}} {
		if f := cmd.Flags().Lookup(flag); f != nil && !slices.Contains(known, f.Value.String()) {
			t.Errorf("%s: %q: --%s %s", from, line, flag, f.Value)
		}
	}
}

var (
	optional   = regexp.MustCompile(`\$\{[A-Z]+:\+([^}]*)\}`) // ${TARGET:+--target "$TARGET"}
	shellValue = regexp.MustCompile(`"\$([A-Z]+)"`)
	expression = regexp.MustCompile(`\$\{\{(.*?)\}\}`)
)

func TestAction(t *testing.T) {
	var action struct {
		Name, Description, Author string
		Branding                  map[string]string
		Inputs                    map[string]struct {
			Description string
			Default     *string
		}
		Outputs map[string]struct{ Description, Value string }
		Runs    struct {
			Using string
			Steps []struct {
				Name, ID, If, Shell, Run string
				Env                      map[string]string
			}
		}
	}
	readYAML(t, "action.yml", &action)
	if action.Name == "" || action.Description == "" || action.Runs.Using != "composite" || len(action.Runs.Steps) == 0 {
		t.Errorf("%+v", action)
	}
	for name, in := range action.Inputs {
		if in.Description == "" || in.Default == nil {
			t.Errorf("the input %s has no description or no default", name)
		}
	}
	inputs := func(where, text string) {
		for _, m := range regexp.MustCompile(`inputs\.([a-z-]+)`).FindAllStringSubmatch(text, -1) {
			if _, ok := action.Inputs[m[1]]; !ok {
				t.Errorf("%s reads the input %s, which there is not", where, m[1])
			}
		}
	}
	used := map[string]bool{}
	for _, s := range action.Runs.Steps {
		if s.Name == "" || s.Shell != "bash" || s.Run == "" {
			t.Errorf("step %q has no name, shell or command", s.Name)
		}
		inputs(s.Name, s.If)
		for _, v := range s.Env {
			inputs(s.Name, v)
		}
		if expression.MatchString(s.Run) {
			t.Errorf("step %q puts an expression into a script, where its value would be run", s.Name)
		}
		for _, m := range shellValue.FindAllStringSubmatch(s.Run, -1) {
			if _, ok := s.Env[m[1]]; !ok && !strings.HasPrefix(m[1], "RUNNER_") && !strings.HasPrefix(m[1], "GITHUB_") {
				t.Errorf("step %q uses $%s without a value", s.Name, m[1])
			}
		}
		for _, line := range strings.Split(s.Run, "\n") {
			line = strings.TrimSpace(line)
			if !strings.HasPrefix(line, "onerule ") {
				continue
			}
			line = shellValue.ReplaceAllString(optional.ReplaceAllString(line, "$1"), "x")
			parses(t, "action.yml, "+s.Name, line)
			used[strings.Fields(line)[1]] = true
		}
	}
	for _, command := range []string{"check", "test", "verify", "build", "diff"} {
		if !used[command] {
			t.Errorf("the action does not run %s", command)
		}
	}
}

func TestPreCommitHooks(t *testing.T) {
	var hooks []struct{ ID, Name, Description, Entry, Language, Files string }
	readYAML(t, ".pre-commit-hooks.yaml", &hooks)
	for _, h := range hooks {
		if h.ID == "" || h.Name == "" || h.Language != "golang" {
			t.Errorf("%+v", h)
		}
		if re, err := regexp.Compile(h.Files); err != nil || !re.MatchString("rules/a.rule") || re.MatchString("a.rules") {
			t.Errorf("%s: files %q: %v", h.ID, h.Files, err)
		}
		parses(t, h.ID, h.Entry+" a.rule b.rule")
	}
	if len(hooks) != 3 {
		t.Errorf("%d hooks", len(hooks))
	}
}

func TestGoReleaser(t *testing.T) {
	var release struct {
		Version int
		Builds  []struct {
			Main   string
			Env    []string
			Goos   []string
			Goarch []string
		}
		Archives []struct {
			NameTemplate string `yaml:"name_template"`
			Formats      []string
			Files        []string
		}
		Checksum struct {
			NameTemplate string `yaml:"name_template"`
		}
	}
	readYAML(t, ".goreleaser.yaml", &release)
	if release.Version != 2 || len(release.Builds) != 1 || !slices.Contains(release.Builds[0].Env, "CGO_ENABLED=0") || release.Checksum.NameTemplate != "checksums.txt" {
		t.Errorf("%+v", release)
	}
	for _, f := range append(release.Archives[0].Files, release.Builds[0].Main) {
		if _, err := os.Stat(filepath.Join("..", "..", f)); err != nil {
			t.Error(err)
		}
	}
	// The action downloads what the release makes.
	action, err := os.ReadFile(filepath.Join("..", "..", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if release.Archives[0].NameTemplate != "onerule_{{ .Os }}_{{ .Arch }}" || !strings.Contains(string(action), `file="onerule_${os}_${arch}.${ext}"`) || !strings.Contains(string(action), "checksums.txt") {
		t.Error("action.yml and .goreleaser.yaml name the files differently")
	}
}

func TestDockerfile(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	stages := strings.Split(string(data), "\nFROM ")
	last := stages[len(stages)-1]
	for _, want := range []string{"scratch", "USER 65532:65532", `ENTRYPOINT ["/onerule"]`, "COPY --from=build /onerule /onerule"} {
		if !strings.Contains(last, want) {
			t.Errorf("the image has no %q", want)
		}
	}
	mod, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	language := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(mod))
	if image := regexp.MustCompile(`FROM golang:(\S+)`).FindStringSubmatch(string(data)); language == nil || image == nil || image[1] != language[1] {
		t.Errorf("the image builds with %v, go.mod says %v", image, language)
	}
	if !strings.Contains(string(data), "CGO_ENABLED=0") {
		t.Error("the binary is not static")
	}
}
