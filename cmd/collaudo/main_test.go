package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/evidence/evidencetest"
)

// binary builds the command once and gives its path: exit codes are those of
// the built binary, not of a function.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "collaudo-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "collaudo")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		if err := evidencetest.AsSealed(filepath.Dir(path)); err != nil {
			fmt.Fprintln(os.Stderr, "the runs that tests shared:", err)
			code = max(code, 1)
		}
		os.RemoveAll(filepath.Dir(path)) //nolint:errcheck // a temporary folder that stays harms nobody
	}
	os.Exit(code)
}

// answer is what the binary printed and its exit code.
type answer struct {
	code     int
	out, err string
}

func collaudo(t *testing.T, arguments ...string) answer {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	var out, trouble bytes.Buffer
	command := exec.CommandContext(t.Context(), path, arguments...)
	command.Dir, command.Stdout, command.Stderr = t.TempDir(), &out, &trouble
	a := answer{}
	if err := command.Run(); err != nil {
		var exited *exec.ExitError
		if !errors.As(err, &exited) {
			t.Fatal(err)
		}
		a.code = exited.ExitCode()
	}
	a.out, a.err = out.String(), trouble.String()
	return a
}

// carriedOut is what the binary says to these words. They are carried out once, for all
// the tests that only look at what it said and left: most of what a run of one
// scenario costs is the making of its keys.
func carriedOut(t *testing.T, arguments ...string) answer {
	t.Helper()
	once, _ := tellings.LoadOrStore(strings.Join(arguments, "\x00"), &telling{})
	o := once.(*telling)
	o.once.Do(func() { o.answer = collaudo(t, arguments...); o.ended = true })
	if !o.ended {
		t.Fatalf("%q did not end in the test that asked first", arguments)
	}
	return o.answer
}

var tellings sync.Map // by arguments: *telling

type telling struct {
	once   sync.Once
	answer answer
	ended  bool
}

// runOf is the folder of a run of these words, and what it said; for all tests,
// which may read it and copy it (copied), and change nothing in it.
func runOf(t *testing.T, arguments ...string) (dir string, said answer) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	name := sha256.Sum256([]byte(strings.Join(arguments, "\x00")))
	dir = filepath.Join(filepath.Dir(path), hex.EncodeToString(name[:8]))
	return dir, carriedOut(t, append(slices.Clone(arguments), "--out", dir)...)
}

