package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/collaudo/collaudo/pec"
)

// world is what a run of the built binary left: messages of every kind, and
// what makes their signers trusted.
type world struct {
	files  []string
	trust  []string
	byKind map[string][][]byte // about different messages, so that no two headers fit each other
}

// played runs the core scenarios once, for all tests.
var played = sync.OnceValues(func() (*world, error) {
	path, err := binary()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(filepath.Dir(path), "run")
	if out, err := exec.Command(path, "run", "--tags", "@core", "--out", dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("run: %w\n%s", err, out)
	}
	w := &world{byKind: map[string][][]byte{}, trust: []string{
		"--ca", filepath.Join(dir, "trust", "ca.pem"), "--crl", filepath.Join(dir, "trust", "crl.pem"),
		"--directory", filepath.Join(dir, "trust", "directory.ldif"),
	}}
	files, err := filepath.Glob(filepath.Join(dir, "evidence", "received", "*.eml.txt"))
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		m, err := pec.Read(raw)
		if err != nil {
			return nil, err
		}
		if m.Kind == pec.Ordinary {
			continue
		}
		kind := m.Kind.String()
		if m.Virus {
			kind += " for virus"
		}
		w.files = append(w.files, file)
		if reference := kind + m.Root.Value(pec.HeaderReference); !seen[reference] {
			seen[reference] = true
			w.byKind[kind] = append(w.byKind[kind], raw)
		}
	}
	return w, nil
})

func worldOf(t *testing.T) *world {
	t.Helper()
	w, err := played()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// of returns the nth message of a kind.
func (w *world) of(t *testing.T, kind string, n int) []byte {
	t.Helper()
	if len(w.byKind[kind]) <= n {
		t.Fatalf("the run left %d messages of the kind %q; kinds: %q", len(w.byKind[kind]), kind, slices.Sorted(maps.Keys(w.byKind)))
	}
	return w.byKind[kind][n]
}

// saved puts octets into a file.
func saved(t *testing.T, octets []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "message.eml")
	write(t, path, octets)
	return path
}

// asked is the answer in JSON.
func asked(t *testing.T, code int, arguments ...string) verifyAnswer {
	t.Helper()
	a := collaudo(t, append([]string{"verify", "--json"}, arguments...)...)
	var said verifyAnswer
	decoder := json.NewDecoder(strings.NewReader(a.out))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&said); err != nil {
		t.Fatalf("%v\nstdout:\n%s\nstderr:\n%s", err, a.out, a.err)
	}
	if a.code != code || said.ExitCode != code || said.Schema != verifySchema {
		t.Errorf("exit code %d, in the answer %d, expected %d; schema %q\n%s%s", a.code, said.ExitCode, code, said.Schema, failures(said), a.err)
	}
	return said
}

// failures lists the rules that an answer calls broken, by file.
func failures(said verifyAnswer) string {
	var all strings.Builder
	for _, f := range said.Files {
		fmt.Fprintf(&all, "%s: %d %s", filepath.Base(f.File), f.ExitCode, f.Error)
		if f.Judged != nil {
			fmt.Fprintf(&all, "%s %q", f.Verdict, broken(f))
		}
		all.WriteByte('\n')
	}
	return all.String()
}

func broken(f verified) []string {
	var ids []string
	for _, c := range f.Checks {
		if c.Verdict == "fail" && !slices.Contains(ids, c.Rule) {
			ids = append(ids, c.Rule)
		}
	}
	return ids
}
