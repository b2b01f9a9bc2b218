package fields

import "strings"

// builder collects the fields by name.
type builder map[string]Field

// A row of the tables below is "name type [flags]": types s text, n number, b boolean, ip address; with [] several values. Flags:
// path, name, fold, ext (how it is compared), time (nanoseconds), len (there is a field .length), domain (a field .root_domain).
func (b builder) add(prefix, event, iterator string, os OS, rows string) {
	for _, row := range strings.Split(strings.TrimSpace(rows), "\n") {
		words := strings.Fields(row)
		if len(words) < 2 {
			continue
		}
		name, typ, flags := words[0], words[1], words[2:]
		f := Field{Name: prefix + name, Event: event, Iterator: iterator, List: iterator != "", OS: os}
		if rest, ok := strings.CutSuffix(typ, "[]"); ok {
			typ, f.List = rest, true
		}
		f.Type = map[string]Type{"s": String, "n": Int, "b": Bool, "ip": IP}[typ]
		length, domain := false, false
		for _, flag := range flags {
			switch flag {
			case "path":
				f.Compare, length = Path, true
			case "name":
				f.Compare, length = Name, true
			case "winname":
				f.Compare = Name
			case "fold":
				f.Compare = Fold
			case "ext":
				f.Compare = Extension
			case "time":
				f.Time = true
			case "len":
				length = true
			case "domain":
				domain = true
			}
		}
		b.put(f)
		if length {
			b.put(Field{Name: f.Name + ".length", Type: Int, Length: f.Name, List: f.List, Event: event, Iterator: iterator, OS: os})
		}
		if domain {
			b.put(Field{Name: f.Name + ".root_domain", Type: String, Compare: f.Compare, List: f.List, Event: event, Iterator: iterator, OS: os})
		}
	}
}

// put adds a field; one that both systems have stays one field.
func (b builder) put(f Field) {
	if old, ok := b[f.Name]; ok {
		f.OS |= old.OS
		if old.Compare != Exact {
			f.Compare = old.Compare
		}
	}
	b[f.Name] = f
}

// under puts a prefix before each row.
func under(prefix, rows string) string {
	var out strings.Builder
	for _, row := range strings.Split(strings.TrimSpace(rows), "\n") {
		out.WriteString(prefix + strings.TrimSpace(row) + "\n")
	}
	return out.String()
}

const linuxFile = `
	uid n
	user s
	gid n
	group s
	mode n
	rights n
	change_time n time
	modification_time n time
	inode n
	mount_id n
	mount_visible b
	mount_detached b
	in_upper_layer b
	path s path
	name s name
	filesystem s
	extension s ext
	package.name s
	package.version s
	package.epoch n
	package.release s
	package.source_version s
	package.source_epoch n
	package.source_release s
	hashes s[]
`

const fileMetadata = `
	file.metadata.size n
	file.metadata.type n
	file.metadata.is_executable b
	file.metadata.architecture n
	file.metadata.abi n
	file.metadata.is_upx_packed b
	file.metadata.compression n
	file.metadata.is_garble_obfuscated b
	file.metadata.linkage n
`

var linuxProcess = `
	pid n
	tid n
	ppid n
	sid n
	netns n
	mntns n
	is_kworker b
	is_thread b
	is_exec b
	comm s
	tty_name s
	created_at n time
	uid n
	gid n
	user s
	group s
	euid n
	egid n
	euser s
	egroup s
	fsuid n
	fsgid n
	fsuser s
	fsgroup s
	auid n
	cap_effective n
	cap_permitted n
	caps_attempted n
	caps_used n
	argv0 s
	args s
	argv s[]
	args_flags s[]
	args_options s[]
	args_truncated b
	envs s[]
	envp s[]
	envs_truncated b
	cgroup.id s
	cgroup.version n
	cgroup.created_at n time
	cgroup.file.inode n
	cgroup.file.mount_id n
	container.id s
	container.created_at n time
	container.tags s[]
	container.runtime s
	user_session.session_type n
	user_session.id s
	user_session.identity s
	user_session.k8s_session_id n
	user_session.k8s_username s
	user_session.k8s_uid s
	user_session.k8s_groups s[]
	user_session.ssh_session_id n
	user_session.ssh_username s
	user_session.ssh_client_ip ip
	user_session.ssh_client_port n
	user_session.ssh_port n
	user_session.ssh_auth_method n
	user_session.ssh_public_key s
` + under("file.", linuxFile) + under("interpreter.file.", linuxFile)

const address = `
	addr.ip ip
	addr.port n
	addr.is_public b
	addr.family n
`

const network = `
	device.netns n
	device.ifname s
	device.ifindex n
	l3_protocol n
	l4_protocol n
	source.ip ip
	source.port n
	source.is_public b
	destination.ip ip
	destination.port n
	destination.is_public b
	network_direction n
	size n
	type n
`

