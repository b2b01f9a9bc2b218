package taxonomy

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/onerule/onerule/schema"
)

// TestData checks every log source of the data: that its classes are on its sources, that its fields are in the catalogue,
// and that some binding supplies each field for some class that the first choice names. Fields that Sigma has and no
// telemetry does are listed in testdata/unsupplied.txt: rules that read them are imported, and refused for each platform.
func TestData(t *testing.T) {
	unsupplied := map[string]bool{}
	defer func() { checkLedger(t, unsupplied) }()
	for _, l := range Logsources() {
		s, err := Find(l)
		if err != nil {
			t.Errorf("%s: %v", l, err)
			continue
		}
		for _, from := range s.From {
			checkFrom(t, l, from)
		}
		supplied := suppliedFields(t, s.From[0])
		for sigma, f := range s.Fields {
			names := []string{f.Name}
			switch f.Kind {
			case Hashes:
				names = nil
				for _, n := range f.Hashes {
					names = append(names, n)
				}
			case Keywords:
				names = nil
			case Plain, RegistryData, Mapped:
			}
			for _, n := range names {
				if _, ok := schema.Lookup(n); !ok {
					t.Errorf("%s: %s: the catalogue has no field %q", l, sigma, n)
				} else if !supplied[n] {
					unsupplied[l.String()+" "+sigma] = true
				}
			}
		}
		for _, c := range s.Where {
			if !supplied[c.Field] || len(c.Values) == 0 {
				t.Errorf("%s: nothing supplies %s, on which the log source depends", l, c.Field)
			}
			f, _ := schema.Lookup(c.Field)
			for _, v := range c.Values {
				if _, ok := schema.FromText(f.Type, v); !ok {
					t.Errorf("%s: %s: %q is no %s", l, c.Field, v, f.Type)
				}
			}
		}
	}
}

func checkLedger(t *testing.T, unsupplied map[string]bool) {
	t.Helper()
	known := ledger(t, "testdata/unsupplied.txt")
	for _, entry := range slices.Sorted(maps.Keys(unsupplied)) {
		if !known[entry] {
			t.Errorf("nothing supplies %s", entry)
		}
	}
	for _, entry := range slices.Sorted(maps.Keys(known)) {
		if !unsupplied[entry] {
			t.Errorf("stands in the ledger and is supplied: %s", entry)
		}
	}
}

func checkFrom(t *testing.T, l Logsource, from From) {
	t.Helper()
	for _, source := range from.Sources() {
		s, ok := schema.LookupSource(source)
		if !ok {
			t.Errorf("%s: no source %s", l, source)
		}
		for _, class := range from.Classes() {
			if !slices.Contains(s.Classes, class) {
				t.Errorf("%s: no class %s on %s", l, class, source)
			}
		}
	}
}

// suppliedFields returns the fields that some binding supplies for events of From.
func suppliedFields(t *testing.T, from From) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, name := range schema.BindingNames() {
		b, _, err := schema.LookupBinding(name)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(from.Sources(), b.Source) {
			continue
		}
		for _, class := range from.Classes() {
			if c, ok := b.Class(class); ok {
				for _, m := range c.Mappings {
					out[m.Field.Name] = true
				}
			}
		}
	}
	return out
}

func TestFind(t *testing.T) {
	for _, tc := range []struct {
		ls   Logsource
		from string
	}{
		{Logsource{Product: "windows", Category: "process_creation"}, "process.start on windows"},
		{Logsource{Product: "Windows", Category: "Process Creation"}, "process.start on windows"},
		{Logsource{Product: "windows", Category: "process_creation", Service: "sysmon"}, "process.start on windows"},
		{Logsource{Product: "windows", Category: "registry_event"}, "registry.change, registry.create, registry.delete, registry.rename on windows"},
		{Logsource{Product: "windows", Service: "security"}, "eventlog.record on windows"},
	} {
		s, err := Find(tc.ls)
		if err != nil {
			t.Errorf("%s: %v", tc.ls, err)
		} else if got := s.From[0].String(); got != tc.from {
			t.Errorf("%s is %s, want %s", tc.ls, got, tc.from)
		}
	}
}

func TestUnmapped(t *testing.T) {
	for _, tc := range []struct {
		ls   Logsource
		want string
		near string
	}{
		{Logsource{}, "empty", ""},
		{Logsource{Product: "windos", Category: "process_creation"}, "product `windos`", "windows/process_creation/-"},
		{Logsource{Product: "windows", Category: "proces_creation"}, "category `proces_creation`", "windows/process_creation/-"},
		{Logsource{Product: "windows", Service: "securty"}, "service `securty`", "windows/-/security"},
		{Logsource{Product: "linux", Category: "image_load"}, "sensors on Linux", ""},
		{Logsource{Category: "no_such"}, "category `no_such`", ""},
		{Logsource{Service: "no_such"}, "service `no_such`", ""},
	} {
		_, err := Find(tc.ls)
		var u *Unmapped
		if !errors.As(err, &u) {
			t.Errorf("%s: %v is no *Unmapped", tc.ls, err)
			continue
		}
		if !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %q, want a message with %q", tc.ls, err, tc.want)
		}
		if near := u.Near; tc.near != "" && (len(near) == 0 || near[0].String() != tc.near) {
			t.Errorf("%s: near %v, want %s first", tc.ls, near, tc.near)
		}
	}
}

func TestFields(t *testing.T) {
	s, err := Find(Logsource{Product: "windows", Category: "process_creation"})
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := s.Field("Image"); !ok || f.Name != "process.executable" || f.Kind != Plain {
		t.Errorf("Image is %+v", f)
	}
	if f, ok := s.Field("image"); ok {
		t.Errorf("image is %+v: names are exact", f)
	}
	for name, want := range map[string]string{"image": "Image", "Comandline": "CommandLine", "CommandLien": "CommandLine", "Qwertyuiop": ""} {
		if got := s.Near(name); got != want {
			t.Errorf("near %s is %q, want %q", name, got, want)
		}
	}
	f, _ := s.Field("Hashes")
	if name, ok := f.Hash("IMPHASH"); f.Kind != Hashes || !ok || name != "process.pe.imphash" {
		t.Errorf("IMPHASH is %s (%s)", name, f.Kind)
	}
	if _, ok := f.Hash("SHA512"); ok {
		t.Error("there is no SHA512")
	}
	s, _ = Find(Logsource{Product: "windows", Category: "network_connection"})
	f, _ = s.Field("Initiated")
	if v, ok := f.Value("True"); f.Kind != Mapped || !ok || v != "egress" {
		t.Errorf("Initiated true is %s (%s)", v, f.Kind)
	}
	if _, ok := f.Value("maybe"); ok {
		t.Error("maybe is no value of Initiated")
	}
}

func TestRegistryValue(t *testing.T) {
	for in, want := range map[string]string{
		"DWORD (0x00000001)": "1", "dword (0x000000fF)": "255", "QWORD (0x00000001-0x00000000)": "4294967296",
		"Binary Data": "Binary Data", "": "", "(Empty)": "(Empty)", "DWORD (0x1)": "DWORD (0x1)",
	} {
		if got := RegistryValue(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]bool{"DWORD (0x0000000": true, "(0x00000001)": true, "powershell": false, "dword": true} {
		if got := RegistryPart(in); got != want {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := load(files); err != nil {
			b.Fatal(err)
		}
	}
}
