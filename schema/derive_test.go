package schema

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestDerivationsSorted(t *testing.T) {
	for i := 1; i < len(Derivations); i++ {
		if Derivations[i-1].Name >= Derivations[i].Name {
			t.Errorf("%s stands behind %s", Derivations[i].Name, Derivations[i-1].Name)
		}
	}
}

func TestForward(t *testing.T) {
	for _, tc := range []struct {
		derive, native string
		want           []string
	}{
		{"after_at", "amira@corp.example", []string{"corp.example"}},
		{"after_at", "amira", nil},
		{"after_backslash", `CORP\amira`, []string{"amira"}},
		{"after_backslash", "amira", []string{"amira"}},
		{"basename_posix", "/usr/bin/bash", []string{"bash"}},
		{"basename_posix", "bash", []string{"bash"}},
		{"basename_posix", "/tmp/", []string{""}},
		{"basename_windows", `C:\Windows\System32\cmd.exe`, []string{"cmd.exe"}},
		{"before_at", "amira@corp.example", []string{"amira"}},
		{"before_at", "amira", []string{"amira"}},
		{"before_backslash", `CORP\amira`, []string{"CORP"}},
		{"before_backslash", "amira", nil},
		{"before_slash", "/etc/passwd", []string{"/etc"}},
		{"before_slash", "passwd", nil},
		{"common_name", `CN=eve,CN=Users,DC=corp`, []string{"eve"}},
		{"common_name", `cn=Example\, Eve,OU=x`, []string{"Example, Eve"}},
		{"common_name", `CN=a b,OU=x`, []string{"a b"}},
		{"common_name", `CN=eve`, []string{"eve"}},
		{"common_name", `CN=e\ve,OU=x`, nil},
		{"common_name", "-", nil},
		{"common_name", "OU=x,CN=eve", nil},
		{"extension", `C:\dir.d\file.TXT`, []string{"TXT"}},
		{"extension", "/a.b/file", nil},
		{"extension", "/a/.bashrc", []string{"bashrc"}},
		{"hash_md5", "SHA1=AA,MD5=BB,IMPHASH=CC", []string{"BB"}},
		{"hash_md5", "SHA1=AA", nil},
		{"hash_imphash", "SHA1=AA,IMPHASH=CC", []string{"CC"}},
		{"hex", "0x1a2c", []string{"6700"}},
		{"hex", "0x0", []string{"0"}},
		{"hex", "0x1A2C", nil},
		{"hex", "0x001a", nil},
		{"hex", "1a2c", nil},
		{"hex", "-", nil},
		{"json_text", `"Cloud Admins"`, []string{"Cloud Admins"}},
		{"json_text", `""`, []string{""}},
		{"json_text", `"`, nil},
		{"json_text", `"Admins \"A\""`, nil},
		{"json_text", `[]`, nil},
		{"json_text", "Admins", nil},
		{"posix_args", `useradd -c 'Eve E' "x y" a\ b`, []string{"useradd", "-c", "Eve E", "x y", "a b"}},
		{"registry_data", "DWORD (0x00000010)", []string{"16"}},
		{"registry_data", "QWORD (0x00000001-0x00000000)", []string{"4294967296"}},
		{"registry_data", "Binary Data", []string{"Binary Data"}},
		{"registry_hive", `HKEY_USERS\S-1-5-18\x`, []string{"HKU"}},
		{"registry_hive", `HKLMX\y`, nil},
		{"registry_key", `HKLM\System\Services\Updater\Start`, []string{`System\Services\Updater`}},
		{"registry_key", `HKLM\Start`, nil},
		{"registry_path", `HKEY_LOCAL_MACHINE\System\x`, []string{`HKLM\System\x`}},
		{"registry_path", `hkey_users\S-1-5-18`, []string{`HKU\S-1-5-18`}},
		{"registry_path", "HKEY_CURRENT_USER", []string{"HKCU"}},
		{"registry_path", `Other\x`, []string{`Other\x`}},
		{"windows_args", `"C:\Program Files\a.exe" /x "y z" \"q\"`, []string{`C:\Program Files\a.exe`, "/x", "y z", `"q"`}},
	} {
		d, ok := LookupDerivation(tc.derive)
		if !ok {
			t.Fatalf("no derivation %s", tc.derive)
		}
		if got := d.Forward(tc.native); !slices.Equal(got, tc.want) {
			t.Errorf("%s(%q) = %q, want %q", tc.derive, tc.native, got, tc.want)
		}
	}
}

// TestInverse checks that what an inverse makes comes back as what it was made from.
func TestInverse(t *testing.T) {
	texts := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"eve", `a\b`, "a/b", "a@b", "a.b", "x,y", "HKLM", `HKLM\x`, "42", `"q"`, "DWORD (0x00000001)", "net.exe", "-", " ", "a b"}))
	for _, d := range Derivations {
		t.Run(d.Name, func(t *testing.T) {
			made := 0
			rapid.Check(t, func(t *rapid.T) {
				want := []string{texts.Draw(t, "value")}
				if d.Name == "posix_args" || d.Name == "windows_args" {
					want = append(want, rapid.SliceOfN(texts, 0, 3).Draw(t, "more")...)
				}
				if d.Name == "hex" {
					want = []string{Int(rapid.Int64().Draw(t, "number")).String()}
				}
				if d.Name == "registry_hive" {
					want = []string{rapid.SampledFrom([]string{"HKLM", "HKU", "HKCR", "hklm", "HKLM2", ""}).Draw(t, "hive")}
				}
				native, ok := d.Inverse(want)
				if !ok {
					return
				}
				made++
				if got := d.Forward(native); !reflect.DeepEqual(got, want) {
					t.Fatalf("%q was made from %q and gives %q", native, want, got)
				}
			})
			if made == 0 {
				t.Error("the inverse never made anything")
			}
		})
	}
}
