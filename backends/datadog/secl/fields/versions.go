package fields

// versions are the first agents that have an event type, on Linux and on Windows. Source: the tables "Triggers" of the vendor's pages
// "Linux Agent attributes and helpers" and "Windows Agent attributes and helpers", column Agent Version.
var versions = map[string]map[string]string{
	"linux": {
		"accept": "7.63", "bind": "7.37", "bpf": "7.33", "capabilities": "7.70", "capset": "7.27", "cgroup_write": "7.68", "chdir": "7.52", "chmod": "7.27",
		"chown": "7.27", "connect": "7.60", "dns": "7.36", "exec": "7.27", "exit": "7.38", "imds": "7.55", "link": "7.27", "load_module": "7.35", "mkdir": "7.27",
		"mmap": "7.35", "mount": "7.42", "mprotect": "7.35", "network_flow_monitor": "7.63", "open": "7.27", "packet": "7.60", "prctl": "7.71", "ptrace": "7.35",
		"removexattr": "7.27", "rename": "7.27", "rmdir": "7.27", "selinux": "7.30", "setgid": "7.27", "setrlimit": "7.68", "setsockopt": "7.68", "setuid": "7.27",
		"setxattr": "7.27", "signal": "7.35", "splice": "7.36", "sysctl": "7.65", "unlink": "7.27", "unload_module": "7.35", "utimes": "7.27",
	},
	"windows": {
		"change_permission": "7.55", "create": "7.52", "create_key": "7.52", "delete": "7.54", "delete_key": "7.52", "exec": "7.27", "exit": "7.38", "open_key": "7.52",
		"rename": "7.54", "set_key_value": "7.52", "write": "7.54",
	},
}

// DeepPaths is the first agent that reads ** in patterns of paths. Source: the vendor's page "Creating Agent Rule Expressions".
const DeepPaths = "7.34"

// Since returns the first agent that has an event type on a system; ok is false when the vendor's page does not list it.
func Since(system, event string) (version string, ok bool) {
	version, ok = versions[system][event]
	return version, ok
}