// copied is a copy of a folder, for a test that changes it.
func copied(t *testing.T, dir string) string {
	t.Helper()
	own := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(own, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return own
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	write(t, filepath.Join(full, "something"), []byte("x"))
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, nil)
	tests := []struct {
		name      string
		arguments []string
		code      int
		says      string // on standard error, or on standard output
	}{
		{"conformant", []string{"run", "--rule", "PEC-AP-005"}, 0, "CONFORMANT"},
		{"not conformant", failing(), 1, "PEC-ACC-003"},
		{"inconclusive: a rule that nothing can exercise", []string{"run", "--rule", "PEC-SIG-010", "--tags", "@id:complete-transaction"}, 4, "INCONCLUSIVE"},
		{"unknown command", []string{"walk"}, 2, "unknown command"},
		{"unknown flag", []string{"run", "--colour"}, 2, "unknown flag"},
		{"unknown rule", []string{"run", "--rule", "PEC-AP-0055"}, 2, "PEC-AP-005"},
		{"unknown tag", []string{"run", "--tags", "@vrius"}, 2, "@virus"},
		{"bad tag expression", []string{"run", "--tags", "@virus and"}, 2, "tag expression"},
		{"nothing selected", []string{"run", "--rule", "PEC-AP-005", "--tags", "@virus"}, 2, "nothing selected"},
		{"unknown profile", []string{"run", "--profile", "lenient"}, 2, "practice or strict"},
		{"unknown fault", []string{"run", "--fault", "acceptance-subject-prefx"}, 2, "acceptance-subject-prefix"},
		{"a fault of a provider that is not there", []string{"run", "--rule", "PEC-AP-005", "--fault", "acceptance-none@nope.example"}, 2, "gestore.aurora.example"},
		{"an empty rule", []string{"run", "--rule="}, 2, "is empty"},
		{"workers below zero", []string{"run", "--workers", "-3"}, 2, "-3"},
		{"rules, misspelt", []string{"rules", "lst"}, 2, "lst"},
		{"rules, and nothing else", []string{"rules"}, 2, "rules list"},
		{"explain nothing", []string{"rules", "explain"}, 2, "which rule"},
		{"misspelt mutant", []string{"mutants", "--only", "acceptance-subject-prefx"}, 2, "acceptance-subject-prefix"},
		{"out is not empty", []string{"run", "--out", full}, 2, "not empty"},
		{"out is a file", []string{"run", "--out", file}, 2, "folder"},
		{"out is below a file", []string{"run", "--out", filepath.Join(file, "deeper")}, 2, "folder"},
		{"out cannot be made", []string{"run", "--out", "/proc/collaudo"}, 2, "folder"},
		{"rules of an unknown family", []string{"rules", "list", "--family", "ZZ"}, 2, "ZZ"},
		{"explain an unknown rule", []string{"rules", "explain", "PEC-GEN-999"}, 2, "PEC-GEN-999"},
		{"explain", []string{"rules", "explain", "gen-024"}, 0, "PEC-GEN-024"},
		{"list", []string{"rules", "list", "--family", "te"}, 0, "PEC-TE-001"},
		{"version", []string{"version"}, 0, "collaudo"},
		{"unknown mutant", []string{"mutants", "--only", "nope"}, 2, "nope"},
		{"a sample that does not exist", []string{"mutants", "--sample", "some"}, 2, "family or all"},
		{"a sample and a name", []string{"mutants", "--sample", "all", "--only", "acceptance-none"}, 2, "one of the two"},
		{"coverage of nothing", []string{"rules", "coverage"}, 2, "which run"},
		{"coverage of a folder that is no run", []string{"rules", "coverage", full}, 2, "no finished run"},
		{"one mutant", []string{"mutants", "--only", "acceptance-subject-prefix"}, 0, "killed"},
		{"verify nothing", []string{"verify"}, 2, "arg"},
		{"a shard that is no fraction", []string{"run", "--shard", "two"}, 2, "give i/n"},
		{"a shard beyond the last", []string{"run", "--shard", "5/4"}, 2, "shard"},
		{"more shards than scenarios", []string{"run", "--rule", "PEC-AP-005", "--shard", "1/300"}, 2, "too few for 300 shards"},
		{"merge nothing", []string{"report", "merge"}, 2, "where to and from what"},
		{"merge what is no run", []string{"report", "merge", filepath.Join(t.TempDir(), "whole"), full}, 2, full},
		{"unknown format", []string{"run", "--format", "gitlab"}, 2, "choose terminal or github"},
		{"check no target", []string{"target", "check"}, 2, "arg"},
		{"check a target that is not there", []string{"target", "check", "nowhere.yaml"}, 2, "nowhere.yaml"},
		{"run against a target that is not there", []string{"run", "--target", "nowhere.yaml"}, 2, "nowhere.yaml"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := carriedOut(t, test.arguments...)
			if diff := cmp.Diff(test.code, a.code); diff != "" {
				t.Errorf("exit code (-want +got):\n%s\nstdout:\n%s\nstderr:\n%s", diff, a.out, a.err)
			}
			if !strings.Contains(a.err+a.out, test.says) {
				t.Errorf("it does not say %q\nstdout:\n%s\nstderr:\n%s", test.says, a.out, a.err)
			}
		})
	}
}

func write(t *testing.T, path string, octets []byte) {
	t.Helper()
	if err := os.WriteFile(path, octets, 0o644); err != nil {
		t.Fatal(err)
	}
}