// commonEvent are the fields of every event.
const commonEvent = `
	event.timestamp n time
	event.os s
	event.origin s
	event.service s
	event.hostname s
	event.source s
	event.signature s
	event.async b
	event.rule.tags s[]
	container.id s
	container.created_at n time
	container.tags s[]
	container.runtime s
	cgroup.id s
	cgroup.version n
	cgroup.created_at n time
	cgroup.manager s
`

// process adds a process with its parent and ancestors.
func (b builder) process(prefix, event string, os OS, rows string) {
	b.add(prefix, event, "", os, rows)
	b.add(prefix+"parent.", event, "", os, rows)
	b.add(prefix+"ancestors.", event, prefix+"ancestors", os, rows)
	b.put(Field{Name: prefix + "ancestors.length", Type: Int, Length: prefix + "ancestors", Event: event, OS: os})
}

func (b builder) linux() {
	b.add("", "", "", Linux, commonEvent)
	b.process("process.", "", Linux, linuxProcess)
	b.add("network.", "", "", Linux, network)
	b.add("exec.", "exec", "", Linux, linuxProcess+fileMetadata+"syscall.path s")
	b.add("exit.", "exit", "", Linux, linuxProcess+"cause n\ncode n")
	for event, rows := range linuxEvents {
		b.add(event+".", event, "", Linux, rows)
	}
	b.process("ptrace.tracee.", "ptrace", Linux, linuxProcess)
	b.process("signal.target.", "signal", Linux, linuxProcess)
	b.process("setrlimit.target.", "setrlimit", Linux, linuxProcess)
	const flows = "network_flow_monitor.flows"
	b.add(flows+".", "network_flow_monitor", flows, Linux, `
		source.ip ip
		source.port n
		source.is_public b
		destination.ip ip
		destination.port n
		destination.is_public b
		l3_protocol n
		l4_protocol n
		ingress.data_size n
		ingress.packet_count n
		egress.data_size n
		egress.packet_count n
	`)
	b.put(Field{Name: flows + ".length", Type: Int, Length: flows, Event: "network_flow_monitor", OS: Linux})
}

var file = under("file.", linuxFile)

var destinationFile = under("file.destination.", linuxFile)

const mode = "file.destination.mode n\nfile.destination.rights n\n"

var linuxEvents = map[string]string{
	"accept":               "retval n\naddr.hostname s[] len domain" + address,
	"bind":                 "retval n\nprotocol n" + address,
	"connect":              "retval n\nprotocol n\naddr.hostname s[] len domain" + address,
	"setsockopt":           "retval n\nsocket_type n\nsocket_family n\nfilter_len n\nsocket_protocol n\nlevel n\noptname n\nis_filter_truncated b\nfilter_instructions s\nfilter_hash s\nused_immediates n[]",
	"socket":               "retval n\ndomain n\ntype n\nprotocol n",
	"bpf":                  "retval n\ncmd n\nmap.type n\nmap.name s\nprog.type n\nprog.attach_type n\nprog.helpers n[]\nprog.name s\nprog.tag s",
	"capabilities":         "attempted n\nused n",
	"capset":               "cap_effective n\ncap_permitted n",
	"cgroup_write":         "pid n\n" + file,
	"chdir":                "retval n\nsyscall.path s\n" + file,
	"chmod":                "retval n\nsyscall.path s\nsyscall.mode n\n" + file + mode,
	"chown":                "retval n\nsyscall.path s\nsyscall.uid n\nsyscall.gid n\nfile.destination.uid n\nfile.destination.user s\nfile.destination.gid n\nfile.destination.group s\n" + file,
	"dns":                  "id n\nquestion.name s fold len domain\nquestion.type n\nquestion.class n\nquestion.length n\nquestion.count n\nresponse.code n",
	"imds":                 "type s\ncloud_provider s\nurl s\nhost s\nuser_agent s\nserver s\naws.is_imds_v2 b\naws.security_credentials.type s",
	"link":                 "retval n\nsyscall.path s\nsyscall.destination.path s\n" + file + destinationFile,
	"load_module":          "retval n\nloaded_from_memory b\nname s\nargs s\nargv s[]\nargs_truncated b\n" + file,
	"mkdir":                "retval n\nsyscall.path s\nsyscall.mode n\n" + file + mode,
	"mmap":                 "retval n\nprotection n\nflags n\n" + file,
	"mount":                "retval n\nfs_type s\ndetached b\nvisible b\nmountpoint.path s path\nsource.path s path\nroot.path s path\nsyscall.source.path s\nsyscall.mountpoint.path s\nsyscall.fs_type s",
	"mprotect":             "retval n\nvm_protection n\nreq_protection n",
	"network_flow_monitor": "device.netns n\ndevice.ifname s\ndevice.ifindex n",
	"ondemand": "name s\narg1.str s\narg1.uint n\narg2.str s\narg2.uint n\narg3.str s\narg3.uint n\n" +
		"arg4.str s\narg4.uint n\narg5.str s\narg5.uint n\narg6.str s\narg6.uint n",
	"open":          "retval n\nflags n\nsyscall.path s\nsyscall.flags n\nsyscall.mode n\nfile.destination.mode n\n" + file,
	"packet":        "filter s\ntls.version n\n" + network,
	"prctl":         "retval n\noption n\nnew_name s\nis_name_truncated b",
	"ptrace":        "retval n\nrequest n",
	"removexattr":   "retval n\nfile.destination.namespace s\nfile.destination.name s\n" + file,
	"rename":        "retval n\nsyscall.path s\nsyscall.destination.path s\n" + file + destinationFile,
	"rmdir":         "retval n\nsyscall.path s\n" + file,
	"selinux":       "bool.name s\nbool.state s\nbool_commit.state b\nenforce.status s",
	"setgid":        "gid n\ngroup s\negid n\negroup s\nfsgid n\nfsgroup s",
	"setrlimit":     "retval n\nresource n\nrlim_cur n\nrlim_max n",
	"setuid":        "uid n\nuser s\neuid n\neuser s\nfsuid n\nfsuser s",
	"setxattr":      "retval n\nfile.destination.namespace s\nfile.destination.name s\n" + file,
	"signal":        "retval n\ntype n\npid n",
	"splice":        "retval n\npipe_entry_flag n\npipe_exit_flag n\n" + file,
	"sysctl":        "action n\nfile_position n\nname s\nname_truncated b\nold_value s\nold_value_truncated b\nvalue s\nvalue_truncated b",
	"unlink":        "retval n\nflags n\nsyscall.dirfd n\nsyscall.path s\nsyscall.flags n\n" + file,
	"unload_module": "retval n\nname s",
	"unshare":       "retval n\nflags n",
	"utimes":        "retval n\nsyscall.path s\n" + file,
}

