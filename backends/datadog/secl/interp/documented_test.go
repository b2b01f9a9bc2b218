package interp

import (
	"testing"

	"github.com/onerule/onerule/diag"
)

// TestDocumented holds the examples of the pages "SECL guide", "Linux Agent attributes and helpers" and "Variables and
// Actions" on events of our own.
func TestDocumented(t *testing.T) {
	docs := map[string]string{
		"shadow":  `{"event":{"type":"open","timestamp":1700000010000000000},"open":{"file":{"path":"/etc/shadow"}},"process":{"pid":7,"file":{"path":"/usr/bin/cat","name":"cat"}},"variables":{"suspicious":true}}`,
		"vipw":    `{"event":{"type":"open"},"open":{"file":{"path":"/etc/shadow"}},"process":{"file":{"path":"/usr/sbin/vipw"}}}`,
		"secret":  `{"event":{"type":"open","timestamp":1700000010000000000},"open":{"file":{"path":"/etc/secret"}},"process":{"file":{"name":"java"},"created_at":1700000004000000000}}`,
		"early":   `{"event":{"type":"open","timestamp":1700000010000000000},"open":{"file":{"path":"/etc/secret"}},"process":{"file":{"name":"java"},"created_at":1700000006000000000}}`,
		"maps":    `{"event":{"type":"open"},"open":{"file":{"path":"/proc/7/maps"}},"process":{"pid":7}}`,
		"php":     `{"event":{"type":"exec"},"exec":{"file":{"path":"/usr/bin/bash"}},"process":{"ancestors":[{"file":{"name":"sh"}},{"file":{"name":"php-fpm"}}]}}`,
		"plain":   `{"event":{"type":"exec"},"exec":{"file":{"path":"/usr/bin/bash","name":"bash"}},"process":{"ancestors":[{"file":{"name":"sshd"}}]}}`,
		"dns":     `{"event":{"type":"dns"},"dns":{"question":{"name":"example.com"}},"network":{"destination":{"ip":"10.0.0.77","port":53}}}`,
		"miner":   `{"event":{"type":"exec"},"exec":{"args":"-o stratum+tcp://pool:3333","args_flags":["o","randomx-1gb-pages"]}}`,
		"version": `{"event":{"type":"exec"},"exec":{"args_flags":["version"],"args_options":["T=8","width=8","s=x\\"]}}`,
		"module":  `{"event":{"type":"load_module"},"load_module":{"name":"evil"},"process":{"user":"eve","ancestors":[{"file":{"name":"bash"}}]}}`,
		"run":     `{"event":{"type":"open_key","os":"windows"},"open_key":{"registry":{"key_path":"\\REGISTRY\\MACHINE\\Software\\Microsoft\\Windows\\CurrentVersion\\RunOnce","key_name":"RunOnce"}}}`,
		"connect": `{"event":{"type":"connect"},"connect":{"addr":{"ip":"8.8.8.8","port":443,"family":2}},"container":{"id":"c1"}}`,
	}
	for _, c := range []struct {
		expr, event string
		want        bool
	}{
		{`open.file.path == "/etc/shadow" && process.file.path not in ["/usr/sbin/vipw"]`, "shadow", true},
		{`open.file.path == "/etc/shadow" && process.file.path not in ["/usr/sbin/vipw"]`, "vipw", false},
		{`open.file.path in ["/etc/shadow", "/etc/sudoers"] && process.file.path not in ["/usr/sbin/vipw", "/usr/sbin/visudo"]`, "shadow", true},
		{`open.file.path == "/etc/secret" && process.file.name == "java" && process.created_at > 5s`, "secret", true},
		{`open.file.path == "/etc/secret" && process.file.name == "java" && process.created_at > 5s`, "early", false},
		{`open.file.path == "/proc/${process.pid}/maps"`, "maps", true},
		{`open.file.path == "/proc/${process.pid}/maps"`, "shadow", false},
		{`open.file.path == "/etc/shadow" && ${suspicious}`, "shadow", true},
		{`open.file.path == "/etc/shadow" && ${suspicious}`, "vipw", false},
		{`open.file.path =~ "/etc/*"`, "shadow", true},
		{`open.file.path =~ "*/etc/shadow"`, "shadow", false}, // "*/" is one directory
		{`open.file.path =~ "*/7/maps"`, "maps", true},
		{`exec.file.path == "/usr/bin/bash" && (process.ancestors.file.name == "nginx" || process.ancestors.file.name =~ "php*")`, "php", true},
		{`exec.file.path == "/usr/bin/bash" && (process.ancestors.file.name == "nginx" || process.ancestors.file.name =~ "php*")`, "plain", false},
		{`exec.file.name in ["nc", "ncat", "bash"] && process.ancestors.file.name not in ["sshd"]`, "plain", false},
		{`dns.question.name == "example.com" && network.destination.ip in [192.168.1.25, 10.0.0.0/24]`, "dns", true},
		{`dns.question.name == "example.com" && network.destination.ip not in [10.0.0.0/8, 192.168.0.0/16, 172.16.0.0/12]`, "dns", false},
		{`exec.args_flags in ["cpu-priority", "donate-level", ~"randomx-1gb-pages"] || exec.args in [~"*stratum+tcp*", ~"*nicehash*"]`, "miner", true},
		{`exec.args in [~"*stratum+tcp*", ~"*nicehash*", ~"*yespower*"]`, "miner", true},
		{`exec.args_flags in ["cpu-priority"]`, "miner", false},
		{`exec.args_flags in ["version"] && exec.args_options in ["T=8"] && exec.args_options == "width=8"`, "version", true},
		{`exec.args_options in [r"s=.*\\"]`, "version", true},
		{`exec.args_options in [~"T=*"] and not (exec.args_flags in ["T"])`, "version", true},
		{`load_module.name != "" && process.user != "root" && process.ancestors.file.name not in ["modprobe", "insmod"]`, "module", true},
		{`open_key.registry.key_path =~ "*\Software\Microsoft\Windows\CurrentVersion\Run*"`, "run", true},
		{`connect.addr.ip not in [10.0.0.0/8, 192.168.0.0/16, 172.16.0.0/12] and connect.addr.family == AF_INET`, "connect", true},
		{`connect.addr.port in [80, 443] && container.id != ""`, "connect", true},
	} {
		if got, ws := matches(t, c.expr, event(t, docs[c.event]), nil); got != c.want {
			t.Errorf("%s on %s is %v; %q", c.expr, c.event, got, ws)
		}
	}
}

// TestDocumentedButRefused: forms of the pages that agents do not take.
func TestDocumentedButRefused(t *testing.T) {
	for _, expr := range []string{
		`connect && network.destination.ip in [169.254.169.254]`,
		`network.destination.ip in ["169.254.169.254"] && dns.question.name != ""`,
		`exec.file.path startswith "/tmp/"`,
		`fd.name contains "/"`,
		`exec.comm == "a" && open.file.path == "/b"`,
	} {
		if _, ds := Language.Compile("expr", expr); !ds.HasErrors() || ds[0].Code != diag.SECLSyntax && ds[0].Code != diag.SECLUnknown && ds[0].Code != diag.SECLRun {
			t.Errorf("%s: %v", expr, ds)
		}
	}
}
