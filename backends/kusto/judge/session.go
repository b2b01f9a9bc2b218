package judge

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// session is a running parser with one schema. Starting it takes about a second, so that the tests of a package share it; it
// ends with the test binary, when its standard input closes.
type session struct {
	mu  sync.Mutex
	in  io.WriteCloser
	out *bufio.Reader
}

var sessions = struct {
	sync.Mutex
	bySchema map[string]*session
}{bySchema: map[string]*session{}}

func sessionFor(node string, schema Schema) (*session, error) {
	text, err := json.Marshal(schema)
	if err != nil {
		return nil, err
	}
	sessions.Lock()
	defer sessions.Unlock()
	if s, ok := sessions.bySchema[string(text)]; ok {
		return s, nil
	}
	s, err := start(node, text)
	if err != nil {
		return nil, err
	}
	sessions.bySchema[string(text)] = s
	return s, nil
}

func start(node string, schema []byte) (*session, error) {
	f, err := os.CreateTemp("", "kusto-schema-*.json")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	if _, err := f.Write(schema); err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	cmd := exec.Command(node, filepath.Join(dir(), "judge.js"), f.Name())
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &session{in: in, out: bufio.NewReader(out)}
	// A first answer tells that the schema was read, so that its file may go.
	_, err = s.ask(Query{ID: "start", Query: "print 1"})
	return s, err
}

// ask has one query judged.
func (s *session) ask(q Query) (Verdict, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line, err := json.Marshal(q)
	if err != nil {
		return Verdict{}, err
	}
	if _, err := s.in.Write(append(line, '\n')); err != nil {
		return Verdict{}, err
	}
	answer, err := s.out.ReadBytes('\n')
	if err != nil {
		return Verdict{}, err
	}
	var v Verdict
	err = json.Unmarshal(answer, &v)
	return v, err
}