const windowsProcess = `
	pid n
	ppid n
	cmdline s fold
	container.id s
	created_at n time
	user s
	user_sid s
	envs s[]
	envp s[]
	file.path s path
	file.name s name
	file.extension s ext
`

const windowsFile = `
	file.path s path
	file.name s name
	file.device_path s path
	file.extension s ext
`

func (b builder) windows() {
	b.add("", "", "", Windows, commonEvent)
	b.process("process.", "", Windows, windowsProcess)
	b.add("exec.", "exec", "", Windows, windowsProcess)
	b.add("exit.", "exit", "", Windows, windowsProcess+"cause n\ncode n")
	for _, event := range []string{"create", "delete", "write"} {
		b.add(event+".", event, "", Windows, windowsFile)
	}
	b.add("rename.", "rename", "", Windows, windowsFile+`
		file.destination.path s path
		file.destination.name s name
		file.destination.device_path s path
		file.destination.extension s ext`)
	b.add("change_permission.", "change_permission", "", Windows, "path s\ntype s\nold_sd s\nnew_sd s\nusername s\nuser_domain s")
	const key = "registry.key_name s fold len\nregistry.key_path s fold len\n"
	// A registry event also answers to its name without _key (create.registry.key_path).
	for event, prefixes := range map[string][]string{
		"create_key": {"create_key.", "create."}, "delete_key": {"delete_key.", "delete."}, "open_key": {"open_key.", "open."},
	} {
		for _, p := range prefixes {
			b.add(p, event, "", Windows, key)
		}
	}
	for _, p := range []string{"set_key_value.", "set."} {
		b.add(p, "set_key_value", "", Windows, key+"registry.value_name s fold len\nvalue_name s")
	}
}

// legacy translates names of agents before 7.27 (legacy_secl.go).
var legacy = map[string]string{
	"chmod.filename": "chmod.file.path", "chmod.basename": "chmod.file.name", "chmod.mode": "chmod.file.destination.mode",
	"chown.filename": "chown.file.path", "chown.basename": "chown.file.name", "chown.uid": "chown.file.destination.uid",
	"chown.user": "chown.file.destination.user", "chown.gid": "chown.file.destination.gid", "chown.group": "chown.file.destination.group",
	"open.filename": "open.file.path", "open.basename": "open.file.name", "open.mode": "open.file.destination.mode",
	"mkdir.filename": "mkdir.file.path", "mkdir.basename": "mkdir.file.name", "mkdir.mode": "mkdir.file.destination.mode",
	"rmdir.filename": "rmdir.file.path", "rmdir.basename": "rmdir.file.name",
	"rename.old.filename": "rename.file.path", "rename.old.basename": "rename.file.name",
	"rename.new.filename": "rename.file.destination.path", "rename.new.basename": "rename.file.destination.name",
	"unlink.filename": "unlink.file.path", "unlink.basename": "unlink.file.name",
	"utimes.filename": "utimes.file.path", "utimes.basename": "utimes.file.name",
	"link.source.filename": "link.file.path", "link.source.basename": "link.file.name",
	"link.target.filename": "link.file.destination.path", "link.target.basename": "link.file.destination.name",
	"exec.filename": "exec.file.path", "exec.basename": "exec.file.name", "exec.name": "exec.comm",
	"process.filename": "process.file.path", "process.basename": "process.file.name", "process.name": "process.comm",
	"process.ancestors.filename": "process.ancestors.file.path", "process.ancestors.basename": "process.ancestors.file.name",
	"process.ancestors.name": "process.ancestors.comm",
}
