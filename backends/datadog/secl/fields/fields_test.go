package fields

import (
	"slices"
	"testing"
)

func TestLookup(t *testing.T) {
	for _, c := range []struct {
		name string
		want Field
	}{
		{"exec.file.path", Field{Name: "exec.file.path", Type: String, Compare: Path, Event: "exec", OS: Linux | Windows}},
		{"exec.file.path.length", Field{Name: "exec.file.path.length", Type: Int, Length: "exec.file.path", Event: "exec", OS: Linux | Windows}},
		{"process.ancestors.comm", Field{Name: "process.ancestors.comm", Type: String, List: true, Iterator: "process.ancestors", OS: Linux}},
		{"process.ancestors.length", Field{Name: "process.ancestors.length", Type: Int, Length: "process.ancestors", OS: Linux | Windows}},
		{"exec.argv", Field{Name: "exec.argv", Type: String, List: true, Event: "exec", OS: Linux}},
		{"exec.cmdline", Field{Name: "exec.cmdline", Type: String, Compare: Fold, Event: "exec", OS: Windows}},
		{"process.created_at", Field{Name: "process.created_at", Type: Int, Time: true, OS: Linux | Windows}},
		{"connect.addr.ip", Field{Name: "connect.addr.ip", Type: IP, Event: "connect", OS: Linux}},
		{"dns.question.name", Field{Name: "dns.question.name", Type: String, Compare: Fold, Event: "dns", OS: Linux}},
		{"process.is_kworker", Field{Name: "process.is_kworker", Type: Bool, OS: Linux}},
		{"open.filename", Field{Name: "open.file.path", Type: String, Compare: Path, Event: "open", OS: Linux}},
		{"signal.target.ancestors.file.name", Field{Name: "signal.target.ancestors.file.name", Type: String, Compare: Name, List: true, Iterator: "signal.target.ancestors", Event: "signal", OS: Linux}},
		{"open.registry.key_path", Field{Name: "open.registry.key_path", Type: String, Compare: Fold, Event: "open_key", OS: Windows}},
	} {
		if got, ok := Lookup(c.name); !ok || got != c.want {
			t.Errorf("%s is %+v, want %+v", c.name, got, c.want)
		}
	}
	if _, ok := Lookup("exec"); ok {
		t.Error("a bare event name is a field")
	}
	if got, _ := Lookup("network.destination.port"); !slices.Equal(got.Events(), []string{"dns", "imds", "packet"}) {
		t.Errorf("network fields are read on %v", got.Events())
	}
}

// TestTableIsWhole: every event type of the vendor's pages has fields, and every legacy name leads to one.
func TestTableIsWhole(t *testing.T) {
	events := EventTypes()
	for _, e := range []string{
		"accept", "bind", "bpf", "capabilities", "capset", "cgroup_write", "chdir", "chmod", "chown", "connect", "dns",
		"exec", "exit", "imds", "link", "load_module", "mkdir", "mmap", "mount", "mprotect", "network_flow_monitor", "open", "packet",
		"prctl", "ptrace", "removexattr", "rename", "rmdir", "selinux", "setgid", "setrlimit", "setsockopt", "setuid", "setxattr", "signal",
		"splice", "sysctl", "unlink", "unload_module", "utimes",
		"create", "delete", "write", "change_permission", "create_key", "open_key", "set_key_value", "delete_key",
	} {
		if !slices.Contains(events, e) {
			t.Errorf("no field of event %s", e)
		}
	}
	for old, name := range legacy {
		if _, ok := table()[name]; !ok {
			t.Errorf("%s leads to %s, which is no field", old, name)
		}
	}
	for _, n := range Names() {
		f, _ := Lookup(n)
		if f.Length != "" && f.Type != Int {
			t.Errorf("%s is a length and a %s", n, f.Type)
		}
	}
	if got := Iterators(); !slices.Contains(got, "process.ancestors") || !slices.Contains(got, "network_flow_monitor.flows") {
		t.Errorf("iterators %v", got)
	}
}

func TestConstants(t *testing.T) {
	for name, want := range map[string]int64{
		"O_CREAT": 0x40, "O_WRONLY": 1, "S_IXUSR": 0x40, "SIGKILL": 9, "EPERM": -1, "CAP_SYS_ADMIN": 1 << 21,
		"CLONE_NEWUSER": 0x10000000, "PTRACE_ATTACH": 16, "PROT_EXEC": 4, "BPF_PROG_LOAD": 5, "AF_INET6": 10, "IP_PROTO_TCP": 6, "AAAA": 28, "VM_EXEC": 4,
	} {
		if got, ok := ConstantValue(name); !ok || got != want {
			t.Errorf("%s is %d, want %d", name, got, want)
		}
	}
	for _, text := range []string{"A", "A b", "A 1 2", "A 1\nA 1"} {
		if got, err := readConstants(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
	if !slices.IsSorted(ConstantNames()) || len(ConstantNames()) != 914 {
		t.Errorf("%d constants, or unsorted ones", len(ConstantNames()))
	}
}

func TestNear(t *testing.T) {
	for in, want := range map[string]string{"exec.file.nam": "exec.file.name", "proces.comm": "process.comm", "O_CREATE": "O_CREAT", "exec.args_flag": "exec.args_flags"} {
		if got := Near(in); !slices.Contains(got, want) {
			t.Errorf("near %s: %v", in, got)
		}
	}
	if got := Near("completely.different"); len(got) != 0 {
		t.Errorf("near something else: %v", got)
	}
}
